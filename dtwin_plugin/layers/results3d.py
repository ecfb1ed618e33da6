"""What stands in 3D in the colours of a result: the classes of the map, and grey for what has no value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis._3d import (
    QgsLine3DSymbol,
    QgsPhongMaterialSettings,
    QgsPolygon3DSymbol,
    QgsRuleBased3DRenderer,
    QgsSimpleLineMaterialSettings,
    QgsVectorLayer3DRenderer,
)
from qgis.core import (
    NULL,
    QgsAbstract3DRenderer,
    QgsAbstract3DSymbol,
    QgsExpression,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProperty,
    QgsPropertyCollection,
    QgsPropertyDefinition,
    QgsReadWriteContext,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtXml import QDomDocument

from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.sources.tiles3d.write_paint import Class, by_classes, classes_for
from dtwin_plugin.translate import tr

from .classes import classes_of
from .legend3d import LEGEND
from .object_facts import AT_HAND, bag_fields, bag_id, bag_in
from .stretch3d import copy_of

PARTS = {"whole": "", "roofs": "RoofSurface", "walls": "WallSurface"}
HIGHEST, LOWEST, MEAN = "highest", "lowest", "mean"
NONE = "#b5b5b5"  # as of `by_classes`
_MOST = 25  # values of a text that is shown as classes
_BAG = "(?<![0-9])[0-9]{16}(?![0-9])"
_COLOURS = {"diffuse": 0, "ambient": 1}  # of a material, by their names in XML; Python has no call for them


@dataclass(frozen=True)
class Colouring:
    """What is coloured by which result.

    Attributes
    ----------
    target, source : str
        Ids of the layer that stands in 3D, and of the one with the result, which may be the same.
    field : str
        Of the result.
    part : str
        One of `PARTS`.
    several : str
        Which of several numbers of one building counts: `HIGHEST`, `LOWEST` or `MEAN`; of texts the most frequent.
    """

    target: str
    source: str
    field: str
    part: str = "whole"
    several: str = HIGHEST


@dataclass(frozen=True)
class Coloured:
    """A layer in the colours of a result.

    Attributes
    ----------
    layer : QgsVectorLayer
        A copy of the target.
    title : str
        Of the legend.
    legend : tuple of (str, str)
        Colour and label of each class, and of what has no value.
    count : int
        Objects with a value.
    """

    layer: QgsVectorLayer
    title: str
    legend: tuple[tuple[str, str], ...]
    count: int


def coloured(colouring: Colouring, target: QgsVectorLayer, source: QgsVectorLayer) -> Coloured:
    """Return a copy of a layer in the colours of a result; raises InputError.

    The classes are those of the source's style on the map where it is drawn by the field, else seven that are equally
    full or the most frequent texts.
    """
    index = source.fields().lookupField(colouring.field)
    if index < 0 or target.renderer3D() is None:
        raise InputError(
            "{layer} has no field {field}, or {target} is not drawn in 3D.", hint="Choose another one.",
            layer=source.name(), field=colouring.field, target=target.name(),
        )  # fmt: skip
    is_own = target.id() == source.id()
    values = _own_values(source, index) if is_own else _by_building(source, index, colouring.several)
    numbers = column(list(values.values()))
    classes = classes_of(source, colouring.field) or classes_for(numbers)
    paint = by_classes(numbers, classes, tr("No value"))
    if is_own:
        expression = _in_classes(source.fields()[index].name(), classes)
    else:
        expression = _looked_up(target, dict(zip(values, paint.of_surface.tolist())), classes)
    copy = copy_of(target)
    copy.setRenderer3D(_painted(target, expression, PARTS[colouring.part]))
    copy.setName(target.name())
    legend = tuple(zip(paint.colours, paint.labels))
    copy.setCustomProperty(LEGEND, json.dumps(legend))
    title = f"{source.name()}: {source.attributeDisplayName(index)}"
    return Coloured(copy, title, legend, int(np.count_nonzero(paint.of_surface < len(classes))))


def can_be_coloured(layer: QgsMapLayer) -> bool:
    """Whether a layer has shapes in 3D that take a colour for each object."""
    renderer = layer.renderer3D() if isinstance(layer, QgsVectorLayer) else None
    return renderer is not None and any(map(_takes_colours, (s for _, s in _rules(renderer.clone()))))


def parts_of(layer: QgsVectorLayer) -> list[str]:
    """Return what of the objects of a layer can be coloured by itself."""
    filters = " ".join(condition for condition, _ in _rules(layer.renderer3D().clone()))
    return [part for part, name in PARTS.items() if name in filters]


def result_fields(layer: QgsVectorLayer) -> list[str]:
    """Return the fields of a layer that may be shown as classes, that by which it is drawn on the map first."""
    found = []
    for index, field in enumerate(layer.fields()):
        if field.name() in ("fid", *bag_fields(layer)):
            continue
        if field.isNumeric() or 0 < len(layer.uniqueValues(index, _MOST + 1)) <= _MOST:
            found.append(field.name())
    return sorted(found, key=lambda name: not classes_of(layer, name))


def has_buildings(layer: QgsMapLayer) -> bool:
    """Whether the objects of a layer may have the number of a building in the BAG; a server is not asked."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() not in AT_HAND or not bag_fields(layer):
        return False
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry).setLimit(_MOST)
    return any(bag_id(layer, feature) for feature in layer.getFeatures(request))


def _own_values(layer: QgsVectorLayer, index: int) -> dict[int, Any]:
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry).setSubsetOfAttributes([index])
    return {feature.id(): _plain(feature[index]) for feature in layer.getFeatures(request)}


def _by_building(layer: QgsVectorLayer, index: int, several: str) -> dict[str, Any]:
    """Return one value for each building, by its number in the BAG."""
    keys = [layer.fields().lookupField(name) for name in bag_fields(layer)]
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry).setSubsetOfAttributes([*keys, index])
    found: dict[str, list[Any]] = {}
    for feature in layer.getFeatures(request):
        attributes = feature.attributes()
        value = _plain(attributes[index])
        bag = bag_in([attributes[key] for key in keys]) if value is not None else ""
        if bag:
            found.setdefault(bag, []).append(value)
    if not found:
        raise InputError(
            "No object of {layer} has both a number of a building in the BAG and a value.",
            hint="Choose a result of buildings.", layer=layer.name(),
        )  # fmt: skip
    is_number = all(isinstance(value, (int, float)) for values in found.values() for value in values)
    choose = {HIGHEST: max, LOWEST: min, MEAN: lambda values: sum(values) / len(values)}[several]
    one = choose if is_number else lambda values: Counter(values).most_common(1)[0][0]
    return {bag: one(values) for bag, values in found.items()}


def _plain(value: Any) -> Any:
    is_missing = value is None or value == NULL or isinstance(value, float) and value != value
    return None if is_missing else value


def _in_classes(field: str, classes: list[Class]) -> str:
    """Return an expression of the colour of a feature by its own field."""
    name, cases = QgsExpression.quotedColumnRef(field), []
    for item in classes:
        if item.value is None:
            condition = f"{name} >= {item.low!r} AND {name} <= {item.high!r}"
        else:
            condition = f"{name} = {QgsExpression.quotedValue(item.value)}"
        cases.append(f"WHEN {condition} THEN '{item.colour}'")
    return f"CASE {' '.join(cases)} ELSE '{NONE}' END"


def _looked_up(layer: QgsVectorLayer, numbers: dict[str, int], classes: list[Class]) -> str:
    """Return an expression of the colour of a feature by its building: the table of all is read once for each tile."""
    names = bag_fields(layer)
    if not names:
        raise InputError(
            "The objects of {layer} have no number of a building in the BAG.",
            hint="Load buildings with their numbers, or choose a result of the layer itself.", layer=layer.name(),
        )  # fmt: skip
    found = (f"nullif(regexp_substr(to_string({QgsExpression.quotedColumnRef(n)}), '{_BAG}'), '')" for n in names)
    table = json.dumps({bag: number for bag, number in numbers.items() if number < len(classes)}, separators=(",", ":"))
    colours = ", ".join(f"'{item.colour}'" for item in classes)
    number = f"map_get(json_to_map('{table}'), coalesce({', '.join(found)}, ''))"
    return f"coalesce(array_get(array({colours}), {number}), '{NONE}')"


def _painted(layer: QgsVectorLayer, expression: str, part: str) -> QgsAbstract3DRenderer:
    """Return the 3D renderer of a layer with other colours, for the rules that tell of a part, or for all."""
    renderer = layer.renderer3D().clone()
    for condition, symbol in _rules(renderer):
        if part in condition and _takes_colours(symbol):
            symbol.setMaterialSettings(_material(symbol, expression))
    return renderer


def _rules(renderer: QgsAbstract3DRenderer) -> Iterator[tuple[str, QgsAbstract3DSymbol]]:
    """Yield the symbols of a renderer with what they are for; the renderer keeps the changes that are made to them."""
    if renderer.type() == "rulebased":
        for rule in sip.cast(renderer, QgsRuleBased3DRenderer).rootRule().descendants():
            if rule.symbol() is not None:
                yield rule.filterExpression(), _typed(rule.symbol())
    elif renderer.type() == "vector":
        single = sip.cast(renderer, QgsVectorLayer3DRenderer)
        if single.symbol() is not None:
            symbol = single.symbol().clone()  # which lives as long as this name
            yield "", _typed(symbol)
            single.setSymbol(symbol)


def _typed(symbol: QgsAbstract3DSymbol) -> QgsAbstract3DSymbol:
    """Return a symbol as what it is: Python knows those that QGIS made as the base class only."""
    kinds = {"polygon": QgsPolygon3DSymbol, "line": QgsLine3DSymbol}
    return sip.cast(symbol, kinds[symbol.type()]) if symbol.type() in kinds else symbol


def _takes_colours(symbol: QgsAbstract3DSymbol) -> bool:
    is_thin = isinstance(symbol, QgsLine3DSymbol) and symbol.renderAsSimpleLines()
    return isinstance(symbol, QgsPolygon3DSymbol) or is_thin


def _material(symbol: QgsAbstract3DSymbol, expression: str) -> Any:
    """Return the material of a symbol with colours by an expression, which QGIS takes from XML only."""
    old = symbol.materialSettings()
    is_thin = isinstance(symbol, QgsLine3DSymbol)
    made = QgsSimpleLineMaterialSettings() if is_thin else QgsPhongMaterialSettings()
    document, context = QDomDocument(), QgsReadWriteContext()
    element = document.createElement("material")
    old.writeXml(element, context)
    element.removeChild(element.firstChildElement("data-defined-properties"))
    properties, kinds = QgsPropertyCollection(), {}
    for name, key in _COLOURS.items():
        if not (is_thin and name == "diffuse"):
            kinds[key] = QgsPropertyDefinition(name, name, QgsPropertyDefinition.StandardPropertyTemplate.ColorNoAlpha)
            properties.setProperty(key, QgsProperty.fromExpression(expression))
    colours = document.createElement("data-defined-properties")
    properties.writeXml(colours, kinds)
    element.appendChild(colours)
    made.readXml(element, context)
    return made
