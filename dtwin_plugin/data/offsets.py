"""Lists in lists as flat arrays: item i of a list holds entries offsets[i] to offsets[i + 1] of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def offsets_of(counts: ArrayLike) -> NDArray[np.int64]:
    """Return where items begin and end, from how many entries each has: shape (n,) to (n + 1,).

    >>> offsets_of([2, 0, 3]), offsets_of([])
    (array([0, 2, 2, 5]), array([0]))
    """
    counts = np.asarray(counts, np.int64)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def ranges_of(offsets: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all indices in the spans of `items`, in order."""
    items = np.asarray(items, np.int64)
    starts, counts = offsets[items], offsets[items + 1] - offsets[items]
    if not counts.sum():
        return np.empty(0, np.int64)
    ends = np.cumsum(counts)
    return np.arange(ends[-1]) + np.repeat(starts - (ends - counts), counts)
