"""How sewers look: pipes and structures, manholes, and what they exchange with the street."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsProperty,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from dtwin_plugin.translate import mark, tr

from .styles_shared import absolute, label_by

_LABELS_FROM = 1500.0  # scale
# type of GWSW-Hyd -> colour, pattern, label
_LINKS = {
    "GSL": ("#7a5230", "solid", mark("Pipe")),
    "OPL": ("#3182bd", "solid", mark("Open channel")),
    "ITR": ("#31a354", "solid", mark("Infiltration pipe")),
    "DIT": ("#31a354", "solid", mark("Drain and infiltration pipe")),
    "DRL": ("#756bb1", "dash", mark("Orifice")),
    "OVS": ("#e6550d", "dash", mark("Weir")),
    "PMP": ("#d7191c", "dot", mark("Pump")),
}
_NODES = {
    "INS": ("circle", "#bdbdbd", mark("Manhole")),
    "CMP": ("square", "#969696", mark("Compartment")),
    "ITP": ("circle", "#74c476", mark("Infiltration pit")),
    "UIT": ("triangle", "#3182bd", mark("Outfall")),
}
# rule, colour, label; sizes follow the volume
_EXCHANGE = (
    ('"brought" > 0.1 AND "brought" >= "taken"', "#d7191c", mark("Brings water onto the street")),
    ('"brought" > 0.1', "#fdae61", mark("Brings water and takes more")),
    ('"taken" > 0.1', "#2c7bb6", mark("Takes water from the street")),
    ("ELSE", "#bdbdbd", mark("Hardly any exchange")),
)


def sewer_links(layer: QgsVectorLayer) -> None:
    """Links by type, wider for larger pipes."""
    categories = []
    for kind, (colour, pattern, label) in _LINKS.items():
        symbol = QgsLineSymbol.createSimple({"color": colour, "width": "0.5", "line_style": pattern})
        width = QgsProperty.fromExpression('0.3 + 0.7 * coalesce("width", 0.3)')
        symbol.symbolLayer(0).setDataDefinedProperty(QgsSymbolLayer.Property.StrokeWidth, width)
        categories.append(QgsRendererCategory(kind, symbol, tr(label)))
    other = QgsLineSymbol.createSimple({"color": "#969696", "width": "0.4"})
    categories.append(QgsRendererCategory(None, other, tr("Other link")))
    layer.setRenderer(QgsCategorizedSymbolRenderer("type", categories))
    label_by(layer, "round(\"width\" * 1000) || ' mm'", scale=_LABELS_FROM)


def sewer_nodes(layer: QgsVectorLayer) -> None:
    """Nodes by type."""
    categories = [
        QgsRendererCategory(
            kind,
            QgsMarkerSymbol.createSimple({"name": shape, "color": colour, "outline_color": "#525252", "size": "1.8"}),
            tr(label),
        )
        for kind, (shape, colour, label) in _NODES.items()
    ]
    other = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": "#ffffff", "outline_color": "#525252", "size": "1.8"}
    )
    categories.append(QgsRendererCategory(None, other, tr("Other node")))
    layer.setRenderer(QgsCategorizedSymbolRenderer("type", categories))
    label_by(layer, '"name"', scale=_LABELS_FROM)
    absolute(layer)


def sewer_exchange(layer: QgsVectorLayer) -> None:
    """Nodes by what they exchanged, larger for more."""
    root = QgsRuleBasedRenderer.Rule(None)
    for rule, colour, label in _EXCHANGE:
        symbol = QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": colour, "outline_color": "#ffffff", "size": "2"}
        )
        size = QgsProperty.fromExpression('1.2 + 0.4 * ln(1 + max("brought", "taken"))')
        symbol.symbolLayer(0).setDataDefinedProperty(QgsSymbolLayer.Property.Size, size)
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, rule, tr(label)))
    layer.setRenderer(QgsRuleBasedRenderer(root))


STYLES_SEWER = {"sewer_exchange": sewer_exchange, "sewer_links": sewer_links, "sewer_nodes": sewer_nodes}
# From the top down.
RANKS_SEWER = ("sewer_exchange", "sewer_nodes", "sewer_links")
