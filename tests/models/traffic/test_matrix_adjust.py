"""Matrices that fit counts on roads."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.traffic.demand import zone_costs
from dtwin_plugin.progress import Silent
from tests.models.traffic.demand_cases import matrix, network, problems, run


def test_a_matrix_on_one_road_fits_its_counts(tmp_path):
    links, nodes = network(2)
    links = links.with_columns({"count_forward": np.array([150.0]), "count_backward": np.array([np.nan])})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[3, 100], [70, 0]]), links=links, nodes=nodes)
    found = made["result"].matrices.one()
    assert found[0, 1] == pytest.approx(150, rel=1e-4) and found[1, 0] == 70 and found[0, 0] == 3
    assert made["counts"]["before"] == pytest.approx([100]) and made["counts"]["after"] == pytest.approx(
        [150], rel=1e-4
    )
    assert made["counts"]["geh_before"] == pytest.approx([np.sqrt(2 * 50**2 / 250)])
    assert made["notice"] == "a fit, not a forecast" and "a fit, not a forecast" in made["statistics"]["term"][0]


def test_counts_of_both_directions_and_matrices_of_a_day(tmp_path):
    links, nodes = network(2)
    links = links.with_columns({"count": np.array([34.0])})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[0, 100], [70, 0]]), links=links, nodes=nodes, factor=0.1)
    assert made["result"].matrices.one().sum() == pytest.approx(340, rel=1e-3)
    assert made["counts"]["direction"] == ["both"] and made["counts"]["before"] == pytest.approx([17])


def test_trips_of_more_zones_are_changed_no_more_than_counts_ask(tmp_path):
    links, nodes = network(3)
    links = links.with_columns({"count_forward": np.array([np.nan, 60.0]), "count_backward": np.full(2, np.nan)})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[0, 10, 20], [5, 0, 10], [5, 5, 0]]), links=links, nodes=nodes)
    found = made["result"].matrices.one()
    assert found[0, 1] == 10 and found[2].tolist() == [5, 5, 0]  # pass no count
    # one gradient for both pairs, whose factors so stay alike
    assert found[0, 2] / 20 == pytest.approx(found[1, 2] / 10) and found[0, 2] + found[1, 2] == pytest.approx(
        60, rel=1e-3
    )
    assert sum(made["lengths"]["after"]) == pytest.approx(found.sum())


def shared_network():
    """A zone a whose connectors to two crossings have 3/4 and 1/4 of its trips, a street between these, and zone b."""
    rows = [(0, 0, 2, 1.0, 3.0), (1, 0, 3, 1.0, 1.0), (2, 2, 3, 4.0, np.nan), (3, 2, 1, 6.0, np.nan)]
    places = [(0.0, 0.0), (900.0, 0.0), (500.0, 0.0), (0.0, 500.0)]
    names = ("link", "from_node", "to_node", "free_time", "zone_share")
    columns = {name: np.array([row[k] for row in rows]) for k, name in enumerate(names)}
    lines = Geometries.build("line", [[[[places[row[1]], places[row[2]]]]] for row in rows])
    columns |= {"capacity": np.full(4, 1e4), "length": np.full(4, 500.0)}
    nodes = {"node": np.arange(4), "zone": np.array(["a", "b", None, None], object), "through": np.arange(4) > 1}
    return Features(lines, columns), Features(Geometries.points(np.array(places)), nodes)


def test_a_count_inside_a_zone_moves_all_trips_of_that_zone(tmp_path):
    links, nodes = shared_network()
    # of the 100 trips from a to b the 25 that begin at the second crossing pass the street; 40 were counted
    backward = np.array([np.nan, np.nan, 40.0, np.nan])
    links = links.with_columns({"count_backward": backward, "count_forward": np.full(4, np.nan)})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[0, 100], [0, 0]]), links=links, nodes=nodes)
    assert made["counts"]["before"] == pytest.approx([25]) and made["counts"]["after"] == pytest.approx([40], rel=1e-3)
    assert made["result"].matrices.one()[0, 1] == pytest.approx(160, rel=1e-3)
    # 1 + 6 min from the first, 1 + 4 + 6 from the second
    assert zone_costs.network_times(links, nodes, ("a", "b"))[0, 1] == pytest.approx(0.75 * 7 + 0.25 * 11, rel=1e-6)


def test_a_count_that_no_trip_passes_is_told(tmp_path):
    links, nodes = network(3)
    links = links.with_columns({"count_forward": np.array([40.0, 60.0]), "count_backward": np.full(2, np.nan)})
    progress = Silent()
    made = run("matrixadjust", progress, matrix=matrix(tmp_path, [[0, 10, 0], [0, 0, 0], [0, 0, 0]]), links=links,
               nodes=nodes)  # fmt: skip
    assert "No trips of the matrix pass 1 counts, of links 1" in progress.warnings[0]
    assert made["result"].matrices.one()[0, 1] == pytest.approx(40, rel=1e-3)


@pytest.mark.parametrize("columns", [{}, {"count": np.array([np.nan])}, {"count": np.array([-1.0])}])
def test_counts_that_cannot_be_used_are_told(tmp_path, columns):
    links, nodes = network(2)
    found = problems(
        "matrixadjust", matrix=matrix(tmp_path, np.ones((2, 2))), links=links.with_columns(columns), nodes=nodes
    )
    assert ("DT368", "error") in found


def test_a_layer_that_is_no_network_is_told(tmp_path):
    links, nodes = network(2)
    given = {"links": Features(links.geometries, {"count": np.array([5.0])}), "nodes": nodes}
    found = problems("matrixadjust", matrix=matrix(tmp_path, np.ones((2, 2))), **given)
    assert ("DT350", "error") in found
