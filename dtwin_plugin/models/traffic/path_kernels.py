"""The paths that trips take, compiled: found, kept, and added up; called by `path_store` only.

The pairs of zones with trips are rows in order of class and origin; a *bundle* is the pairs of one class and origin,
which one tree serves. Each pair has a list of paths (`first`, `following`), each path a stretch of one long array of
arcs, from the destination back. A path is known again by the sum of random numbers, one for each arc, so that no arcs
are compared: of two paths of one pair the sums are the same by chance once in 2^64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache
from .shortest_kernels import tree_of

Array = NDArray[Any]
numba = load_numba("assign traffic")
_OPTIONS = {"nogil": True, "cache": may_cache("assign traffic"), "error_model": "numpy"}
EQUAL = 1e-14  # of a cost: a path that is not shorter by this is not shorter, but rounded otherwise


@numba.njit(parallel=True, **_OPTIONS)
def grow(
    out_start: Array, out_arc: Array, tail: Array, head: Array, cost: Array, first_through: int, marks: Array,
    kinds: Array, origins: Array, distance: Array, before: Array, sums: Array, hops: Array,
) -> None:  # fmt: skip
    """Grow the tree of each bundle at the costs (classes, arcs) of its class, with the sum of marks to each node."""
    for i in numba.prange(len(origins)):
        nodes = distance.shape[1]
        source, heap = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        place, order = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        count = tree_of(
            out_start, out_arc, head, cost[kinds[i]], first_through, np.inf, origins[i],
            distance[i], before[i], source, heap, place, order,
        )  # fmt: skip
        sums[i, origins[i]] = 0
        hops[i, origins[i]] = 0
        for k in range(1, count):
            node = order[k]
            arc = before[i, node]
            sums[i, node] = sums[i, tail[arc]] + marks[arc]
            hops[i, node] = hops[i, tail[arc]] + 1


@numba.njit(**_OPTIONS)
def known(pair: int, mark: int, first: Array, following: Array, path_mark: Array) -> int:
    """Return the path of a pair that has this sum of marks, or -1."""
    path = first[pair]
    while path >= 0 and path_mark[path] != mark:
        path = following[path]
    return int(path)


@numba.njit(**_OPTIONS)
def wanted(
    pairs: Array, row: int, destination: Array, trips: Array, distance: Array, sums: Array, hops: Array, always: bool,
    first: Array, following: Array, path_mark: Array, path_start: Array, path_length: Array, path_fixed: Array,
    arcs: Array, time: Array, add: Array,
) -> tuple[float, int, int]:  # fmt: skip
    """Tell for the pairs of a bundle whether their shortest path is to be added: new, and (unless `always`) shorter.

    Returns
    -------
    least, paths, arcs : float, int, int
        The cost of all trips on their shortest paths, and how many paths and arcs are to be added.
    """
    least, count, length = 0.0, 0, 0
    for pair in range(pairs[row], pairs[row + 1]):
        node, add[pair] = destination[pair], False
        shortest = distance[node]
        if not np.isfinite(shortest):
            continue
        least += trips[pair] * shortest
        if known(pair, sums[node], first, following, path_mark) >= 0:
            continue
        if not always:
            path, best = first[pair], np.inf
            while path >= 0:
                value = path_fixed[path]
                for k in range(path_start[path], path_start[path] + path_length[path]):
                    value += time[arcs[k]]
                best = min(best, value)
                path = following[path]
            if shortest >= best * (1.0 - EQUAL):
                continue
        add[pair] = True
        count += 1
        length += hops[node]
    return least, count, length


@numba.njit(**_OPTIONS)
def load(
    pairs: Array, row: int, destination: Array, trips: Array, share: float, distance: Array, before: Array, sums: Array,
    hops: Array, tail: Array, fixed: Array, add: Array, first: Array, following: Array, path_mark: Array,
    path_start: Array, path_length: Array, path_fixed: Array, path_flow: Array, arcs: Array, paths: int, used: int,
) -> tuple[int, int]:  # fmt: skip
    """Add the paths that are wanted, and put a share of the trips of each pair on its shortest path.

    Returns
    -------
    paths, used : int
        How many paths and arcs there are now.
    """
    for pair in range(pairs[row], pairs[row + 1]):
        node = destination[pair]
        if not np.isfinite(distance[node]):
            continue
        if add[pair]:
            path = paths
            paths += 1
            following[path], first[pair] = first[pair], path
            path_mark[path], path_start[path], path_length[path] = sums[node], used, hops[node]
            path_flow[path], value = 0.0, 0.0
            while before[node] >= 0:
                arc = before[node]
                arcs[used] = arc
                used += 1
                value += fixed[arc]
                node = tail[arc]
            path_fixed[path] = value
            if share > 0.0:
                path_flow[path] = share * trips[pair]
        elif share > 0.0:
            path_flow[known(pair, sums[node], first, following, path_mark)] += share * trips[pair]
    return paths, used


@numba.njit(parallel=True, **_OPTIONS)
def add_up(path_flow: Array, path_start: Array, path_length: Array, arcs: Array, first: int, flows: Array) -> None:
    """Write the flows of the arcs, in parts (parts, arcs): their number is fixed, and so is what rounding does."""
    parts = flows.shape[0]
    count = len(path_flow) - first
    for part in numba.prange(parts):
        flows[part] = 0.0
        for path in range(first + count * part // parts, first + count * (part + 1) // parts):
            flow = path_flow[path]
            if flow > 0.0:
                for k in range(path_start[path], path_start[path] + path_length[path]):
                    flows[part, arcs[k]] += flow


@numba.njit(**_OPTIONS)
def tidy(
    first: Array, following: Array, trips: Array, path_mark: Array, path_start: Array, path_length: Array,
    path_fixed: Array, path_flow: Array, arcs: Array,
    to_following: Array, to_mark: Array, to_start: Array, to_length: Array, to_fixed: Array, to_flow: Array,
    to_arcs: Array,
) -> tuple[int, int]:  # fmt: skip
    """Copy the paths that are used, those of a pair side by side; the flows of a pair add up to its trips again."""
    paths, used = 0, 0
    for pair in range(len(first)):
        path, last, total, largest = first[pair], -1, 0.0, -1
        first[pair] = -1
        while path >= 0:
            if path_flow[path] > 0.0:
                to_following[paths], to_mark[paths], to_start[paths] = -1, path_mark[path], used
                to_length[paths], to_fixed[paths], to_flow[paths] = path_length[path], path_fixed[path], path_flow[path]
                to_arcs[used : used + path_length[path]] = (
                    arcs[path_start[path] : path_start[path] + path_length[path]]
                )  # fmt: skip
                if last < 0:
                    first[pair] = paths
                else:
                    to_following[last] = paths
                if largest < 0 or to_flow[paths] > to_flow[largest]:
                    largest = paths
                last = paths
                total += to_flow[paths]
                paths += 1
                used += path_length[path]
            path = following[path]
        if largest >= 0:
            to_flow[largest] += trips[pair] - total
    return paths, used
