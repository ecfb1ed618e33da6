"""What styles have in common: labels with a white edge, and heights that are m NAP."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsPalLayerSettings,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerElevationProperties,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

_EDGE = 0.7  # mm


def label_by(
    layer: QgsVectorLayer,
    expression: str,
    *,
    scale: float = 0.0,
    placement: Qgis.LabelPlacement | None = None,
    distance: float = 0.0,
    colour: str = "#222222",
    size: float = 7.0,
) -> None:
    """Label by an expression.

    Parameters
    ----------
    scale : float
        Denominator from which labels are drawn; 0 is always.
    placement : Qgis.LabelPlacement, optional
        Default that of QGIS for the kind of geometry.
    distance : float
        From the object [mm].
    size : float
        Of the letters [points].
    """
    settings = QgsPalLayerSettings()
    settings.fieldName, settings.isExpression = expression, True
    if placement is not None:
        settings.placement = placement
    settings.dist = distance
    settings.scaleVisibility, settings.minimumScale = bool(scale), float(scale)
    text, edge = QgsTextFormat(), QgsTextBufferSettings()
    edge.setEnabled(True)
    edge.setSize(_EDGE)
    text.setSize(size)
    text.setColor(QColor(colour))
    text.setBuffer(edge)
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def absolute(
    layer: QgsVectorLayer, binding: Qgis.AltitudeBinding = Qgis.AltitudeBinding.Vertex
) -> QgsVectorLayerElevationProperties:
    """Take the heights of a layer as they are, each object by itself in a profile; return its settings for more."""
    properties = layer.elevationProperties()
    properties.setClamping(Qgis.AltitudeClamping.Absolute)
    properties.setBinding(binding)
    properties.setType(Qgis.VectorProfileType.IndividualFeatures)
    return properties
