"""Polygons to cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .geometries import Geometries
    from .grid import Grid


def labels(polygons: Geometries, grid: Grid) -> NDArray[np.int32]:
    """Return which polygon covers the centre of each cell.

    Parts of a feature may overlap; where features overlap, the last one counts. Holes are left out (even-odd rule).
    Polygons that share an edge share no cell and leave none between them; a part with a coordinate that is not a
    finite number is left out.

    Returns
    -------
    ndarray
        int32, shape (rows, cols): 0 for none, k for feature k - 1.

    Examples
    --------
    >>> from .geometries import Geometries
    >>> from .grid import Grid
    >>> square = [[[(0, 0), (2, 0), (2, 1), (0, 1), (0, 0)]]]
    >>> labels(Geometries.build("polygon", [square]), Grid(np.zeros((2, 3)), 0, 2, 1)).tolist()
    [[0, 0, 0], [1, 1, 0]]
    """
    result = np.zeros(grid.shape, np.int32)
    for feature in range(len(polygons)):
        for part in range(polygons.features[feature], polygons.features[feature + 1]):
            _fill(result, _edges(polygons, part, grid), feature + 1)
    return result


def _edges(polygons: Geometries, part: int, grid: Grid) -> NDArray[np.float64]:
    """Return the edges of one polygon in cells from the north-west, shape (edges, 4): column, row, column, row."""
    pieces = []
    for ring in range(polygons.parts[part], polygons.parts[part + 1]):
        xy = polygons.coordinates[polygons.rings[ring] : polygons.rings[ring + 1], :2]
        cells = np.column_stack([xy[:, 0] - grid.x_min, grid.y_max - xy[:, 1]]) / grid.cell_size
        pieces.append(np.hstack([cells, np.roll(cells, -1, axis=0)]))  # closes a ring that is left open
    return np.concatenate(pieces) if pieces else np.empty((0, 4))


def _fill(result: NDArray[np.int32], edges: NDArray[np.float64], label: int) -> None:
    """Write `label` into the cells whose centre lies between pairs of edges, row by row."""
    if not len(edges) or not np.isfinite(edges).all():
        return
    rows, columns = result.shape
    # north to south, so that the neighbour that shares an edge rounds its crossings alike
    edges = np.where(edges[:, 1:2] <= edges[:, 3:4], edges, edges[:, [2, 3, 0, 1]])
    low, high = edges[:, 1], edges[:, 3]
    for row in range(max(0, int(np.floor(low.min()))), min(rows, int(np.ceil(high.max())))):
        y = row + 0.5
        x1, y1, x2, y2 = edges[(low <= y) & (y < high)].T  # half open: a vertex on the line counts once
        crossings = np.sort(x1 + (y - y1) / (y2 - y1) * (x2 - x1))
        # the first and last cell with their centre in between
        starts = np.clip(np.ceil(crossings[0::2] - 0.5), 0, columns).astype(int)
        ends = np.clip(np.ceil(crossings[1::2] - 0.5), 0, columns).astype(int)
        for start, end in zip(starts, ends):
            result[row, start:end] = label
