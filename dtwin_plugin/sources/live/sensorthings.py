"""OGC SensorThings 1.0 and 1.1 as JSON: answers of a server, and entities in files.

What a file leaves out is told by what stands beside it: with one thing, one location or one datastream in all, loose
entities belong to it.

References
----------
OGC 15-078r6 (2016) and 18-088 (2021), SensorThings API Part 1: Sensing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from .builder import Builder, place_of
from .times import moment, period
from .units import unit_of

_ID = "@iot.id"
_ARRAY = "dataArray"
_IN_BRACKETS = re.compile(r"\(([^()]{1,500})\)/?$")
_DEEPEST = 8  # levels of expanded entities
_THING = {"name", "description", "properties"}


def looks_like(document: Any) -> bool:
    """Tell whether JSON is of SensorThings: a list of entities, or one."""
    one = _first(document)
    return isinstance(one, dict) and bool(
        any(str(key).startswith("@iot.") or "@iot." in str(key) for key in one)
        or {"phenomenonTime", "result"} <= one.keys()
        or {"components", _ARRAY} <= one.keys()
        or {"unitOfMeasurement", "observationType"} & one.keys()
        or {"encodingType", "location"} <= one.keys()
        or (_THING >= one.keys() and {"name", "description"} <= one.keys())
    )


def _first(document: Any) -> Any:
    """Return the first entity; of an empty list of a server, an entity that is none."""
    if isinstance(document, dict) and document.get("value") == []:
        return {_ID: ""}
    return next(_entities(document), None)


class SensorThings:
    """Gathers entities in any order, and gives their observations once all are there."""

    def __init__(self, build: Builder) -> None:
        self.build = build
        self.things: dict[str, dict[str, Any]] = {}
        self.streams: dict[str, tuple[dict[str, Any], str]] = {}
        self.places: dict[str, Any] = {}
        self.observations: list[tuple[dict[str, Any], str]] = []
        self._loose = 0
        self._titles: list[tuple[str, Any]] = []

    def add(self, document: Any, thing: str = "", stream: str = "") -> None:
        """Take the entities of a document; those that it is an answer about may be named."""
        for entity in _entities(document):
            self._entity(entity, thing, stream, 0)

    def _entity(self, entity: dict[str, Any], thing: str, stream: str, depth: int) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(entity.get(_ARRAY), list):
            self._rows(entity, stream)
        elif "result" in entity and "phenomenonTime" in entity:
            inner = entity.get("Datastream") or entity.get("MultiDatastream")
            if isinstance(inner, dict):
                stream = self._stream(inner, thing, depth)
            self.observations.append((entity, stream))
        elif "unitOfMeasurement" in entity or "unitOfMeasurements" in entity or "observationType" in entity:
            self._stream(entity, thing, depth)
        elif "encodingType" in entity and "location" in entity:
            self.places[thing or self._name(entity)] = entity["location"]
            self._titles.append((_text(entity.get("name")), entity["location"]))
            for item in _entities(entity.get("Things")):
                name = self._thing(item, depth)
                self.places[name] = entity["location"]
        elif not _is_beside(entity):
            self._thing(entity, depth)

    def _rows(self, entity: dict[str, Any], stream: str) -> None:
        """Take observations in rows of an array, as the data array extension has them."""
        names = [str(name) for name in _listed(entity.get("components"))]
        for kind in ("Datastream", "MultiDatastream"):
            inner, link = entity.get(kind), entity.get(f"{kind}@iot.navigationLink")
            told = _IN_BRACKETS.search(link) if isinstance(link, str) else None
            if isinstance(inner, dict):
                stream = str(inner.get(_ID, inner.get("id", "")))
            elif told:
                stream = told[1].strip("'")
        for row in entity[_ARRAY]:
            if isinstance(row, list) and len(row) == len(names):
                self.observations.append((dict(zip(names, row)), stream))
            else:
                self.build.remark("{file} has rows that do not fit their columns; they are left out.",
                                  file=self.build.source)  # fmt: skip

    def _thing(self, entity: dict[str, Any], depth: int) -> str:
        name = self._name(entity)
        self.things[name] = {**self.things.get(name, {}), **entity}
        for item in _entities(entity.get("Locations")):
            self.places[name] = item.get("location")
        for key in ("Datastreams", "MultiDatastreams"):
            for item in _entities(entity.get(key)):
                self._stream(item, name, depth + 1)
        return name

    def _stream(self, entity: dict[str, Any], thing: str, depth: int) -> str:
        name = self._name(entity)
        inner = entity.get("Thing")
        if isinstance(inner, dict) and depth < _DEEPEST:
            thing = self._thing(inner, depth + 1)
        known, before = self.streams.get(name, ({}, ""))
        self.streams[name] = {**known, **entity}, thing or before
        for item in _entities(entity.get("Observations")):
            self._entity(item, thing, name, depth + 1)
        return name

    def _name(self, entity: dict[str, Any]) -> str:
        found = entity.get(_ID, entity.get("id"))
        if found is None:
            self._loose += 1
            return f"\x00{self._loose}"
        return str(found)

    def finish(self) -> None:
        """Add all stations, and the observations of all datastreams."""
        if not (self.things or self.streams or self.observations):
            for title, place in self._titles:
                self.build.station(title or self.build.source, _point(place), name=title)
        stations = {name: self._station(name) for name in self.things}
        lonely = next(iter(stations)) if len(stations) == 1 else ""
        owners = {}
        for name, (entity, thing) in self.streams.items():
            owner = thing or lonely
            if owner not in stations:
                label = owner.strip("\x00") if owner else str(entity.get("name") or name).strip("\x00")
                place = self.places.get(owner) or entity.get("observedArea") or self._only_place()
                stations[owner] = self.build.station(label, _point(place), name=_text(entity.get("name")))
            owners[name] = stations[owner]
        alike = Counter(
            (owners[name], label) for name, (entity, _) in self.streams.items() for label in _labels(entity)
        )
        kinds = {}
        for name, (entity, _) in self.streams.items():
            station = owners[name]
            twice = {label for label in _labels(entity) if alike[station, label] > 1}
            kinds[name] = station, _quantities(entity, self.build, name, twice)
        for entity, name in self.observations:
            if not name and len(kinds) == 1:
                name = next(iter(kinds))
            if name not in kinds:
                number = self._any_station(stations, lonely)
                kinds[name] = number, [self.build.quantity("result", detail=name)]
            self._observe(entity, *kinds[name])

    def touches(self, stream: str, box: tuple[float, float, float, float]) -> bool:
        """Tell whether the thing of a datastream lies in a box of longitudes and latitudes; where unknown, it may."""
        place = _point(self.places.get(self.streams[stream][1]))
        return place is None or (box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3])

    def _any_station(self, stations: dict[str, int], lonely: str) -> int:
        if lonely:
            return stations[lonely]
        return self.build.station(self.build.source, _point(self._only_place()))

    def _only_place(self) -> Any:
        return next(iter(self.places.values())) if len(self.places) == 1 else None

    def _station(self, name: str) -> int:
        thing = self.things[name]
        place = self.places.get(name) or (self._only_place() if len(self.things) == 1 else None)
        title = _text(thing.get("name"))
        label = title or self.build.source if name.startswith("\x00") else name
        properties = thing.get("properties")
        told = (
            {key: value for key, value in properties.items() if isinstance(value, (str, int, float))}
            if isinstance(properties, dict)
            else {}
        )
        told = {
            f"property_{key}" if key in ("station", "name", "place") else str(key): told[key] for key in list(told)[:50]
        }
        return self.build.station(label, _point(place), **{"name": title, **told})

    def _observe(self, entity: dict[str, Any], station: int, kinds: list[int]) -> None:
        times = period(entity.get("phenomenonTime"))
        if times is None:
            self.build.remark(
                "{file} has observations without a phenomenon time; they are left out.", file=self.build.source
            )
            return
        result = entity.get("result")
        results = result if isinstance(result, list) and len(kinds) > 1 else [result]
        if len(results) != len(kinds):
            self.build.remark(
                "{file} has results with {found} values for {expected} quantities; they are left out.",
                file=self.build.source,
                found=len(results),
                expected=len(kinds),
            )
            return
        for kind, value in zip(kinds, results):
            self.build.add_result(station, kind, times[0], value, times[1], moment(entity.get("resultTime")))


def _units(entity: dict[str, Any]) -> list[Any]:
    """Return the units of a datastream; a MultiDatastream has more than one."""
    many = entity.get("unitOfMeasurements")
    return many if isinstance(many, list) else [entity.get("unitOfMeasurement")]


def _labels(entity: dict[str, Any]) -> list[str]:
    """Return what the quantities of a datastream are called: as the property that is observed, else as itself."""
    units = _units(entity)
    many = isinstance(entity.get("unitOfMeasurements"), list)
    properties = entity.get("ObservedProperties" if many else "ObservedProperty")
    observed = properties if isinstance(properties, list) else [properties]
    name = _text(entity.get("name")) or "result"
    found = []
    for number in range(len(units)):
        beside = observed[number] if number < len(observed) else None
        told = _text(beside.get("name")) if isinstance(beside, dict) else ""
        found.append(told or (f"{name} {number + 1}" if len(units) > 1 else name))
    return found


def _quantities(entity: dict[str, Any], build: Builder, name: str, twice: set[str]) -> list[int]:
    """Return the quantities of a datastream; those that its station has twice are told apart by name and id."""
    own = " ".join(part for part in (_text(entity.get("name")), name.strip("\x00")) if part)
    found = []
    for item, label in zip(_units(entity), _labels(entity)):
        unit = item if isinstance(item, dict) else {}
        readable, given = unit_of(unit.get("symbol"), unit.get("name"), unit.get("definition"))
        detail = own if label in twice else ""
        found.append(build.quantity(label, readable, given, detail, _text(entity.get("description"))))
    return found


def _is_beside(entity: dict[str, Any]) -> bool:
    """Tell whether an entity is none that values or places belong to: a feature, sensor, property or past location."""
    if any(key.startswith("Locations") for key in entity):
        return False  # a thing, whatever else it has
    return (
        ("feature" in entity and "encodingType" in entity)
        or ("metadata" in entity and "encodingType" in entity)
        or ("definition" in entity and "name" in entity)
        or ("time" in entity and "name" not in entity)
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entities(document: Any) -> Iterator[dict[str, Any]]:
    listed = document.get("value", document) if isinstance(document, dict) else document
    listed = listed if isinstance(listed, list) else [document]
    return (item for item in listed if isinstance(item, dict))


def _point(location: Any) -> tuple[float, float] | None:
    """Return the first place of GeoJSON: a point, a feature with one, or the first corner of what is larger."""
    for _ in range(_DEEPEST):
        if isinstance(location, dict):
            location = location.get("geometry") or location.get("coordinates")
        elif isinstance(location, list) and location and isinstance(location[0], (list, dict)):
            location = location[0]
        else:
            break
    return place_of(location)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
