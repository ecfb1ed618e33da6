"""What the soil of each cell takes: how fast, and how much at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.resample import aligned, coarsened
from dtwin_plugin.translate import mark

from ..base import Field, Values
from ..problem import ERROR, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    Floats = NDArray[np.float64]

MM, HOUR = 1e-3, 3600.0  # m, s
INPUTS = (
    Field(
        "infiltration",
        "Infiltration and sewer",
        "number",
        "mm h-1",
        20.0,
        0,
        500,
        doc="What soil and sewer take together, everywhere. 20 mm per hour is used by the national flood map.",
    ),
    Field(
        "infiltration_capacity",
        "Infiltration capacity",
        "grid",
        "mm h-1",
        optional=True,
        doc="In place of the number where it has data; under buildings nothing infiltrates then. That of the soil "
        "knows no paving and no sewer: leave paved places without data, so that the number holds there.",
    ),
    Field(
        "soil_storage",
        "Storage of the soil",
        "grid",
        "mm",
        optional=True,
        doc="What the soil takes at most: once full, it infiltrates no more. No limit where it has no data; under "
        "buildings nothing infiltrates then.",
    ),
)
ADVANCED = (
    Field(
        "roughness",
        "Roughness (Manning)",
        "number",
        "s m-1/3",
        0.03,
        0.005,
        1,
        advanced=True,
        doc="Manning's n: 0.015 asphalt, 0.03 gardens, 0.05 rough green.",
    ),
)
GRIDS = {
    "infiltration_capacity": (mark("Infiltration capacity"), "mm h-1"),
    "soil_storage": (mark("Storage of the soil"), "mm"),
}
# Gravel takes some 4,000 mm/h and 30 m of sand holds 10,000 mm: above this it is another unit or a code for no data
MOST = 100_000


def soil_of(values: Values, terrain: Grid, covered: NDArray[np.integer] | None) -> tuple[float | Floats, Floats | None]:
    """Return the infiltration of each cell [m s-1] and the storage of its soil [m], NaN = no limit.

    Without a grid of either they are the number that holds everywhere, and None. With one, nothing infiltrates under
    buildings, and where the capacity has no data the number holds.

    Parameters
    ----------
    values : mapping
        "infiltration" [mm h-1], and the grids "infiltration_capacity" [mm h-1] and "soil_storage" [mm], or None.
    terrain : Grid
        The cells of the run.
    covered : ndarray or None
        Shape (rows, cols): 0 = no building, k = building k.

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> ground = Grid(np.zeros((1, 3)), 0, 1, 1)
    >>> values = {
    ...     "infiltration": 18,
    ...     "infiltration_capacity": Grid([[3.6, 3.6, np.nan]], 0, 1, 1),
    ...     "soil_storage": None,
    ... }
    >>> rate, storage = soil_of(values, ground, np.array([[0, 1, 0]]))
    >>> rate.round(9).tolist(), storage
    ([[1e-06, 0.0, 5e-06]], None)
    """
    number = values["infiltration"] * MM / HOUR
    capacity, storage = (_on_cells(values[name], terrain) for name in GRIDS)
    if capacity is None and storage is None:
        return float(number), None
    rate = np.full(terrain.shape, number)
    if capacity is not None:
        rate = np.where(np.isnan(capacity), rate, capacity * MM / HOUR)
    if covered is not None:
        rate[covered > 0] = 0.0
    return rate, None if storage is None else storage * MM


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the grids of the soil."""
    for name, (title, unit) in GRIDS.items():
        grid = values[name]
        if grid is None:
            continue
        low, high = float(np.nanmin(grid.values)), float(np.nanmax(grid.values))
        if low < 0 or high > MOST:
            yield Problem(
                "DT105",
                name,
                "{field} runs from {low:.6g} to {high:.6g} {unit}; expected 0 to {most}.",
                {"field": title, "low": low, "high": high, "unit": unit, "most": MOST},
                ERROR,
            )


def _on_cells(grid: Grid | None, terrain: Grid) -> Floats | None:
    """Return the value at the middle of each cell of the terrain; of smaller cells first the mean of whole blocks."""
    if grid is None:
        return None
    factor = int(terrain.cell_size / grid.cell_size + 1e-6)
    finer = coarsened(grid, grid.cell_size * factor) if factor > 1 else grid
    return aligned(finer, terrain).values.astype(float)
