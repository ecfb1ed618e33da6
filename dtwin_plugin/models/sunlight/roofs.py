"""The surface that light falls on: a terrain with the roofs of buildings on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.data.triangulate import triangles_of
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dtwin_plugin.data import Geometries, Grid


def with_roofs(grid: Grid, buildings: Iterable[Geometries]) -> Grid:
    """Return heights raised to the highest surface of buildings over the middle of each cell.

    Parameters
    ----------
    grid : Grid
        Heights [m]; NaN is raised too.
    buildings : iterable of Geometries
        Polygons with z in the CRS and datum of the grid, walls among them or not; what is highest counts.

    Raises
    ------
    InputError
        If polygons have no z, or a corner has none.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries, Grid
    >>> roof = Geometries.build("polygon", [[[[(0, 0, 3), (2, 0, 3), (2, 2, 5), (0, 2, 5), (0, 0, 3)]]]])
    >>> with_roofs(Grid(np.zeros((2, 3)), 0, 2, 1.0), [roof]).values.tolist()
    [[4.5, 4.5, 0.0], [3.5, 3.5, 0.0]]
    """
    from . import roof_kernels

    heights = np.array(grid.values, np.float64)
    for shapes in buildings:
        if not shapes.has_z:
            raise InputError(
                "Buildings without heights throw no shadow: their surfaces are flat on the map.",
                hint="Choose a layer of surfaces in space, as Load 3DBAG makes.",
            )
        triangles, _ = triangles_of(shapes)
        corners = shapes.coordinates[triangles].astype(np.float64)
        if not np.isfinite(corners).all():
            raise InputError(
                "Some surfaces have corners without a height, and would throw no shadow.",
                hint="Load them again, or leave them out by a selection.",
            )
        corners[..., 0] = (corners[..., 0] - grid.x_min) / grid.cell_size
        corners[..., 1] = (grid.y_max - corners[..., 1]) / grid.cell_size
        roof_kernels.raise_to(heights, corners)
    return grid.like(heights, "m", "Surface")


def without(surface: Grid, terrain: Grid, removed: Geometries) -> Grid:
    """Return a surface with the terrain in polygons: what is removed there throws no shadow any more."""
    inside = labels(removed, surface) > 0
    return surface.like(np.where(inside, terrain.values, surface.values), "m", "Surface")
