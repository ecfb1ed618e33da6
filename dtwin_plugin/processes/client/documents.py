"""What the documents of a server say: links, conformance classes, processes, read with care."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

CORE = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core"
MOST_LINKS = 1000
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"


@dataclass(frozen=True)
class ProcessSummary:
    """A process in the list of a server."""

    id: str
    title: str
    version: str = ""
    summary: str = ""


def joined(base: str, address: str) -> str:
    """Return a whole address, "" where it is none.

    >>> joined("https://a.nl/jobs/1", "results"), joined("https://a.nl", "http://[broken")
    ('https://a.nl/jobs/results', '')
    """
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def links(document: Any, base: str) -> Iterator[tuple[str, str, str]]:
    """Yield relation, media type and whole address of each link of a document."""
    found = document.get("links") if isinstance(document, Mapping) else None
    for one in found[:MOST_LINKS] if isinstance(found, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("href"), str) and isinstance(one.get("rel"), str):
            kind, url = one.get("type"), joined(base, one["href"])
            if url:
                yield one["rel"], kind if isinstance(kind, str) else "", url


def link(document: Any, relation: str, base: str) -> str:
    """Return the address of a relation, as JSON where there are more; "" where there is none.

    The long names of OGC, their short forms and those in brackets, "[ogc-rel:results]", are one.

    >>> link({"links": [{"rel": "[ogc-rel:results]", "href": "r?f=json"}]}, "results", "https://a.nl/jobs/1")
    'https://a.nl/jobs/r?f=json'
    """
    names = {relation, _REL + relation, f"[ogc-rel:{relation}]", f"ogc-rel:{relation}"}
    found = [(kind, url) for rel, kind, url in links(document, base) if rel in names]
    best = [url for kind, url in found if "json" in kind or "f=json" in url] or [url for kind, url in found if not kind]
    return (best or [url for _, url in found] or [""])[0]


def title_of(value: Any, otherwise: str) -> str:
    """Return a title of one line and no more than 200 characters, without what a label would show as HTML.

    >>> title_of("<img src=x> A", "a"), title_of(None, "a")
    ('img src=x A', 'a')
    """
    text = " ".join(text_of(value).replace("<", "").replace(">", "").split())[:200]
    return text or otherwise.replace("<", "").replace(">", "")[:200]


def text_of(value: Any) -> str:
    """Return a text; of one in several languages the English, or the first.

    >>> text_of("a"), text_of({"nl": "b", "en": "c"}), text_of(3)
    ('a', 'c', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        texts = [value.get("en"), *value.values()]
        return next((one for one in texts if isinstance(one, str)), "")
    return ""
