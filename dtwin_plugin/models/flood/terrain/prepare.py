"""A terrain made ready for water: decks off, water level, holes filled, culverts open, thin walls kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.progress import Progress

from .prepare_findings import Findings, look, look_at_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features


@dataclass(frozen=True)
class Wishes:
    """What to do with a terrain.

    Attributes
    ----------
    holes, decks, water : bool
        Fill enclosed holes; take decks off; level open water.
    longest : float
        Length of a passage below ground that is opened [m].
    crest : float
        Height from which a thin wall is kept in larger cells [m]; 0 = none.
    dam : float
        Height up to which a dam of one cell is cut through [m]; 0 = none.
    spike : float
        Difference from the cells around from which a cell is told of [m].
    culvert_columns : tuple of str or None
        Columns with the bottom at the start and end of a culvert [m NAP].
    wall_column : str or None
        Column with the top of a wall [m NAP].
    """

    holes: bool = True
    decks: bool = True
    water: bool = True
    longest: float = 60.0
    crest: float = 0.1
    dam: float = 0.0
    spike: float = 1.0
    culvert_columns: tuple[str | None, str | None] = (None, None)
    wall_column: str | None = None


@dataclass(frozen=True)
class Drawn:
    """What is drawn over a terrain; None is not given."""

    base_map: Features | None = None
    buildings: Features | None = None
    culverts: Features | None = None
    walls: Features | None = None


def prepared(
    terrain: Grid, drawn: Drawn, cell_size: float | None, wishes: Wishes, progress: Progress
) -> tuple[Grid, Grid, Findings]:
    """Return the terrain for water, by how much it was changed [m], and what was found.

    Where the original has no height the change is NaN. See `docs/models/floodterrain.md` for the order of the steps.

    Examples
    --------
    >>> from dtwin_plugin.progress import Silent
    >>> z = np.full((5, 5), 2.0)
    >>> z[2, 2] = np.nan
    >>> ready, change, found = prepared(Grid(z, 0, 5, 1), Drawn(), None, Wishes(), Silent())
    >>> float(ready.values[2, 2]), int(np.isnan(change.values).sum()), [row[0] for row in found.rows]
    (2.0, 1, ['DT175'])
    """
    from dtwin_plugin.data.resample import coarsened

    from ..buildings import fill_holes
    from .prepare_levels import covered_cells, layers_of, take_off_decks
    from .prepare_lines import hold_walls, open_culverts
    from .prepare_water import level_water

    findings = Findings(terrain)
    heights = np.array(terrain.values, np.float32)
    wet = np.zeros(heights.shape, bool)
    look(findings, heights, wishes.spike)
    _buildings(findings, heights, terrain, drawn.buildings)
    progress.report(0.1, "taking decks off the terrain")
    if drawn.base_map is not None and (wishes.decks or wishes.water):
        layers = layers_of(drawn.base_map)
        if wishes.decks:
            heights, below_decks = take_off_decks(
                heights, terrain, layers, wishes.longest, findings, levelled=wishes.water
            )
        else:
            below_decks = covered_cells(terrain, layers)
        progress.report(0.4, "levelling open water")
        if wishes.water:
            heights, wet = level_water(heights, below_decks, terrain, layers, findings)
    progress.report(0.6, "filling holes")
    if wishes.holes:
        heights = fill_holes(heights)
    new = np.isfinite(heights) & np.isnan(terrain.values)
    if new.any():
        findings.add("DT175", new)
    look_at_edges(findings, heights)
    fine = replace(terrain, values=heights)
    ready = fine if cell_size is None else coarsened(fine, cell_size)
    result = np.array(ready.values, np.float32)
    if ready.cell_size > terrain.cell_size and wet.any():
        _keep_water(fine, wet, ready, result)
    progress.report(0.8, "keeping thin walls")
    if ready.cell_size > terrain.cell_size and wishes.crest:
        _keep_crests(heights, result, round(ready.cell_size / terrain.cell_size), wishes.crest)
    if drawn.walls is not None:
        result = hold_walls(result, ready, fine, drawn.walls, wishes.wall_column)
    findings = Findings(ready, findings.rows)
    if drawn.culverts is not None:
        result = open_culverts(result, ready, drawn.culverts, wishes.culvert_columns, findings)
    if wishes.dam and np.isfinite(result).any():
        result = cut_dams(result, wishes.dam, findings)
    before = terrain if cell_size is None else coarsened(terrain, cell_size)
    ready = ready.like(result, "m", "terrain for water")
    return ready, ready.like(result - before.values, "m", "change of the terrain"), findings


def cut_dams(heights: NDArray[np.float32], highest: float, findings: Findings) -> NDArray[np.float32]:
    """Return the terrain with dams of one cell cut through, where water would spill over them.

    Looked at are the passes over which depressions spill: a pass of one cell between lower cells on both sides is cut
    to the higher of these, if it is no more than `highest` [m] above it.

    Examples
    --------
    >>> grid = Grid(np.array([[9, 9, 9, 9], [0, 0.1, 0, -1], [9, 9, 9, 9]]), 0, 3, 1)
    >>> wide = np.pad(grid.values, ((0, 0), (1, 0)), constant_values=9)
    >>> cut_dams(wide, 0.2, Findings(grid))[1].tolist()
    [9.0, 0.0, 0.0, 0.0, -1.0]
    """
    from ..scan.depression_kernels import offsets_of
    from ..scan.depressions import depressions_of

    found = depressions_of(heights)
    ends = found.bridges[(found.bridges > 0).all(axis=1)].astype(np.int64)
    result = heights.copy()
    if not len(ends):
        return result
    z, basin = found.z, found.basin
    higher = z[ends[:, 0]] >= z[ends[:, 1]]
    dam, low = np.where(higher, ends[:, 0], ends[:, 1]), np.where(higher, ends[:, 1], ends[:, 0])
    around = dam[:, None] + offsets_of(found.width).astype(np.int64)
    own = (basin[around] == basin[dam][:, None]) & (basin[around] >= 0)
    inner = np.where(own, z[around], np.inf).min(axis=1)  # the lowest cell on its own side
    target = np.maximum(inner, z[low])
    height = z[dam] - target
    for k in np.flatnonzero((height > 0) & (height <= highest)):
        row, column = divmod(int(dam[k]), found.width)
        result[row - 1, column - 1] = target[k]
        cell = np.ones((1, 1), bool)
        findings.add("DT174", cell, float(height[k]), -float(height[k]), (row - 1, column - 1))
    return result


def _keep_water(fine: Grid, wet: NDArray[np.bool_], coarse: Grid, result: NDArray[np.float32]) -> None:
    """Give cells that are water for half or more the level of that water, and not the mean of it and its banks."""
    from dtwin_plugin.data.resample import coarsened

    size = coarse.cell_size
    share = coarsened(replace(fine, values=wet.astype(np.float32)), size).values
    level = coarsened(replace(fine, values=np.where(wet, fine.values, np.float32(np.nan))), size).values
    chosen = share >= 0.5
    result[chosen] = level[chosen]


def _keep_crests(heights: NDArray[np.float32], coarse: NDArray[np.float32], factor: int, least: float) -> None:
    """Raise cells of the coarse terrain where a thin wall crosses them."""
    from .prepare_kernels import crests

    rows, columns = heights.shape
    ring = ((1, 1 + -rows % factor), (1, 1 + -columns % factor))
    crests(np.pad(heights, ring, mode="edge"), factor, least, coarse)


def _buildings(findings: Findings, heights: NDArray[np.float32], cells: Grid, buildings: Features | None) -> None:
    """Add buildings around which no ground is known."""
    from dtwin_plugin.data.rasterise import labels

    from ..buildings import raise_buildings

    if buildings is None:
        return
    covered = labels(buildings.geometries, cells)
    missing = np.where(np.isnan(raise_buildings(heights, covered)), covered, 0)
    for index in np.unique(missing[missing > 0]):
        findings.add("DT165", missing == index)
