"""Shortest paths in a graph: from one node, from many at once, and sums of other values along them.

A cost is a float64 for each arc, 0 or more (minutes, metres, money); infinite = the arc is closed. With `reverse` the
paths run *to* the origin instead of from it. Nodes below the first through node only begin or end a path.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dtwin_plugin.errors import InputError

from ..parallel import parallel_kernels, thread_count
from .graph import Floats, Graph, Ints

PURPOSE = "find shortest paths"
Arcs = NDArray[np.int32]


def checked(graph: Graph, cost: Any) -> Floats:
    """Return costs as the kernels want them; raises `InputError` where one is missing, negative or no number."""
    cost = np.ascontiguousarray(cost, np.float64)
    if cost.shape != (graph.arcs,):
        raise InputError("{arcs} arcs need as many costs, not {found}.", arcs=graph.arcs, found=cost.size)
    if not (cost >= 0).all():
        raise InputError(
            "Arc {arc} costs {cost}; a cost must be 0 or more.",
            hint="Give a closed arc an infinite cost.",
            arc=int(np.flatnonzero(~(cost >= 0))[0]),
            cost=float(cost[~(cost >= 0)][0]),
        )
    return cost


def _star(graph: Graph, reverse: bool) -> tuple[Any, Any, Any]:
    if reverse:
        return graph.in_start, graph.in_arc, graph.tail
    return graph.out_start, graph.out_arc, graph.head


def _nodes(graph: Graph, nodes: Any) -> Ints:
    nodes = np.ascontiguousarray(np.atleast_1d(nodes), np.int64)
    if len(nodes) and not 0 <= int(nodes.min()) <= int(nodes.max()) < graph.nodes:
        raise InputError("Paths cannot begin or end at a node that does not exist.")
    return nodes


def tree(graph: Graph, cost: Any, origin: int, limit: float = np.inf, reverse: bool = False) -> tuple[Floats, Arcs]:
    """Return the tree of shortest paths of one node.

    Parameters
    ----------
    cost : array
        float64, shape (arcs,).
    origin : int
        The node that paths begin at; with `reverse` the one that they end at.
    limit : float
        Nodes farther away than this are left out.

    Returns
    -------
    distance : ndarray
        float64, shape (nodes,): infinite where not reached.
    arc_before : ndarray
        int32, shape (nodes,): the last arc of the path to the node (with `reverse` the first from it); -1 = none.

    Raises
    ------
    InputError
        If a cost is negative, or the node does not exist.

    Examples
    --------
    >>> from .graph import graph_of
    >>> graph = graph_of([0, 1, 0], [1, 2, 2], nodes=3, zones=0)
    >>> [found.tolist() for found in tree(graph, [1.0, 1.0, 3.0], 0)]
    [[0.0, 1.0, 2.0], [-1, 0, 1]]
    """
    distance, before = trees(graph, cost, [origin], limit, reverse, threads=1)
    return distance[0], before[0]


def trees(
    graph: Graph,
    cost: Any,
    origins: Any,
    limit: float = np.inf,
    reverse: bool = False,
    threads: int | None = None,
) -> tuple[Floats, Arcs]:
    """Return the trees of many nodes, in parallel: as `tree`, with shape (origins, nodes).

    Parameters
    ----------
    cost : array_like
        Of each arc, shape (arcs,), in the unit of what comes out, such as min.
    origins : array_like
        Numbers of nodes, shape (origins,).
    limit : float
        Nodes that cost more are not looked for: their distance is inf.
    """
    from .shortest_kernels import trees_of

    cost, origins = checked(graph, cost), _nodes(graph, origins)
    distance = np.empty((len(origins), graph.nodes))
    before = np.empty((len(origins), graph.nodes), np.int32)
    with parallel_kernels(thread_count(threads, PURPOSE)):
        trees_of(*_star(graph, reverse), cost, graph.first_through, float(limit), origins, distance, before)
    return distance, before


def nearest(
    graph: Graph, cost: Any, sources: Any, offsets: Any = None, limit: float = np.inf, reverse: bool = False
) -> tuple[Floats, Arcs, Arcs]:
    """Return from which of many nodes each node is reached first.

    Parameters
    ----------
    sources : array of int
        Shape (sources,): nodes that paths begin at; with `reverse` those that they end at.
    offsets : array, optional
        float64, shape (sources,): the cost before each source (the time to turn out, the way to the road).

    Returns
    -------
    distance, arc_before : ndarray
        As of `tree`.
    source : ndarray
        int32, shape (nodes,): the node of `sources` that is nearest; -1 where none is reached.

    Examples
    --------
    >>> from .graph import graph_of
    >>> graph = graph_of([0, 1, 2, 3], [1, 2, 1, 2], nodes=4, zones=0)
    >>> [found.tolist() for found in nearest(graph, np.ones(4), [0, 3], offsets=[0.0, 0.5])]
    [[0.0, 1.0, 1.5, 0.5], [-1, 0, 3, -1], [0, 0, 3, 3]]
    """
    from .shortest_kernels import nearest_of

    cost, sources = checked(graph, cost), _nodes(graph, sources)
    offsets = np.zeros(len(sources)) if offsets is None else np.ascontiguousarray(offsets, np.float64)
    if offsets.shape != sources.shape or not (offsets >= 0).all():
        raise InputError("Each node that paths begin at needs one cost before it, of 0 or more.")
    distance = np.empty(graph.nodes)
    before, source = np.empty(graph.nodes, np.int32), np.empty(graph.nodes, np.int32)
    nearest_of(
        *_star(graph, reverse), cost, graph.first_through, float(limit), sources, offsets, distance, before, source
    )
    return distance, before, source


def skims(
    graph: Graph, cost: Any, values: Any, origins: Any, targets: Any, threads: int | None = None
) -> tuple[Floats, Floats]:
    """Return distances between nodes and what else adds up along the shortest paths.

    Parameters
    ----------
    values : array
        float64, shape (kinds, arcs): length, toll, time, ... of each arc; shape (0, arcs) for distances only.
    origins, targets : array of int
        Nodes.

    Returns
    -------
    distance : ndarray
        float64, shape (origins, targets), infinite where there is no path.
    sums : ndarray
        float64, shape (kinds, origins, targets), NaN where there is no path.

    Examples
    --------
    >>> from .graph import graph_of
    >>> graph = graph_of([0, 1, 0], [1, 2, 2], nodes=3, zones=0)
    >>> [found.tolist() for found in skims(graph, [1.0, 1.0, 3.0], [[500.0, 600.0, 900.0]], [0], [2])]
    [[[2.0]], [[[1100.0]]]]
    """
    from .shortest_kernels import skims_of

    cost, origins, targets = checked(graph, cost), _nodes(graph, origins), _nodes(graph, targets)
    values = np.ascontiguousarray(values, np.float64)
    if values.ndim != 2 or values.shape[1] != graph.arcs:
        raise InputError("Values that add up along a path need one row each, with a value for every arc.")
    distance = np.empty((len(origins), len(targets)))
    sums = np.empty((len(values), len(origins), len(targets)))
    with parallel_kernels(thread_count(threads, PURPOSE)):
        skims_of(*_star(graph, False), cost, graph.first_through, np.inf, origins, targets, values, distance, sums)
    return distance, sums


def path(graph: Graph, arc_before: Arcs, node: int, reverse: bool = False) -> list[int]:
    """Return the arcs of the path to a node in the order of driving; empty where it is not reached.

    >>> from .graph import graph_of
    >>> graph = graph_of([0, 1], [1, 2], nodes=3, zones=0)
    >>> path(graph, tree(graph, [1.0, 1.0], 0)[1], 2)
    [0, 1]
    """
    ends, arcs = graph.head if reverse else graph.tail, []
    while arc_before[node] >= 0:
        arcs.append(int(arc_before[node]))
        node = int(ends[arcs[-1]])
    return arcs if reverse else arcs[::-1]
