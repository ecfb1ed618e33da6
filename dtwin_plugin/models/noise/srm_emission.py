"""The sound of road traffic by the Dutch standard methods 1 and 2.

References: R as in `srm_table`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .bands import A_WEIGHTING, BANDS, total
from .srm_table import (
    ALPHA,
    ALPHA_1,
    BETA,
    BETA_1,
    SPECTRUM,
    SPEED_OF_REFERENCE,
    SRM1,
    corrections_of,
    deductions,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .traffic import Traffic

    Floats = NDArray[np.float64]

_CORRECTED = 70.0  # km/h, of the table of surfaces
_BROAD = BANDS.index(1000)  # the band that A-weighting leaves as it is: it carries what has no bands


def emission_2(flows: ArrayLike, speeds: ArrayLike, surface: str = "DEF") -> Floats:
    """Return the emission LE of all vehicles by octave band [dB(A)], R 2.3, without slope and crossings.

    Parameters
    ----------
    flows, speeds : array_like
        Vehicles an hour and km/h, by vehicle (light, medium, heavy, mopeds, motorcycles), shape (…, 5).
    surface : str
        Code of the table of roads.

    Returns
    -------
    ndarray
        Shape (…, 8); -inf where nothing drives.

    Examples
    --------
    800 light vehicles at 80 km/h: alpha and 10 lg(800 / 80), R table 2.1:

    >>> emission_2([800, 0, 0, 0, 0], [80.0] * 5).round(1).tolist()
    [82.1, 91.7, 96.8, 104.5, 113.0, 109.2, 102.3, 90.9]
    """
    flows, speeds = np.asarray(flows, float), np.asarray(speeds, float)
    more = corrections_of(surface)
    road = more.at + more.each * np.log10(speeds / _CORRECTED)[..., None]
    each = ALPHA + BETA * np.log10(speeds / SPEED_OF_REFERENCE)[..., None] + road
    with np.errstate(divide="ignore"):
        return total(each + 10.0 * np.log10(flows / speeds)[..., None], axis=-2)


def emission_1(flows: ArrayLike, speeds: ArrayLike, surface: str = "DEF") -> Floats:
    """Return the emission E of light, medium and heavy vehicles together [dB(A)], R 1.3 to 1.6.

    Arguments are those of `emission_2`; two-wheelers do not count. Shape (…).

    >>> float(emission_1([800, 0, 0, 0, 0], [80.0] * 5).round(1))
    81.2
    """
    flows, speeds = np.asarray(flows, float)[..., :3], np.asarray(speeds, float)[..., :3]
    more = corrections_of(surface)
    at = total(SPECTRUM + more.at[:3]) - total(SPECTRUM)  # R 4.5.2: what it does to the standard spectrum
    road = at + more.each[:3, 0] * np.log10(speeds / _CORRECTED)
    each = ALPHA_1 + BETA_1 * np.log10(speeds / SPEED_OF_REFERENCE[:3]) + road
    with np.errstate(divide="ignore"):
        return total(each + 10.0 * np.log10(flows / speeds))


def srm_powers(traffic: Traffic, method: str, deducted: bool = False) -> Floats:
    """Return the emission of roads as `transfer` takes it: without A-weighting, by road, period and band [dB].

    Shape (roads, 3, 8); method 1 has no bands, and its whole lies in that of 1 kHz. Where `deducted` the law's
    deductions are taken off.
    """
    found = np.full((*traffic.flows.shape[:2], len(BANDS)), -np.inf)
    speeds = np.broadcast_to(traffic.speeds[:, None, :], traffic.flows.shape)
    for code in sorted(set(traffic.surfaces)):
        rows = np.flatnonzero(traffic.surfaces == code)
        if method == SRM1:
            found[rows, :, _BROAD] = emission_1(traffic.flows[rows], speeds[rows], code)
        else:
            found[rows] = emission_2(traffic.flows[rows], speeds[rows], code) - A_WEIGHTING
    return found - deductions(traffic.speeds[:, 0], traffic.surfaces)[:, None, None] if deducted else found
