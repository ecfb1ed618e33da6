"""i3dm, cmpt, pnts and b3dm written by hand after 3D Tiles 1.0, with values that follow from the specification."""

import json

import numpy as np
import pytest

from dtwin_plugin.errors import DtwinError, FormatError
from dtwin_plugin.sources.tiles3d.content import read_content
from dtwin_plugin.sources.tiles3d.directions import from_octahedron
from dtwin_plugin.sources.tiles3d.earth import from_degrees
from tests.sources.tile_bytes import (
    TRIANGLE,
    Gltf,
    b3dm,
    cmpt,
    glb,
    i3dm,
    octahedron,
    pnts,
    triangle_glb,
)

# The triangle of TRIANGLE with z up: y of glTF becomes z.
UPRIGHT = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1.0]])
STEP = 1e-12  # what double precision loses of numbers near 1


def none(uri):
    raise AssertionError(uri)


def read(data, fetch=none, **more):
    return read_content(data, "tile", fetch, **more)


def instances(data, fetch=none, **more):
    """The vertices of each instance, shape (instances, vertices, 3), with the batch ids and the columns."""
    ((part, columns),) = read(data, fetch, **more).parts
    return part.xyz.reshape(-1, 3, 3), part.features.reshape(-1, 3)[:, 0].tolist(), columns


def test_instances_stand_at_their_positions_each_a_feature():
    at = np.array([[10, 20, 30], [-1, 0, 5]], "<f4")
    feature = {"INSTANCES_LENGTH": 2, "POSITION": at, "RTC_CENTER": [1000.0, 2000.0, 3000.0]}
    data = i3dm(triangle_glb(), feature, {"kind": ["oak", "elm"]})
    xyz, ids, columns = instances(data)
    assert np.allclose(xyz, UPRIGHT + at[:, None] + [1000, 2000, 3000], rtol=0, atol=STEP)
    assert ids == [0, 1] and columns == {"kind": ["oak", "elm"]}
    ((part, _),) = read(data).parts
    assert part.triangles.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_quantized_positions_are_parts_of_a_volume():
    steps = np.array([[0, 65535, 13107]], "<u2")  # 13107 is a fifth
    feature = {
        "INSTANCES_LENGTH": 1, "POSITION_QUANTIZED": steps,
        "QUANTIZED_VOLUME_OFFSET": [100.0, 200.0, 0.0], "QUANTIZED_VOLUME_SCALE": [50.0, 10.0, 5.0],
    }  # fmt: skip
    xyz, _, _ = instances(i3dm(triangle_glb(), feature))
    assert np.allclose(xyz[0, 0], [100, 210, 1], rtol=0, atol=STEP)


def test_scales_multiply():
    feature = {
        "INSTANCES_LENGTH": 1, "POSITION": np.zeros((1, 3), "<f4"), "SCALE": np.array([2], "<f4"),
        "SCALE_NON_UNIFORM": np.array([[1, 5, 3]], "<f4"),
    }  # fmt: skip
    xyz, _, _ = instances(i3dm(triangle_glb(), feature))
    assert xyz[0].tolist() == [[0, 0, 0], [2, 0, 0], [0, 0, 6]]


@pytest.mark.parametrize("packed", [False, True])
def test_right_and_up_are_where_x_and_y_go(packed):
    """x of the upright model goes to right, y to up, z to right x up: here (0, 1, 0), (-1, 0, 0) and (0, 0, 1)."""
    up, right = np.array([[-1, 0, 0]], "<f4"), np.array([[0, 1, 0]], "<f4")
    names = {"NORMAL_UP": up, "NORMAL_RIGHT": right}
    if packed:
        names = {f"{name}_OCT32P": octahedron(vector, "<u2") for name, vector in names.items()}
    feature = {"INSTANCES_LENGTH": 1, "POSITION": np.zeros((1, 3), "<f4"), **names}
    xyz, _, _ = instances(i3dm(triangle_glb(), feature))
    # 16 bits of an octahedron are 3e-5 apart.
    assert np.allclose(xyz[0], [[0, 0, 0], [0, 1, 0], [0, 0, 1]], rtol=0, atol=4e-5 if packed else STEP)


def test_a_model_that_stands_keeps_standing_with_north_as_up():
    """What writers give for CesiumJS: right is east, "up" is north, and so the model's own up is up."""
    feature = {
        "INSTANCES_LENGTH": 1, "POSITION": np.zeros((1, 3), "<f4"),
        "NORMAL_RIGHT": np.array([[1, 0, 0]], "<f4"), "NORMAL_UP": np.array([[0, 1, 0]], "<f4"),
    }  # fmt: skip
    xyz, _, _ = instances(i3dm(triangle_glb(), feature))
    assert xyz[0].tolist() == UPRIGHT.tolist()


def test_east_north_up_follows_the_earth_at_each_instance():
    degrees = np.array([[0.0, 0.0, 0.0], [90.0, 0.0, 0.0], [5.0, 52.0, 10.0]])
    at = from_degrees(degrees)
    feature = {"INSTANCES_LENGTH": 3, "POSITION": at.tolist(), "EAST_NORTH_UP": True}
    xyz, _, _ = instances(i3dm(triangle_glb(), feature))
    east, up = xyz[:, 1] - at, xyz[:, 2] - at
    assert np.allclose(east[0], [0, 1, 0], atol=1e-8) and np.allclose(up[0], [1, 0, 0], atol=1e-8)
    assert np.allclose(east[1], [-1, 0, 0], atol=1e-8) and np.allclose(up[1], [0, 1, 0], atol=1e-8)
    # One metre further up is one metre higher; 1e-8 m is what doubles keep of coordinates of 6e6 m.
    assert np.allclose(up[2], from_degrees(degrees + [0, 0, 1])[2] - at[2], rtol=0, atol=1e-8)


def test_east_north_up_knows_the_transform_of_the_tile():
    place = from_degrees(np.array([[90.0, 0.0, 0.0]]))[0]
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]  # a quarter turn about the axis of the Earth
    matrix[:3, 3] = place
    feature = {"INSTANCES_LENGTH": 1, "POSITION": np.zeros((1, 3), "<f4"), "EAST_NORTH_UP": True}
    xyz, _, _ = instances(i3dm(triangle_glb(), feature), matrix=matrix)
    world = xyz[0] @ matrix[:3, :3].T
    assert np.allclose(world, [[0, 0, 0], [-1, 0, 0], [0, 1, 0]], rtol=0, atol=STEP)


@pytest.mark.parametrize("dtype", ["u1", "<u2", "<u4"])
def test_batch_ids_of_instances_name_rows_of_the_batch_table(dtype):
    ids = np.array([2, 0, 2], dtype)
    feature = {"INSTANCES_LENGTH": 3, "POSITION": np.zeros((3, 3), "<f4"), "BATCH_ID": ids}
    batch = {"name": ["a", "b", "c"], "height": np.array([1, 2, 3], "<f4")}
    _, found, columns = instances(i3dm(triangle_glb(), feature, batch))
    assert found == [2, 0, 2]
    assert columns == {"name": ["a", "b", "c"], "height": [1.0, 2.0, 3.0]}


def test_a_model_beside_the_tile_finds_its_own_files_beside_itself():
    gltf = Gltf()
    gltf.mesh(gltf.primitive(TRIANGLE))
    gltf.json["buffers"][0]["uri"] = "tree.bin"
    files = {"models/tree.gltf": json.dumps(gltf.json).encode(), "models/tree.bin": gltf.binary}
    feature = {"INSTANCES_LENGTH": 1, "POSITION": np.array([[7, 8, 9]], "<f4")}
    xyz, _, _ = instances(i3dm("models/tree.gltf", feature), files.__getitem__)
    assert xyz[0].tolist() == (UPRIGHT + [7, 8, 9]).tolist()


def test_composites_hold_tiles_and_composites():
    instance = i3dm(triangle_glb(), {"INSTANCES_LENGTH": 1, "POSITION": np.zeros((1, 3), "<f4")})
    inner = cmpt(pnts({"POINTS_LENGTH": 1, "POSITION": np.array([[1, 2, 3]], "<f4")}), instance)
    found = read(cmpt(b3dm(triangle_glb(), {"BATCH_LENGTH": 0}), inner))
    assert found.kinds == ["cmpt", "b3dm", "cmpt", "pnts", "i3dm"]
    assert [len(part.xyz) for part, _ in found.parts] == [3, 1, 3]


def test_composites_too_deep_are_refused_by_their_depth():
    data = b3dm(triangle_glb(), {"BATCH_LENGTH": 0})
    for _ in range(5):
        data = cmpt(data)
    assert len(read(data).parts) == 1
    with pytest.raises(FormatError, match="composite tiles in composite tiles, deeper than 5"):
        read(cmpt(data))


def test_a_b3dm_has_its_centre_with_z_up():
    gltf = Gltf()
    gltf.mesh(gltf.primitive(TRIANGLE, ids=[1, 1, 1]))
    data = b3dm(gltf.bytes(), {"BATCH_LENGTH": 2, "RTC_CENTER": [10.0, 20.0, 30.0]}, {"id": ["a", "b"]})
    ((part, columns),) = read(data).parts
    assert part.xyz.tolist() == (UPRIGHT + [10, 20, 30]).tolist()
    assert part.features.tolist() == [1, 1, 1] and columns == {"id": ["a", "b"]}


def test_the_centre_in_a_gltf_comes_after_the_turn_to_z_up():
    """CESIUM_RTC is geocentric: turning it too would put the tile on another side of the Earth."""
    data = triangle_glb(extensions={"CESIUM_RTC": {"center": [10.0, 20.0, 30.0]}}, extensionsUsed=["CESIUM_RTC"])
    ((part, _),) = read(data).parts
    assert part.xyz.tolist() == (UPRIGHT + [10, 20, 30]).tolist()


POINTS = np.array([[0, 0, 0], [1, 2, 3]], "<f4")


@pytest.mark.parametrize(
    ("columns", "colour"),
    [
        ({}, None),
        ({"RGB": np.array([[255, 0, 51], [0, 102, 255]], "u1")}, [[1, 0, 0.2], [0, 0.4, 1]]),
        ({"RGBA": np.array([[255, 0, 51, 9], [0, 102, 255, 9]], "u1")}, [[1, 0, 0.2], [0, 0.4, 1]]),
        # Five bits red, six green, five blue: 31 63 0, and 0 21 31.
        ({"RGB565": np.array([0b11111_111111_00000, 0b00000_010101_11111], "<u2")}, [[1, 1, 0], [0, 1 / 3, 1]]),
        ({"CONSTANT_RGBA": [255, 51, 0, 255]}, [[1, 0.2, 0], [1, 0.2, 0]]),
        # The first of RGBA, RGB, RGB565, CONSTANT_RGBA counts.
        ({"RGB": np.array([[0, 0, 0]] * 2, "u1"), "CONSTANT_RGBA": [255, 255, 255, 255]}, [[0, 0, 0]] * 2),
    ],
)  # fmt: skip
def test_colours_of_points(columns, colour):
    ((part, _),) = read(pnts({"POINTS_LENGTH": 2, "POSITION": POINTS, **columns})).parts
    assert part.triangles is None and part.xyz.tolist() == POINTS.tolist()
    assert part.colour is None if colour is None else np.allclose(part.colour, colour, rtol=0, atol=STEP)


def test_normals_of_points_are_passed_over():
    columns = {"NORMAL_OCT16P": octahedron([[0, 0, 1], [0, 0, -1]], "u1"), "NORMAL": np.zeros((2, 3), "<f4")}
    ((part, _),) = read(pnts({"POSITION": POINTS, **columns, "POINTS_LENGTH": 2})).parts
    assert part.xyz.tolist() == POINTS.tolist()


def test_quantized_points_with_a_centre():
    feature = {
        "POINTS_LENGTH": 2, "POSITION_QUANTIZED": np.array([[0, 0, 0], [65535, 13107, 0]], "<u2"),
        "QUANTIZED_VOLUME_OFFSET": [1.0, 1.0, 1.0], "QUANTIZED_VOLUME_SCALE": [10.0, 10.0, 10.0],
        "RTC_CENTER": [100.0, 0.0, 0.0],
    }  # fmt: skip
    ((part, _),) = read(pnts(feature)).parts
    assert np.allclose(part.xyz, [[101, 1, 1], [111, 3, 1]], rtol=0, atol=STEP)


@pytest.mark.parametrize("dtype", ["u1", "<u2", "<u4"])
def test_batched_points_share_rows(dtype):
    feature = {"POINTS_LENGTH": 2, "POSITION": POINTS, "BATCH_ID": np.array([1, 1], dtype), "BATCH_LENGTH": 2}
    ((part, columns),) = read(pnts(feature, {"Classification": np.array([2, 6], "u1")})).parts
    assert part.features.tolist() == [1, 1] and columns == {"Classification": [2, 6]}


def test_points_packed_with_draco():
    """Positions, colours, batch ids and a property of the batch table lie in one piece of Draco."""
    draco = pytest.importorskip("DracoPy")
    colours = np.array([[255, 0, 51], [0, 102, 255]], np.uint8)
    packed = draco.encode(POINTS, colors=colours, quantization_bits=0, generic_attributes={
        7: np.array([[2], [6]], np.uint8)}, preserve_order=True)  # fmt: skip
    ids = {item["attribute_type"]: item["unique_id"] for item in draco.decode(packed).attributes}
    name = "3DTILES_draco_point_compression"
    where = {"byteOffset": 0, "byteLength": len(packed), "properties": {"POSITION": ids[0], "RGB": ids[2]}}
    feature = {"POINTS_LENGTH": 2, "POSITION": {"byteOffset": 0}, "RGB": {"byteOffset": 0}, "extensions": {name: where}}
    batch = {
        "Classification": {"byteOffset": 0, "type": "SCALAR", "componentType": "UNSIGNED_BYTE"},
        "extensions": {name: {"properties": {"Classification": 7}}},
    }
    data = pnts({**feature, "packed": np.frombuffer(packed, "u1")}, batch)
    ((part, columns),) = read(data).parts
    assert np.allclose(part.xyz, POINTS, rtol=0, atol=STEP) and np.allclose(part.colour, colours / 255)
    assert columns == {"Classification": [2, 6]}


HUGE = 2**32 - 1
MODEL = triangle_glb()
AT = np.zeros((1, 3), "<f4")
REFUSED = {
    "instances that are not there": i3dm(MODEL, {"INSTANCES_LENGTH": HUGE, "POSITION": AT}),
    "no count of instances": i3dm(MODEL, {"POSITION": AT}),
    "up without right": i3dm(MODEL, {"INSTANCES_LENGTH": 1, "POSITION": AT, "NORMAL_UP": AT}),
    "right without up": i3dm(MODEL, {"INSTANCES_LENGTH": 1, "POSITION": AT, "NORMAL_RIGHT_OCT32P": AT.astype("<u2")}),
    "negative count": i3dm(MODEL, {"INSTANCES_LENGTH": -1, "POSITION": AT}),
    "no positions": i3dm(MODEL, {"INSTANCES_LENGTH": 1}),
    "volume missing": i3dm(MODEL, {"INSTANCES_LENGTH": 1, "POSITION_QUANTIZED": AT.astype("<u2")}),
    "ids of floats": i3dm(MODEL, {"INSTANCES_LENGTH": 1, "POSITION": AT, "BATCH_ID": np.zeros(1, "<f4")}),
    "id without a row": i3dm(
        MODEL, {"INSTANCES_LENGTH": 1, "POSITION": AT, "BATCH_ID": np.array([HUGE], "<u4")},
        {"height": np.zeros(1, "<f4")}),
    "model of kind 7": i3dm(MODEL, {"INSTANCES_LENGTH": 1, "POSITION": AT})[:28] + b"\7\0\0\0"
    + i3dm(MODEL, {"INSTANCES_LENGTH": 1, "POSITION": AT})[32:],
    "flat transform": (i3dm(MODEL, {"INSTANCES_LENGTH": 1, "POSITION": AT, "EAST_NORTH_UP": True}), np.zeros((4, 4))),
    "points that are not there": pnts({"POINTS_LENGTH": HUGE, "POSITION": AT}),
    "no count of points": pnts({"POSITION": AT}),
    "colours too few": pnts({"POINTS_LENGTH": 2, "POSITION": POINTS, "RGB": {"byteOffset": 20}}),
    "extensions are a text": pnts({"POINTS_LENGTH": 1, "POSITION": AT, "extensions": "no"}),
    "draco of nothing": pnts({"POINTS_LENGTH": 1, "POSITION": AT, "extensions": {
        "3DTILES_draco_point_compression": {"byteOffset": 0, "byteLength": 8, "properties": {"POSITION": 0}}}}),
    "draco of text": pnts({"POINTS_LENGTH": 1, "POSITION": AT, "extensions": {"3DTILES_draco_point_compression": 3}}),
    "offset below zero": pnts({"POINTS_LENGTH": 1, "POSITION": {"byteOffset": -4}}),
    "batch table of nothing": b3dm(MODEL, {"BATCH_LENGTH": HUGE}, {"height": np.zeros(1, "<f4")}),
    "batch type unknown": b3dm(MODEL, {"BATCH_LENGTH": 1}, {"a": {"byteOffset": 0, "type": "VEC9"}}),
    "centre of two": b3dm(MODEL, {"BATCH_LENGTH": 0, "RTC_CENTER": [1, 2]}),
    "version 2": b"b3dm\2" + b3dm(MODEL, {"BATCH_LENGTH": 0})[5:],
    "composite of nothing": cmpt()[:12] + b"\xff\xff\xff\xff",
    "composite of version 9": b"cmpt\x09" + cmpt()[5:],
    "centre of text": glb({"asset": {"version": "2.0"}, "extensions": {"CESIUM_RTC": {"center": "here"}}}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(name):
    data, matrix = REFUSED[name] if isinstance(REFUSED[name], tuple) else (REFUSED[name], None)
    with pytest.raises(DtwinError) as caught:
        read(data, matrix=matrix)
    assert str(caught.value)[0].isupper() or str(caught.value).startswith("tile")
    assert caught.value.message.endswith(".")


def test_a_composite_of_many_that_are_each_allowed_is_refused(monkeypatch):
    """Three instances of a triangle are 27 coordinates and 9 corners; of eleven such tiles the third is too much."""
    monkeypatch.setattr("dtwin_plugin.sources.tiles3d.content._MOST", 100)
    piece = i3dm(MODEL, {"INSTANCES_LENGTH": 3, "POSITION": np.zeros((3, 3), "<f4")})
    assert len(read(cmpt(piece, piece)).parts) == 2
    with pytest.raises(FormatError, match="tile unpacks to more than 100 numbers"):
        read(cmpt(*[piece] * 11))


@pytest.mark.parametrize("dtype", ["u1", "<u2"])
def test_an_octahedron_gives_back_its_directions(dtype):
    vectors = np.random.default_rng(5).normal(size=(500, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = from_octahedron(octahedron(vectors, dtype))
    # Half a step of two numbers from -1 to 1, at most sqrt(3) as far on the sphere near a corner.
    assert np.abs(found - vectors).max() < 2 * np.sqrt(3) / np.iinfo(dtype).max
