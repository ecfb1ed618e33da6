"""Polygons to cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

EDGES, CELLS = 200_000, 4_000_000  # of one chunk: they bound the memory

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
    owners = np.repeat(np.arange(len(polygons)), np.diff(polygons.features)) + 1  # of each part
    counts = _edge_counts(polygons)
    first = 0
    while first < len(owners):  # by chunks of parts, so that memory is bounded by the chunk
        stop = max(first + 1, int(np.searchsorted(counts, counts[first] + EDGES, side="right")) - 1)
        part, edges = _edges(polygons, first, stop, grid)
        _fill(result, part, edges, owners)
        first = stop
    return result


def _edge_counts(polygons: Geometries) -> NDArray[np.int64]:
    """Return how many edges lie before each part, and how many there are."""
    return np.asarray(polygons.rings)[np.asarray(polygons.parts)].astype(np.int64)


def _edges(polygons: Geometries, first: int, stop: int, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the part and the edge, in cells from the north-west: column, row, column, row; shape (edges, 4).

    A ring that is left open is closed; a part with a coordinate that is not a finite number is left out.
    """
    low, high = polygons.parts[first], polygons.parts[stop]  # rings
    rings = np.asarray(polygons.rings[low : high + 1])
    xy = polygons.coordinates[rings[0] : rings[-1], :2]
    starts, lengths = rings[:-1] - rings[0], np.diff(rings)
    after = np.arange(1, len(xy) + 1)
    after[starts[lengths > 0] + lengths[lengths > 0] - 1] = starts[lengths > 0]
    cells = np.column_stack([xy[:, 0] - grid.x_min, grid.y_max - xy[:, 1]]) / grid.cell_size
    part = np.repeat(np.repeat(np.arange(first, stop), np.diff(polygons.parts[first : stop + 1])), lengths)
    broken = np.zeros(stop - first, bool)
    broken[part[~np.isfinite(cells).all(axis=1)] - first] = True
    kept = ~broken[part - first]
    return part[kept], np.hstack([cells, cells[after]])[kept]


def _fill(
    result: NDArray[np.int32], part: NDArray[np.int64], edges: NDArray[np.float64], owners: NDArray[np.int64]
) -> None:
    """Write the owner of each part into the cells whose centre lies between pairs of its edges, row by row."""
    rows, columns = result.shape
    # north to south, so that the neighbour that shares an edge rounds its crossings alike
    edges = np.where(edges[:, 1:2] <= edges[:, 3:4], edges, edges[:, [2, 3, 0, 1]])
    # the rows whose centre an edge crosses; half open: a vertex on the line counts once
    top = np.clip(np.ceil(edges[:, 1] - 0.5), 0, rows).astype(np.int64)
    bottom = np.clip(np.ceil(edges[:, 3] - 0.5), 0, rows).astype(np.int64)
    which = np.repeat(np.arange(len(edges)), bottom - top)
    row = np.arange(len(which)) - np.repeat(np.cumsum(bottom - top) - (bottom - top), bottom - top) + top[which]
    x1, y1, x2, y2 = edges[which].T
    crossing = x1 + (row + 0.5 - y1) / (y2 - y1) * (x2 - x1)
    order = np.lexsort((crossing, row, part[which]))
    # the first and last cell with their centre in between
    column = np.clip(np.ceil(crossing[order] - 0.5), 0, columns).astype(np.int64)
    before = order[0::2]
    owner, left, widths = owners[part[which[before]]], row[before] * columns + column[0::2], column[1::2] - column[0::2]
    ends = np.cumsum(widths)
    first = 0
    while first < len(ends):  # by some cells at a time; of equal cells the last counts
        done = ends[first] - widths[first]
        stop = max(first + 1, int(np.searchsorted(ends, done + CELLS, side="right")))
        some = slice(first, stop)
        cells = np.repeat(left[some] - (ends[some] - widths[some] - done), widths[some])
        cells += np.arange(ends[stop - 1] - done)
        result.ravel()[cells] = np.repeat(owner[some], widths[some])
        first = stop
