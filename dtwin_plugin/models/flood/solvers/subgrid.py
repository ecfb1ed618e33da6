"""What large cells know of the fine terrain below them: how much water they hold, and what passes over their faces.

A cell of `factor` by `factor` fine cells holds a volume at each water level (the hypsometry of its fine heights).
Over a face run `factor` lanes. The crest of a lane is the lowest level at which water gets from the lowest place of the
one cell to that of the other through it, on a way within the two cells: so a thin wall or levee holds water back
wherever it stands in a cell. The wet lanes give the area and the conveyance of the face at each level. Both are kept as
tables of few levels, close together at the bottom, where little water makes much difference.

References
----------
C09 : Casulli (2009), Int. J. Numer. Methods Fluids 60, 391-408, doi:10.1002/fld.1896.
O25 : van Ormondt, Leijnse, de Goede, Nederhoff, van Dongeren (2025), Geosci. Model Dev. 18, 843-861,
    doi:10.5194/gmd-18-843-2025.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .state import WALL

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

RATIO = 1.25  # between the numbers of fine cells below one level of a table and below the next
LARGEST_FACTOR = 50  # fine cells along a coarse one


@dataclass(frozen=True)
class Tables:
    """Tables of `rows` by `cols` coarse cells; heights are relative to `datum`.

    Attributes
    ----------
    factor : int
        Fine cells along a coarse one.
    datum : float
        Height that the levels count from [m].
    lowest : ndarray
        Lowest bed of each cell [m] as it was given, NaN = outside, float64, shape (rows, cols).
    share : ndarray
        Part of each cell that lies inside the area, shape (rows, cols).
    cells : tuple of ndarray
        Levels [m] and the mean depth over the whole cell at each [m], shape (rows, cols, levels).
    faces_x, faces_y : tuple of ndarray
        Of the faces west of each cell and, last, east of the area (north and south for y): levels [m], area per metre
        of face [m] and conveyance per metre to the power 3/5 at each; and above the last of them the wet part of the
        face and the growth of the conveyance to the power 3/5 per metre. A closed face has its levels at `WALL`.
    """

    factor: int
    datum: float
    lowest: NDArray[np.float64]
    share: NDArray[np.float32]
    cells: tuple[NDArray[np.float32], NDArray[np.float32]]
    faces_x: tuple[NDArray[np.float32], ...]
    faces_y: tuple[NDArray[np.float32], ...]

    @property
    def nbytes(self) -> int:
        """Memory of all tables [bytes]."""
        tables = (*self.cells, *self.faces_x, *self.faces_y)
        return self.lowest.nbytes + self.share.nbytes + sum(table.nbytes for table in tables)


def build_tables(terrain: ArrayLike, roughness: ArrayLike, factor: int) -> Tables:
    """Return the tables of a terrain, built strip by strip: little more memory than the terrain and the tables.

    Parameters
    ----------
    terrain : array_like
        Height of the fine cells [m], shape (fine rows, fine cols); NaN = outside. A `numpy.memmap` will do.
    roughness : float or array_like
        Manning's n [s m-1/3], one or for each fine cell.
    factor : int
        Fine cells along a coarse one. What is missing for the last row and column of coarse cells counts as outside.

    Raises
    ------
    InputError
        If the factor is out of range, or no cell has a height.

    Examples
    --------
    Fine cells of 0, 1, 2 and 3 m in one coarse cell: at a level of 3 m the mean depth is (3 + 2 + 1 + 0) / 4. Heights
    count from the median.

    >>> tables = build_tables([[0.0, 1.0], [2.0, 3.0]], 0.03, 2)
    >>> tables.datum, tables.cells[0][0, 0].tolist(), tables.cells[1][0, 0].tolist()
    (1.5, [-1.5, -0.5, 0.5, 1.5], [0.0, 0.25, 0.75, 1.5])
    """
    from .subgrid_table_kernels import spread

    heights = np.asanyarray(terrain)
    if not 1 <= factor <= LARGEST_FACTOR:
        raise InputError(
            "The number of fine cells along a coarse one must be 1 to {largest}; found {found}.",
            largest=LARGEST_FACTOR,
            found=factor,
        )
    rows, columns = (-(-size // factor) for size in heights.shape)
    lowest = np.full((rows, columns), np.nan)
    datum = _datum(heights)
    cell_ranks, lane_ranks = ranks(factor * factor), ranks(factor)
    cells = tuple(np.empty((rows, columns, cell_ranks.size), np.float32) for _ in range(2))
    share = np.empty((rows, columns), np.float32)
    faces_x, faces_y = (
        _empty_faces(rows, columns + 1, lane_ranks.size),
        _empty_faces(rows + 1, columns, lane_ranks.size),
    )
    above = None  # crests and roughness of the southern edge of the row above
    for row in range(rows):
        blocks = _strip(heights, row, factor, columns) - np.float32(datum)
        np.nan_to_num(blocks, copy=False, nan=WALL)
        n = _roughness_strip(roughness, row, factor, columns)
        levels, depths, share[row] = _hypsometry(blocks, cell_ranks)
        cells[0][row], cells[1][row] = levels, depths
        lowest[row] = np.where(share[row] > 0, levels[:, 0].astype(float) + datum, np.nan)
        crests = spread(blocks)
        crest, rough = _between((crests[:, :, -1], n[:, :, -1]), (crests[:, :, 0], n[:, :, 0]))
        _fill(faces_x, row, crest, rough, lane_ranks)
        north = (crests[:, 0, :], n[:, 0, :])
        before = north if above is None else above
        _fill(faces_y, row, np.maximum(before[0], north[0]), (before[1] + north[1]) / 2, lane_ranks)
        above = (crests[:, -1, :], n[:, -1, :])
    assert above is not None
    _fill(faces_y, rows, above[0], above[1], lane_ranks)
    return Tables(factor, datum, lowest, share, (cells[0], cells[1]), faces_x, faces_y)


def ranks(count: int) -> NDArray[np.int64]:
    """Return which of `count` sorted heights become levels of a table: all at the bottom, ever fewer to the top.

    >>> ranks(20).tolist()
    [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 19]
    """
    chosen = [0]
    while chosen[-1] < count - 1:
        chosen.append(min(count - 1, max(chosen[-1] + 1, int(np.ceil((chosen[-1] + 0.5) * RATIO)) - 1)))
    return np.array(chosen)


def _datum(heights: NDArray[np.floating]) -> float:
    """Return the median of the heights, of every so many where there are many."""
    step = max(1, int(np.sqrt(heights.size / 1e6)))
    for thinned in (heights[::step, ::step], heights):
        known = thinned[np.isfinite(thinned)]
        if known.size:
            return float(np.median(known))
    raise InputError("The terrain must have at least one height.")


def _strip(values: NDArray[np.floating], row: int, factor: int, columns: int) -> NDArray[np.float32]:
    """Return the fine cells of one row of coarse cells, shape (columns, factor, factor), NaN beyond the last."""
    part = np.asarray(values[row * factor : (row + 1) * factor], np.float32)
    missing = (factor - part.shape[0], columns * factor - part.shape[1])
    if any(missing):
        part = np.pad(part, ((0, missing[0]), (0, missing[1])), constant_values=np.nan)
    return np.ascontiguousarray(part.reshape(factor, columns, factor).swapaxes(0, 1))


def _roughness_strip(roughness: ArrayLike, row: int, factor: int, columns: int) -> NDArray[np.float32]:
    values = np.asanyarray(roughness)
    if not values.ndim:
        return np.broadcast_to(values.astype(np.float32), (columns, factor, factor))
    return np.nan_to_num(_strip(values, row, factor, columns), nan=1.0)


def _hypsometry(blocks: NDArray[np.float32], chosen: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
    """Return levels and mean depths at them, shape (cells, levels), and the share inside, of blocks with WALL outside.

    The mean depth at the height of rank r is (r z_r - sum of the r heights below) / fine cells; between two levels it
    is linear.
    """
    heights = np.sort(blocks.reshape(len(blocks), -1), axis=1).astype(float)
    count = heights.shape[1]
    inside = (heights < WALL / 2).sum(axis=1)
    rank = np.minimum(chosen[None, :], np.maximum(inside - 1, 0)[:, None])
    levels = np.take_along_axis(heights, rank, 1)
    below = np.cumsum(heights, axis=1) - heights
    depths = np.maximum((rank * levels - np.take_along_axis(below, rank, 1)) / count, 0.0)
    levels, depths = levels.astype(np.float32), depths.astype(np.float32)
    for k in range(1, levels.shape[1]):  # rounding may not make a depth between two equal levels
        same = levels[:, k] <= levels[:, k - 1]
        depths[same, k] = depths[same, k - 1]
    return levels, depths, inside / count


def _between(
    last: tuple[NDArray[np.float32], ...], first: tuple[NDArray[np.float32], ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return crest and roughness of the lanes of the faces in a row of cells, from their last and first columns."""
    crest = np.maximum(np.concatenate((first[0][:1], last[0])), np.concatenate((first[0], last[0][-1:])))
    n = (np.concatenate((first[1][:1], last[1])) + np.concatenate((first[1], last[1][-1:]))) / 2
    return crest, n


def _empty_faces(rows: int, columns: int, levels: int) -> tuple[NDArray[np.float32], ...]:
    tables = [np.empty((rows, columns, levels), np.float32) for _ in range(3)]
    return (*tables, *(np.empty((rows, columns), np.float32) for _ in range(2)))


def _fill(
    tables: tuple[NDArray[np.float32], ...],
    row: int,
    crests: NDArray[np.float32],
    n: NDArray[np.float32],
    chosen: NDArray[np.int64],
) -> None:
    """Fill a row of the tables of faces, from crest [m] and roughness of their lanes, shape (faces, lanes).

    The conveyance per metre is the mean over all lanes of d^(5/3) / n; a lane below its crest counts as 0. Kept is its
    power 3/5, which grows nearly linearly with the level.
    """
    lanes = np.sort(crests, axis=1)
    open_lanes = (lanes < WALL / 2).sum(axis=1)
    rank = np.minimum(chosen[None, :], np.maximum(open_lanes - 1, 0)[:, None])
    levels = np.take_along_axis(lanes, rank, 1)
    top = levels[:, -1:]
    at = np.concatenate((levels, top + 1.0), axis=1)  # and one metre above the last
    area, conveyance = np.empty(at.shape), np.empty(at.shape)
    for k in range(at.shape[1]):
        depth = np.maximum(at[:, k : k + 1] - crests, 0.0)
        depth[crests > WALL / 2] = 0.0
        area[:, k] = depth.mean(axis=1)
        conveyance[:, k] = (depth ** (5 / 3) / n).mean(axis=1) ** 0.6
    tables[0][row], tables[1][row], tables[2][row] = levels, area[:, :-1], conveyance[:, :-1]
    tables[3][row] = open_lanes / crests.shape[1]
    tables[4][row] = conveyance[:, -1] - conveyance[:, -2]
