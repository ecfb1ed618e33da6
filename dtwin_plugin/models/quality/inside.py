"""Points in polygons and in solids, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .mesh import Mesh
from .planes import Planes
from .rings import distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 1 << 20  # corners at a time
# A ray straight up would graze what people build straight up; this one is askew, so that it meets no edge by chance.
_UP = np.array([0.0137, 0.0291, 1.0])


def in_polygons(
    points: NDArray[np.float64], polygon: NDArray[np.int64], mesh: Mesh, planes: Planes
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Tell for points (n, 2) in the plane of their polygon whether they are in it, and how far from its rings [m]."""
    inside, clear = np.zeros(len(points), bool), np.full(len(points), np.inf)
    sizes = np.diff(mesh.corners)[polygon]
    following = mesh.following()
    total = np.cumsum(sizes)
    at = 0
    while at < len(points):
        before = total[at - 1] if at else 0
        stop = max(int(np.searchsorted(total, before + _CHUNK, side="right")), at + 1)
        some = sizes[at:stop]
        starts = np.cumsum(some) - some
        corner = np.repeat(mesh.corners[polygon[at:stop]] - starts, some) + np.arange(some.sum())
        p, q = planes.uv[corner], planes.uv[following[corner]]
        x = np.repeat(points[at:stop], some, axis=0)
        over = (p[:, 1] > x[:, 1]) != (q[:, 1] > x[:, 1])
        rise = np.where(over, q[:, 1] - p[:, 1], 1.0)
        right = over & (x[:, 0] < p[:, 0] + (x[:, 1] - p[:, 1]) * (q[:, 0] - p[:, 0]) / rise)
        inside[at:stop] = np.add.reduceat(right.astype(np.int64), starts) % 2 == 1
        clear[at:stop] = np.minimum.reduceat(distance(x, p, q), starts)
        at = stop
    return inside, clear


def in_plane(points: NDArray[np.float64], polygon: NDArray[np.int64], planes: Planes) -> NDArray[np.float64]:
    """Return points (n, 3) in the plane of their polygon, shape (n, 2)."""
    d = points - planes.centre[polygon]
    return np.column_stack([(d * planes.u[polygon]).sum(axis=1), (d * planes.v[polygon]).sum(axis=1)])


def in_solid(points: NDArray[np.float64], faces: NDArray[np.int64], mesh: Mesh, planes: Planes) -> NDArray[np.bool_]:
    """Tell which points (n, 3) are in the body that faces bound, by how often a ray from them leaves it."""
    crossings = np.zeros(len(points), np.int64)
    slope = planes.normal[faces] @ _UP
    across = np.abs(slope) > 1e-9
    faces, slope = faces[across], slope[across]
    if not len(points) or not len(faces):
        return crossings > 0
    step = max(1, _CHUNK // max(int(np.diff(mesh.corners)[faces].sum()), 1))
    for first in range(0, len(points), step):
        some = points[first : first + step]
        t = ((planes.centre[faces] - some[:, None]) * planes.normal[faces]).sum(axis=2) / slope
        point, face = np.nonzero(t > 0)
        hit = some[point] + t[point, face][:, None] * _UP
        inside, _ = in_polygons(in_plane(hit, faces[face], planes), faces[face], mesh, planes)
        crossings[first : first + step] += np.bincount(point[inside], minlength=len(some))
    return np.asarray(crossings % 2 == 1)
