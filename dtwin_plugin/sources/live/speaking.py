"""How each kind of server is asked: a function a language."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from dtwin_plugin.errors import InputError, UnavailableError
from dtwin_plugin.sources.transport import full_url

from . import air, coverage, ngsi_ld
from .datex_sites import Site, read_sites, tables_beside
from .following import Asking
from .heads import kind_of
from .question import Question, time_text
from .reading import add_stream
from .sensorthings import SensorThings
from .unpacked import unpacked

_PAGE = "500"
_STATIONS = 2000  # at most, each of which is asked for by itself


def _sensorthings(asking: Asking, url: str, question: Question) -> None:
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
        begin = time_text(question.since)
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


def _ngsi_ld(asking: Asking, url: str, question: Question) -> None:
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
        params.update({"timerel": "after", "timeAt": time_text(question.since), "options": "temporalValues"})
    if not re.search(r"(^|&)(type|attrs|q|local)=", query) and not question.box:
        raise InputError(
            "An NGSI-LD server is asked for a type of entities or an area, and neither is given.",
            hint="Add the type to the address: ?type=AirQualityObserved.",
        )
    address = f"{base}/{path}" + (f"?{query}" if query else "")
    for page in asking.pages(address, params, {"Accept": "application/ld+json"}):
        ngsi_ld.add_entities(page, asking.build)


def _luchtmeetnet(asking: Asking, url: str, question: Question) -> None:
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


def _edr(asking: Asking, url: str, question: Question) -> None:
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


def _file(asking: Asking, url: str, question: Question) -> None:
    body = asking.answer(url).body
    sites: Mapping[str, Site] = question.sites or {}
    head = _stream(body, asking.build.source).read(1 << 14)
    if kind_of(head) == "measured" and not sites:
        folder, _, name = full_url(url).partition("?")[0].rpartition("/")
        table = tables_beside(name)[0]
        sites = read_sites(_stream(asking.answer(f"{folder}/{table}").body, table), table)
    box = question.box if sites else None
    if box is not None:
        sites = {name: site for name, site in sites.items() if _touches(site.place, box)}
    add_stream(_stream(body, asking.build.source), asking.build, sites, box is not None)


def _touches(place: Sequence[tuple[float, float]], box: tuple[float, float, float, float]) -> bool:
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in place)


def _stream(body: bytes, name: str) -> IO[bytes]:
    return unpacked(io.BytesIO(body), name)


WAYS: dict[str, Callable[[Asking, str, Question], None]] = {
    "sensorthings": _sensorthings,
    "ngsi-ld": _ngsi_ld,
    "luchtmeetnet": _luchtmeetnet,
    "edr": _edr,
    "datex2": _file,
    "file": _file,
}
