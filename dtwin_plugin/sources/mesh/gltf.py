"""What a glTF file states, held against its bytes before anything is allocated."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import FormatError
from dtwin_plugin.translate import mark

from .group import too_large, wrong
from .references import content

_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}  # componentType, glTF 2.0, 3.6.2.2
_NUMBERS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_KNOWN = {  # extensions that change nothing of the shapes, or that trimesh applies itself
    "KHR_materials_unlit", "KHR_texture_transform", "KHR_materials_pbrSpecularGlossiness", "KHR_mesh_quantization",
    "EXT_mesh_features", "EXT_structural_metadata", "EXT_texture_webp", "KHR_texture_basisu",
}  # fmt: skip


def check(data: bytes, path: Path) -> dict[str, bytes]:
    """Return the buffers that a glTF file refers to, by name, after holding what it states against them.

    Raises
    ------
    FormatError, SourceError
        If it is no glTF 2, states more than it holds, or refers to what is not beside it.
    """
    tree, binary = _tree(data, path.name)
    version = str(_of(tree.get("asset"), dict).get("version", ""))
    if not version.startswith("2"):
        raise wrong(path.name, f"glTF version {version or '?'}")
    needed = [str(name) for name in _of(tree.get("extensionsRequired"), list) if name not in _KNOWN]
    if needed:
        raise FormatError(
            "{file} is packed with {extensions}, which is not read here.",
            hint="Export it without compression.",
            file=path.name,
            extensions=", ".join(needed)[:200],
        )
    found: dict[str, bytes] = {}
    sizes = []
    for buffer in _of(tree.get("buffers"), list):
        uri = _of(buffer, dict).get("uri")
        if uri is None:
            sizes.append(len(binary))
        else:
            found[str(uri)] = content(path, str(uri))
            sizes.append(len(found[str(uri)]))
        _require(_whole(buffer.get("byteLength"), path.name), sizes[-1] + 3, path.name, "buffer")
    _check_views(tree, sizes, path.name)
    _check_nodes(_of(tree.get("nodes"), list), path.name)
    return found


def _tree(data: bytes, file: str) -> tuple[dict[str, Any], bytes]:
    """Return the JSON of a file and its binary chunk."""
    binary = b""
    if data[:4] == b"glTF":
        if len(data) < 20:
            raise wrong(file, mark("cut off"))
        _, total, size = struct.unpack("<III", data[4:16])
        _require(max(total, size + 20), len(data), file, "content")
        text, rest = data[20 : 20 + size], data[20 + size :]
        binary = rest[8:] if len(rest) > 8 else b""
    else:
        text = data
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise wrong(file, error) from error
    if not isinstance(tree, dict):
        raise wrong(file, mark("no JSON object"))
    return tree, binary


def _check_views(tree: dict[str, Any], sizes: list[int], file: str) -> None:
    views = []
    for view in _of(tree.get("bufferViews"), list):
        buffer = _whole(_of(view, dict).get("buffer"), file)
        if buffer >= len(sizes):
            raise wrong(file, f"buffer {buffer}")
        end = _whole(view.get("byteOffset", 0), file) + _whole(view.get("byteLength"), file)
        _require(end, sizes[buffer], file, "bufferView")
        views.append(_whole(view.get("byteLength"), file))
    for accessor in _of(tree.get("accessors"), list):
        count = _whole(_of(accessor, dict).get("count"), file)
        size = _BYTES.get(accessor.get("componentType"), 1) * _NUMBERS.get(str(accessor.get("type")), 1)
        view = accessor.get("bufferView")
        there = sum(sizes) if view is None else views[view] if isinstance(view, int) and 0 <= view < len(views) else 0
        _require(count * size, there, file, "accessor")


def _check_nodes(nodes: list[Any], file: str) -> None:
    """Refuse nodes that are below themselves, or below two others: glTF has trees only."""
    children = [[c for c in _of(_of(node, dict).get("children"), list) if isinstance(c, int)] for node in nodes]
    above = [0] * len(nodes)
    for found in children:
        for child in found:
            if not 0 <= child < len(nodes):
                raise wrong(file, f"node {child}")
            above[child] += 1
    ready = [number for number, count in enumerate(above) if count == 0]
    done = 0
    while ready:
        done += 1
        ready += children[ready.pop()]
    if max(above, default=0) > 1 or done != len(nodes):
        raise wrong(file, mark("nodes in a circle"))


def _require(stated: int, there: int, file: str, what: str) -> None:
    if stated > there:
        raise too_large(file, what, stated, there)


def _whole(value: Any, file: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise wrong(file, f"{value!r}"[:60])
    return value


def _of(value: Any, kind: type) -> Any:
    return value if isinstance(value, kind) else kind()
