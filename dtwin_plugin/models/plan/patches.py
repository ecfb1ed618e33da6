"""Faces that hang together: roofs apart from chimneys, and how much of the map each covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

UPRIGHT = float(np.cos(np.radians(80.0)))  # upward part of the normal of a face, below which it is a wall
_SAME = 0.001  # m within which corners are one


def normals_of(triangles: Floats) -> Floats:
    """Return the unit normals of triangles, shape (n, 3); 0 of one without an area."""
    from_first = triangles[:, 1:] - triangles[:, :1]
    cross = np.cross(from_first[:, 0], from_first[:, 1])
    length = np.linalg.norm(cross, axis=1, keepdims=True)
    return np.asarray(np.divide(cross, length, out=np.zeros_like(cross), where=length > 1e-12))


def lying(triangles: Floats) -> NDArray[np.bool_]:
    """Tell which triangles are no walls: at most 80 degrees steep, whichever side is their outer one."""
    return np.asarray(np.abs(normals_of(triangles)[:, 2]) > UPRIGHT)


def places_of(corners: Floats) -> Integers:
    """Return a number for each place, shape (n,): the same for corners within a millimetre.

    >>> places_of(np.array([[0.0, 0, 0], [5, 0, 0], [0, 0, 1e-9]])).tolist()
    [0, 1, 0]
    """
    if not len(corners):
        return np.empty(0, np.int64)
    steps = np.round((corners - corners.min(axis=0)) / _SAME).astype(np.uint64)
    # one number for three: products with odd constants wrap around, and two places in a body hardly ever share one
    key = steps @ np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
    return np.asarray(np.unique(key, return_inverse=True)[1].reshape(-1))


def joined(places: Integers, members: NDArray[np.bool_] | None = None) -> Integers:
    """Return which things hang together, those that share a place.

    Parameters
    ----------
    places : ndarray
        Shape (n, k): numbers of the places that each thing has.
    members : ndarray, optional
        bool, shape (n, k): the places that count; default all.

    Returns
    -------
    ndarray
        int64, shape (n,): the number of the group of each.

    Examples
    --------
    >>> joined(np.array([[0, 1], [1, 2], [5, 6]])).tolist()
    [0, 0, 1]
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count, size = places.shape
    if not count:
        return np.empty(0, np.int64)
    things = np.repeat(np.arange(count), size)
    others = places.ravel() + count
    if members is not None:
        things, others = things[members.ravel()], others[members.ravel()]
    total = count + int(places.max()) + 1
    graph = coo_matrix((np.ones(len(things), np.int8), (things, others)), shape=(total, total))
    labels = connected_components(graph, directed=False)[1][:count]
    return np.asarray(np.unique(labels, return_inverse=True)[1].reshape(-1))


def spans_of(corners: Floats, groups: Integers) -> Floats:
    """Return the area of the convex hull of each group on the map [m2], shape (groups,); 0 of one without corners.

    Parameters
    ----------
    corners : ndarray
        Shape (n, 2) or (n, 3) [m].
    groups : ndarray
        int64, shape (n,): 0, 1, … of each corner; two corners at least.

    Examples
    --------
    >>> spans_of(np.array([[0.0, 0], [2, 0], [2, 1], [0, 1]]), np.array([0, 0, 0, 0])).tolist()
    [2.0]
    """
    import shapely

    spans = np.zeros(int(groups.max(initial=-1)) + 1)
    if len(groups):
        order = np.argsort(groups, kind="stable")
        there, numbers = np.unique(groups[order], return_inverse=True)
        # a line through all corners has their hull, and is made faster than as many points
        lines = shapely.linestrings(corners[order, :2], indices=numbers.reshape(-1))
        spans[there] = shapely.area(shapely.convex_hull(lines))
    return spans
