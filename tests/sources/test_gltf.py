"""glTF written by hand: sparse accessors, instances, features, Draco, and what hostile files are answered."""

import tracemalloc

import numpy as np
import pytest

from dtwin_plugin.errors import DtwinError, FormatError
from dtwin_plugin.sources.gltf import read_gltf
from dtwin_plugin.sources.tiles3d.content import read_content
from tests.sources.tile_bytes import TRIANGLE, Gltf, glb

UNIT = np.array(TRIANGLE, float)


def none(uri):
    raise AssertionError(uri)


def scene(gltf):
    return read_gltf(gltf.bytes(), "a.glb", none)


def one(gltf):
    (part,) = scene(gltf).parts
    return part


# Accessors


@pytest.mark.parametrize("base", [True, False])
def test_sparse_accessors_change_some_values(base):
    """Values 0 and 2 of three are replaced; without a buffer view the others are zero (glTF 2.0, 3.6.2.3)."""
    gltf = Gltf()
    new = np.array([[5, 6, 7], [8, 9, 10]], "<f4")
    sparse = {
        "count": 2,
        "indices": {"bufferView": gltf.view(np.array([0, 2], "<u2").tobytes()), "componentType": 5123},
        "values": {"bufferView": gltf.view(new.tobytes())},
    }
    accessor = gltf.accessor(TRIANGLE, sparse=sparse) if base else gltf.accessor(TRIANGLE, sparse=sparse, view=None)
    gltf.mesh({"attributes": {"POSITION": accessor}})
    assert one(gltf).xyz.tolist() == [[5, 6, 7], [1, 0, 0] if base else [0, 0, 0], [8, 9, 10]]


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("i1", [[-128, 0, 127]] * 3, [-1, 0, 1]),  # -128 and -127 are both -1: glTF 2.0, 3.6.2.2
        ("u1", [[0, 51, 255]] * 3, [0, 0.2, 1]),
        ("i2", [[-32767, 0, 32767]] * 3, [-1, 0, 1]),
        ("u2", [[0, 13107, 65535]] * 3, [0, 0.2, 1]),
    ],
)
def test_normalized_positions(dtype, values, expected):
    gltf = Gltf()
    gltf.mesh({"attributes": {"POSITION": gltf.accessor(values, dtype, normalized=True)}})
    assert np.allclose(one(gltf).xyz[0], expected, rtol=0, atol=1e-12)


def test_strides_strips_and_fans():
    gltf = Gltf()
    corners = np.array([[0, 0, 0, 9], [1, 0, 0, 9], [0, 1, 0, 9], [1, 1, 0, 9]], "<f4")
    view = gltf.view(corners.tobytes(), byteStride=16)
    gltf.json["accessors"].append({"bufferView": view, "componentType": 5126, "count": 4, "type": "VEC3"})
    gltf.mesh({"attributes": {"POSITION": 0}, "mode": 5}, {"attributes": {"POSITION": 0}, "mode": 6})
    strip, fan = scene(gltf).parts
    assert strip.xyz[3].tolist() == [1, 1, 0]
    assert strip.triangles.tolist() == [[0, 1, 2], [2, 1, 3]]
    assert fan.triangles.tolist() == [[0, 1, 2], [0, 2, 3]]


# Instances and features


def instanced(**columns):
    gltf = Gltf()
    attributes = {name: gltf.accessor(values) for name, values in columns.items()}
    extensions = {"EXT_mesh_gpu_instancing": {"attributes": attributes}}
    gltf.mesh(gltf.primitive(TRIANGLE), extensions=extensions, translation=[100, 0, 0])
    return gltf


def test_instances_of_a_node_are_scaled_turned_and_shifted_before_the_node():
    half = np.sqrt(0.5)
    gltf = instanced(
        TRANSLATION=[[0, 0, 0], [10, 0, 0]],
        ROTATION=[[0, 0, 0, 1], [0, 0, half, half]],  # a quarter turn about z
        SCALE=[[1, 1, 1], [2, 3, 1]],
    )
    first, second = scene(gltf).parts
    assert first.xyz.tolist() == (UNIT + [100, 0, 0]).tolist()
    # (2, 0, 0) turns to (0, 2, 0), (0, 3, 0) to (-3, 0, 0); 1e-6 because the quaternion is written as float32.
    assert np.allclose(second.xyz, [[110, 0, 0], [110, 2, 0], [107, 0, 0]], rtol=0, atol=1e-6)


@pytest.mark.parametrize("explicit", [True, False])
def test_instances_are_features(explicit):
    """EXT_instance_features: by an attribute, else by their number; the null id is no feature."""
    gltf = instanced(TRANSLATION=[[0, 0, 0], [1, 0, 0], [2, 0, 0]], _FEATURE_ID_0=[4, 4, 9])
    item = {"featureCount": 2, "propertyTable": 0, "nullFeatureId": 9, **({"attribute": 0} if explicit else {})}
    gltf.json["nodes"][0]["extensions"]["EXT_instance_features"] = {"featureIds": [item]}
    parts = scene(gltf).parts
    assert [set(part.features.tolist()) for part in parts] == ([{4}, {4}, {-1}] if explicit else [{0}, {1}, {2}])
    assert [part.table for part in parts] == [0, 0, 0]


def test_features_of_vertices_and_the_null_feature():
    gltf = Gltf()
    ids = {"EXT_mesh_features": {"featureIds": [{"attribute": 3, "featureCount": 2, "nullFeatureId": 7}]}}
    gltf.mesh(gltf.primitive(TRIANGLE, [5, 7, 5], "_FEATURE_ID_3", extensions=ids))
    assert one(gltf).features.tolist() == [5, -1, 5]


def test_what_is_not_read_is_noted():
    gltf = Gltf(extensions={"EXT_structural_metadata": {"propertyAttributes": [
        {"class": "c", "properties": {"intensity": {"attribute": "_INTENSITY"}}}]}})  # fmt: skip
    metadata = {"EXT_structural_metadata": {"propertyTextures": [0], "propertyAttributes": [0]}}
    features = {"EXT_mesh_features": {"featureIds": [{"texture": {"index": 0}, "featureCount": 2}]}}
    gltf.mesh(gltf.primitive(TRIANGLE, extensions={**metadata, **features}), gltf.primitive(TRIANGLE, mode=1))
    assert scene(gltf).notes == ["feature textures", "lines", "property attributes", "property textures"]


def test_the_class_of_points_lies_at_them():
    gltf = Gltf(extensions={"EXT_structural_metadata": {"propertyAttributes": [
        {"class": "c", "properties": {"Classification": {"attribute": "_CLASSIFICATION"}}}]}})  # fmt: skip
    metadata = {"EXT_structural_metadata": {"propertyAttributes": [0]}}
    primitive = gltf.primitive(TRIANGLE, [2, 300, np.nan], "_CLASSIFICATION", mode=0, extensions=metadata)
    gltf.mesh(primitive)
    found = scene(gltf)
    assert found.parts[0].classes.tolist() == [2, 0, 0] and found.notes == []  # what is no class is class 0
    metadata["EXT_structural_metadata"]["propertyAttributes"] = [7]
    with pytest.raises(FormatError, match="property attributes"):
        scene(gltf)


# Draco


def draco_gltf(**more):
    draco = pytest.importorskip("DracoPy")
    xyz = np.array([[0, 0, 0], [4, 0, 0], [4, 4, 0], [0, 4, 0]], float)
    packed = draco.encode(
        xyz, np.array([[0, 1, 2], [0, 2, 3]]), quantization_bits=14, preserve_order=True,
        colors=np.array([[255, 0, 51]] * 4, np.uint8),
        generic_attributes={5: np.array([[8], [8], [8], [8]], np.uint16)},
    )  # fmt: skip
    ids = {item["attribute_type"]: item["unique_id"] for item in draco.decode(packed).attributes}
    gltf = Gltf(extensionsRequired=["KHR_draco_mesh_compression"], extensionsUsed=["KHR_draco_mesh_compression"])
    for dtype, kind, extra in (("f4", "VEC3", {}), ("u1", "VEC3", {"normalized": True}), ("u2", "SCALAR", {})):
        number = {"f4": 5126, "u1": 5121, "u2": 5123}[dtype]
        gltf.json["accessors"].append({"componentType": number, "type": kind, "count": 4, **extra})
    gltf.json["accessors"].append({"componentType": 5125, "type": "SCALAR", "count": 6})
    attributes = {"POSITION": ids[0], "COLOR_0": ids[2], "_FEATURE_ID_0": 5}
    extensions = {
        "KHR_draco_mesh_compression": {"bufferView": gltf.view(packed), "attributes": attributes},
        "EXT_mesh_features": {"featureIds": [{"attribute": 0, "featureCount": 9}]},
    }
    gltf.mesh(
        {
            "attributes": {"POSITION": 0, "COLOR_0": 1, "_FEATURE_ID_0": 2},
            "indices": 3,
            "extensions": extensions,
            **more,
        }
    )
    return gltf, xyz


@pytest.mark.parametrize("mode", [4, 5])
def test_a_mesh_packed_with_draco(mode):
    """A strip (5) is unpacked to separate triangles as well."""
    gltf, xyz = draco_gltf(mode=mode)
    part = one(gltf)
    # 14 bits over 4 m are steps of 0.25 mm.
    assert np.allclose(np.unique(part.xyz.round(3), axis=0), np.unique(xyz, axis=0), rtol=0, atol=2.5e-4)
    corners = part.xyz[part.triangles]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    assert np.allclose(areas, [8, 8], rtol=0, atol=4e-3)
    assert np.allclose(part.colour, [[1, 0, 0.2]] * 4, rtol=0, atol=1e-12)
    assert part.features.tolist() == [8, 8, 8, 8]


def test_broken_draco_is_refused(monkeypatch):
    gltf, _ = draco_gltf()
    gltf.binary = gltf.binary[:40] + b"\0" * (len(gltf.binary) - 40)
    with pytest.raises(FormatError, match="Draco data that cannot be unpacked"):
        scene(gltf)


def test_without_the_package_the_sentence_says_what_to_install(monkeypatch):
    gltf, _ = draco_gltf()
    monkeypatch.setitem(__import__("sys").modules, "DracoPy", None)
    with pytest.raises(DtwinError, match="DracoPy is not installed"):
        scene(gltf)


# What another library writes


@pytest.mark.parametrize("form", ["glb", "gltf"])
def test_a_scene_that_trimesh_wrote(form):
    """Nodes in nodes with turns, scales and shifts: the same corners as trimesh's own."""
    trimesh = pytest.importorskip("trimesh")
    world = trimesh.Scene()
    box = trimesh.creation.box((1, 2, 3))
    turn = trimesh.transformations.rotation_matrix(0.7, (1, 2, 3))
    scale = np.diag([2.0, 2.0, 2.0, 1.0])
    scale[:3, 3] = [10, 20, 30]
    world.add_geometry(box, node_name="one", geom_name="box", transform=turn)
    world.add_geometry(box, node_name="two", geom_name="box", parent_node_name="one", transform=scale)
    files = world.export(file_type="gltf") if form == "gltf" else {"model.gltf": world.export(file_type="glb")}
    parts = read_gltf(files["model.gltf"], "a", files.__getitem__).parts
    assert len(parts) == 2 and all(len(part.triangles) == 12 for part in parts)
    ours = np.concatenate([part.xyz[part.triangles].reshape(-1, 3) for part in parts])
    theirs = world.to_geometry().triangles.reshape(-1, 3)
    order = [np.lexsort(points.round(3).T) for points in (ours, theirs)]
    # float32 keeps 2e-6 m of coordinates up to 32 m.
    assert np.allclose(ours[order[0]], theirs[order[1]], rtol=0, atol=1e-5)


def test_a_file_that_many_buffers_name_is_asked_for_once():
    gltf = Gltf()
    view = np.array(TRIANGLE, "<f4").tobytes()
    gltf.json["buffers"] = [{"uri": "a.bin", "byteLength": 36}] * 9
    gltf.json["bufferViews"] = [{"buffer": number, "byteLength": 36} for number in range(9)]
    gltf.json["accessors"] = [
        {"bufferView": number, "componentType": 5126, "type": "VEC3", "count": 3} for number in range(9)
    ]
    gltf.mesh(*({"attributes": {"POSITION": number}} for number in range(9)))
    asked = []
    parts = read_gltf(gltf.bytes(), "a.glb", lambda uri: asked.append(uri) or view).parts
    assert len(parts) == 9 and asked == ["a.bin"]


# Hostile files


def hostile():
    """Small files that ask for much, or for what is not there."""
    found = {}

    def add(name, change, build=Gltf):
        gltf = build()
        gltf.mesh(gltf.primitive(TRIANGLE, indices=[0, 1, 2]))
        change(gltf.json, gltf)
        found[name] = glb(gltf.json, gltf.binary)

    add(
        "zeros without bytes",
        lambda j, g: (
            j["accessors"].append({"componentType": 5126, "type": "MAT4", "count": 2**31})
            or j["meshes"][0]["primitives"][0].update(attributes={"POSITION": 2})
        ),
    )
    add("count beyond the bytes", lambda j, g: j["accessors"][0].update(count=2**31))
    add("view beyond the buffer", lambda j, g: j["bufferViews"][0].update(byteLength=2**39))
    add("offset beyond the view", lambda j, g: j["accessors"][0].update(byteOffset=2**39))
    add("stride below the size", lambda j, g: j["bufferViews"][0].update(byteStride=4))
    add("index beyond the vertices", lambda j, g: j["accessors"][1].update(componentType=5121, byteOffset=4))
    add("indices of floats", lambda j, g: j["meshes"][0]["primitives"][0].update(indices=0))
    add("a view of itself", lambda j, g: j["bufferViews"][0].update(buffer=5))
    add("a node twice", lambda j, g: j["nodes"].append({"children": [0, 0]}))
    add("a circle", lambda j, g: j.update(nodes=[{"children": [1]}, {"children": [0]}], scenes=[{"nodes": [0]}]))
    add(
        "depth",
        lambda j, g: j.update(
            nodes=[{"children": [n + 1]} for n in range(5000)] + [{"mesh": 0}], scenes=[{"nodes": [0]}]
        ),
    )
    add(
        "one mesh of many",
        lambda j, g: j.update(
            nodes=[{"mesh": 0}] * 100,
            meshes=[{"primitives": [{"attributes": {"POSITION": g.accessor(np.zeros((200_000, 3)))}}]}],
        ),
    )
    add(
        "one accessor many times",
        lambda j, g: j["meshes"][0].update(
            primitives=[{"attributes": {"POSITION": g.accessor(np.zeros((200_000, 3)))}}] * 100
        ),
    )
    add(
        "sparse beyond",
        lambda j, g: j["accessors"][0].update(
            sparse={"count": 2**31, "indices": {"bufferView": 0, "componentType": 5125}, "values": {"bufferView": 0}}
        ),
    )
    add(
        "sparse of floats",
        lambda j, g: j["accessors"][0].update(
            sparse={"count": 1, "indices": {"bufferView": 0, "componentType": 5126}, "values": {"bufferView": 0}}
        ),
    )
    add(
        "sparse outside",
        lambda j, g: j["accessors"][0].update(
            sparse={
                "count": 1,
                "indices": {"bufferView": g.view(b"\xff\xff\xff\xff"), "componentType": 5125},
                "values": {"bufferView": 0},
            }
        ),
    )
    add(
        "meshopt of much",
        lambda j, g: j["bufferViews"][0].update(
            extensions={
                "EXT_meshopt_compression": {
                    "buffer": 0,
                    "byteOffset": 0,
                    "byteLength": 30,
                    "byteStride": 12,
                    "count": 2**31,
                    "mode": "ATTRIBUTES",
                }
            }
        ),
    )
    table = {
        "schema": {
            "id": "s",
            "classes": {
                "c": {"properties": {"p": {"type": "SCALAR", "componentType": "UINT8", "array": True, "count": 3}}}
            },
        }
    }
    add(
        "rows of much",
        lambda j, g: j.update(
            extensions={
                "EXT_structural_metadata": {
                    **table,
                    "propertyTables": [{"class": "c", "count": 2**30, "properties": {"p": {"values": 0}}}],
                }
            }
        ),
    )
    add(
        "rows of texts",
        lambda j, g: j.update(
            extensions={
                "EXT_structural_metadata": {
                    **table,
                    "propertyTables": [{"class": "c", "count": 3, "properties": ["p"]}],
                }
            }
        ),
    )
    add(
        "instances that differ",
        lambda j, g: j["nodes"][0].update(
            extensions={
                "EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": 0, "SCALE": g.accessor(np.ones((4, 3)))}}
            }
        ),
    )
    return found  # fmt: skip


HOSTILE = hostile()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_asks_too_much_is_refused_without_taking_it(name, monkeypatch):
    monkeypatch.setattr("dtwin_plugin.sources.gltf.accessors._MOST_VALUES", 3_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DtwinError) as caught:
            read_content(HOSTILE[name], "a.glb", none)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith("a.glb") and caught.value.message.endswith(".")
    # The numbers that are allowed take 24 MB, and as much again while they are moved and turned.
    assert peak < (60e6 if "many" in name else 20e6)
