"""The compiled loops of soil that slows down as it fills: Horton and Green-Ampt; nothing here is called but by
`soil_laws`.

Both laws give what the soil can take in a portion of time from what it took before, integrated exactly over the
portion, so that how long portions are changes next to nothing, and water that comes late finds the soil as fresh as it
is: how fast it takes depends on what went in and not on the clock.

References
----------
H41 : Horton (1941), Soil Sci. Soc. Am. Proc. 5, 399-417.
C88 : Chow, Maidment, Mays (1988), Applied Hydrology, chapter 4.
"""

from __future__ import annotations

import numpy as np

from ..solvers.row_kernels import Array, Real, exact, njit
from .vertical_kernels import Water, add, net_rain, rows_of, scratch_of, settle

ENOUGH = 1e-12  # m, precision of what the soil takes
NEAR = 1e-9  # m, a step of Newton so short ends within its square over some mm of the root
ROUNDS = 30  # of Newton, which needs 3 to 5


@exact
def horton(
    limit: Real, final: Real, extra: Real, decay: Real, fresh: Real, seconds: Real, left: Real
) -> tuple[Real, Real]:
    """Return what the soil takes of `limit` [m] at most in some seconds, and how fresh it is then.

    Capacity f = fc + extra e^(-k t) [m s-1] (H41; C88 section 4.2) with extra = f0 - fc, where t is the time for which
    the soil would have had to take all it could to take what it took: `fresh` = e^(-k t), 1 at first. What it can take
    in dt is fc dt + extra fresh (1 - e^(-k dt)) / k, with `left` = e^(-k dt) the same for all cells; where it gets
    less, the dt of what it got is found by Newton, from the left, where the curve is concave: no step goes too far.
    """
    most = final * seconds + extra * fresh * (1.0 - left) / decay
    if limit >= most:
        return most, fresh * left
    if extra <= 0.0:
        return limit, fresh
    time = limit / (final + extra * fresh)
    now = np.exp(-decay * time)
    for _ in range(ROUNDS):
        missing = limit - final * time - extra * fresh * (1.0 - now) / decay
        if missing < ENOUGH:
            break
        time += missing / (final + extra * fresh * now)
        now = np.exp(-decay * time)
    return limit, fresh * max(now, left)


@exact
def green_ampt(limit: Real, conductivity: Real, suction: Real, taken: Real, seconds: Real) -> Real:
    """Return what the soil takes of `limit` [m] at most in some seconds, after `taken` [m].

    dF/dt = K (1 + S / F), S [m] the suction at the front times what the pores can still take (C88 section 4.3), so that
    x - S ln(1 + x / (F + S)) = K dt for what is added, x (C88 section 4.3, from F). Newton starts from the root of the
    midpoint rule, x (F + x / 2) = K dt (F + S + x / 2), which is nearly it; from there one step is enough, and from
    anywhere all steps but the first come from the right, where the curve is convex. As capacity only falls, a supply
    below the capacity at the end, K (1 + S / (F + limit)) dt, needs no solution: it is taken whole.
    """
    portion = conductivity * seconds
    if portion <= 0.0 or suction <= 0.0:
        return max(min(limit, portion), 0.0)
    if limit <= 0.0 or limit <= portion * (1.0 + suction / (taken + limit)):
        return max(limit, 0.0)
    deficit = taken + suction
    half = taken - 0.5 * portion
    added = np.sqrt(half * half + 2.0 * portion * deficit) - half
    for _ in range(ROUNDS):
        change = (added - suction * np.log1p(added / deficit) - portion) * (deficit + added) / (taken + added)
        added -= change
        if abs(change) < NEAR:
            break
    return min(limit, max(added, portion))


@njit
def _horton_row(took: Array, h: Array, net: Array, room: Array, soil: Water, j: int, seconds: float) -> None:
    final, extra, decay, fresh = soil
    left = np.exp(-decay * seconds)
    f, e = final[j if final.shape[0] > 1 else 0], extra[j if extra.shape[0] > 1 else 0]
    for i in range(took.size):
        limit = min(np.float64(h[i]) + np.float64(net[i]), room[i])
        took[i] = 0.0
        if limit > 0.0:
            took[i], fresh[j, i] = horton(limit, f[i], e[i], decay, fresh[j, i], seconds, left)


@njit
def _green_ampt_row(took: Array, h: Array, net: Array, room: Array, soil: Water, j: int, seconds: float) -> None:
    conductivity, suction, taken = soil
    k, s = conductivity[j if conductivity.shape[0] > 1 else 0], suction[j if suction.shape[0] > 1 else 0]
    for i in range(took.size):
        limit = min(np.float64(h[i]) + np.float64(net[i]), room[i])
        took[i] = green_ampt(limit, k[i], s[i], taken[j, i], seconds)
        taken[j, i] += took[i]


@njit
def soak_horton(first: int, stop: int, water: Water, soil: Water, seconds: float, sums: Array) -> None:
    """As `soak`; `soil` is final and extra capacity [m s-1], decay [s-1] and freshness [1]."""
    net, gain, took, none, endless = scratch_of(water[0].shape[1], water[0][0])
    for j in range(first, stop):
        h, lost, z, rain, room, caught = rows_of(water, none, endless, j)
        sums[j, 0], sums[j, 2] = net_rain(net, z, rain, caught)
        _horton_row(took, h, net, room, soil, j, seconds)
        sums[j, 1] = settle(gain, net, took, room)
        add(h, lost, gain)


@njit
def soak_green_ampt(first: int, stop: int, water: Water, soil: Water, seconds: float, sums: Array) -> None:
    """As `soak`; `soil` is conductivity [m s-1], suction [m] and what was taken [m]."""
    net, gain, took, none, endless = scratch_of(water[0].shape[1], water[0][0])
    for j in range(first, stop):
        h, lost, z, rain, room, caught = rows_of(water, none, endless, j)
        sums[j, 0], sums[j, 2] = net_rain(net, z, rain, caught)
        _green_ampt_row(took, h, net, room, soil, j, seconds)
        sums[j, 1] = settle(gain, net, took, room)
        add(h, lost, gain)
