"""One time step of the staggered schemes, row by row; nothing here is called but by `step_kernels`.

Arrays are padded as in `row_kernels`. A time step goes from row to row and replaces the old depth and discharge by the
new ones as soon as no other row of that step asks for the old.

References
----------
B10 : Bates, Horritt, Fewtrell (2010), J. Hydrol. 387, 33-45, doi:10.1016/j.jhydrol.2010.03.027.
A12 : de Almeida, Bates, Freer, Souvignet (2012), Water Resour. Res. 48, W05528, doi:10.1029/2011WR011570.
A13 : de Almeida, Bates (2013), Water Resour. Res. 49, 4833-4844, doi:10.1002/wrcr.20366.
J96 : Jensen (1996), Mon. Weather Rev. 124, 1272-1283, on waves that are slowed for longer time steps.
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
    PUSH0,
    PUSH1,
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
    feed,
    fill_row,
    grid_wave,
    highest,
    limit_x,
    limit_y,
    ordered,
    power_minus_7_3,
    push_x,
    push_y,
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
        mass = max(ONE, hf * step[5])  # as in `row_kernels`
        push = GRAVITY * hf * dt * (z + h - level) / dx
        out = (mass * q + push) / (mass + dt * friction * power_minus_7_3(hf))
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
def begin(first: int, stop: int, water: Water, bed: Arrays, edges: Arrays, scratch: Array, step: Step) -> None:
    """Make ready for a time step of rows first to stop - 1, which begins at the row before."""
    fill_row(scratch, R0, ONE)
    fill_row(scratch, R1, ONE)
    for row in (SPEED, PUSH0, PUSH1):  # the first row has no faces north of it yet: another strip looks at it, or none
        fill_row(scratch, row, ZERO)
    low = max(first - 1, 1)
    _y_faces(low, low >= first, water, bed, edges, scratch, step)


@ordered
def advance_row(
    j: int,
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
    """Do what a time step of rows first to stop - 1 has to do at row j, which counts from first - 1 to stop.

    The faces south of row j are calculated, then the share that row j can feed, so that the faces north of it can be
    limited from both sides, and row j - 1 stored. One row beyond each end is calculated as well, and not stored. It
    asks for rows j - 2 to j + 2 as the step before left them.
    """
    h, qx, qy = water[0], water[1], water[2]
    _, flows, lost, largest = counts
    rows = h.shape[0] - 2
    if j <= rows:
        _x_faces(j, first <= j < stop, water, bed, edges, scratch, step)
        _y_faces(j + 1, j + 1 < stop or stop == rows + 1, water, bed, edges, scratch, step)
        if wanted:
            carried = water[3].shape[0] > 0
            speed_x(scratch, h, bed[0], j, step[5], carried)
            speed_y(scratch, h, bed[0], j + 1, step[5], carried)
            if not carried:
                push_x(scratch, h, bed[0], j, step)
                push_y(scratch, h, bed[0], j + 1, step)
                grid_wave(scratch, j)
        feed(scratch, j, h, step)
    else:
        fill_row(scratch, R0 + j % 2, ONE)  # beyond the southern edge
    if j < first:
        return
    # the faces beyond the last row belong to who advances the next, or to the edge of the area
    qs, s = (scratch, SPARE) if j == stop and j <= rows else (qy, j)
    limit_y(qs, s, scratch, j)
    if j > first:
        k = j - 1
        q, places = (qx, qy, qs), (k, k, s)
        continuity(h, k, lost, k, q, places, step[0] / step[1])
        if wanted:
            highest(largest[k], h[k])
        _count(flows, k, rows, q, places, np.float64(step[0]) * np.float64(step[1]))
    if j < stop:
        limit_x(qx, j, scratch, j)
