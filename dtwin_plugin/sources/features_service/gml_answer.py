"""Features in a GML answer of a WFS: attributes by local name, and geometries by way of OGR, arcs and all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.sources import safe_xml
from dtwin_plugin.sources.osgeo_scope import osgeo
from dtwin_plugin.sources.vector_geometry import KIND_OF, flat_type, geometries_of, straight

from .frame import to_rd
from .geojson import Tally, carrier

_GML = re.compile(r"\{http://www\.opengis\.net/gml(?:/3\.2)?\}")
_LONGEST = 40  # characters of a number
_MEMBERS = ("member", "featureMember", "featureMembers")


@dataclass(frozen=True)
class Member:
    """A feature: its id, its attributes, and the XML of its geometry (None if it has none) with its CRS."""

    id: str
    row: dict[str, Any]
    shape: Any
    crs: str | None


def members(root: Any, numbers: Mapping[str, type]) -> Iterator[Member]:
    """Yield the features of a collection.

    Parameters
    ----------
    numbers : mapping of str to type
        Which attributes are numbers, and which (`gml_types.numbers_of`).
    """
    for holder in root:
        if safe_xml.local(holder.tag) in _MEMBERS:
            for item in holder:
                if safe_xml.local(item.tag) == "FeatureCollection":  # a WFS 2 puts one in a member for each query
                    yield from members(item, numbers)
                elif isinstance(item.tag, str):
                    yield _member(item, numbers)


def chunks(items: list[Member], crs: str, tally: Tally, name: str) -> Iterator[Features]:
    """Yield features in RD, those of one kind of geometry together."""
    groups: dict[str, list[tuple[dict[str, Any], Any, Member]]] = {}
    for item in items:
        if item.shape is None:
            tally.without += 1
            continue
        shape = _shape(item.shape)
        kind = KIND_OF.get(flat_type(shape)) if shape is not None else None
        if kind is None:
            tally.unreadable += 1
        else:
            groups.setdefault(kind, []).append((item.row, shape, item))
    for kind, group in groups.items():
        stated = next((item.crs for _, _, item in group if item.crs), None) or crs
        shapes: Geometries = geometries_of(kind, [shape for _, shape, _ in group])
        yield carrier(shapes, [row for row, _, _ in group], partial(to_rd, crs=stated), name)


def _shape(element: Any) -> Any:
    """Return an OGR geometry, None if it is none."""
    from lxml import etree

    text = etree.tostring(element, encoding="unicode", with_tail=False)
    with osgeo() as lib:
        try:
            shape = lib.call(lib.ogr.CreateGeometryFromGML, text)
        except RuntimeError:
            return None
        return None if shape is None or shape.IsEmpty() else straight(shape)


def _member(item: Any, numbers: Mapping[str, type]) -> Member:
    identity = next((value for name, value in item.attrib.items() if safe_xml.local(name) in ("id", "fid")), "")
    row: dict[str, Any] = {}
    shape = None
    for prop in item:
        name = safe_xml.local(prop.tag)
        inner = next((child for child in prop if isinstance(child.tag, str)), None)
        if inner is not None and _GML.match(inner.tag):
            if name != "boundedBy" and shape is None:
                shape = inner
        elif inner is not None:
            row.update(_nested(prop, name))
        elif name:
            row[name] = _value(prop.text, numbers.get(name))
    if identity and not {"id", "lokaal_id", "identificatie"} & row.keys():
        row = {"id": identity, **row}
    crs = shape.get("srsName") if shape is not None else None
    return Member(identity, row, shape, crs)


def _nested(element: Any, prefix: str) -> dict[str, Any]:
    """Return the texts within an attribute, by names joined with a dot."""
    found: dict[str, Any] = {}
    for item in element.iter():
        if isinstance(item.tag, str) and item is not element and not len(item) and (item.text or "").strip():
            found.setdefault(f"{prefix}.{safe_xml.local(item.tag)}", _value(item.text))
    return found


def _value(text: str | None, number: type | None = None) -> Any:
    """Return the text of an attribute, as a number where its type is one and it can be.

    >>> _value("12", int), _value("0503"), _value("1.5", float), _value(" ", int), _value("n.v.t.", int)
    (12, '0503', 1.5, None, 'n.v.t.')
    """
    text = (text or "").strip()
    if not text or number is None or len(text) > _LONGEST:
        return text or None
    try:
        return number(text)
    except ValueError:
        return text
