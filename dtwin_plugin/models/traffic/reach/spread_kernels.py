"""Time over land beside roads, around water: the eikonal equation on square cells by fast sweeping.

Zhao, H. (2005). A fast sweeping method for eikonal equations. Mathematics of Computation 74(250), 603-627.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...parallel import load_numba, may_cache

Array = NDArray[Any]
PURPOSE = "calculate travel times"
numba = load_numba(PURPOSE)


@numba.njit(cache=may_cache(PURPOSE), error_model="numpy")
def spread_once(time: Array, blocked: Array, step: float) -> bool:
    """Let times spread over the cells that are not blocked, in a round of four sweeps; return whether any changed.

    A maze of water takes some rounds, open land one or two; between them a user may stop it.

    Parameters
    ----------
    time : ndarray
        float64, shape (rows, cols): times where they are known, infinite elsewhere; written.
    blocked : ndarray
        bool: cells that nothing enters; what they have at first goes on to their neighbours.
    step : float
        Time over a cell, from side to side.
    """
    rows, columns = time.shape
    little = 1e-6 * step
    changed = False
    for sweep in range(4):
        for i in range(rows):
            r = i if sweep < 2 else rows - 1 - i
            for j in range(columns):
                c = j if sweep % 2 == 0 else columns - 1 - j
                if blocked[r, c]:
                    continue
                a = min(time[r, c - 1] if c > 0 else np.inf, time[r, c + 1] if c + 1 < columns else np.inf)
                b = min(time[r - 1, c] if r > 0 else np.inf, time[r + 1, c] if r + 1 < rows else np.inf)
                if not (min(a, b) < time[r, c]):
                    continue
                if abs(a - b) >= step:  # equation 2.4
                    there = min(a, b) + step
                else:
                    there = 0.5 * (a + b + math.sqrt(2 * step * step - (a - b) * (a - b)))
                if there < time[r, c] - little:
                    time[r, c] = there
                    changed = True
    return changed
