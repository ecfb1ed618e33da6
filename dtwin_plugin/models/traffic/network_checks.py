"""Where cars can come in a network and where not: dead ends, parts that are cut off, streets that all lead one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .network_findings import DEAD_END, GAP, ISLAND, NO_WAY_IN, NO_WAY_OUT, ONE_WAY, Finding
from .network_lines import SAME
from .osm_values import BACKWARD, BOTH, CLOSED, FORWARD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .network_build import Roads

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Objects = NDArray[np.object_]

ALL, NO_OUT, NO_IN, CUT_OFF, UNUSED = "all", "no way out", "no way in", "island", "no cars"
_NEAR = 5.0  # m: about the width of a carriageway, so that an end within it is likely meant to join


def reach_of(roads: Roads, directions: Objects, cars: NDArray[np.bool_]) -> tuple[Objects, Objects]:
    """Return whether cars come to and from each link and each node: from and to the largest part where all can.

    Parameters
    ----------
    cars : ndarray
        bool, whether cars use a link.

    Returns
    -------
    tuple of ndarray
        "all", "no way out", "no way in", "island" or "no cars", by link and by node.
    """
    open_ = cars & (directions != CLOSED)
    nodes = len(roads.nodes)
    tail, head = _arcs(roads.ends, directions, open_)
    strong, weak = _components(tail, head, nodes, "strong"), _components(tail, head, nodes, "weak")
    reach = np.full(nodes, UNUSED, object)
    used = np.unique(roads.ends[open_])
    if len(used):
        main = np.bincount(strong[used]).argmax()
        inside = strong == main
        reach[used] = CUT_OFF
        near = used[weak[used] == weak[np.flatnonzero(inside)[0]]]
        reach[near] = NO_IN  # neither from nor to the main part, through others that are: as bad as no way in
        reach[_reached(tail, head, inside)] = NO_OUT
        before = _reached(head, tail, inside)
        reach[before] = NO_IN
        reach[inside & np.isin(np.arange(nodes), used)] = ALL
    worst = np.full(len(roads.ends), UNUSED, object)
    for link in np.flatnonzero(open_):
        pair = {reach[node] for node in roads.ends[link]}
        worst[link] = next(iter(pair - {ALL}), ALL)
    return worst, reach


def findings_of(
    roads: Roads, directions: Objects, cars: NDArray[np.bool_], reach: Objects, lengths: Floats
) -> list[Finding]:
    """Return dead ends, islands and streets that all lead one way, with `reach` of the links."""
    open_ = cars & (directions != CLOSED)
    found = _dead_ends(roads, open_)
    for what in (CUT_OFF, NO_OUT, NO_IN):
        part = np.flatnonzero(reach == what)
        for links in _together(roads, part):
            found.append(_part(roads, directions, what, links, lengths))
    return found


def gaps_of(roads: Roads, level: Floats, cars: NDArray[np.bool_]) -> list[Finding]:
    """Return ends of roads that lie near another road which they do not join, within 5 m and on its level."""
    import shapely

    degree = np.bincount(roads.ends.ravel(), minlength=len(roads.nodes))
    ends = [(link, side) for link, pair in enumerate(roads.ends) for side in (0, 1) if degree[pair[side]] == 1]
    ends = [(link, side) for link, side in ends if cars[link]]
    if not ends:
        return []
    shapes = np.array([shapely.LineString(xy) for xy in roads.lines.xy], object)
    points = shapely.points(roads.nodes[[roads.ends[link, side] for link, side in ends]])
    one, two = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=_NEAR)
    away = shapely.distance(points[one], shapes[two])
    nearest: dict[int, tuple[float, int]] = {}
    for number, other, distance in zip(one, two, away):
        link, side = ends[number]
        # a road that begins at the other end of this one lies near it because this one is short
        if {int(n) for n in roads.ends[other]} & {int(n) for n in roads.ends[link]} or not cars[other]:
            continue
        if level[link] == level[other] and distance < nearest.get(number, (np.inf, 0))[0]:
            nearest[int(number)] = (float(distance), int(other))
    found = []
    for number, (distance, _) in sorted(nearest.items()):
        link, side = ends[number]
        node = int(roads.ends[link, side])
        x, y = map(float, roads.nodes[node])
        found.append(Finding(GAP, x, y, {"distance": f"{max(distance, SAME):.2f}"}, node + 1, link + 1))
    return found


def _arcs(ends: Whole, directions: Objects, open_: NDArray[np.bool_]) -> tuple[Whole, Whole]:
    ahead = open_ & np.isin(directions, (BOTH, FORWARD))
    back = open_ & np.isin(directions, (BOTH, BACKWARD))
    tail = np.concatenate([ends[ahead, 0], ends[back, 1]])
    return tail, np.concatenate([ends[ahead, 1], ends[back, 0]])


def _components(tail: Whole, head: Whole, nodes: int, connection: str) -> Whole:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    matrix = coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(nodes, nodes))
    label: Whole = connected_components(matrix, directed=True, connection=connection)[1].astype(np.int64)
    return label


def _reached(tail: Whole, head: Whole, start: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which nodes can be reached from some, those too."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import breadth_first_order

    nodes, root = len(start), len(start)
    seeds = np.flatnonzero(start)
    rows, columns = np.concatenate([tail, np.full(len(seeds), root)]), np.concatenate([head, seeds])
    matrix = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=(nodes + 1, nodes + 1)).tocsr()
    reached = np.zeros(nodes + 1, bool)
    reached[breadth_first_order(matrix, root, return_predecessors=False)] = True
    return reached[:nodes]


def _together(roads: Roads, links: Whole) -> list[Whole]:
    """Return links in groups that hang together."""
    if not len(links):
        return []
    tail, head = roads.ends[links].T
    label = _components(tail, head, len(roads.nodes), "weak")[tail]
    return [links[label == one] for one in np.unique(label)]


def _dead_ends(roads: Roads, open_: NDArray[np.bool_]) -> list[Finding]:
    used = np.flatnonzero(open_)
    degree = np.bincount(roads.ends[used].ravel(), minlength=len(roads.nodes))
    link_of = np.zeros(len(roads.nodes), np.int64)
    link_of[roads.ends[used].ravel()] = np.repeat(used, 2)
    return [
        Finding(DEAD_END, float(roads.nodes[n, 0]), float(roads.nodes[n, 1]), {}, int(n) + 1, int(link_of[n]) + 1)
        for n in np.flatnonzero(degree == 1)
    ]


def _part(roads: Roads, directions: Objects, what: str, links: Whole, lengths: Floats) -> Finding:
    """Return the finding of a part, at the node where all streets lead in or out where there is one."""
    values: dict[str, Any] = {"count": len(links), "length": f"{lengths[links].sum() / 1000:.2f}"}
    xy = roads.lines.xy[links[0]]
    x, y, node = float(xy[len(xy) // 2][0]), float(xy[len(xy) // 2][1]), 0
    if what != CUT_OFF:
        values["reason"] = NO_WAY_OUT if what == NO_OUT else NO_WAY_IN
        tail, head = _arcs(roads.ends[links], directions[links], np.ones(len(links), bool))
        only = np.setdiff1d(head, tail) if what == NO_OUT else np.setdiff1d(tail, head)
        if len(only):
            node = int(only[0]) + 1
            x, y = map(float, roads.nodes[only[0]])
    return Finding(ISLAND if what == CUT_OFF else ONE_WAY, x, y, values, node, int(links[0]) + 1)
