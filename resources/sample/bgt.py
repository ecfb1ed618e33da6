"""The large-scale topography: polygons that cover the ground once, with the classes and codes of the BGT."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from osgeo import ogr

from . import SEED, SIZE, layout
from .buildings import Building
from .geometry import box, clean, lengthened, line_geometry, parts, polygon, strip, union
from .landmarks import GROUNDS
from .streets import Surfaces
from .terrain import TUNNEL_HALF
from .water import Water

LAYERS = ("wegdeel", "ondersteunendwegdeel", "waterdeel", "begroeidterreindeel", "onbegroeidterreindeel", "pand")
OWNER = "G9998"
SLIVER = 0.3  # what is smaller is not mapped [m2]
BLOCK = 50.0  # of the index of what is taken [m]


@dataclass
class Piece:
    """One BGT object."""

    layer: str
    geometry: ogr.Geometry
    fields: dict


@dataclass
class Partition:
    """Pieces of ground laid beside each other: what comes first keeps its ground."""

    pieces: list[Piece] = field(default_factory=list)
    blocks: dict[tuple[int, int], list[ogr.Geometry]] = field(default_factory=dict)
    extent: ogr.Geometry = field(default_factory=lambda: box(0, 0, SIZE, SIZE))

    def _near(self, geometry: ogr.Geometry) -> Iterable[ogr.Geometry]:
        """Yield what is taken and whose envelope meets that of the geometry."""
        seen: set[int] = set()
        x0, x1, y0, y1 = geometry.GetEnvelope()
        for block in _blocks_of(geometry):
            for other in self.blocks.get(block, ()):
                a0, a1, b0, b1 = other.GetEnvelope()
                if id(other) not in seen and a0 <= x1 and a1 >= x0 and b0 <= y1 and b1 >= y0:
                    seen.add(id(other))
                    yield other

    def lay(self, layer: str, geometry: ogr.Geometry, **fields: object) -> None:
        """Lay a polygon on what is still free of its ground (level 0)."""
        free = clean(clean(geometry).Intersection(self.extent))
        for other in list(self._near(free)) if not free.IsEmpty() else ():
            free = clean(free.Difference(other))
        for part in parts(free):
            self.add(layer, part, 0, **fields)
            for block in _blocks_of(part):
                self.blocks.setdefault(block, []).append(part)

    def add(self, layer: str, geometry: ogr.Geometry, level: int, **fields: object) -> None:
        """Add a piece as it is, on its own level."""
        self.pieces.append(Piece(layer, geometry, {**fields, "relatieve_hoogteligging": level}))

    def rest(self) -> ogr.Geometry:
        """Return the ground that nothing lies on."""
        return clean(
            self.extent.Difference(union(p.geometry for p in self.pieces if p.fields["relatieve_hoogteligging"] == 0))
        )


def _blocks_of(geometry: ogr.Geometry) -> list[tuple[int, int]]:
    x0, x1, y0, y1 = geometry.GetEnvelope()
    columns = range(int(x0 // BLOCK), int(x1 // BLOCK) + 1)
    return [(c, r) for c in columns for r in range(int(y0 // BLOCK), int(y1 // BLOCK) + 1)]


def build_bgt(
    buildings: list[Building], waters: list[Water], surfaces: Surfaces, plots: list[np.ndarray]
) -> list[Piece]:
    """Return the BGT objects of the whole area."""
    partition = Partition()
    for building in buildings:
        fields = {"identificatie_bag_pnd": building.identity.rsplit(".", 1)[1]}
        partition.lay("pand", polygon(building.house.outline), **fields)
    for water in waters:
        fields = {
            "type": water.kind,
            "plus_type": water.plus,
            "peil": water.level,
            "bodemhoogte": water.level - water.depth,
        }
        partition.lay("waterdeel", water.geometry, **fields)
    _lay_roads(partition, waters, surfaces)
    _lay_rail(partition)
    for layer, function, plus, ring in GROUNDS:
        kind = "functie" if layer == "wegdeel" else "fysiek_voorkomen"
        fields = {kind: function, "plus_fysiek_voorkomen": plus}
        if layer == "wegdeel":
            fields["fysiek_voorkomen"] = "open verharding"
        partition.lay(layer, polygon(ring), **fields)
    _lay_sides(partition, surfaces)
    for plot in plots:
        partition.lay(
            "onbegroeidterreindeel", polygon(plot), fysiek_voorkomen="erf", plus_fysiek_voorkomen="waardeOnbekend"
        )
    _lay_green(partition)
    _identify(partition.pieces)
    return partition.pieces


def _lay_roads(partition: Partition, waters: list[Water], surfaces: Surfaces) -> None:
    """Lay what traffic uses; over the canal it is a bridge, one level up."""
    canal = waters[0].geometry
    hard = {"fysiek_voorkomen": "open verharding", "plus_fysiek_voorkomen": "betonstraatstenen"}
    red = {"fysiek_voorkomen": "gesloten verharding", "plus_fysiek_voorkomen": "asfalt"}
    roads = [
        (
            g,
            {
                "functie": s.profile.function,
                "fysiek_voorkomen": s.profile.surface,
                "plus_fysiek_voorkomen": s.profile.material,
            },
        )
        for g, s in surfaces.carriage
    ]
    roads += [(g, {"functie": "rijbaan lokale weg", **hard}) for g in surfaces.corners]
    roads += [(g, {"functie": "fietspad", **red}) for g in surfaces.cycle]
    roads += [
        (g, {"functie": "voetpad", "fysiek_voorkomen": "half verhard", "plus_fysiek_voorkomen": "schelpen"})
        for g in surfaces.foot
    ]
    roads += [(g, {"functie": "parkeervlak", **hard}) for g in surfaces.parking]
    for geometry, fields in roads:
        partition.lay("wegdeel", geometry, **fields)
        for bridge in parts(geometry.Intersection(canal).Intersection(partition.extent), 1.0):
            partition.add("wegdeel", bridge, 1, **fields)


def _lay_rail(partition: Partition) -> None:
    """Lay the tracks: on the embankment level 0, over the main road a viaduct on level 1."""
    rail = {"functie": "spoorbaan", "fysiek_voorkomen": "half verhard", "plus_fysiek_voorkomen": "grind"}
    tracks = strip(layout.RAIL, 4.2, -4.2).Intersection(partition.extent)
    x, y = layout.UNDERPASS
    opening = tracks.Intersection(box(x - TUNNEL_HALF, y - 20, x + TUNNEL_HALF, y + 20))
    for part in parts(opening):
        partition.add("wegdeel", part, 1, **rail)
    for part in parts(tracks.Difference(opening)):
        partition.lay("wegdeel", part, **rail)


def _lay_sides(partition: Partition, surfaces: Surfaces) -> None:
    for verge in surfaces.verge:
        fields = {"fysiek_voorkomen": "groenvoorziening", "plus_fysiek_voorkomen": "gras- en kruidachtigen"}
        partition.lay("ondersteunendwegdeel", verge, functie="berm", **fields)
    for pavement in surfaces.pavement:
        fields = {"functie": "voetpad", "fysiek_voorkomen": "open verharding", "plus_fysiek_voorkomen": "tegels"}
        for part in _cut(pavement, 125.0):
            partition.lay("wegdeel", part, **fields)


def _cut(geometry: ogr.Geometry, size: float) -> list[ogr.Geometry]:
    """Return a geometry cut along a square grid, as surveyors end a polygon at some point."""
    x0, x1, y0, y1 = geometry.GetEnvelope()
    result = []
    for c in range(int(x0 // size), int(x1 // size) + 1):
        for r in range(int(y0 // size), int(y1 // size) + 1):
            result += parts(geometry.Intersection(box(c * size, r * size, (c + 1) * size, (r + 1) * size)), SLIVER)
    return result


def _lay_green(partition: Partition) -> None:
    """Give the rest of the ground its plants: meadows, slopes, park and public green."""
    dike = [(-60.0, 708.0), *map(tuple, layout.DIKE_POINTS), (503.0, 1060.0)]
    meadow = clean(polygon(np.array([*dike, (-60.0, 1060.0)])))
    south = polygon(np.vstack([lengthened(layout.RAIL, 60.0), [(1100.0, -60.0), (-100.0, -60.0)]]))
    zones = [
        (strip(layout.RAIL, 14.0, -14.0), "grasland overig", "waardeOnbekend"),
        (line_geometry(np.array(dike)).Buffer(13.0), "grasland overig", "waardeOnbekend"),
        (meadow, "grasland agrarisch", "waardeOnbekend"),
        (clean(south), "grasland agrarisch", "waardeOnbekend"),
        (clean(polygon(layout.PARK)), "groenvoorziening", "gras- en kruidachtigen"),
    ]
    rest = partition.rest()
    for zone, kind, plus in zones:
        for part in _cut(rest.Intersection(zone), 250.0):
            partition.add("begroeidterreindeel", part, 0, fysiek_voorkomen=kind, plus_fysiek_voorkomen=plus)
        rest = clean(rest.Difference(zone))
    for i, part in enumerate(_cut(rest, 125.0)):
        plus = ("gras- en kruidachtigen", "heesters", "bodembedekkers")[0 if part.GetArea() > 120 else i % 3]
        partition.add("begroeidterreindeel", part, 0, fysiek_voorkomen="groenvoorziening", plus_fysiek_voorkomen=plus)


def _identify(pieces: list[Piece]) -> None:
    for i, piece in enumerate(pieces):
        digest = hashlib.blake2b(f"{SEED}-{i}".encode(), digest_size=16).hexdigest()
        piece.fields.update(
            {
                "lokaal_id": f"{OWNER}.{digest}",
                "bronhouder": OWNER,
                "bgt_status": "bestaand",
                "plus_status": "geenWaarde",
                "begin_registratie": "2025-09-03",
                "eind_registratie": None,
            }
        )
