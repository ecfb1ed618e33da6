"""Triangles to cells: the height of a plane at the centre of each cell that lies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..raster_resample import Cells

_PAIRS = 2_000_000  # pairs of a triangle and a cell that are looked at together
_EDGE = 1e-9  # share of a triangle by which a centre on its edge may lie outside by rounding


def burn(values: NDArray[np.float32], cells: Cells, xyz: NDArray[np.float64], triangles: NDArray[np.int64]) -> None:
    """Write the heights of triangles into the cells whose centre they cover.

    Parameters
    ----------
    values : ndarray
        Shape (rows, cols) [m]; cells that no triangle covers keep their value.
    xyz : ndarray
        Shape (n, 3) [m].
    triangles : ndarray
        int64, shape (m, 3).

    >>> from dtwin_plugin.sources.raster_resample import Cells
    >>> plane = np.full((2, 2), np.nan, np.float32)
    >>> xyz = np.array([(0.0, 0.0, 0.0), (4.0, 0.0, 4.0), (0.0, 4.0, 0.0)])
    >>> burn(plane, Cells(0.0, 2.0, 1.0, 2, 2), xyz, np.array([[0, 1, 2]]))
    >>> plane.tolist()
    [[0.5, 1.5], [0.5, 1.5]]
    """
    corners = xyz[triangles]
    x = (corners[:, :, 0] - cells.x_min) / cells.size - 0.5  # columns, 0 at the centre of the first
    y = (cells.y_max - corners[:, :, 1]) / cells.size - 0.5
    first_column = np.clip(np.ceil(x.min(axis=1)), 0, cells.columns).astype(np.int64)
    last_column = np.clip(np.floor(x.max(axis=1)) + 1, 0, cells.columns).astype(np.int64)
    first_row = np.clip(np.ceil(y.min(axis=1)), 0, cells.rows).astype(np.int64)
    last_row = np.clip(np.floor(y.max(axis=1)) + 1, 0, cells.rows).astype(np.int64)
    wide, high = np.maximum(0, last_column - first_column), np.maximum(0, last_row - first_row)
    counts = wide * high
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        stop = max(start + 1, int(np.searchsorted(ends, (ends[start - 1] if start else 0) + _PAIRS, side="right")))
        chosen = np.arange(start, stop)
        pair = np.repeat(chosen, counts[chosen])
        number = np.arange(len(pair)) - np.repeat(
            ends[chosen] - counts[chosen] - (ends[start] - counts[start]), counts[chosen]
        )
        column = first_column[pair] + number % np.maximum(1, wide[pair])
        row = first_row[pair] + number // np.maximum(1, wide[pair])
        _fill(values, x[pair], y[pair], corners[pair, :, 2], column, row)
        start = stop


def _fill(
    values: NDArray[np.float32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    z: NDArray[np.float64],
    column: NDArray[np.int64],
    row: NDArray[np.int64],
) -> None:
    """Write the heights of the pairs in which the centre of the cell lies in the triangle (barycentric)."""
    dx, dy = column - x[:, 2], row - y[:, 2]
    area = (y[:, 1] - y[:, 2]) * (x[:, 0] - x[:, 2]) + (x[:, 2] - x[:, 1]) * (y[:, 0] - y[:, 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        a = ((y[:, 1] - y[:, 2]) * dx + (x[:, 2] - x[:, 1]) * dy) / area
        b = ((y[:, 2] - y[:, 0]) * dx + (x[:, 0] - x[:, 2]) * dy) / area
        inside = (area != 0) & (a >= -_EDGE) & (b >= -_EDGE) & (a + b <= 1 + _EDGE)
    a, b = a[inside], b[inside]
    z = z[inside]
    values[row[inside], column[inside]] = a * z[:, 0] + b * z[:, 1] + (1 - a - b) * z[:, 2]
