"""Zoning plans as GML: IMRO2006, 2008 and 2012, whose elements have the same names where they are read here.

A collection of members; areas refer to their plan, which may stand after them. In 2006 a norm has its place in a list
of the national kinds before its name ("maatvoering; hoogte; maximum hoogte (m)"), and a geometry stands deeper. Areas
of regulations and structural visions refer to objects that hold their geometry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import CrsError, FormatError
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.gml import GEOMETRIES, Shape, crs_of, shape_of
from dtwin_plugin.sources.safe_xml import child, local, text

from .areas import BUILDING, MEASURE, Plan, PlanArea, Stated
from .documents import Document

_HOLDERS = ("featureMember", "featureMembers", "member")
# Elements of areas, and their kinds as the column has them.
_KINDS = {
    "Maatvoering": MEASURE,
    "Bouwvlak": BUILDING,
    "Enkelbestemming": "enkelbestemming",
    "Dubbelbestemming": "dubbelbestemming",
    "Bouwaanduiding": "bouwaanduiding",
    "Functieaanduiding": "functieaanduiding",
    "Gebiedsaanduiding": "gebiedsaanduiding",
    "Besluitvlak": "besluitvlak",
    "Besluitsubvlak": "besluitsubvlak",
    "Structuurvisiegebied": "structuurvisiegebied",
    "Structuurvisiecomplex": "structuurvisiecomplex",
}
_PLAN = re.compile(r"(?:Bestemmingsplan|Besluit|Inpassingsplan|Structuurvisieplan)gebied(?:_[A-Z])?$")
_BORDER = re.compile(r"Geometrie[A-Z]")  # objects that hold the geometry of others
_PAIRS = ("WaardeEnType", "OmvangWaardeBP")
_MOST = 500_000  # objects: the largest plan has some ten thousands


def plans_of(document: Document) -> dict[str, Plan]:
    """Return the plans of a document by id; raises FormatError where it is broken."""
    found: dict[str, Plan] = {}
    for element in _objects(document):
        if _PLAN.match(local(element.tag)):
            plan = _plan(element)
            found[plan.id] = plan
    return found


def areas_of(document: Document, plans: dict[str, Plan]) -> Iterator[PlanArea | None]:
    """Yield the areas of a document, None for one without a polygon.

    Raises
    ------
    FormatError, CrsError
        If it is broken, or its coordinates are in a system that is not known.
    """
    only = next(iter(plans.values())) if len(plans) == 1 else None
    borders: dict[str, Shape | None] | None = None
    for element in _objects(document):
        kind = _KINDS.get(_bare(local(element.tag)))
        if kind is None:
            continue
        shape = _shape(element, document.label)
        if shape is None and (named := _borders_named(element)):
            borders = _borders(document) if borders is None else borders
            shape = _together([borders.get(name) for name in named])
        if shape is None:
            yield None
            continue
        own = _href(child(element, "plangebied")) or _href(child(element, "besluitgebied"))
        plan = plans.get(own) or only or Plan(own or document.label)
        words = _words(element)
        yield PlanArea(
            plan,
            _id(element),
            kind,
            text(element, "naam") or kind,
            shape,
            _crs(shape, document.label),
            _stated(element) if kind == MEASURE else (),
            next((word for word in words if word.startswith(("https://", "http://"))), ""),
            ", ".join(word for word in words if not word.startswith(("https://", "http://"))),
        )


def _objects(document: Document) -> Iterator[Any]:
    count = 0
    with document.member.open() as stream:
        for holder in _holders(stream, document.label):
            for element in holder:
                if not isinstance(element.tag, str):
                    continue
                count += 1
                if count > _MOST:
                    raise FormatError(
                        "{file} has more than {limit} objects, which no plan has.",
                        hint="Do not trust it.",
                        file=document.label,
                        limit=_MOST,
                    )
                yield element


def _holders(stream: IO[bytes], file: str) -> Iterator[Any]:
    return safe_xml.elements(stream, _HOLDERS, file)


def _bare(name: str) -> str:
    """Return the name of an element without the letter of its kind of plan.

    >>> _bare("Besluitvlak_P"), _bare("Bouwvlak")
    ('Besluitvlak', 'Bouwvlak')
    """
    return re.sub(r"_[A-Z]$", "", name)


def _plan(element: Any) -> Plan:
    name = text(element, "naam") or ""
    holder = child(element, "planstatusInfo")
    info = next(iter(holder), None) if holder is not None else None  # its name differs by kind of plan
    links = [word for word in _words(element) if word.startswith(("https://", "http://"))]
    return Plan(
        _id(element),
        name,
        text(element, "typePlan") or "",
        (text(info, "planstatus") or "") if info is not None else "",
        (text(info, "datum") or "")[:10] if info is not None else "",
        links[0] if links else "",
    )


def _id(element: Any) -> str:
    """Return the id: that of GML, which references name, or that of the object."""
    for name, value in element.attrib.items():
        if local(name) == "id":
            return str(value)[:200]
    number = child(element, "identificatie", "NEN3610ID")
    if number is not None:
        return ".".join(filter(None, (text(number, "namespace"), text(number, "lokaalID"))))[:200]
    return (text(element, "identificatie") or "")[:200]


def _href(element: Any) -> str:
    if element is None:
        return ""
    found = next((str(value) for name, value in element.attrib.items() if local(name) == "href"), "")
    return found.lstrip("#")[:200]


def _words(element: Any) -> list[str]:
    """Return where the text of an area or plan stands: addresses, or names of files of the plan."""
    found = []
    for info in element:
        if local(info.tag).startswith("verwijzingNaar") and "Tekst" in local(info.tag):
            leaves = [leaf for leaf in info.iter() if local(leaf.tag).startswith("verwijzingNaar") and not len(leaf)]
            found += [(leaf.text or "").strip()[:500] for leaf in leaves]
    return [word for word in found if word]


def _stated(element: Any) -> tuple[Stated, ...]:
    """Return the norms of an area, each with the name of its own; they stand in pairs of a value and its kind."""
    found = []
    for pair in element.iter():
        if local(pair.tag) in _PAIRS:
            name = (text(pair, "waardeType") or text(element, "naam") or "").rpartition(";")[2].strip()
            found.append(Stated(name, text(pair, "waarde")))
    return tuple(found)


def _shape(element: Any, file: str) -> Shape | None:
    """Return the polygons of an area, None if it has none."""
    holder = child(element, "geometrie")
    if holder is None:
        return None
    for item in holder.iter():
        if local(item.tag) in GEOMETRIES:
            return shape_of(item, file)
    return None


def _borders_named(element: Any) -> list[str]:
    """Return the ids of the objects that hold the geometry of an area."""
    return [name for item in element if local(item.tag) == "begrenzing" and (name := _href(item))]


def _borders(document: Document) -> dict[str, Shape | None]:
    """Return the geometries that areas of a document may refer to, by id."""
    objects = _objects(document)
    return {_id(item): _shape(item, document.label) for item in objects if _BORDER.match(local(item.tag))}


def _together(shapes: list[Shape | None]) -> Shape | None:
    """Return the polygons of geometries as one, None without any."""
    found = [shape for shape in shapes if shape is not None and shape.kind == "polygon"]
    parts = [part for shape in found for part in shape.parts]
    return Shape("polygon", parts, found[0].srs) if found else None


def _crs(shape: Shape, file: str) -> str:
    if shape.srs is None:
        return RD  # the only system that plans are made in: the codeReferentiesysteem of their metadata
    known = crs_of(shape.srs)
    if known is None:
        raise CrsError(
            "{file} is in the coordinate reference system {crs}, which is not known.",
            hint="Convert the data to RD New (EPSG:28992) first.",
            file=file,
            crs=repr(shape.srs)[:100],
        )
    return known
