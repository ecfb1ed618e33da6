"""Situations of DATEX II 2.3 and 3: road works, closures and events, with the time that they hold for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import from_rows
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.safe_xml import child, local, text

from .builder import CRS84
from .datex_sites import place_of
from .times import as_moment, moment

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_LOCATIONS = ("groupOfLocations", "locationReference")
_TOLD = {
    "status": ("validity", "validityStatus"),
    "probability": ("probabilityOfOccurrence",),
    "severity": ("severity",),
    "works": ("roadMaintenanceType",),
    "management": ("roadOrCarriagewayOrLaneManagementType",),
    "source": ("source", "sourceName", "values", "value"),
}


def read_situations(stream: IO[bytes], file: str) -> list[Features]:
    """Return what situations are, lines and points apart; a record without a place is left out.

    Columns: id, situation, version, type ("MaintenanceWorks"), status, valid_from and valid_to (UTC text, None = open
    end), and what else is told. Coordinates are longitude and latitude.

    Raises
    ------
    FormatError
        If it is no well-formed XML.
    """
    rows: dict[str, list[tuple[tuple[tuple[float, float], ...], dict[str, Any]]]] = {"line": [], "point": []}
    for element in safe_xml.elements(stream, ("situation",), file):
        for record in element:
            if local(record.tag) != "situationRecord":
                continue
            place = next((found for found in _places(record) if found), ())
            if place:
                rows["line" if len(place) > 1 else "point"].append((place, _row(element, record)))
    return [_features(kind, found) for kind, found in rows.items() if found]


def _places(record: Any) -> Iterator[tuple[tuple[float, float], ...]]:
    return (place_of(item) for item in record if local(item.tag) in _LOCATIONS)


def _row(situation: Any, record: Any) -> dict[str, Any]:
    times = child(record, "validity", "validityTimeSpecification")
    told = {name: text(record, *path) for name, path in _TOLD.items()}
    return {
        "id": record.get("id"),
        "situation": situation.get("id"),
        "version": record.get("version"),
        "type": (record.get(_TYPE) or "").rpartition(":")[2] or None,
        **told,
        "valid_from": _shown(text(times, "overallStartTime") if times is not None else None),
        "valid_to": _shown(text(times, "overallEndTime") if times is not None else None),
    }


def _shown(found: str | None) -> str | None:
    at = moment(found)
    return None if at is None else f"{np.datetime_as_string(as_moment(at), unit='s')}Z"


def _features(kind: str, found: list[tuple[tuple[tuple[float, float], ...], dict[str, Any]]]) -> Features:
    shapes = Geometries.build(kind, [[[place]] for place, _ in found])
    return Features(shapes, from_rows([row for _, row in found]), crs=CRS84, name="situations")
