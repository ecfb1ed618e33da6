"""The highest and lowest surface of a model above each cell of a grid that is turned along its walls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Surfaces

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELLS = 4_000_000  # at most; larger models get larger cells
_LARGEST = 1e6  # m across; more is a fault in a coordinate
_UPRIGHT = 0.02  # share of a face's area that is seen from above, below which it is a wall


@dataclass(frozen=True)
class Heights:
    """Heights on a turned grid.

    Attributes
    ----------
    top, bottom : ndarray
        float64, shape (rows, columns) [m NAP]; NaN where there is nothing. Row 0 is the lowest v.
    origin : ndarray
        u, v of the lower left corner in the turned frame [m].
    axes : ndarray
        Shape (2, 2): directions of u and v in RD.
    cell : float
        Size of a cell [m].
    """

    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    origin: NDArray[np.float64]
    axes: NDArray[np.float64]
    middle: NDArray[np.float64]
    cell: float

    def to_rd(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return corners of cells (column, row), shape (n, 2), in RD."""
        return (corners * self.cell + self.origin) @ self.axes + self.middle


def heights(surfaces: Surfaces, cell: float) -> Heights:
    """Return the heights of surfaces, on cells of `cell` [m] or larger where there would be too many."""
    from .kernels import raise_to

    shapes = surfaces.geometries
    normals = _normals(surfaces)
    middle = (shapes.coordinates[:, :2].min(axis=0) + shapes.coordinates[:, :2].max(axis=0)) / 2
    axes = _axes(normals)
    uv = (shapes.coordinates[:, :2] - middle) @ axes.T
    low, high = uv.min(axis=0), uv.max(axis=0)
    size = np.minimum(high - low, _LARGEST)
    cell = max(cell, float(np.sqrt((size[0] + cell) * (size[1] + cell) / _CELLS)))
    # half a cell around, so that a wall along an axis runs along the edges of cells and not through their centres
    origin = low - cell
    columns, rows = (int(np.ceil(length / cell)) + 2 for length in size)
    top, bottom = np.full((rows, columns), -np.inf), np.full((rows, columns), np.inf)
    lengths = np.linalg.norm(normals, axis=1)
    flat = np.abs(normals[:, 2]) > _UPRIGHT * np.where(lengths > 0, lengths, 1)
    points = np.column_stack([(uv - origin) / cell, shapes.coordinates[:, 2]])
    planes = _planes(normals, axes, cell)
    parts = shapes.parts[shapes.features]  # a surface is one polygon: its rings follow each other
    raise_to(points, shapes.rings, parts, planes, flat, top, bottom)
    empty = ~np.isfinite(top)
    top[empty] = bottom[empty] = np.nan
    return Heights(top, bottom, origin, axes, middle, cell)


def _normals(surfaces: Surfaces) -> NDArray[np.float64]:
    """Return the normal of each surface, as long as twice its area (Newell), shape (surfaces, 3)."""
    shapes = surfaces.geometries
    spans = shapes.coordinate_spans()
    counts = np.diff(spans)
    starts = np.repeat(spans[:-1], counts)
    xyz = shapes.coordinates - shapes.coordinates[starts]
    cross = np.cross(xyz, np.roll(xyz, -1, axis=0))
    cross[shapes.rings[1:] - 1] = 0.0  # from one ring to the next is no edge
    result = np.zeros((len(shapes), 3))
    np.add.at(result, np.repeat(np.arange(len(shapes)), counts), cross)
    return result


def _axes(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the directions along and across most of the wall area, shape (2, 2)."""
    area = np.hypot(normals[:, 0], normals[:, 1])
    walls = area > 10 * np.abs(normals[:, 2])
    angle = np.arctan2(normals[walls, 1], normals[walls, 0]) % (np.pi / 2)
    counts, _ = np.histogram(angle, 900, (0, np.pi / 2), weights=area[walls])
    best = np.argmax(counts + np.roll(counts, 1) + np.roll(counts, -1))
    near = np.abs((angle - (best + 0.5) * np.pi / 1800 + np.pi / 4) % (np.pi / 2) - np.pi / 4) < np.pi / 600
    if not near.any():
        return np.eye(2)
    four = np.exp(4j * angle[near]) * area[walls][near]  # the mean of directions that repeat every quarter turn
    turn = float(np.angle(four.sum()) / 4)
    return np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


def _planes(normals: NDArray[np.float64], axes: NDArray[np.float64], cell: float) -> NDArray[np.float64]:
    """Return the rise of each surface along u and v for a cell [m], shape (surfaces, 2); 0 for walls."""
    steep = np.where(np.abs(normals[:, 2]) > 1e-12, normals[:, 2], np.inf)
    return -(normals[:, :2] @ axes.T) / steep[:, None] * cell
