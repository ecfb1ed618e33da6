"""Which places in the ground bodies take, and how far places lie from them, compiled; called by `claims` only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache
from .distance_kernels import bar_point, inside, nearest_on

Array = NDArray[Any]

njit = load_numba("map what is taken").njit(nogil=True, cache=may_cache("map what is taken"), error_model="numpy")
# No whole multiples of these add up to a whole number: powers of 1 / 1.2207, of which x^4 = x + 1; roots of primes.
_STEPS = (0.8191725133961645, 0.6710436067037893, 0.5497004779019703)
_ROOTS = (2**0.5, 3**0.5, 5**0.5, 7**0.5)


@njit
def _bar(edge: Array, x: float, y: float, z: float) -> float:
    """Return the distance of a point from a segment."""
    dx, dy, dz = edge[3] - edge[0], edge[4] - edge[1], edge[5] - edge[2]
    square = dx * dx + dy * dy + dz * dz
    t = 0.0
    if square > 0.0:
        t = min(1.0, max(0.0, ((x - edge[0]) * dx + (y - edge[1]) * dy + (z - edge[2]) * dz) / square))
    return np.sqrt((x - edge[0] - t * dx) ** 2 + (y - edge[1] - t * dy) ** 2 + (z - edge[2] - t * dz) ** 2)


@njit
def _beside(edges: Array, closed: bool, rim: float, x: float, y: float) -> float:
    """Return the distance on the map of a point from an outline, 0 inside."""
    if closed and inside(x, y, edges):
        return 0.0
    best = np.inf
    for n in range(len(edges)):
        s = nearest_on(x, y, edges[n])
        dx = x - edges[n, 0] - s * (edges[n, 3] - edges[n, 0])
        dy = y - edges[n, 1] - s * (edges[n, 4] - edges[n, 1])
        best = min(best, dx * dx + dy * dy)
    return max(0.0, np.sqrt(best) - rim)


@njit
def _frac(value: float) -> float:
    return value - np.floor(value)


@njit
def lower_to(
    field: Array, low: Array, step: float, bodies: Any, box: Array, number: int, shift: Any, most: float, spread: float
) -> None:
    """Lower a field of distances to those from one body, within `most` of it.

    Parameters
    ----------
    field : ndarray
        float32, shape (x, y, z): distance from the nearest body [m], for a place in each cell.
    low, step : ndarray, float
        The lowest corner of the field, and the side of its cells [m].
    bodies, number : tuple of ndarray, int
        As `distance_kernels.gap` takes them, and which of them.
    box : ndarray
        Of the body, as `Bodies.boxes` gives it [m].
    shift : tuple of float
        How far it may lie elsewhere, on the map and in height [m].
    most : float
        Distances above it need not be known [m].
    spread : float
        0 for the middle of each cell. With 1 the places lie all over the cells: along any row those of the neighbours
        are multiples of irrational numbers, which fill the cell evenly (Weyl 1916), so that a thin pipe that follows
        the row is met as often as its size asks, and not everywhere or nowhere.

    References
    ----------
    Weyl (1916), Ueber die Gleichverteilung von Zahlen mod. Eins. Math. Ann. 77, 313-352.
    """
    is_bar, closed, radius, bottom, top, edges, starts = bodies
    mine = edges[starts[number] : starts[number + 1]]
    first, last = np.empty(3, np.int64), np.empty(3, np.int64)
    for axis in range(3):
        reach = most + (shift[0] if axis < 2 else shift[1])
        a, b = (box[axis] - reach - low[axis]) / step, (box[axis + 3] + reach - low[axis]) / step
        size = field.shape[axis]
        first[axis] = int(min(max(a, 0.0), float(size)))  # also where the reach has no limit
        last[axis] = int(min(max(b + 1.0, 0.0), float(size)))
    for i in range(first[0], last[0]):
        for j in range(first[1], last[1]):
            x = low[0] + (i + 0.5 + spread * (_frac(_STEPS[0] * i + _ROOTS[0] * j) - 0.5)) * step
            y = low[1] + (j + 0.5 + spread * (_frac(_STEPS[1] * i + _ROOTS[1] * j) - 0.5)) * step
            flat = 0.0 if is_bar[number] else max(0.0, _beside(mine, closed[number], radius[number], x, y) - shift[0])
            for k in range(first[2], last[2]):
                z = low[2] + (k + 0.5 + spread * (_frac(_STEPS[2] * i + _ROOTS[2] * j + _ROOTS[3] * k) - 0.5)) * step
                if is_bar[number]:
                    if shift[0] == 0.0 and shift[1] == 0.0:
                        value = _bar(mine[0], x, y, z) - radius[number]
                    else:
                        value = bar_point(mine[0], x, y, z, shift[0], shift[1]) - radius[number]
                else:
                    upright = max(0.0, max(0.0, bottom[number] - z, z - top[number]) - shift[1])
                    value = np.sqrt(flat * flat + upright * upright)
                if value < field[i, j, k]:
                    field[i, j, k] = value
