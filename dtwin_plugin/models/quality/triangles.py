"""A simple ring cut in triangles that are as little slender as its corners allow (constrained Delaunay).

Plain loops over numbers, which take lists as they are and arrays where `kernels` compiles them, with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

Triangle = tuple[int, int, int]


def ears(x: Sequence[float], y: Sequence[float]) -> list[Triangle]:
    """Return the corners of triangles that fill a simple ring that runs counter-clockwise, the best ears first.

    The best is the one whose smallest height is the largest; where no corner is a real ear the first is cut off.

    >>> ears([0.0, 4, 4, 0], [0.0, 0, 3, 3])
    [(3, 0, 1), (1, 2, 3)]
    """
    size = len(x)
    before, after = [size - 1, *range(size - 1)], [*range(1, size), 0]
    quality, blocker, left = [0.0] * size, [-1] * size, [True] * size  # blocker: a corner in the triangle of this one
    stale = list(range(size))
    triangles = []
    for _ in range(size, 3, -1):
        for k in stale:
            a, c = before[k], after[k]
            ux, uy, vx, vy, wx, wy = x[k] - x[a], y[k] - y[a], x[c] - x[k], y[c] - y[k], x[a] - x[c], y[a] - y[c]
            longest = sqrt(max(ux * ux + uy * uy, vx * vx + vy * vy, wx * wx + wy * wy))
            quality[k] = (uy * wx - ux * wy) / (longest if longest > 0 else 1.0)
            blocker[k] = -1
            n = after[c]
            while n != a:
                if (
                    ux * (y[n] - y[a]) - uy * (x[n] - x[a]) >= 0
                    and vx * (y[n] - y[k]) - vy * (x[n] - x[k]) >= 0
                    and wx * (y[n] - y[c]) - wy * (x[n] - x[c]) >= 0
                ):
                    blocker[k] = n
                    break
                n = after[n]
        best = -1
        for k in range(size):
            if left[k] and blocker[k] < 0 and (best < 0 or quality[k] > quality[best]):
                best = k
        if best < 0:
            best = left.index(True)
        a, c = before[best], after[best]
        triangles.append((a, best, c))
        left[best], after[a], before[c] = False, c, a
        stale = [k for k in range(size) if left[k] and (k in (a, c) or blocker[k] == best)]
    last = [k for k in range(size) if left[k]]
    triangles.append((last[0], last[1], last[2]))
    return triangles


def turned(x: Sequence[float], y: Sequence[float], triangles: list[Triangle]) -> list[Triangle]:
    """Turn the diagonal of two neighbours wherever the other one gives a larger least angle (Lawson 1977).

    >>> sorted(map(sorted, turned([0.0, 4, 8, 4], [0, 0.1, 0, 3], [(0, 1, 2), (0, 2, 3)])))
    [[0, 1, 3], [1, 2, 3]]
    """
    size = len(x)
    side = [-1] * (size * size)  # triangle on the left of each pair of corners
    for number, t in enumerate(triangles):
        side[t[0] * size + t[1]] = side[t[1] * size + t[2]] = side[t[2] * size + t[0]] = number
    waiting = []
    for t in triangles:
        for p, q in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0])):
            if p < q and side[q * size + p] >= 0:
                waiting.append((p, q))
    for _ in range(size * size):
        if not waiting:
            break
        a, b = waiting.pop()
        one, two = side[a * size + b], side[b * size + a]
        if one < 0 or two < 0:
            continue
        c, d = sum(triangles[one]) - a - b, sum(triangles[two]) - a - b
        sines = [0.0] * 4
        for k, (p, q, r) in enumerate(((a, b, c), (b, a, d), (d, c, a), (c, d, b))):
            ux, uy, vx, vy, wx, wy = x[q] - x[p], y[q] - y[p], x[r] - x[q], y[r] - y[q], x[p] - x[r], y[p] - y[r]
            u, v, w = ux * ux + uy * uy, vx * vx + vy * vy, wx * wx + wy * wy
            longer = u * v * w / min(u, v, w) if min(u, v, w) > 0 else 0.0
            sines[k] = (uy * wx - ux * wy) / sqrt(longer) if longer > 0 else 0.0
        if min(sines[2], sines[3]) > min(sines[0], sines[1]) + 1e-12:
            side[a * size + b] = side[b * size + a] = -1
            triangles[one], triangles[two] = (d, c, a), (c, d, b)
            side[d * size + c] = side[c * size + a] = side[a * size + d] = one
            side[c * size + d] = side[d * size + b] = side[b * size + c] = two
            for edge in ((a, c), (c, b), (b, d), (d, a)):
                waiting.append(edge)
    return triangles


def leans(xyz: Any, triangles: list[Triangle], normal: Any, limit: float, least: float) -> bool:
    """Tell whether a triangle leans away from a normal of length 1.

    Parameters
    ----------
    xyz : sequence of triples
        Corners [m].
    limit : float
        Cosine of the largest angle between the normals.
    least : float
        Triangles lower than this [m] are lines, which have no direction.

    >>> leans([(0, 0, 0), (4, 0, 0), (4, 3, 1)], [(0, 1, 2)], (0, 0, 1), 0.94, 1e-6)  # 1 on 3 is 18 degrees
    False
    >>> leans([(0, 0, 0), (4, 0, 0), (4, 3, 2)], [(0, 1, 2)], (0, 0, 1), 0.94, 1e-6)
    True
    """
    for triangle in triangles:
        p, q, r = xyz[triangle[0]], xyz[triangle[1]], xyz[triangle[2]]
        ux, uy, uz = q[0] - p[0], q[1] - p[1], q[2] - p[2]
        vx, vy, vz = r[0] - p[0], r[1] - p[1], r[2] - p[2]
        wx, wy, wz = r[0] - q[0], r[1] - q[1], r[2] - q[2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        double = sqrt(nx * nx + ny * ny + nz * nz)
        longest = sqrt(max(ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz, wx * wx + wy * wy + wz * wz))
        if double > least * longest and nx * normal[0] + ny * normal[1] + nz * normal[2] < limit * double:
            return True
    return False
