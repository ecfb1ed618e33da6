"""The part of a building below the ground as prisms, for distances to cables and pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from dtwin_plugin.data import Features

from .clip import below
from .shapes import geometries_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from .case import Body

    Floats = NDArray[np.float64]

DEEP = 30.0  # m: no foundation goes deeper; a cable lies less deep than that at any rate
_LEAST = 0.2  # m below the level of reference that a design must go to have its foundation drawn
_LEVELS = 40  # layers at most; of a building with more heights they are as thick as each other
_THIN = 0.01  # m: half the thickness of a wall that is one face
_ROUND = 0.001  # m


def prisms_of(body: Body) -> tuple[Features, bool]:
    """Return what of a body lies below its level of reference, and whether the design has it.

    Where the design ends at the ground its foundation is not known: one prism below the foot then stands for all that
    it may be.

    Parameters
    ----------
    body : Body
        With a level of reference.

    Returns
    -------
    Features
        Polygons with the columns "bottom" and "top" [m NAP], layer by layer: exact where faces are level or upright.
    """
    triangles = body.triangles[np.isfinite(body.triangles).all(axis=(1, 2))]
    triangles = triangles[triangles[:, :, 2].min(axis=1) < body.peil - _LEAST]
    if not len(triangles):
        return _features([body.foot], [body.peil - DEEP], [body.peil]), False
    under = below(triangles, body.peil)[0]
    heights = under[:, :, 2]
    level = np.ptp(heights, axis=1) < _ROUND
    shapes, bottoms, tops = [], [], []
    for height in np.unique(heights[level].round(2)):
        mine = level & (np.abs(heights.mean(axis=1) - height) <= 0.005)
        shapes.append(_seen(under[mine]))
        bottoms.append(height)
        tops.append(height)
    limits = np.unique(heights.round(2))
    if len(limits) > _LEVELS:
        limits = np.linspace(limits[0], limits[-1], _LEVELS + 1)
    others = under[~level]
    for low, high in zip(limits[:-1], limits[1:]):
        crossing = (others[:, :, 2].max(axis=1) > low + _ROUND) & (others[:, :, 2].min(axis=1) < high - _ROUND)
        part = _between(others[crossing], low, high)
        if len(part):
            shapes.append(_seen(part))
            bottoms.append(low)
            tops.append(high)
    return _features(shapes, bottoms, tops), True


def _between(triangles: Floats, low: float, high: float) -> Floats:
    """Return the parts of triangles between two heights."""
    turned = below(triangles, high)[0] * [1.0, 1.0, -1.0]
    return below(turned, -low)[0] * [1.0, 1.0, -1.0]


def _seen(triangles: Floats) -> BaseGeometry:
    """Return the area of triangles seen from above; upright ones are as thin as a wall can be."""
    flat = shapely.convex_hull(shapely.multipoints(shapely.points(triangles[:, :, :2])))
    flat = np.where(shapely.area(flat) < 1e-6, shapely.buffer(flat, _THIN, cap_style="square"), flat)
    return shapely.union_all(flat, grid_size=_ROUND)


def _features(shapes: list[BaseGeometry], bottoms: list[float], tops: list[float]) -> Features:
    filled = [row for row, shape in enumerate(shapes) if not shape.is_empty]
    columns = {"bottom": np.array(bottoms, float)[filled], "top": np.array(tops, float)[filled]}
    return Features(geometries_of([shapes[row] for row in filled]), columns, {"bottom": "m", "top": "m"})
