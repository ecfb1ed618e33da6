"""The ground of a 3D scene: QGIS leaves out a large piece of it for each cell without a height."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from qgis.core import QgsRasterLayer, QgsRectangle

from dtwin_plugin.data.filling import filled
from dtwin_plugin.data.resample import coarsened
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

from .read import extent_of, grid_of

_MOST = 16e6  # cells: 64 MB; a scene shows no more detail than that


def without_holes(terrain: QgsRasterLayer, extent: QgsRectangle, folder: Path) -> QgsRasterLayer:
    """Return a terrain that has a height everywhere: itself, or a copy of the part in the scene with its holes filled.

    AHN has none below buildings and water. The copy is for looking at: heights from around stand in its holes.

    Parameters
    ----------
    extent : QgsRectangle
        The part in the scene, in the CRS of the terrain.
    folder : Path
        Where the copy is written.
    """
    part = extent.intersect(terrain.extent())
    if part.isEmpty() or terrain.providerType() != "gdal":
        return terrain
    grid = grid_of(terrain, extent_of(part, terrain.crs()), Silent())
    if grid.values.size > _MOST:
        grid = coarsened(grid, grid.cell_size * int(np.ceil(np.sqrt(grid.values.size / _MOST))))
    holes = np.isnan(grid.values)
    if not holes.any() or holes.all():
        return terrain
    path = folder / f"ground-{terrain.id()}.tif"
    write_cog(grid.like(filled(np.asarray(grid.values, np.float32)), grid.unit, terrain.name()), path)
    return QgsRasterLayer(str(path), terrain.name())
