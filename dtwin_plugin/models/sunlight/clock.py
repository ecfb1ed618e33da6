"""Civil time in the Netherlands (Europe/Amsterdam) and UTC, without a database of time zones.

A Windows without one has none in Python either. The rule is that of Directive 2000/84/EC, and has held since 1996: an
hour ahead of UTC, two from the last Sunday of March to the last Sunday of October, both at 01:00 UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

HOUR = np.timedelta64(3600, "s")
_FIRST_YEAR = 1996


def local_of(utc: ArrayLike) -> NDArray[np.datetime64]:
    """Return civil time for moments in UTC, datetime64[s].

    >>> local_of(["2025-03-30T00:59:59", "2025-03-30T01:00:00"]).astype(str).tolist()
    ['2025-03-30T01:59:59', '2025-03-30T03:00:00']
    """
    moments = np.asarray(utc, "datetime64[s]")
    return moments + HOUR + np.where(_is_summer(moments), HOUR, 0 * HOUR)


def utc_of(local: ArrayLike) -> NDArray[np.datetime64]:
    """Return UTC for civil times, datetime64[s]; of the hour that comes twice in October, the first.

    Raises
    ------
    InputError
        If a time is in the hour that is left out in March.

    Examples
    --------
    >>> utc_of(["2025-06-21T12:00", "2025-12-21T12:00"]).astype(str).tolist()
    ['2025-06-21T10:00:00', '2025-12-21T11:00:00']
    """
    times = np.asarray(local, "datetime64[s]")
    summer = times - 2 * HOUR
    found = np.where(_is_summer(summer), summer, times - HOUR)
    missing = local_of(found) != times
    if missing.any():
        raise InputError(
            "{time} does not exist: the clock goes from 2:00 to 3:00.",
            hint="Choose another time.",
            time=str(np.atleast_1d(times)[np.atleast_1d(missing)][0]).replace("T", " "),
        )
    return found


def day_in_utc(date: ArrayLike) -> tuple[np.datetime64, np.datetime64]:
    """Return where a civil day begins and ends in UTC; it has 23 hours in March once, and 25 in October.

    >>> begin, end = day_in_utc("2025-10-26")
    >>> str(begin), (end - begin) / HOUR
    ('2025-10-25T22:00:00', 25.0)
    """
    day = np.asarray(date, "datetime64[D]")
    begin, end = utc_of(np.array([day, day + 1], "datetime64[s]"))
    return begin, end


def _is_summer(utc: NDArray[Any]) -> NDArray[np.bool_]:
    year = utc.astype("datetime64[Y]")
    if (year < np.datetime64(str(_FIRST_YEAR), "Y")).any():
        raise InputError("Times before {year} are not known here.", hint="Choose a later year.", year=_FIRST_YEAR)
    january = year.astype("datetime64[M]")
    begin, end = (_last_sunday(january + months) + HOUR for months in (2, 9))
    return np.asarray((utc >= begin) & (utc < end))


def _last_sunday(month: NDArray[Any]) -> NDArray[Any]:
    last = (month + 1).astype("datetime64[D]") - 1
    since_sunday = (last.astype(np.int64) + 4) % 7  # 1 January 1970 was a Thursday
    return (last - since_sunday).astype("datetime64[s]")
