"""Trees along the canal and the streets, in the park, on verges and in gardens."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from . import SIZE, layout
from .geometry import CELL, CELLS, at, beside, inside, stations
from .streets import Street
from .terrain import Ground

SPECIES = {
    "gracht": (("Ulmus hollandica", 14, 21), ("Tilia europaea", 13, 18)),
    "straat": (("Acer campestre", 6, 10), ("Prunus avium", 5, 9), ("Pyrus calleryana", 6, 10), ("Sorbus aria", 5, 8)),
    "laan": (("Quercus robur", 12, 19), ("Tilia cordata", 11, 17), ("Platanus hispanica", 12, 18)),
    "park": (("Fagus sylvatica", 13, 24), ("Quercus robur", 11, 22), ("Betula pendula", 9, 16), ("Salix alba", 10, 18)),
    "tuin": (("Malus domestica", 3, 6), ("Betula pendula", 6, 12), ("Prunus cerasifera", 4, 7)),
    "knotwilg": (("Salix alba (knot)", 4, 7), ("Alnus glutinosa", 8, 13)),
}


@dataclass(frozen=True)
class Tree:
    """A tree: its place, the ground under it [m NAP], height and crown diameter [m]."""

    x: float
    y: float
    z: float
    height: float
    crown: float
    species: str


class Planting:
    """Plants trees where there is room, never closer together than their spacing."""

    def __init__(self, forbidden: np.ndarray, ground: Ground, rng: random.Random) -> None:
        self.forbidden, self.ground, self.rng = forbidden, ground, rng
        self.trees: list[Tree] = []
        self.cells: dict[tuple[int, int], list[Tree]] = {}

    def plant(self, point: np.ndarray, kind: str, spacing: float) -> None:
        """Plant a tree of a kind at a point, if nothing stands in the way."""
        x, y = round(float(point[0]), 2), round(float(point[1]), 2)
        if not (1 < x < SIZE - 1 and 1 < y < SIZE - 1):
            return
        if self.forbidden[min(CELLS - 1, int((SIZE - y) / CELL)), min(CELLS - 1, int(x / CELL))]:
            return
        cx, cy = int(x // 12), int(y // 12)
        near = (t for i in (-1, 0, 1) for j in (-1, 0, 1) for t in self.cells.get((cx + i, cy + j), ()))
        if any(math.hypot(t.x - x, t.y - y) < spacing for t in near):
            return
        species, low, high = self.rng.choice(SPECIES[kind])
        height = round(self.rng.uniform(low, high), 1)
        crown = round(height * self.rng.uniform(0.45, 0.7), 1)
        z = round(float(self.ground.at(np.array([x]), np.array([y]))[0]), 2)
        tree = Tree(x, y, z, height, crown, species)
        self.trees.append(tree)
        self.cells.setdefault((cx, cy), []).append(tree)

    def along(
        self, line: np.ndarray, kind: str, every: float, spread: float = 0.4, share: float = 1.0, spacing: float = 0.0
    ) -> None:
        """Plant a row along a line; `spacing` [m] tells how near trees may stand, 0 for six tenths of `every`."""
        for s in np.arange(every / 2, stations(line)[-1], every):
            point = at(line, float(s) + self.rng.uniform(-spread, spread))
            if self.rng.random() < share:
                self.plant(point, kind, spacing or every * 0.6)

    def scatter(self, ring: np.ndarray, kind: str, count: int, spacing: float) -> None:
        """Plant trees at random in a ring."""
        low, high = ring.min(axis=0), ring.max(axis=0)
        for _ in range(count):
            point = np.array([self.rng.uniform(low[0], high[0]), self.rng.uniform(low[1], high[1])])
            if inside(ring, point[:1], point[1:])[0, 0]:
                self.plant(point, kind, spacing)


def plant_trees(
    streets: list[Street], plots: list[np.ndarray], forbidden: np.ndarray, ground: Ground, rng: random.Random
) -> list[Tree]:
    """Plant the whole area; `forbidden` marks buildings, carriageways and water with their margins."""
    planting = Planting(forbidden, ground, rng)
    for side in (1, -1):
        planting.along(beside(layout.CANAL, side * 10.6), "gracht", 9.5)
        planting.along(beside(layout.SINGEL, side * 8.0), "laan", 14.0, 2.0, 0.7)
    for street in streets:
        p = street.profile
        if street.kind == "hoofdweg":
            for side in (1, -1):
                planting.along(beside(street.line, side * 4.4), "laan", 12.0, 0.2)
        elif p.parking:
            for side in (1, -1):
                planting.along(beside(street.line, side * (p.carriage + 1.2)), "straat", 2.0, 0.2, 0.75, 8.0)
        elif street.kind == "woonerf":
            for side in (1, -1):
                planting.along(beside(street.line, side * (p.total + 1.0)), "straat", 17.0, 3.0, 0.6)
        elif street.kind == "landweg":
            planting.along(beside(street.line, 4.2), "knotwilg", 11.0, 0.5, 0.8)
    planting.scatter(layout.PARK, "park", 900, 7.0)
    planting.scatter(np.array([(538.0, 246), (630, 260), (640, 380), (536, 400)]), "park", 120, 9.0)
    planting.scatter(np.array([(20.0, 150), (480, 170), (480, 440), (20, 420)]), "straat", 1100, 9.0)
    planting.along(beside(layout.DITCHES[0][0], 3.4), "knotwilg", 15.0, 3.0, 0.5)
    planting.along(beside(layout.RAIL, 24.0), "knotwilg", 9.0, 3.0, 0.45)
    for plot in plots:
        if rng.random() < 0.3:
            weight = rng.uniform(0.12, 0.3)
            planting.plant(
                plot[3] + weight * (plot[0] - plot[3]) + rng.uniform(0.3, 0.7) * (plot[2] - plot[3]), "tuin", 4.0
            )
    return planting.trees
