"""Sound over edges in a vertical plane: which edges it bends over, how much longer that is, and what it costs.

Called by `path_kernels` only. In favourable conditions rays are arcs, curved down with a radius of C 2.5.24.

References: C as in `ground_kernels`, section 2.5.6 (d).
"""

from __future__ import annotations

import math

from .ground_kernels import Array, Point, njit

_LEAST_RADIUS, _TIMES = 1000.0, 8.0  # m, and times the distance, C 2.5.24
_NEAR = 0.3  # m: edges that are less apart count as one, C 2.5.23
CAP = 10.0**2.5  # 25 dB, C text at 2.5.21: of the path over edges that is there


@njit
def radius(distance: float, favourable: bool) -> float:
    """Return the radius of rays between points at a distance [m]; 0 stands for straight ones."""
    return max(_LEAST_RADIUS, _TIMES * distance) if favourable else 0.0


@njit
def length(x: float, z: float, to_x: float, to_z: float, bend: float) -> float:
    """Return how long a ray between two points is; `bend` is its radius, 0 for a straight one, C 2.5.25."""
    straight = math.sqrt((to_x - x) * (to_x - x) + (to_z - z) * (to_z - z))
    if bend == 0.0:
        return straight
    t = straight / (2.0 * bend)
    if t > 0.1:
        return 2.0 * bend * math.asin(min(t, 1.0))
    t *= t  # the series of asin; the next term is 2e-13 of the length at most
    return straight * (1.0 + t * (1.0 / 6.0 + t * (3.0 / 40.0 + t * (15.0 / 336.0 + t * (105.0 / 3456.0)))))


@njit
def over(x: float, z: float, to_x: float, to_z: float, at: float, bend: float) -> float:
    """Return how high the ray between two points is at a distance along the path."""
    share = (at - x) / (to_x - x)
    rise = 0.0 if bend == 0.0 else (at - x) * (to_x - at) / (2.0 * bend)
    return z + share * (to_z - z) + rise


@njit
def hull(edge_x: Array, edge_z: Array, s: Point, r: Point, bend: float, found: Array) -> int:
    """Put the edges that a taut string from source to receiver touches in `found`, and return how many.

    `s` and `r` are x and z of both ends. Edges stand in the order of their distance. With a bend the string is taut
    where the heights are taken from the curved ray.
    """
    count = 0
    wide = r[0] - s[0]
    slope, curve = (r[1] - s[1]) / wide, (0.0 if bend == 0.0 else 0.5 / bend)
    for k in range(edge_x.size):
        x = edge_x[k]
        if x - s[0] < 1e-6 or r[0] - x < 1e-6:
            continue
        z = edge_z[k] - s[1] - (x - s[0]) * (slope + curve * (r[0] - x))
        if z <= 1e-9:
            continue
        while count > 0:
            last = found[count - 1]
            last_z = edge_z[last] - over(s[0], s[1], r[0], r[1], edge_x[last], bend)
            before_x, before_z = s[0], 0.0
            if count > 1:
                two = found[count - 2]
                before_x = edge_x[two]
                before_z = edge_z[two] - over(s[0], s[1], r[0], r[1], before_x, bend)
            # the last one stays if it lies above the line from the one before to this
            turn = (edge_x[last] - before_x) * (z - before_z) - (last_z - before_z) * (x - before_x)
            if turn < 0.0:
                break
            count -= 1
        found[count] = k
        count += 1
    while count > 0:  # the end of the string at the receiver
        last = found[count - 1]
        last_z = edge_z[last] - over(s[0], s[1], r[0], r[1], edge_x[last], bend)
        before_x, before_z = s[0], 0.0
        if count > 1:
            two = found[count - 2]
            before_x, before_z = edge_x[two], edge_z[two] - over(s[0], s[1], r[0], r[1], edge_x[two], bend)
        turn = (edge_x[last] - before_x) * (0.0 - before_z) - (last_z - before_z) * (s[0] + wide - before_x)
        if turn < 0.0:
            break
        count -= 1
    return count


@njit
def between(edge_x: Array, edge_z: Array, found: Array, count: int, bend: float) -> float:
    """Return how long the rays between the first and the last edge are, which is e of C 2.5.23."""
    long = 0.0
    for k in range(count - 1):
        i, j = found[k], found[k + 1]
        long += length(edge_x[i], edge_z[i], edge_x[j], edge_z[j], bend)
    return long


@njit
def detour(s: Point, r: Point, first: Point, last: Point, inside: float, bend: float) -> float:
    """Return the difference of C 2.5.26: how much longer sound goes over edges than straight [m]."""
    there = length(s[0], s[1], first[0], first[1], bend) + inside + length(last[0], last[1], r[0], r[1], bend)
    return there - length(s[0], s[1], r[0], r[1], bend)


@njit
def free_detour(s: Point, r: Point, edge: Point, bend: float) -> float:
    """Return the difference for one edge: below 0 where sound passes over it freely, C 2.5.27 and figure 2.5.f.

    That is below the straight line; between it and a curved ray the difference is above 0.
    """
    seen = over(s[0], s[1], r[0], r[1], edge[0], 0.0)
    if edge[1] > seen:
        return detour(s, r, edge, edge, 0.0, bend)
    if bend == 0.0:
        return -detour(s, r, edge, edge, 0.0, bend)
    to, on = length(s[0], s[1], edge[0], seen, bend), length(edge[0], seen, r[0], r[1], bend)
    round_edge = length(s[0], s[1], edge[0], edge[1], bend) + length(edge[0], edge[1], r[0], r[1], bend)
    return 2.0 * to + 2.0 * on - round_edge - length(s[0], s[1], r[0], r[1], bend)


@njit
def edge_share(wave: float, difference: float, inside: float) -> float:
    """Return how many times less sound edges let through, 10^(A/10) of C 2.5.21 and 2.5.23; at least 1, without a cap.

    `wave` is the length of the wave [m].
    """
    many = 1.0
    if inside > _NEAR:
        ratio = (5.0 * wave / inside) ** 2
        many = (1.0 + ratio) / (1.0 / 3.0 + ratio)
    term = 40.0 / wave * many * difference
    return 3.0 + term if term >= -2.0 else 1.0


@njit
def ground_at_edge(ground: float, mirrored: float, straight: float) -> float:
    """Return what the ground on one side of the edges leaves, C 2.5.30 and 2.5.31.

    `ground` is what it leaves by itself, `mirrored` and `straight` how many times less the edges let through from the
    mirrored point and from the true one.
    """
    inside = 1.0 + (math.sqrt(ground) - 1.0) * math.sqrt(straight / mirrored)
    return max(inside, 1e-15) ** 2
