"""Ask again when a server is busy or falls silent, and stop waiting when the user does."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Callable

from dtwin_plugin.errors import Cancelled, OfflineError, UnavailableError
from dtwin_plugin.progress import Progress

from .transport import CancellableTransport, Response, Transport, posting

_AGAIN = (408, 425, 429, 500, 502, 503, 504)  # a later answer to the same question may be another (RFC 9110, 15.5-15.6)
_LOOK = 0.2  # s between looks at whether the user wants to stop


@dataclass(frozen=True)
class Retrying:
    """A transport that asks again, waiting longer each time (exponential back-off with full jitter).

    Attributes
    ----------
    attempts : int
        Questions asked at most.
    base, longest : float
        Longest wait after the first attempt, and after any [s]. A server's Retry-After is honoured up to 120 s; a
        longer one ends it.
    sleep : callable
        What waits; tests put their own.
    progress : Progress or None
        Asked whether the user wants to stop, while waiting for the clock or for the server.
    """

    transport: Transport
    attempts: int = 5
    base: float = 1.0
    longest: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    progress: Progress | None = None
    _patience: float = field(default=120.0, repr=False)

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the first answer that is no fault of the server, or the last one.

        Raises
        ------
        UnavailableError
            If no answer came at the last attempt, or the server is still busy.
        Cancelled
            If the user stops it.
        """
        return self._again(lambda: self._ask(url, params, timeout, headers))

    def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str = "application/json",
        timeout: float = 60.0,
        cancelled: Callable[[], bool] = lambda: False,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer to a question that is sent and changes nothing; raises as `get`."""
        inner = posting(self.transport)
        more: dict[str, Any] = {"headers": headers} if headers else {}

        def stops() -> bool:
            return cancelled() or (self.progress is not None and self.progress.is_cancelled())

        def ask() -> Response:
            return inner.post(url, body, content_type=content_type, timeout=timeout, cancelled=stops, **more)

        breaks_off = isinstance(self.transport, CancellableTransport)
        return self._again(ask if breaks_off else lambda: self._apart(ask))

    def _again(self, ask: Callable[[], Response]) -> Response:
        """Return the first answer that is no fault of the server, or the last one."""
        for attempt in range(1, self.attempts + 1):
            fault: UnavailableError | None = None
            wait = random.uniform(0, min(self.longest, self.base * 2 ** (attempt - 1)))
            try:
                response = ask()
            except OfflineError:
                raise
            except UnavailableError as error:
                fault = error
            else:
                if response.status not in _AGAIN:
                    return response
                asked = retry_after(response.headers.get("retry-after", ""))
                wait = wait if asked is None else asked
            if attempt == self.attempts or wait > self._patience:
                raise fault or _busy(response, attempt)
            self._wait(wait)
        raise ValueError("attempts must be 1 or more")

    def _ask(
        self, url: str, params: Mapping[str, str] | None, timeout: float, headers: Mapping[str, str] | None
    ) -> Response:
        """Ask so that a silent server does not keep the user waiting."""
        more: dict[str, Any] = {"headers": headers} if headers else {}
        if self.progress is None:
            return self.transport.get(url, params, timeout=timeout, **more)
        if isinstance(self.transport, CancellableTransport):
            return self.transport.get_unless(self.progress.is_cancelled, url, params, timeout=timeout, **more)
        return self._apart(lambda: self.transport.get(url, params, timeout=timeout, **more))

    def _apart(self, call: Callable[[], Response]) -> Response:
        """Return an answer that is asked for in a thread of its own, where the user may want to stop."""
        if self.progress is None:
            return call()
        outcome: list[Response | BaseException] = []

        def ask() -> None:
            try:
                outcome.append(call())
            except BaseException as error:  # noqa: BLE001  (raised again in the thread that asked)
                outcome.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_LOOK)
            self._stop_if_asked()
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    def _wait(self, seconds: float) -> None:
        while seconds > 0:
            self._stop_if_asked()
            self.sleep(min(_LOOK, seconds) if self.progress else seconds)
            seconds -= _LOOK if self.progress else seconds
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self.progress and self.progress.is_cancelled():
            raise Cancelled


def retrying(transport: Transport, progress: Progress | None) -> Retrying:
    """Return a transport that asks again and listens to `progress`, keeping the settings of one that already does."""
    if isinstance(transport, Retrying):
        return replace(transport, progress=progress)
    return Retrying(transport, progress=progress)


def retry_after(value: str) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3), None if it says nothing.

    >>> retry_after("3"), retry_after(""), retry_after("Thu, 01 Jan 1970 00:00:00 GMT")
    (3.0, None, 0.0)
    """
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


def _busy(response: Response, attempts: int) -> UnavailableError:
    return UnavailableError(
        "{server} cannot help now (HTTP {status}, after {attempts} attempts).",
        hint="Try again later.",
        server=response.url.split("?")[0] or "The server",
        status=response.status,
        attempts=attempts,
    )
