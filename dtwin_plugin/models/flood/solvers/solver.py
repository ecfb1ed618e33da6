"""Flow of water over land: the local inertial equations on square cells, by the verbs of BMI.

The scheme is that of Bates et al. (2010) and de Almeida et al. (2012), with friction from the whole discharge vector,
the velocity in the time step, critical flow at bed steps, and a limiter that keeps every depth at 0 or above without
adding water. The equations stand in `kernels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import InputError

from ...parallel import parallel_kernels, thread_count
from .boundaries import Boundary
from .flow import STEPS, FlowSolver, check_numbers
from .state import State

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

GRAVITY = 9.81  # m s-2
STANDING = 1.08  # as in `kernels`
FALL = 0.3  # m, a bed step above it (kerb, wall, edge of a building) is a free fall
SLOWEST = 0.5  # m s-1, that waves can be held to: slower ones fall behind water that runs down a street
FREE = 1e4  # m s-1, a speed that no wave reaches
SLOPE = 0.1  # but none that is a slope of up to this: between large cells a hillside makes high steps too


class InertialSolver(FlowSolver):
    """Water over a terrain, advanced in time.

    Parameters
    ----------
    terrain : array_like
        Height of the bed [m], shape (rows, cols), row 0 in the north; any datum. NaN = no part of the area: a wall.
    cell_size : float
        Side of a cell [m].
    roughness : float or array_like
        Manning's n [s m-1/3], one or for each cell; NaN only where the terrain is NaN.
    boundary : str, collection of str, or mapping
        "closed" (walls), "open" (normal depth on the slope of the bed), the edges that are open, as {"north", "east"},
        or for each edge "closed", "open" or a fixed water level [m]; the level stands one cell beyond the edge.
    initial_depth : array_like, optional
        Depth at the start [m]; NaN counts as 0.
    soil_storage : float or array_like, optional
        What the soil takes at most in the whole run [m], one or for each cell: once full, it infiltrates no more. NaN
        is no limit, as is the default.
    theta : float
        Weight of the discharge itself against its neighbours', de Almeida et al. (2012) eq. 8; 1 = no smoothing.
    courant : float
        Share of the longest stable time step.
    advection : bool
        Whether the flow carries its momentum along (Stelling and Duinmeijer 2003), for fast flow: dam breaks, jumps,
        flow over a bump; theta is not used then. A step takes a third longer.
    fastest_wave : float, optional
        Hold the waves in deep water to this speed [m s-1], at least 0.5, for longer time steps (Jensen 1996): water
        deeper than its square over g gets more inertia. Steady flow and still water do not change; what moves in deep
        water answers later. Not with advection.
    dtype : type
        float32, or float64 for half the speed.
    threads : int, optional
        Number of threads; default all that numba has. The result is the same for any number.

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
    >>> solver = InertialSolver(terrain, 1.0, 0.03, threads=1)
    >>> solver.advance(3600, rain=1e-5)
    >>> solver.advance(3600)
    >>> bool(abs(solver.depth[1, 1] - (9 * 0.036 + 8 * 0.05) / 9) < 1e-3), solver.time
    (True, 7200.0)
    """

    def __init__(
        self,
        terrain: ArrayLike,
        cell_size: float,
        roughness: ArrayLike,
        *,
        boundary: Boundary = "closed",
        initial_depth: ArrayLike | None = None,
        soil_storage: ArrayLike | None = None,
        theta: float = 1.0,
        courant: float = 0.7,
        advection: bool = False,
        fastest_wave: float | None = None,
        dtype: type = np.float32,
        threads: int | None = None,
    ) -> None:
        check_numbers(cell_size=(cell_size, 1e5), theta=(theta, 1.0), courant=(courant, 1.0))
        self._fastest = _checked(fastest_wave, advection)
        super().__init__(State(terrain, roughness, initial_depth, dtype, soil_storage), cell_size)
        self.threads = thread_count(threads, "calculate flooding")
        self._theta, self._courant = float(theta), float(courant)
        shape = self._state.depth.shape if advection else (0, 0)
        # over the faces, old and new [m s-1]
        self._velocity: tuple[NDArray[Any], ...] = tuple(np.zeros(shape, dtype) for _ in range(4))
        self._speed = self._wave_speed(float(self._state.depth.max()))
        self._scratch, self._aside = self._make_scratch()
        self.set_boundary(boundary)

    @property
    def settings(self) -> tuple[float, ...]:
        """Numbers of the scheme that a run does not change half-way."""
        return (*super().settings, self._theta, self._fastest)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays that the further run depends on; see `FlowSolver`."""
        found = super().state_arrays()
        return {**found, **dict(zip(("velocity_x", "velocity_y"), self._velocity))} if self._velocity[0].size else found

    def _keep_largest(self) -> None:
        """Do nothing: the last of some steps keeps it, row by row."""

    def _wave_speed(self, depth: float) -> float:
        return STANDING * min(float(np.sqrt(GRAVITY * max(depth, 0.0))), self._fastest)

    def _make_scratch(self) -> tuple[NDArray[Any], tuple[NDArray[Any], ...]]:
        """Return the scratch of each strip of rows and step, and for depth and discharges what a strip keeps aside."""
        from . import row_kernels, step_kernels

        layers, columns = (self._strips(), STEPS), self._state.shape[1] + 2
        scratch: NDArray[Any] = np.zeros((*layers, row_kernels.SCRATCH, columns), self._state.dtype)
        aside = (*layers, step_kernels.AHEAD + step_kernels.BEHIND, columns)
        return scratch, tuple(np.zeros(aside, self._state.dtype) for _ in range(3))

    def _step(self, step: float, count: int, points: tuple[NDArray, ...]) -> None:
        """Take `count` time steps of `step` [s]."""
        from . import step_kernels

        state = self._state
        rows = state.shape[0]
        speeds, flows = np.zeros(rows + 2), np.zeros((rows + 2, 2))
        rounding = float(np.finfo(state.dtype).eps)
        fall = max(FALL, SLOPE * self._cell_size)
        inertia = GRAVITY / self._fastest**2
        numbers = tuple(state.real(value) for value in (step, self._cell_size, self._theta, rounding, fall, inertia))
        counts = (speeds, flows, state.lost, state.largest)
        water = (*state.old, *self._velocity)
        sources, given, order = _by_row(points, rows)
        arguments = (count, water, state.bed, self._edges, sources, self._scratch, self._aside, counts, numbers)
        if len(self._scratch) == 1:
            step_kernels.steps_serial(*arguments)
        else:
            with parallel_kernels(min(self.threads, len(self._scratch))):
                step_kernels.steps_parallel(*arguments)
        points[3][order] = given
        if count % 2:
            self._velocity = self._velocity[2:] + self._velocity[:2]
        self._speed = float(speeds.max())
        came, went = flows.sum(axis=0)
        self._volumes["inflow"] += came
        self._volumes["outflow"] += went


def _checked(fastest_wave: float | None, advection: bool) -> float:
    """Return the speed that waves are held to [m s-1]."""
    if fastest_wave is None:
        return FREE
    if not SLOWEST <= fastest_wave <= FREE:
        raise InputError(
            "Waves can be held to {least} m/s or more; found {value}.", least=SLOWEST, value=float(fastest_wave)
        )
    if advection:
        raise InputError("Waves are not held to a speed where momentum is carried along: choose one of both.")
    return float(fastest_wave)


def _by_row(
    points: tuple[NDArray, ...], rows: int
) -> tuple[tuple[NDArray, ...], NDArray[np.float64], NDArray[np.int64]]:
    """Return point sources in the order of their rows, what they gave, and that order.

    The first of the sources says which are in padded row k: those from its value at k to that at k + 1.
    """
    order = np.argsort(points[0], kind="stable")
    starts = np.searchsorted(points[0][order], np.arange(rows + 3))
    columns, rates, given = (array[order] for array in points[1:])
    return (starts, columns, rates, given), given, order
