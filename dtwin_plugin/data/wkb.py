"""Well-known binary geometries (OGC 06-103r4, clause 8) to ragged arrays."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .geometries import Geometries

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KIND = {
    1: "point",
    2: "line",
    3: "polygon",
    4: "point",
    5: "line",
    6: "polygon",
    15: "polygon",
    16: "polygon",
    17: "polygon",
}
_Part = list  # of rings: float64 arrays (n, 2|3)


def read(blobs: Iterable[bytes], kind: str) -> Geometries:
    """Return the geometries of WKB texts, all of one kind; an empty text is an empty geometry.

    ISO and EWKB z flags are understood, measures are dropped. Where some have heights, those that lack one get NaN.

    Raises
    ------
    InputError
        If a geometry is of another kind.

    Examples
    --------
    >>> line = Geometries.build("line", [[[[(0, 0), (1, 2)]]]])
    >>> read([line.wkb(0), b""], "line").features.tolist()
    [0, 1, 1]
    """
    features = [_parts(memoryview(blob), kind) if blob else [] for blob in blobs]
    rings = [ring for feature in features for part in feature for ring in part]
    width = max((ring.shape[1] for ring in rings), default=2)
    coordinates = np.concatenate([_widened(r, width) for r in rings]) if rings else np.empty((0, 2))
    return Geometries(
        kind,
        coordinates,
        _offsets([len(ring) for ring in rings]),
        _offsets([len(part) for feature in features for part in feature]),
        _offsets([len(feature) for feature in features]),
    )


def _offsets(counts: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.array(counts, np.int64))]).astype(np.int64)


def _widened(ring: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    if ring.shape[1] == width:
        return ring
    return np.hstack([ring, np.full((len(ring), width - ring.shape[1]), np.nan)])


def _parts(data: memoryview, kind: str) -> list[_Part]:
    parts: list[_Part] = []
    _geometry(data, 0, kind, parts)
    return parts


def _geometry(data: memoryview, at: int, kind: str, parts: list[_Part]) -> int:
    """Append the parts of the geometry at a position; return the position behind it."""
    order = "<" if data[at] else ">"
    (code,) = struct.unpack_from(order + "I", data, at + 1)
    has_z, has_m = bool(code & 0x80000000), bool(code & 0x40000000)
    code &= 0x1FFFFFFF
    thousands, base = divmod(code, 1000)
    has_z, has_m = has_z or thousands in (1, 3), has_m or thousands in (2, 3)
    at += 5
    if _KIND.get(base) != kind:
        raise InputError("A geometry of type {found} was found where a {kind} is expected.", found=base, kind=kind)
    if base > 3:
        (count,) = struct.unpack_from(order + "I", data, at)
        at += 4
        for _ in range(count):
            at = _geometry(data, at, kind, parts)
        return at
    width = 2 + has_z + has_m
    counts = 1
    if base == 3:
        (counts,) = struct.unpack_from(order + "I", data, at)
        at += 4
    rings = []
    for _ in range(counts):
        points = 1
        if base != 1:
            (points,) = struct.unpack_from(order + "I", data, at)
            at += 4
        ring = np.frombuffer(data, order + "f8", points * width, at).reshape(points, width)
        rings.append(ring[:, : 2 + has_z].astype(float))
        at += points * width * 8
    if rings and not (base == 1 and np.isnan(rings[0]).all()):
        parts.append(rings)
    return at
