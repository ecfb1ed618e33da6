"""The compiled sweeps of shadow over a surface; nothing here is called but by `shadow`.

For one position of the sun, the surface is swept once, row after row away from the sun. With each row goes the height
below which its cells lie in shadow: that of the row before it, or its surface if that is higher, less what the light
sinks on the way. The heights are those in the middle of the cells; only where they fall steeper than any roof, a wall
stands on the edge between both cells, and the light sinks from there. A line of light goes from row to row by whole
columns, so that each cell lies on one line, at most half a cell from it, and no shadow spreads. Where the sun stands
more to the east or west than to the north or south, the same is done with columns, on a surface that is turned.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]
numba = load_numba("calculate shadows")
_OPTIONS = {"nogil": True, "cache": may_cache("calculate shadows"), "error_model": "numpy"}
LOWEST = np.float32(-1e6)  # m, of what throws no shadow
TIE = np.float32(1e-3)  # m, by which a surface may lie below the light and still is lit: heights are rounded
HALF = np.float32(0.5)
SHADOW, FILTERED, LIT = 0, 1, 2


@numba.njit(**_OPTIONS)
def _shift(row: int, slant: float) -> int:
    """Return by how many columns the lines of light have moved at a row, counted from the first."""
    return int(np.floor(row * slant + 0.5))


@numba.njit(**_OPTIONS)
def _pass(shade: Array, above: Array, before: Array, here: Array, moved: int, sink: float, wall: float) -> None:
    """Put the height of the shadow in this row in `shade`, from that in the row before it and both surfaces."""
    columns = shade.size
    first, stop = max(moved, 0), columns + min(moved, 0)
    shade[:first] = LOWEST
    shade[stop:] = LOWEST
    for i in range(first, stop):
        top = before[i - moved]
        edge = top - (HALF * sink if top - here[i] > wall else sink)
        shade[i] = max(above[i - moved] - sink, edge)


@numba.njit(**_OPTIONS)
def _sweep(
    surface: Array,
    crowns: Array,
    backwards: bool,
    slant: float,
    sink: float,
    wall: float,
    lit: Array,
    direct: Array,
    filtered: Array,
) -> None:
    """Sweep a surface once; tell what each cell gets in `lit`, or count it in `direct` and `filtered`.

    Of `lit`, `direct` and `filtered`, and of `crowns`, those without rows are not looked at.
    """
    rows, columns = surface.shape
    here, there = np.full(columns, LOWEST, np.float32), np.full(columns, LOWEST, np.float32)
    crown_here, crown_there = here.copy(), there.copy()
    trees = crowns.shape[0] > 0
    sunk, steep = np.float32(sink), np.float32(wall)
    for n in range(rows):
        j = rows - 1 - n if backwards else n
        k = j + 1 if backwards else j - 1
        moved = _shift(n, slant) - _shift(n - 1, slant)
        if n > 0:
            _pass(here, there, surface[k], surface[j], moved, sunk, steep)
            if trees:
                _pass(crown_here, crown_there, crowns[k], crowns[j], moved, sunk, steep)
        if lit.shape[0] > 0:
            for i in range(columns):
                shaded = surface[j, i] < here[i] - TIE
                lit[j, i] = SHADOW if shaded else LIT
            if trees:
                for i in range(columns):
                    below = surface[j, i] < max(crown_here[i], crowns[j, i]) - TIE
                    lit[j, i] = FILTERED if below and lit[j, i] == LIT else lit[j, i]
        else:
            for i in range(columns):
                direct[j, i] += surface[j, i] >= here[i] - TIE
            if trees:
                for i in range(columns):
                    below = surface[j, i] < max(crown_here[i], crowns[j, i]) - TIE
                    both = below and surface[j, i] >= here[i] - TIE
                    direct[j, i] -= both
                    filtered[j, i] += both
        here, there = there, here
        crown_here, crown_there = crown_there, crown_here


@numba.njit(**_OPTIONS)
def shadow(surface: Array, crowns: Array, backwards: bool, slant: float, sink: float, wall: float, lit: Array) -> None:
    """Tell for each cell whether it lies in shadow, in light through crowns, or in the sun."""
    none = np.zeros((0, 0), np.uint16)
    _sweep(surface, crowns, backwards, slant, sink, wall, lit, none, none)


@numba.njit(parallel=True, **_OPTIONS)
def count(
    surface: Array,
    crowns: Array,
    backwards: Array,
    slant: Array,
    sink: Array,
    wall: Array,
    direct: Array,
    filtered: Array,
) -> None:
    """Count for each cell how often it is in the sun, and in light through crowns, over many positions.

    `direct` and `filtered` have a layer for each thread, which takes an equal part of the positions.
    """
    parts = direct.shape[0]
    for p in numba.prange(parts):
        none = np.zeros((0, 0), np.uint8)
        part = filtered[p] if filtered.shape[0] > 0 else np.zeros((0, 0), np.uint16)
        for k in range(p, slant.size, parts):
            _sweep(surface, crowns, backwards[k], slant[k], sink[k], wall[k], none, direct[p], part)
