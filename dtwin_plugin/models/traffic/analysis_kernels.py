"""Paths read for who uses an arc and who turns where, compiled; called by `analysis` only."""

from __future__ import annotations

from .cost_kernels import Array, njit


@njit
def uses(path_start: Array, path_length: Array, arcs: Array, marked: Array, chosen: Array) -> None:
    """Write which paths use any of the arcs that are marked."""
    for path in range(len(chosen)):
        for k in range(path_start[path], path_start[path] + path_length[path]):
            if marked[arcs[k]]:
                chosen[path] = True
                break


@njit
def turns(
    path_start: Array, path_length: Array, arcs: Array, flow: Array, out_start: Array, place: Array, head: Array,
    start: Array, found: Array,
) -> None:  # fmt: skip
    """Add up the flow from each arc to each arc that leaves its head; paths lie from their end back."""
    for path in range(len(flow)):
        for k in range(path_start[path], path_start[path] + path_length[path] - 1):
            after, before = arcs[k], arcs[k + 1]
            found[start[before] + place[after] - out_start[head[before]]] += flow[path]
