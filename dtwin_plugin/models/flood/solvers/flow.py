"""What every solver of flow over land has in common: its verbs, its water balance, rain and what the surface takes."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, Protocol

import numpy as np

from dtwin_plugin.errors import InputError

from ..surface.surface import CELLS_A_STRIP, Surface
from .boundaries import LEVEL, Boundary, edge_kinds
from .rates import Rate
from .state import ENDLESS, State, Volumes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LONGEST_STEP = 10.0  # s
STEPS = 4  # time steps between two looks at the wave speed
LEAST_ROWS = 32  # of a strip: more than the rows at its ends that steps at once leave, see `step_kernels`

# rows, columns and discharge [m3 s-1] of point sources; a negative discharge takes water away
Sources = tuple[Sequence[int], Sequence[int], Sequence[float]]


class Recorder(Protocol):
    """What looks at the water while it flows."""

    interval: float  # s, longest model time between two looks; 0 is after every time step

    def record(self, solver: FlowSolver) -> None:
        """Look at the water as it is now."""


class FlowSolver(ABC):
    """Water over a terrain, advanced in time; a scheme says how it takes its steps.

    Depths, discharges and volumes are asked for and given as in `InertialSolver`, whatever the scheme.
    """

    threads = 1
    _speed: float  # m s-1, of the fastest wave, which the next time step comes from
    _courant: float  # share of the longest stable time step
    _cells_a_call = 60_000_000  # cell updates in one call of a kernel, 0.1 to 0.5 s: how soon `should_stop` is asked
    knows_velocity = True  # whether there are discharges over the faces of the cells of the terrain

    def __init__(self, state: State, cell_size: float) -> None:
        self.time = 0.0
        self.steps = 0
        self.recorders: list[Recorder] = []
        self._seen: dict[int, float] = {}  # index of a recorder -> time of its last look [s]
        self._state = state
        self._cell_size = float(cell_size)
        self._volumes = {"rain": 0.0, "inflow": 0.0, "infiltration": 0.0, "outflow": 0.0}
        self._initial = self._stored()
        self._given = np.zeros(0)
        self.surface = Surface(state.shape)
        self._rates: dict[str, tuple[ArrayLike | None, Rate]] = {}  # the last of each kind

    @abstractmethod
    def _wave_speed(self, depth: float) -> float:
        """Return the largest speed [m s-1] that still water of a depth [m] can make, as the time step counts it."""

    def set_boundary(self, boundary: Boundary) -> None:
        """Change what happens at the edges, from now on; see `InertialSolver`."""
        kinds, levels = edge_kinds(boundary)
        self._edges = (kinds, self._state.real(levels - self._state.datum))
        self._edge_speed = self._wave_speed(self._state.deepest_below(levels) if (kinds == LEVEL).any() else 0.0)

    def _next_steps(self, left: float, rain: float, points: tuple[NDArray, ...]) -> tuple[float, int]:
        """Return the time step [s] and how many of them to take before the wave speed is looked at again.

        dt = courant dx / the speed of the fastest wave, where rain and sources may not outrun the depth.
        """
        count = max(1, min(STEPS, self._cells_a_call // self._state.depth.size))
        reach = self._courant * self._cell_size
        step = min(LONGEST_STEP, reach / max(self._speed, self._edge_speed, 1e-9))
        rows, columns, rates, _ = points
        for _ in range(3):  # a shorter step adds less, which allows a longer one: near enough after three rounds
            added = rain * count * step
            if rates.size:
                added = max(added, float((self._state.depth[rows, columns] + rates * (count * step)).max()))
            step = min(step, reach / max(self._wave_speed(added), 1e-9))
        # equal steps to the end: a last short one would stir up standing waves
        needed = int(np.ceil(left / step - 1e-9))
        return left / needed, min(count, needed)

    def _strips(self) -> int:
        """Return for how many strips of rows a thread is worth it."""
        rows, columns = self._state.shape
        return max(1, min(self.threads, rows // LEAST_ROWS, rows * columns // CELLS_A_STRIP))

    @abstractmethod
    def _step(self, step: float, count: int, points: tuple[NDArray, ...]) -> None:
        """Take `count` time steps of `step` [s]; add what passed the edges to `_volumes` and what each source
        added [m] to `points[3]`.
        """

    def advance(
        self,
        duration: float,
        rain: ArrayLike | None = None,
        infiltration: ArrayLike | None = None,
        sources: Sources | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        """Advance by `duration` [s] exactly, or less when `should_stop` says so.

        Parameters
        ----------
        rain, infiltration : float or array_like, optional
            Rates [m s-1], one or shape (rows, cols); NaN counts as 0. No more infiltrates than there is, or than the
            soil has room for.
        sources : tuple, optional
            Rows, columns and discharges [m3 s-1] that come in; a negative one goes out, as far as there is water.
            `given` tells what each really brought or took.
        should_stop : callable, optional
            Asked about every 0.1 s of computing.
        """
        state = self._state
        fall, loss = self._rate(rain, "The rain"), self._rate(infiltration, "The infiltration")
        points = state.sources(sources, self._cell_size)
        end = self.time + float(duration)
        asked = time.monotonic()
        while end - self.time > 1e-9 * max(end, 1.0):
            step, count = self._next_steps(end - self.time, fall.largest, points)
            self._take(step, count, points)
            fall.wait(step * count)
            loss.wait(step * count)
            if self.surface.due(fall, loss):
                self._vertical(fall, loss)
            self._keep_largest()
            self._look()
            if should_stop is not None and time.monotonic() - asked > 0.05:
                asked = time.monotonic()
                if should_stop():
                    break
        else:
            self.time = end
        self._vertical(fall, loss)
        np.maximum(state.largest, state.depth, out=state.largest)
        self._given = points[3] * self._cell_size**2
        self._volumes["inflow"] += float(np.maximum(self._given, 0.0).sum())
        self._volumes["outflow"] -= float(np.minimum(self._given, 0.0).sum())

    def _rate(self, rate: ArrayLike | None, name: str) -> Rate:
        """Return a rate that can be waited for; an array that nobody can write to is looked at once."""
        given, kept = self._rates.get(name, (None, None))
        fixed = isinstance(rate, np.ndarray) and not rate.flags.writeable
        if kept is None or given is not rate or not fixed:
            kept = Rate(rate, self._state.shape, self._state.dtype, name)
            self._rates[name] = (rate, kept)
        return kept

    def _take(self, step: float, count: int, points: tuple[NDArray, ...]) -> None:
        """Take time steps, one by one where a recorder (of interval 0) is to see them all: it changes no result."""
        each = [recorder for recorder in self.recorders if recorder.interval == 0]
        size = 1 if each else count
        began = self.time
        for done in range(size, count + 1, size):
            self._step(step, size, points)
            self.time = began + step * done
            self.steps += size
            for recorder in each:
                recorder.record(self)

    def fixed_arrays(self) -> tuple[NDArray[Any], ...]:
        """What the run stands on and never changes: terrain and roughness."""
        return self._state.bed

    @property
    def settings(self) -> tuple[float, ...]:
        """Numbers of the scheme that a run does not change half-way."""
        return (self._courant,)

    def state_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays that the further run depends on, by name, to be written over in place: a saved state."""
        state = self._state
        found: dict[str, NDArray[Any]] = dict(zip(("depth", "flow_x", "flow_y"), state.old))
        found.update({"lost": state.lost, "largest": state.largest})
        found.update({"room": state.room} if state.room.size else {})
        found.update({f"surface_{name}": array for name, array in self.surface.arrays.items()})
        for index, recorder in enumerate(self.recorders):
            kept = getattr(recorder, "kept_arrays", None)  # a recorder of series has none: it starts anew
            found.update({f"recorder{index}_{name}": array for name, array in (kept(self) if kept else {}).items()})
        return found

    def state_numbers(self) -> dict[str, float]:
        """All numbers that the further run depends on, by name."""
        found = {"time": self.time, "steps": float(self.steps), "speed": self._speed, "initial": self._initial}
        found.update({f"volume_{name}": volume for name, volume in self._volumes.items()})
        found.update({f"account_{name}": volume for name, volume in self.surface.accounts.items()})
        found.update({f"seen_{index}": self._seen.get(index, 0.0) for index in range(len(self.recorders))})
        return {name: float(value) for name, value in found.items()}

    def set_numbers(self, numbers: Mapping[str, float]) -> None:
        """Go on from the numbers of a saved state; its arrays are in place by then."""
        self.time, self.steps = numbers["time"], int(numbers["steps"])
        self._speed, self._initial = numbers["speed"], numbers["initial"]
        for target, prefix in ((self._volumes, "volume_"), (self.surface.accounts, "account_")):
            target.update({name: numbers[prefix + name] for name in target})
        for index, recorder in enumerate(self.recorders):
            self._seen[index] = numbers[f"seen_{index}"]
            if hasattr(recorder, "go_on"):
                recorder.go_on(self.time)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the cells that depths are given on."""
        return self._state.shape

    @property
    def cell_size(self) -> float:
        """Side of a cell [m]."""
        return self._cell_size

    @property
    def given(self) -> NDArray[np.float64]:
        """What each source of the last `advance` brought [m3]; negative for what it took."""
        return self._given

    @property
    def bed(self) -> NDArray[np.float64]:
        """Height of the bed [m] as it was given, shape (rows, cols); NaN outside the area."""
        return np.where(self._state.inside, self._state.bed[0][1:-1, 1:-1].astype(float) + self._state.datum, np.nan)

    @property
    def padded(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Depth and bed [m] as they are kept, for who looks often: with a ring, the bed relative to a datum."""
        return self._state.depth, self._state.bed[0]

    @property
    def depth(self) -> NDArray[np.floating]:
        """Water depth [m], shape (rows, cols); NaN outside the area."""
        return self._state.outward(self._state.depth)

    @property
    def max_depth(self) -> NDArray[np.floating]:
        """Largest water depth so far [m], shape (rows, cols); NaN outside the area."""
        return self._state.outward(self._state.largest)

    @property
    def room(self) -> NDArray[np.float64]:
        """What the soil can still take [m], shape (rows, cols); inf without a limit, NaN outside the area."""
        room, inside = self._state.room, self._state.inside
        if not room.size:
            return np.where(inside, np.inf, np.nan)
        return np.where(inside, np.where(room < ENDLESS / 2, room, np.inf)[1:-1, 1:-1], np.nan)

    @property
    def discharge_x(self) -> NDArray[np.floating]:
        """Discharge [m2 s-1] over the faces west of each cell and, last, east of the area, shape (rows, cols + 1)."""
        return self._state.old[1][1:-1, 1:]

    @property
    def discharge_y(self) -> NDArray[np.floating]:
        """Discharge [m2 s-1] to the south over the faces north of each cell and, last, south of the area."""
        return self._state.old[2][1:, 1:-1]

    @property
    def volumes(self) -> Volumes:
        """The water balance so far [m3]."""
        return Volumes(initial=self._initial, stored=self._stored(), **self._volumes)

    def _keep_largest(self) -> None:
        """Note the largest depth after some steps; a scheme that does so in its steps has nothing to do here."""
        np.maximum(self._state.largest, self._state.depth, out=self._state.largest)

    def _look(self) -> None:
        """Let every recorder look whose interval is over."""
        for index, recorder in enumerate(self.recorders):
            if self.time - self._seen.get(index, 0.0) >= recorder.interval - 1e-9:
                recorder.record(self)
                self._seen[index] = self.time

    def _stored(self) -> float:
        # what rounding has added to the depths is taken back in the next step, so it is not there
        water = self._state.depth.sum(dtype=np.float64) - self._state.lost.sum(dtype=np.float64)
        return float(water) * self._cell_size**2

    def _vertical(self, fall: Rate, loss: Rate) -> None:
        """Add the rain and take the infiltration that wait."""
        state = self._state
        rained, taken = self.surface.take(state, fall, loss, self._cell_size**2, self.threads)
        self._volumes["rain"] += rained
        self._volumes["infiltration"] += taken


def check_numbers(**numbers: tuple[float, float]) -> None:
    """Raise unless every value, given with the largest that it may be, is above 0 and no larger.

    Raises
    ------
    InputError
        If one is out of range.
    """
    for name, (value, largest) in numbers.items():
        if not 0 < value <= largest:
            raise InputError(
                "The {name} must be above 0 and at most {largest}; found {value}.",
                name=name.replace("_", " "),
                largest=largest,
                value=value,
            )
