"""The compiled loops of the second-order finite-volume scheme; nothing here is called but by `volume_solver`.

The whole shallow water equations on square cells: depth h and discharges qx, qy [m2 s-1] in the cells, positive to the
east and the south. A time step is one sweep from row to row, in blocks of WIDTH columns: the slopes in every cell, half
a step from them, the fluxes over its faces, the share of them that its water can feed, and what becomes of it. The
loops over a row stand in `volume_row_kernels`.

Four rows of a block are alive at a time. Strips of rows share nothing that they write, and blocks of columns do not
depend on the strips, so the result is the same, to the last bit, for any number of threads.
"""

from __future__ import annotations

import numpy as np

from .kernels import EAST, EDGE_SLOPE, LEVEL, NORTH, OPEN, SOUTH, WEST
from .row_kernels import (
    DRY,
    GRAVITY,
    INSIDE,
    ONE,
    OPTIONS,
    TWO,
    WALL,
    ZERO,
    Array,
    Arrays,
    Real,
    exact,
    njit,
    numba,
    power_minus_7_3,
    prange,
)
from .volume_row_kernels import (
    FASTEST_X,
    FASTEST_Y,
    GAIN,
    HALO,
    LX,
    LY,
    MX,
    MY,
    NEW_X,
    NEW_Y,
    QX,
    QY,
    ROWS,
    RX,
    RY,
    SHARE,
    SPEED_X,
    SPEED_Y,
    TINY,
    TX,
    TY,
    WIDTH,
    H,
    N,
    U,
    V,
    Z,
    copy,
    fill,
    gain,
    half_step,
    limit_x,
    limit_y,
    momentum,
    share,
    slopes_x,
    slopes_y,
    velocity,
    x_fluxes,
    y_fluxes,
)

Water = tuple[Arrays, Arrays]  # depth and discharges, old and new


@exact
def _store(out: Array, lost: Array, old: Array, gained: Array) -> None:
    """New depth; what rounding took from it is kept in `lost` and made good in the next step (Kahan 1965)."""
    for i in range(out.size):
        change = gained[i] - lost[i]
        new = max(old[i] + change, ZERO)
        lost[i] = (new - old[i]) - change
        out[i] = new


@njit
def _load(m: Array, j: int, first: int, width: int, old: Arrays, bed: Arrays) -> None:
    """Put row j of depth, velocities, bed and roughness in a row of a block from column `first`, walls around them."""
    rows, columns = bed[0].shape
    low, high = max(first, 0), min(first + width, columns)
    if j < 0 or j >= rows or high - low < width:
        fill(m[Z : Z + width], WALL)
        for field in (H, U, V, N):
            fill(m[field : field + width], ZERO)
    if 0 <= j < rows:
        at, end = low - first, high - first
        h = old[0][j, low:high]
        copy(m[H + at : H + end], h)
        velocity(m[U + at : U + end], old[1][j, low:high], h)
        velocity(m[V + at : V + end], old[2][j, low:high], h)
        copy(m[Z + at : Z + end], bed[0][j, low:high])
        copy(m[N + at : N + end], bed[1][j, low:high])


@njit
def _beyond(
    m: Array,
    i: int,
    side: int,
    cell: tuple[int, int],
    inner: tuple[int, int],
    old: Arrays,
    bed: Arrays,
    edges: Arrays,
    dx: Real,
) -> None:
    """Put the cell beyond an edge of the area in place i of a row: its water goes on as what the edge is says.

    OPEN is normal depth on the slope of the bed (Manning); LEVEL is a fixed level on the same bed with the velocity in
    the area. `inner` is the next cell inwards.
    """
    kind, level = edges[0][side], edges[1][side]
    h, z, n = old[0][cell], bed[0][cell], bed[1][cell]
    if z > INSIDE or (kind != OPEN and kind != LEVEL):
        return
    flows = h > DRY
    u = old[1][cell] / max(h, DRY) if flows else ZERO
    v = old[2][cell] / max(h, DRY) if flows else ZERO
    if kind == LEVEL:
        h = max(level - z, ZERO)
    else:
        slope = EDGE_SLOPE if bed[0][inner] > INSIDE else max(EDGE_SLOPE, (bed[0][inner] - z) / dx)
        z = z - slope * dx
        hf = max(h, DRY)
        power = hf * hf * hf * power_minus_7_3(hf)  # hf^(2/3), without the library's power as in `kernels`
        out = min(power * np.sqrt(slope) / n, TWO * np.sqrt(GRAVITY * h)) if flows else ZERO
        outward = out if side == EAST or side == SOUTH else -out
        u = outward if side == EAST or side == WEST else u
        v = outward if side == NORTH or side == SOUTH else v
    m[H + i], m[U + i], m[V + i], m[Z + i], m[N + i] = h, u, v, z, n


@njit
def _load_beyond(m: Array, j: int, first: int, width: int, old: Arrays, bed: Arrays, edges: Arrays, dx: Real) -> None:
    """Put what lies beyond the edges in row j of a block from column `first`."""
    rows, e = bed[0].shape[0] - 2, bed[0].shape[1] - 1
    if j == 0 or j == rows + 1:
        side, cell, inner = (NORTH, 1, 2) if j == 0 else (SOUTH, rows, rows - 1)
        for i in range(max(1 - first, 0), min(e - first, width)):
            _beyond(m, i, side, (cell, first + i), (inner, first + i), old, bed, edges, dx)
    elif 0 < j <= rows:
        if first <= 0:
            _beyond(m, -first, WEST, (j, 1), (j, 2), old, bed, edges, dx)
        if first + width > e:
            _beyond(m, e - first, EAST, (j, e - 1), (j, e - 2), old, bed, edges, dx)


@njit
def _open_faces_x(m: Array, j: int, first: int, width: int, rows: int, e: int, edges: Arrays) -> None:
    """Let what is beyond an open edge decide what passes it, so that the depth before it is normal."""
    if j < 1 or j > rows:
        return
    for side in (WEST, EAST):
        ghost = -first if side == WEST else e - first
        if edges[0][side] == OPEN and 0 <= ghost < width and m[Z + ghost] < INSIDE:
            i = ghost + 1 if side == WEST else ghost
            u = m[U + ghost]
            m[MX + i] = m[H + ghost] * u
            m[LX + i] = m[RX + i] = m[MX + i] * u
            m[TX + i] = m[V + ghost]


@njit
def _open_faces_y(m: Array, a: Array, j: int, width: int, rows: int, edges: Arrays) -> None:
    """As `_open_faces_x`, over the faces north of row j."""
    if not ((j == 1 and edges[0][NORTH] == OPEN) or (j == rows + 1 and edges[0][SOUTH] == OPEN)):
        return
    ghost = a if j == 1 else m
    for i in range(1, width - 1):
        if ghost[Z + i] < INSIDE:
            v = ghost[V + i]
            m[MY + i] = ghost[H + i] * v
            m[LY + i] = m[RY + i] = m[MY + i] * v
            m[TY + i] = ghost[U + i]


@njit
def _share_beyond(m: Array, j: int, first: int, width: int, rows: int, e: int) -> None:
    """What comes from beyond the edges is limited by nothing."""
    if j < 1 or j > rows:
        fill(m[SHARE : SHARE + width], ONE)
    if first <= 0:
        m[SHARE - first] = ONE
    if first + width > e:
        m[SHARE + e - first] = ONE


@njit
def _keep_fastest(kept: Array, speed: Array) -> None:
    for i in range(kept.size):
        kept[i] = max(kept[i], speed[i])


@njit
def _fastest(kept: Array, width: int) -> Real:
    """Largest speed of a wave over the faces of a block, those at its eastern end too."""
    largest = kept[FASTEST_X + width - HALO]
    for i in range(HALO, width - HALO):
        largest = max(largest, kept[FASTEST_X + i], kept[FASTEST_Y + i])
    return largest


@njit
def _count(flows: Array, j: int, faces: Arrays, low: int, high: int, unit: float) -> None:
    """Add what passed the edges of the area at row j, columns low to high - 1, to what came in and went out [m3]."""
    qx, qy = faces
    rows, e = qx.shape[0] - 2, qx.shape[1] - 1
    came: Real = 0.0
    went: Real = 0.0
    if low == 1:
        came, went = came + max(qx[j, 1], ZERO), went - min(qx[j, 1], ZERO)
    if high == e:
        came, went = came - min(qx[j, e], ZERO), went + max(qx[j, e], ZERO)
    if j == 1:
        for i in range(low, high):
            came, went = came + max(qy[1, i], ZERO), went - min(qy[1, i], ZERO)
    if j == rows:
        for i in range(low, high):
            came, went = came - min(qy[rows + 1, i], ZERO), went + max(qy[rows + 1, i], ZERO)
    flows[j, 0] += unit * came
    flows[j, 1] += unit * went


@njit
def _finish(
    k: int,
    low: int,
    high: int,
    m: Array,
    b: Array,
    new: Arrays,
    faces: Arrays,
    counts: Arrays,
    dt: Real,
    dx: Real,
) -> None:
    """Advance row k, columns low to high - 1, and write it."""
    rows, width = faces[0].shape[0] - 2, high - low + 2 * HALO
    limit_x(m, width)
    gain(m, b, width, dt, dx)
    momentum(m, b, width, dt, dx)
    lost = counts[2]
    at, end = HALO, HALO + high - low
    _store(new[0][k, low:high], lost[k, low:high], m[H + at : H + end], m[GAIN + at : GAIN + end])
    copy(new[1][k, low:high], m[NEW_X + at : NEW_X + end])
    copy(new[2][k, low:high], m[NEW_Y + at : NEW_Y + end])
    last = 1 if high == faces[0].shape[1] - 1 else 0  # the face at the eastern edge
    copy(faces[0][k, low : high + last], m[QX + at : QX + end + last])
    copy(faces[1][k, low:high], m[QY + at : QY + end])
    if k == rows:
        copy(faces[1][k + 1, low:high], b[QY + at : QY + end])


@njit
def _sweep(
    first: int,
    stop: int,
    water: Water,
    bed: Arrays,
    faces: Arrays,
    edges: Arrays,
    scratch: Array,
    counts: Arrays,
    step: tuple[Real, Real],
) -> None:
    """Advance rows first to stop - 1 by one time step.

    Row j is loaded, the fluxes of row j - 1 calculated, the share of row j - 2, and row j - 3 finished.
    """
    dt, dx = step
    old, new = water
    rows, e = bed[0].shape[0] - 2, bed[0].shape[1] - 1
    unit = np.float64(dt) * np.float64(dx)
    for low in range(1, e, WIDTH):
        high = min(low + WIDTH, e)
        begin, width = low - HALO, high - low + 2 * HALO
        kept = scratch[0]
        fill(kept[FASTEST_X : FASTEST_X + width], ZERO)
        fill(kept[FASTEST_Y : FASTEST_Y + width], ZERO)
        for j in range(first - HALO, stop + HALO):
            b, m = scratch[j % ROWS], scratch[(j - 1) % ROWS]
            a, c = scratch[(j - 2) % ROWS], scratch[(j - 3) % ROWS]
            _load(b, j, begin, width, old, bed)
            _load_beyond(b, j, begin, width, old, bed, edges, dx)
            if j >= first - 1:
                slopes_x(m, width)
                slopes_y(m, a, b, width)
                half_step(m, width, dt, dx)
                x_fluxes(m, width, dx)
                _open_faces_x(m, j - 1, begin, width, rows, e, edges)
            if first < j <= stop:
                _keep_fastest(kept[FASTEST_X : FASTEST_X + width], m[SPEED_X : SPEED_X + width])
            if j >= first:
                y_fluxes(m, a, width, dx)
                _open_faces_y(m, a, j - 1, width, rows, edges)
            if first < j <= stop + 1:
                _keep_fastest(kept[FASTEST_Y : FASTEST_Y + width], m[SPEED_Y : SPEED_Y + width])
            if j >= first + 1:
                share(a, m, width, dt, dx)
                _share_beyond(a, j - 2, begin, width, rows, e)
            if j >= first + 2:
                limit_y(a, c, width)
            if j >= first + 3:
                _finish(j - 3, low, high, c, a, new, faces, counts, dt, dx)
        counts[0][first] = max(counts[0][first], _fastest(kept, width))
        for k in range(first, stop):
            _count(counts[1], k, faces, low, high, unit)


@exact
def _pour(water: Arrays, lost: Array, sources: Arrays, dt: Real) -> None:
    """Add the point sources and sinks of a time step; what each added [m] is counted in the last of `sources`.

    What comes has no momentum; what goes takes its own along.
    """
    h, qx, qy = water
    rows, columns, rates, given = sources
    for k in range(rates.size):
        j, i = rows[k], columns[k]
        before = h[j, i]
        added = max(rates[k] * dt, -before)
        change = added - lost[j, i]  # as in `_store`
        new = max(before + change, ZERO)
        lost[j, i] = (new - before) - change
        h[j, i] = new
        given[k] += added
        if new < before:
            qx[j, i] *= new / before
            qy[j, i] *= new / before


@njit
def _follow(q: Array, before: Array, h: Array) -> None:
    for i in range(q.size):
        q[i] = q[i] * h[i] / max(before[i], TINY) if h[i] < before[i] else q[i]


@njit
def follow(water: Arrays, before: Array) -> None:
    """Let the water that has left the cells since `before` [m] take its momentum along."""
    for j in range(before.shape[0]):
        _follow(water[1][j], before[j], water[0][j])
        _follow(water[2][j], before[j], water[0][j])


@numba.njit(parallel=True, **OPTIONS)
def steps(
    count: int,
    water: Water,
    bed: Arrays,
    faces: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    counts: Arrays,
    step: tuple[Real, Real],
) -> None:
    """Advance `count` time steps, with a strip of rows for each layer of scratch; call it within `parallel_kernels`.

    Parameters
    ----------
    water : depth [m] and discharges [m2 s-1] in the cells, old and new; the last state is in new if the count is odd.
    bed : height [m] and Manning's n [s m-1/3].
    faces : gets the discharges [m2 s-1] over the faces, as in `kernels`, in the last time step.
    edges, sources : as in `kernels`.
    scratch : shape (strips, ROWS, FIELDS * LINE).
    counts : largest wave speed [m s-1] and volumes that passed the edges [m3] by row, and what rounding added [m].
    step : time step [s] and cell size [m].
    """
    rows, strips = bed[0].shape[0] - 2, scratch.shape[0]
    for k in range(count):
        a, b = water if k % 2 == 0 else (water[1], water[0])  # a parallel loop takes no nested tuple
        for s in prange(strips):
            first, stop = 1 + s * rows // strips, 1 + (s + 1) * rows // strips
            _sweep(first, stop, (a, b), bed, faces, edges, scratch[s], counts, step)
        _pour(b, counts[2], sources, step[0])
