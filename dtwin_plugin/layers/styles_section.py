"""How a section looks as layers: by what it is and its colour, where x is the distance, and upright in 3D."""

from __future__ import annotations

from typing import NamedTuple

from qgis.core import (
    Qgis,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRuleBasedRenderer,
    QgsSymbol,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)

from dtwin_plugin.translate import mark, tr

from . import qgis3d, styles3d
from .styles_shared import absolute

KINDS = {
    "cable": mark("Cables and pipes"),
    "uncertainty": mark("Where it may lie"),
    "cpt": mark("Cone tests"),
    "borehole": mark("Boreholes"),
    "groundwater": mark("Groundwater"),
    "terrain": mark("Ground level"),
    "body": mark("In the ground"),
    "building": mark("Buildings"),
    "soil": mark("Soil, most likely class"),
}  # from the front to the back
_MOST = 300  # looks that a legend can still be read with; the rest is grey


class Look(NamedTuple):
    """What shapes of one kind and theme have in common."""

    kind: str
    theme: str | None
    colour: str
    label: str

    @property
    def expression(self) -> str:
        """The expression that selects them."""
        colour = f'"kind" = {_quoted(self.kind)} AND "colour" = {_quoted(self.colour)}'
        return (
            f'{colour} AND "theme" IS NULL' if self.theme is None else f'{colour} AND "theme" = {_quoted(self.theme)}'
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def looks(layer: QgsVectorLayer) -> list[Look]:
    """Return the looks in a layer, from the front to the back."""
    names = ("kind", "theme", "colour", "label")
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    request.setSubsetOfAttributes(list(names), layer.fields())
    found: dict[tuple[str, str | None, str], Look] = {}
    for feature in layer.getFeatures(request):
        kind, theme, colour, label = (feature[name] if isinstance(feature[name], str) else None for name in names)
        key = (kind or "", theme, colour or "")
        if key not in found and len(found) < _MOST:
            found[key] = Look(kind or "", theme, colour or "", label or theme or "")
    order = list(KINDS)
    return sorted(found.values(), key=lambda look: order.index(look.kind) if look.kind in order else len(order))


def section_areas(layer: QgsVectorLayer) -> None:
    """Areas in their colours; dashed where something may lie."""
    _by_look(layer, _fill)


def section_lines(layer: QgsVectorLayer) -> None:
    """Ground level, groundwater and what runs alongside."""
    _by_look(layer, _line)


def section_points(layer: QgsVectorLayer) -> None:
    """Crossings and tops of boreholes, with their names."""
    _by_look(layer, lambda look: QgsMarkerSymbol.createSimple({"color": look.colour, "size": "1.2"}))
    settings, text = QgsPalLayerSettings(), QgsTextFormat()
    text.setSize(7)
    settings.fieldName = "label"
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def section_areas_3d(layer: QgsVectorLayer) -> None:
    """Upright areas in their colours; where something may lie, see-through."""
    section_areas(layer)
    _absolute(layer)
    rules = {}
    for look in looks(layer):
        rules[look.expression] = (look.colour or "#888888", 0.25 if look.kind == "uncertainty" else 1.0)
    styles3d.by_rules(layer, rules)


def section_lines_3d(layer: QgsVectorLayer) -> None:
    """Upright lines in their colours."""
    section_lines(layer)
    _absolute(layer)
    root = qgis3d.QgsRuleBased3DRenderer.Rule(None)
    for look in looks(layer):
        symbol = qgis3d.QgsLine3DSymbol()
        symbol.setAltitudeClamping(Qgis.AltitudeClamping.Absolute)
        symbol.setAltitudeBinding(Qgis.AltitudeBinding.Vertex)
        symbol.setRenderAsSimpleLines(True)
        symbol.setWidth(4)
        symbol.setMaterialSettings(styles3d.simple_line(look.colour or "#888888"))
        root.appendChild(qgis3d.QgsRuleBased3DRenderer.Rule(symbol, look.expression, look.label))
    layer.setRenderer3D(qgis3d.QgsRuleBased3DRenderer(root))


def _by_look(layer: QgsVectorLayer, symbol: object) -> None:
    """Give each look a rule in a group of its kind; the groups are drawn from the back to the front."""
    root = QgsRuleBasedRenderer.Rule(None)
    groups: dict[str, QgsRuleBasedRenderer.Rule] = {}
    order = list(KINDS)
    for look in looks(layer):
        if look.kind not in groups:
            groups[look.kind] = QgsRuleBasedRenderer.Rule(None, 0, 0, "", tr(KINDS.get(look.kind, look.kind)))
            root.appendChild(groups[look.kind])
        drawn: QgsSymbol = symbol(look)  # type: ignore[operator]
        level = len(order) - order.index(look.kind) if look.kind in order else 0
        for index in range(drawn.symbolLayerCount()):
            drawn.symbolLayer(index).setRenderingPass(level)
        groups[look.kind].appendChild(QgsRuleBasedRenderer.Rule(drawn, 0, 0, look.expression, look.label))
    renderer = QgsRuleBasedRenderer(root)
    renderer.setUsingSymbolLevels(True)
    layer.setRenderer(renderer)


def _fill(look: Look) -> QgsSymbol:
    edge = {"outline_color": "#333333", "outline_width": "0.1"}
    if look.kind == "uncertainty":
        dashed = {"style": "no", "outline_color": look.colour, "outline_style": "dash", "outline_width": "0.3"}
        return QgsFillSymbol.createSimple(dashed)
    if look.kind == "soil":
        edge = {"outline_color": "#b0b0b0", "outline_width": "0.05"}
    return QgsFillSymbol.createSimple({"color": look.colour or "#dddddd", **edge})


def _line(look: Look) -> QgsSymbol:
    style = "dash" if look.kind == "groundwater" or look.theme == "filled" else "solid"
    return QgsLineSymbol.createSimple({"color": look.colour or "#333333", "width": "0.5", "line_style": style})


def _absolute(layer: QgsVectorLayer) -> None:
    absolute(layer).setRespectLayerSymbology(True)


STYLES_SECTION = {
    "section_areas": section_areas,
    "section_areas_3d": section_areas_3d,
    "section_lines": section_lines,
    "section_lines_3d": section_lines_3d,
    "section_points": section_points,
}
RANKS_SECTION = ("section_points", "section_lines", "section_areas", "section_lines_3d", "section_areas_3d")
