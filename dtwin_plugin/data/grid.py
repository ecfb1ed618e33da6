"""Values on square cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .crs import RD
from .extent import Extent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Grid:
    """Values on square cells, north up.

    Attributes
    ----------
    values : ndarray
        float32, shape (rows, cols) or (times, rows, cols); row 0 is the northern row. NaN means no data.
    x_min, y_max : float
        The north-west corner of the north-west cell [m].
    cell_size : float
        Side of a cell [m].
    unit : str
        Unit of the values, as UDUNITS reads it ("m", "m s-1", "1").
    times : ndarray or None
        datetime64[s] of each time step, if there is a time axis.
    name : str
        What the values are, for a legend ("water depth").

    Examples
    --------
    >>> grid = Grid(np.array([[1, 2], [3, np.nan]]), x_min=0, y_max=2, cell_size=1)
    >>> grid.extent.bounds, float(grid.sample([0.5], [1.5])[0])
    ((0, 0, 2, 2), 1.0)
    """

    values: NDArray[np.float32]
    x_min: float
    y_max: float
    cell_size: float
    crs: str = RD
    unit: str = "1"
    times: NDArray[np.datetime64] | None = None
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, dtype=np.float32))
        if self.values.ndim not in (2, 3) or 0 in self.values.shape:
            raise InputError(
                "A grid needs values of shape (rows, cols) or (times, rows, cols); found {shape}.",
                shape=self.values.shape,
            )
        if not self.cell_size > 0:
            raise InputError("A grid needs a cell size above 0 m; found {size}.", size=self.cell_size)
        if self.times is not None and (self.values.ndim != 3 or len(self.times) != len(self.values)):
            raise InputError(
                "A grid with {count} times needs values of shape ({count}, rows, cols); found {shape}.",
                count=len(self.times),
                shape=self.values.shape,
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return self.values.shape[-2], self.values.shape[-1]

    @property
    def extent(self) -> Extent:
        """The outer edges of the cells."""
        rows, columns = self.shape
        return Extent(
            self.x_min, self.y_max - rows * self.cell_size, self.x_min + columns * self.cell_size, self.y_max, self.crs
        )

    def count(self) -> int:
        """Return how many cells have a value; of a grid through time, at its first moment."""
        return int(np.isfinite(self.values.reshape(-1, *self.shape)[0]).sum())

    def like(self, values: ArrayLike, unit: str, name: str, times: NDArray[np.datetime64] | None = None) -> Grid:
        """Return a grid of other values on the same cells."""
        return replace(self, values=np.asarray(values, dtype=np.float32), unit=unit, name=name, times=times)

    def cells(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Return row, column and whether it is inside, of the cell that holds each point [m].

        Row and column are -1 for a point outside, or with a coordinate that is not a number.
        """
        column = np.floor((np.asarray(x, float) - self.x_min) / self.cell_size)
        row = np.floor((self.y_max - np.asarray(y, float)) / self.cell_size)
        rows, columns = self.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        return np.where(inside, row, -1).astype(np.int64), np.where(inside, column, -1).astype(np.int64), inside

    def sample(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float32]:
        """Return the value of the cell under each point [m], shape (…, points); NaN outside the grid."""
        row, column, inside = self.cells(x, y)
        found = np.full(self.values.shape[:-2] + row.shape, np.nan, np.float32)
        found[..., inside] = self.values[..., row[inside], column[inside]]
        return found

    def window(self, extent: Extent) -> Grid:
        """Return the cells that touch an area.

        Raises
        ------
        InputError
            If the area lies outside the grid.
        """
        if not self.extent.intersects(extent):
            raise InputError(
                "The area {area} lies outside the raster, which covers {covered}.",
                hint="Choose an area within the raster.",
                area=extent.bounds,
                covered=self.extent.bounds,
            )
        rows, columns = self.shape
        tiny = 1e-6 * self.cell_size  # an edge that lies on a cell border belongs to the cell inside
        left = min(max(0, int(np.floor((extent.x_min - self.x_min + tiny) / self.cell_size))), columns - 1)
        right = min(columns, int(np.ceil((extent.x_max - self.x_min - tiny) / self.cell_size)))
        top = min(max(0, int(np.floor((self.y_max - extent.y_max + tiny) / self.cell_size))), rows - 1)
        bottom = min(rows, int(np.ceil((self.y_max - extent.y_min - tiny) / self.cell_size)))
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        return replace(
            self,
            values=self.values[..., top:bottom, left:right],
            x_min=self.x_min + left * self.cell_size,
            y_max=self.y_max - top * self.cell_size,
        )
