"""A matrix of trips moved towards counts on roads: Spiess's gradient method, with the ways that an assignment finds.

Z(g) = sum over the counts of (v - c)^2 / 2 with v = P g is made smaller by g <- g (1 - step * dZ/dg): a multiple of
what was there, so that pairs without trips stay so, and pairs that pass no count stay as they are.

References
----------
Spiess, H. (1990). A gradient approach for the O-D matrix adjustment problem. Publication CRT-693, Université de
Montréal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Part, Progress

from ..zone_shares import parts_of

if TYPE_CHECKING:
    from ..assign import Assignment
    from ..costs import Costs
    from ..graph import Graph
    from ..zone_shares import Parts

Floats = NDArray[np.float64]

STEPS = 30  # of the gradient with the same ways, after which little is left to gain
_MOST = 0.5  # share that a pair may lose in a step: Spiess asks for less than 1, so that trips stay above 0
_STILL = 1e-9  # relative gain of a step below which it ends


class Counts(NamedTuple):
    """Counts, each on one arc or on both directions of a link together.

    Attributes
    ----------
    values : ndarray
        Shape (counts,) [veh h-1].
    arc, row : ndarray
        int64: arcs that are counted, and the count that each belongs to.
    """

    values: Floats
    arc: NDArray[np.int64]
    row: NDArray[np.int64]

    def passing(self, flows: Floats) -> Floats:
        """Return the flows of arcs where they are counted, shape (counts,)."""
        return np.bincount(self.row, flows[self.arc], len(self.values)).astype(np.float64)


class Adjusted(NamedTuple):
    """A matrix that was moved towards counts.

    Attributes
    ----------
    trips : ndarray
        Shape (zones, zones) [veh h-1].
    before, after : ndarray
        Flows at the counts of the assigned matrices, shape (counts,).
    times : ndarray
        Of arcs, with the matrix as it was [min].
    rounds : list of float
        Root mean square difference to the counts of each assignment, the first before any change.
    """

    trips: Floats
    before: Floats
    after: Floats
    times: Floats
    rounds: list[float]


def geh(flow: Floats, count: Floats) -> Floats:
    """Return how far flows are from counts, as traffic engineers tell it: below 5 is near.

    Geoffrey E. Havers's formula: sqrt(2 (m - c)^2 / (m + c)), with flows of an hour (DMRB, volume 12, 1996).

    >>> geh(np.array([110.0, 0.0]), np.array([90.0, 0.0])).tolist()
    [2.0, 0.0]
    """
    total = flow + count
    return np.sqrt(2.0 * (flow - count) ** 2 / np.where(total > 0, total, 1.0))


def proportions(found: Assignment, counts: Counts, parts: Parts) -> tuple[Any, Floats]:
    """Return which share of the trips of each pair of zones passes each count, and their cells in a flat matrix.

    Returns
    -------
    share : scipy.sparse.csr_array
        Shape (counts, pairs).
    cells : ndarray
        int64, shape (pairs,): origin * zones + destination.
    """
    from scipy.sparse import csr_array

    store = found.store
    pair = store.pair_of()
    flow = store.flow[: store.paths]
    pairs = len(store.origin)
    total = np.bincount(pair, flow, pairs)
    part = np.divide(flow, total[pair], out=np.zeros(len(flow)), where=total[pair] > 0)
    length = store.length[: store.paths].astype(np.int64)
    begin = np.repeat(store.start[: store.paths] - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
    arcs = store.arcs[begin + np.arange(length.sum())]
    owner = np.repeat(np.arange(store.paths), length)
    of_arc = np.full(store.graph.arcs, -1, np.int64)
    of_arc[counts.arc] = counts.row
    row = of_arc[arcs]
    used = row >= 0
    share = csr_array((part[owner[used]], (row[used], pair[owner[used]])), shape=(len(counts.values), pairs))
    cells = parts.of[store.origin] * len(parts.zones) + parts.of[store.destination]
    if parts.whole:
        return share, cells
    cells, whole = np.unique(cells, return_inverse=True)
    weight = parts.share[store.origin] * parts.share[store.destination]
    return share @ csr_array((weight, (np.arange(pairs), whole.reshape(-1))), shape=(pairs, len(cells))), cells


def nearer(trips: Floats, share: Any, counts: Floats) -> Floats:
    """Return trips of pairs that fit counts better, while their ways stay as they are.

    Examples
    --------
    A single pair of 100 trips that all pass a count of 150:

    >>> from scipy.sparse import csr_array
    >>> nearer(np.array([100.0]), csr_array(np.ones((1, 1))), np.array([150.0])).round(6).tolist()
    [150.0]
    """
    found = trips.copy()
    flows = share @ found
    error = float(((flows - counts) ** 2).sum())
    for _ in range(STEPS):
        gradient = share.T @ (flows - counts)
        change = -found * gradient  # of the trips, for a step of 1
        slope = share @ change
        bottom = float(slope @ slope)
        if bottom <= 0:
            break
        step = float((counts - flows) @ slope) / bottom
        steepest = float(gradient.max(initial=0.0))
        if steepest > 0:
            step = min(step, _MOST / steepest)
        found = found + step * change
        flows = share @ found
        new = float(((flows - counts) ** 2).sum())
        if error - new <= _STILL * max(error, 1e-300):
            break
        error = new
    return found


def adjust(
    graph: Graph,
    costs: Costs,
    trips: Floats,
    counts: Counts,
    rounds: int,
    progress: Progress,
    closed: Any = None,
    parts: Parts | None = None,
) -> Adjusted:
    """Move a matrix towards counts; after each move its ways are found anew by an assignment to equilibrium.

    Parameters
    ----------
    trips : ndarray
        Shape (zones, zones) [veh h-1].
    rounds : int
        How often the matrix is moved.
    closed : ndarray, optional
        bool, shape (arcs,): arcs that nobody may use.
    parts : Parts, optional
        Of the zones, where their trips are shared over connectors; the zones of the graph are those parts.
    """
    from ..assign import Options, TripClass, assign

    of_zones = parts or parts_of([str(row) for row in range(len(trips))], {})

    def assigned(matrix: Floats, number: int) -> Assignment:
        part = Part(progress, number / (rounds + 1), (number + 1) / (rounds + 1))
        divided = of_zones.divided(matrix)
        # a gap of 1e-5: what is left moves no flow by as much as counts differ from day to day
        return assign(graph, costs, (TripClass("all", divided, closed=closed),), Options(gap=1e-5), part)

    current = trips.copy()
    found = assigned(current, 0)
    before = counts.passing(found.flows[0])
    times, history = found.times, [_rms(before, counts.values)]
    for number in range(rounds):
        if progress.is_cancelled():
            raise Cancelled
        share, cells = proportions(found, counts, of_zones)
        flat = current.reshape(-1).copy()
        flat[cells] = nearer(flat[cells], share, counts.values)
        current = flat.reshape(current.shape)
        found = assigned(current, number + 1)
        history.append(_rms(counts.passing(found.flows[0]), counts.values))
    return Adjusted(current, before, counts.passing(found.flows[0]), times, history)


def _rms(flows: Floats, counts: Floats) -> float:
    return float(np.sqrt(((flows - counts) ** 2).mean())) if len(counts) else 0.0
