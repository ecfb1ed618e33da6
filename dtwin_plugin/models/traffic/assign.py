"""Traffic assignment: trips between zones become flows on arcs, by a method of choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent

from ..compiling import prepared
from .costs import Costs
from .equilibrium import equilibrium
from .graph import Bools, Floats, Graph, Ints, graph_of
from .loading import incremental, successive
from .path_store import PathStore

METHODS = ("equilibrium", "msa", "incremental", "all")


@dataclass(frozen=True)
class TripClass:
    """Trips of one kind of vehicle.

    Attributes
    ----------
    name : str
    trips : ndarray
        float64, shape (zones, zones): vehicles from zone to zone in the hour that is assigned. Trips within a zone
        load no arc.
    pcu : float
        Passenger car units of a vehicle.
    fixed : ndarray, optional
        float64, shape (arcs,): what an arc costs this class besides time, in minutes (tolls, length).
    closed : ndarray, optional
        bool, shape (arcs,): arcs that this class may not use.
    """

    name: str
    trips: Floats
    pcu: float = 1.0
    fixed: Floats | None = None
    closed: Bools | None = None


@dataclass(frozen=True)
class Options:
    """How trips are assigned.

    Attributes
    ----------
    method : str
        A word of `METHODS`.
    gap : float
        Relative gap to reach, of "equilibrium" and "msa".
    iterations : int
        Rounds at most, of the same.
    increments : int
        Parts, of "incremental".
    threads : int or None
        None = all. Results do not depend on it.
    """

    method: str = "equilibrium"
    gap: float = 1e-6
    iterations: int = 500
    increments: int = 10
    threads: int | None = None


@dataclass(frozen=True)
class Assignment:
    """What `assign` found.

    Attributes
    ----------
    names : tuple of str
        The classes.
    flows : ndarray
        float64, shape (classes, arcs): vehicles per hour.
    volume : ndarray
        float64, shape (arcs,): all of them and the preload [pcu h-1].
    times : ndarray
        float64, shape (arcs,): minutes at that volume.
    objective : float
        Beckmann's: the times integrated over the volumes, and what is paid besides time [min pcu h-1].
    gap : float
        Relative: what could still be saved on shortest paths, as a share of the cost of all trips.
    iterations : list of tuple
        (number, gap) of each round.
    unreachable : list of tuple
        (class, origin, destination, trips) of the pairs of zones that no path joins.
    within : dict of str to float
        By class the trips within zones, that no arc carries.
    store : PathStore
        The paths and their flows.
    pcu : tuple of float
        Of the classes.
    """

    names: tuple[str, ...]
    flows: Floats
    volume: Floats
    times: Floats
    objective: float
    gap: float
    iterations: list[tuple[int, float]]
    unreachable: list[tuple[str, int, int, float]]
    within: dict[str, float]
    store: PathStore = field(repr=False)
    pcu: tuple[float, ...]

    def select_links(self, arcs: Any) -> tuple[Floats, Floats]:
        """Return the flows of all who use any of some arcs (arcs,), and their trips (zones, zones); see `analysis`."""
        from .analysis import select_links

        return select_links(self, arcs)

    def select_zones(self, zones: Any, ends: str = "both") -> Floats:
        """Return the flows (arcs,) of all who begin or end in some zones; see `analysis`."""
        from .analysis import select_zones

        return select_zones(self, zones, ends)

    def turning(self) -> tuple[Ints, Ints, Floats]:
        """Return from arc, to arc and flow of all turns that somebody makes; see `analysis`."""
        from .analysis import turning

        return turning(self)


def assign(
    graph: Graph,
    costs: Costs,
    classes: Sequence[TripClass],
    options: Options | None = None,
    progress: Progress | None = None,
    preload: Floats | None = None,
) -> Assignment:
    """Return the flows of trips on the arcs of a graph.

    Parameters
    ----------
    graph : Graph
        Zones are its first nodes.
    costs : Costs
        Times of the arcs, the same for all classes.
    classes : sequence of TripClass
    options : Options, optional
    progress : Progress, optional
    preload : ndarray, optional
        float64, shape (arcs,): flow that is there anyway, a bus for example [pcu h-1].

    Raises
    ------
    InputError
        If the shapes do not fit, or trips, preload or fixed costs are negative or no numbers.
    Cancelled
        If the user stops it.

    Examples
    --------
    Two routes of 10 + v/10 and 15 + v/20 minutes: 100 trips share them so that both take 16.67 minutes.

    >>> from .graph import graph_of
    >>> graph = graph_of([0, 0], [1, 1], nodes=2, zones=2)
    >>> costs = Costs([10.0, 15.0], [100.0, 300.0], [1.0, 1.0], [1.0, 1.0])
    >>> found = assign(graph, costs, [TripClass("car", np.array([[0.0, 100.0], [0.0, 0.0]]))])
    >>> found.flows.round(6).tolist(), found.times.round(4).tolist()
    ([[66.666667, 33.333333]], [16.6667, 16.6667])
    """
    from .path_kernels import tidy

    progress = progress or Silent()
    prepared(_small, tidy, progress)
    return _assigned(graph, costs, classes, options or Options(), progress, preload)


def _small() -> object:
    """Assign trips to two routes, which calls all kernels."""
    one = TripClass("car", np.array([[0.0, 1.0], [0.0, 0.0]]))
    costs = Costs([1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0])
    return _assigned(graph_of([0, 0], [1, 1], nodes=2, zones=2), costs, (one,), Options(threads=1), Silent(), None)


def _assigned(
    graph: Graph,
    costs: Costs,
    classes: Sequence[TripClass],
    options: Options,
    progress: Progress,
    preload: Floats | None,
) -> Assignment:
    there = np.zeros(graph.arcs) if preload is None else np.ascontiguousarray(preload, np.float64)
    _check(graph, costs, classes, options, there)
    store = PathStore(graph, classes, options.threads)
    if options.method == "equilibrium":
        history = equilibrium(store, costs, there, options.gap, options.iterations, progress)
    elif options.method == "msa":
        history = successive(store, costs, there, options.gap, options.iterations, progress)
    else:
        parts = options.increments if options.method == "incremental" else 1
        history = incremental(store, costs, there, parts, progress)
    return _result(costs, classes, store, there, history)


def _result(
    costs: Costs, classes: Sequence[TripClass], store: PathStore, there: Floats, history: list[tuple[int, float]]
) -> Assignment:
    units = store.by_class(len(classes))
    volume = units.sum(axis=0) + there
    pcu = tuple(float(one.pcu) for one in classes)
    lost = np.flatnonzero(~store.reached)
    return Assignment(
        names=tuple(one.name for one in classes),
        flows=units / np.array(pcu)[:, None],
        volume=volume,
        times=costs.time(volume),
        objective=float(costs.integral(volume).sum()) + store.constant(),
        gap=history[-1][1],
        iterations=history,
        unreachable=[
            (
                classes[store.kind[row]].name,
                int(store.origin[row]),
                int(store.destination[row]),
                float(store.trips[row] / pcu[store.kind[row]]),
            )
            for row in lost
        ],
        within={one.name: float(np.trace(one.trips)) for one in classes},
        store=store,
        pcu=pcu,
    )


def _check(graph: Graph, costs: Costs, classes: Sequence[TripClass], options: Options, there: Floats) -> None:
    if options.method not in METHODS or options.iterations < 1 or options.increments < 1:
        raise InputError("Trips are assigned by one of {methods}, in 1 round or more.", methods=", ".join(METHODS))
    if not classes:
        raise InputError("There are no trips to assign.")
    if not _are_amounts(there, (graph.arcs,)):
        raise InputError("The flow that is there anyway needs a number of 0 or more for each of {count} arcs.",
                         count=graph.arcs)  # fmt: skip
    if not _are_amounts(costs.free, (graph.arcs,)):
        raise InputError("The free time needs a number of 0 or more for each of {count} arcs.", count=graph.arcs)
    for one in classes:
        _check_class(graph, one)


def _check_class(graph: Graph, one: TripClass) -> None:
    if not _are_amounts(one.trips, (graph.zones, graph.zones)):
        raise InputError(
            "The trips of {name} need a number of 0 or more for each pair of {count} zones; found are {found} values.",
            name=one.name,
            count=graph.zones,
            found=" x ".join(map(str, np.shape(one.trips))),
        )
    if one.fixed is not None and not _are_amounts(one.fixed, (graph.arcs,)):
        raise InputError("What arcs cost {name} besides time needs a number of 0 or more for each of {count} arcs.",
                         name=one.name, count=graph.arcs)  # fmt: skip
    if one.closed is not None and np.shape(one.closed) != (graph.arcs,):
        raise InputError("Which arcs are closed to {name} must be told for every arc.", name=one.name)
    if not (one.pcu > 0 and np.isfinite(one.pcu)):
        raise InputError("A vehicle of {name} must count as more than 0 passenger cars.", name=one.name)


def _are_amounts(values: Floats, shape: tuple[int, ...]) -> bool:
    """Tell whether there are as many values as the shape asks, all of them numbers of 0 or more."""
    return np.shape(values) == shape and bool((np.isfinite(values) & (np.asarray(values) >= 0)).all())
