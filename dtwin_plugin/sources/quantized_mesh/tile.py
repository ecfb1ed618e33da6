"""One tile of a quantized mesh: from bytes to triangles in degrees and metres.

References
----------
Cesium, quantized-mesh-1.0 terrain format, https://github.com/CesiumGS/quantized-mesh.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = 88  # bytes: centre, heights, bounding sphere, horizon occlusion point
_MOST = 32_767  # u, v and height run from 0 to this
_WIDE = 65_536  # vertices above which indices take four bytes
_LARGEST = 64 << 20  # bytes of an unpacked tile


@dataclass(frozen=True)
class Tile:
    """Triangles of a tile.

    Attributes
    ----------
    places : ndarray
        Shape (n, 3): longitude, latitude [degree], height above the ellipsoid [m].
    triangles : ndarray
        int64, shape (m, 3): rows of `places`.
    """

    places: NDArray[np.float64]
    triangles: NDArray[np.int64]


def read_tile(data: bytes, bounds: tuple[float, float, float, float], name: str) -> Tile:
    """Return the triangles of a tile that covers west, south, east, north [degree].

    Raises
    ------
    FormatError
        If its counts do not fit its bytes, or an index has no vertex.
    """
    data = _unpacked(data, name)
    if len(data) < _HEADER + 4:
        raise _damaged(name, "it ends in its header")
    low, high = struct.unpack_from("<ff", data, 24)
    (count,) = struct.unpack_from("<I", data, _HEADER)
    start, end = _HEADER + 4, _HEADER + 4 + 6 * count
    if not 3 <= count or end > len(data) or not (np.isfinite(low) and np.isfinite(high)):
        raise _damaged(name, f"it states {count} vertices and has {len(data)} bytes")
    coded = np.frombuffer(data, "<u2", 3 * count, start).reshape(3, count).astype(np.int64)
    u, v, h = np.cumsum((coded >> 1) ^ -(coded & 1), axis=1) / _MOST
    if min(u.min(), v.min(), h.min()) < 0 or max(u.max(), v.max(), h.max()) > 1:
        raise _damaged(name, "a vertex lies outside the tile")
    west, south, east, north = bounds
    places = np.column_stack([west + u * (east - west), south + v * (north - south), low + h * (high - low)])
    return Tile(places, _triangles(data, end, count, name))


def _triangles(data: bytes, at: int, vertices: int, name: str) -> NDArray[np.int64]:
    """Return the triangles, whose indices are coded against the highest one so far (high water mark)."""
    width = 4 if vertices > _WIDE else 2
    at += -at % width
    if at + 4 > len(data):
        raise _damaged(name, "it has no triangles")
    (count,) = struct.unpack_from("<I", data, at)
    if at + 4 + 3 * width * count > len(data):
        raise _damaged(name, f"it states {count} triangles and ends before them")
    codes = np.frombuffer(data, f"<u{width}", 3 * count, at + 4).astype(np.int64)
    highest = np.cumsum(codes == 0) - (codes == 0)  # the mark before each code
    indices = highest - codes
    if count and (indices.min() < 0 or indices.max() >= vertices):
        raise _damaged(name, "a triangle has no such vertex")
    return indices.reshape(-1, 3)


def _unpacked(data: bytes, name: str) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(data, _LARGEST)
    except zlib.error as error:
        raise _damaged(name, "its packing is damaged") from error
    if not unpacker.eof:
        raise _damaged(name, "it is cut off or too large")
    return body


def _damaged(name: str, reason: str) -> FormatError:
    return FormatError(
        "The terrain tile {file} is damaged: {reason}.", hint="Download it again.", file=name, reason=reason
    )
