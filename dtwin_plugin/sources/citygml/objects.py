"""City objects of one member of a city model, with their surfaces by level of detail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dtwin_plugin.data.surfaces import UNKNOWN
from dtwin_plugin.sources.safe_xml import local, text

from .attributes import attributes
from .polygons import Polygons, id_of

_LOD = re.compile(r"lod([0-4])([A-Za-z]*)$")
_SURFACE_HOLDERS = {"boundedBy", "boundary"}
_OPENING_HOLDERS = {"opening", "fillingSurface"}
_AREA_HOLDERS = {"trafficArea", "auxiliaryTrafficArea"}
_NAMES = {"WindowSurface": "Window", "DoorSurface": "Door"}
# Objects that are parts of others.
_PARTS = re.compile(
    r"((Building|Bridge|Tunnel)(Part|Installation|ConstructionElement|ConstructiveElement|Furniture|Room)"
    r"|Int(Building|Bridge|Tunnel)Installation|Room|HollowSpace|BridgeRoom|TunnelFurniture|TINRelief|MassPointRelief"
    r"|BreaklineRelief|RasterRelief|Section|Intersection|TrafficSpace|AuxiliaryTrafficSpace|Storey|BuildingUnit)$"
)
_MAX_DEPTH = 30


@dataclass
class Surface:
    """A polygon: its rings, each (n, 3), and its kind."""

    rings: list[Any]
    kind: str


@dataclass
class CityObject:
    """A city object.

    Attributes
    ----------
    surfaces : dict
        By level of detail.
    """

    id: str
    type: str
    parent: str | None
    attributes: dict[str, Any]
    surfaces: dict[str, list[Surface]] = field(default_factory=dict)
    srs: str | None = None


class Reader:
    """Reads the members of a city model.

    Attributes
    ----------
    counts : Counter
        What was left out: "implicit", "references", "polygons", "unread", "thin".
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.counts: Counter[str] = Counter()
        self._number = 0

    def objects(self, member: Any) -> Iterator[CityObject]:
        """Yield the objects of a member, wholes before their parts."""
        finder = Polygons(member, self._file, self.counts)
        for element in member:
            yield from self._object(element, None, {}, finder, 0)
        finder.count_unread(member)

    def _object(
        self, element: Any, parent: str | None, inherited: dict[str, Any], finder: Polygons, depth: int
    ) -> Iterator[CityObject]:
        if depth > _MAX_DEPTH or not local(element.tag):
            return
        self._number += 1
        own = attributes(element)
        found = CityObject(id_of(element) or f"object-{self._number}", local(element.tag), parent, {**inherited, **own})
        self._add_surfaces(element, found, finder)
        yield found
        for part in _parts(element):
            yield from self._object(part, found.id, found.attributes, finder, depth + 1)

    def _add_surfaces(self, element: Any, found: CityObject, finder: Polygons) -> None:
        """Add the polygons of an object: those of its thematic surfaces first, for they say what they are."""
        kinds: dict[tuple[str, int], str] = {}
        order: dict[tuple[str, int], tuple[Any, bool]] = {}
        for kind, holder in _thematic(element):
            for lod, item in _geometries(holder):
                for polygon, flipped in finder.below(item):
                    kinds[lod, id(polygon)] = kind
                    order.setdefault((lod, id(polygon)), (polygon, flipped))
        for lod, item in _geometries(element):
            for polygon, flipped in finder.below(item):
                # a solid knows which side is out; a surface that it refers to may not
                order[lod, id(polygon)] = (polygon, flipped)
        for key, (polygon, flipped) in order.items():
            rings, srs = finder.rings(polygon, flipped)
            if rings:
                found.surfaces.setdefault(key[0], []).append(Surface(rings, kinds.get(key, UNKNOWN)))
                found.srs = found.srs or srs


def _thematic(element: Any) -> Iterator[tuple[str, Any]]:
    """Yield the thematic surfaces of an object and the openings in them, with their kind."""
    for holder in element:
        name = local(holder.tag)
        if name in _SURFACE_HOLDERS or name in _AREA_HOLDERS:
            for surface in holder:
                kind = local(surface.tag)
                if kind in ("Envelope", ""):
                    continue
                yield kind, surface
                for inner in surface:
                    if local(inner.tag) in _OPENING_HOLDERS:
                        for opening in inner:
                            yield _NAMES.get(local(opening.tag), local(opening.tag)), opening


def _geometries(element: Any) -> Iterator[tuple[str, Any]]:
    """Yield the level of detail and the element of each geometry property."""
    for item in element:
        name = local(item.tag)
        match = _LOD.match(name)
        if match and match.group(2) and "Curve" not in name and "Intersection" not in name:
            yield match.group(1), item
        elif name == "tin":
            yield text(element, "lod") or "", item


def _parts(element: Any) -> Iterator[Any]:
    """Yield the objects that are parts of an object."""
    for holder in element:
        if local(holder.tag) in _SURFACE_HOLDERS:
            continue
        for item in holder:
            if _PARTS.match(local(item.tag)):
                yield item
