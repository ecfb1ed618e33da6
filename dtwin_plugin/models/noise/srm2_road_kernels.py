"""From roads to receivers by the Dutch standard method 2; called by `transfer` only.

A road is cut by the angle under which a receiver sees it, and each part stands for a point where the plane through the
middle of that angle meets it. A part is x and y of both ends. References: R as in `srm_table`.
"""

from __future__ import annotations

import math

import numpy as np

from .ground_kernels import Array, njit
from .level_kernels import DEEPEST, SHORTEST
from .profile_kernels import ground_at
from .reflection_kernels import beside, images_of, in_beam
from .route_kernels import by_walls
from .srm2_path_kernels import path_gains
from .srm_table import HEIGHT

_CONSTANT = 10.0**-5.86  # R 2.2
_LOSS = 10.0**-0.1  # 1 dB at each reflection, R 2.11
_LEAST_VIEW, _LEAST_OVER = math.radians(2.0), 2.0  # of a wall that reflects [rad, m above the road], R 2.3
_LEAST_SHARE = 0.05  # of a part that a cut takes off, so that halving ends


@njit
def view(part: Array, x: float, y: float) -> float:
    """Return the angle under which the ends of a part are seen from a place [rad]."""
    ax, ay, bx, by = part[0] - x, part[1] - y, part[2] - x, part[3] - y
    return abs(math.atan2(ax * by - ay * bx, ax * bx + ay * by))


@njit
def along(part: Array, x: float, y: float) -> float:
    """Return where the plane through the middle of the angle of view meets a part, 0 to 1.

    It cuts the part as the distances to its ends are to each other.
    """
    to_a, to_b = math.hypot(part[0] - x, part[1] - y), math.hypot(part[2] - x, part[3] - y)
    return to_a / max(to_a + to_b, 1e-9)


@njit
def spread(part: Array, x: float, y: float, high: float) -> float:
    """Return what distance leaves of a straight part of a road: 10^(dLGU / 10), R 2.11 [degrees/m].

    The formula has the angle of view over R0 sin(theta), with theta the angle between the plane and the road. By the
    sides of the triangle, angle over sin(theta) is angle / sin(angle / 2) times the length over the sum of the sides:
    so it holds where the road points at the receiver and sin(theta) is 0 too.

    Parameters
    ----------
    x, y : float
        Of the receiver.
    high : float
        Of the receiver above the source [m].
    """
    ax, ay, bx, by = part[0] - x, part[1] - y, part[2] - x, part[3] - y
    sides = max(math.hypot(ax, ay) + math.hypot(bx, by), 1e-9)
    share = along(part, x, y)
    flat = math.hypot(ax + share * (bx - ax), ay + share * (by - ay))
    angle = view(part, x, y)
    wide = angle / math.sin(0.5 * angle) if angle > 1e-9 else 2.0
    return math.degrees(wide * math.hypot(bx - ax, by - ay) / sides) / max(math.hypot(flat, high), 1e-3)


@njit
def _source(scene: tuple, part: Array, x: float, y: float) -> tuple[Array, float]:
    """Return the source point of a part as seen from a place, and the height of the ground there."""
    share = along(part, x, y)
    here_x, here_y = part[0] + share * (part[2] - part[0]), part[1] + share * (part[3] - part[1])
    base = ground_at(scene, here_x, here_y)
    return np.array((here_x, here_y, base + HEIGHT)), base


@njit
def _direct(scene: tuple, part: Array, receiver: Array, ground: float, air: Array, gains: Array) -> bool:
    """Put what comes straight of a part of a road in `gains`; return whether it could be calculated."""
    a, base = _source(scene, part, receiver[0], receiver[1])
    legs = np.empty((2, 2))
    legs[0], legs[1] = a[:2], receiver[:2]
    done = path_gains(scene, legs, 2, np.array((base, ground)), np.array((a[2], receiver[2])), air, gains)
    gains *= _CONSTANT * spread(part, receiver[0], receiver[1], receiver[2] - a[2])
    return done


@njit
def _reflected(
    scene: tuple, part: Array, receiver: Array, ground: float, air: Array, walls: Array, beam: Array, gains: Array
) -> bool:
    """Put what comes of a part of a road by way of walls in `gains`; return whether there is such a way.

    `walls` stand in the order of the way to the receiver, whose image `beam` begins with.
    """
    pieces, many = scene[0], walls.size
    if view(pieces[walls[0]], beam[0], beam[1]) < _LEAST_VIEW:
        return False
    if view(pieces[walls[many - 1]], receiver[0], receiver[1]) < _LEAST_VIEW:
        return False
    a, base = _source(scene, part, beam[0], beam[1])
    spots = np.empty((many, 4))
    if not in_beam(beam, a[0], a[1]) or not by_walls(scene, walls, a, receiver, spots):
        return False
    legs, grounds = np.empty((many + 2, 2)), np.empty(many + 2)
    legs[0], legs[many + 1] = a[:2], receiver[:2]
    grounds[0], grounds[many + 1] = base, ground
    for k in range(many):
        if spots[k, 3] < base + _LEAST_OVER:
            return False
        legs[k + 1] = spots[k, :2]
        grounds[k + 1] = ground_at(scene, spots[k, 0], spots[k, 1])
    if not path_gains(scene, legs, many + 2, grounds, np.array((a[2], receiver[2])), air, gains):
        return False
    gains *= _CONSTANT * _LOSS**many * spread(part, beam[0], beam[1], receiver[2] - a[2])
    return True


@njit
def _part(scene: tuple, part: Array, receiver: Array, ground: float, how: tuple, energy: Array) -> None:
    """Add what comes of a part by all its ways to `energy`; NaN where one could not be calculated.

    Less than the whole would be a wrong number. Both sorts of weather get the same.
    """
    air, rows, beams = how
    gains = np.empty(air.size)
    if not _direct(scene, part, receiver, ground, air, gains):
        gains[:] = np.nan
    for weather in range(energy.shape[0]):
        energy[weather] += gains
    for k in range(rows.shape[0]):
        if rows[k, 0] < 0:
            energy[0, 0] = np.nan
            return
        many = 1
        while many < rows.shape[1] and rows[k, many] >= 0:
            many += 1
        walls = rows[k, :many][::-1].copy()
        if _reflected(scene, part, receiver, ground, air, walls, beams[k], gains):
            for weather in range(energy.shape[0]):
                energy[weather] += gains


@njit
def _road(scene: tuple, piece: Array, receiver: Array, ground: float, limits: tuple, how: tuple, energy: Array) -> int:
    """Add what comes of a piece of road to `energy`; return how many source points stood for it.

    `limits` is the largest distance [m], the length of a part in distances, and its largest angle of view [rad].
    """
    far, ratio, sector = limits
    x, y = receiver[0], receiver[1]
    parts, depths = np.empty((DEEPEST + 2, 4)), np.empty(DEEPEST + 2, np.int64)
    parts[0], depths[0], waiting, count = piece, 0, 1, 0
    while waiting > 0:
        waiting -= 1
        part, deep = parts[waiting].copy(), depths[waiting]
        away, length = beside(part, x, y), math.hypot(part[2] - part[0], part[3] - part[1])
        if away > far:
            continue
        # R 2.6 asks for care where a road points at the receiver: there its length keeps parts short
        if deep < DEEPEST and (view(part, x, y) > sector or length > max(ratio * away, SHORTEST)):
            cut = min(max(along(part, x, y), _LEAST_SHARE), 1.0 - _LEAST_SHARE)
            parts[waiting], parts[waiting + 1] = part, part
            for k in range(2):
                parts[waiting, k + 2] = parts[waiting + 1, k] = part[k] + cut * (part[k + 2] - part[k])
            depths[waiting] = depths[waiting + 1] = deep + 1
            waiting += 2
            continue
        count += 1
        _part(scene, part, receiver, ground, how, energy)
    return count


@njit
def transfer_2(
    scene: tuple,
    roads: Array,
    chosen: Array,
    starts: Array,
    receivers: Array,
    limits: tuple,
    air: Array,
    reach: float,
    order: int,
    energy: Array,
    counts: Array,
) -> None:
    """Calculate what comes of roads to receivers, in one thread: it lets others run beside it.

    Arguments are those of `level_kernels.transfer`, with `roads` as x and y of both ends, and `limits` as in `_road`.
    """
    for k in range(receivers.shape[0]):
        receiver = receivers[k]
        rows, beams = images_of(scene, receiver, reach, order)
        how = (air, rows, beams)
        for p in range(starts[k], starts[k + 1]):
            counts[k] += _road(scene, roads[chosen[p]], receiver, receiver[3], limits, how, energy[p])
