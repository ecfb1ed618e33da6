"""Norms of environment plans from the national service: Omgevingsdocumenten Presenteren, API v8, by area or by plan.

The annotations of a plan name its norms (Omgevingsnorm) with values, and the locations of these; the polygons come one
by one from the service of geometries (geometrieopvragen v1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Features
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.sources.base import SourceInfo
from dtwin_plugin.sources.gml import Shape
from dtwin_plugin.sources.transport import Transport

from .areas import NORM, Plan, PlanArea, Stated, Told, chunks
from .geojson import placed, shape_in
from .hal import Hal, listed, polygon, word
from .imro_service import require_area

_RD = "http://www.opengis.net/def/crs/EPSG/0/28992"  # the only spelling that it takes
_HEADERS = {"Accept": "application/hal+json", "Content-Crs": _RD}
_TYPES = ("omgevingsplan", "omgevingsverordening", "waterschapsverordening", "voorbescherming", "projectbesluit")
_IN_WORDS = "waarde staat in regeltekst"  # as IMOW says it, of a value that is in the words of the rule only
_DEEPEST = 5  # groups of locations within groups
_MOST, _VALUES = 5_000, 50_000  # geometries, and values of norms in their places, of one plan


class EnvironmentPlanService:
    """The service of environment plans and the other documents with rules of the Environment Act.

    Parameters
    ----------
    transport : Transport
        Carries the questions, and the key.
    url, geometries : str, optional
        Of the services of documents and of geometries; default those of the catalogue.
    plans : collection of str, optional
        Ids of documents ("/akn/nl/act/gm0503/2020/omgevingsplan"); default all with rules that touch the area.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        url: str | None = None,
        geometries: str | None = None,
        plans: Collection[str] | None = None,
    ) -> None:
        self.url = (url or catalogue.url_of("dso-presenteren")).rstrip("/")
        self.geometries = (geometries or catalogue.url_of("dso-geometrie")).rstrip("/")
        self.plans = tuple(dict.fromkeys(plans or ()))
        self._transport = transport
        self.found: dict[str, Plan] = {}

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return what is known of the service without asking for an area."""
        name = "Omgevingsdocumenten Presenteren API v8"
        return SourceInfo(name, "features", "EPSG:28992", None, 0, {"url": self.url})

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Features]:
        """Yield rule areas, with the columns of `areas.chunks`, a plan at a time.

        Afterwards `found` has the plans.

        Raises
        ------
        InputError
            If neither an area nor a plan is given, a plan does not exist, or the area lies outside the Netherlands.
        UnavailableError, FormatError
            If a service does not answer, wants a key, or answers otherwise than it should.
        CrsError
            If it does not give RD and the grids are missing.
        Cancelled
            If the user stops it.
        """
        progress, told = progress or Silent(), Told()
        require_area(extent, self.plans)
        hal = Hal(self._transport, self.url, _HEADERS, progress)
        places = Places(Hal(self._transport, self.geometries, {"Accept": "application/json"}, progress))
        self.found = {plan.id: plan for plan in self._plans(hal, extent)}
        for number, plan in enumerate(self.found.values()):
            progress.report(number / len(self.found), "{plan}: norms", plan=plan.id)
            norms, locations = _annotations(hal, plan, extent)
            for features in chunks(_areas(norms, locations, plan, places, told), told, placed):
                chosen = features if extent is None else features.within(extent)
                if len(chosen):
                    yield chosen
        told.tell(progress, "Omgevingsdocumenten")

    def _plans(self, hal: Hal, extent: Extent | None) -> Iterator[Plan]:
        if self.plans:
            for name in self.plans:
                answer = hal.one(f"/regelingen/{path_of(name)}")
                if answer is None:
                    raise InputError(
                        "There is no plan {plan}.",
                        hint="Check its id, such as /akn/nl/act/gm0503/2020/omgevingsplan.",
                        plan=name,
                    )
                yield _plan(answer)
            return
        assert extent is not None
        body = {"geometrie": polygon(extent)}
        for item in hal.items("/regelingen/_zoek", "regelingen", {"size": "200"}, body):
            kind = word(item, "type", "waarde").casefold()
            if word(item, "identificatie") and any(name in kind for name in _TYPES):
                yield _plan(item)


class Places:
    """The polygons of locations, each asked for once."""

    def __init__(self, hal: Hal) -> None:
        self._hal, self._known = hal, dict[str, Shape | None]()

    def of(self, name: str, locations: dict[str, dict[str, Any]], depth: int = 0) -> Shape | None:
        """Return the polygons of a location, or of those that its group holds; None where it has none."""
        location = locations.get(name)
        if location is None or depth > _DEEPEST:
            return None
        identity = word(location, "geometrieIdentificatie")
        if identity:
            return self._asked(identity)
        members = location.get("locatieRefs")
        shapes = [
            self.of(member, locations, depth + 1)
            for member in (members if isinstance(members, list) else ())
            if isinstance(member, str)
        ]
        parts = [part for shape in shapes if shape is not None for part in shape.parts]
        return Shape("polygon", parts) if parts else None

    def _asked(self, identity: str) -> Shape | None:
        if identity not in self._known:
            if len(self._known) >= _MOST:
                raise InputError(
                    "The norms of this area have more than {limit} geometries.",
                    hint="Choose a smaller area.",
                    limit=_MOST,
                )
            self._known[identity] = shape_in(self._hal.one(f"/geometrieen/{quote(identity, safe='')}", {"crs": _RD}))
        return self._known[identity]


def path_of(name: str) -> str:
    """Return an id as the service wants it in an address: slashes and hyphens as underscores.

    >>> path_of("/akn/nl/act/ws0653/2023-12-05/a-b")
    '_akn_nl_act_ws0653_2023_12_05_a_b'
    """
    return quote(name.replace("/", "_").replace("-", "_"), safe="")


def _plan(item: dict[str, Any]) -> Plan:
    name = word(item, "opschrift") or word(item, "citeerTitel") or word(item, "officieleTitel")
    day = word(item, "geregistreerdMet", "beginInwerking")[:10]
    return Plan(word(item, "identificatie")[:200], name, word(item, "type", "waarde"), "geldend", day)


def _annotations(hal: Hal, plan: Plan, extent: Extent | None) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the norms of a plan in an area, and the locations by id.

    Locations are asked for in groups, or there would be thousands that no norm refers to.
    """
    where, params = f"/regelingen/{path_of(plan.id)}/regeltekstannotaties", {"locatieSelectie": "primair"}
    body = None if extent is None else {"geometrie": polygon(extent)}
    norms: list[dict[str, Any]] = []
    locations: dict[str, dict[str, Any]] = {}
    for answer in hal.pages(where if body is None else f"{where}/_zoek", params, body):
        norms += listed(answer, "omgevingsnormen", hal.url)
        locations.update({word(item, "identificatie"): item for item in listed(answer, "locaties", hal.url)})
    return norms, locations


def _areas(
    norms: list[dict[str, Any]], locations: dict[str, dict[str, Any]], plan: Plan, places: Places, told: Told
) -> Iterator[PlanArea]:
    """Yield an area for each value of each norm in each of its places; what two pages have comes once."""
    seen: set[str] = set()
    for norm in norms:
        name = word(norm, "naam") or word(norm, "type", "waarde")
        values = norm.get("normwaarden")
        for number, value in enumerate(values if isinstance(values, list) else (), 1):
            if not isinstance(value, dict):
                continue
            references = value.get("locatieRefs")
            own = word(value, "identificatie") or f"{word(norm, 'identificatie')}.{number}"
            for reference in references if isinstance(references, list) else ():
                identity = f"{own}.{str(reference)[:200].rpartition('.')[2]}"
                if identity in seen:
                    continue
                seen.add(identity)
                if len(seen) > _VALUES:
                    raise InputError(
                        "Plan {plan} has more than {limit} values of norms in this area.",
                        hint="Choose a smaller area.",
                        plan=plan.id,
                        limit=_VALUES,
                    )
                shape = places.of(reference, locations) if isinstance(reference, str) else None
                if shape is None:
                    told.without += 1
                    continue
                about = word(locations[reference], "noemer")
                yield PlanArea(plan, identity, NORM, name, shape, stated=(_stated(norm, name, value),), text=about)


def _stated(norm: dict[str, Any], name: str, value: dict[str, Any]) -> Stated:
    concept = word(norm, "type", "waarde") or word(norm, "type", "code") or word(norm, "type")
    unit = word(norm, "eenheid", "waarde") or word(norm, "eenheid") or word(value, "eenheid")
    found: Any = value.get("kwantitatieveWaarde")
    if found is None:
        found = value.get("kwalitatieveWaarde")
    if found is None:
        found = _IN_WORDS if value.get("waardeInRegeltekst") else None
    return Stated(name, found, concept, unit, unit)
