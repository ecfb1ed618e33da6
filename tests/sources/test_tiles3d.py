"""3D Tiles: the facts of real tilesets, where they stand, and what hostile ones are answered."""

import json
import struct

import numpy as np
import pytest

from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import CrsError, DtwinError, FormatError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.gltf.meshopt import decode
from dtwin_plugin.sources.tiles3d import Tiles3dSource
from dtwin_plugin.sources.tiles3d.content import read_content
from dtwin_plugin.sources.tiles3d.earth import from_degrees, to_degrees
from dtwin_plugin.sources.tiles3d.walk import Walk

CITY = "tiles3d/1.0_TilesetWithRequestVolume/city/"
SPARSE = "tiles3d/1.1_SparseImplicitQuadtree/"
FACTS = {
    "tiles3d/py3dtiles/tileset.json": ("3D Tiles 0.0", {"tiles": 1, "types": {".pnts": 1}}),
    "tiles3d/kievitsweg/tileset.json": ("3D Tiles 1.1", {"tiles": 15, "types": {".glb": 15}, "schema": True}),
    "tiles3d/1.1_MetadataGranularities/tileset.json": ("3D Tiles 1.1", {"tiles": 5, "contents": 20, "schema": True}),
    SPARSE + "tileset.json": ("3D Tiles 1.1", {"tiles": 1, "implicit": "QUADTREE, 6 levels"}),
    CITY + "ll.b3dm": ("3D Tiles content (b3dm)", {"batch_length": 10, "triangles": 120}),
    "tiles3d/1.0_TilesetWithRequestVolume/points.pnts": ("3D Tiles content (pnts)", {"points": 125000}),
    "tiles3d/py3dtiles/tile_with_extension.b3dm": ("3D Tiles content (b3dm)", {"batch_length": 2}),
    "tiles3d/kievitsweg/tiles/0/0/0/0.glb": ("3D Tiles content (glb)", {"triangles": 25266}),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts(shared, name):
    found = Tiles3dSource(shared / name).describe()
    kind, facts = FACTS[name]
    assert found.format == kind
    assert {key: found.facts[key] for key in facts} == facts


def test_buildings_stand_where_their_batch_table_says(shared):
    """The table's own longitude, latitude and height, which no geometry was made from here, agree within a metre."""
    path = shared / CITY / "ll.b3dm"
    ((part, columns),) = read_content(path.read_bytes(), path.name, lambda uri: b"").parts
    for batch in range(10):
        own = to_degrees(part.xyz[part.features == batch])
        low, high = own.min(axis=0), own.max(axis=0)
        middle = (low + high) / 2
        table = [columns[name][batch] for name in ("Longitude", "Latitude", "Height")]
        east = (middle[0] - np.degrees(table[0])) * 85_000
        north = (middle[1] - np.degrees(table[1])) * 111_000
        assert max(abs(east), abs(north), abs(high[2] - low[2] - table[2])) < 1.0


def test_degrees_and_back():
    points = np.array([[4.9, 52.4, 43.0], [-75.6, 40.0, 0.0], [5.0, -89.9, 3000.0]])
    assert np.allclose(to_degrees(from_degrees(points)), points, atol=1e-8, rtol=0)


def test_meshopt_agrees_with_the_bounds_the_file_states(shared):
    found = Tiles3dSource(shared / "tiles3d/kievitsweg/tiles/2/0/1/0.glb").describe()
    # Accessor 2 states 183, 916, 4095 of 65535 as largest, the node a factor 101.783 and its shift.
    x, y, z = np.array([183, 916, 4095]) / 65535 * 101.78332594435602
    x_min, y_min, z_min, x_max, y_max, z_max = found.extent
    assert np.allclose([x_max - x_min, y_max - y_min, z_max - z_min], [x, y, z], atol=1e-6)


def test_all_contents_of_a_sparse_quadtree_are_found(shared):
    source = Tiles3dSource(shared / SPARSE / "tileset.json")
    walk = Walk(source._fetcher, Silent(), lambda tile: True, 0.0, 1000)
    path = shared / SPARSE / "tileset.json"
    found = {address for _, address, _ in walk.contents(json.loads(path.read_text()), str(path))}
    assert found == {str(p.resolve()) for p in (shared / SPARSE / "content").iterdir()}


def test_local_tiles_need_a_placement(shared):
    path = shared / "tiles3d/1.1_MetadataGranularities/tileset.json"
    with pytest.raises(CrsError, match="local coordinates"):
        list(Tiles3dSource(path).read())
    chunks = list(Tiles3dSource(path, placement=Placement(100_000, 450_000, 2)).read())
    extent = chunks[0].extent
    assert 99_900 < extent.x_min < extent.x_max < 100_100


def test_kievitsweg_stands_in_rijnmond(shared, grids):
    chunk = next(Tiles3dSource(shared / "tiles3d/kievitsweg/tileset.json").read())
    assert 90_000 < chunk.extent.x_min < 105_000
    assert -5 < np.median(chunk.geometries.coordinates[:, 2]) < 15


def glb(document, binary=b""):
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text
    body += struct.pack("<II", len(binary), 0x004E4942) + binary if binary else b""
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


ASSET = {"asset": {"version": "2.0"}}
MESH = {"meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}], "nodes": [{"mesh": 0}]}
HUGE = {"componentType": 5126, "type": "VEC3", "count": 2**31, "bufferView": 0}
HOSTILE = {
    "cycle": glb({**ASSET, "scenes": [{"nodes": [0]}], "nodes": [{"children": [1]}, {"children": [0]}]}),
    "huge accessor": glb(
        {**ASSET, **MESH, "accessors": [HUGE], "bufferViews": [{"buffer": 0, "byteLength": 4}],
         "buffers": [{"byteLength": 4}]}, b"1234"),
    "outside": glb(
        {**ASSET, **MESH, "accessors": [HUGE], "bufferViews": [{"buffer": 0, "byteLength": 4}],
         "buffers": [{"uri": "../../etc/passwd", "byteLength": 4}]}),
    "short": b"glTF" + struct.pack("<II", 2, 4000) + b"x" * 20,
    "b3dm": b"b3dm" + struct.pack("<6I", 1, 28, 2**31, 0, 0, 0),
    "pnts": b"pnts" + struct.pack("<6I", 1, 28 + 48, 48, 0, 0, 0)
    + b'{"POINTS_LENGTH":4000000000,"POSITION":{"byteOffset":0}}'[:48],
    "cmpt": b"cmpt" + struct.pack("<III", 1, 16, 2**31),
    "subtree": b"subt" + struct.pack("<IQQ", 1, 2**60, 0),
    "transform": b'{"asset":{"version":"1.1"},"root":{"transform":[1,2],"boundingVolume":{"sphere":[0,0,0,1]}}}',
    "deep": b'{"asset":{"version":"1.1"},"root":' + b'{"children":[' * 5000 + b"]}" * 5000 + b"}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_a_sentence(tmp_path, name):
    path = tmp_path / "tile.bin"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(DtwinError) as caught:
        Tiles3dSource(path).describe()
    assert "tile.bin" in str(caught.value)


def test_meshopt_refuses_a_count_its_bytes_cannot_hold():
    with pytest.raises(FormatError):
        decode(b"\xa0" + b"\0" * 40, 2**30, 16, "ATTRIBUTES", "NONE", "a")


def test_a_missing_tile_is_a_gap_and_no_reason_to_lose_the_others(tmp_path, shared):
    folder = shared / "tiles3d" / "py3dtiles" / "tiles"
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    source = Tiles3dSource(tmp_path / "tileset.json", placement=Placement(84_000, 447_000, 0))
    whole = sum(map(len, source.read()))
    (tmp_path / "r1.pnts").unlink()
    progress = Silent()
    assert sum(map(len, source.read(progress=progress))) == whole - 1
    assert "1 of 3 tiles of tileset.json are missing: " in progress.warnings[0] and "r1.pnts" in progress.warnings[0]


@pytest.mark.parametrize(
    ("key", "value", "type_", "kind"),
    [
        ("identificatie", "NL.IMBAG.Pand.0363100012061219", "Building", "RoofSurface"),
        ("identificatie", "0363100012061219", "Building", "RoofSurface"),
        ("identificatie", "363100012061219", "Building", "RoofSurface"),
        ("identificatie", "0363010012061219", "GenericCityObject", "Unknown"),
        ("globalId", "tree-1", "GenericCityObject", "Unknown"),
    ],
)
def test_only_what_the_bag_knows_as_a_building_has_a_roof(key, value, type_, kind):
    from types import SimpleNamespace

    from dtwin_plugin.sources.tiles3d.carriers import surfaces_from

    xyz = np.array([[0.0, 0, 5], [1, 0, 5], [0, 1, 5]])
    part = SimpleNamespace(triangles=np.array([[0, 1, 2]]), features=None)
    found = surfaces_from([(xyz, part, {key: [value]})], None, "tile").surfaces
    assert (found.columns["id"][0], found.columns["type"][0]) == (value, type_)
    assert list(found.semantics) == [kind]
