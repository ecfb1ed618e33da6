"""Flat strips in space that show between which places a distance was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def ribbon(start: Sequence[float] | Floats, end: Sequence[float] | Floats, width: float) -> Floats:
    """Return a flat strip between two places in space [m], its corners in a ring; a square where they are one.

    >>> ribbon((0, 0, 1), (2, 0, 3), 1.0).tolist()
    [[0.0, -0.5, 1.0], [2.0, -0.5, 3.0], [2.0, 0.5, 3.0], [0.0, 0.5, 1.0]]
    """
    a, b = np.asarray(start, float), np.asarray(end, float)
    along = b[:2] - a[:2]
    length = float(np.hypot(*along))
    if length < width / 10:
        middle, half = (a + b) / 2, width / 2
        return np.array([middle + (x * half, y * half, 0) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    across = np.array([-along[1], along[0], 0.0]) / length * width / 2
    return np.array([a - across, b - across, b + across, a + across])
