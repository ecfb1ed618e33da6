"""Terrain for water and the quick scan as a person runs them: one after the other, through Processing, on files."""

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, feedback=None, **parameters):
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, feedback or QgsProcessingFeedback(), {}, False)
        return result

    return run_algorithm


@pytest.fixture
def base_map_file(tmp_path):
    """A canal along the valley of the terrain, and a bridge over it."""
    from dtwin_plugin.data import Features, Geometries
    from dtwin_plugin.data.columns import column
    from dtwin_plugin.layers.write import write_features
    from dtwin_plugin.progress import Silent

    def box(x_min, y_min, x_max, y_max):
        return [[[(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)]]]

    shapes = Geometries.build(
        "polygon",
        [box(84_938, 447_500, 84_942, 447_560), box(84_935, 447_530, 84_945, 447_534)],
    )
    columns = {
        "klasse": column(["waterdeel", "overbruggingsdeel"]),
        "relatieve_hoogteligging": column(["0", "1"]),  # text, as some files have it
    }
    path = tmp_path / "bgt.gpkg"
    write_features(Features(shapes, columns), path, "bgt", Silent())
    return path


def outputs(folder, **names):
    return {name: str(folder / f"{name}.{ending}") for name, ending in names.items()}


def test_a_terrain_is_prepared_scanned_and_flooded(run, tmp_path, terrain_file, base_map_file, buildings_file):
    made = run(
        "floodterrain",
        terrain=str(terrain_file),
        base_map=str(base_map_file),
        buildings=str(buildings_file),
        **outputs(tmp_path, prepared="tif", change="tif", findings="gpkg"),
    )
    findings = QgsVectorLayer(made["findings"], "findings", "ogr")
    assert {row["code"] for row in findings.getFeatures()} == {"DT173", "DT175"}
    findings.loadDefaultStyle()
    assert findings.renderer().classAttribute() == "severity"
    scanned = run(
        "floodscan",
        terrain=made["prepared"],
        buildings=str(buildings_file),
        rain=50,
        losses=10,
        boundary=1,
        least_catchment=100,
        **outputs(tmp_path, depth="tif", depressions="gpkg", paths="gpkg", accumulation="tif", balance="csv"),
    )
    assert scanned["left"] == 0 and scanned["mass_error"] < 1e-6
    assert scanned["stored"] == pytest.approx(60 * 80 * 0.04, rel=1e-5)
    pools = QgsVectorLayer(scanned["depressions"], "pools", "ogr")
    assert sum(row["volume"] for row in pools.getFeatures()) == pytest.approx(scanned["stored"], rel=1e-3)
    assert all(row.geometry().isGeosValid() for row in pools.getFeatures())
    assert QgsVectorLayer(scanned["paths"], "paths", "ogr").featureCount() > 0
    flooded = run(
        "flood",
        terrain=made["prepared"],
        initial_depth=scanned["depth"],
        rain=1,
        rain_duration=0.05,
        infiltration=0,
        after=0,
        boundary=1,
        **outputs(tmp_path, depth_max="tif", balance="csv"),
    )
    rows = dict(line.replace('"', "").strip().split(",") for line in open(flooded["balance"]))
    assert float(rows["initial"]) == pytest.approx(scanned["stored"], rel=1e-5)


def test_a_scan_that_finds_nothing_gives_empty_layers(run, tmp_path):
    from dtwin_plugin.data import Grid
    from dtwin_plugin.sources.raster_write import write_cog

    path = tmp_path / "slope.tif"
    write_cog(Grid(np.tile(np.arange(20.0), (20, 1)), 84_900, 447_560, 1.0, unit="m"), path)
    made = run("floodscan", terrain=str(path), **outputs(tmp_path, depth="tif", depressions="gpkg", paths="gpkg"))
    assert QgsVectorLayer(made["depressions"], "pools", "ogr").featureCount() == 0
    assert QgsVectorLayer(made["paths"], "paths", "ogr").featureCount() == 0
    assert made["stored"] == 0
    assert QgsRasterLayer(made["depth"], "depth").isValid()


def test_a_scan_that_is_stopped_leaves_no_file(run, tmp_path, terrain_file):
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    before = set(tmp_path.iterdir())
    with pytest.raises(QgsProcessingException):
        run("floodscan", feedback, terrain=str(terrain_file), **outputs(tmp_path, depth="tif", paths="gpkg"))
    assert set(tmp_path.iterdir()) == before


def test_a_layer_that_is_no_base_map_is_told_with_its_code(run, tmp_path, terrain_file, buildings_file):
    with pytest.raises(QgsProcessingException, match="DT178"):
        run(
            "floodterrain",
            terrain=str(terrain_file),
            base_map=str(buildings_file),
            **outputs(tmp_path, prepared="tif"),
        )
