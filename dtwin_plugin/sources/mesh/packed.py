"""glTF, PLY and STL, read by trimesh after a look at what they state."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError, MissingDependencyError
from dtwin_plugin.translate import mark

from . import gltf
from .group import MAX_FACES, MAX_GROUPS, Group, too_large, wrong

# What trimesh raises of files that are not what they should be.
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RuntimeError, AssertionError,
           NameError, struct.error, EOFError)  # fmt: skip
_ELEMENT = re.compile(rb"^element\s+(\S+)\s+(\d{1,30})\s*$")
_AXES = (rb"x\b", rb"y\b", rb"z\b")
_PLY_BYTES = {
    b"char": 1,
    b"uchar": 1,
    b"int8": 1,
    b"uint8": 1,
    b"short": 2,
    b"ushort": 2,
    b"int16": 2,
    b"uint16": 2,
    b"double": 8,
    b"float64": 8,
}  # fmt: skip  (all others 4)


def read_packed(path: Path, data: bytes, kind: str) -> list[Group]:
    """Return the groups of a file of kind "glb", "gltf", "ply" or "stl".

    Raises
    ------
    FormatError, SourceError
        If it is not what its format should be.
    MissingDependencyError
        If trimesh is not installed.
    """
    try:
        import trimesh
    except ImportError:
        raise MissingDependencyError("trimesh", "read glTF, PLY and STL models") from None
    files: dict[str, bytes] = {}
    if kind in ("glb", "gltf"):
        files = gltf.check(data, path)
    elif kind == "ply":
        _check_ply(data, path.name)
    else:
        kind = _check_stl(data, path.name)
    try:
        with np.errstate(all="ignore"):
            scene = trimesh.load_scene(
                io.BytesIO(data), file_type=kind, resolver=files, process=False, skip_materials=True
            )
            return _groups(scene, path)
    except _BROKEN as error:
        raise wrong(path.name, error or type(error).__name__) from error


def _groups(scene: Any, path: Path) -> list[Group]:
    """Return the meshes of a scene where its nodes put them."""
    found: list[Group] = []
    faces = 0
    nodes = list(scene.graph.nodes_geometry)
    if len(nodes) > MAX_GROUPS:
        raise FormatError("{file} has {count} parts; expected {limit} at most.", file=path.name, count=len(nodes),
                          limit=MAX_GROUPS)  # fmt: skip
    for node in nodes:
        matrix, name = scene.graph[node]
        mesh = scene.geometry[name]
        corners = getattr(mesh, "faces", None)
        if corners is None or not len(corners):
            continue  # points and lines
        faces += len(corners)
        if faces > MAX_FACES:
            raise FormatError("{file} has more than {limit} faces.", hint="Split it.", file=path.name, limit=MAX_FACES)
        xyz = np.asarray(mesh.vertices, np.float64)
        corners = np.asarray(corners, np.int64)
        if corners.min() < 0 or corners.max() >= len(xyz):
            raise wrong(path.name, f"face of vertex {int(corners.max())} of {len(xyz)}")
        matrix = np.asarray(matrix, float)
        found.append(Group(str(node), xyz @ matrix[:3, :3].T + matrix[:3, 3], corners))
    return found


def _check_stl(data: bytes, file: str) -> str:
    """Return which kind of STL it is, after holding the number of triangles against the bytes."""
    if len(data) >= 84:
        count = int.from_bytes(data[80:84], "little")
        if len(data) == 84 + 50 * count:
            return "stl"
        if not (data[:5].lower() == b"solid" and b"facet" in data[:2000]):
            raise too_large(file, mark("triangles"), 84 + 50 * count, len(data))
    if data[:5].lower() != b"solid":
        raise wrong(file, mark("no STL"))
    if b"endsolid" not in data[-4096:].lower():
        raise wrong(file, mark("cut off, without endsolid"))
    return "stl_ascii"


def _check_ply(data: bytes, file: str) -> None:
    """Hold the number of elements of a PLY header against the bytes that follow."""
    end = data.find(b"end_header")
    if data[:3] != b"ply" or end < 0 or end > 1 << 20:
        raise wrong(file, mark("no PLY header"))
    text = b"format ascii" in data[:end]
    if b"element vertex" in data[:end] and not all(
        re.search(rb"property\s+\S+\s+" + axis, data[:end]) for axis in _AXES
    ):
        raise wrong(file, mark("its vertices have no x, y and z"))
    count, needed, per_row = 0, 0, 0
    for line in [*data[:end].splitlines(), b"element end 0"]:
        match = _ELEMENT.match(line.strip())
        words = line.split()
        if match:
            needed += count * per_row
            count, per_row = int(match.group(2)), 0
        elif words[:1] == [b"property"] and len(words) >= 3:
            kind = words[2] if words[1] == b"list" else words[1]
            per_row += 2 if text else _PLY_BYTES.get(kind, 4) if words[1] != b"list" else _PLY_BYTES.get(kind, 4)
    if needed > len(data) - end:
        raise too_large(file, mark("elements"), needed, len(data) - end)
