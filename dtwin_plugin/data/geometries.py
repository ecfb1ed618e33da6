"""Points, lines and polygons as ragged arrays."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .crs import RD
from .extent import Extent
from .offsets import offsets_of, ranges_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("point", "line", "polygon")
_WKB_TYPE = {"point": (1, 4), "line": (2, 5), "polygon": (3, 6)}  # OGC 06-103r4, table 7: single, multi


@dataclass(frozen=True)
class Geometries:
    """Ragged geometries in four levels, as in GeoArrow: feature, part, ring, coordinate.

    A point is a ring of one coordinate and a line a part of one ring, so that all three kinds are walked alike.

    Attributes
    ----------
    kind : {"point", "line", "polygon"}
        Every feature may have any number of parts; none is an empty geometry.
    coordinates : ndarray
        float64, shape (n, 2) or (n, 3) [m].
    rings, parts, features : ndarray
        int64 offsets: ring r holds coordinates[rings[r]:rings[r + 1]], part p rings[parts[p]:parts[p + 1]], feature f
        parts[features[f]:features[f + 1]]. Rings are closed: the last coordinate repeats the first.

    Examples
    --------
    >>> square = [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]
    >>> shapes = Geometries.build("polygon", [[square]])
    >>> len(shapes), shapes.bounds().tolist()
    (1, [[0.0, 0.0, 1.0, 1.0]])
    """

    kind: str
    coordinates: NDArray[np.float64]
    rings: NDArray[np.int64]
    parts: NDArray[np.int64]
    features: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.coordinates.ndim != 2 or self.coordinates.shape[1] not in (2, 3):
            raise InputError("Geometries need a kind of {kinds} and (n, 2) or (n, 3) coordinates.", kinds=KINDS)
        levels = ((self.rings, len(self.coordinates)), (self.parts, len(self.rings) - 1))
        for offsets, total in (*levels, (self.features, len(self.parts) - 1)):
            if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != total or np.any(np.diff(offsets) < 0):
                raise InputError("The offsets of the geometries do not fit their coordinates.")

    def __len__(self) -> int:
        return len(self.features) - 1

    @property
    def has_z(self) -> bool:
        """Whether the coordinates have a height."""
        return self.coordinates.shape[1] == 3

    @classmethod
    def build(cls, kind: str, features: Iterable[Iterable[Iterable[Sequence[Sequence[float]]]]]) -> Geometries:
        """Return the geometries of nested lists: feature, part, ring, coordinate."""
        coordinates: list[Sequence[float]] = []
        rings, parts, ends = [0], [0], [0]
        for feature in features:
            for part in feature:
                for ring in part:
                    coordinates.extend(ring)
                    rings.append(len(coordinates))
                parts.append(len(rings) - 1)
            ends.append(len(parts) - 1)
        array = np.array(coordinates, float) if coordinates else np.empty((0, 2))
        return cls(kind, array, *(np.array(level, np.int64) for level in (rings, parts, ends)))

    @classmethod
    def points(cls, coordinates: NDArray[np.float64]) -> Geometries:
        """Return single points of coordinates (n, 2) or (n, 3) [m]."""
        steps = np.arange(len(coordinates) + 1, dtype=np.int64)
        return cls("point", np.asarray(coordinates, float), steps, steps, steps)

    @classmethod
    def concatenate(cls, pieces: Sequence[Geometries]) -> Geometries:
        """Join geometries of one kind and dimension; pieces without a coordinate have any dimension.

        Raises
        ------
        InputError
            If the kinds or dimensions differ.
        """
        filled = [piece for piece in pieces if len(piece.coordinates)] or list(pieces[:1])
        found = sorted({piece.kind for piece in pieces}), sorted({piece.coordinates.shape[1] for piece in filled})
        if any(len(values) != 1 for values in found):
            raise InputError(
                "Geometries of one kind and dimension are expected; found {kinds} with {dimensions} coordinates.",
                kinds=" and ".join(found[0]),
                dimensions=" and ".join(map(str, found[1])),
            )

        def joined(level: str) -> NDArray[np.int64]:
            counts = [np.diff(getattr(piece, level)) for piece in pieces]
            return offsets_of(np.concatenate(counts))

        coordinates = np.concatenate([piece.coordinates for piece in filled])
        return cls(pieces[0].kind, coordinates, joined("rings"), joined("parts"), joined("features"))

    def coordinate_spans(self) -> NDArray[np.int64]:
        """Return the offsets of each feature's coordinates, shape (features + 1,)."""
        return self.rings[self.parts[self.features]]

    def bounds(self) -> NDArray[np.float64]:
        """Return x min, y min, x max, y max of each feature [m], shape (features, 4); NaN where it is empty."""
        spans = self.coordinate_spans()
        result = np.full((len(self), 4), np.nan)
        filled = np.diff(spans) > 0
        if filled.any():
            xy = self.coordinates[:, :2]
            starts = spans[:-1][filled]
            result[filled, :2] = np.minimum.reduceat(xy, starts)
            result[filled, 2:] = np.maximum.reduceat(xy, starts)
        return result

    def extent(self, crs: str = RD) -> Extent | None:
        """Return the rectangle around all features, or None if there is no coordinate."""
        if not len(self.coordinates):
            return None
        low, high = self.coordinates[:, :2].min(axis=0), self.coordinates[:, :2].max(axis=0)
        return Extent(float(low[0]), float(low[1]), float(high[0]), float(high[1]), crs)

    def take(self, chosen: NDArray[np.int64]) -> Geometries:
        """Return the chosen features, in the order given."""
        parts = ranges_of(self.features, chosen)
        rings = ranges_of(self.parts, parts)
        coordinates = ranges_of(self.rings, rings)

        def offsets(level: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.int64]:
            return offsets_of(level[items + 1] - level[items])

        return Geometries(
            self.kind,
            self.coordinates[coordinates],
            offsets(self.rings, rings),
            offsets(self.parts, parts),
            offsets(self.features, np.asarray(chosen, np.int64)),
        )

    def wkb(self, index: int) -> bytes:
        """Return one feature as ISO WKB, a multi geometry (OGC 06-103r4, 8.2)."""
        single, multi = _WKB_TYPE[self.kind]
        add = 1000 if self.has_z else 0
        first, last = self.features[index], self.features[index + 1]
        pieces = [struct.pack("<BII", 1, multi + add, last - first)]
        for part in range(first, last):
            rings = range(self.parts[part], self.parts[part + 1])
            pieces.append(struct.pack("<BI", 1, single + add))
            if self.kind == "polygon":
                pieces.append(struct.pack("<I", len(rings)))
            for ring in rings:
                xyz = self.coordinates[self.rings[ring] : self.rings[ring + 1]]
                if self.kind != "point":
                    pieces.append(struct.pack("<I", len(xyz)))
                pieces.append(np.ascontiguousarray(xyz, "<f8").tobytes())
        return b"".join(pieces)
