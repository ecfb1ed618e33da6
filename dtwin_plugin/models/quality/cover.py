"""Which parts of an area hold points, while chunks of a point cloud pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable

import numpy as np

from dtwin_plugin.data import Extent, Geometries, Grid, PointCloud
from dtwin_plugin.data.rasterise import labels

from .coverage import gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL = 5.0  # m; a cell of this size without a point is a gap: AHN has 10 points a m2 and more, but not on water


@dataclass(frozen=True)
class Cover:
    """Cells of an area, and which of them hold a point.

    Attributes
    ----------
    x_min, y_max, cell_size : float
        North-west corner, and side of the cells [m].
    has : ndarray
        bool, shape (rows, cols): whether a point came; `add` writes it.
    asked : ndarray
        bool, shape (rows, cols): cells that should hold a point.

    Examples
    --------
    >>> cover = Cover.of(Extent(0, 0, 20, 10))
    >>> cover.add(PointCloud(*(np.array([3.0, 4, 18]) for _ in "xyz"), np.zeros(3, np.uint8)))
    >>> cover.has.astype(int).tolist(), cover.share()
    ([[0, 0, 0, 0], [1, 0, 0, 0]], 0.125)
    """

    x_min: float
    y_max: float
    cell_size: float
    has: NDArray[np.bool_]
    asked: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        area: Extent,
        cell_size: float = CELL,
        covers: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]] | None = None,
    ) -> Cover:
        """Return the empty cells of an area; asked are those whose centre lies in it.

        Parameters
        ----------
        covers : callable, optional
            Tells of x and y whether they lie in the area; default all in the rectangle.
        """
        columns, rows = (max(1, int(np.ceil(length / cell_size))) for length in (area.width, area.height))
        x, y = area.x_min + (np.arange(columns) + 0.5) * cell_size, area.y_max - (np.arange(rows) + 0.5) * cell_size
        asked = (y >= area.y_min)[:, None] & (x <= area.x_max)
        if covers is not None:
            centres = np.meshgrid(x, y)
            asked &= covers(centres[0].ravel(), centres[1].ravel()).reshape(asked.shape)
        return cls(area.x_min, area.y_max, cell_size, np.zeros((rows, columns), bool), asked)

    def add(self, points: PointCloud) -> None:
        """Mark the cells of points; those outside the area are passed over."""
        rows, columns = self.has.shape
        column = np.floor((points.x - self.x_min) / self.cell_size).astype(np.int64)
        row = np.floor((self.y_max - points.y) / self.cell_size).astype(np.int64)
        # the eastern and southern edge belong to the area
        column[column == columns] -= points.x[column == columns] == self.x_min + columns * self.cell_size
        row[row == rows] -= points.y[row == rows] == self.y_max - rows * self.cell_size
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        self.has[row[inside], column[inside]] = True

    def without(self, polygons: Geometries) -> Cover:
        """Return the cover without the cells whose centre lies in polygons, such as water, which gives no points."""
        cells = Grid(np.zeros(self.has.shape, np.float32), self.x_min, self.y_max, self.cell_size)
        return replace(self, asked=self.asked & (labels(polygons, cells) == 0))

    def share(self) -> float | None:
        """Return the share of the cells asked that hold a point, None if none was asked."""
        return float(self.has[self.asked].mean()) if self.asked.any() else None

    def gaps(self, least: float) -> NDArray[np.float64]:
        """Return a point in each connected part without points of at least `least` [m2], and its size: x, y, m2."""
        return gaps(self.has | ~self.asked, self.x_min, self.y_max, self.cell_size, least)
