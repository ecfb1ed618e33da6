"""Values from zone to zone: trips, times, costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LISTED = 8  # names in a message


@dataclass(frozen=True)
class Matrices:
    """Square matrices with the same zones.

    Attributes
    ----------
    zones : tuple of str
        Id of each zone, each once; row i and column i are those of zones[i].
    values : dict of str to ndarray
        float64, shape (zones, zones), row = origin, column = destination; NaN is not known, or no way there.

    Examples
    --------
    >>> trips = Matrices(("a", "b"), {"car": np.array([[0.0, 5.0], [2.0, 0.0]])})
    >>> trips.ordered(("b", "a")).one("car").tolist()
    [[0.0, 2.0], [5.0, 0.0]]
    """

    zones: tuple[str, ...]
    values: dict[str, Floats]

    def __post_init__(self) -> None:
        if len(set(self.zones)) != len(self.zones):
            twice = (
                sorted({zone for zone in self.zones if self.zones.count(zone) > 1}) if len(self.zones) < 1000 else []
            )
            raise InputError("A matrix has zones with the same id: {zones}.", zones=listed(twice))
        for name, values in self.values.items():
            if values.shape != (len(self.zones),) * 2:
                raise InputError(
                    "Matrix {name} has {rows} by {columns} cells; expected {zones} by {zones}, those of its zones.",
                    name=name,
                    rows=values.shape[0],
                    columns=values.shape[-1],
                    zones=len(self.zones),
                )

    def one(self, name: str = "") -> Floats:
        """Return the matrix of a name, or without a name the only one.

        Raises
        ------
        InputError
            If there is no such matrix, or no name and more than one.
        """
        if not name and len(self.values) == 1:
            return next(iter(self.values.values()))
        if name not in self.values:
            raise InputError(
                "There is no matrix {name}; there are {found}." if name else "Name the matrix; there are {found}.",
                name=name,
                found=listed(list(self.values)),
            )
        return self.values[name]

    def ordered(self, zones: Sequence[str]) -> Matrices:
        """Return the matrices of these zones alone, in this order.

        Raises
        ------
        InputError
            If a zone is not there.
        """
        if tuple(zones) == self.zones:
            return self
        rows, absent = rows_among(zones, self.zones)
        if absent:
            raise InputError(
                "The matrix has no zone {zones}; it has {found}.",
                hint="Use one column of ids for the zones and the matrix.",
                zones=listed(absent),
                found=listed(self.zones),
            )
        return Matrices(tuple(zones), {name: values[np.ix_(rows, rows)] for name, values in self.values.items()})


def rows_among(zones: Sequence[str], known: Sequence[str]) -> tuple[Ints, list[str]]:
    """Return in which row of others each zone stands, -1 where in none, and the zones that stand in none.

    >>> rows, absent = rows_among(["b", "x"], ["a", "b"])
    >>> rows.tolist(), absent
    ([1, -1], ['x'])
    """
    place = {zone: row for row, zone in enumerate(known)}
    return np.array([place.get(zone, -1) for zone in zones], np.int64), [zone for zone in zones if zone not in place]


def among(values: Floats, rows: Ints) -> Floats:
    """Return a matrix between other zones, which have these `rows` of it; 0 from and to those with none, -1.

    >>> among(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, -1, 0])).tolist()
    [[4.0, 0.0, 3.0], [0.0, 0.0, 0.0], [2.0, 0.0, 1.0]]
    """
    found = np.zeros((len(rows),) * 2)
    known = np.flatnonzero(rows >= 0)
    found[np.ix_(known, known)] = values[np.ix_(rows[known], rows[known])]
    return found


def listed(names: Sequence[str]) -> str:
    """Return names for a message, not all where there are many.

    >>> listed(["a", "b"]), listed([str(n) for n in range(20)])
    ('a, b', '0, 1, 2, 3, 4, 5, 6, 7, ... (20)')
    """
    shown = ", ".join(str(name)[:40] for name in names[:_LISTED])
    return f"{shown}, ... ({len(names)})" if len(names) > _LISTED else shown or "-"


def zone_text(value: object) -> str:
    """Return the id of a zone as text: a whole number without its decimals, as one file has 7 and another 7.0.

    >>> zone_text(7.0), zone_text(" 0344 "), zone_text(None), zone_text(b"7")
    ('7', '0344', '', '7')
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip("\x00 \t")
