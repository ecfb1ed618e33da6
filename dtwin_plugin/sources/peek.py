"""A look at what an address gives: the first bytes of the answer, and every redirect on the way there."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Callable, Protocol
from urllib.parse import urlsplit

from dtwin_plugin.errors import UnavailableError

from .requests_transport import safe_target
from .transport import Response

FEW = 1 << 16  # bytes that tell what an answer is
_REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)


class Peeker(Protocol):
    """Carries one GET request, follows no redirect, and breaks off after the first bytes."""

    def hop(
        self, url: str, *, timeout: float, limit: int = FEW, cancelled: Callable[[], bool] = lambda: False
    ) -> Response:
        """Return the answer, whatever its status, with at most `limit` bytes of it.

        Raises
        ------
        UnavailableError
            If none comes within `timeout` [s].
        Cancelled
            If `cancelled` says so.
        """


def peek(
    peeker: Peeker, url: str, *, timeout: float = 20.0, limit: int = FEW, cancelled: Callable[[], bool] = lambda: False
) -> Response:
    """Return the first bytes of what an address gives in the end, and the redirects that led there.

    Raises
    ------
    UnavailableError
        If no answer comes, or it redirects too often, to no web server, or away from a safe connection.
    """
    end = time.monotonic() + timeout
    led: list[tuple[int, str]] = []
    for _ in range(_REDIRECTS + 1):
        answer = peeker.hop(_checked(url), timeout=max(end - time.monotonic(), 0.1), limit=limit, cancelled=cancelled)
        location = answer.headers.get("location", "")
        if answer.status not in _MOVED or not location:
            return replace(answer, url=url, redirects=tuple(led))
        led.append((answer.status, url))
        url = safe_target(url, location)
    raise UnavailableError(
        "{server} redirects more than {count} times.", server=urlsplit(url).netloc or url, count=_REDIRECTS
    )


def silent(url: str, timeout: float) -> UnavailableError:
    """Return the error of a server that says nothing."""
    server = urlsplit(url).netloc
    return UnavailableError("{server} did not answer within {timeout:g} s.", server=server, timeout=timeout)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnavailableError("The address {address} is not one of a web server.", "Use https://.", address=url)
    return url
