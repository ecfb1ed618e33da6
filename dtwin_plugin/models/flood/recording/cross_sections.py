"""Discharge through time across lines, from the very fluxes over the faces of the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..solvers.flow import FlowSolver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries, Grid

    Indices = NDArray[np.int64]


def staircase(corners: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the corners of cells that lead along a line, one step over one face at a time.

    Parameters
    ----------
    corners : ndarray
        The line in cells from the north-west, shape (n, 2): row, column.

    Returns
    -------
    ndarray
        int64, shape (m, 2): row and column of each corner; neighbours differ by 1 in one of both.

    Examples
    --------
    >>> staircase(np.array([[0.1, 0.0], [1.0, 2.2]])).tolist()
    [[0, 0], [0, 1], [1, 1], [1, 2]]
    """
    nodes = np.rint(corners).astype(np.int64)
    pieces = [nodes[:1]]
    for one, two in zip(nodes[:-1], nodes[1:]):
        steps = np.abs(two - one)
        total = int(steps.sum())
        if not total:
            continue
        # the moments at which each direction takes its steps, as if both walked at an even pace
        moments = [(np.arange(n) + 0.5) / max(n, 1) for n in steps]
        order = np.argsort(np.concatenate(moments), kind="stable")
        down = np.concatenate([np.ones(steps[0], np.int64), np.zeros(steps[1], np.int64)])[order]
        moves = np.column_stack([down * np.sign(two[0] - one[0]), (1 - down) * np.sign(two[1] - one[1])])
        pieces.append(one + np.cumsum(moves, axis=0))
    return np.concatenate(pieces)


def faces(path: NDArray[np.int64], shape: tuple[int, int]) -> tuple[tuple[Indices, ...], tuple[Indices, ...]]:
    """Return the faces along corners of cells: row, column and sign in `discharge_x`, and in `discharge_y`.

    The sign makes what flows from the left of the line to its right positive. What lies outside the cells is left out.

    >>> x, y = faces(np.array([[1, 0], [0, 0], [0, 1]]), (1, 1))  # up along the west side, then east along the north
    >>> [part.tolist() for part in x], [part.tolist() for part in y]
    ([[0], [0], [1]], [[0], [0], [1]])
    """
    rows, columns = shape
    start, move = path[:-1], np.diff(path, axis=0)
    row = np.minimum(start[:, 0], path[1:, 0])
    column = np.minimum(start[:, 1], path[1:, 1])
    upright = (move[:, 0] != 0) & (row >= 0) & (row < rows) & (column >= 0) & (column <= columns)
    level = (move[:, 1] != 0) & (row >= 0) & (row <= rows) & (column >= 0) & (column < columns)
    return (
        (row[upright], column[upright], -move[upright, 0]),
        (row[level], column[level], move[level, 1]),
    )


class CrossSectionRecorder:
    """Keeps the discharge across lines: its mean between two rows of the series, and the volume so far.

    A line becomes the staircase of faces of cells next to it, so that the discharge is the sum of the model's own
    fluxes: round a closed line it is the change of the volume inside. It is added up over all time steps, each with
    the flux that the solver used in it.

    Parameters
    ----------
    lines : Geometries
    grid : Grid
        The cells of the solver.
    interval : float
        Longest model time between two rows of the series [s].
    """

    interval = 0.0  # s, looks at every time step

    def __init__(self, lines: Geometries, grid: Grid, interval: float) -> None:
        self._every = float(interval)
        self._size = grid.cell_size
        found: list[tuple[tuple[Indices, ...], tuple[Indices, ...]]] = [
            _faces_of(lines, k, grid) for k in range(len(lines))
        ]
        self._x = _joined([x for x, _ in found])
        self._y = _joined([y for _, y in found])
        self.length = np.array([len(x[0]) + len(y[0]) for x, y in found]) * self._size  # m, of the staircases
        self.seconds: list[float] = [0.0]
        self._volumes: list[NDArray[np.float64]] = [np.zeros(len(lines))]
        self._volume = np.zeros(len(lines))
        self._time, self._steps = 0.0, -1

    def record(self, solver: FlowSolver) -> None:
        """Add what flowed since the last look; a second look at the same time changes nothing."""
        if solver.steps == self._steps:
            return
        self._volume = self._volume + (solver.time - self._time) * self._discharge(solver)
        self._time, self._steps = solver.time, solver.steps
        if solver.time - self.seconds[-1] >= self._every - 1e-9:
            self.close()

    def go_on(self, time: float) -> None:
        """Begin anew at a time [s]: that of a saved state, with which the run goes on."""
        self._volume = np.zeros(len(self._volume))
        self._volumes, self.seconds, self._time = [self._volume], [time], time

    def close(self) -> None:
        """Add a row to the series with what flowed so far, unless its time is there."""
        if self._time > self.seconds[-1]:
            self.seconds.append(self._time)
            self._volumes.append(self._volume)

    @property
    def volume(self) -> NDArray[np.float64]:
        """What flowed across since the start [m3], shape (times, lines); positive from left to right."""
        return np.array(self._volumes)

    @property
    def discharge(self) -> NDArray[np.float64]:
        """Mean since the time before [m3 s-1], shape (times, lines); 0 at the start."""
        volume, seconds = self.volume, np.array(self.seconds)
        mean = np.diff(volume, axis=0) / np.diff(seconds)[:, None]
        return np.concatenate([np.zeros((1, volume.shape[1])), mean])

    def _discharge(self, solver: FlowSolver) -> NDArray[np.float64]:
        total = np.zeros(len(self._volume))
        for flow, (row, column, sign, line) in ((solver.discharge_x, self._x), (solver.discharge_y, self._y)):
            np.add.at(total, line, sign * flow[row, column].astype(float))
        return total * self._size


def _faces_of(lines: Geometries, index: int, grid: Grid) -> tuple[tuple[Indices, ...], tuple[Indices, ...]]:
    parts = []
    for part in range(lines.features[index], lines.features[index + 1]):
        for ring in range(lines.parts[part], lines.parts[part + 1]):
            xy = lines.coordinates[lines.rings[ring] : lines.rings[ring + 1], :2]
            cells = np.column_stack([grid.y_max - xy[:, 1], xy[:, 0] - grid.x_min]) / grid.cell_size
            if len(cells) and np.isfinite(cells).all():
                parts.append(faces(staircase(cells), grid.shape))
    empty = (np.zeros(0, np.int64),) * 3
    x, y = ([empty, *(part[k] for part in parts)] for k in (0, 1))
    return _stacked(x), _stacked(y)


def _stacked(parts: list[tuple[Indices, ...]]) -> tuple[Indices, ...]:
    return tuple(np.concatenate([part[k] for part in parts]) for k in range(3))


def _joined(parts: list[tuple[Indices, ...]]) -> tuple[Indices, ...]:
    """Return row, column, sign and line of all faces."""
    line = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    return (*_stacked([(np.zeros(0, np.int64),) * 3, *parts]), line.astype(np.int64))
