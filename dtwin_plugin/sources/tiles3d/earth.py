"""Between geocentric coordinates and degrees, and the place of bounding volumes on the Earth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_A, _F = 6378137.0, 1 / 298.257223563  # WGS 84; GRS 80 differs 0.1 mm
_E2 = _F * (2 - _F)
_NEAR = 100_000.0  # m from the ellipsoid that still counts as on the Earth


def to_degrees(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitude, latitude [degrees] and ellipsoidal height [m] of geocentric coordinates (EPSG:4978).

    >>> to_degrees(np.array([[6378137.0 + 10, 0.0, 0.0]])).round(6).tolist()
    [[0.0, 0.0, 10.0]]
    """
    x, y, z = xyz.T
    flat = np.hypot(x, y)
    latitude = np.arctan2(z, flat * (1 - _E2))
    for _ in range(5):  # each step gains four decimals near the surface
        normal = _A / np.sqrt(1 - _E2 * np.sin(latitude) ** 2)
        latitude = np.arctan2(z + _E2 * normal * np.sin(latitude), flat)
    sine, cosine = np.sin(latitude), np.cos(latitude)
    height = flat * cosine + z * sine - _A * np.sqrt(1 - _E2 * sine**2)
    return np.column_stack([np.degrees(np.arctan2(y, x)), np.degrees(latitude), height])


def from_degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return geocentric coordinates of longitude, latitude [degrees] and ellipsoidal height [m]."""
    longitude, latitude = np.radians(points[:, 0]), np.radians(points[:, 1])
    normal = _A / np.sqrt(1 - _E2 * np.sin(latitude) ** 2)
    flat = (normal + points[:, 2]) * np.cos(latitude)
    z = (normal * (1 - _E2) + points[:, 2]) * np.sin(latitude)
    return np.column_stack([flat * np.cos(longitude), flat * np.sin(longitude), z])


def axes_at(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the directions east, north and up at longitudes and latitudes [degrees], as columns, shape (n, 3, 3).

    >>> axes_at(np.array([[90.0, 0.0]]))[0][:, 2].round(6).tolist()
    [0.0, 1.0, 0.0]
    """
    longitude, latitude = np.radians(points[:, 0]), np.radians(points[:, 1])
    east = np.column_stack([-np.sin(longitude), np.cos(longitude), np.zeros(len(points))])
    up = np.column_stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])
    return np.stack([east, np.cross(up, east), up], axis=2)


def on_earth(xyz: NDArray[np.float64]) -> bool:
    """Tell whether geocentric coordinates lie near the surface of the Earth."""
    if not len(xyz) or not np.isfinite(xyz).all():
        return False
    radius = np.linalg.norm(np.clip(xyz, -1e9, 1e9), axis=1)  # the square of more might not be a number
    return bool((np.abs(radius - 6_367_000.0) < _NEAR).all())


def corners(volume: dict[str, Any], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points around a bounding volume; of a region in geocentric coordinates, which no transform moves.

    Raises
    ------
    ValueError, TypeError
        If the volume has no numbers that fit its kind.
    """
    if "region" in volume:
        west, south, east, north, low, high = _numbers(volume["region"], 6)
        grid = np.array([(x, y, z) for x in np.linspace(west, east, 5) for y in np.linspace(south, north, 5)
                         for z in (low, high)])  # fmt: skip
        grid[:, :2] = np.degrees(grid[:, :2])
        return from_degrees(grid)
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    if "box" in volume:
        box = _numbers(volume["box"], 12)
        points = box[:3] + signs @ box[3:].reshape(3, 3)
    else:
        sphere = _numbers(volume["sphere"], 4)
        points = sphere[:3] + signs * sphere[3]
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def _numbers(values: Any, count: int) -> NDArray[np.float64]:
    found = np.asarray(values, np.float64).reshape(count)
    if not np.isfinite(found).all():
        raise ValueError(count)
    return found
