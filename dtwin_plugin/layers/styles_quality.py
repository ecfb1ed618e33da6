"""Findings of data quality: red where work on the object will fail, orange where it needs a look."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRendererCategory,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from . import styles3d

SEVERITIES = {
    "error": ("#d7191c", "diamond", mark("Error")),
    "warning": ("#fd8d3c", "triangle", mark("Warning")),
}
_RADIUS = 0.4  # m: seen from a street away, and no house is hidden
_KNOWN = "z(geometry_n(@geometry, 1)) > -1000"  # no height at all would make QGIS draw nothing of the scene
_LABELS_FROM = 5000.0  # scale; further away labels would cover the map


def quality(layer: QgsVectorLayer) -> None:
    """Markers by severity, labelled with the code, at the height of the fault; balls in 3D where that is known."""
    categories = [
        QgsRendererCategory(
            key,
            QgsMarkerSymbol.createSimple({"name": shape, "color": colour, "outline_color": "#5a1a10", "size": "3"}),
            tr(label),
        )
        for key, (colour, shape, label) in SEVERITIES.items()
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("severity", categories))
    settings = QgsPalLayerSettings()
    settings.fieldName = "code"
    settings.scaleVisibility, settings.minimumScale = True, _LABELS_FROM
    text, halo = QgsTextFormat(), QgsTextBufferSettings()
    halo.setEnabled(True)
    text.setSize(8)
    text.setColor(QColor("#7f0000"))
    text.setBuffer(halo)
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
    absolute = Qgis.AltitudeClamping.Absolute
    layer.elevationProperties().setClamping(absolute)
    ball, shape = {"radius": _RADIUS}, Qgis.Point3DShape.Sphere
    styles3d.solids_by_rules(
        layer,
        [
            (f"\"severity\" = '{key}' AND {_KNOWN}", styles3d.solid(shape, ball, colour, 0.0, absolute))
            for key, (colour, _, _) in SEVERITIES.items()
        ],
    )
