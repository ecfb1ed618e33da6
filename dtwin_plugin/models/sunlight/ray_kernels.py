"""The compiled walk of light over a surface of cells to points in space; nothing here is called but by `facades`.

A cell is a block up to its height. From a point, the walk goes from cell to cell towards the sun (Amanatides and Woo
1987, A fast voxel traversal algorithm for ray tracing, Eurographics, 3-10) until a block reaches above it, or the
light has come above all that there is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]
numba = load_numba("calculate sun on facades")
_OPTIONS = {"nogil": True, "cache": may_cache("calculate sun on facades"), "error_model": "numpy"}
FAR = 1e30
TIE = 1e-3  # m, as in `shadow_kernels`


@numba.njit(**_OPTIONS)
def _reached(surface: Array, top: float, column: float, row: float, z: float, way: Array, rise: float) -> bool:
    """Return whether light reaches a place, given in cells from the north-west corner, and its height in m.

    `way` is the step in columns and rows of one cell along the ground towards the sun, `rise` what it rises by [m].
    """
    rows, columns = surface.shape
    i, j = int(np.floor(column)), int(np.floor(row))
    di, dj = (1 if way[0] > 0 else -1), (1 if way[1] > 0 else -1)
    step_i = 1.0 / abs(way[0]) if way[0] != 0 else FAR
    step_j = 1.0 / abs(way[1]) if way[1] != 0 else FAR
    next_i = (i + 1 - column if di > 0 else column - i) * step_i
    next_j = (j + 1 - row if dj > 0 else row - j) * step_j
    gone = 0.0  # in cells
    while 0 <= i < columns and 0 <= j < rows:
        light = z + gone * rise
        if light > top:
            return True
        if surface[j, i] > light + TIE:
            return False
        if next_i < next_j:
            gone, next_i, i = next_i, next_i + step_i, i + di
        else:
            gone, next_j, j = next_j, next_j + step_j, j + dj
    return True


@numba.njit(parallel=True, **_OPTIONS)
def count(
    surface: Array, places: Array, normals: Array, ways: Array, rises: Array, groups: Array, counted: Array
) -> None:
    """Count how often the sun shines on each place, by group of positions (such as days).

    Parameters
    ----------
    places : ndarray
        Column and row in cells, and height [m], shape (places, 3).
    normals : ndarray
        Outward directions of the walls, in columns and rows; 0 and 0 where there is no wall: it is lit from all sides.
    ways, rises, groups : ndarray
        Of each position of the sun.
    counted : ndarray
        Shape (places, groups).
    """
    top = float(surface.max())
    for p in numba.prange(places.shape[0]):
        u, v = normals[p]
        for k in range(rises.size):
            before = u * ways[k, 0] + v * ways[k, 1]
            if (u != 0 or v != 0) and before <= 0:
                continue
            if _reached(surface, top, places[p, 0], places[p, 1], places[p, 2], ways[k], rises[k]):
                counted[p, groups[k]] += 1
