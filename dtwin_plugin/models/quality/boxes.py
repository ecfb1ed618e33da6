"""Which boxes touch, among many groups at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 1 << 20  # pairs at a time


def touching_pairs(
    low: NDArray[np.float64], high: NDArray[np.float64], group: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pairs of boxes of one group that touch, each pair once, some at a time.

    Sorted by their lower x, a box can touch those after it up to the first that begins beyond its upper x.

    Parameters
    ----------
    low, high : ndarray
        Shape (n, 2) or (n, 3).
    group : ndarray
        Shape (n,), not negative.

    >>> low = np.array([[0.0, 0], [1, 1], [5, 5], [1, 1]])
    >>> [(i.tolist(), j.tolist()) for i, j in touching_pairs(low, low + 2, np.array([0, 0, 0, 1]))]
    [([0], [1])]
    """
    if len(low) < 2:
        return
    order = np.lexsort((low[:, 0], group))
    low, high, group = low[order], high[order], group[order]
    first = np.flatnonzero(np.concatenate([[True], np.diff(group) != 0]))
    sizes = np.diff(np.append(first, len(group)))
    rank = np.repeat(np.arange(len(first)), sizes)
    start = np.repeat(low[first, 0], sizes)  # x from the beginning of its group, so that digits are not lost
    width = float((high[:, 0] - start).max()) + 1.0
    begins = low[:, 0] - start + rank * width
    ends = np.searchsorted(begins, high[:, 0] - start + rank * width, side="right")
    counts = np.maximum(ends - np.arange(len(low)) - 1, 0)
    total = np.cumsum(counts)
    at = 0
    while at < len(low):
        before = total[at - 1] if at else 0
        stop = max(int(np.searchsorted(total, before + _CHUNK, side="right")), at + 1)
        fast = compiled(len(low))
        if fast is not None:
            i, j = fast.pairs(low, high, ends, at, stop, int(total[stop - 1] - before))
            if len(i):
                yield order[i], order[j]
            at = stop
            continue
        some = counts[at:stop]
        i = np.repeat(np.arange(at, stop), some)
        j = i + 1 + np.arange(len(i)) - np.repeat(np.cumsum(some) - some, some)
        touch = ((low[i, 1:] <= high[j, 1:]) & (high[i, 1:] >= low[j, 1:])).all(axis=1)
        if touch.any():
            yield order[i[touch]], order[j[touch]]
        at = stop
