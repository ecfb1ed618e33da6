"""The arrays of a run, padded by a ring of walls, and its water balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Trio = tuple[Any, Any, Any]  # depth and discharges
WALL = 1e5  # m, bed of what is no part of the area; the same in `kernels`
ENDLESS = 1e9  # m, room in soil without a limit: the kernels know no infinity


@dataclass(frozen=True)
class Volumes:
    """The water balance of a run, all in m3.

    Attributes
    ----------
    initial, stored : float
        On the surface at the start and now.
    rain, inflow, infiltration, outflow : float
        What came and went since the start; inflow and outflow are sources and edges together.
    """

    initial: float
    rain: float
    inflow: float
    infiltration: float
    outflow: float
    stored: float

    @property
    def error(self) -> float:
        """Unexplained volume as a share of all that came in, or of the initial volume if nothing did.

        >>> Volumes(initial=1, rain=64, inflow=0, infiltration=20, outflow=20, stored=24).error
        0.015625
        """
        came = self.rain + self.inflow
        expected = self.initial + came - self.infiltration - self.outflow
        unexplained = abs(self.stored - expected)
        return unexplained / (came or self.initial) if unexplained else 0.0


class State:
    """Depth and discharge, old and new, on a bed.

    Heights are kept relative to their median (`datum`), so that float32 resolves micrometres anywhere in the country.
    """

    def __init__(
        self,
        terrain: ArrayLike,
        roughness: ArrayLike,
        depth: ArrayLike | None,
        dtype: type,
        storage: ArrayLike | None = None,
    ) -> None:
        heights = np.asarray(terrain, float)
        if heights.ndim != 2 or not np.isfinite(heights).any():
            raise InputError(
                "The terrain must have the shape (rows, cols) and at least one height; found {shape}.",
                shape=heights.shape,
            )
        self.shape: tuple[int, int] = (heights.shape[0], heights.shape[1])
        self.dtype = dtype
        self.inside = np.isfinite(heights)
        self.datum = float(np.median(heights[self.inside]))
        bed = np.where(self.inside, heights - self.datum, WALL)
        n = self._cells(roughness, "The roughness")
        if not (n[self.inside] > 0).all():
            raise InputError("The roughness must be above 0 s m-1/3 in every cell that has a height.")
        water = np.nan_to_num(self._cells(0.0 if depth is None else depth, "The initial depth"), nan=0.0)
        if not (water >= 0).all():
            raise InputError("The initial depth must be 0 m or more; found {lowest}.", lowest=float(water.min()))
        self.bed = (self._padded(bed, WALL), self._padded(np.where(self.inside, n, 1.0), 1.0))
        start = self._padded(np.where(self.inside, water, 0.0), 0.0)
        # np.zeros, as its pages take no memory before they are written: a scheme that works in place writes no `new`
        self.old: Trio = (start, np.zeros(start.shape, dtype), np.zeros(start.shape, dtype))
        self.new: Trio = (np.zeros(start.shape, dtype), np.zeros(start.shape, dtype), np.zeros(start.shape, dtype))
        self.lost = np.zeros_like(start)  # m, what rounding has added to each depth
        self.largest = start.copy()
        self.room = self._room(storage)

    @property
    def depth(self) -> NDArray[np.floating]:
        """Depth now [m], with the ring."""
        return self.old[0]

    def swap(self) -> None:
        """Let the new state be the old one."""
        self.old, self.new = self.new, self.old

    def real(self, value: ArrayLike) -> Any:
        """Return numbers in the precision of the run."""
        return np.asarray(value, self.dtype)[()]

    def outward(self, padded: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return cell values without the ring, NaN outside the area."""
        return np.where(self.inside, padded[1:-1, 1:-1], self.dtype(np.nan))

    def deepest_below(self, levels: NDArray[np.float64]) -> float:
        """Return the largest depth [m] that the levels [m] at the north, east, south and west edge make there."""
        bed = self.bed[0][1:-1, 1:-1].astype(float) + self.datum
        lowest = np.array([side.min() for side in (bed[0], bed[:, -1], bed[-1], bed[:, 0])])
        return float(np.nanmax(levels - lowest))

    def sources(
        self, sources: tuple[Any, Any, Any] | None, cell_size: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.floating], NDArray[np.float64]]:
        """Return rows and columns in padded arrays, rates [m s-1] and room for what is given [m] of point sources."""
        rows, columns, discharge = ([], [], []) if sources is None else sources
        row, column = np.asarray(rows, np.int64).ravel(), np.asarray(columns, np.int64).ravel()
        rate = np.broadcast_to(np.asarray(discharge, float) / cell_size**2, row.shape)
        known = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        if not known.all() or not self.inside[row, column].all():
            raise InputError("Every source must lie in a cell that has a height.", hint="Move it or fill the terrain.")
        return row + 1, column + 1, np.ascontiguousarray(rate, self.dtype), np.zeros(row.shape)

    def _cells(self, values: ArrayLike, name: str) -> NDArray[np.float64]:
        cells = np.asarray(values, float)
        if cells.ndim and cells.shape != self.shape:
            raise InputError(
                "{name} must be a number or have the shape {shape} of the terrain; found {found}.",
                name=name,
                shape=self.shape,
                found=cells.shape,
            )
        return np.broadcast_to(cells, self.shape)

    def _room(self, storage: ArrayLike | None) -> NDArray[np.float64]:
        """Return what the soil can still take [m], without rows where it has no limit."""
        if storage is None:
            return np.zeros((0, 0))
        room = self._cells(storage, "The storage")
        if (room < 0).any():
            raise InputError("The storage must be 0 m or more; found {lowest}.", lowest=float(np.nanmin(room)))
        limited = np.where(np.isnan(room), ENDLESS, np.minimum(room, ENDLESS))
        return np.ascontiguousarray(np.pad(limited, 1))

    def _padded(self, cells: NDArray[np.floating], ring: float) -> NDArray[np.floating]:
        return np.pad(cells, 1, constant_values=ring).astype(self.dtype, order="C")
