"""From point sources to receivers; called by `installations` only."""

from __future__ import annotations

import math

import numpy as np

from .ground_kernels import Array, njit
from .level_kernels import point
from .reflection_kernels import images_of


@njit
def from_points(
    scene: tuple,
    sources: Array,
    receivers: Array,
    far: float,
    air: Array,
    sideways: bool,
    reach: float,
    order: int,
    energy: Array,
) -> None:
    """Calculate what comes of point sources to receivers, in one thread: it lets others run beside it.

    Parameters
    ----------
    sources : ndarray
        x, y, z, what it stands on and how high that is (see `stand_kernels.stood`), and how loud it is to each side
        (see `facing_kernels.toward`), shape (n, 12).
    receivers : ndarray
        x, y, z and height of the ground, shape (m, 4).
    far : float
        Sources farther away on the map are left out [m].
    energy : ndarray
        Gets 10^(-A/10), by receiver, source, weather and band, shape (m, n, 2, 8); NaN where a path could not be
        calculated.
    """
    for k in range(receivers.shape[0]):
        receiver = receivers[k]
        walls, beams = images_of(scene, receiver, reach, order)
        how = (air, sideways, walls, beams)
        for s in range(sources.shape[0]):
            if math.hypot(sources[s, 0] - receiver[0], sources[s, 1] - receiver[1]) > far:
                continue
            if not point(scene, sources[s], receiver, receiver[3], 1.0, how, energy[k, s]):
                energy[k, s] = np.nan
