"""Features at a place on the map."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)

MOST = 200  # features of a layer that are looked at


def features_at(
    layer: QgsVectorLayer, x: float, y: float, reach: float, crs: QgsCoordinateReferenceSystem
) -> Iterator[tuple[float, QgsFeature]]:
    """Yield features, brought to a CRS, with their distance from a place [m]: at most `reach`, 0 within polygons."""
    request = QgsFeatureRequest().setFilterRect(QgsRectangle(x - reach, y - reach, x + reach, y + reach))
    if layer.crs().isValid() and layer.crs() != crs:
        request.setDestinationCrs(crs, QgsProject.instance().transformContext())
    place = QgsGeometry.fromPointXY(QgsPointXY(x, y))
    for feature in layer.getFeatures(request.setLimit(MOST)):
        distance = feature.geometry().distance(place)
        if distance <= (0 if layer.geometryType() == Qgis.GeometryType.Polygon and reach < 0.1 else reach):
            yield distance, feature
