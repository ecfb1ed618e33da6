"""What water does to buildings: at the wall, above the threshold, inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..buildings import SILL, depth_at_objects, floor_levels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from dtwin_plugin.data import Geometries, Grid

    Floats = NDArray[np.float64]

FILM = 0.01  # m, shallower water has no level that counts
INSIDE = np.array(["no", "uncertain", "yes", "unknown"], object)


@dataclass(frozen=True)
class AtBuildings:
    """Water at buildings, one value a building; NaN where it is not known.

    Attributes
    ----------
    depth, mean : ndarray
        Largest and mean depth at the wall [m].
    level : ndarray
        Highest level at the wall [m NAP]; NaN where all of it is dry.
    floor : ndarray
        Height of the floor [m NAP].
    above : ndarray
        Highest level less the floor [m], negative below it; -inf where all of the wall is dry.
    """

    depth: Floats
    mean: Floats
    level: Floats
    floor: Floats
    above: Floats


def water_at_buildings(
    depth: ArrayLike, terrain: ArrayLike, labels: ArrayLike, threshold: Floats, floor: Floats, reach: int = 1
) -> AtBuildings:
    """Return the water at the walls of buildings, and above their floors.

    The floor lies `threshold` above the 75th percentile of the ground around (Waterschadeschatter), unless it is
    known. The level is that of the cells around with at least 1 cm of water.

    Parameters
    ----------
    depth, terrain : array_like
        Largest depth [m] and height of the ground [m NAP], shape (rows, cols); NaN = not known.
    labels : array_like
        Shape (rows, cols): 0 = no building, k = building k.
    threshold : ndarray
        Of each building above the ground around [m], shape (buildings,).
    floor : ndarray
        Height of each floor [m NAP]; NaN where it follows from the threshold.
    reach : int
        Cells around a building that are at its wall.

    Examples
    --------
    >>> found = water_at_buildings(
    ...     [[0.3, 0.0, 0.2]], [[1.0, 1.0, 1.0]], [[0, 1, 0]], np.array([0.15]), np.array([np.nan])
    ... )
    >>> [float(values[0].round(2)) for values in (found.depth, found.floor, found.above)]
    [0.3, 1.15, 0.15]
    """
    water, ground = np.asarray(depth, float), np.asarray(terrain, float)
    objects = np.asarray(labels, np.int64)
    count = len(threshold)
    largest, mean = depth_at_objects(water, objects, count, reach)
    level, _ = depth_at_objects(np.where(water >= FILM, ground + water, np.nan), objects, count, reach)
    floors = floor_levels(ground, objects, threshold, floor)
    above = np.where(np.isfinite(largest) & np.isnan(level), -np.inf, level - floors)
    return AtBuildings(largest, mean, level, floors, above)


def inside(above: Floats, margin: float) -> NDArray[Any]:
    """Return whether water runs in, for the highest level less the floor [m]: yes, no, uncertain or unknown.

    It is uncertain within the margin [m] of the floor, which is what the heights and the model may be wrong by.

    >>> inside(np.array([-0.2, -0.05, 0.05, 0.2, np.nan]), 0.1).tolist()
    ['no', 'uncertain', 'uncertain', 'yes', 'unknown']
    """
    classes = np.where(above > margin, 2, np.where(above > -margin, 1, 0))
    return INSIDE[np.where(np.isnan(above), 3, classes)]


def surfaces_of(areas: Geometries) -> Floats:
    """Return the surface of polygons [m2], shape (features,); holes are left out.

    >>> from dtwin_plugin.data import Geometries
    >>> hole = [(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)]
    >>> square = [[(0, 0), (3, 0), (3, 3), (0, 3), (0, 0)], hole]
    >>> surfaces_of(Geometries.build("polygon", [[square]])).tolist()
    [8.0]
    """
    total = np.zeros(len(areas))
    for index in range(len(areas)):
        for part in range(areas.features[index], areas.features[index + 1]):
            for ring in range(areas.parts[part], areas.parts[part + 1]):
                xy = areas.coordinates[areas.rings[ring] : areas.rings[ring + 1], :2]
                x, y = (xy - xy[:1]).T if len(xy) else (np.zeros(0), np.zeros(0))
                size = abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2
                total[index] += size if ring == areas.parts[part] else -size
    return total


def labels_of(buildings: Geometries, grid: Grid) -> NDArray[np.int32]:
    """Return which building covers each cell, 0 for none; one that covers no centre gets the cell of its middle.

    >>> from dtwin_plugin.data import Geometries, Grid
    >>> shed = [[[(0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4), (0.1, 0.1)]]]
    >>> labels_of(Geometries.build("polygon", [shed]), Grid([[0.0, 0.0]], 0, 1, 1)).tolist()
    [[1, 0]]
    """
    from dtwin_plugin.data.rasterise import labels

    found = labels(buildings, grid)
    box = buildings.bounds()
    row, column, within = grid.cells((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2)
    absent = within & ~np.isin(np.arange(1, len(buildings) + 1), found)
    for index in np.flatnonzero(absent):
        if found[row[index], column[index]] == 0:
            found[row[index], column[index]] = index + 1
    return found


def depth_near(depth: Grid, points: Geometries, reach: float) -> Floats:
    """Return the largest depth [m] within some distance [m] of points; NaN where none is known.

    >>> from dtwin_plugin.data import Geometries, Grid
    >>> depth_near(Grid([[0.0, 0.1, 0.5]], 0, 1, 1), Geometries.points(np.array([[0.5, 0.5]])), 1.0).round(2).tolist()
    [0.1]
    """
    box = points.bounds()
    x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    size = depth.cell_size
    cells = int(np.ceil(reach / size))
    row, column = np.floor((depth.y_max - y) / size), np.floor((x - depth.x_min) / size)
    largest = np.full(len(points), -np.inf)
    for down in range(-cells, cells + 1):
        for right in range(-cells, cells + 1):
            at_x = depth.x_min + (column + right + 0.5) * size
            at_y = depth.y_max - (row + down + 0.5) * size
            near = (np.hypot(at_x - x, at_y - y) <= reach + 1e-9) | ((down == 0) & (right == 0))
            found = np.nan_to_num(depth.sample(at_x, at_y).astype(float), nan=-np.inf)
            largest = np.where(near, np.maximum(largest, found), largest)
    return np.where(np.isfinite(largest), largest, np.nan)


__all__ = ["SILL", "AtBuildings", "depth_near", "inside", "labels_of", "surfaces_of", "water_at_buildings"]
