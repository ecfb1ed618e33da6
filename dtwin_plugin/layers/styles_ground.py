"""How judgements of the ground look: clashes by outcome, what is taken, corridors, suitability, settlement."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRasterBandStats,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsRendererRange,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from . import qgis3d, styles3d
from .styles_raster import shade
from .styles_shared import absolute

# Worst last, so that it is drawn on top. Colours that people who see no red or green tell apart.
OUTCOMES = {
    "free": ("#4dac26", mark("Free")),
    "uncertain": ("#b2abd2", mark("Uncertain")),
    "too close": ("#fdb863", mark("Too close")),
    "clash": ("#d7191c", mark("Clash")),
}
_SHARES = ((0.05, "#ffffcc"), (0.15, "#fed976"), (0.3, "#fd8d3c"), (0.6, "#e31a1c"), (1.0, "#800026"))
_BOTTOM, _HEIGHT = '"bottom"', '"top" - "bottom"'
_SCORE = ((0.2, "#d7191c"), (0.4, "#fdae61"), (0.6, "#ffffbf"), (0.8, "#a6d96a"), (1.0, "#1a9641"))
_DOUBT = ((0.05, "#f7f4f9"), (0.1, "#d4b9da"), (0.2, "#df65b0"), (0.3, "#ce1256"), (0.5, "#67001f"))
_SETTLEMENT = (
    (0.0, "#2c7bb6"),
    (0.01, "#ffffd4"),
    (0.05, "#fed98e"),
    (0.1, "#fe9929"),
    (0.3, "#d95f0e"),
    (1.0, "#993404"),
)
_WATER = ("#fff7bc", "#c7e9b4", "#41b6c4", "#225ea8")
_PIT = ("#f6e8c3", "#bf812d", "#543005")


def clash(layer: QgsVectorLayer) -> None:
    """Planned objects by their outcome; bodies in 3D from their bottom to their top, lines as tubes."""
    _by_outcome(layer)
    if layer.geometryType() == Qgis.GeometryType.Polygon:
        rules = {f"\"outcome\" = '{name}'": colour for name, (colour, _) in OUTCOMES.items()}
        styles3d.extruded_by_rules(layer, rules, _BOTTOM, _HEIGHT)
    else:
        _lines_3d(layer, 6.0)


def conflicts(layer: QgsVectorLayer) -> None:
    """Lines between what lies too near, by outcome."""
    _by_outcome(layer)
    _lines_3d(layer, 4.0)


def depth_outlines(layer: QgsVectorLayer) -> None:
    """Bodies from their bottom to their top."""
    layer.renderer().setSymbol(_fill("#8c510a", "#543005", 80))
    styles3d.extruded_by_rules(layer, {"true": "#bf812d"}, _BOTTOM, _HEIGHT)


def claims(layer: QgsVectorLayer) -> None:
    """Cells by the share that is taken; the rest is not drawn."""
    low, ranges, rules = 0.0, [], {}
    for upper, colour in _SHARES:
        label = f"{100 * low:.0f} - {100 * upper:.0f} %"
        ranges.append(QgsRendererRange(max(low, 1e-6), upper, _fill(colour, "#606060", 255), label))
        rules[f'"taken" > {low} AND "taken" <= {upper}'] = colour
        low = upper
    layer.setRenderer(QgsGraduatedSymbolRenderer("taken", ranges))
    styles3d.extruded_by_rules(layer, rules, '"z_min"', '"z_max" - "z_min"')


def corridors(layer: QgsVectorLayer) -> None:
    """Ways by rank: the cheapest one thick."""
    categories = [
        QgsRendererCategory(rank, QgsLineSymbol.createSimple({"color": colour, "width": width}), text)
        for rank, colour, width, text in (
            (1, "#01665e", "1.2", tr("Cheapest way")),
            (None, "#80cdc1", "0.7", tr("Another way")),
        )
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("rank", categories))
    _lines_3d(layer, 6.0)


def suitability(layer: QgsRasterLayer) -> None:
    """From red (bad) to green (good)."""
    _steps(layer, _SCORE, "{low:.1f} - {upper:.1f}")


def uncertainty(layer: QgsRasterLayer) -> None:
    """From pale (sure) to dark (nobody knows)."""
    _steps(layer, _DOUBT, "{low:.2f} - {upper:.2f}")


def settlement(layer: QgsRasterLayer) -> None:
    """What rises in blue, what sinks from yellow to brown."""
    _steps(layer, _SETTLEMENT, "{low:.2f} - {upper:.2f} m")


def settlement_sites(layer: QgsVectorLayer) -> None:
    """Points in the colours of settlement."""
    low, ranges = -1e9, []
    for upper, colour in (*_SETTLEMENT[:-1], (1e9, _SETTLEMENT[-1][1])):
        symbol = QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": colour, "outline_color": "#404040", "size": "3"}
        )
        text = tr("Rises") if upper <= 0 else f"> {low:.2f} m" if upper > 1e8 else f"{low:.2f} - {upper:.2f} m"
        ranges.append(QgsRendererRange(low, upper, symbol, text))
        low = upper
    layer.setRenderer(QgsGraduatedSymbolRenderer("settlement", ranges))


def infiltration(layer: QgsRasterLayer) -> None:
    """From dry yellow to blue, over the values that are there."""
    _ramp(layer, _WATER)


def pit(layer: QgsRasterLayer) -> None:
    """The deeper the darker."""
    _ramp(layer, _PIT)


def _by_outcome(layer: QgsVectorLayer) -> None:
    categories = []
    for name, (colour, label) in OUTCOMES.items():
        symbol: QgsSymbol = (
            _fill(colour, "#404040", 190)
            if layer.geometryType() == Qgis.GeometryType.Polygon
            else QgsLineSymbol.createSimple({"color": colour, "width": "0.9", "capstyle": "round"})
        )
        categories.append(QgsRendererCategory(name, symbol, tr(label)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("outcome", categories))
    absolute(layer)


def _lines_3d(layer: QgsVectorLayer, width: float) -> None:
    """Draw lines in space by what the map draws them with; the width is in pixels, so that they stay visible."""
    root = qgis3d.QgsRuleBased3DRenderer.Rule(None)
    renderer = layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    for category in renderer.categories():
        symbol = qgis3d.QgsLine3DSymbol()
        symbol.setAltitudeClamping(Qgis.AltitudeClamping.Absolute)
        symbol.setAltitudeBinding(Qgis.AltitudeBinding.Vertex)
        symbol.setRenderAsSimpleLines(True)
        symbol.setWidth(width)
        symbol.setMaterialSettings(styles3d.simple_line(category.symbol().color().name()))
        value = category.value()
        test = "ELSE" if value is None else f"\"{renderer.classAttribute()}\" = '{value}'"
        root.appendChild(qgis3d.QgsRuleBased3DRenderer.Rule(symbol, test, category.label()))
    layer.setRenderer3D(qgis3d.QgsRuleBased3DRenderer(root))


def _fill(colour: str, outline: str, alpha: int) -> QgsFillSymbol:
    shade = QColor(colour)
    inside = f"{shade.red()},{shade.green()},{shade.blue()},{alpha}"
    return QgsFillSymbol.createSimple({"color": inside, "outline_color": outline, "outline_width": "0.15"})


def _steps(layer: QgsRasterLayer, steps: tuple[tuple[float, str], ...], label: str) -> None:
    """Colour values up to each limit; the last colour is for all above too."""
    items, low = [], 0.0
    for number, (upper, colour) in enumerate(steps):
        last = number == len(steps) - 1
        text = label.format(low=low, upper=upper) if upper > 0 else tr("Rises")
        items.append(QgsColorRampShader.ColorRampItem(float("inf") if last else upper, QColor(colour), text))
        low = upper
    shade(layer, items, steps=True)


def _ramp(layer: QgsRasterLayer, colours: tuple[str, ...]) -> None:
    stats = layer.dataProvider().bandStatistics(1, QgsRasterBandStats.Stats.All, layer.extent(), 250_000)
    low, high = stats.minimumValue, max(stats.maximumValue, stats.minimumValue + 1e-6)
    places = [low + (high - low) * n / (len(colours) - 1) for n in range(len(colours))]
    items = [
        QgsColorRampShader.ColorRampItem(place, QColor(colour), f"{place:.3g}")
        for place, colour in zip(places, colours)
    ]
    shade(layer, items, steps=False)


STYLES_GROUND = {
    "chance": suitability,
    "claims": claims,
    "clash": clash,
    "conflicts": conflicts,
    "corridors": corridors,
    "depth_outlines": depth_outlines,
    "infiltration": infiltration,
    "pit": pit,
    "settlement": settlement,
    "settlement_sites": settlement_sites,
    "suitability": suitability,
    "uncertainty": uncertainty,
}
RANKS_GROUND = ("settlement_sites", "conflicts", "clash", "corridors", "depth_outlines")
RANKS_GROUND_BELOW = (
    "claims",
    "suitability",
    "chance",
    "uncertainty",
    "settlement",
    "infiltration",
    "pit",
)
