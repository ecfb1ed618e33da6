"""Layers that are not for others: the mark stays with the file, what is made of them has it too, exports ask for it."""

import json
from datetime import date

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsProject, QgsVectorLayer

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import finish, privacy
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.twin import RunRecord


@pytest.fixture
def written(qgis_app, tmp_path):
    """A GeoPackage for each level of openness."""

    def write(level, name="a"):
        path = tmp_path / f"{name}.gpkg"
        square = [[[(0, 0, 1), (9, 0, 1), (9, 9, 1), (0, 0, 1)]]]
        features = Features(
            Geometries.build("polygon", [square]), {"water_class": column(["wet"]), "id": column(["a"])}
        )
        write_features(features, path, name, Silent())
        record = RunRecord("loadklic", "1", "KLIC", privacy=level, keep_until="2022-12-16" if level else "")
        finish.finish_vector(path, name, "Kabels", "building_depth", record)
        return path

    return write


@pytest.mark.parametrize("level", ["confidential", "personal", "internal", "open", ""])
def test_the_mark_is_in_the_file_with_and_without_its_style(written, level):
    layer = QgsVectorLayer(str(written(level)), "a", "ogr")
    assert privacy.level_of(layer) == level  # the metadata come with the file
    layer.loadDefaultStyle()
    assert str(layer.customProperty(privacy.PROPERTY, "") or "") == level
    assert privacy.keep_until_of(layer) == ("2022-12-16" if level else "")


def test_exports_leave_out_or_refuse_what_is_not_for_others(written):
    closed, free = (QgsVectorLayer(str(written(level, level)), level, "ogr") for level in ("confidential", "open"))
    progress = Silent()
    privacy.warn_expired([closed, free], progress.warn, date(2022, 12, 16))
    assert not progress.warnings  # the day itself still counts
    assert privacy.public_only([closed, free], progress.warn) == [free]
    assert progress.warnings == ["Kabels is confidential and is left out."]
    privacy.require_public([free])
    with pytest.raises(InputError, match="Kabels is confidential"):
        privacy.require_public([free, closed])


def test_a_word_that_is_no_level_is_taken_for_the_strictest(written):
    layer = QgsVectorLayer(str(written("open")), "a", "ogr")
    layer.setCustomProperty(privacy.PROPERTY, "Geheim")
    assert privacy.level_of(layer) == "confidential"


def run(provider, context, name, **parameters):
    feedback = QgsProcessingFeedback()
    result, ok = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
    return result, feedback.textLog()


def test_a_project_has_confidential_layers_only_if_asked(written, provider, context, tmp_path):
    layers = [str(written("confidential", "closed")), str(written("open", "free"))]
    result, log = run(provider, context, "makeproject", layers=layers, title="T", project=str(tmp_path / "a.qgz"))
    project = QgsProject()
    assert project.read(result["project"]) and len(project.mapLayers()) == 1 and "is left out" in log
    result, log = run(
        provider, context, "makeproject", layers=layers, title="T", confidential=True, project=str(tmp_path / "b.qgz")
    )
    project = QgsProject()
    assert project.read(result["project"]) and len(project.mapLayers()) == 2
    assert "Kabels was to be destroyed after 2022-12-16." in log
    (sheet,) = project.layoutManager().layouts()
    texts = [item.text() for item in sheet.items() if hasattr(item, "text")]
    assert any(text.startswith("Confidential") for text in texts)


def test_a_report_of_confidential_buildings_is_refused(written, provider, context, tmp_path):
    record = tmp_path / "run.json"
    record.write_text(json.dumps({"model": "flood", "outputs": {}, "parameters": {}}))
    with pytest.raises(QgsProcessingException, match="confidential"):
        run(
            provider, context, "report", record=str(record), buildings=str(written("confidential")), title="T",
            report=str(tmp_path / "a.html"),
        )  # fmt: skip


def test_what_is_made_of_a_confidential_layer_is_confidential(written, provider, context, tmp_path):
    run(
        provider, context, "checkquality", surfaces=str(written("confidential")), findings=str(tmp_path / "f.gpkg"),
        record=str(tmp_path / "run.json"),
    )  # fmt: skip
    record = json.loads((tmp_path / "run.json").read_text())
    assert (record["privacy"], record["keep_until"]) == ("confidential", "2022-12-16")
    assert privacy.level_of(QgsVectorLayer(str(tmp_path / "f.gpkg"), "f", "ogr")) == "confidential"
