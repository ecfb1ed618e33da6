"""What is left of sound on one route: straight, around edges, or by a wall; called by `level_kernels` only.

References: C as in `ground_kernels`, section 2.5.
"""

from __future__ import annotations

import math

import numpy as np

from .diffraction_kernels import edge_share, hull, length, over, radius
from .ground_kernels import LENGTHS, Array, Point, njit
from .lateral_kernels import CORNERS, around, corners_in_way, lengths_in_plane, stand_off
from .path_kernels import boundary, ground_of, put_free
from .profile_kernels import ROOM, ground_at, profile
from .reflection_kernels import image, reflection_point, side_of
from .scene import BUILDING
from .stand_kernels import stood

_LEAST = 0.5  # m: what is less in one dimension does not reflect, C 2.5.6
LEGS = 64  # of a route at most


@njit
def unfolded(scene: tuple, legs: Array, count: int, grounds: Array, softness: float) -> tuple[Array, Array]:
    """Return the points and edges of the profile along a route over the map, laid out straight.

    No points are returned where there are more than can be held.
    """
    points, edges = np.empty((ROOM, 3)), np.empty((ROOM, 4))
    n = m = 0
    gone, soft = 0.0, softness
    for k in range(count - 1):
        ends = grounds[k : k + 2]
        room, seats = points[n:], edges[m:]
        added, more, soft = profile(scene, legs[k], legs[k + 1], ends, soft, gone, room, seats)
        if added < 0:
            return points[:0], edges[:0]
        for e in range(more):
            seats[e, 2], seats[e, 3] = seats[e, 2] + n, seats[e, 3] + n
        n, m = n + added, m + more
        gone += math.hypot(legs[k + 1, 0] - legs[k, 0], legs[k + 1, 1] - legs[k, 1])
    return points[:n], edges[:m]


@njit
def _shaped(points: Array, edges: Array) -> tuple:
    """Return points and edges as `path_kernels` takes them."""
    ground = (points[:, 0], points[:, 1], points[:, 2])
    return ground, (edges[:, 0], edges[:, 1], edges[:, 2], edges[:, 3])


@njit
def direct(scene: tuple, a: Array, b: Array, grounds: Array, softness: float, air: Array, found: Array) -> bool:
    """Put what is left straight from a to b in `found`, shape (2, 8): in still air and downwind.

    `a` and `b` are x, y and z (and of `a` what it stands on, see `stood`); `grounds` the height of the ground at both,
    `softness` G at the source, `air` what air takes [dB/m]. Return whether it could be calculated.
    """
    legs = np.empty((2, 2))
    legs[0], legs[1] = a[:2], b[:2]
    points, edges = unfolded(scene, legs, 2, grounds, softness)
    if points.shape[0] == 0:
        return False
    if a.size > 3 and a[3] > 0.0:
        points, edges = stood(scene, a, legs, 2, b[2], points, edges)
    flat = points[points.shape[0] - 1, 0]
    far = math.hypot(flat, b[2] - a[2])
    ground, sides = _shaped(points, edges)
    free = np.empty(air.size)
    put_free(far, far, air, free)
    for weather in range(2):
        left = boundary(ground, sides, (0.0, a[2]), (flat, b[2]), softness, weather == 1)
        for band in range(air.size):
            found[weather, band] = free[band] * left[band]
    return True


@njit
def lateral(
    scene: tuple, a: Array, b: Array, grounds: Array, softness: float, air: Array, side: int, found: Array
) -> bool:
    """Put what is left around what stands in the way, on one side, in `found`; return whether there is such a way."""
    straight = math.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2 + (b[2] - a[2]) ** 2)
    corners, legs, heights = np.empty((CORNERS, 2)), np.empty((LEGS, 2)), np.empty(LEGS)
    for weather in range(2):
        count = corners_in_way(scene, a, b, weather == 1, corners)
        chain = np.empty((count + 1, 2))
        many = around(a, b, corners, count, side, chain)
        if many == 0 or many > LEGS - 2:
            if weather == 0:
                return False
            found[1] = 0.0  # nothing stands in the way of rays that bend over it
            return True
        legs[0], legs[many + 1] = a[:2], b[:2]
        heights[0], heights[many + 1] = grounds[0], grounds[1]
        legs[1 : many + 1] = chain[:many]
        stand_off(legs, many + 2, side)
        for k in range(1, many + 1):
            heights[k] = ground_at(scene, legs[k, 0], legs[k, 1])
        points, edges = unfolded(scene, legs, many + 2, heights, softness)
        if points.shape[0] == 0:
            return False
        if a.size > 3 and a[3] > 0.0:
            points, _ = stood(scene, a, legs, many + 2, b[2], points, edges)
        flat = points[points.shape[0] - 1, 0]
        far, inside = lengths_in_plane(legs, many + 2, a, b)
        x, z, soft = points[:, 0].copy(), points[:, 1].copy(), points[:, 2].copy()
        s, r = (0.0, a[2]), (flat, b[2])
        ground = ground_of(x, z, soft, (0, x.size - 1), s, r, softness, weather == 1)
        put_free(straight, far, air, found[weather])
        for band in range(air.size):
            found[weather, band] *= ground[band] / edge_share(LENGTHS[band], far - straight, inside)
    return True


@njit
def _over_top(edges: tuple, s: Point, r: Point, at: float, top: float, bend: float) -> float:
    """Return how much longer the way over the top of a reflecting wall is than that by the wall, C 2.5.37.

    It is taken between the edges on either side that the route bends over, or its ends. It is inf where sound does not
    meet the wall: the ray that is bent over these edges, and by the weather, passes over its top.
    """
    x, z = edges[0], edges[1]
    taut = np.empty(max(x.size, 1), np.int64)
    count = hull(x, z, s, r, bend, taut)
    p, q = s, r
    for k in range(count):
        if x[taut[k]] < at:
            p = (x[taut[k]], z[taut[k]])
    for k in range(count - 1, -1, -1):
        if x[taut[k]] > at:
            q = (x[taut[k]], z[taut[k]])
    around = length(p[0], p[1], at, top, bend) + length(at, top, q[0], q[1], bend)
    shorter = length(p[0], p[1], q[0], q[1], bend) - around
    return shorter if over(p[0], p[1], q[0], q[1], at, bend) <= top else np.inf


@njit
def by_walls(scene: tuple, walls: Array, a: Array, b: Array, spots: Array) -> bool:
    """Put where a route from a to b meets each of the walls, and the height of their tops, in `spots`.

    The walls stand in the order of the route; shape (n, 4): x, y, z and top. Return whether there is such a route.
    """
    pieces, kinds = scene[0], scene[1]
    images = np.empty((walls.size, 3))
    eye = a[:3].copy()
    for k in range(walls.size):
        images[k] = eye
        if kinds[walls[k]] == BUILDING and side_of(pieces[walls[k]], eye[0], eye[1]) > 0.0:
            return False  # a building reflects on its outside, which is on the right of its walls
        eye[0], eye[1] = image(pieces[walls[k]], eye[0], eye[1])
    to = b[:3].copy()
    for k in range(walls.size - 1, -1, -1):
        x, y, z, top = reflection_point(pieces[walls[k]], images[k], to)
        if top == -np.inf:
            return False
        spots[k, 0], spots[k, 1], spots[k, 2], spots[k, 3] = x, y, z, top
        to[:] = spots[k, :3]
    return True


@njit
def reflected(
    scene: tuple, a: Array, b: Array, grounds: Array, softness: float, air: Array, walls: Array, found: Array
) -> bool:
    """Put what is left by way of pieces that reflect in `found`; return whether there is such a way.

    `walls` are the pieces in the order of the way from a to b. Each takes its share, and what of the sound goes over
    its top is lost at each (C 2.5.36). Where the ray passes over one of them, as it may downwind, nothing is left:
    TC26 of the published cases.
    """
    owners, takes, many = scene[2], scene[6], walls.size
    spots = np.empty((many, 4))
    if not by_walls(scene, walls, a, b, spots):
        return False
    legs, heights = np.empty((many + 2, 2)), np.empty(many + 2)
    legs[0], legs[many + 1] = a[:2], b[:2]
    heights[0], heights[many + 1] = grounds[0], grounds[1]
    for k in range(many):
        legs[k + 1] = spots[k, :2]
        heights[k + 1] = ground_at(scene, spots[k, 0], spots[k, 1])
        if spots[k, 3] - heights[k + 1] < _LEAST:
            return False
    points, edges = unfolded(scene, legs, many + 2, heights, softness)
    if points.shape[0] == 0:
        return False
    if a.size > 3 and a[3] > 0.0:
        points, edges = stood(scene, a, legs, many + 2, b[2], points, edges)
    flat = points[points.shape[0] - 1, 0]
    far = math.hypot(flat, b[2] - a[2])
    ground, sides = _shaped(points, edges)
    s, r = (0.0, a[2]), (flat, b[2])
    for weather in range(2):
        put_free(far, far, air, found[weather])
        left = boundary(ground, sides, s, r, softness, weather == 1)
        for band in range(air.size):
            found[weather, band] *= left[band]
        at = 0.0
        for k in range(many):
            at += math.hypot(legs[k + 1, 0] - legs[k, 0], legs[k + 1, 1] - legs[k, 1])
            shorter = _over_top(sides, s, r, at, spots[k, 3], radius(far, weather == 1))
            if shorter > 0.0:
                found[weather] = 0.0
                break
            for band in range(air.size):
                over_it = edge_share(LENGTHS[band], shorter, 0.0)  # retrodiffraction, C 2.5.36
                found[weather, band] *= (1.0 - takes[owners[walls[k]], band]) / over_it
    return True
