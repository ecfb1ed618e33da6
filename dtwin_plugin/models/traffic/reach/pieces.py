"""Links cut where a class of travel time begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .lines import Places
from .setting import ASKS, stop_if_asked
from .travel import Travel, arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dtwin_plugin.progress import Progress

    from .modes import Net

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

_SAME = 1e-9  # of the length of a link: two cuts so near to each other are one


class Pieces(NamedTuple):
    """Pieces of links of one class each.

    Attributes
    ----------
    link : ndarray
        int64, shape (pieces,): row of the link.
    begin, end : ndarray
        float64: shares of its line.
    band : ndarray
        int64: number of the class, 0 before the first edge; -1 where not reached.
    time : ndarray
        float64: of its middle [min]; infinite where not reached.
    """

    link: Ids
    begin: Floats
    end: Floats
    band: Ids
    time: Floats


def pieces_of(net: Net, found: Travel, edges: Sequence[float], progress: Progress) -> Pieces:
    """Return all links that can be used, cut where the time reaches an edge.

    Along a link the time is the least of some straight lines: from each end, and from each place on it. It is cut where
    one of them reaches an edge; pieces of one class side by side are put together again.

    Parameters
    ----------
    edges : sequence of float
        Rising [min]; a time on an edge belongs to the class before it.
    """
    rows = np.flatnonzero(net.usable)
    cuts = _cuts(net, found, rows, np.asarray(edges, float), progress)
    link = np.concatenate([np.full(len(one) - 1, row) for row, one in zip(rows, cuts)] or [np.empty(0, np.int64)])
    begin = np.concatenate([one[:-1] for one in cuts] or [np.empty(0)])
    end = np.concatenate([one[1:] for one in cuts] or [np.empty(0)])
    middle = Places(link.astype(np.int64), (begin + end) / 2, np.zeros(len(link)))
    time = arrivals(net, found, middle).time
    band = np.where(np.isfinite(time), np.searchsorted(edges, time, side="left"), -1)
    first = np.flatnonzero(np.append(True, (link[1:] != link[:-1]) | (band[1:] != band[:-1]))) if len(link) else link
    last = np.append(first[1:] - 1, len(link) - 1) if len(link) else link
    whole = Places(link[first].astype(np.int64), (begin[first] + end[last]) / 2, np.zeros(len(first)))
    return Pieces(whole.link, begin[first], end[last], band[first], arrivals(net, found, whole).time)


def _cuts(net: Net, found: Travel, rows: Ids, edges: Floats, progress: Progress) -> list[Floats]:
    """Return for each link the shares where it may be cut, its ends among them."""
    starts: dict[int, list[int]] = {}
    for start, link in enumerate(found.starts.link.tolist()):
        starts.setdefault(link, []).append(start)
    ends = net.graph.head if found.reverse else net.graph.tail
    cuts = []
    for number, row in enumerate(rows.tolist()):
        if not number % ASKS:
            stop_if_asked(progress)
        shares = [0.0, 1.0]
        for way in (0, 1):
            arc = int(net.arc[row, way])
            if arc < 0 or not np.isfinite(found.cost[arc]) or found.cost[arc] <= 0:
                continue
            cost = float(found.cost[arc])
            upward = (way == 0) != found.reverse  # whether the time rises along the line
            shares += _reaching(float(found.distance[ends[arc]]), 0.0 if upward else 1.0, cost, upward, edges)
            for start in starts.get(row, ()):
                place = float(found.starts.share[start])
                shares.append(place)
                shares += _reaching(float(found.offset[start]), place, cost, upward, edges)
        inner = np.unique(np.clip(shares, 0.0, 1.0))
        cuts.append(inner[np.append(True, np.diff(inner) > _SAME)])
        cuts[-1][-1] = 1.0
    return cuts


def _reaching(time: float, place: float, cost: float, upward: bool, edges: Floats) -> list[float]:
    """Return the shares of a link at which a time that begins at a place reaches edges."""
    if not np.isfinite(time):
        return []
    away = (edges - time) / cost
    shares = place + away if upward else place - away
    return shares[(away > 0) & (shares > 0) & (shares < 1)].tolist()
