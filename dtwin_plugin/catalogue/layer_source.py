"""The address in the source of a QGIS layer, exchanged for that of today; all else in it stays as it was.

QGIS writes sources in three ways: as parameters (`url=…&layers=…`, of WMS, WMTS, WCS, XYZ, vector tiles, 3D Tiles), as
quoted words (`url='…' typename='…'`, of WFS and OGC API Features), and as an address itself (point clouds, GDAL).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from .moved import Proposal, proposed

_ADDRESSES = ("url", "styleUrl")
_NAMES = ("layers", "typename", "identifier", "coverage")  # parameters that name layers
_QUOTED = re.compile(r"\b(\w+)='((?:[^'\\]|\\.)*)'")
_BARE = re.compile(r"https?://[^\s|'\"]+")
_NAMED_IN_URL = re.compile(r"(?i)\b(typenames?|layers|coverage(?:id)?)=([^&\s|]+)")
_SAFE = ":/?@!$()*,;~"  # that QGIS leaves as they are within a parameter


@dataclass(frozen=True)
class Repair:
    """How the source of a layer should change.

    Attributes
    ----------
    old, new : str
        Addresses, without parameters, in which a key may stand; `new` is empty where nothing follows the old one.
    source : str
        The new source; empty where there is none.
    reason : str
        One of those of `moved`.
    sure : bool
        Whether the new service is the same one, with layers of known names.
    renamed : mapping of str to str
        Layers that have another name there.
    """

    old: str
    new: str
    source: str
    reason: str
    sure: bool
    renamed: Mapping[str, str] = field(default_factory=dict)


def repaired(source: str) -> Repair | None:
    """Return how the source of a layer should change; None where its address is not known to be outdated.

    >>> found = repaired("pagingEnabled='true' typename='bag:pand' url='https://service.pdok.nl/lv/bag/wfs/v1_1'")
    >>> found.source
    "pagingEnabled='true' typename='bag:pand' url='https://service.pdok.nl/lv/bag/wfs/v2_0'"
    """
    changes = [(raw, url, found) for raw, url in _addresses(source) if (found := proposed(url))]
    if not changes:
        return None
    raw, url, first = changes[0]
    old = url.partition("?")[0]
    if not all(change.url for *_, change in changes):
        return Repair(old, "", "", first.reason, False)
    new = source
    for old_raw, _, change in changes:
        new = new.replace(old_raw, _written(change.url, old_raw))
    new, renamed, strange = _with_names(new, first)
    return Repair(old, first.url.partition("?")[0], new, first.reason, first.sure and not strange, renamed)


def _addresses(source: str) -> list[tuple[str, str]]:
    """Return the addresses in a source, as they stand there and as they are."""
    if _is_bare(source):
        found = [item[0] for item in _BARE.finditer(source)]
    elif re.search(r"\burl='", source):
        found = [item[2] for item in _QUOTED.finditer(source) if item[1] in _ADDRESSES]
    else:
        parts = [part.partition("=") for part in source.split("&")]
        found = [value for name, _, value in parts if name in _ADDRESSES]
    return [(raw, unquote(raw) if "%" in raw else raw) for raw in dict.fromkeys(found) if raw]


def _is_bare(source: str) -> bool:
    return bool(re.match(r"(\w+:)?(/vsi\w+/)*https?://", source))


def _written(url: str, like: str) -> str:
    """Return an address as the old one was written."""
    return quote(url, safe=_SAFE) if "%" in like else url


def _with_names(source: str, change: Proposal) -> tuple[str, dict[str, str], bool]:
    """Return a source with the names of layers at the new service, those that changed, and whether one is strange."""
    if not change.layers:
        return source, {}, False
    renamed: dict[str, str] = {}
    strange = False

    def exchanged(raw: str) -> str:
        nonlocal strange
        names = []
        for name in (unquote(raw) if "%" in raw else raw).split(","):
            new = change.layers.get(name, name)
            if new != name:
                renamed[name] = new
            strange = strange or new == name and name not in change.layers.values()
            names.append(new)
        return _written(",".join(names), raw)

    if _is_bare(source):
        return _NAMED_IN_URL.sub(lambda found: f"{found[1]}={exchanged(found[2])}", source), renamed, strange
    if re.search(r"\burl='", source):
        swap = _QUOTED.sub(
            lambda found: f"{found[1]}='{exchanged(found[2])}'" if found[1].lower() in _NAMES else found[0], source
        )
        return swap, renamed, strange
    parts = [part.partition("=") for part in source.split("&")]
    text = "&".join(
        name + mark + (exchanged(value) if name.lower() in _NAMES and value else value) for name, mark, value in parts
    )
    return text, renamed, strange
