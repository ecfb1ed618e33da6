"""The compiled loop that finds thin walls in blocks of cells; called by `prepare` only."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..scan.depression_kernels import Array, njit


@njit
def _swept(z: Array, top: int, left: int, size: int, reach: Array) -> bool:
    """Lower what each cell can be reached by, once there and back; return whether anything changed."""
    changed = False
    for turn in range(2 * size * size):
        cell = turn if turn < size * size else 2 * size * size - 1 - turn
        i, j = cell // size, cell % size
        best = reach[i, j]
        for k in range(4):
            i2, j2 = i + (k - 1) * (1 - k % 2), j + (k - 2) * (k % 2)
            if 0 <= i2 < size and 0 <= j2 < size:
                best = min(best, max(reach[i2, j2], z[top + i, left + j]))
        if best < reach[i, j]:
            reach[i, j] = best
            changed = True
    return changed


@njit
def _crest(z: Array, place: tuple[int, int, int], down: bool, least: float, reach: Array) -> Any:
    """Return the height that water must reach to cross a block from west to east, or north to south.

    That is the lowest of all ways through the block (in four directions, as water flows), each as high as its highest
    cell. It counts if it is `least` above the lowest cell of both sides, so that a slope has none; else, and where the
    block has an unknown cell, it is far below everything. `place` is row, column and size of the block.
    """
    top, left, size = place
    big = np.float32(1e9)
    sides = np.full(2, big)
    for i in range(size):
        for j in range(size):
            height = z[top + i, left + j]
            if not np.isfinite(height):
                return -big
            along = i if down else j
            reach[i, j] = height if along == 0 else big
            if along == 0:
                sides[0] = min(sides[0], height)
            if along == size - 1:
                sides[1] = min(sides[1], height)
    while _swept(z, top, left, size, reach):
        pass
    crest = big
    for i in range(size):
        crest = min(crest, reach[size - 1, i] if down else reach[i, size - 1])
    return crest if crest - max(sides[0], sides[1]) > least else -big


@njit
def crests(z: Array, factor: int, least: float, coarse: Array) -> int:
    """Raise coarse cells that a thin wall crosses to the height of its crest; return how many.

    Parameters
    ----------
    z : ndarray
        float32, fine heights with a ring of one cell, NaN = not known.
    factor : int
        Fine cells along a coarse one.
    least : float
        Height of a wall above the higher of both its sides [m] from which it counts.
    coarse : ndarray
        float32: heights of the coarse cells, written over.
    """
    size = factor + 2
    reach = np.empty((size, size), np.float32)
    raised = 0
    for row in range((z.shape[0] - 2) // factor):
        for column in range((z.shape[1] - 2) // factor):
            low = high = z[row * factor, column * factor]
            for i in range(size):
                for j in range(size):
                    height = z[row * factor + i, column * factor + j]
                    low, high = min(low, height), max(high, height)
            if not high - low > least:
                continue
            for down in range(2):
                crest = _crest(z, (row * factor, column * factor, size), down == 1, least, reach)
                if crest > coarse[row, column]:
                    coarse[row, column] = crest
                    raised += 1
    return raised
