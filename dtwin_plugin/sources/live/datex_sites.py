"""Measurement sites of DATEX II 2.3 and 3: where they are, and what the number of each of their values means."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any

from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.safe_xml import child, local, text

from .builder import number_of

_MOST_POINTS = 10_000  # of one site


@dataclass(frozen=True)
class Characteristic:
    """What one value of a site is: its kind, lane and class of vehicles, and the length of its period [s]."""

    kind: str
    lane: str = ""
    vehicles: str = ""
    period: float = 0.0

    @cached_property
    def detail(self) -> str:
        """Lane and class, as they tell one value of a site from another."""
        return " ".join(part for part in (self.lane, self.vehicles) if part)


@dataclass(frozen=True)
class Site:
    """A place where is measured: a point, or the line of a stretch; longitude and latitude."""

    name: str = ""
    place: tuple[tuple[float, float], ...] = ()
    lanes: float | None = None
    side: str = ""
    values: dict[int, Characteristic] = field(default_factory=dict)


SiteTable = dict[str, Site]
_SITES = ("measurementSiteRecord", "measurementSite")


def read_sites(stream: IO[bytes], file: str) -> SiteTable:
    """Return the sites of a MeasurementSiteTablePublication by id; read as a stream.

    Raises
    ------
    FormatError
        If it is no well-formed XML.
    """
    return {
        element.get("id", ""): site_of(element)
        for element in safe_xml.elements(stream, _SITES, file)
        if element.get("id")
    }


def site_of(element: Any) -> Site:
    """Return a site of its record."""
    values = {}
    for item in element:
        index = index_of(item.get("index", "")) if local(item.tag) == "measurementSpecificCharacteristics" else -1
        inner = child(item, "measurementSpecificCharacteristics") if index >= 0 else None
        if inner is not None:
            values[index] = _characteristic(inner)
    lanes = number_of(text(element, "measurementSiteNumberOfLanes"))
    return Site(
        _name(element),
        _place(element),
        lanes if lanes == lanes else None,
        text(element, "measurementSide") or "",
        values,
    )


def index_of(text_: str) -> int:
    """Return the number of a value, -1 where it is none.

    >>> index_of("12"), index_of("x"), index_of("9" * 5000)
    (12, -1, -1)
    """
    return int(text_) if text_.isdecimal() and len(text_) < 10 else -1


def _name(element: Any) -> str:
    found = child(element, "measurementSiteName")
    if found is None:
        return ""
    return text(found, "values", "value") or (found.text or "").strip()


def _characteristic(element: Any) -> Characteristic:
    kind = text(element, "specificMeasurementValueType") or ""
    vehicles = child(element, "specificVehicleCharacteristics")
    period = number_of(text(element, "period"))
    return Characteristic(kind, _lane(element), _vehicles(vehicles), period if period == period else 0.0)


def _lane(element: Any) -> str:
    """Return the lane: a word in version 2, a number in version 3."""
    for path in (("specificLane",), ("lane", "laneNumber"), ("specificLane", "laneNumber"), ("laneNumber",)):
        found = text(element, *path)
        if found:
            return f"lane{found}" if found.isdigit() else found
    return ""


def _vehicles(element: Any) -> str:
    """Return the class of vehicles, as the type or the lengths [m] that it holds: ">5.6 <=12.2 m"."""
    if element is None:
        return ""
    signs = {
        "lessThan": "<",
        "lessThanOrEqualTo": "<=",
        "greaterThan": ">",
        "greaterThanOrEqualTo": ">=",
        "equalTo": "=",
    }
    types = [(item.text or "").strip() for item in element if local(item.tag) == "vehicleType"]
    bounds = []
    for item in element:
        if local(item.tag) == "lengthCharacteristic":
            sign, length = text(item, "comparisonOperator") or "", number_of(text(item, "vehicleLength"))
            bounds.append((length, f"{signs.get(sign, sign)}{length:g}"))
    lengths = " ".join(sign for _, sign in sorted(bounds))
    return " ".join(part for part in (*filter(None, types), f"{lengths} m" if lengths else "") if part)


def _place(element: Any) -> tuple[tuple[float, float], ...]:
    """Return the line of a stretch, or the point for display, else the first point that the location has."""
    location = next((item for item in element if local(item.tag) == "measurementSiteLocation"), None)
    return place_of(location) if location is not None else ()


def place_of(location: Any) -> tuple[tuple[float, float], ...]:
    """Return the coordinates of a location, longitude first: those of its line, else of its point."""
    line: list[tuple[float, float]] = []
    points: list[tuple[float, float]] = []
    display: list[tuple[float, float]] = []
    for item in location.iter():
        name = local(item.tag)
        if name == "posList":
            line += _listed(item.text or "")
        elif name in ("pointCoordinates", "coordinatesForDisplay", "locationForDisplay", "coordinates"):
            found = number_of(text(item, "longitude")), number_of(text(item, "latitude"))
            if found[0] == found[0] and found[1] == found[1]:
                (points if name == "pointCoordinates" else display).append(found)
        if len(line) + len(points) > _MOST_POINTS:
            break
    distinct = tuple(dict.fromkeys(points))
    stretched = any(local(item.tag) in _STRETCHES for item in location.iter())
    return tuple(line) or (distinct if stretched and len(distinct) > 1 else tuple(display[:1]) or distinct[:1])


_STRETCHES = (
    "linearExtension",
    "linearWithinLinearElement",
    "locationContainedInItinerary",
    "linearByCoordinatesExtension",
)


def _listed(text_: str) -> list[tuple[float, float]]:
    """Return the places of a posList: in DATEX II latitude stands first."""
    numbers = [number_of(part) for part in text_.split()[: 2 * _MOST_POINTS]]
    pairs = list(zip(numbers[1::2], numbers[::2]))
    return [pair for pair in pairs if pair[0] == pair[0] and pair[1] == pair[1]]
