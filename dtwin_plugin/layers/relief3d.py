"""The ground of a 3D scene as heights that a line of sight can meet."""

from __future__ import annotations

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsRasterLayer,
    QgsRasterProjector,
    QgsRectangle,
)

from dtwin_plugin.data.grid import Grid
from dtwin_plugin.data.relief import Relief

_MOST = 2000  # cells along a side


def relief_of(
    terrain: QgsRasterLayer | None,
    extent: QgsRectangle,
    crs: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
) -> Relief:
    """Return the heights of a part of a terrain; where there is none the ground is flat at 0 m, as QGIS draws it.

    Parameters
    ----------
    extent : QgsRectangle
        The part, in `crs`.
    crs, context : QgsCoordinateReferenceSystem, QgsCoordinateTransformContext
        CRS of the scene, and how to come to it.
    """
    size = max(extent.width(), extent.height())
    finest = terrain.rasterUnitsPerPixelX() if terrain is not None and terrain.crs() == crs else 0.0
    cell = max(finest, size / _MOST)
    columns, rows = (max(int(np.ceil(side / cell)), 1) for side in (extent.width(), extent.height()))
    left, top = extent.xMinimum(), extent.yMaximum()
    if terrain is None:
        return Relief(Grid(np.zeros((rows, columns)), left, top, cell))
    reader = QgsRasterProjector()
    reader.setInput(terrain.dataProvider())
    reader.setCrs(terrain.crs(), crs, context)
    block = reader.block(1, QgsRectangle(left, top - rows * cell, left + columns * cell, top), columns, rows)
    return Relief(Grid(np.ma.filled(block.as_numpy().astype(np.float32), np.nan), left, top, cell))
