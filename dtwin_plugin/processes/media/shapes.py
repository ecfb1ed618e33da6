"""Geometries to and from the coordinates of GeoJSON (RFC 7946) and JSON-FG (OGC 21-045)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from dtwin_plugin.data import Geometries
from dtwin_plugin.errors import FormatError

NAMES = {"point": "MultiPoint", "line": "MultiLineString", "polygon": "MultiPolygon"}
DIMENSION = {"point": 0, "line": 1, "polygon": 2}
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
          "Polyhedron": 4, "MultiPolyhedron": 5,}  # fmt: skip
KIND = {"Point": "point", "MultiPoint": "point", "LineString": "line", "MultiLineString": "line", "Polygon": "polygon",
        "MultiPolygon": "polygon", "Polyhedron": "polygon", "MultiPolyhedron": "polygon"}  # fmt: skip
Part = list  # of rings, each a list of positions


def of_feature(shapes: Geometries, index: int) -> dict[str, Any] | None:
    """Return one feature as a multi geometry of GeoJSON, None where it is empty; a height that is NaN is left out.

    >>> of_feature(Geometries.points(np.array([[1.0, 2.0]])), 0)
    {'type': 'MultiPoint', 'coordinates': [[1.0, 2.0]]}
    """
    first, last = int(shapes.features[index]), int(shapes.features[index + 1])
    if first == last:
        return None
    parts: list[Any] = []
    for part in range(first, last):
        rings = [
            [_position(row) for row in shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1]].tolist()]
            for ring in range(int(shapes.parts[part]), int(shapes.parts[part + 1]))
        ]
        parts.append(rings if shapes.kind == "polygon" else rings[0] if shapes.kind == "line" else rings[0][0])
    return {"type": NAMES[shapes.kind], "coordinates": parts}


def _position(row: list[float]) -> list[float]:
    return row if len(row) < 3 or row[2] == row[2] else row[:2]


def parts_of(geometry: Any, what: str, depth: int = 0) -> Iterator[tuple[str, Part]]:
    """Yield the parts of a geometry with their kind; of a polyhedron its faces.

    Raises
    ------
    FormatError
        If it is no geometry, or of a type that has no points, lines or polygons.
    """
    name = geometry.get("type") if isinstance(geometry, dict) else None
    if name == "GeometryCollection" and depth < 4 and isinstance(geometry.get("geometries"), list):
        for inner in geometry["geometries"]:
            yield from parts_of(inner, what, depth + 1)
        return
    levels = _DEPTH.get(name, -1) if isinstance(name, str) else -1
    if levels < 0 or not isinstance(name, str):
        raise FormatError("{what} has a geometry of type {found}, which is not read.", what=what, found=name)
    kind = KIND[name]
    inner = geometry.get("coordinates")
    if inner == [] or inner is None:
        return
    try:
        if kind == "point":
            yield from ((kind, [[_checked(one)]]) for one in (inner if levels == 1 else [inner]))
        elif kind == "line":
            yield from ((kind, [[_checked(p) for p in line]]) for line in (inner if levels == 2 else [inner]))
        else:
            for _ in range(levels - 3):  # shells and solids: their faces are what is shown
                inner = [face for outer in inner for face in outer]
            for polygon in [inner] if levels == 2 else inner:
                yield kind, [[_checked(p) for p in ring] for ring in polygon]
    except (TypeError, ValueError, IndexError) as error:
        raise FormatError("{what} has a {type} whose coordinates are not right.", what=what, type=name) from error


def _checked(position: Any) -> tuple[float, ...]:
    found = tuple(float(number) for number in position[:3])
    if len(found) < 2 or not all(map(math.isfinite, found)) or isinstance(position, str):
        raise ValueError(position)
    return found


def built(kind: str, features: list[list[Part]]) -> Geometries:
    """Return the geometries of parts; heights where any has one, and then NaN where one has none."""
    deep = any(len(p) == 3 for feature in features for part in feature for ring in part for p in ring)
    if deep:
        features = [[[[(*p, math.nan)[:3] for p in ring] for ring in part] for part in feature] for feature in features]
    else:
        features = [[[[p[:2] for p in ring] for ring in part] for part in feature] for feature in features]
    found = Geometries.build(kind, features)
    if deep and not len(found.coordinates):
        return Geometries(kind, np.empty((0, 3)), found.rings, found.parts, found.features)
    return found
