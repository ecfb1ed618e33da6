"""Layers at a moment in 3D."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from qgis._3d import QgsRuleBased3DRenderer, QgsVectorLayer3DRenderer
from qgis.core import Qgis, QgsExpression, QgsExpressionContext, QgsFeature, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QDateTime, Qt

from dtwin_plugin.data import Grid
from dtwin_plugin.layers import finish, moments3d, styles3d
from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.sources.raster_write import write_cog

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
TEN = timedelta(minutes=10)


@pytest.fixture
def depth(qgis_app, tmp_path):
    """Three bands, ten minutes apart."""
    path = tmp_path / "depth.tif"
    values = np.stack([np.linspace(0, k, 16, dtype=np.float32).reshape(4, 4) for k in (0.1, 0.2, 0.3)])
    times = np.array(["2026-01-01T12:00", "2026-01-01T12:10", "2026-01-01T12:20"], "datetime64[s]")
    write_cog(Grid(values, 112_000, 460_000, 1.0, unit="m", times=times), path)
    layer = QgsRasterLayer(str(path), "depth")
    STYLES["water_depth"](layer)
    finish.set_times(layer, times)
    return layer


@pytest.fixture
def works(qgis_app):
    """Works in the street, from a day until another."""
    layer = QgsVectorLayer(
        "Polygon?crs=EPSG:28992&field=name:string&field=from:datetime&field=to:datetime", "w", "memory"
    )
    rows = []
    for name, begin, end in (("first", "2026-01-01T12:00:00", "2026-01-01T12:10:00"),
                             ("second", "2026-01-01T12:10:00", "2026-01-01T12:20:00")):  # fmt: skip
        feature = QgsFeature(layer.fields())
        feature.setAttributes([name, *(QDateTime.fromString(f"{t}Z", Qt.DateFormat.ISODate) for t in (begin, end))])
        rows.append(feature)
    layer.dataProvider().addFeatures(rows)
    properties = layer.temporalProperties()
    properties.setMode(Qgis.VectorTemporalMode.FeatureDateTimeStartAndEndFromFields)
    properties.setStartField("from")
    properties.setEndField("to")
    properties.setIsActive(True)
    return layer


def test_moments_are_those_of_the_bands(depth):
    moments = moments3d.moments_of([depth])
    assert (moments.first, moments.last, moments.step, moments.count) == (NOON, NOON + 2 * TEN, TEN, 3)
    assert moments3d.moments_of([]) is None


def test_the_smallest_step_is_that_of_all(depth, works):
    assert moments3d.moments_of([depth, works]).step == TEN
    assert moments3d.moments_of([works]).step == 2 * TEN / 100


def test_a_raster_shows_the_band_of_the_moment_and_stays_as_it_is(depth):
    before = depth.renderer().inputBand()
    for number in range(3):
        copy = moments3d.at(depth, moments3d.time_range(NOON + number * TEN, NOON + (number + 1) * TEN))
        assert copy is not depth and copy.renderer().inputBand() == number + 1
    assert depth.renderer().inputBand() == before
    assert moments3d.at(depth, moments3d.time_range(NOON - 2 * TEN, NOON - TEN)) is None


@pytest.mark.parametrize("rules", [True, False])
def test_features_are_drawn_at_their_time_in_3d(works, rules):
    if rules:
        styles3d.by_rules(works, {"\"name\" <> 'x'": ("#ff0000", 1.0)})
    else:
        from qgis._3d import QgsPolygon3DSymbol

        works.setRenderer3D(QgsVectorLayer3DRenderer(QgsPolygon3DSymbol()))
    copy = moments3d.at(works, moments3d.time_range(NOON + TEN, NOON + 1.5 * TEN))
    root = sip.cast(copy.renderer3D(), QgsRuleBased3DRenderer).rootRule()
    (group,) = root.children()
    context = QgsExpressionContext()
    drawn = []
    for feature in works.getFeatures():
        context.setFields(works.fields())
        context.setFeature(feature)
        if QgsExpression(group.filterExpression()).evaluate(context):
            drawn.append(feature["name"])
    assert drawn == ["second"]
    assert len([rule for rule in root.descendants() if rule.symbol() is not None]) == 1
    assert works.renderer3D().type() == ("rulebased" if rules else "vector")


def test_texts_of_a_viewpoint_become_a_range_of_time(qgis_app):
    found = moments3d.text_range("2026-01-01T13:00:00+01:00", "2026-01-01T12:10:00Z")
    assert found == moments3d.time_range(NOON, NOON + TEN)
    assert moments3d.moment(found.begin()) == NOON
    assert moments3d.text_range("", "") is None and moments3d.text_range("yesterday", "2026") is None


def test_a_moment_that_stands_is_drawn_anew_when_its_style_changes(depth, qgis_app):
    from qgis.core import QgsProject

    from dtwin_plugin.layers.stand_ins import StandIns

    project, stand_ins, heard = QgsProject.instance(), StandIns(), []
    project.addMapLayer(depth)
    stand_ins.stale.connect(lambda: heard.append(1))
    try:
        span = moments3d.time_range(NOON + TEN, NOON + 2 * TEN)
        stand_ins.set_change("time", lambda layer: moments3d.at(layer, span))
        qgis_app.processEvents()
        before, count = stand_ins.shown(depth), len(heard)
        assert before is not depth and stand_ins.shown(depth) is before
        depth.renderer().setOpacity(0.25)
        depth.emitStyleChanged()  # as the panel of styles does
        qgis_app.processEvents()
        after = stand_ins.shown(depth)
        assert len(heard) == count + 1 and after is not before
        assert after.renderer().opacity() == 0.25 and after.renderer().inputBand() == 2
    finally:
        stand_ins.clear()
        project.clear()
