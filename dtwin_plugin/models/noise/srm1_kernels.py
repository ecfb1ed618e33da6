"""What a receiver sees of a road, for the Dutch standard method 1; called by `srm1` only."""

from __future__ import annotations

import numpy as np

from .cut_kernels import crossings, nearest, number_at
from .ground_kernels import Array, njit
from .profile_kernels import ROOM, ground_at, left_out
from .scene import BUILDING, WALL


@njit
def hidden(scene: tuple, receiver: Array, places: Array, heights: Array) -> int:
    """Return how many places something stands before, as seen from a receiver; -1 where walls cannot be held."""
    pieces, kinds, owners, index = scene[0], scene[1], scene[2], scene[3]
    found, which = np.empty(ROOM), np.empty(ROOM, np.int64)
    many = 0
    for k in range(places.shape[0]):
        count = crossings(pieces, index, receiver[:2].copy(), places[k], found, which)
        if count < 0:
            return -1
        count = left_out(kinds, owners, found, which, count)
        for i in range(count):
            line = receiver[2] + found[i] * (heights[k] - receiver[2])
            stands = kinds[which[i]] == WALL or kinds[which[i]] == BUILDING
            if stands and number_at(pieces[which[i]], receiver[:2], places[k], found[i]) > line:
                many += 1
                break
    return many


@njit
def grounds(scene: tuple, places: Array) -> Array:
    """Return the height of the ground at places."""
    made = np.empty(places.shape[0])
    for k in range(places.shape[0]):
        made[k] = ground_at(scene, places[k, 0], places[k, 1])
    return made


@njit
def softness(scene: tuple, places: Array) -> float:
    """Return the mean softness of the ground at places; hard where the scene has no raster."""
    values, left, top, cell = scene[8]
    if values.size == 0:
        return 0.0
    whole = 0.0
    for k in range(places.shape[0]):
        whole += nearest(values, left, top, cell, places[k, 0], places[k, 1])
    return whole / places.shape[0]
