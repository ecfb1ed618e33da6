"""Answers of a server: JSON or a sentence on what it is instead, and addresses within one server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.sources.cityjson.text import garbage_collection_paused
from dtwin_plugin.sources.transport import Response, Transport
from dtwin_plugin.translate import mark

TIMEOUT = 60.0  # s
_LARGEST = 128  # MB of one page; as Python objects it takes ten times that
_LATER = "Try again later; if it stays, check its address in the catalogue."
_PORTS = {"http": 80, "https": 443}


def server_of(url: str) -> str:
    """Return the name of a server, for messages."""
    return urlsplit(url).netloc.rpartition("@")[2] or url


def json_of(response: Response, url: str) -> Any:
    """Return the JSON of an answer.

    Raises
    ------
    FormatError
        If it is none, or not a JSON object.
    """
    require_size(response, url)
    try:
        with garbage_collection_paused(), not_too_deep(url):
            answer = json.loads(response.body)
    except ValueError as error:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and "json" not in kind:
            raise FormatError(
                "An answer of {server} is {found}; expected JSON.", hint=_LATER, server=server_of(url), found=kind[:80]
            ) from error
        raise wrong_answer(url, mark("is not JSON, or ends half-way")) from error
    if not isinstance(answer, dict):
        raise wrong_answer(url, mark("is not a JSON object"))
    return answer


def require_size(response: Response, url: str) -> None:
    """Refuse an answer that would fill the memory."""
    if len(response.body) > _LARGEST << 20:
        raise FormatError(
            "An answer of {server} has {size} MB; a page has at most {limit} MB.",
            hint="Choose a smaller area.",
            server=server_of(url),
            size=len(response.body) >> 20,
            limit=_LARGEST,
        )


@contextmanager
def not_too_deep(url: str) -> Iterator[None]:
    """Refuse an answer that nests deeper than Python goes."""
    try:
        yield
    except RecursionError as error:
        raise wrong_answer(url, mark("nests deeper than any register does")) from error


def asked_twice(transport: Transport, url: str, params: Mapping[str, str] | None) -> tuple[Response, Any]:
    """Return an answer and its JSON; half an answer, which a closed connection can leave, is asked again once."""
    response = transport.get(url, params, timeout=TIMEOUT)
    if response.status != 200:
        return response, None
    try:
        return response, json_of(response, url)
    except FormatError:
        response = transport.get(url, params, timeout=TIMEOUT)
        return response, json_of(response, url) if response.status == 200 else None


def wrong_answer(url: str, what: str) -> FormatError:
    """Return the error for an answer that is not what it should be."""
    return FormatError("An answer of {server} {what}.", hint=_LATER, server=server_of(url), what=what)


def refused(response: Response, url: str) -> UnavailableError:
    """Return the error for a request that the server does not answer, with the reason that it gives."""
    return UnavailableError(
        "{server} refused the request (HTTP {status}): {reason}",
        hint="Check its address in the catalogue.",
        server=server_of(url),
        status=response.status,
        reason=reason_of(response) or mark("no reason given."),
    )


def reason_of(response: Response) -> str:
    """Return what the server says of a refusal, in one line (RFC 9457, and OGC's own form)."""
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        for name in ("detail", "description", "title", "message"):
            if isinstance(answer.get(name), str) and answer[name].strip():
                return one_line(answer[name])
    text = response.body[:2000].decode("utf-8", "replace")
    return one_line(re.sub(r"<[^<>]{0,500}>", " ", text))


def one_line(text: str) -> str:
    """Return a text of somebody else as one short line that ends with a full stop."""
    joined = " ".join("".join(c if c.isprintable() else " " for c in text[:2000]).split())
    return joined[:200].rstrip(". ") + "." if joined else ""


def within_server(base: str, href: str) -> str:
    """Return the whole address of a link, which must stay with its server.

    >>> within_server("https://a.nl/collections/x/items", "items?cursor=1")
    'https://a.nl/collections/x/items?cursor=1'

    Raises
    ------
    FormatError
        If it leads to another server, or from https to http.
    """
    whole = urljoin(base, href)
    here, there = urlsplit(base), urlsplit(whole)
    try:
        same = here.hostname == there.hostname and there.scheme in _PORTS and _port(here) == _port(there)
        upgraded = (here.scheme, there.scheme) == ("http", "https") and here.hostname == there.hostname
    except ValueError:
        same = upgraded = False
    if not (same and here.scheme == there.scheme) and not upgraded:
        raise FormatError(
            "{server} refers to {address} for the rest; a link to another server or to http is not followed.",
            hint="Ask the owner of the service to mend its links.",
            server=server_of(base),
            address=one_line(whole).rstrip("."),
        )
    return whole


def _port(parts: SplitResult) -> int | None:
    return parts.port or _PORTS.get(parts.scheme)
