"""Heights of the ground along lines: between the cells of a grid, over its gaps, and as few points as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    Array = NDArray[np.float64]


def bilinear(grid: Grid, x: Array, y: Array) -> Array:
    """Return values between the centres of cells, in the shape of the places.

    A cell without data has no weight; where the cells with data weigh less than half, the value is NaN, as it is
    outside the grid.

    >>> from dtwin_plugin.data import Grid
    >>> grid = Grid(np.array([[0.0, 1.0], [2.0, 3.0]]), 0, 2, 1)
    >>> bilinear(grid, np.array([1.0, 0.5, 5.0]), np.array([1.0, 1.5, 1.0])).tolist()
    [1.5, 0.0, nan]
    """
    values = grid.values.reshape(-1, *grid.shape)[0]
    rows, columns = grid.shape
    across = (np.asarray(x, float) - grid.x_min) / grid.cell_size - 0.5
    down = (grid.y_max - np.asarray(y, float)) / grid.cell_size - 0.5
    inside = (across >= -0.5) & (across <= columns - 0.5) & (down >= -0.5) & (down <= rows - 0.5)
    across = np.where(inside, np.clip(across, 0, columns - 1), 0.0)
    down = np.where(inside, np.clip(down, 0, rows - 1), 0.0)
    column, row = np.floor(across).astype(np.int64), np.floor(down).astype(np.int64)
    right, below = np.minimum(column + 1, columns - 1), np.minimum(row + 1, rows - 1)
    u, v = across - column, down - row
    total, weight = np.zeros(u.shape), np.zeros(u.shape)
    for r, c, share in ((row, column, (1 - u) * (1 - v)), (row, right, u * (1 - v)),
                        (below, column, (1 - u) * v), (below, right, u * v)):  # fmt: skip
        cell = values[r, c].astype(np.float64)
        known = np.isfinite(cell)
        total += np.where(known, cell, 0.0) * share
        weight += known * share
    enough = inside & (weight >= 0.5)
    return np.where(enough, total / np.where(enough, weight, 1.0), np.nan)


def bridged(
    distance: Array, height: Array, groups: NDArray[np.int64], widest: float
) -> tuple[Array, NDArray[np.bool_]]:
    """Return heights along lines with gaps filled in straight lines, and which are.

    A terrain model has no ground below buildings and water.

    Parameters
    ----------
    distance : ndarray
        Along the lines [m], rising within a group.
    groups : ndarray
        Number of the line that each belongs to; a gap is filled within one line only.
    widest : float
        Gap that is still filled [m]; before the first and after the last height nothing is.

    >>> s, z = np.array([0.0, 1, 2, 3]), np.array([1.0, np.nan, 3.0, np.nan])
    >>> [part.tolist() for part in bridged(s, z, np.zeros(4, int), 5.0)]
    [[1.0, 2.0, 3.0, nan], [False, True, False, False]]
    """
    known = np.flatnonzero(np.isfinite(height))
    if not len(known):
        return height, np.zeros(len(height), bool)
    after = np.searchsorted(known, np.arange(len(height)))
    before = known[np.clip(after - 1, 0, None)]
    after = known[np.clip(after, None, len(known) - 1)]
    index = np.arange(len(height))
    fits = (before < index) & (index < after) & (groups[before] == groups) & (groups[after] == groups)
    fill = ~np.isfinite(height) & fits & (distance[after] - distance[before] <= widest)
    span = np.where(fill, distance[after] - distance[before], 1.0)
    share = (distance - distance[before]) / np.where(span > 0, span, 1.0)
    filled = height[before] + share * (height[after] - height[before])
    return np.where(fill, filled, height), fill


def bends(distance: Array, height: Array, fixed: NDArray[np.bool_], tolerance: float) -> NDArray[np.bool_]:
    """Return which points must stay so that straight lines between them keep to the heights.

    Points are added where a straight line is furthest off, until it is nowhere further than the tolerance (the method
    of Douglas and Peucker, in heights only).

    Parameters
    ----------
    distance : ndarray
        Along one line, or several behind each other [m]; not falling.
    fixed : ndarray of bool
        Points that stay in any case; the first and the last are among them.

    >>> bends(np.arange(5.0), np.array([0.0, 0.01, 1.0, 0.5, 0.0]), np.array([1, 0, 0, 0, 1], bool), 0.05).tolist()
    [True, True, True, False, True]
    """
    keep = fixed.copy()
    keep[[0, -1]] = True
    known = np.isfinite(height)
    while True:
        kept = np.flatnonzero(keep)
        off = np.abs(height - np.interp(distance, distance[kept], height[kept]))
        off = np.where(known & ~keep & np.isfinite(off), off, 0.0)
        worst = np.maximum.reduceat(off, kept)
        if not (worst > tolerance).any():
            return keep
        interval = np.searchsorted(kept, np.arange(len(off)), side="right") - 1
        highest = (off == worst[interval]) & (off > tolerance)
        _, first = np.unique(interval[highest], return_index=True)
        keep[np.flatnonzero(highest)[first]] = True
