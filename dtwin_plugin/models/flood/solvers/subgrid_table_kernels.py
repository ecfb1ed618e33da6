"""The compiled loops over the tables of the coarse mode: how they are made, levels and depths looked up in them.

Nothing here is called but by `subgrid`, `subgrid_solver` and `subgrid_kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...parallel import load_numba, may_cache

Array = NDArray[Any]
Arrays = tuple[Any, ...]
Real = Any  # a float64, or a float32 of the tables
Tables = tuple[Arrays, Arrays, Arrays, Array]  # of cells, of faces in x and in y, and the share of cells inside

numba = load_numba("calculate flooding")
OPTIONS = {"nogil": True, "cache": may_cache("calculate flooding"), "error_model": "numpy"}
exact = numba.njit(**OPTIONS)  # where NaN has a meaning, and for sums whose order matters

FAR = np.float32(1e30)  # m


@exact
def spread(blocks: Array) -> Array:
    """Return for each fine cell the lowest level at which water connects it to the lowest one of its block.

    `blocks` [m] has shape (blocks, rows, cols). Sweeps forth and back until nothing changes, over four neighbours.
    """
    levels = np.empty_like(blocks)
    rows, columns = blocks.shape[1], blocks.shape[2]
    for b in range(blocks.shape[0]):
        z, w = blocks[b], levels[b]
        low_j, low_i = 0, 0
        for j in range(rows):
            for i in range(columns):
                w[j, i] = FAR
                if z[j, i] < z[low_j, low_i]:
                    low_j, low_i = j, i
        w[low_j, low_i] = z[low_j, low_i]
        changed = True
        while changed:
            changed = False
            for back in range(2):
                for jj in range(rows):
                    j = rows - 1 - jj if back else jj
                    for ii in range(columns):
                        i = columns - 1 - ii if back else ii
                        near = w[j, i]
                        near = min(near, w[j - 1, i]) if j > 0 else near
                        near = min(near, w[j + 1, i]) if j < rows - 1 else near
                        near = min(near, w[j, i - 1]) if i > 0 else near
                        near = min(near, w[j, i + 1]) if i < columns - 1 else near
                        level = max(z[j, i], near)
                        if level < w[j, i]:
                            w[j, i] = level
                            changed = True
    return levels


@exact
def depth_of(eta: Real, cells: Arrays, i: int) -> Real:
    """Return the mean depth [m] of cell i of a row at a water level [m]; the inverse of `levels_row`."""
    levels, depths, share = cells
    last = levels.shape[1] - 1
    if eta >= levels[i, last]:
        return depths[i, last] + (eta - levels[i, last]) * share[i]
    if eta <= levels[i, 0]:
        return 0.0
    k = 0
    while levels[i, k + 1] <= eta:
        k += 1
    base = np.float64(depths[i, k])
    part = (eta - levels[i, k]) / (np.float64(levels[i, k + 1]) - levels[i, k])
    return base + part * (depths[i, k + 1] - base)


@exact
def levels_row(h: Array, levels: Array, depths: Array, share: Array, eta: Array, wet: Array) -> None:
    """Put level [m] and wet part of the cells of a row in `eta` and `wet`, from their mean depths [m].

    The search stands here and in `_sections_row` once more: handing arrays to a function for each cell costs ten times
    as much as the search itself.
    """
    last = levels.shape[1] - 1
    for i in range(h.size):
        if share[i] <= 0.0:
            continue
        if h[i] >= depths[i, last]:
            eta[i] = levels[i, last] + (h[i] - depths[i, last]) / share[i]
            wet[i] = share[i]
            continue
        k = 0
        while depths[i, k + 1] <= h[i]:
            k += 1
        base = np.float64(levels[i, k])
        slope = (np.float64(depths[i, k + 1]) - depths[i, k]) / (levels[i, k + 1] - base)
        eta[i] = base + (h[i] - depths[i, k]) / slope
        wet[i] = slope


@exact
def downscale(eta: Array, h: Array, bed: Array, factor: int, outside: Real, out: Array) -> None:
    """Put the depth on fine cells [m] below the levels of coarse ones in `out`; `outside` where the bed is NaN.

    `eta` and `h` have no ring; levels and bed count from the same height. A coarse cell without water is dry.
    """
    for j in range(bed.shape[0]):
        for i in range(bed.shape[1]):
            k, m = j // factor, i // factor
            depth = np.float32(max(eta[k, m] - bed[j, i], 0.0))
            out[j, i] = outside if np.isnan(bed[j, i]) else (depth if h[k, m] > 0.0 else np.float32(0.0))


@exact
def levels_of(h: Array, tables: Tables, out: Array, wet: Array) -> None:
    """Put the water level [m] of each cell with mean depth `h` [m], both without a ring, in `out`; and the wet part."""
    cells, share = tables[0], tables[3]
    for j in range(h.shape[0]):
        levels_row(h[j], cells[0][j], cells[1][j], share[j], out[j], wet[j])


@exact
def depths_at(eta: Array, tables: Tables, out: Array) -> None:
    """Put the mean depth [m] of each cell at a level [m], NaN = none, in `out`."""
    cells, share = tables[0], tables[3]
    for j in range(eta.shape[0]):
        row = (cells[0][j], cells[1][j], share[j])
        for i in range(eta.shape[1]):
            known = share[j, i] > 0.0 and not np.isnan(eta[j, i])
            out[j, i] = depth_of(eta[j, i], row, i) if known else 0.0


@exact
def gather_change(after: Array, before: Array, lost: Array, factor: int, out: Array) -> None:
    """Add the change of the depth on fine cells [m], without what rounding added, to `out` as a mean of coarse cells.

    All but `out` have a ring.
    """
    for j in range(after.shape[0] - 2):
        for i in range(after.shape[1] - 2):
            change = np.float64(after[j + 1, i + 1]) - before[j + 1, i + 1] - lost[j + 1, i + 1]
            out[j // factor, i // factor] += change / (factor * factor)
