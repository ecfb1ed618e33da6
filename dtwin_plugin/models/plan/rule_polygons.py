"""Polygons of a rule file: GeoJSON with coordinates in RD New."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from dtwin_plugin.data.crs import RD_BOUNDS
from dtwin_plugin.models.json_lines import Members, quoted
from dtwin_plugin.models.problem import Problem
from dtwin_plugin.translate import mark

_FAULTS = {
    "Self-intersection": mark("its boundary crosses or touches itself"),
    "Ring Self-intersection": mark("its boundary crosses or touches itself"),
    "Hole lies outside shell": mark("a hole lies outside it"),
    "Holes are nested": mark("a hole lies in another"),
    "Nested shells": mark("one part lies in another"),
    "Interior is disconnected": mark("its holes cut it in two"),
    "Too few points in geometry component": mark("it has fewer than three different corners"),
}
_FAULT = re.compile(r"(.+)\[(\S+) (\S+)\]")


def check_type(area: str, node: Members, file: str) -> Iterator[Problem]:
    """Yield that a geometry says it is something else than polygons (DT221)."""
    kind = node.get("type")
    if isinstance(kind, str) and kind not in ("Polygon", "MultiPolygon"):
        yield Problem(
            "DT221",
            "rules",
            "Line {line} of {file}: the geometry of area {area} is of type {found}; expected Polygon or MultiPolygon.",
            {"line": node.lines["type"], "file": file, "area": area, "found": quoted(kind)},
        )


def polygons_of(area: str, node: Members, file: str) -> BaseGeometry | Problem:
    """Return the polygons of an area, or the first thing that is wrong with them (DT221).

    Parameters
    ----------
    area : str
        Its id.
    node : Members
        Its geometry, with "type" and "coordinates". Heights of corners are passed over.
    file : str
        Name of the file, for the sentence.
    """
    kind, coordinates, line = node["type"], node["coordinates"], node.lines["coordinates"]
    parts = []
    for polygon, start in _numbered([coordinates], [line]) if kind == "Polygon" else _numbered(coordinates, line):
        rings = []
        for ring, at in _numbered(polygon, start):
            checked = _ring(area, ring, at, file)
            if isinstance(checked, Problem):
                return checked
            rings.append(checked)
        parts.append(rings)
    if not parts or not all(parts):
        return _no_ring(area, line, file)
    shape = shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in parts])
    return shape if shape.is_valid else _invalid(area, shape, node.line, file)


def _numbered(items: Any, line: int | list[int]) -> list[tuple[Any, int]]:
    """Return the items of a list with their lines; none where it is no list."""
    if not isinstance(items, list):
        return []
    lines = line if isinstance(line, list) else getattr(items, "lines", [line] * len(items))
    return list(zip(items, lines))


def _ring(area: str, ring: Any, line: int, file: str) -> list[tuple[float, float]] | Problem:
    if not isinstance(ring, list) or len(ring) < 4:
        return _no_ring(area, line, file)
    corners = []
    for corner, at in _numbered(ring, line):
        if not isinstance(corner, list) or len(corner) not in (2, 3) or not all(map(_is_number, corner)):
            return _no_ring(area, at, file)
        x, y = float(corner[0]), float(corner[1])
        if not (RD_BOUNDS[0] <= x <= RD_BOUNDS[1] and RD_BOUNDS[2] <= y <= RD_BOUNDS[3]):
            return _not_rd(area, x, y, at, file)
        corners.append((x, y))
    if corners[0] != corners[-1]:
        return Problem(
            "DT221",
            "rules",
            "Line {line} of {file}: a ring of area {area} is not closed; end it with its first corner {x}, {y}.",
            {"line": at, "file": file, "area": area, "x": f"{corners[0][0]:g}", "y": f"{corners[0][1]:g}"},
        )
    return corners


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _no_ring(area: str, line: int, file: str) -> Problem:
    return Problem(
        "DT221",
        "rules",
        "Line {line} of {file}: area {area} needs rings of at least four corners [x, y], the last as the first.",
        {"line": line, "file": file, "area": area},
    )


def _not_rd(area: str, x: float, y: float, line: int, file: str) -> Problem:
    in_degrees = (
        "Line {line} of {file}: area {area} has its corner {x}, {y} in degrees; give metres in RD New (EPSG:28992)."
    )
    elsewhere = (
        "Line {line} of {file}: area {area} has its corner {x}, {y} outside the Netherlands; give x and y in RD New "
        "(EPSG:28992)."
    )
    return Problem(
        "DT221",
        "rules",
        in_degrees if abs(x) <= 180 and abs(y) <= 90 else elsewhere,
        {"line": line, "file": file, "area": area, "x": f"{x:.12g}", "y": f"{y:.12g}"},
    )


def _invalid(area: str, shape: BaseGeometry, line: int, file: str) -> Problem:
    found = _FAULT.match(shapely.is_valid_reason(shape))
    fault, x, y = found.groups() if found else (shapely.is_valid_reason(shape), "-", "-")
    return Problem(
        "DT221",
        "rules",
        "Line {line} of {file}: the polygon of area {area} is not valid: {fault} (near {x}, {y}); draw it again.",
        {"line": line, "file": file, "area": area, "fault": _FAULTS.get(fault, fault), "x": x, "y": y},
    )
