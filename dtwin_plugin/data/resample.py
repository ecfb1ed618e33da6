"""A grid at another cell size or on another grid's cells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray


def coarsened(grid: Grid, cell_size: float) -> Grid:
    """Return the mean of blocks of whole cells; NaN only where a block holds no data at all.

    Raises
    ------
    InputError
        If `cell_size` is not a whole multiple of the grid's.

    Examples
    --------
    >>> coarsened(Grid(np.array([[1, 3, 5], [1, np.nan, 5]]), 0, 1, 0.5), 1.0).values.tolist()
    [[1.6666666269302368, 5.0]]
    """
    factor = round(cell_size / grid.cell_size)
    if factor < 1 or abs(factor * grid.cell_size - cell_size) > 1e-6 * cell_size:
        raise InputError(
            "A cell size of {wanted} m cannot be made from cells of {found} m.",
            hint="Choose a whole multiple.",
            wanted=cell_size,
            found=grid.cell_size,
        )
    if factor == 1:
        return grid
    rows, columns = grid.shape
    padding = [(0, 0)] * (grid.values.ndim - 2) + [(0, -rows % factor), (0, -columns % factor)]
    padded = np.pad(grid.values, padding, constant_values=np.nan)
    blocks = padded.reshape(*padded.shape[:-2], padded.shape[-2] // factor, factor, padded.shape[-1] // factor, factor)
    values = mean_of_known(blocks, (-3, -1))
    return replace(grid, values=values, cell_size=grid.cell_size * factor)


def mean_of_known(values: NDArray[np.floating], axis: tuple[int, ...]) -> NDArray[np.floating]:
    """Return means over axes without what is NaN; NaN where nothing is known.

    As `numpy.nanmean` without its warning, which can only be silenced for all threads of a process at once.

    >>> mean_of_known(np.array([[1.0, np.nan], [np.nan, np.nan]]), (1,)).tolist()
    [1.0, nan]
    """
    known = ~np.isnan(values)
    total = np.where(known, values, np.zeros((), values.dtype)).sum(axis=axis)
    with np.errstate(invalid="ignore"):  # 0 / 0
        return (total / known.sum(axis=axis)).astype(total.dtype)


def aligned(grid: Grid, target: Grid) -> Grid:
    """Return a grid's values at the cell centres of another grid; NaN outside it."""
    rows, columns = target.shape
    x = target.x_min + (np.arange(columns) + 0.5) * target.cell_size
    y = target.y_max - (np.arange(rows) + 0.5) * target.cell_size
    return replace(target, values=grid.sample(*np.meshgrid(x, y)), unit=grid.unit, name=grid.name, times=grid.times)
