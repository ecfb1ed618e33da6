"""The cheapest way through cells in space, compiled; called by `corridor` only."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]

njit = load_numba("look for a corridor").njit(nogil=True, cache=may_cache("look for a corridor"))


@njit
def _neighbours(upright: float) -> Any:
    """Return the steps to the 26 neighbours of a cell, and their lengths; the upright part counts `upright` times."""
    steps, lengths = np.empty((26, 3), np.int64), np.empty(26)
    count = 0
    for n in range(27):
        di, dj, dk = n // 9 - 1, n // 3 % 3 - 1, n % 3 - 1
        if n != 13:
            steps[count, 0], steps[count, 1], steps[count, 2] = di, dj, dk
            lengths[count] = np.sqrt(di * di + dj * dj + (upright * dk) ** 2)
            count += 1
    return steps, lengths


@njit
def cheapest(cost: Array, start: int, goal: int, upright: float) -> Any:
    """Return the cells of the cheapest way, from the goal back to the start, and what it costs; no cells if none is.

    A step costs its length times the mean cost of both cells.

    Parameters
    ----------
    cost : ndarray
        float32, shape (x, y, z): cost of the length of a cell [1]; infinite where nothing may go.
    start, goal : int
        Flat numbers of cells.
    upright : float
        How much more a metre up or down costs than one along.

    References
    ----------
    Dijkstra (1959), A note on two problems in connexion with graphs. Numer. Math. 1, 269-271.
    """
    nx, ny, nz = cost.shape
    flat = cost.reshape(-1)
    best, came = np.full(flat.size, np.inf), np.full(flat.size, -1, np.int64)
    steps, lengths = _neighbours(upright)
    best[start] = 0.0
    heap = [(0.0, start)]
    while len(heap) > 0:
        value, cell = heapq.heappop(heap)
        if cell == goal:
            break
        if value > best[cell]:
            continue
        i, j, k = cell // (nz * ny), cell // nz % ny, cell % nz
        for n in range(26):
            a, b, c = i + steps[n, 0], j + steps[n, 1], k + steps[n, 2]
            if 0 <= a < nx and 0 <= b < ny and 0 <= c < nz:
                other = (a * ny + b) * nz + c
                new = value + lengths[n] * 0.5 * (flat[cell] + flat[other])
                if new < best[other]:
                    best[other], came[other] = new, cell
                    heapq.heappush(heap, (new, other))
    path = [goal]
    while came[path[-1]] >= 0:
        path.append(came[path[-1]])
    found = np.array(path) if path[-1] == start and np.isfinite(best[goal]) else np.empty(0, np.int64)
    return found, best[goal]
