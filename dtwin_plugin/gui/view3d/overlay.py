"""The bar above a 3D view: north, a scale, and where the camera is."""

from __future__ import annotations

import math

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QPainter, QPaintEvent, QPolygonF
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from dtwin_plugin.data.camera import Camera
from dtwin_plugin.translate import Number, tr

_HEIGHT, _COMPASS, _LONGEST = 26, 22, 110  # px


def scale_of(camera: Camera) -> tuple[float, float]:
    """Return a round length [m] and how wide it is in the middle of the picture [px], where it looks at.

    >>> length, pixels = scale_of(Camera((0, 0, 0), 500, 50, 0, 800, 600))
    >>> length, round(pixels)
    (50.0, 72)
    """
    pixel = 2 * camera.distance * math.tan(math.radians(camera.field_of_view) / 2) / camera.height
    most = _LONGEST * pixel
    power: float = 10.0 ** math.floor(math.log10(most))
    length = max(step * power for step in (1, 2, 5) if step * power <= most)
    return length, length / pixel


class Bearings(QWidget):
    """A needle to the north, a scale that holds in the middle of the view, coordinates of the middle, and the height.

    Parameters
    ----------
    system : str
        What the coordinates are called.
    """

    def __init__(self, system: str) -> None:
        super().__init__()
        self._system = system
        self._camera: Camera | None = None
        self._stretched = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._help = tr("North; a scale that holds in the middle of the view; what it looks at, and from where.")
        self.setToolTip(self._help)

    def sizeHint(self) -> QSize:
        """Return a width in which all is legible."""
        return QSize(420, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return a width that hinders nobody."""
        return QSize(60, _HEIGHT)

    def show_camera(self, camera: Camera, stretched: float = 1.0) -> None:
        """Tell of a camera, in a view that draws heights so many times as high."""
        self._camera, self._stretched = camera, stretched
        self.setAccessibleDescription(self.text())
        self.setToolTip(f"{self.text()}\n{self._help}")  # in two views there is no room for all of it
        self.update()

    def text(self) -> str:
        """Return what is written."""
        if self._camera is None:
            return ""
        x, y, _ = self._camera.centre
        return tr("{system} {x:.0f}, {y:.0f} · camera at {z:.0f} m").format(
            system=self._system, x=x, y=y, z=self._camera.position[2] / self._stretched
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the needle, the scale and the text."""
        if self._camera is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self.palette().windowText().color()
        painter.setPen(ink)
        middle = self.height() / 2
        painter.save()
        painter.translate(2 + _COMPASS / 2, middle)
        painter.drawEllipse(QPointF(0, 0), _COMPASS / 2 - 1, _COMPASS / 2 - 1)
        painter.rotate(-self._camera.heading)
        painter.setBrush(Qt.GlobalColor.red)
        painter.drawPolygon(QPolygonF([QPointF(0, -9), QPointF(3.5, 0), QPointF(-3.5, 0)]))
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawPolygon(QPolygonF([QPointF(0, 9), QPointF(3.5, 0), QPointF(-3.5, 0)]))
        painter.restore()
        length, pixels = scale_of(self._camera)
        left = _COMPASS + 12.0
        for x in (left, left + pixels):
            painter.drawLine(QPointF(x, middle - 3), QPointF(x, middle + 6))
        painter.drawLine(QPointF(left, middle + 6), QPointF(left + pixels, middle + 6))
        words = f"{Number(length / 1000):g} km" if length >= 1000 else f"{Number(length):g} m"
        painter.drawText(QRectF(left, 0, pixels, middle + 5), Qt.AlignmentFlag.AlignCenter, words)
        rest = QRectF(left + pixels + 14, 0, self.width() - left - pixels - 14, self.height())
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(rest.width()))
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
