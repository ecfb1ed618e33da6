"""Areas by travel time: from roads over the land beside them, no farther than a distance and never through water."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.wkb import read

from ...noise.contours import contours
from ..link_columns import texts_of
from .lines import Places
from .setting import stop_if_asked
from .travel import arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dtwin_plugin.data import Extent
    from dtwin_plugin.progress import Progress

    from .modes import Net
    from .travel import Travel

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

NOT_REACHED = "not reachable"
_BGT_WATER = "waterdeel"
_MINUTES = 0.06  # of a metre at 1 km/h
_ROUNDS = 200  # of four sweeps: a maze of water takes some, open land one or two
_WATER = 0.5  # a cell that is more water than this is none that anybody lives in


class Land(NamedTuple):
    """The cells that areas are drawn on.

    Attributes
    ----------
    grid : Grid
        Where the cells lie.
    blocked : ndarray
        bool, shape (rows, cols): cells that water touches, which nothing goes through.
    wet : ndarray
        bool: cells that are water for the most part.
    """

    grid: Grid
    blocked: NDArray[np.bool_]
    wet: NDArray[np.bool_]


def extent_of(net: Net, buffer: float) -> tuple[float, float, float, float] | None:
    """Return x min, y min, x max, y max of what can be used and what lies beside it [m]; None where there is none."""
    bounds = net.links.geometries.bounds()[net.usable]
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    low, high = bounds[:, :2].min(axis=0) - buffer, bounds[:, 2:].max(axis=0) + buffer
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def shape_of(box: tuple[float, float, float, float], cell: float) -> tuple[int, int]:
    """Return how many rows and columns of cells cover a rectangle, with one more at each side.

    >>> shape_of((0.0, 0.0, 20.0, 10.0), 5.0)
    (4, 6)
    """
    return int(np.ceil((box[3] - box[1]) / cell)) + 2, int(np.ceil((box[2] - box[0]) / cell)) + 2


def land_of(box: tuple[float, float, float, float], cell: float, water: Features | None, crs: str) -> Land:
    """Return the cells of a rectangle, and which of them water touches."""
    shape = shape_of(box, cell)
    grid = Grid(np.zeros(shape, np.float32), box[0] - cell, box[3] + cell, cell, crs, "min", name="travel time")
    share = np.zeros(shape)
    if water is not None and len(water):
        from dtwin_plugin.data.coverage import coverage

        if "klasse" in water.columns:  # a BGT layer has all kinds of objects
            water = water.take(np.flatnonzero(np.array(texts_of(water.columns["klasse"]), object) == _BGT_WATER))
        near = water.within(_grown(grid.extent, cell))
        if len(near):
            share = coverage(near.geometries, grid)
    return Land(grid, share > 1e-9, share > _WATER)


def areas_of(
    net: Net, found: Travel, edges: Sequence[float], land: Land, buffer: float, speed: float, progress: Progress
) -> Features:  # fmt: skip
    """Return areas by class of travel time, those near roads that are not reached as a class of their own.

    A cell belongs to the nearest road over land. Where that road is reached, its time is the least over all roads and
    the land between, at the speed beside roads.

    Parameters
    ----------
    edges : sequence of float
        Rising [min].
    buffer : float
        Farthest from a road that counts [m].
    speed : float
        Beside roads [km/h].
    """
    from .spread_kernels import spread_once

    cell = land.grid.cell_size
    link, share, xy = net.lines.samples(np.flatnonzero(net.usable), cell / 2)
    time = arrivals(net, found, Places(link, share, np.zeros(len(link)))).time
    sample, row, column, off = _around(land, xy)
    time = time[sample]
    reached = np.isfinite(time)
    fields = []
    for chosen, values, step in (
        (reached, time + off * _MINUTES / speed, cell * _MINUTES / speed),
        (reached, off, cell),
        (~reached, off, cell),
    ):
        field = np.full(land.grid.shape, np.inf)
        np.minimum.at(field, (row[chosen], column[chosen]), values[chosen])
        for _ in range(_ROUNDS):
            stop_if_asked(progress)
            if not spread_once(field, land.blocked, step):
                break
        fields.append(_at_banks(field, land, step))
    times, near, shut = fields
    dry = ~land.wet | (near < cell) | (shut < cell)  # a road over water is a bridge
    far = buffer + 4 * cell  # some cells more than are shown: where they end lies between two
    near_, shut_ = (np.where(dry, np.minimum(field, far), np.nan) for field in (near, shut))
    mine = np.maximum(near_ - buffer, near_ - shut_)
    theirs = np.maximum(shut_ - buffer, shut_ - near_)
    known = np.where(dry & (near < far), times, np.nan)
    stop_if_asked(progress)
    return _drawn(known, mine, theirs, list(edges), land.grid, net.links.crs, progress)


def _around(land: Land, xy: Floats) -> tuple[Ids, Ids, Ids, Floats]:
    """Return the cells around places, and how far their middles are [m]: no cell that water lies before.

    Returns
    -------
    place, row, column : ndarray
        int64: the place, and a cell near it; its own cell even where that is water, as under a bridge.
    away : ndarray
        float64: from the place to the middle of the cell [m].
    """
    grid, blocked = land.grid, np.pad(land.blocked, 1, constant_values=True)
    row, column, inside = grid.cells(xy[:, 0], xy[:, 1])
    found = []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            r, c = row + 1 + down, column + 1 + right  # of the padded cells
            free = inside.copy()
            if down or right:
                free &= ~blocked[r, c] & ~blocked[row + 1, column + 1]
            if down and right:
                free &= ~(blocked[row + 1, c] & blocked[r, column + 1])
            place = np.flatnonzero(free)
            x = grid.x_min + (column[place] + right + 0.5) * grid.cell_size
            y = grid.y_max - (row[place] + down + 0.5) * grid.cell_size
            away = np.hypot(xy[place, 0] - x, xy[place, 1] - y)
            found.append((place, row[place] + down, column[place] + right, away))
    place, rows, columns, away = (np.concatenate(one) for one in zip(*found))
    return place, rows, columns, away


def _at_banks(field: Floats, land: Land, step: float) -> Floats:
    """Give cells that water touches, but that are land for the most part, the value beside them."""
    around = np.pad(field, 1, constant_values=np.inf)
    near = np.minimum.reduce([around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:]]) + step
    bank = land.blocked & ~land.wet & (near < field)
    return np.where(bank, near, field)


def _drawn(
    times: Floats, mine: Floats, theirs: Floats, edges: list[float], grid: Grid, crs: str, progress: Progress
) -> Features:
    """Return classes of time within what is mine, and what is theirs: where these fields are below 0 [m]."""
    import shapely

    low = high = np.empty(0)
    shapes: list[Any] = []
    region = _below_zero(mine, grid)
    if region is not None and np.isfinite(times).any():
        classes = contours(grid.like(times, "min", "travel time"), edges)
        low, high = classes.columns["low"], classes.columns["high"]
        for shape in _shapely(classes.geometries):
            stop_if_asked(progress)
            shapes.append(_common(shape, region))
    bands = np.where(np.isnan(low), 0, np.searchsorted(edges, low) + 1)
    names, low = [label_of(int(band), edges) for band in bands], np.nan_to_num(low)
    shut = _below_zero(theirs, grid)
    if shut is not None:
        names, low, high, shapes = (
            [*names, NOT_REACHED],
            np.append(low, np.nan),
            np.append(high, np.nan),
            [*shapes, shut],
        )
    filled = [k for k, shape in enumerate(shapes) if not shape.is_empty]
    # two dimensions, as told: else GEOS of QGIS is asked for four, which it does not know
    kept = [shapely.to_wkb(shapes[k], output_dimension=2) for k in filled]
    drawn = read(kept, "polygon") if kept else Geometries.build("polygon", [])
    names, low, high = [names[k] for k in filled], low[filled], high[filled]
    from ...flood.consequences.consequences import surfaces_of

    columns = {
        "class": np.array(names, object),
        "time_from": low,
        "time_to": high,
        "area": surfaces_of(drawn) / 1e4,
    }
    return Features(drawn, columns, {"time_from": "min", "time_to": "min", "area": "ha"}, crs, "travel time")


def _below_zero(field: Floats, grid: Grid) -> Any:
    """Return where a field lies below 0, as shapely's; None where it does nowhere."""
    if not (field < 0).any():
        return None
    found = contours(grid.like(field, "m", "distance"), [0.0])
    return _shapely(found.geometries)[0]  # the first class lies below


def _shapely(shapes: Geometries) -> list[Any]:
    import shapely

    return [shapely.make_valid(shape) for shape in shapely.from_wkb([shapes.wkb(k) for k in range(len(shapes))])]


def _common(shape: Any, other: Any) -> Any:
    """Return the areas that two shapes have in common, without lines and points that they touch in."""
    import shapely

    parts = shapely.get_parts(shapely.get_parts([shapely.intersection(shape, other)]))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def label_of(band: int, edges: Sequence[float]) -> str:
    """Return the name of a class.

    >>> [label_of(band, [5.0, 7.5]) for band in (-1, 0, 1, 2)]
    ['not reachable', '0 - 5', '5 - 7.5', '> 7.5']
    """
    if band < 0:
        return NOT_REACHED
    low = edges[band - 1] if band else 0.0
    return f"{low:g} - {edges[band]:g}" if band < len(edges) else f"> {low:g}"


def _grown(extent: Extent, by: float) -> Extent:
    from dtwin_plugin.data import Extent as Box

    return Box(extent.x_min - by, extent.y_min - by, extent.x_max + by, extent.y_max + by, extent.crs)
