"""Everything of one area in one go, from services on this machine that play the national ones."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from processing_algorithms.loadarea import LoadArea

AREA = "112400,112600,460400,460600 [EPSG:28992]"
PRODUCTS = "buildings3d,bgt,terrain"


pytestmark = pytest.mark.usefixtures("own_cache")


def load(context, target, feedback=None, **more):
    parameters = {"extent": AREA, "products": PRODUCTS, "geopackage": str(target), **more}
    algorithm = LoadArea().create()
    feedback = feedback or QgsProcessingFeedback()
    result, ok = algorithm.run(parameters, context, feedback, {}, False)
    return result


def without_ahn(folder):
    """Let the catalogue lead to a port where nobody answers."""
    rows = json.loads((folder / "own.json").read_text())
    closed = [{**row, "url": "http://127.0.0.1:9/wcs"} if row["id"] == "ahn-wcs" else row for row in rows]
    (folder / "own.json").write_text(json.dumps(closed))


def tables(path):
    with sqlite3.connect(path) as database:
        rows = database.execute("select table_name from gpkg_contents").fetchall()
    return {name: count(path, name) for (name,) in rows}


def count(path, table):
    with sqlite3.connect(path) as database:
        return database.execute(f'select count(*) from "{table}"').fetchone()[0]


def log(path):
    layer = QgsVectorLayer(f"{path}|layername=log", "log", "ogr")
    return {f["product"]: {name: f[name] for name in layer.fields().names()} for f in layer.getFeatures()}


def test_one_geopackage_styled_with_a_log(services, context, tmp_path):
    target = tmp_path / "area.gpkg"
    result = load(context, target)
    assert (result["loaded"], result["failed"]) == (3, 0)
    found = tables(target)
    assert found["buildings3d_surfaces"] > 20 and found["bgt_bgt"] > 50 and found["log"] == 3
    roofs = QgsVectorLayer(result["buildings3d_surfaces"], "roofs", "ogr")
    assert roofs.crs().authid() == "EPSG:7415" and roofs.renderer().type() == "RuleRenderer"
    with sqlite3.connect(target) as database:
        (style,) = database.execute(
            "select styleQML from layer_styles where f_table_name='buildings3d_surfaces'"
        ).fetchone()
    assert "<renderer-3d" in style  # roofs and walls stand in 3D
    assert any("CC BY 4.0" in text for text in roofs.metadata().rights())
    terrain = QgsRasterLayer(result["terrain"], "terrain")
    assert terrain.isValid() and terrain.crs().authid() == "EPSG:28992" and terrain.width() == 400
    row = log(target)["Buildings in 3D"]
    assert row["status"] == "loaded" and row["objects"] > 0 and row["licence"] == "CC BY 4.0"
    assert not (tmp_path / "area_files" / ".loading").exists()


def test_one_failing_source_stops_nobody_and_only_it_is_asked_again(services, context, tmp_path):
    target = tmp_path / "area.gpkg"
    without_ahn(tmp_path)
    feedback = QgsProcessingFeedback(False)
    result = load(context, target, feedback)
    assert (result["loaded"], result["failed"]) == (2, 1) and "terrain" not in result
    assert log(target)["Terrain (AHN, 0.5 m)"]["status"] == "failed"
    services.write_catalogue(tmp_path / "own.json")
    asked = len(services.states["3dbag"].asked)
    again = load(context, target)
    assert (again["loaded"], again["failed"]) == (3, 0) and QgsRasterLayer(again["terrain"], "t").isValid()
    assert len(services.states["3dbag"].asked) == asked
    assert log(target)["Buildings in 3D"]["status"] == "loaded before"


def test_when_all_fail_nothing_is_written_and_the_reasons_are_told(services, context, tmp_path):
    without_ahn(tmp_path)
    with pytest.raises(QgsProcessingException, match="Nothing could be loaded:\n.*Terrain"):
        load(context, tmp_path / "area.gpkg", products="terrain")
    assert not (tmp_path / "area.gpkg").exists()


def test_what_the_network_gave_is_there_without_it(services, context, tmp_path):
    load(context, tmp_path / "one.gpkg", products="buildings3d")
    for state in services.states.values():
        state.faults += [(503, {"Retry-After": "0"})] * 20
    result = load(context, tmp_path / "two.gpkg", products="buildings3d", offline=True)
    assert result["loaded"] == 1
    assert "from the cache, at most 1 hour old;" in log(tmp_path / "two.gpkg")["Buildings in 3D"]["warnings"]
    assert (
        tables(tmp_path / "one.gpkg")["buildings3d_surfaces"] == tables(tmp_path / "two.gpkg")["buildings3d_surfaces"]
    )


def test_stopping_keeps_what_is_ready(services, context, tmp_path):
    feedback = QgsProcessingFeedback()

    class Stopping(QgsProcessingFeedback):
        def on_source(self, name, status, fraction, message):
            if status == "done":
                self.cancel()

    feedback = Stopping()
    begin = time.monotonic()
    with pytest.raises(QgsProcessingException, match="Stopped by the user; 1 source is ready"):
        load(context, tmp_path / "area.gpkg", feedback, workers=1)
    assert time.monotonic() - begin < 30 and not (tmp_path / "area.gpkg").exists()
    assert [p.name for p in (tmp_path / "area_files" / ".loading").iterdir()] == ["buildings3d"]
    result = load(context, tmp_path / "area.gpkg")
    assert (result["loaded"], result["failed"]) == (3, 0)


KILLED = """
import sys
sys.path.insert(0, ".")
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback
app = QgsApplication([], False); app.initQgis()
from processing_algorithms.loadarea import LoadArea
class Feedback(QgsProcessingFeedback):
    def on_source(self, name, status, fraction, message):
        if status == "done":
            import os
            os._exit(9)
LoadArea().create().run({"extent": sys.argv[1], "products": sys.argv[2], "geopackage": sys.argv[3], "workers": 1},
                        QgsProcessingContext(), Feedback(), {}, False)
"""


def test_a_load_that_is_killed_and_started_again_ends_with_the_same_layers(services, context, tmp_path, root):
    whole = load(context, tmp_path / "whole.gpkg")
    target = tmp_path / "area.gpkg"
    command = [sys.executable, "-c", KILLED, AREA, PRODUCTS, str(target)]
    variables = {**os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile")}
    assert subprocess.run(command, cwd=root, env=variables, timeout=120, capture_output=True).returncode == 9
    assert not target.exists()
    again = load(context, target)
    assert tables(target) == tables(tmp_path / "whole.gpkg") and set(again) == set(whole)
    assert log(target)["Buildings in 3D"]["status"] == "loaded before"


@pytest.fixture
def project(qgis_app):
    """The project of QGIS, in RD and empty."""
    project = QgsProject.instance()
    project.clear()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    yield project
    project.clear()


def load_into(project, target, **more):
    """Load as the panel and the toolbox do: what is loaded is added when the run has ended."""
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import QgsProcessingContext

    context = QgsProcessingContext()
    context.setProject(project)
    feedback = QgsProcessingFeedback()
    load(context, target, feedback, **more)
    handleAlgorithmResults(LoadArea().create(), context, feedback, {})


def groups(project):
    return sorted(group.name() for group in project.layerTreeRoot().findGroups(True))


def test_each_file_has_a_group_of_its_own_called_by_its_area(services, tmp_path, project):
    load_into(project, tmp_path / "one.gpkg", products="terrain")
    load_into(project, tmp_path / "two.gpkg", products="terrain")
    load_into(project, tmp_path / "three.gpkg", products="terrain", extent=None, municipality="Waterdam")
    place = "RD 112500, 460500 – 200 x 200 m"
    assert groups(project) == [place, f"{place} (two)", "Waterdam"]
    sizes = {group.name(): len(group.children()) for group in project.layerTreeRoot().findGroups()}
    assert set(sizes.values()) == {len(project.mapLayers()) // 3}
    load_into(project, tmp_path / "two.gpkg", products="terrain")  # the same again stays where it is
    assert groups(project) == [place, f"{place} (two)", "Waterdam"]
    assert {group.name(): len(group.children()) for group in project.layerTreeRoot().findGroups()} == sizes


def test_another_area_in_the_same_file_renames_its_group_and_none_of_the_user(services, tmp_path, project):
    load_into(project, tmp_path / "one.gpkg", products="terrain")
    load_into(project, tmp_path / "one.gpkg", products="terrain", extent="112400,112500,460400,460500 [EPSG:28992]")
    assert groups(project) == ["RD 112450, 460450 – 100 x 100 m"]
    project.layerTreeRoot().findGroups()[0].setName("Mine")
    load_into(project, tmp_path / "one.gpkg", products="terrain,bgt")
    assert groups(project) == ["Mine"]


def test_a_second_load_replaces_layers_and_keeps_their_style(services, tmp_path, project):
    from qgis.core import QgsFillSymbol, QgsSingleSymbolRenderer

    def load_into_project():
        load_into(project, tmp_path / "area.gpkg")

    load_into_project()
    first = {layer.name(): layer.id() for layer in project.mapLayers().values()}
    group = project.layerTreeRoot().children()[0]
    assert group.name().startswith("RD 112500, 460500") and "Terrain (AHN, 0.5 m)" in first
    outlines = next(layer for layer in project.mapLayers().values() if "Footprints" in layer.name())
    outlines.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple({"color": "#ff0000"})))
    load_into_project()
    second = {layer.name(): layer.id() for layer in project.mapLayers().values()}
    assert sorted(second) == sorted(first) and not set(first.values()) & set(second.values())
    assert len(project.layerTreeRoot().children()) == 1
    outlines = next(layer for layer in project.mapLayers().values() if "Footprints" in layer.name())
    assert outlines.renderer().symbol().color().name() == "#ff0000"


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"products": "nothing"}, "nothing to load with the name nothing"),
        ({"extent": "0,300000,300000,600000 [EPSG:28992]"}, "at most 400 km2"),
        ({"extent": None}, "area"),
        ({"geopackage": "area.shp"}, "expected a name that ends in .gpkg"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(services, context, tmp_path, parameters, sentence):
    with pytest.raises(QgsProcessingException, match=sentence):
        load(context, tmp_path / "area.gpkg", **parameters)


def asked(services):
    return sum(len(state.asked) for state in services.states.values())


def refusals(context, target, **more):
    """The sentence before a run and that of the run, which are the same."""
    parameters = {"extent": AREA, "products": PRODUCTS, "geopackage": str(target), **more}
    algorithm = LoadArea().create()
    well, sentence = algorithm.checkParameterValues(parameters, context)
    assert not well
    with pytest.raises(QgsProcessingException) as error:
        load(context, target, **more)
    return sentence, str(error.value)


@pytest.mark.parametrize("way", ["file in place of a folder", "read-only", "locked", "files", "no folder", "folder"])
def test_a_file_that_cannot_be_written_is_named_before_a_service_is_asked(
    services, context, tmp_path, monkeypatch, way
):
    target = tmp_path / "area.gpkg"
    if way == "file in place of a folder":
        (tmp_path / "a").write_text("x")
        target = tmp_path / "a" / "area.gpkg"
    elif way == "read-only":
        target.write_bytes(b"")
        access = os.access  # root may write what is read-only
        monkeypatch.setattr(os, "access", lambda path, mode: str(path) != str(target) and access(path, mode))
    elif way == "locked":
        other = sqlite3.connect(target)
        other.execute("create table a (b)")
        other.execute("begin immediate")
    elif way == "files":
        (tmp_path / "area_files").write_text("x")
    elif way == "no folder":
        target = Path("/proc/nobody/area.gpkg")
    else:
        target.mkdir()
    before, during = refusals(context, target)
    assert str(target) in before and str(target) in during and "cannot be written: " in before
    assert not asked(services)


def test_a_folder_that_is_not_there_is_made_and_left_away_when_nothing_is_loaded(services, context, tmp_path):
    target = tmp_path / "new" / "deep" / "area"  # and a name without a suffix gets one
    well, sentence = (
        LoadArea()
        .create()
        .checkParameterValues({"extent": AREA, "products": "terrain", "geopackage": str(target)}, context)
    )
    assert well, sentence
    assert not (tmp_path / "new").exists()
    result = load(context, target, products="terrain")
    assert result["geopackage"] == str(target) + ".gpkg" and tables(result["geopackage"])["log"] == 1


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"municipality": " "}, "The field Municipality is empty. Give a name, or a code such as GM0503."),
        ({"address": ""}, "The field Address is empty. Write street, number and place"),
        ({"bag_ids": " , ,"}, "The field BAG ids is empty. Give ids of 16 digits"),
        ({"municipality": "", "address": "", "bag_ids": ""}, "No area is given."),
        ({"municipality": "Delft", "address": "Dam 1"}, "in more than one way (Municipality, Address)"),
    ],
)
def test_an_area_that_is_not_filled_in_is_told_by_its_field(services, context, tmp_path, parameters, sentence):
    for text in refusals(context, tmp_path / "area.gpkg", extent=None, **parameters):
        assert sentence in text
    assert not asked(services)


def test_every_layer_is_a_declared_output(context):
    algorithm = LoadArea().create()
    names = {output.name() for output in algorithm.outputDefinitions()}
    assert {"buildings3d_surfaces", "buildings3d_footprints", "terrain", "log", "quality", "loaded"} <= names
    assert json.dumps(sorted(names))


def test_every_product_has_a_loader_that_takes_its_parameters():
    from dtwin_plugin.catalogue.products import products
    from processing_algorithms.loaders import LOADERS

    for item in products().values():
        loader = LOADERS[item.loader]
        names = {field.name for field in loader.inputs}
        by_area = "extent" in names or all(field.kind == "layer" for field in loader.outputs)
        assert by_area and set(item.parameters) <= names, item.id


def test_points_of_a_load_are_judged_for_their_cover(services, context, tmp_path):
    target = tmp_path / "area.gpkg"
    result = load(context, target, products="points,bgt")
    assert (result["loaded"], result["failed"]) == (2, 0)
    layer = QgsVectorLayer(result["quality_summary"], "summary", "ogr")
    rows = {feature["layer"]: feature for feature in layer.getFeatures()}
    assert rows["points/points"]["objects"] == log(target)["Point cloud (AHN)"]["objects"] > 30_000
    assert 95 < rows["points/points"]["covered"] <= 100
