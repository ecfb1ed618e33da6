"""What tags of OpenStreetMap say of a road: speed, direction, lanes and who may use it.

References
----------
OpenStreetMap Wiki (2024): Key:maxspeed, Key:oneway, Key:lanes, Key:access, Relation:restriction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

BOTH, FORWARD, BACKWARD, CLOSED = "both", "forward", "backward", "closed"
DIRECTIONS = (BOTH, FORWARD, BACKWARD, CLOSED)
_MILE, _KNOT = 1.609344, 1.852  # km
_WALK = 5.0  # km/h, Key:maxspeed=walk
# km/h by the word after the country of "NL:urban"; a country that is not here has those of the last row
_ZONES = {
    "nl": {"urban": 50.0, "rural": 80.0, "trunk": 100.0, "motorway": 100.0, "living_street": 15.0, "zone30": 30.0},
    "de": {"urban": 50.0, "rural": 100.0, "motorway": 130.0, "living_street": 7.0, "bicycle_road": 30.0},
    "be": {"urban": 50.0, "rural": 70.0, "trunk": 120.0, "motorway": 120.0, "living_street": 20.0},
    "": {"urban": 50.0, "rural": 80.0, "trunk": 100.0, "motorway": 130.0, "living_street": 15.0},
}
_SPEED = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(km/h|kmh|kph|mph|knots)?")
_OPEN = ("yes", "designated", "permissive", "destination", "customers", "delivery", "residents", "official", "public")
_SHUT = ("no", "private", "agricultural", "forestry", "military", "emergency", "agricultural;forestry", "use_sidepath")
_VEHICLES = ("motorcar", "motor_vehicle", "vehicle", "access")  # the first that is there counts: it says most
_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary")
_KNOWN = {
    *(name for one in _CLASSES for name in (one, f"{one}_link")),
    *("unclassified", "residential", "living_street", "service", "track", "cycleway", "footway"),
}
_SAME = {
    **dict.fromkeys(("road", "unknown", "busway"), "unclassified"),
    **dict.fromkeys(("pedestrian", "path", "steps", "bridleway", "corridor", "platform"), "footway"),
    **dict.fromkeys(("track_grade1", "track_grade2", "track_grade3", "track_grade4", "track_grade5"), "track"),
}  # fmt: skip
# as the table of road noise calls them (Dutch surfaces); which way bricks lie is not told: herring-bone as a rule
_SURFACES = {
    **dict.fromkeys(("asphalt", "paved"), "DEF"),
    **dict.fromkeys(("paving_stones", "bricks", "paving_stones:30"), "NL10"),
    **dict.fromkeys(("sett", "cobblestone", "unhewn_cobblestone"), "NL11"),
}
_NOT_YET = ("construction", "proposed", "planned", "abandoned", "razed", "disused", "no", "rest_area", "services",
            "raceway", "escape", "bus_stop", "elevator", "emergency_bay")  # fmt: skip


def class_of(highway: str) -> str | None:
    """Return the class of a value of the key highway; "" where it is no road that is there, None where not known.

    >>> class_of("primary_link"), class_of("steps"), class_of("construction"), class_of("goat")
    ('primary_link', 'footway', '', None)
    """
    name = highway.strip().lower()
    if name in _NOT_YET:
        return ""
    return name if name in _KNOWN else _SAME.get(name)


def surface_of(text: str | None) -> str | None:
    """Return a value of the key surface as the noise of roads knows it; None where it has no such surface.

    >>> surface_of("asphalt"), surface_of("paving_stones"), surface_of("gravel")
    ('DEF', 'NL10', None)
    """
    return _SURFACES.get((text or "").strip().lower())


def speed_of(text: str | None) -> float | None:
    """Return a value of the key maxspeed [km/h], the lowest of several; None where it has no number.

    >>> speed_of("50"), speed_of("50 mph"), speed_of("NL:urban"), speed_of("walk"), speed_of("signals")
    (50.0, 80.4672, 50.0, 5.0, None)
    >>> speed_of("NL:zone30"), speed_of("DE:zone:20"), speed_of("80;100")
    (30.0, 20.0, 80.0)
    """
    found = [speed for speed in map(_one_speed, (text or "").split(";")) if speed is not None]
    return min(found, default=None)


def direction_of(tags: Mapping[str, str], highway: str) -> str:
    """Return which way cars may drive along the line of a road.

    >>> direction_of({"oneway": "-1"}, "residential"), direction_of({}, "motorway"), direction_of({}, "primary")
    ('backward', 'forward', 'both')
    >>> direction_of({"junction": "roundabout"}, "tertiary"), direction_of({"access": "no"}, "residential")
    ('forward', 'closed')
    >>> direction_of({"access": "no", "motor_vehicle": "destination"}, "residential")
    'both'
    """
    if not _may_drive(tags):
        return CLOSED
    oneway = (tags.get("oneway:motor_vehicle") or tags.get("oneway") or "").strip().lower()
    if oneway in ("-1", "reverse", "t"):
        return BACKWARD
    if oneway in ("yes", "true", "1", "f"):
        return FORWARD
    if oneway in ("reversible", "alternating"):
        return BOTH
    if oneway in ("no", "false", "0", "b"):
        return BOTH
    round_about = (tags.get("junction") or "").lower() in ("roundabout", "circular")
    return FORWARD if round_about or highway in ("motorway", "motorway_link") else BOTH


def lanes_of(tags: Mapping[str, str], direction: str) -> tuple[float | None, float | None]:
    """Return the lanes of both directions, None where the tags do not tell.

    >>> lanes_of({"lanes": "3", "lanes:forward": "2"}, "both"), lanes_of({"lanes": "2"}, "forward")
    ((2.0, 1.0), (2.0, 0.0))
    >>> lanes_of({"lanes": "2"}, "both"), lanes_of({"lanes": "1"}, "both"), lanes_of({}, "both")
    ((1.0, 1.0), (1.0, 1.0), (None, None))
    """
    whole = _count(tags.get("lanes"))
    ahead, back = _count(tags.get("lanes:forward")), _count(tags.get("lanes:backward"))
    if direction == FORWARD:
        return ahead or whole, 0.0
    if direction == BACKWARD:
        return 0.0, back or whole
    if whole is not None:
        ahead = ahead if ahead is not None else whole - back if back is not None else max(1.0, whole // 2)
        back = back if back is not None else max(1.0, whole - ahead)
        ahead = max(1.0, ahead)
    return ahead, back


def _may_drive(tags: Mapping[str, str]) -> bool:
    for name in _VEHICLES:
        value = (tags.get(name) or "").strip().lower()
        if value in _OPEN:
            return True
        if value in _SHUT:
            return False
    return True


def _one_speed(text: str) -> float | None:
    name = text.strip().lower()
    if name == "walk":
        return _WALK
    if name == "none":
        return _ZONES["de"]["motorway"]  # the recommended speed, where there is no limit
    if match := _SPEED.fullmatch(name):
        speed = float(match[1].replace(",", ".")) * {"mph": _MILE, "knots": _KNOT}.get(match[2] or "", 1.0)
        return speed or None
    country, colon, zone = name.partition(":")
    if not colon:
        return None
    if match := re.fullmatch(r"zone:?(\d{1,3})", zone):
        return float(match[1])
    return _ZONES.get(country, _ZONES[""]).get(zone)


def _count(text: str | None) -> float | None:
    try:
        found = float((text or "").split(";")[0])
    except ValueError:
        return None
    return found if 0 < found < 21 else None
