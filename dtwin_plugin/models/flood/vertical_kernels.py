"""The compiled loops of rain and infiltration; nothing here is called but by `solver`.

Arrays are padded as in `kernels`. Both are taken in portions, once in some time steps, so that a pass over all cells
costs little beside the sweeps.
"""

from __future__ import annotations

import numpy as np

from .kernels import INSIDE, ZERO, Array, Real, exact, njit


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
def _add(h: Array, lost: Array, gain: Array) -> None:
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
        _add(h[j], lost[j], gain)
