"""Reading vector files, made here and real."""

import json

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.vector import VectorSource

RD = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
SQUARE = [[84_000, 447_000], [84_010, 447_000], [84_010, 447_010], [84_000, 447_010], [84_000, 447_000]]
HOLE = [[84_002, 447_002], [84_002, 447_004], [84_004, 447_004], [84_004, 447_002], [84_002, 447_002]]


@pytest.fixture
def write(tmp_path):
    """A writer of GeoJSON: (geometry type, coordinates, properties) each, or None for no geometry."""

    def write_features(items, crs=RD, name="a.geojson"):
        features = []
        for kind, coordinates, properties in items:
            geometry = {"type": kind, "coordinates": coordinates} if kind else None
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
        collection = {"type": "FeatureCollection", "features": features}
        (tmp_path / name).write_text(json.dumps({**collection, **({"crs": crs} if crs else {})}))
        return tmp_path / name

    return write_features


def point(x, y, **properties):
    return ("Point", [x, y], properties)


def read(path, *args, **options):
    return list(VectorSource(path, **options).read(*args))


def test_polygons_with_holes_and_parts_are_kept(write):
    (features,) = read(write([("Polygon", [SQUARE, HOLE], {"a": 1}), ("MultiPolygon", [[SQUARE], [HOLE]], {"a": 2})]))
    shapes = features.geometries
    assert shapes.kind == "polygon" and len(shapes) == 2 and features.crs == "EPSG:28992"
    assert np.diff(shapes.features).tolist() == [1, 2] and np.diff(shapes.parts).tolist() == [2, 1, 1]
    assert shapes.coordinates[:5].tolist() == SQUARE


def test_heights_are_kept(write):
    (features,) = read(write([("LineString", [[84_000, 447_000, -1.5], [84_001, 447_000, 2]], {})]))
    assert features.geometries.coordinates[:, 2].tolist() == [-1.5, 2.0] and features.crs == "EPSG:7415"


def test_each_kind_of_geometry_is_a_chunk_of_its_own(write):
    found = read(write([point(84_000, 447_000), ("Polygon", [SQUARE], {}), ("MultiPoint", [[84_001, 447_000]], {})]))
    assert [(part.geometries.kind, len(part)) for part in found] == [("point", 2), ("polygon", 1)]


def test_attributes_keep_their_type_and_their_absence(write):
    (features,) = read(write([point(84_000, 447_000, n=1, t="a", f=0.5), point(84_001, 447_000, n=None, t=None, f=1)]))
    columns = {name: values.tolist() for name, values in features.columns.items()}
    assert columns["t"] == ["a", None] and columns["f"] == [0.5, 1.0]
    assert columns["n"][0] == 1 and np.isnan(columns["n"][1])


def test_only_what_touches_the_area_is_read(write):
    path = write([point(84_000, 447_000, n=1), point(85_000, 447_000, n=2)])
    (features,) = read(path, Extent(84_900, 446_900, 85_100, 447_100))
    assert features.columns["n"].tolist() == [2]
    assert read(path, Extent(90_000, 446_900, 90_100, 447_100)) == []


def test_large_layers_come_in_chunks(write):
    path = write([point(84_000 + n, 447_000, n=n) for n in range(25)])
    assert [len(part) for part in read(path, chunk=10)] == [10, 10, 5]


def test_degrees_become_rd(write, grids):
    (features,) = read(
        write([("Point", [4.84308591, 51.94520148], {})], crs=None)
    )  # a BRO object, 117589.000 439779.000
    assert np.abs(features.geometries.coordinates[0] - (117_589, 439_779)).max() < 1e-3  # m


def test_an_area_in_rd_filters_degrees(write, grids):
    path = write([("Point", [4.84308591, 51.94520148], {}), ("Point", [5.5, 52.5], {})], crs=None)
    assert len(read(path, Extent(117_500, 439_700, 117_600, 439_800))[0]) == 1


def test_features_without_a_geometry_are_left_out_and_said_so(write):
    progress = Silent()
    (features,) = read(write([(None, None, {"n": 1}), point(84_000, 447_000, n=2)]), None, progress)
    assert len(features) == 1 and "1 features have no geometry" in progress.warnings[0]


def test_a_file_without_any_geometry_lies_nowhere(write):
    info = VectorSource(write([(None, None, {"n": 1})])).describe()
    assert info.count == 1 and info.extent is None  # and not at 0, 0


def test_collections_are_refused(tmp_path):
    shape = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [84_000, 447_000]}]}
    content = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": shape}]}
    (tmp_path / "a.geojson").write_text(json.dumps({**content, "crs": RD}))
    with pytest.raises(FormatError, match="GEOMETRYCOLLECTION"):
        read(tmp_path / "a.geojson")


def test_a_layer_can_be_chosen(tmp_path):
    from osgeo import ogr, osr

    reference = osr.SpatialReference()
    reference.ImportFromEPSG(28992)
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(tmp_path / "a.gpkg"))
    for number, name in enumerate(("roads", "trees")):
        layer = dataset.CreateLayer(name, reference, ogr.wkbPoint)
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({84_000 + number} 447000)"))
        layer.CreateFeature(feature)
        del feature, layer
    del dataset
    source = VectorSource(tmp_path / "a.gpkg", layer="trees")
    assert next(source.read()).geometries.coordinates[0, 0] == 84_001
    assert set(source.describe().facts["layers"]) == {"roads", "trees"}
    with pytest.raises(InputError, match="has no layer 'canals'; it has roads, trees"):
        read(tmp_path / "a.gpkg", layer="canals")


def test_a_curve_becomes_straight_pieces(tmp_path):
    from osgeo import ogr, osr

    reference = osr.SpatialReference()
    reference.ImportFromEPSG(28992)
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(tmp_path / "a.gpkg"))
    layer = dataset.CreateLayer("arcs", reference, ogr.wkbCircularString)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("CIRCULARSTRING (84000 447000, 84010 447010, 84020 447000)"))
    layer.CreateFeature(feature)
    del feature, layer, dataset
    (features,) = read(tmp_path / "a.gpkg")
    radius = np.hypot(*(features.geometries.coordinates - (84_010, 447_000)).T)
    assert len(radius) > 10 and np.allclose(radius, 10, atol=1e-6)


def test_the_user_can_stop_it(write, cancelling):
    with pytest.raises(Cancelled):
        read(write([point(84_000, 447_000)]), None, cancelling())


@pytest.mark.parametrize("content", ["", "{}", '{"type": "FeatureCollection", "features": [', "hello"])
def test_what_is_no_vector_file_is_one_sentence(tmp_path, content):
    (tmp_path / "a.geojson").write_text(content)
    with pytest.raises((FormatError, CrsError)) as caught:
        read(tmp_path / "a.geojson")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "a.gpkg")


def test_a_shapefile_without_prj_is_taken_as_rd_where_the_numbers_fit(tmp_path):
    from osgeo import ogr

    dataset = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(str(tmp_path / "a.shp"))
    layer = dataset.CreateLayer("a", None, ogr.wkbPoint)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT (84000 447000)"))
    layer.CreateFeature(feature)
    del feature, layer, dataset
    assert "EPSG:28992 is assumed" in VectorSource(tmp_path / "a.shp").describe().warnings[0]


def test_the_bgt_of_zeeland(shared):
    source = open_source(shared / "basisregistraties/zeeland_nlmod/bgt.geojson")
    assert source.describe().count == 140
    (features,) = source.read()
    assert len(features) == 140 and features.extent.bounds == (32_300, 369_600, 34_300, 371_600)


def test_registered_soundings_lie_within_the_bounds_of_their_municipality(shared, grids):
    (features,) = VectorSource(shared / "subsurface/geost/test_bro_cpt_geopackage.gpkg").read()
    x, y = features.geometries.coordinates[:, :2].T
    assert ((x > 118_600) & (x < 118_900) & (y > 449_300) & (y < 449_600)).all()
