"""What the water did at each place while it flowed: how fast, how dangerous, from when and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parallel import parallel_kernels, thread_count
from ..solvers.flow import FlowSolver, check_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOK = 5.0  # s, longest model time between two looks
RATING_SPEED, RATING_DEBRIS = 0.5, 1.0  # m s-1 and m2 s-1: d (v + 0.5) + DF, with DF of towns (Defra/EA FD2321)


class MaximaRecorder:
    """Keeps the largest speed and hazard, the time of arrival and the duration at each place.

    Looked at are the depths and the discharges over the faces every `interval` of model time. The speed over a face
    is its discharge over the depth of flow there, `max(eta_L, eta_R) - max(z_L, z_R)`; that of a cell is the length
    of the vector of the means over its faces west and east, and north and south. The speed of a film below 1 mm
    counts as 0.

    Parameters
    ----------
    arrival_depth, duration_depth : float
        Depths [m] from which water has arrived, and from which its time counts.
    rating : bool
        Whether the hazard is the rating `d (v + 0.5) + DF`, with DF 0 up to a depth of 0.25 m and 1 above (Defra and
        Environment Agency, FD2321, 2006), in place of `d v`.
    interval : float
        Longest model time between two looks [s].
    threads : int, optional
        Default all.

    Examples
    --------
    A film of 0.2 m that runs east at 0.5 m/s over level ground, seen once after 10 s:

    >>> from ..solvers.solver import InertialSolver
    >>> solver = InertialSolver(np.zeros((3, 3)), 1.0, 0.03, initial_depth=np.full((3, 3), 0.2))
    >>> solver.time = 10.0
    >>> solver.discharge_x[:] = 0.1
    >>> kept = MaximaRecorder(0.05, 0.15)
    >>> kept.record(solver)
    >>> [round(float(values[1, 1]), 3) for values in (kept.speed, kept.hazard, kept.arrival, kept.duration)]
    [0.5, 0.1, 10.0, 10.0]
    """

    def __init__(
        self,
        arrival_depth: float,
        duration_depth: float,
        *,
        rating: bool = False,
        interval: float = LOOK,
        threads: int | None = None,
    ) -> None:
        check_numbers(depth_of_arrival=(arrival_depth, 100), depth_of_the_duration=(duration_depth, 100))
        self.interval = float(interval)
        extra, debris = (RATING_SPEED, RATING_DEBRIS) if rating else (0.0, 0.0)
        self._how = tuple(np.float32(value) for value in (extra, debris, arrival_depth, duration_depth))
        self._threads = thread_count(threads, "calculate flooding")
        self._kept: tuple[NDArray[np.float32], ...] | None = None
        self._inside: NDArray[np.bool_] = np.zeros((0, 0), bool)
        self._last = 0.0

    def record(self, solver: FlowSolver) -> None:
        """Look at the water as it is now; a second look at the same time changes nothing."""
        from .recorder_kernels import look

        depth, bed = solver.padded
        rows, columns = depth.shape[0] - 2, depth.shape[1] - 2
        self.kept_arrays(solver)
        when = (np.float32(solver.time), np.float32(solver.time - self._last))
        strips = min(self._threads, rows)
        scratch = np.zeros((strips, 4, columns + 1), depth.dtype)
        with parallel_kernels(strips):
            look((depth, bed, solver.discharge_x, solver.discharge_y), self._kept, scratch, self._how, when)
        self._last = solver.time

    def kept_arrays(self, solver: FlowSolver) -> dict[str, NDArray[np.float32]]:
        """Return what is kept, by name, to be written over in place: what a saved state keeps."""
        from .recorder_kernels import NEVER

        if self._kept is None:
            self._inside = np.isfinite(solver.bed)
            speed, hazard, duration = (np.zeros(self._inside.shape, np.float32) for _ in range(3))
            self._kept = (speed, hazard, np.full(self._inside.shape, NEVER, np.float32), duration)
        return dict(zip(("speed", "hazard", "arrival", "duration"), self._kept))

    def go_on(self, time: float) -> None:
        """Let the last look have been at a time [s]: the state of then is in the arrays."""
        self._last = time

    @property
    def speed(self) -> NDArray[np.float32]:
        """Largest speed [m s-1], shape (rows, cols); NaN outside the area."""
        return self._outward(0)

    @property
    def hazard(self) -> NDArray[np.float32]:
        """Largest hazard [m2 s-1], shape (rows, cols); NaN outside the area."""
        return self._outward(1)

    @property
    def arrival(self) -> NDArray[np.float32]:
        """First time with the depth of arrival [s], shape (rows, cols); NaN where it did not come."""
        times = self._outward(2)
        return np.where(times < 1e29, times, np.float32(np.nan))

    @property
    def duration(self) -> NDArray[np.float32]:
        """Total time with at least the depth of the duration [s], shape (rows, cols); NaN outside the area."""
        return self._outward(3)

    def _outward(self, index: int) -> NDArray[np.float32]:
        if self._kept is None:
            raise RuntimeError("nothing was recorded yet")
        return np.where(self._inside, self._kept[index], np.float32(np.nan))
