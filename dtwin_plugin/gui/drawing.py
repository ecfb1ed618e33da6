"""A map tool that draws one line or one polygon."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent

_TYPES = QgsWkbTypes.GeometryType


class DrawTool(QgsMapTool):
    """Left click adds a point, right click ends, Escape begins anew.

    Parameters
    ----------
    closed : bool
        Whether a polygon is drawn.
    colour : str
        Of the line or the outline.
    """

    finished = pyqtSignal(QgsGeometry)

    def __init__(self, canvas: QgsMapCanvas, closed: bool, colour: str) -> None:
        super().__init__(canvas)
        self._closed, self._least = closed, 3 if closed else 2
        self._points: list[QgsPointXY] = []
        self._type = _TYPES.PolygonGeometry if closed else _TYPES.LineGeometry
        self._band = QgsRubberBand(canvas, self._type)
        inside = QColor(colour)
        inside.setAlpha(60 if closed else 255)
        self._band.setColor(inside)
        self._band.setStrokeColor(QColor(colour))
        self._band.setWidth(2)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Add a point, or end."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._points.append(event.mapPoint())
            self._show(event.mapPoint())
        elif len(self._points) >= self._least:
            drawn = self._shape(self._points)
            self._clear()
            self.finished.emit(drawn)

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Show what is drawn up to the pointer."""
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

    def _shape(self, points: list[QgsPointXY]) -> QgsGeometry:
        return QgsGeometry.fromPolygonXY([points]) if self._closed else QgsGeometry.fromPolylineXY(points)

    def _show(self, last: QgsPointXY) -> None:
        self._band.setToGeometry(self._shape([*self._points, last]), None)

    def _clear(self) -> None:
        self._points = []
        self._band.reset(self._type)
