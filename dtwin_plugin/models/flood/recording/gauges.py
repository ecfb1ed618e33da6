"""Depth, level and speed through time at points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...attributes import chosen_column
from ..solvers.flow import FlowSolver

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from dtwin_plugin.data import Features, Grid

THIN = 1e-3  # m, a film below it has no speed; as in `recorder_kernels`
WET = 0.01  # m, water below it has no level


class GaugeRecorder:
    """Keeps depth and speed in cells through time.

    Parameters
    ----------
    rows, columns : array_like
        The cells, shape (gauges,); each must lie in the area.
    interval : float
        Longest model time between two rows of the series [s]; the true times are kept.

    Examples
    --------
    >>> from ..solvers.solver import InertialSolver
    >>> solver = InertialSolver(np.zeros((2, 2)), 1.0, 0.03, initial_depth=np.full((2, 2), 0.2))
    >>> kept = GaugeRecorder([0], [1], 60.0)
    >>> kept.record(solver)
    >>> kept.seconds, kept.depth.round(2).tolist(), kept.level.round(2).tolist(), kept.speed.tolist()
    ([0.0], [[0.2]], [[0.2]], [[0.0]])
    """

    def __init__(self, rows: ArrayLike, columns: ArrayLike, interval: float) -> None:
        self._rows, self._columns = np.asarray(rows, np.int64), np.asarray(columns, np.int64)
        self.interval = float(interval)
        self.seconds: list[float] = []
        self._depth: list[NDArray[np.float64]] = []
        self._speed: list[NDArray[np.float64]] = []
        self._bed = np.zeros(0)

    def record(self, solver: FlowSolver) -> None:
        """Add a row at the time that it is now; a second one at the same time changes nothing."""
        if self.seconds and solver.time <= self.seconds[-1]:
            return
        if not self.seconds:
            self._bed = solver.bed[self._rows, self._columns]
        self.seconds.append(solver.time)
        depth = solver.padded[0][self._rows + 1, self._columns + 1].astype(float)
        self._depth.append(np.where(np.isnan(self._bed), np.nan, depth))
        self._speed.append(np.hypot(*cell_velocity(solver, self._rows, self._columns).T))

    def go_on(self, time: float) -> None:
        """Begin anew: at some time the run goes on with the water of a saved state."""
        self.seconds, self._depth, self._speed = [], [], []

    @property
    def depth(self) -> NDArray[np.float64]:
        """Depth [m], shape (times, gauges); NaN in a cell outside the area."""
        return np.array(self._depth).reshape(-1, len(self._rows))

    @property
    def level(self) -> NDArray[np.float64]:
        """Level [m, as the terrain], shape (times, gauges); NaN where the water is less than 1 cm deep."""
        return np.where(self.depth >= WET, self._bed + self.depth, np.nan)

    @property
    def speed(self) -> NDArray[np.float64]:
        """Speed [m s-1], shape (times, gauges)."""
        return np.array(self._speed).reshape(-1, len(self._rows))


def cell_velocity(solver: FlowSolver, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the velocity in cells to the east and to the north [m s-1], shape (cells, 2).

    As `recorder.MaximaRecorder` has it: the mean over both faces in each direction, 0 in a film.
    """
    depth, bed = solver.padded
    x, y = solver.discharge_x, solver.discharge_y
    row, column = rows + 1, columns + 1  # of the padded arrays

    def over(discharge: NDArray[np.floating], down: int, right: int, down_2: int, right_2: int) -> Any:
        """Return the speed over the face between two neighbours."""
        one, two = (row + down, column + right), (row + down_2, column + right_2)
        z_1, z_2 = bed[one].astype(float), bed[two].astype(float)
        flow = np.maximum(z_1 + depth[one], z_2 + depth[two]) - np.maximum(z_1, z_2)
        return np.where(flow > THIN, discharge / np.maximum(flow, THIN), 0.0)

    east = over(x[rows, columns], 0, -1, 0, 0) + over(x[rows, columns + 1], 0, 0, 0, 1)
    south = over(y[rows, columns], -1, 0, 0, 0) + over(y[rows + 1, columns], 0, 0, 1, 0)
    moving = (depth[row, column] > THIN)[:, None]
    return np.where(moving, np.column_stack([east, -south]) / 2, 0.0)


def places(points: Features, terrain: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return row, column and whether it lies in the terrain, of each point; one without a coordinate does not."""
    box = points.geometries.bounds()  # of a point, it is the point
    return terrain.cells((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2)


def names(features: Features, prefix: str) -> list[str]:
    """Return the name of each feature: its column "name" or "id", else a number.

    >>> from dtwin_plugin.data import Features, Geometries
    >>> names(Features(Geometries.points(np.zeros((2, 2)))), "gauge")
    ['gauge 1', 'gauge 2']
    """
    column = chosen_column(features, None, ("name", "naam", "id"))
    values = [None] * len(features) if column is None else column.tolist()
    return [f"{prefix} {k}" if v is None or v != v or v == "" else str(v) for k, v in enumerate(values, 1)]
