"""What lies below the ground, drawn otherwise in a 3D view: copies of layers, by the style they were made with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from qgis._3d import QgsRuleBased3DRenderer
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from dtwin_plugin.data import Features
from dtwin_plugin.data.columns import numbers_of
from dtwin_plugin.data.themes import NONE, THEMES
from dtwin_plugin.models.subsurface.cable_controls import accuracy
from dtwin_plugin.models.subsurface.tubes import tubes
from dtwin_plugin.progress import Silent
from dtwin_plugin.translate import mark

from . import styles3d
from .finish import style_of
from .read import extent_of, features_of
from .stretch3d import copy_of
from .styles_subsurface import voxel_bodies_probability, voxel_probability, voxels
from .voxel_bodies import cells_beside

# Mean depth of the top below the ground [m]: upper limit, colour, label; what a spade meets first is red.
DEPTHS = (
    (0.4, "#a50026", mark("< 0.4 m")),
    (0.7, "#f46d43", mark("0.4 - 0.7 m")),
    (1.0, "#fdae61", mark("0.7 - 1.0 m")),
    (1.5, "#a6d96a", mark("1.0 - 1.5 m")),
    (2.5, "#3288bd", mark("1.5 - 2.5 m")),
    (float("inf"), "#5e4fa2", mark("> 2.5 m")),
)
NO_DEPTH = ("#9e9e9e", mark("Depth not known"))
_SLEEVE = 0.25  # opacity
_VOXELS, _BODIES = ("voxels", "voxel_probability"), ("voxel_bodies", "voxel_bodies_probability")


@dataclass(frozen=True)
class BelowStyle:
    """What is drawn otherwise.

    Attributes
    ----------
    depth : bool
        Cables and pipes by their depth below the ground, and not by theme.
    probability : bool
        Soil by the probability of its class, and not by class.
    least : float
        Soil of which that is less is left out; 0 for none.
    logs : bool
        Whether boreholes and cone tests are drawn.
    """

    depth: bool = False
    probability: bool = False
    least: float = 0.0
    logs: bool = True

    def __call__(self, layer: QgsMapLayer) -> QgsMapLayer | None:
        """Return what is drawn for a layer: itself, a copy, or nothing."""
        style = style_of(layer) if isinstance(layer, QgsVectorLayer) else ""
        if style == "log_columns" and not self.logs:
            return None
        if style == "klic_tubes" and self.depth:
            return by_depth(layer)
        if style in (*_VOXELS, *_BODIES) and layer.renderer3D() is not None and (self.probability or self.least > 0):
            return self._soil(layer, style)
        return layer

    def _soil(self, layer: QgsVectorLayer, style: str) -> QgsVectorLayer:
        if self.least <= 0 and style in _BODIES:
            copy = copy_of(layer)
            voxel_bodies_probability(copy)
            return copy
        # bodies have no probability of their own cells
        cells = copy_of(layer) if style in _VOXELS else cells_beside(layer)
        if cells is None or cells.fields().lookupField("probability") < 0:
            return layer
        (voxel_probability if self.probability else voxels)(cells)
        limit(cells, f'"probability" >= {self.least!r}' if self.least > 0 else "")
        return cells


def by_depth(layer: QgsVectorLayer) -> QgsVectorLayer:
    """Return a copy of tubes of cables and pipes, coloured by their depth below the ground."""
    copy = copy_of(layer)
    if copy.fields().lookupField("depth") < 0:
        return copy
    rules = {'"depth" IS NULL': (NO_DEPTH[0], 1.0)}
    low = -np.inf
    for upper, colour, _ in DEPTHS:
        above = f'"depth" >= {low}' if np.isfinite(low) else '"depth" IS NOT NULL'
        rules[f'{above} AND "depth" < {upper}' if np.isfinite(upper) else above] = (colour, 1.0)
        low = upper
    styles3d.by_rules(copy, rules)
    return copy


def limit(layer: QgsVectorLayer, expression: str) -> None:
    """Draw only what an expression selects too, of a layer that is drawn by rules in 3D."""
    if not expression:
        return
    renderer = layer.renderer3D().clone()
    for rule in sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants():
        own = rule.filterExpression()
        rule.setFilterExpression(f"({own}) AND ({expression})" if own else expression)
    layer.setRenderer3D(renderer)


def sleeves_of(layer: QgsVectorLayer, extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Return tubes around cables and pipes in which they may lie: as thick as they are, and their accuracy more.

    Parameters
    ----------
    layer : QgsVectorLayer
        Axes of style "klic_lines" in m NAP; their horizontal accuracy counts, in all directions alike.
    extent : QgsRectangle
        The part in the scene.
    crs : QgsCoordinateReferenceSystem
        Of the extent.
    """
    context = QgsProcessingContext()
    source = QgsProcessingFeatureSource(layer, context)
    lines = features_of(source, "line", extent_of(extent, crs), Silent())
    names = lines.columns
    if "xy_uncertainty" in names:
        around = numbers_of(lines.columns, "xy_uncertainty", len(lines))
    else:
        classes = names["accuracy"].tolist() if "accuracy" in names else [None] * len(lines)
        around = np.array([accuracy(value) for value in classes])
    around = np.where(np.isfinite(around), around, accuracy(None))
    thick = 2000.0 * around + np.nan_to_num(numbers_of(lines.columns, "diameter", len(lines)))
    theme = names.get("theme", np.full(len(lines), None, object))
    wide = tubes(Features(lines.geometries, {"theme": theme, "diameter": thick}, crs=lines.crs))
    found = QgsVectorLayer(f"MultiPolygonZ?crs={wide.crs}&field=theme:string", layer.name(), "memory")
    found.setFlags(found.flags() & ~QgsVectorLayer.LayerFlag.Identifiable)  # what they are around can be pointed at
    rows = []
    for number, name in enumerate(wide.columns["theme"].tolist()):
        geometry, feature = QgsGeometry(), QgsFeature(found.fields())
        geometry.fromWkb(wide.geometries.wkb(number))
        feature.setGeometry(geometry)
        feature.setAttributes([name if name in THEMES else None])
        rows.append(feature)
    found.dataProvider().addFeatures(rows)
    found.updateExtents()
    rules = {f"\"theme\" = '{name}'": (known.colour, _SLEEVE) for name, known in THEMES.items()}
    styles3d.by_rules(found, {**rules, '"theme" IS NULL': (NONE.colour, _SLEEVE)}, levels=1, one_sided=True)
    return found
