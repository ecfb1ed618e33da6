"""How open data are, and how long they may be kept: one scale for sources, layers and runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

# From what everybody may have to what stays with who asked for it (as catalogue.entry.ACCESS_LEVELS).
LEVELS = ("open", "open-linkable", "internal", "personal", "confidential")
_PUBLIC = ("open", "open-linkable")


def is_public(level: str) -> bool:
    """Tell whether data of a level may leave the organisation; a level that is not known may not.

    >>> is_public("open"), is_public(""), is_public("confidential"), is_public("Secret")
    (True, True, False, False)
    """
    return level in ("", *_PUBLIC)


def strictest(levels: Iterable[str]) -> str:
    """Return the level of what is made of data of several levels; one that is not known is the strictest.

    >>> strictest(["", "confidential", "open"]), strictest([]), strictest(["open", "Secret"])
    ('confidential', '', 'confidential')
    """
    known = [level if level in LEVELS else LEVELS[-1] for level in levels if level]
    return max(known, key=LEVELS.index, default="")


def after_working_days(start: date, days: int) -> date:
    """Return the day that is so many working days later; holidays are not left out, so that it is never too late.

    >>> after_working_days(date(2022, 11, 18), 20).isoformat()  # a Friday
    '2022-12-16'
    """
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
