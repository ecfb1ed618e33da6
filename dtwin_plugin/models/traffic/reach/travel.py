"""Travel times from or to places that lie anywhere on links: at nodes, and at any place on any link."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..shortest import nearest
from .lines import Places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .modes import Net

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

NO_ARC = -1


class Travel(NamedTuple):
    """Travel times from some places, or to them.

    Attributes
    ----------
    distance : ndarray
        float64, shape (nodes,) [min]; infinite where not reached.
    before : ndarray
        int32, shape (nodes,): the arc by which each node is reached.
    starts : Places
        Where travel begins, or ends where it is reversed.
    offset : ndarray
        float64, shape (starts,): minutes before it.
    cost : ndarray
        float64, shape (arcs,) [min].
    reverse : bool
        Whether travel is to the places.
    """

    distance: Floats
    before: NDArray[np.int32]
    starts: Places
    offset: Floats
    cost: Floats
    reverse: bool


class Arrival(NamedTuple):
    """How places are reached.

    Attributes
    ----------
    time : ndarray
        float64 [min]; infinite where not reached.
    arc : ndarray
        int64: the arc on which it lies, -1 where not reached.
    start : ndarray
        int64: the place that it is reached from along that arc alone, -1 where it is reached over a node.
    """

    time: Floats
    arc: Ids
    start: Ids


def travel(net: Net, cost: Floats, starts: Places, offset: Floats, reverse: bool) -> Travel:
    """Return travel times from places on links, or to them.

    A place in the middle of a link is left along each direction that is open, by the share of the link that is left.

    Parameters
    ----------
    cost : ndarray
        float64, shape (arcs,) [min]; infinite where closed.
    starts : Places
        Those without a link are left out.
    offset : ndarray
        float64, shape (starts,): minutes before the link is reached.
    """
    nodes, times = [np.empty(0, np.int64)], [np.empty(0)]
    for way in (0, 1):
        arc, done = _arc_and_done(net, starts, way)
        going = np.flatnonzero((arc >= 0) & np.isfinite(cost[arc]))
        left = done[going] if reverse else 1.0 - done[going]
        ends = net.graph.tail if reverse else net.graph.head
        nodes.append(ends[arc[going]])
        times.append(offset[going] + left * cost[arc[going]])
    distance, before, _ = nearest(
        net.graph, cost, np.concatenate(nodes), np.concatenate(times), reverse=reverse
    )  # fmt: skip
    return Travel(distance, before, starts, offset, cost, reverse)


def arrivals(net: Net, found: Travel, places: Places) -> Arrival:
    """Return when places on links are reached; time to the link itself is not counted."""
    best = Arrival(np.full(len(places.link), np.inf), np.full(len(places.link), NO_ARC), np.full(len(places.link), -1))
    for way in (0, 1):
        arc, done = _arc_and_done(net, places, way)
        there = (arc >= 0) & np.isfinite(found.cost[arc])
        ends = net.graph.head if found.reverse else net.graph.tail
        share = 1.0 - done if found.reverse else done
        with np.errstate(invalid="ignore"):
            time = np.where(there, found.distance[ends[arc]] + share * found.cost[arc], np.inf)
        _take(best, np.arange(len(time)), time, arc, -1)
    order = np.argsort(places.link, kind="stable")
    sorted_links = places.link[order]
    first, last = (
        np.searchsorted(sorted_links, found.starts.link),
        np.searchsorted(sorted_links, found.starts.link, "right"),
    )
    for start in np.flatnonzero((found.starts.link >= 0) & (last > first)).tolist():
        rows = order[first[start] : last[start]]
        for way in (0, 1):
            only = int(net.arc[found.starts.link[start], way])
            if only == NO_ARC or not np.isfinite(found.cost[only]):
                continue
            on = places.share[rows] - found.starts.share[start]
            on = -on if (way == 1) != found.reverse else on
            time = np.where(on >= 0, found.offset[start] + on * found.cost[only], np.inf)
            _take(best, rows, time, np.full(len(rows), only), start)
    return best


def _arc_and_done(net: Net, places: Places, way: int) -> tuple[Ids, Floats]:
    """Return the arc that each place lies on in a direction, and which share of it lies before the place."""
    arc = np.where(places.link >= 0, net.arc[places.link, way], NO_ARC)
    return arc, places.share if way == 0 else 1.0 - places.share


def _take(best: Arrival, rows: Ids, time: Floats, arc: Ids, start: int) -> None:
    better = time < best.time[rows]
    at = rows[better]
    best.time[at], best.arc[at], best.start[at] = time[better], arc[better], start


def along_paths(net: Net, found: Travel, values: Floats) -> Floats:
    """Return what adds up along the path to each node, shape (nodes,): of values of arcs, shape (arcs,).

    Each node looks at the one before it, then at the one two before, four, eight: as many rounds as a path of n arcs
    has bits.
    """
    nodes = len(found.distance)
    ends = net.graph.head if found.reverse else net.graph.tail
    above = np.where(found.before >= 0, ends[found.before], np.arange(nodes))
    total = np.where(found.before >= 0, values[found.before], 0.0)
    while True:
        further = above[above]
        total = total + total[above]
        if (further == above).all():
            return total
        above = further
