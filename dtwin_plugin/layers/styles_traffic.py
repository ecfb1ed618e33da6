"""How road networks look: links by class, nodes and zones, bans on turning, and what was found."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerLineSymbolLayer,
    QgsMarkerSymbol,
    QgsProperty,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSingleSymbolRenderer,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from dtwin_plugin.translate import mark, tr

from .styles_shared import label_by

_LABELS_FROM = 5000.0  # scale
_ARROWS_FROM = 10_000.0
# what the column class begins with -> colour, width in mm, pattern, label; the colours of road maps
CLASSES = (
    ("motorway", "#e0218a", 1.3, "solid", mark("Motorway")),
    ("trunk", "#d7402b", 1.2, "solid", mark("Trunk road")),
    ("primary", "#f28e2b", 1.1, "solid", mark("Primary road")),
    ("secondary", "#f2c12e", 1.0, "solid", mark("Secondary road")),
    ("tertiary", "#8c8c4a", 0.8, "solid", mark("Tertiary road")),
    ("unclassified", "#9a9a9a", 0.6, "solid", mark("Other road")),
    ("residential", "#7f8c8d", 0.55, "solid", mark("Residential street")),
    ("living_street", "#a48bc2", 0.5, "solid", mark("Living street")),
    ("service", "#bdbdbd", 0.4, "solid", mark("Service road")),
    ("track", "#a0785a", 0.4, "dash", mark("Track")),
    ("cycleway", "#2c7bb6", 0.4, "dash", mark("Cycle track")),
    ("footway", "#66a061", 0.35, "dot", mark("Foot path")),
    ("ferry", "#3182bd", 0.5, "dash", mark("Ferry")),
    ("connector", "#6a51a3", 0.25, "dot", mark("Connector of a zone")),
)
# code -> colour, shape, label; the worst first
PROBLEMS = {
    "DT341": ("#7a0177", "cross2", mark("Left out: no length")),
    "DT342": ("#c51b8a", "cross2", mark("Left out: there twice")),
    "DT345": ("#d7191c", "diamond", mark("Cut off from the rest")),
    "DT346": ("#e6550d", "arrow", mark("One-way streets all lead in or out")),
    "DT347": ("#fd8d3c", "triangle", mark("Ends just beside another road")),
    "DT348": ("#6a51a3", "square", mark("Zone without a connector")),
    "DT349": ("#3182bd", "pentagon", mark("Ban on turning without a place")),
    "DT343": ("#969696", "circle", mark("Begins and ends at one node")),
    "DT344": ("#bdbdbd", "circle", mark("Dead end")),
}


def network_links(layer: QgsVectorLayer) -> None:
    """Links by class, an arrow on those of one direction, and a dashed red line where cars cannot come and go."""
    root = QgsRuleBasedRenderer.Rule(None)
    shut = QgsLineSymbol.createSimple({"color": "#d7191c", "width": "0.6", "line_style": "dash"})
    rule = "\"reach\" IN ('no way out', 'no way in', 'island')"
    root.appendChild(QgsRuleBasedRenderer.Rule(shut, 0, 0, rule, tr("Cars cannot reach or leave it")))
    closed = QgsLineSymbol.createSimple({"color": "#969696", "width": "0.3", "line_style": "dot"})
    cars = '("reach" IS NULL OR "reach" = \'all\')'
    paths = "\"class\" IN ('track', 'cycleway', 'footway')"
    rule = f"\"direction\" = 'closed' AND NOT {paths}"
    root.appendChild(QgsRuleBasedRenderer.Rule(closed, 0, 0, rule, tr("Closed to cars")))
    for name, colour, width, pattern, text in CLASSES:
        symbol = QgsLineSymbol.createSimple(
            {"color": colour, "width": str(width), "line_style": pattern, "capstyle": "round"}
        )
        mine = f"\"class\" IN ('{name}', '{name}_link')"
        # a layer of another make may lack the column, and paths are shown whether cars come there or not
        rule = mine if name in ("track", "cycleway", "footway") else f"{mine} AND {cars} AND \"direction\" <> 'closed'"
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, rule, tr(text)))
    rule = "\"direction\" IN ('forward', 'backward')"
    root.appendChild(QgsRuleBasedRenderer.Rule(_arrows(), 0, int(_ARROWS_FROM), rule, tr("One way")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    label_by(layer, '"name"', scale=_LABELS_FROM, placement=Qgis.LabelPlacement.Curved, size=6.5)


def network_nodes(layer: QgsVectorLayer) -> None:
    """Nodes small, those of zones as squares with their names."""
    root = QgsRuleBasedRenderer.Rule(None)
    zone = QgsMarkerSymbol.createSimple(
        {"name": "square", "color": "#6a51a3", "outline_color": "#ffffff", "size": "3"}
    )  # fmt: skip
    node = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": "#ffffff", "outline_color": "#525252", "size": "1.1", "outline_width": "0.2"}
    )
    root.appendChild(QgsRuleBasedRenderer.Rule(zone, 0, 0, '"zone" IS NOT NULL', tr("Zone")))
    root.appendChild(QgsRuleBasedRenderer.Rule(node, 0, int(_ARROWS_FROM), "ELSE", tr("Node")))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    label_by(layer, '"zone"', scale=4 * _LABELS_FROM, distance=1.0, colour="#3f2a72")


def network_turns(layer: QgsVectorLayer) -> None:
    """Bans on turning in red, penalties in orange."""
    root = QgsRuleBasedRenderer.Rule(None)
    for colour, rule, text in (
        ("#d7191c", '"penalty" IS NULL', tr("No turn")),
        ("#fd8d3c", "ELSE", tr("Turn that takes extra time")),
    ):
        symbol = QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": "#ffffff", "outline_color": colour, "size": "2.4", "outline_width": "0.6"}
        )
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, rule, text))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    label_by(layer, '"from_link" || \' - \' || "to_link"', scale=_LABELS_FROM / 2, distance=1.0)


def network_problems(layer: QgsVectorLayer) -> None:
    """What was found, by code."""
    categories = []
    for code, (colour, shape, text) in PROBLEMS.items():
        size = "1.6" if code in ("DT343", "DT344") else "3.2"
        symbol = QgsMarkerSymbol.createSimple(
            {"name": shape, "color": colour, "outline_color": "#404040", "outline_width": "0.15", "size": size}
        )
        categories.append(QgsRendererCategory(code, symbol, f"{code} {tr(text)}"))
    layer.setRenderer(QgsCategorizedSymbolRenderer("code", categories))
    layer.setMapTipTemplate('[% "code" || \' \' || "reason" %]')


def network_zones(layer: QgsVectorLayer) -> None:
    """Outlines of zones with their names."""
    symbol = QgsFillSymbol.createSimple(
        {"color": "106,81,163,25", "outline_color": "#6a51a3", "outline_width": "0.3", "outline_style": "dash"}
    )
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    label_by(layer, '"zone"', scale=4 * _LABELS_FROM, colour="#3f2a72")


def _arrows() -> QgsLineSymbol:
    """Return arrows in the direction in which cars drive."""
    head = QgsMarkerSymbol.createSimple(
        {"name": "filled_arrowhead", "color": "#303030", "outline_color": "#303030", "size": "1.6"}
    )
    turned = QgsProperty.fromExpression("if(\"direction\" = 'backward', 180, 0)")
    head.symbolLayer(0).setDataDefinedProperty(QgsSymbolLayer.Property.Angle, turned)
    along = QgsMarkerLineSymbolLayer(True)
    along.setPlacements(Qgis.MarkerLinePlacement.CentralPoint)
    along.setSubSymbol(head)
    symbol = QgsLineSymbol.createSimple({})
    symbol.changeSymbolLayer(0, along)
    return symbol


STYLES_TRAFFIC = {
    "network_links": network_links,
    "network_nodes": network_nodes,
    "network_problems": network_problems,
    "network_turns": network_turns,
    "network_zones": network_zones,
}
# From the top down.
RANKS_TRAFFIC = ("network_problems", "network_turns", "network_nodes", "network_links", "network_zones")
