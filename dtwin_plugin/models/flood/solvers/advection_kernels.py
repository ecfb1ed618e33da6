"""The loops over one row with momentum carried along by the flow; nothing here is called but by `kernels`.

Arrays are those of `row_kernels`; `ux`, `uy` [m s-1] are the velocities over the same faces as `qx`, `qy`.

The velocity over a face is advanced by the momentum equation in the form that keeps momentum on a staggered grid,
first-order upwind (S03), and the discharge is that velocity times the depth upstream of the face:

    hm (u' - u) / dt = - (Ql+ (u - ul) + Qr- (ur - u) + Qn+ (u - un) + Qs- (us - u)) / dx - g hm (eta_r - eta_l) / dx

with hm the mean depth of both cells, Q the mean of the two discharges next to it in the cell or at the corner, and +
and - its positive and negative part. Friction is added as in `row_kernels`.

References
----------
S03 : Stelling, Duinmeijer (2003), Int. J. Numer. Meth. Fluids 43, 1329-1354, doi:10.1002/fld.537.
"""

from __future__ import annotations

import numpy as np

from .row_kernels import (
    DRY,
    GRAVITY,
    HALF,
    ONE,
    QUARTER,
    QX,
    QY0,
    TINY,
    TWO,
    ZERO,
    Array,
    Arrays,
    Real,
    Step,
    access,
    inlined,
    ordered,
    power_minus_7_3,
)

_get_x, _put_x = access("x momentum")
_get_y, _put_y = access("y momentum")

Reals = tuple[Real, Real, Real, Real]


@inlined
def _carried(u: Real, flows: Reals, velocities: Reals, mean: Real, ratio: Real) -> Real:
    """Change of the velocity u by what flows in from the four sides [m s-1].

    What comes in during a step may not outweigh what is there: a face next to a film of water takes the velocity of
    what comes in.
    """
    left, right = max(flows[0], ZERO), max(-flows[1], ZERO)
    above, below = max(flows[2], ZERO), max(-flows[3], ZERO)
    gain = left * (velocities[0] - u) + right * (velocities[1] - u)
    gain += above * (velocities[2] - u) + below * (velocities[3] - u)
    return ratio * gain / max(max(mean, ratio * ((left + right) + (above + below))), TINY)


@inlined
def _momentum(
    u: Real, carried: Real, t: Real, h_l: Real, h_r: Real, z_l: Real, z_r: Real, n: Real, step: Step
) -> tuple[Real, Real]:
    """New velocity and discharge over a face; t is the mean of the four discharges across it, n the sum of both n."""
    dt, dx, _, rounding, fall, _ = step
    eta_l, eta_r, sill = z_l + h_l, z_r + h_r, max(z_l, z_r)
    depth = max(eta_l, eta_r) - sill
    hf = max(depth, DRY)
    drop = eta_r - eta_l
    drop = drop if abs(drop) > TWO * rounding * (abs(z_l) + abs(z_r) + hf) else ZERO  # as in `row_kernels`
    mean = max(HALF * (h_l + h_r), DRY)
    along = u * mean
    friction = (QUARTER * GRAVITY * dt) * (n * n) * np.sqrt(along * along + t * t) * power_minus_7_3(mean)
    new = (u + carried - (GRAVITY * dt / dx) * drop) / (ONE + friction)
    upstream = max((eta_l if new > ZERO else eta_r) - sill, ZERO)
    critical = np.sqrt(GRAVITY * hf)
    new = min(max(new, -critical), critical) if abs(z_r - z_l) > fall else new
    wet = depth > DRY
    return (new if wet else ZERO), (new * upstream if wet else ZERO)


@ordered
def x_momentum(scratch: Array, to: Array, row: int, j: int, water: Arrays, bed: Arrays, ux: Array, step: Step) -> None:
    """Put the discharge over the faces between the columns of row j in row QX of scratch, its velocity in `to`."""
    h, qx, qy = water
    z, n = bed
    ratio = step[0] / step[1]
    south = j + 1
    for i in range(2, h.shape[1] - 1):  # without the edges of the area
        before, after = i - 1, i + 1
        q, u = _get_x(qx, j, i), _get_x(ux, j, i)
        q_n = HALF * (_get_x(qy, j, before) + _get_x(qy, j, i))
        q_s = HALF * (_get_x(qy, south, before) + _get_x(qy, south, i))
        flows = (HALF * (_get_x(qx, j, before) + q), HALF * (_get_x(qx, j, after) + q), q_n, q_s)
        sides = (_get_x(ux, j, before), _get_x(ux, j, after), _get_x(ux, j - 1, i), _get_x(ux, south, i))
        h_l, h_r, z_l, z_r = _get_x(h, j, before), _get_x(h, j, i), _get_x(z, j, before), _get_x(z, j, i)
        carried = _carried(u, flows, sides, HALF * (h_l + h_r), ratio)
        both = _get_x(n, j, before) + _get_x(n, j, i)
        new, out = _momentum(u, carried, HALF * (q_n + q_s), h_l, h_r, z_l, z_r, both, step)
        _put_x(scratch, QX, i, out)
        _put_x(to, row, i, new)


@ordered
def y_momentum(scratch: Array, to: Array, row: int, j: int, water: Arrays, bed: Arrays, uy: Array, step: Step) -> None:
    """Put the discharge over the faces between rows j - 1 and j in row QY0 or QY1 of scratch, its velocity in `to`."""
    h, qx, qy = water
    z, n = bed
    ratio = step[0] / step[1]
    k, at, south = j - 1, QY0 + j % 2, min(j + 1, h.shape[0] - 1)
    for i in range(1, h.shape[1] - 1):
        q, u = _get_y(qy, j, i), _get_y(uy, j, i)
        q_w = HALF * (_get_y(qx, k, i) + _get_y(qx, j, i))
        q_e = HALF * (_get_y(qx, k, i + 1) + _get_y(qx, j, i + 1))
        flows = (HALF * (_get_y(qy, k, i) + q), HALF * (_get_y(qy, south, i) + q), q_w, q_e)
        sides = (_get_y(uy, k, i), _get_y(uy, south, i), _get_y(uy, j, i - 1), _get_y(uy, j, i + 1))
        h_l, h_r, z_l, z_r = _get_y(h, k, i), _get_y(h, j, i), _get_y(z, k, i), _get_y(z, j, i)
        carried = _carried(u, flows, sides, HALF * (h_l + h_r), ratio)
        both = _get_y(n, k, i) + _get_y(n, j, i)
        new, out = _momentum(u, carried, HALF * (q_w + q_e), h_l, h_r, z_l, z_r, both, step)
        _put_y(scratch, at, i, out)
        _put_y(to, row, i, new)
