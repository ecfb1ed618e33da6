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

SEVERITIES = {
    "error": ("#d7191c", "diamond", mark("Error")),
    "warning": ("#fd8d3c", "triangle", mark("Warning")),
}
_LABELS_FROM = 5000.0  # scale; further away labels would cover the map


def quality(layer: QgsVectorLayer) -> None:
    """Markers by severity, labelled with the code, at the height of the fault."""
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
    properties = layer.elevationProperties()
    properties.setClamping(Qgis.AltitudeClamping.Absolute)
