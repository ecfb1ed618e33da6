"""Pages of features by `next` links: opaque, each once, with an end, and begun again where a link expires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dtwin_plugin.data.crs import normalise
from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.sources.transport import Response, Transport, full_url
from dtwin_plugin.translate import mark

from .answers import asked_twice, not_too_deep, refused, server_of, within_server, wrong_answer

_EXPIRED = (400, 404, 410)
_EMPTY = 20  # pages without a feature, one after another, before it is taken for a loop
RESTARTS = 3  # times that the pages of an area may begin again


class ExpiredError(Exception):
    """The server no longer knows where it was."""


@dataclass(frozen=True)
class Page:
    """Features of one answer.

    Attributes
    ----------
    matched : int or None
        How many there are in all, where the server says so.
    returned : int or None
        How many it says that this answer has.
    crs : str or None
        As the answer states it, normalised.
    """

    features: list[Any]
    matched: int | None = None
    returned: int | None = None
    crs: str | None = None


@dataclass(frozen=True)
class Pages:
    """Reads the pages of one question.

    Attributes
    ----------
    limit : int
        Pages at most.
    """

    transport: Transport
    limit: int = 10_000

    def once(self, url: str, params: Mapping[str, str]) -> Iterator[Page]:
        """Yield the pages, the first by its parameters and the others by the links of the one before.

        Raises
        ------
        ExpiredError
            If a link that the server gave is unknown to it.
        UnavailableError, FormatError
            If it refuses, goes round in circles, or answers otherwise than it should.
        """
        address, asked, number, empty = full_url(url, params), set[str](), 0, 0
        earlier: set[int] = set()
        while address:
            if address in asked or number >= self.limit:
                raise _endless(url, number)
            asked.add(address)
            response, answer = asked_twice(self.transport, address, None)
            if answer is None:
                raise ExpiredError if number and response.status in _EXPIRED else refused(response, url)
            page = _page(answer, response, url)
            number, empty = number + 1, 0 if page.features else empty + 1
            with not_too_deep(url):
                fingerprint = hash(tuple(keys_of(page.features)))
            if fingerprint in earlier or empty > _EMPTY:
                raise _endless(url, number)
            if page.features:
                earlier.add(fingerprint)
            yield page
            address = _next(answer, response.url or address)


def keys_of(features: list[Any]) -> list[Any]:
    """Return what tells features apart: their ids, or for those without one all that they are."""
    return [_key(feature) for feature in features]


def _key(feature: Any) -> Any:
    identity = feature.get("id") if isinstance(feature, dict) else None
    if isinstance(identity, (str, int)) and identity != "":
        return identity
    return hash(("no id", repr(feature)))


def _page(answer: Any, response: Response, url: str) -> Page:
    features = answer.get("features")
    if not isinstance(features, list):
        raise wrong_answer(url, mark("has no list of features"))
    return Page(
        features, _count(answer.get("numberMatched")), _count(answer.get("numberReturned")), _crs(answer, response)
    )


def _crs(answer: Any, response: Response) -> str | None:
    """Return the CRS that the header states, or the answer itself as GeoJSON of 2008 does."""
    header = response.headers.get("content-crs", "").strip().strip("<>")
    if header:
        return normalise(header)
    try:
        return normalise(answer["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _next(answer: Any, base: str) -> str:
    links = answer.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            return within_server(base, link["href"])
    return ""


def _endless(url: str, pages: int) -> FormatError:
    return FormatError(
        "{server} gives pages without an end: after {pages} pages they repeat or go on.",
        hint="Choose a smaller area, or tell the owner of the service.",
        server=server_of(url),
        pages=pages,
    )


def restarted_too_often(url: str) -> UnavailableError:
    """Return the error for a server that keeps forgetting where it was."""
    return UnavailableError(
        "{server} lost its place among the pages {times} times.",
        hint="Choose a smaller area, or try again later.",
        server=server_of(url),
        times=RESTARTS + 1,
    )
