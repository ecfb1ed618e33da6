"""The compiled loops that let water fill depressions, spill and merge; called by `depressions` only.

References
----------
B21 : Barnes, Callaghan, Wickert (2021), Earth Surf. Dynam. 9, 105-121, doi:10.5194/esurf-9-105-2021.
"""

from __future__ import annotations

import numpy as np

from .depression_kernels import Array, njit
from .depression_tree_kernels import leaf_spans


@njit
def basin_sums(basin: Array, runoff: Array, leaves: int) -> Array:
    """Return the sum of what runs off [m], over the cells of each basin (0 = straight out of the area)."""
    sums = np.zeros(leaves + 1)
    for cell in range(len(basin)):
        if basin[cell] >= 0:
            sums[basin[cell]] += runoff[cell] if len(runoff) > 1 else runoff[0]
    return sums


@njit
def _tree(sums: Array, spans: Array) -> Array:
    """Return the tree of sums over pits, in the order of their spans: leaves in its second half, pairs before."""
    size = 1
    while size < len(sums):
        size *= 2
    tree = np.zeros(2 * size)
    for leaf in range(1, len(sums)):
        tree[size + spans[leaf, 0]] = sums[leaf]
    for i in range(size - 1, 0, -1):
        tree[i] = tree[2 * i] + tree[2 * i + 1]
    return tree


@njit
def _add(tree: Array, leaf: int, amount: float) -> None:
    """Add to one leaf of a tree of sums."""
    i = leaf + len(tree) // 2
    while i > 0:
        tree[i] += amount
        i //= 2


@njit
def _sum(tree: Array, span: Array) -> float:
    """Return the sum over a span of leaves; no differences, so that nothing stays exactly 0."""
    total, low, high = 0.0, span[0] + len(tree) // 2, span[1] + len(tree) // 2
    while low < high:
        if low % 2:
            total += tree[low]
            low += 1
        if high % 2:
            high -= 1
            total += tree[high]
        low //= 2
        high //= 2
    return total


@njit
def _settle(node: int, amount: float, links: Array, room: Array, water: Array, pool: Array) -> None:
    """Write down what a depression holds, and whether it is one pool: a pit, or both children are full."""
    first, second = links[node, 1], links[node, 2]
    water[node] = amount
    if amount > 0 and (first == 0 or amount >= room[node] or amount >= room[first] + room[second]):
        pool[node] = node


@njit
def fill_spill_merge(links: Array, order: Array, room: Array, sums: Array) -> tuple[Array, Array, Array, float]:
    """Let the water of each basin fill its pit, spill into the next, and merge (B21, from the top down).

    What a depression receives is known before its children: a sum over the pits in it. So each is looked at once,
    those that were linked to the edge last first, as theirs may spill into the others.

    Parameters
    ----------
    links, order : ndarray
        As `merge` gives them.
    room, sums : ndarray
        What each depression holds, and what runs off to each pit [cells x m].

    Returns
    -------
    water, pool, spilt, left
        For each depression what it holds, the pool that it is part of (0 = it is none, its children may be) and what
        flows over its pass [cells x m]; what leaves the area.
    """
    leaves, nodes = len(sums) - 1, len(links)
    spans = leaf_spans(links, leaves)
    tree = _tree(sums, spans)
    water, spilt, pool = np.zeros(nodes), np.zeros(nodes), np.zeros(nodes, np.int32)
    left = sums[0]
    for n in range(1, nodes):
        if links[n, 0] == 0 and room[n] == np.inf:
            _settle(n, _sum(tree, spans[n]), links, room, water, pool)
    for i in range(len(order) - 1, -1, -1):
        n = order[i]
        if n < 0:
            n = -n
            amount = _sum(tree, spans[n])
            if amount > room[n]:
                spilt[n] = amount - room[n]
                amount = room[n]
                if links[n, 3]:
                    _add(tree, spans[links[n, 3], 0], spilt[n])
                else:
                    left += spilt[n]
            _settle(n, amount, links, room, water, pool)
            continue
        first, second = links[n, 1], links[n, 2]
        if pool[n]:
            pool[first], pool[second] = pool[n], pool[n]
            continue
        a, b = _sum(tree, spans[first]), _sum(tree, spans[second])
        for _ in range(2):
            if a > room[first]:
                spilt[first] = a - room[first]
                _add(tree, spans[links[first, 3], 0], spilt[first])
                a, b = room[first], b + spilt[first]
            first, second, a, b = second, first, b, a
        _settle(first, min(a, room[first]), links, room, water, pool)
        _settle(second, min(b, room[second]), links, room, water, pool)
    return water, pool, spilt, left


@njit
def cells_of_partial(z: Array, node: Array, pool: Array, partial: Array, height: Array, cells: Array) -> int:
    """Return how many cells lie in pools that are not full; with room in the arrays, write their heights and places."""
    count, room = 0, len(height)
    for cell in range(len(z)):
        if node[cell] > 0 and pool[node[cell]] > 0 and partial[pool[node[cell]]]:
            if room:
                height[count], cells[count] = z[cell], cell
            count += 1
    return count


@njit
def partial_levels(height: Array, cells: Array, node: Array, pool: Array, water: Array, level: Array) -> None:
    """Write the level [m] of pools that are not full: the cells below it hold just their water.

    Parameters
    ----------
    height, cells : ndarray
        Of the cells in such pools, by rising height.
    water : ndarray
        What the pools hold [cells x m].
    level : ndarray
        Written where it is NaN.
    """
    nodes = len(pool)
    count, low, below = np.zeros(nodes, np.int64), np.zeros(nodes), np.zeros(nodes)
    done = np.zeros(nodes, np.bool_)
    for i in range(len(cells)):
        p = pool[node[cells[i]]]
        if done[p]:
            continue
        if count[p] == 0:
            low[p] = height[i]
        above = height[i] - low[p]
        if count[p] and count[p] * above - below[p] >= water[p]:
            done[p] = True
            continue
        count[p] += 1
        below[p] += above
    for p in range(nodes):
        if count[p]:
            level[p] = low[p] + (water[p] + below[p]) / count[p]


@njit
def depths(z: Array, node: Array, pool: Array, level: Array, basin: Array, depth: Array) -> float:
    """Write the depth of each cell [m], NaN outside the area; return the sum of all before they are rounded."""
    total = 0.0
    for cell in range(len(z)):
        depth[cell] = np.nan if basin[cell] < 0 else 0.0
        if node[cell] > 0:
            p = pool[node[cell]]
            if p and level[p] > z[cell]:
                water = level[p] - z[cell]
                depth[cell] = water
                total += water
    return total
