"""Asking the same address again and again: no answer twice, and none from a cache."""

from __future__ import annotations

import hashlib

from dtwin_plugin.errors import UnavailableError
from dtwin_plugin.translate import mark

from .passing import Passed, PassingTransport
from .retry import retry_after
from .transport import Response, Transport

_BUSY = (408, 425, 429, 500, 502, 503, 504)


class UnchangedError(Exception):
    """The answer is the one that was taken before."""


class BusyError(UnavailableError):
    """A server that cannot help now; `wait` is how long it asks to be left alone [s], None where it does not say."""

    wait: float | None = None


class WatchingTransport(PassingTransport):
    """A `Transport` for one source that is asked again and again; other addresses pass as they are.

    Only an entity tag makes a question conditional. A time of change would too, but servers that write a file again
    each minute are known to leave it as it was, and to say that nothing changed; it is no strong validator anyway
    (RFC 9110, 8.8.2.2). What was taken is remembered by `taken`, once it is read and kept: half a file is asked again.

    Parameters
    ----------
    transport : Transport
        Asked without asking again: who watches comes back by itself.
    address : str
        Of the source; what lies below it is no cache's business either.
    """

    def __init__(self, transport: Transport, address: str) -> None:
        super().__init__(transport)
        self._address = address
        self._tag, self._digest = "", b""
        self._came: tuple[str, bytes] | None = None

    def _passed(self, request: Passed) -> Response:
        """Return an answer; raises UnchangedError, BusyError."""
        if not request.url.startswith(self._address.partition("?")[0]):
            return _whole(request.ask(request.headers))
        given = {**request.headers, "Cache-Control": "no-store"}
        single = request.url == self._address
        if single and self._tag:
            given["If-None-Match"] = self._tag
        response = _whole(request.ask(given))
        if single:
            digest = hashlib.sha256(response.body).digest()
            if response.status == 304 or digest == self._digest:
                raise UnchangedError
            self._came = (response.headers.get("etag", ""), digest)
        return response

    def taken(self) -> None:
        """Remember that the last answer was read and kept."""
        if self._came is not None:
            (self._tag, self._digest), self._came = self._came, None


def _whole(response: Response) -> Response:
    if response.status in _BUSY:
        error = BusyError(
            mark("{server} cannot help now (HTTP {status})."),
            hint=mark("It is asked again by itself."),
            server=response.url.split("?")[0] or "The server",
            status=response.status,
        )
        error.wait = retry_after(response.headers.get("retry-after", ""))
        raise error
    return response
