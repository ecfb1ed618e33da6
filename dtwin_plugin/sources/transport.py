"""How sources reach a server: one small protocol, whoever carries the bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Callable, Protocol, runtime_checkable
from urllib.parse import urlencode

from dtwin_plugin.errors import UnavailableError


@dataclass(frozen=True)
class Response:
    """An answer of a server; header names are in lower case.

    `redirects` are the answers that led here, each a status and the address that gave it; empty where whoever carries
    the bytes does not tell.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    redirects: tuple[tuple[int, str], ...] = ()


class Transport(Protocol):
    """Carries one GET request; raises UnavailableError when no whole answer comes."""

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer, whatever its status; `headers` (such as Range) go with this request only."""


@runtime_checkable
class CancellableTransport(Protocol):
    """A transport that can break off a request by itself; others are asked in a thread of their own."""

    def get_unless(
        self,
        cancelled: Callable[[], bool],
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout: float = 60.0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer; raises Cancelled within 0.5 s after `cancelled` says so."""


@runtime_checkable
class PostingTransport(Protocol):
    """A transport that can send a question too long for an address; only for questions that change nothing."""

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
        """Return the answer, whatever its status; raises UnavailableError, or Cancelled when `cancelled` says so."""


@runtime_checkable
class DeletingTransport(Protocol):
    """A transport that can ask a server to remove something."""

    def delete(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        cancelled: Callable[[], bool] = lambda: False,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer, whatever its status; raises UnavailableError, or Cancelled when `cancelled` says so."""


def posting(transport: Transport) -> PostingTransport:
    """Return a transport as one that can post; raises UnavailableError where it cannot."""
    if isinstance(transport, PostingTransport):
        return transport
    raise UnavailableError("This way to the network cannot send a question, only ask for an address.")


def full_url(url: str, params: Mapping[str, str] | None = None) -> str:
    """Return an address with its parameters, as a server gets it.

    >>> full_url("https://a.nl/items", {"bbox": "1,2,3,4", "limit": "10"})
    'https://a.nl/items?bbox=1,2,3,4&limit=10'
    """
    query = urlencode(params or {}, safe=",():/")
    return url + ("&" if "?" in url else "?") + query if query else url
