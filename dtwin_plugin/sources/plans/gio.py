"""Areas with norm values of an environment plan: a geo-information object (STOP 1.3, imop-geo.xsd) as GML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dtwin_plugin.data.crs import RD
from dtwin_plugin.errors import CrsError, FormatError
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.gml import GEOMETRIES, Shape, crs_of, shape_of
from dtwin_plugin.sources.safe_xml import child, local, text

from .areas import NORM, Plan, PlanArea, Stated
from .documents import OTHER, Document
from .norms import known_unit

AREA = "werkingsgebied"  # of a location without a norm value
_HEADS = ("FRBRWork", "FRBRExpression", "eenheidlabel", "eenheidID", "normlabel", "normID")
_CHANGE = "GeoInformatieObjectMutatie"
_DAY = re.compile(r"@(\d{4}-\d\d-\d\d)")
_MOST = 500_000  # locations


def plans_of(document: Document) -> dict[str, Plan]:
    """Return what a document is about, as a plan by its id; raises FormatError where it is broken."""
    heads = _heads(document)
    expression = heads.get("FRBRExpression", "")
    name = heads.get("normlabel") or heads.get("FRBRWork", "").rpartition("/")[2]
    day = _DAY.search(expression)
    plan = Plan(expression or document.label, name, "geo-informatieobject", "", day[1] if day else "")
    return {plan.id: plan}


def areas_of(document: Document, plans: dict[str, Plan]) -> Iterator[PlanArea | None]:
    """Yield the locations of a document, None for one without a polygon.

    Raises
    ------
    FormatError, CrsError
        If it is broken, or its coordinates are in a system that is not known.
    """
    heads, (plan,) = _heads(document), plans.values()
    label = heads.get("eenheidlabel", "")
    with document.member.open() as stream:
        for number, location in enumerate(safe_xml.elements(stream, ("Locatie",), document.label), 1):
            if number > _MOST:
                raise FormatError(
                    "{file} has more than {limit} locations, which no plan has.",
                    hint="Do not trust it.",
                    file=document.label,
                    limit=_MOST,
                )
            shape = _shape(location, document.label)
            if shape is None:
                yield None
                continue
            stated = tuple(
                Stated(heads.get("normlabel", ""), value, heads.get("normID", ""), _unit(heads), label)
                for name in ("kwantitatieveNormwaarde", "kwalitatieveNormwaarde")
                if (value := text(location, name)) is not None
            )
            geometry = child(location, "geometrie", "Geometrie")
            own = text(geometry, "id") if geometry is not None else None
            name = text(location, "naam") or plan.name
            kind = NORM if stated else AREA
            about = name if stated else ""  # the title of a norm is its own
            yield PlanArea(plan, own or str(number), kind, name, shape, _crs(shape, document), stated, text=about)


def _unit(heads: dict[str, str]) -> str:
    """Return the unit where the label, which may name a level, and the national list agree on it."""
    label, concept = heads.get("eenheidlabel", ""), heads.get("eenheidID", "")
    return label if not concept or not label or known_unit(label) == known_unit(concept) else ""


def _heads(document: Document) -> dict[str, str]:
    """Return what stands before the locations."""
    found: dict[str, str] = {}
    with document.member.open() as stream:
        for element in safe_xml.elements(stream, (*_HEADS, _CHANGE, "locaties"), document.label):
            name = local(element.tag)
            if name == _CHANGE:  # it has the areas as they were, too
                raise FormatError(
                    "{file} has {what}.",
                    hint="Choose the whole version of the same areas (GeoInformatieObjectVersie).",
                    file=document.label,
                    what=OTHER[_CHANGE],
                )
            if name in _HEADS and name not in found:
                found[name] = " ".join((element.text or "").split())[:500]
    return found


def _shape(location: Any, file: str) -> Shape | None:
    holder = child(location, "geometrie", "Geometrie", "geometrie")
    found = next((item for item in holder if local(item.tag) in GEOMETRIES), None) if holder is not None else None
    return None if found is None else shape_of(found, file)


def _crs(shape: Shape, document: Document) -> str:
    known = crs_of(shape.srs) if shape.srs else RD
    if known is None:
        raise CrsError(
            "{file} is in the coordinate reference system {crs}, which is not known.",
            hint="Convert the data to RD New (EPSG:28992) first.",
            file=document.label,
            crs=repr(shape.srs)[:100],
        )
    return known
