"""Layers of boreholes (BHR-GT, BHR-P, BHR-G) and of walls of pits (SFR)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dtwin_plugin.sources.safe_xml import local
from dtwin_plugin.sources.soil_codes import lithoclass

from .record import Record, positions_of, site_of
from .tree import date, first, found, number, plain_number, text

_LAYERS = ("layer", "soilLayer")
# The name of a soil, the one that says most of how it behaves first.
_SOILS = (
    "geotechnicalSoilName", "soilNameNEN5104", "standardSoilName", "geologicalSoilName", "pedologicalSoilName",
    "soilName", "rockName", "rockType", "specialMaterial",
)  # fmt: skip
# Further columns of a layer: texts, by the names that versions and kinds of objects have for them.
_TEXTS = {
    "pedological_soil": ("pedologicalSoilName",),
    "colour": ("colour", "soilColour"),
    "organic_class": ("organicMatterContentClass", "organicMatterContentClassNEN5104", "organicMatterClass"),
    "carbonate_class": ("carbonateContentClass", "carbonateClass"),
    "gravel_class": ("gravelContentClass", "gravelContentClassNEN5104"),
    "sand_median_class": ("sandMedianClass",),
    "consistency": ("fineSoilConsistency", "organicSoilConsistency"),
    "peat_type": ("peatType",),
    "horizon": ("horizonCode",),
    "deposit": ("depositionalCharacteristic",),
    "anthropogenic": ("anthropogenic",),
}
_NUMBERS = {  # in the unit of the document: % and µm
    "sand_median": ("sandMedian", "estimatedSandMedian"),
    "clay_content": ("clayContent", "estimatedClayContent"),
    "organic_content": ("organicMatterContent", "estimatedOrganicMatterContent"),
}
_ADMIXTURES = ("tertiaryConstituent", "constituentType", "dispersedInhomogeneity")
UNITS = {"top": "m", "bottom": "m", "sand_median": "µm", "clay_content": "%", "organic_content": "%"}


def read(element: Any, file: str) -> Record:
    """Return a borehole or a soil face; of several descriptions that of most metres, then that with most layers."""
    logs = _descriptions(element)
    log, chosen = max(logs, key=_described, default=(element, []))
    site = {
        **site_of(element, file),
        "date": date(element, "boringEndDate", "boringStartDate", "fieldworkDate", "researchReportDate"),
        "final_depth": number(element, "finalDepthBoring", "endDepthSoilFace", "endDepth"),
        "standard": text(element, "descriptionProcedure", "descriptionMethod", "surveyProcedure"),
        "method": text(element, "boringTechnique", "boringToolType", "outcropType"),
        "quality_class": text(log, "descriptionQuality", "sampleQuality"),
        "described_at": text(log, "descriptionLocation"),
        "descriptions": len(logs),
        "groundwater_depth": number(element, "groundwaterLevel"),
        "highest_groundwater_depth": number(element, "meanHighestGroundwaterLevel", "meanHighestGroundwaterTable"),
        "lowest_groundwater_depth": number(element, "meanLowestGroundwaterLevel", "meanLowestGroundwaterTable"),
        "well_code": text(element, "NITGCode", "nitgCode"),
    }
    rows = [_layer(item) for item in chosen]
    rows.sort(key=lambda row: (math.isnan(row["top"]), row["top"]))
    return Record("borehole", local(element.tag), site, positions_of(element, file), _columns(rows), UNITS)


def _described(log: tuple[Any, list[Any]]) -> tuple[float, int]:
    """Return how much is described [m], and in how many layers: a laboratory may see many in a few samples."""
    sizes = (number(layer, "lowerBoundary") - number(layer, "upperBoundary") for layer in log[1])
    return math.fsum(size for size in sizes if size > 0), len(log[1])


def _descriptions(element: Any) -> list[tuple[Any, list[Any]]]:
    """Return each description with its layers: a borehole may be described in the field and in the laboratory."""
    logs: list[tuple[Any, list[Any]]] = []
    for item in found(element, *_LAYERS):
        if first(item, "upperBoundary") is None or any(local(above.tag) in _LAYERS for above in item.iterancestors()):
            continue
        log = item.getparent()
        if not logs or logs[-1][0] is not log:
            logs.append((log, []))
        logs[-1][1].append(item)
    return logs


def _layer(item: Any) -> dict[str, Any]:
    soil = text(item, *_SOILS)
    row: dict[str, Any] = {"top": number(item, "upperBoundary"), "bottom": number(item, "lowerBoundary"), "soil": soil}
    row.update({name: text(item, *names) for name, names in _TEXTS.items()})
    row.update({name: plain_number(item, *names) for name, names in _NUMBERS.items()})
    row["admixtures"] = ", ".join(dict.fromkeys(_admixtures(item))) or None
    row["lithoclass"] = lithoclass(soil, row["sand_median"], row["sand_median_class"])
    return row


def _admixtures(item: Any) -> list[str]:
    values = [(part.text or "").strip() for part in found(item, *_ADMIXTURES)]
    return [value for value in values if value not in ("", "geen", "onbekend")]


def _columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the columns of layers; those that nothing is known of are left out, but for the ones of the carrier."""
    columns: dict[str, Any] = {
        "top": np.array([row["top"] for row in rows], float),
        "bottom": np.array([row["bottom"] for row in rows], float),
        "soil": _texts(rows, "soil"),
        "lithoclass": np.array([row["lithoclass"] for row in rows], np.int64),
        "admixtures": _texts(rows, "admixtures"),
    }
    for name in _NUMBERS:
        columns[name] = np.array([row[name] for row in rows], float)
    for name in _TEXTS:
        columns[name] = _texts(rows, name)
    return columns


def _texts(rows: list[dict[str, Any]], name: str) -> Any:
    result = np.empty(len(rows), object)
    result[:] = [row[name] for row in rows]
    return result
