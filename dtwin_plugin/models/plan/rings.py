"""Rings in space that show where a plan goes beyond a norm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .patches import normals_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]

_MERGED = 20_000  # pieces above which joining them would take longer than all that is measured
_ROUND = 1e-4  # m


def merged(triangles: Floats) -> tuple[Floats, ...]:
    """Return triangles in space as rings, those of one plane that touch joined where that leaves no hole.

    >>> halves = [[[0, 0, 3], [4, 0, 3], [4, 2, 3]], [[0, 0, 3], [4, 2, 3], [0, 2, 3]]]
    >>> [len(ring) for ring in merged(np.array(halves, float))]
    [5]
    """
    if not 2 <= len(triangles) <= _MERGED:
        return tuple(triangles)
    normals = normals_of(triangles)
    normals *= np.where(_leading(normals) < 0, -1.0, 1.0)[:, None]
    middle = triangles.mean(axis=(0, 1))
    offsets = ((triangles[:, 0] - middle) * normals).sum(axis=1)
    keys = np.column_stack([np.round(normals, 3), np.round(offsets, 2)])
    planes = np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
    order = np.argsort(planes, kind="stable")
    result: list[Floats] = []
    for rows in np.split(order, np.flatnonzero(np.diff(planes[order])) + 1):
        result += _joined(triangles[rows], normals[rows[0]]) if len(rows) > 1 else list(triangles[rows])
    return tuple(result)


def _leading(normals: Floats) -> Floats:
    return normals[np.arange(len(normals)), np.abs(normals).argmax(axis=1)]


def _joined(triangles: Floats, normal: Floats) -> list[Floats]:
    """Join triangles of one plane, seen along the axis that the plane is most across to."""
    import shapely

    place = triangles[0, 0]  # near it a grid of 0.1 mm is more than rounding leaves, at national coordinates not
    axis = int(np.abs(normal).argmax())
    seen = [other for other in range(3) if other != axis]
    flat = (triangles - place)[:, :, seen]
    whole = shapely.union_all(shapely.polygons(np.concatenate([flat, flat[:, :1]], axis=1)), grid_size=_ROUND)
    # slits that rounding leaves between pieces are closed, and the corners that it leaves on a side go
    whole = whole.buffer(2 * _ROUND, join_style="mitre").buffer(-2 * _ROUND, join_style="mitre").simplify(5 * _ROUND)
    parts = [part for part in shapely.get_parts(whole) if shapely.get_type_id(part) == 3 and not part.is_empty]
    if any(part.interiors for part in parts):
        return list(triangles)
    found = []
    for part in parts:
        corners = np.zeros((len(part.exterior.coords), 3))
        corners[:, seen] = shapely.get_coordinates(part.exterior)
        corners[:, axis] = -(corners[:, seen] @ normal[seen]) / normal[axis]
        found.append(corners + place)
    return found


def lying_rings(shape: BaseGeometry, height: float) -> tuple[Floats, ...]:
    """Return polygons of the map as rings at a height [m NAP], none where that is not known.

    One with holes is cut in parts that have none.

    >>> import shapely
    >>> yard = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
    >>> len(lying_rings(yard, 0.0)) > 1
    True
    """
    import shapely

    found: list[Floats] = []
    parts = list(shapely.get_parts(shape)) if np.isfinite(height) else []
    while parts:
        part = parts.pop()
        if shapely.get_type_id(part) != 3 or part.area <= _ROUND**2:
            continue
        if part.interiors:
            x = part.interiors[0].centroid.x
            left, low, right, high = part.bounds
            for side in (shapely.box(left - 1, low - 1, x, high + 1), shapely.box(x, low - 1, right + 1, high + 1)):
                parts += list(shapely.get_parts(shapely.intersection(part, side)))
            continue
        corners = shapely.get_coordinates(part.exterior)
        found.append(np.column_stack([corners, np.full(len(corners), height)]))
    return tuple(found)
