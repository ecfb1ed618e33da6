"""Features of a WFS 2.0 by area, in RD: pages by count and start, as GeoJSON or as GML 3.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import in_rd_bounds, normalise
from dtwin_plugin.errors import Cancelled, FormatError, InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.retry import retrying
from dtwin_plugin.sources.transport import Response, Transport

from . import geojson, gml_answer
from .answers import TIMEOUT, json_of, refused, server_of, wrong_answer
from .capabilities import Capabilities, FeatureType, capabilities, xml_of
from .frame import CRS84, box_in, chosen, to_rd
from .geojson import Tally
from .pages import keys_of

_OURS = ("service", "request", "version", "typename", "typenames", "outputformat", "count", "startindex", "bbox")


class WfsSource:
    """A type of features of a WFS 2.0.

    Parameters
    ----------
    url : str
        Of the service; what it says of a request (`request=GetCapabilities`) is left out.
    type_name : str, optional
        With or without its prefix, or its title.
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    crs : str, optional
        To ask for; RD if the service has it.
    limit : int
        Features of a page, less where the service says that it gives less.
    properties : mapping, optional
        More parameters for the service.
    """

    def __init__(
        self,
        url: str,
        type_name: str | None = None,
        *,
        transport: Transport,
        crs: str | None = None,
        limit: int = 1000,
        properties: Mapping[str, str] | None = None,
        max_pages: int = 10_000,
    ) -> None:
        self.url, self.type_name, self.crs, self.limit = _bare(url), type_name, crs, limit
        self.properties, self.max_pages = dict(properties or {}), max_pages
        self._transport = transport

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts of the type, or without one those of the service: its types.

        Raises
        ------
        InputError
            If there is no such type.
        UnavailableError, FormatError
            If the service does not answer, or is no WFS 2.0.
        """
        found = capabilities(retrying(self._transport, progress), self.url)
        facts: dict[str, Any] = {"url": self.url, "formats": list(found.formats), "page": found.page}
        if self.type_name is None and len(found.types) != 1:
            facts["collections"] = {item.name: item.title for item in found.types}
            return SourceInfo(f"WFS {found.version}", "features", None, None, len(found.types), facts)
        item = found.one(self.type_name, self.url)
        facts["collection"], facts["title"] = item.name, item.title
        facts["crs"] = [name for name in map(normalise, item.crs) if name]
        return SourceInfo(f"WFS {found.version}", "features", CRS84, item.extent, 0, facts)

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield what touches an area [RD] (None = all), a page and a kind of geometry at a time, each object once.

        Raises
        ------
        InputError
            If there is no such type, or the area lies outside the Netherlands.
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        CrsError
            If it does not give RD and the grids are missing.
        Cancelled
            If the user stops it.
        """
        if extent is not None and not in_rd_bounds(*extent.bounds):
            raise InputError("The area {area} lies outside the Netherlands.", area=extent.bounds)
        progress = progress or Silent()
        transport = retrying(self._transport, progress)
        service = capabilities(transport, self.url)
        question = _Question(self, service, service.one(self.type_name, self.url), extent)
        tally, seen = Tally(), set[Any]()
        for page, part in question.pages(transport, progress):
            if progress.is_cancelled():
                raise Cancelled
            for features in page.chunks(seen, tally, question.item.title):
                touching = features if extent is None else features.within(extent)
                if len(touching):
                    yield touching
            progress.report(part, "{count} objects", count=len(seen))
        tally.tell(progress, question.item.title)
        progress.report(1.0, "{count} objects", count=len(seen))


@dataclass(frozen=True)
class _Page:
    """Features of one answer: as GeoJSON, or as members of a GML collection."""

    items: list[Any]
    crs: str
    matched: int | None
    is_json: bool

    def keys(self) -> list[Any]:
        if self.is_json:
            return keys_of(self.items)
        return [item.id or hash(("no id", repr(item.row))) for item in self.items]

    def chunks(self, seen: set[Any], tally: Tally, name: str) -> Iterator[Features]:
        fresh = []
        for item, key in zip(self.items, self.keys()):
            if key not in seen:
                seen.add(key)
                fresh.append(item)
        if self.is_json:
            yield from geojson.chunks(fresh, partial(to_rd, crs=self.crs), tally, name)
        else:
            yield from gml_answer.chunks(fresh, self.crs, tally, name)


class _Question:
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
        if extent is not None:
            self.params["bbox"] = f"{box_in(extent, self.crs)},{self.asked}"

    def pages(self, transport: Transport, progress: Progress) -> Iterator[tuple[_Page, float]]:
        """Yield the pages and the part that is done."""
        came, earlier = 0, set[int]()
        for number in range(self.limit):
            page = self._page(transport, came)
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

    def _is_last(self, page: _Page, came: int) -> bool:
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

    def _page(self, transport: Transport, start: int) -> _Page:
        params = {**self.params, "startIndex": str(start)}
        response = transport.get(self.url, params, timeout=TIMEOUT)
        try:
            return self._parsed(response)
        except FormatError:  # half an answer, which a closed connection can leave, is asked again once
            return self._parsed(transport.get(self.url, params, timeout=TIMEOUT))

    def _parsed(self, response: Response) -> _Page:
        if response.body.lstrip()[:1] == b"<":
            root = xml_of(response, self.url)
            if response.status != 200:
                raise refused(response, self.url)
            items = list(gml_answer.members(root))
            return _Page(items, self.crs, _number(root.get("numberMatched")), False)
        if response.status != 200:
            raise refused(response, self.url)
        answer = json_of(response, self.url)
        features = answer.get("features")
        if not isinstance(features, list):
            raise wrong_answer(self.url, "has no list of features")
        stated = answer.get("numberMatched", answer.get("totalFeatures"))
        return _Page(features, _stated(answer) or self.crs, _number(stated), True)


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


def _bare(url: str) -> str:
    """Return the address without the parameters that each request sets itself.

    >>> _bare("https://a.nl/wfs?request=GetCapabilities&service=WFS&map=x")
    'https://a.nl/wfs?map=x'
    """
    parts = urlsplit(url.strip())
    pairs = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0].lower() not in _OURS]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(pairs), ""))
