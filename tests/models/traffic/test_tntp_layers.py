"""Networks of TNTP as layers: pairs of arcs, units, drawings, and nodes in GeoJSON."""

import json

import numpy as np
import pytest

from dtwin_plugin.errors import DtwinError, FormatError
from dtwin_plugin.models.traffic.road_graph import road_graph
from dtwin_plugin.models.traffic.tntp import read_network
from dtwin_plugin.models.traffic.tntp_layers import (
    Arcs,
    Scales,
    arcs_of,
    drawn,
    geojson_nodes,
    layout,
    links_of,
    nodes_of,
)


def arcs(pairs, **other):
    tail, head = np.array(pairs, np.int64).T
    values = {name: np.ones(len(pairs)) for name in Arcs._fields[2:]}
    return Arcs(tail, head, **{**values, **{name: np.array(found, float) for name, found in other.items()}})


def test_arcs_against_each_other_are_one_link_where_they_share_what_a_link_has_once():
    some = arcs([(0, 1), (1, 0), (1, 2), (2, 1)], capacity=[9, 8, 7, 6], time=[1, 2, 3, 4], length=[1, 1, 5, 6])
    links = links_of(some, np.zeros((3, 2)), np.array([11, 12, 13]), 0, Scales(length=1000.0, time=0.6), "EPSG:28992")
    found = links.columns
    assert found["direction"].tolist() == ["both", "forward", "forward"]
    assert found["from_node"].tolist() == [11, 12, 13] and found["length"].tolist() == [1000.0, 5000.0, 6000.0]
    assert found["capacity_forward"].tolist() == [9.0, 7.0, 6.0] and found["capacity_backward"].tolist() == [8.0, 0, 0]
    assert found["free_time_forward"] == pytest.approx([0.6, 1.8, 2.4])
    assert found["free_time_backward"][0] == pytest.approx(1.2) and np.isnan(found["free_time_backward"][1])


@pytest.mark.parametrize("name", ["SiouxFalls", "Anaheim", "Barcelona"])
def test_the_graph_of_the_layers_is_that_of_the_file(shared, name):
    net = read_network(shared / "traffic" / name / f"{name}_net.tntp")
    xy = layout(arcs_of(net), len(net.numbers))
    links = links_of(arcs_of(net), xy, net.numbers, min(net.zones, net.first_through), Scales(), "EPSG:28992")
    nodes = nodes_of(xy, net.numbers, net.zones, net.first_through, "EPSG:28992")
    graph = road_graph(links, nodes)
    assert (graph.nodes, graph.zones, graph.first_through) == (len(net.numbers), net.zones, net.first_through)

    def rows(*columns):
        return sorted(zip(*(np.round(values, 9).tolist() for values in columns)))

    own = rows(net.tail, net.head, net.columns["free_flow_time"], net.columns["b"], net.columns["power"])
    assert (
        rows(graph.places[graph.tail], graph.places[graph.head], graph.free_time, graph.bpr_b, graph.bpr_power) == own
    )


def test_a_drawing_has_neighbours_near_and_is_always_the_same():
    ring = arcs([(n, (n + 1) % 12) for n in range(12)])
    xy = layout(ring, 12)
    assert np.array_equal(xy, layout(ring, 12)) and np.isfinite(xy).all()
    step = np.hypot(*(xy - np.roll(xy, -1, axis=0)).T)
    across = np.hypot(*(xy - np.roll(xy, -6, axis=0)).T)
    assert step.max() < across.min()
    placed = drawn(xy, (155_000.0, 463_000.0), None)
    assert np.ptp(placed, axis=0).max() == pytest.approx(5000.0)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"features": [{}]}', '{"features": [{"properties": {"id": "x"}, "geometry": null}]}',
     '{"features": [{"properties": {"name": 1}, "geometry": {"coordinates": [0, 0]}}]}', "[" * 100_000],
)  # fmt: skip
def test_nodes_that_are_none(content, tmp_path):
    file = tmp_path / "nodes.geojson"
    file.write_text(content)
    with pytest.raises(FormatError, match="nodes.geojson"):
        geojson_nodes(file)
    with pytest.raises(DtwinError):
        geojson_nodes(tmp_path / "none.geojson")


def test_nodes_of_geojson(tmp_path):
    file = tmp_path / "nodes.geojson"
    rows = [{"properties": {"ID": 3}, "geometry": {"type": "Point", "coordinates": [4.5, 52.0, 1.0]}}]
    file.write_text(json.dumps({"features": rows}))
    numbers, places = geojson_nodes(file)
    assert numbers.tolist() == [3] and places.tolist() == [[4.5, 52.0]]
