"""What the surface takes from rain and water, in this order: leaves and puddles, the soil, the sewer.

A `Surface` hangs on a solver (`solver.surface`), which lets it take once in some time steps. What it takes has left the
water on the surface: `Volumes.infiltration` is the sum of all of it, `Surface.accounts` says where it went.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable, Protocol

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from ..solvers.rates import ENOUGH, Rate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..solvers.state import State

CELLS_A_STRIP = 20_000  # fewer are not worth another thread
INTERVAL = 5.0  # s, between two looks at a surface with more than a rate: a law of the soil costs as much as time steps
LUMP = 10 * ENOUGH  # m, rain that waits no longer: less than what makes a wave


class SoilLaw(Protocol):
    """How fast the soil of each cell takes water, from what it took before; see `soil_laws`."""

    @property
    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """What the soil remembers, by name; what a saved state keeps."""

    def soak(self, first: int, stop: int, water: tuple[Any, ...], seconds: float, sums: NDArray[np.float64]) -> None:
        """Let rain fall on some rows and the soil take its part; for `water` and `sums` see `vertical_kernels`."""


class Sewer:
    """Sewer districts that take water from the cells that are connected to them.

    Parameters
    ----------
    rate : float or array_like
        What the inlets of each cell take at most [m s-1], one or shape (rows, cols); NaN counts as 0. The capacity of
        the sewer times the share of the cell that is connected to it.
    district : array_like of int, optional
        Shape (rows, cols): 0 = no sewer, k = district k, 1 to the number of districts; default 1 everywhere.
    storage : float or array_like
        What districts 1 to n hold at most [m3], one or shape (districts,); inf = no limit.
    pump : float or array_like
        What is pumped out of districts 1 to n [m3 s-1], to the treatment plant and so out of the area.

    Attributes
    ----------
    stored, pumped, taken : ndarray
        Shape (districts,): what the districts hold now, and what was pumped out of them and taken from the surface
        since the start [m3]: taken = stored + pumped.

    Raises
    ------
    InputError
        If a number is below 0 or a shape differs.
    """

    def __init__(
        self, rate: ArrayLike, district: ArrayLike | None = None, storage: ArrayLike = np.inf, pump: ArrayLike = 0.0
    ) -> None:
        self.rate = np.nan_to_num(np.asarray(rate, float), nan=0.0)
        self.district = None if district is None else np.asarray(district, np.int32)
        count = 1 if self.district is None else int(self.district.max(initial=0))
        count = max(count, np.size(storage), np.size(pump))
        self.storage = np.array(np.broadcast_to(np.asarray(storage, float), (count,)))
        self.pump = np.array(np.broadcast_to(np.asarray(pump, float), (count,)))
        lowest = np.min([np.min(values, initial=0.0) for values in (self.rate, self.storage, self.pump)])
        if not lowest >= 0 or (self.district is not None and self.district.min(initial=0) < 0):
            raise InputError(
                "The rate, storage, pump and number of a sewer district must be 0 or more; found {lowest}.",
                lowest=float(lowest),
            )
        self.stored, self.pumped, self.taken = np.zeros(count), np.zeros(count), np.zeros(count)

    def room(self, seconds: float) -> NDArray[np.float64]:
        """Return what each district can take in the coming seconds [m3]: what is empty and what is pumped out.

        >>> Sewer(1e-5, storage=20.0, pump=0.5).room(10.0).tolist()
        [25.0]
        """
        return self.storage - self.stored + self.pump * seconds

    def book(self, taken: NDArray[np.float64], seconds: float) -> None:
        """Take note of what each district took in the last seconds [m3], and pump."""
        out = np.minimum(self.stored + taken, self.pump * seconds)
        self.taken += taken
        self.pumped += out
        self.stored = np.maximum(self.stored + taken - out, 0.0)


class Surface:
    """What the surface of each cell takes.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    interception : float or array_like, optional
        What leaves and puddles hold of the rain before any of it flows or soaks [m]; NaN counts as 0. Water that comes
        from elsewhere fills it no more: it has lost its share where it fell.
    law : SoilLaw, optional
        How the soil slows down; without it the soil takes the rate that `FlowSolver.advance` is given.
    sewer : Sewer, optional
    interval : float
        Longest time between two looks [s].

    Attributes
    ----------
    accounts : dict of str to float
        What left the surface since the start [m3]: "interception", "soil" and "sewer".

    Raises
    ------
    InputError
        If a number is below 0 or a shape differs.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        interception: ArrayLike | None = None,
        law: SoilLaw | None = None,
        sewer: Sewer | None = None,
        interval: float = INTERVAL,
    ) -> None:
        self.shape = shape
        self.law = law
        self.sewer: Sewer | None = None
        self.interval = float(interval)
        self.accounts = {"interception": 0.0, "soil": 0.0, "sewer": 0.0}
        self._interception = None if interception is None else _cells(interception, shape, mark("The interception"))
        if sewer is not None:
            self.connect(sewer)

    def connect(self, sewer: Sewer) -> None:
        """Let a sewer take its part, from now on, in place of one that did."""
        self.sewer = sewer
        self._rate = _cells(sewer.rate, self.shape, mark("The rate of the sewer")).astype(np.float32)
        district = np.int32(1) if sewer.district is None else sewer.district
        self._district = _cells(district, self.shape, mark("The district")).astype(np.int32)

    @property
    def plain(self) -> bool:
        """Whether there is nothing but a rate."""
        return self._interception is None and self.law is None and self.sewer is None

    @property
    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """What the surface remembers, by name, to be written over in place; what a saved state keeps."""
        found = {} if self._interception is None else {"interception": self._interception}
        found.update({} if self.law is None else self.law.arrays)
        if self.sewer is not None:
            names = ("stored", "pumped", "taken")
            found.update({f"sewer_{name}": getattr(self.sewer, name) for name in names})
        return found

    @property
    def caught(self) -> NDArray[np.float64]:
        """What leaves and puddles can still hold [m], shape (rows, cols)."""
        return np.zeros(self.shape) if self._interception is None else self._interception[1:-1, 1:-1]

    def due(self, fall: Rate, loss: Rate) -> bool:
        """Return whether enough rain, infiltration or time waits to be worth a pass over all cells."""
        pending = max(fall.pending, loss.pending)
        if self.plain:
            return pending >= ENOUGH
        return pending >= LUMP or fall.seconds >= self.interval

    def take(self, state: State, fall: Rate, loss: Rate, cell_area: float, threads: int = 1) -> tuple[float, float]:
        """Let the rain that waits fall, and take what the surface can; return the volumes of both [m3].

        The result is the same, to the last bit, for any number of threads.
        """
        from .vertical_kernels import vertical

        seconds = fall.seconds
        if seconds <= 0 or (self.plain and max(fall.pending, loss.pending) <= 0):
            return 0.0, 0.0
        sums = np.zeros((state.shape[0] + 2, 3))
        if self._interception is None and self.law is None:
            vertical(state.depth, state.lost, state.bed[0], fall.take(), loss.take(), state.room, sums)
        else:
            self._soak(state, fall, loss, sums, threads)
        rained, soil, caught = (float(total) for total in sums.sum(axis=0) * cell_area)
        drained = 0.0 if self.sewer is None else self._drain(state, seconds, cell_area, threads)
        for name, volume in (("interception", caught), ("soil", soil), ("sewer", drained)):
            self.accounts[name] += volume
        return rained, caught + soil + drained

    def _soak(self, state: State, fall: Rate, loss: Rate, sums: NDArray[np.float64], threads: int) -> None:
        from .vertical_kernels import soak

        seconds = fall.seconds
        caught = np.zeros((0, 0)) if self._interception is None else self._interception
        water = (state.depth, state.lost, state.bed[0], fall.take(), state.room, caught)
        if self.law is None:
            _in_strips(threads, state, soak, water, loss.take(), sums)
        else:
            _in_strips(threads, state, self.law.soak, water, seconds, sums)

    def _drain(self, state: State, seconds: float, cell_area: float, threads: int) -> float:
        """Let the sewer take its part, shared in a district where it asks more than there is room for [m3]."""
        from .vertical_kernels import asked, drained

        assert self.sewer is not None
        rows, districts = state.shape[0] + 2, len(self.sewer.storage)
        wanted, taken = np.zeros((rows, districts + 1)), np.zeros((rows, districts + 1))
        _in_strips(threads, state, asked, state.depth, self._rate, self._district, seconds, wanted)
        volumes = wanted.sum(axis=0) * cell_area
        share = np.zeros(districts + 1)
        room = self.sewer.room(seconds)
        share[1:] = np.clip(np.divide(room, volumes[1:], out=np.ones(districts), where=volumes[1:] > 0), 0.0, 1.0)
        water = (state.depth, state.lost)
        _in_strips(threads, state, drained, water, self._rate, self._district, seconds, share, taken)
        by_district = taken.sum(axis=0)[1:] * cell_area
        self.sewer.book(by_district, seconds)
        return float(by_district.sum())


def _in_strips(threads: int, state: State, kernel: Callable[..., None], *given: Any) -> None:
    """Call a kernel for strips of rows at once: compiled code lets other threads run."""
    rows, columns = state.shape
    count = max(1, min(threads, rows * columns // CELLS_A_STRIP))
    if count == 1:
        kernel(1, rows + 1, *given)
        return
    edges = [1 + number * rows // count for number in range(count + 1)]
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda first, stop: kernel(first, stop, *given), edges[:-1], edges[1:]))


def _cells(values: ArrayLike, shape: tuple[int, int], name: str) -> NDArray[Any]:
    """Return a value for each cell and 0 for the ring around them, shape (rows + 2, cols + 2)."""
    cells = np.nan_to_num(np.asarray(values), nan=0.0)
    if cells.ndim and cells.shape != shape:
        raise InputError(
            "{name} must be a number or have the shape {shape} of the terrain; found {found}.",
            name=name,
            shape=shape,
            found=cells.shape,
        )
    if not (np.isfinite(cells).all() and (cells >= 0).all()):
        raise InputError("{name} must be 0 or more; found {lowest}.", name=name, lowest=float(cells.min()))
    return np.ascontiguousarray(np.pad(np.broadcast_to(cells, shape), 1))
