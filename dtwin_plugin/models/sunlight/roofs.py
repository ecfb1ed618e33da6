"""The surface that light falls on: a terrain with the roofs of buildings on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.data.triangulate import triangles_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dtwin_plugin.data import Geometries, Grid, Surfaces


def with_roofs(grid: Grid, buildings: Iterable[Surfaces]) -> Grid:
    """Return heights raised to the highest surface of buildings over the middle of each cell.

    Parameters
    ----------
    grid : Grid
        Heights [m]; NaN is raised too.
    buildings : iterable of Surfaces
        In the CRS and datum of the grid; whatever their semantics, what is highest counts.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries, Grid, Surfaces
    >>> from dtwin_plugin.data.columns import from_rows
    >>> roof = Geometries.build("polygon", [[[[(0, 0, 3), (2, 0, 3), (2, 2, 5), (0, 2, 5), (0, 0, 3)]]]])
    >>> row = from_rows([{"id": "a", "type": "Building", "lod": "2.2", "parent": None}])
    >>> house = Surfaces(roof, np.array(["RoofSurface"]), np.array([0]), row)
    >>> with_roofs(Grid(np.zeros((2, 3)), 0, 2, 1.0), [house]).values.tolist()
    [[4.5, 4.5, 0.0], [3.5, 3.5, 0.0]]
    """
    from . import roof_kernels

    heights = np.array(grid.values, np.float64)
    for surfaces in buildings:
        triangles, _ = triangles_of(surfaces.geometries)
        corners = surfaces.geometries.coordinates[triangles].astype(np.float64)
        corners[..., 0] = (corners[..., 0] - grid.x_min) / grid.cell_size
        corners[..., 1] = (grid.y_max - corners[..., 1]) / grid.cell_size
        roof_kernels.raise_to(heights, corners)
    return grid.like(heights, "m", "Surface")


def without(surface: Grid, terrain: Grid, removed: Geometries) -> Grid:
    """Return a surface with the terrain in polygons: what is removed there throws no shadow any more."""
    inside = labels(removed, surface) > 0
    return surface.like(np.where(inside, terrain.values, surface.values), "m", "Surface")
