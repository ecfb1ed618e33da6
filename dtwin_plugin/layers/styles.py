"""How results look: one table of styles by name, on the map and in 3D."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsMapLayer,
    QgsRasterBandStats,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from . import styles3d, styles_bgt
from .styles_bim import ifc_elements
from .styles_ground import RANKS_GROUND, RANKS_GROUND_BELOW, STYLES_GROUND
from .styles_klic import RANKS_KLIC, STYLES_KLIC
from .styles_logs import RANKS_LOGS, STYLES_LOGS
from .styles_points import points
from .styles_quality import quality
from .styles_raster import shade
from .styles_register import register
from .styles_registers import STYLES_REGISTERS
from .styles_section import RANKS_SECTION, STYLES_SECTION
from .styles_shared import absolute
from .styles_subsurface import soil_class, voxel_bodies, voxel_bodies_probability, voxel_probability, voxels


class Step(NamedTuple):
    """A class of a legend: values up to `upper`."""

    upper: float
    colour: str
    label: str


# Steps of 5 cm to 0.3 m as asked of a stress-test map (klimaatadaptatienederland.nl); below 5 cm nothing is shown.
WATER_DEPTH = (
    Step(0.05, "#00ffffff", "< 0.05 m"),
    Step(0.10, "#ffdeebf7", "0.05 - 0.10 m"),
    Step(0.15, "#ffc6dbef", "0.10 - 0.15 m"),
    Step(0.20, "#ff9ecae1", "0.15 - 0.20 m"),
    Step(0.25, "#ff6baed6", "0.20 - 0.25 m"),
    Step(0.30, "#ff4292c6", "0.25 - 0.30 m"),
    Step(0.50, "#ff2171b5", "0.30 - 0.50 m"),
    Step(1.00, "#ff08519c", "0.50 - 1.00 m"),
    Step(float("inf"), "#ff08306b", "> 1.00 m"),
)
BUILDING_DEPTH = {
    "dry": ("#d9d4c8", mark("Dry (< 0.05 m)")),
    "wet": ("#fee08b", mark("Wet (0.05 - 0.15 m)")),
    "nuisance": ("#f46d43", mark("Nuisance (0.15 - 0.30 m)")),
    "damage": ("#a50026", mark("Damage likely (> 0.30 m)")),
    "unknown": ("#bdbdbd", mark("Unknown")),
}
# Low to high; pale, and without blue, so that water on top of it stands out.
_TERRAIN = ("#cfdcc4", "#e0e6cf", "#f0eeda", "#ece0c3", "#dcc8a4", "#c4a882")


def water_depth(layer: QgsRasterLayer) -> None:
    """Blue steps; the time axis, where there is one, stands on the bands."""
    shade(layer, [QgsColorRampShader.ColorRampItem(s.upper, QColor(s.colour), tr(s.label)) for s in WATER_DEPTH], True)


def terrain(layer: QgsRasterLayer) -> None:
    """Colours from the lowest to the highest 2 per cent, and the layer as a source of heights."""
    provider = layer.dataProvider()
    low, high = (round(v, 1) for v in provider.cumulativeCut(1, 0.02, 0.98, layer.extent(), 250_000))
    steps = [low + (high - low) * i / (len(_TERRAIN) - 1) for i in range(len(_TERRAIN))]
    items = [
        QgsColorRampShader.ColorRampItem(step, QColor(colour), f"{step:.2f} m") for step, colour in zip(steps, _TERRAIN)
    ]
    shade(layer, items, False)
    layer.elevationProperties().setEnabled(True)


def values(layer: QgsRasterLayer) -> None:
    """Grey from the smallest to the largest value, for rasters without a style of their own."""
    stats = layer.dataProvider().bandStatistics(1, QgsRasterBandStats.Stats.All, layer.extent(), 250_000)
    ends = ((stats.minimumValue, "#f7f7f7"), (stats.maximumValue, "#252525"))
    shade(layer, [QgsColorRampShader.ColorRampItem(v, QColor(c), f"{v:.3g}") for v, c in ends], False)


def building_depth(layer: QgsVectorLayer) -> None:
    """Footprints by the class of the water at their walls; extruded in 3D where heights are known."""
    categories = [
        QgsRendererCategory(key, _fill(colour, "#6b6455"), tr(label)) for key, (colour, label) in BUILDING_DEPTH.items()
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("water_class", categories))
    styles3d.extruded_by_class(layer, "water_class", {key: colour for key, (colour, _) in BUILDING_DEPTH.items()})


def footprints(layer: QgsVectorLayer) -> None:
    """Footprints in the colour of buildings on Dutch base maps."""
    layer.renderer().setSymbol(_fill("#e8c8b8", "#8c6d5d"))


def surfaces(layer: QgsVectorLayer) -> None:
    """Roofs on the map; ground, walls and roofs in their colours in 3D."""
    root = QgsRuleBasedRenderer.Rule(None)
    roof = _fill("#b5563c", "#5c4a42", 0.1)
    root.appendChild(QgsRuleBasedRenderer.Rule(roof, 0, 0, "\"surface\" = 'RoofSurface'", tr("Roof")))
    hidden = "\"surface\" IN ('RoofSurface', 'WallSurface', 'GroundSurface')"
    other = _fill("#cfc8bb", "#8a8172", 0.1)
    root.appendChild(QgsRuleBasedRenderer.Rule(other, 0, 0, f"NOT {hidden}", tr("Other surface")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    absolute(layer)
    styles3d.surfaces(layer)


def _fill(colour: str, outline: str, width: float = 0.15) -> QgsFillSymbol:
    return QgsFillSymbol.createSimple({"color": colour, "outline_color": outline, "outline_width": str(width)})


STYLES: dict[str, Callable[[QgsMapLayer], None]] = {
    "bgt": styles_bgt.bgt,
    "bgt_lines": styles_bgt.bgt_lines,
    "bgt_points": styles_bgt.bgt_points,
    "building_depth": building_depth,
    "footprints": footprints,
    "ifc_elements": ifc_elements,
    "points": points,
    "quality": quality,
    "register": register,
    "soil_class": soil_class,
    "surfaces": surfaces,
    "terrain": terrain,
    "values": values,
    "voxel_bodies": voxel_bodies,
    "voxel_bodies_probability": voxel_bodies_probability,
    "voxel_probability": voxel_probability,
    "voxels": voxels,
    "water_depth": water_depth,
    **STYLES_GROUND,
    **STYLES_KLIC,
    **STYLES_LOGS,
    **STYLES_REGISTERS,
    **STYLES_SECTION,
}
# Which lies on top, in the map.
RANKS = (
    "quality",
    "building_depth",
    "water_depth",
    *RANKS_SECTION,
    *RANKS_GROUND,
    *RANKS_KLIC,
    *RANKS_LOGS,
    "addresses",
    "furniture",
    "trees",
    "boundaries",
    "parcels",
    "tree_rows",
    "ifc_elements",
    "surfaces",
    "footprints",
    *RANKS_GROUND_BELOW,
    "soil_class",
    "voxel_probability",
    "voxels",
    "voxel_bodies",
    "voxel_bodies_probability",
    "values",
    "tree_areas",
    "bgt_points",
    "bgt_lines",
    "register",
    "bgt",
    "top10nl",
    "points",
    "terrain",
)
