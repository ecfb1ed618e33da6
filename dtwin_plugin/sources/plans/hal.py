"""Questions to the services of plans: JSON with links (HAL), a key in a header, and pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.features_service.answers import (
    TIMEOUT,
    json_of,
    reason_of,
    refused,
    server_of,
    within_server,
    wrong_answer,
)
from dtwin_plugin.sources.retry import Retrying, retrying
from dtwin_plugin.sources.stop import stop_if_asked
from dtwin_plugin.sources.transport import Response, Transport, full_url
from dtwin_plugin.translate import mark

_NO_KEY = (401, 403)
_PAGES = 500  # of one question


@dataclass(frozen=True)
class Hal:
    """A service.

    Attributes
    ----------
    url : str
        Of the service, without a slash at its end.
    headers : mapping
        That go with each question.
    """

    transport: Transport
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    progress: Progress = field(default_factory=Silent)

    def one(self, path: str, params: Mapping[str, str] | None = None, body: Any = None) -> dict[str, Any] | None:
        """Return an answer, None where there is no such thing (404); a body is sent.

        Raises
        ------
        UnavailableError
            If the service does not answer, wants a key, or refuses.
        FormatError
            If the answer is no JSON object.
        """
        return self._answer(full_url(self.url + path, params), body)

    def items(self, path: str, name: str, params: Mapping[str, str], body: Any = None) -> Iterator[dict[str, Any]]:
        """Yield the things of a name in the answer and in the pages after it; those that are no object are passed over.

        Raises as `pages`.
        """
        for answer in self.pages(path, params, body):
            yield from listed(answer, name, self.url)

    def pages(self, path: str, params: Mapping[str, str], body: Any = None) -> Iterator[dict[str, Any]]:
        """Yield an answer and the pages after it; nothing where there is no such thing (404).

        Raises as `one`; also where pages go on without an end, or lead to another server.
        """
        address, asked = full_url(self.url + path, params), set[str]()
        while address:
            if address in asked or len(asked) >= _PAGES:
                raise FormatError(
                    "{server} gives pages without an end: after {pages} pages they repeat or go on.",
                    hint="Choose a smaller area, or tell the owner of the service.",
                    server=server_of(self.url),
                    pages=len(asked),
                )
            asked.add(address)
            answer = self._answer(address, body)
            if answer is None:
                return
            yield answer
            address = self._next(answer, address)

    def _answer(self, address: str, body: Any) -> dict[str, Any] | None:
        stop_if_asked(self.progress)
        response = self._asked(address, body)
        if response.status in _NO_KEY:
            raise UnavailableError(
                "{server} wants a key that it knows (HTTP {status}): {reason}",
                hint="Ask for a key, which is free; keep it in QGIS's authentication as an API header named X-Api-Key, "
                "and choose that configuration.",
                server=server_of(self.url),
                status=response.status,
                reason=reason_of(response) or mark("no reason given."),
            )
        if response.status == 404:
            return None
        if response.status != 200:
            raise refused(response, self.url)
        try:
            return json_of(response, self.url)  # type: ignore[no-any-return]
        except FormatError:  # half an answer, which a closed connection can leave, is asked again once
            return json_of(self._asked(address, body), self.url)  # type: ignore[no-any-return]

    def _asked(self, address: str, body: Any) -> Response:
        carrier: Retrying = retrying(self.transport, self.progress)
        if body is None:
            return carrier.get(address, timeout=TIMEOUT, headers=self.headers)
        return carrier.post(address, json.dumps(body).encode(), timeout=TIMEOUT, headers=self.headers)

    def _next(self, answer: Mapping[str, Any], address: str) -> str:
        """Return the address of the page after this one, "" after the last; it must stay with the server."""
        links = answer.get("_links")
        link = links.get("next") if isinstance(links, dict) else None
        href = link.get("href") if isinstance(link, dict) else None
        return within_server(address, href) if isinstance(href, str) and href else ""


def listed(answer: Mapping[str, Any], name: str, url: str) -> Iterator[dict[str, Any]]:
    """Yield the things of a name, that stand in an answer itself or under "_embedded"; nothing where there are none.

    Raises
    ------
    FormatError
        If what stands there is no list.
    """
    embedded = answer.get("_embedded")
    found = embedded.get(name) if isinstance(embedded, dict) else None
    found = answer.get(name) if found is None else found
    if found is None:
        return
    if not isinstance(found, list):
        raise wrong_answer(url, mark("has no list where one should stand"))
    yield from (item for item in found if isinstance(item, dict))


def polygon(extent: Extent) -> dict[str, Any]:
    """Return an area as GeoJSON; the services refuse more than three decimals.

    >>> polygon(Extent(84600.12345, 447400, 84601, 447401))["coordinates"][0][:2]
    [[84600.123, 447400], [84601, 447400]]
    """
    grown = extent.buffered(0.01) if not extent.area else extent  # they refuse one without an area too
    x_min, y_min, x_max, y_max = (round(edge, 3) for edge in grown.bounds)
    return {
        "type": "Polygon",
        "coordinates": [[[x_min, y_min], [x_max, y_min], [x_max, y_max], [x_min, y_max], [x_min, y_min]]],
    }


def word(item: Any, *names: str) -> str:
    """Return the text along names within an object, "" where there is none.

    >>> word({"type": {"waarde": "Omgevingsplan"}}, "type", "waarde"), word({"type": 3}, "type", "waarde")
    ('Omgevingsplan', '')
    """
    for name in names:
        item = item.get(name) if isinstance(item, dict) else None
    return " ".join(item[:2000].split()) if isinstance(item, str) else ""
