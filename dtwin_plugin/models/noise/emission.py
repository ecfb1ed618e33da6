"""The sound power of road traffic.

References
----------
C: Directive (EU) 2015/996 (2015), annex, section 2.2, as amended by Delegated Directive (EU) 2021/1226 (2021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .road_table import VEHICLES, RoadTable, Surface, table_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SLOWEST, REFERENCE_SPEED, REFERENCE_TEMPERATURE = 20.0, 70.0, 20.0  # km/h, km/h, degrees C
_TEMPERATURE = np.array([0.08, 0.04, 0.04, 0.0, 0.0])  # K, dB/degree, C 2.2.10
NO_JUNCTION, CROSSING, ROUNDABOUT = 0, 1, 2
# C table F-2: rolling and propulsion [dB] by kind of junction and vehicle
_AT_ROLLING = np.array([[0.0] * 5, [-4.5, -4.0, -4.0, 0.0, 0.0], [-4.4, -2.3, -2.3, 0.0, 0.0]])
_AT_PROPULSION = np.array([[0.0] * 5, [5.5, 9.0, 9.0, 0.0, 0.0], [3.1, 6.7, 6.7, 0.0, 0.0]])
JUNCTION_REACH = 100.0  # m, C 2.2.17
_LOW, _HIGH = 50.0, 90.0  # km/h between which studded tyres were measured, C 2.2.6


def road_power(
    flows: ArrayLike,
    speeds: ArrayLike,
    surface: Surface | None = None,
    *,
    slope: ArrayLike = 0.0,
    temperature: float = REFERENCE_TEMPERATURE,
    junction: int = NO_JUNCTION,
    junction_distance: ArrayLike = np.inf,
    studded: float = 0.0,
    months: float = 0.0,
    table: RoadTable | None = None,
) -> Floats:
    """Return the sound power of a metre of road by octave band [dB], C 2.2.1 and 2.2.2.

    Parameters
    ----------
    flows : array_like
        Vehicles an hour by vehicle (light, medium, heavy, mopeds, motorcycles), shape (…, 5); NaN is not known and
        makes the power NaN.
    speeds : array_like
        km/h, as the flows; slower than 20 counts as 20.
    surface : Surface, optional
        Default that of reference.
    slope : array_like
        Percent, up in the direction of travel above 0.
    temperature : float
        Mean of the year, of the air [degrees C].
    junction : int
        `NO_JUNCTION`, `CROSSING` (with lights) or `ROUNDABOUT`, at `junction_distance` [m].
    studded, months : float
        Share of light vehicles that have studded tyres, in so many months of the year.

    Returns
    -------
    ndarray
        Shape (…, 8); -inf where nothing drives.

    Examples
    --------
    Twice the traffic is 3 dB more:

    >>> one, two = (road_power([flow, 0, 0, 0, 0], [50.0] * 5) for flow in (100, 200))
    >>> float((two - one)[4].round(2))
    3.01
    """
    table = table or table_of()
    flows, speeds = np.asarray(flows, float), np.maximum(np.asarray(speeds, float), SLOWEST)
    surface = surface or table.surfaces["DEF"]
    slope = np.asarray(slope, float)
    near = np.maximum(1.0 - np.abs(np.asarray(junction_distance, float)) / JUNCTION_REACH, 0.0)[..., None, None]
    ratio = np.log10(speeds / REFERENCE_SPEED)[..., None]
    on_road = surface.alpha + surface.beta[:, None] * ratio  # C 2.2.19
    rolling = table.rolling_a + table.rolling_b * ratio + on_road  # C 2.2.4
    rolling = rolling + _studs(table, speeds, studded * months / 12.0)
    rolling = rolling + (_TEMPERATURE * (REFERENCE_TEMPERATURE - temperature))[:, None]
    rolling = rolling + _AT_ROLLING[junction][:, None] * near
    propulsion = table.propulsion_a + table.propulsion_b * ((speeds - REFERENCE_SPEED) / REFERENCE_SPEED)[..., None]
    propulsion = propulsion + np.minimum(surface.alpha, 0.0) + _AT_PROPULSION[junction][:, None] * near  # C 2.2.20
    propulsion = propulsion + _gradient(slope, speeds)[..., None]
    power = 10.0 ** (propulsion / 10.0)
    power[..., :3, :] += 10.0 ** (rolling[..., :3, :] / 10.0)  # two wheels have no rolling noise, C 2.2.3
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(np.sum(power * (flows / (1000.0 * speeds))[..., None], axis=-2))


def _studs(table: RoadTable, speeds: Floats, share: float) -> Floats:
    """Return what studded tyres add [dB], C 2.2.6 to 2.2.8; only light vehicles have a table."""
    bounded = np.clip(speeds, _LOW, _HIGH)
    more = table.studded_a + table.studded_b * np.log10(bounded / REFERENCE_SPEED)[..., None]
    return 10.0 * np.log10(1.0 - share + share * 10.0 ** (more / 10.0))


def _gradient(slope: Floats, speeds: Floats) -> Floats:
    """Return what a slope adds to propulsion [dB] by vehicle, C 2.2.13 to 2.2.15."""
    up, down = np.clip(slope, 0.0, 12.0), np.clip(-slope, 0.0, 12.0)
    found = np.zeros(np.broadcast_shapes(slope.shape + (len(VEHICLES),), speeds.shape))
    light, medium, heavy = (speeds[..., k] for k in range(3))
    found[..., 0] = np.maximum(down - 6.0, 0.0) + np.maximum(up - 2.0, 0.0) / 1.5 * light / 100.0
    found[..., 1] = np.maximum(down - 4.0, 0.0) / 0.7 * (medium - 20.0) / 100.0 + up * medium / 100.0
    found[..., 2] = np.maximum(down - 4.0, 0.0) / 0.5 * (heavy - 10.0) / 100.0 + up / 0.8 * heavy / 100.0
    return found
