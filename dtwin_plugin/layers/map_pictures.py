"""Maps as pictures, for the pages of a report: layers of one rectangle, and how long a metre is on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsHillshadeRenderer,
    QgsMapLayer,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage, QPainter

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import ModelError

DPI = 200
_INCH = 25.4
_PAPER = "#f4f1ea"


def pixels(millimetres: float) -> int:
    """Return how many dots a length on paper [mm] has.

    >>> pixels(25.4)
    200
    """
    return round(millimetres / _INCH * DPI)


def fitted(extent: QgsRectangle, ratio: float) -> QgsRectangle:
    """Return a rectangle grown to a ratio of width and height."""
    centre = extent.center()
    width, height = max(extent.width(), 1.0), max(extent.height(), 1.0)
    width, height = max(width, height * ratio), max(height, width / ratio)
    half = width / 2, height / 2
    return QgsRectangle(centre.x() - half[0], centre.y() - half[1], centre.x() + half[0], centre.y() + half[1])


def within(wanted: QgsRectangle, limits: QgsRectangle, ratio: float) -> QgsRectangle:
    """Return a rectangle of a ratio around what is wanted that lies within limits: moved, and smaller if it must be."""
    width = min(fitted(wanted, ratio).width(), limits.width(), limits.height() * ratio)
    half = width / 2, width / ratio / 2
    centre = wanted.center()
    x = min(max(centre.x(), limits.xMinimum() + half[0]), limits.xMaximum() - half[0])
    y = min(max(centre.y(), limits.yMinimum() + half[1]), limits.yMaximum() - half[1])
    return QgsRectangle(x - half[0], y - half[1], x + half[0], y + half[1])


def map_picture(layers: Sequence[QgsMapLayer], extent: QgsRectangle, width: float, height: float) -> QImage:
    """Return a map of layers in RD New, the first on top; width and height on paper [mm]."""
    settings = QgsMapSettings()
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(RD))
    settings.setOutputSize(QSize(pixels(width), pixels(height)))
    settings.setOutputDpi(DPI)
    settings.setBackgroundColor(QColor(_PAPER))
    settings.setExtent(extent)
    settings.setLayers(list(layers))
    image = QImage(settings.outputSize(), QImage.Format.Format_RGB32)
    image.fill(QColor(_PAPER))
    painter = QPainter(image)
    job = QgsMapRendererCustomPainterJob(settings, painter)
    job.renderSynchronously()
    painter.end()
    return image


def keep_picture(image: QImage, path: Path) -> Path:
    """Write a picture as PNG and return its path; raises ModelError where it cannot be written."""
    with written_beside(path) as temporary:
        if not image.save(str(temporary), "PNG"):
            raise ModelError("The picture {file} could not be written.", hint="Check the folder.", file=path.name)
    return path


def plain_copy(layer: QgsVectorLayer, fill: str, edge: str, width: float = 0.15) -> QgsVectorLayer:
    """Return a copy of a layer of polygons in one colour; the layer itself stays as it is."""
    copy = layer.clone()
    style = {"color": fill or "transparent", "style": "solid" if fill else "no", "outline_color": edge,
             "outline_width": str(width)}  # fmt: skip
    copy.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(style)))
    copy.setLabelsEnabled(False)
    return copy


def relief(layer: QgsRasterLayer) -> QgsRasterLayer:
    """Return a copy of heights as pale relief, for the background where there is no map."""
    copy = layer.clone()
    renderer = QgsHillshadeRenderer(copy.dataProvider(), 1, 315, 45)
    renderer.setZFactor(1.0)
    renderer.setOpacity(0.45)
    copy.setRenderer(renderer)
    return copy
