"""Several time steps of the staggered schemes at once; nothing here is called but by `solver`.

The rows of a terrain do not fit in the processor's cache, so a step that passes over all of them waits for the memory.
Here the next step follows a few rows behind, and the one after that behind it, so that each row is fetched once for all
of them. With more threads, each has a strip of rows. A step of a strip cannot calculate the rows at its ends, for which
the next strip is needed: each step leaves REACH rows more than the one before, and what it replaces there is kept
aside. When all strips have been passed, what they left on both sides of each border is calculated, step by step
(trapezoids in time, Frigo and Strumpen 2005). The result is the same, to the last bit, for any number of threads.

References
----------
Frigo, Strumpen (2005), Cache oblivious stencil computations, Proc. 19th Int. Conf. on Supercomputing, 361-366,
doi:10.1145/1088149.1088197.
"""

from __future__ import annotations

from .kernels import Water, advance_row, begin
from .row_kernels import ORDERED, SPEED, Array, Arrays, Real, Step, copy_row, exact, kept, numba, ordered, prange

REACH = 3  # rows around that a row asks for as the step before left them, and one to spare
AHEAD, BEHIND = 3, 2  # of those after a row, and of those before it
LAG = 3  # rows that a step is behind the one before


@exact
def _pour(k: int, h: Array, lost: Array, sources: Arrays, dt: Real) -> None:
    """Add what the sources and sinks in row k bring in a time step; what each added [m] is counted in the last."""
    starts, columns, rates, given = sources
    for s in range(starts[k], starts[k + 1]):
        i = columns[s]
        added = max(rates[s] * dt, -h[k, i])
        h[k, i], lost[k, i] = kept(h[k, i], added, lost[k, i])
        given[s] += added


@ordered
def _turned(water: Water) -> Water:
    """Return the water with old and new velocity exchanged."""
    h, qx, qy, ux, uy, ux_new, uy_new = water
    return (h, qx, qy, ux_new, uy_new, ux, uy)


@ordered
def _keep(water: Water, aside: Arrays, to: int, j: int, count: int) -> None:
    """Copy rows from j on to the rows from `to` on of what is kept aside."""
    for a, b in ((aside[0], water[0]), (aside[1], water[1]), (aside[2], water[2])):
        for k in range(count):
            copy_row(a, to + k, b, j + k)


@ordered
def _exchange(water: Water, aside: Arrays, to: int, j: int, count: int) -> None:
    """Exchange rows from j on with those that are kept aside from `to` on."""
    for a, b in ((aside[0], water[0]), (aside[1], water[1]), (aside[2], water[2])):
        for k in range(count):
            for i in range(b.shape[1]):
                a[to + k, i], b[j + k, i] = b[j + k, i], a[to + k, i]


@ordered
def _advance(
    j: int,
    first: int,
    stop: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    counts: Arrays,
    wanted: bool,
    step: Step,
) -> None:
    """Do what one time step of rows first to stop - 1 has to do at row j."""
    if j == max(first - 1, 1):
        begin(first, stop, water, bed, edges, scratch, step)
    advance_row(j, first, stop, water, bed, edges, scratch, counts, wanted, step)
    if j > first:
        _pour(j - 1, water[0], counts[2], sources, step[0])
    if j == stop and wanted:
        counts[0][first] = scratch[SPEED].max()


@ordered
def _strip(
    first: int,
    stop: int,
    count: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    aside: Arrays,
    counts: Arrays,
    step: Step,
) -> None:
    """Advance rows first to stop - 1 by `count` time steps, but for REACH rows more in each at a border."""
    rows = water[0].shape[0] - 2
    above, below = first > 1, stop <= rows
    for m in range(first, stop + 1 + LAG * (count - 1)):
        for t in range(count):
            j, less = m - LAG * t, REACH * (t + 1)
            a, b = (first + less if above else first), (stop - less if below else stop)
            if j < max(a - 1, 1) or j > b:
                continue
            now = water if t % 2 == 0 else _turned(water)
            if above and j == a:
                _keep(now, (aside[0][t], aside[1][t], aside[2][t]), 0, a, AHEAD)
            if below and j == b - BEHIND:
                _keep(now, (aside[0][t], aside[1][t], aside[2][t]), AHEAD, b - BEHIND, BEHIND)
            _advance(j, a, b, now, bed, edges, sources, scratch[t], counts, t == count - 1, step)


@ordered
def _border(
    row: int,
    count: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    above: Arrays,
    below: Arrays,
    counts: Arrays,
    step: Step,
) -> None:
    """Advance what the strips before and from a row on have left; `above` and `below` is what they kept aside."""
    for t in range(count):
        a, b = row - REACH * (t + 1), row + REACH * (t + 1)
        now = water if t % 2 == 0 else _turned(water)
        north, south = (above[0][t], above[1][t], above[2][t]), (below[0][t], below[1][t], below[2][t])
        _exchange(now, north, AHEAD, a - BEHIND, BEHIND)
        _exchange(now, south, 0, b, AHEAD)
        for j in range(a - 1, b + 1):
            _advance(j, a, b, now, bed, edges, sources, scratch[t], counts, t == count - 1, step)
        _exchange(now, north, AHEAD, a - BEHIND, BEHIND)
        _exchange(now, south, 0, b, AHEAD)


@numba.njit(**ORDERED)
def steps_serial(
    count: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    aside: Arrays,
    counts: Arrays,
    step: Step,
) -> None:
    """Advance `count` time steps."""
    rows = bed[0].shape[0] - 2
    kept_aside = (aside[0][0], aside[1][0], aside[2][0])
    _strip(1, rows + 1, count, water, bed, edges, sources, scratch[0], kept_aside, counts, step)


@numba.njit(parallel=True, **ORDERED)
def steps_parallel(
    count: int,
    water: Water,
    bed: Arrays,
    edges: Arrays,
    sources: Arrays,
    scratch: Array,
    aside: Arrays,
    counts: Arrays,
    step: Step,
) -> None:
    """As `steps_serial`, with a strip of rows for each layer of scratch; it is called within `parallel_kernels`."""
    rows, strips = bed[0].shape[0] - 2, scratch.shape[0]
    h, qx, qy, ux, uy, ux_new, uy_new = water  # a parallel loop takes no tuple
    h_aside, x_aside, y_aside = aside
    for s in prange(strips):
        now = (h, qx, qy, ux, uy, ux_new, uy_new)
        own = (h_aside[s], x_aside[s], y_aside[s])
        first, stop = 1 + s * rows // strips, 1 + (s + 1) * rows // strips
        _strip(first, stop, count, now, bed, edges, sources, scratch[s], own, counts, step)
    for s in prange(1, strips):
        now = (h, qx, qy, ux, uy, ux_new, uy_new)
        above = (h_aside[s - 1], x_aside[s - 1], y_aside[s - 1])
        below = (h_aside[s], x_aside[s], y_aside[s])
        row = 1 + s * rows // strips
        _border(row, count, now, bed, edges, sources, scratch[s], above, below, counts, step)
