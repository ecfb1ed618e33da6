"""The compiled search for the horizon of points on roofs; nothing here is called but by `solar`.

A cell is a block up to its height. From a point the search goes outwards in each direction, over blocks of many cells
where none of them reaches above the horizon that has been found, and from cell to cell (Amanatides and Woo 1987) where
one may. What lies below the plane of the roof itself hides nothing that the roof does not.
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
BLOCK = 16  # cells
STILL = 1e-9  # part of a way that counts as none
STEP = 1e-6  # cells beyond an edge, to be in the next cell
NEAREST = 0.5  # cells: as near as the middle of the next one, at least


@numba.njit(**_OPTIONS)
def tops_of(surface: Array) -> Array:
    """Return the highest cell of each block, of BLOCK x BLOCK cells."""
    rows, columns = surface.shape
    tops = np.full(((rows + BLOCK - 1) // BLOCK, (columns + BLOCK - 1) // BLOCK), np.float32(-FAR))
    for j in range(rows):
        for i in range(columns):
            tops[j // BLOCK, i // BLOCK] = max(tops[j // BLOCK, i // BLOCK], surface[j, i])
    return tops


@numba.njit(**_OPTIONS)
def _to_edge(place: float, index: int, side: float, way: float) -> float:
    """Return how far it is along a way to where a cell of some side is left [cells]."""
    if abs(way) < STILL:
        return FAR
    edge = (index + 1) * side if way > 0 else index * side
    return (edge - place) / way


@numba.njit(**_OPTIONS)
def _over_cells(
    surface: Array,
    place: Array,
    way: Array,
    size: float,
    slope: Array,
    spare: float,
    gone: float,
    stop: float,
    found: float,
) -> float:
    """Return the horizon (a tangent) along a way over single cells, from a distance to another [cells].

    `slope` is what the plane of the roof rises by with each column and row [m], `spare` what the middle of a cell must
    stand above it.
    """
    rows, columns = surface.shape
    x, y = place[0] + (gone + STEP) * way[0], place[1] + (gone + STEP) * way[1]
    i, j = int(np.floor(x)), int(np.floor(y))
    di, dj = (1 if way[0] > 0 else -1), (1 if way[1] > 0 else -1)
    next_i, next_j = _to_edge(place[0], i, 1.0, way[0]), _to_edge(place[1], j, 1.0, way[1])
    step_i = 1.0 / abs(way[0]) if next_i < FAR else FAR
    step_j = 1.0 / abs(way[1]) if next_j < FAR else FAR
    while gone < stop and 0 <= i < columns and 0 <= j < rows:
        height = surface[j, i] - place[2]
        if height > found * max(gone, NEAREST) * size and gone > 0:
            plane = (i + 0.5 - place[0]) * slope[0] + (j + 0.5 - place[1]) * slope[1]
            if height > plane + spare:
                found = height / (max(gone, NEAREST) * size)
        if next_i < next_j:
            gone, next_i, i = next_i, next_i + step_i, i + di
        else:
            gone, next_j, j = next_j, next_j + step_j, j + dj
    return found


@numba.njit(**_OPTIONS)
def _horizon(
    surface: Array, tops: Array, top: float, place: Array, way: Array, size: float, slope: Array, spare: float
) -> float:
    """Return the horizon (a tangent) along a way; 0 where nothing rises."""
    found, gone = 0.0, 0.0
    while True:
        if gone > 0 and top - place[2] <= found * gone * size:
            return found
        x, y = place[0] + (gone + STEP) * way[0], place[1] + (gone + STEP) * way[1]
        i, j = int(np.floor(x / BLOCK)), int(np.floor(y / BLOCK))
        if not (0 <= i < tops.shape[1] and 0 <= j < tops.shape[0]):
            return found
        over = min(_to_edge(place[0], i, BLOCK, way[0]), _to_edge(place[1], j, BLOCK, way[1]))
        if tops[j, i] - place[2] > found * max(gone, NEAREST) * size:
            found = _over_cells(surface, place, way, size, slope, spare, gone, over, found)
        gone = max(over, gone + STEP)


@numba.njit(parallel=True, **_OPTIONS)
def horizons(
    surface: Array, tops: Array, size: float, places: Array, normals: Array, ways: Array, spare: float, found: Array
) -> None:
    """Find the horizon of each place in each direction, as an angle [rad].

    Parameters
    ----------
    surface, tops : ndarray
        Heights [m], and the highest of each block.
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
    top = float(tops.max())
    for p in numba.prange(places.shape[0]):
        slope = -normals[p, :2] / normals[p, 2] * size
        for k in range(ways.shape[0]):
            found[p, k] = np.arctan(_horizon(surface, tops, top, places[p], ways[k], size, slope, spare))


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
