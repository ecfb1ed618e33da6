"""The map of a run where it is calculated closer together at roads, walls and facades than elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Values, wanted
from .bands import PERIODS
from .refined import away_from, between, mesh_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .calculation import Site

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def widest_of(values: Values, site: Site) -> int:
    """Return the largest distance of points on the map in cells; 1 for each cell.

    Where paths are stored it is 1: which points there are may not depend on what drives.
    """
    if site.grid is None or not values["coarsest"] or values["stored"] or wanted(values, "transfer"):
        return 1
    return max(int(values["coarsest"] / site.grid.cell_size + 1e-6), 1)


def levels_on_map(site: Site, widest: int, of: Callable[[Integers], Floats]) -> Floats:
    """Return the levels of day, evening and night at all receivers of the map [dB], of those at some of them.

    Parameters
    ----------
    of : callable
        Gets rows of receivers, and returns their levels.
    """
    assert site.grid is not None
    free = np.zeros(site.grid.shape, bool)
    free.reshape(-1)[site.cells] = True
    row = np.zeros(free.size, np.int64)
    row[site.cells] = len(site.receivers) - len(site.cells) + np.arange(len(site.cells))
    lines = np.concatenate([site.scene.pieces[:, :4], site.roads.pieces[:, [0, 1, 3, 4]]])
    away = away_from(site.grid, lines, widest)
    mesh = mesh_of(away, free, widest, lambda cells: of(row[cells]), len(PERIODS))
    return between(mesh).reshape(-1, len(PERIODS))[site.cells]
