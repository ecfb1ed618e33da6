"""Where the parts of a column come from: each kind of layer tells of what it has at a place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsFeature,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from dtwin_plugin.data.measure import nearest_on
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.data.themes import NONE, THEMES
from dtwin_plugin.translate import tr

from .at_place import features_at
from .finish import field_names, style_of
from .ground_column import GroundColumn, Part, ordered, part
from .object_facts import value_text
from .place_facts import value_at
from .read import plain
from .shapes3d import is_drawn, shapes_of
from .styles_bgt import title_of
from .styles_subsurface import class_colours, class_names

_BUILDING, _WATER, _BODY = "#b5563c", "#1f78b4", "#8c510a"
_BUILDINGS, _CABLES, _CELLS = ("surfaces", "footprints"), ("klic_lines", "sewer_links"), ("voxels",)
# Styles of layers that have heights and are told of elsewhere, or are results about others.
_OTHERS = (
    "klic_tubes", "log_sticks", "log_columns", "log_screens", "voxel_bodies", "voxel_bodies_probability", "claims",
    "section_areas", "section_areas_3d",
)  # fmt: skip
_AT = 1e-3  # m around the place within which a polygon lies there
_SKY = 1e4  # m NAP, from where one looks down


def column_at(
    x: float,
    y: float,
    crs: QgsCoordinateReferenceSystem,
    layers: Sequence[QgsMapLayer],
    relief: Relief | None,
    reach: float,
    moment: QgsDateTimeRange | None = None,
) -> GroundColumn:
    """Return what lies at a place.

    Parameters
    ----------
    x, y : float
        In `crs` [m].
    layers : sequence of QgsMapLayer
        Seen or not.
    relief : Relief or None
        The ground, if it is known.
    reach : float
        How far cables and pipes may lie from the place on the map [m].
    moment : QgsDateTimeRange, optional
        Of water through time; without it the highest counts.
    """
    surface = float(relief.heights(np.array([x]), np.array([y]))[0]) if relief is not None else math.nan
    parts: list[Part] = []
    buildings: list[Part] = []
    for layer in layers:
        style, names = style_of(layer), set(field_names(layer))
        if isinstance(layer, QgsRasterLayer):
            parts += _water(layer, x, y, crs, surface, moment) if style == "water_depth" else ()
        elif not isinstance(layer, QgsVectorLayer) or not layer.isSpatial():
            continue
        elif style in _BUILDINGS:
            buildings += _building(layer, x, y, crs, surface)
        elif style in _CABLES:
            parts += _cables(layer, x, y, crs, reach)
        elif style in _CELLS:
            parts += _cells(layer, x, y, crs)
        elif style == "bgt":
            parts += _cover(layer, x, y, crs, surface)
        elif style not in _OTHERS and layer.geometryType() == Qgis.GeometryType.Polygon:
            pair = next((pair for pair in (("z_max", "z_min"), ("top", "bottom")) if names >= set(pair)), None)
            parts += _bodies(layer, x, y, crs, pair) if pair is not None else ()
    return GroundColumn(x, y, surface, ordered([*buildings[:1], *parts]))  # of the same building once


def _building(
    layer: QgsVectorLayer, x: float, y: float, crs: QgsCoordinateReferenceSystem, surface: float
) -> Iterator[Part]:
    """Yield what a line straight down meets of a building."""
    if not is_drawn(layer):
        return
    near = QgsRectangle(x - _AT, y - _AT, x + _AT, y + _AT)
    faces = shapes_of(layer, near, crs, QgsProject.instance().transformContext()).faces
    hits = faces.met(np.array([x, y, _SKY]), np.array([0.0, 0, -1])) if faces is not None else []
    if not hits:
        return
    top = hits[0].place[2]
    lowest = faces.first(np.array([x, y, -_SKY]), np.array([0.0, 0, 1]))  # type: ignore[union-attr]
    bottom = min(lowest.place[2], surface) if surface == surface else lowest.place[2]
    feature = layer.getFeature(hits[0].owner)
    names = [name for name in ("identificatie", "parent", "id") if name in field_names(layer)]
    name = next((str(feature[name]) for name in names if plain(feature[name])), "")
    note = (
        tr("{height} m above the ground").format(height=value_text(round(top - surface, 2)))
        if surface == surface
        else ""
    )
    yield part(layer, "building", top, bottom, tr("Building {name}").format(name=name).strip(), _BUILDING, note)


def _water(
    layer: QgsRasterLayer, x: float, y: float, crs: QgsCoordinateReferenceSystem, surface: float,
    moment: QgsDateTimeRange | None,
) -> Iterator[Part]:  # fmt: skip
    depth, when = value_at(layer, x, y, crs, moment)
    if depth > 0:
        note = tr("{depth} m deep").format(depth=value_text(round(depth, 2))) + (f", {when}" if when else "")
        yield part(layer, "water", surface + depth, surface, tr("Water on the ground"), _WATER, note)


def _cover(
    layer: QgsVectorLayer, x: float, y: float, crs: QgsCoordinateReferenceSystem, surface: float
) -> Iterator[Part]:
    """Yield what the surface is, of objects at ground level."""
    if layer.geometryType() != Qgis.GeometryType.Polygon:
        return
    names = field_names(layer)
    for _, feature in features_at(layer, x, y, _AT, crs):
        level = plain(feature["relatieve_hoogteligging"]) if "relatieve_hoogteligging" in names else 0
        wanted = [name for name in ("fysiek_voorkomen", "functie", "type") if name in names]
        words = [str(feature[name]) for name in wanted if plain(feature[name])]
        title = title_of(str(feature["klasse"]))
        height = surface if level in (0, None) else math.nan  # above or below it, nobody says how far
        note = "" if level in (0, None) else tr("level {level} in the BGT").format(level=level)
        yield part(layer, "surface", height, height, ": ".join([title, ", ".join(dict.fromkeys(words))]).rstrip(": "),
                   "#888888", note)  # fmt: skip


def _cables(
    layer: QgsVectorLayer, x: float, y: float, crs: QgsCoordinateReferenceSystem, reach: float
) -> Iterator[Part]:
    """Yield lines within reach, at their heights where they are nearest."""
    names = field_names(layer)

    def number(feature: QgsFeature, name: str) -> float:
        value = plain(feature[name]) if name in names else None
        return float(value) if isinstance(value, (int, float)) else math.nan

    for _, feature in features_at(layer, x, y, reach, crs):
        paths = [[(p.x(), p.y(), p.z()) for p in line.vertices()] for line in feature.geometry().constParts()]
        distance, axis = min((nearest_on(path, x, y) for path in paths if len(path) > 1), default=(math.inf, math.nan))
        diameter = number(feature, "diameter") / 1000 if "diameter" in names else number(feature, "width")
        half = diameter / 2 if diameter > 0 else 0.0
        theme = THEMES.get(str(plain(feature["theme"]))) if "theme" in names else None
        known = theme or NONE
        words = [tr(known.label) if "theme" in names else tr("Sewer")]
        words += [f"Ø {value_text(round(1000 * diameter))} mm"] if diameter > 0 else []
        yield part(layer, "cable", axis + half, axis - half, " ".join(words), known.colour,
                   _certainty(number(feature, "z_uncertainty"), number(feature, "xy_uncertainty"),
                              plain(feature["z_source"]) if "z_source" in names else None), distance)  # fmt: skip


def _certainty(height: float, sideways: float, source: Any) -> str:
    parts = [tr("height ± {far} m").format(far=value_text(round(height, 2)))] if height == height else []
    parts += [tr("place ± {far} m").format(far=value_text(round(sideways, 2)))] if sideways == sideways else []
    if source in ("standard", "assumed"):
        parts.append(tr("the depth is an estimate"))
    return ", ".join(parts)


def _cells(layer: QgsVectorLayer, x: float, y: float, crs: QgsCoordinateReferenceSystem) -> Iterator[Part]:
    """Yield voxels from the top down, those of one class on each other as one, in the colours of the map."""
    rows, colours = [], class_colours(class_names(layer))
    for _, feature in features_at(layer, x, y, _AT, crs):
        number = plain(feature["class"])
        chance = plain(feature["probability"]) if "probability" in field_names(layer) else None
        rows.append(
            (float(feature["z_max"]), float(feature["z_min"]), number, str(plain(feature["class_name"]) or ""), chance)
        )
    rows.sort(key=lambda row: -row[0])
    start = 0
    for index in range(1, len(rows) + 1):
        if index < len(rows) and rows[index][2] == rows[start][2] and abs(rows[index][0] - rows[index - 1][1]) < _AT:
            continue
        run = rows[start:index]
        known = [row[4] for row in run if isinstance(row[4], float)]
        note = ""
        if known:
            ends = [value_text(round(100 * value)) for value in (min(known), max(known))]
            note = tr("probability {share} %").format(share=" - ".join(dict.fromkeys(ends)))
        yield part(layer, "soil", run[0][0], run[-1][1], run[0][3], colours.get(run[0][2], "#E0E0E0"), note)
        start = index


def _bodies(
    layer: QgsVectorLayer, x: float, y: float, crs: QgsCoordinateReferenceSystem, pair: tuple[str, str]
) -> Iterator[Part]:
    """Yield what has a top and a bottom of its own, such as layers of a ground model and designs."""
    for _, feature in features_at(layer, x, y, _AT, crs):
        top, bottom = (plain(feature[name]) for name in pair)
        if isinstance(top, (int, float)) and isinstance(bottom, (int, float)):
            index = layer.fields().lookupField(layer.displayField())
            name = str(feature[index]) if index >= 0 else layer.name()
            yield part(layer, "body", float(top), float(bottom), name, _BODY)
