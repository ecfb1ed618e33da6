"""Heights in 3D times a factor, and how far they reach: QGIS stretches its terrain and part of the rest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from qgis._3d import QgsLine3DSymbol, QgsPolygon3DSymbol, QgsRuleBased3DRenderer, QgsVectorLayer3DRenderer
from qgis.core import (
    Qgis,
    QgsAbstract3DRenderer,
    QgsAbstract3DSymbol,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsMeshLayer,
    QgsPointCloudLayer,
    QgsProperty,
    QgsRectangle,
    QgsTiledSceneLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QTransform

_Keys = QgsAbstract3DSymbol.Property
_SIZED = {"line": QgsLine3DSymbol, "polygon": QgsPolygon3DSymbol}  # that have a height of extrusion and an offset
_BATCH = 10_000  # features handed to a temporary layer at once


def stretched_copy(layer: QgsMapLayer, factor: float, extent: QgsRectangle, crs: str) -> QgsMapLayer:
    """Return what a view of which the terrain is stretched must draw for a layer, which stays as it is.

    QGIS 3.40 stretches the heights in lines and polygons with its terrain; not those in points, of which those within
    an extent are copied, nor what a symbol adds to a height. It is the layer itself where QGIS stretches all of it, or
    where it does not follow: see `follows`.
    """
    if isinstance(layer, QgsVectorLayer):
        renderer = layer.renderer3D()
        if renderer is None or not (_is_points(layer) or any(map(_adds_height, _symbols(renderer.clone())))):
            return layer
        if _is_points(layer):
            return _stretched(layer, factor, extent, crs)
    elif not isinstance(layer, (QgsPointCloudLayer, QgsTiledSceneLayer)):
        return layer
    return _stretched(copy_of(layer), factor, extent, crs)


def copy_of(layer: QgsMapLayer) -> QgsMapLayer:
    """Return a copy of a layer with its 3D symbols, which QGIS leaves out; it stays, whatever becomes of the layer."""
    copy = layer.clone()
    if layer.renderer3D() is not None:
        copy.setRenderer3D(layer.renderer3D().clone())
    return copy


def follows(layer: QgsMapLayer) -> bool:
    """Say whether a layer is stretched with the terrain: all are, or lie on it, but meshes."""
    return not isinstance(layer, QgsMeshLayer) or layer.renderer3D() is None


def _stretched(layer: QgsMapLayer, factor: float, extent: QgsRectangle, crs: str) -> QgsMapLayer:
    """Return a layer that fits a stretched terrain: itself, changed, or a copy of its points."""
    renderer = layer.renderer3D() if isinstance(layer, QgsVectorLayer) else None
    if isinstance(layer, QgsVectorLayer) and renderer is not None:
        renderer = renderer.clone()
        for symbol in _symbols(renderer):
            _stretch_symbol(symbol, factor)
        found = _copy(layer, factor, extent, crs) if _is_points(layer) else layer
        found.setRenderer3D(renderer)
        return found
    properties = layer.elevationProperties()
    if hasattr(properties, "setZScale"):
        properties.setZScale(properties.zScale() * factor)
        properties.setZOffset(properties.zOffset() * factor)
    return layer


def _is_points(layer: QgsVectorLayer) -> bool:
    return bool(layer.geometryType() == Qgis.GeometryType.Point and QgsWkbTypes.hasZ(layer.wkbType()))


def _adds_height(symbol: QgsAbstract3DSymbol) -> bool:
    """Say whether a symbol adds to the heights that a geometry has."""
    properties = symbol.dataDefinedProperties()
    if any(properties.isActive(key) for key in (_Keys.Height, _Keys.ExtrusionHeight)):
        return True
    kind = _SIZED.get(symbol.type())
    sized = sip.cast(symbol, kind) if kind is not None else None
    return sized is not None and bool(sized.extrusionHeight() or sized.offset())


def heights(layers: Sequence[QgsMapLayer], factor: float) -> tuple[float, float] | None:
    """Return the lowest and the highest height that stretched vector layers are drawn at; None where none has any."""
    low, high = math.inf, -math.inf
    for layer in layers:
        if not isinstance(layer, QgsVectorLayer) or layer.renderer3D() is None or not layer.featureCount():
            continue
        if QgsWkbTypes.hasZ(layer.wkbType()):
            box = layer.extent3D()
            scale = 1.0 if layer.geometryType() == Qgis.GeometryType.Point else factor
            ends = [box.zMinimum() * scale, box.zMaximum() * scale]
        else:
            renderer = layer.renderer3D().clone()  # alive as long as its symbols are
            ends = [end for symbol in _symbols(renderer) for end in _ends(layer, symbol)]
        known = [end for end in ends if math.isfinite(end)]
        low, high = min([low, *known]), max([high, *known])
    return (low, high) if low <= high else None


def _symbols(renderer: QgsAbstract3DRenderer) -> Iterator[QgsAbstract3DSymbol]:
    """Yield the symbols of a renderer, which keeps the changes that are made to them.

    Python knows what QGIS read from a file as the base class only.
    """
    if renderer.type() == "rulebased":
        for rule in sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants():
            if rule.symbol() is not None:
                yield rule.symbol()
    elif renderer.type() == "vector":
        single = sip.cast(renderer, QgsVectorLayer3DRenderer)
        if single.symbol() is not None:
            symbol = single.symbol().clone()
            yield symbol
            single.setSymbol(symbol)


def _stretch_symbol(symbol: QgsAbstract3DSymbol, factor: float) -> None:
    properties = symbol.dataDefinedProperties()
    for key in (_Keys.Height, _Keys.ExtrusionHeight):
        if properties.isActive(key):
            text = properties.property(key).asExpression()
            properties.setProperty(key, QgsProperty.fromExpression(f"({text}) * {factor!r}"))
    symbol.setDataDefinedProperties(properties)
    kind = _SIZED.get(symbol.type())
    if kind is not None:
        sized = sip.cast(symbol, kind)
        sized.setExtrusionHeight(sized.extrusionHeight() * factor)
        sized.setOffset(sized.offset() * factor)


def _copy(layer: QgsVectorLayer, factor: float, extent: QgsRectangle, crs: str) -> QgsVectorLayer:
    """Return a layer in memory with the features in an area, their heights times a factor."""

    def stretched() -> Iterator[QgsFeature]:
        for feature in layer.getFeatures(QgsFeatureRequest(_box_in(layer, extent, crs))):
            geometry = feature.geometry()
            geometry.transform(QTransform(), 0.0, factor)
            feature.setGeometry(geometry)
            yield feature

    return memory_copy(layer, stretched(), layer.wkbType())


def memory_copy(layer: QgsVectorLayer, features: Iterable[QgsFeature], kind: Qgis.WkbType) -> QgsVectorLayer:
    """Return a layer in memory with the fields of another, and features that are made of those of it."""
    uri = f"{QgsWkbTypes.displayString(kind)}?crs={layer.crs().authid()}"
    found = QgsVectorLayer(uri, layer.name(), "memory")
    provider, batch = found.dataProvider(), []
    provider.addAttributes(layer.fields().toList())
    found.updateFields()
    for feature in features:
        taken = QgsFeature(found.fields())
        taken.setAttributes(feature.attributes())
        taken.setGeometry(feature.geometry())
        batch.append(taken)
        if len(batch) == _BATCH:
            provider.addFeatures(batch)
            batch = []
    provider.addFeatures(batch)
    found.updateExtents()
    return found


def _box_in(layer: QgsVectorLayer, extent: QgsRectangle, crs: str) -> QgsRectangle:
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform

    change = QgsCoordinateTransform(QgsCoordinateReferenceSystem(crs), layer.crs(), QgsCoordinateTransformContext())
    return change.transformBoundingBox(extent)


def _ends(layer: QgsVectorLayer, symbol: QgsAbstract3DSymbol) -> list[float]:
    """Return the lowest bottom and the highest top of what a symbol extrudes."""
    properties = symbol.dataDefinedProperties()
    bottom, thickness = (
        f"({properties.property(key).asExpression()})" if properties.isActive(key) else "0"
        for key in (_Keys.Height, _Keys.ExtrusionHeight)
    )
    wanted = ((Qgis.Aggregate.Min, bottom), (Qgis.Aggregate.Max, f"{bottom} + {thickness}"))
    found = (layer.aggregate(kind, text)[0] for kind, text in wanted)
    return [float(value) for value in found if isinstance(value, (int, float))]
