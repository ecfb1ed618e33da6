"""A scheme for the green along the Zuidlaan: two blocks of houses, one of which is more than the plan allows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import ogr

from .cityjson import TRANSFORM, Vertices, _extent, _head, _solid
from .geometry import at, polygon
from .solids import Face, prism, profile
from .streets import Street
from .terrain import Ground
from .write import ORIGIN, _create, _insert, _layer
from .zoning import write_rules, write_zoning

STREET, BEGIN = "Zuidlaan", 48.0  # m along the street from its west end
WIDE, DEEP = 44.0, 30.0  # m, of the plot: along the street and away from it
FRONT, DEPTH = 0.6, 10.0  # m, of the houses behind the pavement, and of the houses themselves
MIDDLE = 22.0  # m along the plot, where both blocks meet
# what the blocks are: from, to [m along the plot], eaves and ridge [m]
WEST, EAST = (4.0, MIDDLE, 8.8, 13.2), (MIDDLE, 40.0, 5.8, 10.0)
EXTENSION = (6.0, 12.0, 3.5, 3.0)  # from, to [m along the plot], depth behind the block and height [m]
BALCONIES = ((7.0, 9.5), (13.0, 15.5))  # of the west block over the pavement, from and to [m along the plot]
BALCONY_OUT, BALCONY_LOW, BALCONY_HIGH = 0.9, 2.9, 4.0  # m before the wall, and above the ground


@dataclass(frozen=True)
class Site:
    """The plot of the scheme: its corner in the south-west, unit vectors along the street and away from it."""

    corner: np.ndarray
    u: np.ndarray
    v: np.ndarray
    level: float  # m NAP, of the floors

    def ring(self, left: float, right: float, front: float, back: float) -> np.ndarray:
        """Return a rectangle, counter-clockwise: along the plot and away from the street [m]."""
        ends = ((left, front), (right, front), (right, back), (left, back))
        return np.round(self.corner + np.array([x * self.u + y * self.v for x, y in ends]), 3)


def site_of(streets: list[Street], ground: Ground) -> Site:
    """Return the site, its front on the land of the street."""
    street = next(item for item in streets if item.name == STREET)
    curve = at(street.line, np.linspace(BEGIN, BEGIN + WIDE, 12))
    u = (curve[-1] - curve[0]) / np.hypot(*(curve[-1] - curve[0]))
    v = np.array([-u[1], u[0]])  # the land lies on the left
    corner = curve[0] + v * (street.profile.total + float(((curve - curve[0]) @ v).max()))
    ring = np.array([corner, corner + WIDE * u])
    return Site(corner, u, v, round(float(ground.at(ring[:, 0], ring[:, 1]).mean()) + 0.1, 2))


def write_scheme(streets: list[Street], ground: Ground, folder: Path) -> dict[str, int]:
    """Write the design, its plots, the plan that holds there and a rule file; give the counts."""
    folder.mkdir()
    site = site_of(streets, ground)
    blocks = {"west": _west(), "east": _block(EAST)}
    _write_design(site, blocks, folder / "design.city.json")
    source = _create(folder / "plots.gpkg")
    for name, rings in (("plot", [site.ring(0, WIDE, 0, DEEP)]), ("plots", _around(site))):
        layer = _layer(source, name, ogr.wkbPolygon, {"number": ogr.OFTString})
        for number, ring in enumerate(rings):
            _insert(layer, polygon(ring + ORIGIN), {"number": f"WTD00 C {1200 + number}"})
    layer = source = None
    areas = {
        "all": site.ring(-6, WIDE + 6, -4, DEEP + 4),
        "building": site.ring(3, WIDE - 3, 0, FRONT + DEPTH + 0.4),
        "west": site.ring(3, MIDDLE, 0, FRONT + DEPTH + 0.4),
        "east": site.ring(MIDDLE, WIDE - 3, 0, FRONT + DEPTH + 0.4),
    }
    write_zoning({name: ring + ORIGIN for name, ring in areas.items()}, folder / "zoning.gml")
    write_rules(site.level, site.ring(WIDE + 8, WIDE + 28, 0, DEEP) + ORIGIN, folder / "rules.json")
    return {"scheme_buildings": len(blocks)}


def _around(site: Site) -> list[np.ndarray]:
    """Return the plots beside and behind that of the scheme."""
    return [site.ring(-20, 0, 0, DEEP), site.ring(WIDE, WIDE + 20, 0, DEEP), site.ring(-20, WIDE + 20, DEEP, DEEP + 24)]


def _block(measures: tuple[float, float, float, float]) -> list[list[Face]]:
    left, right, eaves, ridge = measures
    section = [(FRONT, eaves), (FRONT + DEPTH / 2, ridge), (FRONT + DEPTH, eaves)]
    return [_moved(profile(section, right - left), left)]


def _west() -> list[list[Face]]:
    """Return the west block, with its extension behind and balconies before it."""
    left, right, deep, high = EXTENSION
    back = FRONT + DEPTH
    parts = [*_block(WEST), prism(_rectangle(left, right, back, back + deep), high)]
    for begin, end in BALCONIES:
        slab = prism(_rectangle(begin, end, FRONT - BALCONY_OUT, FRONT), BALCONY_HIGH - BALCONY_LOW)
        parts.append(_moved(slab, 0.0, BALCONY_LOW))
    return parts


def _rectangle(left: float, right: float, front: float, back: float) -> list[tuple[float, float]]:
    return [(left, front), (right, front), (right, back), (left, back)]


def _moved(faces: list[Face], along: float, up: float = 0.0) -> list[Face]:
    return [(kind, [[(x + along, y, z + up) for x, y, z in ring] for ring in rings]) for kind, rings in faces]


def _write_design(site: Site, blocks: dict[str, list[list[Face]]], path: Path) -> None:
    """Write the blocks as CityJSON: a building each, with its parts."""
    vertices, objects = Vertices(), {}
    for name, parts in blocks.items():
        children = [f"zuidlaan-{name}-{number}" for number in range(len(parts))]
        objects[f"zuidlaan-{name}"] = {
            "type": "Building",
            "attributes": {"name": f"Zuidlaan {name}", "status": "ontwerp"},
            "children": children,
        }
        for child, faces in zip(children, parts):
            objects[child] = {
                "type": "BuildingPart",
                "attributes": {},
                "geometry": [_solid(_placed(site, faces), "2.2", vertices)],
                "parents": [f"zuidlaan-{name}"],
            }
    listed = vertices.listed()
    model = _head(_extent(listed))
    model["metadata"]["title"] = "Zuidlaan, Waterdam (fictional)"
    model["CityObjects"], model["vertices"], model["transform"] = objects, listed, TRANSFORM
    path.write_text(json.dumps(model, separators=(",", ":")), encoding="utf-8")


def _placed(site: Site, faces: list[Face]) -> list[Face]:
    """Return faces in the coordinates of the area, heights in m NAP."""
    (cx, cy), (ux, uy), (vx, vy) = site.corner, site.u, site.v

    def place(x: float, y: float, z: float) -> tuple[float, float, float]:
        return cx + x * ux + y * vx, cy + x * uy + y * vy, site.level + z

    return [(kind, [[place(*point) for point in ring] for ring in rings]) for kind, rings in faces]
