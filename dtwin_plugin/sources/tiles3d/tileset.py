"""The tiles of a tileset: explicit, external and implicit, with their transforms and bounding volumes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError

from ..gltf.container import parse_json
from .earth import corners

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEEPEST = 500
_MOST_CONTENTS = 64  # of one tile
_MOST_CELLS = 16_000_000  # of one subtree


@dataclass(frozen=True)
class Tile:
    """A tile: where it is, how coarse, and the addresses of its contents relative to its tileset.

    `around` are points around it, and `tight` those around each content that says more precisely where it lies. `up` is
    the axis of its glTF that points up.
    """

    matrix: NDArray[np.float64]
    around: NDArray[np.float64] | None
    error: float
    refine: str
    contents: tuple[str, ...]
    json: dict[str, Any]
    base: str
    leaf: bool
    tight: tuple[NDArray[np.float64] | None, ...] = ()
    up: str = "Y"


def open_tileset(data: bytes, file: str) -> dict[str, Any]:
    """Return a tileset as JSON; raises FormatError if it has no root tile or version."""
    found = parse_json(data, file)
    if not isinstance(found.get("asset"), dict) or not isinstance(found.get("root"), dict):
        raise FormatError("{file} is no 3D Tiles tileset: it has no asset or no root tile.", file=file)
    return found


def root_of(json: dict[str, Any], above: Tile | None, base: str, file: str) -> Tile:
    """Return the root tile of a tileset, and in it what older tilesets say of all: which axis of a glTF points up.

    "gltfUpAxis" stands in no version of the specification, but CesiumJS knows it and exporters write it.
    """
    up = str(json["asset"].get("gltfUpAxis") or "").upper()
    tile = tile_of(json["root"], above, base, file)
    return replace(tile, up=up) if up in ("X", "Y", "Z") else tile


def tile_of(json: Any, above: Tile | None, base: str, file: str) -> Tile:
    """Return a tile from its JSON; raises FormatError where a number does not fit."""
    try:
        own = np.asarray(json.get("transform", np.eye(4).ravel()), np.float64).reshape(4, 4).T
        matrix = own if above is None else above.matrix @ own
        around = _around(json.get("boundingVolume"), matrix)
        found = json.get("contents") or ([json["content"]] if json.get("content") else [])
        contents = tuple(str(item.get("uri", item.get("url"))) for item in found)
        refine = str(json.get("refine") or (above.refine if above else "REPLACE")).upper()
        error = float(json.get("geometricError", 0.0))
        leaf = not json.get("children") and "implicitTiling" not in json
        tight = tuple(_around(item.get("boundingVolume"), matrix) for item in found)
        return Tile(matrix, around, error, refine, contents, json, base, leaf, tight, above.up if above else "Y")
    except (TypeError, ValueError, AttributeError, KeyError) as error_found:
        raise FormatError(
            "{file} has a tile whose transform, bounding volume or content is not as 3D Tiles asks.",
            hint="Export it again.",
            file=file,
        ) from error_found


def _around(volume: Any, matrix: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return points around a bounding volume, None if there is none of a kind that is known."""
    known = isinstance(volume, dict) and any(kind in volume for kind in ("region", "box", "sphere"))
    return corners(volume, matrix) if known else None


def children_of(tile: Tile, file: str, depth: int) -> list[Tile]:
    """Return the explicit children of a tile."""
    if depth > _DEEPEST:
        raise FormatError("{file} has tiles in tiles without an end.", file=file)
    found = tile.json.get("children") or []
    if not isinstance(found, list):
        raise FormatError("{file} has a tile whose children are no list.", file=file)
    return [tile_of(item, tile, tile.base, file) for item in found]


@dataclass(frozen=True)
class Implicit:
    """The scheme of implicit tiling."""

    dimensions: int
    subtree_levels: int
    levels: int
    subtrees: str

    @classmethod
    def of(cls, json: dict[str, Any], file: str) -> Implicit:
        """Return the scheme as a tile states it; raises FormatError if it is none."""
        found = json["implicitTiling"]
        try:
            scheme = {"QUADTREE": 2, "OCTREE": 3}[found["subdivisionScheme"]]
            levels = found.get("availableLevels", found.get("maximumLevel", 0) + 1 if "maximumLevel" in found else None)
            result = cls(scheme, int(found["subtreeLevels"]), int(levels), str(found["subtrees"]["uri"]))
        except (TypeError, KeyError, ValueError) as error:
            raise FormatError("{file} has implicit tiling that is not as 3D Tiles asks.", file=file) from error
        if _around(json.get("boundingVolume"), np.eye(4)) is None:
            raise FormatError("{file} has implicit tiling that is not as 3D Tiles asks.", file=file)
        if not 1 <= result.subtree_levels <= 24 // scheme or not 1 <= result.levels <= 64:
            raise FormatError("{file} has implicit tiling of more levels than is read.", file=file)
        return result

    def volume(self, json: dict[str, Any], level: int, at: tuple[int, ...]) -> dict[str, Any]:
        """Return the bounding volume of a tile of the scheme: a part of that of the root."""
        whole, parts = json["boundingVolume"], 2**level
        if "region" in whole:
            region = np.asarray(whole["region"], float).reshape(6).tolist()
            for axis, (low, high) in enumerate(((0, 2), (1, 3), (4, 5))[: self.dimensions]):
                start, size = region[low], (region[high] - region[low]) / parts
                region[low], region[high] = start + at[axis] * size, start + (at[axis] + 1) * size
            return {"region": region}
        if "box" not in whole:
            return dict(whole)
        box = np.asarray(whole["box"], float).reshape(4, 3)
        for axis in range(self.dimensions):
            box[0] += box[axis + 1] * ((2 * at[axis] + 1) / parts - 1)
        box[1 : 1 + self.dimensions] /= parts
        return {"box": box.ravel().tolist()}


@dataclass(frozen=True)
class Subtree:
    """Which tiles, contents and subtrees below exist."""

    tiles: NDArray[np.bool_]
    contents: list[NDArray[np.bool_]]
    below: NDArray[np.bool_]


def read_subtree(data: bytes, scheme: Implicit, file: str, fetch: Any) -> Subtree:
    """Return the availability in a subtree; raises FormatError if its bits do not fit."""
    branch, levels = 2**scheme.dimensions, scheme.subtree_levels
    cells, below = (branch**levels - 1) // (branch - 1), branch**levels
    if below > _MOST_CELLS:
        raise FormatError("{file} has implicit tiling of more levels than is read.", file=file)
    document, binary = subtree_chunks(data, file)

    def bits(item: Any, count: int) -> NDArray[np.bool_]:
        if item.get("constant") is not None:
            return np.broadcast_to(np.bool_(item["constant"]), count)  # takes no memory
        view = document["bufferViews"][item.get("bitstream", item.get("bufferView"))]
        buffer = document["buffers"][view["buffer"]]
        raw = fetch(buffer["uri"]) if buffer.get("uri") else binary
        start, size = int(view.get("byteOffset", 0)), int(view["byteLength"])
        if start < 0 or size * 8 < count or start + size > len(raw):
            raise ValueError(size)
        return np.unpackbits(np.frombuffer(raw, np.uint8, size, start), bitorder="little")[:count].astype(bool)

    try:
        content = document.get("contentAvailability") or []
        many = content if isinstance(content, list) else [content]
        if len(many) > _MOST_CONTENTS:
            raise ValueError(len(many))
        return Subtree(
            bits(document["tileAvailability"], cells),
            [bits(item, cells) for item in many],
            bits(document["childSubtreeAvailability"], below),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise FormatError("{file} is no valid subtree.", hint="Download or export it again.", file=file) from error


def subtree_chunks(data: bytes, file: str) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the binary part of a subtree."""
    if data[:4] != b"subt":
        return parse_json(data, file), b""
    if len(data) < 24:
        raise FormatError("{file} is shorter than it states.", hint="Download or export it again.", file=file)
    _, text, binary = struct.unpack_from("<IQQ", data, 4)
    if 24 + text + binary > len(data):
        raise FormatError("{file} is shorter than it states.", hint="Download or export it again.", file=file)
    return parse_json(data[24 : 24 + text], file), data[24 + text : 24 + text + binary]
