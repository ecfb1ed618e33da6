"""What the ground below Waterdam is made of: peat and clay on sand, cut by the sand of an old river.

From the top down: made ground where people built, clay of the floods, peat, clay and sandy clay of the sea, a thin old
peat, and the sands of the ice age. The river ran from the old village to the park, and left sand up to the clay. All is
a function of place alone, so that boreholes, cone tests and voxels agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..geometry import CELL, CELLS, rasterize, spline
from ..geometry import polygon as ring_polygon

if TYPE_CHECKING:
    from ..build import Neighbourhood


@dataclass(frozen=True)
class Unit:
    """A kind of ground.

    Attributes
    ----------
    lithoclass, stratigraphy : int
        As in GeoTOP.
    soil, code : str
        Its name in the BRO (NEN-EN-ISO 14688) and its code of NEN 5104.
    median : float
        Of the sand [um], 0 where it has none.
    cone, ratio : float
        Cone resistance [MPa] and friction ratio [%] at the top of the unit; `growth` is what a metre more below NAP
        adds to the resistance [MPa/m].
    """

    lithoclass: int
    stratigraphy: int
    soil: str
    code: str
    median: float
    cone: float
    ratio: float
    growth: float = 0.0


# Stratigraphy: made ground (AAOP), Echteld, Nieuwkoop Hollandveen, Naaldwijk Wormer, Nieuwkoop Basisveen, Boxtel
# Wierden, Kreftenheye, and a channel belt of Echteld. Resistances are usual ones: Robertson (2010), figure 2.
MADE = Unit(0, 1000, "zwakSiltigZand", "Zs1", 210.0, 5.0, 1.2)
CLAY = Unit(2, 2010, "zwakSiltigeKlei", "Ks2", 0.0, 0.55, 3.6)
PEAT = Unit(1, 1090, "veen", "Vk1", 0.0, 0.28, 7.5)
SEA_CLAY = Unit(2, 1100, "zwakSiltigeKlei", "Ks1", 0.0, 0.45, 3.0, 0.04)
SEA_LOAM = Unit(3, 1100, "sterkZandigeKlei", "Kz3", 0.0, 1.3, 2.0, 0.05)
OLD_PEAT = Unit(1, 1130, "veen", "V", 0.0, 0.9, 6.5)
FINE_SAND = Unit(5, 3020, "zwakSiltigZand", "Zs2", 125.0, 8.0, 0.9, 0.3)
MEDIUM_SAND = Unit(6, 4050, "zwakSiltigZand", "Zs1", 240.0, 13.0, 0.8, 0.3)
COARSE_SAND = Unit(7, 4050, "zwakGrindigZand", "Zs1g1", 380.0, 20.0, 0.7, 0.2)
RIVER_LOAM = Unit(3, 6100, "sterkZandigeKlei", "Kz2", 0.0, 1.4, 2.2)
RIVER_FINE = Unit(5, 6100, "zwakSiltigZand", "Zs2", 130.0, 4.5, 1.0, 0.5)
RIVER_MEDIUM = Unit(6, 6100, "zwakSiltigZand", "Zs1", 250.0, 7.0, 0.8, 0.5)
UNITS = (
    MADE, CLAY, PEAT, SEA_CLAY, SEA_LOAM, OLD_PEAT, FINE_SAND, MEDIUM_SAND, COARSE_SAND, RIVER_LOAM, RIVER_FINE,
    RIVER_MEDIUM,
)  # fmt: skip
LITHOCLASS = np.array([unit.lithoclass for unit in UNITS])
STRATIGRAPHY = np.array([unit.stratigraphy for unit in UNITS])

RIVER = spline([(-60, 600), (150, 615), (330, 600), (520, 520), (640, 440), (780, 405), (900, 415), (1060, 470)])[0]
RIVER_HALF, RIVER_DEEP = 80.0, -7.4  # half its width [m], its bed in the middle [m NAP]
_MADE_STREET, _MADE_PLOT, _MADE_OLD = 0.9, 0.6, 0.9  # m of made ground: streets, plots, more of it in the old village
DEEPEST = -50.0  # m NAP


@dataclass(frozen=True)
class Subsurface:
    """The surface [m NAP] and the thickness of the made ground [m] in cells of 0.5 m, north up."""

    surface: np.ndarray
    made: np.ndarray

    def at(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return surface and made ground at places in the area; places just outside have those of the edge."""
        column = np.clip((np.asarray(x) / CELL).astype(int), 0, CELLS - 1)
        row = np.clip(((CELLS * CELL - np.asarray(y)) / CELL).astype(int), 0, CELLS - 1)
        return self.surface[row, column].astype(float), self.made[row, column].astype(float)

    def units(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return the number in `UNITS` at heights [m NAP] of places, shape (places, heights); -1 above the ground."""
        surface, made = self.at(x, y)
        bottoms = bottoms_of(x, y, surface, made)
        z = np.asarray(z, float)[None, :]
        found = (z[None] < bottoms[:, :, None]).sum(axis=0)
        found = np.minimum(found, 8)
        bed, silted = _river(x, y)
        cover = bottoms[1][:, None]
        inside = (z < cover) & (z > bed[:, None])
        river = np.where(z > silted[:, None], 9, np.where(z > -4.4, 10, 11))
        found = np.where(inside, river, found)
        return np.where(z < surface[:, None], found, -1)

    def column(self, x: float, y: float, depth: float) -> list[tuple[float, float, Unit]]:
        """Return the layers below a place down to a depth: top and bottom [m below the surface], to 5 cm, and unit."""
        surface, _ = self.at(np.array([x]), np.array([y]))
        steps = np.arange(0.025, depth, 0.05)
        numbers = self.units(np.array([x]), np.array([y]), surface[0] - steps)[0]
        starts = np.concatenate([[0], np.flatnonzero(np.diff(numbers)) + 1, [len(numbers)]])
        return [
            (round(0.05 * a, 2), round(0.05 * b, 2), UNITS[numbers[a]])
            for a, b in zip(starts[:-1].tolist(), starts[1:].tolist())
        ]


def bottoms_of(x: np.ndarray, y: np.ndarray, surface: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Return the bottoms of the layers below places [m NAP], the first on top, shape (9, places)."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    clay = surface - made - 0.55 - 0.2 * np.sin(x / 170 + 1) * np.cos(y / 210)
    peat = -5.1 + 0.45 * np.sin(x / 260) + 0.3 * np.cos(y / 190)
    sea = -8.0 + 0.5 * np.sin(x / 310 + 2) * np.cos(y / 240)
    loam = sea - 1.1 - 0.2 * np.sin((x + y) / 150)
    old = loam - 0.4 - 0.1 * np.cos(x / 130)
    fine = old - 2.4 + 0.5 * np.sin(y / 200)
    medium = fine - 4.0 + 0.7 * np.cos((x - y) / 220)
    coarse = np.full(x.shape, DEEPEST - 1.0)
    return np.minimum.accumulate(np.stack([surface - made, clay, peat, sea, loam, old, fine, medium, coarse]), axis=0)


def _river(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bed of the river [m NAP], above everything outside of it, and down to where it silted up."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    away = np.min(np.hypot(x[:, None] - RIVER[None, :, 0], y[:, None] - RIVER[None, :, 1]), axis=1)
    share = np.clip(away / RIVER_HALF, 0.0, None)
    bed = np.where(share < 1, RIVER_DEEP + 5.2 * share**2, np.inf)
    return bed, -2.3 - 0.5 * share


def build(place: Neighbourhood) -> Subsurface:
    """Return the ground below the neighbourhood."""
    street = rasterize([place.surfaces.corridor])
    plot = rasterize([ring_polygon(ring) for ring in place.plots])
    plot |= rasterize([ring_polygon(item.house.outline) for item in place.buildings])
    middle = (np.arange(CELLS) + 0.5) * CELL
    x, y = middle[None, :], (CELLS * CELL - middle)[:, None]
    old = _MADE_OLD * np.exp(-(((x - 260) / 150) ** 2 + ((y - 640) / 75) ** 2))
    made = np.where(street, _MADE_STREET, np.where(plot, _MADE_PLOT, 0.0)) + np.where(street | plot, old, 0.0)
    return Subsurface(place.ground.height, np.where(place.ground.water, 0.0, made).astype(np.float32))
