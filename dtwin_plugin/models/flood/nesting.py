"""A run within a larger one: along its edges water stands as deep as the larger run says, through time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Field, Values
from ..problem import ERROR, WARNING, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Grid

    from .ground import Ground
    from .solvers.flow import FlowSolver, Sources

INTERVAL = 1.0  # s
# A depth is held by a proportional and an integral part, as water that flows on from a cell must be brought steadily
APPROACH = 4.0  # s, of the proportional part
LEARN = 8.0  # s, of the integral part: 2 x APPROACH, for a damping of 0.7

INPUTS: tuple[Field, ...] = ()
OUTPUTS: tuple[Field, ...] = ()
ADVANCED = (
    Field(
        "outer_depth",
        "Water depth of a larger run",
        "grid",
        "m",
        optional=True,
        advanced=True,
        doc="Its water depth through time, with the same start of the storm: along the edges of the area water stands "
        "as deep as in it. Give it maps every 1 to 5 minutes.",
    ),
)


class OuterDepth:
    """The cells along the edges of the area, held at the depths of a larger run.

    Parameters
    ----------
    rows, columns : ndarray of int
        The cells.
    seconds : ndarray
        Times of the depths from the start of the storm [s], increasing, shape (times,).
    depths : ndarray
        Depths at them [m], shape (times, cells); between two times linear, before the first from 0 at the start, NaN
        where nothing is known, so that nothing is done there.

    Attributes
    ----------
    totals : ndarray
        What went from the surface and what came to it since the start of the storm [m3], shape (2,).

    Examples
    --------
    >>> outer = OuterDepth(np.array([0]), np.array([0]), np.array([60.0]), np.array([[0.2]]))
    >>> outer.wanted(30.0).round(3).tolist(), outer.wanted(90.0).tolist()
    ([0.1], [0.2])
    """

    interval = INTERVAL

    def __init__(
        self,
        rows: NDArray[np.integer],
        columns: NDArray[np.integer],
        seconds: NDArray[np.float64],
        depths: NDArray[np.floating],
    ) -> None:
        known = np.isfinite(depths).all(axis=0)
        self._rows, self._columns = rows[known], columns[known]
        self._seconds = np.concatenate(([0.0], seconds)) if seconds[0] > 0 else seconds
        before = np.zeros((len(self._seconds) - len(seconds), int(known.sum())))
        self._depths = np.concatenate((before, depths[:, known].astype(float)))
        self._steady = np.zeros(len(self._rows))  # m s-1, integral part
        self._asked, self._pieces = np.zeros(len(self._rows)), 0.0
        self.totals = np.zeros(2)

    def wanted(self, time: float) -> NDArray[np.float64]:
        """Return the depth of each cell at a time [m]."""
        after = int(np.clip(np.searchsorted(self._seconds, time), 1, max(len(self._seconds) - 1, 1)))
        if len(self._seconds) == 1:
            return self._depths[0]
        begin, end = self._seconds[after - 1], self._seconds[after]
        part = min(max((time - begin) / (end - begin), 0.0), 1.0)
        return (1.0 - part) * self._depths[after - 1] + part * self._depths[after]

    def sources(self, solver: FlowSolver, seconds: float) -> Sources:
        """Return the discharges that bring each cell towards its depth [m3 s-1]."""
        depth = solver.padded[0][self._rows + 1, self._columns + 1].astype(float)
        missing = self.wanted(solver.time + seconds) - depth
        self._steady += missing * seconds / (APPROACH * LEARN)
        self._asked, self._pieces = (self._steady + missing / APPROACH) * solver.cell_size**2, seconds
        where: Any = (self._rows, self._columns)
        return (*where, self._asked)

    def settle(self, solver: FlowSolver, given: NDArray[np.float64]) -> None:
        """Take note of what was really brought and taken [m3]; a cell that ran dry forgets its steady part."""
        short = np.abs(given - self._asked * self._pieces) > 1e-3 * np.abs(self._asked * self._pieces)
        self._steady[short] = 0.0
        self.totals += (-np.minimum(given, 0.0).sum(), np.maximum(given, 0.0).sum())

    def finish(self, solver: FlowSolver) -> None:
        """Nothing is left to report."""

    def kept_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is remembered, by name, to be written over in place: what a saved state keeps."""
        return {"totals": self.totals, "steady": self._steady}

    @property
    def lost(self) -> dict[str, float]:
        """What the surface has less than it would have [m3], by term of the balance."""
        return {"larger_run": float(self.totals[0] - self.totals[1])}


def outer_of(values: Values, ground: Ground) -> OuterDepth | None:
    """Return the exchange with the larger run, None without one."""
    outer: Grid | None = values.get("outer_depth")
    if outer is None or outer.times is None:
        return None
    terrain = ground.terrain
    edge = np.zeros(terrain.shape, bool)
    edge[[0, -1], :] = edge[:, [0, -1]] = True
    rows, columns = np.nonzero(edge & np.isfinite(ground.bed))
    x = terrain.x_min + (columns + 0.5) * terrain.cell_size
    y = terrain.y_max - (rows + 0.5) * terrain.cell_size
    return OuterDepth(rows, columns, _seconds(values, outer), outer.sample(x, y))


def check(values: Values) -> Iterator[Problem]:
    """Yield what is wrong with the depth of the larger run."""
    outer: Grid | None = values.get("outer_depth")
    if outer is None:
        return
    if outer.times is None:
        yield Problem(
            "DT204",
            "outer_depth",
            "The water depth of the larger run has no times: take its water depth through time.",
            {},
            ERROR,
        )
        return
    if float(np.nanmin(outer.values)) < 0:
        yield Problem(
            "DT205",
            "outer_depth",
            "The water depth of the larger run is below 0 m; give its depth and not its level.",
            {},
            ERROR,
        )
    seconds = _seconds(values, outer)
    if seconds[-1] <= 0 or seconds[0] > 3600 or (np.diff(seconds) <= 0).any():
        yield Problem(
            "DT206",
            "outer_depth",
            "The maps of the larger run lie {first:.0f} to {last:.0f} minutes after the start of this storm; expected "
            "increasing times from the first hour on. Give both runs the same start.",
            {"first": float(seconds[0]) / 60, "last": float(seconds[-1]) / 60},
            ERROR,
        )
    elif values.get("boundary") == "open":
        yield Problem(
            "DT207",
            "outer_depth",
            "With the depth of a larger run along the edges, water flows out over them as well: take walls.",
            {},
            WARNING,
        )


def _seconds(values: Values, outer: Grid) -> NDArray[np.float64]:
    start = np.datetime64(values.get("start") or datetime(2000, 1, 1), "s")
    assert outer.times is not None
    return (outer.times.astype("datetime64[s]") - start).astype(float)
