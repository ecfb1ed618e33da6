"""The hot loops of the tests compiled with Numba, with the same results; imported only where Numba is installed.

None of them is parallel, so that two threads can examine at once.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from ..parallel import load_numba, may_cache
from . import triangles

njit = load_numba("examine geometry").njit(cache=may_cache("examine geometry"), nogil=True)
ears, turned, leans = njit(triangles.ears), njit(triangles.turned), njit(triangles.leans)


@njit
def folded(numbers: Any, corners: Any, xyz: Any, uv: Any, normal: Any, limit: float, least: float, result: Any) -> None:
    """Write which polygons have a fold, as `polygons.folded` tells."""
    for row in range(len(numbers)):
        first, last = corners[numbers[row]], corners[numbers[row] + 1]
        x, y = uv[first:last, 0], uv[first:last, 1]
        result[row] = leans(xyz[first:last], turned(x, y, ears(x, y)), normal[numbers[row]], limit, least)


@njit
def crossings(
    points: Any,
    centre: Any,
    normal: Any,
    u: Any,
    v: Any,
    slope: Any,
    boxes: Any,
    faces: Any,
    corners: Any,
    uv: Any,
    following: Any,
    up: Any,
    result: Any,
) -> None:
    """Count the faces that a ray from each point goes through, as `inside.in_solid` does."""
    for n in range(len(points)):
        for k in range(len(faces)):
            dx, dy, dz = centre[k, 0] - points[n, 0], centre[k, 1] - points[n, 1], centre[k, 2] - points[n, 2]
            t = (dx * normal[k, 0] + dy * normal[k, 1] + dz * normal[k, 2]) / slope[k]
            if t <= 0:
                continue
            dx, dy = points[n, 0] + t * up[0] - centre[k, 0], points[n, 1] + t * up[1] - centre[k, 1]
            dz = points[n, 2] + t * up[2] - centre[k, 2]
            x = dx * u[k, 0] + dy * u[k, 1] + dz * u[k, 2]
            y = dx * v[k, 0] + dy * v[k, 1] + dz * v[k, 2]
            if boxes[k, 0] <= x <= boxes[k, 2] and boxes[k, 1] <= y <= boxes[k, 3]:
                result[n] += odd(x, y, uv, following, corners[faces[k]], corners[faces[k] + 1])


@njit
def odd(x: float, y: float, uv: Any, following: Any, first: int, last: int) -> Any:
    """Return 1 if an odd number of edges lies to the right of a point, else 0."""
    found = 0
    for k in range(first, last):
        n = following[k]
        if (uv[k, 1] > y) != (uv[n, 1] > y):
            rise = uv[n, 1] - uv[k, 1]
            if x < uv[k, 0] + (y - uv[k, 1]) * (uv[n, 0] - uv[k, 0]) / rise:
                found += 1
    return found % 2


@njit
def places(points: Any, polygon: Any, corners: Any, uv: Any, following: Any, inside: Any, clear: Any) -> None:
    """Write which points are in their polygon, and how far from its rings, as `inside.in_polygons` does."""
    for n in range(len(points)):
        x, y = points[n, 0], points[n, 1]
        first, last = corners[polygon[n]], corners[polygon[n] + 1]
        inside[n] = odd(x, y, uv, following, first, last) == 1
        for k in range(first, last):
            px, py = x - uv[k, 0], y - uv[k, 1]
            ax, ay = uv[following[k], 0] - uv[k, 0], uv[following[k], 1] - uv[k, 1]
            square = ax * ax + ay * ay
            t = min(max((px * ax + py * ay) / (square if square > 0 else 1.0), 0.0), 1.0)
            dx, dy = px - t * ax, py - t * ay
            clear[n] = min(clear[n], sqrt(dx * dx + dy * dy))


@njit
def pairs(low: Any, high: Any, ends: Any, first: int, last: int, room: int) -> Any:
    """Return the pairs of sorted boxes `first` to `last` with those after them that touch, as `boxes` tells."""
    axes = low.shape[1]
    i, j, count = np.empty(room, np.int64), np.empty(room, np.int64), 0
    for one in range(first, last):
        for two in range(one + 1, ends[one]):
            touch = True
            for axis in range(1, axes):
                if low[one, axis] > high[two, axis] or high[one, axis] < low[two, axis]:
                    touch = False
                    break
            if touch:
                i[count], j[count] = one, two
                count += 1
    return i[:count].copy(), j[:count].copy()
