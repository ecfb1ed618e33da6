"""Points at which other models have found something, near the buildings of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]


def inside(places: Floats, where: BaseGeometry | None) -> NDArray[np.bool_]:
    """Return which places, shape (n, 2) or (n, 3), lie in an area, all where it is None; one with NaN nowhere."""
    import shapely

    known = np.isfinite(places[:, :2]).all(axis=1)
    if where is None:
        return known
    shapely.prepare(where)
    return known & np.asarray(shapely.intersects(where, shapely.points(places[:, 0], places[:, 1])))


def marks(places: Floats, size: float) -> tuple[Floats, ...]:
    """Return a flat square at each place, its corners in a ring; `size` is its side [m]."""
    corners = np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], float) * size / 2
    return tuple(place + corners for place in places)
