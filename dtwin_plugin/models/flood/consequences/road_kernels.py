"""The compiled walk along roads; nothing here is called but by `consequences_roads`."""

from __future__ import annotations

import numpy as np

from ..solvers.row_kernels import Array, exact


@exact
def _spread(start: int, label: int, labels: Array, steps: Array, queue: Array, seen: Array, mark: int) -> int:
    """Walk a road from a cell, to neighbours over edges; put the steps in `steps`, return how many cells were found.

    They stand in `queue`, the farthest one last.
    """
    rows, columns = labels.shape
    queue[0] = start
    steps[start // columns, start % columns] = 0
    seen[start // columns, start % columns] = mark
    head, tail = 0, 1
    while head < tail:
        j, i = queue[head] // columns, queue[head] % columns
        head += 1
        for side in range(4):
            down = 1 if side == 0 else -1 if side == 1 else 0
            right = 1 if side == 2 else -1 if side == 3 else 0
            r, c = j + down, i + right
            if 0 <= r < rows and 0 <= c < columns and labels[r, c] == label and seen[r, c] != mark:
                seen[r, c] = mark
                steps[r, c] = steps[j, i] + 1
                queue[tail] = r * columns + c
                tail += 1
    return tail


@exact
def walk(labels: Array, cells: Array, steps: Array, part: Array) -> int:
    """Number the cells of each road by their steps from one of its ends.

    Parameters
    ----------
    labels : shape (rows, cols), 0 = none.
    cells : indices of all cells with a label.
    steps, part : shape (rows, cols), get the steps and the number of the piece that hangs together; -1 = none.

    Returns
    -------
    int
        Number of pieces.
    """
    queue = np.empty(cells.size, np.int64)
    seen = np.zeros(labels.shape, np.int8)
    columns = labels.shape[1]
    pieces = 0
    for k in range(cells.size):
        j, i = cells[k] // columns, cells[k] % columns
        if part[j, i] >= 0:
            continue
        found = _spread(cells[k], labels[j, i], labels, steps, queue, seen, 1)
        _spread(queue[found - 1], labels[j, i], labels, steps, queue, seen, 2)  # the farthest cell is an end
        for n in range(found):
            r, c = queue[n] // columns, queue[n] % columns
            part[r, c] = pieces
            seen[r, c] = 3
        pieces += 1
    return pieces


@exact
def _root(parent: Array, node: int) -> int:
    """Return the root of a node, and shorten the way to it."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@exact
def bottlenecks(
    cells: Array, depth: Array, zone: Array, first: Array, part: Array, parent: Array, found: Array
) -> None:
    """Find for each piece the least depth up to which its two ends hang together over neighbours.

    Parameters
    ----------
    cells, depth : indices and depths of all cells, by piece and then from shallow to deep.
    zone : 1 at one end, 2 at the other, 3 at both, 0 between; in the order of `cells`.
    first : where each piece begins in `cells`, and the end of the last.
    part : shape (rows, cols), number of the piece.
    parent : -1, of the size of the grid and 2 more.
    found : a depth for each piece; stays as it is where the ends do not meet.
    """
    rows, columns = part.shape
    for p in range(found.size):
        begin, finish = rows * columns, rows * columns + 1
        parent[begin], parent[finish] = begin, finish
        for k in range(first[p], first[p + 1]):
            cell = cells[k]
            j, i = cell // columns, cell % columns
            parent[cell] = cell
            for side in range(4):
                down = 1 if side == 0 else -1 if side == 1 else 0
                right = 1 if side == 2 else -1 if side == 3 else 0
                r, c = j + down, i + right
                if 0 <= r < rows and 0 <= c < columns and part[r, c] == p and parent[r * columns + c] >= 0:
                    parent[_root(parent, r * columns + c)] = _root(parent, cell)
            if zone[k] & 1:
                parent[_root(parent, cell)] = _root(parent, begin)
            if zone[k] & 2:
                parent[_root(parent, cell)] = _root(parent, finish)
            if _root(parent, begin) == _root(parent, finish):
                found[p] = depth[k]
                break
