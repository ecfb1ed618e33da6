"""A map tool that draws one polygon."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent

_CORNERS = 3  # at least


class PolygonTool(QgsMapTool):
    """Left click adds a corner, right click ends the polygon, Escape begins anew."""

    finished = pyqtSignal(QgsGeometry)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._corners: list[QgsPointXY] = []
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setColor(QColor(33, 113, 181, 60))
        self._band.setStrokeColor(QColor(33, 113, 181))
        self._band.setWidth(2)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Add a corner, or end."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._corners.append(event.mapPoint())
            self._show(event.mapPoint())
        elif len(self._corners) >= _CORNERS:
            polygon = QgsGeometry.fromPolygonXY([self._corners])
            self._clear()
            self.finished.emit(polygon)

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Show the polygon up to the pointer."""
        if self._corners:
            self._show(event.mapPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin anew."""
        if event.key() == Qt.Key.Key_Escape:
            self._clear()

    def deactivate(self) -> None:
        """Leave nothing on the map."""
        self._clear()
        super().deactivate()

    def _show(self, last: QgsPointXY) -> None:
        self._band.setToGeometry(QgsGeometry.fromPolygonXY([[*self._corners, last]]), None)

    def _clear(self) -> None:
        self._corners = []
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
