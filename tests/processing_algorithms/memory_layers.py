"""Layers in memory."""

from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer


def layer(kind, fields, *rows):
    """A layer in memory of WKT and values."""
    made = QgsVectorLayer(f"{kind}?crs=EPSG:28992&" + "&".join(f"field={field}" for field in fields), "made", "memory")
    for wkt, *values in rows:
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(values)
        made.dataProvider().addFeature(feature)
    return made
