"""From roads to receivers: what of the sound of each road comes to each receiver; called by `transfer` only.

A piece of road is cut until each part is short against its distance, and each part stands for a point source in its
middle. What comes of a road is a sum of energies, stored once and used again for any traffic.
"""

from __future__ import annotations

import math

import numpy as np

from .cut_kernels import nearest
from .ground_kernels import Array, njit
from .profile_kernels import ground_at
from .route_kernels import direct, lateral, reflected

SHORTEST = 2.0  # m: parts of a road are not shorter
DEEPEST = 14  # times that a piece is halved at most
_OWN = 0.5  # m: a wall so near is that of the receiver's own facade, where only the sound that comes to it counts


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
def _beside(piece: Array, receiver: Array) -> float:
    """Return the shortest distance on the map from a receiver to a wall."""
    return _distance(np.array((piece[0], piece[1], 0.0, piece[2], piece[3], 0.0)), receiver)


@njit
def _add(energy: Array, gains: Array, length: float) -> None:
    for weather in range(2):
        for band in range(energy.shape[1]):
            energy[weather, band] += length * gains[weather, band]


@njit
def point(scene: tuple, a: Array, receiver: Array, ground: float, length: float, how: tuple, energy: Array) -> bool:
    """Add what comes of a point source by all its routes to `energy`, shape (2, 8): in still air and downwind.

    `how` is what air takes [dB/m], whether routes around edges count, and within which distance of a receiver or the
    source walls reflect [m], 0 for not. Return whether all could be calculated.
    """
    air, sideways, walls = how
    gains = np.empty((2, air.size))
    grounds = np.array((ground_at(scene, a[0], a[1]), ground))
    softness = _softness(scene, a[0], a[1])
    done = direct(scene, a, receiver, grounds, softness, air, gains)
    if done:
        _add(energy, gains, length)
    if sideways:
        for side in (1, -1):
            if lateral(scene, a, receiver, grounds, softness, air, side, gains):
                _add(energy, gains, length)
    for k in range(walls.size):
        if reflected(scene, a, receiver, grounds, softness, air, walls[k], gains):
            _add(energy, gains, length)
    return done


@njit
def near_walls(scene: tuple, receiver: Array, reach: float) -> Array:
    """Return the pieces within a distance of a receiver that reflect."""
    kinds, owners, index, takes = scene[1], scene[2], scene[3], scene[6]
    starts, members, left, bottom, cell, columns, rows = index
    found = np.empty(0, np.int64)
    if reach <= 0.0 or columns == 0:
        return found
    marked = set()
    for row in range(
        max(int((receiver[1] - reach - bottom) / cell), 0), int((receiver[1] + reach - bottom) / cell) + 1
    ):
        for column in range(
            max(int((receiver[0] - reach - left) / cell), 0), int((receiver[0] + reach - left) / cell) + 1
        ):
            if row < rows and column < columns:
                place = row * columns + column
                for k in range(starts[place], starts[place + 1]):
                    marked.add(members[k])
    found = np.empty(len(marked), np.int64)
    n = 0
    for k in marked:
        if kinds[k] <= 1 and takes[owners[k]].min() < 1.0 and _beside(scene[0][k], receiver) > _OWN:
            found[n] = k
            n += 1
    return np.sort(found[:n])  # sums do not depend on the order of a set


@njit
def road(
    scene: tuple, piece: Array, receiver: Array, ground: float, far: float, ratio: float, how: tuple, energy: Array
) -> int:
    """Add what comes of a metre of a piece of road to `energy`; return how many point sources stood for it.

    Parts that lie farther than `far` are left out. A part is at most `ratio` times its distance long. Where a
    path could not be calculated the energy is NaN.
    """
    stack = np.empty((DEEPEST + 2, 2))
    stack[0, 0], stack[0, 1], depth, count = 0.0, 1.0, 1, 0
    long = math.sqrt((piece[3] - piece[0]) ** 2 + (piece[4] - piece[1]) ** 2 + (piece[5] - piece[2]) ** 2)
    part, middle = np.empty(6), np.empty(3)
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
        for k in range(3):
            middle[k] = 0.5 * (part[k] + part[k + 3])
        middle[2] += ground_at(scene, middle[0], middle[1])
        count += 1
        if not point(scene, middle, receiver, ground, length, how, energy):
            energy[0, 0] = np.nan  # less than the whole would be a wrong number
    return count


@njit
def transfer(
    scene: tuple,
    roads: Array,
    chosen: Array,
    starts: Array,
    receivers: Array,
    far: float,
    ratio: float,
    air: Array,
    sideways: bool,
    reach: float,
    energy: Array,
    counts: Array,
) -> None:
    """Calculate what comes of roads to receivers, in one thread: it lets others run beside it.

    Parameters
    ----------
    roads : ndarray
        Pieces: x, y and height above the ground of both ends, shape (n, 6).
    chosen, starts : ndarray
        Which pieces matter to each receiver: those of `chosen` from its value of `starts` to the next.
    receivers : ndarray
        x, y, z and height of the ground, shape (m, 4).
    energy : ndarray
        Gets the sum of length times 10^(-A/10) [m], by chosen piece, weather and band, shape (len(chosen), 2, 8).
    counts : ndarray
        Gets how many point sources were calculated for each receiver.
    """
    for k in range(receivers.shape[0]):
        receiver = receivers[k]
        how = (air, sideways, near_walls(scene, receiver, reach))
        for p in range(starts[k], starts[k + 1]):
            counts[k] += road(scene, roads[chosen[p]], receiver, receiver[3], far, ratio, how, energy[p])
