"""A run through time: from stop to stop, with what exchanges water with the surface on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Union

import numpy as np

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.progress import Progress

from .saved_state import check_end
from .solvers.flow import FlowSolver, Sources

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN_MEMORY = 500_000_000  # bytes of maps; more are kept on the disk
PIECE = 60.0  # s, longest model time between two reports of progress; no share of the run, so that one can be cut

RateOrRates = Union[float, "NDArray[np.float64]"]


class Rain(Protocol):
    """Rain through time."""

    @property
    def times(self) -> tuple[float, ...]:
        """Times at which the rate changes [s]; the last ends the rain."""

    def rate(self, time: float) -> RateOrRates:
        """Return the rain [m s-1] from `time` [s] to the next change: one, or shape (rows, cols)."""


class Exchange(Protocol):
    """What brings water to the surface and takes it: a sewer, pumps, culverts, a boundary."""

    interval: float  # s, longest time for which its discharges hold

    def sources(self, solver: FlowSolver, seconds: float) -> Sources:
        """Return the discharges for the coming seconds, from the water as it is now."""

    def settle(self, solver: FlowSolver, given: NDArray[np.float64]) -> None:
        """Take note of what each of these sources really brought [m3]; negative for what it took."""


@dataclass(frozen=True)
class Maps:
    """Depths through time: `depths[k]` [m], shape (rows, cols), at `seconds[k]` from the start.

    Series of more than `IN_MEMORY` bytes lie in a file without a name, which is gone when nobody looks at it any more.
    """

    depths: NDArray[np.float32]
    seconds: list[float]

    @classmethod
    def empty(cls, count: int, shape: tuple[int, int]) -> Maps:
        """Return room for `count` maps; without any, none are kept.

        >>> Maps.empty(2, (3, 4)).depths.shape
        (2, 3, 4)
        """
        if 4 * count * shape[0] * shape[1] <= IN_MEMORY:
            return cls(np.empty((count, *shape), np.float32), [])
        with tempfile.TemporaryFile() as file:
            return cls(np.memmap(file, np.float32, "w+", shape=(count, *shape)), [])

    def add(self, depth: NDArray[np.floating], seconds: float) -> None:
        """Keep a map."""
        if len(self.depths):
            self.depths[len(self.seconds)] = depth
        self.seconds.append(seconds)


def simulate(
    solver: FlowSolver,
    rain: Rain,
    infiltration: RateOrRates,
    *,
    after: float,
    interval: float,
    exchanges: Sequence[Exchange] = (),
    keep: bool = True,
    watch: Callable[[FlowSolver], None] | None = None,
    progress: Progress,
) -> Maps:
    """Advance until `after` [s] past the rain, and return the depth every `interval` [s] and at the end.

    `watch` is called at each of these moments; without `keep` the depths are not kept.

    Raises
    ------
    Cancelled
        If the user stops the run.
    """
    end = rain.times[-1] + after
    check_end(solver, end)
    maps = {float(t) for t in np.arange(interval, end, interval)} | {end}
    count = sum(stop > solver.time + 1e-6 for stop in maps)
    kept = Maps.empty(count if keep else 0, solver.shape)
    for stop in sorted(maps | {t for t in rain.times if 0 < t < end}):
        if stop <= solver.time + 1e-6:  # a run that goes on from a saved state
            continue
        progress.report(solver.time / end, "until minute {minutes:.0f}", minutes=stop / 60)
        rate = rain.rate(solver.time)
        for seconds in _pieces(solver, stop, min([PIECE, *(exchange.interval for exchange in exchanges)])):
            _advance(solver, seconds, rate, infiltration, exchanges, progress)
            progress.report(solver.time / end)
        if stop in maps:
            kept.add(solver.depth, stop)
            if watch is not None:
                watch(solver)
    return kept


def _pieces(solver: FlowSolver, stop: float, longest: float) -> Iterator[float]:
    while stop - solver.time > 1e-6:
        yield min(longest, stop - solver.time)


def _advance(
    solver: FlowSolver,
    seconds: float,
    rain: RateOrRates,
    infiltration: RateOrRates,
    exchanges: Sequence[Exchange],
    progress: Progress,
) -> None:
    asked = [exchange.sources(solver, seconds) for exchange in exchanges]
    together = tuple(np.concatenate([np.asarray(part[k]) for part in asked]) for k in range(3)) if asked else None
    solver.advance(seconds, rain, infiltration, together, progress.is_cancelled)
    if progress.is_cancelled():
        raise Cancelled
    first = 0
    for exchange, part in zip(exchanges, asked):
        exchange.settle(solver, solver.given[first : first + len(part[0])])
        first += len(part[0])
