"""The buildings that stand on their own, church, mill, shops, flats, school, and the ground around them."""

from __future__ import annotations

import math
import random

import numpy as np

from . import layout
from .geometry import rectangle
from .plots import House, Occupied, Settlement

# Ground that belongs to the landmarks: BGT class, functie or fysiek voorkomen, plus value, ring
GROUNDS: list[tuple[str, str, str, np.ndarray]] = [
    ("wegdeel", "voetgangersgebied", "gebakken klinkers", layout.MARKET),
    ("wegdeel", "parkeervlak", "betonstraatstenen", rectangle((628, 312), 15, 92, 8)),
    ("wegdeel", "parkeervlak", "betonstraatstenen", rectangle((662, 34), 44, 18, 6)),
    ("wegdeel", "parkeervlak", "betonstraatstenen", rectangle((683, 525), 22, 22, -30)),
    ("onbegroeidterreindeel", "open verharding", "tegels", rectangle((914, 466), 66, 44, 22)),
    ("onbegroeidterreindeel", "open verharding", "tegels", rectangle((600, 390), 34, 30, -8)),
    ("onbegroeidterreindeel", "half verhard", "gravel", rectangle((622, 22), 40, 34, 3)),
    ("onbegroeidterreindeel", "open verharding", "tegels", rectangle((606, 529), 92, 24, -9.5)),
    ("onbegroeidterreindeel", "open verharding", "tegels", rectangle((662, 487), 38, 48, -9)),
    ("begroeidterreindeel", "groenvoorziening", "gras- en kruidachtigen", rectangle((600, 95), 104, 64, 8)),
    ("begroeidterreindeel", "groenvoorziening", "gras- en kruidachtigen", rectangle((735, 113), 104, 64, 10)),
    ("begroeidterreindeel", "groenvoorziening", "gras- en kruidachtigen", rectangle(layout.CHURCH, 46, 34, 10)),
]


def _block(
    centre: tuple[float, float], long: float, wide: float, angle: float, shape: str, measures: dict, year: int, use: str
) -> House:
    a = math.radians(angle)
    u, v = np.array([math.cos(a), math.sin(a)]), np.array([-math.sin(a), math.cos(a)])
    corner = np.asarray(centre, float) - u * long / 2 - v * wide / 2
    return House(corner, u, v, long, wide, shape, measures, year, use)


def _flat(centre: tuple[float, float], long: float, angle: float, storeys: int, year: int) -> House:
    """Return a gallery flat: a slab with a lift tower on its roof."""
    height, wide = round(storeys * 2.85 + 0.6, 2), 10.8
    lift = ((long * 0.46, 2.0), (long * 0.46 + 6.0, 2.0), (long * 0.46 + 6.0, 8.0), (long * 0.46, 8.0))
    ring = ((0, 0), (long, 0), (long, wide), (0, wide))
    measures = {"ring": ring, "height": height, "top_ring": lift, "top_height": height + 2.6}
    return _block(centre, long, wide, angle, "stepped", measures, year, "flat")


def _church() -> House:
    """Return a church: a nave with a steep roof and a tower with a spire before its west end."""
    nave, wide, tower = 28.0, 12.6, 6.0
    t0, t1 = (wide - tower) / 2, (wide + tower) / 2
    ring = (
        (0, t0),
        (tower, t0),
        (tower, 0),
        (tower + nave, 0),
        (tower + nave, wide),
        (tower, wide),
        (tower, t1),
        (0, t1),
    )
    measures = {
        "ring": ring,
        "nave": nave,
        "wide": wide,
        "tower": tower,
        "eave": 8.2,
        "ridge": 16.4,
        "belfry": 22.0,
        "top": 41.0,
    }
    return _block(layout.CHURCH, tower + nave, wide, 10, "church", measures, 1468, "kerk")


def _tower(centre: tuple[float, float]) -> House:
    ring = ((0, 0), (22, 0), (22, 22), (0, 22))
    top = ((6, 6), (16, 6), (16, 16), (6, 16))
    measures = {"ring": ring, "height": 46.2, "top_ring": top, "top_height": 49.8}
    return _block(centre, 22, 22, -8, "stepped", measures, 2007, "woontoren")


def _school() -> House:
    ring = ((0, 0), (46, 0), (46, 12), (30, 12), (30, 26), (14, 26), (14, 12), (0, 12))
    hall = ((16, 13), (28, 13), (28, 24), (16, 24))
    measures = {"ring": ring, "height": 3.9, "top_ring": hall, "top_height": 7.2}
    return _block((914, 462), 46, 26, 22, "stepped", measures, 1981, "school")


def _shops(rng: random.Random) -> list[House]:
    """Return two strips of shops with dwellings above along the square."""
    south_west, _, north_east, north_west = layout.MARKET
    shops = []
    for start, end, year in ((north_east, north_west, 1988), (north_west, south_west, 1976)):
        u = (start - end) / np.hypot(
            *(start - end)
        )  # the square lies to the right of u, so the depth goes away from it
        long, x = float(np.hypot(*(start - end))), 1.0
        v = np.array([-u[1], u[0]])
        while x + 6.2 < long - 1.0:
            width = round(rng.choice([6.2, 6.8, 7.4, 9.0]), 1)
            width = min(width, round(long - 1.0 - x, 1))
            high = 9.6 if year == 1988 else 6.8
            measures = {"profile": [(0.0, high), (9.0, high), (9.0, 3.9), (13.0, 3.9)]}
            shops.append(
                House(
                    end + x * u + 0.3 * v, u, v, width, 13.0, "profile", measures, year, "winkel", "Marktplein", party=2
                )
            )
            x += width
    return shops


def landmarks(occupied: Occupied, rng: random.Random) -> Settlement:
    """Return the landmarks and keep their ground free of other buildings."""
    mill = _block(
        (439.0, 771.0), 9.6, 9.6, 0, "mill", {"radius": 4.8, "waist": 2.9, "height": 13.5, "top": 16.8}, 1742, "molen"
    )
    turn = [2 * math.pi * (i + 0.5) / 8 for i in range(8)]
    mill.outline = mill.corner + 4.8 + 4.8 * np.array([(math.cos(t), math.sin(t)) for t in turn])
    houses = [
        _church(), mill, _tower((600.0, 390.0)), _school(),
        _flat((576.0, 285.0), 74.0, 8, 5, 1968),
        _flat((572.0, 336.0), 74.0, 8, 5, 1969), _flat((680.0, 318.0), 62.0, 96, 4, 1969),
        _block((662.0, 487.0), 38, 27, 81, "prism", {"height": 6.4}, 1998, "supermarkt"),
        _block((713.0, 58.0), 26, 9, 9, "profile", {"profile": [(0.0, 2.9), (9.0, 4.6)]}, 2011, "clubhuis"),
        _block((664.0, 118.0), 14, 5, 98, "profile", {"profile": [(0.0, 2.4), (5.0, 3.6)]}, 1994, "tribune"),
        *_shops(rng),
    ]  # fmt: skip
    for _, _, _, ring in GROUNDS:
        occupied.take(ring, 16)
    occupied.take(layout.PARK, 16)
    for house in houses:
        middle = house.outline.mean(axis=0)
        occupied.take(middle + (house.outline - middle) * 1.0, 8)
        grown = middle + (house.outline - middle) * (1.0 + 7.0 / np.hypot(*(house.outline - middle).T).max())
        occupied.take(grown, 16)
    return Settlement(houses, [])
