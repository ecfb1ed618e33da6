"""The compiled loops of the local inertial scheme; nothing here is called but by `solver`.

Arrays are padded by a ring of one cell, so that cell (row, column) of the terrain is [row + 1, column + 1]; `qx[j, i]`
[m2 s-1] is the discharge per metre of the face between cells i - 1 and i, `qy[j, i]` of the face between rows j - 1
and j, both positive towards the larger index. A cell that is no part of the area is a wall: its bed lies at WALL.

One time step is one sweep from row to row that reads the old depth and discharge and writes the new ones. Strips of
rows share nothing that they write, so the result is the same, to the last bit, for any number of threads. Every loop
over a row is a function of its own with one array written, as the compiler turns only such loops into vector code.

References
----------
B10 : Bates, Horritt, Fewtrell (2010), J. Hydrol. 387, 33-45, doi:10.1016/j.jhydrol.2010.03.027.
A12 : de Almeida, Bates, Freer, Souvignet (2012), Water Resour. Res. 48, W05528, doi:10.1029/2011WR011570.
A13 : de Almeida, Bates (2013), Water Resour. Res. 49, 4833-4844, doi:10.1002/wrcr.20366.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]
Arrays = tuple[Array, ...]
Water = tuple[Arrays, Arrays]  # depth and discharges, old and new
Cell = tuple[int, int]
Real = Any  # a number in the precision of the arrays
Step = tuple[Real, Real, Real, Real, Real]  # time step [s], cell size [m], theta, rounding near 1, bed step [m]

numba = load_numba("calculate flooding")
prange = numba.prange
_OPTIONS = {"nogil": True, "cache": may_cache("calculate flooding"), "fastmath": True, "error_model": "numpy"}
njit = numba.njit(**_OPTIONS)
exact = numba.njit(**{**_OPTIONS, "fastmath": False})  # for sums whose order matters

# float32, as a float64 constant would turn the arithmetic of float32 arrays into float64
ZERO, ONE, TWO, FOUR = np.float32(0), np.float32(1), np.float32(2), np.float32(4)
HALF, QUARTER, THIRD = np.float32(0.5), np.float32(0.25), np.float32(1 / 3)
GRAVITY = np.float32(9.81)  # m s-2
WALL = np.float32(1e5)  # m, bed of what is no part of the area
INSIDE = np.float32(5e4)  # m, beds below it are part of the area
DRY = np.float32(1e-4)  # m, no flow over a face below this depth
CELERITY = np.float32(5 / 3)  # of a kinematic wave under Manning friction, over the velocity
STANDING = np.float32(1.08)  # keeps courant 0.7 clear of 1 / sqrt(2), where standing waves grow as the time step varies
KEEP = np.float32(1 - 1e-6)  # rounding may not take more from a cell than it holds
TINY = np.float32(1e-20)
EDGE_SLOPE = np.float32(1e-3)  # least bed slope at an open edge
MAGIC = np.float32(1419967116)  # (4/3) 2^23 (127 - 0.045), for x^(-1/3) from the bits of x

CLOSED, OPEN, LEVEL = 0, 1, 2
NORTH, EAST, SOUTH, WEST = 0, 1, 2, 3
SCRATCH = 9  # rows of scratch of one strip
_FRICTION, _SMOOTH, _QX, _QY0, _QY1, _R0, _R1, _SPARE, _GAIN = range(SCRATCH)


@numba.extending.intrinsic
def _bits(context: Any, value: Any) -> Any:
    """Return the bits of a float32 as int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(numba.int32))

    return numba.int32(numba.float32), generate


@numba.extending.intrinsic
def _from_bits(context: Any, value: Any) -> Any:
    """Return the float32 that has these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(numba.float32))

    return numba.float32(numba.int32), generate


@njit
def power_minus_7_3(x: Real) -> Real:
    """Return x^(-7/3) to 1e-4 relative, x > 0; eight times as fast as `x ** (-7 / 3)`, for it becomes vector code."""
    r = _from_bits(np.int32(MAGIC - np.float32(_bits(np.float32(x))) * THIRD))
    r = r * (FOUR - x * r * r * r) * THIRD  # Newton for r^-3 - x = 0
    r = r * (FOUR - x * r * r * r) * THIRD
    return r * r * r * r * (r * r * r)


@njit
def _smooth(out: Array, q: Array, q_l: Array, q_r: Array, z_l: Array, z_r: Array, theta: Real) -> None:
    """Weigh the discharge with both neighbours along the flow, A12 eq. 8; a wall mirrors."""
    side = HALF * (ONE - theta)
    for i in range(out.size):
        left = q_l[i] if z_l[i] < INSIDE else q[i]
        right = q_r[i] if z_r[i] < INSIDE else q[i]
        out[i] = theta * q[i] + side * (left + right)


@njit
def _friction(out: Array, q: Array, t0: Array, t1: Array, t2: Array, t3: Array, n_l: Array, n_r: Array) -> None:
    """Friction g n^2 |Q|, with |Q| from the discharge over the face and the mean of the four across it, A13."""
    for i in range(out.size):
        n = HALF * (n_l[i] + n_r[i])
        t = QUARTER * (t0[i] + t1[i] + t2[i] + t3[i])
        out[i] = GRAVITY * n * n * np.sqrt(q[i] * q[i] + t * t)


@njit
def _discharge(
    out: Array, q: Array, friction: Array, h_l: Array, h_r: Array, z_l: Array, z_r: Array, step: Step
) -> None:
    """New discharge over the faces, A12 eq. 8 = B10 eq. 11 for q as it was, held below the critical flow of a fall."""
    dt, dx, _, rounding, fall = step
    slope = GRAVITY * dt / dx
    for i in range(out.size):
        eta_l, eta_r = z_l[i] + h_l[i], z_r[i] + h_r[i]
        depth = max(eta_l, eta_r) - max(z_l[i], z_r[i])  # of the flow over the face, B10 text at eq. 11
        hf = max(depth, DRY)
        drop = eta_r - eta_l
        # what the heights' own rounding makes is no slope, so that still water stays still
        drop = drop if abs(drop) > TWO * rounding * (abs(z_l[i]) + abs(z_r[i]) + hf) else ZERO
        new = (q[i] - slope * hf * drop) / (ONE + dt * friction[i] * power_minus_7_3(hf))
        limit = hf * np.sqrt(GRAVITY * hf) * (ONE if abs(z_r[i] - z_l[i]) > fall else TWO)
        new = min(max(new, -limit), limit)
        out[i] = new if depth > DRY else ZERO


@njit
def _speed(q: Array, h_l: Array, h_r: Array, z_l: Array, z_r: Array) -> Real:
    """Largest speed of a wave over the faces [m s-1]: the gravity wave and the kinematic wave together."""
    largest = ZERO
    for i in range(q.size):
        eta_l, eta_r = z_l[i] + h_l[i], z_r[i] + h_r[i]
        depth = max(eta_l, eta_r) - max(z_l[i], z_r[i])
        hf = max(depth, DRY)
        wave = np.sqrt(GRAVITY * hf)
        speed = max(STANDING * wave, wave + CELERITY * abs(q[i]) / hf)
        largest = max(largest, speed if depth > DRY else ZERO)
    return largest


@njit
def _share(out: Array, h: Array, q_w: Array, q_e: Array, q_n: Array, q_s: Array, dt: Real, dx: Real) -> None:
    """Share of the outgoing discharge that the water in the cell can feed, at most 1."""
    ratio = KEEP * dx / dt
    for i in range(out.size):
        going = max(q_e[i], ZERO) - min(q_w[i], ZERO) + max(q_s[i], ZERO) - min(q_n[i], ZERO)
        out[i] = min(ONE, ratio * h[i] / max(going, TINY))


@njit
def _limited(out: Array, q: Array, share_l: Array, share_r: Array) -> None:
    """Discharge cut to the share of the cell that it comes from."""
    for i in range(out.size):
        out[i] = q[i] * (share_l[i] if q[i] > ZERO else share_r[i])


@njit
def _gain(out: Array, q_w: Array, q_e: Array, q_n: Array, q_s: Array, dt: Real, dx: Real) -> None:
    """Change of the depth by continuity, B10 eq. 12."""
    ratio = dt / dx
    for i in range(out.size):
        out[i] = ratio * ((q_w[i] - q_e[i]) + (q_n[i] - q_s[i]))


@exact
def _store(out: Array, lost: Array, h: Array, gain: Array) -> None:
    """New depth; what rounding took from it is kept in `lost` and made good in the next step (Kahan 1965)."""
    for i in range(out.size):
        change = gain[i] - lost[i]
        new = max(h[i] + change, ZERO)
        lost[i] = (new - h[i]) - change
        out[i] = new


@njit
def _edge(side: int, cell: Cell, inner: Cell, q: Real, old: Arrays, bed: Arrays, edges: Arrays, step: Step) -> Real:
    """Discharge out of the area over the edge face of a cell [m2 s-1]; `inner` is the next cell inwards.

    OPEN is normal depth on the bed slope (Manning); LEVEL is B10 eq. 11 towards a fixed level on the same bed.
    """
    dt, dx = step[0], step[1]
    kind, level = edges[0][side], edges[1][side]
    h, z, n = old[0][cell], bed[0][cell], bed[1][cell]
    hf = max(h, level - z) if kind == LEVEL else h
    if kind == CLOSED or z > INSIDE or hf <= DRY:
        return ZERO
    if kind == LEVEL:
        friction = GRAVITY * n * n * abs(q)
        out = (q + GRAVITY * hf * dt * (z + h - level) / dx) / (ONE + dt * friction * power_minus_7_3(hf))
    else:
        slope = EDGE_SLOPE if bed[0][inner] > INSIDE else max(EDGE_SLOPE, (bed[0][inner] - z) / dx)
        out = hf**CELERITY * np.sqrt(slope) / n
    limit = TWO * hf * np.sqrt(GRAVITY * hf)
    return min(max(out, -limit), limit)


@njit
def _x_faces(j: int, old: Arrays, bed: Arrays, edges: Arrays, scratch: Array, wanted: bool, step: Step) -> Real:
    """Put the discharge over the faces between the columns of row j in scratch; return their largest wave speed."""
    theta = step[2]
    qx, qy = old[1], old[2]
    z, n = bed[0][j], bed[1][j]
    w = z.size  # columns with both ghosts
    h, friction, q = old[0][j], scratch[_FRICTION, 1:w], qx[j, 1:w]
    _friction(friction, q, qy[j, :-1], qy[j, 1:], qy[j + 1, :-1], qy[j + 1, 1:], n[:-1], n[1:])
    if theta < ONE and w > 3:
        smooth = scratch[_SMOOTH]
        smooth[1], smooth[w - 1] = ZERO, ZERO  # edge faces, which follow below
        _smooth(smooth[2:-1], qx[j, 2:-1], qx[j, 1:-2], qx[j, 3:], z[:-3], z[3:], theta)
        q = smooth[1:w]
    new = scratch[_QX]
    _discharge(new[1:w], q, friction, h[:-1], h[1:], z[:-1], z[1:], step)
    new[1] = -_edge(WEST, (j, 1), (j, 2), -qx[j, 1], old, bed, edges, step)
    new[w - 1] = _edge(EAST, (j, w - 2), (j, w - 3), qx[j, w - 1], old, bed, edges, step)
    return _speed(new[1:w], h[:-1], h[1:], z[:-1], z[1:]) if wanted else ZERO


@njit
def _y_faces(j: int, old: Arrays, bed: Arrays, edges: Arrays, scratch: Array, wanted: bool, step: Step) -> Real:
    """Put the discharge over the faces between rows j - 1 and j in scratch; return their largest wave speed."""
    theta = step[2]
    qx, qy = old[1], old[2]
    z, n = bed
    rows, e = z.shape[0] - 2, z.shape[1] - 1
    h_n, h_s = old[0][j - 1, 1:e], old[0][j, 1:e]
    friction, q, new = scratch[_FRICTION, 1:e], qy[j, 1:e], scratch[_QY0 + j % 2]
    _friction(friction, q, qx[j - 1, 1:e], qx[j - 1, 2:], qx[j, 1:e], qx[j, 2:], n[j - 1, 1:e], n[j, 1:e])
    if theta < ONE and 2 <= j <= rows:
        _smooth(scratch[_SMOOTH, 1:e], q, qy[j - 1, 1:e], qy[j + 1, 1:e], z[j - 2, 1:e], z[j + 1, 1:e], theta)
        q = scratch[_SMOOTH, 1:e]
    _discharge(new[1:e], q, friction, h_n, h_s, z[j - 1, 1:e], z[j, 1:e], step)
    if j == 1:
        for i in range(1, e):
            new[i] = -_edge(NORTH, (1, i), (2, i), -qy[1, i], old, bed, edges, step)
    if j == rows + 1:
        for i in range(1, e):
            new[i] = _edge(SOUTH, (rows, i), (rows - 1, i), qy[j, i], old, bed, edges, step)
    return _speed(new[1:e], h_n, h_s, z[j - 1, 1:e], z[j, 1:e]) if wanted else ZERO


@njit
def _count(flows: Array, j: int, new: Arrays, unit: float) -> None:
    """Add what passed the edges of the area at row j to the volumes that came in and went out [m3]."""
    qx, qy = new[1], new[2]
    rows, e = qx.shape[0] - 2, qx.shape[1] - 1
    came: Real = 0.0
    went: Real = 0.0
    for q in (-qx[j, 1], qx[j, e]):
        came, went = came - min(q, ZERO), went + max(q, ZERO)
    if j == 1:
        for i in range(1, e):
            came, went = came + max(qy[1, i], ZERO), went - min(qy[1, i], ZERO)
    if j == rows:
        for i in range(1, e):
            came, went = came - min(qy[rows + 1, i], ZERO), went + max(qy[rows + 1, i], ZERO)
    flows[j, 0] += unit * came
    flows[j, 1] += unit * went


@njit
def _sweep(
    first: int,
    stop: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    scratch: Array,
    counts: Arrays,
    wanted: bool,
    step: Step,
) -> None:
    """Advance rows first to stop - 1 by one time step.

    The faces south of row j are calculated, then the share that row j can feed, so that the faces north of it can be
    limited from both sides, and row j - 1 stored. One row beyond each end of the strip is calculated as well.
    """
    dt, dx = step[0], step[1]
    old, new = water
    h, (h_new, qx_new, qy_new) = old[0], new
    speeds, flows, lost = counts
    rows, e = h.shape[0] - 2, h.shape[1] - 1
    scratch[_R0 : _R1 + 1] = ONE
    low, high = max(first - 1, 1), min(stop, rows)
    _y_faces(low, old, bed, edges, scratch, False, step)
    for j in range(low, high + 2):
        north, share_n, share = scratch[_QY0 + j % 2], scratch[_R0 + (j - 1) % 2], scratch[_R0 + j % 2]
        if j <= high:
            speed = _x_faces(j, old, bed, edges, scratch, wanted, step)
            speeds_y = _y_faces(j + 1, old, bed, edges, scratch, wanted, step)
            if first <= j < stop:
                speeds[j] = max(speed, speeds_y)
            q, south = scratch[_QX], scratch[_QY0 + (j + 1) % 2]
            _share(share[1:e], h[j, 1:e], q[1:e], q[2:], north[1:e], south[1:e], dt, dx)
        elif stop == rows + 1:
            share[1:e] = ONE  # beyond the southern edge
        else:
            break
        if j < first:
            continue
        face = qy_new[j] if j < stop or j == rows + 1 else scratch[_SPARE]
        _limited(face[1:e], north[1:e], share_n[1:e], share[1:e])
        if j < stop:
            _limited(qx_new[j, 1:], scratch[_QX, 1:], share[:-1], share[1:])
        if j > first:
            k = j - 1
            gain = scratch[_GAIN, 1:e]
            _gain(gain, qx_new[k, 1:e], qx_new[k, 2:], qy_new[k, 1:e], face[1:e], dt, dx)
            _store(h_new[k, 1:e], lost[k, 1:e], h[k, 1:e], gain)
            _count(flows, k, new, np.float64(dt) * np.float64(dx))


@exact
def _pour(h: Array, lost: Array, sources: Arrays, dt: Real) -> None:
    """Add the point sources and sinks of a time step; what each added [m] is counted in the last of `sources`."""
    rows, columns, rates, given = sources
    for k in range(rates.size):
        j, i = rows[k], columns[k]
        added = max(rates[k] * dt, -h[j, i])
        change = added - lost[j, i]  # as in `_store`
        new = max(h[j, i] + change, ZERO)
        lost[j, i] = (new - h[j, i]) - change
        h[j, i] = new
        given[k] += added


@njit
def steps_serial(
    count: int, water: Water, bed: Arrays, edges: Arrays, sources: Arrays, scratch: Array, counts: Arrays, step: Step
) -> None:
    """Advance `count` time steps; the last state is in `new` if the count is odd."""
    rows = bed[0].shape[0] - 2
    for k in range(count):
        ab = water if k % 2 == 0 else (water[1], water[0])
        _sweep(1, rows + 1, ab, bed, edges, scratch[0], counts, k == count - 1, step)
        _pour(ab[1][0], counts[2], sources, step[0])


@numba.njit(parallel=True, **_OPTIONS)
def steps_parallel(
    count: int, water: Water, bed: Arrays, edges: Arrays, sources: Arrays, scratch: Array, counts: Arrays, step: Step
) -> None:
    """As `steps_serial`, with a strip of rows for each layer of scratch; call it within `parallel_kernels`."""
    rows, strips = bed[0].shape[0] - 2, scratch.shape[0]
    for k in range(count):
        a, b = water if k % 2 == 0 else (water[1], water[0])  # a parallel loop takes no nested tuple
        for s in prange(strips):
            first, stop = 1 + s * rows // strips, 1 + (s + 1) * rows // strips
            _sweep(first, stop, (a, b), bed, edges, scratch[s], counts, k == count - 1, step)
        _pour(b[0], counts[2], sources, step[0])
