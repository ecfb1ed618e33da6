"""The depressions and flow paths of a scan as features on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.offsets import offsets_of

from .depressions import INTO, PARENT, THERE, Depressions, Filling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

_HOPS = 10_000  # from one small depression to the next, before it is said to leave the area


def depression_features(found: Depressions, filled: Filling, cells: Grid, least: float) -> Features:
    """Return the pools that the rain makes, each with the land that it covers once it is full.

    Parameters
    ----------
    cells : Grid
        The terrain that was scanned.
    least : float
        Capacity [m3] from which a depression counts.

    Returns
    -------
    Features
        Polygons along the cells, with `number`, `capacity` [m3], `volume` [m3], `degree` (volume / capacity), `area`
        [m2], `spill_level` and `water_level` [m], `depth` [m] when it is full, `spilt` [m3], and `spills_into`: the
        number of the next depression of the layer, 0 = out of the area. A depression that cannot spill has no
        capacity, and covers what is wet.

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> from .depressions import depressions_of, fill
    >>> z = np.array([[9, 9, 9, 9, 9], [9, 1, 3, 0, 2], [9, 9, 9, 9, 9]], float)
    >>> found = depressions_of(z)
    >>> pools = depression_features(found, fill(found, 0.1), Grid(z, 0, 3, 1), 1.0)
    >>> pools.columns["capacity"].tolist(), pools.columns["spills_into"].tolist()
    ([2.0, 2.0], [2, 0])
    """
    area = cells.cell_size**2
    own = np.flatnonzero(filled.pool == np.arange(len(filled.pool)))
    own = own[(own > 0) & (found.room[own] * area >= least)]
    number = np.zeros(len(filled.pool), np.int32)
    number[own] = np.arange(1, len(own) + 1)
    region = np.where(found.node > 0, number[filled.pool[found.node]], 0).astype(np.int32)
    endless = np.isinf(found.room)[own]
    if endless.any():
        wet = np.concatenate([[False], endless])
        dry = ~(found.padded(filled.depth, 0.0, np.float32) > 0)
        region[wet[region] & dry] = 0
    capacity = np.where(endless, np.nan, found.room[own] * area)
    volume = filled.water[own] * area
    spill = np.where(endless, np.nan, found.spill[own])
    columns: dict[str, NDArray[Any]] = {
        "number": number[own],
        "capacity": capacity,
        "volume": volume,
        "degree": np.minimum(volume / capacity, 1.0),
        "area": np.bincount(region, minlength=len(own) + 1)[1:] * area,
        "spill_level": spill,
        "water_level": filled.level[own],
        "depth": spill - found.z[found.pits[found.links[own, 6] - 1]],
        "spilt": filled.spilt[own] * area,
        "spills_into": np.array([_next(found.links, filled.pool, number, pool) for pool in own], np.int32),
    }
    units = {"capacity": "m3", "volume": "m3", "area": "m2", "spill_level": "m", "water_level": "m", "depth": "m"}
    shapes = outlines_of(region, found.width, len(own), cells)
    return Features(shapes, columns, {**units, "spilt": "m3"}, cells.crs, "depressions")


def outlines_of(region: NDArray[np.int32], width: int, count: int, cells: Grid) -> Geometries:
    """Return regions of cells as polygons along their sides.

    Parameters
    ----------
    region : ndarray
        int32, flat with a ring: 0 = none, k = feature k - 1.
    count : int
        Number of features; one without cells becomes an empty geometry.
    """
    from . import scan_kernels

    piece = np.empty(len(region), np.int32)
    number = scan_kernels.pieces(region, width, piece)
    none = np.empty((0, 2), np.int32), np.empty(1, np.int64), np.empty(0, np.int32)
    corners, rings = scan_kernels.outlines(piece, width, *none)
    corner, ends = np.empty((max(corners, 1), 2), np.int32), np.zeros(rings + 1, np.int64)
    owner = np.empty(rings, np.int32)
    if rings:
        scan_kernels.outlines(piece, width, corner, ends, owner)
    feature_of = np.zeros(number + 1, np.int64)
    feature_of[piece] = region  # every cell of a piece says the same
    order = np.lexsort((owner, feature_of[owner]))  # stable: the outer ring of a piece stays its first
    lengths = np.diff(ends)[order]
    parts = np.flatnonzero(np.diff(owner[order], prepend=-1))
    per_feature = np.bincount(feature_of[1:], minlength=count + 1)[1:]
    x = cells.x_min + corner[:corners, 0] * cells.cell_size
    y = cells.y_max - corner[:corners, 1] * cells.cell_size
    offsets = offsets_of(lengths)
    take = np.repeat(ends[:-1][order] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Geometries(
        "polygon",
        np.column_stack([x, y])[take],
        offsets,
        np.append(parts, rings).astype(np.int64),
        offsets_of(per_feature),
    )


def path_features(
    found: Depressions,
    filled: Filling,
    runoff: NDArray[np.float32],
    routes: tuple[NDArray[np.uint8], NDArray[np.int32]],
    cells: Grid,
    least: float,
) -> Features:
    """Return the lines along which water gathers.

    Parameters
    ----------
    runoff : ndarray
        What runs off each cell [m], shape (rows, cols).
    routes : tuple
        As `catchments` gives them.
    least : float
        Catchment [m2] from which a line is drawn.

    Returns
    -------
    Features
        Lines downstream, cut where they meet, with `catchment` [m2] at their lower end and `volume` [m3]: what this
        rain brings there, unknown where the line crosses a depression from its pit to its pass.
    """
    from . import scan_kernels
    from .depression_kernels import accumulated

    flow, upstream = routes
    area, width = cells.cell_size**2, found.width
    total = found.padded(upstream, 0, np.int32)
    limit = max(2, int(np.ceil(least / area - 1e-9)))
    count, number = scan_kernels.paths(flow, total, limit, width, np.empty(0, np.int32), np.empty(1, np.int64))
    place, ends = np.zeros(max(count, 1), np.int32), np.zeros(number + 1, np.int64)
    if number:
        scan_kernels.paths(flow, total, limit, width, place, ends)
    place = place[:count]
    brought = found.padded(runoff, 0.0, np.float64)
    over = np.flatnonzero((filled.spilt > 0) & (found.links[:, THERE] > 0))
    np.add.at(brought, found.links[over, THERE], filled.spilt[over])
    accumulated(found.flow, width, brought)
    last = _before(flow, width, place, ends)
    volume = np.where(found.flow[last] == flow[last], brought[last] * area, np.nan)
    x = cells.x_min + (place % width - 0.5) * cells.cell_size
    y = cells.y_max - (place // width - 0.5) * cells.cell_size
    steps = np.arange(number + 1, dtype=np.int64)
    shapes = Geometries("line", np.column_stack([x, y]), ends, steps, steps)
    columns = {"catchment": total[last] * area, "volume": volume}
    return Features(shapes, columns, {"catchment": "m2", "volume": "m3"}, cells.crs, "flow paths")


def _before(flow: NDArray[np.uint8], width: int, place: NDArray[np.int32], ends: NDArray[np.int64]) -> NDArray[Any]:
    """Return the cell of each line just above its lower end, where other water has not joined it yet."""
    from .depression_kernels import offsets_of

    last, bend = place[ends[1:] - 1].astype(np.int64), place[ends[1:] - 2].astype(np.int64)
    return np.where(flow[last] < 8, last - offsets_of(width)[np.minimum(flow[bend], 7)], last)


def _next(links: NDArray[np.int32], pool: NDArray[np.int32], number: NDArray[np.int32], start: int) -> int:
    """Return the number of the depression that one spills into, past those that are not in the layer."""
    node, seen = start, {int(start)}
    for _ in range(_HOPS):
        basin = links[node, INTO]
        if basin == 0:
            return 0
        target = int(pool[basin] or basin)
        if number[target] and target != start:
            return int(number[target])
        while target in seen:  # two that are not in the layer spill into each other: what both form
            if links[target, PARENT] == 0:
                break
            target = int(links[target, PARENT])
        seen.add(target)
        node = target
    return 0
