"""Who hears what: buildings by their loudest and quietest facade, and dwellings and people by class of noise.

References
----------
Directive 2002/49/EC (2002), annex VI: classes of 5 dB, and people by the most exposed facade of their dwelling.
Directive (EU) 2020/367 (2020), annex III: people highly annoyed and highly disturbed in their sleep by road traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LDEN_EDGES = (55.0, 60.0, 65.0, 70.0, 75.0)  # dB, where the classes of annex VI begin
LNIGHT_EDGES = (50.0, 55.0, 60.0, 65.0, 70.0)
QUIET = 10.0  # dB that a quiet side is lower at least; annex VI 1.5 asks more than 20 dB of a quiet facade
# 2020/367 annex III: percent = a + b L + c L2
_ANNOYED = (78.9270, -3.1162, 0.0342)  # of Lden
_DISTURBED = (19.4312, -0.9336, 0.0126)  # of Lnight


class Facades(NamedTuple):
    """The facades of each building.

    Attributes
    ----------
    loudest, quietest : ndarray
        Level at the most and the least exposed point [dB]; NaN for a building without a point.
    at : ndarray
        int64, which point is the most exposed, -1 for none.
    quiet_side : ndarray
        object: True or False, None for a building without a point.
    """

    loudest: Floats
    quietest: Floats
    at: NDArray[np.int64]
    quiet_side: NDArray[np.object_]


def facades_of(buildings: ArrayLike, levels: ArrayLike, count: int, quiet: float = QUIET) -> Facades:
    """Return the loudest and quietest facade of each building, and whether it has a quiet side.

    Parameters
    ----------
    buildings : array_like
        int, which building each point stands on.
    levels : array_like
        dB at each point, of incident sound; NaN is not known and counts for nothing.
    count : int
        Number of buildings.
    quiet : float
        How much lower [dB] the quietest facade is at least, to be a quiet side.

    Examples
    --------
    >>> found = facades_of([0, 0, 1], [65.0, 54.0, 60.0], 3)
    >>> found.loudest.tolist(), found.at.tolist(), found.quiet_side.tolist()
    ([65.0, 60.0, nan], [0, 2, -1], [True, False, None])
    """
    owner, found = np.asarray(buildings, np.int64), np.asarray(levels, float)
    rows = np.flatnonzero(~np.isnan(found))
    loudest, quietest = np.full(count, np.nan), np.full(count, np.nan)
    np.fmax.at(loudest, owner[rows], found[rows])
    np.fmin.at(quietest, owner[rows], found[rows])
    at = np.full(count, -1, np.int64)
    order = rows[np.lexsort((-rows, found[rows]))]  # the last that is written stays: the first of the loudest
    at[owner[order]] = order
    side = np.full(count, None, object)
    known = at >= 0
    side[known] = loudest[known] - quietest[known] >= quiet
    return Facades(loudest, quietest, at, side)


def class_names(edges: Sequence[float]) -> list[str]:
    """Return the names of classes, from that below the first edge to that from the last.

    >>> class_names((55, 60, 65))
    ['< 55', '55-59', '60-64', '>= 65']
    """
    inside = [f"{low:.0f}-{high - 1:.0f}" for low, high in zip(edges[:-1], edges[1:])]
    return [f"< {edges[0]:.0f}", *inside, f">= {edges[-1]:.0f}"]


def classes_of(levels: ArrayLike, edges: Sequence[float]) -> NDArray[np.object_]:
    """Return the class of each level; a level on an edge belongs to the class above it, and NaN to none.

    >>> classes_of([54.99, 55.0, 80.0, float("nan")], (55, 60, 65)).tolist()
    ['< 55', '55-59', '>= 65', None]
    """
    found = np.asarray(levels, float)
    names = np.array(class_names(edges), object)[np.digitize(found, edges)]
    return np.where(np.isnan(found), np.array(None, object), names)


def by_class(levels: ArrayLike, edges: Sequence[float], weights: ArrayLike | None = None) -> Floats:
    """Return how many there are in each class of `class_names`, and of an unknown level as the last.

    Parameters
    ----------
    levels : array_like
        dB at the most exposed facade of each building.
    weights : array_like, optional
        What is counted of each building, such as dwellings or residents; NaN counts for nothing. Default 1.

    Examples
    --------
    >>> by_class([52.0, 57.0, 59.9, float("nan")], (55, 60), [1, 2, 3, 4]).tolist()
    [1.0, 5.0, 0.0, 4.0]
    """
    found = np.asarray(levels, float)
    each = np.ones(found.shape) if weights is None else np.nan_to_num(np.asarray(weights, float), nan=0.0)
    group = np.where(np.isnan(found), len(edges) + 1, np.digitize(found, edges))
    return np.asarray(np.bincount(group, each, len(edges) + 2), float)


def highly_annoyed(lden: ArrayLike) -> Floats:
    """Return the percent of people whom road traffic of a level [dB] annoys highly; 0 below 55 dB, which nobody counts.

    >>> highly_annoyed([54.0, 65.0]).round(2).tolist()
    [0.0, 20.87]
    """
    return _share(lden, _ANNOYED, LDEN_EDGES[0])


def highly_sleep_disturbed(lnight: ArrayLike) -> Floats:
    """Return the percent of people whose sleep road traffic of a level [dB] disturbs highly; 0 below 50 dB.

    >>> highly_sleep_disturbed([49.0, 55.0]).round(2).tolist()
    [0.0, 6.2]
    """
    return _share(lnight, _DISTURBED, LNIGHT_EDGES[0])


def _share(levels: ArrayLike, terms: tuple[float, float, float], least: float) -> Floats:
    """Return a percentage by a level; NaN stays NaN."""
    found = np.asarray(levels, float)
    curve = np.clip(terms[0] + terms[1] * found + terms[2] * found**2, 0.0, 100.0)
    return np.where(np.isnan(found), np.nan, np.where(found < least, 0.0, curve))
