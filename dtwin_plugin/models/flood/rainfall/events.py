"""Storms by name: those of the Dutch stress tests and of sewer practice, from a table that everybody may replace.

An event with a hyetograph of its own falls by it; one without falls evenly, or as a triangle with its peak where the
user wants it: how such a storm falls is no part of its definition.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from ...csv_table import number_of, rows_of, shipped

COLUMNS = ("event", "title", "minutes", "rain", "steps")
SHAPES = {
    "even": mark("Evenly"),
    "first": mark("Peak at the start"),
    "middle": mark("Peak in the middle"),
    "last": mark("Peak at the end"),
}
PIECES = 12  # steps of a triangle: of 5 minutes in an hour
LONGEST, MOST = 14_400, 1000  # min, mm


class Event(NamedTuple):
    """A storm: `steps` [mm] are equal parts of its `minutes`; none if its shape is not known."""

    title: str
    minutes: float
    rain: float
    steps: tuple[float, ...]


@lru_cache(maxsize=4)
def events_of(path: Path | None = None) -> dict[str, Event]:
    """Return the events of a table by their names, by default the one that ships.

    Raises
    ------
    InputError
        If a column is absent, a number is out of range, or the steps do not add up to the rain.

    Examples
    --------
    >>> events_of()["bui10"].rain, len(events_of()["bui10"].steps)
    (35.7, 9)
    """
    table = path or shipped("flood", "events.csv")
    return {row["event"]: _event(row, table.name) for row in rows_of(table, COLUMNS)}


def _event(row: dict[str, str], file: str) -> Event:
    minutes = number_of(row, "minutes", 1, LONGEST, file)
    rain = number_of(row, "rain", 0, MOST, file)
    steps = tuple(
        number_of({"event": row["event"], "steps": text}, "steps", 0, MOST, file) for text in row["steps"].split()
    )
    if steps and abs(sum(steps) - rain) > 0.01 * max(rain, 1.0):
        raise InputError(
            "{file}: the steps of {event} add up to {found} mm; its rain is {rain} mm.",
            file=file,
            event=row["event"],
            found=round(sum(steps), 3),
            rain=rain,
        )
    return Event(row["title"] or row["event"], minutes, rain, steps)


def shaped(rain: float, shape: str) -> tuple[float, ...]:
    """Return the rain [mm] in equal steps: one if it falls evenly, else those of a triangle of intensity.

    >>> shaped(70.0, "even"), [round(step, 3) for step in shaped(144.0, "last")][:3]
    ((70.0,), [1.0, 3.0, 5.0])
    """
    if shape == "even":
        return (rain,)
    x = np.linspace(0.0, 1.0, PIECES + 1)
    fallen = {
        "first": 2 * x - x**2,
        "last": x**2,
        "middle": np.where(x < 0.5, 2 * x**2, 1 - 2 * (1 - x) ** 2),
    }[shape]
    return tuple(rain * float(part) for part in np.diff(fallen))
