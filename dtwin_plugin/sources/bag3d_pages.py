"""Pages of the 3DBAG API: asked one by one, checked, kept for a later run, and without repeated buildings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dtwin_plugin.data import Extent
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError, UnavailableError

from .cityjson.text import garbage_collection_paused
from .transport import Transport

CRS_URI = "http://www.opengis.net/def/crs/EPSG/0/7415"  # the one spelling that the service takes; https gives HTTP 400
LIMIT = 100  # buildings a page; the service gives no more, whatever is asked
_WRONG = "Try again later; if it stays, check its address in the catalogue."
_RESTARTS = 3  # times that the number of buildings may change while an area is read
_TIMEOUT = 60.0  # s


@dataclass(frozen=True)
class Page:
    """Buildings of an area: CityJSON features and the head that they need.

    Attributes
    ----------
    matched : int
        Buildings that the service has in the area.
    features : list of dict
        CityJSONFeatures.
    head : dict
        The CityJSON object with the transform; empty if there is no building.
    """

    matched: int
    features: list[dict[str, Any]]
    head: dict[str, Any] = field(default_factory=dict)


class ChangedError(Exception):
    """The service now has another number of buildings in an area than a page ago."""


@dataclass(frozen=True)
class Pages:
    """Reads the pages of an area, and keeps them in a folder if one is given."""

    url: str
    transport: Transport
    folder: Path | None = None
    limit: int = LIMIT

    def read(self, area: Extent, seen: set[str]) -> Iterator[Page]:
        """Yield the pages of an area without the buildings in `seen`, and add theirs to it.

        The service says how many buildings match; its `next` links leave out the last building when one more than a
        whole number of pages match, so they are not followed. If that number changes on the way, the pages start
        again; the buildings that were given already are not given again.

        Raises
        ------
        UnavailableError
            If the service refuses, stops half-way or keeps changing.
        FormatError
            If an answer is not what it should be.
        """
        for _ in range(_RESTARTS + 1):
            try:
                for page in self._once(area):
                    fresh = [feature for feature in page.features if feature["id"] not in seen]
                    seen.update(feature["id"] for feature in fresh)
                    yield Page(page.matched, fresh, page.head)
                return
            except ChangedError:
                self._forget(area)
        raise UnavailableError(
            "The 3DBAG service changed the number of buildings in the area {area} {times} times while it was read.",
            hint="Try again later.",
            area=area.bounds,
            times=_RESTARTS + 1,
        )

    def first(self, area: Extent | None, limit: int = 1) -> Page:
        """Return a first page from the service, of everything if `area` is None."""
        return self._parsed(self._ask(area, 1, limit))

    def _once(self, area: Extent) -> Iterator[Page]:
        matched, offset = None, 1
        while matched is None or offset <= matched:
            page = self._page(area, offset)
            if matched is not None and page.matched != matched:
                raise ChangedError
            matched = page.matched
            if matched and not page.features:
                raise UnavailableError(
                    "The 3DBAG service stopped after {found} of {matched} buildings.",
                    hint="Try again later.",
                    found=offset - 1,
                    matched=matched,
                )
            yield page
            offset += len(page.features) if page.features else 1

    def _page(self, area: Extent, offset: int) -> Page:
        kept = self._kept(area) / f"{offset}.json" if self.folder else None
        if kept and kept.is_file():
            try:
                return self._parsed(kept.read_bytes())
            except FormatError:
                kept.unlink()
        body, page = self._asked(area, offset)
        if kept:
            with written_beside(kept) as temporary:
                temporary.write_bytes(body)
        return page

    def _asked(self, area: Extent, offset: int) -> tuple[bytes, Page]:
        """Ask a page; half a page, which a closed connection can leave, is asked again once."""
        body = self._ask(area, offset, self.limit)
        try:
            return body, self._parsed(body)
        except FormatError:
            body = self._ask(area, offset, self.limit)
            return body, self._parsed(body)

    def _kept(self, area: Extent) -> Path:
        """Return the folder of an area's pages; another service, area or page size has another."""
        key = f"{self.url} {area.bounds} {self.limit}"
        return Path(self.folder or "") / hashlib.sha256(key.encode()).hexdigest()[:16]

    def _forget(self, area: Extent) -> None:
        if self.folder:
            for path in self._kept(area).glob("*.json"):
                path.unlink()

    def _ask(self, area: Extent | None, offset: int, limit: int) -> bytes:
        params = {"limit": str(limit), "offset": str(offset), "crs": CRS_URI}
        if area is not None:
            params.update({"bbox": ",".join(f"{edge:.3f}" for edge in area.bounds), "bbox-crs": CRS_URI})
        response = self.transport.get(self.url, params, timeout=_TIMEOUT)
        if response.status != 200:
            raise UnavailableError(
                "The 3DBAG service refused the request (HTTP {status}): {reason}",
                hint="Check its address in the catalogue.",
                status=response.status,
                reason=response.body[:200].decode("utf-8", "replace").strip() or "no reason given.",
            )
        return response.body

    def _parsed(self, body: bytes) -> Page:
        try:
            with garbage_collection_paused():
                answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise _wrong("is not JSON, or ends half-way") from error
        if not isinstance(answer, dict) or not isinstance(answer.get("features"), list):
            raise _wrong("has no list of features")
        features, matched = answer["features"], answer.get("numberMatched")
        if not isinstance(matched, int) or isinstance(matched, bool) or matched < 0:
            raise _wrong("does not say how many buildings match (numberMatched)")
        for feature in features:
            for name, kind in (("id", str), ("CityObjects", dict), ("vertices", list)):
                if not isinstance(feature, dict) or not isinstance(feature.get(name), kind):
                    raise FormatError(
                        "An answer of the 3DBAG service has a feature without {name}.", hint=_WRONG, name=name
                    )
        head = answer.get("metadata", {})  # absent when nothing matches
        if features and (not isinstance(head, dict) or not isinstance(head.get("transform"), dict)):
            raise _wrong("has no transform, without which its coordinates mean nothing")
        return Page(matched, features, head if features else {})


def _wrong(what: str) -> FormatError:
    return FormatError(
        "An answer of the 3DBAG service {what}.",
        hint=_WRONG,
        what=what,
    )
