"""Where water outran waves that are held to a speed, so that its depth is not to be trusted there."""

from __future__ import annotations

import numpy as np

from ..solvers.flow import FlowSolver
from .gauges import cell_velocity

LOOK = 60.0  # s, longest model time between two looks: flow under rain changes in minutes
GRAVITY = 9.81  # m s-2
CELERITY = 5 / 3  # of a kinematic wave over the velocity, as in `row_kernels`


class OutrunRecorder:
    """Keeps where the kinematic wave of the flow, 5/3 of its velocity, was faster than waves are held to.

    Flow whose kinematic wave outruns its dynamic waves breaks up into roll waves (Whitham 1974, chapter 10); where the
    dynamic waves are held, these are none of nature. Looked at is water that is deep enough for its waves to be held.

    Parameters
    ----------
    fastest_wave : float
        Speed that waves are held to [m s-1].

    Examples
    --------
    Water of 0.5 m that runs east at 0.8 m/s outruns waves of 1 m/s in the middle column, whose cells of 4 m2 have
    such a face on both sides; at 0.5 m/s it does not:

    >>> from ..solvers.solver import InertialSolver
    >>> solver = InertialSolver(np.zeros((3, 3)), 2.0, 0.03, initial_depth=np.full((3, 3), 0.5), fastest_wave=1.0)
    >>> kept = OutrunRecorder(1.0)
    >>> for speed in (0.5, 0.8):
    ...     solver.discharge_x[:] = 0.5 * speed
    ...     kept.record(solver)
    ...     kept.area(solver)
    0.0
    12.0
    """

    interval = LOOK

    def __init__(self, fastest_wave: float) -> None:
        self._fastest = fastest_wave
        self._cells: set[int] = set()

    def record(self, solver: FlowSolver) -> None:
        """Look at the water as it is now."""
        rows, columns = np.nonzero(solver.padded[0][1:-1, 1:-1] > self._fastest**2 / GRAVITY)
        fast = CELERITY * np.hypot(*cell_velocity(solver, rows, columns).T) > self._fastest
        self._cells.update((rows[fast] * solver.shape[1] + columns[fast]).tolist())

    def area(self, solver: FlowSolver) -> float:
        """Return the area where it was so at any look [m2]."""
        return len(self._cells) * solver.cell_size**2
