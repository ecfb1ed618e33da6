"""What the BRO has of groundwater: wells (GMW), series of levels (GLD) and samples (GAR).

References
----------
BRO catalogues of the groundwater monitoring well 1.1, the level dossier 1.0 and the composition report 1.0; OGC
10-126r4 (WaterML 2.0), 9.
"""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any

import numpy as np

from dtwin_plugin.sources.safe_xml import local

from .record import Record, positions_of, site_of
from .tree import as_number, date, first, found, number, own, plain_number, text

WELL_UNITS = {"top": "m NAP", "bottom": "m NAP", "tube_top": "m NAP", "diameter": "mm"}
LEVEL_UNITS = {"level": "m NAP"}
# Which of several values of one moment counts most, for who wants one.
STATUSES = ("volledigBeoordeeld", "voorlopig", "onbekend")
_HREF = "{http://www.w3.org/1999/xlink}href"
_METRES = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001}


def well(element: Any, file: str) -> Record:
    """Return a monitoring well: a row a tube, with its screen."""
    site = {
        **site_of(element, file),
        "date": date(element, "wellConstructionDate"),
        "removed_date": date(element, "wellRemovalDate"),
        "removed": text(element, "removed"),
        "well_code": text(element, "wellCode"),
        "nitg_code": text(element, "nitgCode", "NITGCode"),
        "standard": text(element, "constructionStandard"),
        "tubes": number(element, "numberOfMonitoringTubes"),
        "maintained_by": text(element, "maintenanceResponsibleParty"),
    }
    tubes = sorted(found(element, "monitoringTube"), key=lambda tube: _number_of(tube))
    screens = [_screen(tube) for tube in tubes]
    rows = {
        "tube": np.array([_number_of(tube) for tube in tubes], np.int64),
        "top": np.array([top for top, _ in screens], float),
        "bottom": np.array([bottom for _, bottom in screens], float),
        "tube_top": _lengths(tubes, "tubeTopPosition"),
        "diameter": np.array([plain_number(tube, "tubeTopDiameter") for tube in tubes], float),
        "tube_type": _texts([text(tube, "tubeType") for tube in tubes]),
        "tube_status": _texts([text(tube, "tubeStatus") for tube in tubes]),
        "material": _texts([text(tube, "tubeMaterial") for tube in tubes]),
    }
    bottoms = rows["bottom"][np.isfinite(rows["bottom"])]
    site["final_depth"] = site["surface"] - float(bottoms.min()) if len(bottoms) else math.nan
    return Record("well", local(element.tag), site, positions_of(element, file), rows, WELL_UNITS)


def levels(element: Any, file: str) -> Record:
    """Return a series of levels, by moment; of one moment what counts most first ("status").

    All values are kept: provisional ones beside those that were approved, and control measurements.
    """
    site = {
        **site_of(element, file),
        **_tube(element),
        "first_date": date(element, "researchFirstDate"),
        "last_date": date(element, "researchLastDate"),
        "network": _network(element),
    }
    rows: list[tuple[Any, ...]] = []
    for observation in found(element, "OM_Observation"):
        kind, status = _about(observation)
        rows += [(*_measured(point), status, kind) for point in found(observation, "MeasurementTVP")]
    times, heights, qualities, statuses, observed = zip(*rows) if rows else ((),) * 5
    moments = np.array(times, "datetime64[s]")
    rank = {status: index for index, status in enumerate(STATUSES)}
    ranks = np.array([rank.get(status, len(rank)) for status in statuses], np.int64)
    controls = np.array([str(kind).lower() == "controlemeting" for kind in observed], bool)
    order = np.lexsort((controls, ranks, moments))  # what has no moment goes last
    named = {
        "time": moments[order],
        "level": np.array(heights, float)[order],
        "quality": _texts(qualities)[order],
        "status": _texts(statuses)[order],
        "observation": _texts(observed)[order],
    }
    return Record("levels", local(element.tag), site, positions_of(element, file), named, LEVEL_UNITS, _well(element))


def samples(element: Any, file: str) -> Record:
    """Return a sample of groundwater: a row a parameter, measured in the field or in the laboratory."""
    taken = moment(text(element, "samplingDateTime") or date(element, "samplingDateTime"))
    site = {
        **site_of(element, file),
        **_tube(element),
        "date": date(element, "samplingDateTime"),
        "standard": text(element, "samplingStandard"),
        "network": _network(element),
    }
    rows = [row for name in ("fieldMeasurement", "analysis") for row in map(_analysed, found(element, name))]
    rows = [row for row in rows if row["parameter"] is not None]
    named: dict[str, Any] = {
        "time": np.full(len(rows), taken, "datetime64[s]"),
        "parameter": _texts([row["parameter"] for row in rows]),
        "value": np.array([row["value"] for row in rows], float),
        "unit": _texts([row["unit"] for row in rows]),
        "quality": _texts([row["quality"] for row in rows]),
        "limit_symbol": _texts([row["limit_symbol"] for row in rows]),
        "reporting_limit": np.array([row["reporting_limit"] for row in rows], float),
    }
    return Record("samples", local(element.tag), site, positions_of(element, file), named, {}, _well(element))


def moment(written: str | None) -> np.datetime64:
    """Return a moment in UTC; one without a time zone is taken as UTC, and one that is none is NaT.

    >>> [str(moment(written)) for written in ("2020-09-14T02:00:00+02:00", "2020-09-14", "soon")]
    ['2020-09-14T00:00:00', '2020-09-14T00:00:00', 'NaT']
    """
    plain = (written or "").strip().replace("Z", "+00:00")
    if len(plain) > 5 and plain[-5] in "+-" and plain[-4:].isdigit() and "T" in plain:
        plain = f"{plain[:-2]}:{plain[-2:]}"  # +0200, as the downloads have it
    try:
        found_at = datetime.fromisoformat(plain)
    except ValueError:
        try:
            return np.datetime64(plain[:10], "s") if plain else np.datetime64("NaT", "s")
        except ValueError:
            return np.datetime64("NaT", "s")
    if found_at.tzinfo is not None:
        try:
            found_at = found_at.astimezone(timezone.utc).replace(tzinfo=None)
        except OverflowError:  # the year 1 or 9999, with which "unknown" is written too
            return np.datetime64("NaT", "s")
    return np.datetime64(found_at.replace(microsecond=0), "s")


def tube_of(element: Any) -> tuple[str | None, float]:
    """Return the id of the well and the number of the tube that an object is about."""
    holder = first(element, "GroundwaterMonitoringTube", "monitoringPoint", "monitoringTube")
    if holder is None:
        return None, math.nan
    return text(holder, "broId"), number(holder, "tubeNumber")


def _tube(element: Any) -> dict[str, Any]:
    name, tube = tube_of(element)
    return {"well": name, "tube": tube}


def _well(element: Any) -> str | None:
    return tube_of(element)[0]


def _network(element: Any) -> str | None:
    holder = first(element, "GroundwaterMonitoringNet", "groundwaterMonitoringNet")
    return text(holder, "broId") if holder is not None else None


def _number_of(tube: Any) -> int:
    value = number(tube, "tubeNumber")
    return int(value) if not math.isnan(value) and abs(value) < 1e6 else -1


def _screen(tube: Any) -> tuple[float, float]:
    """Return top and bottom of a screen [m NAP], from the lengths of the parts where only these are given."""
    top, bottom = number(tube, "screenTopPosition"), number(tube, "screenBottomPosition")
    if math.isnan(top):
        top = number(tube, "tubeTopPosition") - number(tube, "plainTubePartLength")
    if math.isnan(bottom):
        bottom = top - number(tube, "screenLength")
    return top, bottom


def _lengths(tubes: list[Any], name: str) -> Any:
    return np.array([number(tube, name) for tube in tubes], float)


def _about(observation: Any) -> tuple[str | None, str | None]:
    """Return the kind of observation and its status, which stand in parameters and links of the metadata."""
    kind = status = None
    for pair in found(observation, "NamedValue"):
        name = first(pair, "name")
        if name is not None and str(name.get(_HREF, "")).endswith("observationType"):
            kind = text(pair, "value")
    linked = first(observation, "status")
    if linked is not None:
        status = str(linked.get(_HREF) or own(linked) or "").rpartition(":")[2] or None
    return kind, status


def _measured(point: Any) -> tuple[np.datetime64, float, str | None]:
    """Return moment, level and quality of one measurement; a series has a hundred thousand of them."""
    time, level, quality = None, math.nan, None
    for item in point:
        name = local(item.tag)
        if name == "time":
            time = own(item)
        elif name == "value":
            level = as_number(own(item)) * _METRES.get(item.get("uom", "m"), 1.0)
        elif name == "metadata":
            qualifier = first(item, "qualifier")
            quality = text(qualifier, "value") if qualifier is not None else None
    return moment(time), level, quality


def _analysed(item: Any) -> dict[str, Any]:
    value = first(item, "analysisMeasurementValue", "fieldMeasurementValue")
    return {
        "parameter": text(item, "parameter"),
        "value": as_number(own(value)) if value is not None else math.nan,
        "unit": value.get("uom") if value is not None else None,
        "quality": text(item, "qualityControlStatus"),
        "limit_symbol": text(item, "limitSymbol"),
        "reporting_limit": plain_number(item, "reportingLimit"),
    }


def _texts(values: Any) -> Any:
    result = np.empty(len(values), object)
    result[:] = list(values)
    return result
