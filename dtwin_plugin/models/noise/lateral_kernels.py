"""Sound around the upright edges of what stands in its way, to the left and to the right; called by `levels` only.

References
----------
C: Directive (EU) 2015/996 (2015), annex, section 2.5.6 (d), lateral diffraction, and ISO/TR 17534-4 (2020): obstacles
that stand in the plane through source and receiver which is level across the path, and reach above it, are passed along
the shortest way on each side. The way lies in that plane: so long are its parts, as TC11 of the published cases shows.
"""

from __future__ import annotations

import math

import numpy as np

from .cut_kernels import crossings, number_at
from .diffraction_kernels import over, radius
from .ground_kernels import Array, njit
from .scene import BUILDING, WALL

CORNERS = 256  # of all obstacles on a path at most
_OUT = 0.015  # m: a path passes so far from a corner and over a top, as in the published cases


@njit
def in_plane(a: Array, b: Array, bend: float, x: float, y: float) -> float:
    """Return the height of the plane of a path at a place; beyond its ends that of the end."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    far = math.hypot(dx, dy)
    along = min(max(((x - a[0]) * dx + (y - a[1]) * dy) / far, 0.0), far)
    return over(0.0, a[2], far, b[2], along, bend)


@njit
def _part(piece: Array, a: Array, b: Array, bend: float) -> tuple[float, float]:
    """Return which part of a piece (0 to 1) reaches above the plane of a path; an empty one where none does."""
    steps = 32
    first, last = 2.0, -1.0
    for k in range(steps + 1):
        u = k / steps
        x, y = piece[0] + u * (piece[2] - piece[0]), piece[1] + u * (piece[3] - piece[1])
        if piece[4] + u * (piece[5] - piece[4]) + _OUT > in_plane(a, b, bend, x, y):
            first, last = min(first, u), max(last, u)
    if last < first:
        return 2.0, -1.0
    return _edge(piece, a, b, bend, first, first - 1.0 / steps), _edge(piece, a, b, bend, last, last + 1.0 / steps)


@njit
def _edge(piece: Array, a: Array, b: Array, bend: float, above: float, below: float) -> float:
    """Return where, between a place above the plane and one below it, a piece goes through it."""
    if below < 0.0 or below > 1.0:
        return above
    for _ in range(20):
        u = 0.5 * (above + below)
        x, y = piece[0] + u * (piece[2] - piece[0]), piece[1] + u * (piece[3] - piece[1])
        if piece[4] + u * (piece[5] - piece[4]) + _OUT > in_plane(a, b, bend, x, y):
            above = u
        else:
            below = u
    return above


@njit
def _odd(owners: Array, which: Array, count: int, owner: int) -> bool:
    """Return whether a path crosses the walls of a building an odd number of times."""
    odd = False
    for k in range(count):
        if owners[which[k]] == owner:
            odd = not odd
    return odd


@njit
def corners_in_way(scene: tuple, a: Array, b: Array, favourable: bool, found: Array) -> int:
    """Put the corners of what stands between two points in `found`, shape (CORNERS, 2); return how many.

    `a` and `b` are x, y and z of source and receiver.
    """
    pieces, kinds, owners, index, of_owner, starts = scene[0], scene[1], scene[2], scene[3], scene[4], scene[5]
    bend = radius(math.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2 + (b[2] - a[2]) ** 2), favourable)
    cut, which = np.empty(CORNERS), np.empty(CORNERS, np.int64)
    count = max(crossings(pieces, index, a, b, cut, which), 0)
    seen = np.empty(count, np.int64)
    many = n = 0
    for k in range(count):
        j = which[k]
        owner = owners[j]
        if (kinds[j] != BUILDING and kinds[j] != WALL) or owner < 0 or owner in seen[:many]:
            continue
        if kinds[j] == BUILDING and _odd(owners, which, count, owner):
            continue  # sound begins or ends in it, or on its roof
        x, y = a[0] + cut[k] * (b[0] - a[0]), a[1] + cut[k] * (b[1] - a[1])
        if number_at(pieces[j], a, b, cut[k]) <= in_plane(a, b, bend, x, y):
            continue
        seen[many] = owner
        many += 1
        for m in range(starts[owner], starts[owner + 1]):
            piece = pieces[of_owner[m]]
            first, last = _part(piece, a, b, 0.0)
            for u in (first, last):
                if last >= first and n < CORNERS:
                    found[n, 0] = piece[0] + u * (piece[2] - piece[0])
                    found[n, 1] = piece[1] + u * (piece[3] - piece[1])
                    n += 1
    return n


@njit
def around(a: Array, b: Array, corners: Array, count: int, side: int, chain: Array) -> int:
    """Put the shortest way around corners, on the left (1) or right (-1) of a path, in `chain`; return how many.

    It is the hull of both ends and the corners on that side (Jarvis 1973). The ends are not in it.
    """
    dx, dy = b[0] - a[0], b[1] - a[1]
    far = math.hypot(dx, dy)
    along, off, order = np.empty(count + 1), np.empty(count + 1), np.empty(count + 1, np.int64)
    n = 0
    for k in range(count):
        x, y = corners[k, 0] - a[0], corners[k, 1] - a[1]
        out = side * (dx * y - dy * x) / far
        if out > 1e-6:
            along[n], off[n], order[n] = (x * dx + y * dy) / far, out, k
            n += 1
    along[n], off[n], order[n] = far, 0.0, -1
    x = y = 0.0
    for m in range(n + 1):
        best = n
        for k in range(n):
            turn = (along[best] - x) * (off[k] - y) - (off[best] - y) * (along[k] - x)
            farther = math.hypot(along[k] - x, off[k] - y) > math.hypot(along[best] - x, off[best] - y)
            if turn > 1e-9 or (turn > -1e-9 and farther):
                best = k
        if best == n:
            return m
        x, y = along[best], off[best]
        chain[m] = corners[order[best]]
    return 0


@njit
def lengths_in_plane(legs: Array, count: int, a: Array, b: Array) -> tuple[float, float]:
    """Return how long a route of `count` places is in its plane, and its part between the first and the last corner.

    >>> flat = np.array([[0.0, 0.0], [0.0, 6.0], [4.0, 6.0], [4.0, 0.0]])
    >>> lengths_in_plane(flat, 4, np.array([0.0, 0.0, 1.0]), np.array([4.0, 0.0, 4.0]))
    (17.0, 5.0)
    """
    whole = inside = 0.0
    z = a[2]
    for k in range(count - 1):
        then = in_plane(a, b, 0.0, legs[k + 1, 0], legs[k + 1, 1])
        dx, dy, dz = legs[k + 1, 0] - legs[k, 0], legs[k + 1, 1] - legs[k, 1], then - z
        part = math.sqrt(dx * dx + dy * dy + dz * dz)
        whole, z = whole + part, then
        if 0 < k < count - 2:
            inside += part
    return whole, inside


@njit
def stand_off(legs: Array, count: int, side: int) -> None:
    """Move the corners of a route a little off what they belong to, square to the way past them."""
    moved = np.empty((count, 2))
    for k in range(1, count - 1):
        to_x, to_y = legs[k, 0] - legs[k - 1, 0], legs[k, 1] - legs[k - 1, 1]
        on_x, on_y = legs[k + 1, 0] - legs[k, 0], legs[k + 1, 1] - legs[k, 1]
        to, on = max(math.hypot(to_x, to_y), 1e-9), max(math.hypot(on_x, on_y), 1e-9)
        x, y = to_x / to + on_x / on, to_y / to + on_y / on
        out = side * _OUT / max(math.hypot(x, y), 1e-9)
        moved[k, 0], moved[k, 1] = legs[k, 0] - out * y, legs[k, 1] + out * x
    legs[1 : count - 1] = moved[1 : count - 1]
