"""Requests to one server: only where it may lead, of bounded size and time, and with its own words where it refuses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from dtwin_plugin.errors import Cancelled, DtwinError, FormatError, InputError, UnavailableError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.apart import watched
from dtwin_plugin.sources.retry import retry_after
from dtwin_plugin.sources.transport import CancellableTransport, DeletingTransport, Response, Transport, posting

from ..json_text import parsed
from ..media import essence
from .deviations import Deviations

_JSON = "application/json"
_PORTS = {"http": 80, "https": 443}
_BUSY = (429, 502, 503, 504)  # of which a later answer may be another
_LONGEST_WAIT = 30.0  # s that a server may ask to be left alone
_LONGEST = 300  # characters of a server's own sentence


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address; ("", "", 0) where it is none of a web server.

    >>> origin("https://A.nl/x"), origin("file:///etc/passwd"), origin("http://[broken")
    (('https', 'a.nl', 443), ('', '', 0), ('', '', 0))
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return "", "", 0
    return parts.scheme, parts.hostname.lower(), port


@dataclass
class Rules:
    """Where the answers of a server may lead.

    Attributes
    ----------
    base : str
        Address of the server, of its landing page.
    hosts : tuple of str
        Other hosts that results may come from, by name or with a port ("files.a.nl", "files.a.nl:8443").
    """

    base: str
    hosts: tuple[str, ...] = ()

    def is_own(self, url: str) -> bool:
        """Tell whether an address is of the server itself; from http to https on the same host is."""
        mine, theirs = origin(self.base), origin(url)
        upgraded = mine[:1] == ("http",) and theirs[0] == "https" and (mine[2], theirs[2]) == (80, 443)
        return bool(theirs[1]) and (mine == theirs or (upgraded and mine[1] == theirs[1]))

    def allows(self, url: str) -> bool:
        """Tell whether an address may be asked.

        >>> rules = Rules("https://a.nl/api", ("files.b.nl",))
        >>> [
        ...     rules.allows(one)
        ...     for one in ("https://a.nl/jobs/1", "https://files.b.nl/r.tif", "https://c.nl", "file:///x")
        ... ]
        [True, True, False, False]
        """
        scheme, host, port = origin(url)
        known = {name.lower() for name in self.hosts}
        is_safe = scheme == "https" or origin(self.base)[0] == "http"
        return self.is_own(url) or (bool(host) and is_safe and (host in known or f"{host}:{port}" in known))

    def expect(self, url: str) -> str:
        """Return an address that may be asked; raises FormatError for another."""
        if not self.allows(url):
            raise FormatError(
                "{server} leads to {address}, which is refused.",
                hint="Allow the host with the server if you trust it.",
                server=origin(self.base)[1] or self.base,
                address=url[:_LONGEST],
            )
        return url


@dataclass
class Talk:
    """Requests to a server.

    Attributes
    ----------
    transport : Transport
        With what proves who asks; used for the server itself only.
    open_transport : Transport or None
        Without; for other hosts that are allowed. The first where it is None.
    timeout : float
        Of one answer [s].
    longest : float
        Of an execution that is answered with its results [s].
    interval : float
        Between the first two questions about a job [s]; it grows the longer the job takes.
    patience : float
        How long a server that does not answer is asked again [s].
    """

    rules: Rules
    transport: Transport
    open_transport: Transport | None = None
    progress: Progress = field(default_factory=Silent)
    deviations: Deviations = field(default_factory=Deviations)
    timeout: float = 60.0
    longest: float = 1800.0
    patience: float = 20.0
    interval: float = 1.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def server(self) -> str:
        """The server by its host, for messages."""
        return origin(self.rules.base)[1] or self.rules.base

    def url(self, *path: str) -> str:
        """Return an address below the server's landing page."""
        return "/".join([self.rules.base.split("?")[0].rstrip("/"), *(quote(part, safe="") for part in path)])

    def get(self, url: str, accept: str = _JSON, again: bool = True) -> Response:
        """Return a good answer to a question.

        Raises
        ------
        UnavailableError, FormatError, InputError
            If none comes, it leads elsewhere, or the server refuses it.
        Cancelled
            If the user stops it.
        """
        self.rules.expect(url)
        end, wait = time.monotonic() + (self.patience if again else 0.0), 0.5
        while True:
            response: Response | None = None
            try:
                response = self._ask(url, {"Accept": accept})
            except UnavailableError:
                if time.monotonic() > end:
                    raise
            if response is not None:
                if response.status not in _BUSY or time.monotonic() > end:
                    return self.expect_good(self._arrived(response))
                asked = retry_after(response.headers.get("retry-after", ""))
                wait = wait if asked is None else min(asked, _LONGEST_WAIT)
            self.pause(wait)
            wait = min(2 * wait, 8.0)

    def _ask(self, url: str, headers: Mapping[str, str]) -> Response:
        transport = self.transport if self.rules.is_own(url) else self.open_transport or self.transport
        stops = self.progress.is_cancelled
        if isinstance(transport, CancellableTransport):
            return transport.get_unless(stops, url, timeout=self.timeout, headers=headers)
        return watched(lambda _: transport.get(url, timeout=self.timeout, headers=headers), self.progress)

    def _arrived(self, response: Response) -> Response:
        """Return an answer; raises FormatError where a redirect led elsewhere than is allowed."""
        if response.url:
            self.rules.expect(response.url)
        return response

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Return a good answer to a wish, which is sent once: sent again it would be done twice. Raises as `get`."""
        self.rules.expect(url)
        inner, stops = posting(self.transport), self.progress.is_cancelled

        def ask(_: Any = None) -> Response:
            return inner.post(url, body, timeout=self.longest, cancelled=stops, headers=headers)

        is_breaking = isinstance(self.transport, CancellableTransport)
        return self.expect_good(self._arrived(ask() if is_breaking else watched(ask, self.progress)))

    def delete(self, url: str) -> Response:
        """Return the answer to a wish to remove something; it is sent though the user wants to stop."""
        self.rules.expect(url)
        if not isinstance(self.transport, DeletingTransport):
            raise UnavailableError("This way to the network cannot ask a server to stop a job.")
        return self.expect_good(self.transport.delete(url, timeout=15.0, headers={"Accept": _JSON}))

    def json(self, response: Response, what: str) -> Any:
        """Return the document of an answer; raises FormatError where it is no JSON."""
        kind = essence(response.headers.get("content-type", ""))
        document = parsed(response.body, what)
        if kind != _JSON and not kind.endswith("+json"):
            self.deviations.note("OP14", response.url or what, kind or "-")
        return document

    def pause(self, seconds: float) -> None:
        """Wait, and hear that the user wants to stop."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.progress.is_cancelled():
                raise Cancelled
            self.sleep(min(0.2, left))
        if self.progress.is_cancelled():
            raise Cancelled

    def expect_good(self, response: Response) -> Response:
        """Return an answer with a status of 200 to 299; raises what the server says otherwise (RFC 7807)."""
        if 200 <= response.status < 300:
            return response
        raise self.fault(response)

    def fault(self, response: Response) -> DtwinError:
        """Return a refusal as an error with the server's own sentence."""
        sentence = said(response.body)
        if not essence(response.headers.get("content-type", "")).endswith("problem+json"):
            self.deviations.note("OP15", response.url or self.server, response.headers.get("content-type", "-"))
        server, status, reason = self.server, response.status, sentence.rstrip(".") or "no reason is told"
        if status in (401, 403):
            return InputError(
                "{server} answers {status}: {reason}.",
                hint="Choose the right authentication with the server.",
                server=server,
                status=status,
                reason=reason,
            )
        if status in (400, 404, 405, 406, 409, 410, 413, 415, 422):
            return InputError(
                "{server} answers {status}: {reason}.",
                hint="Refresh the server, and check what you gave.",
                server=server,
                status=status,
                reason=reason,
            )
        return UnavailableError(
            "{server} answers {status}: {reason}.",
            hint="Try again later, or tell who keeps the server.",
            server=server,
            status=status,
            reason=reason,
        )


def said(body: bytes) -> str:
    """Return the sentence in the answer of a server that refuses something, "" where there is none.

    Read are "detail" and "title" (RFC 7807), "description" and "message" (servers of before), and short plain text.

    >>> said(b'{"title": "NoSuchProcess", "detail": "There is no process x."}'), said(b"<html>"), said(b"Busy")
    ('There is no process x.', '', 'Busy')
    """
    try:
        found = parsed(body[:100_000], "")
    except FormatError:
        text = body[: 4 * _LONGEST].decode("utf-8", "replace").strip()
        return "" if text.startswith(("<", "{", "[")) or "\n" in text else text[:_LONGEST]
    if isinstance(found, str):
        return found[:_LONGEST]
    if isinstance(found, dict) and isinstance(found.get("outputs"), list) and found["outputs"]:
        found = found["outputs"][0]  # pygeoapi tells a fault as it would a result
    if not isinstance(found, dict):
        return ""
    names = ("detail", "description", "message", "error", "title", "code", "type")
    return next((found[name][:_LONGEST] for name in names if isinstance(found.get(name), str) and found[name]), "")
