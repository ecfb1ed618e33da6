"""How noise looks: the same classes of 5 dB and colours on the map, in 3D, in legends and reports.

The colours are those that InfoMil gives for maps of noise under directive 2002/49/EC, for Lden and Lnight alike. A
level on an edge belongs to the class above it.
"""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    Qgis,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsMarkerSymbol,
    QgsRasterLayer,
    QgsRuleBasedRenderer,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from . import styles3d
from .styles_raster import shade, shade_by
from .styles_shared import OUTLINE, absolute, by_class, label_by, rule_of

_NONE = "#00ffffff"
_END = float("inf")
# lower edge [dB] and colour; "Kleurschema voor geografische kaarten" (infomil.nl)
NOISE = (
    (-_END, "#eef3ea"),
    (35.0, "#238443"),
    (40.0, "#78c679"),
    (45.0, "#c2e699"),
    (50.0, "#ffffb2"),
    (55.0, "#fecc5c"),
    (60.0, "#fd8d3c"),
    (65.0, "#ff0909"),
    (70.0, "#b30622"),
    (75.0, "#67033b"),
    (80.0, "#1c0054"),
)
_UNKNOWN = ("#bdbdbd", mark("Not known"))
DIFFERENCE = (
    (-5.0, "#ff01665e", mark("> 5 dB less")),
    (-3.0, "#ff35978f", mark("3 - 5 dB less")),
    (-1.0, "#ffc7eae5", mark("1 - 3 dB less")),
    (1.0, _NONE, mark("No difference (< 1 dB)")),
    (3.0, "#fffddbc7", mark("1 - 3 dB more")),
    (5.0, "#ffd6604d", mark("3 - 5 dB more")),
    (_END, "#ffb2182b", mark("> 5 dB more")),
)
CHANGE = {
    "much less": ("#01665e", mark("Much less noise: the chosen limit or more")),
    "less": ("#80cdc1", mark("Less noise")),
    "same": ("#d9d4c8", mark("Same noise (within 1 dB)")),
    "more": ("#f4a582", mark("More noise")),
    "much more": ("#b2182b", mark("Much more noise: the chosen limit or more")),
    "unknown": _UNKNOWN,
}


def classes(field: str) -> list[tuple[str, str, str]]:
    """Return the expression, colour and text of each class of a field, loudest first, then of what is not known."""
    found = []
    for number, (low, colour) in enumerate(NOISE):
        high = NOISE[number + 1][0] if number + 1 < len(NOISE) else _END
        parts = [f'"{field}" >= {low:g}'] * (low > -_END) + [f'"{field}" < {high:g}'] * (high < _END)
        found.append((" AND ".join(parts), colour, label(low, high)))
    return [*found[::-1], (f'"{field}" IS NULL', _UNKNOWN[0], tr(_UNKNOWN[1]))]


def label(low: float, high: float) -> str:
    """Return the text of a class, as maps under the directive have it: 55 - 59 dB is from 55 up to 60.

    >>> label(55, 60), label(float("-inf"), 35), label(80, float("inf"))
    ('55 - 59 dB', '< 35 dB', '>= 80 dB')
    """
    if low == -_END:
        return f"< {high:g} dB"
    return f">= {low:g} dB" if high == _END else f"{low:g} - {high - 1:g} dB"


def noise_levels(layer: QgsRasterLayer) -> None:
    """Steps of 5 dB; below 35 dB nothing is drawn."""
    items = []
    for number, (low, colour) in enumerate(NOISE):
        high = NOISE[number + 1][0] if number + 1 < len(NOISE) else _END
        # a colour holds up to its value: with this it stops just before the edge
        upper = high - 1e-4 if high < _END else _END
        shown = _NONE if low == -_END else colour
        items.append(QgsColorRampShader.ColorRampItem(upper, QColor(shown), label(low, high)))
    shade(layer, items, True)


def noise_difference(layer: QgsRasterLayer) -> None:
    """Green is less noise and red is more, in the same steps; up to 1 dB nothing is drawn."""
    shade_by(layer, DIFFERENCE)


def noise_contours(layer: QgsVectorLayer) -> None:
    """Areas between contours by their lower edge; what is below the first is not drawn."""
    rules = [rule for rule in classes("low") if ">=" in rule[0]]
    _by_rules(
        layer,
        rules,  # a thin line in the colour itself: without it the ground shines through where two areas meet
        lambda colour: QgsFillSymbol.createSimple({"color": colour, "outline_color": colour, "outline_width": "0.1"}),
    )


def noise_points(layer: QgsVectorLayer) -> None:
    """By Lden; small balls at their height in 3D."""
    _dots(layer, classes("lden"))


def noise_sources(layer: QgsVectorLayer) -> None:
    """The loudest road or source of each point, by its own Lden, with its name; small balls at their height in 3D."""
    rules = [(f'"rank" = 1 AND ({expression})', colour, text) for expression, colour, text in classes("lden")]
    _dots(layer, rules)
    text = """concat(coalesce(attribute('road'), attribute('source')), ' ', round("share"), '%')"""
    text = f'case when "rank" = 1 then {text} end'
    label_by(layer, text, scale=1000.0, size=6.0)


def noise_panels(layer: QgsVectorLayer) -> None:
    """By Lden; upright on the walls in 3D, so that the map shows them from above, as lines."""
    rules = classes("lden")
    _by_rules(
        layer,
        rules,
        lambda colour: QgsFillSymbol.createSimple({"color": colour, "outline_color": colour, "outline_width": "0.8"}),
    )
    absolute(layer)
    styles3d.by_rules(layer, {expression: (colour, 1.0) for expression, colour, _ in rules})


def noise_buildings(layer: QgsVectorLayer) -> None:
    """Footprints by Lden at their most exposed facade; extruded in 3D where heights are known."""
    rules = classes("lden")
    _by_rules(
        layer,
        rules,
        lambda colour: QgsFillSymbol.createSimple({"color": colour, "outline_color": OUTLINE, "outline_width": "0.15"}),
    )
    styles3d.blocks(layer, {expression: colour for expression, colour, _ in rules})


def noise_change(layer: QgsVectorLayer) -> None:
    """Points or buildings by their change, in the colours of the map; buildings extruded where heights are known."""
    by_class(layer, "change", CHANGE, 1.6)
    colours = {name: colour for name, (colour, _) in CHANGE.items()}
    if layer.geometryType() == Qgis.GeometryType.Polygon:
        styles3d.extruded_by_class(layer, "change", colours)
        return
    absolute(layer)
    at_point = Qgis.AltitudeClamping.Absolute
    balls = [
        (f"\"change\" = '{name}'", styles3d.solid(Qgis.Point3DShape.Sphere, {"radius": 0.6}, colour, 0.0, at_point))
        for name, colour in colours.items()
    ]
    styles3d.solids_by_rules(layer, balls)


def _dots(layer: QgsVectorLayer, rules: list[tuple[str, str, str]]) -> None:
    """Dots on the map and balls in 3D, in the colours of rules."""
    _by_rules(layer, rules, _dot)
    absolute(layer)
    at_point = Qgis.AltitudeClamping.Absolute
    balls = [
        (expression, styles3d.solid(Qgis.Point3DShape.Sphere, {"radius": 0.6}, colour, 0.0, at_point))
        for expression, colour, _ in rules
    ]
    styles3d.solids_by_rules(layer, balls)


def _dot(colour: str) -> QgsMarkerSymbol:
    return QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": colour, "outline_color": "#404040", "outline_width": "0.1", "size": "1.6"}
    )


def _by_rules(layer: QgsVectorLayer, rules: list[tuple[str, str, str]], symbol: Callable[[str], QgsSymbol]) -> None:
    root = QgsRuleBasedRenderer.Rule(None)
    for expression, colour, text in rules:
        root.appendChild(rule_of(symbol(colour), expression, text))
    layer.setRenderer(QgsRuleBasedRenderer(root))


STYLES_NOISE = {
    "noise_buildings": noise_buildings,
    "noise_change": noise_change,
    "noise_contours": noise_contours,
    "noise_difference": noise_difference,
    "noise_levels": noise_levels,
    "noise_panels": noise_panels,
    "noise_points": noise_points,
    "noise_sources": noise_sources,
}
RANKS_NOISE = (
    "noise_sources",
    "noise_points",
    "noise_panels",
    "noise_change",
    "noise_buildings",
    "noise_difference",
    "noise_contours",
    "noise_levels",
)
