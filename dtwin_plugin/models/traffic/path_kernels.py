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

Array = NDArray[Any]
numba = load_numba("assign traffic")
_OPTIONS = {"nogil": True, "cache": may_cache("assign traffic"), "error_model": "numpy"}
EQUAL = 1e-14  # of a cost: a path that is not shorter by this is not shorter, but rounded otherwise


@numba.njit(inline="always", **_OPTIONS)
def _sink(heap: Array, key: Array, size: int) -> None:
    """Put the last of a heap in the place of its first."""
    last, value, at, child = heap[size], key[size], 0, 1
    while child < size:
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= value:
            break
        heap[at], key[at] = heap[child], key[child]
        at, child = child, 2 * child + 1
    heap[at], key[at] = last, value


@numba.njit(inline="always", **_OPTIONS)
def _rise(heap: Array, key: Array, at: int, node: int, value: float) -> None:
    """Add a node to a heap."""
    while at > 0 and key[(at - 1) >> 1] > value:
        heap[at], key[at] = heap[(at - 1) >> 1], key[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at], key[at] = node, value


@numba.njit(**_OPTIONS)
def _tree(
    out_start: Array, out_arc: Array, tail: Array, ends: Array, cost: Array, first_through: int, marks: Array,
    origin: int, distance: Array, before: Array, sums: Array, hops: Array, heap: Array, key: Array,
) -> None:  # fmt: skip
    """Grow the tree of an origin, as `shortest_kernels.settle`; a node that nobody may pass never waits in the heap.

    Here a node waits once for each time that it came nearer (`heap` has room for all arcs), with its distance beside
    it, and all but the nearest are passed over: with few of them this is faster than moving a node that waits.
    """
    distance[:], before[:] = np.inf, -1
    distance[origin], sums[origin], hops[origin], heap[0], key[0] = 0.0, 0, 0, origin, 0.0
    size = 1
    while size > 0:
        node, here = heap[0], key[0]
        size -= 1
        _sink(heap, key, size)
        if here > distance[node]:
            continue
        if before[node] >= 0:
            above = tail[before[node]]
            sums[node], hops[node] = sums[above] + marks[before[node]], hops[above] + 1
        for k in range(out_start[node], out_start[node + 1]):
            there, other = here + cost[k], ends[k]
            if there < distance[other]:
                distance[other] = there
                before[other] = out_arc[k]
                if other < first_through:
                    continue
                _rise(heap, key, size, other, there)
                size += 1
    for node in range(first_through):
        if before[node] >= 0:
            above = tail[before[node]]
            sums[node], hops[node] = sums[above] + marks[before[node]], hops[above] + 1


@numba.njit(parallel=True, **_OPTIONS)
def grow(
    out_start: Array, out_arc: Array, tail: Array, ends: Array, cost: Array, first_through: int, marks: Array,
    kinds: Array, origins: Array, distance: Array, before: Array, sums: Array, hops: Array,
) -> None:  # fmt: skip
    """Grow the tree of each bundle, with the sum of marks to each node.

    `ends` and `cost` (classes, arcs) are those of the arcs in the order in which they leave the nodes.
    """
    for i in numba.prange(len(origins)):
        heap, key = np.empty(len(tail) + 1, np.int32), np.empty(len(tail) + 1)
        _tree(
            out_start, out_arc, tail, ends, cost[kinds[i]], first_through, marks, origins[i], distance[i], before[i],
            sums[i], hops[i], heap, key,
        )  # fmt: skip


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


@numba.njit(**_OPTIONS)
def wanted_of(
    pairs: Array, begin: int, destination: Array, trips: Array, distance: Array, sums: Array, hops: Array,
    always: bool, first: Array, following: Array, path_mark: Array, path_start: Array, path_length: Array,
    path_fixed: Array, arcs: Array, time: Array, add: Array,
) -> tuple[float, int, int]:  # fmt: skip
    """Tell `wanted` for the bundles from `begin` on, a row of `distance` each."""
    least, count, length = 0.0, 0, 0
    for row in range(len(distance)):
        part, paths, more = wanted(
            pairs, begin + row, destination, trips, distance[row], sums[row], hops[row], always, first, following,
            path_mark, path_start, path_length, path_fixed, arcs, time, add,
        )  # fmt: skip
        least, count, length = least + part, count + paths, length + more
    return least, count, length


@numba.njit(**_OPTIONS)
def load_of(
    pairs: Array, begin: int, destination: Array, trips: Array, share: float, distance: Array, before: Array,
    sums: Array, hops: Array, tail: Array, kinds: Array, fixed: Array, add: Array, reached: Array, first: Array,
    following: Array, path_mark: Array, path_start: Array, path_length: Array, path_fixed: Array, path_flow: Array,
    arcs: Array, paths: int, used: int,
) -> tuple[int, int]:  # fmt: skip
    """Do `load` for the bundles from `begin` on, and write which pairs are reached at all."""
    for row in range(len(distance)):
        paths, used = load(
            pairs, begin + row, destination, trips, share, distance[row], before[row], sums[row], hops[row], tail,
            fixed[kinds[row]], add, first, following, path_mark, path_start, path_length, path_fixed, path_flow, arcs,
            paths, used,
        )  # fmt: skip
        for pair in range(pairs[begin + row], pairs[begin + row + 1]):
            reached[pair] = np.isfinite(distance[row, destination[pair]])
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
