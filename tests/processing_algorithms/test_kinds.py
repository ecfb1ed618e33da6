"""A model with an input and an output of every kind goes through the wrapper."""

import json
from datetime import datetime

import numpy as np
import pytest
from qgis.core import (
    QgsLayerDefinition,
    QgsMeshLayer,
    QgsPointCloudLayer,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)

from dtwin_plugin.data import Extent, Features, Grid, LayerReference, PointCloud, Voxels
from dtwin_plugin.data.mesh_series import mesh_of_cells
from dtwin_plugin.errors import Cancelled, ModelError
from dtwin_plugin.layers.finish import load_sidecars, mesh_layer
from dtwin_plugin.layers.voxels import write_voxels
from dtwin_plugin.models.base import KINDS, Field, Model
from dtwin_plugin.progress import Silent
from processing_algorithms import writers as output_writers
from processing_algorithms.model_algorithm import ModelAlgorithm

INPUTS = (
    Field("terrain", "Terrain", "grid", "m", doc="Heights."),
    Field("buildings", "Buildings", "features", geometry="polygon", doc="Outlines."),
    Field("extent", "Area", "extent", optional=True, doc="Area."),
    Field("factor", "Factor", "number", "m", 2.0, 0, 10, doc="A number."),
    Field("count", "Count", "integer", default=3, minimum=0, maximum=5, doc="A whole number."),
    Field("flag", "Flag", "boolean", default=True, doc="Yes or no."),
    Field("mode", "Mode", "choice", default="b", choices={"a": "First", "b": "Second"}, doc="A choice."),
    Field("start", "Start", "datetime", optional=True, doc="A moment."),
    Field("series", "Series", "table", columns={"minutes": "min", "rain": "mm"}, optional=True, doc="A table."),
    Field("file", "File", "file", optional=True, doc="A file."),
    Field("note", "Note", "text", default="x", doc="A text."),
    Field("ground", "Ground", "voxels", doc="Voxels."),
)
OUTPUTS = (
    Field("grid", "Grid", "grid", "m", style="terrain", doc="A raster."),
    Field("series_grid", "Series", "grid", "m", style="water_depth", optional=True, doc="A raster through time."),
    Field("features", "Features", "features", geometry="polygon", doc="Outlines."),
    Field("table", "Table", "table", columns={"a": "m"}, optional=True, doc="A table."),
    Field("page", "Page", "file", optional=True, style="HTML (*.html)", doc="A page."),
    Field("cloud", "Cloud", "points", optional=True, style="points", doc="Points."),
    Field("map", "Map", "layer", optional=True, doc="A layer that stays with its owner."),
    Field("soil", "Soil", "voxels", optional=True, style="voxels", doc="Voxels."),
    Field("water", "Water", "mesh", optional=True, style="water_mesh", doc="A mesh through time."),
    Field("total", "Total", "number", "m", doc="A number."),
)


XYZ = "type=xyz&url=http://127.0.0.1:9/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=14&zmin=0&crs=EPSG:3857"


def points():
    xy = np.arange(100.0) / 10
    return PointCloud(84_910 + xy, 447_510 + xy, xy, np.full(100, 2, np.uint8))


def soil():
    """Two columns of two cells within the area, and one beside it."""
    classes = np.array([[[0, 1]], [[1, -1]], [[0, 0]]], np.int16)
    return Voxels(classes, None, 84_900.0, 447_510.0, -1.0, (25.0, 25.0, 0.5), ("clay", "sand"))


def water(grid, times):
    """Depth, level and velocity of a film of 0.1 and then 0.2 m that runs east, on all cells but those of the west."""
    wet = np.isfinite(grid.values)
    wet[:, :10] = False
    east = np.stack([np.ones(grid.shape), np.zeros(grid.shape)], axis=-1)
    films = {
        "depth": [np.full(grid.shape, 0.1), np.full(grid.shape, 0.2)],
        "level": [grid.values + 0.1, grid.values + 0.2],
        "velocity": [east, east],
    }
    titles = {"depth": "Water depth", "level": "Water level", "velocity": "Velocity of the water"}
    return mesh_of_cells(grid, wet, times, films, {"depth": "m", "level": "m", "velocity": "m s-1"}, titles)


def make(seen, run=None):
    def default_run(values, progress):
        seen.update(values)
        progress.report(0.5, "half")
        progress.warn("watch out")
        grid = values["terrain"]
        times = np.array(["2026-01-01T00:00", "2026-01-01T00:15"], "datetime64[s]")
        return {
            "grid": grid.like(grid.values * values["factor"], "m", "scaled"),
            "series_grid": grid.like(np.stack([grid.values, grid.values]), "m", "series", times),
            "features": values["buildings"],
            "table": {"a": [1.0, 2.0]},
            "page": "<p>hello</p>",
            "cloud": iter([points()]),
            "map": LayerReference("raster", "wms", XYZ, "Base map", attribution="Owner, CC0"),
            "soil": values["ground"],
            "water": water(grid, times),
            "total": 4.5,
        }

    return ModelAlgorithm(
        Model("kinds", "1.2.3", "All kinds", "Test", "Every kind.", INPUTS, OUTPUTS, run or default_run)
    )


@pytest.fixture
def parameters(tmp_path, terrain_file, buildings_file):
    (tmp_path / "series.csv").write_text("minutes,rain\n0,0\n30,35.5\n")
    write_voxels(soil(), tmp_path / "ground.gpkg", "ground", Silent())
    return {
        "terrain": str(terrain_file), "buildings": str(buildings_file), "factor": 3, "mode": 0,
        "extent": "84910,84950,447510,447550 [EPSG:28992]", "start": "2026-07-01T12:30:00",
        "series": str(tmp_path / "series.csv"), "file": str(terrain_file), "note": "hi", "purpose": "a test",
        "grid": str(tmp_path / "out.tif"), "series_grid": str(tmp_path / "series.tif"),
        "features": str(tmp_path / "out.gpkg"), "table": str(tmp_path / "table.csv"),
        "page": str(tmp_path / "out.html"), "cloud": str(tmp_path / "out.copc.laz"), "map": str(tmp_path / "map.qlr"),
        "water": str(tmp_path / "water.nc"),
        "ground": str(tmp_path / "ground.gpkg"), "soil": str(tmp_path / "soil.gpkg"),
        "record": str(tmp_path / "run.json"),
    }  # fmt: skip


def run(algorithm, parameters, context, feedback=None):
    result, ok = algorithm.create().run(parameters, context, feedback or QgsProcessingFeedback(), {}, False)
    return result


def test_every_kind_is_tried_here():
    assert {item.kind for item in (*INPUTS, *OUTPUTS)} | {"surfaces"} == set(KINDS)


def test_values_arrive_as_the_description_says(parameters, context):
    seen = {}
    run(make(seen), parameters, context)
    assert isinstance(seen["terrain"], Grid) and seen["terrain"].shape == (40, 40)
    assert isinstance(seen["buildings"], Features) and len(seen["buildings"]) == 2
    assert seen["extent"] == Extent(84_910, 447_510, 84_950, 447_550)
    assert (seen["factor"], seen["count"], seen["flag"], seen["mode"]) == (3.0, 3, True, "a")
    assert seen["start"] == datetime(2026, 7, 1, 12, 30)
    assert seen["series"] == {"minutes": [0.0, 30.0], "rain": [0.0, 35.5]}
    assert seen["file"].is_file() and seen["note"] == "hi"
    assert seen["ground"].classes.tolist() == soil().classes[:2].tolist()  # cut to the area, no cell lost


def test_a_mesh_plays_in_two_and_three_dimensions(parameters, context, tmp_path):
    run(make({}), parameters, context)
    layer = mesh_layer(tmp_path / "water.nc", "water")
    provider = layer.dataProvider()
    groups = {provider.datasetGroupMetadata(k).name(): k for k in layer.datasetGroupsIndexes()}
    assert layer.isValid() and layer.crs().authid() == "EPSG:28992"
    assert 0 < provider.faceCount() < 40 * 40
    depth, velocity = groups["Water depth"], groups["Velocity of the water"]
    assert provider.datasetCount(depth) == provider.datasetCount(velocity) == 2
    assert provider.datasetGroupMetadata(depth).maximum() == pytest.approx(0.2)
    assert provider.datasetGroupMetadata(velocity).isVector()
    assert layer.temporalProperties().isActive()
    span = layer.temporalProperties().timeExtent()
    assert span.begin().toString("yyyy-MM-dd HH:mm") == "2026-01-01 00:00"
    assert span.end().toString("yyyy-MM-dd HH:mm") == "2026-01-01 00:15"
    settings = layer.rendererSettings()
    assert (settings.activeScalarDatasetGroup(), settings.activeVectorDatasetGroup()) == (depth, velocity)
    assert settings.scalarSettings(depth).colorRampShader().colorRampItemList()[0].color.alpha() == 0  # below 1 cm
    assert layer.renderer3D().type() == "mesh"
    level = groups["Water level"]
    assert f'vertical-group-index="{level}"' in (tmp_path / "water.qml").read_text()
    assert "a test" in layer.metadata().abstract()
    moved = context.temporaryLayerStore().mapLayers().values()
    assert any(isinstance(one, QgsMeshLayer) for one in moved) or context.project() is None


def test_a_model_hears_which_outputs_will_be_kept(parameters, context):
    seen = {}
    run(make(seen), {**parameters, "table": None}, context)
    assert "table" not in seen["wanted"] and {"grid", "water", "total"} <= seen["wanted"]


def test_outputs_are_declared_written_and_styled(parameters, context, tmp_path):
    result = run(make({}), parameters, context)
    assert result["total"] == 4.5
    raster = QgsRasterLayer(result["grid"], "grid")
    assert raster.crs().authid() == "EPSG:28992"
    assert raster.renderer().type() == "singlebandpseudocolor"
    vector = QgsVectorLayer(result["features"], "features", "ogr")
    assert vector.featureCount() == 2
    assert (tmp_path / "out.html").read_text() == "<p>hello</p>"
    assert len((tmp_path / "table.csv").read_text().splitlines()) == 3
    cloud = QgsPointCloudLayer(result["cloud"], "cloud", "copc")
    assert cloud.isValid() and cloud.pointCount() == 100
    (layer,) = QgsLayerDefinition.loadLayerDefinitionLayers(result["map"])
    assert layer.isValid() and layer.name() == "Base map" and layer.metadata().rights() == ["Owner, CC0"]


def test_bands_carry_their_times(parameters, context):
    result = run(make({}), parameters, context)
    layer = QgsRasterLayer(result["series_grid"], "series")
    load_sidecars(layer)
    ranges = layer.temporalProperties().fixedRangePerBand()
    assert layer.temporalProperties().isActive()
    assert ranges[2].begin().toString("HH:mm") == "00:15" and ranges[2].end().toString("HH:mm") == "00:30"


def test_provenance_is_in_the_metadata_and_in_the_record(parameters, context, terrain_file):
    result = run(make({}), parameters, context)
    record = json.loads(open(result["record"]).read())
    assert record["purpose"] == "a test" and record["warnings"] == ["watch out"]
    assert record["parameters"]["factor"] == 3.0 and record["software"]["qgis"].startswith("3.")
    terrain = next(item for item in record["inputs"] if item["name"] == "terrain")
    assert len(terrain["sha256"]) == 64 and terrain["modified"]
    raster = QgsRasterLayer(result["grid"], "grid")
    load_sidecars(raster)
    history = raster.metadata().history()
    assert any(record["id"] in line for line in history)
    assert any(terrain["sha256"][:16] in line for line in history)
    assert any(record["id"] in line for line in QgsVectorLayer(result["features"], "f", "ogr").metadata().history())


def test_problems_are_listed_together_with_their_codes(parameters, context, tmp_path):
    (tmp_path / "series.csv").write_text("minutes,depth\n0,0\n")
    parameters.update(count=9, factor=-1)
    with pytest.raises(QgsProcessingException) as caught:
        run(make({}), parameters, context)
    text = str(caught.value)
    assert text.count("DT002") == 2 and "DT007" in text and "Factor [m] is -1" in text


def test_nothing_is_left_when_a_model_fails(parameters, context, tmp_path):
    def fail(values, progress):
        raise ModelError("It broke at {place}.", hint="Try again.", place="the end")

    before = set(tmp_path.iterdir())
    with pytest.raises(QgsProcessingException, match="It broke at the end. Try again."):
        run(make({}, fail), parameters, context)
    assert set(tmp_path.iterdir()) == before


def test_cancel_reaches_the_model_and_nothing_is_written(parameters, context, tmp_path):
    feedback = QgsProcessingFeedback()

    def cancelled(values, progress):
        feedback.cancel()
        if progress.is_cancelled():
            raise Cancelled
        return {}

    before = set(tmp_path.iterdir())
    with pytest.raises(QgsProcessingException, match="Stopped by the user"):
        run(make({}, cancelled), parameters, context, feedback)
    assert set(tmp_path.iterdir()) == before


def test_a_result_that_cannot_be_written_takes_the_others_of_its_run_along(parameters, context, tmp_path):
    def fail(*arguments):
        raise ModelError("The disk is full.")

    before = set(tmp_path.iterdir())
    writers = {**output_writers._WRITERS, "table": fail}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output_writers, "_WRITERS", writers)
        with pytest.raises(QgsProcessingException, match="The disk is full"):
            run(make({}), parameters, context)
    assert set(tmp_path.iterdir()) == before
