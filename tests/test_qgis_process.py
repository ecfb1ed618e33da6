"""The assembled plugin in `qgis_process`, as a batch job runs it."""

import json

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.sources.raster_write import write_cog


@pytest.fixture(scope="module")
def process(batch, tmp_path_factory):
    return batch(tmp_path_factory.mktemp("batch"))


@pytest.fixture(scope="module")
def terrain(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "terrain.tif"
    rows, columns = np.mgrid[0:40, 0:50]
    write_cog(Grid(-1 + 0.02 * np.abs(columns - 25) + 0 * rows, 84_900, 447_560, 1.0, unit="m"), path)
    return path


def test_list_shows_the_provider_and_its_algorithms(process):
    text = process("list").stdout
    assert "Digital Twin" in text and "dtwin:flood" in text and "dtwin:loadcityjson" in text


def test_help_shows_units_and_a_sentence_for_each_parameter(process):
    text = process("help", "dtwin:flood").stdout
    for phrase in ("Rain [mm]", "0 - 1000 mm.", "Roughness (Manning) [s m-1/3]", "Halving it takes 8 times as long."):
        assert phrase in text


def test_a_run_returns_its_declared_outputs_as_json(process, terrain, tmp_path):
    inputs = {
        "terrain": str(terrain), "rain": 20, "after": 0,
        "depth_max": str(tmp_path / "max.tif"), "record": str(tmp_path / "run.json"),
    }  # fmt: skip
    done = process("--json", "run", "dtwin:flood", "-", inputs=inputs)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert set(results) >= {"depth_max", "flooded_area", "mass_error", "record"}
    assert (tmp_path / "max.tif").is_file() and abs(results["mass_error"]) < 1e-5  # as the design asks


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("none.city.json", None, "does not exist"),
        ("cut.city.json", '{"type": "CityJSON", "version": "2.0", "transform": {"scale": [1,', "cut.city.json"),
        ("empty.city.json", "", "is empty"),
    ],
)
def test_bad_input_is_one_sentence_a_failure_and_no_output(process, tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_text(content)
    target = tmp_path / "out.gpkg"
    inputs = {"file": str(tmp_path / name), "surfaces": str(target)}
    done = process("run", "dtwin:loadcityjson", "-", inputs=inputs)
    assert done.returncode != 0
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert not list(tmp_path.glob("*out.gpkg*"))


def test_roads_of_another_country_are_refused_in_one_sentence_that_names_where_they_are(
    process, shared, terrain, tmp_path
):
    """Lorient: QGIS finds no number for its .prj, which is EPSG:2154; the terrain is in RD New."""
    roads = str(shared / "traffic" / "noise_lorient" / "roads_traff.shp")
    target = tmp_path / "points.gpkg"
    inputs = {"roads": roads, "terrain": str(terrain), "points": str(target), "summary": str(tmp_path / "classes.csv")}
    refused = process("run", "dtwin:roadnoise", "-", inputs=inputs)
    assert refused.returncode != 0 and not target.exists()
    told = refused.stderr
    assert "EPSG:2154" in told and "projected system in metres" in told and "Traceback" not in told


@pytest.mark.slow
def test_a_town_of_another_country_has_a_map_of_noise_where_it_is(process, shared, tmp_path):
    """Lorient: 549 roads, 1701 buildings, 829 receivers and one marked as deleted; it has no heights of the ground."""
    from osgeo import gdal, ogr

    gdal.UseExceptions()
    ogr.UseExceptions()
    folder, out = shared / "traffic" / "noise_lorient", tmp_path
    flat = Grid(np.zeros((240, 300), np.float32), 222_300.0, 6_759_200.0, 10.0, "EPSG:2154", unit="m")
    write_cog(flat, out / "flat.tif")
    names = "; ".join(f"total_{period}=TV_{period[0].upper()}; medium_{period}=HV_{period[0].upper()}"
                      for period in ("day", "evening", "night"))  # fmt: skip
    given = {"terrain": str(out / "flat.tif"), "columns": f"{names}; speed=LV_SPD_D; surface=PVMT",
             "points": str(out / "points.gpkg"), "summary": str(out / "classes.csv")}  # fmt: skip

    layers = {"roads": str(folder / "roads_traff.shp"), "buildings": str(folder / "buildings.shp"),
              "receivers": str(folder / "receivers.shp")}  # fmt: skip
    # facades and the map in a square of 200 m, to be quick; receivers in all of the town
    west, south, east, north = 224_200, 6_757_900, 224_400, 6_758_100
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    area = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}},
            "features": [{"type": "Feature", "properties": {},
                          "geometry": {"type": "Polygon", "coordinates": [corners]}}]}  # fmt: skip
    (out / "area.geojson").write_text(json.dumps(area))
    inputs = {**given, **layers, "area": str(out / "area.geojson"), "grid": str(out / "levels.tif"), "distance": 800,
              "grid_spacing": 20.0, "spacing": 20.0, "contours": str(out / "contours.gpkg")}  # fmt: skip
    done = process("--json", "run", "dtwin:roadnoise", "-", inputs=inputs, timeout=500)
    assert done.returncode == 0, done.stderr
    raster = gdal.Open(str(out / "levels.tif"))
    assert raster.GetSpatialRef().GetAuthorityCode(None) == "2154"
    levels = raster.ReadAsArray()
    known = levels[levels > -1000]
    assert levels.shape == (10, 10) and 40 < known.size <= 100 and 30 < known.min() < known.max() < 85
    data = ogr.Open(str(out / "points.gpkg"))  # GDAL ends the process where a layer outlives its file
    points = [row.items() for row in data.GetLayer()]
    single = [row["lden"] for row in points if row["receiver"] is not None]
    assert len(single) == 829 and None not in single and 20 < min(single) < 50 and 65 < max(single) < 85
    assert sum(row["building"] is not None for row in points) > 50
    data = ogr.Open(str(out / "contours.gpkg"))
    assert data.GetLayer().GetFeatureCount() >= 2


def test_roads_of_a_file_become_a_network(process, shared, tmp_path):
    roads = shared / "traffic" / "noise_lorient" / "roads_traff.shp"
    inputs = {"roads": str(roads), "grid": 500, **{name: str(tmp_path / f"{name}.gpkg") for name in ("links", "nodes")}}
    done = process("--json", "run", "dtwin:roadnetwork", "-", inputs=inputs)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["link_count"] > 549 and (tmp_path / "links.gpkg").is_file()  # 549 lines, cut where they meet
