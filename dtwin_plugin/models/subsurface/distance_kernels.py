"""Distances between bodies (`bodies.Bodies`), compiled; nothing here is called but by `distances`.

A distance is measured between where two bodies are drawn, or with `reach_xy` and `reach_z` between the places nearest
to each other where they may lie: of every difference the horizontal part shrinks by the one and the vertical part by
the other, no further than to 0. Both parts are convex functions of the place along a segment, and so is the root of
their squares, so that a search by the golden section finds the least value.

References
----------
E05 : Ericson (2005), Real-Time Collision Detection, 5.1.9 (closest points of two segments).
K53 : Kiefer (1953), Sequential minimax search for a maximum, Proc. Amer. Math. Soc. 4, 502-506 (golden section).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]

njit = load_numba("measure distances").njit(nogil=True, cache=may_cache("measure distances"), error_model="numpy")
_GOLDEN = 0.6180339887498949
_STEPS = 45  # leave 4e-10 of the length
_TOUCH = 1e-6  # m; bodies nearer than a thousandth of the millimetre that files hold touch


@njit
def _gap(dx: float, dy: float, dz: float, reach_xy: float, reach_z: float) -> float:
    flat = max(0.0, np.sqrt(dx * dx + dy * dy) - reach_xy)
    upright = max(0.0, abs(dz) - reach_z)
    return np.sqrt(flat * flat + upright * upright)


@njit
def nearest_on(px: float, py: float, edge: Array) -> float:
    """Return where along an edge on the map a point is nearest, 0 to 1."""
    dx, dy = edge[3] - edge[0], edge[4] - edge[1]
    square = dx * dx + dy * dy
    if square <= 0.0:
        return 0.0
    return min(1.0, max(0.0, ((px - edge[0]) * dx + (py - edge[1]) * dy) / square))


@njit
def _along(edge: Array, t: float, found: Array, at: int) -> None:
    for axis in range(3):
        found[at + axis] = edge[axis] + t * (edge[axis + 3] - edge[axis])


@njit
def _bars(a: Array, b: Array, found: Array) -> float:
    """Return the distance of two segments, and write the nearest points (E05)."""
    ux, uy, uz, vx, vy, vz = a[3] - a[0], a[4] - a[1], a[5] - a[2], b[3] - b[0], b[4] - b[1], b[5] - b[2]
    rx, ry, rz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    aa, ee, f = ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz, vx * rx + vy * ry + vz * rz
    c, bb = ux * rx + uy * ry + uz * rz, ux * vx + uy * vy + uz * vz
    s, t = 0.0, 0.0
    if aa > 0.0 and ee > 0.0:
        denominator = aa * ee - bb * bb
        # Parallel as far as float64 can tell: any place along them is as near, so the first end is taken.
        if denominator > 1e-14 * aa * ee:
            s = min(1.0, max(0.0, (bb * f - c * ee) / denominator))
        t = (bb * s + f) / ee
        if t < 0.0:
            t, s = 0.0, min(1.0, max(0.0, -c / aa))
        elif t > 1.0:
            t, s = 1.0, min(1.0, max(0.0, (bb - c) / aa))
    elif aa > 0.0:
        s = min(1.0, max(0.0, -c / aa))
    elif ee > 0.0:
        t = min(1.0, max(0.0, f / ee))
    _along(a, s, found, 0)
    _along(b, t, found, 3)
    return _gap(found[0] - found[3], found[1] - found[4], found[2] - found[5], 0.0, 0.0)


@njit
def bar_point(a: Array, x: float, y: float, z: float, reach_xy: float, reach_z: float) -> float:
    """Return the least gap between a segment and a point."""
    low, high = 0.0, 1.0
    s, t = 1.0 - _GOLDEN, _GOLDEN
    dx, dy, dz = a[3] - a[0], a[4] - a[1], a[5] - a[2]
    fs = _gap(a[0] + s * dx - x, a[1] + s * dy - y, a[2] + s * dz - z, reach_xy, reach_z)
    ft = _gap(a[0] + t * dx - x, a[1] + t * dy - y, a[2] + t * dz - z, reach_xy, reach_z)
    for _ in range(_STEPS):
        if fs <= ft:
            high, t, ft = t, s, fs
            s = low + (1.0 - _GOLDEN) * (high - low)
            fs = _gap(a[0] + s * dx - x, a[1] + s * dy - y, a[2] + s * dz - z, reach_xy, reach_z)
        else:
            low, s, fs = s, t, ft
            t = low + _GOLDEN * (high - low)
            ft = _gap(a[0] + t * dx - x, a[1] + t * dy - y, a[2] + t * dz - z, reach_xy, reach_z)
    ends = min(
        _gap(a[0] - x, a[1] - y, a[2] - z, reach_xy, reach_z), _gap(a[3] - x, a[4] - y, a[5] - z, reach_xy, reach_z)
    )
    return min(fs, ft, ends)


@njit
def _bars_within_reach(a: Array, b: Array, reach_xy: float, reach_z: float) -> float:
    """Return the least gap of two segments that may both shift."""
    low, high = 0.0, 1.0
    s, t = 1.0 - _GOLDEN, _GOLDEN
    place = np.empty(3)
    _along(b, s, place, 0)
    fs = bar_point(a, place[0], place[1], place[2], reach_xy, reach_z)
    _along(b, t, place, 0)
    ft = bar_point(a, place[0], place[1], place[2], reach_xy, reach_z)
    for _ in range(_STEPS):
        if fs <= ft:
            high, t, ft = t, s, fs
            s = low + (1.0 - _GOLDEN) * (high - low)
            _along(b, s, place, 0)
            fs = bar_point(a, place[0], place[1], place[2], reach_xy, reach_z)
        else:
            low, s, fs = s, t, ft
            t = low + _GOLDEN * (high - low)
            _along(b, t, place, 0)
            ft = bar_point(a, place[0], place[1], place[2], reach_xy, reach_z)
        if fs == 0.0 or ft == 0.0:
            return 0.0
    ends = min(bar_point(a, b[0], b[1], b[2], reach_xy, reach_z), bar_point(a, b[3], b[4], b[5], reach_xy, reach_z))
    return min(fs, ft, ends)


@njit
def inside(x: float, y: float, edges: Array) -> bool:
    """Tell whether a point lies within rings (even-odd)."""
    result = False
    for n in range(len(edges)):
        y1, y2 = edges[n, 1], edges[n, 4]
        if (y1 > y) != (y2 > y) and x < edges[n, 0] + (y - y1) / (y2 - y1) * (edges[n, 3] - edges[n, 0]):
            result = not result
    return result


@njit
def _wall(
    a: Array, t: float, edge: Array, low: float, high: float, rim: float, reach_xy: float, reach_z: float
) -> float:
    """Return the gap between the place t of a segment and an upright wall of which `rim` round it is solid."""
    x, y, z = a[0] + t * (a[3] - a[0]), a[1] + t * (a[4] - a[1]), a[2] + t * (a[5] - a[2])
    s = nearest_on(x, y, edge)
    dx, dy = x - edge[0] - s * (edge[3] - edge[0]), y - edge[1] - s * (edge[4] - edge[1])
    return _gap(max(0.0, np.sqrt(dx * dx + dy * dy) - rim), 0.0, max(0.0, low - z, z - high), reach_xy, reach_z)


@njit
def _bar_wall(
    a: Array, edge: Array, low: float, high: float, rim: float, reach_xy: float, reach_z: float
) -> tuple[float, float]:
    """Return the least gap between a segment and a wall, and where along the segment it is."""
    begin, end = 0.0, 1.0
    s, t = 1.0 - _GOLDEN, _GOLDEN
    fs = _wall(a, s, edge, low, high, rim, reach_xy, reach_z)
    ft = _wall(a, t, edge, low, high, rim, reach_xy, reach_z)
    for _ in range(_STEPS):
        if fs <= ft:
            end, t, ft = t, s, fs
            s = begin + (1.0 - _GOLDEN) * (end - begin)
            fs = _wall(a, s, edge, low, high, rim, reach_xy, reach_z)
        else:
            begin, s, fs = s, t, ft
            t = begin + _GOLDEN * (end - begin)
            ft = _wall(a, t, edge, low, high, rim, reach_xy, reach_z)
    best, where = (fs, s) if fs <= ft else (ft, t)
    for place in (0.0, 1.0):
        value = _wall(a, place, edge, low, high, rim, reach_xy, reach_z)
        if value < best:
            best, where = value, place
    return best, where


@njit
def _bar_prism(
    a: Array,
    edges: Array,
    closed: bool,
    low: float,
    high: float,
    rim: float,
    reach_xy: float,
    reach_z: float,
    found: Array,
) -> float:
    """Return the gap between a segment and a prism, and write the nearest points.

    Above or below the inside of the outline only the vertical part counts. Its least value along the segment lies at an
    end, where the segment enters the heights of the prism, or where it crosses the outline, which the walls find.
    """
    best = np.inf
    for n in range(len(edges)):
        value, t = _bar_wall(a, edges[n], low, high, rim, reach_xy, reach_z)
        if value < best:
            best = value
            _along(a, t, found, 0)
            s = nearest_on(found[0], found[1], edges[n])
            _along(edges[n], s, found, 3)
            _rim(found, rim)
            found[5] = min(max(found[2], low), high)
    if closed:
        rise = a[5] - a[2]
        for n in range(4):
            t = float(n)
            if n > 1:
                t = ((low if n == 2 else high) - a[2]) / rise if rise != 0.0 else -1.0
            if not 0.0 <= t <= 1.0:
                continue
            x, y, z = a[0] + t * (a[3] - a[0]), a[1] + t * (a[4] - a[1]), a[2] + t * rise
            if not inside(x, y, edges):
                continue
            value = max(0.0, max(0.0, low - z, z - high) - reach_z)
            if value < best:
                best = value
                found[0], found[1], found[2] = x, y, z
                found[3], found[4], found[5] = x, y, min(max(z, low), high)
    return best


@njit
def _rim(found: Array, rim: float) -> None:
    """Move the second point towards the first, by what is solid round it."""
    dx, dy = found[0] - found[3], found[1] - found[4]
    length = np.sqrt(dx * dx + dy * dy)
    share = 1.0 if length <= rim else rim / length
    found[3] += share * dx
    found[4] += share * dy


@njit
def _cross(a: Array, b: Array) -> bool:
    """Tell whether two edges on the map cross."""
    d1 = (b[3] - b[0]) * (a[1] - b[1]) - (b[4] - b[1]) * (a[0] - b[0])
    d2 = (b[3] - b[0]) * (a[4] - b[1]) - (b[4] - b[1]) * (a[3] - b[0])
    d3 = (a[3] - a[0]) * (b[1] - a[1]) - (a[4] - a[1]) * (b[0] - a[0])
    d4 = (a[3] - a[0]) * (b[4] - a[1]) - (a[4] - a[1]) * (b[3] - a[0])
    return (d1 > 0.0) != (d2 > 0.0) and (d3 > 0.0) != (d4 > 0.0)


@njit
def _outlines(a: Array, b: Array, a_closed: bool, b_closed: bool, found: Array) -> float:
    """Return how far two outlines lie apart on the map, 0 where they overlap, and write the nearest places."""
    best = np.inf
    if a_closed and inside(b[0, 0], b[0, 1], a):
        found[0], found[1], found[3], found[4] = b[0, 0], b[0, 1], b[0, 0], b[0, 1]
        return 0.0
    if b_closed and inside(a[0, 0], a[0, 1], b):
        found[0], found[1], found[3], found[4] = a[0, 0], a[0, 1], a[0, 0], a[0, 1]
        return 0.0
    for n in range(len(a)):
        for m in range(len(b)):
            if _cross(a[n], b[m]):
                s = nearest_on(a[n, 0], a[n, 1], b[m])
                found[3], found[4] = b[m, 0] + s * (b[m, 3] - b[m, 0]), b[m, 1] + s * (b[m, 4] - b[m, 1])
                found[0], found[1] = found[3], found[4]
                return 0.0
            for swap in range(2):
                one, two = (a[n], b[m]) if swap == 0 else (b[m], a[n])
                for end in range(0, 6, 3):
                    x, y = one[end], one[end + 1]
                    s = nearest_on(x, y, two)
                    u, v = two[0] + s * (two[3] - two[0]), two[1] + s * (two[4] - two[1])
                    value = np.sqrt((x - u) ** 2 + (y - v) ** 2)
                    if value < best:
                        best = value
                        at, other = (0, 3) if swap == 0 else (3, 0)
                        found[at], found[at + 1], found[other], found[other + 1] = x, y, u, v
    return best


@njit
def candidates(
    a: Array,
    b: Array,
    first: Array,
    reach_xy: Array,
    reach_z: Array,
    b_reach_xy: Array,
    b_reach_z: Array,
    order: Array,
    widest: float,
) -> Array:
    """Return the pairs of boxes that may be within reach of each other, shape (pairs, 2).

    Parameters
    ----------
    a, b : ndarray
        Boxes as `Bodies.boxes` gives them; those of b in the order of their x min, `order` being their numbers.
    first : ndarray
        The first box of b that may be within reach of each of a.
    reach_xy, reach_z, b_reach_xy, b_reach_z : ndarray
        How far each box reaches outside itself [m].
    widest : float
        The longest side along x of a box of b with its reach [m].
    """
    found = np.empty((1024, 2), np.int64)
    count = 0
    for n in range(len(a)):
        right = a[n, 3] + reach_xy[n]
        for m in range(first[n], len(b)):
            if b[m, 0] - widest > right:
                break
            flat, upright = reach_xy[n] + b_reach_xy[m], reach_z[n] + b_reach_z[m]
            if (
                b[m, 3] + flat < a[n, 0]
                or b[m, 0] - flat > a[n, 3]
                or b[m, 4] + flat < a[n, 1]
                or b[m, 1] - flat > a[n, 4]
                or b[m, 5] + upright < a[n, 2]
                or b[m, 2] - upright > a[n, 5]
            ):
                continue
            if count == len(found):
                larger = np.empty((2 * count, 2), np.int64)
                for k in range(count):  # an assignment of slices takes 20 s to compile, for its error message
                    larger[k, 0], larger[k, 1] = found[k, 0], found[k, 1]
                found = larger
            found[count, 0], found[count, 1] = n, order[m]
            count += 1
    return found[:count]


@njit
def gap(a: Any, b: Any, n: int, m: int, reach_xy: float, reach_z: float, found: Array) -> float:
    """Return the gap of two bodies, 0 where they touch; a and b are tuples of the arrays of `Bodies`."""
    bar_a, closed_a, radius_a, low_a, high_a, edges_a, starts_a = a
    bar_b, closed_b, radius_b, low_b, high_b, edges_b, starts_b = b
    mine, other = edges_a[starts_a[n] : starts_a[n + 1]], edges_b[starts_b[m] : starts_b[m + 1]]
    if bar_a[n] and bar_b[m]:
        if reach_xy == 0.0 and reach_z == 0.0:
            value = _bars(mine[0], other[0], found)
        else:
            value = _bars_within_reach(mine[0], other[0], reach_xy, reach_z)
        return max(0.0, value - radius_a[n] - radius_b[m])
    if bar_a[n]:
        value = _bar_prism(mine[0], other, closed_b[m], low_b[m], high_b[m], radius_b[m], reach_xy, reach_z, found)
        return max(0.0, value - radius_a[n])
    if bar_b[m]:
        turned = np.empty(6)
        value = _bar_prism(other[0], mine, closed_a[n], low_a[n], high_a[n], radius_a[n], reach_xy, reach_z, turned)
        for axis in range(3):
            found[axis], found[axis + 3] = turned[axis + 3], turned[axis]
        return max(0.0, value - radius_b[m])
    flat = max(0.0, _outlines(mine, other, closed_a[n], closed_b[m], found) - radius_a[n] - radius_b[m])
    below, above = max(0.0, low_a[n] - high_b[m]), max(0.0, low_b[m] - high_a[n])
    found[2] = low_a[n] if below > 0.0 else high_a[n] if above > 0.0 else min(high_a[n], high_b[m])
    found[5] = high_b[m] if below > 0.0 else low_b[m] if above > 0.0 else found[2]
    return _gap(flat, 0.0, below + above, reach_xy, reach_z)


@njit
def measure(
    a: Any, b: Any, pairs: Array, reach_xy: Array, reach_z: Array, required: Array, result: Array, places: Array
) -> None:
    """Write of each pair the gap as drawn and the least gap that may be, and the nearest places as drawn.

    The least gap is looked for only where it may be below what is required; elsewhere it is a bound below it.

    Parameters
    ----------
    reach_xy, reach_z, required : ndarray
        Of each pair: how far the two together may shift, and the distance asked [m].
    result, places : ndarray
        Shape (pairs, 2) and (pairs, 6) [m].
    """
    unused = np.empty(6)
    for k in range(len(pairs)):
        n, m = pairs[k]
        drawn = gap(a, b, n, m, 0.0, 0.0, places[k])
        least = drawn
        if reach_xy[k] > 0.0 or reach_z[k] > 0.0:
            bound = drawn - np.sqrt(reach_xy[k] ** 2 + reach_z[k] ** 2)
            least = max(0.0, bound) if bound >= required[k] else gap(a, b, n, m, reach_xy[k], reach_z[k], unused)
        result[k, 0] = drawn if drawn > _TOUCH else 0.0
        result[k, 1] = least if least > _TOUCH else 0.0
