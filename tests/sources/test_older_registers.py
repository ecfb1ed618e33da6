"""Older deliveries and smaller scales of the base registers, and what goes with tiles: told by their roots."""

import json
import struct

import pytest

from dtwin_plugin.sources.describe_one import describe_one
from dtwin_plugin.sources.heads import is_geojson
from dtwin_plugin.sources.vector import VectorSource

GML = 'xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:k="http://www.kadaster.nl/schemas/k"'
POINT = '<gml:Point srsName="urn:ogc:def:crs:EPSG::28992"><gml:pos>{x} {y}</gml:pos></gml:Point>'
ROOTS = [
    ("KadastraleKaartCollection", "perceelMember", "Perceel", "BRK cadastral map"),
    ("brkkadastralekaartCollection", "brkkadastralekaartMember", "Perceel", "BRK cadastral map"),
    ("FeatureCollectionGBKN", "FeatureMember", "Bebouwing", "GBKN"),
    ("FeatureCollectionTop50", "FeatureMember", "Gebouw", "TOP50NL to TOP1000NL"),
    ("FeatureCollectionTop100", "FeatureMember", "Gebouw", "TOP50NL to TOP1000NL"),
    ("FeatureCollectionT250NL", "FeatureMember", "Gebouw", "TOP50NL to TOP1000NL"),
    ("FeatureCollectionT500NL", "FeatureMember", "Gebouw", "TOP50NL to TOP1000NL"),
    ("FeatureCollectionT1000NL", "FeatureMember", "Gebouw", "TOP50NL to TOP1000NL"),
]


@pytest.mark.parametrize("root, member, klasse, title", ROOTS, ids=[row[0] for row in ROOTS])
def test_an_older_delivery_is_read(tmp_path, root, member, klasse, title):
    shape = f"<k:plaats>{POINT.format(x=155_000, y=463_000.5)}</k:plaats>"
    objects = f"<k:{member}><k:{klasse}><k:naam>een</k:naam>{shape}</k:{klasse}></k:{member}>" * 3
    (tmp_path / "a.gml").write_text(f"<k:{root} {GML}>{objects}</k:{root}>")
    row = describe_one(tmp_path / "a.gml")
    assert (row["status"], row["message"], row["format"]) == ("loaded", "", title)
    assert row["count"] == 3 and row["facts"]["types"] == {klasse: 3} and row["crs"] == "EPSG:28992"
    assert row["extent"] == [155_000, 463_000.5, 155_000, 463_000.5] and row["chunks"] == 1


def test_a_subtree_and_a_schema_have_facts_and_no_shapes(tmp_path):
    body = json.dumps({"tileAvailability": {"constant": 1}, "childSubtreeAvailability": {"constant": 0}}).encode()
    body += b" " * (-len(body) % 8)
    (tmp_path / "0.subtree").write_bytes(b"subt" + struct.pack("<IQQ", 1, len(body), 0) + body)
    (tmp_path / "schema.json").write_text('{"id": "a", "classes": {"wall": {"properties": {"b": {"type": "STRING"}}}}}')
    for name, title in (("0.subtree", "3D Tiles subtree"), ("schema.json", "3D Tiles metadata schema")):
        row = describe_one(tmp_path / name)
        assert (row["status"], row["message"], row["format"], row["chunks"]) == ("loaded", "", title, 0)


def test_a_node_that_is_called_root_makes_no_tileset(tmp_path):
    (tmp_path / "a.gltf").write_text(
        '{"asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"root": 1}]}'
    )
    row = describe_one(tmp_path / "a.gltf")
    assert row["status"] == "loaded" and row["format"] == "3D Tiles content (gltf)"


@pytest.mark.parametrize("text", ['{"type":"Feature","properties":{},"geometry":%s}', "%s"])
def test_one_feature_or_one_geometry_is_geojson(tmp_path, text):
    point = '{"type": "Point", "coordinates": [155000, 463000]}'
    (tmp_path / "a.json").write_text(text % point)
    row = describe_one(tmp_path / "a.json")
    assert row["source"] == "vector" and row["count"] == 1, row["message"]


def test_what_is_no_geojson():
    assert not is_geojson(b'{"type": "CityJSON", "extensions": {"type": "Point"}}')
    assert not is_geojson(b'[{"type": "Feature"}]') and not is_geojson(b'{"type": "Topology"}')


def test_names_of_an_old_shapefile_are_text(tmp_path):
    from osgeo import ogr

    driver = ogr.GetDriverByName("ESRI Shapefile")
    dataset = driver.CreateDataSource(str(tmp_path / "a.shp"))
    layer = dataset.CreateLayer("a", geom_type=ogr.wkbPoint, options=["ENCODING="])
    layer.CreateField(ogr.FieldDefn("operatXr", ogr.OFTString))
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT (155000 463000)"))
    feature.SetField(0, "Xre")
    layer.CreateFeature(feature)
    del feature, layer, dataset
    table = (tmp_path / "a.dbf").read_bytes()
    (tmp_path / "a.dbf").write_bytes(table.replace(b"X", b"\xd6"))
    row = describe_one(tmp_path / "a.shp")
    assert row["status"] == "loaded" and row["facts"]["attributes"] == {"operatÖr": "String"}
    (chunk,) = VectorSource(tmp_path / "a.shp").read()
    assert chunk.columns["operatÖr"][0] == "Öre"


def test_a_model_whose_points_have_no_height_is_refused_by_that(tmp_path):
    head = "ply\nformat ascii 1.0\nelement vertex 1\nproperty int8 x\nproperty uint16 y\nend_header\n1 2\n"
    (tmp_path / "a.ply").write_text(head)
    (tmp_path / "b.ply").write_text(head.replace("ply\n", "ply \n", 1))
    for name in ("a.ply", "b.ply"):
        row = describe_one(tmp_path / name)
        assert "no x, y and z" in row["message"] and row["source"] == "mesh"


def test_geojson_with_coordinates_that_are_no_numbers_is_refused(tmp_path):
    text = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": '
    (tmp_path / "a.geojson").write_text(text + '{"type": "Point", "coordinates": [[], 463000]}}]}')
    row = describe_one(tmp_path / "a.geojson")
    assert row["status"] == "refused" and "a.geojson" in row["message"]


def test_what_goes_with_another_file_names_it(tmp_path):
    (tmp_path / "ept-hierarchy").mkdir()
    for name in ("ept-build.json", "ept-hierarchy/0-0-0-0.json", "a.bin"):
        (tmp_path / name).write_text('{"0-0-0-0": 3}')
    (tmp_path / "house.gltf").write_text("{}")
    for name, whole in (
        ("ept-build.json", "ept.json"),
        ("ept-hierarchy/0-0-0-0.json", "ept.json"),
        ("a.bin", "house.gltf"),
    ):
        assert f"goes with {whole}" in describe_one(tmp_path / name)["message"]
