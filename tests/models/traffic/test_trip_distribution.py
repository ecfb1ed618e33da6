"""Trips between zones, from costs of a matrix or a network."""

import numpy as np
import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.traffic.demand import gravity, zone_costs
from tests.models.traffic.demand_cases import COST, DESTINATIONS, ORIGINS, matrix, network, problems, rows, run, squares


def test_a_distribution_keeps_trips_and_tells_what_it_reached():
    zones = squares(3, production_work=[400.0, 300, 100], attraction_work=[300.0, 200, 300])
    made = run("tripdistribution", zones=zones, mean=1.2)
    found = made["matrix"].matrices
    assert found.zones == ("a", "b", "c") and found.one("work").sum(axis=1) == pytest.approx([400, 300, 100])
    assert rows(made)["work mean reached"] == pytest.approx(1.2, rel=1e-6)
    assert sum(made["lengths"]["trips"]) == pytest.approx(800)
    shown = made["lines"].columns["trips"].sum() + np.trace(found.one("work"))
    assert shown == pytest.approx(800)


def test_sums_that_differ_are_told_and_those_that_end_follow():
    zones = squares(2, production=[40.0, 60], attraction=[10.0, 10])
    assert ("DT365", "warning") in problems("tripdistribution", zones=zones, parameter=0.1)
    made = run("tripdistribution", zones=zones, parameter=0.1)
    assert made["trips"] == pytest.approx(100) and rows(made)["trips factor of trips that end"] == pytest.approx(5)


def test_costs_come_from_a_matrix_whose_zones_stand_in_another_order(tmp_path):
    path = matrix(tmp_path, COST[::-1, ::-1], "time", ("c", "b", "a"))
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    made = run("tripdistribution", zones=zones, skim=path, parameter=0.3, within="given")
    expected = gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.EXPONENTIAL, 0.3).balanced.values
    assert made["matrix"].matrices.one() == pytest.approx(expected)


def test_times_of_a_network_are_costs():
    links, nodes = network()
    assert zone_costs.network_times(links, nodes, ("c", "a", "b")).tolist() == [[0, 8, 4], [8, 0, 4], [4, 4, 0]]
    loaded = links.with_columns({"time_forward": np.full(2, 6.0), "time_backward": np.full(2, 5.0)})
    assert zone_costs.network_times(loaded, nodes, ("a", "c")).tolist() == [[0, 12], [10, 0]]
    with pytest.raises(InputError, match="no zone x"):
        zone_costs.network_times(links, nodes, ("x",))
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    made = run("tripdistribution", zones=zones, links=links, nodes=nodes, mean=4.0)
    assert made["mean_cost"] == pytest.approx(4.0, rel=1e-6)


LINKS, NODES = network()


@pytest.mark.parametrize("given", [
    {},
    {"parameter": 0.1, "links": LINKS},
    {"parameter": 0.1, "links": LINKS, "nodes": NODES, "within": "circle"},
])  # fmt: skip
def test_costs_that_are_not_clear_are_told(given):
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    assert ("DT366", "error") in problems("tripdistribution", zones=zones, **given)


def test_links_without_a_time_are_no_way_for_free():
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    links = LINKS.with_columns({"free_time": np.array([4.0, np.nan])})
    given = {"zones": zones, "links": links, "nodes": NODES, "parameter": 0.1}
    assert ("DT353", "error") in problems("tripdistribution", **given)
