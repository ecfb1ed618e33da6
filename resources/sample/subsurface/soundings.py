"""Cone penetration tests as they would be measured in this ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .soil import UNITS, Subsurface

STEP = 0.02  # m
_CONE = 0.0357  # diameter of the cone [m]: it feels what lies some diameters above and below it
_WATER = 0.9  # m below the surface
COLUMNS = ("penetrationLength", "depth", "coneResistance", "inclinationResultant", "localFriction", "porePressureU2",
           "frictionRatio")  # fmt: skip


@dataclass(frozen=True)
class Sounding:
    """A test: its place [local m], surface [m NAP], final depth [m] and the measured columns by their BRO name."""

    number: int
    x: float
    y: float
    surface: float
    depth: float
    rows: dict[str, np.ndarray]


def sounding(ground: Subsurface, number: int, x: float, y: float, depth: float) -> Sounding:
    """Measure at a place down to a depth [m]; the same number gives the same noise."""
    rng = np.random.RandomState(4000 + number)
    surface = round(float(ground.at(np.array([x]), np.array([y]))[0][0]), 2)
    length = np.round(np.arange(1, round(depth / STEP) + 1) * STEP, 2)
    lean = np.round(np.minimum(0.25 * length, 3.0) + ndimage.gaussian_filter1d(rng.normal(0, 0.3, len(length)), 20), 1)
    lean = np.maximum(lean, 0.0)
    down = np.round(np.cumsum(STEP * np.cos(np.radians(lean))), 3)
    unit = np.maximum(ground.units(np.array([x]), np.array([y]), surface - down)[0], 0)
    cone, ratio, growth = (np.array([getattr(u, name) for u in UNITS])[unit] for name in ("cone", "ratio", "growth"))
    cone = cone + growth * np.maximum(down - 2.0, 0.0)
    wide = 5 * _CONE / STEP
    cone = ndimage.gaussian_filter1d(cone * np.exp(_rough(rng, len(length), 0.10)), wide / 3, mode="nearest")
    ratio = ndimage.gaussian_filter1d(ratio * np.exp(_rough(rng, len(length), 0.08)), wide / 3, mode="nearest")
    cone = np.round(np.maximum(cone, 0.05), 3)
    friction = np.round(cone * ratio / 100, 3)
    hydrostatic = 0.00981 * np.maximum(down - _WATER, 0.0)
    fine = np.isin(np.array([u.lithoclass for u in UNITS])[unit], (1, 2))
    pressure = np.round(hydrostatic + ndimage.gaussian_filter1d(np.where(fine, 0.18 * cone, 0.0), 4), 3)
    rows = {
        "penetrationLength": length, "depth": down, "coneResistance": cone, "inclinationResultant": lean,
        "localFriction": friction, "porePressureU2": pressure, "frictionRatio": np.round(100 * friction / cone, 1),
    }  # fmt: skip
    return Sounding(number, x, y, surface, round(depth, 2), rows)


def _rough(rng: np.random.RandomState, count: int, size: float) -> np.ndarray:
    """Return noise that is correlated over a decimetre or two, with a standard deviation."""
    noise = ndimage.gaussian_filter1d(rng.normal(0, 1, count), 6)
    return size * noise / noise.std()
