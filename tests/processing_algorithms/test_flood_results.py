"""From measures to a flood, its consequences and the difference that they make: through Processing, on files."""

import numpy as np
import pytest
from qgis.core import (
    QgsDateTimeRange,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, QSize, Qt

from dtwin_plugin.data import Grid
from dtwin_plugin.layers.finish import load_sidecars, mesh_layer
from dtwin_plugin.layers.styles_water import DIFFERENCE, WATER_DEPTH
from dtwin_plugin.sources.raster_write import write_cog
from tests.processing_algorithms.memory_layers import layer


def box(x, y, width, height):
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return "POLYGON((" + ", ".join(f"{a} {b}" for a, b in corners) + "))"


@pytest.fixture(scope="module")
def made(tmp_path_factory, provider):
    """What the chain makes on a street between two slopes."""
    from qgis.core import QgsProcessingContext

    folder, context = tmp_path_factory.mktemp("chain"), QgsProcessingContext()

    def run(name, **parameters):
        destinations = {key: str(folder / value) for key, value in parameters.pop("to").items()}
        algorithm = provider.algorithm(name).create()
        return algorithm.run({**parameters, **destinations}, context, QgsProcessingFeedback(), {}, False)[0]

    y, _ = np.mgrid[0:40, 0:60]
    terrain = str(folder / "terrain.tif")
    write_cog(Grid(0.03 * np.abs(y - 20.0), 85_000, 447_040, 1.0, unit="m"), terrain)
    houses = layer("Polygon", ["gebruiksdoel:string"], (box(85_010, 447_016, 8, 8), "woonfunctie"),
                   (box(85_040, 447_002, 8, 8), "woonfunctie"))  # fmt: skip
    roads = layer("Polygon", ["name:string"], (box(85_000, 447_018, 60, 5), "street"))
    crates = layer("Polygon", ["type:string", "volume:double", "infiltration_mmh:double"],
                   (box(85_020, 447_017, 20, 6), "krat", 30.0, 500.0))  # fmt: skip
    line = layer("LineString", ["name:string"], ("LINESTRING(85030 447000, 85030 447040)", "across"))
    gauge = layer("Point", ["name:string"], ("POINT(85030.5 447020.5)", "low"))
    found = {}
    for key, measures in (("before", {}), ("after", {"measures": crates})):
        layers = run("floodmeasures", terrain=terrain, infiltration=5, **measures,
                     to={"new_terrain": f"{key}_t.tif", "new_infiltration_capacity": f"{key}_c.tif",
                         **({"new_soil_storage": f"{key}_s.tif", "costs": "c.csv"} if measures else {})})  # fmt: skip
        soil = {"infiltration_capacity": layers["new_infiltration_capacity"]}
        soil.update({"soil_storage": layers["new_soil_storage"]} if measures else {})
        found[key] = run("flood", terrain=layers["new_terrain"], buildings=houses, rain=70, after=0.25, boundary=1,
                         interval=15, cross_sections=line, gauges=gauge, start="2026-06-01T12:00:00", **soil,
                         to={"depth_max": f"{key}.tif", "depth": f"{key}_d.tif", "mesh": f"{key}_m.nc",
                             "velocity_max": f"{key}_v.tif", "duration": f"{key}_u.tif", "arrival": f"{key}_a.tif",
                             "section_series": f"{key}_x.csv", "gauge_series": f"{key}_g.csv"})  # fmt: skip
    found["cost"] = layers["cost"]
    found["consequences"] = run("floodconsequences", depth_max=found["before"]["depth_max"], terrain=terrain,
        buildings=houses, roads=roads, duration=found["before"]["duration"],
        to={"building_consequences": "houses.gpkg", "road_passability": "r.gpkg", "summary": "s.csv"})  # fmt: skip
    found["difference"] = run("flooddifference", before=found["before"]["depth_max"],
        after=found["after"]["depth_max"], buildings=houses, roads=roads, cost=layers["cost"],
        to={"difference": "d.tif", "building_change": "dh.gpkg", "road_change": "dr.gpkg",
            "statistics": "d.csv"})  # fmt: skip
    yield found
    context.temporaryLayerStore().removeAllMapLayers()


def picture(layer, time):
    """The pixels of a layer on the map at a time of 1 June 2026, as QGIS draws them when it plays."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(120, 80))
    begin = QDateTime.fromString(f"2026-06-01T{time}:00Z", Qt.DateFormat.ISODate)
    settings.setIsTemporal(True)
    settings.setTemporalRange(QgsDateTimeRange(begin, begin.addSecs(60)))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    return np.frombuffer(image.constBits().asstring(image.sizeInBytes()), np.uint8).copy()


def test_depth_plays_on_the_map(made):
    depth = QgsRasterLayer(made["before"]["depth"], "depth")
    load_sidecars(depth)
    assert depth.bandCount() == len(depth.temporalProperties().fixedRangePerBand()) == 5
    early, late = picture(depth, "12:16"), picture(depth, "13:01")
    assert (early != late).mean() > 0.02
    assert (picture(depth, "12:17") == early).all()  # the same step


def test_the_mesh_plays_with_as_many_steps(made):
    mesh = mesh_layer(made["before"]["mesh"], "mesh")
    provider = mesh.dataProvider()
    group = {provider.datasetGroupMetadata(k).name(): k for k in mesh.datasetGroupsIndexes()}["Water depth"]
    assert mesh.isValid() and provider.datasetCount(group) == 5
    assert mesh.temporalProperties().isActive()
    QgsProject.instance().addMapLayer(mesh, False)
    try:
        assert (picture(mesh, "12:16") != picture(mesh, "13:01")).mean() > 0.02
    finally:
        QgsProject.instance().takeMapLayer(mesh)


def test_a_mesh_and_a_raster_of_one_name_would_share_their_style(provider, tmp_path):
    from qgis.core import QgsProcessingContext, QgsProcessingException

    terrain = str(tmp_path / "terrain.tif")
    write_cog(Grid(np.zeros((4, 4)), 85_000, 447_040, 1.0, unit="m"), terrain)
    files = {"depth_max": str(tmp_path / "water.tif"), "mesh": str(tmp_path / "water.nc")}
    algorithm = provider.algorithm("flood").create()
    with pytest.raises(QgsProcessingException, match="one style"):
        algorithm.run({"terrain": terrain, **files}, QgsProcessingContext(), QgsProcessingFeedback(), {}, False)


def test_classes_on_the_map_and_in_the_mesh_are_the_same(made):
    raster = QgsRasterLayer(made["before"]["depth_max"], "depth")
    load_sidecars(raster)
    mesh = mesh_layer(made["before"]["mesh"], "mesh")
    settings = mesh.rendererSettings()
    ramps = [
        raster.renderer().shader().rasterShaderFunction(),
        settings.scalarSettings(settings.activeScalarDatasetGroup()).colorRampShader(),
    ]
    one, two = ([(item.value, item.color.name()) for item in ramp.colorRampItemList()] for ramp in ramps)
    assert one == two and len(one) == len(WATER_DEPTH)
    assert [step.upper for step in DIFFERENCE[:4]] == [-step.upper for step in DIFFERENCE[7:3:-1]]


def test_consequences_fit_the_flood(made):
    houses = QgsVectorLayer(made["consequences"]["building_consequences"], "houses", "ogr")
    low, high = sorted(houses.getFeatures(), key=lambda feature: -feature["water_depth_max"])
    assert low["water_inside"] in ("yes", "uncertain") and high["water_inside"] == "no"
    assert low["damage_high"] >= low["damage_mean"] >= low["damage_low"] >= 0 and high["damage_mean"] == 0
    road = next(QgsVectorLayer(made["consequences"]["road_passability"], "roads", "ogr").getFeatures())
    assert road["passable"] != "all" and road["length_closed_car"] > 30 and road["duration_max"] > 0
    assert houses.renderer().classAttribute() == "water_inside" or houses.loadDefaultStyle()[1]


def test_measures_leave_less_water_at_a_cost_per_m3(made):
    difference = made["difference"]
    assert 20 < difference["volume_less"] < 45  # 30 m3 of crates
    assert made["cost"] == 12_000 and difference["cost_per_m3"] == pytest.approx(12_000 / difference["volume_less"])
    road = next(QgsVectorLayer(difference["road_change"], "roads", "ogr").getFeatures())
    assert road["change"] in ("less", "much less") and road["depth_change"] < 0


def test_series_follow_the_run(made):
    rows = [line.split(",") for line in open(made["before"]["section_series"]).read().replace('"', "").splitlines()]
    assert rows[0] == ["name", "time", "minutes", "discharge", "volume"]
    assert rows[1][:2] == ["across", "2026-06-01T12:00:00"] and rows[-1][1] == "2026-06-01T13:15:00"
    rows = [line.split(",") for line in open(made["before"]["gauge_series"]).read().replace('"', "").splitlines()]
    assert rows[-1][0] == "low" and float(rows[-1][3]) > 0.1
