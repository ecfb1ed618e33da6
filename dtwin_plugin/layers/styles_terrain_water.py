"""How what water finds in the terrain looks: depressions, flow paths, catchments, and what was changed and found."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsRendererRange,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from .styles_raster import shade, shade_by
from .styles_shared import label_by

_END = float("inf")
# How full; a depression that is full is the one that sheds.
_DEGREE = (
    (0.25, "#c6dbef", mark("Less than a quarter full")),
    (0.5, "#9ecae1", mark("A quarter to half full")),
    (0.75, "#4292c6", mark("Half to three quarters full")),
    (0.9999, "#2171b5", mark("Almost full")),
    (1.0, "#d94801", mark("Full, spills")),
)
# Upper limit of the catchment [m2], width [mm]
_PATHS = ((5e3, 0.2), (2e4, 0.4), (1e5, 0.7), (5e5, 1.1), (_END, 1.6))
_CATCHMENT = (
    (100.0, "#00ffffff"),
    (1e3, "#ffe5f5f9"),
    (1e4, "#ff99d8c9"),
    (1e5, "#ff41ae76"),
    (1e6, "#ff006d2c"),
    (_END, "#ff00441b"),
)
_CHANGE = (
    (-1.0, "#ff543005", mark("> 1 m lower")),
    (-0.3, "#ff8c510a", mark("0.3 - 1 m lower")),
    (-0.05, "#ffd8b365", mark("0.05 - 0.3 m lower")),
    (0.05, "#00ffffff", mark("No change (< 0.05 m)")),
    (0.3, "#ff5ab4ac", mark("0.05 - 0.3 m higher")),
    (1.0, "#ff01665e", mark("0.3 - 1 m higher")),
    (_END, "#ff003c30", mark("> 1 m higher")),
)
_SEVERITY = {
    "error": ("#d7191c", "3.4", mark("Look at this before a run")),
    "warning": ("#fdae61", "2.6", mark("Look at this when there is time")),
    "done": ("#80b1d3", "1.8", mark("Was changed")),
}


def depressions(layer: QgsVectorLayer) -> None:
    """By how full they are; from near, with what they hold."""
    root, low = QgsRuleBasedRenderer.Rule(None), -1.0
    for upper, colour, label in _DEGREE:
        found = f'"degree" > {low} AND "degree" <= {upper}'
        root.appendChild(QgsRuleBasedRenderer.Rule(_fill(colour), 0, 0, found, tr(label)))
        low = upper
    endless = _fill("#807dba")
    root.appendChild(QgsRuleBasedRenderer.Rule(endless, 0, 0, '"degree" IS NULL', tr("Cannot spill")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    label_by(layer, "format_number(\"volume\", 0) || ' m³'", scale=5000.0, colour="#08306b")


def flow_paths(layer: QgsVectorLayer) -> None:
    """Thicker with a larger catchment."""
    ranges, low = [], 0.0
    for upper, width in _PATHS:
        symbol = QgsLineSymbol.createSimple({"color": "#08519c", "width": str(width), "capstyle": "round"})
        ranges.append(QgsRendererRange(low, min(upper, 1e12), symbol, _span(low, upper)))
        low = upper
    layer.setRenderer(QgsGraduatedSymbolRenderer("catchment", ranges))


def accumulation(layer: QgsRasterLayer) -> None:
    """Catchments in steps of ten."""
    items, low = [], 0.0
    for upper, colour in _CATCHMENT:
        items.append(QgsColorRampShader.ColorRampItem(upper, QColor(colour), _span(low, upper)))
        low = upper
    shade(layer, items, True)


def terrain_change(layer: QgsRasterLayer) -> None:
    """Lower in brown, higher in green; what did not change is not drawn."""
    shade_by(layer, _CHANGE)


def terrain_findings(layer: QgsVectorLayer) -> None:
    """By how grave they are; the sentence is the tip on the map."""
    categories = []
    for name, (colour, size, label) in _SEVERITY.items():
        symbol = QgsMarkerSymbol.createSimple({"color": colour, "outline_color": "#404040", "size": size})
        categories.append(QgsRendererCategory(name, symbol, tr(label)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("severity", categories))
    layer.setDisplayExpression('"code" || \' \' || "finding"')
    layer.setMapTipTemplate('[% "code" || \' \' || "finding" %]')


def _span(low: float, upper: float) -> str:
    """Return the label of a span of areas [m2]."""

    def text(area: float) -> str:
        return (
            f"{area:,.0f}".replace(",", " ") + " m²" if area < 1e4 else f"{area / 1e4:,.0f}".replace(",", " ") + " ha"
        )

    if low == 0:
        return f"< {text(upper)}"
    return f"> {text(low)}" if upper == _END else f"{text(low)} - {text(upper)}"


def _fill(colour: str) -> QgsFillSymbol:
    symbol = QgsFillSymbol.createSimple({"color": colour, "outline_color": "#08306b", "outline_width": "0.15"})
    symbol.setOpacity(0.7)
    return symbol


STYLES_TERRAIN_WATER = {
    "accumulation": accumulation,
    "depressions": depressions,
    "flow_paths": flow_paths,
    "terrain_change": terrain_change,
    "terrain_findings": terrain_findings,
}
RANKS_TERRAIN_WATER = ("terrain_findings", "flow_paths")
RANKS_TERRAIN_WATER_BELOW = ("depressions", "terrain_change", "accumulation")
