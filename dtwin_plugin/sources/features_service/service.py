"""The collections of an OGC API: what a service has, in which CRS's, and what is no collection of features."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from dtwin_plugin.data.crs import normalise
from dtwin_plugin.errors import InputError
from dtwin_plugin.sources.transport import Transport
from dtwin_plugin.translate import mark

from .answers import asked_twice, refused, server_of, within_server, wrong_answer
from .frame import CRS84

_MOST = 10_000  # collections of one service
# What a collection without features has instead: a word in its type or in the relation of a link, and what it is.
_OTHERS = {
    "3d-container": mark("3D Tiles or another 3D container"),
    "3dtiles": mark("3D Tiles or another 3D container"),
    "quantized": mark("terrain tiles"),
    "coverage": mark("a coverage (raster)"),
    "record": mark("a list of metadata records"),
    "tile": mark("a set of tiles"),
    "map": mark("a map image"),
    "download": mark("a list of downloads"),
}


@dataclass(frozen=True)
class Collection:
    """One collection as the service describes it.

    Attributes
    ----------
    crs : tuple of str
        What can be asked for, in the service's own spelling; empty where it only has CRS84.
    storage_crs : str or None
        What the data are kept in.
    extent : tuple of float or None
        x min, y min, x max, y max in `extent_crs`.
    items : str
        Address of the features, "" where there are none.
    other : str
        What it is, if it has no features.
    """

    id: str
    title: str
    description: str = ""
    crs: tuple[str, ...] = ()
    storage_crs: str | None = None
    item_type: str = "feature"
    extent: tuple[float, ...] | None = None
    extent_crs: str = CRS84
    interval: tuple[Any, ...] | None = None
    items: str = ""
    other: str = ""
    licence: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def require_items(self, url: str) -> str:
        """Return the address of the features; raises InputError if it has none."""
        if not self.items:
            raise InputError(
                "The collection {collection} of {server} has no features: it is {what}.",
                hint="Choose another collection, or the loader for what it is.",
                collection=self.id,
                server=server_of(url),
                what=self.other or mark("something else"),
            )
        return self.items


def split_address(url: str) -> tuple[str, str, str | None]:
    """Return the landing page of a service, its query (a key), and the collection that an address names.

    >>> split_address("https://a.nl/ogc/v1/collections/weg%20deel/items?f=json&key=1")
    ('https://a.nl/ogc/v1', 'key=1', 'weg deel')
    >>> split_address("https://a.nl/ogc/v1/")
    ('https://a.nl/ogc/v1', '', None)
    """
    parts = urlsplit(url.strip())
    before, found, after = parts.path.rstrip("/").partition("/collections")
    name = after.strip("/").partition("/")[0] if found else ""
    kept = "&".join(pair for pair in parts.query.split("&") if pair and not pair.startswith(_OURS))
    return urlunsplit((parts.scheme, parts.netloc, before, "", "")), kept, unquote(name) or None


_OURS = ("f=", "limit=", "bbox=", "bbox-crs=", "crs=", "datetime=", "cursor=", "offset=")


@dataclass(frozen=True)
class Service:
    """An OGC API: its landing page and, if it wants one, a key in the query."""

    url: str
    query: str
    transport: Transport

    def all(self) -> list[Collection]:
        """Return all collections.

        Raises
        ------
        UnavailableError, FormatError
            If it does not answer, or not as it should.
        """
        address = f"{self.url}/collections"
        response, answer = self._ask(address)
        if answer is None:
            raise refused(response, address)
        listed = answer.get("collections")
        if not isinstance(listed, list):
            raise wrong_answer(address, mark("has no list of collections"))
        common = _texts(answer.get("crs"))
        return [self._read(item, common) for item in listed[:_MOST] if isinstance(item, dict) and _name(item)]

    def one(self, name: str) -> Collection:
        """Return the collection of an id or a title.

        Raises
        ------
        InputError
            If there is none.
        UnavailableError, FormatError
            If it does not answer, or not as it should.
        """
        address = f"{self.url}/collections/{quote(name, safe='')}"
        response, answer = self._ask(address)
        if answer is not None:
            common = self._common() if "#/crs" in _texts(answer.get("crs")) else ()
            return self._read({"id": name, **answer}, common)
        if response.status not in (400, 404):
            raise refused(response, address)
        known = self.all()
        for item in known:
            if name.casefold() in (item.id.casefold(), item.title.casefold()):
                return item
        raise InputError(
            "{server} has no collection {collection}; it has {known}.",
            server=server_of(self.url),
            collection=repr(name),
            known=", ".join(item.id for item in known[:100]) or mark("none"),
        )

    def _ask(self, address: str) -> tuple[Any, Any]:
        """Ask a document; some servers know no `f=json`, and give JSON by themselves."""
        whole = f"{address}?{self.query}" if self.query else address
        response, answer = asked_twice(self.transport, whole, {"f": "json"})
        if response.status in (400, 406):
            response, answer = asked_twice(self.transport, whole, None)
        return response, answer

    def _common(self) -> tuple[str, ...]:
        _, answer = self._ask(f"{self.url}/collections")
        return _texts((answer or {}).get("crs"))

    def _read(self, item: dict[str, Any], common: tuple[str, ...]) -> Collection:
        name = _name(item)
        offered = _texts(item.get("crs"))
        if "#/crs" in offered:  # the list of the whole service (OGC 18-058r1, 6.2.1)
            offered = tuple(spelling for spelling in offered if spelling != "#/crs") + common
        extent, extent_crs = _spatial(item)
        storage = item.get("storageCrs")
        items, other = self._items(item, name)
        return Collection(
            name,
            str(item.get("title") or name),
            str(item.get("description") or ""),
            offered,
            storage if isinstance(storage, str) else None,
            str(item.get("itemType") or "feature"),
            extent,
            extent_crs,
            _interval(item),
            items,
            other,
            next((str(link.get("title") or link["href"]) for link in _links(item) if link.get("rel") == "license"), ""),
        )

    def _items(self, item: dict[str, Any], name: str) -> tuple[str, str]:
        """Return the address of the features, or what the collection has instead."""
        links = list(_links(item))
        usual = f"{self.url}/collections/{quote(name, safe='')}/items"
        found = [link for link in links if link.get("rel") == "items"]
        kind = f"{item.get('collectionType', '')} {item.get('itemType', '')}".lower()
        other = next((what for word, what in _OTHERS.items() if word in kind), "")
        if other:
            return "", other
        for link in found:
            if "geo+json" in str(link.get("type", "")):
                return self._with_key(within_server(self.url, link["href"])), ""
        if found or not links:
            return self._with_key(usual), ""
        relations = " ".join(f"{link.get('rel')} {link['href']}" for link in links).lower()
        return "", next((what for word, what in _OTHERS.items() if word in relations), "")

    def _with_key(self, address: str) -> str:
        """Return an address without what each question says itself, and with the key of the service."""
        parts = urlsplit(address)
        pairs = [pair for pair in parts.query.split("&") if pair and not pair.startswith(_OURS)]
        keys = [pair for pair in self.query.split("&") if pair and pair not in pairs]
        return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join([*pairs, *keys]), ""))


def _name(item: dict[str, Any]) -> str:
    name = item.get("id")
    return name if isinstance(name, str) else ""


def _links(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    links = item.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and isinstance(link.get("href"), str):
            yield link


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _spatial(item: dict[str, Any]) -> tuple[tuple[float, ...] | None, str]:
    """Return x min, y min, x max, y max of all features, and their CRS."""
    try:
        spatial = item["extent"]["spatial"]
        box = [float(edge) for edge in spatial["bbox"][0]]
        stated = normalise(spatial.get("crs"))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        return None, CRS84
    if len(box) not in (4, 6) or not all(map(math.isfinite, box)):
        return None, CRS84
    half = len(box) // 2
    return (box[0], box[1], box[half], box[half + 1]), stated or CRS84


def _interval(item: dict[str, Any]) -> tuple[Any, ...] | None:
    try:
        return tuple(item["extent"]["temporal"]["interval"][0][:2])
    except (KeyError, TypeError, IndexError):
        return None
