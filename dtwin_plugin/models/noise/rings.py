"""Rings of directed pieces, and which ring is a hole in which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.offsets import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def rings_of(start: Integers, end: Integers, places: Floats) -> list[Floats]:
    """Return closed rings of pieces from point to point.

    Parameters
    ----------
    start, end : ndarray
        Points of each piece; each point begins one and ends one.
    places : ndarray
        x and y of points, shape (points, 2) [m].

    Returns
    -------
    list of ndarray
        Shape (points, 2) each; points on a straight line and rings without an area are left out.

    Examples
    --------
    >>> square = np.array([(0, 0), (2, 0), (2, 2), (1, 2), (0, 2)], float)
    >>> rings_of(np.arange(5), np.array([1, 2, 3, 4, 0]), square)[0].tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]
    """
    following = np.empty(len(places), np.int64)
    following[start] = end
    step, gone = following.tolist(), [True] * len(places)
    for point in start.tolist():
        gone[point] = False
    rings = []
    for point in start.tolist():
        if gone[point]:
            continue
        ring = []
        while not gone[point]:
            gone[point] = True
            ring.append(point)
            point = step[point]
        for loop in _loops(places[ring]):
            plain = _without_needless(loop)
            if len(plain) >= 3:
                rings.append(np.vstack((plain, plain[:1])))
    return rings


def _loops(ring: Floats) -> list[Floats]:
    """Return an open ring as rings that touch at points, where it comes to a place for the second time.

    >>> eight = np.array([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 1)], float)
    >>> [loop.tolist() for loop in _loops(eight)]
    [[[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0]], [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]
    """
    names = np.unique(ring, axis=0, return_inverse=True)[1].ravel()
    if names.max() + 1 == len(ring):
        return [ring]
    loops: list[Floats] = []
    path: list[int] = []
    at: dict[int, int] = {}
    for number, name in enumerate(names.tolist()):
        if name in at:
            begin = at[name]
            loops.append(ring[path[begin:]])
            for left in path[begin + 1 :]:
                del at[names[left]]
            del path[begin + 1 :]
        else:
            at[name] = len(path)
            path.append(number)
    return [*loops, ring[path]]


def _without_needless(ring: Floats) -> Floats:
    """Return an open ring without points that repeat, or lie on the line between both others."""
    before = -1
    while len(ring) >= 3 and len(ring) != before:
        before = len(ring)
        ring = ring[(ring != np.roll(ring, 1, axis=0)).any(axis=1)]
        if len(ring) < 3:
            break
        to, on = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        ring = ring[to[:, 0] * on[:, 1] - to[:, 1] * on[:, 0] != 0.0]
    return ring


def area(ring: Floats) -> float:
    """Return the area of a closed ring [m2], below 0 where it turns clockwise."""
    x, y = (ring - ring[0]).T  # products of national coordinates would lose digits
    return float(0.5 * np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def polygons_of(rings: list[Floats]) -> list[list[Floats]]:
    """Return polygons: each a ring that turns counter-clockwise, and the clockwise ones in it as its holes.

    A hole belongs to the smallest ring around it. Rings do not cross each other.
    """
    areas = np.array([area(ring) for ring in rings])
    outer = [k for k in np.argsort(areas) if areas[k] > 0]  # small ones first
    polygons = {k: [rings[k]] for k in outer}
    boxes = np.array([[*rings[k].min(axis=0), *rings[k].max(axis=0)] for k in outer]).reshape(-1, 4)
    for k in np.flatnonzero(areas < 0):
        x, y = 0.5 * (rings[k][0] + rings[k][1])  # two rings may share a point, but not a piece
        near = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
        for n in np.flatnonzero(near):
            if areas[outer[n]] > -areas[k] and _within(x, y, rings[outer[n]]):
                polygons[outer[n]].append(rings[k])
                break
    return list(polygons.values())


def geometries_of(features: list[list[list[Floats]]]) -> Geometries:
    """Return multi-polygons of lists of rings: by feature, by polygon."""
    from dtwin_plugin.data import Geometries

    polygons = [polygon for feature in features for polygon in feature]
    rings = [ring for polygon in polygons for ring in polygon]
    counts = ([len(one) for one in level] for level in (rings, polygons, features))
    levels = [offsets_of(one) for one in counts]
    return Geometries("polygon", np.concatenate([np.empty((0, 2)), *rings]), *levels)


def _within(x: float, y: float, ring: Floats) -> bool:
    """Tell whether a point has an odd number of edges of a ring to its east."""
    x1, y1 = ring[:-1].T
    x2, y2 = ring[1:].T
    spans = (y1 <= y) != (y2 <= y)
    share = (y - y1[spans]) / (y2[spans] - y1[spans])
    return bool(np.count_nonzero(x1[spans] + share * (x2[spans] - x1[spans]) > x) % 2)
