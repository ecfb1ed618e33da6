"""Layers that mark shapes in a 3D view: selecting features would make QGIS draw their whole layer anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qgis._3d import QgsLine3DSymbol, QgsPoint3DSymbol, QgsVectorLayer3DRenderer
from qgis.core import (
    Qgis,
    QgsAbstract3DSymbol,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsLineString,
    QgsMapLayer,
    QgsMultiLineString,
    QgsMultiPolygon,
    QgsPoint,
    QgsPolygon,
    QgsVectorLayer,
)

from . import styles3d
from .shapes3d import Shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BRIGHT = "#ffd400"
_BLOWN_UP = 0.06  # m that marked faces stand out: nearer they flicker with what they mark
_WIDTH = 6.0  # px of marked lines


def marks_of(shapes: Shapes, crs: QgsCoordinateReferenceSystem) -> list[QgsMapLayer]:
    """Return layers that are the same shapes, bright and slightly larger."""
    layers: list[QgsMapLayer] = []
    if shapes.faces is not None and len(shapes.faces.owners):
        layers.append(_faces(shapes, crs))
    if shapes.tubes is not None and len(shapes.tubes.owners):
        ends, radii = shapes.tubes.ends, shapes.tubes.radii
        is_ball = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) < 1e-6
        if is_ball.any():
            layers.append(balls(ends[is_ball, 0], float(radii[is_ball].max()) * 1.05 + _BLOWN_UP, crs))
        if not is_ball.all():
            layers.append(lines(list(ends[~is_ball]), crs, BRIGHT, _WIDTH))
    return layers


def lines(paths: list[Floats], crs: QgsCoordinateReferenceSystem, colour: str, width: float) -> QgsVectorLayer:
    """Return a layer of lines of places, shape (n, 3), that keep their width on the screen [px]."""
    found = QgsMultiLineString()
    for path in paths:
        found.addGeometry(QgsLineString([QgsPoint(*place) for place in path.tolist()]))
    symbol = QgsLine3DSymbol()
    symbol.setAltitudeClamping(Qgis.AltitudeClamping.Absolute)
    symbol.setAltitudeBinding(Qgis.AltitudeBinding.Vertex)
    symbol.setRenderAsSimpleLines(True)
    symbol.setWidth(width)
    symbol.setMaterialSettings(styles3d.simple_line(colour))
    return _layer("MultiLineStringZ", [QgsGeometry(found)], crs, symbol)


def balls(places: Floats, radius: float, crs: QgsCoordinateReferenceSystem, colour: str = BRIGHT) -> QgsVectorLayer:
    """Return a layer of balls around places, shape (n, 3), of a radius [m]."""
    symbol = QgsPoint3DSymbol()
    symbol.setShape(Qgis.Point3DShape.Sphere)
    symbol.setShapeProperties({"radius": float(radius)})  # a number of NumPy is none to QGIS
    symbol.setAltitudeClamping(Qgis.AltitudeClamping.Absolute)
    symbol.setMaterialSettings(styles3d.phong(colour))
    return _layer("PointZ", [QgsGeometry(QgsPoint(*place)) for place in places.tolist()], crs, symbol)


def _faces(shapes: Shapes, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Return a layer of faces, each to its outside: which of its sides that is, the middle of all tells."""
    faces = shapes.faces
    assert faces is not None
    outward = faces.normals * _BLOWN_UP
    middle = faces.coordinates.mean(axis=0)
    found = QgsMultiPolygon()
    for face, (first, last) in enumerate(zip(faces.parts[:-1].tolist(), faces.parts[1:].tolist())):
        polygon = QgsPolygon()
        for number in range(first, last):
            ring = faces.coordinates[faces.rings[number] : faces.rings[number + 1]]
            away = outward[face] if (ring.mean(axis=0) - middle) @ outward[face] >= 0 else -outward[face]
            string = QgsLineString([QgsPoint(*place) for place in (ring + away).tolist()])
            if number == first:
                polygon.setExteriorRing(string)
            else:
                polygon.addInteriorRing(string)
        found.addGeometry(polygon)
    layer = _layer("MultiPolygonZ", [QgsGeometry(found)], crs)
    styles3d.by_rules(layer, {"1 = 1": (BRIGHT, 1.0)}, levels=1)
    return layer


def _layer(
    kind: str, shapes: list[QgsGeometry], crs: QgsCoordinateReferenceSystem, symbol: QgsAbstract3DSymbol | None = None
) -> QgsVectorLayer:
    layer = QgsVectorLayer(kind, "", "memory")
    layer.setCrs(crs)
    features = []
    for shape in shapes:
        feature = QgsFeature()
        feature.setGeometry(shape)
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    if symbol is not None:
        layer.setRenderer3D(QgsVectorLayer3DRenderer(symbol))
    layer.setFlags(layer.flags() & ~QgsMapLayer.LayerFlag.Identifiable)  # it is not pointed at
    return layer
