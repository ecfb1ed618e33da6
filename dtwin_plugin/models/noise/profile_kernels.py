"""The profile of a path, from a scene: relief, walls and softness in one row of points; called by `levels` only."""

from __future__ import annotations

import math

import numpy as np

from .cut_kernels import crossings, number_at, sampled, sampled_along
from .ground_kernels import Array, njit
from .scene import BUILDING, RELIEF, ZONE

ROOM = 2048  # points of a profile at most; more room is asked of the system for each path, which takes long
_DEEP = 16  # buildings that stand in each other at most
FLAT = 0.02  # m: a point of the relief that lies so near the line between its neighbours is left out
_LEVEL = 0.05  # m: the same of a raster, whose heights are no better than that


@njit
def _straightened(at: Array, z: Array, count: int, tolerance: float) -> int:
    """Leave out the points of a line that lie within a tolerance of it, in place; return how many stay.

    From a point that stays, the slopes that pass all next points within the tolerance narrow down to a cone; the last
    point before the cone is left stays too (Williams 1978, An efficient algorithm for the piecewise linear
    approximation of planar curves, doi:10.1016/0146-664X(78)90055-2).
    """
    stay = 1
    low, high = -np.inf, np.inf
    from_at, from_z = at[0], z[0]
    for k in range(1, count):
        steep = 1.0 / max(at[k] - from_at, 1e-9)
        slope = (z[k] - from_z) * steep
        if slope < low or slope > high:
            from_at, from_z = at[k - 1], z[k - 1]
            at[stay], z[stay] = from_at, from_z
            stay += 1
            steep = 1.0 / max(at[k] - from_at, 1e-9)
            slope = (z[k] - from_z) * steep
            low, high = -np.inf, np.inf
        wide = tolerance * steep
        low, high = max(low, slope - wide), min(high, slope + wide)
    at[stay], z[stay] = at[count - 1], z[count - 1]
    return stay + 1


@njit
def relief_along(scene: tuple, a: Array, b: Array, ends: Array, far: float, cuts: tuple, at: Array, z: Array) -> int:
    """Put the ground along a path in `at` [m] and `z`; return how many points; `ends` is the ground at both ends."""
    pieces, kinds, ground = scene[0], scene[1], scene[7]
    found, which, count = cuts
    values, left, top, cell = ground
    n = 1
    at[0], z[0] = 0.0, ends[0]
    tolerance = FLAT
    if values.size:
        tolerance = _LEVEL
        many = min(int(math.ceil(far / cell)), ROOM // 2)
        step = far / many
        for k in range(1, many):
            at[k] = k * step
        sampled_along(values, left, top, cell, a[0], a[1], (b[0] - a[0]) / many, (b[1] - a[1]) / many, many, z)
        n = many
    else:
        for k in range(count):
            if kinds[which[k]] == RELIEF and n < ROOM - 1:
                at[n], z[n] = found[k] * far, number_at(pieces[which[k]], a, b, found[k])
                n += 1
    at[n], z[n] = far, ends[1]
    return _straightened(at, z, n + 1, tolerance)


@njit
def ground_at(scene: tuple, x: float, y: float) -> float:
    """Return the height of the ground at a place [m NAP]; 0 where the relief has no pieces, which is flat ground.

    Between pieces of relief lie flat triangles: from the next piece on either side the height follows exactly.
    """
    pieces, kinds, index, ground = scene[0], scene[1], scene[3], scene[7]
    values, left, top, cell = ground
    if values.size:
        return sampled(values, left, top, cell, x, y)
    here, found, which = np.array((x, y)), np.empty(ROOM // 4), np.empty(ROOM // 4, np.int64)
    _, _, from_x, from_y, size, columns, rows = index
    heights, gone = np.zeros(2), np.full(2, -1.0)
    for side in range(2):
        end = np.array((from_x + (columns * size + 1.0 if side else -1.0), y + 1e-4))
        count = crossings(pieces, index, here, end, found, which)
        for k in range(count):
            if kinds[which[k]] == RELIEF:
                heights[side] = number_at(pieces[which[k]], here, end, found[k])
                gone[side] = found[k] * abs(end[0] - x)
                break
    if gone[0] < 0.0 or gone[1] < 0.0:
        return max(heights[0], heights[1]) if gone[0] >= 0.0 or gone[1] >= 0.0 else 0.0
    return heights[0] + (heights[1] - heights[0]) * gone[0] / max(gone[0] + gone[1], 1e-12)


@njit
def _soft_after(scene: tuple, b: Array, which: int) -> float:
    """Return the softness after a piece of a zone has been crossed."""
    piece = scene[0][which]
    to_left = (piece[2] - piece[0]) * (b[1] - piece[1]) - (piece[3] - piece[1]) * (b[0] - piece[0]) > 0.0
    return piece[4] if to_left else piece[5]


@njit
def _put_point(points: Array, n: int, at: float, z: float, softness: float) -> int:
    points[n, 0], points[n, 1], points[n, 2] = at, z, softness
    return n + 1


@njit
def _put_edge(edges: Array, m: int, at: float, z: float, before: int, after: int) -> int:
    edges[m, 0], edges[m, 1], edges[m, 2], edges[m, 3] = at, z, before, after
    return m + 1


@njit
def _roof(heights: Array, count: int, ground: float) -> float:
    """Return the top of the buildings that a path is in, or the ground."""
    top = ground
    for k in range(count):
        top = max(top, heights[k])
    return top


@njit
def toggled(whose: Array, heights: Array, count: int, owner: int, height: float) -> int:
    """Note that a path goes into a building or out of it; return in how many it is."""
    for k in range(count):
        if whose[k] == owner:
            whose[k], heights[k] = whose[count - 1], heights[count - 1]
            return count - 1
    if count == whose.size:
        return count
    whose[count], heights[count] = owner, height
    return count + 1


@njit
def _changes(scene: tuple, a: Array, b: Array, far: float, now: float, at: Array, softness: Array) -> int:
    """Put where the softness of the raster changes along a path in `at` [m], and to what; return how often."""
    values, left, top, cell = scene[8]
    if values.size == 0:
        return 0
    many = max(int(math.ceil(far / cell)), 1)
    n, last_column, last_row = 0, values.shape[1] - 1, values.shape[0] - 1
    u, v = (a[0] - left) / cell, (top - a[1]) / cell
    du, dv = (b[0] - a[0]) / (many * cell), (a[1] - b[1]) / (many * cell)
    for k in range(1, many):
        column, row = int(u + (k + 0.5) * du), int(v + (k + 0.5) * dv)
        new = values[min(max(row, 0), last_row), min(max(column, 0), last_column)]
        if new != now and n < at.size:
            at[n], softness[n], now = k * far / many, new, new
            n += 1
    return n


@njit
def _between(at: Array, z: Array, r: int, here: float) -> float:
    """Return the height of a line at a distance, which lies between its points r - 1 and r."""
    return z[r - 1] + (z[r] - z[r - 1]) * (here - at[r - 1]) / max(at[r] - at[r - 1], 1e-12)


@njit
def left_out(kinds: Array, owners: Array, found: Array, which: Array, count: int) -> int:
    """Take out of the crossings those of buildings in which the path begins or ends; return how many stay.

    Such a building, as one that a road runs under, is left as often as it is not entered. It stands in no way.
    """
    whose, heights = np.empty(_DEEP, np.int64), np.empty(_DEEP)
    odd = stay = 0
    for k in range(count):
        if kinds[which[k]] == BUILDING:
            odd = toggled(whose, heights, odd, owners[which[k]], 0.0)
    if odd == 0:
        return count
    for k in range(count):
        out = False
        for m in range(odd):
            out = out or (kinds[which[k]] == BUILDING and owners[which[k]] == whose[m])
        if not out:
            found[stay], which[stay] = found[k], which[k]
            stay += 1
    return stay


@njit
def profile(
    scene: tuple, a: Array, b: Array, ends: Array, softness: float, start: float, points: Array, edges: Array
) -> tuple[int, int, float]:
    """Cut the profile of one leg of a path.

    Parameters
    ----------
    scene : Scene
        See there.
    a, b : ndarray
        Places on the map of both ends.
    ends : ndarray
        Height of the ground at both.
    softness : float
        G at the start.
    start : float
        Distance that the path has come to before [m].
    points : ndarray
        Gets distance, height, and softness after each point, shape (ROOM, 3).
    edges : ndarray
        Gets distance, height, and numbers of the points before and after each edge, shape (ROOM, 4).

    Returns
    -------
    tuple
        How many points and edges there are, and the softness at the end; -1 points where they do not fit.
    """
    pieces, kinds, owners, index = scene[0], scene[1], scene[2], scene[3]
    far = math.hypot(b[0] - a[0], b[1] - a[1])
    desk, numbers = np.empty((6, ROOM)), np.empty((2, ROOM // 4), np.int64)  # at once: to ask for room takes long
    at, z, changed, new, found, heights = desk[0], desk[1], desk[2], desk[3], desk[4, : ROOM // 4], desk[5, :_DEEP]
    which, whose = numbers[0], numbers[1, :_DEEP]
    count = crossings(pieces, index, a, b, found, which)
    if count < 0:
        return -1, 0, softness
    relief = relief_along(scene, a, b, ends, far, (found, which, count), at, z)
    count = left_out(kinds, owners, found, which, count)
    many = _changes(scene, a, b, far, softness, changed, new)
    inside, soft = 0, softness
    n, m, r, k, s = _put_point(points, 0, start, ends[0], soft), 0, 1, 0, 0
    while n < ROOM - 4 and m < ROOM - 1:
        next_relief = at[r] if r < relief - 1 else np.inf
        next_cut = found[k] * far if k < count else np.inf
        next_soft = changed[s] if s < many else np.inf
        here = min(next_relief, next_cut, next_soft)
        if here == np.inf:
            break
        level, to = _between(at, z, r, here), start + here
        if next_soft <= here:
            soft, s = new[s], s + 1
            n = n if inside else _put_point(points, n, to, level, soft)
        elif next_cut <= here:
            j, k = which[k], k + 1
            if kinds[j] == ZONE:
                soft = _soft_after(scene, b, j)
                n = n if inside else _put_point(points, n, to, level, soft)
            elif kinds[j] != RELIEF:
                now = _roof(heights, inside, level)
                own = max(number_at(pieces[j], a, b, here / far), now)
                if kinds[j] == BUILDING:
                    inside = toggled(whose, heights, inside, owners[j], pieces[j, 4])
                    then = _roof(heights, inside, level)
                    m = _put_edge(edges, m, to, max(now, then), n, n + 1)
                else:
                    then = now
                    m = _put_edge(edges, m, to, own, n, n + 2)
                covered = 0.0 if inside else soft
                n = _put_point(points, n, to, now, covered)
                n = n if kinds[j] == BUILDING else _put_point(points, n, to, own, covered)
                n = _put_point(points, n, to, then, covered)
        else:
            if not inside:
                m = _put_edge(edges, m, to, z[r], n, n)
                n = _put_point(points, n, to, z[r], soft)
            r += 1
    if n >= ROOM - 4 or m >= ROOM - 1:
        return -1, 0, softness
    return _put_point(points, n, start + far, ends[1], soft), m, soft
