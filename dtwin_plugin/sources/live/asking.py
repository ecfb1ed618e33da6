"""Time series of a server: a source of the catalogue, or an address with what it speaks."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import IO
from urllib.parse import urlsplit

import numpy as np

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Series
from dtwin_plugin.errors import InputError, UnavailableError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.crs import extent_from_rd
from dtwin_plugin.sources.transport import Transport, full_url
from dtwin_plugin.translate import mark

from . import air, coverage, ngsi_ld
from .builder import Builder
from .datex_sites import Site, SiteTable, read_sites
from .following import Asking
from .heads import kind_of
from .reading import add_stream
from .sensorthings import SensorThings
from .tabled import within
from .unpacked import unpacked

SITES = "measurement_current.xml.gz"
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
_PAGE = "500"
_STATIONS = 2000  # at most, each of which is asked for by itself


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
    _WAYS[language](asking, url, _Question(extent, since, sites))
    series = build.series()
    return within(series, extent) if extent is not None else series


class _Question:
    """What is asked of a source."""

    def __init__(self, extent: Extent | None, since: np.datetime64 | None, sites: SiteTable | None) -> None:
        self.extent, self.since, self.sites = extent, since, sites

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """Longitude and latitude of the corners of the area."""
        return None if self.extent is None else extent_from_rd(self.extent, "OGC:CRS84")

    def times(self) -> tuple[str, str]:
        """From when and until when, at least the last day."""
        now = datetime.now(timezone.utc)
        begin = _text(self.since) if self.since is not None else (now - timedelta(days=1)).strftime(_FORMAT)
        return begin, now.strftime(_FORMAT)

    def polygon(self) -> str:
        """The area as WKT."""
        x0, y0, x1, y1 = (f"{edge:.6f}" for edge in self.box or ())
        return f"POLYGON (({x0} {y0}, {x1} {y0}, {x1} {y1}, {x0} {y1}, {x0} {y0}))"


_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def _text(time: np.datetime64) -> str:
    return f"{np.datetime_as_string(time, unit='s')}Z"


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
    if not entry.url or language not in _WAYS:
        raise InputError(
            "The source {id} of the catalogue gives no time series: it is {kind}.",
            hint="Choose one that speaks {known}.",
            id=entry.id,
            kind=entry.kind,
            known=", ".join(_WAYS),
        )
    return entry.url, entry.id, language


def _sensorthings(asking: Asking, url: str, question: _Question) -> None:
    entities = SensorThings(asking.build)
    base, _, query = url.partition("?")
    base = base.rstrip("/")
    last = "Observations($orderby=phenomenonTime desc;$top=1)"
    inner = "ObservedProperty" if question.since is not None else f"ObservedProperty,{last}"
    params = {"$expand": f"Locations,Datastreams($expand={inner})", "$top": _PAGE}
    given = [part for part in query.split("&") if part]
    area = f"st_within(Locations/location,geography'{question.polygon()}')" if question.box else ""
    things = f"{base}/Things" + (f"?{'&'.join(given)}" if given else "")
    try:
        pages = list(asking.pages(things, {**params, "$filter": area} if area and "$filter" not in query else params))
    except UnavailableError:
        if not area:
            raise
        pages = list(asking.pages(things, params))  # a server that knows no areas gives all, and the rest is done here
    for page in pages:
        entities.add(page)
    if question.since is not None:
        begin = _text(question.since)
        wanted = {
            "$filter": f"phenomenonTime ge {begin} or resultTime ge {begin}",
            "$orderby": "phenomenonTime asc",
            "$top": "1000",
        }
        box = question.box
        for name in list(entities.streams):
            if box is None or entities.touches(name, box):
                for page in asking.pages(f"{base}/Datastreams({_key(name)})/Observations", wanted):
                    entities.add(page, stream=name)
    entities.finish()


def _key(name: str) -> str:
    """Return an id as it stands in an address: a number, or a text in quotes."""
    return name if name.isdigit() else "'" + name.replace("'", "''") + "'"


def _ngsi_ld(asking: Asking, url: str, question: _Question) -> None:
    base, _, query = url.partition("?")
    base = base.rstrip("/")
    base = re.sub(r"/(temporal/)?entities$", "", base)
    base = base if base.endswith("/ngsi-ld/v1") else f"{base}/ngsi-ld/v1"
    params = {"limit": "100"}
    if question.box:
        x0, y0, x1, y1 = (round(edge, 6) for edge in question.box)
        ring = f"[[[{x0},{y0}],[{x1},{y0}],[{x1},{y1}],[{x0},{y1}],[{x0},{y0}]]]"
        params.update({"georel": "within", "geometry": "Polygon", "coordinates": ring})
    path = "entities"
    if question.since is not None:
        path = "temporal/entities"
        params.update({"timerel": "after", "timeAt": _text(question.since), "options": "temporalValues"})
    if not re.search(r"(^|&)(type|attrs|q|local)=", query) and not question.box:
        raise InputError(
            "An NGSI-LD server is asked for a type of entities or an area, and neither is given.",
            hint="Add the type to the address: ?type=AirQualityObserved.",
        )
    address = f"{base}/{path}" + (f"?{query}" if query else "")
    for page in asking.pages(address, params, {"Accept": "application/ld+json"}):
        ngsi_ld.add_entities(page, asking.build)


def _luchtmeetnet(asking: Asking, url: str, question: _Question) -> None:
    base = url.rstrip("/")
    numbers: list[str] = []
    for page in _numbered(asking, f"{base}/stations", {"order_by": "number"}):
        numbers += [str(row.get("number")) for row in page if row.get("number")]
    begin, end = question.times()
    box = question.box
    for number in numbers[:_STATIONS]:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", number):
            continue
        air.add_answer({"data": {**_data(asking.one(f"{base}/stations/{number}")), "number": number}}, asking.build)
        if box is None or asking.build.is_within(number, box):
            wanted = {"station_number": number, "start": begin, "end": end}
            for page in _numbered(asking, f"{base}/measurements", wanted):
                air.add_answer({"data": page}, asking.build, number)


def _data(answer: object) -> dict[str, object]:
    found = answer.get("data") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}


def _numbered(asking: Asking, url: str, params: Mapping[str, str]) -> list[list[dict[str, object]]]:
    """Return the pages of a list of Luchtmeetnet, which are numbered."""
    pages: list[list[dict[str, object]]] = []
    last = 1
    while len(pages) < min(last, 200):
        answer = asking.one(url, {"page": str(len(pages) + 1), **params})
        found = answer.get("data") if isinstance(answer, dict) else None
        pages.append([row for row in found if isinstance(row, dict)] if isinstance(found, list) else [])
        told = answer.get("pagination") if isinstance(answer, dict) else None
        count = told.get("last_page") if isinstance(told, dict) else None
        last = count if isinstance(count, int) else 1
    return pages


def _edr(asking: Asking, url: str, question: _Question) -> None:
    """Ask a collection of OGC API - EDR for all that it has in an area (OGC 19-086r6, 8.2.5)."""
    if question.box is None:
        raise InputError("A service of OGC API - EDR is asked by area, and none is given.", hint="Choose an area.")
    base, _, query = url.partition("?")
    base = base.rstrip("/")
    whole = base if base.endswith("/cube") else f"{base}/cube"
    box = ",".join(f"{edge:.6f}" for edge in question.box)
    params = {"bbox": box, "datetime": "/".join(question.times()), "f": "CoverageJSON"}
    for page in asking.pages(f"{whole}?{query}" if query else whole, params):
        if coverage.looks_like(page):
            coverage.add_coverages(page, asking.build)


def _file(asking: Asking, url: str, question: _Question) -> None:
    body = asking.answer(url).body
    sites: Mapping[str, Site] = question.sites or {}
    head = _stream(body, asking.build.source).read(1 << 14)
    if kind_of(head) == "measured" and not sites:
        address = full_url(url).partition("?")[0].rpartition("/")[0] + "/" + SITES
        sites = read_sites(_stream(asking.answer(address).body, SITES), SITES)
    box = question.box if sites else None
    if box is not None:
        sites = {name: site for name, site in sites.items() if _touches(site.place, box)}
    add_stream(_stream(body, asking.build.source), asking.build, sites, box is not None)


def _touches(place: Sequence[tuple[float, float]], box: tuple[float, float, float, float]) -> bool:
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in place)


def _stream(body: bytes, name: str) -> IO[bytes]:
    return unpacked(io.BytesIO(body), name)


_WAYS: dict[str, Callable[[Asking, str, _Question], None]] = {
    "sensorthings": _sensorthings,
    "ngsi-ld": _ngsi_ld,
    "luchtmeetnet": _luchtmeetnet,
    "edr": _edr,
    "datex2": _file,
    "file": _file,
}
