"""Periods of a day and classes of vehicles: tables that ship as assumptions, and a user's own in their place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from dtwin_plugin.errors import InputError

from ..csv_table import number_of, rows_of, shipped

NOISE = ("light", "medium", "heavy")  # kinds of vehicles that the noise of roads knows
PARTS = {"day": (7, 19), "evening": (19, 23), "night": (23, 7)}  # hours, as the noise of roads has them
HOURS = {"day": 12.0, "evening": 4.0, "night": 8.0}
_ENOUGH = 0.5  # percent that the shares of a day may differ from the whole, for rounded ones


class Period(NamedTuple):
    """A part of a day.

    Attributes
    ----------
    start, end : int
        Hours of the clock; a period that goes over midnight ends at a smaller hour than it begins.
    share : float
        Of the trips of a whole day [percent].
    """

    name: str
    start: int
    end: int
    share: float

    @property
    def hours(self) -> int:
        """How many hours it has.

        >>> Period("night", 23, 7, 8.8).hours
        8
        """
        return (self.end - self.start) % 24 or 24

    def clock(self) -> tuple[int, ...]:
        """Return the hours of the clock that it has.

        >>> Period("night", 23, 2, 3.0).clock()
        (23, 0, 1)
        """
        return tuple((self.start + k) % 24 for k in range(self.hours))


class Vehicle(NamedTuple):
    """A class of vehicles.

    Attributes
    ----------
    noise : tuple of float
        Which share of it the noise of roads takes for each of `NOISE`; together 1.
    pcu : float
        Passenger cars that take as much room.
    value_of_time : float
        EUR h-1.
    closed_on : frozenset of str
        Classes of roads that it may not use.
    """

    name: str
    noise: tuple[float, ...]
    pcu: float
    value_of_time: float
    closed_on: frozenset[str]


def periods_of(path: Path | None = None) -> dict[str, Period]:
    """Return the periods of a day by name, by default those that ship.

    Raises
    ------
    InputError
        If two periods have an hour in common or a name, or the shares of a whole day are not 100 percent.

    Examples
    --------
    >>> sum(period.hours for period in periods_of().values()), periods_of()["afternoon"].clock()
    (24, (16, 17, 18))
    """
    chosen = table_path("periods", path)
    found: dict[str, Period] = {}
    taken: dict[int, str] = {}
    for row in rows_of(chosen, ("period", "from_hour", "to_hour", "share")):
        start, end = (_whole_hour(row, name, chosen.name) % 24 for name in ("from_hour", "to_hour"))
        period = Period(name_of(row["period"]), start, end, number_of(row, "share", 0, 100, chosen.name))
        other = next((taken[hour] for hour in period.clock() if hour in taken), None)
        if other is not None or period.name in found or not period.name:
            raise InputError(
                "{file} has the period {name} over hours of {other}; expected each hour in one period, and each name "
                "once.",
                file=chosen.name,
                name=period.name or "-",
                other=other or period.name or "-",
            )
        found[period.name] = period
        taken |= dict.fromkeys(period.clock(), period.name)
    whole = sum(period.share for period in found.values())
    if len(taken) == 24 and abs(whole - 100) > _ENOUGH or whole > 100 + _ENOUGH:
        raise InputError(
            "{file} has shares of {found} percent together; expected 100 for the 24 hours of a day.",
            file=chosen.name,
            found=round(whole, 2),
        )
    return found


def _whole_hour(row: dict[str, str], column: str, file: str) -> int:
    """Return an hour of the clock; half hours are refused, as they would be cut off and give trips to too few hours."""
    hour = number_of(row, column, 0, 24, file)
    if hour != int(hour):
        raise InputError(
            "{file} has {found} for {column} of the period {name}; expected a whole hour.",
            file=file,
            found=row[column],
            column=column,
            name=row["period"] or "-",
        )
    return int(hour)


def vehicles_of(path: Path | None = None) -> dict[str, Vehicle]:
    """Return the classes of vehicles by name, by default those that ship.

    Raises
    ------
    InputError
        If a name stands twice, a kind of noise is not known, or a number is outside its limits.

    Examples
    --------
    >>> vehicles_of()["trailer"].noise, vehicles_of()["car"].pcu
    ((0.0, 0.0, 1.0), 1.0)
    """
    chosen = table_path("vehicles", path)
    found: dict[str, Vehicle] = {}
    for row in rows_of(chosen, ("class", "noise", "pcu", "value_of_time")):
        name, noise = name_of(row["class"]), noise_shares(row["noise"])
        if not name or name in found or noise is None:
            raise InputError(
                "{file} has the class {name} with noise {noise}; expected each name once, and light, medium or heavy, "
                "or shares of 100 percent such as light:94 medium:4 heavy:2.",
                file=chosen.name,
                name=name or "-",
                noise=row["noise"] or "-",
            )
        numbers = number_of(row, "pcu", 0.1, 10, chosen.name), number_of(row, "value_of_time", 0.1, 1000, chosen.name)
        closed = frozenset(row.get("closed_on", "").lower().replace(";", " ").split())
        found[name] = Vehicle(name, noise, *numbers, closed)
    return found


def noise_shares(text: str) -> tuple[float, ...] | None:
    """Return which share of a class is of each kind that the noise of roads knows; None where a text does not tell.

    >>> noise_shares("Heavy"), noise_shares("light:94 medium:4 heavy:2"), noise_shares("light:50")
    ((0.0, 0.0, 1.0), (0.94, 0.04, 0.02), None)
    """
    words = text.lower().replace(";", " ").split()
    if len(words) == 1 and words[0] in NOISE:
        return tuple(float(kind == words[0]) for kind in NOISE)
    parts = dict(word.partition(":")[::2] for word in words)
    try:
        shares = [float(parts.pop(kind, "0").replace(",", ".")) for kind in NOISE]
    except ValueError:
        return None
    right = not parts and min(shares) >= 0 and abs(sum(shares) - 100.0) <= _ENOUGH
    return tuple(share / sum(shares) for share in shares) if right else None


def table_path(name: str, own: Path | None) -> Path:
    """Return the user's own table, or the one of a name that ships."""
    return own or shipped("traffic", f"{name}.csv")


def unconfirmed(path: Path, chosen: Iterable[str]) -> list[str]:
    """Return which of the chosen rows of a table nobody has confirmed: what their column `confirmed` does not say."""
    rows = rows_of(path, ())
    named = {name_of(next(iter(row.values()), "")): row.get("confirmed", "no").lower() for row in rows}
    return [name for name in chosen if named.get(name, "no") not in ("yes", "ja")]


def name_of(text: str) -> str:
    """Return a name that can be a part of the name of a column.

    >>> name_of(" Evening peak ")
    'evening_peak'
    """
    return "_".join("".join(one if one.isalnum() else " " for one in text.strip().lower()).split())
