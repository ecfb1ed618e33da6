"""The compiled search for the horizon of points on roofs; nothing here is called but by `solar`.

A cell is a block up to its height. Above the cells lie levels of ever larger ones, which have the height of the highest
in them. From a point the search goes outwards in each direction: it passes over a cell of any level that does not reach
above the horizon that has been found, and goes down a level where one may. What lies below the plane of the roof itself
hides nothing that the roof does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]
numba = load_numba("calculate the horizon of roofs")
_OPTIONS = {"nogil": True, "cache": may_cache("calculate the horizon of roofs"), "error_model": "numpy"}
FAR = 1e30
FACTOR = 4  # cells in a row of one of the next level
STILL = 1e-9  # part of a way that counts as none
STEP = 1e-6  # cells beyond an edge, to be in the next cell
NEAREST = 0.5  # cells: as near as the middle of the next one, at least


@numba.njit(**_OPTIONS)
def _horizon(heights: Array, levels: Array, place: Array, way: Array, size: float, slope: Array, spare: float) -> float:
    """Return the horizon (a tangent) along a way: that of the plane itself, or 0, where nothing rises above it.

    `slope` is what the plane of the roof rises by with each column and row [m], `spare` what the middle of a cell must
    stand above it.
    """
    found = max(0.0, (slope[0] * way[0] + slope[1] * way[1]) / size)
    gone, level, side, part = 0.0, 0, 1.0, 1.0
    x, y, z = place[0], place[1], place[2]
    slow = 1 / way[0] if abs(way[0]) > STILL else FAR, 1 / way[1] if abs(way[1]) > STILL else FAR
    ahead_x, ahead_y = (1.0 if way[0] > 0 else 0.0), (1.0 if way[1] > 0 else 0.0)
    highest = levels.shape[0] - 1
    top = heights[levels[highest, 0]] - z  # the last level is one cell
    while gone == 0 or top > found * gone * size:
        u, v = (x + (gone + STEP) * way[0]) * part, (y + (gone + STEP) * way[1]) * part
        if u < 0 or v < 0:
            return found
        i, j = int(u), int(v)
        if i >= levels[level, 2] or j >= levels[level, 1]:
            return found
        height = heights[levels[level, 0] + j * levels[level, 2] + i] - z
        far = max(gone, NEAREST) * size
        if height > found * far and level > 0:
            level, side, part = level - 1, side / FACTOR, part * FACTOR
            continue
        if height > found * far and gone > 0:
            if height > (i + 0.5 - x) * slope[0] + (j + 0.5 - y) * slope[1] + spare:
                found = height / far
        to_x = ((i + ahead_x) * side - x) * slow[0] if slow[0] != FAR else FAR
        to_y = ((j + ahead_y) * side - y) * slow[1] if slow[1] != FAR else FAR
        gone = max(min(to_x, to_y), gone + STEP)
        # up where the next cell is one of another cell of the next level
        last = i if to_x < to_y else j
        forward = ahead_x if to_x < to_y else ahead_y
        if level < highest and last % FACTOR == (FACTOR - 1 if forward > 0 else 0):
            level, side, part = level + 1, side * FACTOR, part / FACTOR
    return found


@numba.njit(parallel=True, **_OPTIONS)
def horizons(
    heights: Array,
    levels: Array,
    size: float,
    places: Array,
    normals: Array,
    ways: Array,
    spare: float,
    found: Array,
) -> None:
    """Find the horizon of each place in each direction, as an angle [rad].

    Parameters
    ----------
    heights : ndarray
        Of cells [m], and of FACTOR x FACTOR of them the highest, up to a level of one cell: one level after another.
    levels : ndarray
        Where each begins in it, and its rows and columns, shape (levels, 3).
    size : float
        Of a cell [m].
    places : ndarray
        Column and row in cells, and height [m], shape (places, 3).
    normals : ndarray
        Away from the roof: in columns, in rows and up.
    ways : ndarray
        Directions in columns and rows, shape (directions, 2).
    found : ndarray
        Shape (places, directions).
    """
    for p in numba.prange(places.shape[0]):
        slope = -normals[p, :2] / normals[p, 2] * size
        for k in range(ways.shape[0]):
            found[p, k] = np.arctan(_horizon(heights, levels, places[p], ways[k], size, slope, spare))


@numba.njit(**_OPTIONS)
def _above(low: float, up: float, level: float) -> float:
    """Return what a sector of an even sky above a height [rad] gives a plane: twice the integral over the height."""
    return up * (1 - np.sin(low) ** 2) + level * (np.pi / 2 - low - np.sin(low) * np.cos(low))


@numba.njit(parallel=True, **_OPTIONS)
def seen(solid: Array, crowns: Array, through: float, normals: Array, share: Array) -> None:
    """Tell which share of an even sky shines on each plane, weighted with the slant; 1 on the open horizontal.

    A direction is the middle of its sector. Below the horizon of crowns the share `through` passes, below that of solid
    things nothing. `normals` are east, north and up, the directions clockwise from north.
    """
    sectors = solid.shape[1]
    for p in numba.prange(solid.shape[0]):
        total = 0.0
        for k in range(sectors):
            turn = 2 * np.pi * k / sectors
            level, up = normals[p, 0] * np.sin(turn) + normals[p, 1] * np.cos(turn), normals[p, 2]
            own = np.arctan(-level / up) if level < 0 else 0.0
            low = max(solid[p, k], own)
            total += through * _above(low, up, level)
            total += (1 - through) * _above(max(low, crowns[p, k]) if crowns.shape[0] > 0 else low, up, level)
        share[p] = total / sectors


@numba.njit(**_OPTIONS)
def _at(profile: Array, turn: float) -> float:
    """Return the horizon in a direction, between those on both sides of it."""
    sectors = profile.size
    place = (turn / (2 * np.pi) * sectors) % sectors
    k = int(place)
    return profile[k % sectors] + (place - k) * (profile[(k + 1) % sectors] - profile[k % sectors])


@numba.njit(parallel=True, **_OPTIONS)
def from_sun(
    solid: Array, crowns: Array, through: float, normals: Array, suns: Array, months: Array, energy: Array, sums: Array
) -> None:
    """Add what comes from the sun to each plane in each month, where it stands above the horizon.

    `suns` have their azimuth and height [rad] and direction (east, north, up), shape (steps, 5); `energy` is that
    across the rays.
    """
    for p in numba.prange(solid.shape[0]):
        for k in range(suns.shape[0]):
            slant = normals[p, 0] * suns[k, 2] + normals[p, 1] * suns[k, 3] + normals[p, 2] * suns[k, 4]
            if slant <= 0 or suns[k, 1] < _at(solid[p], suns[k, 0]):
                continue
            hidden = crowns.shape[0] > 0 and suns[k, 1] < _at(crowns[p], suns[k, 0])
            sums[p, months[k]] += slant * energy[k] * (through if hidden else 1.0)
