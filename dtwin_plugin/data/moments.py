"""Moments that follow each other at a fixed step, such as those of a flood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_MOST = 10_000  # moments: a layer from the Middle Ages until now has no step of a second


@dataclass(frozen=True)
class Moments:
    """Moments from a first to a last.

    Attributes
    ----------
    first, last : datetime
        Both in one zone, or both without.
    step : timedelta
        From each to the next.

    Examples
    --------
    >>> hour = Moments(datetime(2026, 1, 1, 12), datetime(2026, 1, 1, 13), timedelta(minutes=10))
    >>> hour.count, hour.at(6)[0].hour, hour.nearest(datetime(2026, 1, 1, 12, 14)), hour.chosen(3)
    (7, 13, 1, [0, 3, 6])
    """

    first: datetime
    last: datetime
    step: timedelta

    def __post_init__(self) -> None:
        least = max((self.last - self.first) / _MOST, timedelta(milliseconds=1))
        object.__setattr__(self, "step", max(self.step, least))

    @property
    def count(self) -> int:
        """How many there are: one at least."""
        return int((self.last - self.first) / self.step + 1e-6) + 1

    @property
    def end(self) -> datetime:
        """When the last moment ends."""
        return self.at(self.count - 1)[1]

    def at(self, number: int) -> tuple[datetime, datetime]:
        """Return when a moment begins, and the next."""
        begin = self.first + number * self.step
        return begin, begin + self.step

    def nearest(self, moment: datetime) -> int:
        """Return the number of the moment that a time is in; the first or the last for what is outside."""
        return min(max(int((moment - self.first) / self.step + 1e-6), 0), self.count - 1)

    def chosen(self, count: int) -> list[int]:
        """Return the numbers of at most so many moments, evenly from the first to the last."""
        taken = min(max(count, 1), self.count)
        return [0] if taken == 1 else sorted({round(k * (self.count - 1) / (taken - 1)) for k in range(taken)})
