"""Points through time as CoverageJSON, which services of OGC API - EDR (that of the KNMI too) answer with.

References
----------
OGC 21-069r2 (2023), CoverageJSON 1.0, chapter 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dtwin_plugin.data.series import INVALID, UNKNOWN

from .builder import Builder, number_of
from .times import period
from .units import unit_of


def looks_like(document: Any) -> bool:
    """Tell whether JSON is a coverage or a collection of them."""
    return isinstance(document, dict) and document.get("type") in ("Coverage", "CoverageCollection")


def add_coverages(document: dict[str, Any], build: Builder) -> None:
    """Add the values of coverages that are a point through time; others are told and left out."""
    shared = _members(document.get("parameters"))
    listed = document.get("coverages") if document.get("type") == "CoverageCollection" else [document]
    for number, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            _add(item, {**shared, **_members(item.get("parameters"))}, build, number)


def _add(item: dict[str, Any], parameters: Mapping[str, Any], build: Builder, number: int) -> None:
    axes = _members(_members(item.get("domain")).get("axes"))
    place = [_values(axes.get(name)) for name in ("x", "y")]
    times = [period(text) for text in _values(axes.get("t"))]
    if any(len(values) != 1 for values in place) or None in times:
        build.remark("{file} has coverages that are no point through time; they are left out.", file=build.source)
        return
    x, y = number_of(place[0][0]), number_of(place[1][0])
    known = next((str(item[key]) for key in ("eumetnet:locationId", "id") if isinstance(item.get(key), (str, int))), "")
    station = build.station(known or f"{x:g} {y:g}" or str(number), (x, y) if x == x and y == y else None)
    for name, found in _members(item.get("ranges")).items():
        values = _values(found)
        if len(values) != len(times):
            build.remark(
                "{file} has {found} values for {expected} times; they are left out.",
                file=build.source,
                found=len(values),
                expected=len(times),
            )
            continue
        kind = _quantity(name, _members(parameters.get(name)), build)
        for span, value in zip(times, values):
            if span is not None:
                read = number_of(value)
                build.add(station, kind, span[0], read, span[1], quality=INVALID if read != read else UNKNOWN)


def _quantity(name: str, parameter: Mapping[str, Any], build: Builder) -> int:
    unit = _members(parameter.get("unit"))
    symbol = unit.get("symbol")
    readable, given = unit_of(symbol.get("value") if isinstance(symbol, dict) else symbol)
    label = _members(_members(parameter.get("observedProperty")).get("label"))
    return build.quantity(name, readable, given, title=next((str(text) for text in label.values()), ""))


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _values(axis: Any) -> list[Any]:
    found = _members(axis).get("values")
    return found if isinstance(found, list) else []
