"""The compiled loops that look at flowing water; nothing here is called but by `recorder`.

Depth and bed are padded by a ring, as in `kernels`; the discharges and what is kept are not. Every loop over a row
writes one array, so that it becomes vector code; strips of rows share nothing that they write.
"""

from __future__ import annotations

import numpy as np

from ..solvers.row_kernels import HALF, OPTIONS, ZERO, Array, Arrays, Real, njit, numba, prange

THIN = np.float32(1e-3)  # m, a film below it has no speed that anybody could feel
NEVER = np.float32(1e30)  # s, of what did not happen: the kernels know no infinity
DEBRIS_DEPTH = np.float32(0.25)  # m, from which water carries what harms (FD2321)


@njit
def _face_speed(out: Array, q: Array, h_l: Array, h_r: Array, z_l: Array, z_r: Array) -> None:
    """Speed over faces: the discharge over the depth of flow, B10 text at eq. 11."""
    for i in range(out.size):
        depth = max(z_l[i] + h_l[i], z_r[i] + h_r[i]) - max(z_l[i], z_r[i])
        out[i] = q[i] / max(depth, THIN) if depth > THIN else ZERO


@njit
def _cell_speed(out: Array, west: Array, east: Array, north: Array, south: Array, h: Array) -> None:
    """Speed in cells, from the mean over both faces in each direction."""
    for i in range(out.size):
        x, y = HALF * (west[i] + east[i]), HALF * (north[i] + south[i])
        speed = np.sqrt(x * x + y * y)
        out[i] = speed if h[i] > THIN else ZERO


@njit
def _keep_speed(out: Array, speed: Array) -> None:
    for i in range(out.size):
        out[i] = max(out[i], speed[i])


@njit
def _keep_hazard(out: Array, speed: Array, h: Array, extra: Real, debris: Real) -> None:
    for i in range(out.size):
        out[i] = max(out[i], h[i] * (speed[i] + extra) + (debris if h[i] > DEBRIS_DEPTH else ZERO))


@njit
def _keep_arrival(out: Array, h: Array, limit: Real, time: Real) -> None:
    for i in range(out.size):
        out[i] = min(out[i], time if h[i] >= limit else NEVER)


@njit
def _keep_duration(out: Array, h: Array, limit: Real, elapsed: Real) -> None:
    for i in range(out.size):
        out[i] += elapsed if h[i] >= limit else ZERO


@njit
def _rows(
    first: int, stop: int, water: Arrays, kept: Arrays, scratch: Array, how: tuple[Real, ...], when: tuple[Real, Real]
) -> None:
    h, z, qx, qy = water
    fastest, hazard, arrival, duration = kept
    extra, debris, arrival_depth, duration_depth = how
    n = qy.shape[1]
    x, speed = scratch[2], scratch[3, :n]
    _face_speed(
        scratch[first % 2, :n], qy[first], h[first, 1:-1], h[first + 1, 1:-1], z[first, 1:-1], z[first + 1, 1:-1]
    )
    for j in range(first, stop):
        k = j + 1  # of the padded arrays
        north, south = scratch[j % 2, :n], scratch[(j + 1) % 2, :n]
        _face_speed(x, qx[j], h[k, :-1], h[k, 1:], z[k, :-1], z[k, 1:])
        _face_speed(south, qy[j + 1], h[k, 1:-1], h[k + 1, 1:-1], z[k, 1:-1], z[k + 1, 1:-1])
        depth = h[k, 1:-1]
        _cell_speed(speed, x[:-1], x[1:], north, south, depth)
        _keep_speed(fastest[j], speed)
        _keep_hazard(hazard[j], speed, depth, extra, debris)
        _keep_arrival(arrival[j], depth, arrival_depth, when[0])
        _keep_duration(duration[j], depth, duration_depth, when[1])


@numba.njit(parallel=True, **OPTIONS)
def look(water: Arrays, kept: Arrays, scratch: Array, how: tuple[Real, ...], when: tuple[Real, Real]) -> None:
    """Keep the largest speed and hazard, the first time and the total time; call it within `parallel_kernels`.

    Parameters
    ----------
    water : depth and bed [m] with their ring; discharges [m2 s-1] over the faces.
    kept : speed [m s-1], hazard [m2 s-1], arrival [s], duration [s], each of shape (rows, cols).
    scratch : shape (strips, 4, cols + 1).
    how : what is added to the speed [m s-1] and for debris [m2 s-1]; depths of arrival and of duration [m].
    when : time now and since the last look [s].
    """
    rows, strips = kept[0].shape[0], scratch.shape[0]
    for s in prange(strips):
        _rows(s * rows // strips, (s + 1) * rows // strips, water, kept, scratch[s], how, when)
