"""Routes between places and their nearest facility, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..shortest import path
from .nearest import begun, row_of
from .travel import arrivals, travel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .lines import Places
    from .modes import Net

    Floats = NDArray[np.float64]


def routes_of(
    net: Net, cost: Floats, facilities: Places, facility: NDArray[np.int64], places: Places, reverse: bool
) -> dict[int, Floats]:
    """Return the line of the route of each place that has one, in the direction of travel, by row of the places.

    Parameters
    ----------
    facility : ndarray
        int64, shape (places,): row of the facility, -1 for none.

    Returns
    -------
    dict of int to ndarray
        float64, shape (n, 2) [m]; along the road alone.
    """
    found: dict[int, Floats] = {}
    for row in np.unique(facility[facility >= 0]).tolist():
        paths = travel(net, cost, row_of(facilities, row), np.zeros(1), reverse)
        there = arrivals(net, paths, places)
        ends = net.graph.head if reverse else net.graph.tail
        start = float(facilities.share[row])
        for place in np.flatnonzero((facility == row) & (there.arc >= 0)).tolist():
            arc, share = int(there.arc[place]), float(places.share[place])
            if there.start[place] >= 0:
                pieces = [(int(facilities.link[row]), share if reverse else start, start if reverse else share)]
            else:
                node = int(ends[arc])
                arcs = path(net.graph, paths.before, node, reverse)
                root = _root(net, paths.before, node, reverse)
                first, _ = begun(net, paths, root)
                pieces = _pieces(net, first, arcs, arc, start, share, reverse)
            lines = [net.lines.piece(*piece) for piece in pieces]
            found[place] = _joined(lines)
    return found


def _root(net: Net, before: NDArray[np.int32], node: int, reverse: bool) -> int:
    ends = net.graph.head if reverse else net.graph.tail
    while before[node] >= 0:
        node = int(ends[before[node]])
    return node


def _pieces(
    net: Net, first: int, arcs: list[int], last: int, start: float, share: float, reverse: bool
) -> list[tuple[int, float, float]]:
    """Return the rows of links with the shares between which they are travelled, in the direction of travel."""
    link, way = net.roads.link, net.roads.way

    def whole(arc: int) -> tuple[int, float, float]:
        return int(link[arc]), float(way[arc]), 1.0 - float(way[arc])

    middle = [whole(arc) for arc in arcs if link[arc] >= 0]
    if reverse:  # the place lies on the arc that is left, the facility on the one that is arrived on
        ends = [(int(link[last]), share, 1.0 - float(way[last]))], [(int(link[first]), float(way[first]), start)]
    else:
        ends = [(int(link[first]), start, 1.0 - float(way[first]))], [(int(link[last]), float(way[last]), share)]
    return [*ends[0], *middle, *ends[1]]


def _joined(lines: list[Floats]) -> Floats:
    """Return pieces as one line, without the vertices that are there twice."""
    xy = np.concatenate(lines)
    kept = np.append(True, (np.abs(np.diff(xy, axis=0)) > 1e-9).any(axis=1))
    return xy[kept] if kept.sum() > 1 else xy[[0, -1]]
