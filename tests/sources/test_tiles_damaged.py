"""Tiles whose bytes are damaged or cut off: read, or refused in a sentence, within bounded memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import DtwinError
from dtwin_plugin.sources.gltf.meshopt import decode
from dtwin_plugin.sources.tiles3d import Tiles3dSource
from dtwin_plugin.sources.tiles3d.content import read_content
from tests.sources.tile_bytes import TRIANGLE, Gltf, b3dm, cmpt, i3dm, meshopt_attributes, pnts, triangle_glb

POINTS = np.arange(30, dtype="<f4").reshape(10, 3)


def rich_glb():
    """Floats, a sparse accessor, instances, features with a table, and a meshopt view."""
    gltf = Gltf()
    sparse = {
        "count": 1,
        "indices": {"bufferView": gltf.view(np.array([1], "<u2").tobytes()), "componentType": 5123},
        "values": {"bufferView": gltf.view(np.array([[2, 0, 0]], "<f4").tobytes())},
    }
    position = gltf.accessor(TRIANGLE, sparse=sparse)
    ids = {"EXT_mesh_features": {"featureIds": [{"attribute": 0, "featureCount": 2, "propertyTable": 0}]}}
    gltf.mesh(
        {"attributes": {"POSITION": position, "_FEATURE_ID_0": gltf.accessor([0, 1, 1])}, "extensions": ids,
         "indices": gltf.accessor([0, 1, 2], "u2")},
        extensions={"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": gltf.accessor(POINTS)}}},
    )  # fmt: skip
    packed = gltf.view(meshopt_attributes(np.array(TRIANGLE, "<f4").view(np.uint8), 2))
    how = {**gltf.json["bufferViews"][packed], "byteStride": 12, "count": 3, "mode": "ATTRIBUTES"}
    gltf.json["bufferViews"].append({"buffer": 0, "byteLength": 36, "extensions": {"EXT_meshopt_compression": how}})
    gltf.json["accessors"].append(
        {"bufferView": len(gltf.json["bufferViews"]) - 1, "componentType": 5126, "type": "VEC3", "count": 3}
    )
    gltf.mesh({"attributes": {"POSITION": len(gltf.json["accessors"]) - 1}})
    text = b"abcdef"
    gltf.json["extensions"] = {"EXT_structural_metadata": {
        "schema": {"id": "s", "classes": {"c": {"properties": {
            "name": {"type": "STRING"}, "floors": {"type": "SCALAR", "componentType": "UINT8"}}}}},
        "propertyTables": [{"class": "c", "count": 2, "properties": {
            "name": {"values": gltf.view(text), "stringOffsets": gltf.view(np.array([0, 2, 6], "<u4").tobytes())},
            "floors": {"values": gltf.view(b"\3\4")}}}],
    }}  # fmt: skip
    return gltf.bytes()


def whole_tiles():
    batch = {"id": ["a", "b"], "height": np.array([1, 2], "<f8"), "kind": np.array([[1, 2], [3, 4]], "u1")}
    trees = {
        "INSTANCES_LENGTH": 10, "POSITION": POINTS, "NORMAL_UP_OCT32P": np.zeros((10, 2), "<u2"),
        "NORMAL_RIGHT_OCT32P": np.ones((10, 2), "<u2"), "BATCH_ID": np.zeros(10, "u1"), "SCALE": np.ones(10, "<f4"),
    }  # fmt: skip
    points = {"POINTS_LENGTH": 10, "POSITION": POINTS, "RGB565": np.arange(10, dtype="<u2"), "RTC_CENTER": [1, 2, 3]}
    gltf = Gltf()
    gltf.mesh(gltf.primitive(TRIANGLE, ids=[0, 1, 1]))
    buildings = b3dm(gltf.bytes(), {"BATCH_LENGTH": 2, "RTC_CENTER": [1, 2, 3]}, batch)
    instances, cloud = i3dm(triangle_glb(), trees, {"id": ["x"]}), pnts(points, {"Classification": np.zeros(10, "u1")})
    return {"glb": rich_glb(), "b3dm": buildings, "i3dm": instances, "pnts": cloud,
            "cmpt": cmpt(buildings, instances, cmpt(cloud))}  # fmt: skip


WHOLE = whole_tiles()


def none(uri):
    raise DtwinError("{uri} is not asked for.", uri=uri)


def read(data):
    return read_content(data, "a.tile", none)


@pytest.mark.parametrize("kind", WHOLE)
def test_the_whole_tile_is_read(kind):
    found = read(WHOLE[kind])
    assert found.kinds[0] == kind and all(np.isfinite(part.xyz).all() for part, _ in found.parts)


def test_the_rich_tile_has_what_was_written():
    found = read(WHOLE["glb"])
    instances, packed = found.parts[:10], found.parts[10][0]
    assert instances[0][1] == {"name": ["ab", "cdef"], "floors": [3, 4]}
    assert instances[1][0].xyz.tolist() == [[3, -5, 4], [5, -5, 4], [3, -5, 5]]  # 3, 4, 5 with z up; x of 1 is 2
    assert packed.xyz.tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("kind", WHOLE)
def test_a_tile_that_is_cut_off_is_refused_at_every_length(kind):
    """A tile states its length, so that no cut can be taken for the whole."""
    for size in range(4, len(WHOLE[kind])):
        with pytest.raises(DtwinError) as caught:
            read(WHOLE[kind][:size])
        assert str(caught.value).startswith("a.tile")


def test_a_real_tile_that_is_cut_off_is_refused(shared):
    whole = (shared / "tiles3d/kievitsweg/tiles/2/0/1/0.glb").read_bytes()
    for size in range(0, len(whole), 97):
        with pytest.raises(DtwinError):
            read(whole[:size])


@pytest.mark.parametrize("kind", WHOLE)
def test_a_tile_of_which_bytes_are_damaged_is_read_or_refused(kind, tmp_path, monkeypatch):
    """Every error is one of ours, and counts that are damaged take no memory."""
    monkeypatch.setattr("dtwin_plugin.sources.gltf.accessors._MOST_VALUES", 1_000_000)
    monkeypatch.setattr("dtwin_plugin.sources.tiles3d.instances._MOST", 1_000_000)
    rng = np.random.default_rng(7)
    whole = np.frombuffer(WHOLE[kind], np.uint8)
    path = tmp_path / f"a.{kind}"
    refused = 0
    tracemalloc.start()
    try:
        for number in range(250):
            data = whole.copy()
            places = rng.integers(4, len(data), 1 + number % 8)
            data[places] = rng.choice(np.array([0, 1, 127, 128, 255, 48, 57, 45], np.uint8), len(places))
            path.write_bytes(data.tobytes())
            try:
                list(Tiles3dSource(path, placement=Placement()).read())
            except DtwinError as error:
                refused += 1
                assert error.message.endswith(".") or "{reason}" in error.message
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused > 25 and peak < 60e6


def test_a_real_tile_of_which_bytes_are_damaged_is_read_or_refused(shared, tmp_path):
    whole = (shared / "tiles3d/kievitsweg/tiles/2/0/1/0.glb").read_bytes()
    rng = np.random.default_rng(1)
    path = tmp_path / "tile.glb"
    for _ in range(200):
        data = np.frombuffer(whole, np.uint8).copy()
        data[rng.integers(12, len(data), 20)] = rng.integers(0, 256, 20)
        path.write_bytes(data.tobytes())
        try:
            Tiles3dSource(path).describe()
        except DtwinError:
            continue


@settings(max_examples=200)
@given(
    st.binary(max_size=200), st.integers(0, 2**40), st.integers(0, 300),
    st.sampled_from(["ATTRIBUTES", "TRIANGLES", "INDICES", "OTHER"]),
    st.sampled_from(["NONE", "OCTAHEDRAL", "QUATERNION", "EXPONENTIAL", "OTHER"]),
    st.sampled_from([b"\xa0", b"\xe0", b"\xe1", b"\xd0", b"\xd1", b""]),
)  # fmt: skip
def test_any_bytes_unpack_to_the_size_asked_or_are_refused(data, count, stride, mode, name, head):
    try:
        assert len(decode(head + data, count, stride, mode, name, "a")) == count * stride
    except DtwinError:
        pass


@settings(max_examples=100)
@given(st.sampled_from([b"glTF", b"b3dm", b"i3dm", b"pnts", b"cmpt", b"subt", b"{"]), st.binary(max_size=300))
def test_any_bytes_after_a_magic_are_refused_in_a_sentence(magic, data):
    with pytest.raises(DtwinError):
        read(magic + data)
