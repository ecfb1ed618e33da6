"""The highest point of a building without its minor parts: chimneys, antennas and the like.

A roof is what hangs together and spans more than a minor part may. What rises over the highest roof is parted into
pieces that hang together; those that span little, and all of them little of the building, are minor parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .clipping import over, within
from .patches import joined, lying, places_of, spans_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from .clipping import Floats, Integers

_RISE = 0.01  # m over a roof from which something rises over it


class Top(NamedTuple):
    """How high a building is, in an area.

    Attributes
    ----------
    highest : float
        Of all of it [m NAP]; NaN where nothing of it is in the area.
    main : float
        Without minor parts [m NAP].
    parts : int
        How many minor parts rise over `main` in the area.
    largest : float
        Span of the largest of them on the map [m2].
    pieces : ndarray
        Triangles in the area, shape (n, 3, 3).
    """

    highest: float
    main: float
    parts: int
    largest: float
    pieces: Floats


def top_of(triangles: Floats, where: BaseGeometry | None, area: float, minor_area: float, minor_share: float) -> Top:
    """Return how high a building is.

    Parameters
    ----------
    triangles : ndarray
        Shape (n, 3, 3) [m].
    where : shapely geometry or None
        Polygons in which it is measured.
    area : float
        Of the building on the map [m2].
    minor_area : float
        That a minor part spans at most [m2].
    minor_share : float
        Of the building that all minor parts span at most [percent].
    """
    pieces, rows = within(triangles, where)
    if not len(pieces):
        return Top(np.nan, np.nan, 0, 0.0, pieces)
    tops = pieces[..., 2].max(axis=1)
    highest = float(tops.max())
    roof = tops[_roofs(triangles, minor_area)[rows]]
    if not len(roof) or roof.max() >= highest - _RISE:
        return Top(highest, highest, 0, 0.0, pieces)
    level = float(roof.max())
    groups, spans = _rising(triangles, level + _RISE)
    minor = spans <= minor_area
    if spans[minor].sum() > minor_share / 100 * area:
        return Top(highest, highest, 0, 0.0, pieces)
    up = tops > level + _RISE
    of = groups[rows[up]]
    large = up.copy()
    large[up] = ~minor[of]
    main = float(tops[large].max()) if large.any() else level
    left_out = np.unique(of[minor[of] & (tops[up] > main)])
    if not len(left_out):
        return Top(highest, highest, 0, 0.0, pieces)
    return Top(highest, main, len(left_out), float(spans[left_out].max()), pieces)


def _roofs(triangles: Floats, minor_area: float) -> NDArray[np.bool_]:
    """Tell which triangles are of a face that spans more than a minor part."""
    flat = np.flatnonzero(lying(triangles))
    result = np.zeros(len(triangles), bool)
    if len(flat):
        groups, spans = spanning(triangles[flat])
        result[flat] = spans[groups] > minor_area
    return result


def spanning(triangles: Floats) -> tuple[Integers, Floats]:
    """Return the group of triangles that share corners, of each, and what each group spans on the map [m2]."""
    groups = joined(places_of(triangles.reshape(-1, 3)).reshape(-1, 3))
    return groups, spans_of(triangles.reshape(-1, 3), np.repeat(groups, 3))


def _rising(triangles: Floats, level: float) -> tuple[Integers, Floats]:
    """Return the group of each triangle that rises over a level, -1 of others, and what each group spans there [m2].

    Triangles hang together by corners over the level: below it they would through the roof.
    """
    groups = np.full(len(triangles), -1, np.int64)
    rows = np.flatnonzero(triangles[..., 2].max(axis=1) > level)
    some = triangles[rows]
    groups[rows] = joined(places_of(some.reshape(-1, 3)).reshape(-1, 3), some[..., 2] > level)
    spans = np.zeros(int(groups.max()) + 1)
    pieces, kept = over(some, level)
    found = spans_of(pieces.reshape(-1, 3), np.repeat(groups[rows[kept]], 3))
    spans[: len(found)] = found  # a line, as an antenna may be, spans nothing
    return groups, spans
