"""A map tool that draws one line."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent

COLOUR = "#b00020"  # as the line on the drawing


class LineTool(QgsMapTool):
    """Left click adds a point, right click ends the line, Escape begins anew."""

    finished = pyqtSignal(QgsGeometry)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._points: list[QgsPointXY] = []
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.LineGeometry)
        self._band.setColor(QColor(COLOUR))
        self._band.setWidth(2)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Add a point, or end."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._points.append(event.mapPoint())
            self._show(event.mapPoint())
        elif len(self._points) > 1:
            line = QgsGeometry.fromPolylineXY(self._points)
            self._clear()
            self.finished.emit(line)

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Show the line up to the pointer."""
        if self._points:
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
        self._band.setToGeometry(QgsGeometry.fromPolylineXY([*self._points, last]), None)

    def _clear(self) -> None:
        self._points = []
        self._band.reset(QgsWkbTypes.GeometryType.LineGeometry)
