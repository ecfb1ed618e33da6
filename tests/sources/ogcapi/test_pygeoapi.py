"""The OGC API client against the real pygeoapi."""

import json

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import CrsError, InputError, UnavailableError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.features_service import OgcFeaturesSource
from dtwin_plugin.sources.requests_transport import RequestsTransport

COUNT = 253
AREA = Extent(84_000, 447_000, 86_000, 448_000)


def write_gpkg(path):
    """Points in RD, 10 m apart in rows of 50."""
    from osgeo import ogr, osr

    reference = osr.SpatialReference()
    reference.ImportFromEPSG(28992)
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = dataset.CreateLayer("bomen", reference, ogr.wkbPoint)
    layer.CreateField(ogr.FieldDefn("lokaal_id", ogr.OFTString))
    layer.CreateField(ogr.FieldDefn("hoogte", ogr.OFTReal))
    for n in range(COUNT):
        item = ogr.Feature(layer.GetLayerDefn())
        item.SetField("lokaal_id", f"L{n}")
        item.SetField("hoogte", 0.5 * n)
        item.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({84_010 + 10 * (n % 50)} {447_010 + 10 * (n // 50)})"))
        layer.CreateFeature(item)
    del layer, dataset
    return path


def write_geojson(path):
    """Two lines in longitude and latitude."""
    features = [
        {
            "type": "Feature",
            "id": n,
            "properties": {"naam": f"lijn {n}"},
            "geometry": {"type": "LineString", "coordinates": [[4.35, 52.0 + n / 100], [4.36, 52.0 + n / 100]]},
        }
        for n in range(2)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture(scope="module")
def pygeoapi(root, tmp_path_factory, pygeoapi_server):
    if pygeoapi_server.python(root) is None:
        pytest.skip("needs pygeoapi: run scripts/setup.sh server")
    folder = tmp_path_factory.mktemp("pygeoapi")
    rd, crs84 = pygeoapi_server.RD, pygeoapi_server.CRS84
    gpkg, lines = write_gpkg(folder / "bomen.gpkg"), write_geojson(folder / "lijnen.geojson")
    make = pygeoapi_server.collection
    resources = {
        "bomen": make(gpkg, "SQLiteGPKG", rd, [crs84, rd], table="bomen"),
        "lijnen": make(lines, "GeoJSON", None, [crs84], identity="id"),
    }
    with pygeoapi_server.serve(root, folder, resources) as url:
        yield url


def source(url, name="bomen", **options):
    return OgcFeaturesSource(url, name, transport=RequestsTransport(), **options)


def test_describe(pygeoapi):
    info = source(pygeoapi).describe()
    assert info.extent == (3.0, 50.5, 7.5, 53.7) and info.crs == "OGC:CRS84"
    assert info.facts["number_matched"] is None  # this provider of pygeoapi does not say it; the next does
    assert source(pygeoapi, "lijnen").describe().count == 2
    assert info.facts["title"] == "Bomen of a test" and info.facts["storage_crs"] == "EPSG:28992"
    assert "EPSG:28992" in info.facts["crs"] and {"lokaal_id", "hoogte"} <= set(info.facts["attributes"])


def test_collections_are_listed(pygeoapi):
    assert set(source(pygeoapi, None).describe().facts["collections"]) == {"bomen", "lijnen"}


@pytest.mark.parametrize("limit", [50, 100, 253, 1000])
def test_all_objects_come_once_in_rd(pygeoapi, limit):
    progress = Silent()
    chunks = list(source(pygeoapi, limit=limit).read(None, progress))
    names = [name for chunk in chunks for name in chunk.columns["lokaal_id"].tolist()]
    assert sorted(names) == sorted(f"L{n}" for n in range(COUNT)) and progress.warnings == []
    points = np.vstack([chunk.geometries.coordinates for chunk in chunks])
    assert points[names.index("L0")] == pytest.approx([84_010, 447_010], abs=1e-6)  # the server transforms RD to RD
    assert chunks[0].crs == "EPSG:28992" and points[:, 1].max() == pytest.approx(447_060)


def test_an_area_is_asked_in_rd(pygeoapi):
    found = list(source(pygeoapi).read(Extent(84_005, 447_005, 84_035, 447_025)))
    names = {name for chunk in found for name in chunk.columns["lokaal_id"].tolist()}
    assert names == {"L0", "L1", "L2", "L50", "L51", "L52"}


def test_a_collection_without_rd_needs_the_grids(pygeoapi, no_grids):
    with pytest.raises(CrsError, match="nl_nsgi_rdcorr2018"):
        no_grids(lambda: list(source(pygeoapi, "lijnen").read()))


def test_a_collection_without_rd_is_brought_to_rd(pygeoapi, grids):
    (chunk,) = source(pygeoapi, "lijnen").read()
    assert chunk.columns["naam"].tolist() == ["lijn 0", "lijn 1"]
    assert chunk.extent.x_min == pytest.approx(82_900, abs=500)


def test_an_unknown_collection_is_told(pygeoapi):
    with pytest.raises(InputError, match="has no collection 'struiken'; it has bomen, lijnen"):
        list(source(pygeoapi, "struiken").read(AREA))


def test_a_refused_crs_is_told(pygeoapi):
    with pytest.raises(UnavailableError, match="HTTP 400"):
        list(source(pygeoapi, crs="http://www.opengis.net/def/crs/EPSG/0/7415").read(AREA))


def test_addresses_of_inspire_load_as_the_owner_has_them(root, tmp_path, shared, pygeoapi_server):
    """The facts of the row in the README of the data."""
    if pygeoapi_server.python(root) is None:
        pytest.skip("needs pygeoapi: run scripts/setup.sh server")
    file, rd = shared / "basisregistraties" / "pygeoapi" / "dutch_addresses_28992.gpkg", pygeoapi_server.RD
    offered = [pygeoapi_server.CRS84, rd]
    resource = pygeoapi_server.collection(file, "SQLiteGPKG", rd, offered, table="OGRGeoJSON")
    with pygeoapi_server.serve(root, tmp_path, {"adressen": resource}) as url:
        chunks = list(source(url, "adressen").read())
    box = np.vstack([chunk.geometries.bounds() for chunk in chunks])
    assert sum(map(len, chunks)) == 2481
    assert [box[:, 0].min(), box[:, 1].min(), box[:, 2].max(), box[:, 3].max()] == pytest.approx(
        [174_420, 450_567, 185_280, 459_543], abs=1
    )
