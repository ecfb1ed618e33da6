"""Measurement sites of DATEX II 2.3 and 3: where they are, and what the number of each of their values means."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import IO, Any

from dtwin_plugin.errors import CrsError
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.safe_xml import child, local, text

from .builder import CRS84, number_of

_MOST_POINTS = 10_000  # of one site
_WHOLE = ("", "allLanesCompleteCarriageway")  # lanes of a value that is of all lanes together
ALL_VEHICLES = ("", "anyVehicle")
_CODE = re.compile(r"\d{4,6}$")
_DEGREES = ("4326", "4258")


@dataclass(frozen=True)
class Characteristic:
    """What one value of a site is: its kind, lanes ("lane1+lane2") and class of vehicles, and its period [s]."""

    kind: str
    lane: str = ""
    vehicles: str = ""
    period: float = 0.0

    @property
    def lanes(self) -> frozenset[str]:
        """Its lanes; none where it is of the whole road."""
        return frozenset() if self.lane in _WHOLE else frozenset(self.lane.split("+"))

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

    @cached_property
    def wholes(self) -> dict[str, list[tuple[int, ...]]]:
        """By kind which values make that of all vehicles on the whole road: one that is so, or those of all lanes.

        Values whose lanes overlap do not add up, and a kind that has the whole without a name needs no other.

        >>> flow = [Characteristic("trafficFlow", lane) for lane in ("lane1", "lane2", "allLanesCompleteCarriageway")]
        >>> Site(values=dict(enumerate(flow))).wholes, Site(values=dict(enumerate(flow[:1] * 2))).wholes
        ({'trafficFlow': [(2,), (0, 1)]}, {'trafficFlow': [(0,), (1,)]})
        """
        found: dict[str, list[tuple[int, ...]]] = {}
        for kind in {one.kind for one in self.values.values()}:
            lanes = {
                index: one.lanes
                for index, one in sorted(self.values.items())
                if one.kind == kind and one.vehicles in ALL_VEHICLES
            }
            if not lanes or any(not self.values[index].detail for index in lanes):
                continue
            every = frozenset().union(*lanes.values())
            rest = [index for index, some in lanes.items() if some and (some != every or len(lanes) == 1)]
            found[kind] = [(index,) for index in lanes if index not in rest]
            if rest and sum(len(lanes[index]) for index in rest) == len(every):
                found[kind].append(tuple(rest))
        return found


SiteTable = dict[str, Site]
SITES = ("measurementSiteRecord", "measurementSite")  # in version 2 and 3


def tables_beside(name: str) -> tuple[str, ...]:
    """Return what the NDW calls the table of sites of a file with measured data, the likeliest name first.

    >>> tables_beside("trafficspeed.xml.gz"), tables_beside("reistijden_meetgegevens.xml.gz")[0]
    (('measurement_current.xml.gz', 'measurement_current.xml'), 'reistijden_configuratie_meetlocaties.xml.gz')
    """
    stem = name.partition(".")[0]
    of_version_3 = stem.removesuffix("_meetgegevens")
    stems = ([f"{of_version_3}_configuratie_meetlocaties"] if of_version_3 != stem else []) + ["measurement_current"]
    return tuple(f"{one}.{end}" for one in stems for end in ("xml.gz", "xml"))


def read_sites(stream: IO[bytes], file: str) -> SiteTable:
    """Return the sites of a MeasurementSiteTablePublication by id; read as a stream.

    Raises
    ------
    FormatError
        If it is no well-formed XML.
    """
    return {
        element.get("id", ""): site_of(element)
        for element in safe_xml.elements(stream, SITES, file)
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
        _told_apart(values),
    )


def _told_apart(values: dict[int, Characteristic]) -> dict[int, Characteristic]:
    """Number those without a lane that have the same words: they are the lanes of a table that does not name them.

    >>> [one.lane for one in _told_apart(dict.fromkeys((1, 3), Characteristic("trafficFlow"))).values()]
    ['unnamed1', 'unnamed2']
    """
    found: dict[int, Characteristic] = {}
    counts: Counter[Characteristic] = Counter()
    alike = Counter(values.values())
    for index, one in sorted(values.items()):
        counts[one] += 1
        found[index] = replace(one, lane=f"unnamed{counts[one]}") if not one.lane and alike[one] > 1 else one
    return found


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
    """Return the lane, a word in version 2, a number or a use in version 3, with + between several."""
    found = []
    for item in element:
        if local(item.tag) in ("specificLane", "lane", "laneNumber"):
            own = (item.text or "").strip() or text(item, "laneNumber") or text(item, "laneUsage")
            if own:
                found.append(f"lane{own}" if own.isdigit() else own)
    return "+".join(dict.fromkeys(found))


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
    # what else they are told by, such as their weight: without it they would be taken for all vehicles
    known = ("", "vehicleType", "lengthCharacteristic")
    others = [
        " ".join([local(item.tag), *"".join(item.itertext()).split()])[:60]
        for item in element
        if local(item.tag) not in known and not local(item.tag).endswith("Extension")
    ]
    return " ".join(part for part in (*filter(None, types), f"{lengths} m" if lengths else "", *others) if part)


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
            line += _listed(item)
        elif name in ("pointCoordinates", "coordinatesForDisplay", "locationForDisplay", "coordinates"):
            found = number_of(text(item, "longitude")), number_of(text(item, "latitude"))
            if found[0] == found[0] and found[1] == found[1]:
                if local(item.getparent().tag) == "from":  # TPEG writes where a stretch ends before where it begins
                    points.insert(0, found)
                else:
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
    "tpegLinearLocation",
)


def _listed(item: Any) -> list[tuple[float, float]]:
    """Return the places of a posList: in DATEX II latitude stands first, and x in a system that its line names."""
    numbers = [number_of(part) for part in (item.text or "").split()[: 2 * _MOST_POINTS]]
    pairs = [pair for pair in zip(numbers[1::2], numbers[::2]) if pair[0] == pair[0] and pair[1] == pair[1]]
    named = _CODE.search(item.get("srsName") or item.getparent().get("srsName") or "")
    if named is None or named[0] in _DEGREES or not pairs:
        return [(x, y) for x, y in pairs if abs(x) <= 180 and abs(y) <= 90]
    try:
        return [(x, y) for x, y in _in_degrees([(x, y) for y, x in pairs], named[0]) if x == x and y == y]
    except CrsError:
        return []  # the point for display is left


def _in_degrees(places: list[tuple[float, float]], code: str) -> list[tuple[float, float]]:
    from dtwin_plugin.data.crs import RD
    from dtwin_plugin.sources import crs

    name = f"EPSG:{code}"
    found = crs.from_rd(places, CRS84) if name == RD else crs.between(places, name, CRS84)
    return [(x, y) for x, y in found[:, :2].tolist()]
