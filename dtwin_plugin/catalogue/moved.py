"""Addresses that services had before, and those that they have now.

Three kinds of knowledge, all of them data: addresses that an entry of the catalogue had before (`moved_from`), those of
services that no entry has (`resources/catalogue/moved.json`), and the number of a version in an address that is lower
than that of the entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from dtwin_plugin.paths import plugin_file
from dtwin_plugin.translate import mark

from .reading import entries, national_entries

_VERSION = re.compile(r"/v(\d{1,9}(?:[._]\d{1,9}){0,3})(?=/|$)")
_WMTS_VERSION = "1.0.0"  # of the standard, in old addresses of tiles

MOVED = mark("The service has moved.")
VERSION = mark("The service has a newer version.")
SECURE = mark("The service is asked over a safe connection.")
GONE = mark("The server is out of service; a successor is not known.")


@dataclass(frozen=True)
class Proposal:
    """What an address could become.

    Attributes
    ----------
    url : str
        Empty where it is known to be out of service and nothing follows it.
    reason : str
        One of `MOVED`, `VERSION`, `SECURE`, `GONE`.
    sure : bool
        Whether the owner, or many users, say so; otherwise it follows the pattern of others.
    layers : mapping of str to str
        Names of layers that are others there.
    """

    url: str
    reason: str
    sure: bool = True
    layers: Mapping[str, str] = field(default_factory=dict)


def proposed(url: str) -> Proposal | None:
    """Return what an address should become; None where nothing better is known.

    >>> proposed("https://geodata.nationaalgeoregister.nl/bag/wfs/v1_1?request=GetCapabilities").url
    'https://service.pdok.nl/lv/bag/wfs/v2_0?request=GetCapabilities'
    >>> proposed("https://service.pdok.nl/lv/bag/wfs/v2_0") is None
    True
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    if urlsplit(url).scheme not in ("http", "https") or not host:
        return None
    found = _by_rule(url) or _by_version(url) or _by_scheme(url)
    if found is None and host in _table()["gone"]:
        return Proposal("", GONE)
    return found if found is None or found.url != url else None


def newer(url: str) -> Iterator[str]:
    """Yield addresses of the next versions of a service, to be tried where this one is gone.

    >>> list(newer("https://a.nl/bag/wfs/v1_1"))
    ['https://a.nl/bag/wfs/v1_2', 'https://a.nl/bag/wfs/v2_0']
    """
    found = _VERSION.search(url)
    numbers = [int(part) for part in re.split(r"[._]", found[1])] if found else []
    if found is None or numbers[0] > 1000:  # a date is no count
        return
    head, tail = url[: found.start()], url[found.end() :]
    if len(numbers) == 2:
        yield f"{head}/v{numbers[0]}_{numbers[1] + 1}{tail}"
        yield f"{head}/v{numbers[0] + 1}_0{tail}"
    elif len(numbers) == 1:
        yield f"{head}/v{numbers[0] + 1}{tail}"


@dataclass(frozen=True)
class _Rule:
    old: str  # without scheme
    new: str
    sure: bool


def _rules() -> Iterator[_Rule]:
    """Yield all rules, those of the catalogue first; an own list cannot lead away from a national service."""
    national = [_bare(entry.url) for entry in national_entries().values() if entry.url]
    for entry in entries().values():
        if entry.url and not entry.is_template:
            for old in map(_bare, entry.moved_from):
                if not any(_begins(url, old) for url in national):
                    yield _Rule(old, entry.url, _keeps_its_data(old, entry.url))
    for row in _table()["rules"]:
        yield from (_Rule(_bare(old), row["to"], row["sure"]) for old in row["from"])


def _keeps_its_data(old: str, new: str) -> bool:
    """Tell whether a service is the same one elsewhere: AHN 2 and 3 are other heights than those of today."""
    return not re.search(r"/ahn\d/", old) or bool(re.search(r"/ahn\d/", new))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return dict(json.loads(plugin_file("resources", "catalogue", "moved.json").read_text(encoding="utf-8")))


def _by_rule(url: str) -> Proposal | None:
    bare = _bare(url)
    fitting = [rule for rule in _rules() if _begins(bare, rule.old)]
    if not fitting:
        return None
    rule = max(fitting, key=lambda item: len(item.old))
    layers = _layers(rule.new)
    path, _, query = url.partition("?")
    rest = [part for part in _bare(path)[len(rule.old) :].split("/") if part]
    while rest and (rest[0] == _WMTS_VERSION or _VERSION.fullmatch(f"/{rest[0]}")):
        rest.pop(0)
    if rest and "}" not in path and len(rest) < 3 and "." not in rest[-1]:  # no tile and no file: of the old server
        rest = []
    new = "/".join([rule.new, *(layers.get(part, part) for part in rest)])
    return Proposal(new + (f"?{query}" if query else "?" if url.endswith("?") else ""), MOVED, rule.sure, layers)


def _by_version(url: str) -> Proposal | None:
    """Return the address with the version that the catalogue has, where that is a higher one."""
    path, mark_, query = url.partition("?")
    found = _VERSION.search(path)
    if found is None:
        return None
    for current in _current():
        other = _VERSION.search(current)
        if other is None or _VERSION.sub("/v", current, count=1).count("{"):
            continue
        stem, wanted = _bare(current[: other.start()]), current[other.end() :]
        same = _bare(path[: found.start()]) == stem and _begins(path[found.end() :], wanted)
        if same and _numbers(found[1]) < _numbers(other[1]) or same and _spelled_otherwise(found[1], other[1]):
            new = current[: other.end()] + path[found.end() :]
            return Proposal(new + mark_ + query, VERSION, True, _layers(new))
    return None


def _by_scheme(url: str) -> Proposal | None:
    """Return a known service over https, where it is asked over http."""
    if not url.startswith("http://"):
        return None
    bare = _bare(url)
    known = any(current.startswith("https:") and _begins(bare, _bare(current)) for current in _current())
    return Proposal("https" + url[4:], SECURE) if known else None


def _current() -> list[str]:
    named = [entry.url for entry in entries().values() if entry.url and not entry.is_template]
    return named + [row["to"] for row in _table()["rules"]]


def _layers(url: str) -> dict[str, str]:
    bare = _bare(url)
    return next((dict(names) for old, names in _table()["layers"].items() if _begins(bare, _bare(old))), {})


def _bare(url: str) -> str:
    """Return an address as it is compared: host and path, without the scheme and the query."""
    host, slash, path = url.partition("?")[0].partition("://")[2].partition("/") if "://" in url else ("", "", url)
    return f"{host.lower()}{slash}{path}".rstrip("/")


def _begins(path: str, start: str) -> bool:
    return path == start or path.startswith(start.rstrip("/") + "/")


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers, without zeros at the end: 1_0 is 1."""
    numbers = [int(part) for part in re.split(r"[._]", version)]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _spelled_otherwise(version: str, other: str) -> bool:
    return version != other and _numbers(version) == _numbers(other)
