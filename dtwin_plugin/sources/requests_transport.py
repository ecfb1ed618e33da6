"""Requests over HTTP with the `requests` package, for use outside QGIS."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urljoin, urlsplit

from dtwin_plugin.errors import FormatError, MissingDependencyError, UnavailableError
from dtwin_plugin.paths import version
from dtwin_plugin.translate import mark

from .transport import Response

if TYPE_CHECKING:
    import requests

_BLOCK = 1 << 16
_REDIRECTS = 5
_CONNECT = 15.0  # s
_AGAIN = mark("Check the address and the network, and try again later.")


def anywhere(address: str) -> bool:
    """Let every redirect be followed."""
    return True


class RequestsTransport:
    """Carries GET requests to http(s) servers only, and brings back whole answers only.

    Parameters
    ----------
    max_bytes : int
        Longer answers are refused, after decompression, before they fill the memory.
    headers : mapping, optional
        Sent with every request to the server first asked, not to one it redirects to elsewhere.
    may_lead : callable
        Tells whether a redirect to an address may be followed.
    """

    def __init__(
        self,
        max_bytes: int = 512 * 2**20,
        headers: Mapping[str, str] | None = None,
        may_lead: Callable[[str], bool] = anywhere,
    ) -> None:
        self.max_bytes, self.headers, self._may_lead = max_bytes, dict(headers or {}), may_lead
        self._session: requests.Session | None = None

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer, whatever its status.

        Raises UnavailableError when no whole answer comes, and FormatError when it is larger than is taken.
        `timeout` [s] is the time that the whole answer may take.
        """
        requests = _requests()
        if self._session is None:
            self._session = requests.Session()
        end = time.monotonic() + timeout
        first, wanted = _origin(url), dict(params or {})
        led: list[tuple[int, str]] = []
        try:
            for _ in range(_REDIRECTS + 1):
                own = self.headers if _origin(url) == first else {}
                with self._session.get(
                    _checked(url),
                    params=wanted,
                    headers={"User-Agent": f"dtwin_plugin/{version()}", **own, **(headers or {})},
                    timeout=(min(_CONNECT, timeout), timeout),
                    stream=True,
                    allow_redirects=False,
                ) as answer:
                    if not answer.is_redirect:
                        named = {name.lower(): value for name, value in answer.headers.items()}
                        return Response(answer.status_code, self._body(answer, end), named, answer.url, tuple(led))
                    led.append((answer.status_code, answer.url))
                    url, wanted = safe_target(answer.url, answer.headers["location"], self._may_lead), {}
        except requests.Timeout as error:
            raise _unavailable("{server} did not answer within {timeout:g} s.", url, timeout=timeout) from error
        except requests.RequestException as error:
            raise _unavailable("No whole answer came from {server}: {reason}.", url, reason=_cause(error)) from error
        raise _unavailable("{server} redirects more than {count} times.", url, count=_REDIRECTS)

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
        """Return the answer, whatever its status; a redirect is not followed, and `cancelled` is not heard on the way.

        Raises as `get`.
        """
        return self._once("POST", url, body, timeout, {**(headers or {}), "Content-Type": content_type})

    def delete(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        cancelled: Callable[[], bool] = lambda: False,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer to a wish to remove something; a redirect is not followed. Raises as `get`."""
        return self._once("DELETE", url, None, timeout, headers or {})

    def _once(self, method: str, url: str, body: bytes | None, timeout: float, headers: Mapping[str, str]) -> Response:
        """Return the answer to one request, whose redirect is not followed."""
        requests = _requests()
        if self._session is None:
            self._session = requests.Session()
        own = {"User-Agent": f"dtwin_plugin/{version()}", **self.headers, **headers}
        try:
            with self._session.request(
                method, _checked(url), data=body, headers=own, timeout=(min(_CONNECT, timeout), timeout), stream=True,
                allow_redirects=False,
            ) as answer:  # fmt: skip
                named = {name.lower(): value for name, value in answer.headers.items()}
                return Response(answer.status_code, self._body(answer, time.monotonic() + timeout), named, answer.url)
        except requests.Timeout as error:
            raise _unavailable("{server} did not answer within {timeout:g} s.", url, timeout=timeout) from error
        except requests.RequestException as error:
            raise _unavailable("No whole answer came from {server}: {reason}.", url, reason=_cause(error)) from error

    def _body(self, answer: Any, end: float) -> bytes:
        """Read the answer; a body shorter than announced, too long or too slow is refused."""
        pieces, size, expected = [], 0, answer.headers.get("content-length", "")
        self._require_small(int(expected) if expected.isdigit() else 0, answer.url)
        for piece in answer.iter_content(_BLOCK):
            size += len(piece)
            self._require_small(size, answer.url)
            if time.monotonic() > end:
                raise _unavailable("The answer of {server} comes too slowly.", answer.url)
            pieces.append(piece)
        found = answer.raw.tell()  # as what was announced, before decompression
        if expected.isdigit() and found < int(expected):
            message = "The answer of {server} ends after {found} of {expected} bytes."
            raise _unavailable(message, answer.url, found=found, expected=expected)
        return b"".join(pieces)

    def _require_small(self, size: int, url: str) -> None:
        """Refuse an answer that is too large; it would be so again, so that it is no `UnavailableError`."""
        if size > self.max_bytes:
            raise FormatError(
                "The answer of {server} is larger than {limit} MB.",
                hint="Ask for a smaller area.",
                server=_host(url),
                limit=self.max_bytes // 2**20,
            )


def safe_target(url: str, location: str, may_lead: Callable[[str], bool] = anywhere) -> str:
    """Return where a redirect leads.

    Raises
    ------
    UnavailableError
        If it leaves a safe connection.
    FormatError
        If it may not lead there.
    """
    target = urljoin(url, location)
    if not may_lead(target):
        raise FormatError(
            "{server} sends on to {address}, which is refused.",
            hint="Allow the host with the server if you trust it.",
            server=_host(url),
            address=target[:300],
        )
    if url.startswith("https://") and target.startswith("http://"):
        message = "{server} sends on to {address}, over a connection that is not safe."
        raise _unavailable(message, url, "Check the address.", address=target)
    return target


def _requests() -> Any:
    try:
        import requests
    except ImportError:
        raise MissingDependencyError("requests", "reach services outside QGIS") from None
    return requests


def _checked(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise _unavailable("The address {address} is not one of a web server.", url, "Use https://.", address=url)
    return url


def _origin(url: str) -> tuple[str, str]:
    return urlsplit(url).scheme, urlsplit(url).netloc


def _cause(error: BaseException) -> str:
    """Return the innermost reason, in one line: requests wraps it up to four times."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    return _cause(reason) if isinstance(reason, BaseException) else str(error).split("\n")[0].rstrip(".")


def _unavailable(message: str, url: str, hint: str = _AGAIN, **values: Any) -> UnavailableError:
    return UnavailableError(message, hint, server=_host(url), **values)


def _host(url: str) -> str:
    return urlsplit(url).netloc or url
