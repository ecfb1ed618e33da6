"""The panel "Models" with real widgets: found by English and Dutch words, opened, followed, and loaded again."""

import time

import pytest
from qgis.core import Qgis, QgsApplication, QgsSettings, QgsTask
from qgis.gui import QgsGui
from qgis.PyQt.QtCore import QDateTime
from qgis.PyQt.QtWidgets import QMainWindow

from dtwin_plugin.gui import algorithms
from dtwin_plugin.gui.models import dock as docks
from dtwin_plugin.gui.models import runs
from dtwin_plugin.gui.models.jobs import Jobs
from dtwin_plugin.gui.models.listing import listed
from dtwin_plugin.layers import scenarios, settings
from dtwin_plugin.translate import language, set_language
from processing_algorithms.provider import DtwinProvider


class Window:
    """What a panel asks of QGIS's window."""

    def __init__(self):
        self.window, self.said = QMainWindow(), []

    def mainWindow(self):
        return self.window

    def messageBar(self):
        return self

    def pushMessage(self, title, text, level):
        self.said.append(text)


@pytest.fixture(scope="module")
def provider(qgis_app):
    made = DtwinProvider()
    QgsApplication.processingRegistry().addProvider(made)
    yield made
    QgsApplication.processingRegistry().removeProvider(made)


@pytest.fixture
def opened(monkeypatch):
    asked = []
    monkeypatch.setattr(docks, "open_dialog", lambda *given: asked.append(given))
    return asked


@pytest.fixture
def dock(provider, opened, project):
    history = QgsGui.historyProviderRegistry()
    history.clearHistory(Qgis.HistoryProviderBackend.LocalProfile, runs.HISTORY)
    panel = docks.ModelsDock(Window())
    yield panel
    panel.close_for_good()
    panel.deleteLater()
    history.clearHistory(Qgis.HistoryProviderBackend.LocalProfile, runs.HISTORY)


def test_all_algorithms_are_there_by_their_group(dock, provider):
    assert sorted(dock.tree.shown()) == sorted(algorithm.id() for algorithm in provider.algorithms())
    groups = [dock.tree.topLevelItem(place) for place in range(dock.tree.topLevelItemCount())]
    assert len(groups) == len({algorithm.groupId() for algorithm in provider.algorithms()})
    assert all(not group.icon(0).isNull() for group in groups)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("extreme rain", "dtwin:flood"),
        ("RAIN flooding", "dtwin:flood"),
        ("wateroverlast neerslag", "dtwin:flood"),  # as Dutch has it, in an English QGIS
        ("zetting", "dtwin:settlement"),
        ("flooddifference", "dtwin:flooddifference"),
        ("boreholes", "dtwin:settlementsites"),
    ],
)
def test_a_model_is_found_by_its_words(dock, opened, text, identifier):
    dock.search.setText(text)
    assert identifier in dock.tree.shown() and len(dock.tree.shown()) < 30
    assert dock.tree.current().id in dock.tree.shown()  # the first is looked at
    dock.search.clear()
    assert len(dock.tree.shown()) > 50


def test_what_is_not_found_leaves_nothing_to_run(dock, opened):
    dock.search.setText("xyzzy")
    assert dock.tree.shown() == [] and dock.tree.current() is None and not dock.run.isEnabled()
    dock.search.returnPressed.emit()
    assert not opened


def test_a_model_tells_of_itself_and_is_opened(dock, opened):
    dock.tree.choose("dtwin:flooddifference")
    text = dock.text.toPlainText()
    for part in ("Difference between two floods", "Validity: For two runs", "Version: 1.0.0", "Standaarden"):
        assert part in text
    dock.run.click()
    dock.tree.itemActivated.emit(dock.tree.currentItem(), 0)
    assert opened == [("dtwin:flooddifference",)] * 2
    dock.tree.itemActivated.emit(dock.tree.topLevelItem(0), 0)  # a group is no model
    assert len(opened) == 2


def test_a_listing_is_in_the_language_in_use_and_is_escaped(provider):
    before = language()
    set_language("nl")
    try:
        found = listed(provider.algorithm("flood"))
        assert found.title != "Flooding under extreme rain" and found.matches("flooding under")
    finally:
        set_language(before)
    assert "<script" not in type(found)("a", "<script>", "", "", "").page()


class Waiting(QgsTask):
    def __init__(self, text):
        super().__init__(text, QgsTask.Flag.CanCancel)
        self.go = False

    def run(self):
        self.setProgress(40)
        while not self.isCanceled() and not self.go:
            time.sleep(0.01)
        return not self.isCanceled()


def test_what_runs_is_shown_and_stopped(dock, pump):
    ours, other = Waiting("Executing “Flooding under extreme rain”"), Waiting("Rendering")
    for task in (ours, other):
        QgsApplication.taskManager().addTask(task)
    assert pump(lambda: len(dock.jobs) == 1) and not dock._running.isHidden()
    (row,) = dock.jobs._rows.values()
    assert pump(lambda: row.bar.value() == 40)
    late = Jobs()  # a panel that is opened while it runs
    assert len(late) == 1
    late.close_for_good()
    row.button.click()
    assert not row.button.isEnabled() and ours.isCanceled() and not other.isCanceled()
    assert pump(lambda: len(dock.jobs) == 0) and dock._running.isHidden()
    other.go = True
    assert pump(lambda: QgsApplication.taskManager().countActiveTasks() == 0)


def entry(identifier, results=None, **inputs):
    found = {"algorithm_id": identifier, "parameters": {"inputs": inputs}}
    return found if results is None else {**found, "results": results}


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (entry("dtwin:flood", {"depth_max": "/gone.tif"}), runs.DONE),
        (entry("dtwin:flood", {}), runs.FAILED),
        (entry("dtwin:flood"), runs.OPEN),
        (entry("dtwin:flood", 3), runs.OPEN),
    ],
)
def test_a_run_is_done_failed_or_open(provider, found, state):
    assert runs.run_of(QDateTime.currentDateTime(), found).state == state


@pytest.mark.parametrize("found", [None, [], {}, {"algorithm_id": 3}, entry("native:buffer", {"OUTPUT": "x"})])
def test_what_is_no_run_of_ours_is_left_out(provider, found):
    assert runs.run_of(QDateTime.currentDateTime(), found) is None


def test_a_run_of_a_model_that_is_gone_is_still_told(provider):
    run = runs.run_of(QDateTime.currentDateTime(), entry("dtwin:removed", {"depth": "/a.tif", "area": 3.5}))
    assert (run.title, run.files(), run.numbers()) == ("dtwin:removed", {}, {})


def test_results_are_loaded_again_once_and_added_to_a_scenario(
    dock, opened, tmp_path, project, layer_model, make_depth, pump
):
    layer, record = make_depth(tmp_path / "depth.tif")
    record.purpose = "Is <b> dry?"
    record.write(tmp_path / "run.json")
    results = {"depth_max": str(tmp_path / "depth.tif"), "record": str(tmp_path / "run.json"), "flooded_area": 12.5}
    before = dock.history.list.topLevelItemCount()
    QgsGui.historyProviderRegistry().addEntry("processing", entry("dtwin:flood", results, threads=2))
    assert pump(lambda: dock.history.list.topLevelItemCount() > before)
    dock.history.list.setCurrentItem(dock.history.list.topLevelItem(0))
    tip = dock.history.list.currentItem().toolTip(1)
    assert "Is &lt;b&gt; dry?" in tip and "12.50" in tip and "depth.tif" in tip
    dock.history.load_button.click()
    (loaded,) = project.mapLayers().values()
    assert project.layerTreeRoot().findLayer(loaded).parent() is project.layerTreeRoot()
    assert loaded.name() == "Largest water depth" and scenarios.run_of(loaded) == record.id
    assert loaded.renderer().type() == "singlebandpseudocolor"
    dock.history.load_button.click()
    assert len(project.mapLayers()) == 1 and "already" in dock.message.text()
    project.layerTreeRoot().findLayer(loaded).setItemVisibilityChecked(False)
    scenarios.create(project, layer_model, "A")
    dock.history._names.aboutToShow.emit()
    (action,) = dock.history._names.actions()
    action.trigger()
    scenario = scenarios.scenario_of(project, "A")
    assert scenario.layers == (loaded.id(),) and scenario.runs == (record.id,)
    dock.history.again_button.click()
    assert opened == [("dtwin:flood", {"threads": 2})]


def test_results_that_are_gone_cannot_be_loaded(dock, tmp_path, pump):
    before, gone = dock.history.list.topLevelItemCount(), {"depth_max": str(tmp_path / "x.tif")}
    QgsGui.historyProviderRegistry().addEntry("processing", entry("dtwin:flood", gone))
    assert pump(lambda: dock.history.list.topLevelItemCount() > before)
    dock.history.list.setCurrentItem(dock.history.list.topLevelItem(0))
    assert dock.history.list.currentItem().text(2) == "files are gone"
    assert not dock.history.load_button.isEnabled() and dock.history.again_button.isEnabled()


@pytest.mark.parametrize("text", ["[1]", "{", "[" * 5000, ""])
def test_a_record_that_is_none_is_empty(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    run = runs.Run("dtwin:flood", "Flood", QDateTime(), runs.DONE, {}, {"record": str(tmp_path / "run.json")})
    assert run.record() == {}


def test_a_dialog_has_what_is_set_and_stays_beside_the_map(provider, monkeypatch):
    algorithm = provider.algorithm("flood")
    assert algorithms.filled_in(algorithm, {}) == {}
    settings.THREADS.keep(3)
    settings.SCHEDULER.keep("tcp://cluster:8786")
    try:
        assert algorithms.filled_in(algorithm, {"rain": 40}) == {"threads": 3, "rain": 40}
        assert algorithms.filled_in(algorithm, {"threads": 1}) == {"threads": 1}
        assert algorithms.filled_in(provider.algorithm("floodensemble"), {})["cluster"] == "tcp://cluster:8786"
    finally:
        QgsSettings().remove("dtwin")
