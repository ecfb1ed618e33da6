"""GLB: triangles in one colour each, with the feature that they belong to and a table of features.

Colours lie in an image with a texel for each, so that a tile is one piece for the graphics card; viewers that know no
texture coordinates by heart, such as QGIS 3.40, draw what has an image without a light of their own.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .write_table import property_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_FLOAT, _INT, _NEAREST, _EDGE, _TRIANGLES = 5126, 5125, 9728, 33071, 4
_VERTICES, _INDICES = 34962, 34963


class _Binary:
    """The binary chunk, and the buffer views into it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []

    def add(self, values: bytes, **more: Any) -> int:
        """Append bytes at a multiple of 8, as EXT_structural_metadata asks; return the number of the view."""
        self.data += b"\0" * (-len(self.data) % 8)
        self.views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(values), **more})
        self.data += values
        return len(self.views) - 1


def glb(
    xyz: NDArray[np.float64],
    triangles: NDArray[np.int64],
    features: NDArray[np.int64],
    places: NDArray[np.float64],
    image: bytes,
    columns: Mapping[str, NDArray[Any]],
) -> bytes:
    """Return a GLB.

    Parameters
    ----------
    xyz : ndarray
        Vertices with z up, near the origin: they become single precision [m], shape (n, 3).
    triangles : ndarray
        Rows of `xyz`, shape (m, 3).
    features : ndarray
        The row of `columns` that each vertex belongs to, shape (n,).
    places : ndarray
        Where the colour of each vertex is in the image, 0 to 1 from its upper left corner, shape (n, 2).
    image : bytes
        A PNG.
    columns : mapping of str to ndarray
        A value for each feature.
    """
    binary = _Binary()
    vertices = np.column_stack([xyz[:, 0], xyz[:, 2], -xyz[:, 1]]).astype("<f4")  # y is up in glTF 2.0, 3.4
    accessors = [
        _accessor(binary, vertices, "VEC3", min=vertices.min(axis=0).tolist(), max=vertices.max(axis=0).tolist()),
        _accessor(binary, places.astype("<f4"), "VEC2"),
        _accessor(binary, features.astype("<f4"), "SCALAR"),  # whole numbers up to 2 ** 24 survive
        _accessor(binary, triangles.astype("<u4").reshape(-1), "SCALAR"),
    ]
    picture = binary.add(image)
    table = property_table(columns, binary.add)
    count = len(next(iter(columns.values())))
    ids = {"featureIds": [{"featureCount": count, "attribute": 0, "propertyTable": 0}]}
    primitive = {
        "attributes": {"POSITION": 0, "TEXCOORD_0": 1, "_FEATURE_ID_0": 2},
        "indices": 3,
        "material": 0,
        "mode": _TRIANGLES,
        "extensions": {"EXT_mesh_features": ids},
    }
    material = {
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0.0, "roughnessFactor": 1.0},
        "doubleSided": True,
        "extensions": {"KHR_materials_unlit": {}},
    }
    document = {
        "asset": {"version": "2.0", "generator": "Digital Twin"},
        "extensionsUsed": ["EXT_mesh_features", "EXT_structural_metadata", "KHR_materials_unlit"],
        "extensions": {"EXT_structural_metadata": table},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [material],
        "textures": [{"source": 0, "sampler": 0}],
        "samplers": [{"magFilter": _NEAREST, "minFilter": _NEAREST, "wrapS": _EDGE, "wrapT": _EDGE}],
        "images": [{"bufferView": picture, "mimeType": "image/png"}],
        "accessors": accessors,
        "bufferViews": binary.views,
        "buffers": [{"byteLength": len(binary.data)}],
    }
    return _container(document, bytes(binary.data))


def _accessor(binary: _Binary, values: NDArray[Any], kind: str, **more: Any) -> dict[str, Any]:
    whole = values.dtype.kind == "u"
    view = binary.add(values.tobytes(), target=_INDICES if whole else _VERTICES)
    return {"bufferView": view, "componentType": _INT if whole else _FLOAT, "count": len(values), "type": kind, **more}


def _container(document: dict[str, Any], binary: bytes) -> bytes:
    """Return JSON and bytes in one file (glTF 2.0, 4.4), each padded to a multiple of 4."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    chunks = struct.pack("<II", len(text), _JSON) + text + struct.pack("<II", len(binary), _BIN) + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks
