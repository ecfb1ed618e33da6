"""Rings of CityJSON, which are open, to closed ones, without those that enclose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.offsets import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)  # odd, as hashes have


def polygons(
    xyz: NDArray[np.float64], rings: NDArray[np.int64], surfaces: NDArray[np.int64]
) -> tuple[Geometries, NDArray[np.int64], int]:
    """Return polygons with closed rings, the surfaces that they come from, and how many rings were left out.

    Parameters
    ----------
    xyz : ndarray
        Shape (n, 3), of all rings one after the other.
    rings, surfaces : ndarray
        Coordinates a ring and rings a surface.

    A ring of fewer than three distinct points encloses nothing; if it is the outer one its surface goes too.
    """
    degenerate = distinct_below_three(xyz, rings)
    owner = np.repeat(np.arange(len(surfaces)), surfaces)
    kept = surfaces > 0
    dropped = int(degenerate.sum())
    if dropped:
        first = np.zeros(len(rings), bool)
        first[(np.cumsum(surfaces) - surfaces)[kept]] = True
        kept[owner[first & degenerate]] = False
        keep_ring = ~degenerate & kept[owner]
        xyz, rings, owner = xyz[np.repeat(keep_ring, rings)], rings[keep_ring], owner[keep_ring]
    chosen = np.flatnonzero(kept)
    xyz, rings = closed(xyz, rings)
    counts = np.bincount(owner, minlength=len(surfaces))[chosen] if len(owner) else np.empty(0, np.int64)
    parts = offsets_of(counts)
    offsets = offsets_of(rings)
    return Geometries("polygon", xyz, offsets, parts, np.arange(len(chosen) + 1, dtype=np.int64)), chosen, dropped


def closed(xyz: NDArray[np.float64], rings: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return coordinates and ring sizes with the first coordinate of each ring repeated at its end.

    >>> xyz, rings = closed(np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0]]), np.array([3]))
    >>> xyz[-1].tolist(), rings.tolist()
    ([0.0, 0.0, 0.0], [4])
    """
    if not len(rings):
        return xyz.reshape(-1, 3), rings
    ends = np.cumsum(rings)
    starts = ends - rings
    is_open = (xyz[starts] != xyz[ends - 1]).any(axis=1)
    more = rings + is_open
    result = np.empty((len(xyz) + int(is_open.sum()), 3))
    new_ends = np.cumsum(more)
    place = np.arange(len(xyz)) + np.repeat(new_ends - more - starts, rings)
    result[place] = xyz
    result[new_ends - 1] = xyz[starts]
    return result, more


def distinct_below_three(xyz: NDArray[np.float64], rings: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell for each ring whether it has fewer than three distinct points.

    That is so if every point is one of two: those with the lowest and the highest number, where equal points have
    equal numbers.

    >>> points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 1, 0]])
    >>> distinct_below_three(points, np.array([3, 3])).tolist()
    [True, False]
    """
    result = rings < 3
    filled = np.flatnonzero(rings > 0)
    if not len(filled):
        return result
    sizes = rings[filled]
    starts = np.cumsum(sizes) - sizes
    number = ((xyz + 0.0).view(np.uint64) * _MIX).sum(axis=1, dtype=np.uint64)
    low, high = (np.repeat(f.reduceat(number, starts), sizes) for f in (np.minimum, np.maximum))
    other = (number != low) & (number != high)
    result[filled] |= ~np.logical_or.reduceat(other, starts)
    return result
