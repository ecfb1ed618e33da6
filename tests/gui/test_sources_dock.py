"""The panel as a new user meets it: what is not filled in, where it is saved, numbers in Dutch, own sources."""

import json
from pathlib import Path

import pytest
from qgis.core import QgsProject
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QLocale
from qgis.PyQt.QtWidgets import QMessageBox

from dtwin_plugin import catalogue
from dtwin_plugin.catalogue import own
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.gui.numbers import Metres, shown
from dtwin_plugin.gui.sources import area as areas
from dtwin_plugin.gui.sources.own import OwnSources
from dtwin_plugin.gui.sources.own_form import SourceForm
from dtwin_plugin.gui.sources.target import TargetFile

FILLED = {
    "title": "Trees of Delft", "url": "https://gis.example.nl/wfs", "kind": "wfs", "layers": "app:trees, app:lamps",
    "owner": "Delft", "licence": "CC0 1.0", "access_level": "internal", "theme": "topography",
}  # fmt: skip


@pytest.fixture
def dutch_numbers():
    before = QLocale()
    QLocale.setDefault(QLocale("nl_NL"))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def own_list(tmp_path, monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)
    path = tmp_path / "dtwin" / "catalogue.json"
    catalogue.use_own_list(path)
    yield path
    catalogue.use_own_list(None)


@pytest.fixture
def home(qgis_app, tmp_path):
    QgsProject.instance().setPresetHomePath(str(tmp_path))
    yield tmp_path
    QgsProject.instance().setPresetHomePath("")


@pytest.fixture
def area(qgis_app):
    class Window:
        canvas = QgsMapCanvas()

        def mapCanvas(self):
            return self.canvas

    window = Window()
    yield areas.AreaWidget(window)
    window.canvas.deleteLater()


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (areas.MUNICIPALITY, "The field Municipality is empty. Fill it in"),
        (areas.ADDRESS, "The field Address is empty. Fill it in"),
        (areas.BAG, "The field BAG ids is empty. Fill it in"),
        (areas.RECTANGLE, "No area is drawn yet. Click Draw rectangle"),
        (areas.POLYGON, "No area is drawn yet. Click Draw polygon"),
    ],
)
def test_what_is_not_filled_in_is_named(area, kind, sentence):
    area.kind.setCurrentIndex(kind)
    with pytest.raises(InputError) as error:
        area.parameters()
    assert str(error.value).startswith(sentence)


def test_numbers_have_a_decimal_comma_in_dutch(qgis_app, dutch_numbers):
    radius = Metres(10, 10_000, 250)
    assert radius.text() == "250 m" and shown(1234.56, 1) == "1.234,6"
    radius.lineEdit().setText("250,5 m")
    radius.interpretText()
    assert radius.value() == 250.5 and radius.text() == "250,5 m"


def test_a_name_gets_its_suffix_and_folder_in_sight(home):
    file = TargetFile()
    file.lineEdit().setText("delft")
    file.lineEdit().editingFinished.emit()
    assert file.filePath() == str(home / "delft.gpkg") == file.path_for("a") == file.path_for("b")
    file.setFilePath(str(home / "v1.2"))
    assert file.path_for("a") == str(home / "v1.2.gpkg") == file.filePath()
    file.setFilePath(str(home / "a.GPKG"))
    assert file.path_for("a") == str(home / "a.GPKG")


def test_where_no_name_is_typed_each_load_has_a_file_of_its_own(home):
    file = TargetFile()
    first = file.path_for("Delft")
    assert file.filePath() == first and file.path_for("Delft") == first  # the same again goes on with the same
    Path(first).write_text("x")
    second = file.path_for("Leiden")
    assert second != first and not Path(second).exists() and Path(second).parent == home


def test_a_source_is_described_in_a_form(own_list):
    entry = own.described(FILLED)
    assert (entry.id, entry.layers, entry.attribution) == ("trees-of-delft", ("app:trees", "app:lamps"), "Delft")
    own.put(entry)
    changed = own.described({**FILLED, "title": "All trees", "owner": "The Hague"}, entry)
    assert (changed.id, changed.title, changed.attribution) == ("trees-of-delft", "All trees", "The Hague")
    assert own.described(FILLED).id == "trees-of-delft-2"


@pytest.mark.parametrize("name", ["title", "url", "owner", "licence", "layers"])
def test_what_a_source_needs_is_asked(own_list, name):
    with pytest.raises(InputError, match="is empty"):
        own.described({**FILLED, name: " , " if name == "layers" else " "})
    with pytest.raises(FormatError, match="starts with https"):
        own.described({**FILLED, "url": "c:\\trees.gpkg"})


def test_what_the_form_does_not_show_stays(own_list):
    row = {**own.described(FILLED).as_row(), "notes": "by mail", "title_nl": "Bomen", "crs": "EPSG:28992"}
    own.import_list(json.dumps([row]).encode(), "a.json")
    earlier = catalogue.entry("trees-of-delft")
    form = SourceForm(earlier)
    form.licence.setText("CC BY 4.0")
    form.accept()
    entry = catalogue.entry("trees-of-delft")
    assert (entry.licence, entry.more["notes"], entry.title_in("nl"), entry.crs) == (
        "CC BY 4.0", "by mail", "Bomen", "EPSG:28992"
    )  # fmt: skip


def test_the_form_says_what_is_wrong_and_stays(own_list, qgis_app):
    form = SourceForm()
    form.accept()
    assert form.message.text() == "The field Title is empty. A source needs it." and not own_list.exists()
    assert form.level.currentData() == "internal"  # nothing becomes open by not looking
    form.title.setText("Trees")
    form.url.setText("gis.example.nl")
    form.owner.setText("Delft")
    form.licence.setText("CC0 1.0")
    form.kind.setCurrentIndex(form.kind.findData("3dtiles"))
    assert not form.layers.isEnabled()
    form.accept()
    assert "starts with https://" in form.message.text()
    form.url.setText("https://gis.example.nl/tileset.json")
    form.accept()
    assert form.result() == SourceForm.DialogCode.Accepted and catalogue.entry("trees").kind == "3dtiles"


def test_own_sources_are_listed_and_removed_after_a_question(own_list, qgis_app, monkeypatch):
    own.put(own.described(FILLED))
    heard, answers = [], [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    dialog = OwnSources()
    dialog.changed.connect(lambda: heard.append(True))
    assert dialog.list.topLevelItemCount() == 1 and not dialog.remove.isEnabled()
    dialog.choose("trees-of-delft")
    assert dialog.chosen().title == "Trees of Delft" and dialog.remove.isEnabled()
    dialog.remove.click()
    assert catalogue.entry("trees-of-delft") and not heard
    dialog.remove.click()
    assert heard == [True] and dialog.list.topLevelItemCount() == 0


def test_a_list_that_cannot_be_read_is_a_sentence_in_the_dialog(own_list, qgis_app):
    own_list.parent.mkdir()
    own_list.write_text("{")
    assert "is not JSON" in OwnSources().message.text()


def test_the_size_of_the_cache_is_chosen_in_the_panel(qgis_app, monkeypatch):
    from qgis.PyQt.QtWidgets import QInputDialog

    from dtwin_plugin.gui.sources.dock import SourcesDock
    from dtwin_plugin.layers import network

    before = network.cache_limit() >> 20
    answers = iter([(250, True), (99, False)])
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: next(answers))
    try:
        for _ in range(2):  # the second time it is called off
            SourcesDock._limit_cache(None)
            assert network.cache_limit() == 250 << 20
    finally:
        network.set_cache_limit(before)
