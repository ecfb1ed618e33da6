"""The object that was pointed at, marked on the map."""

from __future__ import annotations

from qgis.core import QgsCoordinateTransform, QgsProject, QgsVectorLayer
from qgis.gui import QgsHighlight, QgsMapCanvas
from qgis.PyQt.QtGui import QColor


class Highlight:
    """One marked feature at a time."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        self._canvas = canvas
        self._mark: QgsHighlight | None = None

    def show_feature(self, layer: QgsVectorLayer, identifier: int) -> None:
        """Mark a feature, and no other."""
        self.clear()
        geometry = layer.getFeature(identifier).geometry()
        geometry.transform(
            QgsCoordinateTransform(layer.crs(), self._canvas.mapSettings().destinationCrs(), QgsProject.instance())
        )
        self._mark = QgsHighlight(self._canvas, geometry, None)
        self._mark.setColor(QColor("#ffd400"))
        fill = QColor("#ffd400")
        fill.setAlpha(110)
        self._mark.setFillColor(fill)
        self._mark.setWidth(3)
        self._mark.show()

    def clear(self) -> None:
        """Mark nothing."""
        if self._mark is not None:
            self._canvas.scene().removeItem(self._mark)
            self._mark = None
