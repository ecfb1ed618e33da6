"""Polygons: flat, without folds, and with holes where holes may be (val3dity 201 to 208)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import numpy as np

from .codes import Tolerances
from .compiled import compiled
from .found import Found
from .mesh import Mesh
from .planes import Planes
from .rings import TOUCH, distance, meet
from .triangles import ears, leans, turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONGEST = 200  # corners of a polygon that is looked at for folds


def check_flat(mesh: Mesh, planes: Planes, tolerances: Tolerances, found: Found) -> NDArray[np.bool_]:
    """Look for 203; a triangle is always flat. Return which polygons have none."""
    good = (planes.deviation <= tolerances.plane) | (np.diff(mesh.corners) == 3)
    found.add("203", mesh.shell[~good], planes.centre[~good])
    return np.asarray(good)


def check_folds(mesh: Mesh, planes: Planes, tolerances: Tolerances, found: Found) -> NDArray[np.bool_]:
    """Look for 204: triangles of a polygon that lean away from its plane. Return which polygons have none.

    Each triangulation has triangles at corners, so that only polygons with a leaning corner are cut in triangles.
    """
    good = np.ones(len(mesh), bool)
    following = mesh.following
    before = np.empty_like(following)
    before[following] = np.arange(len(following))
    cross = np.cross(mesh.xyz - mesh.xyz[before], mesh.xyz[following] - mesh.xyz)
    polygon = mesh.of_polygon
    upright = (cross * planes.normal[polygon]).sum(axis=1)
    length = np.linalg.norm(cross, axis=1)
    limit = np.cos(np.radians(tolerances.fold))
    longest = np.linalg.norm(mesh.xyz[following] - mesh.xyz[before], axis=1)
    # a triangle at a corner that goes in is no part of the polygon
    leaning = (upright > -TOUCH * longest) & (upright < limit * length) & (length > TOUCH * longest)
    number = np.unique(polygon[leaning])
    sizes, rings = np.diff(mesh.corners)[number], np.diff(mesh.polygons)[number]
    number = number[(rings == 1) & (sizes > 3) & (sizes <= _LONGEST)]
    good[number[folded(mesh, planes, number, float(limit))]] = False
    found.add("204", mesh.shell[~good], planes.centre[~good])
    return good


def folded(mesh: Mesh, planes: Planes, numbers: NDArray[np.int64], limit: float) -> NDArray[np.bool_]:
    """Tell which polygons without holes have a triangle that leans away: the cosine of its angle is below a limit."""
    result = np.zeros(len(numbers), bool)
    fast = compiled(len(mesh))
    if fast is not None:
        fast.folded(numbers, mesh.corners, mesh.xyz, planes.uv, planes.normal, limit, TOUCH, result)
        return result
    for row, number in enumerate(numbers.tolist()):
        span = slice(mesh.corners[number], mesh.corners[number + 1])
        x, y = planes.uv[span].T.tolist()
        cut = turned(x, y, ears(x, y))
        result[row] = leans(mesh.xyz[span].tolist(), cut, planes.normal[number].tolist(), limit, TOUCH)
    return result


def check_holes(
    mesh: Mesh, planes: Planes, found: Found, cancelled: Callable[[], None] = lambda: None
) -> NDArray[np.bool_]:
    """Look for 201, 202 and 205 to 208; return which polygons have none of them."""
    good = np.ones(len(mesh), bool)
    for number in np.flatnonzero(np.diff(mesh.polygons) > 1).tolist():
        cancelled()
        rings = range(mesh.polygons[number], mesh.polygons[number + 1])
        spans = [slice(mesh.rings[ring], mesh.rings[ring + 1]) for ring in rings]
        code, place = hole_fault([planes.uv[span] for span in spans], [mesh.vertex[span] for span in spans])
        if code:
            good[number] = False
            found.add(code, mesh.shell[[number]], mesh.xyz[spans[place].start][None])
    return good


def hole_fault(rings: list[NDArray[np.float64]], vertices: list[NDArray[np.int64]]) -> tuple[str, int]:
    """Return the first fault of a polygon with holes, "" if there is none, and the ring it is about.

    Parameters
    ----------
    rings : list of ndarray
        Corners in the plane, the outline first, each simple.
    vertices : list of ndarray
        Their vertex numbers.
    """
    turns = [area(ring) > 0 for ring in rings]
    if turns[0] in turns[1:]:
        return "208", turns.index(turns[0], 1)
    touches: dict[tuple[int, int], int] = {}
    for second in range(1, len(rings)):
        for first in range(second):
            if set(vertices[first].tolist()) == set(vertices[second].tolist()):
                return "202", second
            crossing, points = _relation(rings[first], rings[second])
            if crossing:
                return "201", second
            if points:
                touches[first, second] = points
    for hole in range(1, len(rings)):
        if not _mostly_inside(rings[hole], rings[0]):
            return "206", hole
        if any(other != hole and _mostly_inside(rings[hole], rings[other]) for other in range(1, len(rings))):
            return "207", hole
    return ("205", len(rings) - 1) if _cut(touches, len(rings)) else ("", 0)


def area(ring: NDArray[np.float64]) -> float:
    """Return the area of a ring in the plane, negative where it runs clockwise [m2]."""
    d = ring - ring[0]
    after = np.roll(d, -1, axis=0)
    return float((d[:, 0] * after[:, 1] - d[:, 1] * after[:, 0]).sum() / 2)


def _relation(one: NDArray[np.float64], two: NDArray[np.float64]) -> tuple[bool, int]:
    """Tell whether two rings cross or share part of an edge, and else at how many points they touch."""
    low = np.maximum(one.min(axis=0), two.min(axis=0)) - TOUCH
    high = np.minimum(one.max(axis=0), two.max(axis=0)) + TOUCH
    if (low > high).any():
        return False, 0
    near = [_edges_at(ring, low, high) for ring in (one, two)]
    i, j = (grid.ravel() for grid in np.meshgrid(*near, indexing="ij"))
    if not len(i):
        return False, 0
    p, q, r, s = one[i], one[(i + 1) % len(one)], two[j], two[(j + 1) % len(two)]
    crossing, _ = meet(p, q, r, s)
    if crossing.any():
        return True, 0
    if _run_along(p, q, r, s).any():
        return True, 0
    touching = [r[distance(r, p, q) <= TOUCH], p[distance(p, r, s) <= TOUCH]]
    distinct = np.unique(np.round(np.concatenate(touching), 5), axis=0)
    if not len(distinct):
        return False, 0
    # a ring that goes through a touching point to the other side crosses there
    points = np.concatenate([two, (two + np.roll(two, -1, axis=0)) / 2])
    sides = _inside(points, one), _clear(points, one)
    return len(set(sides[0][sides[1]].tolist())) > 1, len(distinct)


def _edges_at(ring: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the edges of a ring, by their first corner, whose boxes touch a box."""
    after = np.roll(ring, -1, axis=0)
    return np.flatnonzero(((np.minimum(ring, after) <= high) & (np.maximum(ring, after) >= low)).all(axis=1))


def _run_along(
    p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64], s: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which segments pq and rs lie on each other for more than a point."""
    along = q - p
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), TOUCH)
    ends = [((end - p) * along).sum(axis=1) / length for end in (r, s)]
    aside = [np.abs(along[:, 0] * (end - p)[:, 1] - along[:, 1] * (end - p)[:, 0]) / length for end in (r, s)]
    shared = np.minimum(np.maximum(*ends), length) - np.maximum(np.minimum(*ends), 0.0)
    return np.asarray((np.maximum(*aside) <= TOUCH) & (shared > 10 * TOUCH))


def _mostly_inside(ring: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Tell whether a ring that does not cross another lies in it, by its points that are not on the other."""
    if (ring.min(axis=0) < other.min(axis=0) - TOUCH).any() or (ring.max(axis=0) > other.max(axis=0) + TOUCH).any():
        return False
    points = np.concatenate([ring, (ring + np.roll(ring, -1, axis=0)) / 2])
    clear = _clear(points, other)
    return bool(clear.any() and _inside(points[clear], other).all())


def _inside(points: NDArray[np.float64], ring: NDArray[np.float64]) -> NDArray[np.bool_]:
    p, q = ring, np.roll(ring, -1, axis=0)
    over = (p[:, 1] > points[:, None, 1]) != (q[:, 1] > points[:, None, 1])
    rise = np.where(q[:, 1] == p[:, 1], 1.0, q[:, 1] - p[:, 1])
    right = points[:, None, 0] < p[:, 0] + (points[:, None, 1] - p[:, 1]) * (q[:, 0] - p[:, 0]) / rise
    return np.asarray((over & right).sum(axis=1) % 2 == 1)


def _clear(points: NDArray[np.float64], ring: NDArray[np.float64]) -> NDArray[np.bool_]:
    return ~_on_ring(points, ring)


def _on_ring(points: NDArray[np.float64], ring: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((distance(points[:, None], ring, np.roll(ring, -1, axis=0)) <= TOUCH).any(axis=1))


def _cut(touches: dict[tuple[int, int], int], count: int) -> bool:
    """Tell whether rings that touch make a closed chain, which cuts the polygon in two."""
    group = list(range(count))
    for (one, two), points in touches.items():
        if points > 1 or group[one] == group[two]:
            return True
        group = [group[one] if item == group[two] else item for item in group]
    return False
