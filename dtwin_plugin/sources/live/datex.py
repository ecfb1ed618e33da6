"""Measured data of DATEX II 2.3 and 3, as the NDW gives them each minute: flows, speeds and travel times.

A value goes with the number ("index") of its characteristic in the table of sites; without that table the kind of a
value is known and its lane is not. The time of a site is the begin of its period (NDW, Dutch profile of DATEX II,
measurementTimeDefault). -1, `dataError` and a mean of no vehicles are no value, and never 0.

References
----------
CEN/TS 16157-5:2020, DATEX II: measured and elaborated data publications. NDW: Nederlands profiel DATEX II, 2.3 and 3.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import IO, Any

from dtwin_plugin.data.series import INVALID, UNKNOWN
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.safe_xml import child, local, text

from .builder import Builder, number_of
from .datex_sites import ALL_VEHICLES, SITES, Characteristic, Site, SiteTable, index_of, site_of
from .times import moment

FLOW, SPEED, TRAVEL_TIME = "flow", "speed", "travel_time"
UNITS = {FLOW: "1/h", SPEED: "km/h", TRAVEL_TIME: "s"}
# The element that tells what is measured -> the one within it with the value, and what it measures.
_VALUES = {
    "vehicleFlow": ("vehicleFlowRate", FLOW),
    "averageVehicleSpeed": ("speed", SPEED),
    "travelTime": ("duration", TRAVEL_TIME),
}
# What the table of sites calls them; other kinds are not compared.
_FLOWS = "trafficFlow"
_KINDS = {_FLOWS: FLOW, "trafficSpeed": SPEED, "travelTimeInformation": TRAVEL_TIME}
_NAMES = {kind: name for name, kind in _KINDS.items() if kind != TRAVEL_TIME}
_ITEMS = ("measuredValue", "physicalQuantity")
_MINUTE = 60.0  # s; the period of a site whose table is not there


def add_measured(stream: IO[bytes], build: Builder, sites: Mapping[str, Site], only: bool = False) -> SiteTable:
    """Add the values of a MeasuredDataPublication, read as a stream; `only` those of the sites of the table.

    A file of version 3 may have the table of its sites before its values.

    Returns
    -------
    SiteTable
        The sites that the file itself has.

    Raises
    ------
    FormatError
        If it is no well-formed XML.
    """
    unknown = 0
    own: SiteTable = {}
    for element in safe_xml.elements(stream, ("publicationTime", "siteMeasurements", *SITES), build.source):
        kind = local(element.tag)
        if kind == "publicationTime":
            build.published = build.published or moment(element.text)
            continue
        if kind in SITES:
            if element.get("id"):
                own[element.get("id")] = site_of(element)
            continue
        reference = child(element, "measurementSiteReference")
        name = (reference.get("id") or (reference.text or "").strip()) if reference is not None else ""
        begin = _time(element)
        if not name or begin is None:
            build.remark("{file} has measurements without a site or a time; they are left out.", file=build.source)
            continue
        site = sites.get(name) or own.get(name)
        if site is None and only:
            continue
        unknown += site is None
        _add_site(element, build, name, begin, site or Site())
    if unknown:
        build.remark(
            "{count} sites of {file} are not in the table of sites; their places and lanes are not known.",
            count=unknown,
            file=build.source,
        )
    return own


def _time(element: Any) -> int | None:
    found = child(element, "measurementTimeDefault")
    return moment(found.text) or moment(text(found, "timeValue")) if found is not None else None


def _add_site(element: Any, build: Builder, name: str, begin: int, site: Site) -> None:
    number = build.station(name, site.place, name=site.name, lanes=site.lanes, side=site.side)
    known: dict[str, dict[int, tuple[float, float, Characteristic]]] = {}
    for item in element:
        found = _value(item) if _name(item.tag) in _ITEMS else None
        if found is None:
            continue
        kind, value, counted, deviation = found
        index = item.get("index", "")
        meant = site.values.get(index_of(index))
        if meant is not None and _KINDS.get(meant.kind, kind) != kind:  # the table is of another time than the values
            build.remark(
                "{file} has values of another kind than the table of sites tells, such as number {index} of {site}; "
                "their lanes are not known. Take the table of the same day.",
                file=build.source,
                index=index[:20],
                site=name[:60],
            )
            meant = None
        meant = meant or Characteristic(kind, f"index{index[:20]}")
        end = begin + round(1000 * (meant.period or _MINUTE))
        quality = INVALID if math.isnan(value) else UNKNOWN
        detail = "" if kind == TRAVEL_TIME and len(site.values) <= 1 else meant.detail
        named = build.quantity(kind, UNITS[kind], detail=detail)
        build.add(number, named, begin, value, end, None, quality, count=counted, deviation=deviation)
        if site.values and kind in _NAMES and meant.vehicles in ALL_VEHICLES:
            rows = known.setdefault(_NAMES[kind], {})
            if meant.kind == _NAMES[kind]:
                rows[index_of(index)] = value, counted, meant
    _add_wholes(build, number, begin, known, site)


_name = lru_cache(maxsize=1024)(local)  # of hundreds of thousands of elements with a few tags


def _value(item: Any) -> tuple[str, float, float, float] | None:
    """Return kind, value (NaN where there is none), count and deviation; None for what is not read here."""
    outer = next((part for part in item.iter() if _name(part.tag) in _VALUES), None)
    if outer is None:
        return None
    inner, kind = _VALUES[_name(outer.tag)]
    value, wrong = math.nan if len(outer) else number_of(outer.text), False
    for part in chain(outer, outer.getparent()):
        name = _name(part.tag)
        if name == inner and part.getparent() is outer:
            value = number_of(part.text)
        elif name == "dataError":
            wrong = wrong or (part.text or "").strip().lower() in ("true", "1")
    counted = number_of(outer.get("numberOfInputValuesUsed"))
    if wrong or value < 0 or (kind == SPEED and counted == 0):
        value = math.nan
    deviation = number_of(outer.get("standardDeviation"))
    return kind, value, counted, deviation if deviation >= 0 else math.nan


def _add_wholes(
    build: Builder,
    station: int,
    begin: int,
    known: Mapping[str, Mapping[int, tuple[float, float, Characteristic]]],
    site: Site,
) -> None:
    """Add the flow of the whole road, and the speed as its mean by flow, as far as the table of sites tells the lanes.

    A lane without vehicles has no speed and no weight. Where a lane of the table has no value there is no whole, for it
    would look like less traffic; a value of all lanes goes before their sum.
    """
    for name, values in known.items():
        choices = site.wholes.get(name)
        if choices is None:
            continue
        kind = _KINDS[name]
        flows = {meant.lane: value for value, _, meant in _of_all(known.get(_FLOWS, {}), site)}
        total = math.nan
        for chosen in choices:
            rows = [values[index] for index in chosen if index in values]
            if len(rows) == len(chosen) and math.isnan(total):
                numbers = [value for value, _, _ in rows]
                weights = [flows.get(meant.lane, count) for _, count, meant in rows]
                if len(rows) == 1 and math.isnan(weights[0]):
                    weights = [1.0]  # of one value the weight says nothing
                total = math.fsum(numbers) if kind == FLOW else _mean(numbers, weights)
        period = next((meant.period for _, _, meant in values.values() if meant.period), _MINUTE)
        quality = INVALID if math.isnan(total) else UNKNOWN
        build.add(station, build.quantity(kind, UNITS[kind]), begin, total, begin + round(1000 * period), None, quality)


def _of_all(
    values: Mapping[int, tuple[float, float, Characteristic]], site: Site
) -> Iterable[tuple[float, float, Characteristic]]:
    """Return those values that are of all vehicles of their lanes."""
    chosen = {index for some in site.wholes.get(_FLOWS, ()) for index in some}
    return (value for index, value in values.items() if index in chosen)


def _mean(values: list[float], weights: list[float]) -> float:
    """Return the mean of values by weight; NaN where a value with weight lacks, or all weights are 0.

    >>> _mean([100.0, 50.0], [3.0, 1.0]), _mean([100.0, math.nan], [3.0, 0.0]), _mean([math.nan], [2.0])
    (87.5, 100.0, nan)
    """
    used = [(value, weight) for value, weight in zip(values, weights) if weight != 0]
    total = math.fsum(weight for _, weight in used)
    return math.fsum(value * weight for value, weight in used) / total if total > 0 else math.nan
