"""Whether a source of the catalogue is there and is what it says: one polite question, and a look at the answer."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from dtwin_plugin.catalogue import Entry
from dtwin_plugin.catalogue.moved import newer, proposed
from dtwin_plugin.errors import UnavailableError
from dtwin_plugin.translate import mark

from .peek import Peeker, peek
from .transport import Response

_FOR_GOOD = (301, 308)
_Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Finding:
    """What was found of one source.

    Attributes
    ----------
    state : str
        A key of `states.STATES`.
    detail : str
        Why, as a template with `values`.
    new_url : str
        Where it is now, if it has moved.
    seconds : float or None
        Until the answer; None: none came.
    answered : bool
        Whether any server answered.
    """

    entry: Entry
    state: str
    detail: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    new_url: str = ""
    seconds: float | None = None
    answered: bool = True


@dataclass(frozen=True)
class _Kind:
    """How a kind of source is asked, and what its answer begins with or holds."""

    ask: str  # begins with "?": parameters; otherwise added to the address
    looks_right: re.Pattern[bytes] | None = None
    loose: bool = False  # an address of a REST service may want parameters: any answer but "gone" is one


def _holding(*words: str) -> re.Pattern[bytes]:
    return re.compile(b"|".join(word.encode() for word in words), re.IGNORECASE | re.DOTALL)


_JSON_LINKS = _holding(r"^\s*\{.*\"(links|collections)\"\s*:")
_KINDS = {
    "ogcapi": _Kind("?f=json", _JSON_LINKS),
    "ogcapi-features": _Kind("?f=json", _JSON_LINKS),
    "ogcapi-tiles": _Kind("?f=json", _JSON_LINKS),
    "wfs": _Kind("?SERVICE=WFS&REQUEST=GetCapabilities", _holding("WFS_Capabilities")),
    "wms": _Kind("?SERVICE=WMS&REQUEST=GetCapabilities", _holding("<WM(S|T_MS)_Capabilities")),
    "wmts": _Kind("?SERVICE=WMTS&REQUEST=GetCapabilities", _holding(r"<Capabilities[^>]*wmts")),
    "wcs": _Kind("?SERVICE=WCS&REQUEST=GetCapabilities", _holding(r"Capabilities[^>]*wcs")),
    "3dtiles": _Kind("", _holding(r"\"(root|geometricError|asset)\"\s*:")),
    "quantized-mesh": _Kind("/layer.json", _holding(r"\"tiles\"\s*:")),
    "cityjson-api": _Kind("?limit=1", _holding("CityJSON")),
    "cityjson": _Kind("", _holding(r"^\x1f\x8b", "^PK", "CityJSON")),
    "copc": _Kind("", _holding("^LASF")),
    "laz": _Kind("", _holding("^LASF")),
    "las": _Kind("", _holding("^LASF")),
    "ept": _Kind("", _holding(r"\"(schema|hierarchyType)\"\s*:")),
    "cog": _Kind("", _holding(r"^II[*+]\0", r"^MM\0[*+]")),
    "geotiff": _Kind("", _holding(r"^II[*+]\0", r"^MM\0[*+]")),
    "flatgeobuf": _Kind("", _holding("^fgb")),
    "gpkg": _Kind("", _holding("^SQLite format 3", r"^\x1f\x8b", "^PK")),
    "ifc": _Kind("", _holding("ISO-10303-21", "^PK")),
    "geojson": _Kind("", _holding("FeatureCollection")),
    "atom": _Kind("", _holding(r"<(\w+:)?(feed|rdf|rss)")),
    "datex2": _Kind("", _holding(r"^\x1f\x8b", r"^\s*<")),
    "sensorthings": _Kind("", _holding(r"\"value\"\s*:")),
    "opendap": _Kind(".dds", _holding(r"^\s*Dataset\s*\{")),
}
_REST = _Kind("", None, loose=True)
_WEB_PAGE = re.compile(rb"^\s*(<!doctype html|<html)", re.IGNORECASE)
_COMPLAINT = re.compile(rb"<(\w+:)?(ExceptionReport|ServiceException(Report)?)\b")


def probe(entry: Entry, peeker: Peeker, *, timeout: float, slow: float, cancelled: _Cancelled) -> Finding:
    """Return what a source is like now; where it is gone, look whether it is at the address that follows it.

    Raises
    ------
    Cancelled
        If the user stops it.
    """
    if not entry.url:
        return Finding(entry, "skipped", mark("It comes as a file."))
    if entry.is_template:
        return Finding(entry, "skipped", mark("Its address has places to fill in."))
    found = _asked(entry, peeker, timeout, slow, cancelled)
    follow = proposed(entry.url)
    if found.state == "dead" and found.answered or follow is not None and follow.url:
        for url in [follow.url] if follow and follow.url else newer(entry.url):
            other = _asked(replace(entry, url=url), peeker, timeout, slow, cancelled)
            if other.state in ("ok", "slow"):
                detail = mark("It is out of service; this one answers.") if found.state == "dead" else NEWER
                return Finding(entry, "moved", detail, {}, url, other.seconds)
    return found


NEWER = mark("It still answers, but another address is the one of today.")


def _asked(entry: Entry, peeker: Peeker, timeout: float, slow: float, cancelled: _Cancelled) -> Finding:
    kind = _KINDS.get(entry.kind, _REST)
    ask = str(entry.more.get("probe", kind.ask))
    begin = time.monotonic()
    try:
        answer = peek(peeker, _question(str(entry.url), ask), timeout=timeout, cancelled=cancelled)
    except UnavailableError as error:
        late = time.monotonic() - begin >= 0.95 * timeout
        return Finding(entry, "slow" if late else "dead", error.message, error.values, answered=False)
    seconds = time.monotonic() - begin
    found = replace(_judged(entry, kind, answer), seconds=seconds)
    if found.state == "ok" and answer.redirects and answer.redirects[0][0] in _FOR_GOOD:
        new = _without(answer.url, str(entry.url), ask)
        if new.rstrip("/") != str(entry.url).rstrip("/"):
            return replace(found, state="moved", detail=mark("The server sends on to another address."), new_url=new)
    if found.state == "ok" and seconds > slow:
        return replace(found, state="slow", detail=mark("The answer took {time:.1f} s."), values={"time": seconds})
    return found


def _judged(entry: Entry, kind: _Kind, answer: Response) -> Finding:
    """Return what an answer says of a source, by its status and its first bytes."""
    status = answer.status
    if status in (407, 511):
        text = mark("The network asks for a login first (HTTP {status}).")
        return Finding(entry, "dead", text, {"status": status}, answered=False)
    if status in (401, 403):
        return Finding(entry, "key", mark("The server asks for a key (HTTP {status})."), {"status": status})
    if status == 429:
        return Finding(entry, "slow", mark("The server is busy (HTTP {status})."), {"status": status})
    if status == 404 and kind.loose and "probe" not in entry.more:
        text = mark("The server answers, but has nothing at this address itself (HTTP {status}).")
        return Finding(entry, "unclear", text, {"status": status})
    if status in (404, 410) or status >= 500:
        return Finding(entry, "dead", mark("The server answers HTTP {status}."), {"status": status})
    if kind.loose:
        return Finding(entry, "ok")
    if _WEB_PAGE.search(answer.body):
        return Finding(entry, "wrong", mark("A web page came, no {kind}."), {"kind": entry.kind})
    if _COMPLAINT.search(answer.body):
        return Finding(entry, "wrong", mark("The server answers with an error message."))
    if status >= 400:
        text = mark("The server does not understand the question (HTTP {status}).")
        return Finding(entry, "wrong", text, {"status": status})
    if kind.looks_right is not None and not kind.looks_right.search(answer.body):
        return Finding(entry, "wrong", mark("What came is no {kind}."), {"kind": entry.kind})
    return Finding(entry, "ok")


def _question(url: str, ask: str) -> str:
    """Return the address to ask: with parameters after those that it has, or with a path before them.

    >>> _question("https://a.nl/ows?map=b", "?f=json"), _question("https://a.nl/mesh/?k=1", "/layer.json")
    ('https://a.nl/ows?map=b&f=json', 'https://a.nl/mesh/layer.json?k=1')
    """
    path, mark_, query = url.partition("?")
    if ask.startswith("?"):
        return f"{path}?{query}&{ask[1:]}" if query else path + ask
    return (path.rstrip("/") if ask.startswith("/") else path) + ask + mark_ + query


def _without(final: str, url: str, ask: str) -> str:
    """Return the address behind a question: what was added to it taken away again."""
    path = final.partition("?")[0]
    if not ask.startswith("?") and ask and path.endswith(ask):
        path = path[: -len(ask)]
    query = url.partition("?")[2]
    return f"{path}?{query}" if query else path
