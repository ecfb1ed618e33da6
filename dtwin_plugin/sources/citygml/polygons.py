"""Polygons of the geometries of a city object, with those that it refers to by their id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from dtwin_plugin.sources.gml import shape_of
from dtwin_plugin.sources.safe_xml import local

_LEAVES = ("Polygon", "PolygonPatch", "Triangle", "Rectangle")
_THIN = ("LineString", "Curve", "Point")
# In these lie no shapes of the object itself: shapes of a copied prototype are counted as such.
_NOT_OWN = re.compile(r"(ImplicitGeometry|address|appearance\w*|lod[0-4]TerrainIntersection\w*|controlPoint)$")
_READ = "{urn:dtwin}read"  # marks a polygon that some geometry property leads to
_MAX_DEPTH = 60
_HREF = "{http://www.w3.org/1999/xlink}href"


class Polygons:
    """Finds polygons below an element.

    Parameters
    ----------
    member : lxml element
        In which references are looked up.

    Attributes
    ----------
    counts : Counter
        References that lead nowhere ("references"), and polygons without an outline ("polygons").
    """

    def __init__(self, member: Any, file: str, counts: Counter[str]) -> None:
        self._file, self.counts = file, counts
        self._by_id = {item_id: item for item in member.iter() if (item_id := id_of(item))}

    def below(self, element: Any, dimension: str = "3") -> Iterator[tuple[Any, bool]]:
        """Yield the polygon elements below a geometry property, and whether each is turned inside out."""
        yield from self._walk(element, dimension, False, 0)

    def _walk(self, element: Any, dimension: str, flipped: bool, depth: int) -> Iterator[tuple[Any, bool]]:
        if depth > _MAX_DEPTH:
            self.counts["references"] += 1
            return
        dimension = element.get("srsDimension") or dimension
        name = local(element.tag)
        if name in _LEAVES:
            if element.get("srsDimension") is None:
                element.set("srsDimension", dimension)  # what those around it say is not known to its reader
            element.set(_READ, "")
            yield element, flipped
            return
        if name == "ImplicitGeometry":
            self.counts["implicit"] += 1
            return
        if name == "OrientableSurface" and element.get("orientation") == "-":
            flipped = not flipped
        target = element.get(_HREF)
        if target is not None and not len(element):
            found = self._by_id.get(target[1:]) if target.startswith("#") else None
            if found is None:
                self.counts["references"] += 1
            else:
                yield from self._walk(found, dimension, flipped, depth + 1)
            return
        for inner in element:
            yield from self._walk(inner, dimension, flipped, depth + 1)

    def count_unread(self, member: Any) -> None:
        """Count the polygons ("unread") and the lines and points ("thin") of a member that nothing has read.

        Polygons can be met in places that only an extension of CityGML knows.
        """
        for item in member.iter(*(f"{{*}}{name}" for name in _LEAVES)):
            self.counts["unread"] += item.get(_READ) is None and _is_own(item)
        for item in member.iter(*(f"{{*}}{name}" for name in _THIN)):
            self.counts["thin"] += _is_own(item, (*_LEAVES, *_THIN, "Envelope"))

    def rings(self, polygon: Any, flipped: bool) -> tuple[list[Any], str | None]:
        """Return the rings of a polygon, the outer one first, and its CRS as written; no rings if it has no outline."""
        shape = shape_of(polygon, self._file)
        if shape is None or shape.kind != "polygon":
            self.counts["polygons"] += 1
            return [], None
        found = [ring[::-1] if flipped else ring for ring in shape.parts[0] if len(ring) >= 4]
        if not found or any(ring.shape[1] != 3 for ring in found):
            self.counts["polygons"] += 1
            return [], None
        return found, shape.srs


def _is_own(item: Any, not_within: tuple[str, ...] = ()) -> bool:
    """Return whether a shape is that of an object itself, and no piece of another shape."""
    names = [local(outer.tag) for outer in item.iterancestors()]
    return not any(name in not_within or _NOT_OWN.match(name) for name in names)


def id_of(element: Any) -> str:
    """Return the gml:id of an element, "" if it has none."""
    for name, value in element.items():
        if local(name) == "id":
            return str(value)
    return ""
