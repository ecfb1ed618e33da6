"""The ground under a path of sound: its mean plane and what it does to the level; called by `path_kernels` only.

References
----------
C: Directive (EU) 2015/996 (2015), annex, section 2.5, as amended by Delegated Directive (EU) 2021/1226 (2021): equation
numbers of the consolidated text.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache
from .bands import BANDS

Array = NDArray[Any]
Real = Any
Plane = tuple[float, float]  # a and b of z = a x + b
Point = tuple[float, float]  # along a path, and up
numba = load_numba("calculate noise")
OPTIONS = {"nogil": True, "cache": may_cache("calculate noise"), "error_model": "numpy"}
njit = numba.njit(**OPTIONS)
SOUND = 340.0  # m/s
LEAST = 1e-3  # m: a shorter stretch of ground has no slope of its own
_FREQUENCIES = np.array(BANDS, float)  # Hz; the directive calculates with the nominal ones
_POWERS = _FREQUENCIES[:, None] ** np.array([2.5, 1.5, 0.75])  # of C 2.5.17
_WAVES = 2.0 * np.pi * _FREQUENCIES / SOUND  # wave numbers [1/m]
LENGTHS = SOUND / _FREQUENCIES  # of waves [m]
_BEND, _TURBULENCE = 2e-4, 6e-3  # a0 [1/m] and the factor of delta zT, C 2.5.20


@njit
def mean_plane(x: Array, z: Array, first: int, last: int) -> Plane:
    """Return the plane that fits the points first to last of a profile best, C 2.5.3 and 2.5.4.

    Horizontal distances do not decrease; upright pieces have no weight.
    """
    start, end = x[first], x[last]
    long = end - start
    if long < LEAST:
        return 0.0, max(z[first], z[last])
    one = two = 0.0
    for k in range(first, last):
        if x[k + 1] - x[k] < 1e-9:
            continue
        # from the start of the profile, so that large distances lose no digits
        left, right = x[k] - start, x[k + 1] - start
        slope = (z[k + 1] - z[k]) / (right - left)
        level = z[k] - slope * left
        square, cube = right * right - left * left, right**3 - left**3
        one += 2.0 / 3.0 * slope * cube + level * square
        two += slope * square + 2.0 * level * (right - left)
    a = 3.0 * (2.0 * one - two * long) / long**3
    b = 2.0 * two / long - 3.0 * one / long**2
    return a, b - a * start


@njit
def height_over(plane: Plane, x: float, z: float) -> float:
    """Return how high a point is above a plane, square to it; at least 0."""
    a, b = plane
    return max((z - a * x - b) / math.sqrt(1.0 + a * a), 0.0)


@njit
def foot_on(plane: Plane, x: float, z: float) -> float:
    """Return how far along a plane the foot of a point is."""
    a, b = plane
    return (x + a * (z - b)) / math.sqrt(1.0 + a * a)


@njit
def mirrored(plane: Plane, x: float, z: float) -> tuple[float, float]:
    """Return a point mirrored in a plane; one that lies below it is its own image (C 2.5.3, equivalent heights).

    So the edges take the same from both, and the ground on that side counts whole (C 2.5.31, 2.5.32).

    >>> mirrored((0.0, 1.0), 5.0, 3.0), mirrored((0.0, 1.0), 5.0, 0.5)
    ((5.0, -1.0), (5.0, 0.5))
    """
    a, b = plane
    off = 2.0 * max(z - a * x - b, 0.0) / (1.0 + a * a)
    return x + a * off, z - off


@njit
def mean_softness(x: Array, softness: Array, first: int, last: int) -> float:
    """Return Gpath, C 2.5.14: the mean softness of the ground along points first to last, weighed by length."""
    long = x[last] - x[first]
    if long < LEAST:
        return softness[min(first, softness.size - 1)]
    found = 0.0
    for k in range(first, last):
        found += softness[k] * (x[k + 1] - x[k])
    return found / long


@njit
def near_source(mean: float, at_source: float, apart: float, heights: float) -> float:
    """Return G'path, C 2.5.14: near the source the ground of the source itself counts."""
    reach = 30.0 * heights
    if apart > reach or reach <= 0.0:
        return mean
    share = apart / reach
    return mean * share + at_source * (1.0 - share)


@njit
def decay(x: float) -> float:
    """Return e^-x of x from 0 up: within 1e-9 of itself up to 20, and within 1e-4 up to 55.

    The library's own takes numbers one by one; of this all bands are calculated side by side. It is the series of
    e^(x / 64), to the power 64.

    >>> round(decay(3.0) * math.exp(3.0), 9), decay(0.0)
    (1.0, 1.0)
    """
    t = x / 64.0
    e = 1.0 + t / 7.0 * (1.0 + t / 8.0)
    e = 1.0 + t / 5.0 * (1.0 + t / 6.0 * e)
    e = 1.0 + t / 3.0 * (1.0 + t / 4.0 * e)
    e = 1.0 + t * (1.0 + t / 2.0 * e)
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    return 1.0 / e


@njit
def softened(band: int, soft: float) -> float:
    """Return w of a band, C 2.5.17; `soft` is Gw to the power 1.3."""
    square = soft * soft
    return 0.0185 * _POWERS[band, 0] * square / (_POWERS[band, 1] * square + 1.3e3 * _POWERS[band, 2] * soft + 1.16e6)


@njit
def equivalent(apart: float, w: float) -> float:
    """Return Cf of C 2.5.16 [m]."""
    return apart * (1.0 + 3.0 * w * apart * decay(math.sqrt(w * apart))) / (1.0 + w * apart)


@njit
def _interference(wave: float, apart: float, z_s: float, z_r: float, w: float) -> float:
    """Return the gain of C 2.5.15; it may be anything above, which its bound then catches."""
    c = equivalent(apart, w)
    ratio, root = c / wave, math.sqrt(2.0 * c / wave)
    inside = 4.0 * wave * wave / (apart * apart)
    return inside * (z_s * z_s - root * z_s + ratio) * (z_r * z_r - root * z_r + ratio)


@njit
def ground_gains(
    apart: float, z_s: float, z_r: float, mean: float, for_w: float, for_bound: float, favourable: bool, found: Array
) -> None:
    """Put what the ground leaves of each band in `found`, above 1 where it adds: 10^(-A/10) of C 2.5.15 to 2.5.20.

    `apart` is the distance between the feet of both points on the mean plane, `z_s` and `z_r` their heights above it;
    `mean` is Gpath, `for_w` and `for_bound` what stands for Gw and Gm.
    """
    reach = 30.0 * (z_s + z_r)
    bound = 0.3 * (1.0 - for_bound)
    if favourable and apart > reach:
        bound *= 1.0 + 2.0 * (1.0 - reach / apart)  # C 2.5.20
    largest = 10.0**bound
    if mean <= 0.0 or apart < LEAST:
        found[:] = 10.0**0.3 if mean <= 0.0 and not favourable else largest
        return
    if favourable and z_s + z_r > 0.0:
        both = z_s + z_r
        lift = _TURBULENCE * apart / both
        z_s, z_r = (
            z_s + _BEND * (z_s / both) ** 2 * apart * apart / 2.0 + lift,
            z_r + _BEND * (z_r / both) ** 2 * apart * apart / 2.0 + lift,
        )
    soft = for_w**1.3
    for b in range(found.size):
        w = softened(b, soft)
        found[b] = min(_interference(_WAVES[b], apart, z_s, z_r, w), largest)
