"""Totals of zones as the distribution reads them: columns of a layer of zones, or a table of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data.matrices import rows_among, zone_text
from dtwin_plugin.errors import InputError

from ...attributes import numbers_of
from ...csv_table import number_of, rows_of
from ...problem import WARNING, Problem
from ..network_zones import named_zones
from ..tables import name_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

PRODUCTION, ATTRACTION = "production", "attraction"
_MOST = 1e12  # trips of a zone
_APART = 0.01  # relative difference of both sums from which it is told


class Ends(NamedTuple):
    """Trips that begin and end in each zone, of one purpose.

    Attributes
    ----------
    origins, destinations : ndarray
        Shape (zones,).
    """

    name: str
    zones: tuple[str, ...]
    origins: Floats
    destinations: Floats

    def balanced(self) -> tuple[Ends, float]:
        """Return the same with the sum of the origins on both sides, and the factor of the destinations.

        >>> Ends("a", ("1",), np.array([4.0]), np.array([2.0])).balanced()[1]
        2.0
        """
        total = float(self.destinations.sum())
        factor = float(self.origins.sum()) / total if total > 0 else float("nan")
        return self._replace(destinations=self.destinations * (factor if total > 0 else 0.0)), factor


def check_sums(ends: Ends, field: str) -> Iterator[Problem]:
    """Yield what is wrong with the sums of both sides, which a distribution keeps.

    >>> [one.level for one in check_sums(Ends("work", ("1",), np.array([4.0]), np.array([2.0])), "zones")]
    ['warning']
    """
    begin, end = float(ends.origins.sum()), float(ends.destinations.sum())
    if not begin or not end:
        yield Problem("DT365", field, "Of {purpose} no trips begin or none end in the zones.", {"purpose": ends.name})
    elif abs(begin - end) > _APART * begin:
        text = "Of {purpose} {begin:.0f} trips begin and {end:.0f} end; those that end are multiplied to be alike."
        yield Problem("DT365", field, text, {"purpose": ends.name, "begin": begin, "end": end}, WARNING)


def ends_of(zones: Features, zone_column: str | None, purposes: str | None) -> list[Ends]:
    """Return the trips of each purpose that a layer of zones has.

    Parameters
    ----------
    purposes : str or None
        Names between `;`; default all columns `production_<purpose>` that have an `attraction_<purpose>`, or the
        columns production and attraction where there are no others.

    Raises
    ------
    InputError
        If there are no such columns, or a number is none or below 0.
    """
    layer = named_zones(zones, zone_column)
    names = tuple(layer.columns["zone"].tolist())
    lower = {name.lower(): name for name in layer.columns}
    found = [one[len(PRODUCTION) + 1 :] for one in lower if one.startswith(PRODUCTION + "_")]
    wanted = [name_of(one) for one in (purposes or "").split(";") if one.strip()]
    chosen = wanted or [one for one in found if f"{ATTRACTION}_{one}" in lower] or [""]
    ends = []
    for purpose in chosen:
        pair = [f"{side}_{purpose}" if purpose else side for side in (PRODUCTION, ATTRACTION)]
        absent = [one for one in pair if one not in lower]
        if absent:
            raise InputError(
                "The zones have no column {column}; they have {found}.",
                hint="Make them with Trip generation, or name the columns so.",
                column=absent[0],
                found=", ".join(layer.columns)[:200],
            )
        numbers = [_checked(layer, lower[one]) for one in pair]
        ends.append(Ends(purpose or "trips", names, *numbers))
    return ends


def _checked(layer: Features, name: str) -> Floats:
    values = numbers_of(layer, name)
    if not (values >= 0).all():
        row = int(np.flatnonzero(~(values >= 0))[0])
        raise InputError(
            "Zone {zone} has no number of 0 or more in the column {column}.",
            zone=str(layer.columns["zone"][row]),
            column=name,
        )
    return values


def ends_in(path: Path) -> Ends:
    """Return the totals of a CSV with the columns zone, production and attraction.

    Raises
    ------
    InputError
        If it cannot be read, a zone stands twice, or a number is outside its limits.
    """
    rows = rows_of(path, ("zone", PRODUCTION, ATTRACTION))
    zones = tuple(zone_text(row["zone"]) for row in rows)
    if len(set(zones)) != len(zones) or not all(zones):
        raise InputError("{file} has a zone twice or without an id.", file=path.name)
    numbers = ([number_of(row, side, 0, _MOST, path.name) for row in rows] for side in (PRODUCTION, ATTRACTION))
    return Ends("trips", zones, *(np.array(values) for values in numbers))


def in_zones(ends: Ends, zones: Sequence[str]) -> Ends:
    """Return the totals in the order of other zones, 0 where there are none; raises InputError for one too many."""
    _, more = rows_among(ends.zones, zones)
    if more:
        raise InputError(
            "The matrix has no zone {zone}, which has totals.",
            hint="Use the same ids in both.",
            zone=more[0],
        )
    rows, _ = rows_among(zones, ends.zones)
    sides = (np.append(side, 0.0)[rows] for side in (ends.origins, ends.destinations))
    return Ends(ends.name, tuple(zones), *sides)
