"""What is left of sound on one path, by octave band: distance, air, ground and edges, in both sorts of weather.

Gains are shares of energy, 10^(-A/10) of what the directive has in dB: they are multiplied and summed as they are.

References: C as in `ground_kernels`, section 2.5.
"""

from __future__ import annotations

import math

import numpy as np

from .diffraction_kernels import (
    CAP,
    between,
    detour,
    edge_share,
    free_detour,
    ground_at_edge,
    hull,
    radius,
)
from .ground_kernels import (
    LENGTHS,
    Array,
    Plane,
    Point,
    decay,
    foot_on,
    ground_gains,
    height_over,
    mean_plane,
    mean_softness,
    mirrored,
    near_source,
    njit,
)

_NEPER = math.log(10.0) / 10.0
_ONE_METRE = 10.0**-1.1  # 11 dB, C 2.5.12


@njit
def _ground_over(
    plane: Plane, mean: float, s: Point, r: Point, at_source: float, favourable: bool, found: Array
) -> None:
    """Put what ground of a mean plane and a mean softness leaves of each band in `found`; see `ground_of`."""
    z_s, z_r = height_over(plane, s[0], s[1]), height_over(plane, r[0], r[1])
    apart = abs(foot_on(plane, r[0], r[1]) - foot_on(plane, s[0], s[1]))
    near = mean if at_source < 0.0 else near_source(mean, at_source, apart, z_s + z_r)
    ground_gains(apart, z_s, z_r, mean, mean if favourable else near, near, favourable, found)


@njit
def ground_of(
    x: Array, z: Array, softness: Array, span: tuple[int, int], s: Array, r: Array, at_source: float, favourable: bool
) -> Array:
    """Return what the ground from one point of a profile to another leaves of each band.

    `at_source` is the softness at the source, below 0 for a stretch that does not begin there.
    """
    found = np.empty(LENGTHS.size)
    plane, mean = mean_plane(x, z, span[0], span[1]), mean_softness(x, softness, span[0], span[1])
    _ground_over(plane, mean, (s[0], s[1]), (r[0], r[1]), at_source, favourable, found)
    return found


@njit
def nearest_edge(edge_x: Array, edge_z: Array, s: Point, r: Point, bend: float) -> tuple[float, int]:
    """Return the difference of the edge that sound passes over nearest, -inf where there is none, and which it is."""
    difference, which = -np.inf, 0
    for k in range(edge_x.size):
        if edge_x[k] - s[0] < 1e-6 or r[0] - edge_x[k] < 1e-6:
            continue
        one = free_detour(s, r, (edge_x[k], edge_z[k]), bend)
        if one > difference:
            difference, which = one, k
    return difference, which


@njit
def boundary(
    profile: tuple[Array, Array, Array],
    edges: tuple[Array, Array, Array, Array],
    s: Array,
    r: Array,
    at_source: float,
    favourable: bool,
) -> Array:
    """Return what ground and edges leave of each band: 10^(-A/10) of Aground, or of Adif where sound bends over edges.

    Parameters
    ----------
    profile : tuple of ndarray
        Distance and height of the points of the ground with what stands on it, and the softness G after each.
    edges : tuple of ndarray
        Distance and height of the points that sound may bend over, and which point of the profile is the last before
        and the first after each.
    s, r : ndarray
        Distance and height of source and receiver.
    at_source : float
        Softness of the ground at the source.
    """
    x, z, softness = profile
    edge_x, edge_z, before, after = edges
    source, receiver = (s[0], s[1]), (r[0], r[1])
    bend = radius(math.hypot(r[0] - s[0], r[1] - s[1]), favourable)
    taut = np.empty(max(edge_x.size, 1), np.int64)
    count = hull(edge_x, edge_z, source, receiver, bend, taut)
    free = count == 0
    difference = 0.0
    if free:
        difference, taut[0] = nearest_edge(edge_x, edge_z, source, receiver, bend)
        count = 1
    if free and difference <= -LENGTHS[0] / 20.0:  # no edge comes near enough for the longest wave
        return ground_of(x, z, softness, (0, x.size - 1), s, r, at_source, favourable)
    first, last = taut[0], taut[count - 1]
    top, end = (edge_x[first], edge_z[first]), (edge_x[last], edge_z[last])
    inside = between(edge_x, edge_z, taut, count, bend)
    if not free:
        difference = detour(source, receiver, top, end, inside, bend)
    to, on, stop = int(before[first]), int(after[last]), x.size - 1
    here, there = mean_plane(x, z, 0, to), mean_plane(x, z, on, stop)
    s_image, r_image = mirrored(here, s[0], s[1]), mirrored(there, r[0], r[1])
    if free:  # an edge may lie below the line from an image too: TC06 of the published cases
        from_image = free_detour(s_image, receiver, top, bend)
        to_image = free_detour(source, r_image, top, bend)
    else:
        from_image = detour(s_image, receiver, top, end, inside, bend)
        to_image = detour(source, r_image, top, end, inside, bend)
    sides = np.empty((2, LENGTHS.size))
    near, far = sides[0], sides[1]
    _ground_over(here, mean_softness(x, softness, 0, to), source, top, at_source, favourable, near)
    _ground_over(there, mean_softness(x, softness, on, stop), end, receiver, -1.0, favourable, far)
    for b in range(near.size):
        wave = LENGTHS[b]
        straight = edge_share(wave, difference, inside)
        here_left = ground_at_edge(near[b], edge_share(wave, from_image, inside), straight)
        there_left = ground_at_edge(far[b], edge_share(wave, to_image, inside), straight)
        # the cap is of the true path only: the terms of the ground compare shares without one
        near[b] = here_left * there_left / min(straight, CAP)
    if free:
        both = free_detour(s_image, r_image, top, bend)
        flat = ground_of(x, z, softness, (0, stop), s, r, at_source, favourable)
        for b in range(near.size):
            wave = LENGTHS[b]
            if not (difference > -wave / 20.0 and difference > wave / 4.0 - both):
                near[b] = flat[b]  # this band passes over the edge as over flat ground
    return near


@njit
def put_free(far: float, along: float, air: Array, found: Array) -> None:
    """Put what distance and air leave of each band in `found`, C 2.5.12 and 2.5.13.

    `far` is the distance straight, `along` that of the route [m], `air` what air takes [dB/m].
    """
    spread = _ONE_METRE / max(far * far, 1e-6)
    for b in range(found.size):
        found[b] = spread * decay(_NEPER * air[b] * along)
