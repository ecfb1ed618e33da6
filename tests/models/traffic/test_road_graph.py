"""Layers of a road network as arcs: directions, zones that are not driven through, and turns."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.models.traffic.road_graph import road_graph


def network(links, zones=(), closed=()):
    """Links of (number, from, to, minutes, direction) and nodes; zones by node, closed to through traffic or not."""
    names = ("link", "from_node", "to_node", "free_time", "direction")
    line = [[[(0.0, 0.0), (1.0, 0.0)]]]
    columns = {name: column([row[k] for row in links]) for k, name in enumerate(names)}
    numbers = sorted({node for row in links for node in row[1:3]})
    points = Geometries.points(np.zeros((len(numbers), 2)))
    given = {
        "node": column(numbers),
        "zone": column([dict(zones).get(node) for node in numbers]),
        "through": column([node not in closed for node in numbers]),
    }
    return Features(Geometries.build("line", [line] * len(links)), columns), Features(points, given)


def times(graph):
    """The time between all zones, by a shortest path of another hand; no path goes through a closed zone."""
    found = np.full((graph.zones, graph.zones), np.inf)
    for origin in range(graph.zones):
        usable = (graph.tail >= graph.first_through) | (graph.tail == origin)
        tail, head, cost = graph.tail[usable], graph.head[usable], graph.free_time[usable] + 1e-9  # 0 is no arc
        best = np.lexsort((cost, head, tail))  # scipy adds arcs side by side up
        best = best[np.unique(tail[best] * graph.nodes + head[best], return_index=True)[1]]
        matrix = coo_matrix((cost[best], (tail[best], head[best])), shape=(graph.nodes, graph.nodes))
        found[origin] = dijkstra(matrix, indices=origin)[: graph.zones]
    return np.round(found, 6)


def test_a_link_is_driven_in_its_open_directions_only():
    links, nodes = network([(1, 1, 2, 3.0, "forward"), (2, 2, 1, 5.0, "both"), (3, 1, 2, 1.0, "closed")],
                           [(1, "a"), (2, "b")])  # fmt: skip
    graph = road_graph(links, nodes)
    assert graph.link.tolist() == [0, 1, 1] and graph.way.tolist() == [0, 0, 1]
    assert times(graph).tolist() == [[0, 3], [5, 0]]
    by_link = graph.of_links(graph.free_time, 3)
    np.testing.assert_array_equal(by_link, [[3, np.nan], [5, 5], [np.nan, np.nan]])


def test_zones_come_first_and_closed_ones_before_them():
    links, nodes = network([(1, 1, 2, 1.0, "both"), (2, 2, 3, 1.0, "both"), (3, 3, 4, 1.0, "both")],
                           [(1, "a"), (3, "b"), (4, "c")], closed=(4,))  # fmt: skip
    graph = road_graph(links, nodes)
    assert graph.zone_names == ("c", "a", "b") and (graph.zones, graph.first_through) == (3, 1)
    assert graph.places.tolist() == [3, 0, 2, 1]
    assert times(graph)[0].tolist() == [0, 3, 1]


def test_nothing_drives_through_a_closed_zone():
    links, nodes = network([(1, 1, 2, 1.0, "both"), (2, 2, 3, 1.0, "both"), (3, 1, 3, 9.0, "both")],
                           [(1, "a"), (2, "gate"), (3, "b")], closed=(2,))  # fmt: skip
    graph = road_graph(links, nodes)
    a, b = graph.zone_names.index("a"), graph.zone_names.index("b")
    assert times(graph)[a, b] == 9.0 and times(graph)[a, graph.zone_names.index("gate")] == 1.0


def test_a_closed_node_without_a_zone_takes_its_links_out():
    links, nodes = network([(1, 1, 2, 1.0, "both"), (2, 2, 3, 1.0, "both")], [(1, "a"), (3, "b")], closed=(2,))
    assert not len(road_graph(links, nodes).link)


# A cross at node 5 with arms to 1, 2, 3 and 4, and a way around from 1 to 2.
CROSS = [
    (1, 1, 5, 1.0, "both"), (2, 2, 5, 1.0, "both"), (3, 3, 5, 1.0, "both"), (4, 4, 5, 1.0, "both"),
    (9, 1, 2, 10.0, "both"),
]  # fmt: skip
ARMS = [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def test_a_banned_turn_is_not_made_and_others_are():
    links, nodes = network(CROSS, ARMS, closed=(3, 4))
    bans = {"from_link": [1], "via_node": [5], "to_link": [2], "penalty": [""]}
    graph = road_graph(links, nodes, bans)
    at = graph.zone_names.index
    found = times(graph)
    assert found[at("a"), at("b")] == 10.0, "the turn is banned"
    assert found[at("b"), at("a")] == 2.0, "the other way it is not"
    assert found[at("a"), at("c")] == found[at("d"), at("b")] == 2.0


def test_a_penalty_takes_its_minutes():
    links, nodes = network(CROSS, ARMS, closed=(3, 4))
    bans = {"FROM_LINK": [1, 1], "VIA_NODE": [5, 5], "TO_LINK": [2, 3], "PENALTY": [4.0, 0.5]}
    graph = road_graph(links, nodes, bans)
    at = graph.zone_names.index
    found = times(graph)
    assert found[at("a"), at("b")] == 6.0 and found[at("a"), at("c")] == 2.5
    turn = np.flatnonzero((graph.turn_from >= 0) & (graph.free_time == 4.0))
    assert links.columns["link"][graph.link[graph.turn_from[turn]]].tolist() == [1]
    assert links.columns["link"][graph.link[graph.turn_to[turn]]].tolist() == [2]


def test_a_zone_at_a_node_with_turns_is_no_way_around_them():
    links, nodes = network(CROSS, [*ARMS, (5, "middle")], closed=(3, 4))
    bans = {"from_link": [1], "via_node": [5], "to_link": [2], "penalty": [None]}
    graph = road_graph(links, nodes, bans)
    at = graph.zone_names.index
    found = times(graph)
    assert found[at("a"), at("b")] == 10.0
    assert found[at("a"), at("middle")] == found[at("middle"), at("b")] == 1.0


def test_nobody_turns_back_at_the_next_node_to_drive_around_a_ban():
    links, nodes = network([*CROSS, (6, 4, 6, 1.0, "both")], [(1, "a"), (2, "b"), (4, "d"), (6, "f")], closed=(3,))
    graph = road_graph(links, nodes, {"from_link": [1], "via_node": [5], "to_link": [2], "penalty": [None]})
    at = graph.zone_names.index
    found = times(graph)
    assert found[at("a"), at("b")] == 6.0, "one turns at the dead end 6, and not at 4"
    assert found[at("a"), at("d")] == 2.0 and found[at("d"), at("b")] == 2.0, "trips begin and end at 4 as ever"


def test_one_turns_back_at_a_dead_end_alone():
    links, nodes = network([(1, 1, 2, 1.0, "both"), (2, 2, 3, 1.0, "both")], [(1, "a"), (3, "b")])
    graph = road_graph(links, nodes, {"from_link": [2], "via_node": [3], "to_link": [2], "penalty": [0.0]})
    turns = [(int(graph.link[a]), int(graph.link[b])) for a, b in zip(graph.turn_from, graph.turn_to) if a >= 0]
    assert sorted(turns) == [(0, 1), (1, 0), (1, 1)], "at the dead end one may, and beside it one goes on"
    graph = road_graph(links, nodes, {"from_link": [1], "via_node": [2], "to_link": [9], "penalty": [None]})
    assert not (graph.turn_from >= 0).any(), "a ban of a link that is not there does nothing"


def test_classes_that_are_closed_to_a_vehicle():
    links, nodes = network(CROSS, ARMS)
    graph = road_graph(links, nodes, {"from_link": [1], "via_node": [5], "to_link": [2], "penalty": [None]})
    closed = graph.closed_to(["residential", "Cycleway", "primary", "primary", "primary"], frozenset({"cycleway"}))
    assert sorted(graph.link[closed].tolist()) == [1, 1]
    back = graph.of_arcs(graph.of_links(np.arange(len(graph.link), dtype=float), 5))
    real = graph.link >= 0
    np.testing.assert_array_equal(back[real], np.flatnonzero(real))
    assert not back[~real].any()
