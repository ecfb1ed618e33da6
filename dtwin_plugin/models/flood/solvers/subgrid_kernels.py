"""The compiled loops of the coarse mode; nothing here is called but by `subgrid_solver`.

Arrays of water are padded as in `kernels`, and in float64, of which coarse cells need little; tables are not padded.
Depth is the mean over the whole cell, discharge the mean over the whole face. Every loop writes to its own row only, so
the result is the same, to the last bit, for any number of threads.
"""

from __future__ import annotations

import numpy as np

from .boundaries import CLOSED, LEVEL
from .subgrid_table_kernels import OPTIONS, Array, Arrays, Real, Tables, depth_of, exact, levels_row, numba

prange = numba.prange
njit = numba.njit(**OPTIONS, fastmath=True)

NORTH, EAST, SOUTH, WEST = 0, 1, 2, 3
GRAVITY = 9.81  # m s-2
CLOSED_ABOVE = 5e4  # m, levels of a closed face and of cells outside lie above it
DRY = 1e-4  # m, no flow over a face below this depth
CELERITY = 5 / 3  # as in `kernels`
STANDING = 1.08
ROUNDING = 1e-13  # m per m, what rounding makes of heights is no slope
FREE_FALL = 0.3  # m, a level that far below the crest is a free fall: critical flow at most
SLOPE = 0.1  # but none that is a slope of up to this
EDGE_SLOPE = 1e-3  # least bed slope at an open edge
STIFF = 0.85  # (wave speed in the water of two cells * time step / cell size)^2, above which levels may only meet
FOLLOWED = 2.0  # waves up to sqrt(2) times as fast as over the face, as less of a cell is wet, get their time step
MEET = 0.25  # of what makes two levels meet, as a cell has four faces
KEEP = 1 - 1e-12  # rounding may not take more from a cell than it holds

Water = tuple[Arrays, Arrays]


@njit
def _sections_row(eta_l: Array, eta_r: Array, faces: Arrays, out: Arrays) -> None:
    """Put area per metre [m], conveyance to the power 3/5 and wet part of the faces of a row in `out`.

    `eta_l` and `eta_r` are the levels beside them [m]. A face without flow gets an area of 0.
    """
    levels, areas, conveyances, wet_share, growth = faces
    area, conveyance, wet = out
    last = levels.shape[1] - 1
    for i in range(eta_l.size):
        eta = max(eta_l[i], eta_r[i])
        area[i], conveyance[i], wet[i] = 0.0, 1.0, 1.0
        if eta <= levels[i, 0] or levels[i, 0] > CLOSED_ABOVE:
            continue
        if eta >= levels[i, last]:
            over = eta - levels[i, last]
            area[i] = areas[i, last] + over * wet_share[i]
            conveyance[i] = conveyances[i, last] + over * growth[i]
            wet[i] = wet_share[i]
            continue
        k = 0
        while levels[i, k + 1] <= eta:
            k += 1
        width = np.float64(levels[i, k + 1]) - levels[i, k]
        part = (eta - levels[i, k]) / width
        a, c = np.float64(areas[i, k]), np.float64(conveyances[i, k])
        area[i] = a + part * (areas[i, k + 1] - a)
        conveyance[i] = c + part * (conveyances[i, k + 1] - c)
        wet[i] = (areas[i, k + 1] - a) / width


@njit
def _resistance(conveyance: Real) -> Real:
    """Return 1 / K^2 of a conveyance K to the power 3/5: x^(-10/3), several times as fast as a power."""
    return 1.0 / (conveyance * conveyance * conveyance * np.cbrt(conveyance))


@njit
def _flow_row(
    out: Array, q: Array, across: Array, crest: Array, left: Arrays, right: Arrays, section: Arrays, step: Arrays
) -> Real:
    """Put the new discharge [m2 s-1] over the faces of a row in `out`, B10 eq. 11 of `kernels`; return the speed.

    With the area A and the conveyance K of the face per metre: q' = (q - g A dt d(eta)/dx) / (1 + g A dt |Q| / K^2).
    `left` and `right` are depth, level and wet part of the cells beside it.
    """
    dt, dx = step
    h_l, level_l, wet_l = left
    h_r, level_r, wet_r = right
    areas, conveyance, wet = section
    fall = max(FREE_FALL, SLOPE * dx)
    largest = 0.0
    for i in range(out.size):
        area = areas[i]
        depth = area / wet[i]
        if depth <= DRY:
            out[i] = 0.0
            continue
        eta_l, eta_r = level_l[i], level_r[i]
        drop = eta_r - eta_l
        noise = abs(eta_l) + abs(eta_r) + h_l[i] / wet_l[i] + h_r[i] / wet_r[i] + 1.0
        drop = drop if abs(drop) > ROUNDING * noise else 0.0
        size = np.sqrt(q[i] * q[i] + across[i] * across[i])
        new = (q[i] - GRAVITY * area * dt * drop / dx) / (1.0 + GRAVITY * area * dt * size * _resistance(conveyance[i]))
        wave = np.sqrt(GRAVITY * depth)
        in_cells = 0.5 * area * (1.0 / wet_l[i] + 1.0 / wet_r[i])
        follow = np.sqrt(GRAVITY * min(max(depth, in_cells), FOLLOWED * depth))
        limit = area * wave * (1.0 if crest[i] - min(eta_l, eta_r) > fall else 2.0)
        new = min(max(new, -limit), limit)
        out[i] = new
        largest = max(largest, max(STANDING * follow, wave + CELERITY * abs(new) / area))
    return largest


@njit
def _across(out: Array, one: Array, other: Array) -> None:
    """Mean of the four discharges across each face, two of each of two rows that lie beside it."""
    for i in range(out.size):
        out[i] = 0.25 * (one[i] + one[i + 1] + other[i] + other[i + 1])


@njit
def _stiff_row(
    out: Array, areas: Array, crest: Array, left: Arrays, right: Arrays, cells_l: Arrays, cells_r: Arrays, step: Arrays
) -> None:
    """Where the water of a cell is too small for the time step, let its level go part of the way to the next."""
    dt, dx = step
    h_l, level_l, wet_l = left
    h_r, level_r, wet_r = right
    for i in range(out.size):
        stiff = GRAVITY * areas[i] * (dt / dx) ** 2 * (1.0 / wet_l[i] + 1.0 / wet_r[i])
        if stiff <= STIFF or out[i] == 0.0:
            continue
        drop = level_r[i] - level_l[i]
        if out[i] * drop > 0.0:
            out[i] = 0.0  # no run-up against the slope
        elif out[i] > 0.0:
            room = depth_of(level_l[i], cells_r, i) - h_r[i]
            there = h_l[i] - depth_of(max(level_r[i], np.float64(crest[i])), cells_l, i)
            out[i] = min(out[i], max(MEET * min(room, there), 0.0) * dx / dt)
        else:
            room = depth_of(level_r[i], cells_l, i) - h_l[i]
            there = h_r[i] - depth_of(max(level_l[i], np.float64(crest[i])), cells_r, i)
            out[i] = max(out[i], -max(MEET * min(room, there), 0.0) * dx / dt)


@njit
def _edge(
    kind: int, level: Real, q: Real, eta: Real, slope: Real, faces: Arrays, scratch: Arrays, step: Arrays
) -> Real:
    """Return the discharge out of the area over an edge face [m2 s-1]: normal depth, or towards a level.

    `faces` are the tables of that face alone, of which each has one row.
    """
    dt, dx = step
    if kind == CLOSED:
        return 0.0
    scratch[0][0], scratch[1][0] = eta, level if kind == LEVEL else eta
    section = (scratch[2][:1], scratch[3][:1], scratch[4][:1])
    _sections_row(scratch[0][:1], scratch[1][:1], faces, section)
    area, conveyance, wet = section[0][0], section[1][0], section[2][0]
    if area / wet <= DRY:
        return 0.0
    if kind == LEVEL:
        out = (q + GRAVITY * area * dt * (eta - level) / dx) / (
            1.0 + GRAVITY * area * dt * abs(q) * _resistance(conveyance)
        )
    else:
        out = conveyance**CELERITY * np.sqrt(max(EDGE_SLOPE, slope))
    limit = 2.0 * area * np.sqrt(GRAVITY * area / wet)
    return min(max(out, -limit), limit)


@njit
def _one(faces: Arrays, j: int, i: int) -> Arrays:
    """Return the tables of one face, with one row."""
    return (
        faces[0][j, i : i + 1],
        faces[1][j, i : i + 1],
        faces[2][j, i : i + 1],
        faces[3][j, i : i + 1],
        faces[4][j, i : i + 1],
    )


@njit
def _part(faces: Arrays, j: int, first: int, stop: int) -> Arrays:
    """Return the tables of some faces of a row."""
    return (
        faces[0][j, first:stop],
        faces[1][j, first:stop],
        faces[2][j, first:stop],
        faces[3][j, first:stop],
        faces[4][j, first:stop],
    )


@njit
def _x_row(j: int, old: Arrays, new: Arrays, fields: Arrays, tables: Tables, edges: Arrays, step: Arrays) -> Real:
    """Put the discharge over the faces west of the cells of row j, and east of the last, in `new`; return the speed."""
    h, qx, qy = old
    eta, wet, scratch = fields
    cells, faces, share = tables[0], tables[1], tables[3]
    n = h.shape[1] - 2  # columns
    rows = (scratch[j, 0], scratch[j, 1], scratch[j, 2], scratch[j, 3], scratch[j, 4])
    low = cells[0][j - 1, :, 0]
    largest = 0.0
    if n > 1:
        west = (h[j, 1:n], eta[j, 1:n], wet[j, 1:n])
        east = (h[j, 2 : n + 1], eta[j, 2 : n + 1], wet[j, 2 : n + 1])
        part = _part(faces, j - 1, 1, n)
        section = (rows[0][: n - 1], rows[1][: n - 1], rows[2][: n - 1])
        across, out, crest = rows[3][: n - 1], new[1][j, 2 : n + 1], part[0][:, 0]
        _sections_row(west[1], east[1], part, section)
        _across(across, qy[j, 1 : n + 1], qy[j + 1, 1 : n + 1])
        largest = _flow_row(out, qx[j, 2 : n + 1], across, crest, west, east, section, step)
        before = (cells[0][j - 1, : n - 1], cells[1][j - 1, : n - 1], share[j - 1, : n - 1])
        after = (cells[0][j - 1, 1:], cells[1][j - 1, 1:], share[j - 1, 1:])
        _stiff_row(out, section[0], crest, west, east, before, after, step)
    kinds, levels = edges
    slope = (low[min(1, n - 1)] - low[0]) / step[1]
    new[1][j, 1] = -_edge(kinds[WEST], levels[WEST], -qx[j, 1], eta[j, 1], slope, _one(faces, j - 1, 0), rows, step)
    slope = (low[max(n - 2, 0)] - low[n - 1]) / step[1]
    new[1][j, n + 1] = _edge(
        kinds[EAST], levels[EAST], qx[j, n + 1], eta[j, n], slope, _one(faces, j - 1, n), rows, step
    )
    return largest


@njit
def _y_row(j: int, old: Arrays, new: Arrays, fields: Arrays, tables: Tables, edges: Arrays, step: Arrays) -> Real:
    """Put the discharge over the faces north of the cells of row j in `new`; return the speed."""
    h, qx, qy = old
    eta, wet, scratch = fields
    cells, faces, share = tables[0], tables[2], tables[3]
    n, last = h.shape[1] - 2, h.shape[0] - 2
    rows = (scratch[j, 0], scratch[j, 1], scratch[j, 2], scratch[j, 3], scratch[j, 4])
    if 2 <= j <= last:
        north = (h[j - 1, 1 : n + 1], eta[j - 1, 1 : n + 1], wet[j - 1, 1 : n + 1])
        south = (h[j, 1 : n + 1], eta[j, 1 : n + 1], wet[j, 1 : n + 1])
        part = _part(faces, j - 1, 0, n)
        section = (rows[0][:n], rows[1][:n], rows[2][:n])
        across, out, crest = rows[3][:n], new[2][j, 1 : n + 1], part[0][:, 0]
        _sections_row(north[1], south[1], part, section)
        _across(across, qx[j - 1, 1 : n + 2], qx[j, 1 : n + 2])
        largest = _flow_row(out, qy[j, 1 : n + 1], across, crest, north, south, section, step)
        above = (cells[0][j - 2], cells[1][j - 2], share[j - 2])
        below = (cells[0][j - 1], cells[1][j - 1], share[j - 1])
        _stiff_row(out, section[0], crest, north, south, above, below, step)
        return largest
    side = NORTH if j == 1 else SOUTH
    sign = -1.0 if j == 1 else 1.0
    edge_row, inner = (0, min(1, last - 1)) if j == 1 else (last - 1, max(last - 2, 0))
    for i in range(1, n + 1):
        slope = (cells[0][inner, i - 1, 0] - cells[0][edge_row, i - 1, 0]) / step[1]
        face = _one(faces, j - 1, i - 1)
        out_q = _edge(edges[0][side], edges[1][side], sign * qy[j, i], eta[edge_row + 1, i], slope, face, rows, step)
        new[2][j, i] = sign * out_q
    return 0.0


@njit
def _share_row(j: int, h: Array, qx: Array, qy: Array, share: Array, dt: Real, dx: Real) -> None:
    """Share of the outgoing discharge that the water in each cell of row j can feed, at most 1."""
    for i in range(1, h.shape[1] - 1):
        going = max(qx[j, i + 1], 0.0) - min(qx[j, i], 0.0) + max(qy[j + 1, i], 0.0) - min(qy[j, i], 0.0)
        share[j, i] = min(1.0, KEEP * h[j, i] * dx / (dt * max(going, 1e-30)))


@njit
def _limit_row(j: int, new: Arrays, share: Array) -> None:
    """Cut the discharges over the faces west and north of row j to the share of the cell that they come from."""
    qx, qy = new[1], new[2]
    for i in range(1, share.shape[1]):
        qx[j, i] *= share[j, i - 1] if qx[j, i] > 0.0 else share[j, i]
    for i in range(1, share.shape[1] - 1):
        qy[j, i] *= share[j - 1, i] if qy[j, i] > 0.0 else share[j, i]


@exact
def _store_row(j: int, h: Array, new: Arrays, flows: Array, dt: Real, dx: Real) -> None:
    """New depths of row j, and what passed the edges of the area there [m3]."""
    h_new, qx, qy = new
    rows, columns = h.shape[0] - 2, h.shape[1] - 2
    for i in range(1, columns + 1):
        h_new[j, i] = max(h[j, i] + dt / dx * ((qx[j, i] - qx[j, i + 1]) + (qy[j, i] - qy[j + 1, i])), 0.0)
    came = max(qx[j, 1], 0.0) - min(qx[j, columns + 1], 0.0)
    went = max(qx[j, columns + 1], 0.0) - min(qx[j, 1], 0.0)
    if j == 1:
        for i in range(1, columns + 1):
            came, went = came + max(qy[1, i], 0.0), went - min(qy[1, i], 0.0)
    if j == rows:
        for i in range(1, columns + 1):
            came, went = came - min(qy[rows + 1, i], 0.0), went + max(qy[rows + 1, i], 0.0)
    flows[j, 0] += came * dt * dx
    flows[j, 1] += went * dt * dx


@njit
def _stage(
    stage: int,
    j: int,
    water: Water,
    fields: Arrays,
    share: Array,
    tables: Tables,
    edges: Arrays,
    counts: Arrays,
    step: Arrays,
) -> None:
    """Do one of the five stages of a time step for row j; each needs the one before for all rows."""
    old, new = water
    h, cells = old[0], tables[0]
    last = h.shape[0] - 2
    if stage == 0 and j <= last:
        e = h.shape[1] - 1
        levels_row(h[j, 1:e], cells[0][j - 1], cells[1][j - 1], tables[3][j - 1], fields[0][j, 1:e], fields[1][j, 1:e])
    elif stage == 1:
        speed = _x_row(j, old, new, fields, tables, edges, step) if j <= last else 0.0
        counts[0][j] = max(speed, _y_row(j, old, new, fields, tables, edges, step))
    elif stage == 2 and j <= last:
        _share_row(j, h, new[1], new[2], share, step[0], step[1])
    elif stage == 3:
        _limit_row(j, new, share)
    elif stage == 4 and j <= last:
        _store_row(j, h, new, counts[1], step[0], step[1])


@njit
def step_serial(
    water: Water, fields: Arrays, share: Array, tables: Tables, edges: Arrays, counts: Arrays, step: Arrays
) -> None:
    """Advance one time step; the new state is the second of `water`."""
    for stage in range(5):
        for j in range(1, water[0][0].shape[0]):
            _stage(stage, j, water, fields, share, tables, edges, counts, step)


@numba.njit(parallel=True, fastmath=True, **OPTIONS)
def step_parallel(
    water: Water, fields: Arrays, share: Array, tables: Tables, edges: Arrays, counts: Arrays, step: Arrays
) -> None:
    """As `step_serial`, with the rows of each stage shared among threads; call it within `parallel_kernels`."""
    a, b = water  # a parallel loop takes no nested tuple
    cells, faces_x, faces_y, inside = tables
    for stage in range(5):
        for j in prange(1, a[0].shape[0]):
            _stage(stage, j, (a, b), fields, share, (cells, faces_x, faces_y, inside), edges, counts, step)
