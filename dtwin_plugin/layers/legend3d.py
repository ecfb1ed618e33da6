"""What the colours of a layer in a 3D view mean, and a copy of it without some of its classes."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from qgis._3d import (
    QgsLine3DSymbol,
    QgsPoint3DSymbol,
    QgsPolygon3DSymbol,
    QgsRuleBased3DRenderer,
    QgsVectorLayer3DRenderer,
)
from qgis.core import (
    QgsAbstract3DSymbol,
    QgsColorRampShader,
    QgsMapLayer,
    QgsMeshLayer,
    QgsPointCloudLayer,
    QgsRasterLayer,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from dtwin_plugin.translate import mark, tr

from .stretch3d import copy_of

LEGEND = "dtwin/legend3d"  # property of a copy with colours of its own: JSON of its classes
SURFACE_WORDS = {
    "RoofSurface": mark("Roof"),
    "WallSurface": mark("Façade"),
    "GroundSurface": mark("Ground floor"),
    "OuterCeilingSurface": mark("Outer ceiling"),
    "OuterFloorSurface": mark("Outer floor"),
    "Window": mark("Window"),
    "Door": mark("Door"),
    "WaterSurface": mark("Water surface"),
    "Unknown": mark("Unknown"),
}
_IN_QUOTES = re.compile(r"'([^']*)'")
_KINDS = {"polygon": QgsPolygon3DSymbol, "line": QgsLine3DSymbol, "point": QgsPoint3DSymbol}
_MOST = 60  # classes of one layer


@dataclass(frozen=True)
class Row:
    """One class: its colour, what it means, and its number among the rules, -1 where it cannot be left out."""

    colour: str
    label: str
    rule: int = -1


def rows_of(layer: QgsMapLayer) -> list[Row]:
    """Return the classes of a layer as a 3D view draws it; of what lies on the ground those of the map."""
    own = layer.customProperty(LEGEND, "")
    if own:
        return [Row(colour, label) for colour, label in json.loads(own)]
    if isinstance(layer, QgsVectorLayer) and layer.renderer3D() is not None:
        rows = list(_rows_3d(layer))
    elif isinstance(layer, QgsVectorLayer) and layer.renderer() is not None:
        items = layer.renderer().legendSymbolItems()
        rows = [Row(item.symbol().color().name(), item.label()) for item in items if item.symbol() is not None]
    elif isinstance(layer, QgsRasterLayer) and layer.renderer() is not None:
        rows = [Row(colour.name(), label) for label, colour in layer.legendSymbologyItems() if colour.alpha()]
    elif isinstance(layer, QgsMeshLayer):
        settings = layer.rendererSettings()
        ramp: QgsColorRampShader = settings.scalarSettings(settings.activeScalarDatasetGroup()).colorRampShader()
        rows = [Row(item.color.name(), item.label) for item in ramp.colorRampItemList() if item.color.alpha()]
    elif isinstance(layer, QgsPointCloudLayer) and layer.renderer() is not None:
        categories = getattr(layer.renderer(), "categories", list)()
        rows = [Row(item.color().name(), item.label()) for item in categories if item.renderState()]
    else:
        rows = []
    return rows[:_MOST]


def without_rules(layer: QgsVectorLayer, hidden: Collection[int]) -> QgsVectorLayer:
    """Return a copy of a layer that is drawn in 3D without some of its rules."""
    copy = copy_of(layer)
    renderer = layer.renderer3D().clone()
    if renderer.type() == "rulebased":
        for number, rule in enumerate(sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants()):
            if number in hidden:
                rule.setActive(False)
        copy.setRenderer3D(renderer)
    return copy


def _rows_3d(layer: QgsVectorLayer) -> Iterator[Row]:
    renderer = layer.renderer3D()
    if renderer.type() == "rulebased":
        labels = _labels_on_map(layer)
        for number, rule in enumerate(sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants()):
            if rule.symbol() is not None:
                condition = rule.filterExpression()
                label = rule.description() or labels.get(_bare(condition)) or _words(condition) or layer.name()
                yield Row(_colour(rule.symbol()), label, number)
    elif renderer.type() == "vector":
        symbol = sip.cast(renderer, QgsVectorLayer3DRenderer).symbol()
        if symbol is not None:
            yield Row(_colour(symbol), layer.name())


def _labels_on_map(layer: QgsVectorLayer) -> dict[str, str]:
    """Return what the map calls the classes, by the expressions that select them."""
    flat = QgsRuleBasedRenderer.convertFromRenderer(layer.renderer()) if layer.renderer() is not None else None
    rules = flat.rootRule().children() if flat is not None else []
    return {_bare(rule.filterExpression()): rule.label() for rule in rules}


def _bare(condition: str) -> str:
    return condition.replace('"', "").replace(" ", "")


def _words(condition: str) -> str:
    """Return the values in an expression, in words."""
    return ", ".join(tr(SURFACE_WORDS.get(value, value)) for value in _IN_QUOTES.findall(condition) if value)


def _colour(symbol: QgsAbstract3DSymbol) -> str:
    """Return the colour of a symbol; Python knows those that QGIS made as the base class only."""
    if symbol.type() not in _KINDS:
        return ""
    material = sip.cast(symbol, _KINDS[symbol.type()]).materialSettings()
    for name in ("diffuse", "ambient"):
        if hasattr(material, name):
            return str(getattr(material, name)().name())
    return ""
