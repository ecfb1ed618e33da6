"""A simple ring cut in triangles that are as little slender as its corners allow (constrained Delaunay)."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def triangulated(ring: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the corners of triangles that fill a simple ring that runs counter-clockwise, shape (triangles, 3).

    The Delaunay triangulation of the corners where it respects the ring; else ears are cut off and diagonals turned.

    >>> sorted(map(sorted, triangulated(np.array([[0.0, 0], [4, 0.1], [8, 0], [4, 3]])).tolist()))
    [[0, 1, 3], [1, 2, 3]]
    """
    triangles = _delaunay(ring)
    return _turned(ring, ears(ring)) if triangles is None else triangles


def _delaunay(ring: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """Return the triangles of the Delaunay triangulation within a ring, None where they do not fill it."""
    from scipy.spatial import Delaunay, QhullError

    try:
        triangles = Delaunay(ring).simplices.astype(np.int64)
    except QhullError:
        return None
    a, b, c = (ring[triangles[:, side]] for side in range(3))
    x = ((a + b + c) / 3)[:, None]
    p, q = ring, np.roll(ring, -1, axis=0)
    over = (p[:, 1] > x[..., 1]) != (q[:, 1] > x[..., 1])
    rise = np.where(q[:, 1] == p[:, 1], 1.0, q[:, 1] - p[:, 1])
    right = over & (x[..., 0] < p[:, 0] + (x[..., 1] - p[:, 1]) * (q[:, 0] - p[:, 0]) / rise)
    inside = right.sum(axis=1) % 2 == 1
    double = _cross(b - a, c - a)
    triangles[double < 0] = triangles[double < 0][:, [0, 2, 1]]
    edges = {tuple(sorted(pair)) for t in triangles[inside].tolist() for pair in zip(t, (*t[1:], t[0]))}
    whole = all((min(k, n), max(k, n)) in edges for k, n in zip(range(len(ring)), (*range(1, len(ring)), 0)))
    return triangles[inside] if whole else None


def _turned(ring: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn the diagonal of two neighbours wherever the other one gives a larger least angle (Lawson 1977)."""
    points, found = ring.tolist(), triangles.tolist()
    side = {(t[k], t[(k + 1) % 3]): number for number, t in enumerate(found) for k in range(3)}
    waiting = [edge for edge in side if edge[0] < edge[1] and edge[::-1] in side]
    for _ in range(len(ring) ** 2):
        if not waiting:
            break
        a, b = waiting.pop()
        if (a, b) not in side or (b, a) not in side:
            continue
        one, two = side[a, b], side[b, a]
        c, d = (next(k for k in found[number] if k not in (a, b)) for number in (one, two))
        now = min(_least_sine(points, a, b, c), _least_sine(points, b, a, d))
        if min(_least_sine(points, d, c, a), _least_sine(points, c, d, b)) > now + 1e-12:
            del side[a, b], side[b, a]
            found[one], found[two] = [d, c, a], [c, d, b]
            side.update(
                {(t[k], t[(k + 1) % 3]): number for number in (one, two) for t in [found[number]] for k in range(3)}
            )
            waiting.extend([(a, c), (c, b), (b, d), (d, a)])
    return np.array(found, np.int64)


def _least_sine(points: list[list[float]], a: int, b: int, c: int) -> float:
    """Return the sine of the least angle of a triangle, negative where it runs clockwise."""
    (ax, ay), (bx, by), (cx, cy) = points[a], points[b], points[c]
    double = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    lengths = sorted((hypot(bx - ax, by - ay), hypot(cx - bx, cy - by), hypot(ax - cx, ay - cy)))
    return double / (lengths[1] * lengths[2]) if lengths[1] > 0 else 0.0


def ears(ring: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the corners of triangles that fill a simple ring that runs counter-clockwise, the best ears first.

    >>> ears(np.array([[0.0, 0], [4, 0], [4, 3], [0, 3]])).tolist()
    [[3, 0, 1], [1, 2, 3]]
    """
    left = list(range(len(ring)))
    triangles = []
    while len(left) > 3:
        place = _best_ear(ring[left])
        triangles.append([left[place - 1], left[place], left[(place + 1) % len(left)]])
        del left[place]
    return np.array([*triangles, left], np.int64)


def _best_ear(ring: NDArray[np.float64]) -> int:
    """Return the ear whose smallest height is the largest; without a real ear the corner that is nearest to one."""
    a, b, c = np.roll(ring, 1, axis=0), ring, np.roll(ring, -1, axis=0)
    double = _cross(b - a, c - a)
    longest = np.maximum.reduce([np.hypot(*(q - p).T) for p, q in ((a, b), (b, c), (c, a))])
    quality = double / np.where(longest > 0, longest, 1.0)
    # a corner that lies in the triangle of another makes that no ear
    d = ring[None] - a[:, None], ring[None] - b[:, None], ring[None] - c[:, None]
    edges = b - a, c - b, a - c
    within = np.logical_and.reduce([_cross(edge[:, None], point) >= 0 for edge, point in zip(edges, d)])
    size = len(ring)
    for shift in (-1, 0, 1):
        within[np.arange(size), (np.arange(size) + shift) % size] = False
    return int(np.argmax(np.where(within.any(axis=1), -np.inf, quality)))


def _cross(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0])
