"""Streets from their centre lines: carriageways, pavements, cycle paths, parking bays and the road network."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from osgeo import ogr

from . import SIZE, layout
from .geometry import at, beside, clean, lengthened, line_geometry, parts, spline, stations, strip, union


@dataclass(frozen=True)
class Profile:
    """The cross-section of a kind of street: half widths from the middle [m], surface and traffic."""

    carriage: float
    total: float
    function: str
    surface: str
    material: str
    speed: int
    traffic: tuple[float, float, float]  # motor vehicles a day: light, medium, heavy
    parking: bool = False


PROFILES = {
    "hoofdweg": Profile(3.5, 10.5, "rijbaan lokale weg", "gesloten verharding", "asfalt", 50, (7400, 320, 140)),
    "dijkweg": Profile(2.6, 3.4, "rijbaan lokale weg", "gesloten verharding", "asfalt", 30, (1500, 50, 25)),
    "landweg": Profile(2.1, 3.0, "rijbaan lokale weg", "gesloten verharding", "asfalt", 60, (350, 12, 9)),
    "kade": Profile(2.6, 5.0, "rijbaan lokale weg", "open verharding", "gebakken klinkers", 30, (640, 14, 3)),
    "dorpsstraat": Profile(2.7, 4.6, "rijbaan lokale weg", "open verharding", "gebakken klinkers", 30, (1100, 40, 9)),
    "woonstraat": Profile(
        2.6, 6.6, "rijbaan lokale weg", "open verharding", "betonstraatstenen", 30, (780, 16, 4), True
    ),
    "woonerf": Profile(2.9, 3.6, "woonerf", "open verharding", "betonstraatstenen", 15, (190, 4, 1)),
}


@dataclass
class Street:
    """A street: its curve, the places of its junctions on it and what stands along it."""

    name: str
    kind: str
    line: np.ndarray
    index: list[int]
    points: list[tuple[float, float]]
    sides: tuple[str, str]
    profile: Profile = field(init=False)

    def __post_init__(self) -> None:
        self.profile = PROFILES[self.kind]

    def surface_line(self) -> np.ndarray:
        """Return the curve, lengthened where it leaves the area."""
        first, last = (_on_border(self.line[i]) for i in (0, -1))
        return lengthened(self.line, 25.0, first, last) if first or last else self.line


def _on_border(point: np.ndarray) -> bool:
    return bool(np.any(point <= 0.01) or np.any(point >= SIZE - 0.01))


def build_streets() -> list[Street]:
    """Return all streets of the layout."""
    streets = []
    for name, kind, points, left, right in layout.STREETS:
        line, index = spline(points)
        streets.append(Street(name, kind, line, index, [(float(x), float(y)) for x, y in points], (left, right)))
    return streets


@dataclass
class Surfaces:
    """The road surfaces as polygons: (geometry, street or path) by use."""

    carriage: list[tuple[ogr.Geometry, Street]]
    corners: list[ogr.Geometry]
    cycle: list[ogr.Geometry]
    foot: list[ogr.Geometry]
    pavement: list[ogr.Geometry]
    parking: list[ogr.Geometry]
    verge: list[ogr.Geometry]
    corridor: ogr.Geometry  # everything that no house may stand on


def build_surfaces(streets: list[Street]) -> Surfaces:
    """Lay the road surfaces side by side, the carriageway first."""
    carriage, taken = [], ogr.Geometry(ogr.wkbMultiPolygon)
    for street in streets:
        own = line_geometry(street.surface_line()).Buffer(street.profile.carriage, 8)
        if street.kind == "woonerf":
            own = own.Union(line_geometry(street.line[-2:]).Buffer(6.0, 8))  # room to turn at the end
        carriage += [(part, street) for part in parts(own.Difference(taken))]
        taken = clean(taken.Union(own))
    rounded = clean(taken.Buffer(3.5, 8).Buffer(-3.5, 8))
    corners = parts(rounded.Difference(taken))
    taken = taken.Union(rounded)
    cycle_lines = [beside(s.surface_line(), d) for s in streets if s.kind == "hoofdweg" for d in (6.6, -6.6)]
    cycle_lines += [spline(points)[0] for kind, points in layout.PATHS if kind == "fietspad"]
    cycle = _minus(union(line_geometry(line).Buffer(1.5, 8) for line in cycle_lines), taken)
    taken = taken.Union(union(cycle))
    foot = _minus(union(line_geometry(spline(p)[0]).Buffer(1.0, 8) for k, p in layout.PATHS if k == "voetpad"), taken)
    taken = taken.Union(union(foot))
    parking = _minus(union(bay for s in streets if s.profile.parking for bay in _bays(s)), taken.Buffer(0.01))
    taken = taken.Union(union(parking))
    wide = union(line_geometry(s.surface_line()).Buffer(s.profile.total, 8) for s in streets)
    main = [s for s in streets if s.kind in ("hoofdweg", "dijkweg", "landweg")]
    verge_area = union(
        line_geometry(s.surface_line()).Buffer(s.profile.total - 2.2 * (s.kind == "hoofdweg"), 8) for s in main
    )
    paved = union(
        line_geometry(s.surface_line()).Buffer(s.profile.total, 8)
        for s in streets
        if s.kind not in ("hoofdweg", "dijkweg", "landweg")
    )
    verge = _minus(verge_area.Difference(paved), taken)
    pavement = _minus(wide, taken.Union(union(verge)))
    corridor = union([wide, union(cycle).Buffer(1.0), union(foot).Buffer(1.0), rounded])
    return Surfaces(carriage, corners, cycle, foot, pavement, parking, verge, corridor)


def _minus(geometry: ogr.Geometry, taken: ogr.Geometry) -> list[ogr.Geometry]:
    return parts(clean(geometry).Difference(taken))


def _bays(street: Street) -> list[ogr.Geometry]:
    """Return parking bays of three cars along both kerbs, a tree's room apart, clear of the junctions."""
    along = stations(street.line)
    junctions = along[street.index] if street.kind != "hoofdweg" else along[:1]
    corner = np.array([s for s, p in zip(junctions, street.points) if not _on_border(np.array(p))])
    bays = []
    for side in (1, -1):
        s = 14.0 if side > 0 else 20.0
        while s + 16.5 < along[-1] - 12.0:
            crossing = [c for c in corner if s - 11.0 < c < s + 27.5 and _is_junction(street, c, along)]
            if crossing:
                s = crossing[-1] + 11.5
                continue
            piece = at(street.line, np.linspace(s, s + 16.5, 9))
            bays.append(strip(piece, side * (street.profile.carriage + 2.0), side * (street.profile.carriage - 0.02)))
            s += 21.0
    return bays


def _is_junction(street: Street, s: float, along: np.ndarray) -> bool:
    point = street.points[int(np.argmin(np.abs(along[street.index] - s)))]
    return sum(tuple(map(float, point)) in {tuple(map(float, p)) for p in other[2]} for other in layout.STREETS) > 1


def network(streets: list[Street]) -> tuple[list[tuple[float, float]], list[dict]]:
    """Return the junctions and the sections between them, with names and traffic (NWB columns)."""
    count: dict[tuple[float, float], int] = {}
    for street in streets:
        for i, point in enumerate(street.points):
            ends = i in (0, len(street.points) - 1)
            count[point] = count.get(point, 0) + (2 if ends else 1)
    nodes = [point for point, uses in count.items() if uses > 1]
    number = {point: i for i, point in enumerate(nodes)}
    links = []
    for street in streets:
        stops = [i for i, point in enumerate(street.points) if point in number]
        for a, b in zip(stops, stops[1:]):
            line = street.line[street.index[a] : street.index[b] + 1]
            links.append(
                {"street": street, "begin": number[street.points[a]], "end": number[street.points[b]], "line": line}
            )
    return nodes, links
