"""The plot as a widget: it tells what is under the pointer, and zooms in height by the wheel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from qgis.PyQt.QtWidgets import QWidget

from dtwin_plugin.layers.soundings import Sounding
from dtwin_plugin.translate import tr

from ..numbers import shown
from .plot import Drawn, Panel, draw, range_of

_ZOOM = 0.8  # of the range for a notch of the wheel
_LEAST = 1.0  # m; the smallest range of heights


class PlotView(QWidget):
    """Draws soundings; double click shows all heights again."""

    pointed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(260, 220)
        self._soundings: list[Sounding] = []
        self._heights: tuple[float, float] | None = None
        self._drawn = Drawn()
        self._pointer: QPointF | None = None

    def sizeHint(self) -> QSize:
        """Return a size in which two columns can be read."""
        return QSize(460, 520)

    @property
    def soundings(self) -> list[Sounding]:
        """What is shown."""
        return self._soundings

    @property
    def heights(self) -> tuple[float, float] | None:
        """The heights that were zoomed to, None for all."""
        return self._heights

    def show_soundings(self, soundings: Sequence[Sounding]) -> None:
        """Show others, from top to bottom."""
        self._soundings, self._heights = list(soundings), None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw, with a line at the height of the pointer."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#FAFAFA"))
        self._drawn = draw(painter, QRectF(self.rect()), self._soundings, self._heights)
        panel = self._panel_at(self._pointer) if self._pointer is not None else None
        if panel is not None and self._pointer is not None:
            painter.setPen(QPen(QColor("#757575"), 1, Qt.PenStyle.DashLine))
            y = self._pointer.y()
            for other in self._drawn.panels:
                painter.drawLine(QPointF(other.area.left(), y), QPointF(other.area.right(), y))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the pointer."""
        self._pointer = QPointF(event.pos())
        panel = self._panel_at(self._pointer)
        self.pointed.emit("" if panel is None else told(panel.sounding, panel.height.value(self._pointer.y())))
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Tell nothing any more."""
        self._pointer = None
        self.pointed.emit("")
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom in or out around the height of the pointer."""
        panel = self._panel_at(QPointF(event.position()))
        if panel is None:
            return
        factor = _ZOOM if event.angleDelta().y() > 0 else 1 / _ZOOM
        self.zoom(panel.height.value(event.position().y()), factor)
        event.accept()

    def zoom(self, at: float, factor: float) -> None:
        """Make the range of heights that is shown a factor as large, around a height [m NAP]."""
        columns = [sounding for sounding in self._soundings if sounding.has_column]
        if not columns:
            return
        all_of_it = range_of(columns)
        low, high = self._heights or all_of_it
        low, high = at - (at - low) * factor, at + (high - at) * factor
        if high - low < _LEAST:
            return
        low, high = max(low, all_of_it[0]), min(high, all_of_it[1])
        self._heights = None if (low, high) == all_of_it else (low, high)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all heights."""
        self._heights = None
        self.update()

    def _panel_at(self, place: QPointF) -> Panel | None:
        return next((panel for panel in self._drawn.panels if panel.area.contains(place)), None)


def told(sounding: Sounding, height: float) -> str:
    """Return what a sounding has at a height, as one line."""
    parts = [sounding.name, f"{shown(height, 2)} m"]
    if sounding.surface == sounding.surface:
        parts[1] += " NAP"
        parts.append(tr("{depth} m below the surface").format(depth=shown(sounding.surface - height, 2)))
    known = np.flatnonzero(np.isfinite(sounding.height))
    if len(known):
        nearest = known[np.argmin(np.abs(sounding.height[known] - height))]
        if abs(sounding.height[nearest] - height) < 0.5:
            for values, text, unit in ((sounding.cone, "qc", "MPa"), (sounding.ratio, "Rf", "%")):
                if np.isfinite(values[nearest]):
                    parts.append(f"{text} {shown(values[nearest], 2)} {unit}")
    parts += [
        bar.key if bar.group == "behaviour" else f"{bar.key} ({bar.name})" if bar.name else bar.key
        for bar in sounding.bars
        if bar.bottom <= height <= bar.top
    ][:1]
    return " · ".join(parts)
