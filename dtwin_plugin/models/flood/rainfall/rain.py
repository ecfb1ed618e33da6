"""Rain through time, as the user gives it: a number, an event of the table, a series, or a series of rasters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from ...base import Field, Values
from ...problem import ERROR, WARNING, Problem, problem_of
from .events import LONGEST, MOST, SHAPES, Event, events_of, shaped
from .rain_grid import GRID_FIELDS, GridRain, check_grid, grid_rain_of, grid_start_of

if TYPE_CHECKING:
    from dtwin_plugin.data import Grid

MM, MINUTE, HOUR = 1e-3, 60.0, 3600.0  # m, s, s
OWN = "own"
LISTED = 5  # places that one sentence names

INPUTS = (
    Field(
        "event",
        "Event",
        "choice",
        default=OWN,
        choices={OWN: "The rain and duration given here", **{name: item.title for name, item in events_of().items()}},
        doc="A storm of the stress tests or of sewer practice, used instead of the rain and its duration.",
    ),
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
    Field("rain_duration", "Duration of the rain", "number", "h", 1.0, 0.01, 240, doc="How long the rain falls."),
    Field(
        "rain_shape",
        "Course of the rain",
        "choice",
        default="even",
        choices=SHAPES,
        advanced=True,
        doc="How a storm falls that has no steps of its own; a peak is a triangle of intensity in 12 steps.",
    ),
    Field(
        "rain_series",
        "Rain series",
        "table",
        columns={"minutes": "min", "rain": "mm"},
        optional=True,
        advanced=True,
        doc="Rain that fell in the step that ends at each minute, used instead of the total; the first row starts it.",
    ),
    Field(
        "event_table",
        "Own events",
        "file",
        optional=True,
        advanced=True,
        doc="A CSV file with the columns event, title, minutes, rain and steps, as the one that ships; the steps are "
        "mm in equal parts of the minutes, with spaces between them.",
    ),
    Field(
        "event_name",
        "Name of the own event",
        "text",
        optional=True,
        advanced=True,
        doc="The event of the own table that is used.",
    ),
    *GRID_FIELDS,
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


def storm_of(values: Values, terrain: Grid | None = None) -> Storm | GridRain:
    """Return the storm of a run: rasters if there are any, else the series, the event, or uniform rain.

    Parameters
    ----------
    values : mapping
        The inputs of `INPUTS`.
    terrain : Grid, optional
        The cells of the run; needed where rain comes as rasters.

    Examples
    --------
    >>> values = {"rain_grid": None, "rain_series": None, "event": "own", "event_table": None}
    >>> storm_of({**values, "rain": 70, "rain_duration": 1, "rain_shape": "even"}).depth()
    0.07
    >>> storm = storm_of({**values, "event": "bui08", "rain_shape": "even"})
    >>> round(storm.depth(), 6), len(storm.rates), storm.times[-1]
    (0.0198, 12, 3600.0)
    """
    if values.get("rain_grid") is not None and terrain is not None:
        return grid_rain_of(values, terrain)
    series = values["rain_series"]
    if series:
        times = tuple(float(minute) * MINUTE for minute in series["minutes"])
        depths = [float(depth) * MM for depth in series["rain"][1:]]
        return Storm(times, tuple(depth / step for depth, step in zip(depths, np.diff(times))))
    event = _event_of(values)
    steps = event.steps or shaped(event.rain, values["rain_shape"])
    seconds = event.minutes * MINUTE / len(steps)
    return Storm(
        tuple(seconds * number for number in range(len(steps) + 1)), tuple(step * MM / seconds for step in steps)
    )


def start_of(values: Values) -> datetime | None:
    """Return when the rain starts, where it says so itself: rasters with times do."""
    return None if values.get("rain_grid") is None else grid_start_of(values)


def _event_of(values: Values) -> Event:
    """Return the event of the own table, or of the one that ships, or one of the numbers."""
    if values["event_table"] is not None:
        table = events_of(values["event_table"])
        name = values["event_name"] or next(iter(table))
        if name not in table:
            raise InputError(
                "The own table has no event {name}; it has {known}.", name=repr(name), known=", ".join(table)
            )
        return table[name]
    if values["event"] != OWN:
        return events_of()[values["event"]]
    return Event("", values["rain_duration"] * HOUR / MINUTE, values["rain"], ())


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the rain."""
    yield from _check_one_source(values)
    if values["event_table"] is not None:
        try:
            _event_of(values)
        except InputError as error:
            yield problem_of("DT121", "event_table", error)
    if values.get("rain_grid") is not None:
        yield from check_grid(values)
    if values["rain_series"]:
        yield from _check_series(values["rain_series"])


def _check_one_source(values: Values) -> Iterator[Problem]:
    """Yield where the rain is given in more ways than one: what a user gave must not be passed over in silence."""
    given = [name for name in ("rain_grid", "rain_series", "event_table") if values.get(name) is not None]
    if values["event"] != OWN:
        given.append("event")
    if len(given) > 1:
        yield Problem(
            "DT120",
            given[0],
            "The rain is given {count} times: {given}; leave out all but one.",
            {"count": len(given), "given": ", ".join(given)},
            ERROR,
        )


def _check_series(series: dict[str, list[Any]]) -> Iterator[Problem]:
    try:
        minutes = np.array([np.nan if value is None else value for value in series["minutes"]], float)
        rain = np.array([np.nan if value is None else value for value in series["rain"]], float)
    except (TypeError, ValueError):
        minutes, rain = np.array([np.nan]), np.array([np.nan])
    empty = np.flatnonzero(np.isnan(minutes) | np.isnan(rain))
    if empty.size:
        yield Problem(
            "DT122",
            "rain_series",
            "The rain series has no number in {count} of its rows, the first of them row {rows}; fill them in.",
            {"count": int(empty.size), "rows": ", ".join(str(row + 1) for row in empty[:LISTED])},
            ERROR,
        )
        return
    if minutes.size < 2 or np.any(np.diff(minutes) <= 0):
        yield Problem(
            "DT101",
            "rain_series",
            "The minutes of the rain series must increase from row to row, and there must be two rows at least; "
            "found {minutes}.",
            {"minutes": series["minutes"][:10]},
            ERROR,
        )
        return
    if minutes.min() < 0 or minutes.max() > LONGEST or rain.min() < 0 or rain.sum() > MOST:
        below = minutes[rain < 0][:LISTED]
        yield Problem(
            "DT104",
            "rain_series",
            "The rain series must lie between 0 and {minutes} minutes, and its rain be 0 or more and together at most "
            "{rain} mm; found {low:g} to {high:g} minutes, {sum:g} mm and rain below 0 at minute {below}.",
            {
                "minutes": LONGEST,
                "rain": MOST,
                "low": float(minutes.min()),
                "high": float(minutes.max()),
                "sum": round(float(rain.sum()), 3),
                "below": ", ".join(f"{minute:g}" for minute in below) or "-",
            },
            ERROR,
        )
    if rain[0] > 0:
        yield Problem(
            "DT134",
            "rain_series",
            "The first row of the rain series has {found:.6g} mm, which would not fall: times end their steps, and the "
            "first row only starts the series. Put a row with 0 mm before it.",
            {"found": float(rain[0])},
            ERROR,
        )
    yield from _check_steps(minutes)


def _check_steps(minutes: np.ndarray) -> Iterator[Problem]:
    """Yield where a step is much longer than the others: rows are likely to be missing, whose rain is not known."""
    steps = np.diff(minutes)
    gaps = np.flatnonzero(steps > 1.5 * np.median(steps))
    if gaps.size:
        yield Problem(
            "DT123",
            "rain_series",
            "The rain series has {count} steps longer than its others, the first from minute {minutes}: rows may be "
            "missing. The rain of a row falls evenly in its step.",
            {
                "count": int(gaps.size),
                "minutes": ", ".join(f"{minutes[k]:g} - {minutes[k + 1]:g}" for k in gaps[:LISTED]),
            },
            WARNING,
        )
