"""Restricted layers: every way in which they are used or handed on."""

import json

import numpy as np
import pytest
from qgis.core import (
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsSettings,
    QgsVectorLayer,
)

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers import access, finish, privacy, settings
from dtwin_plugin.layers.write import write_features, write_table
from dtwin_plugin.progress import Silent
from dtwin_plugin.twin import RunRecord

SECRET = "Zeer-Geheim9"


@pytest.fixture
def written(qgis_app, tmp_path):
    def write(level, name="a", kind="polygon"):
        path = tmp_path / f"{name}.gpkg"
        square = [[[(0, 0, 1), (9, 0, 1), (9, 9, 1), (0, 0, 1)]]]
        columns = {"water_class": column(["wet", "dry"]), "id": column(["a", "b"])}
        if kind == "table":
            write_table({"id": ["a"], "value": [1.0]}, path, name, Silent())
        else:
            write_features(Features(Geometries.build("polygon", [square, square]), columns), path, name, Silent())
        finish.finish_vector(path, name, f"Layer {name}", "", RunRecord("load", "1", "L", privacy=level))
        return path

    return write


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "log" / "access.jsonl"
    monkeypatch.setattr(access, "log_path", lambda: path)
    return lambda: [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(provider, context, name, **parameters):
    feedback = QgsProcessingFeedback(False)
    result, _ = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
    return result, feedback.textLog()


@pytest.fixture
def selected(written, context):
    """A confidential layer of a project, of which only the selection is used."""
    project = QgsProject()
    context.setProject(project)
    layer = QgsVectorLayer(f"{written('confidential')}|layername=a", "a", "ogr")
    project.addMapLayer(layer)
    layer.selectByIds([1])
    yield QgsProcessingFeatureSourceDefinition(layer.id(), True)
    project.clear()


def test_a_selection_of_a_confidential_layer_is_confidential(selected, provider, context, tmp_path):
    run(provider, context, "checkquality", surfaces=selected, findings=str(tmp_path / "f.gpkg"),
        record=str(tmp_path / "r.json"))  # fmt: skip
    assert json.loads((tmp_path / "r.json").read_text())["privacy"] == "confidential"
    assert privacy.level_of(QgsVectorLayer(str(tmp_path / "f.gpkg"), "f", "ogr")) == "confidential"


def test_a_selection_of_a_confidential_layer_is_not_exported(selected, provider, context, tmp_path):
    with pytest.raises(QgsProcessingException, match="confidential"):
        run(provider, context, "exporttiles3d", surfaces=selected, tiles=str(tmp_path / "tiles"))


@pytest.mark.parametrize("name", ["buildings", "table"])
def test_a_report_with_a_restricted_layer_or_table_is_refused(written, provider, context, tmp_path, name):
    (tmp_path / "run.json").write_text(json.dumps({"model": "flood", "outputs": {}, "parameters": {}}))
    layer = str(written("personal", kind="table" if name == "table" else "polygon"))
    with pytest.raises(QgsProcessingException, match="personal"):
        run(provider, context, "report", record=str(tmp_path / "run.json"), title="T",
            report=str(tmp_path / "a.html"), **{name: layer})  # fmt: skip
    assert not (tmp_path / "a.html").exists()


def test_an_archive_of_a_confidential_run_is_made_only_if_asked(provider, context, tmp_path):
    RunRecord("m", "1", "M", privacy="confidential").write(tmp_path / "run.json")
    given = {"record": str(tmp_path / "run.json"), "organisation": "G", "package": str(tmp_path / "p.zip")}
    with pytest.raises(QgsProcessingException, match="M is confidential"):
        run(provider, context, "archiverun", **given)
    assert not (tmp_path / "p.zip").exists()
    run(provider, context, "archiverun", confidential=True, **given)
    assert run(provider, context, "checkarchive", package=str(tmp_path / "p.zip"))[0]["valid"]


def test_from_run_to_certificate(written, provider, context, tmp_path):
    run(provider, context, "checkquality", surfaces=str(written("open")), findings=str(tmp_path / "f.gpkg"),
        record=str(tmp_path / "r.json"))  # fmt: skip
    made, _ = run(provider, context, "archivestudy", records=[str(tmp_path / "r.json")], organisation="Gemeente",
                  begun="2010-01-01", package=str(tmp_path / "p.zip"), category="VOORBEELD-3")  # fmt: skip
    assert made["end"] == "2011-01-01"
    listed, _ = run(provider, context, "destructionlist", packages=[made["package"]], list=str(tmp_path / "l.json"))
    assert (listed["due"], listed["kept"]) == (1, 0)
    given = {"list": listed["list"], "approval": listed["approval"], "certificate": str(tmp_path / "c.json")}
    with pytest.raises(QgsProcessingException, match="Nobody has decided"):
        run(provider, context, "destroy", **given)
    form = json.loads((tmp_path / "l.approval.json").read_text())
    today = json.loads((tmp_path / "l.json").read_text())["made"]
    form.update(decision="destroy", name="A", role="archivaris", date=today, ground="VOORBEELD-3")
    (tmp_path / "l.approval.json").write_text(json.dumps(form))
    assert run(provider, context, "destroy", **given)[0]["removed"] == 1 and not (tmp_path / "p.zip").exists()


def test_reading_a_restricted_layer_is_noted_and_an_open_one_is_not(written, provider, context, tmp_path, log):
    for level in ("open", "internal", "personal"):
        run(provider, context, "checkquality", surfaces=str(written(level, level)), purpose=f"Why {level}",
            findings=str(tmp_path / f"{level}-f.gpkg"))  # fmt: skip
    assert [(row["level"], row["how"], row["purpose"]) for row in log()] == [
        ("personal", "checkquality", "Why personal")
    ]


def test_opening_layers_is_noted_and_the_organisation_may_have_internal_ones_noted_too(written, log):
    layers = [
        QgsVectorLayer(str(written(level, level)), level, "ogr") for level in ("open", "internal", "confidential")
    ]
    access.note_layers(layers)
    assert [row["layer"] for row in log()] == ["Layer confidential"]
    settings.ACCESS_LOG.keep(True)
    try:
        access.note_layers(layers)
    finally:
        settings.ACCESS_LOG.keep(False)
    assert [row["layer"] for row in log()[1:]] == ["Layer internal", "Layer confidential"]


def test_data_of_persons_are_published_as_groups_that_are_large_enough(qgis_app, provider, context, tmp_path):
    rng = np.random.default_rng(1)
    points = [*((float(x), float(y)) for x, y in rng.uniform(1, 9, (12, 2))), (15.0, 5.0), (16.0, 5.0)]
    shapes = Geometries.build("point", [[[[point]]] for point in points])
    write_features(Features(shapes, {"energy": column([100.0] * 14)}), tmp_path / "p.gpkg", "p", Silent())
    finish.finish_vector(tmp_path / "p.gpkg", "p", "P", "", RunRecord("l", "1", "L", privacy="personal"))

    def square(x):
        return [[[(x, 0), (x + 10, 0), (x + 10, 10), (x, 10), (x, 0)]]]

    areas = Features(
        Geometries.build("polygon", [square(0), square(10), square(20)]), {"name": column(["a", "b", "c"])}
    )
    write_features(areas, tmp_path / "a.gpkg", "a", Silent())
    result, _ = run(provider, context, "aggregate", objects=str(tmp_path / "p.gpkg"), areas=str(tmp_path / "a.gpkg"),
                    field="energy", figures=str(tmp_path / "f.gpkg"))  # fmt: skip
    layer = QgsVectorLayer(result["figures"], "f", "ogr")
    rows = {row["name"]: [None if row[n] in (None,) or str(row[n]) == "NULL" else row[n]
                          for n in ("count", "mean", "total")] for row in layer.getFeatures()}  # fmt: skip
    assert rows == {"a": [12.0, 100.0, 1200.0], "b": [None] * 3, "c": [0.0, None, 0.0]}
    assert result["suppressed"] == 1 and privacy.is_public(privacy.level_of(layer))


def test_confidential_data_are_not_aggregated(written, provider, context, tmp_path):
    with pytest.raises(QgsProcessingException, match="does not hide where it lies"):
        run(provider, context, "aggregate", objects=str(written("confidential")), areas=str(written("open", "b")),
            figures=str(tmp_path / "f.gpkg"))  # fmt: skip


def test_no_password_is_handed_on_by_a_project_a_record_or_settings(written, provider, context, tmp_path):
    address = f"type=xyz&url=https://localhost:1/%7Bz%7D?apikey%3D{SECRET}&zmax=1"
    layer = QgsRasterLayer(address, "tiles", "wms")
    with pytest.raises(InputError, match="holds a password or a key"):
        privacy.require_no_secrets([layer])
    run(provider, context, "checkquality", surfaces=str(written("open")), findings=str(tmp_path / "f.gpkg"),
        record=str(tmp_path / "r.json"), purpose=f"https://a.nl?apikey={SECRET}")  # fmt: skip
    run(provider, context, "makeproject", layers=[str(tmp_path / "f.gpkg")], title="T", project=str(tmp_path / "p.qgs"))
    for path in (tmp_path / "r.json", tmp_path / "r.prov.json", tmp_path / "f.gpkg", tmp_path / "p.qgs"):
        assert SECRET.encode() not in path.read_bytes(), path.name
    kept = QgsSettings()
    assert not [key for key in kept.allKeys() if SECRET in str(kept.value(key))]
