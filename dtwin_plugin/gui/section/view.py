"""The drawing in the panel: fitted to its size, and told where the pointer is."""

from __future__ import annotations

from qgis.PyQt.QtCore import QPointF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from dtwin_plugin.layers.section_canvas import Canvas
from dtwin_plugin.layers.section_data import Item, SectionData
from dtwin_plugin.layers.section_plot import Frame, label, name_of, plot, shown
from dtwin_plugin.translate import tr

_INCH = 25.4
_LARGER = 1.25  # than on paper: a screen is read from further away
_LEFT, _RIGHT, _BELOW, _LABELS, _LABELS_FROM = 18.0, 14.0, 15.0, 38.0, 85.0  # mm
_REACH = 1.5  # mm around the pointer
_MOST = 6  # things told at once


class SectionView(QWidget):
    """Draws a section; `pointed` tells the distance along the line and what lies there, `left` that it is nowhere."""

    pointed = pyqtSignal(float, str)
    left = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.data: SectionData | None = None
        self.exaggeration = 0.0
        self._drawn: QPixmap | None = None
        self._at: QPointF | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(320, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Section"))

    def sizeHint(self) -> QSize:
        """Return a size in which axes and labels can be read."""
        return QSize(800, 380)

    def show_section(self, data: SectionData | None, exaggeration: float = 0.0) -> None:
        """Draw another section."""
        self.data, self.exaggeration = data, exaggeration
        self._drawn = None
        self.update()

    def frame(self) -> Frame | None:
        """Return where the section lies in the widget [mm], None where there is none."""
        if self.data is None:
            return None
        wide, high = (size / self._scale() for size in (self.width(), self.height()))
        labels = _LABELS if high > _LABELS_FROM else 3.0
        width, height = max(wide - _LEFT - _RIGHT, 10.0), max(high - labels - _BELOW, 10.0)
        across = width / self.data.length
        deep = self.data.top - self.data.bottom
        up = height / deep
        if self.exaggeration > 0:  # heights fit, or distances do
            across = min(across, up / self.exaggeration)
            up = across * self.exaggeration
        return Frame(_LEFT, high - _BELOW, across * self.data.length, up * deep, across, up, self.data.bottom)

    def _scale(self) -> float:
        return _LARGER * self.logicalDpiX() / _INCH

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the section, and a cross at the pointer."""
        painter, frame = QPainter(self), self.frame()
        if self._drawn is None:
            self._drawn = QPixmap(self.size())
            self._drawn.fill(QColor("#ffffff"))
            if frame is not None and self.data is not None:
                inner = QPainter(self._drawn)
                high = self.height() / self._scale()
                plot(Canvas(inner, self._scale()), frame, self.data, _LABELS if high > _LABELS_FROM else 0.0)
                inner.end()
        painter.drawPixmap(0, 0, self._drawn)
        if frame is None:
            painter.setPen(QPen(QColor("#666666")))
            text = tr("Draw a line on the map, choose what counts, and make the section.")
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
        elif self._at is not None:
            painter.setPen(QPen(QColor("#80000000"), 1, Qt.PenStyle.DotLine))
            scale = self._scale()
            left, right = frame.left * scale, (frame.left + frame.width) * scale
            top, base = (frame.base - frame.height) * scale, frame.base * scale
            painter.drawLine(QPointF(left, self._at.y()), QPointF(right, self._at.y()))
            painter.drawLine(QPointF(self._at.x(), top), QPointF(self._at.x(), base))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew."""
        self._drawn = None
        super().resizeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the pointer."""
        self.point(QPointF(event.pos()))

    def leaveEvent(self, event: object) -> None:
        """Tell that the pointer is nowhere."""
        self._at = None
        self.update()
        self.left.emit()

    def point(self, at: QPointF) -> str:
        """Show a place [px] and return what lies there, "" outside the section."""
        frame, scale = self.frame(), self._scale()
        text = ""
        if frame is not None and self.data is not None:
            along, height = frame.back(at.x() / scale, at.y() / scale)
            if 0 <= along <= self.data.length and self.data.bottom <= height <= self.data.top:
                found = self.data.at(along, height, (_REACH / frame.across, _REACH / frame.up))
                place = tr("{along} m along, {height} m NAP").format(along=shown(along, 1), height=shown(height))
                text = "; ".join([place, *(told(item) for item in found[:_MOST])])
                self._at = at
                self.pointed.emit(along, text)
        if not text:
            self._at = None
            self.left.emit()
        self.update()
        return text


def told(item: Item) -> str:
    """Return what is known of a shape, in a line."""
    facts = item.facts
    name = name_of(item)
    parts = [label(item) if item.form == "point" else name]
    if item.kind == "uncertainty":
        parts = [tr("{name} may lie here").format(name=name)]
    if item.kind in ("borehole", "cpt") and item.form != "point":
        parts.append(f"{facts.get('source', '')} ({shown(abs(facts.get('offset', 0.0)), 1)} m)")
    if "probability" in facts:
        parts.append(tr("probability {percent} %").format(percent=shown(100 * facts["probability"], 0)))
    if item.kind == "cable":
        if item.form != "point" and "diameter" in facts:
            parts.append(f"ø{shown(facts['diameter'], 0)} mm")
        for key, text in (("xy_uncertainty", tr("on the map")), ("z_uncertainty", tr("in height"))):
            if key in facts:
                parts.append(f"± {shown(facts[key])} m {text}")
    return ", ".join(parts)
