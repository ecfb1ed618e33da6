"""Radiation on planes in a mean year, from what falls on the horizontal in each month.

Of each month its mean day is taken (Klein 1977), its sun split into beam and diffuse (Erbs et al. 1982) and spread over
the hours (Collares-Pereira and Rabl 1979; Liu and Jordan 1960). Part of the diffuse light comes from around the sun,
the rest from all of the sky alike (Hay and Davies 1980).

References
----------
Duffie, Beckman (2013), Solar Engineering of Thermal Processes, 4th ed., Wiley, chapter 2: the equations named below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .periods import moments_through
from .position import sun_position

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .site import Site

    Floats = NDArray[np.float64]

SOLAR_CONSTANT = 1.367  # kW/m2, as the equations have been fitted with
ALBEDO = 0.2  # of the ground, without snow
# the day of each month on which the sun brings what it does on the mean, Klein (1977), Duffie and Beckman table 1.6.1
MEAN_DAYS = ("01-17", "02-16", "03-16", "04-15", "05-15", "06-11", "07-17", "08-16", "09-15", "10-15", "11-14", "12-10")
LENGTHS = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_YEAR = 2021  # a year like another


@dataclass(frozen=True)
class MeanYear:
    """The light of a mean year, as it comes from the sun and from the sky.

    Attributes
    ----------
    directions : ndarray
        Unit vectors towards the sun at each step of the mean days, east, north and up on the map, shape (steps, 3).
    months : ndarray
        int64, 0 to 11, of each step.
    normal : ndarray
        Of each step in all days of its month, from the sun and around it, across its rays [kWh/m2].
    sky : ndarray
        From all of the sky alike, on the horizontal, in each month [kWh/m2].
    horizontal, diffuse : ndarray
        All light on the horizontal, and all diffuse light, in each month [kWh/m2].
    """

    directions: Floats
    months: NDArray[np.int64]
    normal: Floats
    sky: Floats
    horizontal: Floats
    diffuse: Floats


def diffuse_share(clearness: ArrayLike, sunset: ArrayLike) -> Floats:
    """Return which share of a month's light is diffuse, Erbs et al. (1982), eq. 2.12.1.

    Parameters
    ----------
    clearness : array_like
        What reaches the ground of what reaches the air. Fitted to 0.3 to 0.8; a Dutch December has 0.27.
    sunset : array_like
        Hour angle [degrees] on the mean day.

    >>> diffuse_share([0.45, 0.45], [70.0, 110.0]).round(3).tolist()
    [0.443, 0.479]
    """
    k = np.asarray(clearness, float)
    winter = 1.391 - 3.560 * k + 4.189 * k**2 - 2.137 * k**3
    summer = 1.311 - 3.022 * k + 3.427 * k**2 - 1.821 * k**3
    return np.clip(np.where(np.asarray(sunset) <= 81.4, winter, summer), 0.0, 1.0)


def hour_weight(hour: ArrayLike, sunset: float) -> Floats:
    """Return how much clearer the air is at an hour angle than on the mean [degrees], the first factor of eq. 2.13.2.

    Times the sine of the sun's height it is the share of a day's light at that hour, but for a factor.

    >>> hour_weight([0.0, 60.0], 90.0).round(3).tolist()
    [1.082, 0.871]
    """
    beyond = np.radians(sunset - 60)
    return (0.409 + 0.5016 * np.sin(beyond)) + (0.6609 - 0.4767 * np.sin(beyond)) * np.cos(np.radians(hour))


def split_light(beam: Floats, diffuse: Floats, outside: Floats, rise: Floats) -> tuple[Floats, Floats]:
    """Return what comes from the sun and around it, across its rays, and what comes from all of the sky.

    Hay and Davies (1980), eq. 2.16.2 to 2.16.4: of the diffuse light the share that the beam is of the light outside
    the air comes from where the sun stands.

    Parameters
    ----------
    beam, diffuse, outside : ndarray
        On the horizontal, of one unit of energy; the last outside the air.
    rise : ndarray
        Sine of the sun's height.
    """
    index = np.divide(beam, outside, out=np.zeros_like(beam), where=outside > 0)
    normal = np.divide(beam + index * diffuse, rise, out=np.zeros_like(beam), where=rise > 0)
    return normal, (1 - index) * diffuse


def mean_year(horizontal: ArrayLike, site: Site, step: float = 20.0) -> MeanYear:
    """Return the light of a mean year.

    Parameters
    ----------
    horizontal : array_like
        On the horizontal in each month, from January [kWh/m2].
    site : Site
        Where it is; the directions are those of its map.
    step : float
        Between positions of the sun [min].
    """
    given = np.asarray(horizontal, float)
    found: list[tuple[Floats, NDArray[np.int64], Floats, float, float]] = []
    for month, day in enumerate(MEAN_DAYS):
        date = np.datetime64(f"{_YEAR}-{day}", "D")
        moments, _ = moments_through(np.array([date]), step)
        sun = sun_position(moments, site.latitude, site.longitude)
        towards = sun.direction[sun.elevation > 0]
        beam, diffuse, outside = _day(towards, date, given[month] / LENGTHS[month], site.latitude, step)
        normal, sky = split_light(beam, diffuse, outside, towards[:, 2])
        days = LENGTHS[month]
        found.append((towards, np.full(len(towards), month), normal * days, sky.sum() * days, diffuse.sum() * days))
    directions, months, normals, skies, diffuses = zip(*found)
    return MeanYear(
        _turned(np.concatenate(directions), site.convergence),
        np.concatenate(months),
        np.concatenate(normals),
        np.array(skies),
        given,
        np.array(diffuses),
    )


def _day(
    towards: Floats, date: np.datetime64, total: float, latitude: float, step: float
) -> tuple[Floats, Floats, Floats]:
    """Return beam, diffuse and light outside the air on the horizontal, at each step of a mean day [kWh/m2]."""
    phi, rise = np.radians(latitude), towards[:, 2]
    # the declination, and from it the hour angle, of the middle of the day
    declination = np.arcsin(np.clip(np.sin(phi) * rise + np.cos(phi) * towards[:, 1], -1, 1))
    sunset = float(np.degrees(np.arccos(np.clip(-np.tan(phi) * np.tan(declination.mean()), -1, 1))))
    cosine = (rise - np.sin(phi) * np.sin(declination)) / (np.cos(phi) * np.cos(declination))
    hour = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    number = (date - date.astype("datetime64[Y]")).astype(int) + 1
    distance = 1 + 0.033 * np.cos(np.radians(360 * number / 365))  # eq. 1.4.1a
    outside = SOLAR_CONSTANT * distance * rise * step / 60
    diffuse_total = total * float(diffuse_share(total / outside.sum(), sunset))
    weight = np.maximum(hour_weight(hour, sunset), 0) * rise
    together = total * weight / weight.sum()  # eq. 2.13.1, by what the steps sum to
    diffuse = np.minimum(diffuse_total * rise / rise.sum(), together)  # eq. 2.13.4
    return together - diffuse, diffuse, outside


def _turned(directions: Floats, convergence: float) -> Floats:
    """Return directions on the map, whose north lies east of true north."""
    turn = np.radians(convergence)
    east, north, up = directions.T
    return np.column_stack([east * np.cos(turn) - north * np.sin(turn), east * np.sin(turn) + north * np.cos(turn), up])


def on_planes(year: MeanYear, normals: ArrayLike, albedo: float = ALBEDO) -> Floats:
    """Return the radiation on planes under a free sky in each month [kWh/m2], shape (planes, 12).

    Parameters
    ----------
    normals : array_like
        Unit vectors away from the planes: east, north and up, shape (planes, 3).

    Examples
    --------
    The horizontal gets what was given:

    >>> from .climate import DE_BILT
    >>> from .site import site_of
    >>> year = mean_year(DE_BILT, site_of(140_000, 456_000))
    >>> float(on_planes(year, [[0, 0, 1]]).sum().round(3))
    1041.5
    """
    planes = np.atleast_2d(np.asarray(normals, float))
    across = np.maximum(planes @ year.directions.T, 0) * year.normal
    by_month = np.zeros((len(planes), 12))
    np.add.at(by_month.T, year.months, across.T)
    seen = (1 + planes[:, 2:]) / 2  # eq. 2.15.1
    return np.asarray(by_month + seen * year.sky + (1 - seen) * albedo * year.horizontal)


def plane(tilt: ArrayLike, azimuth: ArrayLike) -> Floats:
    """Return the unit vectors away from planes that face an azimuth [degrees clockwise from north].

    >>> plane(90, 180).round(3).tolist()
    [0.0, -1.0, 0.0]
    """
    slope, turn = np.radians(np.asarray(tilt, float)), np.radians(np.asarray(azimuth, float))
    slope, turn = np.broadcast_arrays(slope, turn)
    return np.stack([np.sin(slope) * np.sin(turn), np.sin(slope) * np.cos(turn), np.cos(slope)], axis=-1)


def best(year: MeanYear, albedo: float = ALBEDO) -> float:
    """Return the radiation in a year on the plane to the south that gets most, under a free sky [kWh/m2]."""
    return float(on_planes(year, plane(np.arange(0, 91), 180.0), albedo).sum(axis=1).max())
