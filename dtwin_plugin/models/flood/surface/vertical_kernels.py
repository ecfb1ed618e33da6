"""The compiled loops of rain and of what the surface takes; nothing here is called but by `rates` and `surface`.

Arrays are padded as in `kernels`. All is taken in portions, once in some time steps, so that a pass over all cells
costs little beside the sweeps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..solvers.row_kernels import INSIDE, ZERO, Array, Arrays, Real, exact, njit

Water = tuple[Any, ...]  # depth, what rounding added to it, bed, rain, room of the soil, of leaves and puddles
ENDLESS = 1e9  # m, as in `state`


@njit
def _times(out: Array, rate: Array, seconds: float) -> None:
    for i in range(out.size):
        out[i] = rate[i] * seconds


@njit
def portion(out: Array, rate: Array, seconds: float) -> None:
    """Put the depth [m] that a rate [m s-1] makes in some time in `out`; several times as fast as NumPy."""
    for j in range(out.shape[0]):
        _times(out[j], rate[j], seconds)


@njit
def _fall(gain: Array, h: Array, z: Array, rain: Array, infiltration: Array) -> tuple[Real, Real]:
    """Put rain less infiltration, which takes no more than there is, in `gain`; return the sums of both [m]."""
    fallen: Real = 0.0
    taken: Real = 0.0
    for i in range(gain.size):
        p = rain[i] if z[i] < INSIDE else ZERO
        f = min(h[i] + p, infiltration[i])
        gain[i] = p - f
        fallen += p
        taken += f
    return fallen, taken


@njit
def _fall_on_soil(gain: Array, h: Array, z: Array, rain: Array, infiltration: Array, room: Array) -> tuple[Real, Real]:
    """As `_fall`, where infiltration takes no more than there is room for either, and what it takes leaves less."""
    fallen: Real = 0.0
    taken: Real = 0.0
    for i in range(gain.size):
        p = rain[i] if z[i] < INSIDE else ZERO
        f = min(min(h[i] + p, infiltration[i]), room[i])
        gain[i] = p - f
        room[i] -= f
        fallen += p
        taken += f
    return fallen, taken


@exact
def add(h: Array, lost: Array, gain: Array) -> None:
    """As `_store` of `kernels`, in place."""
    for i in range(h.size):
        change = gain[i] - lost[i]
        new = max(h[i] + change, ZERO)
        lost[i] = (new - h[i]) - change
        h[i] = new


@njit
def vertical(h: Array, lost: Array, z: Array, rain: Array, infiltration: Array, room: Array, sums: Array) -> None:
    """Add rain and take infiltration [m]; sums[j] gets both of row j [m].

    `rain` and `infiltration` have one row that holds for all, or a row for each. `room` [m] is what the soil of each
    cell can still take, in float64, because little is taken from much; it has no rows where the soil has no limit.
    """
    gain = np.empty_like(h[0])
    for j in range(1, h.shape[0] - 1):
        p, f = rain[j if rain.shape[0] > 1 else 0], infiltration[j if infiltration.shape[0] > 1 else 0]
        if room.shape[0]:
            sums[j, 0], sums[j, 1] = _fall_on_soil(gain, h[j], z[j], p, f, room[j])
        else:
            sums[j, 0], sums[j, 1] = _fall(gain, h[j], z[j], p, f)
        add(h[j], lost[j], gain)


@exact
def net_rain(net: Array, z: Array, rain: Array, caught: Array) -> tuple[Real, Real]:
    """Put the rain [m] that leaves and puddles do not hold in `net`; return the sums of rain and of what they hold.

    `caught` [m] is what they can still hold, which becomes less.
    """
    fallen: Real = 0.0
    held: Real = 0.0
    for i in range(net.size):
        p = rain[i] if z[i] < INSIDE else ZERO
        net[i] = max(p - caught[i], 0.0)
        kept = np.float64(p) - np.float64(net[i])  # after rounding, so that nothing is lost
        caught[i] = max(caught[i] - kept, 0.0)
        fallen += p
        held += kept
    return fallen, held


@exact
def settle(gain: Array, net: Array, took: Array, room: Array) -> Real:
    """Put net rain less what the soil took [m] in `gain`, and leave so much less room; return the sum of it [m]."""
    taken: Real = 0.0
    for i in range(gain.size):
        gain[i] = net[i] - took[i]
        exact_part = np.float64(net[i]) - np.float64(gain[i])
        room[i] = max(room[i] - exact_part, 0.0)
        taken += exact_part
    return taken


@njit
def _at_rate(took: Array, h: Array, net: Array, rate: Array, room: Array) -> None:
    for i in range(took.size):
        took[i] = min(min(np.float64(h[i]) + np.float64(net[i]), rate[i]), room[i])


@njit
def rows_of(water: Water, none: Array, endless: Array, j: int) -> Arrays:
    """Return depth, loss, bed, rain, room of the soil and of leaves in row j; what has no rows is `endless` or `none`.

    `water` is those six arrays for all rows: h, lost, z, rain, room, caught.
    """
    h, lost, z, rain, room, caught = water
    p = rain[j if rain.shape[0] > 1 else 0]
    return (
        h[j],
        lost[j],
        z[j],
        p,
        room[j] if room.shape[0] else endless,
        caught[j] if caught.shape[0] else none,
    )


@njit
def scratch_of(columns: int, dtype_like: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Return a row for net rain, for the change of depth, for what the soil took, of 0 and of room without end."""
    net, gain = np.empty_like(dtype_like), np.empty_like(dtype_like)
    return net, gain, np.empty(columns), np.zeros(columns), np.full(columns, ENDLESS)


@njit
def soak(first: int, stop: int, water: Water, infiltration: Array, sums: Array) -> None:
    """As `vertical`, with leaves and puddles: sums[j] gets rain, what the soil took and what they hold of row j [m].

    Rows first to stop - 1; rows share nothing, so that strips of them can be done at once.
    """
    columns = water[0].shape[1]
    net, gain, took, none, endless = scratch_of(columns, water[0][0])
    for j in range(first, stop):
        h, lost, z, rain, room, caught = rows_of(water, none, endless, j)
        sums[j, 0], sums[j, 2] = net_rain(net, z, rain, caught)
        _at_rate(took, h, net, infiltration[j if infiltration.shape[0] > 1 else 0], room)
        sums[j, 1] = settle(gain, net, took, room)
        add(h, lost, gain)


@njit
def asked(first: int, stop: int, h: Array, rate: Array, district: Array, seconds: float, wanted: Array) -> None:
    """Put what the inlets of row j could take for district k [m] in wanted[j, k], rows first to stop - 1."""
    for j in range(first, stop):
        for i in range(h.shape[1]):
            wanted[j, district[j, i]] += min(np.float64(h[j, i]), rate[j, i] * seconds)


@exact
def drained(
    first: int,
    stop: int,
    water: tuple[Array, Array],
    rate: Array,
    district: Array,
    seconds: float,
    share: Array,
    taken: Array,
) -> None:
    """Take for each district its share of what its inlets can; taken[j, k] gets the sum for district k of row j [m]."""
    h, lost = water
    for j in range(first, stop):
        for i in range(h.shape[1]):
            k = district[j, i]
            part = min(np.float64(h[j, i]), rate[j, i] * seconds) * share[k]
            change = -h.dtype.type(part) - lost[j, i]  # as in `_add`
            new = max(h[j, i] + change, ZERO)
            lost[j, i] = (new - h[j, i]) - change
            h[j, i] = new
            taken[j, k] += np.float64(h.dtype.type(part))
