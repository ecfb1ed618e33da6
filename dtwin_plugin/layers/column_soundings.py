"""A column beside the nearest sites of logs, as a plot of soundings draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsProject, QgsVectorLayer

from dtwin_plugin.translate import mark, tr

from .at_place import features_at
from .ground_column import GroundColumn, Part, part
from .object_facts import value_text
from .soundings import Bar, Sounding, sites_layers, soundings_of

_KINDS = ("cpt", "borehole", "well", "levels")
_WATER = "#1f78b4"
_GROUPS = {
    "building": mark("Building"), "water": mark("Water on the ground"), "cable": mark("Cables and pipes"),
    "body": mark("In the ground"),
}  # fmt: skip


def nearest_sites(
    project: QgsProject, x: float, y: float, crs: QgsCoordinateReferenceSystem, reach: float
) -> list[tuple[float, Sounding, QgsVectorLayer]]:
    """Return the nearest site of each kind within reach [m], with its distance; the nearest first."""
    best: dict[str, tuple[float, QgsFeature, QgsVectorLayer]] = {}
    for layer in sites_layers(project):
        for distance, feature in features_at(layer, x, y, reach, crs):
            kind = str(feature["kind"])
            if kind in _KINDS and (kind not in best or distance < best[kind][0]):
                best[kind] = distance, feature, layer
    found = []
    for distance, feature, layer in sorted(best.values(), key=lambda item: item[0]):
        for sounding in soundings_of(project, layer, [feature]):
            far = tr("{name} ({distance} m away)").format(name=sounding.name, distance=value_text(round(distance, 1)))
            found.append((distance, replace(sounding, name=far), layer))
    return found


def groundwater_of(sites: Iterable[tuple[float, Sounding, QgsVectorLayer]]) -> list[Part]:
    """Return the last level of each site that has levels."""
    parts = []
    for distance, sounding, layer in sites:
        if sounding.has_series:
            known = np.flatnonzero(np.isfinite(sounding.levels))
            level, moment = float(sounding.levels[known[-1]]), float(sounding.times[known[-1]])
            day = datetime.fromtimestamp(moment, timezone.utc).date().isoformat()
            note = tr("measured on {day}; mean {mean} m NAP").format(
                day=day, mean=value_text(round(float(np.nanmean(sounding.levels)), 2)))  # fmt: skip
            name = tr("Groundwater in {site}").format(site=sounding.name.partition(" (")[0])
            parts.append(part(layer, "groundwater", level, level, name, _WATER, note, distance))
    return parts


def drawn(column: GroundColumn, sites: Iterable[tuple[float, Sounding, QgsVectorLayer]]) -> list[Sounding]:
    """Return the column as a log, the cables and pipes near it as another, and the sites beside these."""
    surface = column.surface
    here = tuple(bar for item in column.parts if item.kind not in ("cable", "groundwater") for bar in _bars(item))
    near = tuple(bar for item in column.parts if item.kind == "cable" for bar in _bars(item))
    found = [Sounding(-1, tr("Here"), "column", surface, bars=here)]
    if near:
        found.append(Sounding(-2, tr("Cables near it"), "cables", surface, bars=near))
    return [*found, *(sounding for _, sounding, _ in sites if sounding.has_column)]


def _bars(item: Part) -> list[Bar]:
    if math.isnan(item.top) or not item.top > item.bottom:
        return []
    key = item.name if item.kind == "soil" else tr(_GROUPS.get(item.kind, item.name))
    return [Bar(item.top, item.bottom, item.colour, item.name, key, item.kind)]
