"""The scene of a run: terrain, buildings, barriers and the softness of the ground, from layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.filling import filled
from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.data.resample import coarsened
from dtwin_plugin.data.walls import walls_of

from ..attributes import column_of, numbers_of
from .bands import BANDS
from .ground_table import ground_table
from .roads import Roads
from .scene import BUILDING, WALL, Pieces, Raster, Scene, pieces_of, scene_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Geometries, Grid

    Floats = NDArray[np.float64]

ROOFS = ("b3_h_70p", "b3_h_max", "top", "roof")  # columns, m NAP
HEIGHTS = ("height", "hoogte", "bouwhoogte", "measuredHeight")  # columns, m above the ground
ABSORPTION = ("absorption", "absorptie")  # columns, share of sound from 0 to 1
CLASS, KIND = ("klasse", "class"), ("fysiek_voorkomen",)
WALLS_TAKE = 0.2  # share of sound: Dutch practice has 1 dB for each reflection (RMG 2012, annex III)
_LOWEST = -100.0  # m NAP: what lies deeper, such as -9999, is no roof
_CELL = 2.0  # m: finer cells of the ground say nothing that sound meets, and make paths longer to follow
_ROAD = 1  # cells on either side of a road that are hard


def ground_of(terrain: Grid) -> Grid:
    """Return the heights of the ground without holes, in cells of about 2 m or as they are where larger."""
    factor = max(int(_CELL / terrain.cell_size + 1e-9), 1)
    grid = coarsened(terrain, factor * terrain.cell_size)
    return replace(grid, values=filled(grid.values))


def widened(ground: Grid, bounds: Floats, far: float) -> Grid:
    """Return ground with more cells where sources lie beyond it, at most as far as they count; heights of its edge.

    So what stands there stands in the way, and its land cover counts; only the relief is not known.

    Parameters
    ----------
    bounds : ndarray
        Of each source: the least x and y and the largest x and y [m], shape (n, 4).
    far : float
        Distance in which sources count [m].

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> grid = widened(Grid(np.array([[1.0, 2.0]]), 0, 10, 10), np.array([[3.0, 5.0, 41.0, 6.0]]), 15.0)
    >>> grid.values.tolist(), grid.x_min, grid.y_max
    ([[1.0, 2.0, 2.0, 2.0]], 0, 10)
    """
    area = ground.extent
    low, high = np.fmin.reduce(bounds[:, :2], axis=0), np.fmax.reduce(bounds[:, 2:], axis=0)
    beyond = np.array([area.x_min - low[0], high[0] - area.x_max, high[1] - area.y_max, area.y_min - low[1]])
    left, right, top, bottom = np.ceil(np.clip(np.nan_to_num(beyond), 0.0, far) / ground.cell_size).astype(int).tolist()
    if not left + right + top + bottom:
        return ground
    values = np.pad(ground.values, ((top, bottom), (left, right)), mode="edge")
    x_min, y_max = ground.x_min - left * ground.cell_size, ground.y_max + top * ground.cell_size
    return replace(ground, values=values, x_min=x_min, y_max=y_max)


def tops_of(buildings: Features, ground: Grid, height: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the height of each roof and of the ground at its walls [m NAP], and of which the roof is known.

    Known is one with a column of `ROOFS` or `HEIGHTS` (above the ground); others are `height` high [m]. The ground is
    NaN where no wall stands on the terrain.
    """
    walls = walls_of(buildings.geometries)
    level = ground.sample(*(0.5 * (walls.starts + walls.ends)).T).astype(float)
    there = np.isfinite(level)
    count = np.bincount(walls.features[there], minlength=len(buildings))
    total = np.bincount(walls.features[there], level[there], minlength=len(buildings))
    base = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    tops = np.full(len(buildings), np.nan)
    for names, start, least in ((ROOFS, 0.0, _LOWEST), (HEIGHTS, base, 0.0)):
        name = column_of(buildings, names)
        if name:
            tops = np.where(np.isnan(tops), start + numbers_of(buildings, name, least), tops)
    known = np.isfinite(tops)
    return np.where(known, tops, base + height), base, known


def walls_around(buildings: Geometries, tops: Floats, chosen: NDArray[np.bool_]) -> Pieces:
    """Return the walls of the chosen buildings; the owner of each is the row of its building.

    Parameters
    ----------
    tops : ndarray
        Of each building [m NAP], shape (buildings,).
    chosen : ndarray
        bool, shape (buildings,).
    """
    walls = walls_of(buildings)
    kept = chosen[walls.features]
    top = tops[walls.features]
    pieces = np.column_stack([walls.starts, walls.ends, top, top])[kept]
    return Pieces(pieces, np.full(len(pieces), BUILDING), walls.features[kept].astype(int))


def absorption_of(walls: Features) -> Floats:
    """Return the share of sound that each building or barrier takes, `WALLS_TAKE` where it has none in its columns."""
    name = column_of(walls, ABSORPTION)
    found = numbers_of(walls, name) if name else np.full(len(walls), np.nan)
    return np.where(np.isnan(found), WALLS_TAKE, found)


def barriers_on(barriers: Features, ground: Grid, owner: int) -> tuple[Pieces, NDArray[np.int64]]:
    """Return the pieces of barriers that stand on the ground, and the barrier of each owner from the given one on."""
    name = column_of(barriers, HEIGHTS)
    high = numbers_of(barriers, name) if name else np.zeros(len(barriers))
    lines, rows, shapes = [], list[int](), barriers.geometries
    part = np.searchsorted(np.asarray(shapes.parts), np.arange(len(shapes.rings) - 1), side="right") - 1
    feature = np.searchsorted(np.asarray(shapes.features), part, side="right") - 1
    for number, (first, last) in enumerate(zip(shapes.rings[:-1], shapes.rings[1:])):
        xy = shapes.coordinates[first:last, :2]
        top = ground.sample(*xy.T).astype(float) + high[feature[number]]
        if len(xy) > 1 and np.isfinite(top).all():
            lines.append(np.column_stack([xy, top]))
            rows.append(int(feature[number]))
    return pieces_of(WALL, lines, owner), np.array(rows, np.int64)


def softness_of(ground: Grid, cover: Features | None, elsewhere: float, roads: Roads) -> Grid:
    """Return G of the ground by cell, 0 hard to 1 soft: of its class, `elsewhere` where none is known, 0 at roads."""
    values = np.full(ground.shape, elsewhere, np.float32)
    if cover is not None and len(cover):
        of = np.concatenate([[np.nan], _softness_of_features(cover)])
        known = np.isfinite(of)
        # what nothing is known of covers nothing: the ground below it counts
        found = labels(cover.geometries.take(np.flatnonzero(known[1:])), ground)
        values = np.where(found > 0, np.concatenate([[np.nan], of[known]])[found], values).astype(np.float32)
    pieces = roads.pieces
    if pieces.shape[1] > 6:
        pieces = pieces[np.isnan(pieces[:, 6])]  # what is under a bridge is not its road
    for x1, y1, _, x2, y2, _ in pieces[:, :6]:
        many = max(int(np.hypot(x2 - x1, y2 - y1) / ground.cell_size * 2) + 2, 2)
        row, column, inside = ground.cells(np.linspace(x1, x2, many), np.linspace(y1, y2, many))
        for down in range(-_ROAD, _ROAD + 1):
            for right in range(-_ROAD, _ROAD + 1):
                at_row = np.clip(row[inside] + down, 0, ground.shape[0] - 1)
                values[at_row, np.clip(column[inside] + right, 0, ground.shape[1] - 1)] = 0.0
    return ground.like(values, "1", "Softness of the ground")


def _softness_of_features(cover: Features) -> Floats:
    name, kind = column_of(cover, CLASS), column_of(cover, KIND)
    classes = cover.columns[name].tolist() if name else [None] * len(cover)
    kinds = cover.columns[kind].tolist() if kind else [None] * len(cover)
    table, found = ground_table(), []
    for one, other in zip(classes, kinds):
        base = table.classes.get(str(one or "").strip().lower(), np.nan)
        found.append(table.kinds.get(str(other or "").strip().lower(), base) if np.isfinite(base) else base)
    return np.array(found, float)


def raster_of(grid: Grid) -> Raster:
    """Return a grid as kernels take it."""
    return Raster(np.ascontiguousarray(grid.values), float(grid.x_min), float(grid.y_max), float(grid.cell_size))


def scene_from(
    ground: Grid,
    softness: Grid,
    walls: Pieces | None = None,
    barriers: Pieces | None = None,
    buildings: int = 0,
    decks: Pieces | None = None,
    takes: Floats | None = None,
) -> Scene:
    """Return the scene of layers; `buildings` is how many rows their layer has.

    `takes` is the share of sound that each building and then each barrier takes, default `WALLS_TAKE`.
    """
    parts = [part for part in (walls, barriers) if part is not None]
    owners = max([buildings, *(int(part.owners.max(initial=-1)) + 1 for part in parts)])
    each = np.full(owners, WALLS_TAKE) if takes is None else takes
    return scene_of(parts, np.repeat(each[:, None], len(BANDS), axis=1), raster_of(ground), raster_of(softness), decks)
