"""Points in polygons and in solids, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled
from .mesh import Mesh
from .planes import Planes
from .rings import TOUCH, distance

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 1 << 20  # corners at a time
_PAIRS = 1 << 19  # points with a polygon at a time
# A ray straight up would graze what people build straight up; this one is askew, so that it meets no edge by chance.
_UP = np.array([0.0137, 0.0291, 1.0])


def in_polygons(
    points: NDArray[np.float64], polygon: NDArray[np.int64], mesh: Mesh, planes: Planes
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Tell for points (n, 2) in the plane of their polygon whether they are in it, and how far from its rings [m]."""
    inside, clear = np.zeros(len(points), bool), np.full(len(points), np.inf)
    fast = compiled(len(mesh))
    if fast is not None:
        fast.places(points, polygon, mesh.corners, planes.uv, mesh.following, inside, clear)
        return inside, clear
    total = np.cumsum(np.diff(mesh.corners)[polygon])
    at = 0
    while at < len(points):
        before = total[at - 1] if at else 0
        stop = max(int(np.searchsorted(total, before + _CHUNK, side="right")), at + 1)
        x, p, q, starts = _against_edges(points[at:stop], polygon[at:stop], mesh, planes)
        inside[at:stop] = _odd(x, p, q, starts)
        clear[at:stop] = np.minimum.reduceat(distance(x, p, q), starts)
        at = stop
    return inside, clear


def _against_edges(
    points: NDArray[np.float64], polygon: NDArray[np.int64], mesh: Mesh, planes: Planes
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return each point with the ends of each edge of its polygon, and where the edges of a point begin."""
    sizes = (mesh.corners[1:] - mesh.corners[:-1])[polygon]
    starts = np.cumsum(sizes) - sizes
    corner = np.repeat(mesh.corners[polygon] - starts, sizes) + np.arange(sizes.sum())
    return np.repeat(points, sizes, axis=0), planes.uv[corner], planes.uv[mesh.following[corner]], starts


def _odd(
    x: NDArray[np.float64], p: NDArray[np.float64], q: NDArray[np.float64], starts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which points have an odd number of edges to their right."""
    over = (p[:, 1] > x[:, 1]) != (q[:, 1] > x[:, 1])
    rise = np.where(over, q[:, 1] - p[:, 1], 1.0)
    right = over & (x[:, 0] < p[:, 0] + (x[:, 1] - p[:, 1]) * (q[:, 0] - p[:, 0]) / rise)
    return np.asarray(np.add.reduceat(right.astype(np.int64), starts) % 2 == 1)


def in_plane(points: NDArray[np.float64], polygon: NDArray[np.int64], planes: Planes) -> NDArray[np.float64]:
    """Return points (n, 3) in the plane of their polygon, shape (n, 2)."""
    d = points - planes.centre[polygon]
    return np.column_stack([_dot(d, planes.u[polygon]), _dot(d, planes.v[polygon])])


def _dot(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return products of vectors, summed in the order of the compiled loops."""
    return np.asarray(a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2])


def in_solid(points: NDArray[np.float64], faces: NDArray[np.int64], mesh: Mesh, planes: Planes) -> NDArray[np.bool_]:
    """Tell which points (n, 3) are in the body that faces bound, by how often a ray from them leaves it."""
    crossings = np.zeros(len(points), np.int64)
    if not len(points):
        return crossings > 0
    faces = faces[_in_reach(points, faces, mesh, planes)]
    slope = _dot(planes.normal[faces], _UP)
    across = np.abs(slope) > 1e-9
    faces, slope = faces[across], slope[across]
    if not len(faces):
        return crossings > 0
    low, high = planes.low[faces] - TOUCH, planes.high[faces] + TOUCH
    fast = compiled(len(mesh))
    if fast is not None:
        frames = planes.centre[faces], planes.normal[faces], planes.u[faces], planes.v[faces]
        boxes = np.hstack([low, high])
        fast.crossings(points, *frames, slope, boxes, faces, mesh.corners, planes.uv, mesh.following, _UP, crossings)
        return np.asarray(crossings % 2 == 1)
    step = max(1, _PAIRS // len(faces))
    for first in range(0, len(points), step):
        some = points[first : first + step]
        t = _dot(planes.centre[faces] - some[:, None], planes.normal[faces]) / slope
        point, face = np.nonzero(t > 0)
        flat = in_plane(some[point] + t[point, face][:, None] * _UP, faces[face], planes)
        near = ((flat >= low[face]) & (flat <= high[face])).all(axis=1)
        point, face, flat = point[near], face[near], flat[near]
        if len(point):
            inside = _odd(*_against_edges(flat, faces[face], mesh, planes))
            crossings[first : first + step] += np.bincount(point[inside], minlength=len(some))
    return np.asarray(crossings % 2 == 1)


def _in_reach(points: NDArray[np.float64], faces: NDArray[np.int64], mesh: Mesh, planes: Planes) -> NDArray[np.bool_]:
    """Tell which faces a ray from somewhere in the box of the points may meet."""
    margin = (planes.deviation[faces] + TOUCH)[:, None]
    low, high = mesh.boxes[0][faces] - margin, mesh.boxes[1][faces] + margin
    begin, end = points.min(axis=0), points.max(axis=0)
    rise = np.maximum(high[:, 2:] - begin[2], 0.0)
    return np.asarray((high >= begin).all(axis=1) & (low[:, :2] <= end[:2] + rise * _UP[:2]).all(axis=1))
