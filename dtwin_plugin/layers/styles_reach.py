"""How reachability looks: areas and links by travel time, addresses by the norm, closed links and routes."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSingleSymbolRenderer,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.translate import mark, tr

from .styles_shared import label_by, rule_of

# near to far (viridis turned around, without its lightest yellow), for any number of classes
_RAMP = ("#a0da39", "#4ac16d", "#1fa187", "#277f8e", "#365c8d", "#46327e", "#440154")
_BEYOND, _SHUT = "#bdbdbd", "#d7191c"
_NOT_REACHED = "not reachable"
_LABELS_FROM = 5000.0  # scale
STATES = {
    "within": ("#1a9641", mark("Within the norm")),
    "beyond": ("#fdae61", mark("Beyond the norm")),
    "not reachable": (_SHUT, mark("Not reachable")),
    "no road near": ("#7b3294", mark("No road near")),
}


def reach_areas(layer: QgsVectorLayer) -> None:
    """Areas by class of time, half through, and red hatching where roads are not reached."""
    categories = []
    for name, colour in _colours(layer).items():
        symbol = QgsFillSymbol.createSimple(
            {"color": colour, "outline_color": colour, "outline_width": "0.1", "joinstyle": "round"}
        )
        if name == _NOT_REACHED:
            symbol = QgsFillSymbol.createSimple(
                {"color": _SHUT, "style": "f_diagonal", "outline_color": _SHUT, "outline_width": "0.2"}
            )
        symbol.setOpacity(0.55)
        categories.append(QgsRendererCategory(name, symbol, _label(name)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
    layer.setMapTipTemplate('[% "class" %]: [% round("area", 1) %] ha')


def reach_links(layer: QgsVectorLayer) -> None:
    """Links in the colours of the areas; dotted red where they are not reached."""
    categories = []
    for name, colour in _colours(layer).items():
        pattern = "dot" if name == _NOT_REACHED else "solid"
        line = {"color": colour, "width": "0.8", "line_style": pattern, "capstyle": "round"}
        categories.append(QgsRendererCategory(name, QgsLineSymbol.createSimple(line), _label(name)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
    layer.setMapTipTemplate('[% "name" %] [% round("time", 1) %] min')
    label_by(layer, 'round("time", 1)', scale=_LABELS_FROM, size=6.0, placement=Qgis.LabelPlacement.Line)


def reach_places(layer: QgsVectorLayer) -> None:
    """Addresses or areas by whether they are reached within the norm; an edge in red where a scenario cuts them off."""
    lost = "\"reach_change\" = 'no longer reachable'" if layer.fields().lookupField("reach_change") >= 0 else ""
    root = QgsRuleBasedRenderer.Rule(None)
    if lost:
        root.appendChild(rule_of(_place(layer, _SHUT, "#000000", "0.6"), lost, tr("Not reachable any more")))
    for name, (colour, text) in STATES.items():
        state = f"\"reach_state\" = '{name}'"
        expression = f"{state} AND NOT coalesce({lost}, FALSE)" if lost else state
        root.appendChild(rule_of(_place(layer, colour, "#404040", "0.15"), expression, tr(text)))
    layer.setRenderer(QgsRuleBasedRenderer(root))
    layer.setMapTipTemplate('[% "facility" %]: [% round("reach_time", 1) %] min')
    label_by(layer, 'round("reach_time", 1)', scale=_LABELS_FROM / 2, size=6.5, distance=0.8)


def reach_closed(layer: QgsVectorLayer) -> None:
    """Closed links thick and red, with a white dash in them as barriers have."""
    symbol = QgsLineSymbol.createSimple({"color": _SHUT, "width": "1.6", "capstyle": "flat"})
    white = QgsLineSymbol.createSimple(
        {"color": "#ffffff", "width": "1.0", "customdash": "2;2", "use_custom_dash": "1", "capstyle": "flat"}
    )
    symbol.appendSymbolLayer(white.symbolLayer(0).clone())
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
    layer.setMapTipTemplate('[% "name" %] ([% "closed_by" %]) [% round("water_depth", 2) %] m')


def reach_routes(layer: QgsVectorLayer) -> None:
    """Routes thin and half through: where many go together the line is dark."""
    symbol = QgsLineSymbol.createSimple({"color": "#08519c", "width": "0.7", "capstyle": "round"})
    symbol.setOpacity(0.35)
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))


def _colours(layer: QgsVectorLayer) -> dict[str, str]:
    """Return the classes of a layer with their colours, nearest first."""
    index = layer.fields().lookupField("class")
    names = {str(name) for name in layer.uniqueValues(index)} if index >= 0 else set()
    timed = sorted((name for name in names if " - " in name), key=lambda name: float(name.split(" - ")[0]))
    found = {}
    for number, name in enumerate(timed):
        found[name] = _ramp(number / max(len(timed) - 1, 1) if len(timed) > 1 else 0.0)
    found |= {name: _BEYOND for name in sorted(names) if name.startswith(">")}
    if _NOT_REACHED in names or not names:
        found[_NOT_REACHED] = _SHUT
    return found


def _ramp(share: float) -> str:
    """Return a colour of the ramp.

    >>> _ramp(0.0), _ramp(1.0)
    ('#a0da39', '#440154')
    """
    at = share * (len(_RAMP) - 1)
    low = min(int(at), len(_RAMP) - 2)
    one, other = QColor(_RAMP[low]), QColor(_RAMP[low + 1])
    rest = at - low
    mixed = [round(a + (b - a) * rest) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3])]
    return QColor(*mixed).name()


def _label(name: str) -> str:
    return tr("Not reachable") if name == _NOT_REACHED else f"{name} min"


def _place(layer: QgsVectorLayer, colour: str, edge: str, width: str) -> QgsSymbol:
    if layer.geometryType() == Qgis.GeometryType.Point:
        return QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": colour, "outline_color": edge, "outline_width": width, "size": "2.2"}
        )
    if layer.geometryType() == Qgis.GeometryType.Line:
        return QgsLineSymbol.createSimple({"color": colour, "width": "0.8"})
    return QgsFillSymbol.createSimple({"color": colour, "outline_color": edge, "outline_width": width})


STYLES_REACH = {
    "reach_areas": reach_areas,
    "reach_closed": reach_closed,
    "reach_links": reach_links,
    "reach_places": reach_places,
    "reach_routes": reach_routes,
}
# From the top down.
RANKS_REACH = ("reach_places", "reach_closed", "reach_routes", "reach_links", "reach_areas")
