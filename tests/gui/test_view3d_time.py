"""The pages for time and viewpoints, and the project that keeps the panel, without a 3D view."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from qgis.core import Qgis, QgsRasterLayer, QgsTemporalNavigationObject
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDockWidget

from dtwin_plugin.data import Grid
from dtwin_plugin.gui.kept3d import Kept3D
from dtwin_plugin.layers import finish
from dtwin_plugin.layers.styles import STYLES
from dtwin_plugin.layers.viewpoints import keep_viewpoints, kept_viewpoints
from dtwin_plugin.sources.raster_write import write_cog
from dtwin_plugin.twin.viewpoints import Viewpoint

TIMES = np.array(["2026-01-01T12:00", "2026-01-01T12:10", "2026-01-01T12:20"], "datetime64[s]")


@pytest.fixture
def scene(project):
    """A scene without a view, over a canvas with the time of QGIS's own window."""
    from dtwin_plugin.gui.view3d.scene import Scene

    canvas, controller = QgsMapCanvas(), QgsTemporalNavigationObject()
    canvas.setTemporalController(controller)
    found = Scene(SimpleNamespace(mapCanvas=lambda: canvas))
    found.controller = controller
    yield found
    found.close_for_good()


@pytest.fixture
def depth(project, tmp_path):
    """A depth through three moments."""
    path = tmp_path / "depth.tif"
    values = np.stack([np.linspace(0, k, 16, dtype=np.float32).reshape(4, 4) for k in (0.1, 0.2, 0.3)])
    write_cog(Grid(values, 112_000, 460_000, 1.0, unit="m", times=TIMES), path)
    layer = QgsRasterLayer(str(path), "depth")
    STYLES["water_depth"](layer)
    finish.set_times(layer, TIMES)
    project.addMapLayer(layer)
    return layer


@pytest.fixture
def page(scene, depth):
    from dtwin_plugin.gui.view3d.time import TimePage

    found = TimePage(scene)
    yield found
    found.close_for_good()


def shown(scene):
    return scene.iface.mapCanvas().temporalRange().begin().toString(Qt.DateFormat.ISODate)


def test_the_slider_sets_the_time_of_the_map(page, scene):
    assert page.slider.maximum() == 2 and page.place.text() == ""
    page.slider.setValue(1)
    assert shown(scene) == "2026-01-01T12:10:00Z" and page.place.text() == "T + 10 min"
    assert scene.controller.navigationMode() == Qgis.TemporalNavigationMode.Animated
    assert scene.controller.totalFrameCount() == 3
    page.stop()
    assert scene.clock.shown is None and shown(scene) == ""


def test_the_map_sets_the_slider(page, scene):
    page.slider.setValue(1)
    scene.controller.setCurrentFrameNumber(2)
    assert page.slider.value() == 2 and page.place.text() == "T + 20 min"


def test_play_goes_from_the_first_to_the_last_and_shows_a_layer(page, scene, depth, project, pump):
    node = project.layerTreeRoot().findLayer(depth.id())
    node.setItemVisibilityChecked(False)
    seen = []
    scene.clock.changed.connect(lambda: seen.append(shown(scene)[11:16]))
    page.speed.setCurrentIndex(page.speed.count() - 1)
    page.play_or_pause()
    assert node.isVisible()  # nothing would be seen otherwise
    assert pump(lambda: not page._timer.isActive())
    assert list(dict.fromkeys(seen)) == ["12:00", "12:10", "12:20"]


def test_a_layer_that_goes_takes_its_moments_along(page, scene, depth, project, pump):
    page.play_or_pause()
    project.removeMapLayer(depth.id())
    assert pump(lambda: page.moments is None)
    assert pump(lambda: not page._timer.isActive())
    assert not page.slider.isEnabled() and page.layers.count() == 0


def test_how_long_since_the_first_moment_in_words(qgis_app):
    from dtwin_plugin.gui.view3d.time import in_event

    told = {0: "T + 0 min", 4200: "T + 1 h 10 min", 90: "T + 1 min 30 s", 90_000: "T + 1 d 1 h", -600: "T − 10 min"}
    assert {seconds: in_event(timedelta(seconds=seconds)) for seconds in told} == told


def test_a_viewpoint_brings_its_time_back(page, scene):
    scene.clock.show_texts("2026-01-01T12:10:00+00:00", "2026-01-01T12:20:00+00:00")
    assert scene.clock.texts["begin"] == "2026-01-01T12:10:00+00:00" and page.slider.value() == 1
    # between two moments, as in a flight
    scene.clock.show_texts("2026-01-01T12:12:00+00:00", "2026-01-01T12:22:00+00:00")
    assert shown(scene) == "2026-01-01T12:12:00Z"
    scene.clock.show_texts("", "")
    assert scene.clock.shown is None


def test_viewpoints_are_named_ordered_and_removed(scene, project, pump):
    from dtwin_plugin.gui.view3d.viewpoints import ViewpointsPage

    keep_viewpoints(project, [Viewpoint(name, 0, 0, 0, 100, 45, 0, stay=7.0) for name in ("A", "B", "C")])
    page = ViewpointsPage(scene)
    page.names.item(1).setText("  Square ")
    assert pump(lambda: [each.name for each in kept_viewpoints(project)] == ["A", "Square", "C"])
    page.names.item(0).setText("C")  # taken
    assert pump(lambda: page.names.item(0).text() == "A")
    page.names.insertItem(0, page.names.takeItem(2))
    page._ordered()
    assert [each.name for each in kept_viewpoints(project)] == ["C", "A", "Square"]
    page.names.setCurrentRow(1)
    page.remove.click()
    assert [each.name for each in kept_viewpoints(project)] == ["C", "Square"]
    assert kept_viewpoints(project)[0].stay == 7.0
    assert not page.keep.isEnabled()  # there is no view
    project.clear()
    assert page.names.count() == 0
    page.close_for_good()


class FakePanel:
    """A panel that notes when it is shown and where it goes."""

    def __init__(self, dock=None):
        self.dock, self.went = dock, []

    def show(self):
        self.dock = SimpleNamespace(scene=SimpleNamespace(go=self.went.append))


def test_a_project_keeps_the_panel_only_where_it_is_open(project, tmp_path, pump):
    here = Viewpoint("", 1.0, 2.0, 3.0, 100, 45, 0, extent=(0.0, 0.0, 9.0, 9.0))
    dock = QDockWidget()
    dock.scene = SimpleNamespace(view=object(), viewpoint=lambda name: here)
    panel = FakePanel(dock)
    kept = Kept3D(panel)
    dock.show()
    assert project.write(str(tmp_path / "open.qgz"))
    dock.hide()
    assert project.write(str(tmp_path / "closed.qgz"))
    panel.dock = None
    assert project.read(str(tmp_path / "open.qgz"))
    assert panel.went == []  # after the project, and not within
    assert pump(lambda: panel.went == [here])
    panel.dock, panel.went[:] = None, []
    assert project.read(str(tmp_path / "closed.qgz"))
    pump(lambda: False, 0.3)
    assert panel.went == [] and panel.dock is None
    kept.remove()
    assert project.read(str(tmp_path / "open.qgz"))
    pump(lambda: False, 0.3)
    assert panel.went == []
