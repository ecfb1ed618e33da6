"""Where the sun stands, seen from a place.

The method is that of NREL's solar position algorithm (Reda and Andreas 2004), with the largest of its terms only:
twenty-one of the longitude of the earth in place of 131, and two of the nutation in place of 126. The angles are those
of the whole to 0.002 degree (`tests/models/sunlight`).

References
----------
Bretagnon, Francou (1988), Astronomy and Astrophysics 202, 309-315: VSOP87, of which the terms are.
Meeus (1998), Astronomical Algorithms, 2nd ed., Willmann-Bell.
Reda, Andreas (2004), Solar Energy 76, 577-589, doi:10.1016/j.solener.2003.12.003.
Bennett (1982), Journal of Navigation 35, 255-259, doi:10.1017/S0373463300022037.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_EPOCH = np.datetime64("2000-01-01T12:00:00", "ms")  # J2000.0
_DAY = np.timedelta64(86_400_000, "ms")
DELTA_T = 69.0  # s, of the earth's own time behind that of the planets: 69.2 in 2025, 64 in 2000
PARALLAX = 8.794 / 3600  # degrees, at the mean distance
# Heliocentric longitude of the earth: size [1e-8 rad], phase [rad] and speed [rad in a thousand years], for each power
# of time. Reda and Andreas (2004), table A4.2, the largest.
_EARTH = (
    (
        (175347046.0, 0.0, 0.0),
        (3341656.0, 4.6692568, 6283.07585),
        (34894.0, 4.6261, 12566.1517),
        (3497.0, 2.7441, 5753.3849),
        (3418.0, 2.8289, 3.5231),
        (3136.0, 3.6277, 77713.7715),
        (2676.0, 4.4181, 7860.4194),
        (2343.0, 6.1352, 3930.2097),
        (1324.0, 0.7425, 11506.7698),
        (1273.0, 2.0371, 529.691),
        (1199.0, 1.1096, 1577.3435),
        (990.0, 5.233, 5884.927),
        (902.0, 2.045, 26.298),
        (857.0, 3.508, 398.149),
        (780.0, 1.179, 5223.694),
        (753.0, 2.533, 5507.553),
        (505.0, 4.583, 18849.228),
    ),
    ((628331966747.0, 0.0, 0.0), (206059.0, 2.678235, 6283.07585), (4303.0, 2.6351, 12566.1517)),
    ((52919.0, 0.0, 0.0),),
)


class Sun(NamedTuple):
    """Where the sun stands.

    Attributes
    ----------
    elevation : ndarray
        Degrees above the horizon, without refraction.
    azimuth : ndarray
        Degrees clockwise from north, 0 to 360.
    """

    elevation: Floats
    azimuth: Floats

    @property
    def direction(self) -> Floats:
        """Unit vectors towards the sun: east, north and up, shape (..., 3)."""
        height, turn = np.radians(self.elevation), np.radians(self.azimuth)
        return np.stack([np.cos(height) * np.sin(turn), np.cos(height) * np.cos(turn), np.sin(height)], axis=-1)


def sun_position(times: ArrayLike, latitude: float, longitude: float) -> Sun:
    """Return where the sun stands.

    Parameters
    ----------
    times : array_like of datetime64
        Moments in UTC.
    latitude, longitude : float
        Of the place [degrees], north and east positive.

    Examples
    --------
    In the Dam in Amsterdam at noon on the shortest day, 90 - 52.37 - 23.44 degrees high at most:

    >>> sun = sun_position(["2025-12-21T11:38"], 52.3728, 4.8936)
    >>> sun.elevation.round(1).tolist(), sun.azimuth.round(0).tolist()
    ([14.2], [180.0])
    """
    moments = np.asarray(times, "datetime64[ms]")
    days = (moments - _EPOCH) / _DAY
    century = (days + DELTA_T / 86_400) / 36_525
    node = np.radians(125.04 - 1934.136 * century)  # of the moon's orbit, for the nutation
    longitude_sun = _longitude(century) - 0.00569 - 0.00478 * np.sin(node)
    obliquity = _obliquity(century) + 0.00256 * np.cos(node)
    lamb, eps = np.radians(longitude_sun), np.radians(obliquity)
    ascension = np.arctan2(np.cos(eps) * np.sin(lamb), np.cos(lamb))
    declination = np.arcsin(np.sin(eps) * np.sin(lamb))
    sidereal = 280.46061837 + 360.98564736629 * days - 0.00478 * np.sin(node) * np.cos(eps)
    hour = np.radians(sidereal + longitude) - ascension
    phi = np.radians(latitude)
    up = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour)
    elevation = np.degrees(np.arcsin(np.clip(up, -1, 1)))
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(hour)
    lower = PARALLAX * np.cos(np.radians(elevation))  # seen from the ground, and not from the middle of the earth
    return Sun(elevation - lower, np.degrees(np.arctan2(east, north)) % 360)


def refraction(elevation: ArrayLike, pressure: float = 1013.25, temperature: float = 12.0) -> Floats:
    """Return how much higher the sun seems through the air [degrees]; 0 where it is out of sight.

    Parameters
    ----------
    elevation : array_like
        Degrees above the horizon, without refraction.
    pressure, temperature : float
        Of the air at the ground [hPa, degrees Celsius].

    >>> refraction([0.0, 45.0, -5.0]).round(3).tolist()
    [0.481, 0.017, 0.0]
    """
    height = np.asarray(elevation, float)
    seen = height >= -(0.26667 + 0.5667)  # the upper limb, lifted by the air, Reda and Andreas eq. 42
    safe = np.where(seen, height, 0.0)
    lifted = 1.02 / (60 * np.tan(np.radians(safe + 10.3 / (safe + 5.11))))
    return np.where(seen, lifted * (pressure / 1010) * 283 / (273 + temperature), 0.0)


def _longitude(century: Floats) -> Floats:
    """Return the geometric longitude of the sun [degrees]: that of the earth, turned about."""
    thousand = century / 10
    total = np.zeros_like(thousand)
    for power, series in enumerate(_EARTH):
        for size, phase, speed in series:
            total += size * np.cos(phase + speed * thousand) * thousand**power
    return np.degrees(total * 1e-8) + 180


def _obliquity(century: Floats) -> Floats:
    """Return the tilt of the earth's axis [degrees], Meeus eq. 22.2."""
    return np.asarray(23.43929111 - 0.01300417 * century - 1.64e-7 * century**2)
