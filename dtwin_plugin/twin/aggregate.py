"""Data of persons as figures of groups that are large enough to publish.

A group with fewer members than the minimum says nothing: neither its figure nor its count. A count of 0 is told, for
nobody is in it. The minimum is a choice: 10 is our own default (common are 5 to 10; no legal value is confirmed).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MINIMUM = 10


@dataclass(frozen=True)
class Groups:
    """Figures of groups: NaN where a group is too small to be told, a mean also where it is empty."""

    count: NDArray[np.float64]
    mean: NDArray[np.float64]
    total: NDArray[np.float64]
    suppressed: NDArray[np.bool_]


def grouped(
    owner: NDArray[np.integer], values: NDArray[np.floating] | None, groups: int, minimum: int = MINIMUM
) -> Groups:
    """Return counts, means and totals of groups of at least a minimum of members.

    Parameters
    ----------
    owner : numpy.ndarray of int, shape (n,)
        Group of each member, -1 for none.
    values : numpy.ndarray of float, shape (n,), or None
        A member without a value (NaN) does not count.
    groups : int
        How many there are.

    >>> found = grouped(np.array([0, 0, 0, 1, -1]), np.array([1.0, 2, 3, 9, 9]), 3, minimum=3)
    >>> found.count, found.mean, found.suppressed
    (array([ 3., nan,  0.]), array([ 2., nan, nan]), array([False,  True, False]))
    """
    if minimum < 2:
        raise ValueError("a group of one is a person")
    known = (owner >= 0) & (np.isfinite(values) if values is not None else True)
    count = np.bincount(owner[known], minlength=groups).astype(np.float64)
    weights = values[known] if values is not None else np.zeros(int(known.sum()))
    total = np.bincount(owner[known], weights=weights, minlength=groups)
    suppressed = (count > 0) & (count < minimum)
    count[suppressed] = np.nan
    told = np.isfinite(count)
    empty = count == 0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(told & ~empty, total / count, np.nan)
    nothing = np.full(groups, np.nan)
    if values is None:
        return Groups(count, nothing, nothing, suppressed)
    return Groups(count, mean, np.where(told, total, np.nan), suppressed)
