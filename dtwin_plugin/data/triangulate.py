"""Flat polygons in space, with holes, cut in triangles: many at once, by cutting off ears."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .geometries import Geometries

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_TESTS = 2_000_000  # of a corner in a triangle, that are done together
_FLAT = 1e-12  # part of the square of a polygon's size below which a corner does not turn


def triangles_of(shapes: Geometries, often: Callable[[], None] = lambda: None) -> tuple[Integers, Integers]:
    """Return triangles that fill the parts of polygons, turning as their outer rings do.

    Parameters
    ----------
    shapes : Geometries
        Polygons.
    often : callable
        Called again and again; what it raises ends the work.

    Returns
    -------
    ndarray, ndarray
        The rows of `shapes.coordinates` at the corners of each triangle, shape (n, 3), and the part it fills, (n,).
        A ring that crosses itself, which has no inside, gives triangles all the same.

    Examples
    --------
    >>> from .geometries import Geometries
    >>> wall = Geometries.build("polygon", [[[[(0, 0, 0), (4, 0, 0), (4, 0, 3), (0, 0, 3), (0, 0, 0)]]]])
    >>> [found.tolist() for found in triangles_of(wall)]
    [[[0, 1, 2], [0, 2, 3]], [0, 0]]
    """
    if not len(shapes.coordinates):
        return np.empty((0, 3), np.int64), np.empty(0, np.int64)
    plane = _in_plane(shapes)
    rings = np.diff(shapes.parts)
    sizes = np.zeros(len(rings), np.int64)
    filled = rings > 0
    sizes[filled] = np.diff(shapes.rings)[shapes.parts[:-1][filled]] - 1  # closed: the last repeats the first
    corners, owners = [], []
    for size in np.unique(sizes[(rings == 1) & (sizes >= 3)]).tolist():
        parts = np.flatnonzero((rings == 1) & (sizes == size))
        loops = shapes.rings[shapes.parts[parts]][:, None] + np.arange(size)
        corners.append(_cut(plane, loops, often).reshape(-1, 3))
        owners.append(np.repeat(parts, size - 2))
    for part in np.flatnonzero((rings > 1) & (sizes >= 3)).tolist():
        loop = _bridged(plane, shapes, part)
        corners.append(_cut(plane, loop[None], often).reshape(-1, 3))
        owners.append(np.full(len(loop) - 2, part, np.int64))
    if not corners:
        return np.empty((0, 3), np.int64), np.empty(0, np.int64)
    return np.concatenate(corners), np.concatenate(owners)


def _in_plane(shapes: Geometries) -> Floats:
    """Return the coordinates seen along the axis that each part is most across to, so that outer rings turn left."""
    if not shapes.has_z:
        xyz = np.column_stack([shapes.coordinates, np.zeros(len(shapes.coordinates))])
    else:
        xyz = shapes.coordinates
    lengths = np.diff(shapes.rings)
    ring_of = np.repeat(np.arange(len(lengths)), lengths)
    starts = shapes.rings[:-1][ring_of]
    local = xyz - xyz[starts]  # products of national coordinates would drown a small face in rounding
    cross = np.zeros_like(local)
    cross[:-1] = np.cross(local[:-1], local[1:])
    cross[shapes.rings[1:] - 1] = 0.0
    normals = np.zeros((len(lengths), 3))
    np.add.at(normals, ring_of, cross)
    counts = np.diff(shapes.parts)
    outer = np.repeat(shapes.parts[:-1], counts)  # of each ring the outer ring of its part
    normal = normals[outer][ring_of]
    axis = np.abs(normal).argmax(axis=1)
    first = shapes.rings[:-1][outer][ring_of]
    local = xyz - xyz[first]
    rows = np.arange(len(local))
    turned = normal[rows, axis] < 0
    u, v = local[rows, (axis + 1) % 3], local[rows, (axis + 2) % 3]
    return np.column_stack([np.where(turned, v, u), np.where(turned, u, v)])


def _cut(plane: Floats, loops: Integers, often: Callable[[], None]) -> Integers:
    """Return the triangles of loops of equally many corners, shape (loops, corners - 2, 3)."""
    size = loops.shape[1]
    result = np.empty((len(loops), size - 2, 3), np.int64)
    points = plane[loops]
    round_ = (_turns(points) >= 0).all(axis=1)
    fan = np.arange(1, size - 1)
    result[round_] = np.stack(
        [np.repeat(loops[round_, :1], size - 2, axis=1), loops[round_][:, fan], loops[round_][:, fan + 1]], axis=2
    )
    rest = np.flatnonzero(~round_)
    step = max(1, _TESTS // size**2)
    for begin in range(0, len(rest), step):
        often()
        some = rest[begin : begin + step]
        result[some] = _ears(points[some], loops[some])
    return result


def _turns(points: Floats) -> Floats:
    """Return how far each corner turns left, as twice the area of the triangle it makes; 0 where hardly at all."""
    before, after = np.roll(points, 1, axis=1), np.roll(points, -1, axis=1)
    one, two = points - before, after - points
    found = one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0]
    size = np.ptp(points, axis=1).max(axis=1)
    return np.asarray(np.where(np.abs(found) < _FLAT * size[:, None] ** 2, 0.0, found))


def _ears(points: Floats, loops: Integers) -> Integers:
    """Cut the best ear off each loop until three corners are left (Meisters 1975)."""
    rows = np.arange(len(loops))
    triangles = []
    quality = _quality(points, np.broadcast_to(np.arange(loops.shape[1]), loops.shape))
    while loops.shape[1] > 3:
        size = loops.shape[1]
        # what blocked an ear may have been cut off since
        again = np.flatnonzero(~np.isfinite(quality).any(axis=1))
        if len(again):
            quality[again] = _quality(points[again], np.broadcast_to(np.arange(size), (len(again), size)))
        best = quality.argmax(axis=1)
        none = ~np.isfinite(quality[rows, best])
        best[none] = _turns(points[none]).argmax(axis=1)
        triangles.append(np.stack([loops[rows, best - 1], loops[rows, best], loops[rows, (best + 1) % size]], axis=1))
        keep = np.ones(loops.shape, bool)
        keep[rows, best] = False
        loops = loops[keep].reshape(len(rows), size - 1)
        points = points[keep].reshape(len(rows), size - 1, 2)
        quality = quality[keep].reshape(len(rows), size - 1)
        beside = np.stack([(best - 1) % (size - 1), best % (size - 1)], axis=1)
        quality[rows[:, None], beside] = _quality(points, beside)
    return np.stack([*triangles, loops], axis=1)


def _quality(points: Floats, at: Integers) -> Floats:
    """Return how good an ear some corners of each loop are, -inf where they are none.

    A corner that does not turn is the worst that can be cut off: it fills nothing.
    """
    size = points.shape[1]
    rows = np.arange(len(points))[:, None]
    a, b, c = points[rows, at - 1], points[rows, at], points[rows, (at + 1) % size]
    turns = _turns(points)[rows, at]
    longest = ((c - a) ** 2).sum(axis=2)
    ear = (turns > 0) & ~_blocked(points, a, b, c)
    found = np.where(ear, turns / np.maximum(longest, 1e-12), -np.inf)
    return np.asarray(np.where(turns == 0, -1.0, found))


def _blocked(points: Floats, a: Floats, b: Floats, c: Floats) -> NDArray[np.bool_]:
    """Tell which triangles abc hold another corner of their loop, shape (loops, triangles)."""
    inside = np.ones((*a.shape[:2], points.shape[1]), bool)
    for one, two in ((a, b), (b, c), (c, a)):
        d, e = (two - one)[:, :, None, :], points[:, None, :, :] - one[:, :, None, :]
        inside &= d[..., 0] * e[..., 1] - d[..., 1] * e[..., 0] >= 0
        inside &= (e != 0).any(axis=3)  # the same place as a corner of the triangle, as where a hole is tied to a ring
    return np.asarray(inside.any(axis=2))


def _bridged(plane: Floats, shapes: Geometries, part: int) -> Integers:
    """Return the rings of a part as one loop: each hole tied to what is outside it (Eberly 2008)."""
    rings = [
        np.arange(shapes.rings[ring], shapes.rings[ring + 1] - 1)
        for ring in range(shapes.parts[part], shapes.parts[part + 1])
        if shapes.rings[ring + 1] - shapes.rings[ring] > 3
    ]
    loop = rings[0]
    for hole in sorted(rings[1:], key=lambda ring: -plane[ring, 0].max()):
        if _area(plane[hole]) > 0:
            hole = hole[::-1]  # holes turn the other way than the ring around them
        start = int(plane[hole, 0].argmax())
        lines = [loop, *rings[1:]]  # the loop has the ties of the holes before too
        edges = np.concatenate([plane[r] for r in lines]), np.concatenate([plane[np.roll(r, -1)] for r in lines])
        seen = _seen_from(plane[hole[start]], plane[loop], edges)
        loop = np.concatenate([loop[: seen + 1], np.roll(hole, -start), hole[start : start + 1], loop[seen:]])
    return loop


def _seen_from(point: Floats, ring: Floats, edges: tuple[Floats, Floats]) -> int:
    """Return the corner of a ring to which a point within it can be joined by a line that crosses no edge of any."""
    before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
    # of the corners at one place, which other holes were tied to, only one has the point within its angle
    left, right = _side(before, ring, point) > 0, _side(ring, after, point) > 0
    within = np.where(_side(before, ring, after) >= 0, left & right, left | right)
    order = np.argsort(((ring - point) ** 2).sum(axis=1), kind="stable")
    order = order[np.argsort(~within[order], kind="stable")]
    for corner in order.tolist():
        if not _crosses(point, ring[corner], *edges):
            return int(corner)
    return int(order[0])


def _crosses(p: Floats, q: Floats, a: Floats, b: Floats) -> bool:
    """Tell whether the line pq meets an edge ab that has no end at p or q."""
    apart = np.ones(len(a), bool)
    for end in (p, q):
        apart &= (a != end).any(axis=1) & (b != end).any(axis=1)
    meets = (_side(p, q, a) * _side(p, q, b) <= 0) & (_side(a, b, p) * _side(a, b, q) <= 0)
    return bool((meets & apart).any())


def _side(one: Floats, two: Floats, three: Floats) -> Floats:
    """Return on which side of the line from one to two a third point lies: above 0 left."""
    d, e = two - one, three - one
    return np.asarray(d[..., 0] * e[..., 1] - d[..., 1] * e[..., 0])


def _area(ring: Floats) -> float:
    after = np.roll(ring, -1, axis=0)
    return float((ring[:, 0] * after[:, 1] - ring[:, 1] * after[:, 0]).sum() / 2)
