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
from .reflection_kernels import images_of, in_beam
from .route_kernels import direct, lateral, reflected
from .stand_kernels import ON_DECK, ON_GROUND

SHORTEST = 2.0  # m: parts of a road are not shorter
DEEPEST = 14  # times that a piece is halved at most


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

    `a` is x, y and z, what the source stands on, and the height of that where it is a deck (see `stood`).
    `how` is what air takes [dB/m], whether routes around edges count, and by which walls sound may come to the
    receiver, with its beams (`images_of`). Return whether all could be calculated.
    """
    air, sideways, walls, beams = how
    gains = np.empty((2, air.size))
    grounds = np.array((ground_at(scene, a[0], a[1]), ground))
    softness = _softness(scene, a[0], a[1]) if a[3] == ON_GROUND else 0.0
    done = direct(scene, a, receiver, grounds, softness, air, gains)
    if done:
        _add(energy, gains, length)
    if sideways:
        for side in (1, -1):
            if lateral(scene, a, receiver, grounds, softness, air, side, gains):
                _add(energy, gains, length)
    for k in range(walls.shape[0]):
        if walls[k, 0] < 0:
            return False
        if not in_beam(beams[k], a[0], a[1]):
            continue
        many = 1
        while many < walls.shape[1] and walls[k, many] >= 0:
            many += 1
        if reflected(scene, a, receiver, grounds, softness, air, walls[k, :many][::-1].copy(), gains):
            _add(energy, gains, length)
    return done


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
    part, middle = np.empty(6), np.zeros(5)
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
        if piece.size > 6 and piece[6] == piece[6]:  # on a bridge
            middle[4] = piece[6] + 0.5 * (first + last) * (piece[7] - piece[6])
            middle[2], middle[3] = middle[4] + middle[2], ON_DECK
        else:
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
    order: int,
    energy: Array,
    counts: Array,
) -> None:
    """Calculate what comes of roads to receivers, in one thread: it lets others run beside it.

    Parameters
    ----------
    roads : ndarray
        Pieces: x, y and height above the ground of both ends, shape (n, 6); or (n, 8), with the height of the deck at
        both ends [m NAP], NaN for what is on no bridge.
    chosen, starts : ndarray
        Which pieces matter to each receiver: those of `chosen` from its value of `starts` to the next.
    receivers : ndarray
        x, y, z and height of the ground, shape (m, 4).
    reach, order : float, int
        Walls reflect within this distance of a receiver [m], so often one after another.
    energy : ndarray
        Gets the sum of length times 10^(-A/10) [m], by chosen piece, weather and band, shape (len(chosen), 2, 8).
    counts : ndarray
        Gets how many point sources were calculated for each receiver.
    """
    for k in range(receivers.shape[0]):
        receiver = receivers[k]
        walls, beams = images_of(scene, receiver, reach, order)
        how = (air, sideways, walls, beams)
        for p in range(starts[k], starts[k + 1]):
            counts[k] += road(scene, roads[chosen[p]], receiver, receiver[3], far, ratio, how, energy[p])
