"""The compiled sweeps of the staggered schemes; nothing here is called but by `solver`.

Arrays are padded as in `row_kernels`. One time step is one sweep from row to row that replaces the old depth and
discharge by the new ones as soon as no other row asks for the old. What the strips next to a strip of rows still ask
for, its first and last rows, is kept aside until all have passed, so the result is the same, to the last bit, for any
number of threads.

References
----------
B10 : Bates, Horritt, Fewtrell (2010), J. Hydrol. 387, 33-45, doi:10.1016/j.jhydrol.2010.03.027.
A12 : de Almeida, Bates, Freer, Souvignet (2012), Water Resour. Res. 48, W05528, doi:10.1029/2011WR011570.
A13 : de Almeida, Bates (2013), Water Resour. Res. 49, 4833-4844, doi:10.1002/wrcr.20366.
S03 : Stelling, Duinmeijer (2003), see `advection_kernels`.
"""

from __future__ import annotations

import numpy as np

from .advection_kernels import x_momentum, y_momentum
from .row_kernels import (
    DRY,
    GRAVITY,
    INSIDE,
    ONE,
    ORDERED,
    QX,
    QY0,
    R0,
    R1,
    SMOOTH,
    SPARE,
    SPEED,
    TWO,
    ZERO,
    Array,
    Arrays,
    Real,
    Step,
    continuity,
    copy_row,
    exact,
    feed,
    fill_row,
    highest,
    kept,
    limit_x,
    limit_y,
    numba,
    ordered,
    power_minus_7_3,
    prange,
    smooth,
    speed_x,
    speed_y,
    x_flow,
    y_flow,
)

Cell = tuple[int, int]
# depth, discharges, and with advection velocities, old and new; without it they have no rows
Water = tuple[Array, Array, Array, Array, Array, Array, Array]
EDGE_SLOPE = np.float32(1e-3)  # least bed slope at an open edge
CLOSED, OPEN, LEVEL = 0, 1, 2
NORTH, EAST, SOUTH, WEST = 0, 1, 2, 3
FIRST, LAST = 3, 2  # rows at the start and the end of a strip that the next strip asks for as they were


@ordered
def _edge(side: int, cell: Cell, inner: Cell, q: Real, depth: Array, bed: Arrays, edges: Arrays, step: Step) -> Real:
    """Discharge out of the area over the edge face of a cell [m2 s-1]; `inner` is the next cell inwards.

    OPEN is normal depth on the bed slope (Manning); LEVEL is B10 eq. 11 towards a fixed level on the same bed.
    """
    dt, dx = step[0], step[1]
    kind, level = edges[0][side], edges[1][side]
    h, z, n = depth[cell], bed[0][cell], bed[1][cell]
    hf = max(h, level - z) if kind == LEVEL else h
    if kind == CLOSED or z > INSIDE or hf <= DRY:
        return ZERO
    if kind == LEVEL:
        friction = GRAVITY * n * n * abs(q)
        out = (q + GRAVITY * hf * dt * (z + h - level) / dx) / (ONE + dt * friction * power_minus_7_3(hf))
    else:
        slope = EDGE_SLOPE if bed[0][inner] > INSIDE else max(EDGE_SLOPE, (bed[0][inner] - z) / dx)
        # hf^(5/3); with a call of the library's power here, a busy machine now and then gave another last bit
        out = (hf * hf) * (hf * hf) * power_minus_7_3(hf) * np.sqrt(slope) / n
    limit = TWO * hf * np.sqrt(GRAVITY * hf)
    return min(max(out, -limit), limit)


@ordered
def _x_faces(j: int, own: bool, water: Water, bed: Arrays, edges: Arrays, scratch: Array, step: Step) -> None:
    """Put the discharge over the faces between the columns of row j in scratch."""
    h, qx, qy, ux, _, ux_new, _ = water
    z, n = bed
    w = z.shape[1]  # columns with both ghosts
    advection = ux.shape[0] > 0
    to, at = (ux_new, j) if own else (scratch, SPARE)
    if advection:
        x_momentum(scratch, to, at, j, (h, qx, qy), bed, ux, step)
    else:
        base, row = qx, j
        if step[2] < ONE and w > 3:
            base, row = scratch, SMOOTH
            scratch[SMOOTH, 1], scratch[SMOOTH, w - 1] = ZERO, ZERO  # edge faces, which follow below
            smooth(scratch[SMOOTH, 2:-1], qx[j, 2:-1], qx[j, 1:-2], qx[j, 3:], z[j, :-3], z[j, 3:], step[2])
        x_flow(scratch, j, h, qx, qy, z, n, base, row, step)
    new = scratch[QX]
    new[1] = -_edge(WEST, (j, 1), (j, 2), -qx[j, 1], h, bed, edges, step)
    new[w - 1] = _edge(EAST, (j, w - 2), (j, w - 3), qx[j, w - 1], h, bed, edges, step)
    if advection:
        to[at, 1], to[at, w - 1] = new[1] / max(h[j, 1], DRY), new[w - 1] / max(h[j, w - 2], DRY)


@ordered
def _y_faces(j: int, own: bool, water: Water, bed: Arrays, edges: Arrays, scratch: Array, step: Step) -> None:
    """Put the discharge over the faces between rows j - 1 and j in scratch."""
    h, qx, qy, _, uy, _, uy_new = water
    z, n = bed
    rows, e = z.shape[0] - 2, z.shape[1] - 1
    advection = uy.shape[0] > 0
    to, at = (uy_new, j) if own else (scratch, SPARE)
    if advection:
        y_momentum(scratch, to, at, j, (h, qx, qy), bed, uy, step)
    else:
        base, row = qy, j
        if step[2] < ONE and 2 <= j <= rows:
            base, row = scratch, SMOOTH
            q_n, q, q_s = qy[j - 1, 1:e], qy[j, 1:e], qy[j + 1, 1:e]
            smooth(scratch[SMOOTH, 1:e], q, q_n, q_s, z[j - 2, 1:e], z[j + 1, 1:e], step[2])
        y_flow(scratch, j, h, qx, qy, z, n, base, row, step)
    if 1 < j <= rows:
        return
    new, side, cell, inner = scratch[QY0 + j % 2], NORTH, 1, 2
    if j > 1:
        side, cell, inner = SOUTH, rows, rows - 1
    for i in range(1, e):
        sign = ONE if side == SOUTH else -ONE
        new[i] = sign * _edge(side, (cell, i), (inner, i), sign * qy[j, i], h, bed, edges, step)
        if advection:
            to[at, i] = new[i] / max(h[cell, i], DRY)


@ordered
def _count(flows: Array, k: int, last: int, q: Arrays, at: tuple[int, int, int], unit: float) -> None:
    """Add what passed the edges of the area at row k to the volumes that came in and went out [m3]."""
    qx, qn, qs = q
    e = qx.shape[1] - 1
    came: Real = 0.0
    went: Real = 0.0
    for out in (-qx[at[0], 1], qx[at[0], e]):
        came, went = came - min(out, ZERO), went + max(out, ZERO)
    if k == 1:
        for i in range(1, e):
            came, went = came + max(qn[at[1], i], ZERO), went - min(qn[at[1], i], ZERO)
    if k == last:
        for i in range(1, e):
            came, went = came - min(qs[at[2], i], ZERO), went + max(qs[at[2], i], ZERO)
    flows[k, 0] += unit * came
    flows[k, 1] += unit * went


@ordered
def _kept_at(j: int, first: int, stop: int, rows: int) -> int:
    """Return the row of the border store that row j of a strip is kept in until all strips have passed, or -1."""
    if first > 1 and j < first + FIRST:
        return j - first
    if stop <= rows and stop - LAST <= j < stop:
        return FIRST + j - (stop - LAST)
    return -1


@ordered
def _sweep(
    first: int,
    stop: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    scratch: Array,
    border: Arrays,
    counts: Arrays,
    wanted: bool,
    step: Step,
) -> None:
    """Advance rows first to stop - 1 by one time step.

    The faces south of row j are calculated, then the share that row j can feed, so that the faces north of it can be
    limited from both sides, and row j - 1 stored. One row beyond each end of the strip is calculated as well.
    """
    h, qx, qy = water[0], water[1], water[2]
    speeds, flows, lost, largest = counts
    rows = h.shape[0] - 2
    fill_row(scratch, R0, ONE)
    fill_row(scratch, R1, ONE)
    fill_row(scratch, SPEED, ZERO)
    low, high = max(first - 1, 1), min(stop, rows)
    _y_faces(low, low >= first, water, bed, edges, scratch, step)
    for j in range(low, high + 2):
        if j <= high:
            _x_faces(j, first <= j < stop, water, bed, edges, scratch, step)
            _y_faces(j + 1, j + 1 < stop or stop == rows + 1, water, bed, edges, scratch, step)
            if wanted:
                speed_x(scratch, h, bed[0], j)
                speed_y(scratch, h, bed[0], j + 1)
            feed(scratch, j, h, step)
        elif stop == rows + 1:
            fill_row(scratch, R0 + j % 2, ONE)  # beyond the southern edge
        else:
            break
        if j < first:
            continue
        aside, aside_n = _kept_at(j, first, stop, rows), _kept_at(j - 1, first, stop, rows)
        qs, s = (border[2], aside) if aside >= 0 else (qy, j)
        if j == stop and j <= rows:  # of the next strip
            qs, s = scratch, SPARE
        limit_y(qs, s, scratch, j)
        if j > first:
            k = j - 1
            hk, qw, qn, at = (border[0], border[1], border[2], aside_n) if aside_n >= 0 else (h, qx, qy, k)
            q, places = (qw, qn, qs), (at, at, s)
            if aside_n >= 0:
                copy_row(hk, at, h, k)
            continuity(hk, at, lost, k, q, places, step[0] / step[1])
            if wanted:
                highest(largest[k], hk[at])
            _count(flows, k, rows, q, places, np.float64(step[0]) * np.float64(step[1]))
        if j < stop:
            qw, w = (border[1], aside) if aside >= 0 else (qx, j)
            limit_x(qw, w, scratch, j)
    if wanted:
        speeds[first] = scratch[SPEED].max()


@ordered
def _settle(first: int, stop: int, water: Water, border: Arrays) -> None:
    """Put the rows that a strip kept aside where they belong."""
    rows = water[0].shape[0] - 2
    for j in range(first, stop):
        at = _kept_at(j, first, stop, rows)
        if at >= 0:
            for a, b in ((water[0], border[0]), (water[1], border[1]), (water[2], border[2])):
                copy_row(a, j, b, at)


@exact
def _pour(h: Array, lost: Array, sources: Arrays, dt: Real) -> None:
    """Add the point sources and sinks of a time step; what each added [m] is counted in the last of `sources`."""
    rows, columns, rates, given = sources
    for k in range(rates.size):
        j, i = rows[k], columns[k]
        added = max(rates[k] * dt, -h[j, i])
        h[j, i], lost[j, i] = kept(h[j, i], added, lost[j, i])
        given[k] += added


@ordered
def _turned(water: Water) -> Water:
    """Return the water with old and new velocity exchanged."""
    h, qx, qy, ux, uy, ux_new, uy_new = water
    return (h, qx, qy, ux_new, uy_new, ux, uy)


@numba.njit(**ORDERED)
def steps_serial(
    count: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    border: Arrays,
    counts: Arrays,
    step: Step,
) -> None:
    """Advance `count` time steps."""
    rows = bed[0].shape[0] - 2
    aside = (border[0][0], border[1][0], border[2][0])
    for k in range(count):
        now = water if k % 2 == 0 else _turned(water)
        _sweep(1, rows + 1, now, bed, edges, scratch[0], aside, counts, k == count - 1, step)
        _pour(water[0], counts[2], sources, step[0])


@numba.njit(parallel=True, **ORDERED)
def steps_parallel(
    count: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    border: Arrays,
    counts: Arrays,
    step: Step,
) -> None:
    """As `steps_serial`, with a strip of rows for each layer of scratch; it is called within `parallel_kernels`."""
    rows, strips = bed[0].shape[0] - 2, scratch.shape[0]
    border_h, border_x, border_y = border
    for k in range(count):
        h, qx, qy, ux, uy, ux_new, uy_new = water if k % 2 == 0 else _turned(water)  # a parallel loop takes no tuple
        for s in prange(strips):
            first, stop = 1 + s * rows // strips, 1 + (s + 1) * rows // strips
            aside = (border_h[s], border_x[s], border_y[s])
            now = (h, qx, qy, ux, uy, ux_new, uy_new)
            _sweep(first, stop, now, bed, edges, scratch[s], aside, counts, k == count - 1, step)
        for s in range(strips):
            first, stop = 1 + s * rows // strips, 1 + (s + 1) * rows // strips
            _settle(first, stop, water, (border_h[s], border_x[s], border_y[s]))
        _pour(water[0], counts[2], sources, step[0])
