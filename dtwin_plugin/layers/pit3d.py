"""A pit in the ground of a 3D scene: QGIS leaves out the ground where it has no height; a kerb, walls and a floor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import QgsRasterLayer, QgsRectangle, QgsVectorLayer

from dtwin_plugin.data.cutting import Hole
from dtwin_plugin.sources.raster_write import write_cog

from . import styles3d
from .ground3d import EARTH, faces_layer, grid_in, heights_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TEXTURE, _ERROR = 1024, 0.2  # px of a tile of ground, and m: see `scene_style.sharpen`
_RESOLUTIONS = (32, 128)  # heights along the side of a tile of ground, least and most
_ACROSS = 24  # of these heights in a pit
_RAISED = 0.05  # m that the kerb lies above the ground, which is not exactly where its heights are
_WALL, _FLOOR, _KERB = "#8d7b62", "#5f5344", "#6f6250"


def resolution_for(hole: Hole, extent: QgsRectangle) -> int:
    """Return how many heights a tile of ground must have along its side, so that the edge of a pit is seen.

    >>> resolution_for(Hole(0, 0, 10), QgsRectangle(0, 0, 400, 400))
    128
    """
    least, most = _RESOLUTIONS
    return int(np.clip(np.ceil(_tile(extent) / hole.size * _ACROSS) + 1, least, most))


def _tile(extent: QgsRectangle) -> float:
    """Return the side of the finest tile of ground that QGIS makes [m]: as `Qgs3DUtils::maxZoomLevel`."""
    size = max(extent.width(), extent.height())
    levels = max(0, round(float(np.log2(size / (_TEXTURE * _ERROR)))))
    return float(size / 2**levels)


def ground_with(terrain: QgsRasterLayer, extent: QgsRectangle, hole: Hole, path: Path) -> QgsRasterLayer:
    """Return a copy of a terrain file that has no heights in a hole.

    Parameters
    ----------
    extent : QgsRectangle
        The part in the scene, in the CRS of the terrain.
    path : Path
        Where it is written; nothing may read that.
    """
    grid = grid_in(terrain, extent)
    rows, columns = grid.shape
    x = grid.x_min + grid.cell_size * (np.arange(columns) + 0.5)
    y = grid.y_max - grid.cell_size * (np.arange(rows) + 0.5)
    values = np.where(hole.has(x[None, :], y[:, None]), np.nan, grid.values).astype(np.float32)
    write_cog(grid.like(values, grid.unit, terrain.name()), path)
    return QgsRasterLayer(str(path), terrain.name())


def pit(
    terrain: QgsRasterLayer, extent: QgsRectangle, hole: Hole, depth: float, opacity: float = 0.0
) -> QgsVectorLayer:
    """Return the kerb around a hole, its walls and its floor, seen from inside only.

    Parameters
    ----------
    depth : float
        Of the floor below the lowest ground at the edge [m].
    opacity : float
        Of a lid on it; 0 is none.
    """
    gap = _tile(extent) / (resolution_for(hole, extent) - 1)  # QGIS leaves out so much more
    wide = 1.5 * gap + terrain.rasterUnitsPerPixelX()
    # both edges have as many places, so that the kerb is a strip between them
    count = len(hole.edge(step=max(hole.size / 40, 0.25)))
    inner, outer = (_resampled(hole.edge(wider, 0.1), count) for wider in (0.0, wide))
    top, beyond = _standing(terrain, inner), _standing(terrain, outer)
    floor = inner.copy()
    floor[:, 2] = top[:, 2].min() - depth
    raised = [0.0, 0.0, _RAISED]
    rows = [
        ("kerb", _strip(top + raised, beyond + raised)),
        ("wall", _strip(floor, top + raised)),
        ("floor", [floor[:-1].tolist()]),
    ]
    if opacity > 0:
        rows.append(("lid", [(top + raised)[:-1].tolist()]))
    layer = faces_layer(terrain.name(), terrain.crs().authid(), rows)
    colours = {"kerb": (_KERB, 1.0), "wall": (_WALL, 1.0), "floor": (_FLOOR, 1.0), "lid": (EARTH, max(opacity, 0.01))}
    rules = {f"\"part\" = '{name}'": colours[name] for name, _ in rows}
    styles3d.by_rules(layer, rules, levels=1, one_sided=True)
    return layer


def _resampled(edge: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return as many places on a closed edge, shape (count, 3) with heights of 0."""
    share = np.linspace(0, 1, len(edge))
    wanted = np.linspace(0, 1, count)
    return np.column_stack([*(np.interp(wanted, share, axis) for axis in edge.T), np.zeros(count)])


def _standing(terrain: QgsRasterLayer, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places on the ground; where it has no height, as high as its mean around them."""
    heights = heights_at(terrain, places[:, :2])
    known = heights[np.isfinite(heights)]
    places = places.copy()
    places[:, 2] = np.where(np.isfinite(heights), heights, known.mean() if len(known) else 0.0)
    return places


def _strip(one: NDArray[np.float64], other: NDArray[np.float64]) -> list[list[list[float]]]:
    """Return the faces between two edges that go the same way round."""
    return [
        [a.tolist(), b.tolist(), c.tolist(), d.tolist()] for a, b, c, d in zip(other[:-1], other[1:], one[1:], one[:-1])
    ]
