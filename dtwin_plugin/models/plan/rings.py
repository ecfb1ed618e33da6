"""Rings in space that show where a plan goes beyond a norm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .patches import normals_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

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
    planes, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)[1:]
    planes = planes.reshape(-1)
    alone = counts[planes] == 1
    numbers = np.unique(planes[~alone], return_inverse=True)[1].reshape(-1)
    return (*triangles[alone], *_joined(triangles[~alone], normals[~alone], numbers))


def _leading(normals: Floats) -> Floats:
    return np.asarray(normals[np.arange(len(normals)), np.abs(normals).argmax(axis=1)])


def _joined(triangles: Floats, normals: Floats, planes: Integers) -> list[Floats]:
    """Join the triangles of each plane, seen along the axis that it is most across to: all planes beside each other."""
    import shapely

    if not len(triangles):
        return []
    first = np.unique(planes, return_index=True)[1]
    places, across = triangles[first, 0], normals[first]
    axis = np.abs(across).argmax(axis=1)
    seen = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    flat = np.take_along_axis(triangles - places[planes][:, None], seen[planes][:, None], axis=2)
    low, high = np.full(len(first), np.inf), np.full(len(first), -np.inf)
    np.minimum.at(low, planes, flat[:, :, 0].min(axis=1))
    np.maximum.at(high, planes, flat[:, :, 0].max(axis=1))
    starts = np.cumsum(high - low + 1) - (high - low + 1)
    flat[:, :, 0] += (starts - low)[planes][:, None]
    flat = np.round(flat / _ROUND) * _ROUND  # before they are joined, which takes half as long as on a grid
    whole = shapely.union_all(shapely.polygons(np.concatenate([flat, flat[:, :1]], axis=1)))
    # slits that rounding leaves between pieces are closed, and the corners that it leaves on a side go
    whole = whole.buffer(2 * _ROUND, join_style="mitre").buffer(-2 * _ROUND, join_style="mitre").simplify(5 * _ROUND)
    parts = shapely.get_parts(whole)
    parts = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
    of = np.searchsorted(starts, shapely.bounds(parts)[:, 0] + 0.5, side="right") - 1
    holed = np.unique(of[shapely.get_num_interior_rings(parts) > 0])
    found = list(triangles[np.isin(planes, holed)])
    for part, plane in zip(parts, of):
        if plane not in holed:
            corners = shapely.get_coordinates(part.exterior) - [starts[plane] - low[plane], 0.0]
            normal, two = across[plane], seen[plane]
            ring = np.zeros((len(corners), 3))
            ring[:, two] = corners
            ring[:, axis[plane]] = -(corners @ normal[two]) / normal[axis[plane]]
            found.append(ring + places[plane])
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
