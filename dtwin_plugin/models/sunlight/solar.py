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
    ground = (1 - points.normals[:, 2:]) / 2 * albedo * year.horizontal
    for begin in range(0, len(points), _AT_ONCE):
        if progress.is_cancelled():
            raise Cancelled
        some = slice(begin, begin + _AT_ONCE)
        normals = np.ascontiguousarray(points.normals[some])
        solid = _horizons(points, some, surface, threads)
        veiled = np.zeros((0, SECTORS)) if crowns is None else _horizons(points, some, crowns, threads)
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


def _horizons(points: RoofPoints, some: slice, grid: Grid, threads: int) -> Floats:
    """Return the horizon [rad] of points in each of the directions, clockwise from north, shape (points, SECTORS)."""
    from . import horizon_kernels

    size = grid.cell_size
    datum = float(np.nanmedian(points.places[:, 2]))
    heights = np.where(np.isfinite(grid.values), grid.values - datum, _LOWEST).astype(np.float32)
    x, y, z = points.places[some].T
    places = np.column_stack([(x - grid.x_min) / size, (grid.y_max - y) / size, z - datum])
    east, north, up = points.normals[some].T
    turn = 2 * np.pi * np.arange(SECTORS) / SECTORS
    found = np.zeros((len(places), SECTORS))
    with parallel_kernels(threads):
        horizon_kernels.horizons(
            heights, horizon_kernels.tops_of(heights), size, places, np.column_stack([east, -north, up]),
            np.column_stack([np.sin(turn), -np.cos(turn)]), SPARE, found,
        )  # fmt: skip
    return found
