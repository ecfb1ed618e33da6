"""From roads to levels, contours and what a plan changes: through Processing, on files that open in their colours."""

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)

from dtwin_plugin.data import Grid
from dtwin_plugin.layers import styles3d
from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.sources.raster_write import write_cog
from tests.processing_algorithms.memory_layers import layer

X, Y = 120_000.0, 486_000.0


def box(x, y, width, height):
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return "POLYGON((" + ", ".join(f"{X + a} {Y + b}" for a, b in corners) + "))"


def street(daily):
    return layer("LineString", ["daily:double"], (f"LINESTRING({X + 2} {Y + 30}, {X + 198} {Y + 30})", daily))


@pytest.fixture(scope="module")
def made(tmp_path_factory, provider):
    """Two runs of one street before and after its traffic is four times as much, and their difference."""
    folder, context = tmp_path_factory.mktemp("noise"), QgsProcessingContext()

    def run(name, **parameters):
        destinations = {key: str(folder / value) for key, value in parameters.pop("to").items()}
        algorithm = provider.algorithm(name).create()
        found, done = algorithm.run({**parameters, **destinations}, context, QgsProcessingFeedback(), {}, False)
        assert done
        return found

    terrain = str(folder / "terrain.tif")
    write_cog(Grid(np.zeros((50, 100)), X, Y + 100, 2.0, unit="m"), terrain)
    houses = layer("Polygon", ["identificatie:string", "height:double", "dwellings:integer"],
                   (box(40, 45, 60, 12), "row", 9.0, 10), (box(120, 70, 20, 12), "barn", 6.0, 1))  # fmt: skip
    found = {}
    for key, daily in (("before", 4000.0), ("after", 16000.0)):
        found[key] = run("roadnoise", roads=street(daily), terrain=terrain, buildings=houses, grid_spacing=5.0,
                         to={"points": f"{key}_p.gpkg", "panels": f"{key}_w.gpkg", "tested": f"{key}_b.gpkg",
                             "grid": f"{key}.tif", "contours": f"{key}_c.gpkg", "summary": f"{key}.csv"})  # fmt: skip
    before, after = found["before"], found["after"]
    found["difference"] = run("noisedifference", before=before["grid"], after=after["grid"],
        before_points=before["points"], after_points=after["points"], buildings=houses,
        to={"difference": "d.tif", "point_change": "dp.gpkg", "building_change": "db.gpkg",
            "statistics": "d.csv"})  # fmt: skip
    pump = layer("Point", ["lwa:double"], (f"POINT({X + 110} {Y + 50})", 65.0))
    found["pump"] = run("installationnoise", sources=pump, terrain=terrain, buildings=houses,
                        to={"points": "i.gpkg", "tested": "ib.gpkg", "summary": "i.csv"})  # fmt: skip
    terrace = layer("Polygon", ["lwa:double"], (box(108, 48, 4, 4), 65.0))
    found["terrace"] = run("installationnoise", sources=terrace, terrain=terrain, buildings=houses,
                           to={"points": "t.gpkg", "tested": "tb.gpkg", "summary": "t.csv"})  # fmt: skip
    yield found
    context.temporaryLayerStore().removeAllMapLayers()


def opened(path):
    found = QgsVectorLayer(path, "opened", "ogr")
    assert found.isValid() and found.featureCount()
    return found


def rules(vector):
    return [rule.label() for rule in vector.renderer().rootRule().children()]


@pytest.mark.parametrize("name", ["points", "panels", "tested", "contours"])
def test_results_open_with_the_classes_of_the_official_map(made, name):
    labels = rules(opened(made["before"][name]))
    assert labels[0] == ">= 80 dB" and "55 - 59 dB" in labels


def test_contours_are_valid_and_have_the_area_of_the_map(made):
    grid = QgsRasterLayer(made["before"]["grid"], "grid")
    block = grid.dataProvider().block(1, grid.extent(), grid.width(), grid.height())
    cells = sum(not block.isNoData(r, c) for r in range(grid.height()) for c in range(grid.width()))
    areas = opened(made["before"]["contours"])
    geometries = [feature.geometry() for feature in areas.getFeatures()]
    assert all(geometry.isGeosValid() for geometry in geometries)
    # a GeoPackage has doubles: digits of some 1e-4 m2 at coordinates of 486 km
    assert sum(geometry.area() for geometry in geometries) == pytest.approx(cells * 25.0, abs=0.01)
    inside = QgsGeometry.fromWkt(f"POINT({X + 70} {Y + 51})")
    assert not any(geometry.contains(inside) for geometry in geometries)  # in a house nothing is calculated


def test_four_times_the_traffic_is_6_db_more_on_the_map_at_points_and_at_buildings(made):
    difference = QgsRasterLayer(made["difference"]["difference"], "difference")
    load_sidecars(difference)
    stats = difference.dataProvider().bandStatistics(1)
    # levels of maps are float32
    assert stats.minimumValue == pytest.approx(6.0206, abs=1e-4)
    assert stats.maximumValue == pytest.approx(6.0206, abs=1e-4)
    labels = [item.label for item in difference.renderer().shader().rasterShaderFunction().colorRampItemList()]
    assert len(labels) == 7
    points, buildings = opened(made["difference"]["point_change"]), opened(made["difference"]["building_change"])
    assert {feature["change"] for feature in points.getFeatures()} == {"much more"}
    assert {feature["level_change"] for feature in buildings.getFeatures()} <= {6.01, 6.02, 6.03}
    assert made["difference"]["buildings_more"] == 2
    assert made["difference"]["mean_difference"] == pytest.approx(6.0206, abs=1e-4)


def test_panels_stand_on_walls(made):
    styles3d.initialise()
    panels = opened(made["before"]["panels"])
    assert panels.wkbType() in (panels.wkbType().MultiPolygonZ, panels.wkbType().PolygonZ)
    assert panels.renderer3D().type() == "rulebased"


def test_a_heat_pump_is_louder_at_the_house_beside_it(made):
    found = {f["identificatie"]: f["day_value"] for f in opened(made["pump"]["tested"]).getFeatures()}
    # 10 m from one, some 20 m from the other; a steady source: night + 10 dB
    assert found["row"] > found["barn"] + 3 and 40 < found["row"] < 60


def test_a_terrace_is_an_area_as_loud_as_a_pump_in_its_middle(made):
    pump, terrace = (
        {f["identificatie"]: f["day_value"] for f in opened(made[name]["tested"]).getFeatures()}
        for name in ("pump", "terrace")
    )
    # 4 m wide and 10 m from the house: a point in its middle is no more than that off
    assert terrace["row"] == pytest.approx(pump["row"], abs=0.5) and terrace["barn"] == pytest.approx(
        pump["barn"], abs=0.5
    )


def test_a_street_in_another_country_has_results_in_the_system_of_its_layers(tmp_path, provider):
    """As in RD New, moved: sound does not know where on earth it is."""
    context, found = QgsProcessingContext(), {}
    for name, crs, x, y in (("here", "EPSG:28992", X, Y), ("there", "EPSG:2154", 222_400.0, 6_756_400.0)):
        terrain = str(tmp_path / f"{name}.tif")
        write_cog(Grid(np.zeros((50, 100)), x, y + 100, 2.0, crs, unit="m"), terrain)
        roads = QgsVectorLayer(f"LineString?crs={crs}&field=daily:double", "roads", "memory")
        row = QgsFeature(roads.fields())
        row.setGeometry(QgsGeometry.fromWkt(f"LINESTRING({x + 2} {y + 30}, {x + 198} {y + 30})"))
        row.setAttributes([4000.0])
        roads.dataProvider().addFeature(row)
        to = {
            key: str(tmp_path / f"{name}_{key}") + end
            for key, end in (("grid", ".tif"), ("contours", ".gpkg"), ("points", ".gpkg"), ("summary", ".csv"))
        }
        given = {"roads": roads, "terrain": terrain, "grid_spacing": 20.0, **to}
        made, done = provider.algorithm("roadnoise").create().run(given, context, QgsProcessingFeedback(), {}, False)
        assert done
        grid = QgsRasterLayer(made["grid"], "grid")
        found[name] = grid.as_numpy()
        assert grid.crs().authid() == crs and grid.extent().xMinimum() == x
        for key in ("contours", "points"):
            assert QgsVectorLayer(made[key], key, "ogr").crs().authid() == crs
    assert np.ma.count(found["here"]) > 20 and (found["here"] == found["there"]).all()
