"""Which kind of service an address or an id of the catalogue is."""

from __future__ import annotations

from typing import Union
from urllib.parse import urlsplit

from dtwin_plugin import catalogue
from dtwin_plugin.errors import FormatError, InputError, UnavailableError
from dtwin_plugin.sources.transport import Transport

from .answers import server_of
from .capabilities import capabilities
from .ogcapi import OgcFeaturesSource
from .service import Service, split_address
from .wfs import WfsSource

KINDS = ("ogcapi-features", "wfs")
FeaturesSource = Union[OgcFeaturesSource, WfsSource]


def source_of(
    name: str,
    collection: str | None = None,
    *,
    transport: Transport,
    datetime: str | None = None,
    current: bool = False,
) -> FeaturesSource:
    """Return the source that reads an id of the catalogue or an address.

    Parameters
    ----------
    name : str
        "bag-ogcapi", or "https://…".
    collection : str, optional
        Collection or type.
    datetime, current
        As those of `OgcFeaturesSource`; a WFS has neither.

    Raises
    ------
    InputError
        If the catalogue has no such id, or it is no service of features.
    UnavailableError, FormatError
        If the address answers as neither kind of service.
    """
    url, kind = name.strip(), ""
    if urlsplit(url).scheme not in ("http", "https"):
        entry = catalogue.entry(url)
        if entry.kind not in KINDS:
            raise InputError(
                "{title} is no service of features: it is {kind}.",
                hint="Choose the loader for what it is.",
                title=entry.title,
                kind=entry.kind,
            )
        url, kind = catalogue.url_of(url), entry.kind
    if (kind or _kind(url, transport)) == "wfs":
        if datetime:
            raise InputError("A WFS keeps no history; leave out the moment.")
        return WfsSource(url, collection, transport=transport)
    return OgcFeaturesSource(url, collection, transport=transport, datetime=datetime, current=current)


def _kind(url: str, transport: Transport) -> str:
    """Return what an address answers as: by its looks first, and then by asking."""
    lower = url.lower()
    if "service=wfs" in lower or urlsplit(lower).path.rstrip("/").endswith("/wfs") or "/wfs/" in lower:
        return "wfs"
    if "/collections" in lower or "/ogc/v" in lower:
        return "ogcapi-features"
    landing, query, _ = split_address(url)
    try:
        Service(landing, query, transport).all()
    except (FormatError, UnavailableError) as first:
        try:
            capabilities(transport, url)
        except (FormatError, UnavailableError):
            raise UnavailableError(
                "{server} answers neither as an OGC API nor as a WFS.",
                hint="Check the address: that of the landing page of an OGC API, or of a WFS.",
                server=server_of(url),
            ) from first
        return "wfs"
    return "ogcapi-features"
