"""The classes of roads and what is taken for a road that does not say it: a table that a user may replace."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import InputError

from ..csv_table import number_of, rows_of, shipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONNECTOR = "connector"
DEFAULT = "unclassified"  # for a road of which no class is known
STREETS = ("residential", "living_street", "service", DEFAULT)  # along which trips begin and end
_COLUMNS = ("class", "cars", "connect", "lanes", "capacity_lane", "speed", "bpr_b", "bpr_power")
_LIMITS = {
    "lanes": (0.0, 20.0),
    "capacity_lane": (0.0, 1e6),
    "speed": (1.0, 200.0),
    "bpr_b": (0.0, 100.0),
    "bpr_power": (0.0, 50.0),
}
_LARGEST = 1_000_000  # bytes


class RoadClass(NamedTuple):
    """What is taken for a road of a class, for each direction that is open.

    Attributes
    ----------
    cars, connect : bool
        Whether cars drive there, and whether a zone may be connected to it.
    lanes, capacity_lane, speed : float
        Number, vehicles an hour of one lane, and km/h.
    bpr_b, bpr_power : float
        Of the function of the Bureau of Public Roads (1964).
    """

    cars: bool
    connect: bool
    lanes: float
    capacity_lane: float
    speed: float
    bpr_b: float
    bpr_power: float


Table = dict[str, RoadClass]


@lru_cache(maxsize=1)
def shipped_table() -> Table:
    """Return the table that ships with the plugin.

    >>> shipped_table()["motorway"].speed, shipped_table()["footway"].cars
    (100.0, False)
    """
    return read_table(shipped("traffic", "classes.csv"))


def read_table(path: Path) -> Table:
    """Return a table of classes from a CSV file with the columns of `resources/traffic/classes.csv`.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column or a class that is always needed, or has a value that cannot be.
    """
    if path.stat().st_size > _LARGEST:
        raise InputError("{file} is larger than a table of classes of roads can be.", file=path.name)
    table: Table = {}
    for row in rows_of(path, _COLUMNS):
        numbers = [number_of(row, name, *limits, path.name) for name, limits in _LIMITS.items()]
        table[row["class"].lower()] = RoadClass(_yes(row, "cars", path), _yes(row, "connect", path), *numbers)
    for name in (DEFAULT, CONNECTOR):
        if name not in table:
            raise InputError(
                "{file} has no row for the class {name}.", hint="Add one; it is always needed.",
                file=path.name, name=name,
            )  # fmt: skip
    return table


def values_of(table: Table, classes: NDArray[np.object_], name: str) -> NDArray[np.float64]:
    """Return a value of the table for the class of each road.

    >>> values_of(shipped_table(), np.array(["residential", "trunk"], object), "speed").tolist()
    [30.0, 100.0]
    """
    return np.array([float(getattr(table[one], name)) for one in classes], float)


def flags_of(table: Table, classes: NDArray[np.object_], name: str) -> NDArray[np.bool_]:
    """Return "cars" or "connect" of the table for the class of each road; not where the class is not in it."""
    return np.array([one in table and getattr(table[one], name) for one in classes], bool)


def _yes(row: dict[str, str], name: str, path: Path) -> bool:
    if row[name].lower() not in ("yes", "no", "1", "0", "ja", "nee"):
        raise InputError(
            "{file} has {found} for {column} in the row {row}; expected yes or no.",
            file=path.name, found=repr(row[name][:30]), column=name, row=row["class"][:30],
        )  # fmt: skip
    return row[name].lower() in ("yes", "1", "ja")
