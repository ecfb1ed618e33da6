"""Culverts and walls: lines that are thinner than a cell, and still let water through or hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.columns import number_with_comma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Geometries, Grid

    from .prepare_findings import Findings

_END = 1  # cells around the end of a culvert in which the ground is looked for
_ABOVE = 0.1  # m: an end that lies higher above the ground than this is a finding


def cells_of_line(line: NDArray[np.float64], cells: Grid) -> tuple[NDArray[np.int64], ...]:
    """Return the cells that a line passes, in its order, each beside the one before it (four directions).

    Parameters
    ----------
    line : ndarray
        Shape (points, 2) [m].

    Returns
    -------
    rows, columns : ndarray
        Of cells within the grid.
    share : ndarray
        How far along the line each is, 0 to 1.

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> grid = Grid(np.zeros((3, 3)), 0, 3, 1)
    >>> rows, columns, _ = cells_of_line(np.array([[0.5, 2.5], [2.5, 0.6]]), grid)
    >>> list(zip(rows.tolist(), columns.tolist()))
    [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]
    """
    points = np.column_stack([line[:, 0] - cells.x_min, cells.y_max - line[:, 1]]) / cells.cell_size
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    total = along[-1] or 1.0
    found: list[tuple[int, int, float]] = []
    for k, (start, end) in enumerate(zip(points[:-1], points[1:])):
        cuts = [np.array([0.0, 1.0])]
        for axis in (0, 1):
            low, high = sorted((start[axis], end[axis]))
            if high > low:
                borders = np.arange(np.ceil(low), np.floor(high) + 1)
                cuts.append((borders - start[axis]) / (end[axis] - start[axis]))
        t = np.unique(np.clip(np.concatenate(cuts), 0.0, 1.0))
        middle = (t[1:] + t[:-1]) / 2
        for u in middle:
            column, row = np.floor(start + u * (end - start)).astype(int)
            share = float((along[k] + u * steps[k]) / total)
            if found and found[-1][:2] == (row, column):
                continue
            if found and row != found[-1][0] and column != found[-1][1]:  # through a corner
                found.append((found[-1][0], column, share))
            found.append((row, column, share))
    rows, columns = cells.shape
    inside = [item for item in found if 0 <= item[0] < rows and 0 <= item[1] < columns]
    row, column, share = np.array(inside, float).reshape(-1, 3).T
    return row.astype(np.int64), column.astype(np.int64), share


def open_culverts(
    heights: NDArray[np.float32],
    cells: Grid,
    culverts: Features,
    columns: tuple[str | None, str | None],
    findings: Findings,
) -> NDArray[np.float32]:
    """Return the terrain with a channel of one cell along each culvert or passage.

    Its bottom runs straight from the level at its start to that at its end: of the columns [m NAP] where they have
    one, else that of the lowest of both ends of the ground (within one cell) along the whole of it.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries, Grid
    >>> from .prepare_findings import Findings
    >>> z = np.array([[1.0, 5.0, 5.0, 0.5]], np.float32)
    >>> grid = Grid(z, 0, 1, 1)
    >>> line = Features(Geometries.build("line", [[[[(0.5, 0.5), (3.5, 0.5)]]]]))
    >>> open_culverts(z, grid, line, (None, None), Findings(grid)).tolist()
    [[0.5, 0.5, 0.5, 0.5]]
    """
    result = heights.copy()
    levels = [_numbers(culverts, name) for name in columns]
    shapes = culverts.geometries
    for k in range(len(shapes)):
        for line in _lines(shapes, k):
            row, column, share = cells_of_line(line, cells)
            if not len(row):
                continue
            ends = [_lowest(heights, row[i], column[i]) for i in (0, -1)]
            ground = float(np.nanmin(ends)) if np.isfinite(ends).any() else np.nan
            start, end = (given[k] if np.isfinite(given[k]) else ground for given in levels)
            for i, level, found in ((0, levels[0][k], ends[0]), (-1, levels[1][k], ends[1])):
                if level > found + _ABOVE:
                    findings.add("DT166", (float(line[i, 0]), float(line[i, 1])), level - found)
            if not np.isfinite(start + end):
                continue
            bottom = start + share * (end - start)
            before = result[row, column].astype(float)
            result[row, column] = np.fmin(before, bottom)
            change = float(np.nanmin(np.append(result[row, column] - before, 0.0)))
            length = float(np.hypot(*np.diff(line, axis=0).T).sum())
            middle = len(row) // 2
            place = (
                cells.x_min + (column[middle] + 0.5) * cells.cell_size,
                cells.y_max - (row[middle] + 0.5) * cells.cell_size,
            )
            findings.add("DT172", place, length, change)
    return result


def hold_walls(
    heights: NDArray[np.float32], cells: Grid, fine: Grid, walls: Features, column: str | None
) -> NDArray[np.float32]:
    """Return the terrain raised along walls to the highest cell of the fine terrain on the line, or the given height.

    Parameters
    ----------
    heights : ndarray
        [m], on `cells`.
    fine : Grid
        The terrain before its cells were made larger.
    column : str or None
        Of the walls: height of the top [m NAP]; where it is empty the terrain itself counts.
    """
    result = heights.copy()
    top = _numbers(walls, column)
    for k in range(len(walls)):
        for line in _lines(walls.geometries, k):
            row, found, _ = cells_of_line(line, cells)
            if np.isfinite(top[k]):
                result[row, found] = np.fmax(result[row, found], top[k])
                continue
            r, c, _ = cells_of_line(line, fine)
            x = fine.x_min + (c + 0.5) * fine.cell_size
            y = fine.y_max - (r + 0.5) * fine.cell_size
            row, found, inside = cells.cells(x, y)
            np.fmax.at(result, (row[inside], found[inside]), fine.values[r[inside], c[inside]])
    return result


def _lines(shapes: Geometries, feature: int) -> list[NDArray[np.float64]]:
    """Return the lines of a feature that have two points or more."""
    parts = range(shapes.features[feature], shapes.features[feature + 1])
    rings = [ring for part in parts for ring in range(shapes.parts[part], shapes.parts[part + 1])]
    lines = [shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1], :2] for ring in rings]
    return [line for line in lines if len(line) > 1 and np.isfinite(line).all()]


def _lowest(heights: NDArray[np.float32], row: int, column: int) -> float:
    """Return the lowest height within a cell of one; NaN if none is known."""
    around = heights[max(0, row - _END) : row + _END + 1, max(0, column - _END) : column + _END + 1]
    return float(np.nanmin(around)) if np.isfinite(around).any() else np.nan


def _numbers(features: Features, name: str | None) -> NDArray[np.float64]:
    """Return a column as numbers; NaN where it is empty, or there is none."""
    column = features.columns[name].tolist() if name else [None] * len(features)
    return np.array([number_with_comma(value) for value in column], float)
