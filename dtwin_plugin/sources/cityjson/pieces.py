"""Surfaces on their way from flat arrays to a carrier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.offsets import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Piece:
    """Surfaces of some geometries, with coordinates.

    Attributes
    ----------
    xyz : ndarray
        Shape (n, 3), of all rings one after the other.
    rings, surfaces, geometries : ndarray
        Coordinates a ring, rings a surface, surfaces a geometry.
    rows : ndarray
        Object row of each geometry.
    semantics : ndarray
        Row in the table of semantic surfaces, of each surface; -1 without.
    shells : ndarray
        Code of the shell of each surface.
    """

    xyz: NDArray[np.float64]
    rings: NDArray[np.int64]
    surfaces: NDArray[np.int64]
    geometries: NDArray[np.int64]
    rows: NDArray[np.int64]
    semantics: NDArray[np.int64]
    shells: NDArray[np.int64]

    def spans(self) -> NDArray[np.int64]:
        """Return the offsets of each geometry's coordinates, shape (geometries + 1,)."""
        return coordinate_spans(self.rings, self.surfaces, self.geometries)

    def take(self, kept: NDArray[np.bool_]) -> Piece:
        """Return the geometries that are marked."""
        if kept.all():
            return self
        surface = np.repeat(kept, self.geometries)
        ring = np.repeat(surface, self.surfaces)
        return Piece(
            self.xyz[np.repeat(ring, self.rings)],
            self.rings[ring],
            self.surfaces[surface],
            self.geometries[kept],
            self.rows[kept],
            self.semantics[surface],
            self.shells[surface],
        )


def joined(pieces: list[Piece]) -> Piece:
    """Return all pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    names = ("xyz", "rings", "surfaces", "geometries", "rows", "semantics", "shells")
    return Piece(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in names))


def coordinate_spans(
    rings: NDArray[np.int64], surfaces: NDArray[np.int64], geometries: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the offsets of each geometry's coordinates from the sizes at each level."""
    return offsets_of(rings)[offsets_of(surfaces)[offsets_of(geometries)]]


def touching(piece: Piece, owner: NDArray[np.int64], count: int, box: tuple[float, ...]) -> NDArray[np.bool_]:
    """Tell which of `count` families touch a box (x min, y min, x max, y max); `owner` is each geometry's family."""
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    spans = piece.spans()
    filled = np.diff(spans) > 0
    if filled.any():
        xy = piece.xyz[:, :2]
        starts = spans[:-1][filled]
        np.minimum.at(low, owner[filled], np.minimum.reduceat(xy, starts))
        np.maximum.at(high, owner[filled], np.maximum.reduceat(xy, starts))
    return (low <= box[2:]).all(axis=1) & (high >= box[:2]).all(axis=1)
