"""Open water whose level or flow is known: it brings and takes what that asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..solvers.flow import FlowSolver, Sources
from .structures import DRY, depth_at
from .structures_hydraulics import BROAD
from .structures_table import FLOW, FREE, LEVEL, Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

INTERVAL = 1.0  # s
RELAXED = 2.0  # s, in which the mean level is approached
MINUTE = 60.0


class WaterLevels:
    """Areas of open water.

    Cells of a "level" start at it. From then on their mean is kept at it by water from outside the area, the same in
    each cell: dh/dt = mean(h_wanted(t + T) - h) / T with T = 2 s. Waves in it go on as they do in a pond. A "flow" is
    spread over its cells. "free" takes critical flow out of each of its cells.

    Parameters
    ----------
    areas : sequence of Structure
        Of the kinds level, flow and free.
    label : ndarray
        Shape (rows, cols): 0 = none, k = area k - 1.
    bed : ndarray
        Level of the ground [m], shape (rows, cols).
    series : mapping of str to sequence, optional
        Columns "name", "minutes" and "value", for areas that name a series.

    Attributes
    ----------
    totals : ndarray
        What went from the surface and what came to it since the start of the storm [m3], shape (2,).
    """

    interval = INTERVAL

    def __init__(
        self,
        areas: Sequence[Structure],
        label: NDArray[np.integer],
        bed: NDArray[np.float64],
        series: Mapping[str, Sequence[Any]] | None = None,
    ) -> None:
        self._areas = list(areas)
        self._row, self._column = np.nonzero(label)
        self._area = label[self._row, self._column] - 1
        self._bed = bed[self._row, self._column]
        self._series = {area.series: _series_of(series, area.series) for area in areas if area.series and series}
        self._count = np.bincount(self._area, minlength=len(self._areas))
        self.totals = np.zeros(2)
        self._fresh = True

    def sources(self, solver: FlowSolver, seconds: float) -> Sources:
        """Return what each cell of open water gets or loses."""
        depth = depth_at(solver, self._row, self._column)
        cell = solver.cell_size**2
        discharge = np.zeros(len(depth))
        for index, area in enumerate(self._areas):
            chosen = self._area == index
            if area.kind == LEVEL:
                discharge[chosen] = self._towards(area, self._bed[chosen], depth[chosen], solver.time, seconds) * cell
            elif area.kind == FLOW:
                flow = self._value(area, "flow", solver.time + seconds / 2.0)
                discharge[chosen] = flow / max(int(self._count[index]), 1)
            elif area.kind == FREE:
                wet = np.maximum(depth[chosen], 0.0)
                discharge[chosen] = -np.minimum(BROAD * solver.cell_size * wet**1.5, wet * cell / seconds)
        where: Any = (self._row, self._column)
        return (*where, discharge)

    def settle(self, solver: FlowSolver, given: NDArray[np.float64]) -> None:
        """Take note of what was really brought and taken [m3]."""
        self._fresh = False
        self.totals += (-np.minimum(given, 0.0).sum(), np.maximum(given, 0.0).sum())

    def finish(self, solver: FlowSolver) -> None:
        """Nothing is left to report."""

    def kept_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is remembered, by name, to be written over in place: what a saved state keeps."""
        return {"totals": self.totals}

    def go_on(self, time: float) -> None:
        """Let the water be that of a saved state: it does not start at its level again."""
        self._fresh = False

    @property
    def lost(self) -> dict[str, float]:
        """What the surface has less than it would have [m3], by term of the balance."""
        return {"open_water": float(self.totals[0] - self.totals[1])}

    def _towards(
        self, area: Structure, bed: NDArray[np.float64], depth: NDArray[np.float64], time: float, seconds: float
    ) -> NDArray[np.float64]:
        """Return the rates of rise [m s-1] that bring an area to its level."""
        if self._fresh:  # where the run starts, each cell stands at the level
            return (np.maximum(self._value(area, "level", time) - bed, 0.0) - depth) / seconds
        ahead = max(RELAXED, seconds)  # so that a level that rises steadily is not followed too late
        wanted = np.maximum(self._value(area, "level", time + ahead) - bed, 0.0)
        wet = (wanted > 0) | (depth > DRY)
        return np.where(wet, (wanted - depth).sum() / max(int(wet.sum()), 1) / ahead, 0.0)

    def _value(self, area: Structure, column: str, time: float) -> float:
        if area.series:
            minutes, values = self._series[area.series]
            return float(np.interp(time / MINUTE, minutes, values))
        return area.values[column]


def _series_of(table: Mapping[str, Sequence[Any]], name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return minutes and values of a series, in order of time.

    >>> table = {"name": ["a", "b", "a"], "minutes": [60, 0, 0], "value": [1.5, 9, 1.0]}
    >>> [part.tolist() for part in _series_of(table, "a")]
    [[0.0, 60.0], [1.0, 1.5]]
    """
    chosen = [k for k, found in enumerate(table["name"]) if str(found) == name]
    minutes, values = (np.array([float(table[column][k]) for k in chosen]) for column in ("minutes", "value"))
    order = np.argsort(minutes, kind="stable")
    return minutes[order], values[order]
