"""Well-known binary geometries (OGC 06-103r4, clause 8) to ragged arrays."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .geometries import Geometries
from .offsets import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SINGLE = {1: "point", 2: "line", 3: "polygon", 17: "polygon"}  # 17 is a triangle
_COLLECTION = {4: "point", 5: "line", 6: "polygon", 15: "polygon", 16: "polygon"}  # 15, 16: polyhedral surface, TIN
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000  # EWKB flags
_Part = list  # of rings: float64 arrays (n, 2|3)


def read(blobs: Iterable[bytes], kind: str) -> Geometries:
    """Return the geometries of WKB texts, all of one kind; an empty text is an empty geometry.

    ISO and EWKB are understood; measures are dropped, and so are rings without a coordinate. Where some have heights,
    those that lack one get NaN.

    Raises
    ------
    InputError
        If a geometry is of another kind, or ends too early.

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
        offsets_of([len(ring) for ring in rings]),
        offsets_of([len(part) for feature in features for part in feature]),
        offsets_of([len(feature) for feature in features]),
    )


def _widened(ring: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    if ring.shape[1] == width:
        return ring
    return np.hstack([ring, np.full((len(ring), width - ring.shape[1]), np.nan)])


def _parts(data: memoryview, kind: str) -> list[_Part]:
    parts: list[_Part] = []
    try:
        _geometry(data, 0, kind, parts, {**_SINGLE, **_COLLECTION})
    except (struct.error, ValueError, IndexError) as error:
        raise InputError(
            "A geometry ends too early: {size} bytes is less than its counts say.",
            hint="Repair the layer or export it again.",
            size=len(data),
        ) from error
    return parts


def _geometry(data: memoryview, at: int, kind: str, parts: list[_Part], allowed: dict[int, str]) -> int:
    """Append the parts of the geometry at a position; return the position behind it."""
    order = "<" if data[at] else ">"
    (flags,) = struct.unpack_from(order + "I", data, at + 1)
    thousands, base = divmod(flags & 0x1FFFFFFF, 1000)
    has_z, has_m = bool(flags & _Z) or thousands in (1, 3), bool(flags & _M) or thousands in (2, 3)
    at += 9 if flags & _SRID else 5
    if allowed.get(base) != kind:
        raise InputError("A geometry of type {found} was found where a {kind} is expected.", found=base, kind=kind)
    if base in _COLLECTION:
        (count,) = struct.unpack_from(order + "I", data, at)
        at += 4
        for _ in range(count):  # collections hold no collections, so that none can nest without end
            at = _geometry(data, at, kind, parts, _SINGLE)
        return at
    width = 2 + has_z + has_m
    counts = 1
    if kind == "polygon":
        (counts,) = struct.unpack_from(order + "I", data, at)
        at += 4
    rings = []
    for _ in range(counts):
        points = 1
        if kind != "point":
            (points,) = struct.unpack_from(order + "I", data, at)
            at += 4
        ring = np.frombuffer(data, order + "f8", points * width, at).reshape(points, width)
        if points:
            rings.append(ring[:, : 2 + has_z].astype(float))
        at += points * width * 8
    if rings and not (kind == "point" and np.isnan(rings[0]).all()):
        parts.append(rings)
    return at
