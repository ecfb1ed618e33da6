"""The plot as a file: PNG at twice the size of the screen, or SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qgis.PyQt.QtCore import QRectF, QSize
from qgis.PyQt.QtGui import QColor, QImage, QPainter
from qgis.PyQt.QtSvg import QSvgGenerator

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers.soundings import Sounding
from dtwin_plugin.translate import tr

from .plot import draw

FILTER = "PNG (*.png);;SVG (*.svg)"
_SHARPER = 2  # pixels for each of the screen


def save(soundings: Sequence[Sounding], path: Path, size: QSize, heights: tuple[float, float] | None = None) -> None:
    """Write a plot.

    Raises
    ------
    InputError
        If the suffix is another, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".png", ".svg"):
        raise InputError("{file} must end in .png or .svg.", file=path.name)
    try:
        with written_beside(path) as temporary:
            done = (_svg if suffix == ".svg" else _png)(soundings, temporary, size, heights)
            if not done:
                raise OSError
    except OSError as error:
        raise InputError(
            "{file} cannot be written.", hint="Check that the folder exists and that you may write there.",
            file=str(path),
        ) from error  # fmt: skip


def _png(soundings: Sequence[Sounding], path: Path, size: QSize, heights: tuple[float, float] | None) -> bool:
    image = QImage(size * _SHARPER, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARPER)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    draw(painter, QRectF(0, 0, size.width(), size.height()), soundings, heights)
    painter.end()
    return bool(image.save(str(path), "PNG"))


def _svg(soundings: Sequence[Sounding], path: Path, size: QSize, heights: tuple[float, float] | None) -> bool:
    drawing = QSvgGenerator()
    drawing.setFileName(str(path))
    drawing.setSize(size)
    drawing.setViewBox(QRectF(0, 0, size.width(), size.height()))
    drawing.setTitle(tr("Soundings"))
    drawing.setResolution(96)
    painter = QPainter(drawing)
    if not painter.isActive():
        return False
    draw(painter, QRectF(0, 0, size.width(), size.height()), soundings, heights)
    painter.end()
    return True
