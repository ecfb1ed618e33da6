"""Objects of 3D Tiles: one row each with all their surfaces, called by the register that knows them."""

import json

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.tiles3d import Tiles3dSource, reading
from dtwin_plugin.sources.tiles3d.carriers import surfaces_from
from dtwin_plugin.sources.tiles3d.content import read_content
from dtwin_plugin.sources.tiles3d.fetch import Fetcher
from dtwin_plugin.sources.tiles3d.identity import names_of
from tests.sources.tile_bytes import TRIANGLE, Gltf, b3dm, cmpt, i3dm, triangle_glb

HERE = Placement(100_000, 450_000, 0)
A, B = "NL.IMBAG.Pand.0363100012061219", "NL.IMBAG.Pand.0363100012061220"


def at(x):
    return (np.array(TRIANGLE) + [x, 0, 0]).tolist()


def batched(*primitives):
    """A glTF with a mesh for each (x, batch id)."""
    gltf = Gltf()
    for x, number in primitives:
        gltf.mesh(gltf.primitive(at(x), None if number is None else [number] * 3))
    return gltf.bytes()


@pytest.fixture
def read(tmp_path):
    """Write tiles by their address with a tileset, and read all chunks of surfaces."""

    def run(tiles, extent=None, progress=None, children=None):
        for address, data in tiles.items():
            (tmp_path / address).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / address).write_bytes(data)
        volume = {"sphere": [0, 0, 0, 1e6]}
        children = children or [{"boundingVolume": volume, "geometricError": 0, "content": {"uri": address}}
                                for address in tiles]  # fmt: skip
        root = {"boundingVolume": volume, "geometricError": 9, "refine": "ADD", "children": children}
        path = tmp_path / "tileset.json"
        path.write_text(json.dumps({"asset": {"version": "1.1"}, "geometricError": 9, "root": root}))
        return list(Tiles3dSource(path, placement=HERE).read(extent, progress))

    return run


def rows(chunks):
    """The number of surfaces of each object, by its id, in all chunks; an id in two rows is a failure."""
    found = {}
    for chunk in chunks:
        for row, name in enumerate(chunk.columns["id"].tolist()):
            assert name not in found
            found[name] = int((chunk.objects == row).sum())
    return found


def test_an_object_of_several_meshes_is_one_row(read):
    tile = b3dm(batched((0, 0), (5, 1), (10, 0)), {"BATCH_LENGTH": 2}, {"identificatie": [A, B], "floors": [3, 4]})
    (chunk,) = read({"a.b3dm": tile})
    assert rows([chunk]) == {A: 2, B: 1}
    assert dict(zip(chunk.columns["id"], chunk.columns["floors"])) == {A: 3, B: 4}


def test_an_object_of_several_tiles_is_one_row_with_what_each_knows(read):
    one = b3dm(batched((0, 0)), {"BATCH_LENGTH": 1}, {"identificatie": [A], "floors": [None], "roof": ["flat"]})
    two = b3dm(batched((5, 1), (9, 0)), {"BATCH_LENGTH": 2}, {"identificatie": [B, A], "floors": [4, 3]})
    (chunk,) = read({"a.b3dm": one, "b.b3dm": two})
    assert rows([chunk]) == {A: 2, B: 1}
    at_row = chunk.columns["id"].tolist().index(A)
    assert chunk.columns["floors"][at_row] == 3 and chunk.columns["roof"][at_row] == "flat"


def test_one_building_written_in_three_ways_is_one_row(read):
    tiles = {
        f"{number}.b3dm": b3dm(batched((5 * number, 0)), {"BATCH_LENGTH": 1}, {"pand_id": [value]})
        for number, value in enumerate([A, "0363100012061219", 363100012061219])
    }
    assert rows(read(tiles)) == {A: 3}


def test_objects_without_an_id_are_called_by_their_tile_and_row(read):
    tile = b3dm(batched((0, 0), (5, 1), (9, 1)), {"BATCH_LENGTH": 2}, {"height": [3.0, 4.0]})
    chunks = read({"1/0.b3dm": tile, "2/0.b3dm": tile})
    assert rows(chunks) == {"1/0.b3dm-0": 1, "1/0.b3dm-1": 2, "2/0.b3dm-0": 1, "2/0.b3dm-1": 2}
    far = read({"1/0.b3dm": tile, "2/0.b3dm": tile}, Extent(100_004, 449_990, 100_020, 450_010))
    assert rows(far) == {"1/0.b3dm-1": 2, "2/0.b3dm-1": 2}


def test_ids_that_begin_anew_in_every_tile_are_no_ids(read):
    """The batch table of CesiumGS' city numbers its rows: 0 to 9 in each of four tiles."""
    tile = b3dm(batched((0, 0), (5, 1)), {"BATCH_LENGTH": 2}, {"id": [0, 1]})
    chunks = read({"a.b3dm": tile, "b.b3dm": tile})
    assert set(rows(chunks)) == {"a.b3dm-0", "a.b3dm-1", "b.b3dm-0", "b.b3dm-1"}
    assert chunks[0].columns["tile_id"].tolist() == [0, 1]


def test_the_parts_of_a_composite_have_rows_of_their_own(read):
    inner = b3dm(batched((0, 0)), {"BATCH_LENGTH": 1}, {"height": [3.0]})
    trees = i3dm(triangle_glb(), {"INSTANCES_LENGTH": 2, "POSITION": np.zeros((2, 3), "<f4")}, {"kind": ["oak", "elm"]})
    (chunk,) = read({"a.cmpt": cmpt(inner, inner, trees, b3dm(batched((0, None)), {"BATCH_LENGTH": 0}))})
    assert rows([chunk]) == {"a.cmpt": 1, "a.cmpt-0": 1, "a.cmpt-1.0": 1, "a.cmpt-2.0": 1, "a.cmpt-2.1": 1}


def test_one_content_at_two_places_is_two_objects(read):
    volume = {"sphere": [0, 0, 0, 1e6]}
    shift = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 50, 0, 0, 1]
    child = {"boundingVolume": volume, "geometricError": 0, "content": {"uri": "a.glb"}}
    chunks = read({"a.glb": triangle_glb()}, children=[child, {**child, "transform": shift}])
    assert rows(chunks) == {"a.glb": 1, "a.glb@2": 1}


def test_an_object_that_touches_the_area_is_there_as_a_whole(read):
    """And of what is no feature, such as a terrain, only the triangles that touch it."""
    whole = b3dm(batched((0, 0), (50, 0), (90, 1)), {"BATCH_LENGTH": 2}, {"identificatie": [A, B]})
    ground = b3dm(batched((0, None), (50, None)), {"BATCH_LENGTH": 0})
    area = Extent(99_990, 449_990, 100_010, 450_010)
    assert rows(read({"a.b3dm": whole, "b.b3dm": ground}, area)) == {A: 2, "b.b3dm": 1}


def test_more_than_memory_holds_comes_in_parts_and_says_so(read, monkeypatch):
    monkeypatch.setattr(reading, "_MOST_HELD", 1)
    progress = Silent()
    tile = b3dm(batched((0, 0), (5, 0)), {"BATCH_LENGTH": 1}, {"identificatie": [A]})
    chunks = read({"a.b3dm": tile, "b.b3dm": tile}, progress=progress)
    assert [len(chunk) for chunk in chunks] == [2, 2]
    assert any("objects in several tiles can come in parts" in text for text in progress.warnings)


@pytest.mark.parametrize(
    ("columns", "name", "building"),
    [
        ({"identificatie": [A]}, A, True),
        ({"id": ["x"], "Pand_ID": [A]}, A, True),
        ({"id": ["x"], "bag-id": ["0363100012061219"]}, "0363100012061219", True),
        ({"gml_id": [A]}, A, True),
        ({"id": ["house"], "anything": [A]}, A, True),  # by its value
        ({"id": ["house"], "anything": [363100012061219.0]}, "363100012061219", True),
        ({"id": ["house"], "anything": [A, "other"]}, "house", False),  # not all values are buildings
        ({"id": ["house"], "time": ["1712345678901234"]}, "house", False),  # 16 digits, but no 10 after four
        ({"identificatie": ["NL.IMBAG.Verblijfsobject.0363010012061219"]}, None, False),
        ({"identificatie": ["G0363.8a"], "bagpnd": ["0363100012061219"]}, "0363100012061219", True),
        ({"identificatie": ["NL.IMBAG.Verblijfsobject.0363010012061219"], "pand_id": [A]}, None, False),
        ({"identificatie": [None], "globalId": ["3fQ"]}, "3fQ", False),
        ({"GlobalId": ["3fQ"], "tag": ["9"]}, "3fQ", False),
        ({"name": ["house"]}, None, False),
        ({"id": [""]}, None, False),
    ],
)
def test_where_an_id_is_found(columns, name, building):
    found = names_of(columns, [0])
    if "Verblijfsobject" in str(columns):
        name = columns["identificatie"][0]
    assert (found.ids, found.buildings) == ([name], [building])


def test_elements_of_a_real_building_are_one_row_each(shared):
    """168 elements of Kievitsweg lie in two meshes; each has its global id, which beats its tag."""
    path = shared / "tiles3d" / "kievitsweg" / "tiles" / "0" / "0" / "0" / "0.glb"
    content = read_content(path.read_bytes(), path.name, lambda uri: (path.parent / uri).read_bytes())
    assert len(content.parts) == 2
    found = surfaces_from([(part.xyz, part, columns) for part, columns in content.parts], None, "0.glb").surfaces
    names = found.columns["id"].tolist()
    assert len(set(names)) == len(names) == 168
    assert names == found.columns["globalId"].tolist()


def test_the_real_city_has_a_row_for_each_building(shared):
    path = shared / "tiles3d" / "1.0_TilesetWithRequestVolume" / "city" / "tileset.json"
    chunks = list(Tiles3dSource(path, placement=HERE).read())
    found = rows(chunks)
    assert {len(chunk) for chunk in chunks} == {120}  # four tiles of ten boxes of twelve triangles
    assert len(found) == 40 and set(found.values()) == {12}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("SimplePropertyTexture", "Properties that are drawn in images are left out."),
        ("FeatureIdTextureAndPropertyTable", "Features that are drawn in images are left out"),
        ("PropertyAttributesPointCloud", "Properties that lie at vertices are left out"),
        ("MultipleClasses", None),
    ],
)
def test_what_is_left_out_of_metadata_is_told(shared, name, sentence):
    folder = shared / "tiles3d" / "gltf_EXT_structural_metadata" / name
    progress = Silent()
    assert sum(map(len, Tiles3dSource(folder / "tileset.json", placement=HERE).read(progress=progress)))
    assert [text for text in progress.warnings if sentence and text.startswith(sentence)] == progress.warnings
    assert len(progress.warnings) == (sentence is not None)
    gltf = sorted(folder.glob("*.gltf"))[0]
    warnings = Tiles3dSource(gltf).describe().warnings
    assert any(text.startswith(sentence) for text in warnings) if sentence else len(warnings) == 1


def test_points_have_the_class_that_lies_at_them(shared):
    """The house is class 1 and the tree class 0, as the file states in its accessors; the intensity is not read."""
    folder = shared / "tiles3d" / "gltf_EXT_structural_metadata" / "PropertyAttributesPointCloud"
    house, tree = (Tiles3dSource(folder / f"PropertyAttributesPointCloud{name}.gltf", placement=HERE)
                   for name in ("House", "Tree"))  # fmt: skip
    assert [set(points.classification.tolist()) for source in (house, tree) for points in source.read()] == [{1}, {0}]


def test_a_batch_table_with_a_hierarchy_says_what_is_lost(read):
    progress = Silent()
    extension = {"extensions": {"3DTILES_batch_table_hierarchy": {"classes": []}}}
    read({"a.b3dm": b3dm(batched((0, 0)), {"BATCH_LENGTH": 1}, {"id": ["a"], **extension})}, progress=progress)
    assert "The hierarchy of the batch table is left out" in progress.warnings[0]


@pytest.mark.parametrize(
    ("axis", "corner"), [(None, [1, 0, 2]), ("Z", [1, 2, 0]), ("z", [1, 2, 0]), ("X", [0, 2, 1]), ("no", [1, 0, 2])]
)
def test_older_tilesets_say_which_axis_of_a_gltf_points_up(tmp_path, axis, corner):
    """Also of tilesets in them. The point (1, 2, 0) of the glTF."""
    gltf = Gltf()
    gltf.mesh(gltf.primitive([[1, 2, 0]], mode=0))
    (tmp_path / "a.b3dm").write_bytes(b3dm(gltf.bytes(), {"BATCH_LENGTH": 0}))
    volume = {"boundingVolume": {"sphere": [0, 0, 0, 9]}, "geometricError": 0}
    inner = {"asset": {"version": "1.0"}, "root": {**volume, "content": {"uri": "a.b3dm"}}}
    (tmp_path / "inner.json").write_text(json.dumps(inner))
    asset = {"version": "1.0", **({} if axis is None else {"gltfUpAxis": axis})}
    path = tmp_path / "tileset.json"
    path.write_text(json.dumps({"asset": asset, "root": {**volume, "content": {"uri": "inner.json"}}}))
    (points,) = Tiles3dSource(path, placement=Placement()).read()
    assert [points.x[0], points.y[0], points.z[0]] == corner


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://a.nl/t/1/0.glb?key=secret", "1/0.glb"),
        ("https://a.nl/t/tile?x=1&session=abc&v=2", "tile?x=1"),
        ("https://b.nl/0.glb", "https://b.nl/0.glb"),
    ],
)
def test_a_tile_of_a_server_is_called_the_same_for_every_user(address, name):
    fetcher = Fetcher("https://a.nl/t/tileset.json?v=2", object())
    assert fetcher.relative(address) == name


def test_tiles_are_nested_to_the_depth_that_json_allows(tmp_path):
    """Each tile in a tile is a step of Python's own stack as well, which must not overflow."""
    (tmp_path / "a.glb").write_bytes(triangle_glb())
    path = tmp_path / "tileset.json"
    volume = {"boundingVolume": {"sphere": [0, 0, 0, 9]}, "geometricError": 1}
    for depth in (300, 5000):
        text = json.dumps({**volume, "content": {"uri": "a.glb"}})
        start = json.dumps(volume)[:-1] + ', "children": ['
        path.write_text('{"asset": {"version": "1.1"}, "root": ' + start * depth + text + "]}" * depth + "}")
        source = Tiles3dSource(path, placement=HERE)
        if depth == 300:
            assert [len(chunk) for chunk in source.read()] == [1]
        else:
            with pytest.raises(FormatError, match="tileset.json"):
                list(source.read())
