"""The content of a tile (b3dm, i3dm, pnts, cmpt, glTF) as parts whose z is up, in the tile's own coordinates."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError

from ..gltf import Part, Scene, read_gltf
from .instances import placed
from .points import points_of
from .tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEEPEST = 5  # composites within a composite
_HEADERS = {b"b3dm": 28, b"i3dm": 32, b"pnts": 28}


@dataclass(frozen=True)
class Content:
    """What a tile holds.

    Attributes
    ----------
    kinds : list of str
        "b3dm", "glb", …
    parts : list of (Part, dict)
        With the columns that the features of the part are rows of.
    notes, used, required, classes : list of str
        What was not read, the extensions, and the classes of the metadata.
    """

    kinds: list[str]
    parts: list[tuple[Part, dict[str, list[Any]]]]
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)


def read_content(data: bytes, file: str, fetch: Callable[[str], bytes], depth: int = 0) -> Content:
    """Return the parts of a tile's content; `fetch` gives files by an address relative to it.

    Raises
    ------
    FormatError
        If it is not what its format should be.
    """
    magic = data[:4]
    if magic == b"cmpt":
        return _composite(data, file, fetch, depth)
    if magic not in _HEADERS:
        scene = read_gltf(data, file, fetch)
        return _of_scene(scene, "glb" if magic == b"glTF" else "gltf", None, None)
    feature, batch, body, sizes = _tables(data, file)
    if magic == b"pnts":
        part, columns = points_of(feature, batch, file)
        facts = {"points": len(part.xyz), "batch_table": sorted(batch.json)}
        return Content(["pnts"], [(part, columns)], facts)
    if magic == b"i3dm" and sizes == 0:
        body = fetch(body.rstrip(b" \0\n").decode("utf-8", "replace"))
    scene = read_gltf(body, file, fetch)
    if magic == b"i3dm":
        count = feature.number("INSTANCES_LENGTH")
        found = _of_scene(scene, "i3dm", None, None)
        parts = placed(found.parts, feature, count, batch.columns(count))
        return replace(found, parts=parts, facts={**found.facts, "instances": count, "batch_table": sorted(batch.json)})
    count = feature.number("BATCH_LENGTH")
    shift = feature.array("RTC_CENTER", "<f4", 3, 1)[0].astype(float) if "RTC_CENTER" in feature.json else None
    columns = batch.columns(count)
    found = _of_scene(scene, "b3dm", shift, columns)
    return replace(found, facts={**found.facts, "batch_length": count, "batch_table": sorted(batch.json)})


def _of_scene(scene: Scene, kind: str, shift: Any, columns: dict[str, list[Any]] | None) -> Content:
    parts = []
    # A table's count is not believed: ids that a column has no value for get none.
    tables = [table.columns() for table in scene.tables]
    for part in scene.parts:
        own = columns
        if own is None:
            own = tables[part.table] if part.table is not None and 0 <= part.table < len(tables) else {}
        parts.append((replace(part, xyz=_upright(part.xyz, shift)), own))
    facts: dict[str, Any] = {
        "classes": sorted({table.class_name for table in scene.tables}),
        "attributes": sorted({name for table in tables for name in table} | set(columns or {})),
        "features": sum(table.count for table in scene.tables),
    }
    return Content([kind], parts, facts, scene.notes, scene.used, scene.required)


def _upright(xyz: NDArray[np.float64], shift: Any) -> NDArray[np.float64]:
    """Turn y up into z up, as 3D Tiles asks of every glTF."""
    turned = np.column_stack([xyz[:, 0], -xyz[:, 2], xyz[:, 1]])
    return turned if shift is None else turned + shift


def _tables(data: bytes, file: str) -> tuple[Table, Table, bytes, int]:
    """Return the feature table, the batch table, what follows them, and the format of the glTF of an i3dm."""
    header = _HEADERS[data[:4]]
    if len(data) < header:
        raise _short(file)
    version, length, *sizes = struct.unpack_from("<6I", data, 4)
    if version != 1:
        raise FormatError("{file} is a tile of version {found}; expected 1.", file=file, found=version)
    if length > len(data) or header + sum(sizes) > length:
        raise _short(file)
    edges = np.cumsum([header, *sizes]).tolist()
    pieces = [data[start:stop] for start, stop in zip(edges[:-1], edges[1:])]
    how = struct.unpack_from("<I", data, 28)[0] if header == 32 else 1
    return Table(pieces[0], pieces[1], file), Table(pieces[2], pieces[3], file), data[edges[-1] : length], how


def _composite(data: bytes, file: str, fetch: Callable[[str], bytes], depth: int) -> Content:
    if len(data) < 16 or depth >= _DEEPEST:
        raise _short(file)
    length, count = struct.unpack_from("<II", data, 8)
    at, pieces = 16, []
    for _ in range(count):
        size = struct.unpack_from("<I", data, at + 8)[0] if at + 12 <= len(data) else 0
        if size < 12 or at + size > min(length, len(data)):
            raise _short(file)
        pieces.append(read_content(data[at : at + size], file, fetch, depth + 1))
        at += size
    return Content(
        ["cmpt", *(kind for piece in pieces for kind in piece.kinds)],
        [part for piece in pieces for part in piece.parts],
        {"tiles": count},
        *(sorted({x for piece in pieces for x in getattr(piece, n)}) for n in ("notes", "used", "required")),
    )


def _short(file: str) -> FormatError:
    return FormatError("{file} is shorter than it states.", hint="Download or export it again.", file=file)
