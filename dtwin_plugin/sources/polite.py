"""Not too many requests at once to one server, nor too fast after each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable
from urllib.parse import urlsplit

from dtwin_plugin.errors import Cancelled

from .passing import Passed, PassingTransport
from .transport import Response, Transport

_LOOK = 0.1  # s between looks at whether the user wants to stop


class _Host:
    """Who is at a server now, and when the next may come."""

    def __init__(self, places: int) -> None:
        self.free = places
        self.next = 0.0


class PoliteTransport(PassingTransport):
    """A `Transport` that lets a few requests at a time through to each server, for all threads together.

    Parameters
    ----------
    transport : Transport
        Asked in turn. If it can break off a request (`get_unless`), so can this one.
    at_once : int
        Requests under way to one server.
    spacing : float
        Least time between the beginnings of two requests to one server [s].
    clock : callable
        Seconds that only go forward.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        at_once: int = 4,
        spacing: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if at_once < 1:
            raise ValueError("at_once must be 1 or more")
        super().__init__(transport)
        self._at_once, self._spacing, self._clock = at_once, spacing, clock
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()

    def _passed(self, request: Passed) -> Response:
        """Return the answer once it is this request's turn; waiting for it is no part of `timeout`.

        Raises Cancelled when `cancelled` says so, also while waiting.
        """
        with self._turn(request.url, request.cancelled):
            return request.ask(request.headers)

    @contextmanager
    def _turn(self, url: str, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Wait for a place at the server, and leave it afterwards."""
        name = urlsplit(url).netloc.rpartition("@")[2].lower()
        with self._changed:
            host = self._hosts.setdefault(name, _Host(self._at_once))
            while True:
                if cancelled():
                    raise Cancelled
                wait = host.next - self._clock()
                if host.free > 0 and wait <= 0:
                    break
                self._changed.wait(min(_LOOK, wait) if wait > 0 else _LOOK)
            host.free -= 1
            host.next = self._clock() + self._spacing
        try:
            yield
        finally:
            with self._changed:
                host.free += 1
                self._changed.notify_all()
