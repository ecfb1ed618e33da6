"""Height on square cells from the points of a laser scan, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent, Grid, PointCloud
from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.errors import InputError

from .filling import filled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STATISTICS = ("mean", "minimum", "maximum")
MAX_CELLS = 64_000_000  # 1 GB while gridding
_TINY = 1e-6  # of a cell: an area of a whole number of cells has no sliver of a cell more


def grid_points(
    chunks: Iterable[PointCloud],
    extent: Extent,
    cell_size: float,
    *,
    statistic: str = "mean",
    fill_distance: float = 0.0,
) -> Grid:
    """Calculate the mean, lowest or highest height of the points in each cell.

    Only the cells are kept in memory, so the points may be far more than fit in it.

    Parameters
    ----------
    chunks : iterable of PointCloud
        In the CRS of the area; choose their class before (2 for ground). Points outside the area are left out.
    extent : Extent
        The area; cells start in its north-west corner and cover it whole.
    cell_size : float
        Side of a cell [m].
    statistic : {"mean", "minimum", "maximum"}
        Mean for a terrain, maximum for a surface with its trees and roofs, minimum where vegetation hides the ground.
    fill_distance : float
        Cells without points get a value where a cell with points is at most this far away [m], centre to centre;
        0 fills none. See `fill_under` for how.

    Returns
    -------
    Grid
        Height [m]; NaN where there are no points and nothing is filled in.

    Raises
    ------
    InputError
        If the cell size is not above 0 m or gives too many cells, the statistic is unknown, or points are in another
        CRS than the area.

    Examples
    --------
    >>> points = PointCloud(*np.array([[0.2, 0.4, 2.5], [0.5, 0.5, 0.5], [1.0, 3.0, 4.0]]), np.full(3, 2, np.uint8))
    >>> grid_points([points], Extent(0, 0, 3, 1), 1.0).values.tolist()
    [[2.0, nan, 4.0]]
    >>> grid_points([points], Extent(0, 0, 3, 1), 1.0, statistic="maximum", fill_distance=1).values.tolist()
    [[3.0, 3.5, 4.0]]
    """
    rows, columns = shape_of(extent, cell_size)
    if statistic not in STATISTICS:
        raise InputError("The statistic {found} is unknown; known are {known}.", found=statistic, known=STATISTICS)
    if not fill_distance >= 0:
        raise InputError("The distance to fill must be 0 m or more; found {found}.", found=fill_distance)
    start = {"mean": 0.0, "minimum": np.inf, "maximum": -np.inf}[statistic]
    values, counts = np.full(rows * columns, start), np.zeros(rows * columns, np.int64)
    for points in chunks:
        _check_crs(points, extent)
        cell, inside = cells_of(points, extent, cell_size, rows, columns)
        _gather(values, counts, cell, points.z[inside], statistic)
    if statistic == "mean":
        np.divide(values, counts, out=values, where=counts > 0)
    values[counts == 0] = np.nan
    heights = filled(values.reshape(rows, columns), fill_distance / cell_size)
    return Grid(heights, extent.x_min, extent.y_max, cell_size, extent.crs, "m", name="height")


def fill_under(grid: Grid, where: ArrayLike | None = None) -> Grid:
    """Fill every cell without a value, so that no hole is left under buildings or water.

    A hole gets the surface of a membrane stretched over its rim (see `filling`), so a plane stays a plane, and no value
    exceeds its surroundings.

    Parameters
    ----------
    grid : Grid
        Heights, shape (rows, cols); NaN is a hole.
    where : array_like, optional
        bool, shape (rows, cols): the only cells to fill, such as those of buildings; default all.

    Returns
    -------
    Grid
        Without NaN where it was to be filled, unless there is no value at all.

    Raises
    ------
    InputError
        If `where` has another shape than the grid, or the grid has a time axis.

    Examples
    --------
    >>> fill_under(Grid(np.array([[1.0, np.nan, np.nan, 4.0]]), 0, 1, 1)).values.tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """
    chosen = np.ones(grid.shape, bool) if where is None else np.asarray(where, bool)
    if grid.values.shape != chosen.shape:
        raise InputError(
            "The cells to fill have shape {found}; expected {expected}.",
            found=chosen.shape,
            expected=grid.values.shape,
        )
    values = np.where(chosen, filled(grid.values, np.inf), grid.values)
    return grid.like(values, grid.unit, grid.name)


def shape_of(extent: Extent, cell_size: float) -> tuple[int, int]:
    """Return the rows and columns of cells that cover an area; raises InputError where they are too many."""
    if not (cell_size > 0 and np.isfinite(cell_size)):
        raise InputError("The cell size must be above 0 m; found {size}.", size=cell_size)
    columns = max(1.0, np.ceil(extent.width / cell_size - _TINY))
    rows = max(1.0, np.ceil(extent.height / cell_size - _TINY))
    if rows * columns > MAX_CELLS:
        raise InputError(
            "The area {area} has {count} cells of {size} m, more than the {limit} that are calculated at once.",
            hint="Choose a smaller area or a larger cell size.",
            area=extent.bounds,
            count=int(rows * columns),
            size=cell_size,
            limit=MAX_CELLS,
        )
    return int(rows), int(columns)


def _check_crs(points: PointCloud, extent: Extent) -> None:
    """Refuse points in another horizontal CRS than the area; RD New with and without NAP is one."""
    if points.crs != extent.crs and not (is_rd(points.crs) and is_rd(extent.crs)):
        raise InputError("The points are in {found} and the area in {expected}.", found=points.crs, expected=extent.crs)


def cells_of(
    points: PointCloud, extent: Extent, cell_size: float, rows: int, columns: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the cell number of each point inside, and which are inside; NaN and infinity are not."""
    x, y = points.x, points.y
    inside = (x >= extent.x_min) & (x <= extent.x_max) & (y >= extent.y_min) & (y <= extent.y_max)
    inside &= np.isfinite(points.z)
    # The edges belong to the area, so a point on the eastern or southern edge belongs to the last cell.
    column = np.minimum(((x[inside] - extent.x_min) / cell_size).astype(np.int64), columns - 1)
    row = np.minimum(((extent.y_max - y[inside]) / cell_size).astype(np.int64), rows - 1)
    return row * columns + column, inside


def _gather(
    values: NDArray[np.float64],
    counts: NDArray[np.int64],
    cell: NDArray[np.int64],
    heights: NDArray[np.float64],
    statistic: str,
) -> None:
    """Add the heights of a chunk to the sum, minimum or maximum of their cells, in place.

    By sorting: `ufunc.at` is a hundred times slower before NumPy 1.25, and `bincount` costs the whole grid each chunk.
    """
    if not len(cell):
        return
    order = np.argsort(cell, kind="stable")
    cell, heights = cell[order], heights[order]
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    touched = cell[starts]
    counts[touched] += np.diff(np.r_[starts, len(cell)])
    if statistic == "mean":
        values[touched] += np.add.reduceat(heights, starts)
    elif statistic == "minimum":
        values[touched] = np.minimum(values[touched], np.minimum.reduceat(heights, starts))
    else:
        values[touched] = np.maximum(values[touched], np.maximum.reduceat(heights, starts))
