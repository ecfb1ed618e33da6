"""The classes that a layer is drawn in, for what draws the same elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsCategorizedSymbolRenderer, QgsGraduatedSymbolRenderer

from dtwin_plugin.sources.tiles3d.write_paint import Class

if TYPE_CHECKING:
    from qgis.core import QgsVectorLayer


def classes_of(layer: QgsVectorLayer, field: str) -> list[Class]:
    """Return the classes and colours of a field in the style of a layer; none where it is drawn by something else."""
    renderer = layer.renderer()
    if not isinstance(renderer, (QgsCategorizedSymbolRenderer, QgsGraduatedSymbolRenderer)):
        return []
    if renderer.classAttribute().strip('"') != field:
        return []
    if isinstance(renderer, QgsGraduatedSymbolRenderer):
        return [
            Class(part.symbol().color().name(), part.label(), low=part.lowerValue(), high=part.upperValue())
            for part in renderer.ranges()
        ]
    return [
        Class(item.symbol().color().name(), item.label(), item.value())
        for item in renderer.categories()
        if item.value() not in (None, "") and not isinstance(item.value(), list)
    ]
