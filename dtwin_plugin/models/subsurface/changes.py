"""What changes on and in the ground, for each column of soil: the load on it and the lowering of its groundwater."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .fields import numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid, Voxels

    Floats = NDArray[np.float64]

HEAVIEST = 1000.0  # kPa, 55 m of sand
RAISED, LOWERED = -20.0, 50.0  # m


def load_on(soil: Voxels, areas: Features | None, field: str | None, load: float) -> Floats:
    """Return the load on each column [kPa]: in the areas that are given, or everywhere.

    An area that covers a part of a column counts for that part. Areas of one load that overlap count once; those of
    different loads lie on each other.

    Parameters
    ----------
    field : str or None
        Column of the areas with the load of each [kPa]; where it is empty `load` holds, as for all without it.

    Raises
    ------
    InputError
        If the field is absent or holds something else than loads.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries, Voxels
    >>> soil = Voxels(np.zeros((2, 1, 1), np.int16), None, 0.0, 0.0, -1.0, (2.0, 2.0, 1.0), ("clay",))
    >>> boxes = [[[[(x, 0), (x + 1, 0), (x + 1, 2), (x, 2), (x, 0)]]] for x in (0, 2)]
    >>> areas = Features(Geometries.build("polygon", boxes), {"load": np.array([4.0, np.nan])})
    >>> load_on(soil, areas, "load", 1.0).tolist()
    [2.0, 0.5]
    """
    from dtwin_plugin.data.coverage import coverage

    from .soil_columns import grid_of

    columns = soil.classes.shape[0] * soil.classes.shape[1]
    if areas is None:
        if field:
            raise InputError(
                "There are no areas that could have the field {field}.", hint="Choose the loaded areas.", field=field
            )
        return np.full(columns, float(load))
    loads = numbers_of(areas, field, load)
    if ((loads < 0) | (loads > HEAVIEST)).any():
        raise InputError(
            "The loads run from {low:.6g} to {high:.6g} kPa; expected 0 to {most:.0f}.",
            low=float(loads.min()),
            high=float(loads.max()),
            most=HEAVIEST,
        )
    cells = grid_of(soil, np.zeros(columns), "1", "")
    total = np.zeros(columns)
    for one in np.unique(loads):
        share = coverage(areas.geometries.take(np.flatnonzero(loads == one)), cells)
        total += share[::-1].T.ravel() * one
    return total


def lowering_at(x: Floats, y: Floats, grid: Grid | None, lowering: float) -> Floats:
    """Return how far the groundwater is lowered at places [m]: by the grid, and by `lowering` where it has no data.

    Raises
    ------
    InputError
        If the grid holds what is no lowering.
    """
    if grid is None:
        return np.full(x.shape, float(lowering))
    low, high = float(np.nanmin(grid.values)), float(np.nanmax(grid.values))
    if low < RAISED or high > LOWERED:
        raise InputError(
            "The lowering of the groundwater runs from {low:.6g} to {high:.6g} m; expected {least:.0f} to {most:.0f}.",
            hint="It is the level before less the level after.",
            low=low,
            high=high,
            least=RAISED,
            most=LOWERED,
        )
    found = grid.sample(x, y)
    return np.where(np.isnan(found), lowering, found)


def lowering_of(soil: Voxels, x: Floats, y: Floats, grid: Grid | None, lowering: float) -> Floats:
    """Return how far the groundwater of each column is lowered [m].

    As `lowering_at` at the middles of the columns, but of a grid with cells that lie in a column their mean.
    """
    from .voxels import terrain_means

    middle = lowering_at(x, y, grid, lowering)
    if grid is None:
        return middle
    means = terrain_means(soil, grid).ravel()
    return np.where(np.isnan(means), middle, means)
