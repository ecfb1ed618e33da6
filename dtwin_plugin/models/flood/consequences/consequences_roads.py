"""Which roads can be passed: by the worst stretch of each, and the driest lane across it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from dtwin_plugin.data import Geometries, Grid

    Floats = NDArray[np.float64]

STRETCH = 3.0  # m, along a road


@dataclass(frozen=True)
class Roads:
    """Water on roads, one value a road; NaN where it is not known.

    Attributes
    ----------
    largest : ndarray
        Largest depth anywhere on it [m].
    worst : ndarray
        Depth that must be passed at its worst stretch [m].
    length : ndarray
        Of the road [m].
    beyond : ndarray
        Length of the stretches deeper than each limit [m], shape (roads, limits).
    """

    largest: Floats
    worst: Floats
    length: Floats
    beyond: Floats


def water_on_areas(depth: Grid, labels: ArrayLike, lengths: Floats, lane: float, limits: tuple[float, ...]) -> Roads:
    """Return the water on roads that are areas.

    A vehicle drives from one end of the road to the other, the two cells that most steps over cells lie between, by
    the way on which its deepest place is least deep. It is `lane` wide: each cell counts with the deepest one of the
    road within half of that, and a cell nearer to the edge of the road only where no other way is as wide. What must be
    passed is no less than the median depth at either end, so that a pool there cannot be driven around. For the length
    beyond a limit the road is cut across every 3 m.

    Parameters
    ----------
    depth : Grid
        Largest depth [m].
    labels : array_like
        Shape (rows, cols): 0 = no road, k = road k.
    lengths : ndarray
        Of the roads [m], shape (roads,).
    lane : float
        Width that a vehicle needs [m].
    limits : tuple of float
        Depths [m].

    Examples
    --------
    A road of 2 by 9 m with a puddle over half of its width, and one across all of it:

    >>> from dtwin_plugin.data import Grid
    >>> wet = np.zeros((2, 9))
    >>> wet[0, 2], wet[:, 5] = 0.4, [0.2, 0.3]
    >>> roads = water_on_areas(Grid(wet, 0, 2, 1), np.ones((2, 9), int), np.array([9.0]), 1.0, (0.15, 0.3))
    >>> roads.largest.round(2).tolist(), roads.worst.round(2).tolist()
    ([0.4], [0.2])
    """
    from .road_kernels import walk

    objects = np.array(labels, np.int32)  # a copy: cells without a depth are taken out
    count = len(lengths)
    values = depth.values
    objects[~np.isfinite(values)] = 0
    steps, piece = np.full(objects.shape, -1, np.int32), np.full(objects.shape, -1, np.int32)
    cells = np.flatnonzero(objects)
    if not len(cells):
        nothing = np.full(count, np.nan)
        return Roads(nothing, nothing, lengths, np.full((count, len(limits)), np.nan))
    pieces = walk(objects, cells, steps, piece)
    road, where = objects.ravel()[cells] - 1, piece.ravel()[cells].astype(np.int64)
    wide = _widest(values, objects, cells, lane / depth.cell_size)
    ends = _ends(steps.ravel()[cells], where, max(1, round(lane / depth.cell_size)), pieces)
    passed = _passed(wide, ends, where, cells, piece, pieces)
    for end in (1, 2):
        there = (ends & end) > 0
        pool, at = _medians(values.ravel()[cells][there], where[there], where[there])
        passed[at] = np.maximum(passed[at], pool)
    owner = np.zeros(pieces, np.int64)
    owner[where] = road
    worst = _most(owner, passed, count)
    band = steps.ravel()[cells] // max(1, round(STRETCH / depth.cell_size))
    deep, band_owner = _medians(values.ravel()[cells], where * (objects.size + 1) + band, road)
    number = np.bincount(band_owner, minlength=count)
    beyond = np.full((count, len(limits)), np.nan)
    for k, limit in enumerate(limits):
        closed = np.maximum(np.bincount(band_owner[deep > limit], minlength=count), worst > limit)
        beyond[:, k] = np.where(number > 0, closed / np.maximum(number, 1) * lengths, np.nan)
    return Roads(_most(road, values.ravel()[cells], count), worst, lengths, beyond)


def _widest(
    values: NDArray[np.float32], objects: NDArray[np.int32], cells: NDArray[np.int64], lane: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the largest depth on the road within half a lane [cells] of each cell, and whether all of that is road."""
    rows, columns = objects.shape
    row, column = cells // columns, cells % columns
    reach = max((lane - 1) / 2, 0.0)
    found, free = values.ravel()[cells].copy(), np.ones(len(cells), bool)
    own = objects.ravel()[cells]
    whole = int(reach)
    for down in range(-whole, whole + 1):
        for right in range(-whole, whole + 1):
            if np.hypot(down, right) > reach:
                continue
            r, c = np.clip(row + down, 0, rows - 1), np.clip(column + right, 0, columns - 1)
            same = objects[r, c] == own
            found[same] = np.maximum(found[same], values[r[same], c[same]])
            free &= same & (r == row + down) & (c == column + right)
    return found, free


def _ends(steps: NDArray[np.int32], where: NDArray[np.int64], reach: int, pieces: int) -> NDArray[np.int64]:
    """Return 1 for cells at one end of their piece, 2 at the other, 3 at both, 0 between.

    An end reaches as many steps as the piece is wide, and a lane more, so that all of the width is there.
    """
    last = np.zeros(pieces, np.int64)
    np.maximum.at(last, where, steps)
    width = np.bincount(where, minlength=pieces) // np.maximum(last, 1)
    near = np.minimum(reach + width, last // 3 + 1)[where]  # and no more than a third
    return ((steps < near) * 1 + (steps > last[where] - near) * 2).astype(np.int64)


def _passed(
    wide: tuple[NDArray[np.float32], NDArray[np.bool_]],
    ends: NDArray[np.int64],
    where: NDArray[np.int64],
    cells: NDArray[np.int64],
    piece: NDArray[np.int32],
    pieces: int,
) -> Floats:
    """Return the depth that must be passed from end to end of each piece [m], shape (pieces,)."""
    from .road_kernels import bottlenecks

    deep, free = wide
    result = np.full(pieces, np.nan)
    for chosen in (np.flatnonzero(free), np.arange(len(cells))):
        order = chosen[np.lexsort((deep[chosen], where[chosen]))]
        first = np.concatenate([[0], np.cumsum(np.bincount(where[chosen], minlength=pieces))])
        found = np.full(pieces, np.nan)
        parent = np.full(piece.size + 2, -1, np.int32)
        bottlenecks(cells[order], deep[order], ends[order], first, piece, parent, found)
        result = np.where(np.isnan(result), found, result)
    return result


def _medians(
    values: NDArray[np.floating], keys: NDArray[np.int64], owner: NDArray[np.integer]
) -> tuple[Floats, NDArray[np.int64]]:
    """Return the lower median of the values of each key, and the owner of each key."""
    order = np.lexsort((values, keys))
    _, first, size = np.unique(keys[order], return_index=True, return_counts=True)
    return values[order][first + (size - 1) // 2], owner[order][first]


def water_on_lines(depth: Grid, lines: Geometries, limits: tuple[float, ...]) -> Roads:
    """Return the water on roads that are lines: the depth in the cells below each, every half cell.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries, Grid
    >>> road = Geometries.build("line", [[[[(0, 0.5), (4, 0.5)]]]])
    >>> roads = water_on_lines(Grid([[0.0, 0.0, 0.2, 0.4]], 0, 1, 1), road, (0.15, 0.3))
    >>> roads.worst.round(2).tolist(), roads.beyond.tolist()
    ([0.4], [[2.0, 1.0]])
    """
    count = len(lines)
    largest, length = np.full(count, np.nan), np.zeros(count)
    beyond = np.zeros((count, len(limits)))
    for index in range(count):
        middles, spans = _pieces(lines, index, depth.cell_size / 2)
        length[index] = spans.sum()
        found = depth.sample(middles[:, 0], middles[:, 1]).astype(float)
        known = np.isfinite(found)
        if known.any():
            largest[index] = found[known].max()
            beyond[index] = [spans[known & (found > limit)].sum() for limit in limits]
    return Roads(largest, largest, length, beyond)


def lengths_of(areas: Geometries) -> Floats:
    """Return the length of long areas [m]: of the rectangle of the same area and circumference; of a square, its side.

    >>> from dtwin_plugin.data import Geometries
    >>> road = [[[(0, 0), (10, 0), (10, 2), (0, 2), (0, 0)]]]
    >>> lengths_of(Geometries.build("polygon", [road])).tolist()
    [10.0]
    """
    from .consequences import surfaces_of

    surface = surfaces_of(areas)
    around = np.zeros(len(areas))
    for index in range(len(areas)):
        around[index] = sum(_pieces(areas, index, np.inf)[1])
    return (around + np.sqrt(np.maximum(around**2 - 16 * surface, 0.0))) / 4


def _pieces(shapes: Geometries, index: int, longest: float) -> tuple[Floats, Floats]:
    """Return the middles (n, 2) and lengths (n,) of pieces of all edges of a feature."""
    middles, spans = [np.zeros((0, 2))], [np.zeros(0)]
    for part in range(shapes.features[index], shapes.features[index + 1]):
        for ring in range(shapes.parts[part], shapes.parts[part + 1]):
            xy = shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1], :2]
            length = np.hypot(*np.diff(xy, axis=0).T)
            number = np.maximum(np.ceil(length / longest), 1).astype(int) if np.isfinite(longest) else length * 0 + 1
            number = number.astype(int)
            edge = np.repeat(np.arange(len(length)), number)
            within = np.arange(len(edge)) - np.repeat(np.cumsum(number) - number, number)
            share = ((within + 0.5) / number[edge])[:, None]
            middles.append(xy[:-1][edge] * (1 - share) + xy[1:][edge] * share)
            spans.append(length[edge] / number[edge])
    return np.concatenate(middles), np.concatenate(spans)


def _most(owner: NDArray[np.integer], values: NDArray[np.floating], count: int) -> Floats:
    found = np.full(count, -np.inf)
    np.maximum.at(found, owner, values)
    return np.where(np.isfinite(found), found, np.nan)
