"""Features as GML 3.2 (OGC 07-036), for servers that take or give nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, RD_NAP, is_rd
from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress

from .formats import GML
from .shapes import built
from .value import Value

_GML = "http://www.opengis.net/gml/3.2"
_OWN = "urn:dtwin:features"
_MULTI = {"point": ("MultiPoint", "pointMember"), "line": ("MultiCurve", "curveMember"),
          "polygon": ("MultiSurface", "surfaceMember")}  # fmt: skip


def encoded(features: Features, progress: Progress) -> Value:
    """Return features as a gml:FeatureCollection in their own reference system; unknown values are left out."""
    code = features.crs.partition(":")[2]
    name = f"urn:ogc:def:crs:EPSG::{code}" if features.crs.startswith("EPSG:") else "urn:ogc:def:crs:OGC:1.3:CRS84"
    names = {column: re.sub(r"^[^A-Za-z_]|[^\w.-]", "_", column, flags=re.ASCII) for column in features.columns}
    cells = {names[column]: values.tolist() for column, values in features.columns.items()}
    parts = [f'<gml:FeatureCollection xmlns:gml="{_GML}" xmlns:f="{_OWN}" gml:id="c">']
    for index in range(len(features)):
        values = "".join(
            f"<f:{column}>{escape(str(row[index]))}</f:{column}>"
            for column, row in cells.items()
            if row[index] is not None and row[index] == row[index]
        )
        shape = f"<f:geometry>{_geometry(features, index, name)}</f:geometry>"
        parts.append(f'<gml:featureMember><f:feature gml:id="f{index}">{values}{shape}</f:feature></gml:featureMember>')
    return Value(("".join(parts) + "</gml:FeatureCollection>").encode("utf-8", "replace"), GML)


def _geometry(features: Features, index: int, crs: str) -> str:
    shapes = features.geometries
    multi, member = _MULTI[shapes.kind]
    dimension = shapes.coordinates.shape[1]
    pieces = []
    for part in range(int(shapes.features[index]), int(shapes.features[index + 1])):
        rings = []
        for ring in range(int(shapes.parts[part]), int(shapes.parts[part + 1])):
            rows = np.nan_to_num(shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1]])
            rings.append(" ".join(repr(float(number)) for number in rows.ravel()))
        number = f'gml:id="g{index}.{part}"'
        if shapes.kind == "polygon":
            edges = [f"<gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing>" for ring in rings]
            inner = "".join(f"<gml:interior>{edge}</gml:interior>" for edge in edges[1:])
            body = f"<gml:Polygon {number}><gml:exterior>{edges[0]}</gml:exterior>{inner}</gml:Polygon>"
        elif shapes.kind == "line":
            body = f"<gml:LineString {number}><gml:posList>{rings[0]}</gml:posList></gml:LineString>"
        else:
            body = f"<gml:Point {number}><gml:pos>{rings[0]}</gml:pos></gml:Point>"
        pieces.append(f"<gml:{member}>{body}</gml:{member}>")
    opening = f'<gml:{multi} gml:id="g{index}" srsName="{crs}" srsDimension="{dimension}">'
    return f"{opening}{''.join(pieces)}</gml:{multi}>"


def decoded(item: Field, value: Value, to_rd: bool, progress: Progress) -> Features:
    """Return the features of a GML collection, or of a bare geometry; what they say in simple elements as columns.

    Raises
    ------
    FormatError
        If it is no XML, or has no geometry.
    CrsError
        If they shall be in RD New and cannot be.
    """
    from dtwin_plugin.sources.gml.frame import crs_of, ordered
    from dtwin_plugin.sources.gml.geometry import shape_of
    from dtwin_plugin.sources.safe_xml import local, parsed

    text = value.data
    root = parsed(text.encode("utf-8") if isinstance(text, str) else bytes(text), item.title)
    members = [one for one in root.iter() if local(one.tag) in ("featureMember", "member", "featureMembers")]
    features = [feature for member in members for feature in member] or [root]
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    for feature in features:
        found, row = (None, {}) if feature is not root else (shape_of(root, item.title), {})
        for child in feature if found is None else ():
            inner = next(iter(child), None)
            if inner is not None and found is None:
                found = shape_of(inner, item.title)
            elif inner is None and child.text and child.text.strip():
                row[local(child.tag)] = _plain(child.text.strip())
        if found is not None:
            rows.append(row)
            shapes.append(found)
    if not shapes:
        raise FormatError("{field} has no geometry that is read.", field=item.title)
    kind = item.geometry or shapes[0].kind
    kept = [n for n, shape in enumerate(shapes) if shape.kind == kind]
    geometries = built(kind, [[[list(map(tuple, ring)) for ring in part] for part in shapes[n].parts] for n in kept])
    crs = crs_of(shapes[0].srs) or RD
    moved = ordered(geometries.coordinates, crs)
    if to_rd and not is_rd(crs):
        from dtwin_plugin.sources.crs import to_rd as transformed

        moved = transformed(moved, crs)
        crs = RD_NAP if geometries.has_z else RD
    return Features(
        replace(geometries, coordinates=moved), table.from_rows([rows[n] for n in kept]), {}, crs, item.name
    )


def _plain(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
