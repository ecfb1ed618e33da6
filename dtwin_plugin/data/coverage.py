"""Which share of each cell polygons cover, to the last digit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .geometries import Geometries
    from .grid import Grid


def coverage(polygons: Geometries, grid: Grid) -> NDArray[np.float64]:
    """Return the share of each cell that lies within polygons, shape (rows, cols) [1].

    Every edge adds the signed area between itself and the eastern side of the grid, cut at borders of cells, so that
    the areas sum up to those of the polygons. Holes run against their outer ring or not; parts may not overlap.

    References
    ----------
    Levien, R. (2016). The accumulation buffer of font-rs (signed area coverage).

    Examples
    --------
    >>> from .geometries import Geometries
    >>> from .grid import Grid
    >>> piece = [[[(0.5, 0), (2, 0), (2, 1), (0.5, 1), (0.5, 0)]]]
    >>> coverage(Geometries.build("polygon", [piece]), Grid(np.zeros((2, 3)), 0, 2, 1)).tolist()
    [[0.0, 0.0, 0.0], [0.5, 1.0, 0.0]]
    """
    rows, columns = grid.shape
    result = np.zeros((rows, columns))
    for part in range(len(polygons.parts) - 1):
        whole = np.zeros((rows, columns))
        for ring in range(polygons.parts[part], polygons.parts[part + 1]):
            xy = polygons.coordinates[polygons.rings[ring] : polygons.rings[ring + 1], :2]
            cells = np.column_stack([xy[:, 0] - grid.x_min, grid.y_max - xy[:, 1]]) / grid.cell_size
            own = _ring(np.vstack([cells, cells[:1]]), rows, columns)
            sign = 1.0 if ring == polygons.parts[part] else -1.0
            whole += sign * np.abs(own)
        result += whole
    return np.clip(result, 0.0, 1.0)


def _ring(cells: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
    """Return the signed share of each cell within a closed ring, given as column and row."""
    area, edge = np.zeros((rows, columns)), np.zeros((rows, columns + 1))
    for (x1, y1), (x2, y2) in zip(cells[:-1], cells[1:]):
        if y1 == y2:
            continue
        low, high = max(0.0, min(y1, y2)), min(float(rows), max(y1, y2))
        if low >= high:
            continue
        places = _cuts(x1, y1, x2, y2, low, high)
        sign = 1.0 if y2 > y1 else -1.0
        x = x1 + (places - y1) * (x2 - x1) / (y2 - y1)
        height = np.diff(places) * sign
        middle = (x[1:] + x[:-1]) / 2
        row = np.clip(np.floor((places[1:] + places[:-1]) / 2), 0, rows - 1).astype(np.int64)
        column = np.floor(middle)
        inside = (column >= 0) & (column < columns)
        at = np.clip(column, 0, columns).astype(np.int64)
        share = np.where(inside, at + 1 - middle, 1.0)  # of the cell that the piece crosses, to the east of it
        np.add.at(area, (row[inside], at[inside]), (height * share)[inside])
        east = np.where(column < 0, 0, at + 1)
        kept = column < columns
        np.add.at(edge, (row[kept], east[kept]), height[kept])
    return area + np.cumsum(edge, axis=1)[:, :columns]


def _cuts(x1: float, y1: float, x2: float, y2: float, low: float, high: float) -> NDArray[np.float64]:
    """Return where an edge enters another cell, as rows, with both ends."""
    rows = np.arange(np.ceil(low), np.floor(high) + 1)
    left, right = min(x1, x2), max(x1, x2)
    columns = np.arange(np.ceil(left), np.floor(right) + 1) if right - left < 1e6 else np.empty(0)
    crossings = y1 + (columns - x1) * (y2 - y1) / (x2 - x1) if x1 != x2 else np.empty(0)
    found = np.concatenate([[low, high], rows, crossings])
    return np.unique(found[(found >= low) & (found <= high)])
