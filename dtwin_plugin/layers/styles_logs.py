"""Soundings, boreholes, wells and levels: by kind on the map, as logs beside their sites, and as columns in 3D."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsGeometryGeneratorSymbolLayer,
    QgsLineSymbol,
    QgsMapLayerElevationProperties,
    QgsMarkerSymbol,
    QgsProperty,
    QgsPropertyCollection,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSimpleLineSymbolLayer,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from dtwin_plugin.data.soils import COLOURS, LITHOCLASSES, UNKNOWN
from dtwin_plugin.translate import mark, tr

from . import styles3d
from .styles_shared import absolute, label_by


class Kind(NamedTuple):
    """How a kind of site looks."""

    label: str
    colour: str
    shape: str


KINDS = MappingProxyType({
    "cpt": Kind(mark("Cone penetration test"), "#D81B60", "triangle"),
    "borehole": Kind(mark("Borehole"), "#6D4C41", "circle"),
    "well": Kind(mark("Groundwater well"), "#1565C0", "square"),
    "levels": Kind(mark("Series of groundwater levels"), "#29B6F6", "diamond"),
    "samples": Kind(mark("Samples of groundwater"), "#00897B", "pentagon"),
    "network": Kind(mark("Monitoring network"), "#7E57C2", "star"),
    "use": Kind(mark("Use of groundwater"), "#5C6BC0", "hexagon"),
    "resistance": Kind(mark("Formation resistance"), "#EF6C00", "cross_fill"),
})  # fmt: skip
_OTHER = Kind(mark("Other"), "#616161", "circle")
SCREEN = "#1565C0"
_UNKNOWN_SOIL = "#E0E0E0"  # white would not be seen on white
LOGS_FROM, LABELS_FROM = 5000.0, 5000.0  # scales; further away logs and names would cover each other
COLUMNS_FROM = 1000.0  # from which a column of 2 m is more than a dot on the map
_PLACE = "start_point(geometry_n(@geometry, 1))"
# From the site down, a metre of map for a metre of depth: a log of 20 m is 8 mm long at 1:2500.
_BAR = f'make_line(make_point(x({_PLACE}), y({_PLACE}) - "top"), make_point(x({_PLACE}), y({_PLACE}) - "bottom"))'
_BOTTOM, _HEIGHT = '"z_min"', '"z_max" - "z_min"'
_Z_OFFSET = QgsMapLayerElevationProperties.Property.ZOffset
_SCREEN = mark("Screen of a well")
# Levels below the ground [m]: upper limit, colour and label; wet is dark.
DEPTHS = (
    (0.2, "#08306b", mark("< 0.2 m")),
    (0.5, "#2171b5", mark("0.2 - 0.5 m")),
    (1.0, "#6baed6", mark("0.5 - 1.0 m")),
    (2.0, "#c6dbef", mark("1.0 - 2.0 m")),
    (float("inf"), "#f6e8c3", mark("> 2.0 m")),
)


def log_sites(layer: QgsVectorLayer) -> None:
    """Sites by kind, labelled with their names."""
    present = {str(value) for value in layer.uniqueValues(layer.fields().lookupField("kind"))}
    categories = [
        QgsRendererCategory(name, _marker(kind), tr(kind.label)) for name, kind in KINDS.items() if name in present
    ]
    if present - set(KINDS):
        categories.append(QgsRendererCategory(None, _marker(_OTHER), tr(_OTHER.label)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("kind", categories))
    _named(layer, '"id"')
    properties = layer.elevationProperties()
    properties.setClamping(Qgis.AltitudeClamping.Absolute)
    properties.setType(Qgis.VectorProfileType.IndividualFeatures)
    defined = QgsPropertyCollection()
    defined.setProperty(_Z_OFFSET, QgsProperty.fromExpression('"surface"'))
    properties.setDataDefinedProperties(defined)
    layer.setRenderer3D(None)  # the columns stand there
    layer.setMapTipTemplate('<b>[% "id" %]</b><br>[% "kind" %]')


def log_sticks(layer: QgsVectorLayer) -> None:
    """Layers in the colours of TNO: beside the site on the map, in place in profiles."""
    categories = []
    for number in _classes(layer):
        edge = {"line_color": "#404040", "line_width": "1.9", "capstyle": "flat"}
        core = {"line_color": _colour(number), "line_width": "1.6", "capstyle": "flat"}
        symbol = QgsLineSymbol.createSimple(edge)
        symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer.create(core))
        bar = _generated(symbol, _BAR, "Line")
        categories.append(QgsRendererCategory(number, bar, _class_name(number)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("lithoclass", categories))
    layer.setScaleBasedVisibility(True)
    layer.setMinimumScale(LOGS_FROM)
    _in_space(layer)
    layer.setMapTipTemplate('<b>[% "site" %]</b><br>[% "top" %] – [% "bottom" %] m<br>[% "soil" %]')


def log_columns(layer: QgsVectorLayer) -> None:
    """In 3D and in profiles: layers in the colours of TNO, screens blue; on the map what lies at the surface."""
    numbers = _classes(layer)
    rules = {f'"kind" <> \'well\' AND "lithoclass" = {number}': _colour(number) for number in numbers}
    names = [*map(_class_name, numbers)]
    if "well" in layer.uniqueValues(layer.fields().lookupField("kind")):
        rules["\"kind\" = 'well'"] = SCREEN
        names.append(tr(_SCREEN))
    root = QgsRuleBasedRenderer.Rule(None)
    for (expression, colour), name in zip(rules.items(), names):
        symbol = QgsFillSymbol.createSimple({"color": colour, "outline_color": "#404040", "outline_width": "0.05"})
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, expression, name))
    renderer = QgsRuleBasedRenderer(root)
    renderer.setOrderBy(QgsFeatureRequest.OrderBy([QgsFeatureRequest.OrderByClause('"z_max"', True)]))
    renderer.setOrderByEnabled(True)
    layer.setRenderer(renderer)
    layer.setScaleBasedVisibility(True)
    layer.setMinimumScale(COLUMNS_FROM)
    styles3d.extruded_by_rules(layer, rules, _BOTTOM, _HEIGHT)
    layer.elevationProperties().setRespectLayerSymbology(True)


def log_screens(layer: QgsVectorLayer) -> None:
    """Screens: a ring around the well on the map, in place in space."""
    ring = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": "0,0,0,0", "outline_color": SCREEN, "outline_width": "0.4", "size": "4.4"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(_generated(ring, _PLACE, "Marker")))
    layer.setScaleBasedVisibility(True)
    layer.setMinimumScale(LABELS_FROM)
    _in_space(layer)


def log_series(layer: QgsVectorLayer) -> None:
    """Levels by their depth below the ground, each at its moment; labelled with the level."""
    root = QgsRuleBasedRenderer.Rule(None)
    low: float | None = None
    for upper, colour, label in DEPTHS:
        parts = [] if low is None else [f'"depth" >= {low}']
        parts += [f'"depth" < {upper}'] if upper < float("inf") else []
        root.appendChild(QgsRuleBasedRenderer.Rule(_dot(colour), 0, 0, " AND ".join(parts), tr(label)))
        low = upper
    root.appendChild(QgsRuleBasedRenderer.Rule(_dot("#9E9E9E"), 0, 0, '"depth" IS NULL', tr("Surface not known")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    _named(layer, "concat(format_number(\"level\", 2), ' m')")
    properties = layer.temporalProperties()
    properties.setMode(Qgis.VectorTemporalMode.FeatureDateTimeInstantFromField)
    properties.setStartField("time")
    properties.setFixedDuration(1.0)  # a level holds a day, the usual step of a series
    properties.setDurationUnits(Qgis.TemporalUnit.Days)
    properties.setLimitMode(Qgis.VectorTemporalLimitMode.IncludeBeginExcludeEnd)
    properties.setIsActive(True)
    layer.setRenderer3D(None)


def _classes(layer: QgsVectorLayer) -> list[int]:
    """Return the lithoclasses that a layer has, in the order of the table, unknown last."""
    values = layer.uniqueValues(layer.fields().lookupField("lithoclass"))
    found = {int(value) for value in values if isinstance(value, (int, float))}
    return [number for number in (*LITHOCLASSES, UNKNOWN) if number in found]


def _class_name(number: int) -> str:
    return tr(LITHOCLASSES[number]) if number in LITHOCLASSES else tr("Soil not known")


def _colour(number: int) -> str:
    return COLOURS[number] if number != UNKNOWN else _UNKNOWN_SOIL


def _marker(kind: Kind) -> QgsMarkerSymbol:
    symbol = QgsMarkerSymbol.createSimple(
        {"name": kind.shape, "color": kind.colour, "outline_color": "#ffffff", "outline_width": "0.25", "size": "2.8"}
    )
    size = QgsProperty.fromExpression("scale_linear(@map_scale, 1000, 25000, 3.6, 1.4)")
    symbol.symbolLayer(0).setDataDefinedProperty(QgsSymbolLayer.Property.PropertySize, size)
    return symbol


def _dot(colour: str) -> QgsMarkerSymbol:
    return QgsMarkerSymbol.createSimple({"name": "circle", "color": colour, "outline_color": "#0D47A1", "size": "3"})


def _generated(symbol: QgsSymbol, expression: str, kind: str) -> QgsSymbol:
    """Return a symbol of a line that draws another one where an expression says: a vertical line is a dot on a map."""
    generator = QgsGeometryGeneratorSymbolLayer.create({"geometryModifier": expression, "SymbolType": kind})
    generator.setSubSymbol(symbol)
    around = QgsLineSymbol.createSimple({})
    around.changeSymbolLayer(0, generator)  # QgsLineSymbol([generator]) does not take it over, and QGIS ends
    return around


def _named(layer: QgsVectorLayer, expression: str) -> None:
    around = Qgis.LabelPlacement.OrderedPositionsAroundPoint
    label_by(layer, expression, placement=around, distance=2.0, scale=LABELS_FROM)  # mm, clear of the marker


def _in_space(layer: QgsVectorLayer) -> None:
    """Set absolute heights; in 3D and in profiles the columns stand for these lines."""
    absolute(layer)
    layer.setRenderer3D(None)


STYLES_LOGS = {
    "log_columns": log_columns,
    "log_screens": log_screens,
    "log_series": log_series,
    "log_sites": log_sites,
    "log_sticks": log_sticks,
}
# From the top down.
RANKS_LOGS = ("log_sites", "log_screens", "log_series", "log_sticks", "log_columns")
