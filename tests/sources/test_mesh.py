"""Design models: shapes, placement and refusals."""

import base64
import json
import struct

import numpy as np
import pytest

from dtwin_plugin.data import Extent
from dtwin_plugin.data.placement import Placement
from dtwin_plugin.errors import Cancelled, CrsError, DtwinError, FormatError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources import open_source
from dtwin_plugin.sources.mesh import MeshSource

pytest.importorskip("trimesh")

RD = Placement(84_000, 447_000, 1.0)
CUBE = [(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)]
QUADS = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6)]
TRIANGLES = [t for a, b, c, d in QUADS for t in ((a, b, c), (a, c, d))]
OBJ = (
    "# cube\nmtllib cube.mtl\n" + "".join(f"v {x} {y} {z}\n" for x, y, z in CUBE)
    + "o house\nusemtl red\n" + "".join("f " + " ".join(f"{i + 1}/1/1" for i in quad) + "\n" for quad in QUADS[:3])
    + "g roof\nusemtl blue\n" + "".join("f " + " ".join(str(i - 8) for i in quad) + "\n" for quad in QUADS[3:])
)  # fmt: skip


def glb(scale=1.0, triangles=TRIANGLES, change=None, nodes=None):
    """A cube as binary glTF; `change` alters its JSON."""
    xyz = (np.array(CUBE, np.float32) * np.float32(scale)).tobytes()
    index = np.array(triangles, np.uint32).tobytes()
    tree = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes or [{"mesh": 0, "name": "cube", "translation": [0, 0, 0]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3", "min": [0] * 3, "max": [scale] * 3},
            {"bufferView": 1, "componentType": 5125, "count": 3 * len(triangles), "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(xyz)},
            {"buffer": 0, "byteOffset": len(xyz), "byteLength": len(index)},
        ],
        "buffers": [{"byteLength": len(xyz) + len(index)}],
    }
    if change:
        change(tree)
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    body = xyz + index
    total = 28 + len(text) + len(body)
    head = struct.pack("<4sIIII", b"glTF", 2, total, len(text), 0x4E4F534A)
    return head + text + struct.pack("<II", len(body), 0x004E4942) + body


def stl(count=None):
    body = b""
    for triangle in TRIANGLES:
        body += struct.pack("<3f", 0, 0, 0) + b"".join(struct.pack("<3f", *CUBE[i]) for i in triangle) + b"\0\0"
    return b"\0" * 80 + struct.pack("<I", len(TRIANGLES) if count is None else count) + body


def stl_text():
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n" + "".join("vertex {} {} {}\n".format(*CUBE[i]) for i in triangle)
        + "endloop\nendfacet\n" for triangle in TRIANGLES
    )  # fmt: skip
    return f"solid cube\n{facets}endsolid cube\n".encode()


def ply(vertices=8, faces=12):
    head = f"ply\nformat ascii 1.0\nelement vertex {vertices}\nproperty float x\nproperty float y\nproperty float z\n"
    head += f"element face {faces}\nproperty list uchar int vertex_indices\nend_header\n"
    body = "".join(f"{x} {y} {z}\n" for x, y, z in CUBE) + "".join("3 {} {} {}\n".format(*t) for t in TRIANGLES)
    return (head + body).encode()


FILES = {"a.obj": OBJ.encode(), "a.glb": glb(), "a.stl": stl(), "b.stl": stl_text(), "a.ply": ply()}


@pytest.fixture
def write(tmp_path):
    def write_file(data, name):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write_file


@pytest.mark.parametrize("name", FILES)
def test_a_cube_is_a_cube_in_every_format(write, name):
    pieces = list(MeshSource(write(FILES[name], name), placement=RD).read())
    xyz = np.concatenate([piece.geometries.coordinates for piece in pieces])
    assert xyz.min(axis=0).tolist() == [84_000, 447_000, 1] and xyz.max(axis=0).tolist() == [84_001, 447_001, 2]
    assert sum(map(len, pieces)) == (6 if name == "a.obj" else 12)
    info = MeshSource(write(FILES[name], name)).describe()
    assert info.extent == (0, 0, 0, 1, 1, 1) and info.facts["faces"] == sum(map(len, pieces))


@pytest.mark.parametrize("name", ["a.obj", "a.stl", "b.stl", "a.ply"])
def test_the_registry_knows_them(write, name):
    assert isinstance(open_source(write(FILES[name], name)), MeshSource)


def test_groups_materials_and_colours_of_obj_are_kept(write):
    write(b"newmtl red\nKd 1 0 0\nnewmtl blue\nKd 0 0 1\n", "cube.mtl")
    pieces = list(MeshSource(write(OBJ.encode(), "a.obj"), placement=RD).read())
    rows = [(p.columns["id"][0], p.columns["material"][0], p.columns["colour"][0], len(p)) for p in pieces]
    assert rows == [("house", "red", "#ff0000", 3), ("house roof", "blue", "#0000ff", 3)]


def test_an_obj_without_its_material_file_is_read(write):
    assert len(list(MeshSource(write(OBJ.encode(), "a.obj"), placement=RD).read())) == 2


def test_placement_scales_turns_and_stands_a_y_up_model_upright(write):
    placement = Placement(84_000, 447_000, 2, rotation=90, scale=0.5, up="y")
    (piece,) = MeshSource(write(glb(scale=10), "a.glb"), placement=placement).read()
    low, high = piece.geometries.coordinates.min(axis=0), piece.geometries.coordinates.max(axis=0)
    # x goes south, and what comes to the viewer (z), south before turning, west
    assert low.tolist() == [83_995, 446_995, 2] and high.tolist() == [84_000, 447_000, 7]


def test_nodes_of_gltf_place_their_mesh(write):
    nodes = [{"children": [1], "translation": [0, 5, 0]}, {"mesh": 0, "name": "one", "translation": [1, 0, 0]}]
    info = MeshSource(write(glb(nodes=nodes), "a.glb")).describe()
    assert info.extent == (1, 5, 0, 2, 6, 1) and info.facts["groups"] == ["one"]


def test_coordinates_in_rd_need_no_placement_and_others_do(write):
    shifted = "\n".join(
        f"v {84_000 + int(w.split()[1])} {447_000 + int(w.split()[2])} {w.split()[3]}" if w.startswith("v ") else w
        for w in OBJ.splitlines()
    )
    assert len(list(MeshSource(write(shifted.encode(), "a.obj")).read())) == 2
    with pytest.raises(CrsError, match="does not say where it stands"):
        list(MeshSource(write(OBJ.encode(), "b.obj")).read())


def test_rounding_of_large_coordinates_is_told(write):
    progress = Silent()
    source = MeshSource(write(glb(scale=447_000), "a.glb"), placement=RD)
    list(source.read(progress=progress))
    assert "rounded to 0.0312" in progress.warnings[0]


def test_only_faces_in_the_area_are_read(write):
    (piece,) = MeshSource(write(stl(), "a.stl"), placement=RD).read(Extent(83_999, 446_999, 84_000, 447_002))
    assert 0 < len(piece) < 12


def test_faces_without_usable_coordinates_are_counted(write):
    text = OBJ.replace("v 0 0 0", "v nan 0 0", 1)
    progress = Silent()
    pieces = list(MeshSource(write(text.encode(), "a.obj"), placement=RD).read(progress=progress))
    assert sum(map(len, pieces)) == 3
    assert "3 faces without usable coordinates are left out." in progress.warnings


def test_cancel_is_heard(write, cancelling):
    with pytest.raises(Cancelled):
        list(MeshSource(write(stl(), "a.stl"), placement=RD).read(progress=cancelling(0)))


def _set(path, value):
    def change(tree):
        item = tree
        for key in path[:-1]:
            item = item[key]
        item[path[-1]] = value

    return change


HOSTILE = {
    "count": (glb(change=_set(["accessors", 0, "count"], 10**12)), "a.glb", "states .* bytes of accessor"),
    "no view": (glb(change=_set(["accessors", 0], {"componentType": 5126, "count": 10**9, "type": "VEC3"})), "a.glb",
                "bytes of accessor"),
    "view": (glb(change=_set(["bufferViews", 0, "byteLength"], 10**12)), "a.glb", "bytes of bufferView"),
    "buffer": (glb(change=_set(["buffers", 0, "byteLength"], 10**12)), "a.glb", "bytes of buffer"),
    "remote": (glb(change=_set(["buffers", 0, "uri"], "https://example.org/a.bin")), "a.glb", "not followed"),
    "above": (glb(change=_set(["buffers", 0, "uri"], "../../etc/passwd")), "a.glb", "not followed"),
    "encoded": (glb(change=_set(["buffers", 0, "uri"], "%2e%2e/a.bin")), "a.glb", "not followed"),
    "absolute": (glb(change=_set(["buffers", 0, "uri"], "/etc/passwd")), "a.glb", "not followed"),
    "windows": (glb(change=_set(["buffers", 0, "uri"], "C:\\a.bin")), "a.glb", "not followed"),
    "missing": (glb(change=_set(["buffers", 0, "uri"], "a.bin")), "a.glb", "needs a.bin"),
    "circle": (glb(nodes=[{"children": [1], "mesh": 0}, {"children": [0]}]), "a.glb", "circle"),
    "itself": (glb(nodes=[{"children": [0], "mesh": 0}]), "a.glb", "circle"),
    "index": (glb(triangles=[(0, 1, 9_000)]), "a.glb", "not a sound model"),
    "draco": (glb(change=_set(["extensionsRequired"], ["KHR_draco_mesh_compression"])), "a.glb", "packed with KHR"),
    "version": (glb(change=_set(["asset", "version"], "1.0")), "a.glb", "version 1.0"),
    "cut": (glb()[:200], "a.glb", "bytes of content"),
    "deep": (b"{" * 10 + b'"a":' + b"[" * 100_000, "a.gltf", "not a sound model"),
    "stl": (stl(10**9), "a.stl", "states 50000000084 bytes of triangles"),
    "stl cut": (stl()[:-10], "a.stl", "bytes of triangles"),
    "stl text cut": (stl_text()[:300], "a.stl", "endsolid"),
    "ply": (ply(vertices=10**12), "a.ply", "bytes of elements"),
    "ply faces": (ply(faces=10**9), "a.ply", "bytes of elements"),
    "ply head": (b"ply\nformat ascii 1.0\n", "a.ply", "no PLY header"),
    "obj": (b"v 0 0 0\nf 1 2 3\n", "a.obj", "line 2"),
    "obj vertex": (b"v a b c\n", "a.obj", "line 1"),
    "obj long": (b"v 0 0 " + b"0" * (1 << 20), "a.obj", "longer than 1 MB"),
    "obj above": (b"mtllib ../x.mtl\n", "a.obj", "not followed"),
    "obj remote": (b"mtllib //host/x.mtl\n", "a.obj", "not followed"),
    "obj none": (b"v 0 0 0\n", "a.obj", "no faces"),
    "empty": (b"", "a.obj", "empty"),
    "other": (b"hello", "a.txt", "no design model"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "a.glb", "Git LFS"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_states_more_than_it_holds_or_points_elsewhere_is_refused(write, name):
    data, file, sentence = HOSTILE[name]
    with pytest.raises(DtwinError, match=sentence):
        MeshSource(write(data, file)).describe()


def test_a_reference_beside_the_model_is_followed_but_no_link_out_of_the_folder(write, tmp_path):
    body = np.array(CUBE, np.float32).tobytes() + np.array(TRIANGLES, np.uint32).tobytes()
    tree = json.loads(glb()[20:].split(b"\0")[0].decode("latin-1").rpartition("}")[0] + "}")
    tree["buffers"][0]["uri"] = "cube.bin"
    path = write(json.dumps(tree).encode(), "a.gltf")
    write(body, "cube.bin")
    assert MeshSource(path).describe().facts["faces"] == 12
    tree["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(body).decode()
    assert MeshSource(write(json.dumps(tree).encode(), "b.gltf")).describe().facts["faces"] == 12
    (tmp_path / "cube.bin").unlink()
    (tmp_path / "cube.bin").symlink_to("/etc/hostname")
    with pytest.raises(FormatError, match="not followed"):
        MeshSource(path).describe()


@pytest.mark.parametrize("name", FILES)
def test_mutilated_files_are_refused_and_never_raise_anything_else(write, name):
    rng = np.random.default_rng(5)
    for number in range(60):
        data = bytearray(FILES[name])
        for place in rng.integers(0, len(data), 4):
            data[place] = int(rng.integers(0, 256))
        try:
            source = MeshSource(write(bytes(data), f"{number}{name}"), placement=RD)
            source.describe()
            list(source.read())
        except DtwinError:
            continue


def test_real_tiles_content_is_read(shared):
    paths = sorted((shared / "tiles3d" / "1.1_SparseImplicitQuadtree" / "content").glob("*.glb"))
    for path in paths[:3]:
        assert MeshSource(path).describe().facts["faces"] > 0
