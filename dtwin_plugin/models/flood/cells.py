"""A raster of the user on the cells of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.resample import aligned, coarsened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid


def on_cells(grid: Grid | None, terrain: Grid) -> NDArray[np.float64] | None:
    """Return the value at the middle of each cell of the terrain; of smaller cells first the mean of whole blocks."""
    if grid is None:
        return None
    factor = int(terrain.cell_size / grid.cell_size + 1e-6)
    finer = coarsened(grid, grid.cell_size * factor) if factor > 1 else grid
    return aligned(finer, terrain).values.astype(float)
