"""The ground: polder, dike, quays, embankment, streets with crown and gutters, plots, banks, and what water covers.

All rasters are 2000 x 2000 cells of 0.5 m, north up, heights in m NAP.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from osgeo import ogr
from scipy import ndimage

from . import SIZE, layout
from .geometry import CELL, CELLS, line_geometry, polygon, rasterize
from .plots import House
from .streets import Street, Surfaces
from .water import Water

COARSE = 8  # cells of the smooth fields [cells]
QUAY_HEIGHT, DIKE_HEIGHT, RAIL_HEIGHT, TUNNEL_DIP = 0.05, 1.60, 2.10, 1.95  # [m NAP], the dip below the polder [m]
TUNNEL_HALF, TUNNEL_RAMP = 10.5, 74.0  # half width of the cutting, length of a ramp [m]


@dataclass
class Ground:
    """The surface with all holes filled, and where a laser scan finds no ground."""

    height: np.ndarray
    hidden: np.ndarray
    water: np.ndarray
    reference: np.ndarray  # level of the plots without streets, thresholds and embankment of the railway

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the height at points [m NAP]."""
        column = np.clip((np.asarray(x) / CELL).astype(int), 0, CELLS - 1)
        row = np.clip(((SIZE - np.asarray(y)) / CELL).astype(int), 0, CELLS - 1)
        return self.height[row, column]


def distance(mask: np.ndarray) -> np.ndarray:
    """Return the distance of every cell to the nearest cell of a mask [m], 0 within it."""
    if not mask.any():
        return np.full(mask.shape, 1e6, np.float32)
    return (ndimage.distance_transform_edt(~mask) * CELL).astype(np.float32)


def _smooth_noise(rng: np.random.RandomState, sigma: float, amplitude: float, shape: int) -> np.ndarray:
    noise = ndimage.gaussian_filter(rng.standard_normal((shape, shape)), sigma, mode="reflect")
    return amplitude * noise / noise.std()


def plateau(rng: np.random.RandomState) -> np.ndarray:
    """Return the level of the plots: higher the older and sandier, lower in the meadows and where the peat sank."""
    n = CELLS // COARSE
    x = (np.arange(n) + 0.5) * CELL * COARSE
    xx, yy = np.meshgrid(x, SIZE - x)
    canal = np.interp(xx, layout.CANAL[:, 0], layout.CANAL[:, 1])
    rail = np.interp(xx, layout.RAIL[:, 0], layout.RAIL[:, 1])
    main = np.interp(yy, [0, 225, 430, 560, 700, 835, 1000], [505, 503, 524, 541, 586, 632, 655])
    dike = np.asarray(layout.DIKE_POINTS, float)
    ring = [(-50.0, 690.0), *map(tuple, dike), (495.0, 1060.0), (-50.0, 1060.0)]
    meadow = rasterize([polygon(np.array(ring))])[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE]
    level = np.where(yy < canal, np.where(xx < main, -1.28, -1.05), np.where(xx < main, -0.85, -0.75))
    level = np.where((yy < canal) & (xx > 690) & (yy > 410), -1.30, level)  # the park
    level = np.where(yy < rail, -1.62, level)
    level = np.where(meadow, -1.80, level)
    level = ndimage.gaussian_filter(level, 3.0, mode="nearest")
    level = level + np.where(
        meadow, 0.0, 1.15 * np.exp(-(((xx - 260) / 150) ** 2 + ((yy - 640) / 75) ** 2))
    )  # the old core
    level += _smooth_noise(rng, 8.0, 0.05, n) + _smooth_noise(rng, 20.0, 0.05, n)
    for bx, by, radius, depth in layout.SUBSIDENCE:
        level -= depth * np.exp(-((xx - bx) ** 2 + (yy - by) ** 2) / (2 * (radius / 1.8) ** 2))
    return ndimage.zoom(level, COARSE, order=1, mode="nearest", grid_mode=True).astype(np.float32)


def _raised(level: np.ndarray) -> np.ndarray:
    """Add the quays of the canal and the dike."""
    canal = distance(rasterize([line_geometry(layout.CANAL)], True))
    level = np.maximum(level, QUAY_HEIGHT - np.maximum(canal - 22.0, 0.0) / 22.0)
    dike_line = [(-60.0, 708.0), *map(tuple, layout.DIKE_POINTS), (503.0, 1060.0)]
    dike = distance(rasterize([line_geometry(np.array(dike_line))], True))
    outer = rasterize([polygon(np.array([*dike_line, (-60.0, 1060.0)]))])
    fall = np.where(outer, 1 / 3.0, 1 / 11.0)
    return np.maximum(level, DIKE_HEIGHT - np.maximum(dike - 4.5, 0.0) * fall)


def _streets(level: np.ndarray, surfaces: Surfaces) -> np.ndarray:
    """Lower the streets: gutters 0.16 m below the plots, a crown, and pavements between the two."""
    carriage = rasterize([g for g, _ in surfaces.carriage] + surfaces.corners + surfaces.parking)
    walk = rasterize(surfaces.pavement + surfaces.foot + surfaces.cycle) & ~carriage
    edge = distance(~carriage)
    result = np.where(carriage, level - 0.16 + np.minimum(edge * 0.02, 0.05), level)
    step = np.minimum(0.10 - distance(carriage) * 0.02, 0.10)
    return np.where(walk, level - np.clip(step, 0.03, 0.10), result)


def _tunnel(height: np.ndarray, level: np.ndarray, street: Street) -> tuple[np.ndarray, np.ndarray]:
    """Cut the main road down below the railway, between upright walls; give the height and the cutting."""
    middle = int(np.argmin(np.hypot(*(street.line - np.array(layout.UNDERPASS)).T)))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(street.line, axis=0).T))])
    near = np.abs(along - along[middle]) < TUNNEL_RAMP + 10.0
    lane = line_geometry(street.line[near])
    cells = rasterize([lane.Buffer(TUNNEL_HALF)])
    rows, columns = np.nonzero(cells)
    points = np.stack([(columns + 0.5) * CELL, SIZE - (rows + 0.5) * CELL], axis=1)
    line, s = street.line[near], along[near] - along[middle]
    nearest = np.argmin(
        (points[:, None, 0] - line[None, :, 0]) ** 2 + (points[:, None, 1] - line[None, :, 1]) ** 2, axis=1
    )
    t = np.clip((np.abs(s[nearest]) - 8.0) / (TUNNEL_RAMP - 8.0), 0.0, 1.0)
    dip = TUNNEL_DIP * 0.5 * (1 + np.cos(np.pi * t))
    base = np.float32(np.median(level[cells]))
    weight = 0.5 * (1 + np.cos(np.pi * t))  # a level bottom, and the street's own level at the ends
    result = height.copy()
    result[rows, columns] = height[rows, columns] * (1 - weight) + (base - 0.12) * weight - dip
    return result, cells


def _banks(height: np.ndarray, waters: list[Water]) -> tuple[np.ndarray, np.ndarray]:
    """Slope the ground down to the ditches 1 in 1.5 and lay the water at its level; give the water too."""
    result, wet = height, np.zeros(height.shape, bool)
    for level in sorted({water.level for water in waters}):
        mask = rasterize([w.geometry for w in waters if w.level == level])
        if level != layout.CANAL_LEVEL:
            slope = level + 0.04 + distance(mask) / 1.5
            result = np.minimum(result, slope)
        result, wet = np.where(mask, level, result), wet | mask
    return result.astype(np.float32), wet


def build_ground(
    streets: list[Street],
    surfaces: Surfaces,
    waters: list[Water],
    plots: list[np.ndarray],
    houses: list[House],
    seed: int,
) -> Ground:
    """Model the ground of the whole area."""
    rng = np.random.RandomState(seed)
    level = _raised(plateau(rng))
    height = _streets(level, surfaces)
    paved = rasterize(
        [g for g, _ in surfaces.carriage] + surfaces.corners + surfaces.parking + surfaces.pavement + surfaces.cycle
    )
    built = rasterize([polygon(h.outline) for h in houses])
    plot = rasterize([polygon(p) for p in plots]) & ~paved
    floor = np.clip(0.10 - distance(built) * 0.025, 0.0, 0.10)
    height = np.where(plot | built, level + 0.02 + floor, height)
    green = ~(plot | built | paved)
    height = np.where(green, height - 0.03 + _smooth_noise(rng, 6.0, 0.02, CELLS).astype(np.float32), height)
    height, wet = _banks(height, waters)
    rail = distance(rasterize([line_geometry(layout.RAIL)], True))
    embanked = np.maximum(height, RAIL_HEIGHT - np.maximum(rail - 4.6, 0.0) / 1.9)
    height = np.where(wet, height, embanked)
    main = next(s for s in streets if s.kind == "hoofdweg")
    open_road, _ = _tunnel(_streets(level, surfaces), level, main)
    cutting = rasterize([underpass(main).Buffer(TUNNEL_HALF)])
    height = np.where(cutting, open_road, height)
    height = height + np.where(wet | built, 0.0, rng.normal(0.0, 0.008, height.shape))
    return Ground(height.astype(np.float32), built | wet, wet, level.astype(np.float32))


def underpass(street: Street) -> ogr.Geometry:
    """Return the part of the main road that lies in the cutting under the railway."""
    near = np.hypot(*(street.line - np.array(layout.UNDERPASS)).T) < TUNNEL_RAMP + 10.0
    return line_geometry(street.line[near])
