"""Download feeds (INSPIRE ATOM, RFC 4287) and tile indexes: which file covers which part of the country."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD, normalise
from dtwin_plugin.errors import FormatError

from . import crs as policy
from . import safe_xml
from .features_service.answers import within_server
from .features_service.frame import to_rd

_LARGEST = 64 << 20  # bytes of a feed or an index; that of AHN takes 0.7 MB
_MOST = 200_000  # links or tiles
_NAMES = ("kaartbladNr", "kaartblad", "bladnr", "tile", "name", "naam", "titel", "id")
_DEEPEST = 6  # levels of lists in a geometry


@dataclass(frozen=True)
class Link:
    """A file or another feed that a feed refers to.

    Attributes
    ----------
    href : str
        Whole address.
    rel, type, title : str
        As the feed says.
    size : int
        Bytes, 0 if unknown.
    box : tuple of float or None
        South, west, north, east [degrees], of the link or of its entry.
    crs : str or None
        Of the file, normalised, where its entry has one.
    """

    href: str
    rel: str
    type: str
    title: str
    size: int = 0
    box: tuple[float, float, float, float] | None = None
    crs: str | None = None

    def extent(self) -> Extent | None:
        """Return the rectangle in RD around its box, None without one; raises CrsError without the grids."""
        if self.box is None:
            return None
        south, west, north, east = self.box
        return policy.extent_to_rd((west, south, east, north), "EPSG:4258")


@dataclass(frozen=True)
class Tile:
    """A file that covers a rectangle [RD]."""

    name: str
    url: str
    extent: Extent


def feed_links(body: bytes, url: str) -> list[Link]:
    """Return the links of the entries of a feed, in its order; those to another server are left out.

    Raises
    ------
    FormatError
        If it is no feed.
    """
    name = _named(url)
    _expect_size(body, name)
    root = safe_xml.parsed(body, name)
    if safe_xml.local(root.tag) != "feed":
        raise FormatError(
            "{file} is not an ATOM feed; its root is {root}.", file=name, root=safe_xml.local(root.tag)[:80]
        )
    entries = (item for item in root if safe_xml.local(item.tag) == "entry")
    found = [link for entry in entries for link in _links_of(entry, url)]
    return found[:_MOST]


def _links_of(entry: Any, url: str) -> Iterator[Link]:
    title = safe_xml.text(entry, "title") or ""
    box = _box(safe_xml.text(entry, "box") or safe_xml.text(entry, "polygon") or "")
    categories = [item.get("term") for item in entry if safe_xml.local(item.tag) == "category"]
    crs = next((name for name in map(normalise, categories) if name), None)
    for item in entry:
        if safe_xml.local(item.tag) != "link" or not item.get("href"):
            continue
        try:
            href = within_server(url, item.get("href").strip())
        except FormatError:
            continue
        size = item.get("length", "")
        yield Link(
            href,
            item.get("rel", "alternate"),
            item.get("type", ""),
            item.get("title") or title,
            int(size) if re.fullmatch(r"\d{1,15}", size) else 0,
            _box(item.get("bbox", "")) or box,
            crs,
        )


def _box(text: str) -> tuple[float, float, float, float] | None:
    """Return south, west, north, east of "lat lon lat lon …", None where it is none.

    >>> _box("52.0 4.3 52.1 4.4"), _box("52 4 52 5 53 5 53 4 52 4"), _box("4 5")
    ((52.0, 4.3, 52.1, 4.4), (52.0, 4.0, 53.0, 5.0), None)
    """
    try:
        numbers = [float(part) for part in text[:4000].replace(",", " ").split()]
    except ValueError:
        return None
    if len(numbers) < 4 or len(numbers) % 2 or not all(map(math.isfinite, numbers)):
        return None
    latitudes, longitudes = numbers[0::2], numbers[1::2]
    return min(latitudes), min(longitudes), max(latitudes), max(longitudes)


def index_tiles(body: bytes, url: str) -> list[Tile]:
    """Return the tiles of an index (GeoJSON): polygons with the address of a file.

    The names of the properties differ between owners, so the address is what looks like one.

    Raises
    ------
    FormatError
        If it is no index, or has no tile with an address on its own server.
    CrsError
        If it is in degrees and the grids are missing.
    """
    file = _named(url)
    _expect_size(body, file)
    try:
        answer = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormatError("{file} is not JSON, or ends half-way.", hint="Download it again.", file=file) from error
    features = answer.get("features") if isinstance(answer, dict) else None
    if not isinstance(features, list):
        raise FormatError("{file} is no tile index; expected a GeoJSON FeatureCollection.", file=file)
    stated = answer.get("crs")
    properties = stated.get("properties") if isinstance(stated, dict) else None
    crs = normalise(properties.get("name")) if isinstance(properties, dict) else None
    tiles = [tile for feature in features[:_MOST] for tile in _tile(feature, url, crs or RD)]
    if not tiles:
        raise FormatError(
            "{file} has no tile with an address of a file on the same server.",
            hint="Check its address in the catalogue.",
            file=file,
        )
    return tiles


def _tile(feature: Any, url: str, crs: str) -> Iterator[Tile]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        return
    texts = {str(name): value for name, value in properties.items() if isinstance(value, str)}
    href = next((value for value in texts.values() if re.match(r"https?://|/", value) and _stem(value)), None)
    points = list(_points(geometry.get("coordinates"), _DEEPEST))
    if href is None or not points:
        return
    try:
        whole = within_server(url, href)
    except FormatError:
        return
    found = to_rd(np.array(points, float), crs)
    low, high = found.min(axis=0).tolist(), found.max(axis=0).tolist()
    name = next((texts[key] for key in _NAMES if texts.get(key)), "") or _stem(href)
    if all(map(math.isfinite, (*low, *high))):
        yield Tile(name[:80], whole, Extent(*low, *high))


def _points(value: Any, deepest: int) -> Iterator[tuple[float, float]]:
    """Yield the x and y of nested lists of coordinates."""
    if not isinstance(value, list) or not value or deepest == 0:
        return
    if isinstance(value[0], (int, float)):
        if len(value) > 1 and isinstance(value[1], (int, float)) and max(abs(value[0]), abs(value[1])) < 1e9:
            yield float(value[0]), float(value[1])
        return
    for item in value:
        yield from _points(item, deepest - 1)


def _stem(href: str) -> str:
    return unquote(urlsplit(href).path).rpartition("/")[2].rpartition(".")[0]


def _named(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2] or url


def _expect_size(body: bytes, file: str) -> None:
    if len(body) > _LARGEST:
        raise FormatError(
            "{file} has {size} bytes; expected at most {limit}.", file=file, size=len(body), limit=_LARGEST
        )
