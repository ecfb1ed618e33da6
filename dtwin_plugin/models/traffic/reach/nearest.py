"""The two facilities that are nearest to each of many places, by time over the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import Cancelled

from .lines import Places
from .travel import Arrival, Travel, along_paths, arrivals, travel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

    from .modes import Net

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

NOBODY = -1


class Nearest(NamedTuple):
    """The nearest and the second nearest facility of each place.

    Attributes
    ----------
    time : ndarray
        float64, shape (2, places) [min]; infinite where there is none.
    facility : ndarray
        int64, shape (2, places): its row, -1 where there is none.
    distance : ndarray
        float64, shape (places,): along the road to the nearest [m], NaN where there is none.
    """

    time: Floats
    facility: Ids
    distance: Floats


def row_of(places: Places, row: int) -> Places:
    """Return one place of many."""
    return Places(places.link[row : row + 1], places.share[row : row + 1], places.away[row : row + 1])


def nearest_two(
    net: Net, cost: Floats, facilities: Places, offset: Floats, places: Places, reverse: bool, progress: Progress
) -> Nearest:
    """Return which facilities are nearest to places.

    Paths are found from one facility after another, so that the second nearest is found too, and memory does not grow
    with their number.

    Parameters
    ----------
    facilities, places : Places
        On links; those without a link have no way.
    offset : ndarray
        float64, shape (facilities,): minutes before the link is reached.
    reverse : bool
        Whether travel is to the facilities.
    """
    count = len(places.link)
    found = Nearest(np.full((2, count), np.inf), np.full((2, count), NOBODY), np.full(count, np.nan))
    lengths = arc_lengths(net)
    for row in range(len(facilities.link)):
        if progress.is_cancelled():
            raise Cancelled
        if facilities.link[row] < 0:
            continue
        paths = travel(net, cost, row_of(facilities, row), offset[row : row + 1], reverse)
        there = arrivals(net, paths, places)
        first = there.time < found.time[0]
        second = ~first & (there.time < found.time[1])
        found.time[1, first], found.facility[1, first] = found.time[0, first], found.facility[0, first]
        found.time[0, first], found.facility[0, first] = there.time[first], row
        found.time[1, second], found.facility[1, second] = there.time[second], row
        if first.any():
            found.distance[first] = _distances(net, paths, there, places, lengths)[first]
    return found


def arc_lengths(net: Net) -> Floats:
    """Return the length of each arc as its line is drawn [m]; 0 for turns."""
    return np.append(net.lines.length, 0.0)[net.roads.link]


def begun(net: Net, paths: Travel, node: int) -> tuple[int, float]:
    """Return on which arc the path to a node that begins a path starts, and which share of it is travelled."""
    best, share = NOBODY, 1.0
    ends = net.graph.tail if paths.reverse else net.graph.head
    least = np.inf
    for way in (0, 1):
        arc = int(net.arc[paths.starts.link[0], way])
        if arc < 0 or ends[arc] != node or not np.isfinite(paths.cost[arc]):
            continue
        done = float(paths.starts.share[0] if way == 0 else 1.0 - paths.starts.share[0])
        left = done if paths.reverse else 1.0 - done
        if left * paths.cost[arc] < least:
            best, share, least = arc, left, left * float(paths.cost[arc])
    return best, share


def _distances(net: Net, paths: Travel, there: Arrival, places: Places, lengths: Floats) -> Floats:
    """Return the distance along the path to each place [m]; NaN where not reached."""
    total = along_paths(net, paths, lengths)
    roots = np.flatnonzero((paths.before < 0) & np.isfinite(paths.distance))
    own = np.zeros(len(total))
    for node in roots.tolist():
        arc, share = begun(net, paths, node)
        own[node] = share * lengths[arc] if arc >= 0 else 0.0
    total += along_roots(net, paths, own)
    ends = net.graph.head if paths.reverse else net.graph.tail
    on = there.arc
    forward = np.append(net.roads.way, 0)[on] == 0
    done = np.where(forward, places.share, 1.0 - places.share)
    part = (1.0 - done if paths.reverse else done) * np.append(lengths, 0.0)[on]
    over_node = total[ends[on]] + part
    direct = np.abs(places.share - paths.starts.share[0]) * np.append(lengths, 0.0)[on]
    return np.where(on < 0, np.nan, np.where(there.start >= 0, direct, over_node))


def along_roots(net: Net, paths: Travel, own: Floats) -> Floats:
    """Return the value of the node that the path to each node begins at."""
    ends = net.graph.head if paths.reverse else net.graph.tail
    above = np.where(paths.before >= 0, ends[paths.before], np.arange(len(own)))
    while not np.array_equal(further := above[above], above):
        above = further
    return own[above]
