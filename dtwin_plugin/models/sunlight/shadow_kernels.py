"""The compiled sweeps of shadow over a surface; nothing here is called but by `shadow`.

For one position of the sun, the surface is swept once, row after row away from the sun. With each row goes the height
below which its cells lie in shadow: that of the row before it, or its surface if that is higher, less what the light
sinks on the way. The heights are those in the middle of the cells; only where they fall steeper than any roof, a wall
stands on the edge between both cells, and the light sinks from there. Lines of light, some to a cell, run through the
cells that they cross; each cell has the shadow of the line that runs nearest to its middle, so that no shadow spreads.
Where the sun stands more to the east or west than to the north or south, the same is done with columns, on a surface
that is turned.
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
LINES = 4  # lines of light a cell: one leads to each cell at most an eighth of a cell from its middle
SHADOW, FILTERED, LIT = 0, 1, 2


@numba.njit(**_OPTIONS)
def _column(row: int, line: int, slant: float) -> int:
    """Return in which column a line runs at a row, of those that start in the cell of column 0 at row 0."""
    return int(np.floor(row * slant + (line + 0.5) / LINES))


@numba.njit(**_OPTIONS)
def _line_of(row: int, slant: float) -> int:
    """Return which line of each cell runs nearest to the middle of a cell in this row; it is the same for all cells."""
    offset = 0.5 - row * slant
    return min(int((offset - np.floor(offset)) * LINES), LINES - 1)


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
def _tell(surface: Array, shade: Array, crowns: Array, crown_shade: Array, lit: Array) -> None:
    """Tell what the cells of a row get."""
    for i in range(surface.size):
        lit[i] = SHADOW if surface[i] < shade[i] - TIE else LIT
    for i in range(crowns.size):
        below = surface[i] < max(crown_shade[i], crowns[i]) - TIE
        lit[i] = FILTERED if below and lit[i] == LIT else lit[i]


@numba.njit(**_OPTIONS)
def _tally(surface: Array, shade: Array, crowns: Array, crown_shade: Array, direct: Array, filtered: Array) -> None:
    """Count what the cells of a row get."""
    for i in range(surface.size):
        direct[i] += surface[i] >= shade[i] - TIE
    for i in range(crowns.size):
        below = surface[i] < max(crown_shade[i], crowns[i]) - TIE
        both = below and surface[i] >= shade[i] - TIE
        direct[i] -= both
        filtered[i] += both


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
    shade = np.full((2, LINES, columns), LOWEST, np.float32)
    trees = crowns.shape[0] > 0
    crown_shade = np.full((2, LINES, columns if trees else 0), LOWEST, np.float32)
    none = np.zeros(0, np.float32)
    sunk, steep = np.float32(sink), np.float32(wall)
    for n in range(rows):
        j = rows - 1 - n if backwards else n
        k = j + 1 if backwards else j - 1
        now, then = n % 2, (n + 1) % 2
        for line in range(LINES if n > 0 else 0):
            moved = _column(n, line, slant) - _column(n - 1, line, slant)
            _pass(shade[now, line], shade[then, line], surface[k], surface[j], moved, sunk, steep)
            if trees:
                _pass(crown_shade[now, line], crown_shade[then, line], crowns[k], crowns[j], moved, sunk, steep)
        line = _line_of(n, slant)
        own = crowns[j] if trees else none
        if lit.shape[0] > 0:
            _tell(surface[j], shade[now, line], own, crown_shade[now, line], lit[j])
        else:
            through = filtered[j] if trees else direct[j]
            _tally(surface[j], shade[now, line], own, crown_shade[now, line], direct[j], through)


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
