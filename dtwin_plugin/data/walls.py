"""The walls of footprints: their edges, which way each faces, and places along them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .geometries import Geometries

    Floats = NDArray[np.float64]

_SHORTEST = 1e-3  # m: a shorter edge has no direction


class Walls(NamedTuple):
    """Edges of footprints, each with the outside on its right.

    Attributes
    ----------
    starts, ends : ndarray
        x and y [m], shape (walls, 2).
    normals : ndarray
        Outward unit vectors, shape (walls, 2).
    features : ndarray
        int64, the row of the footprint.
    """

    starts: Floats
    ends: Floats
    normals: Floats
    features: NDArray[np.int64]


class WallPlaces(NamedTuple):
    """Places on walls: x and y, the outward normals there, the feature of each and its length of wall [m]."""

    places: Floats
    normals: Floats
    features: NDArray[np.int64]
    widths: Floats


@dataclass(frozen=True)
class FacadePoints:
    """Points on facades, as windows stand on their storeys.

    Attributes
    ----------
    places : ndarray
        x, y on the wall or just before it, and z [m], shape (points, 3).
    normals : ndarray
        Outward unit vectors, east and north, shape (points, 2).
    buildings : ndarray
        int64, the row of the footprint.
    storeys : ndarray
        int64, from 0 at the ground.
    widths : ndarray or None
        Length of the wall for which each stands [m], where they stand for one.
    """

    places: Floats
    normals: Floats
    buildings: NDArray[np.int64]
    storeys: NDArray[np.int64]
    widths: Floats | None = None

    def __len__(self) -> int:
        return len(self.places)


def walls_of(footprints: Geometries) -> Walls:
    """Return the walls of polygons, with holes where there are courtyards; rings may turn either way.

    Between two parts of one footprint, as triangles of a city model, there is no wall; where two parts lie over each
    other, as a roof over its ground surface, there is one around both. For that they share their corners, to a mm.

    >>> from .geometries import Geometries
    >>> square = [(0, 0), (0, 2), (2, 2), (2, 0), (0, 0)]
    >>> walls_of(Geometries.build("polygon", [[[square]]])).normals.astype(int).tolist()
    [[-1, 0], [0, 1], [1, 0], [0, -1]]
    """
    xy = footprints.coordinates[:, :2]
    rings = np.asarray(footprints.rings)
    last = np.zeros(len(xy), bool)
    last[rings[1:] - 1] = True
    start = np.flatnonzero(~last)
    ring = np.searchsorted(rings, start, side="right") - 1
    step = xy[start + 1] - xy[start]
    length = np.hypot(*step.T)
    kept = length > _SHORTEST
    start, ring, step, length = start[kept], ring[kept], step[kept], length[kept]
    # the solid lies left of an outer ring that turns counter-clockwise, and right of a hole that does
    first = np.zeros(len(rings) - 1, bool)
    first[np.asarray(footprints.parts)[:-1]] = True
    right = ((_twice_area(xy, rings) > 0) == first)[ring][:, None]
    normals = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None] * np.where(right, 1.0, -1.0)
    part = np.searchsorted(np.asarray(footprints.parts), np.arange(len(rings) - 1), side="right") - 1
    feature = np.searchsorted(np.asarray(footprints.features), part, side="right") - 1
    from_xy, to_xy = xy[start], xy[start + 1]
    starts, ends = np.where(right, from_xy, to_xy), np.where(right, to_xy, from_xy)
    owners = feature[ring].astype(np.int64)
    outer = _outer(starts, ends, owners)
    return Walls(starts[outer], ends[outer], normals[outer], owners[outer])


def _outer(starts: Floats, ends: Floats, features: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of edges that a footprint has more often in one direction than in the other, each edge once."""
    a, b = (np.round(place / _SHORTEST).astype(np.int64).T for place in (starts, ends))
    back = (a[0] > b[0]) | ((a[0] == b[0]) & (a[1] > b[1]))
    low, high = np.where(back, b, a), np.where(back, a, b)
    keys = np.vstack([features, low, high])
    order = np.lexsort(keys)  # stable: of equal edges the first comes first
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(keys[:, order], axis=1) != 0).any(axis=0)
    group = np.cumsum(new) - 1
    sign = np.where(back[order], -1, 1)
    net = np.zeros(int(new.sum()), np.int64)
    np.add.at(net, group, sign)
    right = np.flatnonzero(sign * net[group] > 0)  # in the direction that is left over
    first = np.unique(group[right], return_index=True)[1]
    return np.sort(order[right[first]])


def places_along(walls: Walls, spacing: float) -> WallPlaces:
    """Return places along walls, no farther apart than `spacing` [m] and in the middle of equal lengths."""
    step = walls.ends - walls.starts
    length = np.hypot(*step.T)
    count = np.maximum(np.ceil(length / spacing).astype(np.int64), 1)
    edge = np.repeat(np.arange(len(length)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    share = (nth + 0.5) / count[edge]
    places = walls.starts[edge] + share[:, None] * step[edge]
    return WallPlaces(places, walls.normals[edge], walls.features[edge], (length / count)[edge])


def _twice_area(xy: Floats, rings: NDArray[np.int64]) -> Floats:
    """Return twice the area of each ring [m2], above 0 where it turns counter-clockwise."""
    here = xy - xy[np.repeat(rings[:-1], np.diff(rings))]  # products of national coordinates would lose digits
    cross = np.zeros(len(xy))
    cross[:-1] = here[:-1, 0] * here[1:, 1] - here[:-1, 1] * here[1:, 0]
    cross[rings[1:] - 1] = 0.0  # from the end of a ring to the start of the next
    return np.add.reduceat(cross, rings[:-1])
