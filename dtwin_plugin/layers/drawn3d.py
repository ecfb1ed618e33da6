"""What the rules and symbols of a 3D renderer make of each feature: plain numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from qgis._3d import (
    QgsLine3DSymbol,
    QgsPoint3DSymbol,
    QgsPolygon3DSymbol,
    QgsRuleBased3DRenderer,
    QgsVectorLayer3DRenderer,
)
from qgis.core import (
    Qgis,
    QgsAbstract3DSymbol,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureRequest,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)
from qgis.PyQt import sip

Source = QgsVectorLayerFeatureSource
_Keys = QgsAbstract3DSymbol.Property
_POINT = 0.5  # m, radius of a point whose symbol has no size


class Look(NamedTuple):
    """How a symbol draws a feature.

    Attributes
    ----------
    height, extrusion : float
        What is added to its heights, and how far it is drawn up [m].
    radius, half : float
        Of a ball or an upright cylinder at each point, and half the length of that [m].
    on_ground, keeps_z, by_centre : bool
        Whether the ground is added to its heights, whether those of its own count, and whether the ground is that at
        its centre.
    """

    height: float
    extrusion: float
    radius: float
    half: float
    on_ground: bool
    keeps_z: bool
    by_centre: bool


@dataclass
class Drawn:
    """What is drawn, feature after feature: id, WKB, and how; a feature that two rules draw is there twice."""

    ids: list[int] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


def drawn_of(layer: QgsVectorLayer, request: QgsFeatureRequest, source: Source | None = None) -> Drawn:
    """Return what the 3D view draws of the features that are asked for, of a source if that is not the layer itself."""
    renderer = layer.renderer3D().clone()  # alive as long as its symbols are
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    prepared = [(_expression(text, context) if text else None, _look(symbol, context)) for text, symbol in
                _rules(renderer)]  # fmt: skip
    found = Drawn()
    for feature in (source or layer).getFeatures(request):
        context.setFeature(feature)
        for selects, look in prepared:
            if selects is None or selects.evaluate(context):
                found.ids.append(feature.id())
                found.blobs.append(_wkb(feature))
                found.looks.append(look._replace(**{
                    name: _value(getattr(look, name), context) for name in ("height", "extrusion")
                }))  # fmt: skip
    return found


def _rules(renderer: Any) -> Iterator[tuple[str, QgsAbstract3DSymbol]]:
    """Yield what each rule that is on selects, and its symbol."""
    if renderer.type() == "vector":
        symbol = sip.cast(renderer, QgsVectorLayer3DRenderer).symbol()
        if symbol is not None:
            yield "", symbol
    elif renderer.type() == "rulebased":
        yield from _below(sip.cast(renderer, QgsRuleBased3DRenderer).rootRule(), "")


def _below(rule: Any, selects: str) -> Iterator[tuple[str, QgsAbstract3DSymbol]]:
    others = [child.filterExpression() for child in rule.children() if child.active() and not child.isElse()]
    for child in rule.children():
        if not child.active():
            continue
        own = f"NOT ({' OR '.join(f'({text or True})' for text in others)})" if others else ""
        own = own if child.isElse() else child.filterExpression()
        both = " AND ".join(f"({text})" for text in (selects, own) if text)
        if child.symbol() is not None:
            yield both, child.symbol()
        yield from _below(child, both)


def _look(symbol: QgsAbstract3DSymbol, context: QgsExpressionContext) -> Look:
    """Return how a symbol draws; its height and extrusion may be expressions still."""
    height: Any = 0.0
    extrusion: Any = 0.0
    radius = half = 0.0
    clamping, binding = Qgis.AltitudeClamping.Absolute, Qgis.AltitudeBinding.Vertex
    if symbol.type() == "polygon":
        polygon = sip.cast(symbol, QgsPolygon3DSymbol)
        height, extrusion = polygon.offset(), polygon.extrusionHeight()
        clamping, binding = polygon.altitudeClamping(), polygon.altitudeBinding()
    elif symbol.type() == "point":
        point = sip.cast(symbol, QgsPoint3DSymbol)
        clamping = point.altitudeClamping()
        radius, half = _size(point)
        shift = point.transform().column(3)
        height = shift.y() if Qgis.QGIS_VERSION_INT < 34200 else shift.z()  # height was the second axis until 3.42
    elif symbol.type() == "line":
        line = sip.cast(symbol, QgsLine3DSymbol)
        height, clamping, binding = line.offset(), line.altitudeClamping(), line.altitudeBinding()
    properties = symbol.dataDefinedProperties()
    if properties.isActive(_Keys.Height):
        height = _expression(properties.property(_Keys.Height).asExpression(), context)
    if properties.isActive(_Keys.ExtrusionHeight):
        extrusion = _expression(properties.property(_Keys.ExtrusionHeight).asExpression(), context)
    return Look(
        height, extrusion, radius, half,
        on_ground=clamping != Qgis.AltitudeClamping.Absolute,
        keeps_z=clamping != Qgis.AltitudeClamping.Terrain,
        by_centre=binding == Qgis.AltitudeBinding.Centroid,
    )  # fmt: skip


def _size(symbol: QgsPoint3DSymbol) -> tuple[float, float]:
    """Return the radius and half the length of the solid at a point [m]; what is no ball nor cylinder is as a ball."""
    sizes = {name: float(v) for name, v in symbol.shapeProperties().items() if isinstance(v, (int, float)) and v > 0}
    if symbol.shape() == Qgis.Point3DShape.Cylinder:
        return sizes.get("radius", _POINT), sizes.get("length", 0.0) / 2
    if "radius" in sizes:
        return sizes["radius"], 0.0
    return max(sizes.values(), default=2 * _POINT) / 2, 0.0


def _wkb(feature: QgsFeature) -> bytes:
    geometry = feature.geometry()
    return b"" if geometry.isNull() else bytes(geometry.asWkb())


def _expression(text: str, context: QgsExpressionContext) -> QgsExpression:
    expression = QgsExpression(text)
    expression.prepare(context)
    return expression


def _value(number: Any, context: QgsExpressionContext) -> float:
    if isinstance(number, QgsExpression):
        number = number.evaluate(context)
    return float(number) if isinstance(number, (int, float)) else 0.0
