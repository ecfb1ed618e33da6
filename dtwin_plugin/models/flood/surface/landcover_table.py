"""What each class of land cover does to water: a table that everybody may replace.

The table that ships names the classes of the BGT and has the source of each row; most of its numbers are of the order
that practice uses and are confirmed by no norm.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data.columns import number_with_comma
from dtwin_plugin.errors import InputError

from ...csv_table import number_of, rows_of, shipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

COLUMNS = ("klasse", "column", "value", "name", "roughness", "interception", "infiltration", "sewer", "soil")
LIMITS = {"roughness": (0.005, 1.0), "interception": (0.0, 100.0), "infiltration": (0.0, 5000.0), "sewer": (0.0, 1.0)}
KLASSE, ROOF = "klasse", "pand"
UNKNOWN, PASSED = -1, -2  # in place of a row: not in the table; lies over others and has no surface of its own


class Cover(NamedTuple):
    """A row: what a class, or one value of one of its columns, does to water.

    `roughness` [s m-1/3], `interception` [mm], `infiltration` [mm h-1], `sewer` [1] is the share that is connected, and
    `soil` says whether the soil below decides on the infiltration, where it is known. `rank` is its place in the table.
    """

    klasse: str
    column: str
    value: str
    name: str
    roughness: float
    interception: float
    infiltration: float
    sewer: float
    soil: bool
    counts: bool = True
    rank: int = 0


@lru_cache(maxsize=4)
def cover_table(path: Path | None = None) -> tuple[Cover, ...]:
    """Return the rows of a table, by default the one that ships.

    Raises
    ------
    InputError
        If a column is absent, a number is out of range or a class is there twice.
    """
    table = path or shipped("flood", "landcover.csv")
    rows = rows_of(table, COLUMNS)
    found = tuple(_cover(row, table.name)._replace(rank=number) for number, row in enumerate(rows))
    keys = [(row.klasse, row.column, row.value) for row in found]
    double = next((key for key in keys if keys.count(key) > 1), None)
    if double:
        raise InputError("{file} has the class {found} twice.", file=table.name, found=" ".join(double).strip())
    return found


def _cover(row: dict[str, str], file: str) -> Cover:
    klasse, column, value = (row[name].lower() for name in ("klasse", "column", "value"))
    if not any(row[name] for name in LIMITS):
        return Cover(klasse, column, value, row["name"], np.nan, np.nan, np.nan, np.nan, False, counts=False)
    roughness, interception, infiltration, sewer = (number_of(row, name, *LIMITS[name], file) for name in LIMITS)
    soil = row["soil"].lower() in ("yes", "ja", "true", "1")
    return Cover(klasse, column, value, row["name"], roughness, interception, infiltration, sewer, soil)


def rows_for(features: Features, table: tuple[Cover, ...]) -> NDArray[np.int64]:
    """Return the row of the table for each feature: of its value, else of its class; `UNKNOWN` or `PASSED` for none.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> square = [[[(0, 0), (1, 0), (1, 1), (0, 0)]]]
    >>> columns = {
    ...     "klasse": np.array(["wegdeel", "wegdeel", "buurt", "x"], object),
    ...     "fysiek_voorkomen": np.array(["open verharding", None, None, None], object),
    ... }
    >>> features = Features(Geometries.build("polygon", [square] * 4), columns)
    >>> [cover_table()[row].name if row >= 0 else int(row) for row in rows_for(features, cover_table())]
    ['open paving', 'closed paving', -2, -1]
    """
    general = {row.klasse: number for number, row in enumerate(table) if not row.column}
    special: dict[str, list[tuple[int, Cover]]] = {}
    for number, row in enumerate(table):
        if row.column:
            special.setdefault(row.klasse, []).append((number, row))
    found = np.full(len(features), UNKNOWN)
    for index, text in enumerate(features.columns.get(KLASSE, ())):
        klasse = _text(text)
        number = general.get(klasse, UNKNOWN)
        for candidate, row in special.get(klasse, ()):
            values = features.columns.get(row.column)
            if values is not None and _text(values[index]) == row.value:
                number = candidate
        found[index] = number if number == UNKNOWN or table[number].counts else PASSED
    return found


def with_own_numbers(features: Features, table: tuple[Cover, ...]) -> tuple[tuple[Cover, ...], NDArray[np.int64]]:
    """Return the table with a row more for each set of numbers that polygons have of their own, and their rows in it.

    A polygon of a known class may have columns of the names in `LIMITS`: where they hold a number, it counts.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> square = [[[(0, 0), (1, 0), (1, 1), (0, 0)]]]
    >>> columns = {"klasse": np.array(["pand", "pand"], object), "sewer": np.array([np.nan, 0.25])}
    >>> table, rows = with_own_numbers(Features(Geometries.build("polygon", [square] * 2), columns), cover_table())
    >>> [(table[row].name, table[row].sewer, table[row].roughness) for row in rows]
    [('roof', 1.0, 0.015), ('roof', 0.25, 0.015)]
    """
    rows = rows_for(features, table)
    own = own_numbers(features)
    made: dict[Cover, int] = {}
    for index in np.flatnonzero(rows >= 0) if own else ():
        numbers = {name: float(values[index]) for name, values in own.items() if np.isfinite(values[index])}
        if numbers:
            row = table[rows[index]]._replace(**numbers)
            rows[index] = made.setdefault(row, len(table) + len(made))
    return (*table, *made), rows


def own_numbers(features: Features) -> dict[str, NDArray[np.float64]]:
    """Return the numbers that polygons have of their own, by the names in `LIMITS`; NaN where there is none."""
    return {
        name: np.array([number_with_comma(value) for value in features.columns[name]], float)
        for name in LIMITS
        if name in features.columns
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip().lower()
