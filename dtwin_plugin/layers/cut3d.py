"""Layers and ground with nothing left beyond upright planes: QGIS 3.40 cuts views, and no pictures off screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import (
    Qgis,
    QgsAbstractGeometry,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsLineString,
    QgsMapLayer,
    QgsMultiPolygon,
    QgsPointCloudLayer,
    QgsPolygon,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)

from dtwin_plugin.data.cutting import Plane, clipped

from .pit3d import fine_enough, ground_without
from .stretch3d import copy_of, memory_copy
from .tiling3d import alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .clip3d import Detail

    Floats = NDArray[np.float64]

_GAP = 0.5  # m: how far the edge of cut ground may be off
_FLAT = 1e-6  # m2 on the map: a face of less stands upright


def cut_ground(
    terrain: QgsRasterLayer, extent: QgsRectangle, planes: Sequence[Plane], path: Path
) -> tuple[QgsRasterLayer, Detail]:
    """Return a copy of a terrain file without heights beyond planes, and how finely it must be drawn.

    Parameters
    ----------
    extent : QgsRectangle
        The part in the scene, in the CRS of the terrain.
    path : Path
        Where it is written; nothing may read that.
    """
    detail, gap = fine_enough(_GAP, extent)

    def beyond(x: Floats, y: Floats) -> NDArray[np.bool_]:
        # a square of ground with one corner beyond is left out whole: so much more is kept
        away = (a * x + b * y + c + gap for a, b, c in planes)
        return np.min(np.broadcast_arrays(*away), axis=0) < 0

    return ground_without(terrain, extent, beyond, gap, path), detail


def can_be_cut(layer: QgsMapLayer, crs: QgsCoordinateReferenceSystem) -> bool:
    """Say whether a layer can be cut, or lies on the ground and is cut with it."""
    if layer.renderer3D() is None:
        return True
    return isinstance(layer, (QgsVectorLayer, QgsPointCloudLayer)) and alike(layer.crs(), crs)


def cut_layer(layer: QgsMapLayer, planes: Sequence[Plane], extent: QgsRectangle) -> QgsMapLayer:
    """Return what of a layer is not beyond planes: a copy of what is in the scene, or itself where it cannot be cut.

    Solids are hollow where they are cut, as in a view.

    Parameters
    ----------
    planes : sequence of Plane
        In the CRS of the layer.
    extent : QgsRectangle
        The part in the scene.
    """
    if layer.renderer3D() is None:
        return layer
    if isinstance(layer, QgsPointCloudLayer):
        copy = copy_of(layer)
        kept = " AND ".join(f"(X * {a!r} + Y * {b!r} + {c!r} >= 0)" for a, b, c in planes)
        own = layer.subsetString()
        copy.setSubsetString(f"({own}) AND {kept}" if own else kept)
        return copy
    if not isinstance(layer, QgsVectorLayer):
        return layer
    copy = memory_copy(layer, _kept(layer, planes, extent), QgsWkbTypes.multiType(_of_faces(layer.wkbType())))
    copy.setRenderer3D(layer.renderer3D().clone())
    return copy


def _of_faces(kind: Qgis.WkbType) -> Qgis.WkbType:
    """Return the type of what is left of a type: faces of a body are polygons then."""
    if QgsWkbTypes.geometryType(kind) != Qgis.GeometryType.Polygon:
        return kind
    return Qgis.WkbType.PolygonZ if QgsWkbTypes.hasZ(kind) else Qgis.WkbType.Polygon


def _kept(layer: QgsVectorLayer, planes: Sequence[Plane], extent: QgsRectangle) -> Iterator[QgsFeature]:
    """Yield the features of a layer in a scene, or what is left of them."""
    area = _area(planes, extent)
    for feature in layer.getFeatures(QgsFeatureRequest(extent)):
        geometry = feature.geometry()
        nearest, farthest = _away(geometry.boundingBox(), planes)
        if geometry.isNull() or farthest < 0:
            continue
        if nearest < 0:
            geometry = _cut(geometry, planes, area)
            if geometry.isEmpty():
                continue
        if geometry.convertToMultiType():
            feature.setGeometry(geometry)
            yield feature


def _away(box: QgsRectangle, planes: Sequence[Plane]) -> tuple[float, float]:
    """Return how far the nearest corner of a box is inside of the planes, and the farthest of the worst plane [m]."""
    x, y = np.array([box.xMinimum(), box.xMaximum()]), np.array([[box.yMinimum()], [box.yMaximum()]])
    away = [a * x + b * y + c for a, b, c in planes]
    return min(float(each.min()) for each in away), min(float(each.max()) for each in away)


def _area(planes: Sequence[Plane], extent: QgsRectangle) -> QgsGeometry:
    """Return what is kept, as far as it is near the scene."""
    near = extent.buffered(max(extent.width(), extent.height()))
    ring = clipped([(p.x(), p.y()) for p in QgsGeometry.fromRect(near).asPolygon()[0]], list(planes))
    return QgsGeometry(QgsPolygon(QgsLineString(ring[:, 0], ring[:, 1]))) if len(ring) else QgsGeometry()


def _cut(geometry: QgsGeometry, planes: Sequence[Plane], area: QgsGeometry) -> QgsGeometry:
    """Return what is left of a geometry on a plane."""
    if geometry.type() != Qgis.GeometryType.Polygon:
        return geometry.intersection(area)
    result = QgsMultiPolygon()
    for face in _faces(geometry.constGet()):
        for left in _cut_face(face, planes, area):
            result.addGeometry(left)
    return QgsGeometry(result)


def _faces(shape: QgsAbstractGeometry) -> Iterator[QgsPolygon]:
    """Yield the polygons of a geometry; those of a body too."""
    if hasattr(shape, "numPatches"):
        yield from (shape.patchN(number) for number in range(shape.numPatches()))
    elif hasattr(shape, "numGeometries"):
        for number in range(shape.numGeometries()):
            yield from _faces(shape.geometryN(number))
    else:
        yield shape.toPolygon() if hasattr(shape, "toPolygon") else shape


def _cut_face(face: QgsPolygon, planes: Sequence[Plane], area: QgsGeometry) -> list[QgsPolygon]:
    """Return what is left of a face: GEOS knows faces with notches and holes, but none that stand upright."""
    nearest, farthest = _away(face.boundingBox(), planes)
    if farthest < 0:
        return []
    if nearest >= 0:
        return [face.clone()]
    if abs(face.area()) > _FLAT and (face.numInteriorRings() or face.exteriorRing().numPoints() > 5):
        left = QgsGeometry(face.clone()).intersection(area)
        if not left.isNull():
            return [each.clone() for each in _faces(left.constGet()) if isinstance(each, QgsPolygon)]
    outer = face.exteriorRing()
    corners = [(p.x(), p.y(), p.z()) if outer.is3D() else (p.x(), p.y()) for p in outer.points()]
    ring = clipped(corners, list(planes))
    return [QgsPolygon(QgsLineString(*(ring[:, axis].tolist() for axis in range(ring.shape[1]))))] if len(ring) else []
