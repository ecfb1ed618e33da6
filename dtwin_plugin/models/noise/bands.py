"""Octave bands, the A-weighting, and sums of levels.

References
----------
IEC 61672-1 (2013), Electroacoustics - Sound level meters, table 3: A-weighting, rounded to 0.1 dB at octave bands.
Directive 2002/49/EC (2002), annex I: Lden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BANDS = (63, 125, 250, 500, 1000, 2000, 4000, 8000)  # Hz, nominal
EXACT = 1000.0 * 10.0 ** (0.3 * np.arange(-4, 4))  # Hz, the true middles of the bands
A_WEIGHTING = np.array([-26.2, -16.1, -8.6, -3.2, 0.0, 1.2, 1.0, -1.1])  # dB
PERIODS = ("day", "evening", "night")
HOURS = np.array([12.0, 4.0, 8.0])  # of each period
PENALTIES = np.array([0.0, 5.0, 10.0])  # dB


def total(levels: ArrayLike, axis: int = -1) -> NDArray[np.float64]:
    """Return the level of all together [dB]; -inf is silence.

    >>> float(total([60.0, 60.0]).round(2)), float(total([60.0, -np.inf]))
    (63.01, 60.0)
    """
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(np.sum(10.0 ** (np.asarray(levels, float) / 10.0), axis=axis))


def weighted(levels: ArrayLike) -> NDArray[np.float64]:
    """Return the level in dB(A) of levels by octave band, in the last axis [dB].

    >>> float(weighted([0, 0, 0, 0, 94.0, 0, 0, 0]).round(1))
    94.0
    """
    return total(np.asarray(levels, float) + A_WEIGHTING)


def day_evening_night(levels: ArrayLike) -> NDArray[np.float64]:
    """Return Lden of levels of day, evening and night, in the last axis [dB].

    >>> float(day_evening_night([60.0, 55.0, 50.0]).round(2))  # 5 dB less in each: all weigh the same
    60.0
    """
    return total(np.asarray(levels, float) + PENALTIES + 10.0 * np.log10(HOURS / 24.0))
