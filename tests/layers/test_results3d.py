"""Buildings in the colours of a result: the classes of the map, whichever layer the result is in."""

import time
from collections import Counter

import pytest
from qgis._3d import QgsLine3DSymbol, QgsPolygon3DSymbol, QgsRuleBased3DRenderer, QgsVectorLayer3DRenderer
from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGeometry,
    QgsGraduatedSymbolRenderer,
    QgsPropertyCollection,
    QgsPropertyDefinition,
    QgsReadWriteContext,
    QgsRectangle,
    QgsRenderContext,
    QgsRendererRange,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.results3d import (
    HIGHEST,
    LOWEST,
    MEAN,
    NONE,
    Colouring,
    can_be_coloured,
    coloured,
    has_buildings,
    parts_of,
    result_fields,
)  # fmt: skip
from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.layers.styles_water import BUILDING_DEPTH

COUNT = 12


def made(fields, rows, name, kind="Polygon"):
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:28992&{fields}", name, "memory")
    for number, row in enumerate(rows):
        feature = QgsFeature(layer.fields())
        left = 112_000.0 + 20 * number
        square = QgsGeometry.fromRect(QgsRectangle(left, 460_000, left + 10, 460_010))
        line = QgsGeometry.fromWkt(f"LineString({left} 460000, {left} 460010)")
        feature.setGeometry(square if kind == "Polygon" else line)
        feature.setAttributes(row)
        layer.dataProvider().addFeature(feature)
    return layer


@pytest.fixture
def houses(qgis_app):
    layer = made("field=identificatie:string", [[f"NL.IMBAG.Pand.{k:016d}"] for k in range(COUNT)], "houses")
    styles3d.extruded_by_rules(layer, {"1 = 1": "#e8c8b8"}, "0", "5")
    return layer


@pytest.fixture
def depths(qgis_app):
    """Depths at the first ten houses, by the bare number; the third stands there twice, the fourth has no value."""
    classes = list(BUILDING_DEPTH)
    rows = [[f"{k:016d}", 0.1 * k if k != 3 else None, classes[k % 4] if k != 3 else None] for k in range(10)]
    rows.append([f"{2:016d}", 0.9, "damage"])
    layer = made("field=pand_id:string&field=depth:double&field=water_class:string", rows, "depths")
    layer.dataProvider().renameAttributes({0: "identificatie"})
    layer.updateFields()
    layer.setFieldAlias(1, "depth [m]")
    return layer


def rules(layer):
    """What each rule is for, and the expression of its colour, "" where it is plain."""
    children = sip.cast(layer.renderer3D(), QgsRuleBased3DRenderer).rootRule().children()
    found = {rule.filterExpression(): sip.cast(rule.symbol(), QgsPolygon3DSymbol) for rule in children}
    return {condition: colour(symbol.materialSettings(), "diffuse") for condition, symbol in found.items()}


def colour(material, name):
    """The expression of a colour of a material, which Python reads from XML only; "" where it is plain."""
    document = QDomDocument()
    element = document.createElement("material")
    material.writeXml(element, QgsReadWriteContext())
    kind = QgsPropertyDefinition(name, name, QgsPropertyDefinition.StandardPropertyTemplate.ColorNoAlpha)
    properties = QgsPropertyCollection()
    properties.readXml(element.firstChildElement("data-defined-properties"), {0: kind})
    return properties.property(0).expressionString()


def in_3d(layer, expression=None):
    """The colour of each feature by an expression, default that of the only rule."""
    if expression is None:
        (expression,) = rules(layer).values()
    compiled = QgsExpression(expression)
    assert not compiled.hasParserError(), compiled.parserErrorString()
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    compiled.prepare(context)
    colours = []
    for feature in layer.getFeatures():
        context.setFeature(feature)
        colours.append(compiled.evaluate(context))
        assert not compiled.hasEvalError(), compiled.evalErrorString()
    return colours


def on_map(layer):
    """The colour of each feature on the map, by the renderer itself."""
    renderer, context, colours = layer.renderer().clone(), QgsRenderContext(), []
    renderer.startRender(context, layer.fields())
    for feature in layer.getFeatures():
        symbol = renderer.symbolForFeature(feature, context)
        colours.append(symbol.color().name() if symbol is not None else None)
    renderer.stopRender(context)
    return colours


def test_classes_are_those_of_the_map_joined_by_the_number_of_the_building(houses, depths):
    STYLES["building_depth"](depths)
    found = coloured(Colouring(houses.id(), depths.id(), "water_class"), houses, depths)
    known = on_map(depths)
    colours = in_3d(found.layer)
    assert [colours[k] for k in (0, 1, 4, 9)] == [known[k] for k in (0, 1, 4, 9)]
    assert colours[3] == NONE and colours[10:] == [NONE, NONE]  # no value, and not in the result
    assert found.legend[:-1] == tuple(BUILDING_DEPTH.values()) and found.legend[-1] == (NONE, "No value")
    assert found.count == 9 and found.title == "depths: water_class"
    assert rules(houses) == {"1 = 1": ""}  # the layer of the project is as it was


@pytest.mark.parametrize(("several", "third"), [(HIGHEST, 0.9), (LOWEST, 0.2), (MEAN, 0.55)])
def test_of_several_numbers_of_a_building_the_one_that_was_asked_for_counts(houses, depths, several, third):
    symbol = QgsSymbol.defaultSymbol(depths.geometryType())
    depths.setRenderer(QgsGraduatedSymbolRenderer("depth", []))
    for low, high, colour in ((0, 0.3, "#0000ff"), (0.3, 0.6, "#00ff00"), (0.6, 2.0, "#ff0000")):
        part = symbol.clone()
        part.setColor(QColor(colour))
        depths.renderer().addClassRange(QgsRendererRange(low, high, part, f"{low} - {high} m"))
    found = coloured(Colouring(houses.id(), depths.id(), "depth", several=several), houses, depths)
    expected = {0.9: "#ff0000", 0.2: "#0000ff", 0.55: "#00ff00"}[third]
    assert in_3d(found.layer)[2] == expected
    assert found.title == "depths: depth [m]"  # with its unit
    assert [label for _, label in found.legend] == ["0 - 0.3 m", "0.3 - 0.6 m", "0.6 - 2.0 m", "No value"]


def test_a_field_without_a_style_has_seven_classes_that_are_equally_full(houses, qgis_app):
    rows = [[f"{k:016d}", 40.0 + k] for k in range(COUNT)]
    source = made("field=identificatie:string&field=lden:double", rows, "noise")
    found = coloured(Colouring(houses.id(), source.id(), "lden"), houses, source)
    counts = Counter(in_3d(found.layer))
    assert len(found.legend) == 8 and len(counts) == 7 and set(counts.values()) <= {1, 2}
    assert NONE not in counts and result_fields(source) == ["lden"]


def test_own_fields_and_lines_are_coloured_without_any_number(qgis_app):
    roads = made("field=passable:string", [["all"], ["none"], ["lorry"], [None]], "roads", "LineString")
    STYLES["road_passable"](roads)
    assert not can_be_coloured(roads)
    symbol = QgsLine3DSymbol()
    symbol.setRenderAsSimpleLines(True)
    symbol.setMaterialSettings(styles3d.simple_line("#000000"))
    roads.setRenderer3D(QgsVectorLayer3DRenderer(symbol))
    assert can_be_coloured(roads)
    found = coloured(Colouring(roads.id(), roads.id(), "passable"), roads, roads)
    symbol = sip.cast(found.layer.renderer3D(), QgsVectorLayer3DRenderer).symbol()
    expression = colour(sip.cast(symbol, QgsLine3DSymbol).materialSettings(), "ambient")
    colours = in_3d(found.layer, expression)
    assert colours[:3] == on_map(roads)[:3] and colours[3] == NONE


def test_walls_take_the_colour_and_roofs_stay(qgis_app, depths):
    rows = [[f"NL.IMBAG.Pand.{k // 2:016d}-0", ("WallSurface", "RoofSurface")[k % 2]] for k in range(6)]
    surfaces = made("field=id:string&field=surface:string", rows, "surfaces")
    styles3d.surfaces(surfaces)
    STYLES["building_depth"](depths)
    assert parts_of(surfaces) == ["whole", "roofs", "walls"]
    found = coloured(Colouring(surfaces.id(), depths.id(), "water_class", "walls"), surfaces, depths)
    walls, roofs = (rules(found.layer)[f"\"surface\" = '{name}'"] for name in ("WallSurface", "RoofSurface"))
    assert in_3d(found.layer, walls)[:3:2] == on_map(depths)[:2] and roofs == ""


@pytest.mark.parametrize(
    ("style", "field"),
    [
        ("building_depth", "water_class"),
        ("building_water", "water_inside"),
        ("water_change", "change"),
        ("road_passable", "passable"),
        ("vulnerable_water", "water_inside"),
    ],
)
def test_every_style_of_classes_has_the_same_colours_in_3d(houses, qgis_app, style, field):
    probe = made(f"field=identificatie:string&field={field}:string", [["0", "x"]], style)
    STYLES[style](probe)
    categories = [item for item in probe.renderer().categories() if item.value()]
    rows = [[f"{k:016d}", item.value()] for k, item in enumerate(categories)]
    source = made(f"field=identificatie:string&field={field}:string", rows, style)
    STYLES[style](source)
    found = coloured(Colouring(houses.id(), source.id(), field), houses, source)
    assert in_3d(found.layer)[: len(rows)] == on_map(source)
    assert [label for _, label in found.legend[:-1]] == [item.label() for item in categories]


def test_what_has_no_buildings_says_so(houses, qgis_app):
    source = made("field=name:string&field=v:double", [["a", 1.0]], "others")
    assert not has_buildings(source) and has_buildings(houses)
    with pytest.raises(InputError, match="BAG"):
        coloured(Colouring(houses.id(), source.id(), "v"), houses, source)
    with pytest.raises(InputError, match="no field"):
        coloured(Colouring(houses.id(), source.id(), "w"), houses, source)


def test_fifty_thousand_buildings_are_looked_up_at_once(qgis_app):
    houses = made("field=identificatie:string", [[f"NL.IMBAG.Pand.{k:016d}"] for k in range(300)], "houses")
    styles3d.extruded_by_rules(houses, {"1 = 1": "#e8c8b8"}, "0", "5")
    source = QgsVectorLayer("None?field=identificatie:string&field=kind:string", "result", "memory")
    features = []
    for number in range(50_000):
        feature = QgsFeature(source.fields())
        feature.setAttributes([f"{number:016d}", "abc"[number % 3]])
        features.append(feature)
    source.dataProvider().addFeatures(features)
    found = coloured(Colouring(houses.id(), source.id(), "kind"), houses, source)
    begin = time.monotonic()
    colours = in_3d(found.layer)
    assert time.monotonic() - begin < 2  # the table is read once and not for each house, which takes a minute
    by_label = {label: colour for colour, label in found.legend}
    assert colours == [by_label["abc"[k % 3]] for k in range(300)]


def test_results_at_facades_are_results_of_their_buildings(houses):
    """Models call the building of a window "building"; the loudest window counts."""
    rows = [[f"NL.IMBAG.Pand.{k:016d}", 50.0 + 5 * storey + k] for k in range(3) for storey in range(3)]
    noise = made("field=building:string&field=lden:double", rows, "noise")
    assert has_buildings(noise) and result_fields(noise) == ["lden"]
    found = coloured(Colouring(houses.id(), noise.id(), "lden"), houses, noise)
    assert found.count == 3 and len({*in_3d(found.layer)} - {NONE}) == 3
    assert {label for _, label in found.legend} >= {"No value"}
