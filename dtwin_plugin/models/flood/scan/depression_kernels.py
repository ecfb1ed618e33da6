"""The compiled loops over cells of the depression hierarchy; called by `depressions` only.

Arrays of cells are flat and padded by a ring of one cell: cell (row, column) of the terrain is [(row + 1) * width +
column + 1], with `width` two more than the columns. `flow` holds for each cell where its water goes first: 0 to 7 to a
neighbour, counted clockwise from the north, or one of the codes below.

References
----------
B20 : Barnes, Callaghan, Wickert (2020), Earth Surf. Dynam. 8, 431-445, doi:10.5194/esurf-8-431-2020.
C19 : Cordonnier, Bovy, Braun (2019), Earth Surf. Dynam. 7, 549-562, doi:10.5194/esurf-7-549-2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...parallel import load_numba, may_cache

Array = NDArray[Any]

njit = load_numba("find depressions").njit(nogil=True, cache=may_cache("find depressions"), error_model="numpy")

OUT, PIT, FLAT, WALL, OUTSIDE = 8, 9, 10, 11, 12
PENDING = 32  # added to the direction of a cell of a flat that waits for its turn
_SLOTS = 1 << 14  # pairs of basins that are remembered
_DIGIT = 11  # bits that one pass of the sort looks at


@njit
def offsets_of(width: int) -> Array:
    """Return how far the eight neighbours lie from a cell, clockwise from the north."""
    return np.array([-width, -width + 1, 1, width + 1, width, width - 1, -1, -width - 1], np.int32)


@njit
def steepest(z: Array, flow: Array, width: int) -> int:
    """Point every cell to its lowest neighbour by slope; return how many have no lower one (FLAT, or OUT at an edge).

    On entry `flow` is WALL or OUTSIDE where a cell is no part of the area, anything below elsewhere. What is no part
    has the height NaN, of which no fall is larger than another.
    """
    offsets = offsets_of(width)
    share = np.where(np.arange(8) % 2 == 0, np.float32(1.0), np.float32(0.70710678)).astype(np.float32)
    flat = 0
    for cell in range(width + 1, len(z) - width - 1):
        if flow[cell] >= WALL:
            continue
        height = z[cell]
        best, most = FLAT, np.float32(0.0)
        for k in range(8):
            fall = (height - z[cell + offsets[k]]) * share[k]
            if fall > most:
                best, most = k, fall
        if best == FLAT:
            flat += 1
            for k in range(8):
                if flow[cell + offsets[k]] == OUTSIDE:
                    best = OUT
            flat -= best == OUT
        flow[cell] = best
    return flat


@njit
def _spread(z: Array, flow: Array, offsets: Array, queue: Array, first: int, last: int) -> None:
    """Let the flats beside the queued cells flow towards them, the nearest first."""
    while first < last:
        cell = queue[first]
        first += 1
        if flow[cell] >= PENDING:
            flow[cell] -= PENDING
        for k in range(8):
            other = cell + offsets[k]
            if flow[other] == FLAT and z[other] == z[cell]:
                flow[other] = (k + 4) % 8
                queue[last] = other
                last += 1


@njit
def drain_flats(z: Array, flow: Array, width: int, flat: int) -> Array:
    """Give every cell of a flat a direction: towards where the flat drains, or to one cell of it, its pit.

    Returns
    -------
    ndarray
        The cells that are pits, int32.
    """
    offsets = offsets_of(width)
    queue, pits = np.empty(flat, np.int32), np.empty(flat, np.int32)
    last, count = 0, 0
    for cell in range(width + 1, len(z) - width - 1):
        if flow[cell] == FLAT:
            for k in range(8):
                other = cell + offsets[k]
                if flow[other] <= OUT and z[other] == z[cell]:
                    flow[cell] = PENDING + k
                    queue[last] = cell
                    last += 1
                    break
    _spread(z, flow, offsets, queue, 0, last)
    for cell in range(width + 1, len(z) - width - 1):
        if flow[cell] == FLAT:
            flow[cell] = PIT
            pits[count] = cell
            count += 1
            queue[0] = cell
            _spread(z, flow, offsets, queue, 0, 1)
    return pits[:count].copy()


@njit
def label_basins(flow: Array, pits: Array, width: int, basin: Array) -> None:
    """Write into `basin` which pit (1 ...) the water of each cell reaches; 0 leaves the area, -1 is no part of it."""
    offsets = offsets_of(width)
    for cell in range(len(flow)):
        basin[cell] = -1
    for k in range(len(pits)):
        basin[pits[k]] = k + 1
    for start in range(len(flow)):
        if flow[start] >= WALL:
            continue
        cell = start
        while basin[cell] < 0 and flow[cell] != OUT:
            cell += offsets[flow[cell]]
        found = max(basin[cell], 0)
        cell = start
        while basin[cell] < 0:
            basin[cell] = found
            if flow[cell] != OUT:
                cell += offsets[flow[cell]]


@njit
def _note(one: int, two: int, height: float, where: int, known: tuple[Array, Array], level: Array, place: Array) -> int:
    """Write down a pass between two basins, or lower that of the same two if it was met not long ago.

    Returns
    -------
    int
        1 for a new one, else 0. `known` holds the last pair of each slot, and what it was written down as; its last
        place counts them.
    """
    pairs, index = known
    low, high = min(one, two), max(one, two)
    pair = (np.int64(low) << 32) | high
    slot = ((low * 40503) ^ (high * 60493)) % (len(pairs) - 1)
    count = index[-1]
    if pairs[slot] == pair:
        if index[slot] < len(level) and height < level[index[slot]]:
            level[index[slot]], place[index[slot]] = height, where
        return 0
    pairs[slot], index[slot] = pair, count
    if count < len(level):
        level[count], place[count] = height, where
    index[-1] = count + 1
    return 1


@njit
def passes(z: Array, flow: Array, basin: Array, width: int, level: Array, place: Array) -> int:
    """Write the passes between basins, as far as there is room in the arrays; return how many there are.

    Most pairs of basins are met along a whole border, of which only the lowest place is kept; some are met twice.

    Parameters
    ----------
    level, place : ndarray
        float32 and int32: the higher of both heights [m], and 5 * cell + direction, 0 to 3 = east to south-west, 4 =
        out of the area.
    """
    offsets = offsets_of(width)
    known = np.full(_SLOTS + 1, -1, np.int64), np.zeros(_SLOTS + 1, np.int64)
    count = 0
    for cell in range(len(z)):  # out of the area first, so that water leaves where two ways are equal
        if flow[cell] == OUTSIDE:
            for k in range(8):
                other = cell + offsets[k]
                if 0 <= other < len(z) and basin[other] > 0:
                    count += _note(basin[other], 0, z[other], other * 5 + 4, known, level, place)
    before, beyond, least = -1, -1, np.float32(0.0)  # the last pair, and a height that it is known to pass at
    for cell in range(width + 1, len(z) - width - 1):
        own = basin[cell]
        if own < 0:
            continue
        for k in range(2, 6):
            other = cell + offsets[k]
            if basin[other] >= 0 and basin[other] != own:
                height = max(z[cell], z[other])
                if own == before and basin[other] == beyond and height >= least:
                    continue
                before, beyond, least = own, basin[other], height
                count += _note(own, basin[other], height, cell * 5 + k - 2, known, level, place)
    return count


@njit
def sorted_by(level: Array, place: Array) -> tuple[Array, Array]:
    """Return both arrays by rising level [float32], equal ones in their order (a radix sort); the old are written over.

    The bits of a float32 sort as whole numbers once those of negative numbers are turned round.
    """
    count, buckets = len(level), 1 << _DIGIT
    keys = level.view(np.uint32)
    for i in range(count):
        bits = keys[i]
        keys[i] = bits ^ (np.uint32(0xFFFFFFFF) if bits >> np.uint32(31) else np.uint32(0x80000000))
    spare, spare_place = np.empty(count, np.uint32), np.empty(count, place.dtype)
    for turn in range(3):
        shift = np.uint32(turn * _DIGIT)
        starts = np.zeros(buckets + 1, np.int64)
        for i in range(count):
            starts[((keys[i] >> shift) & np.uint32(buckets - 1)) + 1] += 1
        for i in range(buckets):
            starts[i + 1] += starts[i]
        for i in range(count):
            digit = (keys[i] >> shift) & np.uint32(buckets - 1)
            spare[starts[digit]], spare_place[starts[digit]] = keys[i], place[i]
            starts[digit] += 1
        keys, spare = spare, keys
        place, spare_place = spare_place, place
    for i in range(count):
        bits = keys[i]
        keys[i] = bits ^ (np.uint32(0x80000000) if bits >> np.uint32(31) else np.uint32(0xFFFFFFFF))
    return keys.view(np.float32), place


@njit
def accumulated(flow: Array, width: int, amount: Array) -> None:
    """Add what each cell has to all cells that its water passes; what leaves or reaches a pit stays counted there."""
    offsets = offsets_of(width)
    donors = np.zeros(len(flow), np.uint8)
    for cell in range(len(flow)):
        if flow[cell] < OUT:
            donors[cell + offsets[flow[cell]]] += 1
    for start in range(len(flow)):
        if flow[start] >= WALL or donors[start]:
            continue
        cell = start
        donors[start] = 255  # done
        while flow[cell] < OUT:
            below = cell + offsets[flow[cell]]
            amount[below] += amount[cell]
            donors[below] -= 1
            if donors[below]:
                break
            donors[below] = 255
            cell = below
