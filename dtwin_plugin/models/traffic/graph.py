"""A directed graph as arrays; the arcs that leave and enter each node lie side by side (forward, backward star)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.errors import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Graph:
    """Nodes and the arcs between them; made by `graph_of`.

    Attributes
    ----------
    tail, head : ndarray
        int64, shape (arcs,): the node that each arc leaves, and the one that it enters.
    nodes, zones : int
        How many nodes there are; the first `zones` of them are the zones that trips begin and end in.
    first_through : int
        Nodes below it only begin or end a path (the rule of the first through node); 0 = all nodes may be passed.
    out_start, out_arc, in_start, in_arc : ndarray
        int32: the arcs that leave node n are `out_arc[out_start[n]:out_start[n + 1]]`, those that enter it likewise.
    """

    tail: Ints
    head: Ints
    nodes: int
    zones: int
    first_through: int
    out_start: NDArray[np.int32]
    out_arc: NDArray[np.int32]
    in_start: NDArray[np.int32]
    in_arc: NDArray[np.int32]

    @property
    def arcs(self) -> int:
        """How many arcs there are."""
        return len(self.tail)


def graph_of(tail: Any, head: Any, nodes: int, zones: int, first_through: int = 0) -> Graph:
    """Return the graph of arcs.

    Parameters
    ----------
    tail, head : array of int
        Shape (arcs,): nodes, 0 ... `nodes` - 1. Arcs side by side and loops are allowed.
    nodes, zones, first_through : int
        As `Graph` has them.

    Raises
    ------
    InputError
        If an arc names a node that is not there, or there are more zones than nodes.

    Examples
    --------
    >>> graph = graph_of([0, 2, 0], [2, 1, 1], nodes=3, zones=2, first_through=2)
    >>> graph.out_arc[graph.out_start[0] : graph.out_start[1]].tolist()
    [0, 2]
    """
    tail, head = (np.ascontiguousarray(ends, np.int64).reshape(-1) for ends in (tail, head))
    if len(tail) != len(head):
        raise InputError("A graph needs as many tails ({tails}) as heads ({heads}).", tails=len(tail), heads=len(head))
    if not (0 <= zones <= nodes and 0 <= first_through <= nodes):
        raise InputError(
            "A graph of {nodes} nodes cannot have {zones} zones and first through node {first}.",
            nodes=nodes,
            zones=zones,
            first=first_through,
        )
    for ends in (tail, head):
        if len(ends) and not 0 <= int(ends.min()) <= int(ends.max()) < nodes:
            raise InputError("An arc names a node that does not exist; nodes go from 0 to {last}.", last=nodes - 1)
    out_start, out_arc = _star(tail, nodes)
    in_start, in_arc = _star(head, nodes)
    return Graph(tail, head, nodes, zones, first_through, out_start, out_arc, in_start, in_arc)


def _star(ends: Ints, nodes: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    start = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(ends, minlength=nodes), out=start[1:])
    return start, np.argsort(ends, kind="stable").astype(np.int32)
