"""Rain through time, as the user gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..base import Field, Values
from ..problem import ERROR, Problem

MM, MINUTE, HOUR = 1e-3, 60.0, 3600.0  # m, s, s
LONGEST, MOST = 14_400, 1000  # min, mm: of a rain series, as of uniform rain

INPUTS = (
    Field(
        "rain",
        "Rain",
        "number",
        "mm",
        70.0,
        0,
        1000,
        doc="Total of the storm. 70 mm in 1 hour is the Dutch stress test of once in 100 years in 2050.",
    ),
    Field("rain_duration", "Duration of the rain", "number", "h", 1.0, 0.01, 240, doc="The rain falls evenly in it."),
    Field(
        "rain_series",
        "Rain series",
        "table",
        columns={"minutes": "min", "rain": "mm"},
        optional=True,
        advanced=True,
        doc="Rain that fell in the step that ends at each minute, used instead of the total; the first row starts it.",
    ),
)


@dataclass(frozen=True)
class Storm:
    """Rain as steps: `rates` [m s-1] hold from each of `times` [s] to the next; the last time ends the rain."""

    times: tuple[float, ...]
    rates: tuple[float, ...]

    def depth(self) -> float:
        """Total rain [m]."""
        return float(np.dot(np.diff(self.times), self.rates))

    def rate(self, time: float) -> float:
        """Return the rain [m s-1] from `time` [s] to the next change.

        >>> storm = Storm((60.0, 120.0), (1e-5,))
        >>> storm.rate(0), storm.rate(60), storm.rate(120)
        (0.0, 1e-05, 0.0)
        """
        index = int(np.searchsorted(self.times, time + 1e-6, side="right")) - 1
        return self.rates[index] if 0 <= index < len(self.rates) else 0.0


def storm_of(values: Values) -> Storm:
    """Return the storm of a run: the series if there is one, else uniform rain.

    >>> storm_of({"rain_series": None, "rain": 70, "rain_duration": 1}).depth()
    0.07
    """
    series = values["rain_series"]
    if series:
        times = tuple(float(minute) * MINUTE for minute in series["minutes"])
        depths = [float(depth) * MM for depth in series["rain"][1:]]
        return Storm(times, tuple(depth / step for depth, step in zip(depths, np.diff(times))))
    duration = values["rain_duration"] * HOUR
    return Storm((0.0, duration), (values["rain"] * MM / duration,))


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the rain."""
    series = values["rain_series"]
    if series and (len(series["minutes"]) < 2 or np.any(np.diff(series["minutes"]) <= 0)):
        yield Problem(
            "DT101",
            "rain_series",
            "The minutes of the rain series must increase from row to row, and there must be two rows at least; "
            "found {minutes}.",
            {"minutes": series["minutes"][:10]},
            ERROR,
        )
    if series and not _is_storm(series):
        yield Problem(
            "DT104",
            "rain_series",
            "The rain series must lie between 0 and {minutes} minutes, and its rain be 0 or more and together at most "
            "{rain} mm.",
            {"minutes": LONGEST, "rain": MOST},
            ERROR,
        )


def _is_storm(series: dict[str, list[float]]) -> bool:
    minutes, rain = series["minutes"], series["rain"]
    return min(minutes) >= 0 and max(minutes) <= LONGEST and min(rain) >= 0 and sum(rain) <= MOST
