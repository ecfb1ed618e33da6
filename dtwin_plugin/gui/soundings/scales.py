"""Axes: round numbers and dates for ticks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

_DAY = 86_400.0  # s
_ZERO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` onto pixels from `begin` to `end`.

    >>> Scale(0.0, 10.0, 100.0, 200.0)(2.5)
    125.0
    """

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        span = self.high - self.low
        return self.begin + (self.end - self.begin) * ((value - self.low) / span if span else 0.5)

    def value(self, pixel: float) -> float:
        """Return the value at a pixel.

        >>> Scale(0.0, 10.0, 100.0, 200.0).value(125.0)
        2.5
        """
        span = self.end - self.begin
        return self.low + (self.high - self.low) * ((pixel - self.begin) / span if span else 0.5)


def step_of(span: float, count: int) -> float:
    """Return a round step (1, 2 or 5 times a power of ten) that cuts a span in at most about `count` parts.

    >>> step_of(23.0, 6), step_of(0.7, 5), step_of(0.0, 5)
    (5.0, 0.2, 1.0)
    """
    if not span > 0 or count < 1:
        return 1.0
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    factor = next(f for f in (1.0, 2.0, 5.0, 10.0) if f * power >= rough * (1 - 1e-9))
    return round(factor * power, 12)


def ticks(low: float, high: float, count: int) -> list[float]:
    """Return round values from low to high.

    >>> ticks(-3.2, 4.1, 4)
    [-2.0, 0.0, 2.0, 4.0]
    """
    step = step_of(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def time_ticks(low: float, high: float, count: int) -> list[tuple[float, str]]:
    """Return moments [s since 1970] with the text for each: whole years, months or days.

    >>> [text for _, text in time_ticks(0.0, 4 * 365 * 86400.0, 4)]
    ['1970', '1971', '1972', '1973']
    >>> [text for _, text in time_ticks(0.0, 100 * 86400.0, 4)]
    ['1970-01', '1970-02', '1970-03', '1970-04']
    >>> [text for _, text in time_ticks(0.0, 3 * 86400.0, 4)]
    ['1970-01-01', '1970-01-02', '1970-01-03', '1970-01-04']
    """
    days = (high - low) / _DAY
    if days > 365 * 1.5:
        every = max(1, round(step_of(days / 365.25, count)))
        return [(moment, text[:4]) for moment, text in _months(low, high, 12 * every)]
    if days > 45:
        every = next((n for n in (1, 2, 3, 6) if days / 30.4 / n <= count), 12)
        return [(moment, text[:7]) for moment, text in _months(low, high, every)]
    step = max(1.0, step_of(days, count)) * _DAY
    first = math.ceil(low / step - 1e-9)
    moments = [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]
    return [(moment, date_text(moment)) for moment in moments]


def date_text(moment: float) -> str:
    """Return the date of a moment, in UTC (ISO 8601).

    >>> date_text(86_400.0)
    '1970-01-02'
    """
    return (_ZERO + timedelta(seconds=moment)).date().isoformat()


def _months(low: float, high: float, every: int) -> Iterator[tuple[float, str]]:
    """Yield the first of each so many months, counted from year 0."""
    begin = _ZERO + timedelta(seconds=low)
    number = -(-(begin.year * 12 + begin.month - 1) // every) * every
    while True:
        year, month = divmod(number, 12)
        if year > 9999:
            return
        moment = (datetime(year, month + 1, 1, tzinfo=timezone.utc) - _ZERO).total_seconds()
        if moment > high:
            return
        if moment >= low:
            yield moment, f"{year:04d}-{month + 1:02d}"
        number += every
