"""Time series of a server: a source of the catalogue, or an address with what it speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Series
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.transport import Transport
from dtwin_plugin.translate import mark

from .builder import Builder
from .datex_sites import SiteTable
from .following import Asking
from .question import Question
from .speaking import WAYS
from .tabled import within

# What a server speaks -> title.
SPOKEN = {
    "sensorthings": mark("SensorThings"),
    "ngsi-ld": mark("NGSI-LD"),
    "luchtmeetnet": mark("Luchtmeetnet"),
    "edr": mark("OGC API - EDR"),
    "datex2": mark("DATEX II"),
    "file": mark("A file (JSON, XML or CSV)"),
}
_BY_ID = {"luchtmeetnet": "luchtmeetnet", "knmi-edr": "edr"}


@dataclass(frozen=True)
class LiveSource:
    """A source as it is asked again and again.

    Attributes
    ----------
    spoken : str
        A key of `SPOKEN`.
    interval : float
        Time between questions [s] that its owner asks for, or that suits how often it changes.
    keeps : float
        How long the server still gives what was measured [s]; 0: only the last file.
    """

    id: str
    title: str
    url: str
    spoken: str
    interval: float
    keeps: float


# What a server speaks -> time between questions, and how long it keeps what was measured [s].
_HABITS = {
    "datex2": (60.0, 0.0),
    "file": (300.0, 0.0),
    "luchtmeetnet": (3600.0, 7 * 86_400.0),
    "edr": (600.0, 86_400.0),
    "sensorthings": (300.0, 30 * 86_400.0),
    "ngsi-ld": (300.0, 86_400.0),
}


def live_source(source: str, spoken: str = "") -> LiveSource:
    """Return what is known of a source: an id of the catalogue, or an address.

    Raises
    ------
    InputError
        If it is not known, or gives no time series.
    """
    url, name, language = _resolved(source, spoken)
    interval, keeps = _HABITS[language]
    known = catalogue.entries().get(source)
    told = re.fullmatch(r"(\d{1,6}) s", str(known.more.get("refresh", ""))) if known is not None else None
    title = known.title if known is not None else name
    return LiveSource(name, title, url, language, float(told[1]) if told else interval, keeps)


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
        A key of `SPOKEN`; default what the catalogue or the address says.
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
