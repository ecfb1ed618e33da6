"""Values of a raster on other cells: another size, another direction or another CRS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress

from . import crs as policy
from .raster_open import Layout, read_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LATTICE = 16  # target cells between points that are transformed exactly; between them the error is below 1 mm
_BLOCK = 512  # target cells a side that are worked on at once


@dataclass(frozen=True)
class Cells:
    """Square cells in the frame of a raster, snapped to whole multiples of their size."""

    x_min: float
    y_max: float
    size: float
    rows: int
    columns: int


def target_cells(area: Extent, size: float) -> Cells:
    """Return the cells that touch an area.

    >>> target_cells(Extent(1, 1, 9, 4), 2.0)
    Cells(x_min=0.0, y_max=4.0, size=2.0, rows=2, columns=5)
    """
    tiny = 1e-6
    left, right = np.floor(area.x_min / size + tiny), np.ceil(area.x_max / size - tiny)
    bottom, top = np.floor(area.y_min / size + tiny), np.ceil(area.y_max / size - tiny)
    rows, columns = max(1, int(top - bottom)), max(1, int(right - left))
    return Cells(float(left * size), float(top * size), size, rows, columns)


def resampled(dataset: Any, band: int, layout: Layout, cells: Cells, progress: Progress) -> NDArray[np.float32]:
    """Return the values at the centres of cells in the frame: the mean of finer cells, bilinear between coarser ones.

    A cell where more than half of the weight has no data, has none.
    """
    values = np.full((cells.rows, cells.columns), np.nan, np.float32)
    for top in range(0, cells.rows, _BLOCK):
        for left in range(0, cells.columns, _BLOCK):
            if progress.is_cancelled():
                raise Cancelled
            rows, columns = min(_BLOCK, cells.rows - top), min(_BLOCK, cells.columns - left)
            row, column = _positions(layout, cells, top, left, rows, columns)
            ratio = cells.size / layout.frame_cell_size()
            block = _sampled(dataset, band, layout, row, column, ratio)
            values[top : top + rows, left : left + columns] = block
    return values


def _positions(layout: Layout, cells: Cells, top: int, left: int, rows: int, columns: int) -> tuple[Any, Any]:
    """Return row and column in the raster (0.5 is the centre of the first cell) of each target cell's centre."""
    exact_rows = np.unique(np.append(np.arange(0, rows, _LATTICE), rows - 1))
    exact_columns = np.unique(np.append(np.arange(0, columns, _LATTICE), columns - 1))
    x = cells.x_min + (left + exact_columns + 0.5) * cells.size
    y = cells.y_max - (top + exact_rows + 0.5) * cells.size
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    if not layout.at_home:
        points = policy.from_rd(points, layout.crs)
    x0, width, turn, y0, slant, height = layout.transform
    inverse = np.linalg.inv(np.array([[width, turn], [slant, height]]))
    column, row = inverse @ (points - (x0, y0)).T
    shape = len(exact_rows), len(exact_columns)
    lattice = exact_rows, exact_columns
    return _spread(*lattice, row.reshape(shape), rows, columns), _spread(*lattice, column.reshape(shape), rows, columns)


def _spread(at_rows: Any, at_columns: Any, known: Any, rows: int, columns: int) -> NDArray[np.float64]:
    """Interpolate linearly between the lattice points."""
    wide = np.stack([np.interp(np.arange(columns), at_columns, line) for line in known])
    return np.stack([np.interp(np.arange(rows), at_rows, line) for line in wide.T], axis=1)


def _sampled(dataset: Any, band: int, layout: Layout, row: Any, column: Any, ratio: float) -> NDArray[np.float32]:
    """Return the values at positions in the raster, averaged first where its cells are finer than the target's."""
    step = max(1, int(round(ratio)))
    margin = step + 1
    top, bottom = max(0, int(row.min()) - margin), min(layout.rows, int(np.ceil(row.max())) + margin)
    left, right = max(0, int(column.min()) - margin), min(layout.columns, int(np.ceil(column.max())) + margin)
    if top >= bottom or left >= right:
        return np.full(row.shape, np.nan, np.float32)
    values = read_cells(dataset, layout, band, left, top, right - left, bottom - top)
    weight = np.isfinite(values).astype(np.float32)
    values = np.where(weight > 0, values, 0).astype(np.float32)
    if step > 1:
        # A moving mean over step x step cells: at the target's centre it is the mean of the cells that it covers.
        return _divided(*(_moving_mean(part, row - top, column - left, ratio) for part in (values, weight)))
    return _divided(*(_bilinear(part, row - top, column - left) for part in (values, weight)))


def _divided(total: Any, weight: Any) -> NDArray[np.float32]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight >= 0.5 - 1e-6, total / weight, np.nan).astype(np.float32)


def _bilinear(values: Any, row: Any, column: Any) -> NDArray[np.float64]:
    from scipy.ndimage import map_coordinates

    inside = (row >= 0) & (row <= values.shape[0]) & (column >= 0) & (column <= values.shape[1])
    found = map_coordinates(values, (row - 0.5, column - 0.5), order=1, mode="nearest", output=np.float64)
    return np.where(inside, found, 0.0)


def _moving_mean(values: Any, row: Any, column: Any, ratio: float) -> NDArray[np.float64]:
    """Return the mean over a square of `ratio` cells a side around positions, by the sums of all cells north-west."""
    from scipy.ndimage import map_coordinates

    sums = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=sums[1:, 1:])
    half = ratio / 2

    def upto(rows: Any, columns: Any) -> NDArray[np.float64]:
        return map_coordinates(sums, (rows, columns), order=1, mode="nearest")

    total = (
        upto(row + half, column + half)
        - upto(row - half, column + half)
        - upto(row + half, column - half)
        + upto(row - half, column - half)
    )
    return total / ratio**2
