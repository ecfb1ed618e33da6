"""Time series of a server: a source of the catalogue, or an address with what it speaks."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Series
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.transport import Transport

from .builder import Builder
from .datex_sites import SiteTable
from .following import Asking
from .question import Question
from .speaking import WAYS
from .tabled import within

_BY_ID = {"luchtmeetnet": "luchtmeetnet", "knmi-edr": "edr"}


def ask(
    transport: Transport,
    source: str,
    extent: Extent | None = None,
    since: np.datetime64 | None = None,
    *,
    spoken: str = "",
    sites: SiteTable | None = None,
    progress: Progress | None = None,
) -> Series:
    """Return the time series of a server.

    Parameters
    ----------
    transport : Transport
        The way to the network.
    source : str
        An id of the catalogue, or an address; a query in the address stays, such as `?type=AirQualityObserved`.
    extent : Extent, optional
        Area in RD; default all that the server has.
    since : datetime64, optional
        UTC: what was measured or became known from then on; default the last values (of Luchtmeetnet and EDR, those
        of a day).
    spoken : str
        A key of `spoken.SPOKEN`; default what the catalogue or the address says.
    sites : SiteTable, optional
        The table of measurement sites of the NDW; default it is asked for beside the source.

    Raises
    ------
    InputError
        If the source is not known, or what it speaks is not.
    UnavailableError, FormatError
        If it does not answer, or with something else.
    """
    url, name, language = _resolved(source, spoken)
    build = Builder(name)
    asking = Asking(transport, build, progress or Silent())
    WAYS[language](asking, url, Question(extent, since, sites))
    series = build.series()
    return within(series, extent) if extent is not None else series


def _resolved(source: str, spoken: str) -> tuple[str, str, str]:
    """Return address, name and language of a source."""
    if re.match(r"https?://", source):
        parts = urlsplit(source)
        path = parts.path.lower()
        guess = "file"
        if "ngsi-ld" in path:
            guess = "ngsi-ld"
        elif re.search(r"/v1\.[01]/?$", path):
            guess = "sensorthings"
        elif "/collections/" in path:
            guess = "edr"
        elif path.endswith((".xml.gz", ".xml")):
            guess = "datex2"
        return source, f"{parts.hostname}{parts.path}", spoken or guess
    entry = catalogue.entry(source)
    language = spoken or _BY_ID.get(entry.id, entry.kind)
    if not entry.url or language not in WAYS:
        raise InputError(
            "The source {id} of the catalogue gives no time series: it is {kind}.",
            hint="Choose one that speaks {known}.",
            id=entry.id,
            kind=entry.kind,
            known=", ".join(WAYS),
        )
    return entry.url, entry.id, language
