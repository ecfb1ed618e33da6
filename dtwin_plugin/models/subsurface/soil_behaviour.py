"""What soil a cone penetration test met: the soil behaviour type of Robertson, a zone for each row.

The type tells how a soil behaves under the cone, and not what it is made of: a zone is no description of a sample. Peat
at small depth often comes out as clay (zone 3) when it is normalised, because its effective stress is small.

References
----------
R90 : Robertson (1990), Soil classification using the cone penetration test. Canadian Geotechnical Journal 27, 151-158.
R09 : Robertson (2009), Interpretation of cone penetration tests - a unified approach. Ibid. 46, 1337-1355.
R10 : Robertson (2010), Soil behaviour type from the CPT: an update. 2nd Int. Symp. on Cone Penetration Testing, 2-56.
RC10 : Robertson and Cabal (2010), Estimating soil unit weight from CPT. Ibid., 2-40.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.soils import UNKNOWN
from dtwin_plugin.translate import mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ATMOSPHERE = 100.0  # kPa, pa in R09
WATER = 9.81  # kN m-3
GROUNDWATER = 1.0  # m below the surface where nothing is known: most of the lower Netherlands is drained to about that
AREA_RATIO = 0.8  # of the cones in use (NEN-EN-ISO 22476-1: 0.7 to 0.9) where it is not told
_LEAST = 1.0  # kPa; without it the normalised resistance has no end at the surface
_USUAL = 17.0  # kN m-3, of rows in which no weight can be estimated, where none of the others can
_ROUNDS, _CLOSE = 50, 1e-4  # R09 goes on until n changes less than 0.01

NO_ZONE = 0
# zone -> name (R90, table 1; R09, table 1), colour, and the lithoclass that behaves alike
ZONES = MappingProxyType(
    {
        NO_ZONE: (mark("Not known"), "#FFFFFF", UNKNOWN),
        1: (mark("Sensitive, fine grained"), "#C8391E", 2),
        2: (mark("Organic soils and peat"), "#9D4E40", 1),
        3: (mark("Clay to silty clay"), "#3F5FA8", 2),
        4: (mark("Clayey silt to silty clay"), "#2E8B80", 3),
        5: (mark("Silty sand to sandy silt"), "#9CCB86", 3),
        6: (mark("Clean sand to silty sand"), "#E9C75B", 4),
        7: (mark("Dense sand to gravelly sand"), "#E58E35", 4),
        8: (mark("Very stiff sand to clayey sand"), "#9A9A9A", 3),
        9: (mark("Very stiff, fine grained"), "#D6D6D6", 2),
    }
)
# R09, table 1: Ic above which a soil is of zones 2 to 6; below the last it is of zone 7
_LIMITS = np.array([3.60, 2.95, 2.60, 2.05, 1.31])


@dataclass(frozen=True)
class Behaviour:
    """The soil behaviour of each row of a test; NaN, and zone 0, where it cannot be told.

    Attributes
    ----------
    index : ndarray
        Ic, or ISBT of R10 where it is not normalised.
    zone : ndarray
        int64, a key of `ZONES`.
    resistance, friction : ndarray
        Qtn [-] and Fr [%]; of R10 qc/pa and Rf.
    exponent : ndarray
        n of R09; NaN where it is not normalised.
    effective : ndarray
        Effective vertical stress [kPa]; NaN where it is not normalised.
    """

    index: Floats
    zone: NDArray[np.int64]
    resistance: Floats
    friction: Floats
    exponent: Floats
    effective: Floats


def index_of(resistance: Floats, friction: Floats) -> Floats:
    """Return the soil behaviour index Ic of a normalised resistance Q [-] and friction ratio F [%].

    Ic = sqrt((3.47 - log10 Q)^2 + (log10 F + 1.22)^2), as in R09. NaN where either is not above 0.

    >>> index_of(np.array([100.0, 10.0, -1.0]), np.array([1.0, 4.0, 1.0])).round(3).tolist()
    [1.91, 3.069, nan]
    """
    sound = (resistance > 0) & (friction > 0)
    q, f = np.where(sound, resistance, np.nan), np.where(sound, friction, np.nan)
    return np.hypot(3.47 - np.log10(q), np.log10(f) + 1.22)


def zone_of(index: Floats, resistance: Floats | None = None, friction: Floats | None = None) -> NDArray[np.int64]:
    """Return the zone of an index (R09, table 1), and with Q and F also the zones 1, 8 and 9 beside it.

    Zone 1: Q < 12 exp(-1.4 F). Zones 8 (1.5 < F < 4.5 %) and 9 (F above): Q > 1 / (0.005 (F - 1) - 0.0003 (F - 1)^2 -
    0.002); both as in R09.

    >>> zone_of(np.array([1.0, 1.9, 2.3, 2.8, 3.0, 4.0, np.nan])).tolist()
    [7, 6, 5, 4, 3, 2, 0]
    >>> zone_of(np.full(3, 2.5), np.array([2.0, 500.0, 200.0]), np.array([0.5, 3.0, 6.0])).tolist()
    [1, 8, 9]
    """
    known = np.isfinite(index)
    # A limit belongs to the finer zone, as in R09: 2.60 is a silt mixture.
    zone = 7 - np.searchsorted(_LIMITS[::-1], np.where(known, index, 0.0), side="right")
    if resistance is not None and friction is not None:
        q, f = np.where(known, resistance, 1.0), np.where(known, friction, 1.0)
        over = np.minimum(f, 10.0) - 1  # the chart ends at 10 %
        with np.errstate(divide="ignore"):
            stiff = (f > 1.5) & (q > 1 / (0.005 * over - 0.0003 * over**2 - 0.002))
        zone = np.where(stiff, np.where(f < 4.5, 8, 9), zone)
        zone = np.where(q < 12 * np.exp(-1.4 * f), 1, zone)
    return np.where(known, zone, NO_ZONE).astype(np.int64)


def unit_weight(resistance: Floats, ratio: Floats) -> Floats:
    """Return the unit weight [kN/m3] by RC10: gamma / gamma_w = 0.27 log10 Rf + 0.36 log10(qt / pa) + 1.236.

    Parameters
    ----------
    resistance : ndarray
        qt [MPa].
    ratio : ndarray
        Rf [%].

    Examples
    --------
    >>> unit_weight(np.array([10.0, 0.0]), np.array([1.0, 1.0])).round(2).tolist()  # 9.81 x (0.36 x 2 + 1.236)
    [19.19, nan]
    """
    sound = (resistance > 0) & (ratio > 0)
    q, f = np.where(sound, resistance, np.nan), np.where(sound, ratio, np.nan)
    return WATER * (0.27 * np.log10(f) + 0.36 * np.log10(q * 1000 / ATMOSPHERE) + 1.236)


def stresses(depth: Floats, weight: Floats, groundwater: float) -> tuple[Floats, Floats]:
    """Return the total and the effective vertical stress [kPa] at each depth.

    Parameters
    ----------
    depth : ndarray
        Below the surface [m], not decreasing.
    weight : ndarray
        Of the soil between the row before, or the surface, and the row [kN/m3].
    groundwater : float
        Depth of the water [m]; its pressure is hydrostatic.

    Examples
    --------
    >>> total, effective = stresses(np.array([1.0, 3.0]), np.array([17.0, 20.0]), 1.0)
    >>> total.tolist(), effective.round(2).tolist()  # 17, 17 + 2 x 20; minus 2 x 9.81
    ([17.0, 57.0], [17.0, 37.38])
    """
    total = np.cumsum(weight * np.diff(depth, prepend=0.0))
    return total, total - WATER * np.maximum(depth - groundwater, 0.0)


def simple(cone: Floats, friction: Floats) -> Behaviour:
    """Return the behaviour without stresses (R10): ISBT of qc / pa and the friction ratio.

    Parameters
    ----------
    cone, friction : ndarray
        qc and fs [MPa].

    Examples
    --------
    >>> found = simple(np.array([10.0, 0.4, np.nan]), np.array([0.05, 0.02, 0.1]))
    >>> found.index.round(2).tolist(), found.zone.tolist()  # 1.73: (3.47 - 2)^2 + (-0.30 + 1.22)^2
    ([1.73, 3.45, nan], [6, 3, 0])
    """
    resistance = cone * 1000 / ATMOSPHERE
    ratio = np.full(len(cone), np.nan)
    np.divide(100 * friction, cone, out=ratio, where=cone > 0)
    index = index_of(resistance, ratio)
    unknown = np.full(len(cone), np.nan)
    return Behaviour(index, zone_of(index), resistance, ratio, unknown, unknown)


def normalised(
    depth: Floats,
    cone: Floats,
    friction: Floats,
    pore_pressure: Floats | None = None,
    *,
    groundwater: float = math.nan,
    area_ratio: float = math.nan,
    weight: float | None = None,
) -> Behaviour:
    """Return the behaviour normalised by the effective stress (R09), with the exponent n found by iteration.

    Qtn = ((qt - sv0) / pa) (pa / s'v0)^n with n = 0.381 Ic + 0.05 (s'v0 / pa) - 0.15, at most 1;
    Fr = 100 fs / (qt - sv0); and qt = qc + u2 (1 - a) where u2 was measured.

    Parameters
    ----------
    depth : ndarray
        Below the surface [m], not decreasing.
    cone, friction, pore_pressure : ndarray
        qc, fs and u2 [MPa]; NaN where not measured. Without u2 qt is qc, which differs in soft clay only.
    groundwater : float
        Depth of the water [m]; 1 m where it is NaN.
    area_ratio : float
        a [-]; 0.8 where it is NaN.
    weight : float, optional
        Of the soil [kN/m3]; by RC10 where absent, and where that fails the mean of the other rows.

    Returns
    -------
    Behaviour
        NaN where depth, cone or friction is NaN, the friction is not above 0, or the cone resists less than the weight
        of what lies above.

    Examples
    --------
    >>> found = normalised(np.array([10.0]), np.array([10.0]), np.array([0.1]), groundwater=0.0, weight=19.81)
    >>> found.effective.round(6).tolist(), found.friction.round(3).tolist()  # 10 x (19.81 - 9.81); 10 / (10 - 0.1981)
    ([100.0], [1.02])
    >>> found.resistance.round(2).tolist(), found.zone.tolist()  # at 100 kPa the exponent does not count
    ([98.02], [6])
    """
    water = GROUNDWATER if math.isnan(groundwater) else groundwater
    ratio = AREA_RATIO if math.isnan(area_ratio) else area_ratio
    total_cone = cone if pore_pressure is None else cone + np.nan_to_num(pore_pressure) * (1 - ratio)
    total, effective = _stresses(depth, total_cone, friction, water, weight)
    effective = np.maximum(effective, _LEAST)
    net = total_cone * 1000 - total
    net = np.where(net > 0, net, np.nan)
    fr = 100 * friction * 1000 / net
    exponent = np.ones(len(depth))
    for _ in range(_ROUNDS):
        q = net / ATMOSPHERE * (ATMOSPHERE / effective) ** exponent
        index = index_of(q, fr)
        before, exponent = exponent, np.minimum(0.381 * index + 0.05 * effective / ATMOSPHERE - 0.15, 1.0)
        if not np.any(np.abs(exponent - before) > _CLOSE):
            break
    q = net / ATMOSPHERE * (ATMOSPHERE / effective) ** exponent
    index = index_of(q, fr)
    return Behaviour(index, zone_of(index, q, fr), q, fr, exponent, np.where(np.isfinite(depth), effective, np.nan))


def _stresses(
    depth: Floats, cone: Floats, friction: Floats, water: float, weight: float | None
) -> tuple[Floats, Floats]:
    """Return the stresses of rows of which some lack; NaN where there is no depth."""
    known = np.isfinite(depth)
    gamma = np.full(len(depth), np.nan if weight is None else weight)
    if weight is None:
        ratio = np.full(len(cone), np.nan)
        np.divide(100 * friction, cone, out=ratio, where=cone > 0)
        gamma = np.clip(unit_weight(cone, ratio), WATER, 26.0)  # no soil floats, and none is heavier than its grains
        found = gamma[np.isfinite(gamma)]
        gamma = np.where(np.isfinite(gamma), gamma, float(found.mean()) if len(found) else _USUAL)
    total, effective = np.full(len(depth), np.nan), np.full(len(depth), np.nan)
    total[known], effective[known] = stresses(np.maximum(depth[known], 0.0), gamma[known], water)
    return total, effective
