"""Height of what stands on the ground too: roofs, trees, bridges; and of the ground beneath it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from dtwin_plugin.data import Extent, Grid, PointCloud
from dtwin_plugin.data.pointcloud import GROUND

from .gridding import fill_under, grid_points

NOISE = (7, 18)  # LAS classes of points that are errors: low and high noise


def surface_grid(
    chunks: Iterable[PointCloud],
    extent: Extent,
    cell_size: float,
    *,
    statistic: str = "maximum",
    fill_distance: float = 0.0,
) -> Grid:
    """Calculate the height of the surface in each cell, from all points but those that are noise.

    Parameters
    ----------
    chunks : iterable of PointCloud
        Of all classes.
    statistic : {"maximum", "mean"}
        The highest point of a cell, as the surface model of AHN5 has it, or the mean.
    extent, cell_size, fill_distance
        As of `grid_points`, which also tells what is raised.

    Examples
    --------
    >>> classes = np.array([2, 6, 7], np.uint8)
    >>> points = PointCloud(np.full(3, 0.5), np.full(3, 0.5), np.array([1.0, 9.0, 99.0]), classes)
    >>> surface_grid([points], Extent(0, 0, 1, 1), 1.0).values.tolist()
    [[9.0]]
    """
    return grid_points(without_noise(chunks), extent, cell_size, statistic=statistic, fill_distance=fill_distance)


def ground_grid(
    chunks: Iterable[PointCloud],
    extent: Extent,
    cell_size: float,
    *,
    classes: Iterable[int] = (GROUND,),
    fill_distance: float = 5.0,
    under_buildings: bool = True,
) -> Grid:
    """Calculate the mean height of the ground points in each cell, also under what stands on it.

    Parameters
    ----------
    classes : iterable of int
        LAS classes of the ground.
    under_buildings : bool
        Fill every hole from the ground around it, however large; otherwise only up to `fill_distance` [m].
    chunks, extent, cell_size
        As of `grid_points`, which also tells what is raised.

    Examples
    --------
    >>> x = np.array([0.5, 5.5])
    >>> points = PointCloud(x, np.full(2, 0.5), np.array([1.0, 3.5]), np.full(2, 2, np.uint8))
    >>> ground_grid([points], Extent(0, 0, 6, 1), 1.0, fill_distance=0).values.round(1).tolist()
    [[1.0, 1.5, 2.0, 2.5, 3.0, 3.5]]
    """
    wanted = np.array(sorted(classes), np.uint8)
    chosen = (points.take(np.isin(points.classification, wanted)) for points in chunks)
    grid = grid_points(chosen, extent, cell_size, fill_distance=fill_distance)
    return fill_under(grid) if under_buildings else grid


def without_noise(chunks: Iterable[PointCloud]) -> Iterator[PointCloud]:
    """Yield the points that are not noise."""
    for points in chunks:
        yield points.take(~np.isin(points.classification, NOISE))
