"""OGR geometries as ragged arrays, by way of their WKB (OGC 06-103r4, 8.2)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Geometries

if TYPE_CHECKING:
    from numpy.typing import NDArray

# WKB types, table 7, in two dimensions; a thousand more with z. Curves are made straight first.
KIND_OF = {1: "point", 4: "point", 2: "line", 5: "line", 3: "polygon", 6: "polygon"}
_MULTI = {4, 5, 6}


def geometries_of(kind: str, shapes: list[Any]) -> Geometries:
    """Return OGR geometries of one kind; with z if any has one, and then NaN where one has none."""
    has_z = any(shape.Is3D() for shape in shapes)
    coordinates: list[NDArray[np.float64]] = []
    rings, parts, features = [0], [0], [0]
    for shape in shapes:
        for part in _parts(bytes(shape.ExportToIsoWkb(1))):
            for ring in part:
                coordinates.append(_with_z(ring) if has_z else ring[:, :2])
                rings.append(rings[-1] + len(ring))
            parts.append(len(rings) - 1)
        features.append(len(parts) - 1)
    joined = np.concatenate(coordinates) if coordinates else np.empty((0, 2))
    return Geometries(kind, joined, *(np.array(level, np.int64) for level in (rings, parts, features)))


def flat_type(shape: Any) -> int:
    """Return the WKB type without z and m."""
    number = int(shape.GetGeometryType())
    return (number & 0x7FFFFFFF) % 1000  # OGR marks z of the old types with the sign bit


def straight(shape: Any) -> Any:
    """Return a copy without measures and with curves as short straight pieces."""
    copy = shape.GetLinearGeometry() if shape.HasCurveGeometry() else shape.Clone()
    copy.SetMeasured(False)
    return copy


def _with_z(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    return ring if ring.shape[1] == 3 else np.column_stack([ring, np.full(len(ring), np.nan)])


def _parts(wkb: bytes) -> list[list[NDArray[np.float64]]]:
    """Return parts of rings of a single or multi geometry."""
    kind, at = struct.unpack_from("<I", wkb, 1)[0], 5
    if kind % 1000 not in _MULTI:
        return [_rings(wkb, 0)[0]]
    count = struct.unpack_from("<I", wkb, at)[0]
    at, found = at + 4, []
    for _ in range(count):
        rings, at = _rings(wkb, at)
        found.append(rings)
    return found


def _rings(wkb: bytes, at: int) -> tuple[list[NDArray[np.float64]], int]:
    """Return the rings of the single geometry at an offset, and the offset after it."""
    kind = struct.unpack_from("<I", wkb, at + 1)[0]
    size = 3 if kind >= 1000 else 2
    at += 5
    counts = 1
    if kind % 1000 == 3:
        counts = struct.unpack_from("<I", wkb, at)[0]
        at += 4
    rings = []
    for _ in range(counts):
        length = 1
        if kind % 1000 != 1:
            length = struct.unpack_from("<I", wkb, at)[0]
            at += 4
        rings.append(np.frombuffer(wkb, "<f8", length * size, at).reshape(length, size))
        at += length * size * 8
    return rings, at
