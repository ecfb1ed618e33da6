"""A cut-off by the greatest possible contribution: the loudest parts of roads first, until the others cannot matter.

Called by `transfer` only. How much a part may bring is bounded without its path (`bounds`); what is left out of a
receiver brings together less than the cut-off in each period.

References
----------
C: Directive (EU) 2015/996 (2015), annex, section 2.5, as amended by Delegated Directive (EU) 2021/1226 (2021).
"""

from __future__ import annotations

import math

import numpy as np

from .ground_kernels import Array, njit
from .level_kernels import heard, point
from .path_kernels import put_free
from .reflection_kernels import in_beam

_GROUND = np.array([10.0**0.3, 10.0**0.9])  # the most that ground adds: in still air and downwind, see `bounds`
_LEAST_EDGE = 3.0  # times less around an upright edge, C 2.5.21 with a difference of 0


@njit
def bounds(parts: Array, count: int, owners: Array, weights: Array, receiver: Array, how: tuple) -> Array:
    """Return the most that parts of roads may bring to a receiver in each period, shape (count, periods).

    What comes by one route is power times spread times air times what ground and edges leave, of which

    - the ground leaves at most 10^0.3 in still air, as Aground is at least -3 (1 - Gm) dB (C 2.5.18), and 10^0.9
      downwind: -3 (1 - Gm) (1 + 2 (1 - 30 (zs + zr) / dp)) dB (C 2.5.20) is -9 dB at least;
    - edges take at least 0 dB, and the ground counts on both sides of them: as the image of the source is not nearer to
      the receiver around the edges than the source, the share of C 2.5.31 is at most 1, and so each side adds at most
      what its ground adds alone. That holds where the receiver does not stand over the source as seen from the mean
      plane: |S'X| - |SX| is the same on a hyperbola with S and S' as its foci, inside of which the edge lies with the
      line of sight below it;
    - around an upright edge the ground counts once, and at least 10 lg 3 dB are lost, on each of two sides;
    - by a wall the route is not shorter than the straight line, and no wall adds.

    So it is the straight line with air, times both sides of ground for it and for each wall that may throw it on.

    Parameters
    ----------
    parts : ndarray
        As of `parts_of`.
    owners : ndarray
        The road of each part.
    weights : ndarray
        Power of a metre of road times the share of the weather in the period, shape (roads, periods, 2, 8).
    how : tuple
        As of `point`.
    """
    air, sideways, walls, beams = how
    most, free = np.zeros((count, weights.shape[1])), np.empty(air.size)
    for n in range(count):
        part = parts[n]
        far = math.sqrt((part[0] - receiver[0]) ** 2 + (part[1] - receiver[1]) ** 2 + (part[2] - receiver[2]) ** 2)
        put_free(far, far, air, free)
        routes = 1.0
        for k in range(walls.shape[0]):
            if walls[k, 0] < 0 or in_beam(beams[k], part[0], part[1]):
                routes += 1.0
        for weather in range(2):
            times = routes * _GROUND[weather] ** 2
            if sideways:
                times += 2.0 * _GROUND[weather] / _LEAST_EDGE
            for period in range(most.shape[1]):
                for band in range(air.size):
                    power = weights[owners[n], period, weather, band]
                    most[n, period] += part[5] * times * power * free[band]
    return most


@njit
def _first_loudest(most: Array) -> tuple[Array, Array]:
    """Return parts in the order of their share of the sum in any period, and what is left from each on."""
    count, periods = most.shape
    total, key = np.zeros(periods), np.zeros(count)
    for n in range(count):
        total += most[n]
    for n in range(count):
        for period in range(periods):
            if total[period] > 0.0:
                key[n] = max(key[n], most[n, period] / total[period])
    order = np.argsort(-key, kind="mergesort")  # equal ones stay in their order
    left = np.zeros((count + 1, periods))
    for n in range(count - 1, -1, -1):
        left[n] = left[n + 1] + most[order[n]]
    return order, left


@njit
def _few(left: Array, done: Array, share: float) -> bool:
    """Return whether what is left is at most a share of what is done, in every period."""
    for period in range(left.size):
        if left[period] > share * done[period]:
            return False
    return True


@njit
def transfer_loudest(
    scene: tuple,
    pieces: tuple,
    receivers: Array,
    paths: tuple,
    weights: Array,
    share: float,
    energy: Array,
    counts: Array,
) -> None:
    """Calculate what comes of roads to receivers as `level_kernels.transfer`, without what cannot matter.

    `weights` are those of `bounds`; what is left out is at most `share` of what is calculated, in each period.
    """
    _, features, chosen, starts = pieces
    for k in range(receivers.shape[0]):
        receiver = receivers[k]
        parts, count, how = heard(scene, pieces, k, receiver, paths)
        owners = np.empty(count, np.int64)
        for n in range(count):
            owners[n] = features[chosen[starts[k] + int(parts[n, 6])]]
        first, left = _first_loudest(bounds(parts, count, owners, weights, receiver, how))
        done, one = np.zeros(weights.shape[1]), np.empty(energy.shape[1:])
        for n in range(count):
            if _few(left[n], done, share):
                break
            m = first[n]
            part, sum_of = parts[m], energy[starts[k] + int(parts[m, 6])]
            one[:] = 0.0
            if not point(scene, part[:5], receiver, receiver[3], part[5], how, one):
                one[0, 0] = np.nan  # less than the whole would be a wrong number
            counts[k] += 1
            for weather in range(2):
                for band in range(one.shape[1]):
                    sum_of[weather, band] += one[weather, band]
                    for period in range(done.size):
                        done[period] += weights[owners[m], period, weather, band] * one[weather, band]
