"""A pit in the ground of a 3D scene: QGIS leaves out the ground where it has no height; a kerb, walls and a floor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import QgsRasterLayer, QgsRectangle, QgsVectorLayer

from dtwin_plugin.data import Grid
from dtwin_plugin.data.cutting import Hole
from dtwin_plugin.sources.raster_write import write_cog

from . import styles3d
from .clip3d import Detail
from .ground3d import EARTH, faces_layer, grid_in, heights_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_TEXTURE = 1024  # px of a tile of ground: see `scene_style.sharpen`
_ERRORS = (0.2, 0.1, 0.05)  # m
_RESOLUTION = 128
_ACROSS = 16  # heights in a pit; more asks for more tiles of ground, each with a picture of the map
_MOST = 16e6  # cells of a copy: 64 MB
_RAISED = 0.05  # m that the kerb lies above the ground, which is not exactly where its heights are
_SUNK, _APRON = 0.2, 8  # m below the ground, and gaps: earth where QGIS leaves out more, as it does from afar
_WALL, _FLOOR, _KERB = "#8d7b62", "#5f5344", "#6f6250"


def detail_for(hole: Hole, extent: QgsRectangle) -> Detail:
    """Return how finely the ground must be drawn so that the edge of a pit is seen.

    >>> detail_for(Hole(0, 0, 20), QgsRectangle(0, 0, 400, 400)), detail_for(Hole(0, 0, 20), QgsRectangle(0, 0, 90, 90))
    (Detail(resolution=128, error=0.1), Detail(resolution=128, error=0.2))
    """
    return fine_enough(hole.size / _ACROSS, extent)[0]


def fine_enough(wanted: float, extent: QgsRectangle) -> tuple[Detail, float]:
    """Return how finely the ground must be drawn for heights that are no farther apart than wanted, and how far [m].

    >>> [round(part, 2) for part in fine_enough(0.5, QgsRectangle(0, 0, 400, 400))[1:]]
    [0.39]
    """
    for error in _ERRORS:
        detail = Detail(_RESOLUTION, error)
        if _gap(detail, extent) <= wanted:
            break
    return detail, _gap(detail, extent)


def _gap(detail: Detail, extent: QgsRectangle) -> float:
    """Return how far apart the heights of the ground are [m]: QGIS leaves out so much more than has no height.

    Its finest tiles are as `Qgs3DUtils::maxZoomLevel` has them.
    """
    size = max(extent.width(), extent.height())
    levels = max(0, round(float(np.log2(size / (_TEXTURE * detail.error)))))
    return float(size / 2**levels / (detail.resolution - 1))


def ground_with(terrain: QgsRasterLayer, extent: QgsRectangle, hole: Hole, path: Path) -> QgsRasterLayer:
    """Return a copy of a terrain file that has no heights in a hole.

    Parameters
    ----------
    extent : QgsRectangle
        The part in the scene, in the CRS of the terrain.
    path : Path
        Where it is written; nothing may read that.
    """
    gap = _gap(detail_for(hole, extent), extent)
    wider = replace(hole, size=hole.size + 2 * gap)  # a square of ground with all corners outside may reach in
    return ground_without(terrain, extent, wider.has, gap, path)


def ground_without(
    terrain: QgsRasterLayer,
    extent: QgsRectangle,
    gone: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]],
    gap: float,
    path: Path,
) -> QgsRasterLayer:
    """Return a copy of a terrain file that has no heights somewhere.

    Parameters
    ----------
    extent : QgsRectangle
        The part in the scene, in the CRS of the terrain.
    gone : callable
        Whether places have none, by x of shape (1, columns) and y of shape (rows, 1).
    gap : float
        How far apart the heights of the ground are that is drawn [m].
    path : Path
        Where it is written; nothing may read that.
    """
    grid = grid_in(terrain, extent)
    finer = int(min(np.ceil(2 * grid.cell_size / gap), max(np.sqrt(_MOST / grid.values.size), 1)))
    values, cell = grid.values.repeat(finer, axis=0).repeat(finer, axis=1), grid.cell_size / finer
    x = grid.x_min + cell * (np.arange(values.shape[1]) + 0.5)
    y = grid.y_max - cell * (np.arange(values.shape[0]) + 0.5)
    values = np.where(gone(x[None, :], y[:, None]), np.nan, values).astype(np.float32)
    write_cog(Grid(values, grid.x_min, grid.y_max, cell, unit=grid.unit, crs=grid.crs), path)
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
    gap = _gap(detail_for(hole, extent), extent)
    wide = 2.5 * gap + min(terrain.rasterUnitsPerPixelX(), gap)
    # both edges have as many places, so that the kerb is a strip between them
    count = len(hole.edge(step=max(hole.size / 40, 0.25)))
    inner, outer, far = (_resampled(hole.edge(wider, 0.1), count) for wider in (0.0, wide, wide + _APRON * gap))
    top, beyond, apron = (_standing(terrain, edge) for edge in (inner, outer, far))
    floor = inner.copy()
    floor[:, 2] = top[:, 2].min() - depth
    raised = [0.0, 0.0, _RAISED]
    rows = [
        ("kerb", _strip(top + raised, beyond + raised)),
        ("apron", _strip(beyond - [0.0, 0.0, _SUNK], apron - [0.0, 0.0, _SUNK])),
        ("wall", _strip(floor, top + raised)),
        ("floor", [floor[:-1].tolist()]),
    ]
    if opacity > 0:
        rows.append(("lid", [(top + raised)[:-1].tolist()]))
    layer = faces_layer(terrain.name(), terrain.crs().authid(), rows)
    colours = {"kerb": _KERB, "apron": _KERB, "wall": _WALL, "floor": _FLOOR, "lid": EARTH}
    rules = {f"\"part\" = '{name}'": (colours[name], opacity if name == "lid" else 1.0) for name, _ in rows}
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
