"""Rain and the surface of a flood run through Processing: land cover, its rasters, radar and events."""

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer


@pytest.fixture
def run(provider, context):
    def run_algorithm(name, **parameters):
        algorithm = provider.algorithm(name).create()
        result, _ = algorithm.run(parameters, context, QgsProcessingFeedback(), {}, False)
        return result

    return run_algorithm


@pytest.fixture
def landcover_file(tmp_path):
    """A street in the western half of the valley of `terrain_file`, green in the eastern."""
    from dtwin_plugin.data import Features, Geometries
    from dtwin_plugin.data.columns import column
    from dtwin_plugin.layers.write import write_features
    from dtwin_plugin.progress import Silent

    def half(left):
        corners = [(0, -60), (40, -60), (40, 0), (0, 0), (0, -60)]
        return [[[(left + x, 447_560 + y) for x, y in corners]]]

    columns = {
        "klasse": column(["wegdeel", "begroeidterreindeel"]),
        "fysiek_voorkomen": column(["gesloten verharding", "groenvoorziening"]),
        "relatieve_hoogteligging": column([0, 0]),
    }
    path = tmp_path / "bgt.gpkg"
    write_features(Features(Geometries.build("polygon", [half(84_900), half(84_940)]), columns), path, "bgt", Silent())
    return path


@pytest.fixture
def flood(run, terrain_file, tmp_path):
    def run_flood(**parameters):
        outputs = {"depth_max": str(tmp_path / "max.tif"), "balance": str(tmp_path / "balance.csv")}
        result = run("flood", **{"terrain": str(terrain_file), "after": 0, "boundary": 1, **outputs, **parameters})
        rows = [line.split(",") for line in open(result["balance"]).read().replace('"', "").splitlines()[1:]]
        assert abs(result["mass_error"]) < 1e-6
        return {name: float(value) for name, value in rows}

    return run_flood


def test_land_cover_its_rasters_and_its_edited_polygons_give_the_same(
    run, flood, terrain_file, landcover_file, tmp_path
):
    names = ("surface_class", "roughness_map", "interception_map", "infiltration_capacity", "sewer_share")
    made = run(
        "floodsurface",
        terrain=str(terrain_file),
        landcover=str(landcover_file),
        surfaces=str(tmp_path / "surfaces.gpkg"),
        **{name: str(tmp_path / f"{name}.tif") for name in names},
    )
    assert made["known_area"] == 60 * 80
    surfaces = QgsVectorLayer(made["surfaces"], "surfaces", "ogr")
    assert {feature["surface"]: feature["roughness"] for feature in surfaces.getFeatures()} == {
        "closed paving": 0.015,
        "green": 0.05,
    }
    direct = flood(landcover=str(landcover_file), rain=40)
    assert direct["interception"] == pytest.approx(60 * 40 * (0.3 + 5.0) / 1000, rel=1e-5)
    edited = flood(landcover=made["surfaces"], rain=40)
    rasters = flood(rain=40, **{name: made[name] for name in names[1:]})
    for term in ("interception", "soil", "sewer", "stored"):
        assert edited[term] == direct[term]
        assert rasters[term] == pytest.approx(direct[term], rel=1e-5)


def test_an_event_falls_and_stands_in_the_record(flood, provider, tmp_path):
    events = list(provider.algorithm("flood").model.input("event").choices)
    record = tmp_path / "record.json"
    found = flood(event=events.index("bui10"), record=str(record))
    assert found["rain"] == pytest.approx(60 * 80 * 0.0357, rel=1e-5)
    assert json.loads(record.read_text())["parameters"]["event"] == "bui10"


def test_radar_of_a_whole_country_falls_on_the_terrain_at_its_own_time(flood, tmp_path):
    from dtwin_plugin.data import Grid
    from dtwin_plugin.sources.raster_write import write_cog

    bands = np.zeros((3, 40, 40))
    bands[:, 20, 20], bands[:, 0, 0] = (2.0, 6.0, 4.0), np.nan  # mm over the terrain; no data far away
    times = np.datetime64("2011-06-28T20:05", "s") + np.arange(3) * np.timedelta64(300, "s")
    radar = tmp_path / "radar.tif"
    write_cog(Grid(bands, 64_000, 468_000, 1000.0, unit="mm", times=times), radar)
    depth = tmp_path / "depth.tif"
    found = flood(rain_grid=str(radar), infiltration=0, interval=5, depth=str(depth))
    assert found["rain"] == pytest.approx(60 * 80 * 0.012, rel=1e-5)
    layer = QgsRasterLayer(str(depth), "depth")
    layer.loadDefaultStyle()
    ranges = layer.temporalProperties().fixedRangePerBand()
    assert ranges[1].begin().toString("yyyy-MM-dd HH:mm") == "2011-06-28 20:05"


def test_problems_with_rain_and_land_cover_are_listed_together(flood, tmp_path):
    (tmp_path / "rain.csv").write_text("minutes,rain\n0,0\n10,-20\n20,0\n")
    (tmp_path / "cover.csv").write_text("klasse,column\nwegdeel,\n")
    with pytest.raises(QgsProcessingException) as error:
        flood(rain_series=str(tmp_path / "rain.csv"), event=1, landcover_table=str(tmp_path / "cover.csv"))
    assert all(code in str(error.value) for code in ("DT120", "DT104", "DT130"))


def test_surfaces_are_shown_by_what_they_are(run, terrain_file, landcover_file, tmp_path):
    from dtwin_plugin.layers.styles_surface import KINDS
    from dtwin_plugin.models.flood.surface.landcover_table import cover_table

    assert set(KINDS) == {row.name for row in cover_table() if row.counts}
    names = ("surface_class", "roughness_map", "interception_map", "infiltration_capacity", "sewer_share")
    made = run(
        "floodsurface",
        terrain=str(terrain_file),
        landcover=str(landcover_file),
        surfaces=str(tmp_path / "surfaces.gpkg"),
        **{name: str(tmp_path / f"{name}.tif") for name in names},
    )
    layer = QgsVectorLayer(made["surfaces"], "surfaces", "ogr")
    layer.loadDefaultStyle()
    categories = {category.value(): category for category in layer.renderer().categories()}
    assert layer.renderer().classAttribute() == "surface" and set(KINDS) <= set(categories)
    assert categories["green"].symbol().color().name() == KINDS["green"][0]
