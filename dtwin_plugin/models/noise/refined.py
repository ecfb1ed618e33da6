"""A map whose points lie closer together where sound changes fast: at roads and facades, and where levels differ.

The map is cut into squares from the middle of a cell to that of another one; a square that a road or a wall passes
through or near, or where levels turned out not to lie between those of corners, is cut into four, down to single cells.
In what is left levels are linear in dB between the corners (bilinear), so that nothing is taken from beyond a wall.
Each point is calculated by itself, and squares are cut by what is known in them: neither chunks nor threads matter.

Reference: Finkel, R.A., Bentley, J.L. (1974). Quad trees: a data structure for retrieval on composite keys. Acta
Informatica 4, 1-9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

APART = 0.7  # dB: where the middle is off by more a square is cut, so that 99 % of the map is within 1 dB
NEAR = 0.5  # sizes of a square: at a facade levels change by 8 dB from one cell to the next, unseen from farther off
SILENT = -200.0  # dB: stands for silence (-inf), between which and any sound nothing lies
_HALF = 2  # parts of a cell across in which lines are looked for, as squares begin in the middle of cells


class Mesh(NamedTuple):
    """Where a map is calculated.

    Attributes
    ----------
    squares : ndarray
        int64, first row, last row, first column and last column of cells of each, shape (n, 4).
    known : ndarray
        bool, the cells that are calculated, shape (rows, columns).
    values : ndarray
        Levels of cells that are known, at least `SILENT`, NaN elsewhere, shape (rows, columns, periods).
    """

    squares: Integers
    known: Flags
    values: Floats


def mesh_of(
    away: Floats,
    free: Flags,
    widest: int,
    calculate: Callable[[Integers], Floats],
    periods: int,
) -> Mesh:
    """Return the squares of a map and the values at their corners.

    Parameters
    ----------
    away : ndarray
        As `away_from` returns it.
    free : ndarray
        bool, the cells that lie in no building, shape (rows, columns), 2 by 2 at least; only these are calculated.
    widest : int
        Size of the largest squares, in cells.
    calculate : callable
        Gets the numbers of cells (row by row, rising) and returns their levels [dB], shape (n, periods); -inf for none.
    """
    shape = (free.shape[0], free.shape[1])
    values, known = np.full((*shape, periods), np.nan), np.zeros(shape, bool)
    squares, kept = _widest(shape, widest), [np.empty((0, 4), np.int64)]
    wholes, parents = squares, np.arange(len(squares))
    while len(squares):
        asked = np.zeros(shape, bool)
        asked[_corners(squares)] = True
        cells = np.flatnonzero(asked & free & ~known)
        if len(cells):
            values.reshape(-1, periods)[cells] = np.maximum(calculate(cells), SILENT)
            known.reshape(-1)[cells] = True
        unsure = _off(wholes, values)[parents] if len(kept) > 1 else True  # the largest ones have no middle yet
        cut = (_near(squares, away) | unsure) & (_sizes(squares) > 1)
        kept.append(squares[~cut])
        wholes = squares[cut]
        squares, parents = _quarters(wholes)
    return Mesh(np.concatenate(kept), known, values)


def between(mesh: Mesh) -> Floats:
    """Return the levels of all cells, linear in each square between its corners; NaN where a corner has none.

    What was calculated stays as it is. Where squares touch, the smaller one tells. Where a corner is silent, so is what
    lies between (-inf).

    >>> line = Mesh(np.array([[0, 2, 0, 2]]), np.zeros((3, 3), bool), np.zeros((3, 3, 1)))
    >>> line.values[2], line.known[::2, ::2] = 4.0, True
    >>> between(line)[..., 0].tolist()
    [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [4.0, 4.0, 4.0]]
    """
    values = mesh.values.copy()
    high, wide = mesh.squares[:, 1] - mesh.squares[:, 0], mesh.squares[:, 3] - mesh.squares[:, 2]
    for down, right in sorted({(int(a), int(b)) for a, b in zip(high, wide)}, key=max, reverse=True):
        if max(down, right) > 1:
            some = mesh.squares[(high == down) & (wide == right)]
            row, column = (axis.ravel() for axis in np.mgrid[: down + 1, : right + 1])
            corners = mesh.values[_corners(some)][:, None]
            found = _linear(corners, (row / down)[:, None], (column / right)[:, None])
            found = np.where((corners <= SILENT).any(axis=2), SILENT, found)
            values[some[:, :1] + row, some[:, 2:3] + column] = found
    values[mesh.known] = mesh.values[mesh.known]
    return np.where(values <= SILENT, -np.inf, values)


def away_from(cells: Grid, lines: Floats, margin: int) -> Floats:
    """Return how far the halves of cells are from the next that a line passes through, in cells.

    Parameters
    ----------
    cells : Grid
        The map; its values do not count.
    lines : ndarray
        x and y of both ends of pieces of roads and walls [m], shape (n, 4).
    margin : int
        Lines beyond the map by so many cells count too.

    Returns
    -------
    ndarray
        From the middles of the first row and column to those of the last, shape (2 rows - 2, 2 columns - 2); infinite
        where there is no line.

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> away_from(Grid(np.zeros((2, 3)), 0, 20, 10), np.array([[6.0, 0.0, 6.0, 20.0]]), 0).tolist()
    [[0.0, 0.5, 1.0, 1.5], [0.0, 0.5, 1.0, 1.5]]
    """
    from scipy.ndimage import distance_transform_edt

    edge = _HALF * margin
    rows, columns = (_HALF * (size - 1) for size in cells.shape)
    near = np.zeros((rows + 2 * edge, columns + 2 * edge), bool)
    size = cells.cell_size
    x, y = cells.x_min + 0.5 * size, cells.y_max - 0.5 * size
    ends = (lines - [x, y, x, y]) * _HALF / size * [1.0, -1.0, 1.0, -1.0]
    low, high = np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])
    ends = ends[((high >= -edge) & (low <= np.array([columns, rows]) + edge)).all(axis=1)]
    counts = np.ceil(2.0 * np.hypot(*(ends[:, 2:] - ends[:, :2]).T)).astype(np.int64) + 1  # no part is passed over
    which = np.repeat(np.arange(len(ends)), counts)
    share = (np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)) / np.maximum(counts - 1, 1)[which]
    place = ends[which, :2] + share[:, None] * (ends[which, 2:] - ends[which, :2])
    column, row = np.floor(place).astype(np.int64).T + edge
    inside = (row >= 0) & (row < near.shape[0]) & (column >= 0) & (column < near.shape[1])
    near[row[inside], column[inside]] = True
    if not near.any():
        return np.full((rows, columns), np.inf)
    return np.asarray(distance_transform_edt(~near))[edge : edge + rows, edge : edge + columns] / _HALF


def _widest(shape: tuple[int, int], widest: int) -> Integers:
    """Return squares of `widest` cells from corner to corner that cover a map; the last ones may be smaller."""
    rows, columns = (np.unique(np.append(np.arange(0, size - 1, widest), size - 1)) for size in shape)
    down, right = (axis.ravel() for axis in np.mgrid[: len(rows) - 1, : len(columns) - 1])
    return np.column_stack([rows[down], rows[down + 1], columns[right], columns[right + 1]]).astype(np.int64)


def _quarters(squares: Integers) -> tuple[Integers, Integers]:
    """Return squares cut in the middle, with the row of each; what is one cell high or wide is not cut that way."""
    rows = np.arange(len(squares))
    for first, last in ((0, 1), (2, 3)):
        wide = squares[:, last] - squares[:, first] > 1
        low, high = squares.copy(), squares[wide].copy()
        middle = (squares[:, first] + squares[:, last]) // 2
        low[wide, last] = high[:, first] = middle[wide]
        squares, rows = np.concatenate([low, high]), np.concatenate([rows, rows[wide]])
    return squares, rows


def _sizes(squares: Integers) -> Integers:
    return np.asarray(np.maximum(squares[:, 1] - squares[:, 0], squares[:, 3] - squares[:, 2]))


def _corners(squares: Integers) -> tuple[Integers, Integers]:
    """Return row and column of the corners, shape (n, 4): north-west, north-east, south-west, south-east."""
    return squares[:, [0, 0, 1, 1]], squares[:, [2, 3, 2, 3]]


def _linear(corners: Floats, south: Floats, east: Floats) -> Floats:
    """Return what lies between values at the corners, shape (..., 4, periods), at shares of the way south and east."""
    a, b, c, d = np.moveaxis(corners, -2, 0)
    return np.asarray((1 - south) * ((1 - east) * a + east * b) + south * ((1 - east) * c + east * d))


def _near(squares: Integers, away: Floats) -> Flags:
    """Return which squares have a road or wall in them, or within `NEAR` times their size of them."""
    found, sizes = np.zeros(len(squares), bool), _sizes(squares)
    for size in np.unique(sizes):
        some = sizes == size
        top, bottom, left, right = _HALF * squares[some].T
        total = np.pad(np.cumsum(np.cumsum(away <= NEAR * size, axis=0), axis=1), ((1, 0), (1, 0)))
        found[some] = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left] > 0
    return found


def _off(squares: Integers, values: Floats) -> Flags:
    """Return in which squares one of the points in the middle and on the sides does not lie between the corners."""
    top, bottom, left, right = squares.T
    row, column = (top + bottom) // 2, (left + right) // 2
    corners, found = values[_corners(squares)], np.zeros(len(squares), bool)
    for down, over in ((row, column), (top, column), (bottom, column), (row, left), (row, right)):
        south, east = (down - top) / (bottom - top), (over - left) / (right - left)
        with np.errstate(invalid="ignore"):
            off = np.abs(values[down, over] - _linear(corners, south[:, None], east[:, None]))
            found |= (off > APART).any(axis=1)
    return found
