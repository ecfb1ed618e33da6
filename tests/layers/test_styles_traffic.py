"""Styles of road networks on layers as the model writes them."""

import pytest
from qgis.core import QgsExpressionContextUtils, QgsFeature, QgsGeometry, QgsRenderContext, QgsVectorLayer

from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.layers.styles_traffic import CLASSES, PROBLEMS
from dtwin_plugin.models.codes import CODES
from dtwin_plugin.models.traffic.road_classes import shipped_table

_FIELDS = "&".join(
    f"field={name}:string" for name in ("class", "direction", "reach", "name", "zone", "code", "reason")
) + "&field=penalty:double&field=from_link:integer&field=to_link:integer"  # fmt: skip


def _layer(kind, wkt, **values):
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:28992&{_FIELDS}", kind, "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    for name, value in values.items():
        feature[name] = value
    layer.dataProvider().addFeature(feature)
    return layer


def _labels(layer):
    """Return the labels in the legend of the symbols that the one feature is drawn with."""
    renderer, context = layer.renderer().clone(), QgsRenderContext()
    context.expressionContext().appendScopes(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    renderer.startRender(context, layer.fields())
    feature = next(layer.getFeatures())
    context.expressionContext().setFeature(feature)
    keys = renderer.legendKeysForFeature(feature, context)
    renderer.stopRender(context)
    items = {item.ruleKey(): item.label() for item in renderer.legendSymbolItems()}
    return [items[key] for key in keys if key in items]  # the root rule of some has one too


@pytest.mark.parametrize("name", sorted(shipped_table()))
def test_each_class_has_a_symbol(qgis_app, name):
    layer = _layer("LineString", "LineString(0 0, 1 1)", **{"class": name, "direction": "both", "reach": "all"})
    STYLES["network_links"](layer)
    expected = next(text for begin, _, _, _, text in CLASSES if name in (begin, f"{begin}_link"))
    assert _labels(layer) == [expected]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({"direction": "forward", "reach": "all"}, {"Primary road", "One way"}),
        ({"direction": "both", "reach": "island"}, {"Cars cannot reach or leave it"}),
        ({"direction": "closed", "reach": "no cars"}, {"Closed to cars"}),
    ],
)
def test_what_keeps_cars_away_is_seen(qgis_app, values, labels):
    layer = _layer("LineString", "LineString(0 0, 1 1)", **{"class": "primary", **values})
    STYLES["network_links"](layer)
    assert set(_labels(layer)) == labels


def test_zones_and_nodes_differ(qgis_app):
    for zone, label in (("A", "Zone"), (None, "Node")):
        layer = _layer("Point", "Point(0 0)", zone=zone)
        STYLES["network_nodes"](layer)
        assert _labels(layer) == [label]


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_each_problem_has_a_symbol_and_a_code_that_is_told(qgis_app, code):
    layer = _layer("Point", "Point(0 0)", code=code)
    STYLES["network_problems"](layer)
    assert _labels(layer)[0].startswith(code) and code in CODES


def test_bans_and_penalties_differ(qgis_app):
    for penalty, label in ((None, "No turn"), (0.5, "Turn that takes extra time")):
        layer = _layer("Point", "Point(0 0)", penalty=penalty)
        STYLES["network_turns"](layer)
        assert _labels(layer) == [label]
    STYLES["network_zones"](QgsVectorLayer(f"Polygon?crs=EPSG:28992&{_FIELDS}", "zones", "memory"))
