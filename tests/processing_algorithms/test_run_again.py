"""A run made again from its record is the same bytes, or says what has changed."""

import hashlib
import json
from pathlib import Path

import pytest
from qgis.core import (
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent

AREA = "84900,84980,447500,447560 [EPSG:28992]"


def run(provider, context, name, **parameters):
    feedback = QgsProcessingFeedback(False)
    result, ok = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
    assert ok
    return result, feedback.textLog()


@pytest.fixture
def first(provider, context, tmp_path):
    """Make a run of a model with all the results that are named, and its record."""

    def make(name, to, **parameters):
        folder = tmp_path / "first"
        folder.mkdir(exist_ok=True)
        places = {key: str(folder / file) for key, file in to.items()}
        run(provider, context, name, record=str(folder / "run.json"), **places, **parameters)
        return folder / "run.json"

    return make


@pytest.fixture
def again(provider, context, tmp_path):
    def make(record, **parameters):
        result, log = run(
            provider, context, "runagain", record=str(record), results=str(tmp_path / "second"),
            comparison=str(tmp_path / "c.json"), **parameters,
        )  # fmt: skip
        return result, json.loads((tmp_path / "c.json").read_text()), log

    return make


def roof(x, y, size, low, high):
    corners = [(x, y, low), (x + size, y, low), (x + size, y + size, high), (x, y + size, high), (x, y, low)]
    return [[corners]]


@pytest.fixture
def surfaces_file(tmp_path):
    shapes = Geometries.build("polygon", [roof(84_910, 447_510, 8, 3, 6), roof(84_930, 447_520, 6, 2, 2)])
    path = tmp_path / "roofs.gpkg"
    columns = {"id": column(["a", "b"]), "surface": column(["roof", "roof"]), "lod": column(["2.2", "2.2"])}
    write_features(Features(shapes, columns), path, "roofs", Silent())
    return path


# model -> the results that are compared (a grid, features, surfaces, a mesh, a table, a file), its inputs
RUNS = {
    "flood": ({"depth_max": "depth.tif", "mesh": "water.nc", "balance": "balance.gpkg"},
              {"terrain": "terrain", "rain": 60.0, "rain_duration": 0.1, "total_duration": 0.1, "extent": AREA}),
    "checkquality": ({"findings": "findings.gpkg"}, {"surfaces": "surfaces"}),
    "roadnoise": ({"points": "p.gpkg", "grid": "noise.tif", "summary": "n.csv"},
                  {"roads": "roads", "terrain": "terrain", "buildings": "buildings", "grid_spacing": 20.0}),
}  # fmt: skip


@pytest.fixture
def inputs(terrain_file, buildings_file, surfaces_file, tmp_path):
    line = Geometries.build("line", [[[[(84_905, 447_505), (84_975, 447_505)]]]])
    write_features(Features(line, {"daily": column([4000.0])}), tmp_path / "roads.gpkg", "roads", Silent())
    return {"terrain": str(terrain_file), "buildings": str(buildings_file), "surfaces": str(surfaces_file),
            "roads": str(tmp_path / "roads.gpkg")}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_a_run_made_again_is_the_same_bytes(name, first, again, inputs, provider):
    to, given = RUNS[name]
    model = provider.algorithm(name).model
    to = {key: file for key, file in to.items() if key in {item.name for item in model.outputs}}
    known = {item.name for item in model.inputs}
    record = first(name, to, **{key: inputs.get(value, value) for key, value in given.items() if key in known})
    told = json.loads(record.read_text())
    result, comparison, log = again(record)
    assert not comparison["changes"], comparison["changes"]
    assert [row["name"] for row in comparison["results"] if row["equal"] is not True] == [], comparison["results"]
    assert result["same"] and result["different"] == 0
    for key, file in to.items():
        one, two = record.parent / file, Path(result["results"]) / file
        digest = hashlib.sha256(one.read_bytes()).hexdigest()
        assert digest == hashlib.sha256(two.read_bytes()).hexdigest() == told["checksums"][key], key


def test_what_has_changed_is_told_and_can_stop_it(first, again, inputs, terrain_file):
    to, given = RUNS["checkquality"]
    record = first("checkquality", to, surfaces=inputs["surfaces"])
    told = json.loads(record.read_text())
    told["model_version"], told["software"]["qgis"] = "0.0.1", "2.18"
    told["parameters"]["old"] = 3
    record.write_text(json.dumps(told))
    moved = Geometries.build("polygon", [roof(84_910, 447_510, 9, 3, 6)])
    write_features(Features(moved, {"id": column(["a"])}), Path(inputs["surfaces"]), "roofs", Silent())
    result, comparison, log = again(record)
    assert {change["kind"] for change in comparison["changes"]} == {"version", "software", "input", "gone"}
    assert "SHA-256 was" in log and not result["same"]
    with pytest.raises(QgsProcessingException, match="4 things have changed since the run"):
        again(record, strict=True)


def test_the_same_features_are_used_as_were_selected(first, again, inputs, project_layer):
    layer = project_layer(inputs["surfaces"])
    layer.selectByIds([2])
    chosen = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    record = first("checkquality", {"findings": "findings.gpkg"}, surfaces=chosen)
    assert json.loads(record.read_text())["inputs"][0]["part"] == "$id IN (2)"
    assert again(record)[0]["same"]


@pytest.fixture
def project_layer(context, qgis_app):
    from qgis.core import QgsProject

    project = QgsProject()
    context.setProject(project)

    def add(path):
        layer = QgsVectorLayer(path, "roofs", "ogr")
        project.addMapLayer(layer)
        return layer

    yield add
    project.clear()


def test_data_that_moved_are_found_in_the_folder_that_is_given(first, again, inputs, tmp_path):
    record = first("checkquality", {"findings": "findings.gpkg"}, surfaces=inputs["surfaces"])
    (tmp_path / "elsewhere").mkdir()
    Path(inputs["surfaces"]).rename(tmp_path / "elsewhere" / "roofs.gpkg")
    with pytest.raises(QgsProcessingException, match="are gone"):
        again(record)
    assert again(record, inputs=str(tmp_path / "elsewhere"))[0]["same"]


def test_the_first_results_are_never_replaced(first, provider, context, inputs, tmp_path):
    record = first("checkquality", {"findings": "findings.gpkg"}, surfaces=inputs["surfaces"])
    with pytest.raises(QgsProcessingException, match="would be replaced"):
        run(provider, context, "runagain", record=str(record), results=str(record.parent),
            comparison=str(tmp_path / "c.json"))  # fmt: skip


def test_a_record_of_something_else_is_one_sentence(again, tmp_path):
    (tmp_path / "r.json").write_text(json.dumps({"model": "tiles3d", "model_version": "1", "title": "Tiles"}))
    with pytest.raises(QgsProcessingException, match="there is no such model here"):
        again(tmp_path / "r.json")


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("parameters", "extent", [1, 2]), ("parameters", "extent", ["1", "2", "3", "__import__('os')"]),
        ("parameters", "rain", "env('HOME')"), ("parameters", "rain", [60.0]), ("parameters", "rain", True),
        ("outputs", "depth_max", "/a/.."), ("outputs", "depth_max", "a\0.tif"), ("outputs", "depth_max", ""),
    ],
)  # fmt: skip
def test_a_record_that_was_changed_is_not_taken_for_something_else(part, name, value, provider, tmp_path):
    from dtwin_plugin.twin import RunRecord
    from processing_algorithms.record.again_values import parameters_of

    model = provider.algorithm("flood").model
    record = RunRecord("flood", "1", "Flood", parameters={"rain": 60.0}, outputs={"depth_max": "/a/depth.tif"})
    assert parameters_of(record, model, {}, tmp_path)["rain"] == 60.0
    getattr(record, part)[name] = value
    with pytest.raises(InputError, match="it was changed since the run"):
        parameters_of(record, model, {}, tmp_path)


def test_a_password_that_no_record_keeps_is_asked_for(provider, tmp_path):
    from dtwin_plugin.twin import RunRecord
    from processing_algorithms.record.again_values import parameters_of

    record = RunRecord("flood", "1", "Flood", parameters={"rain": "***"})
    with pytest.raises(InputError, match="which no record keeps"):
        parameters_of(record, provider.algorithm("flood").model, {}, tmp_path)


def test_the_layer_tells_its_run_in_terms_of_prov(first, inputs, qgis_app):
    from prov.model import ProvDocument

    record = first("checkquality", {"findings": "findings.gpkg"}, surfaces=inputs["surfaces"], purpose="Trial")
    layer = QgsVectorLayer(str(record.parent / "findings.gpkg"), "f", "ogr")
    (text,) = [link.description for link in layer.metadata().links() if link.type == "PROV-JSON"]
    document = ProvDocument.deserialize(content=text, format="json")
    assert f"dtwin:{json.loads(record.read_text())['id']}" in text and len(document.get_records()) > 5
    assert (record.parent / "run.prov.json").is_file()


def test_rights_of_the_data_are_those_of_the_result(first, inputs, qgis_app):
    layer = QgsVectorLayer(inputs["surfaces"] + "|layername=roofs", "roofs", "ogr")
    metadata = layer.metadata()
    metadata.setLicenses(["CC BY 4.0"])
    layer.setMetadata(metadata)
    from qgis.core import QgsProviderRegistry

    QgsProviderRegistry.instance().saveLayerMetadata("ogr", layer.source(), metadata)
    record = json.loads(first("checkquality", {"findings": "f.gpkg"}, surfaces=inputs["surfaces"]).read_text())
    assert record["rights"] == ["CC BY 4.0"] and record["inputs"][0]["licence"] == "CC BY 4.0"
