"""Drawing in millimetres: QPainter with lines, outlines and texts of the size that they have on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.PyQt.QtCore import QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

if TYPE_CHECKING:
    from collections.abc import Iterable

DARK = "#222222"
DASHED = (4.0, 2.5)  # in widths of the pen
_FONT = "DejaVu Sans"
_LEAST = 1  # px: size of a font


class Canvas:
    """A painter that counts in millimetres from the upper left corner.

    Parameters
    ----------
    scale : float
        Pixels of the device in a millimetre.
    """

    def __init__(self, painter: QPainter, scale: float) -> None:
        self.painter, self.scale = painter, scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing, True)

    def _pen(self, colour: str, width: float, dash: tuple[float, ...] = ()) -> QPen:
        pen = QPen(QColor(colour), width * self.scale)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        if dash:
            pen.setDashPattern(list(dash))
        return pen

    def _points(self, points: Iterable[Any]) -> QPolygonF:
        return QPolygonF([QPointF(float(x) * self.scale, float(y) * self.scale) for x, y in points])

    def line(
        self, points: Iterable[Any], colour: str = DARK, width: float = 0.18, dash: tuple[float, ...] = ()
    ) -> None:
        """Draw a line through points."""
        self.painter.setPen(self._pen(colour, width, dash))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawPolyline(self._points(points))

    def area(
        self, points: Iterable[Any], fill: str = "", edge: str = "", width: float = 0.1, dash: tuple[float, ...] = ()
    ) -> None:
        """Draw an outline; without a colour it is not filled, or has no edge."""
        self.painter.setPen(self._pen(edge, width, dash) if edge else QPen(Qt.PenStyle.NoPen))
        self.painter.setBrush(QBrush(QColor(fill)) if fill else QBrush(Qt.BrushStyle.NoBrush))
        self.painter.drawPolygon(self._points(points))

    def box(self, x: float, y: float, width: float, height: float, fill: str = "", edge: str = DARK,
            line: float = 0.18, dash: tuple[float, ...] = ()) -> None:  # fmt: skip
        """Draw a rectangle."""
        self.area([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], fill, edge, line, dash)

    def dot(self, x: float, y: float, radius: float, fill: str, edge: str = DARK) -> None:
        """Draw a disc."""
        self.painter.setPen(self._pen(edge, 0.1))
        self.painter.setBrush(QBrush(QColor(fill)))
        self.painter.drawEllipse(QPointF(x * self.scale, y * self.scale), radius * self.scale, radius * self.scale)

    def _font(self, size: float, bold: bool) -> QFont:
        font = QFont(_FONT)
        font.setPixelSize(max(_LEAST, round(size * self.scale)))
        font.setBold(bold)
        return font

    def fitted(self, text: str, size: float, width: float, bold: bool = False) -> str:
        """Return a text shortened to a width."""
        metrics = QFontMetricsF(self._font(size, bold))
        return str(metrics.elidedText(text, Qt.TextElideMode.ElideRight, width * self.scale))

    def text(self, x: float, y: float, text: str, size: float = 2.4, colour: str = DARK, bold: bool = False,
             align: str = "left", turn: float = 0.0) -> None:  # fmt: skip
        """Draw a text with its middle line at y, from, up to or around x; turned counter-clockwise [degree]."""
        self.painter.save()
        self.painter.setPen(QPen(QColor(colour)))
        self.painter.setFont(self._font(size, bold))
        self.painter.translate(x * self.scale, y * self.scale)
        self.painter.rotate(-turn)
        wide, high = 2000.0 * self.scale, size * 2 * self.scale
        left = {"left": 0.0, "right": -wide, "middle": -wide / 2}[align]
        flags = {"left": Qt.AlignmentFlag.AlignLeft, "right": Qt.AlignmentFlag.AlignRight,
                 "middle": Qt.AlignmentFlag.AlignHCenter}[align]  # fmt: skip
        place = QRectF(left, -high / 2, wide, high)
        self.painter.drawText(place, int(flags | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), text)
        self.painter.restore()

    def paragraph(self, x: float, y: float, width: float, height: float, text: str, size: float = 2.2,
                  colour: str = DARK) -> None:  # fmt: skip
        """Draw a text in lines, from the upper left of a rectangle."""
        self.painter.setPen(QPen(QColor(colour)))
        self.painter.setFont(self._font(size, False))
        place = QRectF(*(value * self.scale for value in (x, y, width, height)))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        self.painter.drawText(place, int(flags), text)
