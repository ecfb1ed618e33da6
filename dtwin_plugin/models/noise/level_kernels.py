"""From roads to receivers: what of the sound of each road comes to each receiver; called by `transfer` only.

A piece of road is cut until each part is short against its distance, and each part stands for a point source in its
middle; pieces of one road that are shorter still are taken together. What comes of a road is a sum of energies, stored
once and used again for any traffic.
"""

from __future__ import annotations

import math

import numpy as np

from .cut_kernels import nearest
from .facing_kernels import faces, toward
from .ground_kernels import Array, njit
from .profile_kernels import ground_at
from .reflection_kernels import images_of, in_beam
from .route_kernels import by_walls, direct, lateral, reflected
from .stand_kernels import ON_DECK, ON_GROUND

SHORTEST = 2.0  # m: parts of a road are not shorter
DEEPEST = 14  # times that a piece is halved at most
CHAINED = 0.5  # of the longest part there may be: pieces are taken together up to this, as halves are so long at least


@njit
def _softness(scene: tuple, x: float, y: float) -> float:
    """Return G at a place; hard where the scene has no raster."""
    values, left, top, cell = scene[8]
    return nearest(values, left, top, cell, x, y) if values.size else 0.0


@njit
def _distance(road: Array, receiver: Array) -> float:
    """Return the shortest distance on the map from a receiver to a piece of road."""
    dx, dy = road[3] - road[0], road[4] - road[1]
    x, y = receiver[0] - road[0], receiver[1] - road[1]
    along = min(max((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-12), 0.0), 1.0)
    return math.hypot(x - along * dx, y - along * dy)


@njit
def _add(energy: Array, gains: Array, length: float) -> None:
    for weather in range(2):
        for band in range(energy.shape[1]):
            energy[weather, band] += length * gains[weather, band]


@njit
def point(scene: tuple, a: Array, receiver: Array, ground: float, length: float, how: tuple, energy: Array) -> bool:
    """Add what comes of a point source by all its routes to `energy`, shape (2, 8): in still air and downwind.

    `a` is x, y and z, what the source stands on, and the height of that where it is a deck (see `stood`); and where it
    faces (see `toward`): each route counts by the direction in which it begins, one around edges as if straight.
    `how` is what air takes [dB/m], whether routes around edges count, and by which walls sound may come to the
    receiver, with its beams (`images_of`). Return whether all could be calculated.
    """
    air, sideways, walls, beams = how
    gains = np.empty((2, air.size))
    grounds = np.array((ground_at(scene, a[0], a[1]), ground))
    softness = _softness(scene, a[0], a[1]) if a[3] == ON_GROUND else 0.0
    done = direct(scene, a, receiver, grounds, softness, air, gains)
    straight = length * toward(a, receiver[0], receiver[1], receiver[2])
    if done:
        _add(energy, gains, straight)
    if sideways:
        for side in (1, -1):
            if lateral(scene, a, receiver, grounds, softness, air, side, gains):
                _add(energy, gains, straight)
    for k in range(walls.shape[0]):
        if walls[k, 0] < 0:
            return False
        if not in_beam(beams[k], a[0], a[1]):
            continue
        many = 1
        while many < walls.shape[1] and walls[k, many] >= 0:
            many += 1
        order, first = walls[k, :many][::-1].copy(), 1.0
        if reflected(scene, a, receiver, grounds, softness, air, order, gains):
            if faces(a):
                spots = np.empty((many, 4))
                by_walls(scene, order, a, receiver, spots)
                first = toward(a, spots[0, 0], spots[0, 1], spots[0, 2])
            _add(energy, gains, length * first)
    return done


@njit
def _long(piece: Array) -> float:
    return math.sqrt((piece[3] - piece[0]) ** 2 + (piece[4] - piece[1]) ** 2 + (piece[5] - piece[2]) ** 2)


@njit
def _on_bridge(piece: Array) -> bool:
    return bool(piece.size > 6 and piece[6] == piece[6])


@njit
def chained(roads: Array, features: Array, some: Array, receiver: Array, ratio: float) -> tuple[int, float]:
    """Return how many of the first pieces of a road are one point source, as they are short, and how long they are.

    They follow each other without a gap on one road, and on no bridge.
    """
    first = roads[some[0]]
    count, length, away = 1, _long(first), _distance(first, receiver)
    if _on_bridge(first):
        return count, length
    while count < some.size:
        row, before = some[count], some[count - 1]
        piece = roads[row]
        if row != before + 1 or features[row] != features[before] or _on_bridge(piece):
            break
        if piece[0] != roads[before, 3] or piece[1] != roads[before, 4] or piece[2] != roads[before, 5]:
            break
        away, longer = min(away, _distance(piece, receiver)), length + _long(piece)
        if longer > CHAINED * ratio * away:
            break
        count, length = count + 1, longer
    return count, length


@njit
def _halfway(roads: Array, first: int, length: float, middle: Array) -> None:
    """Put the place in the middle of pieces that follow each other in `middle`; it lies on the road, bent as it is."""
    left, row = 0.5 * length, first
    while left > _long(roads[row]):
        left -= _long(roads[row])
        row += 1
    share = left / max(_long(roads[row]), 1e-12)
    for k in range(3):
        middle[k] = roads[row, k] + share * (roads[row, k + 3] - roads[row, k])


@njit
def parts_of(
    scene: tuple, roads: Array, features: Array, some: Array, receiver: Array, far: float, ratio: float
) -> tuple[Array, int]:
    """Return the point sources that stand for pieces of road at a receiver, and how many there are.

    Parts that lie farther than `far` are left out. A part is at most `ratio` times its distance long. Of each there are
    x, y and z, what it stands on and the height of that (see `stood`), its length [m], and for which of `some` it is;
    pieces that are taken together count as the first of them.
    """
    parts, count, p = np.zeros((256, 7)), 0, 0
    while p < some.size:
        many, length = chained(roads, features, some[p:], receiver, ratio)
        if many == 1:
            parts, count = _halved(scene, roads[some[p]], p, receiver, far, ratio, parts, count)
        else:
            parts = _with_room(parts, count)
            _halfway(roads, some[p], length, parts[count])
            parts[count, 2] += ground_at(scene, parts[count, 0], parts[count, 1])
            parts[count, 5], parts[count, 6] = length, p
            count += 1
        p += many
    return parts, count


@njit
def _with_room(parts: Array, count: int) -> Array:
    """Return a table with room for one more row."""
    return parts if count < parts.shape[0] else np.concatenate((parts, np.zeros(parts.shape)))


@njit
def _halved(
    scene: tuple, piece: Array, number: int, receiver: Array, far: float, ratio: float, parts: Array, count: int
) -> tuple[Array, int]:
    """Put the parts of one piece of road in a table, and return it with how many rows it has."""
    stack = np.empty((DEEPEST + 2, 2))
    stack[0, 0], stack[0, 1], depth = 0.0, 1.0, 1
    long = _long(piece)
    part = np.empty(6)
    while depth > 0:
        depth -= 1
        first, last = stack[depth]
        for k in range(3):
            part[k] = piece[k] + first * (piece[k + 3] - piece[k])
            part[k + 3] = piece[k] + last * (piece[k + 3] - piece[k])
        away, length = _distance(part, receiver), (last - first) * long
        if away > far:
            continue
        if length > max(ratio * away, SHORTEST) and depth < DEEPEST:
            half = 0.5 * (first + last)
            stack[depth, 0], stack[depth, 1] = first, half
            stack[depth + 1, 0], stack[depth + 1, 1] = half, last
            depth += 2
            continue
        parts = _with_room(parts, count)
        middle = parts[count]
        for k in range(3):
            middle[k] = 0.5 * (part[k] + part[k + 3])
        if _on_bridge(piece):
            middle[4] = piece[6] + 0.5 * (first + last) * (piece[7] - piece[6])
            middle[2], middle[3] = middle[4] + middle[2], ON_DECK
        else:
            middle[2] += ground_at(scene, middle[0], middle[1])
        middle[5], middle[6] = length, number
        count += 1
    return parts, count


@njit
def heard(scene: tuple, pieces: tuple, k: int, receiver: Array, paths: tuple) -> tuple[Array, int, tuple]:
    """Return the point sources of roads at a receiver, how many there are, and what `point` has to know of it.

    Parameters are those of `transfer`; `k` is the row of the receiver.
    """
    roads, features, chosen, starts = pieces
    far, ratio, air, sideways, reach, order = paths
    walls, beams = images_of(scene, receiver, reach, order)
    parts, count = parts_of(scene, roads, features, chosen[starts[k] : starts[k + 1]], receiver, far, ratio)
    return parts, count, (air, sideways, walls, beams)


@njit
def transfer(scene: tuple, pieces: tuple, receivers: Array, paths: tuple, energy: Array, counts: Array) -> None:
    """Calculate what comes of roads to receivers, in one thread: it lets others run beside it.

    Parameters
    ----------
    pieces : tuple
        roads: x, y and height above the ground of both ends, shape (n, 6); or (n, 8), with the height of the deck at
        both ends [m NAP], NaN for what is on no bridge. features: the road of each piece, as what drives is the same
        on all pieces of one. chosen, starts: which pieces matter to each receiver, those of `chosen` from its value
        of `starts` to the next.
    receivers : ndarray
        x, y, z and height of the ground, shape (m, 4).
    paths : tuple
        far: how far roads count [m]. ratio: the longest part of a road, in distances. air: what it takes by octave
        band [dB/m]. sideways: whether routes around edges count. reach, order: walls reflect within this distance of
        a receiver [m], so often one after another.
    energy : ndarray
        Gets the sum of length times 10^(-A/10) [m], by chosen piece, weather and band, shape (len(chosen), 2, 8); that
        of pieces that are taken together comes to the first.
    counts : ndarray
        Gets how many point sources were calculated for each receiver.
    """
    starts = pieces[3]
    for k in range(receivers.shape[0]):
        receiver = receivers[k]
        parts, counts[k], how = heard(scene, pieces, k, receiver, paths)
        for n in range(counts[k]):
            part, one = parts[n], energy[starts[k] + int(parts[n, 6])]
            if not point(scene, part[:5], receiver, receiver[3], part[5], how, one):
                one[0, 0] = np.nan  # less than the whole would be a wrong number
