"""KLIC deliveries as a person loads them: layers in official colours, tubes in space, marked as confidential."""

import json
from collections import Counter

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer
from qgis.PyQt.QtGui import QImage

from dtwin_plugin.data import Grid
from dtwin_plugin.layers import privacy, styles3d
from dtwin_plugin.layers.styles_klic import THEMES
from dtwin_plugin.sources.raster_write import write_cog

WESSEM, UTRECHT = "Levering_22O000518_1_contacten_geschoond.zip", "Levering_22G0027001_1.zip"
OUTPUTS = (
    "cables", "tubes", "points", "areas", "drawing", "precautions", "request", "sleeves", "attachments",
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(provider, shared, tmp_path_factory):
    """Wessem over a plane of 25 m NAP that rises 1 cm a metre to the east."""
    from qgis.core import QgsProcessingContext

    styles3d.initialise()
    folder = tmp_path_factory.mktemp("klic")
    columns = np.arange(250)
    write_cog(Grid(np.tile(25 + 0.01 * (columns + 0.5), (250, 1)), 189_320, 352_500, 1.0, unit="m"), folder / "g.tif")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    parameters = {
        "file": str(shared / "klic" / WESSEM), "terrain": str(folder / "g.tif"), "record": str(folder / "run.json"),
        **{name: str(folder / f"{name}.gpkg") for name in OUTPUTS},
    }  # fmt: skip
    result, ok = provider.algorithm("loadklic").create().run(parameters, context, feedback, {}, False)
    assert ok
    yield result, feedback.textLog()
    context.temporaryLayerStore().removeAllMapLayers()


def layer(loaded, name):
    found = QgsVectorLayer(loaded[0][name], name, "ogr")
    found.loadDefaultStyle()
    return found


def test_lines_are_in_space_a_row_for_each_stretch_of_one_source(loaded):
    result, _ = loaded
    assert (result["count"], result["without"]) == (436, 0)
    cables = layer(loaded, "cables")
    rows = list(cables.getFeatures())
    assert len({row["id"] for row in rows}) == 436 and cables.crs().authid() == "EPSG:7415"
    assert Counter(row["z_source"] for row in rows).keys() == {"standard", "assumed", "surface"}
    stretches = Counter(row["id"] for row in rows)
    for row in rows:
        assert row["z_uncertainty"] >= 0.3 and row["xy_uncertainty"] in (0.3, 0.5, 1.0)
        radius = (row["diameter"] or 0) / 2000
        for vertex in row.geometry().vertices():
            # a plane is interpolated exactly, and the ground is stored as float32
            ground = 25 + 0.01 * (vertex.x() - 189_320)
            if row["z_source"] == "standard" and stretches[row["id"]] == 1:  # else an end may be measured
                assert vertex.z() == pytest.approx(ground - row["standard_depth"] - radius, abs=1e-4)


def test_legends_have_the_official_colours_in_groups(loaded):
    cables = layer(loaded, "cables")
    groups = cables.renderer().rootRule().children()
    assert [group.label() for group in groups] == ["Electricity", "Gas", "Sewer", "Water"]
    colours = {rule.label(): rule.symbol().color().name().upper() for group in groups for rule in group.children()}
    assert colours["Low voltage"] == THEMES["laagspanning"].colour == "#960000"
    assert colours["Water"] == "#0000FF" and colours["Gas, low pressure"] == "#FFD750"
    rules = [rule for group in groups for rule in group.children()]
    counts = [sum(1 for _ in cables.getFeatures(rule.filterExpression())) for rule in rules]
    assert sum(counts) == cables.featureCount() and cables.labelsEnabled()


def test_tubes_are_drawn_in_space_only(loaded):
    tubes = layer(loaded, "tubes")
    assert tubes.renderer().type() == "nullSymbol" and tubes.renderer3D().type() == "rulebased"
    assert tubes.featureCount() == layer(loaded, "cables").featureCount()
    drawn = [(row["diameter"], row["drawn"]) for row in tubes.getFeatures()]
    assert all(size == max((mm or 0) / 1000, 0.1) for mm, size in drawn)
    assert any(size > 0.1 for _, size in drawn)


def test_sleeves_are_as_wide_as_the_accuracy_and_half_the_line(loaded):
    sleeves, cables = layer(loaded, "sleeves"), layer(loaded, "cables")
    assert sleeves.featureCount() == 436
    lengths, links = Counter(), {}
    for row in cables.getFeatures():
        lengths[row["id"]] += row.geometry().length()
        links[row["id"]] = row["links"]
    straight = 0
    for row in sleeves.getFeatures():
        assert row["distance"] == pytest.approx(1.0 + max(row["diameter"] or 0, row["width"] or 0) / 2000, abs=6e-4)
        capsule = 2 * row["distance"] * lengths[row["id"]] + links[row["id"]] * np.pi * row["distance"] ** 2
        assert row.geometry().area() < capsule * 1.001
        straight += row.geometry().area() > capsule * 0.985  # of a quarter circle in 6 chords 1.1 % is missing
    assert straight > 100


def test_the_rest_of_the_delivery_is_there(loaded):
    counts = {name: layer(loaded, name).featureCount() for name in OUTPUTS[2:]}
    assert counts == {
        "points": 834, "areas": 4, "drawing": 481, "precautions": 3, "request": 1, "sleeves": 436, "attachments": 2,
    }  # fmt: skip
    (request,) = layer(loaded, "request").getFeatures()
    assert request["request"] == "22O000518" and request["type"] == "Orientatiepolygoon"
    assert {row["precaution"] is not None for row in layer(loaded, "precautions").getFeatures()} == {True}


def test_all_is_marked_confidential_with_a_day_to_destroy_it(loaded):
    result, log = loaded
    assert result["keep_until"] == "2022-04-22"  # delivered on Sunday 27 March 2022, 20 working days
    for name in OUTPUTS:
        found = QgsVectorLayer(result[name], name, "ogr")
        assert (privacy.level_of(found), privacy.keep_until_of(found)) == ("confidential", "2022-04-22"), name
        found.loadDefaultStyle()
        assert found.customProperty("dtwin/privacy") == "confidential", name
    record = json.loads(open(result["record"]).read())
    assert record["privacy"] == "confidential" and "ask for a new one" in log
    assert "estimated depth" in log


def test_without_terrain_lines_stay_on_the_map_and_it_is_said(provider, context, shared, tmp_path):
    feedback = QgsProcessingFeedback()
    parameters = {"file": str(shared / "klic" / UTRECHT)}
    parameters.update({name: str(tmp_path / f"{name}.gpkg") for name in ("cables", "tubes", "attachments")})
    result, _ = provider.algorithm("loadklic").create().run(parameters, context, feedback, {}, False)
    assert (result["count"], result["without"]) == (57, 3) and "tubes" not in result
    assert "No terrain is given" in feedback.textLog() and "3 lines have no geometry" in feedback.textLog()
    files = list(QgsVectorLayer(result["attachments"], "a", "ogr").getFeatures())
    table = QgsVectorLayer(result["attachments"], "a", "ogr")
    table.loadDefaultStyle()
    assert not any("[1]" in field.displayName() for field in table.fields())
    assert len(files) == 24 and all(row["present"] for row in files)
    assert not QgsVectorLayer(result["cables"], "a", "ogr").extent().isEmpty()


def test_several_deliveries_in_a_folder_are_one_load(provider, context, shared, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in (WESSEM, UTRECHT):
        (folder / name).symlink_to(shared / "klic" / name)
    parameters = {"folder": str(folder), "cables": str(tmp_path / "cables.gpkg")}
    result, _ = provider.algorithm("loadklic").create().run(parameters, context, QgsProcessingFeedback(), {}, False)
    assert result["count"] == 436 + 57


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "Neither a file nor a folder"),
        ({"file": "klic/b4udignl/elec_kabel.xml"}, "nothing with a place"),
        ({"file": "klic/" + WESSEM, "extent": "1000,1100,400000,400100 [EPSG:28992]"}, "nothing with a place"),
    ],
)
def test_what_gives_nothing_is_a_sentence(provider, context, shared, tmp_path, parameters, message):
    parameters = {name: str(shared / value) if name == "file" else value for name, value in parameters.items()}
    parameters["cables"] = str(tmp_path / "cables.gpkg")
    with pytest.raises(QgsProcessingException, match=message):
        provider.algorithm("loadklic").create().run(parameters, context, QgsProcessingFeedback(), {}, False)


@pytest.mark.gl
def test_tubes_are_in_a_3d_picture_only_if_confidential_layers_are_asked_for(provider, context, loaded, tmp_path):
    def run(name, **parameters):
        return provider.algorithm(name).create().run(parameters, context, QgsProcessingFeedback(), {}, False)[0]

    tubes, project = loaded[0]["tubes"], str(tmp_path / "a.qgz")
    run("makeproject", layers=[tubes], title="T", confidential=True, project=project)
    reds = {}
    for asked in (True, False):
        parameters = {"project": project, "confidential": asked, "picture": str(tmp_path / f"{asked}.png")}
        area = "189400,189500,352300,352400 [EPSG:28992]"  # the tubes are at 24 m, 60 m from the camera
        image = QImage(run("picture3d", extent=area, width=800, height=450, pitch=60, **parameters)["picture"])
        shades = (image.pixelColor(x, y) for x in range(0, 800, 2) for y in range(0, 450, 2))
        reds[asked] = sum(shade.red() > shade.blue() + 60 for shade in shades)
    assert reds[True] > 100 and reds[False] == 0, reds
