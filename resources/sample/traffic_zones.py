"""Zones of traffic: quarters of Waterdam with what stands in them, and gates where streets leave the area."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from osgeo import ogr

from . import SIZE, layout
from .buildings import Building
from .geometry import box, line_geometry, parts, polygon, spline
from .streets import Street, _on_border

HOUSES, FLATS, JOBS = "dwellings_house", "dwellings_flat", "jobs"
# a place in each quarter, by its name
QUARTERS = {
    "Houtbuurt west": (90, 280), "Houtbuurt midden": (245, 280), "Houtbuurt oost": (400, 330), "Meent": (250, 60),
    "Sportpark": (700, 60), "Vogelbuurt west": (620, 290), "Vogelbuurt oost": (850, 330), "Marktplein": (600, 470),
    "Park": (850, 520), "Dorp west": (100, 560), "Dorp": (380, 640), "Oranjebuurt zuid": (520, 780),
    "Oranjebuurt noord": (560, 920), "Libellen zuidwest": (680, 690), "Libellen zuidoost": (880, 730),
    "Libellen noordwest": (700, 850), "Libellen noord": (760, 940), "Noordpolder": (60, 850),
}  # fmt: skip
# between quarters, beside canal, railway, main road, dike and singel; what sticks out beyond those counts for nothing
CUTS = (
    [(190, 80), (190, 480)], [(300, 80), (300, 520)], [(740, 150), (740, 410)], [(510, 430), (524, 430), (610, 416),
    (702, 402), (790, 384), (856, 388), (930, 412), (1000, 440), (1010, 444)], [(690, 380), (690, 620)],
    [(200, 440), (200, 670)], [(620, 735), (545, 735), (490, 742), (440, 752), (390, 746)], [(430, 845), (660, 845)],
    [(745, 590), (745, 800)], [(620, 885), (932, 885)], [(590, 795), (634, 795)],
)  # fmt: skip
SITE = "Noordpolder new"
SITE_RING = np.array([(140.0, 735), (225, 735), (300, 745), (335, 765), (372, 800), (405, 850), (426, 900), (440, 985),
                      (140, 985)])  # fmt: skip
_JOBS = {"winkel": 4, "supermarkt": 60, "school": 45, "kerk": 1, "molen": 1, "clubhuis": 2}
_GATE, _OUT = 14.0, 10.0  # m: half the side of the square of a gate, and how far its middle lies outside
# vehicles a day each way that drive through the area, and the pull of what lies beyond, by kind of street
THROUGH = {"hoofdweg": 2450.0, "dijkweg": 420.0, "kade": 130.0, "landweg": 90.0, "woonstraat": 150.0}
BEYOND = {"hoofdweg": 1300.0, "dijkweg": 260.0, "kade": 90.0, "landweg": 60.0, "woonstraat": 110.0}


@dataclass
class Zone:
    """A zone: its outline and what stands in it, by the names of the table of rates."""

    name: str
    shape: ogr.Geometry
    amounts: dict[str, float] = field(default_factory=dict)


def zones_of(streets: list[Street], buildings: list[Building]) -> list[Zone]:
    """Return the quarters, the building site, on which nothing stands yet, and the gates."""
    quarters = _quarters(streets)
    for building in buildings:
        x, y = map(float, building.house.outline.mean(axis=0))
        home = _zone_at(quarters, x, y)
        kind = HOUSES if building.house.use == "woning" else FLATS
        home.amounts[kind] = home.amounts.get(kind, 0.0) + building.attributes["woningen"]
        home.amounts[JOBS] = home.amounts.get(JOBS, 0.0) + _JOBS.get(building.house.use, 0)
    return [*quarters, Zone(SITE, polygon(SITE_RING)), *_gates(streets)]


def _quarters(streets: list[Street]) -> list[Zone]:
    """Return the area in pieces between its large lines and the cuts, named by the places in them."""
    lines = [layout.CANAL, layout.RAIL, layout.SINGEL, *(np.array(cut, float) for cut in CUTS)]
    lines += [street.surface_line() for street in streets if street.kind in ("hoofdweg", "dijkweg")]
    whole = box(0.0, 0.0, SIZE, SIZE).GetBoundary()
    for line in lines:
        whole = whole.Union(line_geometry(line))
    site, found = polygon(SITE_RING), {}
    for piece in parts(whole.Polygonize(), 1.0):
        inside = [name for name, (x, y) in QUARTERS.items() if piece.Contains(_point(x, y))]
        if inside:
            found[inside[0]] = Zone(inside[0], piece.Difference(site))
        elif piece.GetArea() > 1.0:
            raise ValueError(f"a quarter without a name around {piece.Centroid().ExportToWkt()}")
    return [found[name] for name in QUARTERS]


def _point(x: float, y: float) -> ogr.Geometry:
    point = ogr.Geometry(ogr.wkbPoint)
    point.AddPoint_2D(float(x), float(y))
    return point


def _zone_at(zones: list[Zone], x: float, y: float) -> Zone:
    point = _point(x, y)
    return min(zones, key=lambda zone: zone.shape.Distance(point))


def _gates(streets: list[Street]) -> list[Zone]:
    """Return a square beside each end of a street on the border, with what drives through and what lies beyond."""
    gates = []
    for street in streets:
        for end in (street.line[0], street.line[-1]):
            if _on_border(end):
                out = np.where(end <= 0.01, -_OUT, np.where(end >= SIZE - 0.01, _OUT, 0.0))
                side = "WE"[int(end[0] > 500)] if out[0] else "SN"[int(end[1] > 500)]
                x, y = end + out
                amounts = {"through": THROUGH[street.kind], "beyond": BEYOND[street.kind]}
                shape = box(x - _GATE, y - _GATE, x + _GATE, y + _GATE)
                gates.append(Zone(f"{street.name} {side}", shape, amounts))
    return gates


@dataclass(frozen=True)
class Way:
    """A new road: where it runs, and where it meets roads that are there."""

    name: str
    line: np.ndarray


def new_roads() -> tuple[Way, Way]:
    """Return the road into the building site, from the dike, and the second one out of it to the north."""
    middle = (300.0, 860.0)
    first = spline([(225.0, 652.0), (238, 690), (262, 770), middle])[0]
    second = spline([middle, (360.0, 872), (420, 872), (470, 870)])[0]
    return Way("Noordpolderlaan", first), Way("Noordpolderlaan oost", second)
