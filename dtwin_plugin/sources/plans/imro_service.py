"""Zoning plans from the national service: Ruimtelijke Plannen, API v4 (opvragen), by area or by plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Features
from dtwin_plugin.data.crs import in_rd_bounds
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.stop import stop_if_asked
from dtwin_plugin.sources.transport import Transport

from .areas import BUILDING, MEASURE, Plan, PlanArea, Stated, Told, chunks
from .geojson import placed, shape_in
from .hal import Hal, polygon, word

# What is asked of each plan, and the kind of area where it does not say so itself.
_ASKED = {
    "maatvoeringen": MEASURE,
    "bouwvlakken": BUILDING,
    "bestemmingsvlakken": "bestemmingsvlak",
    "bouwaanduidingen": "bouwaanduiding",
    "functieaanduidingen": "functieaanduiding",
    "gebiedsaanduidingen": "gebiedsaanduiding",
}
_HEADERS = {"Accept": "application/hal+json", "Accept-Crs": "epsg:28992", "Content-Crs": "epsg:28992"}
_IN_FORCE = "geldend"
_WITHOUT_AREAS = ("structuurvisie", "exploitatieplan")  # types of plans that have none of these
_PAGE = "100"
_MOST = 300  # plans of one area


class ZoningPlanService:
    """The service of zoning plans (IMRO).

    Parameters
    ----------
    transport : Transport
        Carries the questions, and the key.
    url : str, optional
        Of the service; default that of the catalogue.
    plans : collection of str, optional
        Ids of plans ("NL.IMRO.0503.BP0001-2001"); default all that touch the area.
    in_force : bool
        Leave out plans that are not, or no longer, in force.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        url: str | None = None,
        plans: Collection[str] | None = None,
        in_force: bool = True,
    ) -> None:
        self.url = (url or catalogue.url_of("imro-api")).rstrip("/")
        self.plans, self.in_force = tuple(dict.fromkeys(plans or ())), in_force
        self._transport = transport
        self.found: dict[str, Plan] = {}

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return what is known of the service without asking for an area."""
        return SourceInfo("Ruimtelijke Plannen API v4", "features", "EPSG:28992", None, 0, {"url": self.url})

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield rule areas, with the columns of `areas.chunks`, a kind of a plan at a time.

        Afterwards `found` has the plans.

        Raises
        ------
        InputError
            If neither an area nor a plan is given, a plan does not exist, or the area lies outside the Netherlands.
        UnavailableError, FormatError
            If the service does not answer, wants a key, or answers otherwise than it should.
        CrsError
            If it does not give RD and the grids are missing.
        Cancelled
            If the user stops it.
        """
        progress, told = progress or Silent(), Told()
        require_area(extent, self.plans)
        hal = Hal(self._transport, self.url, _HEADERS, progress)
        self.found = {plan.id: plan for plan in self._plans(hal, extent)}
        for number, plan in enumerate(self.found.values()):
            for path, kind in _ASKED.items():
                stop_if_asked(progress)
                progress.report(number / len(self.found), "{plan}: {kind}", plan=plan.id, kind=path)
                for features in chunks(_areas(hal, plan, path, kind, extent, told), told, placed):
                    chosen = features if extent is None else features.within(extent)
                    if len(chosen):
                        yield chosen
        told.tell(progress, "Ruimtelijke Plannen")

    def _plans(self, hal: Hal, extent: Extent | None) -> Iterator[Plan]:
        """Yield the plans that are asked, or that touch the area."""
        if self.plans:
            for name in self.plans:
                answer = hal.one(f"/plannen/{quote(name, safe='')}")
                if answer is None:
                    raise InputError(
                        "There is no plan {plan}.", hint="Check its id, such as NL.IMRO.0503.BP0001-2001.", plan=name
                    )
                yield _plan(answer)
            return
        assert extent is not None
        params = {"pageSize": _PAGE, **({"regelStatus": _IN_FORCE} if self.in_force else {})}
        body, count = {"_geo": {"intersects": polygon(extent)}}, 0
        for item in hal.items("/plannen/_zoek", "plannen", params, body):
            if not self._is_wanted(item):
                continue
            count += 1
            if count > _MOST:
                raise InputError(
                    "More than {limit} plans touch this area.",
                    hint="Choose a smaller area, or name the plans.",
                    limit=_MOST,
                )
            yield _plan(item)

    def _is_wanted(self, item: dict[str, Any]) -> bool:
        kind, status = word(item, "type").casefold(), word(item, "regelStatus")
        if not word(item, "id") or kind.startswith(_WITHOUT_AREAS):
            return False
        return not self.in_force or (status in ("", _IN_FORCE) and item.get("isHistorisch") is not True)


def require_area(extent: Extent | None, plans: Collection[str]) -> None:
    """Raise InputError where neither an area nor a plan is given, or the area lies outside the Netherlands."""
    if extent is None and not plans:
        raise InputError("Neither an area nor a plan is given.", hint="Choose an area, or name the plans by their ids.")
    if extent is not None and not in_rd_bounds(*extent.bounds):
        raise InputError("The area {area} lies outside the Netherlands.", area=extent.bounds)


def _plan(item: dict[str, Any]) -> Plan:
    status = ", ".join(filter(None, (word(item, "regelStatus"), word(item, "planstatusInfo", "planstatus"))))
    day = word(item, "planstatusInfo", "datum")[:10]
    return Plan(word(item, "id")[:200], word(item, "naam"), word(item, "type"), status, day, _link(item))


def _areas(hal: Hal, plan: Plan, path: str, kind: str, extent: Extent | None, told: Told) -> Iterator[PlanArea]:
    where = f"/plannen/{quote(plan.id, safe='')}/{path}"
    params = {"expand": "geometrie", "pageSize": _PAGE}
    body = None if extent is None else {"_geo": {"intersects": polygon(extent)}}
    seen: set[str] = set()
    for number, item in enumerate(hal.items(where if body is None else f"{where}/_zoek", path, params, body), 1):
        own = word(item, "id") or f"{kind}.{number}"
        if own in seen:  # pages shift when a plan changes while they are read
            continue
        seen.add(own)
        shape = shape_in(item)
        if shape is None:
            told.without += 1
            continue
        name = word(item, "naam") or kind
        stated = tuple(_stated(item)) if kind == MEASURE else ()
        yield PlanArea(plan, own, word(item, "type") or kind, name, shape, stated=stated, link=_link(item))


def _stated(item: dict[str, Any]) -> Iterator[Stated]:
    """Yield the norms of an area, each with the name of its own."""
    norms = item.get("omvang")
    for norm in norms if isinstance(norms, list) else ():
        if isinstance(norm, dict):
            yield Stated(word(norm, "naam") or word(item, "naam"), norm.get("waarde"))


def _link(item: dict[str, Any]) -> str:
    """Return the first web address of the text of a plan or an area."""
    found = item.get("verwijzingNaarTekst")
    for text in found if isinstance(found, list) else (found,):
        if isinstance(text, str) and text.startswith(("https://", "http://")):
            return text.split()[0][:500]
    return ""
