"""Shapes are gathered in the background, and anew when a layer changes."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer

from dtwin_plugin.data import Grid
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.layers import styles3d
from scripts import small_twin
from tests.servers.proj_grids import stand_in

AREA = QgsRectangle(111_990, 459_990, 112_090, 460_090)


@pytest.fixture(scope="module")
def small(qgis_app, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    styles3d.initialise()
    small_twin.main(folder)
    return folder


def gathered(book, layers, seconds=20):
    end = time.monotonic() + seconds
    while book.missing(layers, AREA) and time.monotonic() < end:
        QgsApplication.processEvents()
        time.sleep(0.01)
    return not book.missing(layers, AREA)


def test_shapes_of_each_kind_are_gathered_and_anew_after_a_change(small, tmp_path):
    from dtwin_plugin.gui.view3d.shapebook import Shapebook
    from dtwin_plugin.layers.reference import read_definition

    relief = Relief(Grid(np.zeros((50, 50)), 111_990, 460_090, 2.0))
    book = Shapebook(lambda: relief)
    kinds = ("surfaces", "trees", "tubes", "columns", "voxels", "footprints")
    layers = [QgsVectorLayer(f"{small / kind}.gpkg|layername={kind}", kind, "ogr") for kind in kinds]
    layers += read_definition(small / "tiles.qlr")
    QgsProject.instance().addMapLayers(layers)
    with stand_in(tmp_path):  # of the grids that 3D Tiles need
        assert gathered(book, layers)
    for layer in layers:
        assert book.of(layer).box() is not None, layer.name()
    low, high = book.of(layers[-1]).box()
    assert low[2] == pytest.approx(5, abs=0.1) and high[2] == pytest.approx(5, abs=0.1)  # as QGIS draws it
    assert book.of(layers[-1]).rows and not book.of(layers[0]).rows
    layers[0].setSubsetString("\"surface\" = 'RoofSurface'")
    assert book.missing(layers[:1], AREA) and gathered(book, layers[:1])
    assert len(book.of(layers[0]).faces.owners) == small_twin.HOUSES
    followed = layers[0].receivers(layers[0].subsetStringChanged)
    book.clear()
    assert layers[0].receivers(layers[0].subsetStringChanged) == followed - 1
    QgsProject.instance().removeMapLayers([layer.id() for layer in layers])


def block_of_20_m():
    """A layer of the project with one block, which is drawn as high as it says."""
    plan = QgsVectorLayer("Polygon?crs=EPSG:28992&field=height:double", "plan", "memory")
    block = QgsFeature(plan.fields())
    block.setGeometry(QgsGeometry.fromRect(QgsRectangle(112_000, 460_000, 112_010, 460_010)))
    block.setAttributes([20.0])
    plan.dataProvider().addFeatures([block])
    styles3d.extruded_by_rules(plan, {"1 = 1": "#c832c8"}, "0", '"height"')
    QgsProject.instance().setCrs(plan.crs())
    QgsProject.instance().addMapLayer(plan)
    return plan


def test_edits_that_are_not_saved_are_pointed_at_as_they_are_drawn(qgis_app):
    from dtwin_plugin.gui.view3d.shapebook import Shapebook

    book = Shapebook(lambda: Relief(Grid(np.zeros((50, 50)), 111_990, 460_090, 2.0)))
    plan = block_of_20_m()

    def top():
        assert gathered(book, [plan])
        box = book.of(plan).box()
        return box and box[1][2]

    try:
        assert top() == 20
        (feature,) = plan.getFeatures()
        plan.startEditing()
        plan.changeAttributeValue(feature.id(), 0, 5.0)
        assert top() == 5
        plan.undoStack().undo()
        assert top() == 20
        plan.undoStack().redo()
        assert top() == 5
        plan.deleteFeature(feature.id())
        assert top() is None
        plan.rollBack()
        assert top() == 20
        plan.startEditing()
        plan.changeAttributeValue(feature.id(), 0, 8.0)
        plan.commitChanges()
        assert top() == 8
    finally:
        book.clear()
        QgsProject.instance().clear()


@pytest.mark.parametrize("stops", [True, False])
def test_edits_that_are_saved_reach_the_copies_that_views_draw(qgis_app, stops):
    from dtwin_plugin.layers.stand_ins import StandIns

    plan, stand_ins, heard = block_of_20_m(), StandIns(), []
    stand_ins.extent = AREA
    stand_ins.stretch(2.0)
    QgsApplication.processEvents()
    stand_ins.stale.connect(lambda: heard.append(1))
    try:
        assert [feature["height"] for feature in stand_ins.drawn(plan).getFeatures()] == [20.0]
        (feature,) = plan.getFeatures()
        plan.startEditing()
        plan.changeAttributeValue(feature.id(), 0, 5.0)
        plan.commitChanges(stops)
        QgsApplication.processEvents()
        assert heard == [1]  # so that views take it again
        assert [feature["height"] for feature in stand_ins.drawn(plan).getFeatures()] == [5.0]
    finally:
        plan.rollBack()
        stand_ins.clear()
        QgsProject.instance().clear()


def test_edits_of_a_result_that_are_saved_colour_the_views_anew(qgis_app):
    from qgis.core import QgsTemporalNavigationObject
    from qgis.gui import QgsMapCanvas

    from dtwin_plugin.gui.view3d.results import Results
    from dtwin_plugin.gui.view3d.scene import Scene

    canvas, controller, plan = QgsMapCanvas(), QgsTemporalNavigationObject(), block_of_20_m()
    canvas.setTemporalController(controller)
    scene = Scene(SimpleNamespace(mapCanvas=lambda: canvas))
    page = Results(scene)
    try:
        page._shown["target"] = SimpleNamespace(source=plan.id(), target="target"), plan
        page._hear()
        (feature,) = plan.getFeatures()
        plan.startEditing()
        plan.changeAttributeValue(feature.id(), 0, 5.0)
        assert not page._soon.isActive()
        plan.commitChanges()
        assert page._soon.isActive()
        page._soon.stop()
    finally:
        page._shown.clear()
        page.close_for_good()
        scene.close_for_good()
        QgsProject.instance().clear()
