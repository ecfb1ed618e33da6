"""The ground of a 3D scene: QGIS leaves out a large piece of it for each cell without a height."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsLineString,
    QgsMultiPolygon,
    QgsPoint,
    QgsPointXY,
    QgsPolygon,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from dtwin_plugin.data.filling import filled
from dtwin_plugin.data.resample import coarsened
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.raster_write import write_cog

from . import styles3d
from .read import extent_of, grid_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data.grid import Grid

_FINEST = 100  # cells of see-through ground along a side: 20,000 triangles
EARTH = "#b9a98c"
_MOST = 16e6  # cells: 64 MB; a scene shows no more detail than that


def without_holes(
    terrain: QgsRasterLayer, extent: QgsRectangle, folder: Path, scale: float = 1.0, offset: float = 0.0
) -> QgsRasterLayer:
    """Return a terrain that has a height everywhere: itself, or a copy of the part in the scene with its holes filled.

    AHN has none below buildings and water. The copy is for looking at: heights from around stand in its holes.

    Parameters
    ----------
    extent : QgsRectangle
        The part in the scene, in the CRS of the terrain.
    folder : Path
        Where the copy is written.
    scale, offset : float
        By which the project makes heights of what is in the file, as of one in feet; the copy has the heights.
    """
    if extent.intersect(terrain.extent()).isEmpty() or terrain.providerType() != "gdal":
        return terrain
    grid = grid_in(terrain, extent)
    holes = np.isnan(grid.values)
    if holes.all() or not (holes.any() or (scale, offset) != (1.0, 0.0)):
        return terrain
    path = folder / f"ground-{terrain.id()}.tif"
    heights = filled(np.asarray(grid.values, np.float32)) * np.float32(scale) + np.float32(offset)
    write_cog(grid.like(heights, grid.unit, terrain.name()), path)
    return QgsRasterLayer(str(path), terrain.name())


def grid_in(terrain: QgsRasterLayer, extent: QgsRectangle) -> Grid:
    """Return the heights of the part of a terrain file in a scene, coarser where there are very many."""
    grid = grid_of(terrain, extent_of(extent.intersect(terrain.extent()), terrain.crs()), Silent())
    if grid.values.size > _MOST:
        grid = coarsened(grid, grid.cell_size * int(np.ceil(np.sqrt(grid.values.size / _MOST))))
    return grid


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
    z = heights_at(terrain, np.column_stack([np.tile(x, rows), np.repeat(y, columns)])).reshape(rows, columns)
    strips = []
    for j in range(rows - 1):
        strip = []
        for i in range(columns - 1):
            corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            places = [(x[c], y[r], z[r, c]) for c, r in corners]
            if np.isfinite([place[2] for place in places]).all():
                strip += [[places[0], places[1], places[2]], [places[0], places[2], places[3]]]
        strips.append(("ground", strip))
    layer = faces_layer(terrain.name(), terrain.crs().authid(), strips)
    set_opacity(layer, opacity)
    return layer


def set_opacity(layer: QgsVectorLayer, opacity: float) -> None:
    """Let one see as much through a see-through ground: 0 is not to be seen, 1 hides what is below."""
    styles3d.by_rules(layer, {"1 = 1": (EARTH, opacity)}, levels=1)  # twice see-through is darker


def heights_at(terrain: QgsRasterLayer, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heights of a terrain at places, shape (n, 2); those beyond its edge as on it, NaN without a height."""
    box, provider = terrain.extent(), terrain.dataProvider()
    inside = 1e-6  # m: on the edge a raster has no value
    low, high = (box.xMinimum(), box.yMinimum()), (box.xMaximum() - inside, box.yMaximum() - inside)
    within = np.clip(places, low, high).tolist()
    found = (provider.sample(QgsPointXY(x, y), 1) for x, y in within)
    return np.array([height if known else np.nan for height, known in found])


def faces_layer(name: str, crs: str, rows: Sequence[tuple[str, Sequence[Sequence[Sequence[float]]]]]) -> QgsVectorLayer:
    """Return a layer in memory of which each feature has faces in space: column "part", and the corners of each.

    It cannot be pointed at.
    """
    layer = QgsVectorLayer(f"MultiPolygonZ?crs={crs}&field=part:string", name, "memory")
    layer.setFlags(layer.flags() & ~QgsVectorLayer.LayerFlag.Identifiable)
    features = []
    for part, faces in rows:
        shape = QgsMultiPolygon()
        for face in faces:
            shape.addGeometry(QgsPolygon(QgsLineString([QgsPoint(*corner) for corner in (*face, face[0])])))
        feature = QgsFeature(layer.fields())
        feature.setAttributes([part])
        feature.setGeometry(QgsGeometry(shape))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer
