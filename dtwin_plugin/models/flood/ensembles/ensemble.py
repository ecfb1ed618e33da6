"""Many runs at once: members mapped over an executor, of which one may fail, and what they say together.

An executor is that of `concurrent.futures`: threads of this process, or a Dask cluster's. Members in threads calculate
with one thread each, as kernels of many threads hold a lock for the whole process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from dtwin_plugin.errors import Cancelled, DtwinError
from dtwin_plugin.progress import Progress

LOOK = 0.2  # s, between two looks at the members: how soon a user who stops is heard


@dataclass(frozen=True)
class Member:
    """One run.

    Attributes
    ----------
    name : str
        What its row in the table of figures and its failure are called.
    values : object
        What `work` gets.
    """

    name: str
    values: Any


@dataclass(frozen=True)
class Outcome:
    """What became of a member: its result, or why it has none."""

    member: Member
    result: Any = None
    failure: str = ""


class Watched:
    """Progress of one member: heard by the thread that waits for all, which alone speaks to the user."""

    def __init__(self, stop: threading.Event) -> None:
        self.fraction = 0.0
        self.warnings: list[tuple[str, dict[str, Any]]] = []
        self._stop = stop

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Note how far the member is."""
        self.fraction = fraction

    def warn(self, message: str, **values: Any) -> None:
        """Note a warning."""
        self.warnings.append((message, values))

    def is_cancelled(self) -> bool:
        """Tell whether all must stop."""
        return self._stop.is_set()


def outcomes(
    members: Sequence[Member],
    work: Callable[[Any, Progress | None], Any],
    executor: Executor,
    progress: Progress,
    *,
    here: bool = True,
) -> list[Outcome]:
    """Run all members and return what became of each, in their order.

    Parameters
    ----------
    work : callable
        `work(values, progress)` returns the result of one member; a function of a module, as it may go to another
        machine. Its progress is None there.
    here : bool
        Whether the executor runs in this process.

    Raises
    ------
    Cancelled
        If the user stops the work; members that run here hear of it.

    Examples
    --------
    >>> from dtwin_plugin.models.executors import executor_of
    >>> from dtwin_plugin.progress import Silent
    >>> def work(values, progress):
    ...     return 6 // values
    >>> with executor_of(2) as (executor, _):
    ...     found = outcomes([Member("a", 2), Member("b", 0)], work, executor, Silent())
    >>> [(one.member.name, one.result, one.failure) for one in found]
    [('a', 3, ''), ('b', None, 'ZeroDivisionError: integer division or modulo by zero')]
    """
    stop = threading.Event()
    watched = [Watched(stop) for _ in members]
    futures: list[Future[Any]] = []
    try:
        for member, watch in zip(members, watched):
            futures.append(executor.submit(work, member.values, watch if here else None))
        waiting = set(futures)
        while waiting:
            if progress.is_cancelled():
                raise Cancelled
            done = len(futures) - len(waiting)
            partly = sum(watch.fraction for watch, future in zip(watched, futures) if future in waiting)
            progress.report(
                (done + partly) / len(members), "{done} of {count} runs are done", done=done, count=len(members)
            )
            _, waiting = wait(waiting, LOOK, FIRST_COMPLETED)
    except BaseException:
        stop.set()
        for future in futures:
            future.cancel()
        raise
    for member, watch in zip(members, watched):
        for message, values in watch.warnings:
            progress.warn("{member}: {text}", member=member.name, text=message.format(**values) if values else message)
    return [_outcome(member, future) for member, future in zip(members, futures)]


def _outcome(member: Member, future: Future[Any]) -> Outcome:
    error = future.exception()
    if error is None:
        return Outcome(member, future.result())
    return Outcome(member, None, str(error) if isinstance(error, DtwinError) else f"{type(error).__name__}: {error}")


def weights(periods: Sequence[float]) -> list[float]:
    """Return for how many events a year each event stands [1/year], from its return period [years].

    An event stands for all whose frequency is nearer to its own, in ratio, than to that of the next: the limit between
    two is the geometric mean of their frequencies. The rarest stands for all that is rarer, the most frequent for
    nothing that is more frequent than itself, so that the sum is its frequency. Events of the same period share.

    >>> [round(weight, 4) for weight in weights([10, 100, 1000])]
    [0.0684, 0.0285, 0.0032]
    >>> [round(weight, 4) for weight in weights([100, 10, 100])]
    [0.0158, 0.0684, 0.0158]
    """
    levels = sorted({1.0 / period for period in periods}, reverse=True)
    limits = [levels[0], *(float(np.sqrt(a * b)) for a, b in zip(levels, levels[1:])), 0.0]
    of_level = {level: limits[k] - limits[k + 1] for k, level in enumerate(levels)}
    counts = {level: sum(1.0 / period == level for period in periods) for level in levels}
    return [of_level[1.0 / period] / counts[1.0 / period] for period in periods]
