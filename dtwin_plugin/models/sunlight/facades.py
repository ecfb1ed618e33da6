"""Points on facades, and how long the sun shines on them.

A facade is an edge of a footprint. Its points stand at sill height on each storey that the building has there, by the
height of the surface behind it, and where the surface before it lies lower: no windows look into the house next door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.walls import FacadePoints, places_along, walls_of
from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress, Silent

from ..parallel import parallel_kernels, thread_count
from .position import Sun

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries, Grid

    Floats = NDArray[np.float64]

# A cell belongs to a building by its middle, and so reaches up to half a diagonal beyond the wall.
BEYOND = 0.7072  # cells
HEAD = 1.0  # m of wall that there is above a sill at least
_AT_ONCE = 20_000  # points in one call: between them a user may stop it


def facade_points(
    footprints: Geometries,
    terrain: Grid,
    surface: Grid,
    spacing: float = 2.0,
    storey: float = 3.0,
    sill: float = 0.75,
) -> FacadePoints:
    """Return points on the facades of footprints.

    Parameters
    ----------
    footprints : Geometries
        Polygons, with holes where there are courtyards.
    terrain, surface : Grid
        Heights of the ground, and with roofs on it [m], on the same cells.
    spacing : float
        Largest distance between points along a facade [m].
    storey, sill : float
        Height of a storey, and of a sill above its floor [m]. The lowest floor lies on the ground before the facade.
    """
    middle, normal, owner, width = places_along(walls_of(footprints), spacing)
    reach = BEYOND * surface.cell_size
    before, behind = middle + reach * normal, middle - reach * normal
    ground = terrain.sample(*before.T).astype(float)
    roof, next_door = surface.sample(*behind.T).astype(float), surface.sample(*before.T).astype(float)
    known = np.isfinite(ground) & np.isfinite(roof) & np.isfinite(next_door)
    with np.errstate(invalid="ignore"):
        floors = np.where(known, np.floor((roof - ground - sill - HEAD) / storey) + 1, 0).clip(0, 500).astype(np.int64)
    rows = np.repeat(np.arange(len(middle)), floors)
    level = np.arange(len(rows)) - np.repeat(np.cumsum(floors) - floors, floors)
    z = ground[rows] + sill + storey * level
    free = next_door[rows] < z
    rows, level, z = rows[free], level[free], z[free]
    return FacadePoints(np.column_stack([middle[rows], z]), normal[rows], owner[rows], level, width[rows])


def sun_on(
    points: FacadePoints,
    surface: Grid,
    sun: Sun,
    groups: NDArray[np.int64],
    lowest: float = 0.0,
    convergence: float = 0.0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> NDArray[np.int64]:
    """Return how many positions of the sun shine on each point, shape (points, groups).

    The light is followed from just outside the cells of the facade itself.

    Parameters
    ----------
    surface : Grid
        Heights with roofs [m]; cells without data throw no shadow.
    sun : Sun
        Positions.
    groups : ndarray
        int64, which group each position counts for, such as the number of its day.
    lowest : float
        Elevation [degrees] at which the sun counts at least.
    convergence : float
        As of `Surface`.
    """
    from . import ray_kernels

    progress, threads = progress or Silent(), thread_count(threads, "calculate sun on facades")
    used = np.flatnonzero((sun.elevation > 0) & (sun.elevation >= lowest))
    turn = np.radians(sun.azimuth[used] - convergence)
    ways = np.column_stack([np.sin(turn), -np.cos(turn)])
    rises = np.tan(np.radians(np.minimum(sun.elevation[used], 89.9))) * surface.cell_size
    datum = float(np.nanmedian(surface.values))
    heights = np.where(np.isfinite(surface.values), surface.values - datum, -1e6).astype(np.float32)
    size = surface.cell_size
    x, y = (points.places[:, :2] + BEYOND * size * points.normals).T
    places = np.column_stack([(x - surface.x_min) / size, (surface.y_max - y) / size, points.places[:, 2] - datum])
    normals = np.column_stack([points.normals[:, 0], -points.normals[:, 1]])
    counted = np.zeros((len(points), int(groups.max(initial=-1)) + 1), np.int64)
    for begin in range(0, len(points), _AT_ONCE):
        if progress.is_cancelled():
            raise Cancelled
        some = slice(begin, begin + _AT_ONCE)
        with parallel_kernels(threads):
            ray_kernels.count(heights, places[some], normals[some], ways, rises, groups[used], counted[some])
        progress.report(min(begin + _AT_ONCE, len(points)) / max(len(points), 1))
    return counted
