"""Entities of NGSI-LD: normalized, concise and simplified (keyValues), and their history.

References
----------
ETSI GS CIM 009 V1.7.1 (2023), NGSI-LD API: 4.5.0 to 4.5.9 and 5.7.4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .builder import Builder, number_of, place_of
from .times import moment, period
from .units import unit_of

_NO_QUANTITY = {"id", "type", "@context", "scope", "observationSpace", "operationSpace", "location", "datasetId",
                "laneId"}  # fmt: skip
_BEGIN = ("dateObservedFrom", "observedFrom", "validFrom")  # the last of a forecast
_END = ("dateObservedTo", "observedTo", "validTo")
_AT = ("dateObserved", "observationDateTime", "validity", "observedAt", "dateModified", "modifiedAt")
_MOST = 1000  # attributes of one entity


def looks_like(document: Any) -> bool:
    """Tell whether JSON is an entity of NGSI-LD, or a list or GeoJSON of them."""
    one = next(_entities(document), None)
    return (
        one is not None
        and isinstance(one.get("id"), str)
        and isinstance(one.get("type"), (str, list))
        and (
            one["id"].startswith("urn:")
            or "@context" in one
            or "@context" in (document if isinstance(document, dict) else {})
        )
    )


def add_entities(document: Any, build: Builder) -> None:
    """Add the numbers of entities; each value at its own time, else at that of its entity."""
    for entity in _entities(document):
        name = entity.get("id")
        if not isinstance(name, str):
            build.remark("{file} has entities without an id; they are left out.", file=build.source)
            continue
        told = {
            key: _value(entity.get(key)) for key in ("name", "refRoadSegment", "refDevice", "laneId") if key in entity
        }
        kinds = entity["type"] if isinstance(entity.get("type"), list) else [entity.get("type")]
        label = told.pop("name", None)
        plain = {key: str(value) for key, value in told.items() if isinstance(value, (str, int, float))}
        station = build.station(
            name, _place(entity.get("location")), name=label if isinstance(label, str) else None,
            type=", ".join(str(kind) for kind in kinds), **plain,
        )  # fmt: skip
        _add_attributes(entity, station, build)


def _add_attributes(entity: dict[str, Any], station: int, build: Builder) -> None:
    begin = _time(entity, _BEGIN)
    end = _time(entity, _END)
    if begin is None or end is None or end < begin:
        begin, end = _span(entity) or (begin, begin)
    for key, attribute in list(entity.items())[:_MOST]:
        if key in _NO_QUANTITY or key in _BEGIN or key in _END or key in _AT or key.startswith("@"):
            continue
        for value, properties in _instances(attribute):
            if isinstance(value, str) and {"unitCode", "observedAt"} & properties.keys():
                value = number_of(value)  # some brokers write measured numbers as texts
                if math.isnan(value):
                    continue
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                continue
            own = moment(_value(properties.get("observedAt")))
            first, last = (own, own) if own is not None else (begin, end)
            if first is None:
                build.remark("{file} has values without a time; they are left out.", file=build.source)
                continue
            unit, given = unit_of(_value(properties.get("unitCode")))
            detail = str(properties.get("datasetId") or "")
            kind = build.quantity(key, unit, given, detail=detail)
            result = moment(properties.get("modifiedAt"))
            build.add_result(station, kind, first, value, last, result)


def _instances(attribute: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield value and sub-properties of each instance of an attribute: one, several by datasetId, or its history."""
    for item in attribute if isinstance(attribute, list) else [attribute]:
        if not isinstance(item, dict):
            yield item, {}
            continue
        kind = item.get("type")
        if kind in ("Relationship", "GeoProperty", "LanguageProperty", "VocabProperty", "JsonProperty"):
            continue
        if isinstance(item.get("values"), list):  # simplified history (5.7.4): pairs of a value and its time
            for pair in item["values"]:
                if isinstance(pair, list) and len(pair) == 2:
                    yield pair[0], {**item, "observedAt": pair[1]}
        elif "value" in item:
            value = item["value"]
            if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
                for part in value:
                    yield part.get("value"), {**item, **part}
            else:
                yield value, item


def _value(attribute: Any) -> Any:
    """Return the value of an attribute in any representation; of a typed value the value itself."""
    for _ in range(4):
        if isinstance(attribute, list) and attribute:
            attribute = attribute[-1]
        elif isinstance(attribute, dict):
            attribute = attribute.get("value", attribute.get("@value"))
    return attribute


def _time(entity: dict[str, Any], names: tuple[str, ...]) -> int | None:
    found = (moment(str(_value(entity.get(name))).partition("/")[0]) for name in names if name in entity)
    return next((at for at in found if at is not None), None)


def _span(entity: dict[str, Any]) -> tuple[int, int] | None:
    """Return begin and end of the time that a whole entity is of; a moment where it tells no interval."""
    for name in _AT:
        told = str(_value(entity.get(name))) if name in entity else ""
        first = moment(told.partition("/")[0])
        if first is not None:
            return period(told) or (first, first)
    return None


def _place(location: Any) -> tuple[float, float] | None:
    """Return the last place of a GeoProperty, concise or not: a point, or the first corner of what is larger."""
    for _ in range(8):
        if isinstance(location, dict):
            location = location.get("value", location.get("coordinates"))
        elif isinstance(location, list) and location and isinstance(location[0], (list, dict)):
            location = location[-1] if isinstance(location[0], dict) else location[0]
    return place_of(location)


def _entities(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        features = [item for item in document.get("features") or () if isinstance(item, dict)]
        listed: list[Any] = [
            {**(item.get("properties") or {}), "id": item.get("id"), "location": item.get("geometry")}
            for item in features
        ]
    else:
        listed = document if isinstance(document, list) else [document]
    return (item for item in listed if isinstance(item, dict))
