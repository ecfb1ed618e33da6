"""Depth below the surface of a cone, from the length of its rods and how far they lean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 45.0  # degrees; NEN-EN-ISO 22476-1 ends a test at 15, and a meter that says more is broken


def corrected(length: NDArray[np.float64], inclination: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return the depth of a cone [m] from the length of penetration [m] and the inclination [degree].

    The depth is the sum of the lengths since the last row, each times the cosine of the inclination, as
    NEN-EN-ISO 22476-1 corrects the length of penetration. Above the first row, as in a hole dug before, the rods are
    vertical.

    Parameters
    ----------
    length : ndarray
        Positive down; NaN gives NaN.
    inclination : ndarray, optional
        Resultant; a NaN, or more than 45, takes what the rows around it have; vertical where there is none.

    Examples
    --------
    >>> corrected(np.array([1.0, 2.0, 3.0]), np.array([0.0, 60.0, 0.0])).tolist()  # 60 degrees is not believed
    [1.0, 2.0, 3.0]
    >>> corrected(np.array([1.0, 2.0]), np.array([0.0, 36.86989764584402])).round(6).tolist()  # 3-4-5
    [1.0, 1.8]
    """
    known = np.isfinite(length)
    result = np.full(len(length), np.nan)
    if not known.any():
        return result
    rods = length[known]
    cosine = np.cos(np.radians(_filled(inclination, known)))
    result[known] = rods[0] + np.concatenate([[0.0], np.cumsum(np.diff(rods) * cosine[1:])])
    return result


def completed(
    depth: NDArray[np.float64], length: NDArray[np.float64], inclination: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return depths as delivered, and where they lack from the length with the difference of the rows around it."""
    known = np.isfinite(depth)
    if not known.any():
        return corrected(length, inclination)
    lack = ~known & np.isfinite(length)
    both = known & np.isfinite(length)
    if not lack.any() or not both.any():
        return depth
    order = np.argsort(length[both], kind="stable")
    short = np.interp(length[lack], length[both][order], (length - depth)[both][order])
    result = depth.copy()
    result[lack] = length[lack] - short
    return result


def resultant(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inclination [degree] of two at right angles: tan2 = tan2 + tan2.

    >>> resultant(np.array([0.0, 45.0]), np.array([5.0, 45.0])).round(3).tolist()
    [5.0, 54.736]
    """
    sideways = np.hypot(np.tan(np.radians(first)), np.tan(np.radians(second)))
    return np.degrees(np.arctan(sideways))


def _filled(inclination: NDArray[np.float64] | None, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    if inclination is None:
        return np.zeros(int(chosen.sum()))
    angles = inclination[chosen]
    sound = np.abs(angles) <= _MOST
    if not sound.any():
        return np.zeros(len(angles))
    return np.interp(np.arange(len(angles)), np.flatnonzero(sound), angles[sound])
