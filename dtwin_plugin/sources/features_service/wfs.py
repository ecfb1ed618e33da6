"""Features of a WFS 2.0 by area, in RD: pages by count and start, as GeoJSON or as GML 3.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import in_rd_bounds, normalise
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.retry import retrying
from dtwin_plugin.sources.transport import Transport

from .answers import not_too_deep
from .capabilities import capabilities
from .frame import CRS84
from .geojson import Tally
from .wfs_pages import Question

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
        question = Question(self, service, service.one(self.type_name, self.url), extent)
        tally, seen = Tally(), set[Any]()
        for page, part in question.pages(transport, progress):
            if progress.is_cancelled():
                raise Cancelled
            with not_too_deep(self.url):
                found = list(page.chunks(seen, tally, question.item.title))
            for features in found:
                touching = features if extent is None else features.within(extent)
                if len(touching):
                    yield touching
            progress.report(part, "{count} objects", count=len(seen))
        tally.tell(progress, question.item.title)
        progress.report(1.0, "{count} objects", count=len(seen))


def _bare(url: str) -> str:
    """Return the address without the parameters that each request sets itself.

    >>> _bare("https://a.nl/wfs?request=GetCapabilities&service=WFS&map=x")
    'https://a.nl/wfs?map=x'
    """
    parts = urlsplit(url.strip())
    pairs = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0].lower() not in _OURS]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(pairs), ""))
