"""Pages of JSON, followed within one server and with an end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.features_service.answers import (
    TIMEOUT,
    not_too_deep,
    refused,
    require_size,
    server_of,
    within_server,
)
from dtwin_plugin.sources.stop import stop_if_asked
from dtwin_plugin.sources.transport import Response, Transport, full_url

from .builder import Builder
from .documents import documents

MOST_PAGES = 1000
_NEXT = re.compile(r'<([^<>]{1,2000})>\s*;[^<]{0,200}?rel="?next"?', re.IGNORECASE)


class Asking:
    """Asks one source, and remembers which pages it has had."""

    def __init__(self, transport: Transport, build: Builder, progress: Progress) -> None:
        self._transport, self.build, self._progress = transport, build, progress

    def one(self, url: str, params: Mapping[str, str] | None = None) -> Any:
        """Return the JSON of an answer; raises UnavailableError where it is refused, FormatError where it is none."""
        return self._json(self.answer(url, params), url)

    def answer(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return an answer that is right (status 200); raises UnavailableError, Cancelled."""
        stop_if_asked(self._progress)
        given = {"headers": dict(headers)} if headers else {}
        response = self._transport.get(url, params, timeout=TIMEOUT, **given)
        if response.status != 200:
            raise refused(response, url)
        require_size(response, url)
        return response

    def pages(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[Any]:
        """Yield the pages of a question by the links to the next, in the answer or in its header `Link`.

        Raises
        ------
        FormatError
            If a link leads to another server, comes back to a page that was read, or there is no end to them.
        """
        seen: set[str] = set()
        following: str | None = full_url(url, params)
        while following:
            if following in seen or len(seen) >= MOST_PAGES:
                raise FormatError(
                    "{server} gives pages without an end; {count} were read.",
                    hint="Choose a smaller area or a shorter time.",
                    server=server_of(url),
                    count=len(seen),
                )
            seen.add(following)
            response = self.answer(following, None, headers)
            page = self._json(response, following)
            yield page
            link = next_of(page, response)
            following = within_server(following, link) if link else None

    def _json(self, response: Response, url: str) -> Any:
        with not_too_deep(url):
            return documents(response.body, self.build)[0]


def next_of(page: Any, response: Response) -> str | None:
    """Return the address of the next page as SensorThings, OGC APIs and RFC 8288 tell it.

    >>> (
    ...     next_of({"@iot.nextLink": "b?$skip=1"}, Response(200, b"")),
    ...     next_of([], Response(200, b"", {"link": '<c>;rel="next"'})),
    ... )
    ('b?$skip=1', 'c')
    """
    if isinstance(page, dict):
        for key in ("@iot.nextLink", "@nextLink"):
            if isinstance(page.get(key), str):
                return page[key]
        links = page.get("links")
        for link in links if isinstance(links, list) else ():
            if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
                return link["href"]
    found = _NEXT.search(response.headers.get("link", ""))
    return found[1] if found else None
