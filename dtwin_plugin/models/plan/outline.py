"""Outlines of a body in the plane: of all that lies above a level, and of what stands on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .shapes import areas_of, places_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Triangles = NDArray[np.float64]

LOW = 0.5  # m above the level of reference; what is lower is pavement or a terrace
HEIGHTS = (0.5, 1.0, 1.5)  # m above the level of reference, at which the foot is cut
_GRID = 0.001  # m to which corners are rounded before shapes are joined: elements that touch do so not to the last bit
_GAP = 0.1  # m: half the width of a gap between elements that is no way through
_LOOSE = 1.0  # m of walls that enclose nothing: a railing, and no side of a building
_SUNK = 1.5  # m below the level of reference that a ground surface may lie, on a slope or at an entrance with steps
_SHARPEST = 20.0  # times that width, to which a sharp corner is kept
_AT_ONCE = 1000  # triangles that are joined together: between them a user may stop it
_SPECK = 0.05  # m2 of a hole that is no more than a joint


def outline_above(triangles: Triangles, level: float, often: Callable[[], None] = lambda: None) -> BaseGeometry:
    """Return the outline from above of what lies above a level, joints between elements closed.

    Parameters
    ----------
    triangles : ndarray
        float64, shape (n, 3, 3) [m].
    level : float
        Height [m NAP].
    often : callable
        Called again and again; what it raises ends the work.

    Examples
    --------
    >>> roof = np.array([[[0, 0, 3], [4, 0, 3], [4, 3, 3]], [[0, 0, 3], [4, 3, 3], [0, 3, 3]]], float)
    >>> outline_above(roof, 0.0).area, outline_above(roof, 5.0).area
    (12.0, 0.0)
    """
    import shapely

    flat = above(triangles, level)[:, :, :2]
    across = flat[:, 1:3] - flat[:, :1]
    area = np.abs(across[:, 0, 0] * across[:, 1, 1] - across[:, 0, 1] * across[:, 1, 0]) / 2
    spans = np.ptp(flat, axis=1).max(axis=1)
    seen = flat[area > 1e-4 * np.maximum(spans, 0.01)]  # thinner than 0.2 mm: a wall that stands upright
    if not len(seen):
        return shapely.Polygon()
    return _closed(_joined(np.round(seen / _GRID) * _GRID, often))


def _joined(flat: Triangles, often: Callable[[], None]) -> BaseGeometry:
    """Return all that triangles on the map cover, shape (n, 3, 2); those near each other first, a few at a time."""
    import shapely

    one, two = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    flat = flat[np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) > 0]  # rounding leaves some no area
    if not len(flat):
        return shapely.Polygon()
    shapes = _once(shapely.polygons(np.concatenate([flat, flat[:, :1]], axis=1)))
    corner = shapely.bounds(shapes)[:, :2]
    across = max(float(np.ptp(corner, axis=0).max()), _GRID) / max(1, round(np.sqrt(len(shapes) / _AT_ONCE)))
    places = np.floor((corner - corner.min(axis=0)) / across).astype(np.int64)
    tiles = np.unique(places, axis=0, return_inverse=True)[1].reshape(-1)
    order = np.argsort(tiles, kind="stable")
    parts = []
    for some in np.split(order, np.flatnonzero(np.diff(tiles[order])) + 1):
        for first in range(0, len(some), 2 * _AT_ONCE):  # a tower has many floors in one tile
            often()
            parts.append(shapely.union_all(shapes[some[first : first + 2 * _AT_ONCE]]))
    return shapely.union_all(parts)


def foot_of(triangles: Triangles, kinds: NDArray[Any], level: float, outline: BaseGeometry) -> BaseGeometry:
    """Return what stands on the ground: all within walls at 0.5, 1.0 and 1.5 m above a level.

    Rooms count, courtyards and what lies below an overhang do not. Where walls close at none of these heights, as those
    of a model with holes or of a roof without walls, the ground surfaces near the level, else the outline: that is
    never too small.

    Parameters
    ----------
    triangles, kinds
        As of `case.Body`.
    level : float
        Of reference [m NAP].
    outline : shapely geometry
        As `outline_above` gives it.

    Examples
    --------
    >>> wall = np.array([[[0, 0, 0], [4, 0, 0], [4, 0, 3]], [[0, 0, 0], [4, 0, 3], [0, 0, 3]]], float)
    >>> foot_of(wall, np.array(["", ""]), 0.0, outline_above(wall, 0.0)).is_empty
    True
    """
    import shapely

    shapely.prepare(outline)
    cuts = [_cut(triangles, level + height, outline) for height in HEIGHTS]
    foot = shapely.union_all([shape for shape, _ in cuts])
    if all(is_open for _, is_open in cuts):
        z = triangles[:, :, 2]
        near = (kinds == "GroundSurface") & (z.min(axis=1) >= level - _SUNK) & (z.max(axis=1) <= level + LOW)
        ground = outline_above(triangles[near], -np.inf).intersection(outline)
        foot = shapely.union(foot, outline if ground.is_empty else ground)
    # nothing stands on the ground that is not seen from above; courtyards go out again
    return areas_of(shapely.set_precision(_closed(foot, within=outline).intersection(outline), _GRID))


def _cut(triangles: Triangles, height: float, outline: BaseGeometry) -> tuple[BaseGeometry, bool]:
    """Return what lies within walls at a height, and whether a part of them encloses nothing, or none is there."""
    import shapely

    lines = section(triangles, height)
    if not len(lines):
        return shapely.Polygon(), True
    noded = shapely.union_all(_once(shapely.set_precision(shapely.linestrings(lines), _GRID)))
    faces, *others = shapely.polygonize_full([noded])[:3]
    faces = shapely.get_parts(faces)
    points = shapely.point_on_surface(faces)
    # a courtyard has nothing above it; faces of one height do not overlap
    shape = shapely.coverage_union_all(faces[places_in(outline, shapely.get_x(points), shapely.get_y(points))])
    loose = shapely.union_all(others)
    if loose.length > _LOOSE:
        loose = loose.difference(shape.buffer(10 * _GRID))
    if loose.length > _LOOSE:
        shape = shapely.union(shape, _bridged(loose, outline))
        loose = loose.difference(shape.buffer(2 * _GAP))
    return shape, bool(loose.length > _LOOSE)


def _bridged(lines: BaseGeometry, outline: BaseGeometry) -> BaseGeometry:
    """Return what lines enclose whose gaps are narrow, within an outline."""
    wide = lines.buffer(_GAP, cap_style="square", join_style="mitre", mitre_limit=_SHARPEST)
    return _filled(wide, outline).buffer(-_GAP, join_style="mitre", mitre_limit=_SHARPEST)


def above(triangles: Triangles, level: float) -> Triangles:
    """Return the parts of triangles above a level, as triangles."""
    over = triangles[:, :, 2] > level
    count = over.sum(axis=1)
    pieces = [triangles[count == 3]]
    for number in (1, 2):
        some, up = triangles[count == number], over[count == number]
        if not len(some):
            continue
        alone = np.argmax(up if number == 1 else ~up, axis=1)
        order = (alone[:, None] + np.arange(3)) % 3
        a, b, c = np.moveaxis(np.take_along_axis(some, order[:, :, None], axis=1), 1, 0)
        ab, ac = _between(a, b, level), _between(a, c, level)
        if number == 1:
            pieces.append(np.stack([a, ab, ac], axis=1))
        else:
            pieces += [np.stack([ab, b, c], axis=1), np.stack([ab, c, ac], axis=1)]
    return np.concatenate(pieces)


def section(triangles: Triangles, level: float) -> NDArray[np.float64]:
    """Return the lines at which triangles are cut by a level, shape (n, 2, 2).

    >>> wall = np.array([[[0, 0, 0], [4, 0, 0], [4, 0, 4]]], float)
    >>> section(wall, 1.0).tolist()
    [[[1.0, 0.0], [4.0, 0.0]]]
    """
    over = triangles[:, :, 2] > level
    cut = over.any(axis=1) & ~over.all(axis=1)
    some, up = triangles[cut], over[cut]
    alone = np.where(up.sum(axis=1) == 1, np.argmax(up, axis=1), np.argmax(~up, axis=1))
    order = (alone[:, None] + np.arange(3)) % 3
    a, b, c = np.moveaxis(np.take_along_axis(some, order[:, :, None], axis=1), 1, 0)
    lines = np.stack([_between(a, b, level), _between(a, c, level)], axis=1)[:, :, :2]
    return np.asarray(lines[np.abs(lines[:, 0] - lines[:, 1]).max(axis=1) > _GRID])


def _between(one: NDArray[np.float64], two: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    share = (level - one[:, 2]) / (two[:, 2] - one[:, 2])
    return np.asarray(one + share[:, None] * (two - one))


def _once(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return shapes without those that are there twice, as the top and the bottom of a slab from above."""
    import shapely

    # within QGIS, shapely's calls reach the GEOS of QGIS, which may be older and know two or three dimensions only
    _, first = np.unique(shapely.to_wkb(shapely.normalize(shapes), output_dimension=2), return_index=True)
    return np.asarray(shapes[first])


def _closed(shape: BaseGeometry, within: BaseGeometry | None = None) -> BaseGeometry:
    """Return a shape without gaps between elements and holes of joints; all holes go that lie `within`."""
    import shapely

    if shape.geom_type == "Polygon" and not shape.interiors:
        return shape
    wide = shape.buffer(_GAP, join_style="mitre", mitre_limit=_SHARPEST)
    narrow = _filled(wide, within).buffer(-_GAP, join_style="mitre", mitre_limit=_SHARPEST)
    return shapely.set_precision(narrow, _GRID)


def _filled(shape: BaseGeometry, within: BaseGeometry | None) -> BaseGeometry:
    """Return a shape without small holes, and without those that lie within another one."""
    import shapely

    parts = []
    for part in shapely.get_parts(shape):
        holes = [shapely.Polygon(ring) for ring in part.interiors]
        if within is not None:
            holes = [hole for hole in holes if not within.contains(hole.representative_point())]
        parts.append(shapely.Polygon(part.exterior, [hole.exterior for hole in holes if hole.area > _SPECK]))
    return shapely.union_all(parts)
