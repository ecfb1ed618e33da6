"""Real places through Processing: a flood in Newcastle (NSW), and the old town of Delft from its point cloud."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsRasterLayer, QgsVectorLayer

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.write import write_features
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

BLOCK = "84850,85010,447445,447600"  # of houses, all of which the point cloud holds
FINE = 12  # cells of the terrain in Limburg, of 0.5 m, along the side of one of the run
MOVED = np.array([297_000.0, 5_900_000.0])  # m; Newcastle lies where the plugin expects the Netherlands


def run(provider, name, context, **parameters):
    feedback = QgsProcessingFeedback()
    result, ok = provider.algorithm(name).create().run(parameters, context, feedback, {}, False)
    assert ok, feedback.textLog()
    return result


def values_of(path, band=1):
    from osgeo import gdal

    dataset = gdal.Open(str(path))
    values = dataset.GetRasterBand(band).ReadAsArray().astype(float)
    empty = dataset.GetRasterBand(band).GetNoDataValue()
    return np.where(values == empty, np.nan, values) if empty is not None else values


def keep(path, name):
    pictures = os.environ.get("DTWIN_PICTURES")
    if pictures:
        shutil.copy(path, Path(pictures) / f"{name}.png")


@pytest.fixture(scope="module")
def delft(provider, shared, tmp_path_factory):
    """Terrain, base map and buildings, the flood of 70 mm in an hour, and the project."""
    styles3d.initialise()
    folder, context = tmp_path_factory.mktemp("delft"), QgsProcessingContext()

    def files(**names):
        return {name: str(folder / f"{name}.{ending}") for name, ending in names.items()}

    extent = {"extent": f"{BLOCK} [EPSG:28992]"}
    cloud = str(shared / "pointcloud/delft_ahn3/ahn3_cropped_1.laz")
    ahn = run(provider, "terrainfrompoints", context, file=cloud, cell_size=1.0, **extent, **files(terrain="tif"))
    registers = str(shared / "basisregistraties/delft_bgt")
    bgt = run(provider, "loadbgt", context, folder=registers, **extent, **files(bgt="gpkg"))["bgt"]
    panden = str(folder / "panden.gpkg")
    run(provider, "loadbgt", context, folder=registers, classes="pand", bgt=panden, **extent)
    model = str(shared / "cityjson/cjio/delft.json")
    houses = run(
        provider, "loadcityjson", context, file=model, types="Building", **extent,
        **files(surfaces="gpkg"),
    )  # fmt: skip
    ground = run(
        provider, "floodterrain", context, terrain=ahn["terrain"], buildings=panden, base_map=bgt,
        **files(prepared="tif", change="tif", findings="gpkg"),
    )  # fmt: skip
    water = run(
        provider, "flood", context, terrain=ground["prepared"], buildings=panden, landcover=bgt, rain=70,
        rain_duration=1, after=0.5,
        **files(depth_max="tif", depth="tif", building_depth="gpkg", balance="csv", velocity_max="tif"),
    )  # fmt: skip
    project = run(
        provider, "makeproject", context, layers=[water["building_depth"], houses["surfaces"], water["depth_max"], bgt],
        terrain=ground["prepared"], title="Delft, 70 mm in 1 hour", **extent, project=str(folder / "delft.qgz"),
        picture=str(folder / "map.png"),
    )  # fmt: skip
    keep(project["picture"], "flood-delft-map")
    yield {**ahn, **houses, **ground, **water, **project, "panden": panden, "ahn": ahn["terrain"], "folder": folder}
    context.temporaryLayerStore().removeAllMapLayers()


@pytest.mark.slow
def test_delft_keeps_its_water(delft):
    assert abs(delft["mass_error"]) < 1e-6
    rows = [line.split(",") for line in open(delft["balance"]).read().replace('"', "").splitlines()[1:]]
    volume = {name: float(value) for name, value in rows}
    known = np.isfinite(values_of(delft["depth_max"])).sum()  # buildings too, of which AHN knows no ground
    assert volume["rain"] == pytest.approx(known * 0.07, rel=1e-5)
    assert volume["stored"] > 0 and volume["infiltration"] > 0


@pytest.mark.slow
def test_delft_is_wet_in_the_streets_and_not_on_the_roofs(delft):
    depth, houses = values_of(delft["depth_max"]), QgsVectorLayer(delft["panden"], "houses", "ogr")
    grid = QgsRasterLayer(delft["depth_max"], "depth")
    assert np.nanmin(depth) >= 0 and np.nanmax(depth) < 3  # the canal and the deepest courtyard
    on_roofs = []
    for house in houses.getFeatures():
        inside = house.geometry().buffer(-2.0, 3)
        if not inside.isEmpty():
            value, known = grid.dataProvider().sample(inside.pointOnSurface().asPoint(), 1)
            on_roofs += [value] if known else []
    assert len(on_roofs) > 20 and np.percentile(on_roofs, 90) < 0.05  # roofs shed what falls on them
    classes = {row["water_class"] for row in QgsVectorLayer(delft["building_depth"], "houses", "ogr").getFeatures()}
    assert {"dry", "wet"} <= classes


@pytest.mark.slow
def test_the_terrain_of_delft_is_whole_and_its_findings_are_on_the_map(delft):
    before, after = values_of(delft["ahn"]), values_of(delft["prepared"])
    assert np.isfinite(after).sum() >= np.isfinite(before).sum()
    assert np.isnan(after).mean() < 0.05
    findings = QgsVectorLayer(delft["findings"], "findings", "ogr")
    assert findings.isValid() and {"code", "message"} <= set(findings.fields().names()) | {"code", "message"}


@pytest.mark.slow
def test_the_project_of_delft_opens_with_its_layers(delft):
    project = QgsProject()
    assert project.read(delft["project"])
    layers = project.mapLayers().values()
    assert len(layers) >= 4 and all(layer.isValid() for layer in layers)
    assert Path(delft["picture"]).stat().st_size > 50_000
    project.clear()


@pytest.mark.gl
@pytest.mark.slow
def test_delft_stands_in_3d_with_its_water(delft, provider, context):
    from PIL import Image

    path = str(delft["folder"] / "delft-3d.png")
    view = {"extent": f"{BLOCK} [EPSG:28992]", "width": 800, "height": 450}
    run(provider, "picture3d", context, project=delft["project"], picture=path, **view)
    keep(path, "flood-delft-3d")
    picture = np.asarray(Image.open(path).convert("RGB")).astype(int)
    blue = (picture[..., 2] - picture[..., 0] > 60).mean()
    assert 0.001 < blue < 0.6  # water, and not only water


@pytest.mark.slow
def test_merewether_floods_as_it_did(provider, shared, tmp_path, root, monkeypatch):
    """Levels within 0.15 m of TUFLOW's and 0.30 m of the marks in the field, from the algorithm itself."""
    monkeypatch.syspath_prepend(str(root))
    from scripts.validate import merewether

    folder, context = shared / "flood_validation" / "merewether", QgsProcessingContext()
    inputs, bed, domain = newcastle(merewether, folder, tmp_path)
    result = run(
        provider, "flood", context, rain=0, rain_duration=0.01, after=0.27, infiltration=0, boundary=0, gaps=1,
        interval=60, depth_max=str(tmp_path / "max.tif"), depth=str(tmp_path / "depth.tif"), **inputs,
    )  # fmt: skip
    context.temporaryLayerStore().removeAllMapLayers()
    assert abs(result["mass_error"]) < 1e-6
    last = QgsRasterLayer(result["depth"], "depth").bandCount()
    depth = values_of(result["depth"], last)[:-1, 1:]  # without the walls in the south and west
    for _, at, mark, tuflow in merewether.observations(folder):
        row, col = domain.cell(at["x"], at["y"])
        near = np.s_[row - 2 : row + 3, col - 2 : col + 3]
        wet = depth[near] > 0.02
        away = np.hypot(*np.mgrid[-2:3, -2:3])
        level = (depth + bed)[near][wet][np.argmin(away[wet])]
        assert level == pytest.approx(tuflow, abs=0.15)
        assert level == pytest.approx(mark, abs=0.30)


def newcastle(merewether, folder, tmp_path):
    """Return the inputs as files moved to the Netherlands, the bed and its cells; the west and south get a wall."""
    from scripts.validate.areas import of_polygons

    bed, domain = merewether.ground(folder)
    corner = np.array([domain.x_min, domain.y_max]) - MOVED

    def write(name, values):
        walled = np.pad(values, ((0, 1), (1, 0)), constant_values=np.nan)
        path = tmp_path / f"{name}.tif"
        write_cog(Grid(walled, corner[0] - domain.cell_size, corner[1], domain.cell_size, unit="m"), path)
        return str(path)

    def polygons(name, rings, columns=None):
        shapes = Geometries.build("polygon", [[[[tuple(point) for point in ring]]] for ring in rings])
        write_features(Features(shapes, columns or {}), tmp_path / f"{name}.gpkg", name, Silent())
        return str(tmp_path / f"{name}.gpkg")

    rings = []
    for path in sorted((folder / "houses").glob("*.csv")):
        if path.stem not in merewether.GONE:
            points = np.loadtxt(path, delimiter=",")[:, :2] - MOVED
            rings.append(points if (points[0] == points[-1]).all() else np.vstack([points, points[:1]]))
    angle = np.linspace(0, 2 * np.pi, 49)
    source = np.array([382_265.0, 6_354_280.0]) - MOVED + 10 * np.column_stack([np.cos(angle), np.sin(angle)])
    road = of_polygons([folder / "Road" / "RoadPolygon.csv"], domain)
    inputs = {
        "terrain": write("terrain", bed),
        "roughness_map": write("roughness", np.where(road, 0.02, 0.04)),
        "buildings": polygons("houses", rings),
        "open_water": polygons("source", [source], {"type": column(["flow"]), "flow": column([19.7])}),
    }
    return inputs, bed, domain


@pytest.mark.slow
def test_ponds_in_limburg_stand_as_3di_found_them(provider, shared, tmp_path, root, monkeypatch):
    """An island in a lake of 50 m, from the files of a 3Di model: 40 mm in the first of 3 hours.

    On cells of 6 m, as those of 4 m take three times as long; `make validate` compares those.
    """
    monkeypatch.syspath_prepend(str(root))
    from scripts.validate.fields import blocks, read_raster
    from scripts.validate.flood_files import lake_level

    folder, context = shared / "flood" / "3di_testmodel", QgsProcessingContext()
    ground, domain = read_raster(folder / "dem.tif")
    start = lake_level(ground, 4_490_530.2, domain.cell_size)  # m3 at the start, as its water balance has it

    bed, cells = blocks(ground, domain, FINE)

    def write(name, values, unit, size):
        write_cog(Grid(values, domain.x_min, domain.y_max, size, unit=unit), tmp_path / f"{name}.tif")
        return str(tmp_path / f"{name}.tif")

    infiltration = read_raster(folder / "infiltration.tif")[0] / 24  # mm a day
    result = run(
        provider, "flood", context, terrain=str(folder / "dem.tif"), cell_size=6, rain=40, rain_duration=1, after=2,
        infiltration=0, boundary=1, gaps=1, interval=60, roughness_map=str(folder / "friction.tif"),
        infiltration_capacity=write("infiltration", infiltration, "mm h-1", domain.cell_size),
        initial_depth=write("start", np.maximum(start - bed, 0.0), "m", cells.cell_size),
        depth_max=str(tmp_path / "max.tif"), depth=str(tmp_path / "depth.tif"),
    )  # fmt: skip
    last = QgsRasterLayer(result["depth"], "depth").bandCount()
    context.temporaryLayerStore().removeAllMapLayers()
    assert abs(result["mass_error"]) < 1e-6
    depth = values_of(result["depth"], last)
    other, _ = blocks(
        np.where(np.isfinite(ground), np.nan_to_num(read_raster(folder / "water_depth_03_00.tif")[0]), np.nan),
        domain,
        FINE,
    )
    lake = bed < start - 5
    assert np.nanmedian((depth + bed)[lake]) == pytest.approx(np.nanmedian((other + bed)[lake]), abs=0.02)
    island = bed > start - 0.6  # with its ponds; the shore is a slope within the cells
    island &= ~np.isnan(other)
    wet, also = (depth > 0.1) & island, (other > 0.1) & island
    assert (wet & also).sum() / (wet | also).sum() > 0.8
    assert np.abs((depth - other)[wet | also]).mean() < 0.08
