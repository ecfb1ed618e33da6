"""What stands over a place: the roof of the building that it lies in, and the ground; called by `surroundings` only."""

from __future__ import annotations

import numpy as np

from .cut_kernels import crossings
from .ground_kernels import Array, njit
from .profile_kernels import ground_at
from .scene import BUILDING

_ROOM = 8192  # walls that a line from a place to the edge of a scene crosses at most


@njit
def roofs_over(scene: tuple, places: Array, tops: Array) -> bool:
    """Put the highest roof of the buildings that each place lies in [m NAP] in `tops`; -inf outside all.

    A line to the west crosses the walls of a building that it lies in an odd number of times. Return whether all
    walls on the way could be held.
    """
    pieces, kinds, owners, index = scene[0], scene[1], scene[2], scene[3]
    found, which = np.empty(_ROOM), np.empty(_ROOM, np.int64)
    for k in range(places.shape[0]):
        tops[k] = -np.inf
        here = places[k, :2].copy()
        count = crossings(pieces, index, here, np.array((min(index[2], here[0]) - 1.0, here[1] + 1e-4)), found, which)
        if count < 0:
            return False
        for i in range(count):
            if kinds[which[i]] != BUILDING:
                continue
            inside = False
            for j in range(count):
                if kinds[which[j]] == BUILDING and owners[which[j]] == owners[which[i]]:
                    inside = not inside
            if inside:
                tops[k] = max(tops[k], pieces[which[i], 4])
    return True


@njit
def grounds_at(scene: tuple, places: Array, heights: Array) -> None:
    """Put the height of the ground at each place [m NAP] in `heights`."""
    for k in range(places.shape[0]):
        heights[k] = ground_at(scene, places[k, 0], places[k, 1])
