"""The days and moments at which the sun counts, and the norms that name them.

References
----------
TNO norms for sunlight in dwellings (light and strict), as Dutch municipalities apply them; there is no national law.
The Hague counts the sun from 10 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .clock import day_in_utc, utc_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Norm:
    """How much sun there must be, when.

    Attributes
    ----------
    hours : float
        Possible hours of sun a day at least; they need not follow each other.
    first, last : tuple of int
        Month and day of the period's ends, on which the sun is lowest.
    lowest : float
        Elevation at which the sun counts [degrees].
    """

    hours: float
    first: tuple[int, int]
    last: tuple[int, int]
    lowest: float = 0.0


NORMS = {
    "light": Norm(2.0, (2, 19), (10, 21)),
    "strict": Norm(3.0, (1, 21), (11, 22)),
    "hague": Norm(2.0, (2, 19), (10, 21), 10.0),
}


def days_of(norm: Norm, year: int, every: int | None = None) -> NDArray[np.datetime64]:
    """Return the days on which a norm is tested: the ends of its period, or each so many days of it and its last.

    >>> days_of(NORMS["light"], 2026).astype(str).tolist()
    ['2026-02-19', '2026-10-21']
    >>> len(days_of(NORMS["light"], 2026, 7))
    36
    """
    first, last = (np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D") for month, day in (norm.first, norm.last))
    if every is None:
        return np.array([first, last])
    return np.append(np.arange(first, last, np.timedelta64(every, "D")), last)


def parsed_days(text: str, year: int) -> NDArray[np.datetime64]:
    """Return days given as day-month, with or without a year: "21-3, 21-6-2027".

    Raises
    ------
    InputError
        If one is no day.

    >>> parsed_days("21-3, 21-6-2027", 2026).astype(str).tolist()
    ['2026-03-21', '2027-06-21']
    """
    days: list[np.datetime64] = []
    for part in filter(None, (piece.strip() for piece in text.replace(";", ",").split(","))):
        numbers = part.replace("/", "-").split("-")
        try:
            day, month, given = (int(number) for number in (*numbers, str(year))[:3])
            days.append(np.datetime64(f"{given:04d}-{month:02d}-{day:02d}", "D"))
        except ValueError as error:
            raise InputError("{text} is no day.", hint="Write day and month, as 21-3.", text=part) from error
    if not days:
        raise InputError("There is no day.", hint="Write day and month, as 21-3, 21-6.")
    return np.array(days)


def parsed_times(text: str) -> NDArray[np.timedelta64]:
    """Return times of the day: "9:00, 12:30".

    Raises
    ------
    InputError
        If one is no time.

    >>> parsed_times("9, 12:30").astype(int).tolist()
    [540, 750]
    """
    minutes = []
    for part in filter(None, (piece.strip() for piece in text.replace(";", ",").split(","))):
        hour, _, minute = part.replace(".", ":").partition(":")
        if not (hour.isdigit() and (minute or "0").isdigit() and int(hour) < 24 and int(minute or 0) < 60):
            raise InputError("{text} is no time of the day.", hint="Write hours and minutes, as 9:30.", text=part)
        minutes.append(60 * int(hour) + int(minute or 0))
    if not minutes:
        raise InputError("There is no time.", hint="Write hours and minutes, as 9:00, 12:00.")
    return np.array(minutes, "timedelta64[m]")


def moments_at(days: NDArray[np.datetime64], times: NDArray[np.timedelta64]) -> NDArray[np.datetime64]:
    """Return the moments in UTC of civil times on days, day after day."""
    local = days.astype("datetime64[m]")[:, None] + times[None, :]
    return utc_of(local.ravel().astype("datetime64[s]"))


def moments_through(days: NDArray[np.datetime64], step: float) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    """Return moments in UTC that stand for steps [min] through whole civil days, and the number of the day of each.

    Each lies in the middle of its step, so that no sun is counted more than it lasts, on the mean.
    """
    found: list[NDArray[np.datetime64]] = []
    groups: list[NDArray[np.int64]] = []
    length = np.timedelta64(round(step * 60), "s")
    for number, day in enumerate(days):
        begin, end = day_in_utc(day)
        found.append(np.arange(begin + length // 2, end, length))
        groups.append(np.full(len(found[-1]), number))
    return np.concatenate(found), np.concatenate(groups)
