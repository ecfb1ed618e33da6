"""The BGT in the colours of the national standard (BGT|IMGeo Visualisatieregels 2.3, Geonovum), paler.

The standard is a map of its own, in full colours; here results lie on top of it, so that each colour is mixed with
white. Labels are the names and values of the standard, which are Dutch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, NamedTuple

from qgis.core import (
    Qgis,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerLineSymbolLayer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProperty,
    QgsPropertyCollection,
    QgsRuleBasedLabeling,
    QgsRuleBasedRenderer,
    QgsSimpleLineSymbolLayer,
    QgsSymbol,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor, QFont

from .styles_bgt_table import AREAS, LINES, NAMES, OUTLINES, POINTS, Kind

_WHITE, _EDGE = 0.55, 0.35  # shares of white in the colours of areas and of their edges
_DETAIL, _NUMBERS = 5000, 1500  # the smallest scales at which points and names, and house numbers, are shown
_LABELS = ("openbareruimtelabel", "pand_nummeraanduiding")
_TEXTS = ("tekst", "openbare_ruimte_naam", "openbareruimtenaam", "naam")


class _Present(NamedTuple):
    """A layer, its fields, and the classes in it."""

    layer: QgsVectorLayer
    fields: set[str]
    classes: set[str]

    def has(self, condition: str) -> bool:
        """Tell whether there is an object like that: the legend names nothing that is not there."""
        request = QgsFeatureRequest().setFilterExpression(condition).setLimit(1)
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        return next(self.layer.getFeatures(request), None) is not None


def bgt(layer: QgsVectorLayer) -> None:
    """Areas by class and by function, physical appearance or type, from the lowest level to the highest."""
    root, present = QgsRuleBasedRenderer.Rule(None), _present(layer)
    _add(root, AREAS, present, _area)
    for klasse in sorted(present.classes & set(OUTLINES)):
        symbol = QgsFillSymbol.createSimple(
            {"style": "no", "outline_color": OUTLINES[klasse], "outline_width": "0.4", "outline_style": "dash"}
        )
        root.appendChild(QgsRuleBasedRenderer.Rule(symbol, 0, 0, f"\"klasse\" = '{klasse}'", title_of(klasse)))
    _finish(layer, root, QgsFillSymbol.createSimple({"color": "#f2f2f2", "outline_color": "#a0a0a0"}), present)


def bgt_lines(layer: QgsVectorLayer) -> None:
    """Tracks, fences, walls and crest lines."""
    root, present = QgsRuleBasedRenderer.Rule(None), _present(layer)
    _add(root, LINES, present, _line, _DETAIL)
    for klasse in sorted(name for name in present.classes if name.endswith("_kruinlijn")):
        condition = f"\"klasse\" = '{klasse}'"
        root.appendChild(QgsRuleBasedRenderer.Rule(_crest(), 0, _DETAIL, condition, title_of(klasse)))
    _finish(layer, root, _plain_line("#8a8a8a", 0.2), present)


def bgt_points(layer: QgsVectorLayer) -> None:
    """Small symbols from 1:5000 on, and the names of streets and the numbers of houses as they were placed."""
    root, present = QgsRuleBasedRenderer.Rule(None), _present(layer)
    _add(root, POINTS, present, _point, _DETAIL)
    nothing = QgsMarkerSymbol.createSimple({"color": "0,0,0,0", "outline_style": "no", "size": "0"})
    for klasse in sorted(present.classes & set(_LABELS)):
        root.appendChild(QgsRuleBasedRenderer.Rule(nothing.clone(), 0, 0, f"\"klasse\" = '{klasse}'", title_of(klasse)))
    _finish(layer, root, QgsMarkerSymbol.createSimple({"color": "#8a8a8a", "size": "1.2"}), present)
    _label(layer, present)


def _present(layer: QgsVectorLayer) -> _Present:
    fields = {field.name() for field in layer.fields()}
    index = layer.fields().lookupField("klasse")
    classes = {str(value) for value in layer.uniqueValues(index)} if index >= 0 else set()
    return _Present(layer, fields, classes)


def _add(
    root: QgsRuleBasedRenderer.Rule,
    table: tuple[Kind, ...],
    present: _Present,
    symbol: Callable[[Kind], QgsSymbol],
    smallest: int = 0,
) -> None:
    """Add a rule for each kind of which the layer has the class and the column."""
    for kind in table:
        if kind.klasse in present.classes and (not kind.column or kind.column in present.fields):
            label = title_of(kind.klasse) + (f": {kind.label or kind.values[0]}" if kind.values else "")
            scale = smallest if kind.klasse != "spoor" else 0
            condition = _condition(kind, table, present)
            if present.has(condition):
                root.appendChild(QgsRuleBasedRenderer.Rule(symbol(kind), 0, scale, condition, label))


def _condition(kind: Kind, table: tuple[Kind, ...], present: _Present) -> str:
    """Return which objects are of a kind: those with its values, or those of its class with none of the others'."""
    condition = f"\"klasse\" = '{kind.klasse}'"
    if kind.values:
        return condition + f' AND "{kind.column}" IN ({_quoted(kind.values)})'
    for column in dict.fromkeys(k.column for k in table if k.klasse == kind.klasse and k.column in present.fields):
        values = [value for k in table if k.klasse == kind.klasse and k.column == column for value in k.values]
        condition += f" AND coalesce(\"{column}\", '') NOT IN ({_quoted(values)})"
    return condition


def _quoted(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _finish(layer: QgsVectorLayer, root: QgsRuleBasedRenderer.Rule, other: QgsSymbol, present: _Present) -> None:
    """Give the layer its rules, one for what the standard does not know, and the order of drawing."""
    root.appendChild(QgsRuleBasedRenderer.Rule(other, 0, 0, "ELSE", "Overig"))
    renderer = QgsRuleBasedRenderer(root)
    clauses = []
    if "relatieve_hoogteligging" in present.fields:
        clauses.append(QgsFeatureRequest.OrderByClause('"relatieve_hoogteligging"', True, True))
    order = ", ".join(f"'{name}'" for name in dict.fromkeys(kind.klasse for kind in AREAS))
    clauses.append(QgsFeatureRequest.OrderByClause(f'array_find(array({order}), "klasse")', True))
    renderer.setOrderBy(QgsFeatureRequest.OrderBy(clauses))
    renderer.setOrderByEnabled(True)
    layer.setRenderer(renderer)


def title_of(klasse: str) -> str:
    """Return the name of a class of the BGT, in Dutch as the standard has it."""
    return NAMES.get(klasse) or klasse.replace("_", " ").capitalize()


def _paler(colour: str, white: float = _WHITE) -> str:
    """Return a colour mixed with white."""
    found = QColor(colour)
    mixed = [round(value + (255 - value) * white) for value in (found.red(), found.green(), found.blue())]
    return QColor(*mixed).name()


def _area(kind: Kind) -> QgsFillSymbol:
    fill = {"color": _paler(kind.colour), "outline_color": _paler(kind.outline, _EDGE), "outline_width": "0.1"}
    if kind.pattern:
        fill["style"] = kind.pattern
    return QgsFillSymbol.createSimple(fill)


def _plain_line(colour: str, width: float, style: str = "solid") -> QgsLineSymbol:
    return QgsLineSymbol.createSimple({"color": colour, "width": str(width), "line_style": style, "capstyle": "flat"})


def _line(kind: Kind) -> QgsLineSymbol:
    symbol = _plain_line(kind.colour, kind.size)
    if kind.pattern == "sleepers":  # a white dash on a dark line, as a track is drawn
        dash = QgsSimpleLineSymbolLayer(QColor("#ffffff"), kind.size * 0.6)
        dash.setUseCustomDashPattern(True)
        dash.setCustomDashVector([3.0, 3.0])
        symbol.appendSymbolLayer(dash)
    elif kind.pattern:
        symbol.appendSymbolLayer(_along(kind.pattern, kind.colour, 0.8, 5.0))
    return symbol


def _crest() -> QgsLineSymbol:
    symbol = _plain_line("#7a7a5c", 0.15)
    symbol.appendSymbolLayer(_along("half_line", "#7a7a5c", 1.2, 2.5))
    return symbol


def _along(shape: str, colour: str, size: float, interval: float) -> QgsMarkerLineSymbolLayer:
    """Return a row of small marks along a line [mm]."""
    along = QgsMarkerLineSymbolLayer(True, interval)
    name = "line" if shape == "half_line" else shape
    mark = {"name": name, "color": colour, "outline_color": colour, "size": str(size), "outline_width": "0.15"}
    if shape == "half_line":
        mark["vertical_anchor_point"] = "2"
    along.setSubSymbol(QgsMarkerSymbol.createSimple(mark))
    return along


def _point(kind: Kind) -> QgsMarkerSymbol:
    mark = {
        "name": kind.pattern or "circle",
        "color": kind.colour,
        "outline_color": kind.outline,
        "outline_width": "0.15",
        "size": str(kind.size),
    }
    return QgsMarkerSymbol.createSimple(mark)


def _label(layer: QgsVectorLayer, present: _Present) -> None:
    """Write the names and the numbers at the angle [degrees, clockwise] at which they were placed."""
    texts = [name for name in _TEXTS if name in present.fields]
    if not texts or not present.classes & set(_LABELS):
        return
    text = "coalesce(" + ", ".join(f'"{name}"' for name in texts) + ")"
    root = QgsRuleBasedLabeling.Rule(None)
    styles = ((_LABELS[0], 8.0, "#3c3c3c", _DETAIL, True), (_LABELS[1], 5.5, "#5a4a44", _NUMBERS, False))
    for klasse, size, colour, smallest, italic_water in styles:
        if klasse not in present.classes:
            continue
        settings = QgsPalLayerSettings()
        settings.fieldName, settings.isExpression = text, True
        settings.placement = Qgis.LabelPlacement.OverPoint
        settings.quadOffset = Qgis.LabelQuadrantPosition.Over
        settings.setFormat(_text_format(size, colour))
        properties = QgsPropertyCollection()
        if "hoek" in present.fields:
            properties.setProperty(QgsPalLayerSettings.Property.LabelRotation, QgsProperty.fromField("hoek"))
        if italic_water and "openbare_ruimte_type" in present.fields:
            blue = "if(\"openbare_ruimte_type\" ILIKE 'water', '#2a6f97', '#3c3c3c')"
            properties.setProperty(QgsPalLayerSettings.Property.Color, QgsProperty.fromExpression(blue))
        settings.setDataDefinedProperties(properties)
        rule = QgsRuleBasedLabeling.Rule(settings, 0, smallest, f"\"klasse\" = '{klasse}'", title_of(klasse))
        root.appendChild(rule)
    layer.setLabeling(QgsRuleBasedLabeling(root))
    layer.setLabelsEnabled(True)


def _text_format(size: float, colour: str) -> QgsTextFormat:
    style = QgsTextFormat()
    style.setFont(QFont("DejaVu Sans"))
    style.setSize(size)
    style.setSizeUnit(QgsUnitTypes.RenderUnit.RenderPoints)
    style.setColor(QColor(colour))
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.6)
    halo.setColor(QColor(255, 255, 255, 200))
    style.setBuffer(halo)
    return style
