"""Culverts, tunnels, weirs and pumps between places on the ground, as they exchange water with the surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..solvers.flow import FlowSolver, Sources
from .structures_hydraulics import BROAD, Barrels, G, weir_flow
from .structures_table import CULVERT, PUMP, TUNNEL, WEIR, Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Cells = tuple[NDArray[np.int64], NDArray[np.int64]]

INTERVALS = 0.5, 2.0  # s, for which a discharge holds: as many as a cell has metres, within these
INERTIA = 20.0  # intervals in which a discharge follows its levels: at once, it would keep the waves of a pond going
REPORT = 60.0  # s, over which the table takes the mean
HOUR = 3600.0
SMOOTH = 5.0  # s, over which a pump looks at its level
SETTLED = 10.0  # s below its lower level, after which a pump stops: a wave that passes is no level
DRY = 1e-4  # m, below which nothing flows, as over a face of the grid
LINKED = (CULVERT, TUNNEL, WEIR, PUMP)


def depth_at(solver: FlowSolver, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
    """Return the depth in some cells [m], without a copy of all."""
    return solver.padded[0][rows + 1, columns + 1].astype(float)


def responding(depth: Floats, seconds: float, cell_size: float) -> Floats:
    """Return the area of water that feels a discharge within some time [m2]: half a disc at the speed of waves.

    No less than the cell itself. It says how much may flow in one interval without the levels passing each other.

    >>> responding(np.array([0.0, 1.0]), 1.0, 2.0).round(2).tolist()
    [4.0, 15.41]
    """
    return np.maximum(cell_size**2, 0.5 * np.pi * G * np.maximum(depth, 0.0) * seconds**2)


class Structures:
    """Structures between two cells each; what one takes it brings to its other end an interval later.

    Parameters
    ----------
    structures : sequence of Structure
        Of the kinds in `LINKED`.
    start, end : tuple of ndarray
        Rows and columns of both ends, int64, shape (n,); the row of an end outside the area is -1: what comes there has
        left.
    bed : ndarray
        Level of the ground [m], shape (rows, cols).

    Attributes
    ----------
    interval : float
        For which its discharges hold [s].
    totals : ndarray
        What went from the surface and what came to it since the start of the storm [m3], shape (2,).
    left : ndarray
        What left the area by each structure [m3], shape (n,).
    transit : ndarray
        What is on its way [m3], shape (n,): what went is what came, left and is on its way.
    """

    def __init__(
        self, structures: Sequence[Structure], start: Cells, end: Cells, bed: NDArray[np.floating], cell_size: float
    ) -> None:
        self.names = [item.name for item in structures]
        self.kinds = [item.kind for item in structures]
        count = len(structures)
        self._start, self._end = start, end
        self._out = end[0] < 0
        self._cell_size = cell_size
        self.interval = float(np.clip(cell_size, *INTERVALS))
        self._bed_a = np.asarray(bed[start], float)
        self._bed_b = np.where(self._out, 0.0, bed[np.maximum(end[0], 0), np.maximum(end[1], 0)])
        self._select(structures)
        self.totals = np.zeros(2)
        self.left, self.transit = np.zeros(count), np.zeros(count)
        self._to_end = np.ones(count, bool)  # where what is on its way goes
        self._flow = np.zeros(count)
        self._pumping, self._below = np.zeros(count, bool), np.zeros(count)
        self._flowed, self._since, self._seconds = np.zeros(count), 0.0, 0.0
        self.table: dict[str, list[float | str]] = {"minutes": [], "name": [], "type": [], "discharge": []}

    def _select(self, structures: Sequence[Structure]) -> None:
        """Put the numbers of each kind in arrays."""

        def numbers(chosen: NDArray[np.int64], name: str) -> Floats:
            return np.array([structures[k].values.get(name, np.nan) for k in chosen], float)

        kinds = np.array(self.kinds)
        self._culverts = np.flatnonzero((kinds == CULVERT) | (kinds == TUNNEL))
        self._weirs, self._pumps = np.flatnonzero(kinds == WEIR), np.flatnonzero(kinds == PUMP)
        chosen = self._culverts
        width, height = numbers(chosen, "width"), numbers(chosen, "height")
        bottoms = [
            np.where(np.isnan(given), bed, given)
            for given, bed in (
                (numbers(chosen, "bottom_a"), self._bed_a[chosen]),
                (numbers(chosen, "bottom_b"), self._bed_b[chosen]),
            )
        ]
        lengths = np.where(
            np.isnan(numbers(chosen, "length")),
            [_length(structures[k].points) for k in chosen],
            numbers(chosen, "length"),
        )
        rounded = np.isnan(height)
        self._barrels = Barrels(
            bottoms[0],
            bottoms[1],
            width,
            np.where(rounded, width, height),
            rounded,
            lengths,
            numbers(chosen, "roughness"),
            numbers(chosen, "loss"),
        )
        self._width = np.full(len(structures), np.inf)
        self._width[chosen] = width
        self._crest, self._crest_width, self._factor = (
            numbers(self._weirs, name) for name in ("crest", "width", "factor")
        )
        self._capacity = numbers(self._pumps, "capacity") / HOUR
        off = numbers(self._pumps, "off")
        self._off = np.where(np.isnan(off), self._bed_a[self._pumps], off)
        on = numbers(self._pumps, "on")
        self._on = np.where(np.isnan(on), self._off, on)
        self._smoothed = np.full(len(self._pumps), np.nan)

    def sources(self, solver: FlowSolver, seconds: float) -> Sources:
        """Return what each structure takes at one end, and what it brings to the other."""
        self._seconds = seconds
        depth_a = depth_at(solver, *self._start)
        depth_b = np.where(self._out, 0.0, depth_at(solver, np.maximum(self._end[0], 0), np.maximum(self._end[1], 0)))
        flow = self._flows(depth_a, depth_b, seconds)
        forward = flow >= 0
        takes = [np.where(forward, a, b) for a, b in zip(self._start, self._end)]
        # what left the area is put nowhere: an idle source at the start stands for it
        to_end = self._to_end & ~self._out
        gives = [np.where(to_end, b, a) for a, b in zip(self._start, self._end)]
        given = np.where(self._out, 0.0, self.transit / seconds)
        self._next_to_end = forward
        rows, columns = (np.concatenate(both) for both in zip(takes, gives))
        return rows, columns, np.concatenate([-np.abs(flow), given])

    def settle(self, solver: FlowSolver, given: NDArray[np.float64]) -> None:
        """Take note of what was really taken and brought [m3]."""
        count = len(self.names)
        taken, brought = -given[:count], given[count:]
        self.totals += (taken.sum(), brought.sum())
        rest = self.transit - brought
        self.left += np.where(self._out, rest + taken, 0.0)
        self.transit = np.where(self._out, 0.0, rest + taken)
        self._to_end = self._next_to_end
        self._flowed += np.where(self._next_to_end, taken, -taken)
        self._report(solver.time, self._seconds)

    def kept_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is remembered, by name, to be written over in place: what a saved state keeps."""
        water = {"totals": self.totals, "left": self.left, "transit": self.transit, "to_end": self._to_end}
        pumps = {"pumping": self._pumping, "below": self._below, "smoothed": self._smoothed}
        return {**water, "flow": self._flow, **pumps}

    def go_on(self, time: float) -> None:
        """Begin the table anew at a time [s]: that of a saved state, with which the run goes on."""
        self._since = time

    @property
    def lost(self) -> dict[str, float]:
        """What the surface has less than it would have [m3], by term of the balance."""
        return {"structures": float(self.totals[0] - self.totals[1])}

    def finish(self, solver: FlowSolver) -> None:
        """Report what flowed since the last row of the table."""
        if solver.time - self._since > 1e-6:
            self._row(solver.time)

    def _flows(self, depth_a: Floats, depth_b: Floats, seconds: float) -> Floats:
        level_a, level_b = self._bed_a + depth_a, self._bed_b + depth_b
        flow = np.zeros(len(self.names))
        if len(self._culverts):
            k = self._culverts
            flow[k] = self._barrels.flow(level_a[k], level_b[k])
        if len(self._weirs):
            k = self._weirs
            flow[k] = weir_flow(level_a[k], level_b[k], self._crest, self._crest_width, self._factor)
        flow = self._limited(flow, depth_a, depth_b, level_a, level_b, seconds)
        flow = self._flow = self._flow + (flow - self._flow) * min(1.0, seconds / (INERTIA * self.interval))
        flow = flow.copy()
        flow[self._pumps] = self._pumped(depth_a, level_a, seconds)
        return flow

    def _limited(
        self, flow: Floats, depth_a: Floats, depth_b: Floats, level_a: Floats, level_b: Floats, seconds: float
    ) -> Floats:
        """Return discharges that do not pass what flows over the bed to the inlet, nor make the levels pass each other.

        Where no level is known on the other side (out of the area) only the first holds.
        """
        source = np.where(flow >= 0, depth_a, depth_b)
        barrel = np.isfinite(self._width)
        width = np.maximum(np.where(barrel, self._width, 0.0), self._cell_size)
        arrives = np.where(barrel, BROAD * width * np.maximum(source, 0.0) ** 1.5, np.inf)
        area_a, area_b = (responding(depth, seconds, self._cell_size) for depth in (depth_a, depth_b))
        equal = np.abs(level_a - level_b) * area_a * area_b / (area_a + area_b) / seconds
        size = np.minimum(np.minimum(np.abs(flow), arrives), np.where(self._out, np.inf, equal))
        return np.where(source > DRY, np.sign(flow) * size, 0.0)

    def _pumped(self, depth_a: Floats, level_a: Floats, seconds: float) -> Floats:
        """Return what the pumps take: on above the upper level, off at the lower one."""
        k = self._pumps
        self._smoothed = np.where(np.isnan(self._smoothed), level_a[k], self._smoothed)
        level = self._smoothed = self._smoothed + (level_a[k] - self._smoothed) * min(1.0, seconds / SMOOTH)
        self._below[k] = np.where(level <= self._off, self._below[k] + seconds, 0.0)
        off = (self._below[k] >= SETTLED) | (depth_a[k] <= DRY)
        self._pumping[k] = np.where(off, False, (level > self._on) | self._pumping[k])
        above = np.maximum(np.minimum(level, level_a[k]) - self._off, 0.0)
        above *= responding(depth_a[k], seconds, self._cell_size) / (SMOOTH / 2.0)
        return np.where(self._pumping[k], np.minimum(self._capacity, above), 0.0)

    def _report(self, time: float, seconds: float) -> None:
        if time - self._since >= REPORT - 1e-6:
            self._row(time)

    def _row(self, time: float) -> None:
        mean = self._flowed / (time - self._since)
        for name, kind, discharge in zip(self.names, self.kinds, mean.tolist()):
            for column, value in zip(self.table.values(), (time / 60.0, name, kind, discharge)):
                column.append(value)
        self._flowed[:] = 0.0
        self._since = time


def _length(points: NDArray[np.float64]) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum()) if len(points) > 1 else 0.0
