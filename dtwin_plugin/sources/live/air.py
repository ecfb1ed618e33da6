"""Answers of Luchtmeetnet: stations, measurements and the air quality index (LKI) of each hour.

Concentrations below zero are noise of the instrument around nothing: they stay, and are suspect.
"""

from __future__ import annotations

from typing import Any

from dtwin_plugin.data.series import INVALID, SUSPECT, UNKNOWN

from .builder import Builder, number_of, place_of
from .times import moment

_UNIT = "ug/m3"
_INDEX = "LKI"
_KEYS = {"timestamp_measured", "station_number", "number", "geometry"}


def looks_like(document: Any) -> bool:
    """Tell whether JSON is an answer of Luchtmeetnet."""
    data = document.get("data") if isinstance(document, dict) else None
    one = next((row for row in data if isinstance(row, dict)), None) if isinstance(data, list) else data
    return (
        isinstance(one, dict)
        and (bool(_KEYS & one.keys()))
        or (isinstance(document, dict) and "pagination" in document and data == [])
    )


def add_answer(document: dict[str, Any], build: Builder, station: str = "") -> None:
    """Add an answer; `station` is whose it is, where it does not say so itself."""
    data = document.get("data")
    for row in data if isinstance(data, list) else [data]:
        if not isinstance(row, dict):
            continue
        name = row.get("station_number") or row.get("number") or station
        if "timestamp_measured" not in row:
            geometry = row.get("geometry")
            place = place_of(geometry.get("coordinates")) if isinstance(geometry, dict) else None
            label = row.get("location") if isinstance(row.get("location"), str) else None
            if name:
                build.station(name, place, name=label, municipality=_text(row.get("municipality")))
            continue
        begin, formula = moment(row.get("timestamp_measured")), _text(row.get("formula")) or "value"
        if begin is None or not name:
            build.remark("{file} has values without a time; they are left out.", file=build.source)
            continue
        value = number_of(row.get("value"))
        quality = INVALID if value != value else SUSPECT if value < 0 else UNKNOWN
        kind = build.quantity(formula, "1" if formula == _INDEX else _UNIT, "" if formula == _INDEX else "µg/m³")
        build.add(build.station(name), kind, begin, value, quality=quality)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
