"""Moments as sources write them, as milliseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LONGEST = 80  # characters of a moment or a period
CET = timezone(timedelta(hours=1))  # Dutch winter time, which measuring networks keep all year


def moment(text: Any, zone: timezone = timezone.utc) -> int | None:
    """Return a moment of ISO 8601 [ms], None if it is none; `zone` holds where the text names none.

    >>> moment("1970-01-01T01:00:00.5+01:00"), moment("1970-01-01T00:00Z"), moment("yesterday"), moment(None)
    (500, 0, None, None)
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    try:
        found = datetime.fromisoformat(text.strip().replace("z", "Z"))
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        return round((found - _EPOCH).total_seconds() * 1000)
    except (ValueError, OverflowError):
        return None


def period(text: Any) -> tuple[int, int] | None:
    """Return begin and end [ms] of a moment or of an ISO 8601 interval, None if it is neither.

    >>> period("1970-01-01T00:00:00Z/1970-01-01T00:00:02Z"), period("1970-01-01T00:00:01Z"), period("a/b")
    ((0, 2000), (1000, 1000), None)
    """
    first, slash, last = text.partition("/") if isinstance(text, str) else (text, "", "")
    begin = moment(first)
    end = moment(last) if slash else begin
    return None if begin is None or end is None or end < begin else (begin, end)


def as_moment(value: int | None) -> np.datetime64:
    """Return milliseconds as a moment of NumPy, None as NaT.

    >>> str(as_moment(1000)), str(as_moment(None))
    ('1970-01-01T00:00:01.000', 'NaT')
    """
    return np.datetime64("NaT", "ms") if value is None else np.datetime64(value, "ms")
