"""The depressions of a terrain: which lie in which, what they hold, where they spill, and how rain fills them.

A depression is what water covers before it finds a lower way out. Two that meet form one larger; so they are a tree
(Barnes et al. 2020). Water runs to the pit below it, fills, spills over the lowest pass into the depression beside,
and where both are full they merge (Barnes et al. 2021: fill, spill, merge).

The tree is made as a minimum spanning tree of the basins of all pits, over the passes between them (Cordonnier et al.
2019), which needs no queue of all cells. The water goes from the top of the tree downwards: what a depression receives
is a sum over its pits, so that each is looked at once.

References
----------
Barnes, R., Callaghan, K.L., Wickert, A.D. (2020). Computing water flow through complex landscapes - Part 2: Finding
hierarchies in depressions and morphological segmentations. Earth Surface Dynamics 8, 431-445.
doi:10.5194/esurf-8-431-2020
Barnes, R., Callaghan, K.L., Wickert, A.D. (2021). Computing water flow through complex landscapes - Part 3:
Fill-Spill-Merge: flow routing in depression hierarchies. Earth Surface Dynamics 9, 105-121.
doi:10.5194/esurf-9-105-2021
Cordonnier, G., Bovy, B., Braun, J. (2019). A versatile, linear complexity algorithm for flow routing in topographies
with depressions. Earth Surface Dynamics 7, 549-562. doi:10.5194/esurf-7-549-2019
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, TypeVar

import numpy as np

from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Result = TypeVar("Result")
_ASK = 0.1  # s
MOST_CELLS = 2**31 // 5 - 1  # a place is kept as 5 x cell + direction in an int32
PARENT, FIRST, SECOND, INTO, HERE, THERE, DEEPEST = range(7)  # columns of `links`


@dataclass(frozen=True)
class Depressions:
    """The tree of depressions of a terrain.

    Flat arrays of cells have a ring of one cell round the terrain; `inner` takes it off.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns of the terrain.
    z : ndarray
        float32 [m], flat.
    flow : ndarray
        uint8, flat: where the water of each cell goes first, as in `depression_kernels`.
    basin : ndarray
        int32, flat: the pit that it reaches (1 ...), 0 = out of the area, -1 = no part of it.
    node : ndarray
        int32, flat: the smallest depression that covers the cell before it spills; 0 = none.
    pits : ndarray
        int32: the cells of the pits.
    links : ndarray
        int32, shape (nodes, 7): parent, children, basin and cells of the pass, deepest pit; see `merge`.
    spill : ndarray
        [m], shape (nodes,): level at which each spills; inf = never.
    room : ndarray
        Shape (nodes,): what each holds [cells x m].
    cells : ndarray
        Shape (nodes,): number of cells that each covers when it is full.
    order, bridges : ndarray
        As `merge` gives them.
    """

    shape: tuple[int, int]
    z: NDArray[np.float32]
    flow: NDArray[np.uint8]
    basin: NDArray[np.int32]
    node: NDArray[np.int32]
    pits: NDArray[np.int32]
    links: NDArray[np.int32]
    spill: NDArray[np.float64]
    room: NDArray[np.float64]
    cells: NDArray[np.int64]
    order: NDArray[np.int32]
    bridges: NDArray[np.int32]

    @property
    def width(self) -> int:
        """Cells from one row to the next in flat arrays."""
        return self.shape[1] + 2

    def inner(self, flat: NDArray[Any]) -> NDArray[Any]:
        """Return flat values as rows and columns, without the ring (a view)."""
        return flat.reshape(self.shape[0] + 2, self.width)[1:-1, 1:-1]

    def padded(self, cells: ArrayLike, ring: float, dtype: type) -> NDArray[Any]:
        """Return values of rows and columns as a flat array with a ring."""
        values = np.asarray(cells)
        if values.shape != self.shape:
            raise InputError(
                "The values must have the shape {shape} of the terrain; found {found}.",
                shape=self.shape,
                found=values.shape,
            )
        result: NDArray[Any] = np.full((self.shape[0] + 2, self.width), ring, dtype)
        result[1:-1, 1:-1] = values
        return result.ravel()


@dataclass(frozen=True)
class Filling:
    """What rain leaves in the depressions of a terrain.

    Attributes
    ----------
    depth : ndarray
        float32 [m], shape (rows, cols); NaN outside the area.
    water, spilt : ndarray
        Shape (nodes,): what each depression holds, and what flowed over its pass [cells x m].
    pool : ndarray
        int32, shape (nodes,): the depression whose water level each is below; 0 = none.
    level : ndarray
        [m], shape (nodes,): level of each pool; NaN for what is none.
    rain, stored, left : float
        What fell, stays and leaves [cells x m].
    """

    depth: NDArray[np.float32]
    water: NDArray[np.float64]
    spilt: NDArray[np.float64]
    pool: NDArray[np.int32]
    level: NDArray[np.float64]
    rain: float
    stored: float
    left: float

    @property
    def error(self) -> float:
        """Unexplained volume as a share of what fell."""
        return abs(self.rain - self.stored - self.left) / self.rain if self.rain else 0.0


def depressions_of(
    terrain: ArrayLike,
    *,
    closed: bool = False,
    walls: ArrayLike | None = None,
    progress: Progress | None = None,
) -> Depressions:
    """Return the tree of depressions.

    Parameters
    ----------
    terrain : array_like
        Height [m], shape (rows, cols); NaN = no part of the area.
    closed : bool
        Whether no water leaves over the edges; else it leaves wherever the area ends.
    walls : array_like of bool, optional
        Cells without height over which no water leaves, even if the edges are open.

    Raises
    ------
    InputError
        If there is no height at all, or there are more cells than can be numbered.
    Cancelled
        If the user stops it.

    Examples
    --------
    One pit spills at 2 m into the other, and both together spill over the edge at 3 m:

    >>> wall = [9.0] * 6
    >>> found = depressions_of([wall, [3.0, 1.0, 2.0, 0.0, 0.5, 3.5], wall])
    >>> found.spill[1:].tolist(), found.room[1:].tolist()
    ([2.0, 2.0, 3.0], [1.0, 3.5, 8.5])
    """
    from . import depression_kernels as cells_of
    from . import depression_tree_kernels as tree_of

    progress = progress or Silent()
    heights = np.asarray(terrain, np.float32)
    if heights.ndim != 2 or not np.isfinite(heights).any():
        raise InputError(
            "The terrain must have the shape (rows, cols) and at least one height; found {shape}.", shape=heights.shape
        )
    rows, columns = heights.shape
    width, size = columns + 2, (rows + 2) * (columns + 2)
    if size > MOST_CELLS:
        raise InputError(
            "The terrain has {found:.0f} million cells; at most {most:.0f} million can be scanned at once.",
            hint="Choose larger cells or a smaller area.",
            found=size / 1e6,
            most=MOST_CELLS / 1e6,
        )
    z = np.full((rows + 2, width), np.nan, np.float32)
    z[1:-1, 1:-1] = np.where(np.isfinite(heights), heights, np.float32(np.nan))
    flow = np.where(np.isfinite(z), 0, cells_of.WALL if closed else cells_of.OUTSIDE).astype(np.uint8)
    if walls is not None:
        flow[1:-1, 1:-1][np.asarray(walls, bool) & ~np.isfinite(heights)] = cells_of.WALL
    z, flow = z.ravel(), flow.ravel()
    flat = watched(progress, 0.0, cells_of.steepest, z, flow, width)
    pits = watched(progress, 0.2, cells_of.drain_flats, z, flow, width, flat)
    basin = np.empty(size, np.int32)
    watched(progress, 0.25, cells_of.label_basins, flow, pits, width, basin)
    level, place = watched(progress, 0.3, _passes, z, flow, basin, width, 5 * len(pits) + 2 * (rows + columns))
    links, spill, order, bridges = watched(progress, 0.6, tree_of.merge, z, basin, level, place, pits, width)
    del level, place
    node = basin.copy()
    far, top = tree_of.jumps(links, spill)
    cells, room = watched(progress, 0.75, tree_of.nodes_of_cells, z, node, links, spill, far, top)
    tree_of.capacities(links, spill, cells, room)
    progress.report(1.0)
    return Depressions((rows, columns), z, flow, basin, node, pits, links, spill, room, cells, order, bridges)


def fill(found: Depressions, runoff: ArrayLike, progress: Progress | None = None) -> Filling:
    """Return the water that stays when a depth of runoff has found its place.

    Parameters
    ----------
    runoff : array_like
        What runs off each cell [m]: one number, or shape (rows, cols); NaN and cells outside the area count as 0.

    Raises
    ------
    InputError
        If it is negative anywhere.

    Examples
    --------
    >>> filled = fill(depressions_of([[3.0, 1.0, 3.0, 2.0, 5.0]] * 3, closed=True), 0.1)
    >>> filled.depth[0].round(2).tolist(), round(filled.error, 12)
    ([0.0, 0.30000001192092896, 0.0, 0.20000000298023224, 0.0], 0.0)
    """
    from . import depression_fill_kernels as water_of

    progress = progress or Silent()
    amounts = np.nan_to_num(np.asarray(runoff, np.float32), nan=0.0)
    if not (amounts >= 0).all():
        raise InputError("The runoff must be 0 m or more; found {lowest}.", lowest=float(amounts.min()))
    flat = np.array([amounts]) if amounts.ndim == 0 else found.padded(amounts, 0.0, np.float32)
    sums = watched(progress, 0.0, water_of.basin_sums, found.basin, flat, len(found.pits))
    flows = watched(progress, 0.2, water_of.fill_spill_merge, found.links, found.order, found.room, sums)
    water, pool, spilt, left = flows
    own = pool == np.arange(len(pool))
    own[0] = False
    full = own & (water >= found.room)
    level = np.where(full, found.spill, np.nan)
    watched(progress, 0.5, _find_levels, found, pool, own & ~full, water, level)
    depth = np.empty(len(found.z), np.float32)
    stored = watched(progress, 0.8, water_of.depths, found.z, found.node, pool, level, found.basin, depth)
    return Filling(found.inner(depth), water, spilt, pool, level, float(sums.sum()), stored, float(left))


def _find_levels(
    found: Depressions,
    pool: NDArray[np.int32],
    partial: NDArray[np.bool_],
    water: NDArray[np.float64],
    level: NDArray[np.float64],
) -> None:
    """Write the levels [m] of pools that are not full."""
    from .depression_fill_kernels import cells_of_partial, partial_levels
    from .depression_kernels import sorted_by

    none = np.empty(0, np.float32), np.empty(0, np.int32)
    count = cells_of_partial(found.z, found.node, pool, partial, *none)
    if count:
        height, cells = np.empty(count, np.float32), np.empty(count, np.int32)
        cells_of_partial(found.z, found.node, pool, partial, height, cells)
        height, cells = sorted_by(height, cells)
        partial_levels(height, cells, found.node, pool, water, level)


def catchments(found: Depressions, progress: Progress | None = None) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return where water goes once all is full, and how many cells it comes from.

    Returns
    -------
    flow : ndarray
        uint8, flat: as `Depressions.flow`, but each basin is led over its lowest pass to the edge.
    upstream : ndarray
        int32, shape (rows, cols): number of cells whose water passes each, itself included; 0 outside the area.

    Examples
    --------
    >>> catchments(depressions_of([[9, 9, 9, 9], [3, 1, 2, 0], [9, 9, 9, 9]]))[1].tolist()
    [[1, 1, 1, 1], [3, 6, 9, 12], [1, 1, 1, 1]]
    """
    from .depression_kernels import WALL, accumulated
    from .depression_tree_kernels import carve

    progress = progress or Silent()
    flow = found.flow.copy()
    tree = found.links, found.spill, found.pits, found.bridges
    watched(progress, 0.0, carve, flow, *tree, found.basin, found.width)
    upstream = (flow < WALL).astype(np.int32)
    watched(progress, 0.5, accumulated, flow, found.width, upstream)
    return flow, found.inner(upstream)


def _passes(
    z: NDArray[np.float32], flow: NDArray[np.uint8], basin: NDArray[np.int32], width: int, room: int
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the passes between basins, the lowest first: level [m] and place; `room` is a guess of their number."""
    from .depression_kernels import passes, sorted_by

    while True:
        level, place = np.empty(room, np.float32), np.empty(room, np.int32)
        count = passes(z, flow, basin, width, level, place)
        if count <= room:
            return sorted_by(level[:count].copy(), place[:count].copy())
        room = count


def watched(progress: Progress, fraction: float, work: Callable[..., Result], *arguments: Any) -> Result:
    """Return what compiled work gives, asking meanwhile whether the user wants to stop.

    Work that is stopped ends by itself, and nobody hears of it.

    Raises
    ------
    Cancelled
        Within 0.2 s of the user's wish.

    Examples
    --------
    >>> watched(Silent(), 0.5, max, 3, 4)
    4
    """
    progress.report(fraction)
    pool = ThreadPoolExecutor(1)
    try:
        future = pool.submit(work, *arguments)
        while True:
            done, _ = wait([future], _ASK)
            if progress.is_cancelled():
                raise Cancelled
            if done:
                return future.result()
    finally:
        pool.shutdown(wait=False)
