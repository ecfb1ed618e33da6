"""Points on roofs in space, each standing for its part of the area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.triangulate import triangles_of
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries

    Floats = NDArray[np.float64]

_UPRIGHT = 0.05  # cosine of the slope below which a face is a wall, and no roof: 87 degrees
_GOLDEN = 0.6180339887498949  # fills a triangle evenly, whatever the number of points


@dataclass(frozen=True)
class RoofPoints:
    """Points on roofs.

    Attributes
    ----------
    places : ndarray
        x, y and z [m], shape (points, 3).
    normals : ndarray
        Unit vectors away from the roof, of its face: a part of a feature, shape (points, 3).
    areas : ndarray
        What each stands for [m2], along the roof.
    roofs : ndarray
        int64, the row of the feature.
    """

    places: Floats
    normals: Floats
    areas: Floats
    roofs: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)


def roof_points(roofs: Geometries, area: float = 1.0) -> RoofPoints:
    """Return points on roofs, one for each so many m2 at most.

    Parameters
    ----------
    roofs : Geometries
        Polygons with z, each part of them flat. Those that stand upright get no point.
    area : float
        Largest area that a point stands for [m2].

    Raises
    ------
    InputError
        If polygons have no z.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> ring = [(0, 0, 3), (4, 0, 3), (4, 4, 6), (0, 4, 6), (0, 0, 3)]
    >>> points = roof_points(Geometries.build("polygon", [[[ring]]]))
    >>> len(points), float(points.areas.sum()), points.normals[0].round(3).tolist()
    (20, 20.0, [0.0, -0.6, 0.8])
    """
    if not roofs.has_z:
        raise InputError(
            "Roofs without heights have no slope: their polygons are flat on the map.",
            hint="Choose a layer of surfaces in space, as Load 3DBAG makes.",
        )
    rows, parts = triangles_of(roofs)
    corners = roofs.coordinates[rows].astype(np.float64)
    sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    normals = _faces(sides, parts, len(roofs.parts) - 1)[parts]
    size = np.linalg.norm(sides, axis=1)
    kept = (normals[:, 2] > _UPRIGHT) & (size > 0)
    corners, normals, size, parts = corners[kept], normals[kept], size[kept], parts[kept]
    count = np.maximum(np.ceil(size / area - 1e-9).astype(np.int64), 1)
    of = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    along, across = np.sqrt((nth + 0.5) / count[of]), (nth * _GOLDEN + 0.5) % 1.0
    a, b, c = np.moveaxis(corners[of], 1, 0)
    places = a + along[:, None] * (b - a + across[:, None] * (c - b))
    feature = np.searchsorted(np.asarray(roofs.features), parts, side="right") - 1
    return RoofPoints(places, normals[of], (size / count)[of], feature[of].astype(np.int64))


def _faces(sides: Floats, parts: NDArray[np.int64], count: int) -> Floats:
    """Return the unit vector away from each part, turned up; 0 for one without an area."""
    total = np.zeros((count, 3))
    np.add.at(total, parts, sides)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    away = np.divide(total, length, out=np.zeros_like(total), where=length > 0)
    return np.asarray(np.where(away[:, 2:] < 0, -away, away))
