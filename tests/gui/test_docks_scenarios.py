"""The panel "Scenarios" with real widgets: made, shown, changed, removed and compared."""

import time

import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.gui import QgsLayerTreeView
from qgis.PyQt.QtCore import QCoreApplication, QEvent, Qt
from qgis.PyQt.QtGui import QFocusEvent

from dtwin_plugin.gui.scenarios import dock as docks
from dtwin_plugin.layers import finish, scenarios
from dtwin_plugin.twin import RunRecord


class Window:
    def __init__(self, view):
        self.view = view

    def layerTreeView(self):
        return self.view


@pytest.fixture
def tree(project, layer_model):
    view = QgsLayerTreeView()
    view.setModel(layer_model)
    yield view
    view.deleteLater()


@pytest.fixture
def dock(project, tree, monkeypatch):
    panel = docks.ScenariosDock(Window(tree))
    yield panel
    panel.close_for_good()
    panel.deleteLater()


def wait(seconds=0.2):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.01)


def leave(widget):
    QCoreApplication.sendEvent(widget, QFocusEvent(QEvent.Type.FocusOut))


def base(project, name="BGT", model=""):
    layer = QgsVectorLayer("Polygon?crs=EPSG:28992", name, "memory")
    if model:
        finish.set_metadata(layer, name, RunRecord(model, "1.0.0", "Run"))
    project.addMapLayer(layer)
    return layer


def make(dock, name):
    dock.name.setText(name)
    dock.new.click()
    return scenarios.scenario_of(QgsProject.instance(), name)


def names(dock):
    return [dock.list.item(row).text() for row in range(dock.list.count())]


def test_an_empty_panel_offers_only_to_make_one(dock):
    assert names(dock) == [] and not dock.details.isEnabled()
    for widget in (dock.show_button, dock.update_button, dock.remove_button, dock.design, dock.difference, dock.beside):
        assert not widget.isEnabled()
    dock.new.click()
    assert dock.message.text() == "A scenario needs a name. Type one at the top of the panel."


def test_a_scenario_is_made_shown_and_kept(dock, project):
    base(project)
    first = base(project, "depth", "flood")
    scenario = make(dock, "Now")
    assert scenario.layers == (first.id(),) and names(dock) == ["Now"] and dock.current() == "Now"
    assert dock.details.layers.item(0).text() == "depth" and dock.details.date.text()
    node = project.layerTreeRoot().findLayer(first)
    node.setItemVisibilityChecked(False)
    dock.show_button.click()
    assert node.isVisible()
    node.setItemVisibilityChecked(False)
    dock.update_button.click()
    node.setItemVisibilityChecked(True)
    dock.list.itemActivated.emit(dock.list.item(0))  # as a double click
    assert not node.isVisible()
    dock.name.setText("now")
    dock.new.click()
    assert "already a scenario or map theme now" in dock.message.text() and names(dock) == ["Now"]


def test_texts_are_kept_when_one_leaves_them(dock, project):
    base(project, "depth", "flood")
    make(dock, "Now")
    dock.details.purpose.setText(" Is it dry? ")
    dock.details.purpose.editingFinished.emit()
    later = base(project, "more", "flood")
    scenarios.add_layers(project, "Now", [later])  # by another panel, while the note is typed
    dock.details.note.setPlainText("Rain of 70 mm\nin an hour")
    leave(dock.details.note)
    kept = scenarios.scenario_of(project, "Now")
    assert (kept.purpose, kept.note) == ("Is it dry?", "Rain of 70 mm\nin an hour")
    assert later.id() in kept.layers
    wait()
    assert dock.details.layers.count() == 2  # it heard of the other panel


def test_what_was_typed_does_not_reach_another_project(dock, project, tmp_path):
    base(project)
    make(dock, "Now")
    assert project.write(str(tmp_path / "one.qgz"))
    dock.details.note.setPlainText("of the first project")
    project.clear()
    leave(dock.details.note)
    assert project.read(str(tmp_path / "one.qgz"))
    wait()
    assert names(dock) == ["Now"] and scenarios.scenario_of(project, "Now").note == ""
    assert dock.list.count() == 1
    project.clear()
    wait()
    assert names(dock) == []
    base(project)
    make(dock, "Other")
    wait()
    project.mapThemeCollection().removeMapTheme("Other")  # a collection that is not the one of the first project
    wait()
    dock.show_button.click()
    assert "is gone" in dock.message.text()


def test_a_plan_design_is_ticked_and_switched(dock, project):
    plan, result = base(project, "plan", "loaddesign"), base(project, "depth", "flood")
    make(dock, "Square")
    assert dock.design.isEnabled() and dock.design.isChecked()
    dock.design.click()
    node = project.layerTreeRoot().findLayer(plan)
    assert not node.isVisible() and project.layerTreeRoot().findLayer(result).isVisible()
    wait()
    assert not dock.design.isChecked()
    dock.design.click()
    assert node.isVisible()
    items = [dock.details.layers.item(row) for row in range(2)]
    next(item for item in items if item.text() == "plan").setCheckState(Qt.CheckState.Unchecked)
    wait()
    assert scenarios.scenario_of(project, "Square").designs == () and not dock.design.isEnabled()


def test_layers_are_added_and_taken_out(dock, project, tree):
    make(dock, "Square")
    layer = base(project, "later")
    dock.details.add_button.click()
    assert dock.message.text() == "No layers are selected. Select some in the panel Layers."
    tree.setCurrentLayer(layer)
    dock.details.add_button.click()
    assert scenarios.scenario_of(project, "Square").layers == (layer.id(),)
    assert project.layerTreeRoot().findLayer(layer).parent().name() == "Square"
    assert not dock.details.remove_button.isEnabled()
    dock.details.layers.item(0).setSelected(True)
    dock.details.remove_button.click()
    assert scenarios.scenario_of(project, "Square").layers == () and project.mapLayer(layer.id()) is layer
    assert dock.details.layers.count() == 0


def test_a_removed_scenario_comes_back_by_a_click(dock, project):
    base(project, "depth", "flood")
    scenario = make(dock, "A <b>")
    dock.remove_button.click()
    assert names(dock) == [] and "A &lt;b&gt; is removed" in dock.message.text()
    dock.message.linkActivated.emit("undo")
    assert names(dock) == ["A <b>"] and scenarios.scenarios_of(project) == [scenario]
    assert dock.message.text() == ""


def test_two_are_compared(dock, project, tmp_path, monkeypatch, make_depth):
    opened, asked = [], []
    monkeypatch.setattr(docks, "open_dialog", lambda *given: opened.append(given))
    dock.compare_wanted.connect(lambda *given: asked.append(given))
    layers = {}
    for name in ("Now", "Plan"):
        for other in layers.values():
            project.layerTreeRoot().findLayer(other).setItemVisibilityChecked(False)
        layers[name], _ = make_depth(tmp_path / f"{name}.tif")
        project.addMapLayer(layers[name])
        make(dock, name)
    make(dock, "Empty")
    dock.choose("Now")
    dock.other.setCurrentIndex(dock.other.findData("Plan"))
    assert dock.other.findData("Now") < 0
    dock.difference.click()
    assert opened == [(docks.DIFFERENCE, {"before": layers["Now"].id(), "after": layers["Plan"].id()})]
    dock.beside.click()
    assert asked == [("Now", "Plan")]
    dock.choose("Plan")
    assert dock.other.findData("Now") >= 0
    project.removeMapLayer(layers["Now"].id())
    dock.other.setCurrentIndex(dock.other.findData("Now"))
    dock.difference.click()
    assert dock.message.text().startswith("Scenario Now has no map of the largest water depth.") and len(opened) == 1
