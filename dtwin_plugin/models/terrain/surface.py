"""Height of what stands on the ground too: roofs, trees, bridges; and of the ground beneath it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from scipy import ndimage

from dtwin_plugin.data import Extent, Grid, PointCloud
from dtwin_plugin.data.pointcloud import BUILDING, GROUND

from .gridding import cells_of, fill_under, grid_points, shape_of

NOISE = (7, 18)  # LAS classes of points that are errors: low and high noise
_GAP = 2  # cells without points within a roof


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
    """Calculate the mean height of the ground points in each cell, also under buildings.

    Parameters
    ----------
    chunks : iterable of PointCloud
        Of the ground and of buildings; other classes do not count.
    classes : iterable of int
        LAS classes of the ground.
    under_buildings : bool
        Give cells with points of buildings the height of the ground around, however large the building; other holes
        are filled up to `fill_distance` [m].
    extent, cell_size
        As of `grid_points`, which also tells what is raised.

    Examples
    --------
    >>> x, z = np.arange(6) + 0.5, np.array([1.0, 9.0, 9.0, 9.0, 9.0, 3.5])
    >>> points = PointCloud(x, np.full(6, 0.5), z, np.array([2, 6, 6, 6, 6, 2], np.uint8))
    >>> ground_grid([points], Extent(0, 0, 6, 1), 1.0, fill_distance=0).values.round(1).tolist()
    [[1.0, 1.5, 2.0, 2.5, 3.0, 3.5]]
    """
    wanted = np.array(sorted(classes), np.uint8)
    rows, columns = shape_of(extent, cell_size)
    built = np.zeros(rows * columns, bool)

    def ground() -> Iterator[PointCloud]:
        for points in chunks:
            buildings = points.take(points.classification == BUILDING)
            built[cells_of(buildings, extent, cell_size, rows, columns)[0]] = True
            yield points.take(np.isin(points.classification, wanted))

    grid = grid_points(ground(), extent, cell_size, fill_distance=fill_distance)
    if not under_buildings or not built.any():
        return grid
    # Between the points of a roof there are cells without any.
    whole = ndimage.binary_closing(np.pad(built.reshape(rows, columns), _GAP), iterations=_GAP)[_GAP:-_GAP, _GAP:-_GAP]
    return fill_under(grid, whole)


def without_noise(chunks: Iterable[PointCloud]) -> Iterator[PointCloud]:
    """Yield the points that are not noise."""
    for points in chunks:
        yield points.take(~np.isin(points.classification, NOISE))
