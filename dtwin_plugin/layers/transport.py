"""Requests through QGIS's own network access manager: its proxy, authentication and TLS settings."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Callable
from urllib.parse import urlsplit

from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkRequest

from dtwin_plugin.errors import Cancelled, FormatError, UnavailableError
from dtwin_plugin.sources.requests_transport import anywhere, safe_target
from dtwin_plugin.sources.transport import Response, full_url

from .asking import Came, Sofar, ask

_MAXIMUM = 512 << 20  # bytes in one answer
_REDIRECTS = 5
# statuses that send on, for what is posted and for what is asked: only some keep what was sent (RFC 9110, 15.4)
_MOVED = ((307, 308), (301, 302, 303, 307, 308))


class QgisTransport:
    """A `Transport` for use inside QGIS, from any thread.

    Parameters
    ----------
    authentication : str
        Id of a configuration in QGIS's authentication database; empty for none. Another server that a
        redirect leads to does not get it.
    maximum : int
        Bytes in one answer; a longer one is broken off while it comes.
    may_lead : callable
        Tells whether a redirect to an address may be followed.
    """

    def __init__(
        self, authentication: str = "", maximum: int = _MAXIMUM, may_lead: Callable[[str], bool] = anywhere
    ) -> None:
        self._authentication, self._maximum, self._may_lead = authentication, maximum, may_lead

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer of a GET request, whatever its status; raises UnavailableError without one."""
        return self.get_unless(lambda: False, url, params, timeout=timeout, headers=headers)

    def get_unless(
        self,
        cancelled: Callable[[], bool],
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer, and break off when `cancelled` says so; raises Cancelled, UnavailableError."""
        return self._answer(full_url(url, params), dict(headers or {}), cancelled, timeout, None)

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
        """Return the answer to a question that is sent; raises as `get_unless`."""
        return self._answer(url, {**(headers or {}), "Content-Type": content_type}, cancelled, timeout, body)

    def delete(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        cancelled: Callable[[], bool] = lambda: False,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer to a wish to remove something; a redirect is not followed. Raises as `get_unless`."""
        return self._answer(url, dict(headers or {}), cancelled, timeout, None, delete=True)

    def _answer(
        self,
        asked: str,
        given: dict[str, str],
        cancelled: Callable[[], bool],
        timeout: float,
        body: bytes | None,
        delete: bool = False,
    ) -> Response:
        end, authentication = time.monotonic() + timeout, self._authentication
        led: list[tuple[int, str]] = []
        for _ in range(_REDIRECTS + 1):
            came = self._came(_request(asked, given), body, authentication, cancelled, end, timeout, delete)
            moved = not delete and came.status in _MOVED[body is None]
            target = came.headers.get("location", "") if moved else ""
            if not target:
                return _unpacked(_response(came, asked, "Range" in given, tuple(led)), self._maximum)
            led.append((came.status or 0, asked))
            asked, left = safe_target(asked, target, self._may_lead), asked
            if asked == left:
                raise UnavailableError(
                    "{server} sends on to the very address that was asked.",
                    hint="Check the address, and try again later.",
                    server=urlsplit(asked).hostname or asked,
                )
            if urlsplit(asked).netloc != urlsplit(left).netloc:
                given = {name: value for name, value in given.items() if name in ("Range", "Content-Type")}
                authentication = ""
        raise UnavailableError(
            "{server} redirects more than {count} times.",
            hint="Check the address and the network, and try again later.",
            server=urlsplit(asked).hostname or asked,
            count=_REDIRECTS,
        )

    def _came(
        self,
        request: QNetworkRequest,
        body: bytes | None,
        authentication: str,
        cancelled: Callable[[], bool],
        end: float,
        timeout: float,
        delete: bool,
    ) -> Came:
        """Return what came until `end`; raises Cancelled, UnavailableError after it, FormatError of too much."""
        part = request.hasRawHeader(b"Range")

        def enough(sofar: Sofar) -> bool:
            whole = part and sofar.status == 200  # all comes instead of a part: who asked tells
            return whole or sofar.size > self._maximum or cancelled() or time.monotonic() > end

        came, host = ask(request, body, enough, authentication, delete), request.url().host()
        if not came.broken or (part and came.status == 200):
            return came
        if came.size > self._maximum:
            raise FormatError("{host} sent more than {limit} bytes.", host=host, limit=self._maximum)
        if cancelled():
            raise Cancelled
        raise UnavailableError(
            "{server} did not answer within {timeout:g} s.",
            hint="Check the connection, or try again later.",
            server=host,
            timeout=timeout,
        )


def _request(url: str, headers: Mapping[str, str]) -> QNetworkRequest:
    """Return a request; raises UnavailableError for what is no address of a web server."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UnavailableError("The address {address} is not one of a web server.", hint="Use https://.", address=url)
    request = QNetworkRequest(QUrl(url))
    request.setRawHeader(b"Accept-Encoding", b"gzip")  # Qt would unpack it itself, and without a limit
    for name, value in headers.items():
        request.setRawHeader(name.encode("latin-1"), value.encode("latin-1"))
    return request


def _response(came: Came, url: str, part: bool, led: tuple[tuple[int, str], ...]) -> Response:
    """Return an answer, whatever its status; raises UnavailableError where it is not whole."""
    # Though it was forgotten, QGIS may have asked and kept it meanwhile.
    failed = came.replaced or (came.fault and (came.status is None or came.status < 400))
    if came.broken and part and came.status == 200:
        return Response(200, came.body, came.headers, url, led)
    if failed or came.status is None or _short(came.body, came.headers):
        raise UnavailableError(
            "{host} gave no whole answer: {reason}.",
            hint="Check the connection, or try again later.",
            host=urlsplit(url).hostname or url,
            reason=came.fault or "the answer was cut off",
        )
    return Response(came.status, came.body, came.headers, url, led)


def _of_size(response: Response, maximum: int) -> Response:
    """Return an answer; raises FormatError where it is too much."""
    if len(response.body) > maximum:
        raise FormatError("{host} sent more than {limit} bytes.", host=QUrl(response.url).host(), limit=maximum)
    return response


def _unpacked(response: Response, maximum: int) -> Response:
    """Return an answer whose body is no longer packed; raises FormatError where it is too much or damaged."""
    if response.headers.get("content-encoding", "").lower() not in ("gzip", "x-gzip"):
        return response
    host = QUrl(response.url).host()
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(response.body, maximum + 1)
    except zlib.error as error:
        raise FormatError("The answer of {host} is damaged.", hint="Try again later.", host=host) from error
    found = _of_size(replace(response, body=body), maximum)
    if not unpacker.eof:
        raise FormatError("The answer of {host} is damaged.", hint="Try again later.", host=host)
    return found


def _short(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether fewer bytes came than were announced; a compressed answer counts its packed bytes."""
    announced = headers.get("content-length", "")
    return announced.isdigit() and "content-encoding" not in headers and len(body) < int(announced)
