"""What of a building lies in an area on the map, or over a level: quickly where it lies there as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import clip

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def within(triangles: Floats, where: BaseGeometry | None) -> tuple[Floats, Integers]:
    """Return what of triangles lies in an area on the map.

    Parameters
    ----------
    triangles : ndarray
        Shape (n, 3, 3) [m].
    where : shapely geometry or None
        Polygons; None for everywhere.

    Returns
    -------
    ndarray, ndarray
        Triangles, shape (m, 3, 3), and the row that each is a part of, (m,).

    Examples
    --------
    >>> import shapely
    >>> wall = np.array([[[0, 0, 0], [4, 0, 0], [0, 0, 4]]], float)
    >>> float(within(wall, shapely.box(1, -1, 9, 1))[0][..., 2].max())
    3.0
    """
    if where is None or not len(triangles):
        return triangles, np.arange(len(triangles))
    import shapely

    shapely.prepare(where)
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    whole = shapely.box(low[:, 0].min(), low[:, 1].min(), high[:, 0].max(), high[:, 1].max())
    if shapely.contains_properly(where, whole):
        return triangles, np.arange(len(triangles))
    # an area of thousands of corners takes seconds to be cut in triangles, and most of it lies elsewhere
    where = near(where, whole, 1.0)
    shapely.prepare(where)
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    inside = shapely.contains_properly(where, boxes)
    rest = np.flatnonzero(~inside & shapely.intersects(where, boxes))
    if not len(rest):
        return triangles[inside], np.flatnonzero(inside)
    parts, rows = clip.within(triangles[rest], where)
    return np.concatenate([triangles[inside], parts]), np.concatenate([np.flatnonzero(inside), rest[rows]])


def near(area: BaseGeometry, shape: BaseGeometry, far: float) -> BaseGeometry:
    """Return the polygons of an area within a rectangle around a shape, that far away from it [m].

    >>> import shapely
    >>> near(shapely.box(0, 0, 100, 100), shapely.box(10, 10, 12, 12), 4.0).area
    100.0
    """
    import shapely

    left, low, right, high = shape.bounds
    parts = shapely.get_parts(area.intersection(shapely.box(left - far, low - far, right + far, high + far)))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def over(triangles: Floats, level: float) -> tuple[Floats, Integers]:
    """Return what of triangles lies over a level [m NAP], and the row that each is a part of.

    >>> wall = np.array([[[0, 0, 0], [4, 0, 0], [0, 0, 4]]], float)
    >>> over(wall, 3.0)[0][0, :, 2].tolist()
    [3.0, 4.0, 3.0]
    """
    rows = np.flatnonzero(triangles[..., 2].max(axis=1) > level)
    if not len(rows):
        return triangles[:0], rows
    turned = triangles[rows] * [1.0, 1.0, -1.0]
    parts, of = clip.below(turned, -level, column=2)
    return parts * [1.0, 1.0, -1.0], rows[of]
