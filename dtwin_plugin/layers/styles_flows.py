"""How traffic flows look: as wide as the flow, in the colour of flow over capacity, each direction on its own side.

What drives along a line is drawn to the right of it and what drives against it to the left, so that both are where the
vehicles are.
"""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsFeatureRequest,
    QgsLineSymbol,
    QgsProperty,
    QgsRuleBasedRenderer,
    QgsSimpleLineSymbolLayer,
    QgsSymbolLayer,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from .styles_shared import add_widths, from_to, label_by, rule_of

_WIDEST = 4.5  # mm, of the largest flow of one direction
_NARROW = 2.0  # mm, of the largest turn: turns lie closer together than streets
_THINNEST = 0.25  # mm
_CONNECTOR = "coalesce(\"class\", '') = 'connector'"
_PLAIN_ROWS = Qgis.FeatureRequestFlag.NoGeometry
_NO_FLOW = 1e12  # vehicles an hour
_GAP = 0.1  # mm, of the edge to the line itself
_LABELS_FROM = 10_000.0  # scale
_GREY, _PLAIN, _SCALE = "#9e9e9e", "#7b3294", "#525252"
# upper edge of flow over capacity, and colour
RATIOS = ((0.6, "#33a02c"), (0.8, "#b2df8a"), (0.9, "#ffd92f"), (1.0, "#ff7f00"), (1.2, "#e31a1c"), (0.0, "#7a0177"))
UNKNOWN = ("#5b8db8", mark("Capacity not known"))
NONE = mark("No traffic")
# lower edge of the change as a share of the limit of much, colour, text
CHANGES = {
    "much less": ("#01665e", mark("Much less traffic: the chosen limit or more")),
    "less": ("#80cdc1", mark("Less traffic")),
    "same": ("#d9d4c8", mark("Same traffic, within the chosen limit")),
    "more": ("#f4a582", mark("More traffic")),
    "much more": ("#b2182b", mark("Much more traffic: the chosen limit or more")),
    "unknown": ("#bdbdbd", mark("Not known")),
}


def ratio_classes(field: str) -> list[tuple[str, str, str]]:
    """Return the expression, colour and text of each class of flow over capacity, fullest first.

    >>> ratio_classes("vc")[-1][0], ratio_classes("vc")[0][2]
    ('"vc" < 0.6', '> 1.2')
    """
    found, low = [], 0.0
    for high, colour in RATIOS:
        parts = [f'"{field}" >= {low:g}'] * (low > 0) + [f'"{field}" < {high:g}'] * (high > 0)
        text = f"{low:g} - {high:g}" if low and high else f"< {high:g}" if high else f"> {low:g}"
        found.append((" AND ".join(parts), colour, text))
        low = high
    return found[::-1]


def traffic_flows(layer: QgsVectorLayer) -> None:
    """Widths by flow and colours by flow over capacity, of each direction; the legend has both.

    Connectors of zones are thin: they stand for many streets and would hide those that there are.
    """
    scale = _scale(layer, ("flow_forward", "flow_backward"))
    root = QgsRuleBasedRenderer.Rule(None)
    roads = _roads(layer)
    colours = {way: _colour_of(f"vc_{way}") for way in ("forward", "backward")}
    for expression, colour, text in ratio_classes("vc"):
        label = tr("Flow / capacity {range}").format(range=text)
        symbol = _two_ways("flow", scale, colour, colours)
        root.appendChild(rule_of(symbol, f'{roads}"flow" > 0 AND {expression}', label))
    unknown = _two_ways("flow", scale, UNKNOWN[0], colours)
    root.appendChild(rule_of(unknown, f'{roads}"flow" > 0 AND "vc" IS NULL', tr(UNKNOWN[1])))
    _add_connectors(root, roads)
    _finish(layer, root, scale, f'{roads}coalesce("flow", 0) = 0', NONE)
    label_by(layer, f'CASE WHEN {roads}"flow" >= 0.5 THEN format_number("flow", 0) END', scale=_LABELS_FROM, size=6.5,
             placement=Qgis.LabelPlacement.Line, distance=1.2)  # fmt: skip


def traffic_flows_by_period(layer: QgsVectorLayer) -> None:
    """The same, of the period that the temporal controller shows."""
    traffic_flows(layer)
    from_to(layer, "begin", "end")


def traffic_selected(layer: QgsVectorLayer) -> None:
    """Widths by flow, in one colour; links that nobody of these uses are thin."""
    scale = _scale(layer, ("flow_forward", "flow_backward"))
    root = QgsRuleBasedRenderer.Rule(None)
    label = tr("Those who use what was selected")
    root.appendChild(rule_of(_two_ways("flow", scale, _PLAIN), '"flow" > 0', label))
    _finish(layer, root, scale, 'coalesce("flow", 0) = 0', mark("None of them"))


def traffic_turns(layer: QgsVectorLayer) -> None:
    """Bends from one link to the next, as wide as what turns there, right of the way that is driven."""
    scale = _scale(layer, ("flow",), _NARROW)
    root = QgsRuleBasedRenderer.Rule(None)
    root.appendChild(rule_of(_symbol(_strand("flow", scale, _PLAIN, 1.0)), "", tr("Vehicles that turn")))
    _finish(layer, root, scale, widest=_NARROW)
    label_by(layer, 'format_number("flow", 0)', scale=2500.0, size=6.0)


def traffic_difference(layer: QgsVectorLayer) -> None:
    """Widths by how much the flow changes, in the colours of the class of the change of each direction."""
    scale = _scale(layer, ("change_forward", "change_backward"))
    colours = {way: _colour_of_change(f"class_{way}") for way in ("forward", "backward")}
    root = QgsRuleBasedRenderer.Rule(None)
    roads, nothing = _roads(layer), '"change_forward" = 0 AND "change_backward" = 0'
    for name, (colour, text) in CHANGES.items():
        symbol = _two_ways("change", scale, colour, colours)
        root.appendChild(rule_of(symbol, f"{roads}NOT ({nothing}) AND \"change\" = '{name}'", tr(text)))
    _add_connectors(root, roads)
    _finish(layer, root, scale, f"{roads}{nothing}", mark("No change at all"))
    shown = f'CASE WHEN {roads}abs("flow_change") >= 1 THEN '
    shown += "CASE WHEN \"flow_change\" > 0 THEN '+' ELSE '' END || format_number(\"flow_change\", 0) END"
    label_by(layer, shown, scale=_LABELS_FROM, size=6.5, placement=Qgis.LabelPlacement.Line, distance=1.2)


def _roads(layer: QgsVectorLayer) -> str:
    """Return the beginning of an expression that leaves connectors of zones out; "" for a layer without classes."""
    return f"NOT {_CONNECTOR} AND " if layer.fields().lookupField("class") >= 0 else ""


def _scale(layer: QgsVectorLayer, names: tuple[str, ...], widest: float = _WIDEST) -> float:
    """Return the flow that is drawn a millimetre wide; the largest counts that is not on a connector."""
    largest = 0.0
    if roads := _roads(layer):
        known = [name for name in names if layer.fields().lookupField(name) >= 0]
        request = QgsFeatureRequest().setFilterExpression(f"{roads}TRUE").setFlags(_PLAIN_ROWS)
        for feature in layer.getFeatures(request):
            values = (feature[name] for name in known)
            largest = max([largest, *(abs(value) for value in values if isinstance(value, (int, float)))])
        return (largest or 1.0) / widest
    for name in names:
        index = layer.fields().lookupField(name)
        ends = (layer.minimumValue(index), layer.maximumValue(index)) if index >= 0 else ()
        numbers = [abs(float(end)) for end in ends if isinstance(end, (int, float))]
        largest = max([largest, *(end for end in numbers if end < _NO_FLOW)])  # a column without any has 1E308
    return (largest or 1.0) / widest


def _two_ways(name: str, scale: float, colour: str, colours: dict[str, QgsProperty] | None = None) -> QgsLineSymbol:
    """Return a strand at each side of a line, as wide as what a direction has of a quantity."""
    strands = []
    for way, side in _SIDES:
        strand = _strand(f"{name}_{way}", scale, colour, side)
        if colours:
            strand.setDataDefinedProperty(QgsSymbolLayer.Property.StrokeColor, colours[way])
        strands.append(strand)
    return _symbol(*strands)


def _symbol(*strands: QgsSimpleLineSymbolLayer) -> QgsLineSymbol:
    symbol = QgsLineSymbol.createSimple({})
    symbol.deleteSymbolLayer(0)
    for strand in strands:
        symbol.appendSymbolLayer(strand)  # takes it; the constructor does not tell Python that it does
    return symbol


_SIDES = (("forward", 1.0), ("backward", -1.0))


def _strand(field: str, scale: float, colour: str, side: float) -> QgsSimpleLineSymbolLayer:
    """Return a line whose width follows a field, beside the line itself; hidden where the field is 0 or unknown."""
    line = QgsSimpleLineSymbolLayer(QColor(colour), 1.2)
    line.setWidthUnit(QgsUnitTypes.RenderUnit.RenderMillimeters)
    line.setPenCapStyle(Qt.PenCapStyle.FlatCap)
    line.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
    line.setOffset(side * (0.6 + _GAP))
    width = f'max({_THINNEST}, abs("{field}") / {scale:.6g})'
    kind = QgsSymbolLayer.Property
    line.setDataDefinedProperty(kind.StrokeWidth, QgsProperty.fromExpression(width))
    line.setDataDefinedProperty(kind.LayerEnabled, QgsProperty.fromExpression(f'coalesce(abs("{field}"), 0) > 0'))
    if side:
        offset = f"{side:g} * ({_GAP} + {width} / 2)"
        line.setDataDefinedProperty(kind.Offset, QgsProperty.fromExpression(offset))
    return line


def _colour_of(field: str) -> QgsProperty:
    cases = " ".join(f"WHEN {expression} THEN '{colour}'" for expression, colour, _ in ratio_classes(field))
    return QgsProperty.fromExpression(f"CASE {cases} ELSE '{UNKNOWN[0]}' END")


def _colour_of_change(field: str) -> QgsProperty:
    cases = " ".join(f"WHEN \"{field}\" = '{name}' THEN '{colour}'" for name, (colour, _) in CHANGES.items())
    return QgsProperty.fromExpression(f"CASE {cases} ELSE '{CHANGES['unknown'][0]}' END")


def _add_connectors(root: QgsRuleBasedRenderer.Rule, roads: str) -> None:
    if roads:
        dotted = QgsLineSymbol.createSimple({"color": _GREY, "width": "0.3", "line_style": "dot"})
        dotted.setOpacity(0.5)  # many where trips are shared over them
        root.appendChild(rule_of(dotted, _CONNECTOR, tr("Connector of a zone")))


def _finish(
    layer: QgsVectorLayer,
    root: QgsRuleBasedRenderer.Rule,
    scale: float,
    nothing: str = "",
    text: str = "",
    widest: float = _WIDEST,
) -> None:
    """Add thin lines for links without any, and widths to the legend."""
    if nothing:
        thin = QgsLineSymbol.createSimple({"color": _GREY, "width": "0.2"})
        root.appendChild(rule_of(thin, nothing, tr(text)))
    add_widths(root, scale * widest, widest, _SCALE, mark("{flow} veh/h"))
    layer.setRenderer(QgsRuleBasedRenderer(root))


STYLES_FLOWS = {
    "traffic_difference": traffic_difference,
    "traffic_flows": traffic_flows,
    "traffic_flows_by_period": traffic_flows_by_period,
    "traffic_selected": traffic_selected,
    "traffic_turns": traffic_turns,
}
# From the top down.
RANKS_FLOWS = ("traffic_turns", "traffic_selected", "traffic_difference", "traffic_flows_by_period", "traffic_flows")
