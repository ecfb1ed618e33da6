"""What air takes of sound.

References
----------
ISO 9613-1 (1993), Acoustics - Attenuation of sound during propagation outdoors - Part 1: absorption by the atmosphere,
eqs. 3 to 5 and annex B.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .bands import EXACT

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REFERENCE, _TRIPLE = 293.15, 273.16  # K
_PRESSURE = 101.325  # kPa


def absorption(temperature: float = 10.0, humidity: float = 70.0, pressure: float = _PRESSURE) -> NDArray[np.float64]:
    """Return what air takes of each octave band [dB/m].

    Parameters
    ----------
    temperature : float
        degrees C.
    humidity : float
        Relative [%].
    pressure : float
        kPa.

    Examples
    --------
    ISO 9613-1 table 1 has 3.66 dB/km for 1 kHz at 10 degrees and 70 %:

    >>> round(1000 * float(absorption()[4]), 2)
    3.66
    """
    kelvin = temperature + 273.15
    ratio, relative = kelvin / _REFERENCE, pressure / _PRESSURE
    saturation = 10.0 ** (-6.8346 * (_TRIPLE / kelvin) ** 1.261 + 4.6151)  # annex B, over the pressure of reference
    water = humidity * saturation / relative  # molar concentration [%]
    oxygen = relative * (24.0 + 4.04e4 * water * (0.02 + water) / (0.391 + water))  # eq. 3 [Hz]
    nitrogen = relative * ratio**-0.5 * (9.0 + 280.0 * water * math.exp(-4.17 * (ratio ** (-1 / 3) - 1.0)))  # eq. 4
    square = EXACT**2
    of_oxygen = 0.01275 * math.exp(-2239.1 / kelvin) / (oxygen + square / oxygen)
    of_nitrogen = 0.1068 * math.exp(-3352.0 / kelvin) / (nitrogen + square / nitrogen)
    classical = 1.84e-11 / relative * ratio**0.5
    return 8.686 * square * (classical + ratio**-2.5 * (of_oxygen + of_nitrogen))  # eq. 5
