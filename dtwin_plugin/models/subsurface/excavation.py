"""The volume of a building pit with sloping sides, by class of soil, and the balance of what goes and comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Features, Grid, Voxels
from dtwin_plugin.data.coverage import coverage
from dtwin_plugin.errors import InputError

from .ground import bilinear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MOST_CELLS = 25_000_000


@dataclass(frozen=True)
class Pit:
    """A pit in cells.

    Attributes
    ----------
    floor : Grid
        Height of the bottom and the sides [m NAP]; NaN outside the pit.
    share : ndarray
        Share of each cell that is dug [1].
    ground : ndarray
        Height of the ground [m NAP].
    """

    floor: Grid
    share: Floats
    ground: Floats

    @property
    def area(self) -> float:
        """Area of a cell [m2]."""
        return self.floor.cell_size**2

    @property
    def volume(self) -> float:
        """What is dug [m3]."""
        return float((self.share * self.depth).sum()) * self.area

    @property
    def depth(self) -> Floats:
        """Depth of the pit in each cell [m], 0 outside."""
        return np.nan_to_num(np.maximum(self.ground - self.floor.values, 0.0))


def pit(outline: Features, bottom: float, slope: float, terrain: Grid, cell_size: float) -> Pit:
    """Return the pit with a bottom outline at a height, and sides that rise outwards to the ground.

    Within the outline each cell counts for the exact share that it covers. The sides are sampled at the middle of
    cells; they begin and end at a depth that is continuous, so that the error falls with the square of the cell size.

    Parameters
    ----------
    bottom : float
        Height of the bottom [m NAP].
    slope : float
        Metres outwards for each metre upwards; 0 is a wall.

    Raises
    ------
    InputError
        If there is no ground above the bottom, or the area has too many cells.
    """
    box = outline.extent
    heights = terrain.values[np.isfinite(terrain.values)]
    if box is None or not len(heights):
        raise InputError("There is no outline, or no terrain around it.", hint="Choose an outline within the terrain.")
    reach = max(0.0, float(heights.max()) - bottom) * slope + 2 * cell_size
    # The grid begins at a corner of the outline, so that the edges of a pit along the axes fall on borders of cells.
    steps = int(np.ceil(reach / cell_size))
    low_x, high_y = box.x_min - steps * cell_size, box.y_max + steps * cell_size
    columns = int(np.ceil((box.x_max - low_x) / cell_size)) + steps
    rows = int(np.ceil((high_y - box.y_min) / cell_size)) + steps
    if rows * columns > _MOST_CELLS:
        raise InputError("The pit has {count} cells; choose larger cells.", count=rows * columns)
    cells = Grid(np.zeros((rows, columns), np.float32), low_x, high_y, cell_size)
    x, y = np.meshgrid(low_x + (np.arange(columns) + 0.5) * cell_size, high_y - (np.arange(rows) + 0.5) * cell_size)
    ground = bilinear(terrain, x, y)
    within = coverage(outline.geometries, cells)
    floor, share = np.where(within > 0, bottom, np.nan), within
    if slope > 0:
        away = distances_to(outline, x, y, within > 0.5)
        side = bottom + away / slope
        dug = (side < ground) | (within > 0.5)
        floor, share = np.where(dug, side, np.nan), dug.astype(float)
    if not np.nanmax(np.where(within > 0, ground - bottom, np.nan), initial=-np.inf) > 0:
        raise InputError(
            "The bottom of the pit at {bottom:g} m NAP lies nowhere below the ground.",
            hint="Give its height in m NAP, and check that the terrain covers it.",
            bottom=bottom,
        )
    missing = (within > 0) & np.isnan(ground)
    if missing.any():
        raise InputError("The terrain has no heights in a part of the pit.", hint="Fill the terrain first.")
    return Pit(cells.like(floor, "m", "pit"), share, ground)


def distances_to(outline: Features, x: Floats, y: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Return the distance of places from outlines on the map [m], 0 inside."""
    shapes = outline.geometries
    points = shapes.coordinates[:, :2]
    follows = np.ones(max(0, len(points) - 1), bool)
    ends = shapes.rings[1:-1]
    follows[ends[ends < len(points)] - 1] = False
    best = np.full(x.shape, np.inf)
    for first in np.flatnonzero(follows):
        (ax, ay), (bx, by) = points[first], points[first + 1]
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        t = np.clip(((x - ax) * dx + (y - ay) * dy) / square, 0, 1) if square > 0 else 0.0
        np.minimum(best, np.hypot(x - ax - t * dx, y - ay - t * dy), out=best)
    return np.where(inside, 0.0, best)


def by_class(found: Pit, soil: Voxels) -> dict[int, float]:
    """Return the volume of each class of the voxels [m3]; -1 is what lies outside them or is not known."""
    rows, columns = np.nonzero(found.share * found.depth > 0)
    x = found.floor.x_min + (columns + 0.5) * found.floor.cell_size
    y = found.floor.y_max - (rows + 0.5) * found.floor.cell_size
    area = found.share[rows, columns] * found.area
    low, high = found.floor.values[rows, columns].astype(float), found.ground[rows, columns]
    i = np.floor((x - soil.x_min) / soil.cell_size[0]).astype(np.int64)
    j = np.floor((y - soil.y_min) / soil.cell_size[1]).astype(np.int64)
    nx, ny, nz = soil.classes.shape
    known = (i >= 0) & (i < nx) & (j >= 0) & (j < ny)
    volumes: dict[int, float] = {}
    left = area * np.maximum(high - low, 0.0)
    for k in range(nz):
        bottom = soil.z_min + k * soil.cell_size[2]
        part = np.clip(np.minimum(high, bottom + soil.cell_size[2]) - np.maximum(low, bottom), 0, None) * area * known
        if not part.any():
            continue
        classes = soil.classes[np.where(known, i, 0), np.where(known, j, 0), k]
        left = left - part
        for code in np.unique(classes[part > 0]).tolist():
            volumes[code] = volumes.get(code, 0.0) + float(part[classes == code].sum())
    rest = float(left.sum())
    if rest > 1e-9:
        volumes[-1] = volumes.get(-1, 0.0) + rest
    return volumes
