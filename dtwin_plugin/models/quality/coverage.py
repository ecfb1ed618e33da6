"""What is missing: heights, ids, dates of the sources, and parts of the area."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Heights that every object of the register is meant to have; a ridge or a floor level may rightly be absent.
HEIGHTS = ("b3_h_maaiveld", "b3_h_min", "b3_h_50p", "b3_h_70p", "b3_h_max", "measuredHeight", "bouwhoogte")
IDS = ("id", "identificatie", "lokaal_id", "lokaalid", "gml_id")
DATES = ("b3_pw_datum", "pw_datum", "opnamedatum")
SOURCES = ("b3_pw_bron", "b3_pw_selectie_reden")
QUALITY = ("b3_kwaliteitsindicator",)
_SENTINEL = 9000.0  # m; no height in the Netherlands is beyond it: -9999, 9999 and 32767 stand for "unknown"
_YEAR = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)")

Columns = Mapping[str, "NDArray[Any]"]


def missing_heights(columns: Columns, count: int) -> NDArray[np.bool_]:
    """Tell which rows lack a height that the table has a column for.

    >>> missing_heights({"b3_h_max": np.array([3.0, np.nan, -9999.0])}, 3).tolist()
    [False, True, True]
    """
    missing = np.zeros(count, bool)
    for name in HEIGHTS:
        if name in columns:
            missing |= ~(np.abs(_numbers(columns[name])) < _SENTINEL)
    return missing


def doubted(columns: Columns, count: int) -> NDArray[np.bool_]:
    """Tell which rows the owner marks as not reliable (3DBAG: b3_kwaliteitsindicator is false)."""
    found = np.zeros(count, bool)
    for name in QUALITY:
        if name in columns:
            found |= np.array([str(value).lower() in ("false", "0", "0.0") for value in columns[name]], bool)
    return found


def repeated(keys: list[Any]) -> NDArray[np.bool_]:
    """Tell which keys occurred before; None is no key.

    >>> repeated(["a", "b", "a", None, None]).tolist()
    [False, False, True, False, False]
    """
    seen: set[Any] = set()
    result = np.zeros(len(keys), bool)
    for row, key in enumerate(keys):
        result[row] = key is not None and key in seen
        seen.add(key)
    return result


def ids_of(columns: Columns, count: int) -> list[str | None]:
    """Return the id of each row by the first column that holds one."""
    name = next((name for name in IDS if name in columns), None)
    if name is None:
        return [None] * count
    return [None if value is None or value != value else str(value) for value in columns[name].tolist()]


def years(columns: Columns) -> dict[int, int]:
    """Return how many rows the point cloud or photo of each year was used for, the oldest first.

    >>> years({"b3_pw_datum": np.array([2020, 2014, 2020, None], object)})
    {2014: 1, 2020: 2}
    """
    counts: dict[int, int] = {}
    name = next((name for name in DATES if name in columns), None)
    for value in [] if name is None else columns[name].tolist():
        found = _YEAR.search(f"{value:.0f}" if isinstance(value, float) and value == value else str(value))
        if found:
            counts[int(found.group())] = counts.get(int(found.group()), 0) + 1
    return dict(sorted(counts.items()))


def sources(columns: Columns) -> dict[str, int]:
    """Return how many rows each source of heights was used for, the most used first."""
    counts: dict[str, int] = {}
    name = next((name for name in SOURCES if name in columns), None)
    for value in [] if name is None else columns[name].tolist():
        if value is not None and value == value:
            counts[str(value)] = counts.get(str(value), 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def covered(grid: Grid, area: Extent | None) -> NDArray[np.bool_]:
    """Return the cells of an area that have data, at the cell size of the grid; what lies beyond the grid has none."""
    has = np.isfinite(grid.values.reshape(-1, *grid.shape)[0])
    if area is None:
        return has
    size = grid.cell_size
    columns, rows = (max(1, round(length / size)) for length in (area.width, area.height))
    x = area.x_min + (np.arange(columns) + 0.5) * size
    y = area.y_max - (np.arange(rows) + 0.5) * size
    column, row = np.floor((x - grid.x_min) / size).astype(int), np.floor((grid.y_max - y) / size).astype(int)
    in_x, in_y = (column >= 0) & (column < has.shape[1]), (row >= 0) & (row < has.shape[0])
    result = np.zeros((rows, columns), bool)
    result[np.ix_(in_y, in_x)] = has[np.ix_(row[in_y], column[in_x])]
    return result


def gaps(has: NDArray[np.bool_], x_min: float, y_max: float, cell_size: float, least: float) -> NDArray[np.float64]:
    """Return a point in each connected part without data of at least `least` [m2], and its size: x, y, m2.

    >>> gaps(np.array([[True, False], [True, True]]), 0, 2, 1, 1).tolist()
    [[1.5, 1.5, 1.0]]
    """
    from scipy import ndimage

    labels, count = ndimage.label(~has)
    if not count:
        return np.empty((0, 3))
    flat = labels.ravel()
    areas = np.bincount(flat, minlength=count + 1)[1:] * cell_size**2
    inner = ndimage.distance_transform_edt(np.pad(~has, 1))[1:-1, 1:-1]  # a point well within it
    place = np.asarray(ndimage.maximum_position(inner, labels, np.arange(1, count + 1))).reshape(-1, 2)
    points = np.column_stack([x_min + (place[:, 1] + 0.5) * cell_size, y_max - (place[:, 0] + 0.5) * cell_size, areas])
    return np.asarray(points[areas >= least])


def _numbers(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return values as numbers, NaN where they are none."""
    if values.dtype.kind in "fiu":
        return values.astype(float)
    result = np.full(len(values), np.nan)
    for row, value in enumerate(values.tolist()):
        if isinstance(value, (int, float)):
            result[row] = value
    return result
