"""Lengths, slopes and areas between places in space, and corners and edges that are near a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Leg:
    """The way from one place straight to another.

    Attributes
    ----------
    length, horizontal, rise : float
        In space, on the map, and upwards [m].
    """

    length: float
    horizontal: float
    rise: float

    @property
    def slope(self) -> float:
        """Rise for each metre on the map [m/m]; infinite straight up, NaN of no way at all."""
        if self.horizontal > 0:
            return self.rise / self.horizontal
        return float(np.copysign(np.inf, self.rise)) if self.rise else float("nan")

    @property
    def degrees(self) -> float:
        """The slope as an angle [degree]."""
        return float(np.degrees(np.arctan2(self.rise, self.horizontal)))


@dataclass(frozen=True)
class Area:
    """A polygon in space.

    Attributes
    ----------
    true, horizontal : float
        In its own plane, and on the map [m2].
    uneven : float
        How far its corners lie from its plane at most [m].
    """

    true: float
    horizontal: float
    uneven: float


def legs(places: ArrayLike) -> list[Leg]:
    """Return the ways between places, shape (n, 3) [m].

    Examples
    --------
    >>> legs([[0, 0, 0], [3, 0, 4]])
    [Leg(length=5.0, horizontal=3.0, rise=4.0)]
    """
    steps = np.diff(np.asarray(places, float).reshape(-1, 3), axis=0)
    return [Leg(float(np.linalg.norm(s)), float(np.hypot(s[0], s[1])), float(s[2])) for s in steps]


def area_of(places: ArrayLike) -> Area | None:
    """Return the area of a polygon by its corners in order, shape (n, 3) [m]; None if its sides cross, or below 3.

    Examples
    --------
    >>> area_of([[0, 0, 0], [4, 0, 3], [4, 10, 3], [0, 10, 0]])
    Area(true=50.0, horizontal=40.0, uneven=0.0)
    """
    corners = np.asarray(places, float).reshape(-1, 3)
    if len(corners) < 3:
        return None
    here = corners - corners.mean(axis=0)
    twice = np.cross(here, np.roll(here, -1, axis=0)).sum(axis=0)  # Newell: square to the polygon
    size = float(np.linalg.norm(twice))
    if size == 0:
        return Area(0.0, 0.0, 0.0) if len(corners) == 3 else None
    normal = twice / size
    first = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    first /= np.linalg.norm(first)
    flat = here @ np.stack([first, np.cross(normal, first)], axis=1)
    if _crosses(flat):
        return None
    return Area(size / 2, abs(float(twice[2])) / 2, round(float(np.abs(here @ normal).max()), 9))


def _crosses(corners: Floats) -> bool:
    """Tell whether two sides of a polygon that do not follow each other meet, by on which side their ends lie."""
    count = len(corners)
    begin, end = corners, np.roll(corners, -1, axis=0)

    def side(a: Floats, b: Floats, c: Floats) -> Floats:
        return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])

    one, two = np.triu_indices(count, 2)
    apart = ~((one == 0) & (two == count - 1))
    one, two = one[apart], two[apart]
    across = side(begin[one], end[one], begin[two]) * side(begin[one], end[one], end[two]) < 0
    back = side(begin[two], end[two], begin[one]) * side(begin[two], end[two], end[one]) < 0
    return bool((across & back).any())


def snapped(place: ArrayLike, edges: Floats, reach: float) -> tuple[float, float, float]:
    """Return the nearest end of edges within reach [m]; else the nearest place on them; else the place itself.

    Parameters
    ----------
    place : array_like
        x, y, z [m].
    edges : ndarray
        Shape (n, 2, 3): edge, end, x y z [m].

    Examples
    --------
    >>> edge = np.array([[[0.0, 0, 0], [10, 0, 0]]])
    >>> [snapped(place, edge, 1.0) for place in ([0.5, 0.5, 0], [5, 0.5, 0], [5, 3, 0])]
    [(0.0, 0.0, 0.0), (5.0, 0.0, 0.0), (5.0, 3.0, 0.0)]
    """
    here = np.asarray(place, float)
    found = here
    if len(edges):
        ends = edges.reshape(-1, 3)
        far = np.linalg.norm(ends - here, axis=1)
        along = edges[:, 1] - edges[:, 0]
        size = np.maximum((along**2).sum(axis=1), 1e-30)
        share = np.clip(((here - edges[:, 0]) * along).sum(axis=1) / size, 0, 1)
        on = edges[:, 0] + share[:, None] * along
        beside = np.linalg.norm(on - here, axis=1)
        if far.min() <= reach:
            found = ends[np.argmin(far)]
        elif beside.min() <= reach:
            found = on[np.argmin(beside)]
    x, y, z = found.tolist()
    return x, y, z


def nearest_on(path: ArrayLike, x: float, y: float) -> tuple[float, float]:
    """Return how far a line, shape (n, 3), is from a place on the map [m], and its height where it is nearest [m].

    Examples
    --------
    >>> nearest_on([[0, 0, -1], [10, 0, -2]], 5, 3)
    (3.0, -1.5)
    """
    places = np.asarray(path, float)
    begin, along = places[:-1], np.diff(places, axis=0)
    size = np.maximum((along[:, :2] ** 2).sum(axis=1), 1e-30)
    share = np.clip((([x, y] - begin[:, :2]) * along[:, :2]).sum(axis=1) / size, 0, 1)
    on = begin + share[:, None] * along
    far = np.hypot(on[:, 0] - x, on[:, 1] - y)
    best = int(np.argmin(far))
    return float(far[best]), float(on[best, 2])
