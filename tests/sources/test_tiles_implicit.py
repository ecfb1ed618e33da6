"""Implicit tiling written by hand: an octree and a quadtree, whose cells follow from the Morton order."""

import json
import struct
import tracemalloc

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.tiles3d import Tiles3dSource
from dtwin_plugin.sources.tiles3d.fetch import Fetcher
from dtwin_plugin.sources.tiles3d.walk import Walk
from tests.sources.tile_bytes import padded, triangle_glb

HERE = Placement(100_000, 450_000, 0)


def subtree(tiles, contents, below):
    """A subtree whose availabilities are lists of bits, or one value for all."""
    binary, views, items = b"", [], []
    for bits in (tiles, contents, below):
        if isinstance(bits, bool):
            items.append({"constant": int(bits)})
            continue
        data = np.packbits(np.array(bits, bool), bitorder="little").tobytes()
        binary = padded(binary, 8, b"\0")
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)})
        items.append({"bitstream": len(views) - 1})
        binary += data
    document = {
        "buffers": [{"byteLength": len(binary)}], "bufferViews": views,
        "tileAvailability": items[0], "contentAvailability": [items[1]], "childSubtreeAvailability": items[2],
    }  # fmt: skip
    text = padded(json.dumps(document).encode(), 8, b" ")
    return b"subt" + struct.pack("<IQQ", 1, len(text), len(binary)) + text + binary


def bits(count, *ones):
    return [number in ones for number in range(count)]


def root(scheme, levels, in_subtree, refine="REPLACE"):
    place = "{level}_{x}_{y}_{z}" if scheme == "OCTREE" else "{level}_{x}_{y}"
    return {
        "boundingVolume": {"box": [0, 0, 0, 80, 0, 0, 0, 80, 0, 0, 0, 80]}, "geometricError": 16,
        "refine": refine, "content": {"uri": f"{place}.glb"},
        "implicitTiling": {"subdivisionScheme": scheme, "availableLevels": levels, "subtreeLevels": in_subtree,
                           "subtrees": {"uri": f"s_{place}"}},
    }  # fmt: skip


@pytest.fixture
def walk(tmp_path):
    """Write a tileset with files beside it, and return the names and boxes of the contents that a walk finds."""

    def run(tile, files, wanted=lambda tile: True, finest=0.0, most=1000):
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        path = tmp_path / "tileset.json"
        path.write_text(json.dumps({"asset": {"version": "1.1"}, "geometricError": 16, "root": tile}))
        found = Walk(Fetcher(path, None), Silent(), wanted, finest, most).contents(
            json.loads(path.read_text()), str(path)
        )
        return {
            address.rsplit("/", 1)[-1]: (tile.around.min(axis=0).tolist(), tile.around.max(axis=0).tolist())
            for tile, address, _ in found
        }

    return run


# An octree of three levels, two in a subtree. Bit 1 + 6 is the child at x 0, y 1, z 1 (6 = 0b110, x is the lowest bit).
OCTREE = {
    "s_0_0_0_0": subtree(bits(9, 0, 1 + 6), bits(9, 0, 1 + 6), bits(64, 6 * 8 + 5)),
    "s_2_1_2_3": subtree(bits(9, 0), bits(9, 0), False),
    "0_0_0_0.glb": b"coarse",
    "1_0_1_1.glb": b"middle",
    "2_1_2_3.glb": b"fine",
}


def test_an_octree_is_followed_to_its_finest_cell(walk):
    """Below child 6 the child 5 (0b101) is at x 2*0+1, y 2*1+0, z 2*1+1; a cell there is 40 m."""
    found = walk(root("OCTREE", 3, 2), OCTREE)
    assert found == {"2_1_2_3.glb": ([-40, 0, 40], [0, 40, 80])}


def test_an_octree_that_adds_has_all_levels(walk):
    found = walk(root("OCTREE", 3, 2, "ADD"), OCTREE)
    assert found == {
        "0_0_0_0.glb": ([-80, -80, -80], [80, 80, 80]),
        "1_0_1_1.glb": ([-80, 0, 0], [0, 80, 80]),
        "2_1_2_3.glb": ([-40, 0, 40], [0, 40, 80]),
    }


def test_the_error_of_a_cell_halves_with_every_level(walk):
    """16 m at the root is 8 m at level 1, which is fine enough."""
    assert set(walk(root("OCTREE", 3, 2), OCTREE, finest=8.0)) == {"1_0_1_1.glb"}


def test_what_is_not_wanted_is_not_asked_for(walk):
    """Nothing at x above 0 is there; and below a cell that is not wanted no subtree is opened."""
    files = {name: data for name, data in OCTREE.items() if name != "s_2_1_2_3"}
    seen = walk(root("OCTREE", 3, 2, "ADD"), files, lambda tile: tile.around[:, 0].max() - tile.around[:, 0].min() > 50)
    assert set(seen) == {"0_0_0_0.glb", "1_0_1_1.glb"}


def test_levels_end_where_the_scheme_says(walk):
    """A subtree can say more than the levels that there are."""
    files = {
        "s_0_0_0": subtree(True, True, True),
        "0_0_0.glb": b"",
        **{f"1_{x}_{y}.glb": b"" for x in (0, 1) for y in (0, 1)},
    }
    found = walk(root("QUADTREE", 2, 3), files)
    assert set(found) == {"1_0_0.glb", "1_1_0.glb", "1_0_1.glb", "1_1_1.glb"}
    assert found["1_1_0.glb"] == ([0, -80, -80], [80, 0, 80])  # a quadtree keeps the height


def test_subtrees_that_are_their_own_children_end(walk):
    """Every cell of 21 levels is said to be there, in one file for all subtrees."""
    tile = root("QUADTREE", 21, 3)
    tile["implicitTiling"]["subtrees"]["uri"] = "same"
    tile["content"]["uri"] = "same.glb"
    with pytest.raises(DtwinError, match="more than 100 tiles"):
        walk(tile, {"same": subtree(True, True, True), "same.glb": b""}, most=100)


@pytest.mark.parametrize(
    "change",
    [
        {"subdivisionScheme": "HEXTREE"}, {"subtreeLevels": 0}, {"subtreeLevels": 13}, {"availableLevels": 65},
        {"availableLevels": -1}, {"availableLevels": None}, {"subtrees": {}}, {"subtrees": None},
        {"subtreeLevels": "x"},
    ],
)  # fmt: skip
def test_schemes_that_cannot_be_are_refused(walk, change):
    tile = root("QUADTREE", 2, 2)
    tile["implicitTiling"].update(change)
    with pytest.raises(DtwinError) as caught:
        walk(tile, {})
    assert str(caught.value).startswith("tileset.json")


@pytest.mark.parametrize("size", [3, 23, 40, -1])
def test_a_subtree_that_is_cut_off_is_refused(walk, size):
    whole = subtree(bits(9, 0), bits(9, 0), bits(64, 3))
    with pytest.raises(DtwinError) as caught:
        walk(root("OCTREE", 3, 2), {"s_0_0_0_0": whole[:size]})
    assert str(caught.value).startswith("s_0_0_0_0")


def test_what_is_said_of_many_contents_takes_no_memory(walk):
    """A million cells, said to be there by one number; and one piece of bits named ten thousand times."""
    scheme = root("QUADTREE", 11, 10)
    tracemalloc.start()
    found = walk(scheme, {"s_0_0_0": subtree(True, True, True), "0_0_0.glb": b""}, finest=16)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert set(found) == {"0_0_0.glb"} and peak < 1e6
    whole = subtree(bits(5, 0), bits(5, 0), bits(16))
    start = 24 + struct.unpack_from("<Q", whole, 8)[0]
    document = json.loads(whole[24:start])
    document["contentAvailability"] *= 10_000
    text = padded(json.dumps(document).encode(), 8, b" ")
    many = b"subt" + struct.pack("<IQQ", 1, len(text), len(whole) - start) + text + whole[start:]
    with pytest.raises(DtwinError, match="s_0_0_0 is no valid subtree"):
        walk(root("QUADTREE", 2, 2), {"s_0_0_0": many})


def test_cells_of_an_area_are_read_with_their_triangles(tmp_path):
    """The triangle stands at the zero point of the tileset, which every cell of the tileset shares."""
    (tmp_path / "s_0_0_0_0").write_bytes(subtree(True, bits(9, *range(1, 9)), False))
    for x in (0, 1):
        for y in (0, 1):
            for z in (0, 1):
                (tmp_path / f"1_{x}_{y}_{z}.glb").write_bytes(triangle_glb())
    path = tmp_path / "tileset.json"
    path.write_text(json.dumps({"asset": {"version": "1.1"}, "geometricError": 16, "root": root("OCTREE", 2, 2)}))
    names = [chunk.columns["id"][0] for chunk in Tiles3dSource(path, placement=HERE).read()]
    assert sorted(names) == [f"1_{x}_{y}_{z}.glb" for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    west = Extent(99_000, 449_000, 99_999, 451_000)
    assert not list(Tiles3dSource(path, placement=HERE).read(west))
