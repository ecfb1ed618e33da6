"""The part of a building below the ground as prisms, for distances to cables and pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from dtwin_plugin.data import Features, Geometries

from .clip import below

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


def prisms_of(body: Body, area: BaseGeometry | None = None) -> tuple[Features, bool]:
    """Return what of a body lies below its level of reference, and whether the design has it.

    Where the design ends at the ground its foundation is not known: one prism below the foot then stands for all that
    it may be.

    Parameters
    ----------
    body : Body
        With a level of reference.
    area : shapely geometry, optional
        What lies wholly outside it is left out.

    Returns
    -------
    Features
        Polygons with the columns "bottom" and "top" [m NAP], one for each face and layer: exact where faces are level
        or upright, and else as much too high or low as a layer is thick.
    """
    triangles = under(body)
    if not len(triangles):
        parts = shapely.get_parts(body.foot)
        return _features(parts, np.full(len(parts), body.peil - DEEP), np.full(len(parts), body.peil)), False
    if area is not None:
        shapely.prepare(area)
        flat = triangles[:, :, :2]
        triangles = triangles[shapely.intersects(area, shapely.box(*flat.min(axis=1).T, *flat.max(axis=1).T))]
    found = below(triangles, body.peil)[0]
    heights = found[:, :, 2]
    level = np.ptp(heights, axis=1) < _ROUND
    pieces = [found[level]]
    limits = np.unique(heights.round(2))
    if len(limits) > _LEVELS:
        limits = np.linspace(limits[0] - _ROUND, limits[-1] + _ROUND, _LEVELS + 1)
    others = found[~level]
    for low, high in zip(limits[:-1], limits[1:]):
        crossing = (others[:, :, 2].max(axis=1) > low + _ROUND) & (others[:, :, 2].min(axis=1) < high - _ROUND)
        pieces.append(_between(others[crossing], low, high))
    layers = np.concatenate(pieces)
    return _features(_seen(layers), layers[:, :, 2].min(axis=1), layers[:, :, 2].max(axis=1)), True


def under(body: Body) -> Floats:
    """Return the triangles of a body that go below its level of reference, shape (n, 3, 3)."""
    triangles = body.triangles[np.isfinite(body.triangles).all(axis=(1, 2))]
    return np.asarray(triangles[triangles[:, :, 2].min(axis=1) < body.peil - _LEAST])


def _between(triangles: Floats, low: float, high: float) -> Floats:
    """Return the parts of triangles between two heights."""
    turned = below(triangles, high)[0] * [1.0, 1.0, -1.0]
    return below(turned, -low)[0] * [1.0, 1.0, -1.0]


def _seen(triangles: Floats) -> NDArray[np.object_]:
    """Return triangles seen from above as polygons; upright ones are as thin as a wall can be."""
    rings = shapely.linearrings(np.concatenate([triangles, triangles[:, :1]], axis=1)[:, :, :2])
    flat = np.asarray(shapely.polygons(rings), object)
    thin = shapely.area(flat) < 1e-4
    flat[thin] = shapely.buffer(shapely.convex_hull(flat[thin]), _THIN, cap_style="square", join_style="mitre")
    return flat


def _features(shapes: NDArray[np.object_], bottoms: Floats, tops: Floats) -> Features:
    if not len(shapes):
        return Features(Geometries.build("polygon", []), {"bottom": bottoms, "top": tops}, {"bottom": "m", "top": "m"})
    kind, coordinates, (rings, parts) = shapely.to_ragged_array(shapes)
    assert kind == shapely.GeometryType.POLYGON
    each = np.arange(len(shapes) + 1, dtype=np.int64)
    polygons = Geometries("polygon", coordinates, rings.astype(np.int64), parts.astype(np.int64), each)
    return Features(polygons, {"bottom": bottoms, "top": tops}, {"bottom": "m", "top": "m"})
