"""Features of an OGC API by area, such as those of PDOK, in RD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import in_rd_bounds, normalise
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.retry import retrying
from dtwin_plugin.sources.transport import Transport

from .answers import server_of
from .pages import Pages
from .reading import Reading
from .service import Collection, Service, split_address

_TILE = 10_000.0  # m; an expired link costs one tile, and most municipalities are a few


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
        count = self._add_seen(facts, service, found.items)
        return SourceInfo("OGC API - Features, GeoJSON", "features", found.extent_crs, found.extent, count, facts)

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
        reading = Reading(self, service, found, progress)
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

    def _add_seen(self, facts: dict[str, Any], service: Service, items: str) -> int:
        """Add what the first object shows, and return how many the service says there are (0: it does not say)."""
        first = next(Pages(service.transport, 1).once(items, {"f": "json", "limit": "1", **self.fixed()}))
        one = first.features[0] if first.features and isinstance(first.features[0], dict) else {}
        row, shape = one.get("properties"), one.get("geometry")
        facts["number_matched"] = first.matched  # None: the service does not say
        facts["attributes"] = sorted(row) if isinstance(row, dict) else []
        facts["geometries"] = [str(shape.get("type"))] if isinstance(shape, dict) else []
        return first.matched or 0

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

    def fixed(self) -> dict[str, str]:
        """Return the parameters that go with every question."""
        return {**self.properties, **({"datetime": self.datetime} if self.datetime else {})}
