"""One path of sound by the Dutch standard method 2: the upright plane through source and receiver, and its screens.

The route may turn on the map, at a wall that throws sound back; it is laid out straight. References: R as in
`srm_table`.
"""

from __future__ import annotations

import math

import numpy as np

from .cut_kernels import crossings, nearest, number_at
from .ground_kernels import Array, njit
from .profile_kernels import ROOM, left_out, relief_along, toggled
from .scene import BUILDING, WALL
from .srm2_kernels import (
    ZONE,
    detour,
    left_of_ground,
    put_ground,
    put_screen,
    strongest,
    weather,
)

_STRIP = 5.0  # m beside a screen in which the ground is meant, R 2.10; slopes of a rise are taken over it too
_SHARP, _BLUNT = math.radians(180.0 - 70.0), math.radians(180.0 - 165.0)  # bends of the top, R table 2.8
_LOSS = 2.0  # dB: the profile term Cp of a blunt rise, R table 2.8
_DEEP = 16  # buildings that stand in each other at most
_NEPER = math.log(10.0) / 10.0
_LEAST = 1e-3  # m: nothing stands between ends that are nearer


@njit
def mean_between(at: Array, z: Array, count: int, first: float, last: float) -> float:
    """Return the mean height of a line from one distance to another [m]."""
    whole = 0.0
    for k in range(1, count):
        left, right = max(at[k - 1], first), min(at[k], last)
        if right > left:
            slope = (z[k] - z[k - 1]) / (at[k] - at[k - 1])
            whole += (right - left) * (z[k - 1] + slope * (0.5 * (left + right) - at[k - 1]))
    return whole / max(last - first, 1e-9)


@njit
def _height(at: Array, z: Array, count: int, here: float) -> float:
    """Return the height of a line at a distance, beyond its ends that of the end."""
    here = min(max(here, at[0]), at[count - 1])
    k = min(max(int(np.searchsorted(at[:count], here)), 1), count - 1)
    return z[k - 1] + (z[k] - z[k - 1]) * (here - at[k - 1]) / max(at[k] - at[k - 1], 1e-9)


@njit
def _above(at: Array, z: Array, count: int, here: float, top: float) -> float:
    """Return how high a top is above the ground beside it, on the side where it is highest, R figure 2.4 [m]."""
    left = mean_between(at, z, count, max(here - _STRIP, at[0]), here) if here - at[0] > _LEAST else np.inf
    end = at[count - 1]
    right = mean_between(at, z, count, here, min(here + _STRIP, end)) if end - here > _LEAST else np.inf
    return top - min(left, right)


@njit
def _rises(at: Array, z: Array, count: int, tops: Array, m: int) -> int:
    """Add the edges of the relief that screen, with their Cp, to `tops`; return how many there are."""
    for k in range(1, count - 1):
        before = (z[k] - _height(at, z, count, at[k] - _STRIP)) / min(_STRIP, at[k] - at[0])
        after = (_height(at, z, count, at[k] + _STRIP) - z[k]) / min(_STRIP, at[count - 1] - at[k])
        bend = math.atan(before) - math.atan(after)
        if bend >= _BLUNT and m < tops.shape[0]:
            tops[m, 0], tops[m, 1], tops[m, 2] = at[k], z[k], 0.0 if bend >= _SHARP else _LOSS
            m += 1
    return m


@njit
def _add_soft(soft: Array, value: float, first: float, last: float, far: float) -> None:
    """Add a stretch of ground to the sums of the three zones."""
    zone = min(ZONE, far)
    soft[0] += value * max(min(last, zone) - first, 0.0)
    soft[1] += value * max(min(last, far - ZONE) - max(first, ZONE), 0.0)
    soft[2] += value * max(last - max(first, far - zone), 0.0)


@njit
def _leg(scene: tuple, a: Array, b: Array, ends: Array, gone: float, far: float, out: tuple) -> tuple[int, int]:
    """Lay out one leg of a route behind the points and tops that there are; -1 points where they do not fit.

    `out` is distance and height of the ground, tops, the sums of softness, and how many points and tops there are.
    """
    at, z, tops, soft, n, m = out
    pieces, kinds, owners, index, raster = scene[0], scene[1], scene[2], scene[3], scene[8]
    found, which = np.empty(ROOM // 4), np.empty(ROOM // 4, np.int64)
    count = crossings(pieces, index, a, b, found, which)
    long = math.hypot(b[0] - a[0], b[1] - a[1])
    if count < 0 or long < _LEAST:
        return (n, m) if count >= 0 else (-1, m)
    to, height = np.empty(ROOM), np.empty(ROOM)
    many = relief_along(scene, a, b, ends, long, (found, which, count), to, height)
    count = left_out(kinds, owners, found, which, count)
    if n + many > at.size or m + count > tops.shape[0]:
        return -1, m
    for k in range(0 if n == 0 else 1, many):
        at[n], z[n] = gone + to[k], height[k]
        n += 1
    for k in range(count):
        if kinds[which[k]] == WALL or kinds[which[k]] == BUILDING:
            tops[m, 0], tops[m, 1], tops[m, 2] = (
                gone + found[k] * long,
                number_at(pieces[which[k]], a, b, found[k]),
                0.0,
            )
            m += 1
    values, left, top, cell = raster
    steps = max(int(math.ceil(long / cell)), 1) if values.size else 1
    whose, roofs = np.empty(_DEEP, np.int64), np.empty(_DEEP)
    inside, k = 0, 0
    for step in range(steps):
        middle = (step + 0.5) / steps
        while k < count and found[k] <= middle:
            if kinds[which[k]] == BUILDING:
                inside = toggled(whose, roofs, inside, owners[which[k]], 0.0)
            k += 1
        if values.size and inside == 0:  # a roof is hard
            value = nearest(values, left, top, cell, a[0] + middle * (b[0] - a[0]), a[1] + middle * (b[1] - a[1]))
            _add_soft(soft, value, gone + step * long / steps, gone + (step + 1) * long / steps, far)
    return n, m


@njit
def path_gains(scene: tuple, legs: Array, count: int, grounds: Array, ends: Array, air: Array, found: Array) -> bool:
    """Put what air, ground, weather and the strongest screen leave of each band in `found`, as shares of energy.

    Parameters
    ----------
    legs : ndarray
        Places on the map of the source, where the route turns, and the receiver, shape (count, 2).
    grounds : ndarray
        Height of the ground at each.
    ends : ndarray
        Heights of source and receiver.
    air : ndarray
        What air takes [dB/m].

    Returns
    -------
    bool
        Whether it could be calculated.
    """
    far = 0.0
    for k in range(count - 1):
        far += math.hypot(legs[k + 1, 0] - legs[k, 0], legs[k + 1, 1] - legs[k, 1])
    at, z, tops, soft = np.zeros(2 * ROOM), np.zeros(2 * ROOM), np.empty((ROOM, 3)), np.zeros(3)
    n, m, gone = 0, 0, 0.0
    for k in range(count - 1):
        n, m = _leg(scene, legs[k], legs[k + 1], grounds[k : k + 2], gone, far, (at, z, tops, soft, n, m))
        if n < 0:
            return False
        gone += math.hypot(legs[k + 1, 0] - legs[k, 0], legs[k + 1, 1] - legs[k, 1])
    zone = min(ZONE, far)
    if n > 1:
        h_b = max(ends[0] - mean_between(at, z, n, 0.0, zone), 0.0)
        h_w = max(ends[1] - mean_between(at, z, n, far - zone, far), 0.0)
        m = _rises(at, z, n, tops, m)
    else:
        h_b, h_w = max(ends[0] - grounds[0], 0.0), max(ends[1] - grounds[count - 1], 0.0)
    soft[0], soft[2] = soft[0] / max(zone, _LEAST), soft[2] / max(zone, _LEAST)
    soft[1] = soft[1] / (far - 2.0 * ZONE) if far > 2.0 * ZONE + _LEAST else 1.0  # R 2.8: 1 where there is none
    s, r = np.array((0.0, ends[0])), np.array((far, ends[1]))
    chosen = strongest(s, r, tops, m) if far > _LEAST else -1
    screen, left = np.zeros(air.size), (1.0, 1.0)
    if chosen >= 0:
        here, top = tops[chosen, 0], tops[chosen, 1]
        longer, reach = detour(s, r, here, top)
        put_screen(longer, _above(at, z, n, here, top), tops[chosen, 2], screen)
        left = left_of_ground(reach, here, far - here, h_b, h_w)
    put_ground(h_b, h_w, far, soft, left, found)
    straight, mean = math.hypot(far, ends[1] - ends[0]), weather(h_b, h_w, far)
    for band in range(air.size):
        found[band] = math.exp(-_NEPER * (found[band] + air[band] * straight + mean + screen[band]))
    return True
