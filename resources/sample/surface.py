"""The surface model: the ground with the roofs and the crowns of the trees on it."""

from __future__ import annotations

import numpy as np

from .buildings import Building
from .geometry import inside, window
from .solids import ROOF
from .terrain import Ground
from .trees import Tree


def surface_model(ground: Ground, buildings: list[Building], trees: list[Tree]) -> np.ndarray:
    """Return the highest of ground, roofs and crowns in every cell [m NAP]; NaN on open water."""
    height = ground.height.copy()
    for building in buildings:
        for part in building.parts:
            for kind, rings in part["2.2"]:
                if kind == ROOF:
                    _raise_to_plane(height, np.asarray(rings[0], float))
    height[ground.water] = np.nan
    for tree in trees:
        _raise_to_crown(height, tree)
    return height


def _raise_to_plane(height: np.ndarray, ring: np.ndarray) -> None:
    rows, columns, x, y = window(ring[:, :2])
    n = np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)
    if abs(n[2]) < 1e-6 or len(x) == 0 or len(y) == 0:
        return
    origin = ring[0]
    plane = origin[2] - (n[0] * (x[None, :] - origin[0]) + n[1] * (y[:, None] - origin[1])) / n[2]
    part = height[rows, columns]
    part[...] = np.where(inside(ring[:, :2], x, y), np.maximum(part, plane), part)


def _raise_to_crown(height: np.ndarray, tree: Tree) -> None:
    r = tree.crown / 2
    rows, columns, x, y = window(np.array([[tree.x - r, tree.y - r], [tree.x + r, tree.y + r]]))
    square = ((x[None, :] - tree.x) ** 2 + (y[:, None] - tree.y) ** 2) / r**2
    top = tree.z + tree.height - 0.55 * tree.height * square
    part = height[rows, columns]
    part[...] = np.where(square <= 1.0, np.fmax(part, top), part)
