"""The ground of a 3D scene: QGIS leaves out a large piece of it for each cell without a height."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsMultiPolygon,
    QgsPoint,
    QgsPointXY,
    QgsRasterLayer,
    QgsRectangle,
    QgsTriangle,
    QgsVectorLayer,
)

from dtwin_plugin.data.filling import filled
from dtwin_plugin.data.resample import coarsened
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

from . import styles3d
from .read import extent_of, grid_of

_FINEST = 100  # cells of see-through ground along a side: 20,000 triangles
_EARTH = "#b9a98c"
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


def see_through(terrain: QgsRasterLayer, extent: QgsRectangle, opacity: float = 0.45) -> QgsVectorLayer:
    """Return the ground of a scene as a layer that one can look through, which QGIS's terrain is not.

    Parameters
    ----------
    terrain : QgsRasterLayer
        Without holes.
    extent : QgsRectangle
        The part in the scene, in the CRS of the terrain.
    opacity : float
        0 is not to be seen, 1 hides what is below.
    """
    part = extent.intersect(terrain.extent())
    step = max(part.width(), part.height()) / _FINEST
    columns, rows = (max(int(round(size / step)), 1) + 1 for size in (part.width(), part.height()))
    x = np.linspace(part.xMinimum(), part.xMaximum(), columns)
    y = np.linspace(part.yMinimum(), part.yMaximum(), rows)
    provider = terrain.dataProvider()
    inside = 1e-6  # m: the last row of corners lies on the edge, where a raster has no value
    z = np.array(
        [
            [
                provider.sample(QgsPointXY(min(a, part.xMaximum() - inside), min(b, part.yMaximum() - inside)), 1)[0]
                for a in x
            ]
            for b in y
        ]
    )
    layer = QgsVectorLayer(f"MultiPolygonZ?crs={terrain.crs().authid()}", terrain.name(), "memory")
    features = []
    for j in range(rows - 1):
        strip = QgsMultiPolygon()
        for i in range(columns - 1):
            corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            places = [QgsPoint(x[c], y[r], z[r, c]) for c, r in corners]
            if np.isfinite([place.z() for place in places]).all():
                for three in ((0, 1, 2), (0, 2, 3)):
                    strip.addGeometry(QgsTriangle(*(places[k] for k in three)).surfaceToPolygon())
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry(strip))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    styles3d.by_rules(layer, {"1 = 1": (_EARTH, opacity)}, levels=1)  # twice see-through is darker
    return layer
