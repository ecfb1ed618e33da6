"""The compiled loops that turn cells into outlines and lines; called by `scan` only.

Arrays of cells are flat with a ring of one cell, as in `depression_kernels`. A corner is the column and row of a cell
of the terrain, counted at its north-west.
"""

from __future__ import annotations

import numpy as np

from .depression_kernels import OUT, Array, njit, offsets_of


@njit
def pieces(region: Array, width: int, piece: Array) -> int:
    """Number the parts of regions (1 ...) whose cells share sides, from the north-west; return how many there are."""
    beside = np.array([-width, 1, width, -1])
    queue = np.empty((region > 0).sum(), np.int32)
    count = 0
    piece[:] = 0
    for start in range(len(region)):
        if region[start] == 0 or piece[start]:
            continue
        count += 1
        piece[start] = count
        queue[0] = start
        first, last = 0, 1
        while first < last:
            cell = queue[first]
            first += 1
            for k in range(4):
                other = cell + beside[k]
                if region[other] == region[start] and piece[other] == 0:
                    piece[other] = count
                    queue[last] = other
                    last += 1
    return count


@njit
def outlines(piece: Array, width: int, corners: Array, rings: Array, owners: Array) -> tuple[int, int]:
    """Walk round every piece and its holes, the piece on the left hand; each ring ends where it began.

    The first ring of a piece is the outer one. Where cells of one piece touch at a corner only, two rings touch.

    Parameters
    ----------
    corners : ndarray
        int32, shape (room, 2): written, column and row.
    rings, owners : ndarray
        int64 and int32: where each ring ends in `corners`, and its piece, written from 1 and 0.

    Returns
    -------
    corners, rings : int
        How many of each there are; without room (shape (0, 2)) only counted.
    """
    step = np.array([-width, 1, width, -1])  # heading north, east, south, west
    down, right = np.array([1, 1, 0, 0]), np.array([1, 0, 0, 1])  # where the side along a cell begins
    seen = np.zeros(len(piece), np.bool_)  # of the western sides, of which every ring has one
    count, found, room = 0, 0, len(corners)
    for start in range(len(piece)):
        own = piece[start]
        if own == 0 or piece[start - 1] == own or seen[start]:
            continue
        cell, heading, turned = start, 2, True
        begin = count
        while True:
            if turned:
                if room:
                    corners[count, 0] = cell % width - 1 + right[heading]
                    corners[count, 1] = cell // width - 1 + down[heading]
                count += 1
            if heading == 2:
                seen[cell] = True
            ahead = cell + step[heading]
            across = ahead + step[(heading + 1) % 4]
            turned = True
            if piece[across] == own:
                cell, heading = across, (heading + 1) % 4
            elif piece[ahead] == own:
                cell, turned = ahead, False
            else:
                heading = (heading + 3) % 4
            if cell == start and heading == 2:
                break
        if room:
            corners[count, 0], corners[count, 1] = corners[begin, 0], corners[begin, 1]
            rings[found + 1], owners[found] = count + 1, own
        count += 1
        found += 1
    return count, found


@njit
def paths(flow: Array, upstream: Array, least: int, width: int, cells: Array, lines: Array) -> tuple[int, int]:
    """Write the lines along which the water of at least `least` cells flows, cut where they meet.

    Parameters
    ----------
    flow, upstream : ndarray
        Flat: where each cell flows, and how many cells flow through it.
    cells, lines : ndarray
        int32 and int64: written, the cells at the ends and bends of lines, and where each line ends in `cells`, from 1.

    Returns
    -------
    cells, lines : int
        How many of each there are; without room (shape (0,)) only counted.
    """
    offsets = offsets_of(width)
    donors = np.zeros(len(flow), np.uint8)
    for cell in range(len(flow)):
        if upstream[cell] >= least and flow[cell] < OUT:
            donors[cell + offsets[flow[cell]]] += 1
    count, found, room = 0, 0, len(cells)
    for start in range(len(flow)):
        if upstream[start] < least or donors[start] == 1 or flow[start] >= OUT:
            continue
        cell, before = start, -1
        while True:
            if flow[cell] != before or (donors[cell] != 1 and cell != start):
                if room:
                    cells[count] = cell
                count += 1
            if flow[cell] >= OUT or (donors[cell] != 1 and cell != start):
                break
            before = flow[cell]
            cell += offsets[before]
        found += 1
        if room:
            lines[found] = count
    return count, found
