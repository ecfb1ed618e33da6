"""What becomes features: monitoring networks (GMN), use of groundwater (GUF) and formation resistance (FRD)."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.sources.gml import shape_of
from dtwin_plugin.sources.gml.geometry import GEOMETRIES
from dtwin_plugin.sources.safe_xml import local

from .groundwater import tube_of
from .record import Part, Record, positions_of, site_of
from .tree import as_number, date, found, leaves, snake, text

_MOST = 100_000  # members of one object


def network(element: Any, file: str) -> Record:
    """Return a monitoring network: a feature a member, each the tube of a well, whose place the well has."""
    site = {
        **site_of(element, file),
        "name": text(element, "name"),
        "aspect": text(element, "groundwaterAspect"),
        "date": date(element, "startDateMonitoring"),
        "end_date": date(element, "endDateMonitoring"),
    }
    points = [item for item in found(element, "MeasuringPoint")] or [
        item for item in found(element, "measuringPoint") if len(item)
    ]
    parts = []
    for point in points[:_MOST]:
        name, tube = tube_of(point)
        row = {
            "code": text(point, "measuringPointCode"),
            "well": name,
            "tube": tube,
            "member_since": date(point, "startDate"),
            "member_until": date(point, "endDate"),
        }
        parts.append(Part(None, row))
    return Record("network", local(element.tag), site, positions_of(element, file), parts=parts)


def use(element: Any, file: str) -> Record:
    """Return a use of groundwater: a feature a place of a licence, an installation, a well or a loop."""
    site = {
        **site_of(element, file),
        "licence": text(element, "identificationLicence"),
        "legal_type": text(element, "legalType"),
        "usage": text(element, "primaryUsageType"),
        "date": date(element, "startTime", "startValidity"),
        "end_date": date(element, "endTime", "endValidity"),
    }
    parts: list[Part] = []
    for holder in found(element, "geometry"):
        shapes = [item for item in holder.iter() if local(item.tag) in GEOMETRIES]
        shape = shape_of(shapes[0], file) if shapes else None
        if shape is not None and len(parts) < _MOST:
            owner = holder.getparent()
            row = {snake(name): _plain(value) for name, value in leaves(owner).items()}
            parts.append(Part(shape, {"part": local(owner.tag), **row}))
    return Record("use", local(element.tag), site, positions_of(element, file), parts=parts)


def resistance(element: Any, file: str) -> Record:
    """Return a dossier of formation resistance: the place of its well."""
    name, tube = tube_of(element)
    site = {
        **site_of(element, file),
        "well": name,
        "tube": tube,
        "measured_by": text(element, "assessmentType"),
        "first_date": date(element, "firstMeasurementDate"),
        "last_date": date(element, "mostRecentMeasurementDate", "lastMeasurementDate"),
    }
    return Record("resistance", local(element.tag), site, positions_of(element, file), well=name)


def _plain(value: str) -> Any:
    number = as_number(value)
    return value if number != number or not value[:1].isdigit() or "-" in value[1:] else number
