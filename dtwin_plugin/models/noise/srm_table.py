"""The figures of the Dutch standard methods for road traffic, and the correction for road surfaces.

References
----------
R: Reken- en meetvoorschrift geluid 2012 (RMG2012), annex III, as it held until 2024. Its formulas stand in the stored
text of the law as pictures: those here are written down from knowledge of them, tables and conditions from the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.translate import mark

from .bands import BANDS
from .road_table import REFERENCE, table_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Objects = NDArray[np.object_]

CNOSSOS, SRM2, SRM1 = "cnossos", "srm2", "srm1"
METHODS = {
    CNOSSOS: mark("European (CNOSSOS-EU)"),
    SRM2: mark("Dutch 2, by octave band (SRM2), not checked against annex IVe"),
    SRM1: mark("Dutch 1, a straight road (SRM1), not checked against annex IVe"),
}
HEIGHT = 0.75  # m above the road: the source line, R 1.1 and 2.1

# By vehicle (light, medium, heavy, mopeds, motorcycles) and octave band, R tables 2.1, 2.2 and 2.2a [dB(A)]
ALPHA = np.array([
    [72.1, 81.7, 86.8, 94.5, 103.0, 99.2, 92.3, 80.9],
    [79.9, 91.1, 97.1, 100.5, 103.3, 100.4, 93.9, 85.6],
    [84.1, 91.4, 97.7, 104.8, 106.5, 102.4, 95.6, 87.0],
    [60.0, 75.0, 86.0, 93.0, 97.0, 96.0, 94.0, 91.0],
    [82.0, 90.0, 97.0, 99.0, 96.0, 96.0, 93.0, 87.0],
])  # fmt: skip
BETA = np.array([
    [10.0, 25.5, 27.7, 24.3, 30.9, 29.7, 29.3, 26.9],
    [-0.2, 16.6, 2.5, 26.6, 22.3, 16.6, 16.2, -1.9],
    [9.8, 11.4, 2.6, 23.2, 20.8, 15.0, 12.4, -3.1],
    [0.0] * 8,
    [29.0] * 8,
])  # fmt: skip
SPEED_OF_REFERENCE = np.array([80.0, 70.0, 70.0, 1.0, 80.0])  # km/h, R 2.4
SLOWEST = np.array([30.0, 30.0, 30.0, 0.0, 0.0])  # km/h for which the figures hold, R 7.2.1 and 7.3.4
FASTEST = np.array([160.0, 110.0, 110.0, np.inf, np.inf])

# Of light, medium and heavy vehicles [dB(A)], R 1.4 to 1.6. Light ones follow from tables 2.1 and 2.2 on an endless
# straight road, as the printed figures of 2012 could not be read; the other two are from knowledge of the formulas.
ALPHA_1 = np.array([71.2, 73.2, 76.0])
BETA_1 = np.array([29.8, 19.0, 17.9])

AIR = np.array([0.0, 0.0, 0.001, 0.002, 0.004, 0.010, 0.023, 0.058])  # dB/m, R table 2.5
# The spectrum that road traffic is given for corrections in dB(A), R table 4.2: light, then medium and heavy vehicles
SPECTRUM = np.array([
    [-24.0, -23.0, -21.0, -13.0, -2.5, -5.0, -13.0, -27.0],
    *[[-17.0, -17.0, -15.0, -8.0, -3.0, -6.5, -14.0, -27.0]] * 2,
])  # fmt: skip

_QUICK = 70.0  # km/h of light vehicles, R articles 3.4 and 3.5
# Surfaces for which quiet tyres matter less, R article 3.5 paragraph 2: bricks and the types that it names
_COARSE = ("NL01", "NL02", "NL06", "NL07", "NL09", "NL10", "NL11", "NL12")


class Correction(NamedTuple):
    """What a road surface does to the sound of traffic [dB], by vehicle and band, shape (5, 8): `at` and `each`.

    The correction is at + each lg(speed / 70 km/h).
    """

    at: Floats
    each: Floats


def corrections_of(code: str) -> Correction:
    """Return the correction for a surface of the shared table, nothing for dense asphalt.

    The Dutch figures (R 2.4.2 and 4) are published apart from the law and are not shipped. These are of table F-4 of
    Directive (EU) 2015/996, with its reference speed, taken on the whole sound of a vehicle.

    >>> float(corrections_of("DEF").at.max()), float(corrections_of("NL01").at[0, 4])
    (0.0, -1.3)
    """
    surface = table_of("2015").surfaces[code]
    at, each = surface.alpha.copy(), np.repeat(surface.beta[:, None], len(BANDS), axis=1)
    at[3:], each[3:] = 0.0, 0.0  # two wheels have no rolling noise
    return Correction(at, each)


def other_surfaces(codes: Objects) -> list[str]:
    """Return which surfaces are not dense asphalt, in order."""
    return sorted({str(code) for code in codes} - {REFERENCE})


def deductions(speeds: Floats, codes: Objects) -> Floats:
    """Return what the law takes off the level of each road [dB], R articles 3.4 paragraph 2 and 3.5.

    Parameters
    ----------
    speeds : ndarray
        Of light vehicles, by road [km/h].
    codes : ndarray
        Of surfaces, by road.

    Examples
    --------
    5 dB for a slow road; for a quick one 2 dB, and 2 more for quiet tyres, or 1 on coarse surfaces:

    >>> deductions(np.array([50.0, 80.0, 80.0]), np.array(["DEF", "DEF", "NL01"], object)).tolist()
    [5.0, 4.0, 3.0]
    """
    tyres = np.where(np.isin(codes.astype(str), _COARSE), 1.0, 2.0)
    return np.where(speeds >= _QUICK, 2.0 + tyres, 5.0)
