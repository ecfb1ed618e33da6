"""What the ground, the weather and a screen take of sound by the Dutch standard method 2; called by kernels only.

References: R as in `srm_table`, chapter 2.
"""

from __future__ import annotations

import math

import numpy as np

from .bands import BANDS
from .ground_kernels import Array, njit

ZONE = 70.0  # m, length of the zones of source and receiver, R 2.8
_LEAST_TOP, _MOST = 0.5, 1.0  # m that a screen is high at least, and the largest effectiveness, R 2.21
_BENT = 26.0  # of the ray that bends downwind, R 2.19
_WAVE = 0.37  # 1/m: twice 63 Hz over the speed of sound, R 2.23
_LEAST_NUMBER = -0.314  # Fresnel number below which nothing is screened, R table 2.7
_CHOSEN = BANDS.index(1000)  # the band by which the strongest screen is told


@njit
def gamma(k: int, x: float, y: float) -> float:
    """Return the function of the ground, R 2.15a to e; x is a height and y a distance [m]."""
    if k == 0:
        return 1.0 - 30.0 * x / y if y > 30.0 * x else 0.0
    near = 1.0 - math.exp(-y / 50.0)
    if k == 1:
        far = 5.7 * (1.0 - math.exp(-2.8e-6 * y * y)) * math.exp(-0.09 * x * x)
        return 3.0 * near * math.exp(-0.12 * (x - 5.0) ** 2) + far
    if k == 2:
        return 8.6 * near * math.exp(-0.09 * x * x)
    if k == 3:
        return 14.0 * near * math.exp(-0.46 * x * x)
    return 5.0 * near * math.exp(-0.90 * x * x)


@njit
def put_ground(h_b: float, h_w: float, far: float, soft: Array, left: tuple[float, float], found: Array) -> None:
    """Put what the ground takes of each band [dB] in `found`, R table 2.6.

    Parameters
    ----------
    h_b, h_w : float
        Of source and receiver above the mean ground of their zones, 0 at least [m].
    far : float
        Distance on the map [m].
    soft : ndarray
        Softness of the zones of the source, the middle and the receiver, 0 to 1.
    left : tuple of float
        What a screen leaves of the effect of the ground at the source and at the receiver, Sb and Sw.
    """
    middle = 3.0 * gamma(0, h_b + h_w, far)
    found[0] = -middle - 6.0
    for band in range(1, found.size):
        at_b = left[0] * gamma(band, h_b, far) + 1.0 if band < 5 else 1.0
        at_w = left[1] * gamma(band, h_w, far) + 1.0 if band < 5 else 1.0
        found[band] = at_b * soft[0] - (1.0 - soft[1]) * middle + at_w * soft[2] - 2.0


@njit
def weather(h_b: float, h_w: float, far: float) -> float:
    """Return the correction from downwind to the mean of the weather [dB], R 2.16."""
    high = 10.0 * (h_b + h_w)
    return 3.5 * (1.0 - high / far) if far > high else 0.0


@njit
def screened(number: float) -> float:
    """Return what an ideal screen takes by its Fresnel number [dB], R table 2.7."""
    if number <= _LEAST_NUMBER:
        return 0.0
    if abs(number) <= 0.0016:
        return 5.0
    lg = math.log10(abs(number))
    if number < 0.0:
        return -3.682 + lg * (-9.288 + lg * (-4.482 + lg * (-1.170 - 0.128 * lg)))
    if number <= 1.0:
        return 12.909 + lg * (7.495 + lg * (2.612 + lg * (0.073 + lg * (-0.184 - 0.032 * lg))))
    return min(12.909 + 10.0 * lg, 25.0)


@njit
def detour(s: Array, r: Array, at: float, top: float) -> tuple[float, float]:
    """Return the acoustical detour over a top, R 2.24, and how far it reaches above the bent ray, R 2.19 and 2.20b [m].

    `s` and `r` are distance and height of source and receiver.
    """
    far = r[0] - s[0]
    to_s, to_r = at - s[0], r[0] - at
    line = s[1] + (r[1] - s[1]) * to_s / far
    bent = line + to_r * to_s / (_BENT * far)
    over = math.hypot(to_s, top - s[1]) + math.hypot(to_r, r[1] - top)
    by_ray = math.hypot(to_s, bent - s[1]) + math.hypot(to_r, r[1] - bent)
    if top >= line:
        return over - by_ray, max(top - bent, 0.0)
    return 2.0 * math.hypot(far, r[1] - s[1]) - over - by_ray, max(top - bent, 0.0)


@njit
def strongest(s: Array, r: Array, tops: Array, count: int) -> int:
    """Return which of the tops screens most, all by itself, R 2.10: at 1 kHz; -1 where none does in any band.

    `tops` has distance, height and profile term Cp of each, shape (n, 3 or more).
    """
    best, most, least = -1, -np.inf, -np.inf
    for k in range(count):
        longer, _ = detour(s, r, tops[k, 0], tops[k, 1])
        if _WAVE * longer <= _LEAST_NUMBER:
            continue
        takes = max(screened(_WAVE * longer * 2.0**_CHOSEN) - tops[k, 2], 0.0)
        if takes > most or (takes == most and longer > least):
            best, most, least = k, takes, longer
    return best


@njit
def put_screen(longer: float, high: float, less: float, found: Array) -> None:
    """Put what a screen takes of each band [dB] in `found`, R 2.18, 2.21 and 2.23.

    Parameters
    ----------
    longer : float
        The detour over it [m].
    high : float
        Of its top above the ground beside it [m].
    less : float
        The term of its profile Cp [dB].
    """
    for band in range(found.size):
        whole = min(0.25 * max(high, _LEAST_TOP) * 2.0**band, _MOST)
        found[band] = max(whole * screened(_WAVE * longer * 2.0**band) - less, 0.0)


@njit
def left_of_ground(reach: float, to_s: float, to_r: float, h_b: float, h_w: float) -> tuple[float, float]:
    """Return what a screen that reaches so far above the bent ray leaves of the ground: Sb and Sw, R 2.20."""
    far = to_s + to_r
    at_b = 1.0 - to_r / far * 3.0 * reach / (3.0 * reach + h_b + 1.0)
    at_w = 1.0 - to_s / far * 3.0 * reach / (3.0 * reach + h_w + 1.0)
    return at_b, at_w
