"""The content of a tile (b3dm, i3dm, pnts, cmpt, glTF) as parts whose z is up, in the tile's own coordinates."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError

from ..gltf import Part, Scene, read_gltf
from .fetch import beside, name_of
from .instances import placed
from .points import points_of
from .tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Fetch = Callable[[str], bytes]

_DEEPEST = 5  # composites within a composite
_MOST = 60_000_000  # numbers of all tiles in a composite, as many as of the instances of one model
_HEADERS = {b"b3dm": 28, b"i3dm": 32, b"pnts": 28}


@dataclass(frozen=True)
class Content:
    """What a tile holds.

    Attributes
    ----------
    kinds : list of str
        "b3dm", "glb", …
    parts : list of (Part, dict)
        With the columns that the features of the part are rows of: parts whose features are rows of one table have
        one and the same mapping.
    notes, used, required : list of str
        What was not read (see `notes.SENTENCES`), and the extensions.
    """

    kinds: list[str]
    parts: list[tuple[Part, dict[str, list[Any]]]]
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)


def read_content(
    data: bytes, file: str, fetch: Fetch, matrix: NDArray[np.float64] | None = None, up: str = "Y", depth: int = 0
) -> Content:
    """Return the parts of a tile's content; `fetch` gives files by an address relative to it.

    Parameters
    ----------
    matrix : ndarray, optional
        Of the tile, which directions to east, north and up depend on.
    up : {"Y", "Z", "X"}
        The axis of the glTF that points up.

    Raises
    ------
    FormatError
        If it is not what its format should be.
    """
    magic = data[:4]
    if magic == b"cmpt":
        return _composite(data, file, fetch, matrix, up, depth)
    with np.errstate(invalid="ignore", over="ignore"):  # what is no finite number is left out with its triangle
        if magic not in _HEADERS:
            return _of_scene(read_gltf(data, file, fetch), "glb" if magic == b"glTF" else "gltf", None, up)
        feature, batch, body, kind = _tables(data, file)
        hierarchy = "3DTILES_batch_table_hierarchy" in (batch.json.get("extensions") or {}) or "HIERARCHY" in batch.json
        facts: dict[str, Any] = {"batch_table": sorted(batch.json)}
        notes = ["hierarchy"] if hierarchy else []
        if magic == b"pnts":
            part, columns = points_of(feature, batch, file)
            return Content(["pnts"], [(part, columns)], {"points": len(part.xyz), **facts}, notes)
        if magic == b"i3dm":
            found = _of_scene(_model(body, kind, file, fetch), "i3dm", None, up)
            parts = placed(found.parts, feature, batch, np.eye(4) if matrix is None else matrix)
            facts["instances"] = feature.number("INSTANCES_LENGTH")
        else:
            count = feature.number("BATCH_LENGTH")
            found = _of_scene(read_gltf(body, file, fetch), "b3dm", batch.columns(count), up)
            shift = feature.array("RTC_CENTER", "<f4", 3, 1)[0] if "RTC_CENTER" in feature.json else np.zeros(3)
            parts = [(replace(part, xyz=part.xyz + shift), columns) for part, columns in found.parts]
            facts["batch_length"] = count
    return replace(found, parts=parts, facts={**found.facts, **facts}, notes=[*found.notes, *notes])


def _model(body: bytes, kind: int, file: str, fetch: Fetch) -> Scene:
    """Return the model of an i3dm: in it (1), or in a file beside it (0), which has its own files beside itself."""
    if kind not in (0, 1):
        raise FormatError(
            "{file} has a model of kind {found}; expected 0 or 1.",
            hint="Download or export it again.",
            file=file,
            found=kind,
        )
    if kind == 1:
        return read_gltf(body, file, fetch)
    uri = body.rstrip(b" \0\n").decode("utf-8", "replace")
    return read_gltf(fetch(uri), name_of(uri), lambda other: fetch(beside(uri, other)))


def _of_scene(scene: Scene, kind: str, batch: dict[str, list[Any]] | None, up: str) -> Content:
    parts = []
    # A table's count is not believed: ids that a column has no value for get none.
    tables = [table.columns() for table in scene.tables]
    without: dict[str, list[Any]] = {}
    for part in scene.parts:
        own = batch
        if own is None:
            own = tables[part.table] if part.table is not None and 0 <= part.table < len(tables) else without
        parts.append((replace(part, xyz=_upright(part.xyz, scene.centre, up)), own))
    facts: dict[str, Any] = {
        "classes": sorted({table.class_name for table in scene.tables}),
        "attributes": sorted({name for table in tables for name in table} | set(batch or {})),
        "features": sum(table.count for table in scene.tables),
    }
    return Content([kind], parts, facts, scene.notes, scene.used, scene.required)


def _upright(xyz: NDArray[np.float64], shift: NDArray[np.float64] | None, up: str) -> NDArray[np.float64]:
    """Turn y up into z up, as 3D Tiles asks of every glTF; of older tilesets another axis."""
    x, y, z = xyz.T
    turned = np.column_stack({"Y": (x, -z, y), "Z": (x, y, z), "X": (-z, y, x)}[up])
    return turned if shift is None else turned + shift


def _tables(data: bytes, file: str) -> tuple[Table, Table, bytes, int]:
    """Return the feature table, the batch table, what follows them, and the kind of model of an i3dm."""
    header = _HEADERS[data[:4]]
    if len(data) < header:
        raise _short(file)
    version, length, *sizes = struct.unpack_from("<6I", data, 4)
    _check_version(version, file)
    if length > len(data) or header + sum(sizes) > length:
        raise _short(file)
    edges = np.cumsum([header, *sizes]).tolist()
    pieces = [data[start:stop] for start, stop in zip(edges[:-1], edges[1:])]
    how = struct.unpack_from("<I", data, 28)[0] if header == 32 else 1
    return Table(pieces[0], pieces[1], file), Table(pieces[2], pieces[3], file), data[edges[-1] : length], how


def _composite(
    data: bytes, file: str, fetch: Fetch, matrix: NDArray[np.float64] | None, up: str, depth: int
) -> Content:
    if depth >= _DEEPEST:
        raise FormatError(
            "{file} has composite tiles in composite tiles, deeper than {count}.", file=file, count=_DEEPEST
        )
    if len(data) < 16:
        raise _short(file)
    version, length, count = struct.unpack_from("<III", data, 4)
    _check_version(version, file)
    at, pieces, numbers = 16, [], 0
    for _ in range(count):
        size = struct.unpack_from("<I", data, at + 8)[0] if at + 12 <= len(data) else 0
        if size < 12 or at + size > min(length, len(data)):
            raise _short(file)
        pieces.append(read_content(data[at : at + size], file, fetch, matrix, up, depth + 1))
        numbers += sum(_size(part) for part, _ in pieces[-1].parts)
        if numbers > _MOST:
            raise FormatError(
                "{file} unpacks to more than {count} numbers, which is more than is read.",
                hint="Divide it into smaller tiles.",
                file=file,
                count=_MOST,
            )
        at += size
    return Content(
        ["cmpt", *(kind for piece in pieces for kind in piece.kinds)],
        [part for piece in pieces for part in piece.parts],
        {"tiles": count},
        *(sorted({x for piece in pieces for x in getattr(piece, n)}) for n in ("notes", "used", "required")),
    )


def _size(part: Part) -> int:
    return part.xyz.size + (0 if part.triangles is None else part.triangles.size)


def _check_version(version: int, file: str) -> None:
    if version != 1:
        raise FormatError("{file} is a tile of version {found}; expected 1.", file=file, found=version)


def _short(file: str) -> FormatError:
    return FormatError("{file} is shorter than it states.", hint="Download or export it again.", file=file)
