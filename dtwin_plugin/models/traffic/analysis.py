"""Who uses an arc, where the trips of a zone go, and how many turn where: read from the paths of an assignment.

The flows of arcs in an equilibrium are unique where times grow with flow; the flows of paths are not, and so neither
are these. They are one of the many solutions that have the same flows on arcs (see docs/models/assigntraffic.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.errors import InputError

from .graph import Bools, Floats, Ints

if TYPE_CHECKING:
    from .assign import Assignment


def _vehicles(found: Assignment) -> Floats:
    """Return the flow of each path in vehicles."""
    store = found.store
    return np.asarray(store.flow[: store.paths] / np.array(found.pcu)[store.kind[store.pair_of()]])


def _flows(found: Assignment, chosen: Bools) -> Floats:
    return found.store._summed(np.where(chosen, _vehicles(found), 0.0))


def select_links(found: Assignment, arcs: Any) -> tuple[Floats, Floats]:
    """Return the flows and the trips of all who use any of some arcs.

    Parameters
    ----------
    arcs : array of int

    Returns
    -------
    flows : ndarray
        float64, shape (arcs,): vehicles of all classes.
    trips : ndarray
        float64, shape (zones, zones).

    Raises
    ------
    InputError
        If an arc does not exist.
    """
    from .analysis_kernels import uses

    store, arcs = found.store, np.asarray(arcs, np.int64).reshape(-1)
    if len(arcs) and not 0 <= int(arcs.min()) <= int(arcs.max()) < store.graph.arcs:
        raise InputError("An arc that was selected does not exist.")
    marked, chosen = np.zeros(store.graph.arcs, bool), np.zeros(store.paths, bool)
    marked[arcs] = True
    uses(store.start, store.length, store.arcs, marked, chosen)
    trips, pair = np.zeros((store.graph.zones, store.graph.zones)), store.pair_of()[chosen]
    np.add.at(trips, (store.origin[pair], store.destination[pair]), _vehicles(found)[chosen])
    return _flows(found, chosen), trips


def select_zones(found: Assignment, zones: Any, ends: str = "both") -> Floats:
    """Return the flows of all who begin or end in some zones.

    Parameters
    ----------
    zones : array of int
    ends : str
        "origin", "destination", or "both" for either of them.

    Returns
    -------
    flows : ndarray
        float64, shape (arcs,): vehicles of all classes.
    """
    store, pair = found.store, found.store.pair_of()
    begins, stops = np.isin(store.origin[pair], zones), np.isin(store.destination[pair], zones)
    return _flows(found, {"origin": begins, "destination": stops, "both": begins | stops}[ends])


def turning(found: Assignment) -> tuple[Ints, Ints, Floats]:
    """Return from arc, to arc and flow [vehicles] of all turns that somebody makes, in order of the arcs."""
    from .analysis_kernels import turns

    store, graph = found.store, found.store.graph
    place = np.empty(graph.arcs, np.int64)
    place[graph.out_arc] = np.arange(graph.arcs)  # of an arc among those that leave its tail
    leaving = np.diff(graph.out_start)[graph.head]
    start = offsets_of(leaving)
    flow = np.zeros(start[-1])
    turns(store.start, store.length, store.arcs, _vehicles(found), graph.out_start, place, graph.head, start, flow)
    some = np.flatnonzero(flow > 0)
    first = np.searchsorted(start, some, side="right") - 1
    last = graph.out_arc[graph.out_start[graph.head[first]] + some - start[first]].astype(np.int64)
    return first.astype(np.int64), last, flow[some]
