"""A vertical plane through a scene: what a path crosses, in order; called by `profile_kernels` only."""

from __future__ import annotations

import math

import numpy as np

from .ground_kernels import Array, njit

_NEAR = 1e-9


@njit
def _crossing(pieces: Array, j: int, a_x: float, a_y: float, x: float, y: float) -> float:
    """Return how far along the path from a, (x, y) long, (0 to 1) it crosses a piece, -1 where it does not.

    A piece that ends on the path counts on one side only, so that who passes a corner goes in as often as out.
    """
    from_x, from_y = pieces[j, 0] - a_x, pieces[j, 1] - a_y
    to_x, to_y = pieces[j, 2] - a_x, pieces[j, 3] - a_y
    one, two = x * from_y - y * from_x, x * to_y - y * to_x
    if (one > 0.0) == (two > 0.0):
        return -1.0
    share = one / (one - two)
    along = ((from_x + share * (to_x - from_x)) * x + (from_y + share * (to_y - from_y)) * y) / (x * x + y * y)
    return along if 0.0 < along < 1.0 else -1.0


@njit
def number_at(piece: Array, a: Array, b: Array, along: float) -> float:
    """Return the number of a piece where a path crosses it."""
    x, y = a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])
    dx, dy = piece[2] - piece[0], piece[3] - piece[1]
    share = ((x - piece[0]) * dx + (y - piece[1]) * dy) / max(dx * dx + dy * dy, _NEAR)
    return piece[4] + min(max(share, 0.0), 1.0) * (piece[5] - piece[4])


@njit
def _put(found: Array, which: Array, count: int, along: float, piece: int) -> int:
    """Insert a crossing in the order of the path, once; return how many there are."""
    k = count
    while k > 0 and found[k - 1] > along:
        k -= 1
    j = k - 1
    while j >= 0 and found[j] == along:
        if which[j] == piece:
            return count
        j -= 1
    for m in range(count, k, -1):
        found[m], which[m] = found[m - 1], which[m - 1]
    found[k], which[k] = along, piece
    return count + 1


@njit
def crossings(pieces: Array, index: tuple, a: Array, b: Array, found: Array, which: Array) -> int:
    """Put how far along the path from a to b it crosses pieces, and which, in `found` and `which`.

    Return how many; -1 where they do not fit.
    """
    starts, members, left, bottom, cell, columns, rows = index
    if columns == 0:
        return 0
    x, y = (a[0] - left) / cell, (a[1] - bottom) / cell
    dx, dy = (b[0] - a[0]) / cell, (b[1] - a[1]) / cell
    column, row = int(math.floor(x)), int(math.floor(y))
    end_column, end_row = int(math.floor(x + dx)), int(math.floor(y + dy))
    step_x, step_y = (1 if dx > 0 else -1), (1 if dy > 0 else -1)
    each_x = abs(1.0 / dx) if dx != 0.0 else np.inf
    each_y = abs(1.0 / dy) if dy != 0.0 else np.inf
    next_x = (column + (1 if dx > 0 else 0) - x) / dx if dx != 0.0 else np.inf
    next_y = (row + (1 if dy > 0 else 0) - y) / dy if dy != 0.0 else np.inf
    count, a_x, a_y, long_x, long_y = 0, a[0], a[1], b[0] - a[0], b[1] - a[1]
    for _ in range(abs(end_column - column) + abs(end_row - row) + 1):
        if 0 <= column < columns and 0 <= row < rows:
            place = row * columns + column
            for k in range(starts[place], starts[place + 1]):
                along = _crossing(pieces, members[k], a_x, a_y, long_x, long_y)
                if along >= 0.0:
                    if count == found.size:
                        return -1
                    count = _put(found, which, count, along, members[k])
        if next_x < next_y:
            next_x, column = next_x + each_x, column + step_x
        else:
            next_y, row = next_y + each_y, row + step_y
    return count


@njit
def _between_cells(values: Array, u: float, v: float) -> float:
    """Return the value at a place in cells from the middle of the first."""
    rows, columns = values.shape
    u, v = min(max(u, 0.0), columns - 1.0), min(max(v, 0.0), rows - 1.0)
    i, j = min(int(u), max(columns - 2, 0)), min(int(v), max(rows - 2, 0))
    s, t = u - i, v - j
    i_next, j_next = min(i + 1, columns - 1), min(j + 1, rows - 1)
    upper = values[j, i] * (1.0 - s) + values[j, i_next] * s
    lower = values[j_next, i] * (1.0 - s) + values[j_next, i_next] * s
    return upper * (1.0 - t) + lower * t


@njit
def sampled(values: Array, left: float, top: float, cell: float, x: float, y: float) -> float:
    """Return the value of a raster between the middles of its cells, at its edge that of the nearest."""
    return _between_cells(values, (x - left) / cell - 0.5, (top - y) / cell - 0.5)


@njit
def sampled_along(
    values: Array, left: float, top: float, cell: float, x: float, y: float, dx: float, dy: float, n: int, z: Array
) -> None:
    """Put in z[k], k from 1 to n - 1, the value of a raster k steps of (dx, dy) from a place, as `sampled` does."""
    u, v, du, dv = (x - left) / cell - 0.5, (top - y) / cell - 0.5, dx / cell, -dy / cell
    for k in range(1, n):
        z[k] = _between_cells(values, u + k * du, v + k * dv)


@njit
def nearest(values: Array, left: float, top: float, cell: float, x: float, y: float) -> float:
    """Return the value of the cell of a raster in which a place lies, at its edge that of the nearest."""
    rows, columns = values.shape
    i = min(max(int((x - left) / cell), 0), columns - 1)
    j = min(max(int((top - y) / cell), 0), rows - 1)
    return values[j, i]
