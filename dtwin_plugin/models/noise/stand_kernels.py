"""Sources that stand on a roof or on the deck of a bridge: its edge is the first that their sound passes.

Called by `route_kernels` only. The profile of a path leaves out a building that the path begins in, and knows no decks:
here its beginning is put right. A deck is in the way of the sound of its own road alone: that of others passes below.
"""

from __future__ import annotations

import math

import numpy as np

from .cut_kernels import crossings, nearest, number_at
from .ground_kernels import Array, njit
from .reflection_kernels import side_of
from .scene import BUILDING

ON_GROUND, ON_ROOF, ON_DECK = 0.0, 1.0, 2.0
_ROOM, _DEEP = 512, 16  # walls on a way, and roofs or decks that it begins on, at most
_STEP = 0.5  # m: roofs whose heights differ less are one
_STEEPEST = 0.12  # of a road, C 2.2.13


@njit
def _crossed(walls: tuple, a: Array, b: Array, found: Array, which: Array) -> int:
    """Put how far along a leg it crosses walls of buildings or edges of decks, and which; return how many."""
    kinds = walls[1]
    count, kept = crossings(walls[0], walls[3], a, b, found, which), 0
    for k in range(count):
        if kinds[which[k]] == BUILDING:
            found[kept], which[kept] = found[k], which[k]
            kept += 1
    return kept


@njit
def _begins(owners: Array, which: Array, k: int) -> bool:
    """Return whether a crossing is the first of its owner."""
    for m in range(k):
        if owners[which[m]] == owners[which[k]]:
            return False
    return True


@njit
def _way_off(walls: tuple, a: Array, b: Array, z: float, rise: float) -> tuple:
    """Return how far along a leg (0 to 1) it leaves what it begins on, and how high the edge is there.

    It goes from one to another that lies beside it at the same height: `z`, within `_STEP` and `rise` a metre. The
    share is -1 where it begins on none, and 1 where it does not leave. `walls` are pieces, kinds, owners and cells.
    """
    pieces, owners = walls[0], walls[2]
    found, which = np.empty(_ROOM), np.empty(_ROOM, np.int64)
    far = math.hypot(b[0] - a[0], b[1] - a[1])
    count = _crossed(walls, a, b, found, which)
    on, n = np.empty(_DEEP, np.int64), 0
    for k in range(count):
        piece, owner = pieces[which[k]], owners[which[k]]
        outwards = side_of(piece, a[0], a[1]) > 0.0
        near = abs(number_at(piece, a, b, found[k]) - z) <= _STEP + rise * found[k] * far
        if outwards and near and n < _DEEP and _begins(owners, which, k):
            on[n] = owner
            n += 1
    if n == 0:
        return -1.0, z
    for k in range(count):
        height = number_at(pieces[which[k]], a, b, found[k])
        if abs(height - z) > _STEP + rise * found[k] * far:
            continue
        at = -1
        for m in range(n):
            if on[m] == owners[which[k]]:
                at = m
        if at >= 0:
            on[at] = on[n - 1]
            n -= 1
            if n == 0:
                return found[k], height
        elif n < _DEEP:
            on[n] = owners[which[k]]
            n += 1
    return 1.0, z


@njit
def _roof_under(scene: tuple, a: Array, b: Array, z: float) -> float:
    """Return the height of the highest roof that a path begins over, below its source; -inf for none."""
    pieces, kinds, owners = scene[0], scene[1], scene[2]
    found, which = np.empty(_ROOM), np.empty(_ROOM, np.int64)
    count = crossings(pieces, scene[3], a, b, found, which)
    top = -np.inf
    for k in range(count):
        j = which[k]
        if kinds[j] != BUILDING or pieces[j, 4] > z or side_of(pieces[j], a[0], a[1]) <= 0.0:
            continue
        if _begins(owners, which, k):
            top = max(top, pieces[j, 4])
    return top


@njit
def stood(scene: tuple, a: Array, legs: Array, count: int, z_end: float, points: Array, edges: Array) -> tuple:
    """Return points and edges of a route whose source stands on a roof or deck: with that as its first ground.

    Parameters
    ----------
    a : ndarray
        x, y and z of the source, `ON_ROOF` or `ON_DECK`, and the height of what it stands on.
    legs : ndarray
        Places on the map that the route passes, the first `count` of them.
    z_end : float
        Height of the receiver. One that lies below a deck and in its outline hears as if the deck were not there.
    points, edges : ndarray
        As of `unfolded`.
    """
    decks, surface, rise = scene[9], a[4], _STEEPEST
    walls = (decks[0], decks[1], decks[2], decks[3])
    if a[3] == ON_ROOF:
        walls, surface, rise = (scene[0], scene[1], scene[2], scene[3]), _roof_under(scene, legs[0], legs[1], a[2]), 0.0
    off, edge, left = 0.0, surface, False
    spot = legs[0].copy()
    for k in range(count - 1):
        long = math.hypot(legs[k + 1, 0] - legs[k, 0], legs[k + 1, 1] - legs[k, 1])
        share, height = _way_off(walls, legs[k], legs[k + 1], surface, rise)
        if share < 0.0:
            left = k > 0
            break
        off, edge = off + share * long, height
        spot[:] = legs[k] + share * (legs[k + 1] - legs[k])
        if share < 1.0:
            left = True
            break
    if off <= 1e-6 or (not left and z_end < surface):
        return points, edges
    values, left_edge, top, cell = scene[8]
    soft = nearest(values, left_edge, top, cell, spot[0], spot[1]) if values.size else points[0, 2]
    return _lifted(points, edges, off, (surface, edge), left, soft)


@njit
def _lifted(points: Array, edges: Array, off: float, heights: tuple, left: bool, soft: float) -> tuple:
    """Return points and edges with a hard surface of two heights [m] up to a distance, its edge, and `soft` ground."""
    start, end = heights
    n, m, more = points.shape[0], edges.shape[0], 2 if left else 0
    made, kept = np.empty((n + more, 3)), np.empty((m + 1, 4))
    p = 0
    while p < n and points[p, 0] < off:
        made[p, 0], made[p, 2] = points[p, 0], 0.0
        made[p, 1] = max(points[p, 1], start + (end - start) * points[p, 0] / off)
        p += 1
    for k in range(p, n):
        made[k + more] = points[k]
        if not left:
            made[k, 1], made[k, 2] = max(points[k, 1], end), 0.0
    j, put = 0, False
    if left:
        q = min(p, n - 1)
        before, after = points[p - 1], points[q]
        wide = max(after[0] - before[0], 1e-9)
        ground = before[1] + (after[1] - before[1]) * min((off - before[0]) / wide, 1.0)
        made[p, 0], made[p, 1], made[p, 2] = off, end, 0.0
        made[p + 1, 0], made[p + 1, 1], made[p + 1, 2] = off, ground, soft
    for e in range(m):
        before_it = edges[e, 0] < off
        if before_it and edges[e, 1] <= start + (end - start) * edges[e, 0] / off + 1e-6:
            continue  # the surface lies over it
        if left and not put and not before_it:
            kept[j, 0], kept[j, 1], kept[j, 2], kept[j, 3] = off, end, p, p + 1
            j, put = j + 1, True
        kept[j] = edges[e]
        if not before_it:
            kept[j, 2] += more
            kept[j, 3] += more
        j += 1
    if left and not put:
        kept[j, 0], kept[j, 1], kept[j, 2], kept[j, 3] = off, end, p, p + 1
        j += 1
    return made, kept[:j]
