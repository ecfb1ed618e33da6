"""Geometry elements of GML 2, 3.1 and 3.2 by local name (OGC 07-036, clauses 10 and 11), curves as straight lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.safe_xml import local

from . import arcs
from .numbers import coordinates, dimension_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ring = NDArray[np.float64]
    Part = list[Ring]

_LINES = {"LineString", "LineStringSegment", "Geodesic", "GeodesicString", "LinearRing", "CubicSpline"}
_CURVED = {"Arc", "ArcString", "Circle", "ArcByCenterPoint", "CircleByCenterPoint"}
_CHAINS = {"Curve": "segments", "CompositeCurve": "curveMember", "Ring": "curveMember", "OrientableCurve": "baseCurve"}
_PATCHES = {"Polygon", "PolygonPatch", "Triangle", "Rectangle"}
# What is made of other geometries, and in which of its properties these are; of a solid the outer shell.
_COLLECTIONS = {
    "MultiPoint": ("pointMember", "pointMembers"),
    "MultiCurve": ("curveMember", "curveMembers"),
    "MultiLineString": ("lineStringMember",),
    "MultiSurface": ("surfaceMember", "surfaceMembers"),
    "MultiPolygon": ("polygonMember",),
    "CompositeSurface": ("surfaceMember",),
    "OrientableSurface": ("baseSurface",),
    "Surface": ("patches",),
    "PolyhedralSurface": ("patches", "polygonPatches"),
    "TriangulatedSurface": ("patches", "trianglePatches"),
    "Tin": ("patches", "trianglePatches"),
    "Shell": ("surfaceMember",),
    "Solid": ("exterior",),
    "MultiSolid": ("solidMember", "solidMembers"),
    "CompositeSolid": ("solidMember",),
    "MultiGeometry": ("geometryMember", "geometryMembers"),
}
GEOMETRIES = frozenset({"Point", "LineString", "LinearRing", *_CHAINS, *_PATCHES, *_COLLECTIONS})


@dataclass(frozen=True)
class Shape:
    """A geometry.

    Attributes
    ----------
    kind : {"point", "line", "polygon"}
    parts : list of list of ndarray
        Rings of coordinates (n, 2) or (n, 3) in the order in which they are written, of each part; never empty.
    srs : str or None
        Name of the CRS, as it is written.
    """

    kind: str
    parts: list[Part]
    srs: str | None = None


def shape_of(element: Any, file: str) -> Shape | None:
    """Return the geometry of an element; None if it is empty, only a reference to another, or of no single kind.

    Raises
    ------
    FormatError
        If its numbers are no coordinates.
    """
    kinds: dict[str, list[Part]] = {}
    for kind, part in _parts(element, dimension_of(element, 0), file):
        kinds.setdefault(kind, []).append(part)
    if len(kinds) != 1:
        return None
    ((kind, parts),) = kinds.items()
    srs = element.get("srsName") or next((item.get("srsName") for item in element.iter() if item.get("srsName")), None)
    return Shape(kind, parts, srs)


def _parts(element: Any, dimension: int, file: str) -> Iterator[tuple[str, Part]]:
    """Yield the kind and the rings of each part."""
    name, dimension = local(element.tag), dimension_of(element, dimension)
    if name in _PATCHES:
        rings = _polygon(element, dimension, file)
        if rings:
            yield "polygon", rings
    elif name == "Point":
        xyz = coordinates(element, dimension, file)
        if len(xyz):
            yield "point", [xyz[:1]]
    elif name in _COLLECTIONS:
        for member in element:
            if local(member.tag) in _COLLECTIONS[name]:
                for child in member:
                    yield from _parts(child, dimension, file)
    elif name in _LINES or name in _CHAINS:
        line = _line(element, dimension, file)
        if len(line) > 1:
            yield "line", [line]


def _polygon(element: Any, dimension: int, file: str) -> Part:
    rings: Part = []
    for boundary in element:
        name = local(boundary.tag)
        if name in ("exterior", "interior", "outerBoundaryIs", "innerBoundaryIs"):
            outer = name in ("exterior", "outerBoundaryIs")
            found = [_line(ring, dimension, file, closed=True) for ring in boundary]
            found = [_closed(ring) for ring in found if len(ring) > 2]
            rings = found + rings if outer else rings + found
            if outer and not found:
                return []
    return rings


def _closed(ring: Ring) -> Ring:
    return ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]])


def _line(element: Any, dimension: int, file: str, closed: bool = False) -> Ring:
    """Return the line along a curve or a ring; empty if it has no coordinates here."""
    name, dimension = local(element.tag), dimension_of(element, dimension)
    if name in _CURVED:
        return _curved(element, name, dimension, file)
    if name not in _CHAINS:
        return coordinates(element, dimension, file, closed)
    pieces = [
        piece
        for member in element
        if local(member.tag) == _CHAINS[name]
        for child in member
        if len(piece := _line(child, dimension, file))
    ]
    line = _joined(pieces, file)
    return line[::-1] if name == "OrientableCurve" and element.get("orientation") == "-" else line


def _joined(pieces: list[Ring], file: str) -> Ring:
    """Return lines as one, the point where two meet once."""
    if not pieces:
        return np.empty((0, 2))
    if len({piece.shape[1] for piece in pieces}) > 1:
        raise FormatError("{file} has a curve of pieces with and without heights.", file=file)
    first, *others = pieces
    trimmed = [first]
    for piece in others:
        trimmed.append(piece[1:] if (piece[0] == trimmed[-1][-1]).all() and len(piece) > 1 else piece)
    return np.concatenate(trimmed) if others else first


def _curved(element: Any, name: str, dimension: int, file: str) -> Ring:
    points = coordinates(element, dimension, file)
    if name.endswith("ByCenterPoint"):
        return _by_centre(element, name, points, file)
    expected = len(points) == 3 if name in ("Arc", "Circle") else len(points) >= 3 and len(points) % 2 == 1
    if not expected:
        raise FormatError(
            "{file} has an {name} of {count} points; expected {expected}.",
            file=file,
            name=name,
            count=len(points),
            expected="3" if name in ("Arc", "Circle") else "3, 5, 7, …",
        )
    if name == "Circle":
        return arcs.circle(points)
    return _joined([arcs.arc(points[at : at + 3]) for at in range(0, len(points) - 2, 2)], file)


def _by_centre(element: Any, name: str, points: Ring, file: str) -> Ring:
    """Return an arc given by its centre, radius and angles; in degrees unless they say radians."""
    values = {"startAngle": 0.0, "endAngle": 360.0, "radius": 0.0}
    for child in element:
        if local(child.tag) in values:
            try:
                value = float(child.text or "")
            except ValueError:
                raise FormatError("{file} has an {name} without numbers.", file=file, name=name) from None
            values[local(child.tag)] = math.degrees(value) if "rad" in (child.get("uom") or "") else value
    if len(points) != 1 or not all(map(math.isfinite, values.values())) or values["radius"] <= 0:
        raise FormatError("{file} has an {name} without a centre or a radius.", file=file, name=name)
    start, end = math.radians(values["startAngle"]), math.radians(values["endAngle"])
    if name == "CircleByCenterPoint" or abs(end - start) > 2 * math.pi:
        start, end = 0.0, 2 * math.pi
    return arcs.around(points[0], values["radius"], start, end)
