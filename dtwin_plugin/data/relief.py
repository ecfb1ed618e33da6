"""Where a line of sight meets the ground."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .grid import Grid

    Floats = NDArray[np.float64]

_STEPS = 2  # places along a ray that are asked for each cell that it passes over
_HALVINGS = 40  # of the step in which the ray goes through the ground: 1 m comes to 1e-12 m


@dataclass(frozen=True)
class Relief:
    """Heights of the ground, in between those of the middles of cells.

    Attributes
    ----------
    grid : Grid
        Heights [m]; where there is none, one looks through.
    """

    grid: Grid
    _bounds: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        extent, values = self.grid.extent, self.grid.values
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
        bounds = np.array([[extent.x_min, extent.y_min, low], [extent.x_max, extent.y_max, high]])
        object.__setattr__(self, "_bounds", bounds)

    def heights(self, x: Floats, y: Floats) -> Floats:
        """Return the heights at places [m], NaN where a cell around has none and outside.

        Examples
        --------
        >>> from dtwin_plugin.data import Grid
        >>> slope = Relief(Grid(np.array([[0.0, 1, 2]] * 3), 0, 3, 1.0))
        >>> slope.heights(np.array([0.5, 1.75, 9]), np.array([1.0, 2, 2])).tolist()
        [0.0, 1.25, nan]
        """
        grid = self.grid
        rows, columns = grid.shape
        column = np.clip((x - grid.x_min) / grid.cell_size - 0.5, 0, columns - 1)
        row = np.clip((grid.y_max - y) / grid.cell_size - 0.5, 0, rows - 1)
        left = np.minimum(column.astype(np.int64), max(columns - 2, 0))
        top = np.minimum(row.astype(np.int64), max(rows - 2, 0))
        right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
        across, down = column - left, row - top
        values = grid.values
        upper = values[top, left] * (1 - across) + values[top, right] * across
        lower = values[bottom, left] * (1 - across) + values[bottom, right] * across
        found: Floats = np.asarray(upper * (1 - down) + lower * down, float)
        (x_min, y_min, _), (x_max, y_max, _) = self._bounds
        found[(x < x_min) | (x > x_max) | (y < y_min) | (y > y_max)] = np.nan
        return found

    def met(self, origin: Floats, direction: Floats) -> float | None:
        """Return how far along a ray it goes through the ground first, from above or from below [m].

        Parameters
        ----------
        origin, direction : ndarray
            Shape (3,); the direction is a unit vector.

        Examples
        --------
        >>> from dtwin_plugin.data import Grid
        >>> round(Relief(Grid(np.full((3, 3), 2.0), 0, 3, 1.0)).met(np.array([1.0, 1, 9]), np.array([0.0, 0, -1])), 9)
        7.0
        """
        span = self._span(origin, direction)
        if span is None:
            return None
        passed = (span[1] - span[0]) * float(np.hypot(*direction[:2])) / self.grid.cell_size
        places = np.linspace(*span, int(np.ceil(passed * _STEPS)) + 2)
        above = self._above(places, origin, direction)
        through = np.flatnonzero((above[:-1] > 0) != (above[1:] > 0))
        known = np.isfinite(above)
        through = through[known[through] & known[through + 1]]
        if not len(through):
            return None
        near, far = places[through[0]], places[through[0] + 1]
        side = above[through[0]] > 0
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            same = (self._above(np.array([middle]), origin, direction)[0] > 0) == side
            near, far = (middle, far) if same else (near, middle)
        return float((near + far) / 2)

    def _above(self, along: Floats, origin: Floats, direction: Floats) -> Floats:
        """Return how far places along a ray lie above the ground [m]."""
        x, y, z = (origin + along[:, None] * direction).T
        return np.asarray(z - self.heights(x, y), float)

    def _span(self, origin: Floats, direction: Floats) -> tuple[float, float] | None:
        """Return from where up to where along a ray there may be ground."""
        room = np.array([0.0, 0.0, 1e-3])  # flat ground has a height of nothing
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = (self._bounds + [-room, room] - origin) / direction
        level = direction == 0  # within, or never
        inside = ((origin >= self._bounds[0] - room) & (origin <= self._bounds[1] + room))[level]
        enters, leaves = ends.min(axis=0)[~level].max(), ends.max(axis=0)[~level].min()
        if not inside.all() or not max(enters, 0.0) < leaves:  # nor where there are no heights at all
            return None
        return max(float(enters), 0.0), float(leaves)
