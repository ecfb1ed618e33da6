"""The ground, the topography, the roads and the trees of the sample."""

import json

import numpy as np
import pytest
from osgeo import gdal, ogr

from resources.sample import EXTENT, layout
from resources.sample.geometry import box, rasterize

X0, Y0, X1, Y1 = EXTENT


def raster(path):
    dataset = gdal.Open(str(path))
    values = dataset.ReadAsArray()
    return np.where(values > 1e30, np.nan, values), dataset


@pytest.fixture(scope="module")
def scanned(sample):
    return raster(sample / "terrain_05m.tif")[0]


@pytest.fixture(scope="module")
def filled(sample):
    return raster(sample / "terrain_05m_filled.tif")[0]


@pytest.fixture(scope="module")
def bgt(sample):
    source = ogr.Open(str(sample / "bgt.gpkg"))
    return {layer.GetName(): [(f.items(), f.geometry().Clone()) for f in layer] for layer in source}


def mask(pieces):
    moved = []
    for _, geometry in pieces:
        rings = [
            np.array(geometry.GetGeometryRef(i).GetPoints())[:, :2] - (X0, Y0)
            for i in range(geometry.GetGeometryCount())
        ]
        copy = ogr.Geometry(ogr.wkbPolygon)
        for points in rings:
            ring = ogr.Geometry(ogr.wkbLinearRing)
            for x, y in points:
                ring.AddPoint_2D(float(x), float(y))
            copy.AddGeometry(ring)
        moved.append(copy)
    return rasterize(moved)


def on_the_ground(pieces, **wanted):
    return [p for p in pieces if p[0]["relatieve_hoogteligging"] == 0 and all(p[0][k] == v for k, v in wanted.items())]


def test_terrain_is_a_half_metre_grid_in_rd(sample):
    for name in ("terrain_05m.tif", "terrain_05m_filled.tif", "dsm_05m.tif"):
        values, dataset = raster(sample / name)
        assert values.shape == (2000, 2000)
        assert dataset.GetGeoTransform() == (X0, 0.5, 0.0, Y1, 0.0, -0.5)
        assert dataset.GetSpatialRef().GetAuthorityCode(None) == "28992"
        assert dataset.GetRasterBand(1).GetNoDataValue() == pytest.approx(3.4028235e38, rel=1e-6)  # float32 maximum
        assert dataset.GetRasterBand(1).GetBlockSize() == [256, 256]


def test_holes_are_at_buildings_and_water_only(scanned, filled, bgt):
    hidden = mask(bgt["pand"]) | mask(bgt["waterdeel"])
    assert not np.isnan(filled).any()
    assert np.mean(np.isnan(scanned) == hidden) > 0.999  # cells on an edge may fall either way
    assert np.array_equal(scanned[~np.isnan(scanned)], filled[~np.isnan(scanned)])


def test_the_polder_lies_below_nap_and_the_dike_above_it(filled):
    assert np.mean(filled < 0) > 0.8
    assert np.median(filled[100:400, 100:500]) < -1.5  # the meadow
    column, row = (int(2 * 225), int(2 * (1000 - 652)))
    assert filled[row, column] > 1.2


def test_streets_lie_lower_than_the_plots_along_them(filled, bgt):
    roads = on_the_ground(bgt["wegdeel"], functie="woonerf") + [
        p
        for p in on_the_ground(bgt["wegdeel"], functie="rijbaan lokale weg")
        if p[0]["plus_fysiek_voorkomen"] == "betonstraatstenen"
    ]
    street = mask(roads)
    plot = mask([p for p in bgt["onbegroeidterreindeel"] if p[0]["fysiek_voorkomen"] == "erf"])
    height = filled[:1999, :1999]
    differences = []
    for i in range(0, 2000 - 20, 20):  # in blocks of 10 m, where quays and dike do not count
        for j in range(0, 2000 - 20, 20):
            s, p = street[i : i + 20, j : j + 20], plot[i : i + 20, j : j + 20]
            if s.sum() > 40 and p.sum() > 40:
                block = filled[i : i + 20, j : j + 20]
                differences.append(np.median(block[p]) - np.median(block[s]))
    assert height.size and len(differences) > 200
    assert 0.08 < np.median(differences) < 0.25
    assert np.mean(np.array(differences) > 0) > 0.97  # a few lie on the slope of a quay


def test_the_underpass_is_the_low_of_its_surroundings(scanned):
    x, y = layout.UNDERPASS
    column, row = int(2 * x), int(2 * (1000 - y))
    around = scanned[row - 300 : row + 200, column - 300 : column + 300]
    lowest = np.unravel_index(np.nanargmin(around), around.shape)
    assert np.hypot(lowest[0] - 300, lowest[1] - 300) * 0.5 < 25.0
    assert np.nanmin(around) < np.nanmedian(around) - 1.5


def test_surface_model_rises_over_roofs(sample, filled, bgt):
    surface, _ = raster(sample / "dsm_05m.tif")
    built = mask(bgt["pand"])
    assert np.nanmean((surface - filled)[built] > 1.5) > 0.97  # cells on an edge may miss the roof
    assert np.nanmax(surface) > 40.0


def test_bgt_polygons_are_valid_and_within_the_area(bgt):
    around = box(X0 - 0.01, Y0 - 0.01, X1 + 0.01, Y1 + 0.01)
    for name, pieces in bgt.items():
        assert pieces, name
        for fields, geometry in pieces:
            assert geometry.IsValid() and geometry.GetArea() > 0, fields
            assert around.Contains(geometry), fields


def test_bgt_covers_the_ground_once(bgt):
    ground = [geometry for pieces in bgt.values() for _, geometry in on_the_ground(pieces)]
    assert sum(g.GetArea() for g in ground) == pytest.approx(1e6, abs=50.0)  # slivers below 0.3 m2 are left out
    count = sum(mask(on_the_ground(pieces)).astype(int) for pieces in bgt.values())
    assert np.mean(count == 1) > 0.9999


def test_bgt_has_its_codes_and_unique_ids(bgt):
    ids = [fields["lokaal_id"] for pieces in bgt.values() for fields, _ in pieces]
    assert len(ids) == len(set(ids))
    functions = {fields["functie"] for fields, _ in bgt["wegdeel"]}
    assert functions >= {
        "rijbaan lokale weg",
        "woonerf",
        "fietspad",
        "voetpad",
        "parkeervlak",
        "spoorbaan",
        "voetgangersgebied",
    }
    assert {fields["relatieve_hoogteligging"] for fields, _ in bgt["wegdeel"]} == {0, 1}


def test_every_building_is_a_pand_of_the_bgt(bgt, city):
    known = {name.rsplit(".", 1)[1] for name, item in city["CityObjects"].items() if item["type"] == "Building"}
    assert {fields["identificatie_bag_pnd"] for fields, _ in bgt["pand"]} == known


def test_no_building_overlaps_another(bgt, city):
    area = {}
    for fields, geometry in bgt["pand"]:  # cut where it would overlap
        area[fields["identificatie_bag_pnd"]] = area.get(fields["identificatie_bag_pnd"], 0.0) + geometry.GetArea()
    for name, item in city["CityObjects"].items():
        if item["type"] == "Building":
            whole = item["attributes"]["b3_opp_grond"]
            assert area[name.rsplit(".", 1)[1]] == pytest.approx(whole, abs=0.1)  # vertices are rounded to 1 mm


def test_roads_are_one_connected_network(sample):
    source = ogr.Open(str(sample / "roads.gpkg"))
    parent = {}

    def root(node):
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    ends = {f["JTE_ID"]: f.geometry().GetPoint_2D() for f in source.GetLayer("juncties")}
    for feature in source.GetLayer("wegvakken"):
        line = feature.geometry()
        assert line.GetPoint_2D(0) == ends[feature["JTE_ID_BEG"]]
        assert line.GetPoint_2D(line.GetPointCount() - 1) == ends[feature["JTE_ID_END"]]
        assert feature["STT_NAAM"] and feature["intensiteit_lv_dag"] > feature["intensiteit_lv_nacht"] > 0
        parent[root(feature["JTE_ID_BEG"])] = root(feature["JTE_ID_END"])
    assert len({root(node) for node in ends}) == 1


def test_trees_stand_on_the_ground_and_not_in_buildings(sample, filled, bgt):
    built = mask(bgt["pand"])
    source = ogr.Open(str(sample / "trees.gpkg"))
    count = 0
    for feature in source.GetLayer("bomen"):
        x, y, z = feature.geometry().GetPoint()
        row, column = int((Y1 - y) * 2), int((x - X0) * 2)
        assert not built[row, column]
        assert z == pytest.approx(filled[row, column], abs=0.02)  # rounded to 1 cm
        assert 2 < feature["hoogte"] < 30 and 1 < feature["kroondiameter"] < 20 and feature["soort"]
        count += 1
    assert count > 800


def test_the_manifest_says_that_it_is_fictional(sample):
    manifest = json.loads((sample / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["fictional"] is True and manifest["licence"] == "CC0-1.0"
    found = {path.name for path in sample.iterdir()}
    assert set(manifest["files"]) == found - {"points.copc.laz"}  # the services of other tests make that of it
