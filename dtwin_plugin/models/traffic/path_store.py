"""All paths that trips take, with their flows: what every method of assignment fills and every analysis reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import Cancelled

from ..parallel import parallel_kernels, thread_count
from .graph import Floats, Graph

if TYPE_CHECKING:
    from dtwin_plugin.progress import Progress

    from .assign import TripClass

PARTS = 8  # that flows are added up in; fixed, so that threads change nothing
ALONE = 500_000  # arcs of paths that one thread adds up sooner than others wake up: 0.5 ms
NODES_AT_ONCE = 4_000_000  # of all trees that are held at once: 100 MB
BEGINNING = 16  # bundles in the first blocks of an assignment at least, so that later ones see what earlier ones do


class PathStore:
    """The paths of all pairs of zones with trips; see `path_kernels` for how they lie.

    Parameters
    ----------
    graph : Graph
    classes : sequence of TripClass
    threads : int or None
    """

    def __init__(self, graph: Graph, classes: Sequence[TripClass], threads: int | None) -> None:
        self.graph, self.threads = graph, thread_count(threads, "assign traffic")
        self.kind, self.origin, self.destination, self.trips = _pairs(classes)
        edge = np.flatnonzero(np.diff(self.kind) | np.diff(self.origin)) + 1 if len(self.kind) else np.zeros(0, int)
        self.bundles = np.concatenate([[0], edge, [len(self.kind)]]).astype(np.int64)[: None if len(self.kind) else 1]
        self.fixed = np.zeros((len(classes), graph.arcs))
        for row, one in enumerate(classes):
            if one.fixed is not None:
                self.fixed[row] = one.fixed
            if one.closed is not None:
                self.fixed[row, one.closed] = np.inf
        self.marks = np.random.default_rng(20_061).integers(1, 2**63, graph.arcs, np.int64)
        self.ends = graph.head[graph.out_arc].astype(np.int32)
        self.first = np.full(len(self.kind), -1, np.int32)
        self.reached = np.ones(len(self.kind), bool)
        self.paths = self.used = 0
        self._make_room(len(self.kind), 16 * len(self.kind))

    def _make_room(self, paths: int, arcs: int) -> None:
        self.following, self.mark = np.empty(paths, np.int32), np.empty(paths, np.int64)
        self.start, self.length = np.empty(paths, np.int64), np.empty(paths, np.int32)
        self.path_fixed, self.flow = np.empty(paths), np.empty(paths)
        self.arcs = np.empty(arcs, np.int32)

    def _grow_room(self, paths: int, arcs: int) -> None:
        if self.paths + paths > len(self.flow):
            size = max(self.paths + paths, len(self.flow) * 5 // 4)
            for name in ("following", "mark", "start", "length", "path_fixed", "flow"):
                old = getattr(self, name)
                new = np.empty(size, old.dtype)
                new[: self.paths] = old[: self.paths]
                setattr(self, name, new)
        if self.used + arcs > len(self.arcs):
            new = np.empty(max(self.used + arcs, len(self.arcs) * 5 // 4), np.int32)
            new[: self.used] = self.arcs[: self.used]
            self.arcs = new

    def blocks(self, beginning: bool = False) -> list[tuple[int, int]]:
        """Return which bundles are done together; some at a time, as far as their trees fit in the memory."""
        count = len(self.bundles) - 1
        size = max(1, NODES_AT_ONCE // max(self.graph.nodes, 1))
        if beginning:
            size = min(size, max(BEGINNING, -(-count // 32)))
        return [(begin, min(begin + size, count)) for begin in range(0, count, size)]

    def load(self, block: tuple[int, int], time: Floats, share: float, always: bool, progress: Progress) -> float:
        """Find the shortest paths of some bundles, add those that are new, and put a share of the trips on them.

        Parameters
        ----------
        time : ndarray
            float64, shape (arcs,).
        share : float
            Of the trips of each pair that goes on its shortest path.
        always : bool
            Add what is new also where it is not shorter.

        Returns
        -------
        least : float
            What all these trips cost on their shortest paths [min pcu].
        """
        from .path_kernels import grow, load_of, wanted_of

        begin, end = block
        if progress.is_cancelled():
            raise Cancelled
        graph, heads, count = self.graph, self.bundles[begin:end], end - begin
        cost, nodes = (time + self.fixed)[:, graph.out_arc], graph.nodes
        distance, before = np.empty((count, nodes)), np.empty((count, nodes), np.int32)
        sums, hops = np.empty((count, nodes), np.int64), np.empty((count, nodes), np.int32)
        with parallel_kernels(self.threads if count * nodes > 20_000 else 1):
            grow(
                graph.out_start, graph.out_arc, graph.tail, self.ends, cost, graph.first_through, self.marks,
                self.kind[heads], self.origin[heads], distance, before, sums, hops,
            )  # fmt: skip
        add = np.zeros(len(self.kind), bool)
        least, paths, arcs = wanted_of(
            self.bundles, begin, self.destination, self.trips, distance, sums, hops, always, self.first,
            self.following, self.mark, self.start, self.length, self.path_fixed, self.arcs, time, add,
        )  # fmt: skip
        self._grow_room(paths, arcs)
        if paths or share:
            self.paths, self.used = load_of(
                self.bundles, begin, self.destination, self.trips, share, distance, before, sums, hops, graph.tail,
                self.kind[heads], self.fixed, add, self.reached, self.first, self.following, self.mark, self.start,
                self.length, self.path_fixed, self.flow, self.arcs, self.paths, self.used,
            )  # fmt: skip
        return float(least)

    def volume(self, first: int = 0) -> Floats:
        """Return the flow on each arc [pcu] of the paths from `first` on."""
        return self._summed(self.flow[: self.paths], first)

    def _summed(self, flow: Floats, first: int = 0) -> Floats:
        from .path_kernels import add_up

        parts = np.empty((PARTS if self.used > ALONE else 1, self.graph.arcs))
        with parallel_kernels(self.threads if len(parts) > 1 else 1):
            add_up(flow, self.start, self.length, self.arcs, first, parts)
        return np.asarray(parts.sum(axis=0))

    def by_class(self, classes: int, chosen: Any = None) -> Floats:
        """Return the flow on each arc of each class [pcu], shape (classes, arcs); of chosen paths only, if told."""
        owner, found = self.kind[self.pair_of()], np.empty((classes, self.graph.arcs))
        for row in range(classes):
            used = owner == row if chosen is None else chosen & (owner == row)
            found[row] = self._summed(np.where(used, self.flow[: self.paths], 0.0))
        return found

    def pair_of(self) -> Any:
        """Return the pair of each path; the paths must be tidy."""
        counts = np.zeros(len(self.first) + 1, np.int64)
        starts = self.first[self.first >= 0]
        counts[np.flatnonzero(self.first >= 0)] = np.diff(np.append(starts, self.paths))
        return np.repeat(np.arange(len(self.first)), counts[:-1])

    def constant(self) -> float:
        """Return what the trips pay apart from time [min pcu]."""
        return float(np.dot(self.flow[: self.paths], self.path_fixed[: self.paths]))

    def tidy(self) -> None:
        """Drop the paths that nobody takes, and lay those of a pair side by side."""
        from .path_kernels import tidy

        names = ("following", "mark", "start", "length", "path_fixed", "flow", "arcs")
        old = [getattr(self, name) for name in names]
        busy = self.flow[: self.paths] > 0
        self._make_room(int(busy.sum()), int(self.length[: self.paths][busy].sum()))
        new = [getattr(self, name) for name in names]
        self.paths, self.used = tidy(self.first, old[0], self.trips, *old[1:], *new)


def _pairs(classes: Sequence[TripClass]) -> tuple[Any, Any, Any, Any]:
    """Return class, origin, destination and trips [pcu] of all pairs with trips between two zones."""
    found = []
    for row, one in enumerate(classes):
        origin, destination = np.nonzero((one.trips > 0) & ~np.eye(len(one.trips), dtype=bool))
        found.append((np.full(len(origin), row), origin, destination, one.trips[origin, destination] * one.pcu))
    kind, origin, destination, trips = (np.concatenate(parts) for parts in zip(*found))
    return kind.astype(np.int64), origin.astype(np.int64), destination.astype(np.int32), trips.astype(np.float64)
