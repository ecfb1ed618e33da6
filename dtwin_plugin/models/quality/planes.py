"""The plane of each polygon, and its corners in that plane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .mesh import Mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Planes:
    """Planes fitted to polygons by least squares.

    Attributes
    ----------
    centre, normal, u, v : ndarray
        Shape (polygons, 3); u, v and the normal are a right-handed frame, the outline runs counter-clockwise in it.
    deviation : ndarray
        Largest distance of a corner to the plane [m], shape (polygons,).
    uv : ndarray
        Corners in their plane [m], shape (corners, 2).
    low, high : ndarray
        Box round the corners in their plane [m], shape (polygons, 2).
    """

    centre: NDArray[np.float64]
    normal: NDArray[np.float64]
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    deviation: NDArray[np.float64]
    uv: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def take(self, chosen: NDArray[np.bool_], mesh: Mesh) -> Planes:
        """Return the planes of the marked polygons of a mesh."""
        if chosen.all():
            return self
        names = ("centre", "normal", "u", "v", "deviation", "low", "high")
        some = {name: getattr(self, name)[chosen] for name in names}
        return replace(self, **some, uv=self.uv[np.repeat(chosen, np.diff(mesh.corners))])


def fit(mesh: Mesh) -> Planes:
    """Return the planes of polygons that all have corners."""
    if not len(mesh):
        none = np.empty((0, 3))
        flat = np.empty((0, 2))
        return Planes(none, none, none, none, np.empty(0), flat, flat, flat)
    starts, polygon = mesh.corners[:-1], mesh.of_polygon
    count = np.diff(mesh.corners)[:, None]
    centre = np.add.reduceat(mesh.xyz, starts) / count
    d = mesh.xyz - centre[polygon]
    products = np.column_stack([d * d, d * np.roll(d, -1, axis=1)])  # xx, yy, zz, xy, yz, zx
    sums = np.add.reduceat(products, starts)
    matrix = sums[:, [[0, 3, 5], [3, 1, 4], [5, 4, 2]]]
    frame = np.linalg.eigh(matrix)[1]
    normal, u = frame[:, :, 0], frame[:, :, 2]
    outline = newell(mesh)
    normal = np.where((normal * outline).sum(axis=1) < 0, -1.0, 1.0)[:, None] * normal
    v = np.cross(normal, u)
    height = np.abs((d * normal[polygon]).sum(axis=1))
    uv = np.column_stack([(d * u[polygon]).sum(axis=1), (d * v[polygon]).sum(axis=1)])
    low, high = np.minimum.reduceat(uv, starts), np.maximum.reduceat(uv, starts)
    return Planes(centre, normal, u, v, np.maximum.reduceat(height, starts), uv, low, high)


def newell(mesh: Mesh) -> NDArray[np.float64]:
    """Return twice the area vector of each outline [m2]; seen from where it points to, it runs counter-clockwise."""
    starts = mesh.rings[:-1]
    first = np.repeat(mesh.xyz[starts], np.diff(mesh.rings), axis=0)
    a, b = mesh.xyz - first, mesh.xyz[mesh.following] - first
    return np.asarray(np.add.reduceat(np.cross(a, b), starts)[mesh.polygons[:-1]])
