"""The loops over one row of the second-order finite-volume scheme; nothing here is called but by `volume_kernels`.

Everything a row of a block of columns needs stands in one flat array, field after field, LINE numbers apart: as these
distances are known when the loops are compiled, a loop that writes several fields becomes vector code. Cells are
counted from the west end of the block; a field over faces holds the western or northern face of each cell. The loops
start at cell 1, because one that starts further on is not turned into vector code.

References
----------
A04 : Audusse, Bouchut, Bristeau, Klein, Perthame (2004), SIAM J. Sci. Comput. 25, 2050-2065,
    doi:10.1137/S1064827503431090.
B11 : Berthon, Turpault (2011), Numer. Methods Partial Differ. Equ. 27, 1396-1422, doi:10.1002/num.20586.
T01 : Toro (2001), Shock-Capturing Methods for Free-Surface Shallow Flows, Wiley, chapters 9 to 11.
"""

from __future__ import annotations

import numpy as np

from .row_kernels import DRY, GRAVITY, HALF, INSIDE, ONE, OPTIONS, TWO, ZERO, Array, Real, njit, numba, power_minus_7_3

FOUR, QUARTER = np.float32(4), np.float32(0.25)
KEEP = np.float32(1 - 1e-6)  # rounding may not take more from a cell than it holds
TINY = np.float32(1e-20)
HALO = 3  # cells around a block that its result depends on
WIDTH = 1024  # columns of a block
LINE = WIDTH + 2 * HALO + 2  # numbers of a field
ROWS = 4  # rows that are alive at a time
FIELDS = 40
(
    # water, bed and roughness in the cells; slopes, as differences over a cell
    H, U, V, Z, N, HX, ZX, UX, VX, HY, ZY, UY, VY,
    # half a step later: velocities, rate of friction, depths at the faces, depth times slope of the level
    U2, V2, RATE, H_W, H_E, H_N, H_S, SX, SY,
    # over the western and the northern faces: discharge, momentum that leaves and that comes, velocity along the face,
    # discharge as far as there is water, largest speed of a wave
    MX, LX, RX, TX, QX, SPEED_X, MY, LY, RY, TY, QY, SPEED_Y,
    # share of the outgoing water that there is, change of depth, new discharges, largest speeds so far
    SHARE, GAIN, NEW_X, NEW_Y, FASTEST_X, FASTEST_Y,
) = (LINE * k for k in range(FIELDS))  # fmt: skip

inlined = numba.njit(forceinline=True, **OPTIONS)


@inlined
def _slope(left: Real, right: Real, most: Real) -> Real:
    """Limited difference over a cell from those to both neighbours, at most `most` times the smaller of them.

    1 is minmod, 2 monotonised central.
    """
    size = min(most * min(abs(left), abs(right)), HALF * abs(left + right))
    return ZERO if left * right <= ZERO else (size if left > ZERO else -size)


@inlined
def _slopes(here: tuple[Real, ...], low: tuple[Real, ...], high: tuple[Real, ...]) -> tuple[Real, Real, Real, Real]:
    """Differences over a cell of depth, bed and velocities, from h, z, u, v here and in both neighbours.

    Level and depth are limited, the bed is what is between (A04 section 4): so depths at faces are 0 or more, and a
    level lake has no slope. Nothing is known beyond a wall, nor of the velocity where it is dry. Where the bed steps by
    more than the depth, as along a shore, the limiter is minmod: a steeper one feeds ripples of rounding there, until a
    still lake sloshes.
    """
    h, z, u, v = here
    h_l, z_l, u_l, v_l = low
    h_r, z_r, u_r, v_r = high
    open_l, open_r = z_l < INSIDE, z_r < INSIDE
    a, b = (h - h_l if open_l else ZERO), (h_r - h if open_r else ZERO)
    step_l, step_r = (z - z_l if open_l else ZERO), (z_r - z if open_r else ZERO)
    least = min(h, min(h_l if open_l else h, h_r if open_r else h))
    most = TWO if max(abs(step_l), abs(step_r)) < least else ONE
    depth = _slope(a, b, most)
    level = _slope(a + step_l, b + step_r, most)
    flows_l, flows_r = open_l and min(h, h_l) > DRY, open_r and min(h, h_r) > DRY
    along = _slope(u - u_l if flows_l else ZERO, u_r - u if flows_r else ZERO, most)
    across = _slope(v - v_l if flows_l else ZERO, v_r - v if flows_r else ZERO, most)
    return depth, level - depth, along, across


@njit
def slopes_x(m: Array, width: int) -> None:
    """Slopes from west to east in the cells of row m."""
    for i in range(1, width - 1):
        here = m[H + i], m[Z + i], m[U + i], m[V + i]
        low = m[H + i - 1], m[Z + i - 1], m[U + i - 1], m[V + i - 1]
        high = m[H + i + 1], m[Z + i + 1], m[U + i + 1], m[V + i + 1]
        m[HX + i], m[ZX + i], m[UX + i], m[VX + i] = _slopes(here, low, high)


@njit
def slopes_y(m: Array, a: Array, b: Array, width: int) -> None:
    """Slopes from north to south in the cells of row m, between rows a and b."""
    for i in range(1, width - 1):
        here = m[H + i], m[Z + i], m[U + i], m[V + i]
        low, high = (a[H + i], a[Z + i], a[U + i], a[V + i]), (b[H + i], b[Z + i], b[U + i], b[V + i])
        m[HY + i], m[ZY + i], m[UY + i], m[VY + i] = _slopes(here, low, high)


@inlined
def _slowed(drag: Real, x: Real, y: Real) -> Real:
    """Share of a velocity (or discharge) vector w that friction leaves, where w' = w - drag |w'| w'.

    The root of this quadratic is exact in a steady flow, whatever the time step.
    """
    return TWO / (ONE + np.sqrt(ONE + FOUR * drag * np.sqrt(x * x + y * y)))


@njit
def half_step(m: Array, width: int, dt: Real, dx: Real) -> None:
    """Half a time step from the slopes in a cell alone (MUSCL-Hancock, T01 section 11.2), with friction."""
    ratio = HALF * dt / dx
    for i in range(1, width - 1):
        h, u, v = m[H + i], m[U + i], m[V + i]
        hx, hy, zx, zy = m[HX + i], m[HY + i], m[ZX + i], m[ZY + i]
        ux, uy, vx, vy = m[UX + i], m[UY + i], m[VX + i], m[VY + i]
        deep = max(h, DRY)
        flows = h > DRY
        u2 = u - ratio * (u * ux + v * uy + GRAVITY * (hx + zx))
        v2 = v - ratio * (u * vx + v * vy + GRAVITY * (hy + zy))
        drag = GRAVITY * m[N + i] * m[N + i] * deep * power_minus_7_3(deep)
        left = _slowed(HALF * dt * drag, u2, v2)
        m[RATE + i] = drag * left * np.sqrt(u2 * u2 + v2 * v2)
        m[U2 + i] = u2 * left if flows else ZERO
        m[V2 + i] = v2 * left if flows else ZERO
        h2 = h - ratio * (u * hx + v * hy + h * (ux + vy))
        west, east = max(h2 - HALF * hx, ZERO), max(h2 + HALF * hx, ZERO)
        north, south = max(h2 - HALF * hy, ZERO), max(h2 + HALF * hy, ZERO)
        m[H_W + i], m[H_E + i], m[H_N + i], m[H_S + i] = west, east, north, south
        m[SX + i] = HALF * (west + east) * (east - west + zx)
        m[SY + i] = HALF * (north + south) * (south - north + zy)


@inlined
def _flux(
    h_l: Real,
    h_r: Real,
    u_l: Real,
    u_r: Real,
    v_l: Real,
    v_r: Real,
    rise: Real,
    damped: Real,
    open_l: bool,
    open_r: bool,
) -> tuple[Real, Real, Real, Real, Real]:
    """Flux over a face: discharge, momentum out of the left cell and into the right one, velocity along, wave speed.

    HLLC (T01 section 10.4) between the depths above the higher of both beds (A04 eq. 2.13-2.16). Of the momentum, the
    pressure of each side's own depth at the face is left out: together with the slope of the bed it is the slope of the
    level in the cell. So in still water all terms are 0, not the difference of large ones.
    """
    wall_l, wall_r = (ZERO if open_l else ONE), (ZERO if open_r else ONE)  # a mirror; depth and velocity in it are 0
    h_l, h_r = h_l + wall_l * h_r, h_r + wall_r * h_l
    u_l, u_r = u_l - wall_l * u_r, u_r - wall_r * u_l
    passes = (ONE - wall_l) * (ONE - wall_r)
    full_l, full_r = h_l, h_r
    h_l = max(h_l - max(rise * passes, ZERO), ZERO)
    h_r = max(h_r + min(rise * passes, ZERO), ZERO)
    c_l, c_r = np.sqrt(GRAVITY * h_l), np.sqrt(GRAVITY * h_r)
    u_star = HALF * (u_l + u_r) + c_l - c_r
    c_star = max(HALF * (c_l + c_r) + QUARTER * (u_l - u_r), ZERO)
    s_l = min(u_l - c_l, u_star - c_star) if h_l > ZERO else u_r - TWO * c_r
    s_r = max(u_r + c_r, u_star + c_star) if h_r > ZERO else u_l + TWO * c_l
    wet = max(h_l, h_r) > ZERO
    s_l, s_r = (min(s_l, ZERO) if wet else ZERO), (max(s_r, ZERO) if wet else ZERO)
    one = ONE / max(s_r - s_l, TINY)
    q_l, q_r = h_l * u_l, h_r * u_r
    both = ONE if min(full_l, full_r) > ZERO else ZERO  # a front on dry ground is no wave of a film
    spread = s_l * s_r * (h_r - h_l) / (ONE + both * damped * one)
    discharge = (s_r * q_l - s_l * q_r + spread) * one * passes
    carried = (s_r * q_l * u_l - s_l * q_r * u_r + s_l * s_r * (q_r - q_l)) * one
    # water that runs against a bank above it is thrown back as by a wall: there its momentum would find no resistance
    shut = ZERO if wet else ONE
    back_l = shut * full_l * max(u_l, ZERO) * (abs(u_l) + np.sqrt(GRAVITY * full_l))
    back_r = shut * full_r * min(u_r, ZERO) * (abs(u_r) + np.sqrt(GRAVITY * full_r))
    push = HALF * GRAVITY * (h_r - h_l) * (h_r + h_l) * one
    leaves, comes = carried - s_l * push + back_l, carried - s_r * push - back_r
    return discharge, leaves, comes, v_l if discharge > ZERO else v_r, max(-s_l, s_r)


@njit
def x_fluxes(m: Array, width: int, dx: Real) -> None:
    """Fluxes over the western faces of row m."""
    for i in range(1, width - 1):
        k = i - 1
        rise = m[Z + i] - m[Z + k] - HALF * (m[ZX + i] + m[ZX + k])
        m[MX + i], m[LX + i], m[RX + i], m[TX + i], m[SPEED_X + i] = _flux(
            m[H_E + k],
            m[H_W + i],
            m[U2 + k] + HALF * m[UX + k],
            m[U2 + i] - HALF * m[UX + i],
            m[V2 + k] + HALF * m[VX + k],
            m[V2 + i] - HALF * m[VX + i],
            rise,
            HALF * dx * (m[RATE + k] + m[RATE + i]),
            m[Z + k] < INSIDE,
            m[Z + i] < INSIDE,
        )


@njit
def y_fluxes(m: Array, a: Array, width: int, dx: Real) -> None:
    """Fluxes over the faces between row m and row a north of it."""
    for i in range(1, width - 1):
        rise = m[Z + i] - a[Z + i] - HALF * (m[ZY + i] + a[ZY + i])
        m[MY + i], m[LY + i], m[RY + i], m[TY + i], m[SPEED_Y + i] = _flux(
            a[H_S + i],
            m[H_N + i],
            a[V2 + i] + HALF * a[VY + i],
            m[V2 + i] - HALF * m[VY + i],
            a[U2 + i] + HALF * a[UY + i],
            m[U2 + i] - HALF * m[UY + i],
            rise,
            HALF * dx * (a[RATE + i] + m[RATE + i]),
            a[Z + i] < INSIDE,
            m[Z + i] < INSIDE,
        )


@njit
def share(m: Array, b: Array, width: int, dt: Real, dx: Real) -> None:
    """Share of the outgoing discharge that the water in the cell can feed, at most 1."""
    ratio = KEEP * dx / dt
    for i in range(1, width - 1):
        going = max(m[MX + i + 1], ZERO) - min(m[MX + i], ZERO) + max(b[MY + i], ZERO) - min(m[MY + i], ZERO)
        m[SHARE + i] = min(ONE, ratio * m[H + i] / max(going, TINY))


@njit
def limit_x(m: Array, width: int) -> None:
    """Discharge over the western faces of row m, cut to the share of the cell that it comes from."""
    for i in range(1, width - 1):
        m[QX + i] = max(m[MX + i], ZERO) * m[SHARE + i - 1] + min(m[MX + i], ZERO) * m[SHARE + i]


@njit
def limit_y(m: Array, a: Array, width: int) -> None:
    """As `limit_x`, over the faces between row m and row a north of it."""
    for i in range(1, width - 1):
        m[QY + i] = max(m[MY + i], ZERO) * a[SHARE + i] + min(m[MY + i], ZERO) * m[SHARE + i]


@njit
def gain(m: Array, b: Array, width: int, dt: Real, dx: Real) -> None:
    """Change of the depth by continuity."""
    ratio = dt / dx
    for i in range(1, width - 1):
        m[GAIN + i] = ratio * ((m[QX + i] - m[QX + i + 1]) + (m[QY + i] - b[QY + i]))


@njit
def momentum(m: Array, b: Array, width: int, dt: Real, dx: Real) -> None:
    """New discharges: fluxes, slope of the level, and friction g n^2 |q| q / h^(7/3) of the new discharge and depth."""
    ratio = dt / dx
    for i in range(1, width - 1):
        k = i + 1
        across_x = m[QY + i] * m[TY + i] - b[QY + i] * b[TY + i]
        across_y = m[QX + i] * m[TX + i] - m[QX + k] * m[TX + k]
        qx = m[H + i] * m[U + i] + ratio * (m[RX + i] - m[LX + k] - GRAVITY * m[SX + i] + across_x)
        qy = m[H + i] * m[V + i] + ratio * (m[RY + i] - b[LY + i] - GRAVITY * m[SY + i] + across_y)
        h = m[H + i] + m[GAIN + i]
        deep = max(h, DRY)
        left = _slowed(dt * GRAVITY * m[N + i] * m[N + i] * power_minus_7_3(deep), qx, qy)
        m[NEW_X + i] = qx * left if h > DRY else ZERO
        m[NEW_Y + i] = qy * left if h > DRY else ZERO


@njit
def copy(out: Array, row: Array) -> None:
    """Copy a row, or a part of it."""
    for i in range(out.size):
        out[i] = row[i]


@njit
def fill(out: Array, value: Real) -> None:
    """Put one value in a row."""
    for i in range(out.size):
        out[i] = value


@njit
def velocity(out: Array, q: Array, h: Array) -> None:
    """Velocity of a discharge; 0 where it is dry."""
    for i in range(out.size):
        out[i] = q[i] / max(h[i], DRY) if h[i] > DRY else ZERO
