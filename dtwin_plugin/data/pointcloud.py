"""Points of a laser scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .crs import RD_NAP
from .extent import Extent

if TYPE_CHECKING:
    from numpy.typing import NDArray

# AHN: point classes as delivered (ASPRS LAS 1.4, table 17, and AHN's own 14 and 26).
GROUND, BUILDING, WATER, CIVIL_STRUCTURE = 2, 6, 9, 26


@dataclass(frozen=True)
class PointCloud:
    """Points with a class.

    Attributes
    ----------
    x, y, z : ndarray
        float64, shape (n,) [m; z in m NAP].
    classification : ndarray
        uint8 LAS class, shape (n,).
    intensity : ndarray or None
        uint16, shape (n,).
    colour : ndarray or None
        uint16 red, green, blue, shape (n, 3).

    Examples
    --------
    >>> ground = PointCloud(*np.array([[0.0], [1.0], [2.0]]), np.array([2], np.uint8))
    >>> len(ground)
    1
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    classification: NDArray[np.uint8]
    intensity: NDArray[np.uint16] | None = None
    colour: NDArray[np.uint16] | None = None
    crs: str = RD_NAP

    def __post_init__(self) -> None:
        columns = (self.y, self.z, self.classification, self.intensity, self.colour)
        if any(column is not None and len(column) != len(self.x) for column in columns):
            raise InputError("The columns of a point cloud need one value a point, {count} here.", count=len(self.x))

    def __len__(self) -> int:
        return len(self.x)

    @property
    def extent(self) -> Extent | None:
        """The rectangle around all points, None if there is none."""
        if not len(self):
            return None
        return Extent(float(self.x.min()), float(self.y.min()), float(self.x.max()), float(self.y.max()), self.crs)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> PointCloud:
        """Return the chosen points, by a mask or by their rows."""
        return replace(
            self,
            x=self.x[chosen],
            y=self.y[chosen],
            z=self.z[chosen],
            classification=self.classification[chosen],
            intensity=None if self.intensity is None else self.intensity[chosen],
            colour=None if self.colour is None else self.colour[chosen],
        )

    @classmethod
    def concatenate(cls, pieces: Sequence[PointCloud]) -> PointCloud:
        """Join point clouds of one CRS; intensity and colour only where all have them."""

        def joined(name: str) -> NDArray[np.uint16] | None:
            columns = [getattr(piece, name) for piece in pieces]
            return None if any(column is None for column in columns) else np.concatenate(columns)

        return cls(
            np.concatenate([piece.x for piece in pieces]),
            np.concatenate([piece.y for piece in pieces]),
            np.concatenate([piece.z for piece in pieces]),
            np.concatenate([piece.classification for piece in pieces]),
            joined("intensity"),
            joined("colour"),
            pieces[0].crs,
        )
