"""The distances that planned objects must keep from what is in the ground: a table that everybody may replace.

The table that ships is a start to work from and is no norm. NEN 7171-1 and the agreements of a municipality with its
network operators decide; their values go in a table of one's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANY = "*"
COLUMNS = ("planned", "present", "distance")
_MOST = 100.0  # m; more than this is a table in another unit


@dataclass(frozen=True)
class Required:
    """Distances by kind of planned object and theme of what is there; `*` stands for all others.

    Examples
    --------
    >>> table = Required({("*", "*"): 0.3, ("tree", "*"): 2.0, ("tree", "water"): 2.5})
    >>> table.distance("tree", "water"), table.distance("tree", "wees"), table.distance("pipe", "water")
    (2.5, 2.0, 0.3)
    """

    values: Mapping[tuple[str, str], float]

    def distance(self, planned: str, present: str) -> float:
        """Return the distance of a pair [m]: its own, else that of the planned kind, of the theme, of all, else 0."""
        for key in ((planned, present), (planned, ANY), (ANY, present), (ANY, ANY)):
            if key in self.values:
                return self.values[key]
        return 0.0

    def matrix(self, planned: Sequence[str], present: Sequence[str]) -> NDArray[np.float64]:
        """Return the distances of all pairs [m], shape (planned, present)."""
        return np.array([[self.distance(a, b) for b in present] for a in planned], float).reshape(
            len(planned), len(present)
        )


def required(rows: Mapping[str, Sequence[Any]] | None = None) -> Required:
    """Return a table of distances, by default the one that ships.

    Parameters
    ----------
    rows : mapping of str to sequence
        Columns "planned", "present" and "distance" [m].

    Raises
    ------
    InputError
        If a column is absent or a distance is no number from 0 to 100 m.
    """
    if rows is None:
        with plugin_file("resources", "subsurface", "distances.csv").open(encoding="utf-8", newline="") as stream:
            return _table([(row["planned"], row["present"], row["distance"]) for row in csv.DictReader(stream)])
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise InputError(
            "The table of required distances has no column {column}; expected planned, present and distance.",
            column=missing[0],
        )
    return _table(zip(rows["planned"], rows["present"], rows["distance"]))


def _table(rows: Iterable[tuple[Any, Any, Any]]) -> Required:
    values = {}
    for planned, present, distance in rows:
        try:
            value = float(distance)
        except (TypeError, ValueError):
            value = np.nan
        if not 0 <= value <= _MOST:
            raise InputError(
                "The required distance of {planned} and {present} is {found}; expected a number from 0 to 100 m.",
                planned=str(planned),
                present=str(present),
                found=str(distance),
            )
        values[str(planned or ANY).strip(), str(present or ANY).strip()] = value
    return Required(values)
