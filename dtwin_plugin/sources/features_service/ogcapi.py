"""Features of an OGC API by area, such as those of PDOK, in RD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import in_rd_bounds, normalise
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.retry import retrying
from dtwin_plugin.sources.transport import Transport

from .answers import server_of
from .frame import CRS84, box_in, chosen, to_rd
from .geojson import Tally, chunks
from .pages import RESTARTS, ExpiredError, Page, Pages, keys_of, restarted_too_often
from .service import Collection, Service, split_address

_TILE = 10_000.0  # m; an expired link costs one tile, and most municipalities are a few
_ENDED = ("eind_registratie", "eindregistratie", "eindRegistratie")


class OgcFeaturesSource:
    """A collection of an OGC API - Features.

    Parameters
    ----------
    url : str
        Of the service, its collections, a collection or its items.
    collection : str, optional
        Id or title; that of the address if absent.
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    crs : str, optional
        To ask for; RD if the service has it, else what it keeps the data in, else longitude and latitude.
    datetime : str, optional
        The moment whose state is asked (RFC 3339), where the service keeps history.
    limit : int
        Features of a page.
    properties : mapping, optional
        Values that attributes must have, by name, where the service filters by them.
    current : bool
        Leave out what has ended (`eind_registratie` is filled).
    known : Collection, optional
        The collection where it was read already.
    """

    def __init__(
        self,
        url: str,
        collection: str | None = None,
        *,
        transport: Transport,
        crs: str | None = None,
        datetime: str | None = None,
        limit: int = 1000,
        properties: Mapping[str, str] | None = None,
        current: bool = False,
        max_pages: int = 10_000,
        known: Collection | None = None,
    ) -> None:
        self.url, self._query, named = split_address(url)
        self.collection = collection or (known.id if known else named)
        self.crs, self.datetime, self.limit, self.current = crs, datetime, limit, current
        self.properties, self.max_pages = dict(properties or {}), max_pages
        self._transport, self._known = transport, known

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts of the collection, or without one those of the service: its collections.

        Raises
        ------
        InputError
            If there is no such collection.
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        """
        service = self._service(progress)
        if self.collection is None:
            listed = service.all()
            facts: dict[str, Any] = {
                "url": self.url,
                "collections": {item.id: item.title for item in listed},
                "without_features": [item.id for item in listed if not item.items],
            }
            return SourceInfo("OGC API", "features", None, None, len(listed), facts)
        found = self._found(service)
        facts = {
            "url": self.url,
            "collection": found.id,
            "title": found.title,
            "description": found.description,
            "item_type": found.item_type,
            "crs": [name for name in map(normalise, found.crs) if name],
            "storage_crs": normalise(found.storage_crs),
            "interval": found.interval,
            "licence": found.licence,
        }
        if not found.items:
            note = f"{found.id} has no features: it is {found.other or 'something else'}."
            return SourceInfo("OGC API", "features", found.extent_crs, found.extent, 0, facts, (note,))
        first = next(Pages(service.transport, 1).once(found.items, {"f": "json", "limit": "1", **self._fixed()}))
        one = first.features[0] if first.features else {}
        row = one.get("properties") if isinstance(one, dict) else None
        shape = one.get("geometry") if isinstance(one, dict) else None
        facts["attributes"] = sorted(row) if isinstance(row, dict) else []
        facts["geometries"] = [shape["type"]] if isinstance(shape, dict) and "type" in shape else []
        return SourceInfo(
            "OGC API - Features, GeoJSON", "features", found.extent_crs, found.extent, first.matched or 0, facts
        )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield what touches an area [RD] (None = all), a page and a kind of geometry at a time, each object once.

        Raises
        ------
        InputError
            If there is no such collection, it has no features, or the area lies outside the Netherlands.
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        CrsError
            If it does not give RD and the grids are missing.
        Cancelled
            If the user stops it.
        """
        if extent is not None and not in_rd_bounds(*extent.bounds):
            raise InputError("The area {area} lies outside the Netherlands.", area=extent.bounds)
        progress, service = progress or Silent(), self._service(progress)
        found = self._found(service)
        reading = _Reading(self, service, found, progress)
        tiles: list[Extent | None] = list(extent.tiles(_TILE)) if extent is not None else [None]
        for number, tile in enumerate(tiles):
            for page, part in reading.tile(tile):
                if progress.is_cancelled():
                    raise Cancelled
                for features in page:
                    touching = features if extent is None else features.within(extent)
                    if len(touching):
                        yield touching
                progress.report((number + part) / len(tiles), "{count} objects", count=len(reading.seen))
        reading.tally.tell(progress, found.title)
        progress.report(1.0, "{count} objects", count=len(reading.seen))

    def _service(self, progress: Progress | None) -> Service:
        return Service(self.url, self._query, retrying(self._transport, progress))

    def _found(self, service: Service) -> Collection:
        if self._known is not None:
            return self._known
        if self.collection is not None:
            return service.one(self.collection)
        listed = [item for item in service.all() if item.items]
        if len(listed) == 1:
            return listed[0]
        raise InputError(
            "{server} has {count} collections; which one is not said.",
            hint="Choose one of {known}.",
            server=server_of(self.url),
            count=len(listed),
            known=", ".join(item.id for item in listed[:100]),
        )

    def _fixed(self) -> dict[str, str]:
        return {**self.properties, **({"datetime": self.datetime} if self.datetime else {})}


class _Reading:
    """One read: the question, and what was seen on the way."""

    def __init__(self, source: OgcFeaturesSource, service: Service, found: Collection, progress: Progress) -> None:
        self.source, self.found, self.progress = source, found, progress
        self.items = found.require_items(source.url)
        if service.query:
            self.items += ("&" if "?" in self.items else "?") + service.query
        self.pages = Pages(service.transport, source.max_pages)
        self.seen: set[Any] = set()  # an object on a border is in both tiles, and in the pages after a restart
        self.tally, self._warned = Tally(), set[str]()
        if source.crs is not None:
            self.asked, self.name = source.crs, normalise(source.crs) or source.crs
        elif found.crs or found.storage_crs:
            offered = found.crs or (found.storage_crs or "",)
            self.asked, self.name = chosen(offered, found.storage_crs, server_of(source.url))
        else:
            self.asked, self.name = "", CRS84

    def tile(self, area: Extent | None) -> Iterator[tuple[list[Features], float]]:
        """Yield the pages of an area and the part that is done; begin again where the server lost its place."""
        for attempt in range(RESTARTS + 1):
            try:
                # A page size of its own for each attempt, so that a cache in between gives no old links.
                yield from self._pass(area, max(1, self.source.limit - attempt))
                return
            except ExpiredError:
                self._warn_once("{server} lost its place among the pages; the area is asked again.")
        raise restarted_too_often(self.source.url)

    def _pass(self, area: Extent | None, limit: int) -> Iterator[tuple[list[Features], float]]:
        came, matched, title = 0, None, self.found.title
        for number, page in enumerate(self.pages.once(self.items, self._params(area, limit)), 1):
            came += len(page.features)
            matched = page.matched if matched is None else matched
            if page.returned is not None and page.returned != len(page.features):
                self._warn_once("{server} says that a page has {stated} objects; it has {found}.", page)
            part = min(1.0, came / max(1, matched)) if matched is not None else 1 - 1 / (number + 1)
            crs = page.crs or self.name
            fresh = chunks(self._fresh(page.features), partial(to_rd, crs=crs), self.tally, title)
            yield [self._current(features) for features in fresh], part
        if matched is not None and matched != came:
            self.progress.warn(
                "{server} says that {matched} objects match; {came} came.",
                server=server_of(self.source.url),
                matched=matched,
                came=came,
            )

    def _current(self, features: Features) -> Features:
        """Return those that have not ended, if only these are asked."""
        ended = next((name for name in _ENDED if name in features.columns), None)
        if not self.source.current or ended is None:
            return features
        open_ones = [value is None or value == "" or value != value for value in features.columns[ended].tolist()]
        return features.take(np.flatnonzero(open_ones))

    def _fresh(self, features: list[Any]) -> list[Any]:
        fresh = []
        for feature, key in zip(features, keys_of(features)):
            if key not in self.seen:
                self.seen.add(key)
                fresh.append(feature)
        return fresh

    def _params(self, area: Extent | None, limit: int) -> dict[str, str]:
        params = {"f": "json", "limit": str(limit), **self.source._fixed()}
        if self.asked and self.name != CRS84:  # the default needs no asking
            params["crs"] = self.asked
        if area is not None:
            params["bbox"] = box_in(area, self.name)
            if self.asked and self.name != CRS84:
                params["bbox-crs"] = self.asked
        return params

    def _warn_once(self, message: str, page: Page | None = None) -> None:
        if message in self._warned:
            return
        self._warned.add(message)
        values = {"stated": page.returned, "found": len(page.features)} if page is not None else {}
        self.progress.warn(message, server=server_of(self.source.url), **values)
