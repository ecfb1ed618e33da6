"""Flow of water over land: the whole shallow water equations, by finite volumes of second order on square cells.

Beside the scheme of `solver` it keeps the advection of momentum, so that dam breaks, fast flow and eddies are right,
and it is independent of it: where both agree, the numerics do not matter. MUSCL-Hancock in space and time, HLLC fluxes,
hydrostatic reconstruction (Audusse et al. 2004), friction that is exact in steady flow. The loops stand in
`volume_kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parallel import parallel_kernels, thread_count
from .boundaries import Boundary
from .flow import FlowSolver, check_numbers
from .rates import Rate
from .state import State

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GRAVITY = 9.81  # m s-2
DAM_BREAK = 2.0  # speed of the front of a dam break on a dry bed, over sqrt(g h)


class VolumeSolver(FlowSolver):
    """Water over a terrain, advanced in time, with its momentum.

    Rain and what sources bring have no momentum: the discharge of a cell stays, its velocity becomes less. Water that
    infiltrates or that a sink takes has its share of it: the velocity stays.

    Parameters
    ----------
    terrain, cell_size, roughness, boundary, initial_depth, soil_storage, dtype, threads
        As of `InertialSolver`.
    courant : float
        Share of the time in which a wave passes a cell, at most 0.5: that of both directions together is 1. From 0.45
        on, waves that stand between blocks grow out of rounding.

    Raises
    ------
    InputError
        If shapes differ, no cell has a height, or a number is out of range.
    MissingDependencyError
        If numba is not installed.

    Examples
    --------
    Rain of 36 mm in an hour on a closed basin of 3 by 3 cells runs to the pit, 50 mm lower than the rest:

    >>> terrain = np.zeros((3, 3))
    >>> terrain[1, 1] = -0.05
    >>> solver = VolumeSolver(terrain, 1.0, 0.03, threads=1)
    >>> solver.advance(3600, rain=1e-5)
    >>> solver.advance(3600)
    >>> bool(abs(solver.depth[1, 1] - (9 * 0.036 + 8 * 0.05) / 9) < 1e-3), solver.time
    (True, 7200.0)
    """

    _cells_a_call = 4_000_000  # a step takes twice as long as that of `InertialSolver`

    def __init__(
        self,
        terrain: ArrayLike,
        cell_size: float,
        roughness: ArrayLike,
        *,
        boundary: Boundary = "closed",
        initial_depth: ArrayLike | None = None,
        soil_storage: ArrayLike | None = None,
        courant: float = 0.4,
        dtype: type = np.float32,
        threads: int | None = None,
    ) -> None:
        check_numbers(cell_size=(cell_size, 1e5), courant=(courant, 0.5))
        super().__init__(State(terrain, roughness, initial_depth, dtype, soil_storage), cell_size)
        self.threads = thread_count(threads, "calculate flooding")
        self._courant = float(courant)
        self._speed = self._wave_speed(float(self._state.depth.max()))
        self._faces = (np.zeros_like(self._state.depth), np.zeros_like(self._state.depth))
        self._scratch = self._make_scratch()
        self.set_boundary(boundary)

    @property
    def discharge_x(self) -> NDArray[np.floating]:
        """Discharge [m2 s-1] over the faces west of each cell and, last, east of the area, in the last time step."""
        return self._faces[0][1:-1, 1:]

    @property
    def discharge_y(self) -> NDArray[np.floating]:
        """Discharge [m2 s-1] to the south over the faces north of each cell and, last, south of the area."""
        return self._faces[1][1:, 1:-1]

    def _wave_speed(self, depth: float) -> float:
        """Return the speed of the front where still water of a depth [m] meets a dry bed."""
        return DAM_BREAK * float(np.sqrt(GRAVITY * max(depth, 0.0)))

    def _make_scratch(self) -> NDArray[np.floating]:
        from .volume_row_kernels import FIELDS, LINE, ROWS

        return np.zeros((self._strips(), ROWS, FIELDS * LINE), self._state.dtype)

    def _step(self, step: float, count: int, points: tuple[NDArray, ...]) -> None:
        """Take `count` time steps of `step` [s]."""
        from .volume_kernels import steps

        state, strips = self._state, len(self._scratch)
        speeds, flows = np.zeros(state.shape[0] + 2), np.zeros((state.shape[0] + 2, 2))
        counts = (speeds, flows, state.lost)
        numbers = (state.real(step), state.real(self._cell_size))
        water = (state.old, state.new)
        with parallel_kernels(strips):
            steps(count, water, state.bed, self._faces, self._edges, points, self._scratch, counts, numbers)
        if count % 2:
            state.swap()
        self._speed = float(speeds.max())
        came, went = flows.sum(axis=0)
        self._volumes["inflow"] += came
        self._volumes["outflow"] += went

    def _vertical(self, fall: Rate, loss: Rate) -> None:
        """Add the rain and take the infiltration that wait; what leaves takes its momentum along."""
        if self.surface.plain and loss.largest == 0.0:
            super()._vertical(fall, loss)
            return
        from .volume_kernels import follow

        before = self._state.depth.copy()
        super()._vertical(fall, loss)
        follow(self._state.old, before)
