"""Projects, pictures, reports and descriptions."""

import json
import shutil
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsProcessingUtils, QgsProject
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.layers.styles_water import WATER_DEPTH


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
        return result

    return run_algorithm


@pytest.fixture
def flooded(run, tmp_path, terrain_file, buildings_file):
    """The files of a flood run."""
    return run(
        "flood", terrain=str(terrain_file), buildings=str(buildings_file), rain=70, after=0.25, purpose="a <test>",
        depth_max=str(tmp_path / "max.tif"), depth=str(tmp_path / "depth.tif"),
        building_depth=str(tmp_path / "houses.gpkg"), record=str(tmp_path / "run.json"),
    )  # fmt: skip


@pytest.fixture
def project(run, flooded, terrain_file, tmp_path):
    return run(
        "makeproject",
        layers=[flooded["building_depth"], flooded["depth_max"], flooded["depth"]],
        terrain=str(terrain_file),
        title="A valley",
        project=str(tmp_path / "valley.qgz"),
        picture=str(tmp_path / "map.png"),
    )


def colours(path):
    image = QImage(str(path))
    assert not image.isNull()
    steps = range(0, image.width(), 7), range(0, image.height(), 7)
    return {image.pixelColor(x, y).name() for x in steps[0] for y in steps[1]}


def test_a_project_opens_styled_in_rd_with_terrain_and_time(project):
    opened = QgsProject()
    assert opened.read(project["project"])
    assert opened.crs().authid() == "EPSG:28992" and opened.title() == "A valley"
    layers = {layer.name(): layer for layer in opened.mapLayers().values()}
    renderers = {layer.renderer().type() for layer in layers.values()}
    assert {"categorizedSymbol", "singlebandpseudocolor"} <= renderers
    assert opened.elevationProperties().terrainProvider().type() == "raster"
    assert sum(layer.temporalProperties().isActive() for layer in layers.values()) == 1
    assert not opened.timeSettings().temporalRange().isInfinite()
    assert [layout.name() for layout in opened.layoutManager().printLayouts()] == ["Map sheet"]
    opened.clear()


def test_a_project_can_show_a_part(run, flooded, tmp_path):
    path = str(tmp_path / "part.qgz")
    run("makeproject", layers=[flooded["depth_max"]], extent="84910,84930,447500,447520 [EPSG:28992]", project=path)
    opened = QgsProject()
    assert opened.read(path)
    shown = opened.viewSettings().defaultViewExtent()
    assert (shown.xMinimum(), shown.yMaximum()) == (84910, 447520)
    sheet = opened.layoutManager().printLayouts()[0].referenceMap().extent()
    assert sheet.width() < 40 and sheet.contains(shown)  # the part with a margin, in the shape of the sheet
    opened.clear()


def test_paths_in_a_project_are_relative(project):
    import zipfile

    with zipfile.ZipFile(project["project"]) as archive:
        text = archive.read(next(n for n in archive.namelist() if n.endswith(".qgs"))).decode()
    assert "./max.tif" in text and "/max.tif" not in text.replace("./max.tif", "")


def test_the_map_picture_shows_water_and_buildings(project):
    found = colours(project["picture"])
    assert found & {"#" + step.colour[3:] for step in WATER_DEPTH[2:]}  # depths of the style
    assert found & {"#a50026", "#f46d43", "#fee08b", "#d9d4c8"}  # classes at buildings


def test_a_report_is_one_safe_page_with_its_figures(run, flooded, project, tmp_path):
    result = run(
        "report", record=flooded["record"], buildings=flooded["building_depth"], map=project["picture"],
        report=str(tmp_path / "report.html"),
    )  # fmt: skip
    page = open(result["report"], encoding="utf-8").read()
    assert "70 mm / 1 h" in page and "data:image/png;base64," in page
    assert "a &lt;test&gt;" in page and "<test>" not in page
    assert json.load(open(flooded["record"]))["id"] in page


def clash_record(folder, **more):
    """A record as a clash test writes it."""
    outputs = {"clash": 2, "too_close": 3, "uncertain": 4, "free": 1, "summary": "conflicts.csv"}
    record = {
        "model": "clash", "model_version": "1.0.0", "title": "Test", "purpose": "", "parameters": {"kind": "tree"},
        "inputs": [], "outputs": outputs, "software": {}, "warnings": [], "id": "run-1", "started": "", "ended": "",
    }  # fmt: skip
    path = folder / "clash.json"
    path.write_text(json.dumps({**record, **more}))
    return str(path)


def test_a_report_of_another_model_has_its_numbers_and_a_table(run, tmp_path):
    (tmp_path / "conflicts.csv").write_text("theme,clash\nwater,2\n<gas>,0\n")
    result = run(
        "report", record=clash_record(tmp_path), table=str(tmp_path / "conflicts.csv"),
        report=str(tmp_path / "report.html"),
    )  # fmt: skip
    page = open(result["report"], encoding="utf-8").read()
    assert "<h1>Test what is planned against what is in the ground</h1>" in page
    assert "<b>2</b>Clashing objects" in page and "<b>1</b>Free objects" in page
    assert '<td>water</td><td class="n">2</td>' in page and "&lt;gas&gt;" in page and "<gas>" not in page
    assert "Confidential" not in page


def test_a_report_of_what_may_not_be_handed_on_is_asked_for(run, tmp_path):
    record, report = clash_record(tmp_path, privacy="confidential"), str(tmp_path / "report.html")
    with pytest.raises(QgsProcessingException, match="is confidential, and may not be in what others get"):
        run("report", record=record, report=report)
    run("report", record=record, report=report, confidential=True)
    assert "Confidential: not for others" in open(report, encoding="utf-8").read()


def test_a_report_of_something_else_is_one_sentence(run, tmp_path):
    (tmp_path / "x.json").write_text("[1]")
    with pytest.raises(QgsProcessingException, match="x.json is not a run record"):
        run("report", record=str(tmp_path / "x.json"), report=str(tmp_path / "r.html"))
    assert not (tmp_path / "r.html").exists()


def test_describe_tells_what_was_delivered(run, tmp_path, terrain_file):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.city.json").write_text("")
    terrain_file.rename(tmp_path / "in" / "terrain.tif")
    result = run("describe", files=[str(tmp_path / "in")], table=str(tmp_path / "facts.json"))
    assert (result["loaded"], result["refused"]) == (1, 1)
    rows = {row["file"].rsplit("/")[-1]: row for row in json.load(open(result["table"]))}
    assert "is empty" in rows["empty.city.json"]["message"]


def test_a_3d_picture_without_a_display_is_one_sentence(run, project, tmp_path):
    import os

    if os.environ.get("QT_QPA_PLATFORM") != "offscreen":
        pytest.skip("has a display here")
    with pytest.raises(QgsProcessingException, match="needs a display with OpenGL"):
        run("picture3d", project=project["project"], picture=str(tmp_path / "v.png"))


@pytest.mark.gl
def test_a_3d_picture_shows_terrain_and_water(run, project, tmp_path):
    result = run("picture3d", project=project["project"], picture=str(tmp_path / "v.png"), width=800, height=450)
    found = colours(result["picture"])
    sky = "#dbe9f4"
    assert sky in found and len(found) > 50  # shaded ground and steps of blue, not one flat colour


def test_a_temporary_layer_in_a_project_is_warned_of(provider, context, terrain_file, tmp_path):
    folder = Path(QgsProcessingUtils.tempFolder()) / "made"
    folder.mkdir(exist_ok=True)
    temporary = shutil.copy(terrain_file, folder / "gone.tif")
    for layer, warned in ((temporary, True), (terrain_file, False)):
        feedback = QgsProcessingFeedback()
        parameters = {"layers": [str(layer)], "project": str(tmp_path / f"{warned}.qgz")}
        provider.algorithm("makeproject").create().run(parameters, context, feedback, {}, False)
        assert ("gone is a temporary file" in feedback.textLog()) == warned
