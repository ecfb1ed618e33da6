"""The line of a section: drawn on the map, or the one that is selected; in RD New."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.crs import RD, is_rd, normalise
from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import tr

from ..drawing import DrawTool
from ..numbers import shown

COLOUR = "#b00020"  # as the line on the drawing


class LineChoice(QWidget):
    """Two buttons, and what line there is; it stays on the map until the panel goes."""

    changed = pyqtSignal()

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._iface = iface
        self.points: np.ndarray[Any, np.dtype[np.float64]] | None = None
        self.crs = RD
        self.draw, self.use = QPushButton(tr("Draw line")), QPushButton(tr("Use selected line"))
        self.state = QLabel()
        self.state.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.draw)
        row.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.state)
        canvas = iface.mapCanvas()
        self._tool = DrawTool(canvas, False, COLOUR)
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.LineGeometry)
        self._band.setColor(QColor(COLOUR))
        self._band.setWidth(2)
        self._marker = QgsVertexMarker(canvas)
        self._marker.setColor(QColor(COLOUR))
        self._marker.setPenWidth(3)
        self._marker.hide()
        self.draw.clicked.connect(self._start)
        self.use.clicked.connect(self._use_selected)
        self._tool.finished.connect(self._drawn)
        self._tell(tr("No line yet: draw one, left click for a point, right click to end."))

    def _start(self) -> None:
        self._iface.mapCanvas().setMapTool(self._tool)

    def _drawn(self, line: QgsGeometry) -> None:
        canvas = self._iface.mapCanvas()
        canvas.unsetMapTool(self._tool)
        self.set_line(line, self._map_crs())

    def _use_selected(self) -> None:
        layer = self._iface.activeLayer()
        is_line = isinstance(layer, QgsVectorLayer) and layer.geometryType() == Qgis.GeometryType.Line
        chosen = list(layer.getSelectedFeatures()) if is_line else []
        if not chosen:
            self._tell(tr("Select a line in the active layer first."))
            return
        self.set_line(chosen[0].geometry(), layer.crs())

    def set_line(self, line: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        """Take a line; the algorithm brings it to RD New."""
        self.points = np.array([(vertex.x(), vertex.y()) for vertex in line.vertices()], float)
        self.crs = (normalise(crs.authid()) if crs.isValid() else None) or RD
        band = QgsGeometry(line)
        if crs.isValid():
            band.transform(QgsCoordinateTransform(crs, self._map_crs(), QgsProject.instance()))
        self._band.setToGeometry(band, None)
        if is_rd(self.crs):
            text = tr("Line of {length} m, {count} points")
            self._tell(text.format(length=shown(self._length(), 1), count=len(self.points)))
        else:
            self._tell(tr("Line of {count} points").format(count=len(self.points)))
        self.changed.emit()

    def _map_crs(self) -> QgsCoordinateReferenceSystem:
        return self._iface.mapCanvas().mapSettings().destinationCrs()

    @property
    def geometry(self) -> QgsGeometry:
        """The line in the system of the map; null where there is none."""
        return self._band.asGeometry() if self.points is not None else QgsGeometry()

    def features(self) -> Features:
        """Return the line; raises InputError where there is none."""
        if self.points is None:
            raise InputError("No line is drawn yet.", hint="Click Draw line.")
        return Features(Geometries.build("line", [[[self.points.tolist()]]]), crs=self.crs, name="line")

    def show_place(self, share: float | None) -> None:
        """Show a place at a share of the line on the map, None to hide it."""
        line = self._band.asGeometry()
        place = line.interpolate(share * line.length()) if share is not None and not line.isNull() else QgsGeometry()
        self._marker.setVisible(not place.isNull())
        if not place.isNull():
            self._marker.setCenter(place.asPoint())

    def _length(self) -> float:
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum()) if self.points is not None else 0.0

    def _tell(self, text: str) -> None:
        self.state.setText(text)

    def clear(self) -> None:
        """Leave nothing on the map."""
        canvas = self._iface.mapCanvas()
        canvas.unsetMapTool(self._tool)
        for item in (self._band, self._marker):
            canvas.scene().removeItem(item)
