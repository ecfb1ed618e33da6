"""Every value in the JSON of a tile, a tileset and a subtree replaced by odd ones: read, or refused in a sentence."""

import copy
import json
import math
import struct

import numpy as np
import pytest

from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.sources.tiles3d import Tiles3dSource
from dtwin_plugin.sources.tiles3d.content import read_content
from tests.sources.tile_bytes import TRIANGLE, Gltf, b3dm, glb, i3dm, padded, pnts, triangle_glb

ODD = [None, -1, 2**31, 2**60, 1.5, math.nan, 1e300, True, "", "x", [], [1], {}, {"a": 1}, [[1], [2, 3]]]

ALL = False  # all pairs take half a minute, and passed when these tests were made


def paths(value, path=()):
    """Every place in a JSON document, the whole included."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


def changed(document, path, value):
    result = copy.deepcopy(document)
    at = result
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return result


def variants(document):
    """Every fourth pair of a place and an odd value, so that each place has other ones of the fifteen."""
    pairs = [(path, value) for path in paths(document) if path for value in ODD]
    for path, value in pairs[:: 1 if ALL else 4]:
        yield changed(document, path, value)


def rich():
    gltf = Gltf(scene=0, scenes=[{"nodes": [0]}], extensionsUsed=["CESIUM_RTC"], extensionsRequired=["CESIUM_RTC"])
    ids = {"EXT_mesh_features": {"featureIds": [
        {"attribute": 0, "featureCount": 2, "propertyTable": 0, "nullFeatureId": 9}]}}  # fmt: skip
    sparse = {
        "count": 1,
        "indices": {"bufferView": gltf.view(b"\1\0"), "componentType": 5123},
        "values": {"bufferView": gltf.view(np.array([[2, 0, 0]], "<f4").tobytes())},
    }
    gltf.mesh(
        {"attributes": {"POSITION": gltf.accessor(TRIANGLE, sparse=sparse), "_FEATURE_ID_0": gltf.accessor([0, 1, 1])},
         "extensions": ids, "indices": gltf.accessor([0, 1, 2], "u2"), "mode": 4},
        rotation=[0, 0, 0, 1], scale=[1, 1, 1], translation=[0, 0, 0], children=[],
        extensions={"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": gltf.accessor(TRIANGLE)}},
                    "EXT_instance_features": {"featureIds": [{"featureCount": 3, "propertyTable": 0}]}},
    )  # fmt: skip
    text, offsets = gltf.view(b"abc"), gltf.view(np.array([0, 1, 2, 3], "<u4").tobytes())
    numbers = gltf.view(b"\1\2\3\4\5\6")
    gltf.json["extensions"] = {
        "CESIUM_RTC": {"center": [1, 2, 3]},
        "EXT_structural_metadata": {
            "schema": {
                "classes": {"c": {"properties": {
                    "name": {"type": "STRING", "noData": "a"},
                    "kind": {"type": "ENUM", "enumType": "e"},
                    "pair": {"type": "SCALAR", "componentType": "UINT8", "array": True, "count": 2},
                    "some": {"type": "SCALAR", "componentType": "UINT8", "array": True},
                    "share": {"type": "SCALAR", "componentType": "UINT8", "normalized": True, "scale": 2, "noData": 0},
                }}},
                "enums": {"e": {"valueType": "UINT8", "values": [{"name": "one", "value": 1}]}},
            },
            "propertyTables": [{"class": "c", "count": 3, "properties": {
                "name": {"values": text, "stringOffsets": offsets, "stringOffsetType": "UINT32"},
                "kind": {"values": numbers}, "pair": {"values": numbers},
                "some": {"values": numbers, "arrayOffsets": offsets}, "share": {"values": numbers, "offset": 1}}}],
        },
    }  # fmt: skip
    return gltf


def none(uri):
    raise DtwinError("{uri} is not asked for.", uri=uri)


def refused(call, documents):
    """How many documents a call refuses; any other error than ours fails the test."""
    count = 0
    for document in documents:
        try:
            call(document)
        except DtwinError as error:
            assert error.message.endswith(".")
            count += 1
    return count


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Little memory, so that what asks for much is refused at once."""
    monkeypatch.setattr("dtwin_plugin.sources.gltf.accessors._MOST_VALUES", 1_000_000)
    monkeypatch.setattr("dtwin_plugin.sources.tiles3d.instances._MOST", 1_000_000)


def test_a_gltf():
    gltf = rich()
    found = read_content(gltf.bytes(), "a.glb", none)
    assert found.parts[0][1] == {
        "name": [None, "b", "c"], "kind": ["one", 2, 3], "pair": [[1, 2], [3, 4], [5, 6]], "some": [[1], [2], [3]],
        "share": pytest.approx([1 + 2 / 255, 1 + 4 / 255, 1 + 6 / 255]),
    }  # fmt: skip
    assert refused(lambda document: read_content(glb(document, gltf.binary), "a.glb", none), variants(gltf.json)) > 100


TABLES = {
    "b3dm": (b3dm, {"BATCH_LENGTH": 2, "RTC_CENTER": [1, 2, 3]}),
    "i3dm": (i3dm, {
        "INSTANCES_LENGTH": 2, "POSITION_QUANTIZED": {"byteOffset": 0}, "QUANTIZED_VOLUME_OFFSET": [0, 0, 0],
        "QUANTIZED_VOLUME_SCALE": [1, 1, 1], "NORMAL_UP_OCT32P": {"byteOffset": 16}, "SCALE": {"byteOffset": 24},
        "NORMAL_RIGHT_OCT32P": {"byteOffset": 16}, "BATCH_ID": {"byteOffset": 0, "componentType": "UNSIGNED_BYTE"}}),
    "pnts": (pnts, {
        "POINTS_LENGTH": 2, "POSITION": {"byteOffset": 0}, "RGB565": {"byteOffset": 0}, "RTC_CENTER": [1, 2, 3],
        "BATCH_ID": {"byteOffset": 0, "componentType": "UNSIGNED_INT"}, "BATCH_LENGTH": 2, "extensions": {}}),
}  # fmt: skip
BATCH = {"id": ["a", "b"], "height": {"byteOffset": 0, "componentType": "FLOAT", "type": "VEC2"}, "extensions": {}}


@pytest.mark.parametrize("kind", TABLES)
def test_feature_and_batch_tables(kind):
    write, feature = TABLES[kind]
    model = () if kind == "pnts" else (triangle_glb(),)
    binary = {"padding": np.zeros(64, "u1")}

    def read(one, two):
        return read_content(write(*model, {**one, **binary}, {**two, **binary}), "a.tile", none)

    # In front of the binary part only JSON changes, so that the offsets of both tables stay true.
    assert read(feature, BATCH).parts
    assert refused(lambda document: read(document, BATCH), variants(feature)) > 2
    assert refused(lambda document: read(feature, document), variants(BATCH)) > 2


TILESET = {
    "asset": {"version": "1.1"},
    "geometricError": 8,
    "root": {
        "boundingVolume": {"box": [0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9]}, "geometricError": 8, "refine": "ADD",
        "transform": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 5, 5, 1],
        "content": {"uri": "a.glb", "boundingVolume": {"sphere": [0, 0, 0, 9]}},
        "children": [
            {"boundingVolume": {"region": [0, 0, 1, 1, 0, 9]}, "geometricError": 0, "contents": [{"uri": "a.glb"}]},
            {"boundingVolume": {"box": [0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9]}, "geometricError": 4,
             "content": {"uri": "a.glb?{level}{x}{y}"},
             "implicitTiling": {"subdivisionScheme": "QUADTREE", "availableLevels": 2, "subtreeLevels": 2,
                                "subtrees": {"uri": "s?{level}{x}{y}"}}},
        ],
    },
}  # fmt: skip
SUBTREE = {
    "buffers": [{"byteLength": 8}],
    "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 8}],
    "tileAvailability": {"bitstream": 0},
    "contentAvailability": [{"constant": 1}],
    "childSubtreeAvailability": {"constant": 0},
}


def subtree(document):
    text = padded(json.dumps(document).encode(), 8, b" ")
    return b"subt" + struct.pack("<IQQ", 1, len(text), 8) + text + b"\x1f" + b"\0" * 7


@pytest.mark.parametrize("what", ["tileset", "subtree"])
def test_tilesets_and_subtrees(tmp_path, what):
    path = tmp_path / "tileset.json"
    (tmp_path / "a.glb").write_bytes(triangle_glb())

    def read(tileset, document):
        path.write_text(json.dumps(tileset))
        (tmp_path / "s").write_bytes(subtree(document))
        source = Tiles3dSource(path, placement=Placement(), max_tiles=50)
        source.describe()
        return sum(map(len, source.read()))

    assert read(TILESET, SUBTREE) == 7  # one of the root, one of its child, and five cells
    if what == "tileset":
        assert refused(lambda document: read(document, SUBTREE), variants(TILESET)) > 10
    else:
        assert refused(lambda document: read(TILESET, document), variants(SUBTREE)) > 10
