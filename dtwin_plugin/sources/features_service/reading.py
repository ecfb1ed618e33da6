"""One read of a collection: the questions, the pages, and what was seen on the way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import normalise
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .answers import not_too_deep, server_of
from .frame import CRS84, box_in, chosen, to_rd
from .geojson import Tally, chunks
from .pages import RESTARTS, ExpiredError, Page, Pages, keys_of, restarted_too_often
from .service import Collection, Service

if TYPE_CHECKING:
    from .ogcapi import OgcFeaturesSource

_ENDED = ("eind_registratie", "eindregistratie", "eindRegistratie")


class Reading:
    """One read: the question, and what was seen on the way."""

    def __init__(self, source: OgcFeaturesSource, service: Service, found: Collection, progress: Progress) -> None:
        self.source, self.found, self.progress = source, found, progress
        self.items = found.require_items(source.url)
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
                self._warn_once(mark("{server} lost its place among the pages; the area is asked again."))
        raise restarted_too_often(self.source.url)

    def _pass(self, area: Extent | None, limit: int) -> Iterator[tuple[list[Features], float]]:
        came, matched, title = 0, None, self.found.title
        for number, page in enumerate(self.pages.once(self.items, self._params(area, limit)), 1):
            came += len(page.features)
            matched = page.matched if matched is None else matched
            if page.returned is not None and page.returned != len(page.features):
                self._warn_once(mark("{server} says that a page has {stated} objects; it has {found}."), page)
            part = min(1.0, came / max(1, matched)) if matched is not None else 1 - 1 / (number + 1)
            crs = page.crs or self.name
            with not_too_deep(self.source.url):
                fresh = list(chunks(self._fresh(page.features), partial(to_rd, crs=crs), self.tally, title))
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
        params = {"f": "json", "limit": str(limit), **self.source.fixed()}
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
