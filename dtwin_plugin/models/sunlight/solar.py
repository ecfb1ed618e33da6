"""Radiation on points of roofs in a mean year, with the horizon that what stands around makes.

The horizon is looked for in 48 directions, as PVGIS has it. What of the sun and of the light around it stands below is
lost, and so is the sky there: what hides it is taken as dark, but for what the ground below the plane sends back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress, Silent

from ..parallel import parallel_kernels, thread_count
from .radiation import ALBEDO, MeanYear, on_planes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    from .roof_points import RoofPoints

    Floats = NDArray[np.float64]

SECTORS = 48
SPARE = 0.3  # m that a thing must rise above the plane of a roof: heights of surfaces are no better
_AT_ONCE = 8000  # points in one call: between them a user may stop it
_LOWEST = -1e6  # m, of cells without data: they hide nothing


class Received(NamedTuple):
    """Radiation on points in each month [kWh/m2], shape (points, 12): as things are, and under a free sky."""

    shaded: Floats
    free: Floats


def received(
    points: RoofPoints,
    surface: Grid,
    year: MeanYear,
    crowns: Grid | None = None,
    through: float = 0.1,
    albedo: float = ALBEDO,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Received:
    """Return the radiation on points of roofs.

    Parameters
    ----------
    points : RoofPoints
        In the datum of the surface.
    surface : Grid
        Heights of the ground with what stands on it [m]; cells without data hide nothing.
    crowns : Grid, optional
        Tops of the crowns of trees [m] on the cells of the surface, NaN where there are none.
    through : float
        Share of the light that crowns let through.
    albedo : float
        Share that the ground sends back.

    Returns
    -------
    Received
        NaN for points beside the surface, of which the horizon is not known.
    """
    from . import horizon_kernels

    progress, threads = progress or Silent(), thread_count(threads, "calculate the horizon of roofs")
    free = on_planes_of(points, year, albedo)
    shaded = np.zeros_like(free)
    sun = _suns(year)
    solid_things = _Around.of(surface, points)
    trees = None if crowns is None else _Around.of(crowns, points)
    ground = (1 - points.normals[:, 2:]) / 2 * albedo * year.horizontal
    for begin in range(0, len(points), _AT_ONCE):
        if progress.is_cancelled():
            raise Cancelled
        some = slice(begin, begin + _AT_ONCE)
        normals = np.ascontiguousarray(points.normals[some])
        solid = solid_things.horizons(points, some, threads)
        veiled = np.zeros((0, SECTORS)) if trees is None else trees.horizons(points, some, threads)
        share = np.zeros(len(normals))
        with parallel_kernels(threads):
            horizon_kernels.seen(solid, veiled, through, normals, share)
            horizon_kernels.from_sun(solid, veiled, through, normals, sun, year.months, year.normal, shaded[some])
        shaded[some] += share[:, None] * year.sky + ground[some]
        progress.report(min(begin + _AT_ONCE, len(points)) / max(len(points), 1))
    beside = ~np.isfinite(surface.sample(*points.places[:, :2].T))
    shaded[beside] = np.nan
    return Received(shaded, free)


def on_planes_of(points: RoofPoints, year: MeanYear, albedo: float) -> Floats:
    """Return the radiation under a free sky: the planes of roofs are few, their points many."""
    planes, which = np.unique(points.normals.round(6), axis=0, return_inverse=True)
    return on_planes(year, planes, albedo)[which.ravel()]


def _suns(year: MeanYear) -> Floats:
    """Return the azimuth and height [rad] and the direction of the sun at each step, shape (steps, 5)."""
    east, north, up = year.directions.T
    azimuth = np.arctan2(east, north) % (2 * np.pi)
    return np.ascontiguousarray(np.column_stack([azimuth, np.arcsin(up), year.directions]))


def _levels(grid: Grid, datum: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the heights of cells and of levels of ever more of them, as the kernel takes them."""
    from .horizon_kernels import FACTOR

    levels = [np.where(np.isfinite(grid.values), grid.values - datum, _LOWEST).astype(np.float32)]
    while levels[-1].size > 1:
        rows, columns = (-(-count // FACTOR) for count in levels[-1].shape)
        whole = np.full((rows * FACTOR, columns * FACTOR), _LOWEST, np.float32)
        whole[: levels[-1].shape[0], : levels[-1].shape[1]] = levels[-1]
        levels.append(whole.reshape(rows, FACTOR, columns, FACTOR).max(axis=(1, 3)))
    begins = np.cumsum([0, *(level.size for level in levels[:-1])])
    shapes = np.array([level.shape for level in levels])
    return np.concatenate([level.ravel() for level in levels]), np.column_stack([begins, shapes]).astype(np.int64)


class _Around(NamedTuple):
    """What stands around, on cells: the levels of heights above a datum, and where the cells lie."""

    grid: Grid
    datum: float
    heights: NDArray[np.float32]
    levels: NDArray[np.int64]

    @classmethod
    def of(cls, grid: Grid, points: RoofPoints) -> _Around:
        """Return the heights of a grid, above a datum at which float32 is fine."""
        datum = float(np.median(points.places[:, 2]))
        return cls(grid, datum, *_levels(grid, datum))

    def horizons(self, points: RoofPoints, some: slice, threads: int) -> Floats:
        """Return the horizon [rad] of points in each direction, clockwise from north, shape (points, SECTORS)."""
        from . import horizon_kernels

        size = self.grid.cell_size
        x, y, z = points.places[some].T
        places = np.column_stack([(x - self.grid.x_min) / size, (self.grid.y_max - y) / size, z - self.datum])
        east, north, up = points.normals[some].T
        turn = 2 * np.pi * np.arange(SECTORS) / SECTORS
        ways = np.column_stack([np.sin(turn), -np.cos(turn)])
        found = np.zeros((len(places), SECTORS))
        with parallel_kernels(threads):
            normals = np.column_stack([east, -north, up])
            horizon_kernels.horizons(self.heights, self.levels, size, places, normals, ways, SPARE, found)
        return found
