"""How results look: one table of styles by name, on the map and in 3D."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    QgsColorRampShader,
    QgsFillSymbol,
    QgsMapLayer,
    QgsRasterBandStats,
    QgsRasterLayer,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import tr

from . import styles3d, styles_bgt
from .styles_bim import ifc_elements
from .styles_demand import RANKS_DEMAND, STYLES_DEMAND
from .styles_flows import RANKS_FLOWS, STYLES_FLOWS
from .styles_ground import RANKS_GROUND, RANKS_GROUND_BELOW, STYLES_GROUND
from .styles_klic import RANKS_KLIC, STYLES_KLIC
from .styles_live import RANKS_LIVE, STYLES_LIVE
from .styles_logs import RANKS_LOGS, STYLES_LOGS
from .styles_noise import RANKS_NOISE, STYLES_NOISE
from .styles_plan import RANKS_PLAN, STYLES_PLAN
from .styles_points import points
from .styles_quality import quality
from .styles_rain import RANKS_RAIN, STYLES_RAIN
from .styles_raster import shade
from .styles_reach import RANKS_REACH, STYLES_REACH
from .styles_register import register
from .styles_registers import STYLES_REGISTERS
from .styles_rules import RANKS_RULES, STYLES_RULES
from .styles_section import RANKS_SECTION, STYLES_SECTION
from .styles_sensors import RANKS_SENSORS, STYLES_SENSORS
from .styles_sewer import RANKS_SEWER, STYLES_SEWER
from .styles_shared import absolute
from .styles_subsurface import soil_class, voxel_bodies, voxel_bodies_probability, voxel_probability, voxels
from .styles_sun import RANKS_SUN, STYLES_SUN
from .styles_surface import RANKS_SURFACE, STYLES_SURFACE
from .styles_terrain_water import RANKS_TERRAIN_WATER, RANKS_TERRAIN_WATER_BELOW, STYLES_TERRAIN_WATER
from .styles_traffic import RANKS_TRAFFIC, STYLES_TRAFFIC
from .styles_water import RANKS_WATER, STYLES_WATER

# Low to high; pale, and without blue, so that water on top of it stands out.
_TERRAIN = ("#cfdcc4", "#e0e6cf", "#f0eeda", "#ece0c3", "#dcc8a4", "#c4a882")


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


def footprints(layer: QgsVectorLayer) -> None:
    """Footprints in the colour of buildings on Dutch base maps; blocks in 3D where heights are known."""
    layer.renderer().setSymbol(_fill("#e8c8b8", "#8c6d5d"))
    styles3d.blocks(layer, {"": "#e8c8b8"})


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
    **STYLES_DEMAND,
    **STYLES_FLOWS,
    **STYLES_GROUND,
    **STYLES_KLIC,
    **STYLES_LIVE,
    **STYLES_LOGS,
    **STYLES_NOISE,
    **STYLES_PLAN,
    **STYLES_RAIN,
    **STYLES_REACH,
    **STYLES_REGISTERS,
    **STYLES_RULES,
    **STYLES_SECTION,
    **STYLES_SENSORS,
    **STYLES_SEWER,
    **STYLES_SUN,
    **STYLES_SURFACE,
    **STYLES_TERRAIN_WATER,
    **STYLES_TRAFFIC,
    **STYLES_WATER,
}
# Which lies on top, in the map.
RANKS = (
    "quality",
    *RANKS_LIVE,
    *RANKS_PLAN,
    *RANKS_RULES,
    *RANKS_SUN,
    *RANKS_NOISE,
    *RANKS_REACH,
    *RANKS_FLOWS,  # above the network that they were calculated on
    *RANKS_TRAFFIC,
    *RANKS_DEMAND,
    *RANKS_TERRAIN_WATER,
    *RANKS_WATER,
    *RANKS_TERRAIN_WATER_BELOW,
    *RANKS_SENSORS,
    *RANKS_SEWER,
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
    *RANKS_RAIN,
    *RANKS_SURFACE,
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
