"""A model of somebody else from the toolbox: added, refused, trusted, run, removed."""

import json

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer

DESCRIPTION = {
    "format": "dtwin-model", "format_version": 1, "id": "twice", "version": "3", "title": "Twice <b>the</b> terrain",
    "summary": "Doubles <img src='http://example.org/x.png'>.", "owner": "Bureau Voorbeeld", "licence": "CC0-1.0",
    "validity": "Everywhere.",
    "inputs": [{"name": "terrain", "title": "Terrain", "kind": "grid", "unit": "m", "doc": "Heights."}],
    "outputs": [{"name": "twice", "title": "Twice", "kind": "grid", "unit": "m", "doc": "Twice as high."}],
    "engine": {"kind": "command", "command": ["{python}", "{folder}/run.py", "{terrain}", "{twice}"]},
}  # fmt: skip
RUN = """
import sys
from osgeo import gdal
gdal.UseExceptions()
source = gdal.Open(sys.argv[1])
copy = gdal.GetDriverByName("GTiff").CreateCopy(sys.argv[2], source)
copy.GetRasterBand(1).WriteArray(source.ReadAsArray() * 2)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DTWIN_MODELS", str(tmp_path / "models"))
    place = tmp_path / "delivered"
    place.mkdir()
    (place / "model.json").write_text(json.dumps(DESCRIPTION))
    (place / "run.py").write_text(RUN)
    return place


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        feedback = QgsProcessingFeedback(False)
        try:
            result, ok = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
        except QgsProcessingException as error:
            return None, f"{feedback.textLog()}\n{error}"
        assert ok
        return result, feedback.textLog()

    return run_algorithm


@pytest.fixture(autouse=True)
def as_before(provider, monkeypatch):
    yield
    monkeypatch.undo()
    provider.refreshAlgorithms()


def test_a_model_is_added_looked_at_trusted_run_and_removed(run, provider, folder, tmp_path, terrain_file):
    added, told = run("addmodel", folder=str(folder))
    assert added["model"] == "dtwin:twice" and len(added["checksum"]) == 64
    assert "Bureau Voorbeeld" in told and "CC0-1.0" in told and "{folder}/run.py" in told
    provider.refreshAlgorithms()
    assert provider.algorithm("twice").group() == "Models of others"

    result = str(tmp_path / "twice.tif")
    nothing, told = run("twice", terrain=str(terrain_file), twice=result)
    assert nothing is None and "has not been trusted" in told and not (tmp_path / "twice.tif").exists()

    _, told = run("trustmodel", model="dtwin:twice")
    assert added["checksum"] in told  # what it is, and no more than that
    assert run("twice", terrain=str(terrain_file), twice=result)[0] is None
    assert run("trustmodel", model="twice", checksum="0" * 64)[0] is None
    assert run("trustmodel", model="twice", checksum=added["checksum"])[0] == {"title": DESCRIPTION["title"]}

    made, _ = run("twice", terrain=str(terrain_file), twice=result, record=str(tmp_path / "run.json"))
    layer, before = QgsRasterLayer(made["twice"]), QgsRasterLayer(str(terrain_file))
    place = before.extent().center()
    assert layer.dataProvider().sample(place, 1)[0] == pytest.approx(2 * before.dataProvider().sample(place, 1)[0])
    record = json.loads((tmp_path / "run.json").read_text())
    assert (record["model"], record["model_version"]) == ("twice", "3")

    assert run("removemodel", model="twice")[0] is not None
    provider.refreshAlgorithms()
    assert provider.algorithm("twice") is None


def test_texts_of_others_are_no_html_of_ours(run, provider, folder):
    run("addmodel", folder=str(folder))
    provider.refreshAlgorithms()
    text = provider.algorithm("twice").shortHelpString()
    assert "<img" not in text and "&lt;img" in text
    assert "Bureau Voorbeeld" in text and "CC0-1.0" in text


def test_a_description_with_mistakes_is_told_line_by_line(run, folder):
    (folder / "model.json").write_text(json.dumps({**DESCRIPTION, "id": "A", "outputs": []}, indent=1))
    nothing, told = run("addmodel", folder=str(folder))
    assert nothing is None
    assert "DT305 Line 4 of model.json" in told and "at least one output" in told and "was not added" in told


@pytest.mark.parametrize("given", [{}, {"folder": "x", "archive": "y.zip"}])
def test_one_of_folder_and_zip_is_asked_for(run, folder, given):
    nothing, told = run("addmodel", **given)
    assert nothing is None and "Give a zip file or a folder" in told
