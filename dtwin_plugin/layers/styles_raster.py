"""How rasters get their colours."""

from __future__ import annotations

import math
from collections.abc import Iterable

from qgis.core import QgsColorRampShader, QgsRasterLayer, QgsRasterShader, QgsSingleBandPseudoColorRenderer
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import tr


def shade_by(layer: QgsRasterLayer, classes: Iterable[tuple[float, str, str]]) -> None:
    """Colour values up to each limit, from rows of limit, colour and label."""
    items = [QgsColorRampShader.ColorRampItem(upper, QColor(colour), tr(label)) for upper, colour, label in classes]
    shade(layer, items, True)


def shade(layer: QgsRasterLayer, items: list[QgsColorRampShader.ColorRampItem], steps: bool) -> None:
    """Colour values up to each limit, of which the last may be without end, or from limit to limit."""
    kinds = QgsColorRampShader.Type
    function = QgsColorRampShader()
    function.setColorRampType(kinds.Discrete if steps else kinds.Interpolated)
    function.setColorRampItemList(items)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    limits = [item.value for item in items if math.isfinite(item.value)]
    if limits:  # none, where a raster has no value at all
        renderer.setClassificationMin(limits[0])
        renderer.setClassificationMax(limits[-1])
    layer.setRenderer(renderer)
