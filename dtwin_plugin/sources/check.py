"""Many sources of the catalogue tested at once, without a crowd at one server."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable
from typing import Callable
from urllib.parse import urlsplit

from dtwin_plugin.catalogue import Entry
from dtwin_plugin.errors import Cancelled, UnavailableError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import mark

from .peek import Peeker
from .probe import Finding, probe

_LOOK = 0.2  # s between looks at whether the user wants to stop
_LEAVE = 0.5  # s for threads to end
_AT_ONE_SERVER = 2
_GRACE = 10.0  # s after the time for all its requests, before a test is given up
_SILENT_SERVERS = 3  # so many servers silent and none that answers: it is this computer


def check_sources(
    entries: Iterable[Entry],
    peeker: Peeker,
    progress: Progress | None = None,
    *,
    timeout: float = 20.0,
    slow: float = 5.0,
    workers: int = 8,
    tick: Callable[[], None] = lambda: None,
) -> list[Finding]:
    """Return what each source is like now, in the order given.

    Parameters
    ----------
    timeout : float
        For an answer [s].
    slow : float
        An answer that takes longer [s] is a slow one.
    workers : int
        Sources tested at once; at most two of them at one server.
    tick : callable
        Called while waiting, in the thread of the caller.

    Raises
    ------
    UnavailableError
        If no server answers at all.
    Cancelled
        If the user stops it.
    """
    run = _Run(list(entries), peeker, progress or Silent(), timeout, slow)
    try:
        return run.finish(min(workers, len(run.entries)), tick)
    finally:
        run.stop()


class _Run:
    """One test of a list; its threads end by themselves, also those that hang in a request."""

    def __init__(self, entries: list[Entry], peeker: Peeker, progress: Progress, timeout: float, slow: float) -> None:
        self.entries, self.progress, self.stopped = entries, progress, threading.Event()
        self._peeker, self._timeout, self._slow = peeker, timeout, slow
        self._waiting: queue.Queue[int] = queue.Queue()
        self._begun: dict[int, float] = {}
        self._results: queue.Queue[tuple[int, Finding | BaseException]] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._doors = {_server(entry): threading.Semaphore(_AT_ONE_SERVER) for entry in entries}

    def finish(self, workers: int, tick: Callable[[], None]) -> list[Finding]:
        """Test all, and return what was found."""
        for number in _mixed(self.entries):
            self._waiting.put(number)
        for _ in range(workers):
            self._start()
        found: dict[int, Finding] = {}
        while len(found) < len(self.entries):
            if self.progress.is_cancelled():
                raise Cancelled
            tick()
            for number, result in self._arrived():
                if isinstance(result, BaseException):
                    raise result
                found.setdefault(number, result)
                self._report(len(found))
            found.update(self._overdue(found))
            self._expect_network(found)
        return [found[number] for number in range(len(self.entries))]

    def stop(self) -> None:
        """End all threads, and wait a moment for those that can: a network that is torn down under them may crash."""
        self.stopped.set()
        end = time.monotonic() + _LEAVE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _report(self, count: int) -> None:
        total = len(self.entries)
        self.progress.report(count / total, "{count} of {total} sources tested", count=count, total=total)

    def _work(self) -> None:
        while not self.stopped.is_set():
            try:
                number = self._waiting.get_nowait()
            except queue.Empty:
                return
            entry = self.entries[number]
            with self._doors[_server(entry)]:
                self._begun[number] = time.monotonic()
                try:
                    result: Finding | BaseException = probe(
                        entry, self._peeker, timeout=self._timeout, slow=self._slow, cancelled=self.stopped.is_set
                    )
                except BaseException as error:  # noqa: BLE001  (raised again by who waits)
                    result = error
            self._results.put((number, result))

    def _arrived(self) -> list[tuple[int, Finding | BaseException]]:
        try:
            arrived = [self._results.get(timeout=_LOOK)]
        except queue.Empty:
            return []
        while not self._results.empty():
            arrived.append(self._results.get())
        return arrived

    def _overdue(self, found: dict[int, Finding]) -> dict[int, Finding]:
        """Return findings for those that should have ended long ago: a network layer that waits for somebody."""
        limit = time.monotonic() - 4 * self._timeout - _GRACE
        late = [number for number, begin in list(self._begun.items()) if number not in found and begin < limit]
        text = mark("The network did not come back.")
        for _ in late:  # the thread hangs: another takes its place
            self._start()
        return {number: Finding(self.entries[number], "slow", text, answered=False) for number in late}

    def _expect_network(self, found: dict[int, Finding]) -> None:
        asked = [finding for finding in found.values() if finding.state != "skipped"]
        silent = {_server(finding.entry) for finding in asked if not finding.answered}
        if len(silent) >= _SILENT_SERVERS and not any(finding.answered for finding in asked):
            raise UnavailableError(
                "None of {count} servers answers; this computer seems to have no connection.",
                hint="Check the network and the proxy settings of QGIS, and try again.",
                count=len(silent),
            )


def _server(entry: Entry) -> str:
    return urlsplit(entry.url or "").netloc.lower()


def _mixed(entries: list[Entry]) -> list[int]:
    """Return the places of the entries, one of each server in turn, so that no server gets a crowd."""
    turns: dict[str, int] = {}
    order = []
    for number, entry in enumerate(entries):
        turn = turns[_server(entry)] = turns.get(_server(entry), 0) + 1
        order.append((turn, number))
    return [number for _, number in sorted(order)]
