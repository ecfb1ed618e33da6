"""The widest line is that with the most trips, and each zone falls in a class of its trips."""

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsRenderContext, QgsVectorLayer

from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.layers.styles_demand import _THINNEST, _WIDEST


def layer(kind, shape, values):
    found = QgsVectorLayer(
        f"{kind}?crs=EPSG:28992&field=trips:double&field=zone:string&field=from_zone:string&field=to_zone:string",
        "a",
        "memory",
    )
    for value in values:
        feature = QgsFeature(found.fields())
        feature.setAttributes([value, "z", "a", "b"])
        feature.setGeometry(QgsGeometry.fromWkt(shape))
        found.dataProvider().addFeature(feature)
    found.updateExtents()
    return found


def test_lines_are_as_wide_as_their_trips(qgis_app):
    lines = layer("LineString", "LINESTRING(0 0, 1 0)", [1.0, 500.0, 1000.0])
    STYLES["desire_lines"](lines)
    first, *others = lines.renderer().rootRule().children()
    symbol = first.symbol().symbolLayer(0)
    widths = []
    for feature in lines.getFeatures():
        context = QgsRenderContext()
        context.expressionContext().setFeature(feature)
        context.expressionContext().setFields(lines.fields())
        found, _ = symbol.dataDefinedProperties().valueAsDouble(
            symbol.Property.StrokeWidth, context.expressionContext(), -1.0
        )
        widths.append(found)
    assert widths == pytest.approx([_THINNEST, _WIDEST / 2, _WIDEST])
    told = {rule.label(): rule.symbol().width() for rule in others}
    assert told == pytest.approx({"200 trips": _WIDEST / 5, "500 trips": _WIDEST / 2, "1,000 trips": _WIDEST})


@pytest.mark.parametrize("values", [[0.0], [0.0, 3.0, 4.9], [12.0, 40000.0], [99.0, 100.0, 1000.0]])
def test_each_zone_has_a_class(qgis_app, values):
    zones = layer("Polygon", "POLYGON((0 0, 1 0, 1 1, 0 0))", values)
    STYLES["trip_ends"](zones)
    renderer = zones.renderer()
    assert all(renderer.rangeForValue(value) is not None for value in values)
    edges = [(one.lowerValue(), one.upperValue()) for one in renderer.ranges()]
    assert all(high == low for (_, high), (low, _) in zip(edges, edges[1:]))


def test_a_layer_without_trips_is_drawn_too(qgis_app):
    for style, kind in (("desire_lines", "LineString"), ("trip_ends", "Polygon")):
        empty = QgsVectorLayer(f"{kind}?crs=EPSG:28992", "a", "memory")
        STYLES[style](empty)
        assert empty.renderer() is not None
        if style == "desire_lines":
            assert len(empty.renderer().rootRule().children()) == 1  # no widths of nothing
