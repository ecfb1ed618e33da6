"""One GetFeature of a WFS and its pages, as GeoJSON or as GML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import normalise
from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress
from dtwin_plugin.sources.transport import Response, Transport
from dtwin_plugin.translate import mark

from . import geojson, gml_answer
from .answers import TIMEOUT, json_of, not_too_deep, refused, server_of, wrong_answer
from .capabilities import Capabilities, FeatureType, xml_of
from .frame import box_in, chosen, to_rd
from .geojson import Tally
from .gml_types import numbers_of
from .pages import keys_of

if TYPE_CHECKING:
    from .wfs import WfsSource


@dataclass(frozen=True)
class Page:
    """Features of one answer: as GeoJSON, or as members of a GML collection."""

    items: list[Any]
    crs: str
    matched: int | None
    is_json: bool

    def keys(self) -> list[Any]:
        """Return what tells the features apart."""
        if self.is_json:
            return keys_of(self.items)
        return [item.id or hash(("no id", repr(item.row))) for item in self.items]

    def chunks(self, seen: set[Any], tally: Tally, name: str) -> Iterator[Features]:
        """Yield those that are not in `seen`, and add them to it."""
        fresh = []
        for item, key in zip(self.items, self.keys()):
            if key not in seen:
                seen.add(key)
                fresh.append(item)
        if self.is_json:
            yield from geojson.chunks(fresh, partial(to_rd, crs=self.crs), tally, name)
        else:
            yield from gml_answer.chunks(fresh, self.crs, tally, name)


class Question:
    """One GetFeature and its pages."""

    def __init__(self, source: WfsSource, service: Capabilities, item: FeatureType, extent: Extent | None) -> None:
        self.url, self.item, self.limit = source.url, item, source.max_pages
        self.count, self.size_known = min(source.limit, service.page or source.limit), service.page is not None
        if source.crs is not None:
            self.asked, self.crs = source.crs, normalise(source.crs) or source.crs
        else:
            self.asked, self.crs = chosen(item.crs, next(iter(item.crs), None), server_of(source.url))
        self.params = {
            "service": "WFS",
            "version": service.version,
            "request": "GetFeature",
            "typeNames": item.name,
            "srsName": self.asked,
            "outputFormat": service.format_of(item),
            "count": str(self.count),
            **source.properties,
        }
        self.numbers: dict[str, type] = {}
        if extent is not None:
            self.params["bbox"] = f"{box_in(extent, self.crs)},{self.asked}"

    def pages(self, transport: Transport, progress: Progress) -> Iterator[tuple[Page, float]]:
        """Yield the pages and the part that is done."""
        if "json" not in self.params["outputFormat"].lower():
            self.numbers = numbers_of(transport, self.url, self.params["version"], self.item.name)
        came, earlier = 0, set[int]()
        for number in range(self.limit):
            page = self._page(transport, came)
            with not_too_deep(self.url):
                fingerprint = hash(tuple(page.keys()))
            if page.items and fingerprint in earlier:
                self._tell_no_pages(came, progress)
                return
            earlier.add(fingerprint)
            came += len(page.items)
            done = self._is_last(page, came)
            part = came / max(1, page.matched) if page.matched is not None else 1 - 1 / (number + 2)
            yield page, 1.0 if done else min(1.0, part)
            if done:
                return
        raise FormatError(
            "{server} gives pages without an end: after {pages} pages they repeat or go on.",
            hint="Choose a smaller area, or tell the owner of the service.",
            server=server_of(self.url),
            pages=self.limit,
        )

    def _is_last(self, page: Page, came: int) -> bool:
        """Tell whether no page follows: all came, none came, or less than the service gives at once."""
        if not page.items or (page.matched is not None and came >= page.matched):
            return True
        return page.matched is None and self.size_known and len(page.items) < self.count

    def _tell_no_pages(self, came: int, progress: Progress) -> None:
        """Tell that the same page came again: all of it, or as much as the service gives."""
        if came >= self.count:
            raise FormatError(
                "{server} gives the same page again: it knows no pages, and has more than {count} objects here.",
                hint="Choose a smaller area.",
                server=server_of(self.url),
                count=came,
            )
        progress.warn(
            "{server} knows no pages: {count} objects came, which may not be all.",
            server=server_of(self.url),
            count=came,
        )

    def _page(self, transport: Transport, start: int) -> Page:
        params = {**self.params, "startIndex": str(start)}
        response = transport.get(self.url, params, timeout=TIMEOUT)
        try:
            return self._parsed(response)
        except FormatError:  # half an answer, which a closed connection can leave, is asked again once
            return self._parsed(transport.get(self.url, params, timeout=TIMEOUT))

    def _parsed(self, response: Response) -> Page:
        if response.body.lstrip()[:1] == b"<":
            root = xml_of(response, self.url)
            if response.status != 200:
                raise refused(response, self.url)
            items = list(gml_answer.members(root, self.numbers))
            return Page(items, self.crs, _number(root.get("numberMatched")), False)
        if response.status != 200:
            raise refused(response, self.url)
        answer = json_of(response, self.url)
        features = answer.get("features")
        if not isinstance(features, list):
            raise wrong_answer(self.url, mark("has no list of features"))
        stated = answer.get("numberMatched", answer.get("totalFeatures"))
        return Page(features, _stated(answer) or self.crs, _number(stated), True)


def _stated(answer: Any) -> str | None:
    try:
        return normalise(answer["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return None


def _number(value: Any) -> int | None:
    """Return a count; None for "unknown".

    >>> _number("12"), _number(3), _number("unknown"), _number(True)
    (12, 3, None, None)
    """
    text = "" if isinstance(value, bool) else str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
