"""Plots along the streets: rows, pairs and single houses, each on its own land, with a shed in the back garden."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

from .geometry import at, inside, stations, window
from .roofs import roof_of
from .streets import Street


@dataclass
class House:
    """A building to be: its place, measures and roof, before the ground is known.

    `corner` is the left front corner seen from the street, `u` runs along the front, `v` to the back; heights are
    above the ground floor [m]. `shape` names a builder in `solids` and `measures` are what it needs.
    """

    corner: np.ndarray
    u: np.ndarray
    v: np.ndarray
    width: float
    depth: float
    shape: str
    measures: dict
    year: int
    use: str
    street: str = ""
    party: int = 0  # walls shared with neighbours
    outline: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        local = self.measures.get("ring", ((0, 0), (self.width, 0), (self.width, self.depth), (0, self.depth)))
        self.outline = np.round(self.corner + np.array([a * self.u + b * self.v for a, b in local]), 3)


@dataclass(frozen=True)
class Kind:
    """How a kind of housing is laid out [m]."""

    row: tuple[int, int]
    width: tuple[float, float]
    depth: tuple[float, float]
    front: tuple[float, float]
    garden: float
    side: float
    years: tuple[int, int]
    shed: float  # share of the plots with a shed


KINDS = {
    "dorp": Kind((1, 4), (5.2, 8.6), (9.0, 12.5), (0.4, 1.6), 15.0, 1.2, (1780, 1925), 0.2),
    "villa": Kind((1, 1), (10.5, 13.5), (9.0, 11.0), (6.0, 8.0), 14.0, 4.5, (1958, 1985), 0.2),
    "twee": Kind((2, 2), (6.4, 7.2), (8.8, 9.8), (4.5, 5.5), 12.0, 3.2, (1932, 1996), 0.2),
    "rij30": Kind((4, 8), (5.2, 5.8), (8.2, 9.0), (2.4, 3.0), 11.5, 1.2, (1929, 1938), 0.16),
    "rij70": Kind((3, 7), (5.4, 6.0), (9.0, 10.0), (3.0, 4.5), 9.5, 1.0, (1972, 1979), 0.16),
    "rij90": Kind((4, 7), (5.4, 5.8), (9.2, 10.0), (2.6, 3.4), 10.5, 1.6, (1986, 1992), 0.2),
    "vinex": Kind((4, 9), (5.4, 6.0), (9.6, 10.6), (2.2, 3.2), 10.0, 1.8, (1996, 2004), 0.18),
    "gracht": Kind((2, 6), (5.4, 7.6), (10.5, 13.5), (0.6, 1.2), 20.0, 1.0, (1730, 1936), 0.2),
    "boerderij": Kind((1, 1), (14.0, 16.0), (18.0, 24.0), (22.0, 26.0), 16.0, 8.0, (1840, 1930), 0.0),
}


class Occupied:
    """What ground is taken: 1 streets, 2 water and rail, 4 plots, 8 buildings, 16 kept free."""

    def __init__(self, cells: np.ndarray) -> None:
        self.cells = cells

    def share(self, ring: np.ndarray, kinds: int) -> float:
        """Return the share of a ring that is taken by any of `kinds`, or lies outside the area."""
        rows, columns, x, y = window(ring)
        if ring.min() < 2.0 or ring.max() > 998.0:
            return 1.0
        mask = inside(ring, x, y)
        return float(np.count_nonzero(self.cells[rows, columns][mask] & kinds) / max(1, np.count_nonzero(mask)))

    def take(self, ring: np.ndarray, kind: int) -> None:
        """Mark a ring as taken."""
        rows, columns, x, y = window(ring)
        self.cells[rows, columns] |= np.where(inside(ring, x, y), kind, 0).astype(np.uint8)


@dataclass
class Settlement:
    """All houses and the land that goes with them."""

    houses: list[House] = field(default_factory=list)
    plots: list[np.ndarray] = field(default_factory=list)


@dataclass
class Block:
    """A straight row of houses that may be built: the frame of its front and its measures."""

    kind: Kind
    name: str
    widths: list[float]
    depth: float
    corner: np.ndarray
    u: np.ndarray
    v: np.ndarray
    front: float
    forward: float  # land in front that reaches to the pavement
    garden: float = 0.0

    def ring(self, x0: float, x1: float, y0: float, y1: float) -> np.ndarray:
        """Return a rectangle of the block: x along the front, y to the back."""
        return self.corner + np.array([a * self.u + b * self.v for a, b in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])


def settle(streets: list[Street], occupied: Occupied, rng: random.Random) -> Settlement:
    """Build along all streets, in the order of the layout."""
    settlement = Settlement()
    for street in streets:
        for side, name in zip((1, -1), street.sides):
            if name:
                _along(street, side, name, occupied, settlement, rng)
    return settlement


def _along(
    street: Street, side: int, name: str, occupied: Occupied, settlement: Settlement, rng: random.Random
) -> None:
    kind = KINDS[name]
    line = street.line if side > 0 else street.line[::-1]  # the land always lies on the left
    length, s = stations(line)[-1], 7.0
    while s < length - 5.0:
        count = rng.randint(*kind.row)
        widths = _widths(kind, name, count, rng)
        block = None
        while widths and block is None:
            block = _fit(street, line, s, kind, name, widths, occupied, rng)
            if block is None:
                widths = widths[:-1] if len(widths) > kind.row[0] else []
        if block is None:
            s += 2.5
            continue
        _build(block, street, occupied, settlement, rng)
        s += (
            sum(block.widths)
            + 2 * kind.side
            + {"boerderij": 70.0, "rij70": 2.5, "villa": 2.5, "dorp": 2.0}.get(name, 0.6) * rng.uniform(0.5, 1.5)
        )


def _widths(kind: Kind, name: str, count: int, rng: random.Random) -> list[float]:
    if name in ("dorp", "gracht"):
        return [round(rng.uniform(*kind.width), 1) for _ in range(count)]
    return [round(rng.uniform(*kind.width), 1)] * count


def _fit(
    street: Street,
    line: np.ndarray,
    s: float,
    kind: Kind,
    name: str,
    widths: list[float],
    occupied: Occupied,
    rng: random.Random,
) -> Block | None:
    """Return the block where it fits at distance `s`, or None."""
    long, end = sum(widths), stations(line)[-1]
    a, b = s + kind.side, s + kind.side + long
    if b > end + 3.0:
        return None
    curve = at(line, np.linspace(a, min(b, end), 12))
    u = curve[-1] - curve[0]
    if np.hypot(*u) < 1.0:
        return None
    u = u / np.hypot(*u)
    v = np.array([-u[1], u[0]])
    bulge = (curve - curve[0]) @ v
    depth, front = round(rng.uniform(*kind.depth), 1), rng.uniform(*kind.front)
    half = street.profile.total
    corner = curve[0] + v * (half + bulge.max() + front)
    block = Block(kind, name, widths, depth, corner, u, v, front, front + bulge.max() - bulge.min() + 0.6)
    if occupied.share(block.ring(-kind.side * 0.9, long + kind.side * 0.9, -0.8, depth + 3.0), 31) > 0:
        return None
    for share in (1.0, 0.85, 0.7, 0.55, 0.4):
        block.garden = kind.garden * share
        if occupied.share(block.ring(-0.5, long + 0.5, depth, depth + block.garden), 31) < 0.01:
            return block
    return None


def _build(block: Block, street: Street, occupied: Occupied, settlement: Settlement, rng: random.Random) -> None:
    """Put the houses, their plots and sheds on the land, and mark it as taken."""
    kind, total = block.kind, sum(block.widths)
    year, style = rng.randint(*kind.years), rng.random()
    common = _common_measures(block.name, style, block.depth, rng)
    x, mirrored, shift = 0.0, rng.random() < 0.5, 0.0
    for i, width in enumerate(block.widths):
        last = len(block.widths) - 1
        x0, x1 = x - kind.side * (i == 0), x + width + kind.side * (i == last)
        if block.name == "rij70" and i and i % 2 == 0 and style < 0.6:
            shift = rng.choice([0.0, 1.2, 2.0])  # staggered fronts
        house = _house(block, i, x, width, shift, common, style, rng, year)
        house.street = street.name
        settlement.houses.append(house)
        settlement.plots.append(np.round(block.ring(x0, x1, -block.forward, block.depth + block.garden), 3))
        if rng.random() < kind.shed and block.garden > 8.8:
            _shed(block, x, width, (i % 2 == 0) == mirrored, year, street, settlement, rng)
        x += width
    occupied.take(block.ring(-kind.side, total + kind.side, -block.front, block.depth + block.garden), 4)
    occupied.take(block.ring(0.0, total, 0.0, block.depth + 2.0), 8)


def _shed(
    block: Block,
    x: float,
    width: float,
    left: bool,
    year: int,
    street: Street,
    settlement: Settlement,
    rng: random.Random,
) -> None:
    wide, deep = round(rng.choice([2.0, 2.4, 2.6, 3.0]), 1), round(rng.choice([3.0, 3.4, 4.0]), 1)
    at_x = x + 0.05 if left else x + width - wide - 0.05
    corner = block.corner + at_x * block.u + (block.depth + block.garden - deep - 0.2) * block.v
    if rng.random() < 0.25:
        ridge = 2.9 + rng.random() * 0.4
        shape, measures = "profile", {"profile": [(0, 2.1), (wide / 2, ridge), (wide, 2.1)], "across": True}
    else:
        shape, measures = "prism", {"height": round(rng.uniform(2.3, 2.7), 2)}
    settlement.houses.append(
        House(corner, block.u, block.v, wide, deep, shape, measures, year + rng.randint(0, 12), "schuur", street.name)
    )


def _common_measures(name: str, style: float, depth: float, rng: random.Random) -> dict:
    """Return what the houses of one block share: eaves, ridge and the extension at the back."""
    if name == "rij30":
        return {"eave": 5.4 if style < 0.5 else 3.4, "ridge": 9.4, "mansard": style >= 0.5, "back": 0.0}
    if name == "rij70":
        return {"eave": 5.3, "ridge": 5.3 + rng.choice([2.6, 3.0, 3.4]), "mansard": False, "back": 0.0}
    if name == "vinex":
        if style < 0.28:
            return {"flat": rng.choice([6.2, 9.1])}
        if style < 0.5:
            return {"mono": (5.9, 9.0) if style < 0.4 else (8.8, 6.6)}
        return {"eave": 5.6, "ridge": rng.choice([9.2, 9.8, 10.3]), "mansard": False}
    if name == "twee":
        return {"eave": 5.2 if style < 0.6 else 3.3, "ridge": 9.2, "hipped": style < 0.75}
    if name == "rij90":
        return {"eave": 5.4, "ridge": rng.choice([8.6, 9.2]), "mansard": False}
    return {}


def _house(
    block: Block,
    i: int,
    x: float,
    width: float,
    shift: float,
    common: dict,
    style: float,
    rng: random.Random,
    year: int,
) -> House:
    """Return one house of the block with the roof of its kind."""
    last = len(block.widths) - 1
    shape, measures, extra = roof_of(block.name, width, block.depth, common, style, i, last, rng)
    corner = block.corner + x * block.u + shift * block.v
    party = (i > 0) + (i < last)
    if block.name in ("dorp", "gracht"):
        year = rng.randint(*block.kind.years)
    return House(corner, block.u, block.v, width, block.depth + extra, shape, measures, year, "woning", party=party)
