"""The compiled loops over the tree of depressions; called by `depressions` only.

Nodes are numbered 1 ...: first the pits, then each depression that two others form when they merge, so that a parent
has a larger number than its children. Node 0 is what leaves the area.

References
----------
B20 : Barnes, Callaghan, Wickert (2020), Earth Surf. Dynam. 8, 431-445, doi:10.5194/esurf-8-431-2020.
B21 : Barnes, Callaghan, Wickert (2021), Earth Surf. Dynam. 9, 105-121, doi:10.5194/esurf-9-105-2021.
M83 : Myers (1983), Inf. Process. Lett. 17, 241-245, doi:10.1016/0020-0190(83)90106-0 (jump pointers).
"""

from __future__ import annotations

import numpy as np

from .depression_kernels import OUT, PIT, Array, njit, offsets_of


@njit
def _find(sets: Array, item: int) -> int:
    while sets[item] != item:
        sets[item] = sets[sets[item]]
        item = sets[item]
    return item


@njit
def merge(z: Array, basin: Array, level: Array, place: Array, pits: Array, width: int) -> tuple[Array, ...]:
    """Let the water rise from pass to pass, and write down which depressions meet (B20, section 3.3, Kruskal).

    Returns
    -------
    links : ndarray
        int32, shape (nodes, 7): parent, both children (0 = none), the basin that it spills into and the cells on this
        and the other side of that pass (0 = none), and the deepest pit within. Parent 0: it spills towards the edge,
        or nowhere.
    spill : ndarray
        float64, shape (nodes,) [m]: level at which it spills, inf where it cannot.
    order : ndarray
        Nodes in the order in which they came to be and, negative, in which they were linked to the edge.
    bridges : ndarray
        int32, shape (bridges, 2): the cells of the passes that hold all basins together; 0 is outside.
    """
    offsets = offsets_of(width)
    leaves = len(pits)
    links = np.zeros((2 * leaves + 1, 7), np.int32)
    spill = np.full(2 * leaves + 1, np.inf)
    order, bridges = np.empty(2 * leaves + 1, np.int32), np.zeros((leaves, 2), np.int32)
    sets, node = np.arange(leaves + 1), np.arange(leaves + 1)
    for leaf in range(1, leaves + 1):
        links[leaf, 6] = leaf
    nodes, events, count = leaves + 1, 0, 0
    for i in range(len(level)):
        cell, k = place[i] // 5, place[i] % 5
        other = cell + offsets[k + 2] if k < 4 else 0
        one, two = basin[cell], basin[other] if k < 4 else 0
        a, b = _find(sets, one), _find(sets, two)
        if a == b:
            continue
        bridges[count, 0], bridges[count, 1] = cell, other
        count += 1
        outer = _find(sets, 0)
        for _ in range(2):
            if a != outer:  # `a` spills into the basin of the other side
                own = node[a]
                spill[own] = level[i]
                links[own, 3], links[own, 4], links[own, 5] = two, cell, other
            a, b, one, two, cell, other = b, a, two, one, other, cell
        if a == outer or b == outer:
            order[events] = -node[b if a == outer else a]
            sets[b] = a
        else:
            first, second = node[a], node[b]
            links[first, 0], links[second, 0] = nodes, nodes
            links[nodes, 1], links[nodes, 2] = first, second
            deep, deeper = links[first, 6], links[second, 6]
            links[nodes, 6] = deep if z[pits[deep - 1]] <= z[pits[deeper - 1]] else deeper
            order[events] = nodes
            sets[b] = a
            node[a] = nodes
            nodes += 1
        events += 1
    return links[:nodes].copy(), spill[:nodes].copy(), order[:events].copy(), bridges[:count].copy()


@njit
def jumps(links: Array, spill: Array) -> tuple[Array, Array]:
    """Return for each node an ancestor, chosen so that any ancestor is reached in few steps (M83), and the top level.

    The top level [m] is that at which the largest depression that it is part of spills.
    """
    nodes = len(links)
    far, depth, top = np.zeros(nodes, np.int32), np.zeros(nodes, np.int32), np.zeros(nodes)
    for n in range(nodes - 1, 0, -1):
        p = links[n, 0]
        if p == 0:
            far[n], top[n] = n, spill[n]
            continue
        top[n] = top[p]
        depth[n] = depth[p] + 1
        q = far[p]
        far[n] = far[q] if depth[p] - depth[q] == depth[q] - depth[far[q]] else p
    return far, top


@njit
def nodes_of_cells(z: Array, basin: Array, links: Array, spill: Array, far: Array, top: Array) -> tuple[Array, Array]:
    """Turn the basin of each cell into the smallest depression that covers it before it spills; 0 = none.

    Returns
    -------
    cells : ndarray
        int64, shape (nodes,): number of cells of each depression that are in none of its children.
    room : ndarray
        float64: what they hold below the level of spilling, in cells x m; 0 where it cannot spill.
    """
    cells, room = np.zeros(len(links), np.int64), np.zeros(len(links))
    parent = links[:, 0].copy()
    for cell in range(len(z)):
        n = basin[cell]
        if n <= 0:
            continue
        height = z[cell]
        if top[n] <= height:
            n = 0
        while n and spill[n] <= height:
            n = far[n] if spill[far[n]] <= height and far[n] != n else parent[n]
        basin[cell] = n
        if n:
            cells[n] += 1
            if spill[n] < np.inf:
                room[n] += spill[n] - height
    return cells, room


@njit
def capacities(links: Array, spill: Array, cells: Array, room: Array) -> None:
    """Add to each depression what its children hold, and the layer above them up to its own level."""
    for n in range(1, len(links)):
        p = links[n, 0]
        if p:
            cells[p] += cells[n]
            room[p] = room[p] + room[n] + (spill[p] - spill[n]) * cells[n] if spill[p] < np.inf else np.inf
        elif spill[n] == np.inf:
            room[n] = np.inf


@njit
def leaf_spans(links: Array, leaves: int) -> Array:
    """Return which pits lie in each node, as a span of an order of all pits, shape (nodes, 2)."""
    nodes = len(links)
    counts, spans = np.zeros(nodes, np.int64), np.zeros((nodes, 2), np.int64)
    for n in range(1, nodes):
        counts[n] += n <= leaves
        if links[n, 0]:
            counts[links[n, 0]] += counts[n]
    at = 0
    for n in range(nodes - 1, 0, -1):
        if links[n, 0] == 0:
            spans[n, 0] = at
            at += counts[n]
        spans[n, 1] = spans[n, 0] + counts[n]
        first, second = links[n, 1], links[n, 2]
        if first:
            spans[first, 0] = spans[n, 0]
            spans[second, 0] = spans[n, 0] + counts[first]
    return spans


@njit
def carve(flow: Array, links: Array, spill: Array, pits: Array, bridges: Array, basin: Array, width: int) -> None:
    """Lead the flow of every basin over its lowest pass to the edge: turn its path to the pit round (C19, 2.3.2).

    Where there is no way to the edge, all goes to the deepest pit. `basin` is that of `label_basins`.
    """
    offsets = offsets_of(width)
    leaves = len(pits)
    starts = np.zeros(leaves + 2, np.int64)
    for i in range(len(bridges)):
        for side in range(2):
            starts[max(basin[bridges[i, side]], 0) + 1] += 1
    for n in range(leaves + 1):
        starts[n + 1] += starts[n]
    filled, beside = starts[:-1].copy(), np.empty(2 * len(bridges), np.int64)
    for i in range(len(bridges)):
        for side in range(2):
            leaf = max(basin[bridges[i, side]], 0)
            beside[filled[leaf]] = 2 * i + side
            filled[leaf] += 1
    reached, queue = np.zeros(leaves + 1, np.bool_), np.zeros(leaves + 1, np.int64)
    first, last = 0, 1
    reached[0] = True
    for n in range(1, len(links)):
        if links[n, 0] == 0 and spill[n] == np.inf:
            queue[last] = links[n, 6]
            reached[links[n, 6]] = True
            last += 1
    while first < last:
        leaf = queue[first]
        first += 1
        for i in range(starts[leaf], starts[leaf + 1]):
            bridge, side = beside[i] // 2, beside[i] % 2
            target, cell = bridges[bridge, side], bridges[bridge, 1 - side]
            upper = max(basin[cell], 0)
            if reached[upper]:
                continue
            reached[upper] = True
            queue[last] = upper
            last += 1
            _turn(flow, offsets, cell, target)


@njit
def _turn(flow: Array, offsets: Array, cell: int, target: int) -> None:
    """Turn the path from a cell to its pit round, so that it ends in the target (0 = outside)."""
    new = OUT
    for k in range(8):
        if target and cell + offsets[k] == target:
            new = k
    while True:
        old = flow[cell]
        flow[cell] = new
        if old == PIT:
            break
        cell += offsets[old]
        new = (old + 4) % 8
