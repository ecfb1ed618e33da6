"""Shortest paths beside SciPy's, by hand, and the rules of the first through node, the limit and the threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.traffic.graph import graph_of
from dtwin_plugin.models.traffic.shortest import nearest, path, skims, tree, trees


def random_graph(seed, nodes=30, arcs=90, first_through=0):
    rng = np.random.default_rng(seed)
    tail, head = rng.integers(0, nodes, (2, arcs))
    cost = rng.integers(1, 20, arcs).astype(float)  # whole numbers: sums are exact, and ties occur
    return graph_of(tail, head, nodes, 5, first_through), cost


def slow(graph, cost):
    """SciPy's distances; of arcs side by side the cheapest, which SciPy would add up."""
    best = {}
    for tail, head, value in zip(graph.tail, graph.head, cost):
        key = (int(tail), int(head))
        best[key] = min(value, best.get(key, np.inf))
    tails, heads = np.array(list(best)).T
    return dijkstra(coo_array((list(best.values()), (tails, heads)), shape=(graph.nodes, graph.nodes)).tocsr())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_distances_are_those_of_scipy_both_ways(seed):
    graph, cost = random_graph(seed)
    expected = slow(graph, cost)
    distance, before = trees(graph, cost, np.arange(graph.nodes))
    assert (distance == expected).all()
    assert (trees(graph, cost, np.arange(graph.nodes), reverse=True)[0] == expected.T).all()
    for node in range(graph.nodes):
        arcs = path(graph, before[3], node)
        assert sum(cost[arcs]) == (distance[3, node] if np.isfinite(distance[3, node]) else 0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_nodes_below_the_first_through_node_are_never_passed(seed):
    graph, cost = random_graph(seed, first_through=5)
    for origin in range(7):
        closed = cost.copy()
        closed[(graph.tail < 5) & (graph.tail != origin)] = np.inf
        assert (tree(graph, cost, origin)[0] == tree(graph_of(graph.tail, graph.head, 30, 5), closed, origin)[0]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 40))
def test_a_limit_leaves_out_what_is_farther(seed, limit):
    graph, cost = random_graph(seed)
    whole, (part, before) = tree(graph, cost, 0)[0], tree(graph, cost, 0, limit=limit)
    assert (part == np.where(whole <= limit, whole, np.inf)).all()
    assert (before[~np.isfinite(part)] == -1).all()


def test_the_nearest_of_many_is_the_best_of_their_trees():
    graph, cost = random_graph(7)
    offsets = np.array([3.0, 0.0, 7.0])
    for reverse in (False, True):
        each = trees(graph, cost, [2, 9, 14], reverse=reverse)[0] + offsets[:, None]
        distance, _, source = nearest(graph, cost, [2, 9, 14], offsets, reverse=reverse)
        assert (distance == each.min(axis=0)).all()
        reached = np.isfinite(distance)
        rows = np.searchsorted([2, 9, 14], source[reached])
        assert (each[rows, np.flatnonzero(reached)] == distance[reached]).all() and (source[~reached] == -1).all()


def test_skims_add_up_along_the_path_that_is_shortest_by_cost():
    graph, cost = random_graph(11)
    values = np.stack([cost, np.random.default_rng(1).random(graph.arcs)])
    distance, sums = skims(graph, cost, values, [0, 4], np.arange(graph.nodes))
    expected, before = trees(graph, cost, [0, 4])
    assert (distance == expected).all()
    assert (np.where(np.isnan(sums[0]), np.inf, sums[0]) == expected).all()
    for row in range(2):
        for node in np.flatnonzero(np.isfinite(expected[row])):
            assert sums[1, row, node] == pytest.approx(values[1][path(graph, before[row], node)].sum(), rel=1e-14)


def test_threads_change_nothing():
    graph, cost = random_graph(5, nodes=200, arcs=700)
    one, two = (trees(graph, cost, np.arange(200), threads=threads) for threads in (1, 2))
    assert (one[0] == two[0]).all() and (one[1] == two[1]).all()


def test_a_closed_arc_is_not_driven():
    graph = graph_of([0, 1, 0], [1, 2, 2], 3, 0)
    assert tree(graph, [1.0, np.inf, 3.0], 0)[0].tolist() == [0, 1, 3]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: graph_of([0], [3], 3, 0), "does not exist"),
        (lambda: graph_of([0], [1], 3, 4), "4 zones"),
        (lambda: graph_of([0, 1], [1], 3, 1), "as many tails"),
        (lambda: tree(graph_of([0], [1], 2, 0), [-1.0], 0), "0 or more"),
        (lambda: tree(graph_of([0], [1], 2, 0), [np.nan], 0), "0 or more"),
        (lambda: tree(graph_of([0], [1], 2, 0), [1.0, 2.0], 0), "as many costs"),
        (lambda: tree(graph_of([0], [1], 2, 0), [1.0], 2), "does not exist"),
        (lambda: nearest(graph_of([0], [1], 2, 0), [1.0], [0], [-1.0]), "cost before"),
        (lambda: skims(graph_of([0], [1], 2, 0), [1.0], [[1.0, 2.0]], [0], [1]), "one row each"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()
