"""Stations of the KNMI as a table in JSON, and its rain of hours and days as series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data.series import INVALID, UNKNOWN
from dtwin_plugin.sources.knmi_rain import read_rain

from .builder import Builder, number_of


def is_stations(document: Any) -> bool:
    """Tell whether JSON is a table of stations by column: {"lon": {"260": …}, "lat": …}."""
    return isinstance(document, dict) and all(isinstance(document.get(key), dict) for key in ("lon", "lat"))


def add_stations(document: dict[str, dict[str, Any]], build: Builder) -> None:
    """Add stations, which have no values."""
    for number in document["lon"]:
        place = number_of(document["lon"][number]), number_of(document["lat"].get(number))
        told = {
            key: column.get(number)
            for key, column in document.items()
            if key not in ("lon", "lat", "station", "place") and isinstance(column, dict)
        }
        plain = {key: value for key, value in told.items() if isinstance(value, (str, int, float))}
        known = place[0] == place[0] and place[1] == place[1]
        build.station(number, place if known else None, **plain)


def add_rain(path: Path, build: Builder) -> None:
    """Add the rain of one station; its place is not in the file.

    Raises
    ------
    FormatError
        As `knmi_rain.read_rain`.
    """
    rain = read_rain(path)
    station, kind = build.station(rain.station), build.quantity("rain", "mm", "0.1 mm")
    ends = rain.ends.astype("datetime64[ms]").astype(np.int64).tolist()
    for end, value in zip(ends, rain.rain.tolist()):
        begin = end - round(1000 * rain.step)
        build.add(station, kind, begin, value, end, quality=INVALID if value != value else UNKNOWN)
