"""What transports share that pass each request on to another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from .transport import CancellableTransport, Response, Transport, full_url, posting


@dataclass(frozen=True)
class Passed:
    """A request that is passed on.

    Attributes
    ----------
    ask : callable
        Asks the transport within, with these headers.
    url : str
        Whole address, with its parameters.
    headers : mapping
        Those that were given.
    cancelled : callable
        Whether the user wants to stop.
    """

    ask: Callable[[Mapping[str, str]], Response]
    url: str
    headers: Mapping[str, str]
    cancelled: Callable[[], bool]


def _never() -> bool:
    return False


class PassingTransport:
    """A `Transport` around another; a kind of it says in `_passed` what it does with a request.

    Parameters
    ----------
    transport : Transport
        Asked in turn. If it can break off a request (`get_unless`), so can this one.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        if isinstance(transport, CancellableTransport):
            self.get_unless = self._get_unless

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer, whatever its status; raises UnavailableError where there is none."""

        def ask(wanted: Mapping[str, str]) -> Response:
            return self._transport.get(url, params, timeout=timeout, **_given(wanted))

        return self._passed(Passed(ask, full_url(url, params), headers or {}, _never))

    def _get_unless(
        self,
        cancelled: Callable[[], bool],
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer as `get` does; raises Cancelled when `cancelled` says so."""
        inner: Any = self._transport

        def ask(wanted: Mapping[str, str]) -> Response:
            answer: Response = inner.get_unless(cancelled, url, params, timeout=timeout, **_given(wanted))
            return answer

        return self._passed(Passed(ask, full_url(url, params), headers or {}, cancelled))

    def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str = "application/json",
        timeout: float = 60.0,
        cancelled: Callable[[], bool] = _never,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer to a question that is sent, which no cache may keep; raises as `get`, and Cancelled."""
        inner = posting(self._transport)

        def ask(_: Mapping[str, str]) -> Response:
            options: dict[str, Any] = {"timeout": timeout, "cancelled": cancelled, **_given(headers or {})}
            return inner.post(url, body, content_type=content_type, **options)

        return self._passed(Passed(ask, url, {**(headers or {}), "Cache-Control": "no-store"}, cancelled))

    def _passed(self, request: Passed) -> Response:
        """Return the answer to a request."""
        return request.ask(request.headers)


def _given(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the headers as an argument where there are any: a transport need not know of them."""
    return {"headers": dict(headers)} if headers else {}
