"""Dijkstra's method, compiled; nothing here is called but by `shortest` and by the kernels of assignment.

The nodes that wait lie in a heap of four children a node, with the place of each, so that a node waits once. Of ties
the node that came first goes first, so that a tree is the same on every machine.

References
----------
D59 : Dijkstra (1959), A note on two problems in connexion with graphs, Numerische Mathematik 1, 269-271.
J75 : Johnson (1975), Priority queues with update and finding minimum spanning trees, Inf. Proc. Letters 4, 53-57.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]
numba = load_numba("find shortest paths")
_OPTIONS = {"nogil": True, "cache": may_cache("find shortest paths"), "error_model": "numpy"}
DONE = np.int32(-2)  # place of a node whose distance is final
AWAY = np.int32(-1)  # place of a node that was not reached yet


@numba.njit(inline="always", **_OPTIONS)
def rise(heap: Array, place: Array, key: Array, at: int, node: int) -> None:
    """Move a node towards the top of the heap until none above it is farther."""
    distance = key[node]
    while at > 0:
        above = (at - 1) >> 2
        other = heap[above]
        if key[other] <= distance:
            break
        heap[at] = other
        place[other] = at
        at = above
    heap[at] = node
    place[node] = at


@numba.njit(inline="always", **_OPTIONS)
def sink(heap: Array, place: Array, key: Array, size: int, node: int) -> None:
    """Put a node on top of the heap and let it sink until none below it is nearer."""
    distance, at = key[node], 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        best, least = child, key[heap[child]]
        for k in range(child + 1, min(child + 4, size)):
            value = key[heap[k]]
            if value < least:
                best, least = k, value
        if least >= distance:
            break
        other = heap[best]
        heap[at] = other
        place[other] = at
        at = best
    heap[at] = node
    place[node] = at


@numba.njit(**_OPTIONS)
def settle(
    start: Array, star: Array, ends: Array, cost: Array, first_through: int, limit: float,
    distance: Array, before: Array, source: Array, heap: Array, place: Array, order: Array, waiting: int,
) -> int:  # fmt: skip
    """Grow shortest paths from the nodes that wait in the heap; return how many nodes were reached within the limit.

    Parameters
    ----------
    start, star, ends : ndarray
        The star of the graph and the node at the far end of each arc: forward, or backward with its tails.
    cost : ndarray
        float64, shape (arcs,), 0 or more; infinite = closed.
    distance, before, source : ndarray
        Shape (nodes,), written: distance, arc by which the node is reached (-1 = none), node where the path begins.
        Nodes that wait have their distance and themselves as source; others infinity.
    heap, place, order : ndarray
        int32, shape (nodes,): the heap, the place of each node in it, and, written, the nodes in order of distance.
    waiting : int
        How many nodes wait.
    """
    size, count = waiting, 0
    while size > 0:
        node = heap[0]
        here = distance[node]
        if here > limit:
            break
        size -= 1
        if size > 0:
            sink(heap, place, distance, size, heap[size])
        place[node] = DONE
        order[count] = node
        count += 1
        if node < first_through and source[node] != node:
            continue  # may end a path, not carry one on
        for k in range(start[node], start[node + 1]):
            arc = star[k]
            other = ends[arc]
            there = here + cost[arc]
            if there < distance[other]:
                distance[other] = there
                before[other] = arc
                source[other] = source[node]
                if place[other] == AWAY:
                    place[other] = size
                    size += 1
                rise(heap, place, distance, place[other], other)
    for k in range(size):  # reached, but beyond the limit
        node = heap[k]
        distance[node] = np.inf
        before[node] = -1
        source[node] = -1
    return count


@numba.njit(**_OPTIONS)
def tree_of(
    start: Array, star: Array, ends: Array, cost: Array, first_through: int, limit: float, origin: int,
    distance: Array, before: Array, source: Array, heap: Array, place: Array, order: Array,
) -> int:  # fmt: skip
    """Grow the tree of shortest paths of one origin; as `settle`, with the arrays made ready."""
    distance[:] = np.inf
    before[:] = -1
    source[:] = -1
    place[:] = AWAY
    distance[origin] = 0.0
    source[origin] = origin
    heap[0] = origin
    place[origin] = 0
    return int(settle(start, star, ends, cost, first_through, limit, distance, before, source, heap, place, order, 1))


@numba.njit(**_OPTIONS)
def nearest_of(
    start: Array, star: Array, ends: Array, cost: Array, first_through: int, limit: float, begins: Array,
    offsets: Array, distance: Array, before: Array, source: Array,
) -> int:  # fmt: skip
    """Grow shortest paths from many nodes at once; `source` tells from which each node is reached."""
    nodes = len(distance)
    heap, place, order = np.empty(nodes, np.int32), np.full(nodes, AWAY, np.int32), np.empty(nodes, np.int32)
    distance[:] = np.inf
    before[:] = -1
    source[:] = -1
    size = 0
    for i in range(len(begins)):
        node = begins[i]
        if offsets[i] < distance[node]:
            distance[node] = offsets[i]
            source[node] = node
            if place[node] == AWAY:
                place[node] = size
                size += 1
            rise(heap, place, distance, place[node], node)
    return int(
        settle(start, star, ends, cost, first_through, limit, distance, before, source, heap, place, order, size)
    )


@numba.njit(parallel=True, **_OPTIONS)
def trees_of(
    start: Array, star: Array, ends: Array, cost: Array, first_through: int, limit: float, origins: Array,
    distance: Array, before: Array,
) -> None:  # fmt: skip
    """Grow the trees of many origins, rows of `distance` and `before`, each by itself: threads change nothing."""
    for i in numba.prange(len(origins)):
        nodes = distance.shape[1]
        source, heap = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        place, order = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        tree_of(
            start, star, ends, cost, first_through, limit, origins[i],
            distance[i], before[i], source, heap, place, order,
        )  # fmt: skip


@numba.njit(parallel=True, **_OPTIONS)
def skims_of(
    start: Array, star: Array, ends: Array, cost: Array, first_through: int, limit: float, origins: Array,
    targets: Array, values: Array, distance: Array, sums: Array,
) -> None:  # fmt: skip
    """Write the distance from each origin to each target, and the sums of `values` (kinds, arcs) along that path."""
    for i in numba.prange(len(origins)):
        nodes, kinds = len(start) - 1, values.shape[0]
        reach, before, source = np.empty(nodes), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        heap, place, order = np.empty(nodes, np.int32), np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        count = tree_of(
            start, star, ends, cost, first_through, limit, origins[i], reach, before, source, heap, place, order
        )
        along = np.zeros(nodes)
        other = np.empty(nodes, np.int32)
        for n in range(nodes):  # the node on the other side of the arc by which each is reached
            other[n] = -1
        for n in range(nodes):
            for k in range(start[n], start[n + 1]):
                if before[ends[star[k]]] == star[k]:
                    other[ends[star[k]]] = n
        for j in range(len(targets)):
            distance[i, j] = reach[targets[j]]
        for kind in range(kinds):
            for k in range(count):
                node = order[k]
                along[node] = along[other[node]] + values[kind, before[node]] if before[node] >= 0 else 0.0
            for j in range(len(targets)):
                sums[kind, i, j] = along[targets[j]] if np.isfinite(reach[targets[j]]) else np.nan
