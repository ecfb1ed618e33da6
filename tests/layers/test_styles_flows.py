"""Flows on the map: widths that follow the flow, on the side that is driven on, in the colour of that direction."""

import numpy as np
import pytest
from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsGeometry,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.layers.styles_flows import CHANGES, RATIOS, UNKNOWN

FIELDS = ("flow", "flow_forward", "flow_backward", "vc", "vc_forward", "vc_backward")
GREEN, PURPLE = RATIOS[0][1], RATIOS[-1][1]


def link(style, fields, *values):
    """A link eastwards through the middle of the map, in a style."""
    made = QgsVectorLayer("LineString?crs=EPSG:28992&" + "&".join(f"field={one}" for one in fields), "made", "memory")
    feature = QgsFeature(made.fields())
    feature.setGeometry(QgsGeometry.fromWkt("LINESTRING(-200 0, 200 0)"))
    feature.setAttributes(list(values))
    made.dataProvider().addFeature(feature)
    made.updateExtents()
    STYLES[style](made)
    return made


def column(layer):
    """The colours from the top to the bottom of the map, across the link, as they change."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setExtent(QgsRectangle(-100, -100, 100, 100))
    settings.setOutputSize(QSize(201, 201))
    settings.setOutputDpi(254)  # 10 pixels a millimetre
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(settings.Flag.Antialiasing, False)
    settings.setFlag(settings.Flag.DrawLabeling, False)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    return [image.pixelColor(20, row).name() for row in range(201)]


def rows(colours, colour):
    return np.flatnonzero([one == colour for one in colours]) - 100


@pytest.fixture(autouse=True)
def _qgis(qgis_app):
    return qgis_app


def fields(style):
    return [f"{name}:double" for name in style]


def test_what_drives_along_the_line_is_drawn_right_of_it():
    colours = column(link("traffic_flows", fields(FIELDS), 900, 900, None, 0.5, 0.5, None))
    green = rows(colours, GREEN)
    assert len(green) == pytest.approx(45, abs=2), "the largest flow is 4.5 mm wide"
    assert green.min() >= 0, "eastwards on the right is in the south, below the line"


def test_each_direction_has_its_own_width_and_colour():
    colours = column(link("traffic_flows", fields(FIELDS), 1350, 450, 900, 1.5, 0.3, 1.5))
    right, left = rows(colours, GREEN), rows(colours, PURPLE)
    assert (len(right), len(left)) == (pytest.approx(22, abs=2), pytest.approx(45, abs=2))
    assert right.min() > 0 > left.max()


def test_no_traffic_is_a_thin_line_and_an_unknown_capacity_is_blue():
    assert len(rows(column(link("traffic_flows", fields(FIELDS), 0, 0, 0, 0.0, 0.0, 0.0)), "#ffffff")) > 195
    colours = column(link("traffic_flows", fields(FIELDS), 900, 900, None, None, None, None))
    assert len(rows(colours, UNKNOWN[0])) == pytest.approx(45, abs=2)


def test_a_connector_is_thin_and_does_not_set_the_scale():
    names = [*fields(FIELDS), "class:string"]
    layer = link("traffic_flows", names, 9000, 9000, None, 0.5, 0.5, None, "connector")
    assert not len(rows(column(layer), GREEN))
    road = QgsFeature(layer.fields())
    road.setGeometry(QgsGeometry.fromWkt("LINESTRING(-200 0, 200 0)"))
    road.setAttributes([900, 900, None, 0.5, 0.5, None, "primary"])
    layer.dataProvider().addFeature(road)
    STYLES["traffic_flows"](layer)
    assert len(rows(column(layer), GREEN)) == pytest.approx(45, abs=2)


def test_the_legend_has_colours_and_widths_with_their_unit():
    layer = link("traffic_flows", fields(FIELDS), 1350, 450, 900, 1.5, 0.3, 1.5)
    texts = [item.label() for item in layer.renderer().legendSymbolItems()]
    assert {"Flow / capacity > 1.2", "Flow / capacity < 0.6", "No traffic", "200 veh/h", "500 veh/h"} <= set(texts)
    low = link("traffic_flows", fields(FIELDS), 600, 200, 400, 0.5, 0.3, 0.5)
    widths = [item.label() for item in low.renderer().legendSymbolItems() if "veh/h" in item.label()]
    assert widths == ["50 veh/h", "200 veh/h"]  # the largest flow of a direction is 400: 80, 200 and 400, each once


def test_a_change_has_the_colour_of_its_direction():
    names = ["flow_change:double", "change:string", "change_forward:double", "change_backward:double",
             "class_forward:string", "class_backward:string"]  # fmt: skip
    colours = column(link("traffic_difference", names, -600, "much less", -900, 300, "much less", "more"))
    less, more = rows(colours, CHANGES["much less"][0]), rows(colours, CHANGES["more"][0])
    assert len(less) == pytest.approx(45, abs=2) and len(more) == pytest.approx(15, abs=2)
    assert less.min() >= 0 >= more.max()


def test_a_link_without_a_change_is_still_a_thin_line():
    names = ["flow_change:double", "change:string", "change_forward:double", "change_backward:double",
             "class_forward:string", "class_backward:string", "class:string"]  # fmt: skip
    colours = column(link("traffic_difference", names, 0, "same", 0.0, 0.0, "same", "same", "primary"))
    assert 1 <= sum(one != "#ffffff" for one in colours) <= 4


def test_periods_follow_the_temporal_controller():
    layer = link("traffic_flows_by_period", [*fields(FIELDS), "begin:datetime", "end:datetime"])
    properties = layer.temporalProperties()
    assert properties.isActive() and (properties.startField(), properties.endField()) == ("begin", "end")


def test_a_connector_has_no_label_of_its_change():
    names = ["flow_change:double", "change:string", "change_forward:double", "change_backward:double",
             "class_forward:string", "class_backward:string", "class:string"]  # fmt: skip
    told = []
    for kind in ("primary", "connector"):
        layer = link("traffic_difference", names, 94, "more", 94.0, 0.0, "more", "same", kind)
        context = QgsExpressionContext()
        context.setFeature(next(layer.getFeatures()))
        told.append(QgsExpression(layer.labeling().settings().fieldName).evaluate(context))
    assert told == ["+94", None]
