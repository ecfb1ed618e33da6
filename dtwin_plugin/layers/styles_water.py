"""How water on the street looks: the same classes on the map, through time, and in 3D."""

from __future__ import annotations

from typing import NamedTuple

from qgis.core import (
    Qgis,
    QgsAbstract3DRenderer,
    QgsApplication,
    QgsColorRampShader,
    QgsMeshLayer,
    QgsMeshRendererScalarSettings,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from dtwin_plugin.translate import mark, tr

from . import styles3d
from .styles_raster import shade
from .styles_shared import by_class


class Step(NamedTuple):
    """A class of a legend: values up to `upper`."""

    upper: float
    colour: str
    label: str


_NONE = "#00ffffff"
_END = float("inf")
# Steps of 5 cm to 0.3 m as asked of a stress-test map (klimaatadaptatienederland.nl); below 1 cm nothing is shown.
WATER_DEPTH = (
    Step(0.01, _NONE, "< 0.01 m"),
    Step(0.05, "#ffe1edf8", "0.01 - 0.05 m"),
    Step(0.10, "#ffcfe1f2", "0.05 - 0.10 m"),
    Step(0.15, "#ffb5d4e9", "0.10 - 0.15 m"),
    Step(0.20, "#ff93c3df", "0.15 - 0.20 m"),
    Step(0.25, "#ff6daed5", "0.20 - 0.25 m"),
    Step(0.30, "#ff4b97c9", "0.25 - 0.30 m"),
    Step(0.50, "#ff2f7ebc", "0.30 - 0.50 m"),
    Step(1.00, "#ff1864aa", "0.50 - 1.00 m"),
    Step(_END, "#ff08306b", "> 1.00 m"),
)
VELOCITY = (
    Step(0.1, _NONE, "< 0.1 m/s"),
    Step(0.25, "#ffefedf5", "0.1 - 0.25 m/s"),
    Step(0.5, "#ffbcbddc", "0.25 - 0.5 m/s"),
    Step(1.0, "#ff807dba", "0.5 - 1 m/s"),
    Step(2.0, "#ff6a51a3", "1 - 2 m/s"),
    Step(_END, "#ff3f007d", "> 2 m/s"),
)
# Limits of depth times speed of Australian Rainfall and Runoff (2019), book 6, chapter 7: H1 to H4.
HAZARD = (
    Step(0.1, _NONE, "< 0.1 m2/s"),
    Step(0.3, "#fffee391", mark("0.1 - 0.3 m2/s: safe on foot")),
    Step(0.6, "#fffec44f", mark("0.3 - 0.6 m2/s: unsafe for children and small cars")),
    Step(1.0, "#fffe9929", mark("0.6 - 1.0 m2/s: unsafe for all cars and on foot")),
    Step(_END, "#ff993404", mark("> 1.0 m2/s: unsafe for everybody")),
)
# Classes of d (v + 0.5) + DF of Defra and the Environment Agency (FD2321, 2006).
RATING = (
    Step(0.02, _NONE, mark("No hazard")),
    Step(0.75, "#fffee391", mark("< 0.75: low")),
    Step(1.25, "#fffec44f", mark("0.75 - 1.25: danger for some")),
    Step(2.0, "#fffe9929", mark("1.25 - 2.0: danger for most")),
    Step(_END, "#ff993404", mark("> 2.0: danger for all")),
)
ARRIVAL = (
    Step(15, "#ff67000d", "< 15 min"),
    Step(30, "#ffcb181d", "15 - 30 min"),
    Step(45, "#fffb6a4a", "30 - 45 min"),
    Step(60, "#fffc9272", "45 - 60 min"),
    Step(90, "#fffcbba1", "60 - 90 min"),
    Step(120, "#fffee0d2", "90 - 120 min"),
    Step(_END, "#ffd9d9d9", "> 120 min"),
)
DURATION = (
    Step(1, _NONE, "< 1 min"),
    Step(15, "#ffedf8b1", "1 - 15 min"),
    Step(30, "#ffc7e9b4", "15 - 30 min"),
    Step(60, "#ff7fcdbb", "30 - 60 min"),
    Step(120, "#ff41b6c4", "1 - 2 h"),
    Step(240, "#ff1d91c0", "2 - 4 h"),
    Step(_END, "#ff0c2c84", "> 4 h"),
)
# The same steps below and above none; red, and not blue, is more water: it is what is worse.
DIFFERENCE = (
    Step(-0.3, "#ff01665e", mark("> 0.30 m less")),
    Step(-0.1, "#ff35978f", mark("0.10 - 0.30 m less")),
    Step(-0.05, "#ff80cdc1", mark("0.05 - 0.10 m less")),
    Step(-0.01, "#ffc7eae5", mark("0.01 - 0.05 m less")),
    Step(0.01, _NONE, mark("No difference (< 0.01 m)")),
    Step(0.05, "#fffddbc7", mark("0.01 - 0.05 m more")),
    Step(0.1, "#fff4a582", mark("0.05 - 0.10 m more")),
    Step(0.3, "#ffd6604d", mark("0.10 - 0.30 m more")),
    Step(_END, "#ffb2182b", mark("> 0.30 m more")),
)
BUILDING_DEPTH = {
    "dry": ("#d9d4c8", mark("Dry (< 0.05 m)")),
    "wet": ("#fee08b", mark("Wet (0.05 - 0.15 m)")),
    "nuisance": ("#f46d43", mark("Nuisance (0.15 - 0.30 m)")),
    "damage": ("#a50026", mark("Damage likely (> 0.30 m)")),
    "unknown": ("#bdbdbd", mark("Unknown")),
}
WATER_INSIDE = {
    "no": ("#d9d4c8", mark("No water inside")),
    "uncertain": ("#fdae61", mark("Uncertain: within the margin of the threshold")),
    "yes": ("#a50026", mark("Water inside")),
    "unknown": ("#bdbdbd", mark("Unknown")),
}
PASSABLE = {
    "all": ("#9e9e9e", mark("Passable for all")),
    "lorry": ("#fdae61", mark("Passable for lorries, not for cars")),
    "emergency": ("#f46d43", mark("Passable for emergency vehicles only")),
    "none": ("#a50026", mark("Closed")),
    "unknown": ("#d9d9d9", mark("Unknown")),
}
CHANGE = {
    "much less": ("#01665e", mark("At least 0.10 m less")),
    "less": ("#80cdc1", mark("0.02 - 0.10 m less")),
    "same": ("#d9d4c8", mark("Same (within 0.02 m)")),
    "more": ("#f4a582", mark("0.02 - 0.10 m more")),
    "much more": ("#b2182b", mark("At least 0.10 m more")),
    "unknown": ("#bdbdbd", mark("Unknown")),
}
MESH_GROUPS = (mark("Water depth"), mark("Water level"), mark("Velocity of the water"))
_SLOWEST_ARROW, _ARROWS = 0.05, 15  # m/s, and pixels between arrows
# As QGIS writes it; texture type 2 is the colours of the map, and the vertical group the dataset that gives heights.
_MESH_3D = (
    '<renderer-3d type="mesh"><symbol type="mesh"><data alt-clamping="absolute" height="0" add-back-faces="1"/>'
    '<material opacity="1" shininess="0" ambient="60,60,60,255" diffuse="178,178,178,255" specular="0,0,0,255" '
    'ka="1" kd="1" ks="1"/><advanced-settings renderer-3d-enabled="1" vertical-group-index="{level}" '
    'vertical-scale="1" vertical-relative="0" texture-type="2" smoothed-triangle="0" level-of-detail="-99" '
    'wireframe-enabled="0" arrows-enabled="0" culling-mode="no-culling"/></symbol></renderer-3d>'
)


def _items(steps: tuple[Step, ...]) -> list[QgsColorRampShader.ColorRampItem]:
    return [QgsColorRampShader.ColorRampItem(step.upper, QColor(step.colour), tr(step.label)) for step in steps]


def water_depth(layer: QgsRasterLayer) -> None:
    """Blue steps; the time axis, where there is one, stands on the bands."""
    shade(layer, _items(WATER_DEPTH), True)


def water_velocity(layer: QgsRasterLayer) -> None:
    """From pale to dark purple."""
    shade(layer, _items(VELOCITY), True)


def water_hazard(layer: QgsRasterLayer) -> None:
    """From yellow to brown, by who is safe."""
    shade(layer, _items(HAZARD), True)


def water_rating(layer: QgsRasterLayer) -> None:
    """From yellow to brown, by for whom there is danger."""
    shade(layer, _items(RATING), True)


def water_arrival(layer: QgsRasterLayer) -> None:
    """What comes first is darkest."""
    shade(layer, _items(ARRIVAL), True)


def water_duration(layer: QgsRasterLayer) -> None:
    """What stays longest is darkest."""
    shade(layer, _items(DURATION), True)


def water_difference(layer: QgsRasterLayer) -> None:
    """Green is less water and red is more, in the same steps."""
    shade(layer, _items(DIFFERENCE), True)


def water_level(layer: QgsRasterLayer) -> None:
    """Blue from the lowest to the highest 2 per cent, and a surface in profiles."""
    low, high = layer.dataProvider().cumulativeCut(1, 0.02, 0.98, layer.extent(), 250_000)
    colours = ("#deebf7", "#9ecae1", "#4292c6", "#08519c")
    places = [low + max(high - low, 1e-3) * k / (len(colours) - 1) for k in range(len(colours))]
    items = [QgsColorRampShader.ColorRampItem(z, QColor(c), f"{z:.2f} m NAP") for z, c in zip(places, colours)]
    shade(layer, items, False)
    layer.elevationProperties().setEnabled(True)


def building_depth(layer: QgsVectorLayer) -> None:
    """Footprints by the class of the water at their walls; extruded in 3D where heights are known."""
    _buildings(layer, "water_class", BUILDING_DEPTH)


def building_water(layer: QgsVectorLayer) -> None:
    """Footprints by whether water runs in; extruded in 3D where heights are known."""
    _buildings(layer, "water_inside", WATER_INSIDE)


def vulnerable_water(layer: QgsVectorLayer) -> None:
    """Objects by whether water reaches them."""
    by_class(layer, "water_inside", WATER_INSIDE)


def road_passable(layer: QgsVectorLayer) -> None:
    """Roads by who can pass."""
    by_class(layer, "passable", PASSABLE)


def water_change(layer: QgsVectorLayer) -> None:
    """Objects by the change of the water at them."""
    if layer.geometryType() == Qgis.GeometryType.Polygon:
        _buildings(layer, "change", CHANGE)
    else:
        by_class(layer, "change", CHANGE)


def flood_measures(layer: QgsVectorLayer) -> None:
    """Measures by what they are."""
    values = sorted({str(value) for value in layer.uniqueValues(layer.fields().lookupField("type"))})
    colours = ("#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#666666")
    looks = {value: (colours[k % len(colours)], value) for k, value in enumerate(values)}
    by_class(layer, "type", looks)


def water_mesh(layer: QgsMeshLayer) -> None:
    """Depth in the steps of the maps and arrows of the velocity; in 3D the water surface at its level."""
    groups = {layer.dataProvider().datasetGroupMetadata(k).name(): k for k in layer.datasetGroupsIndexes()}
    depth, level, velocity = (groups.get(tr(name)) for name in MESH_GROUPS)
    settings = layer.rendererSettings()
    if depth is not None:
        scalar = settings.scalarSettings(depth)
        ramp = QgsColorRampShader(0.0, WATER_DEPTH[-2].upper)
        ramp.setColorRampType(QgsColorRampShader.Type.Discrete)
        ramp.setColorRampItemList(_items(WATER_DEPTH))
        scalar.setColorRampShader(ramp)
        scalar.setClassificationMinimumMaximum(0.0, WATER_DEPTH[-2].upper)
        scalar.setDataResamplingMethod(QgsMeshRendererScalarSettings.DataResamplingMethod.NoResampling)
        settings.setScalarSettings(depth, scalar)
        settings.setActiveScalarDatasetGroup(depth)
    if velocity is not None:
        vector = settings.vectorSettings(velocity)
        vector.setColor(QColor("#252525"))
        vector.setFilterMin(_SLOWEST_ARROW)
        vector.setOnUserDefinedGrid(True)  # one arrow a cell would hide the map
        vector.setUserGridCellWidth(_ARROWS)
        vector.setUserGridCellHeight(_ARROWS)
        settings.setVectorSettings(velocity, vector)
        settings.setActiveVectorDatasetGroup(velocity)
    layer.setRendererSettings(settings)
    if level is not None:
        layer.setRenderer3D(_surface(level))


def _surface(level: int) -> QgsAbstract3DRenderer:
    """Return the water surface at its level in the colours of the map; the symbol has no Python class."""
    document = QDomDocument()
    document.setContent(_MESH_3D.format(level=level))
    styles3d.initialise()
    found = QgsApplication.renderer3DRegistry().rendererMetadata("mesh")
    return found.createRenderer(document.documentElement(), QgsReadWriteContext())


STYLES_WATER = {
    "building_depth": building_depth,
    "building_water": building_water,
    "flood_measures": flood_measures,
    "road_passable": road_passable,
    "vulnerable_water": vulnerable_water,
    "water_arrival": water_arrival,
    "water_change": water_change,
    "water_depth": water_depth,
    "water_difference": water_difference,
    "water_duration": water_duration,
    "water_hazard": water_hazard,
    "water_level": water_level,
    "water_mesh": water_mesh,
    "water_rating": water_rating,
    "water_velocity": water_velocity,
}
RANKS_WATER = (
    "vulnerable_water",
    "flood_measures",
    "building_water",
    "building_depth",
    "water_change",
    "road_passable",
    "water_mesh",
    "water_depth",
    "water_difference",
    "water_hazard",
    "water_rating",
    "water_velocity",
    "water_arrival",
    "water_duration",
    "water_level",
)


def _buildings(layer: QgsVectorLayer, field: str, looks: dict[str, tuple[str, str]]) -> None:
    by_class(layer, field, looks)
    styles3d.extruded_by_class(layer, field, {key: colour for key, (colour, _) in looks.items()})
