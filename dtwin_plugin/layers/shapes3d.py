"""What the 3D view draws of a vector layer, as shapes that a line of sight can meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis._3d import QgsPoint3DSymbol, QgsPolygon3DSymbol, QgsRuleBased3DRenderer, QgsVectorLayer3DRenderer
from qgis.core import (
    Qgis,
    QgsAbstract3DSymbol,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureRequest,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt import sip

from dtwin_plugin.data.geometries import Geometries
from dtwin_plugin.data.picking import Faces, Tubes
from dtwin_plugin.data.wkb import read as read_wkb

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = {Qgis.GeometryType.Point: "point", Qgis.GeometryType.Line: "line", Qgis.GeometryType.Polygon: "polygon"}
_Keys = QgsAbstract3DSymbol.Property
_POINT = 0.5  # m, radius of a point whose symbol has no size


@dataclass(frozen=True)
class Shapes:
    """Faces and tubes whose owners are the ids of features."""

    faces: Faces | None = None
    tubes: Tubes | None = None


@dataclass
class _Drawn:
    """What is drawn of each feature: id, WKB, height that is added, height of extrusion, radius."""

    ids: list[int]
    blobs: list[bytes]
    numbers: list[tuple[float, float, float]]


def shapes_of(
    layer: QgsVectorLayer,
    extent: QgsRectangle | None = None,
    crs: QgsCoordinateReferenceSystem | None = None,
    context: QgsCoordinateTransformContext | None = None,
) -> Shapes:
    """Return the shapes of the features that touch an area; a layer that is drawn on the ground has none.

    Parameters
    ----------
    extent : QgsRectangle, optional
        In the CRS of the shapes; default all.
    crs, context : optional
        CRS of the shapes and how to come to it; default that of the layer.
    """
    kind = _KINDS.get(layer.geometryType())
    renderer = layer.renderer3D()
    if kind is None or renderer is None:
        return Shapes()
    renderer = renderer.clone()  # alive as long as its symbols are
    request = QgsFeatureRequest()
    if crs is not None and crs != layer.crs():
        request.setDestinationCrs(crs, context or QgsCoordinateTransformContext())
    if extent is not None:
        request.setFilterRect(extent)
    drawn = _drawn(layer, list(_rules(renderer)), request)
    geometries = read_wkb(drawn.blobs, kind)
    if not len(geometries.coordinates):
        return Shapes()
    numbers = np.array(drawn.numbers, float).reshape(-1, 3)
    coordinates = _in_space(geometries, numbers[:, 0])
    owners = np.array(drawn.ids, np.int64)
    if kind == "polygon":
        return Shapes(faces=_faces(geometries, coordinates, owners, numbers[:, 1]))
    return Shapes(tubes=_tubes(geometries, coordinates, owners, numbers[:, 2]))


def _rules(renderer: Any) -> Iterator[tuple[QgsExpression | None, QgsAbstract3DSymbol]]:
    """Yield what each rule that is on selects, and its symbol."""
    if renderer.type() == "vector":
        symbol = sip.cast(renderer, QgsVectorLayer3DRenderer).symbol()
        if symbol is not None:
            yield None, symbol
    elif renderer.type() == "rulebased":
        yield from _below(sip.cast(renderer, QgsRuleBased3DRenderer).rootRule(), "")


def _below(rule: Any, selects: str) -> Iterator[tuple[QgsExpression | None, QgsAbstract3DSymbol]]:
    for child in rule.children():
        if not child.active():
            continue
        own = child.filterExpression()
        both = " AND ".join(f"({text})" for text in (selects, own) if text)
        if child.symbol() is not None:
            yield (QgsExpression(both) if both else None), child.symbol()
        yield from _below(child, both)


def _drawn(
    layer: QgsVectorLayer,
    rules: list[tuple[QgsExpression | None, QgsAbstract3DSymbol]],
    request: QgsFeatureRequest,
) -> _Drawn:
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    prepared = [(selects, *_numbers(symbol, context)) for selects, symbol in rules]
    for selects, *_ in prepared:
        if selects is not None:
            selects.prepare(context)
    found = _Drawn([], [], [])
    for feature in layer.getFeatures(request):
        context.setFeature(feature)
        for selects, height, extrusion, radius in prepared:
            if selects is None or selects.evaluate(context):
                found.ids.append(feature.id())
                found.blobs.append(_wkb(feature))
                found.numbers.append((_value(height, context), _value(extrusion, context), radius))
                break
    return found


def _wkb(feature: QgsFeature) -> bytes:
    geometry = feature.geometry()
    return b"" if geometry.isNull() else bytes(geometry.asWkb())


def _numbers(symbol: QgsAbstract3DSymbol, context: QgsExpressionContext) -> tuple[Any, Any, float]:
    """Return the height [m] that a symbol adds, its extrusion [m]: numbers or expressions; and a radius [m]."""
    height: Any = 0.0
    extrusion: Any = 0.0
    radius = 0.0
    if symbol.type() == "polygon":
        polygon = sip.cast(symbol, QgsPolygon3DSymbol)
        height, extrusion = polygon.offset(), polygon.extrusionHeight()
    elif symbol.type() == "point":
        point = sip.cast(symbol, QgsPoint3DSymbol)
        sizes = [float(v) for v in point.shapeProperties().values() if isinstance(v, (int, float)) and v > 0]
        radius = max(sizes, default=2 * _POINT) / 2
    properties = symbol.dataDefinedProperties()
    if properties.isActive(_Keys.Height):
        height = _expression(properties.property(_Keys.Height).asExpression(), context)
    if properties.isActive(_Keys.ExtrusionHeight):
        extrusion = _expression(properties.property(_Keys.ExtrusionHeight).asExpression(), context)
    return height, extrusion, radius


def _expression(text: str, context: QgsExpressionContext) -> QgsExpression:
    expression = QgsExpression(text)
    expression.prepare(context)
    return expression


def _value(number: Any, context: QgsExpressionContext) -> float:
    if isinstance(number, QgsExpression):
        number = number.evaluate(context)
    return float(number) if isinstance(number, (int, float)) else 0.0


def _in_space(geometries: Geometries, heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the coordinates with their heights [m]."""
    lengths = np.diff(geometries.coordinate_spans())
    added = np.repeat(heights, lengths)
    if geometries.has_z:
        result = np.array(geometries.coordinates)
        result[:, 2] = np.nan_to_num(result[:, 2]) + added
        return result
    return np.column_stack([geometries.coordinates, added])


def _faces(
    geometries: Geometries,
    coordinates: NDArray[np.float64],
    owners: NDArray[np.int64],
    extrusions: NDArray[np.float64],
) -> Faces:
    """Return polygons as they lie, or the roofs, floors and walls of what is extruded."""
    of_part = np.repeat(owners, np.diff(geometries.features))
    if not extrusions.any():
        return Faces(coordinates, geometries.rings, geometries.parts, of_part)
    lengths = np.diff(geometries.coordinate_spans())
    rise = np.repeat(extrusions, lengths)
    top = coordinates + rise[:, None] * [0.0, 0.0, 1.0]
    rings, parts, count = geometries.rings, geometries.parts, len(coordinates)
    last = np.zeros(count, bool)
    last[rings[1:] - 1] = True
    start = np.flatnonzero(~last)
    walls = np.stack(
        [coordinates[start], coordinates[start + 1], top[start + 1], top[start], coordinates[start]], axis=1
    )
    owner = np.repeat(owners, lengths)[start]
    return Faces(
        np.concatenate([coordinates, top, walls.reshape(-1, 3)]),
        np.concatenate([rings, rings[1:] + count, 2 * count + 5 * np.arange(1, len(start) + 1)]),
        np.concatenate([parts, parts[1:] + len(rings) - 1, 2 * (len(rings) - 1) + np.arange(1, len(start) + 1)]),
        np.concatenate([of_part, of_part, owner]),
    )


def _tubes(
    geometries: Geometries, coordinates: NDArray[np.float64], owners: NDArray[np.int64], radii: NDArray[np.float64]
) -> Tubes:
    """Return pieces of lines, or points as balls."""
    lengths = np.diff(geometries.coordinate_spans())
    owner, radius = np.repeat(owners, lengths), np.repeat(radii, lengths)
    if geometries.kind == "point":
        return Tubes(np.stack([coordinates, coordinates], axis=1), radius, owner)
    last = np.zeros(len(coordinates), bool)
    last[geometries.rings[1:] - 1] = True
    start = np.flatnonzero(~last)
    return Tubes(np.stack([coordinates[start], coordinates[start + 1]], axis=1), radius[start], owner[start])


def is_drawn(layer: QgsVectorLayer) -> bool:
    """Say whether the 3D view draws a layer by itself, and not on the ground."""
    return layer.renderer3D() is not None and (
        QgsWkbTypes.hasZ(layer.wkbType()) or layer.geometryType() == Qgis.GeometryType.Polygon
    )
