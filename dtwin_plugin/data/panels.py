"""Small upright panels that stand for points on walls: what a facade gets is seen on it, and not as dots before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .geometries import Geometries

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

GAP = 0.9  # of the width of wall is covered: panels beside each other stay apart
OFF = 0.15  # m before the wall, so that the wall does not shine through


def panels(
    places: ArrayLike, normals: ArrayLike, widths: ArrayLike, below: ArrayLike, above: ArrayLike, off: float = OFF
) -> Geometries:
    """Return a panel for each point on a wall, its corners counter-clockwise as seen from outside.

    Parameters
    ----------
    places : array
        x, y on the wall and z [m], shape (points, 3).
    normals : array
        Outward unit vectors, east and north, shape (points, 2).
    widths : array
        Length of wall for which a point stands [m], one for all or shape (points,).
    below, above : array
        How far a panel reaches below and above its point [m], one for all or shape (points,).
    off : float
        Distance before the wall [m].

    Returns
    -------
    Geometries
        Polygons with z, one for each point.

    Examples
    --------
    >>> made = panels([[0, 0, 5]], [[0, -1]], [2.0], 1.0, 0.5, off=0.0)
    >>> made.coordinates[:4].tolist()
    [[-0.9, 0.0, 4.0], [0.9, 0.0, 4.0], [0.9, 0.0, 5.5], [-0.9, 0.0, 5.5]]
    """
    places, normals = np.asarray(places, float).reshape(-1, 3), np.asarray(normals, float).reshape(-1, 2)
    count = len(places)
    middle = places[:, :2] + off * normals
    half = GAP / 2 * np.broadcast_to(np.asarray(widths, float), count)
    # who looks at the wall from outside has this to the right
    right = np.column_stack([-normals[:, 1], normals[:, 0]]) * half[:, None]
    low = places[:, 2] - np.broadcast_to(np.asarray(below, float), count)
    high = places[:, 2] + np.broadcast_to(np.asarray(above, float), count)
    corners = np.empty((count, 5, 3))
    for number, (side, z) in enumerate(((-1, low), (1, low), (1, high), (-1, high), (-1, low))):
        corners[:, number, :2], corners[:, number, 2] = middle + side * right, z
    one_each = np.arange(count + 1)
    return Geometries("polygon", corners.reshape(-1, 3), 5 * one_each, one_each, one_each)


def facing(normals: ArrayLike) -> np.ndarray:
    """Return the way that walls face [degree], clockwise from north, at least 0 and below 360.

    >>> facing([[0, 1], [1, 0], [0, -1], [-1, 0]]).tolist()
    [0.0, 90.0, 180.0, 270.0]
    """
    east, north = np.asarray(normals, float).reshape(-1, 2).T
    return np.degrees(np.arctan2(east, north)) % 360.0 % 360.0  # twice: -1e-16 % 360 is 360
