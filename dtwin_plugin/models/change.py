"""What differs between a result before and one after, in classes that hold for any quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CHANGES = np.array(["much less", "less", "same", "more", "much more", "unknown"], object)


def change_of(before: ArrayLike, after: ArrayLike, same: float, much: float) -> NDArray[Any]:
    """Return the class of each change, one of `CHANGES`; unknown where one of both is.

    Parameters
    ----------
    before, after : array_like
        Values in one unit; NaN is not known.
    same, much : float
        Up to which a change is none, and from which it is much.

    Examples
    --------
    >>> change_of([0.3, 0.2, 0.2, 0.2], [0.2, 0.21, 0.25, np.nan], same=0.02, much=0.1).tolist()
    ['much less', 'same', 'more', 'unknown']
    """
    change = np.round(np.asarray(after, float) - np.asarray(before, float), 6)  # float32 values of two maps
    classes = np.digitize(change, [-much, -same, same, much])
    classes = np.where(change == -much, 0, np.where(np.abs(change) == same, 2, classes))
    return CHANGES[np.where(np.isnan(change), 5, classes)]
