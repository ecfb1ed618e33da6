"""Layers of a register file: a colour for each class, those that every map of the Netherlands gives the known ones."""

from __future__ import annotations

from types import MappingProxyType

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

_KNOWN = MappingProxyType(
    {
        "pand": "#e8b8a8", "gebouw": "#d98877", "verblijfsobject": "#d95f02", "ligplaats": "#6aa5cd",
        "standplaats": "#b08a5a", "woonplaats": "#f4ead5", "perceel": "#f7f3e3", "kadastralegrens": "#a05d8f",
        "openbareruimtelabel": "#555555", "pand_nummeraanduiding": "#8a6a5a", "wegdeel": "#d8d5cf",
        "waterdeel": "#a9d8f0", "terrein": "#d9e8b8", "spoorbaandeel": "#555555", "relief": "#b08a5a",
    }
)  # fmt: skip
_OTHERS = ("#c7d9e8", "#e8d3c7", "#d3e8c7", "#e6c7e8", "#e8e5c7", "#c7e8e1", "#d5c7e8")
_MOST = 50  # classes in a legend


def register(layer: QgsVectorLayer) -> None:
    """Show each class in its own colour."""
    index = layer.fields().lookupField("klasse")
    classes = sorted(str(value) for value in layer.uniqueValues(index, _MOST)) if index >= 0 else []
    if not classes:
        return
    categories = []
    for number, klasse in enumerate(classes):
        colour = _KNOWN.get(klasse, _OTHERS[number % len(_OTHERS)])
        label = klasse.replace("_", " ").capitalize()
        categories.append(QgsRendererCategory(klasse, _symbol(layer, colour), label))
    layer.setRenderer(QgsCategorizedSymbolRenderer("klasse", categories))


def _symbol(layer: QgsVectorLayer, colour: str) -> QgsSymbol:
    edge = QColor(colour).darker(160).name()
    if layer.geometryType() == Qgis.GeometryType.Polygon:
        return QgsFillSymbol.createSimple({"color": colour, "outline_color": edge, "outline_width": "0.15"})
    if layer.geometryType() == Qgis.GeometryType.Line:
        return QgsLineSymbol.createSimple({"color": colour, "width": "0.35"})
    return QgsMarkerSymbol.createSimple({"color": colour, "outline_color": edge, "size": "1.6"})
