"""Triangles in space, upright ones too, clipped with areas in the plane and with limits of a value.

References
----------
Sutherland, I., Hodgman, G. (1974). Reentrant polygon clipping. Communications of the ACM 17, 32-42.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_NOTHING = 1e-9  # m2: a triangle that only touches an area gives no piece
_AT_ONCE = 200_000  # triangles that are clipped together, for the memory


def within(triangles: Floats, area: BaseGeometry) -> tuple[Floats, Integers]:
    """Return the parts of triangles that lie in an area, seen from above.

    Parameters
    ----------
    triangles : ndarray
        float64, shape (n, 3, c), c at least 3: x, y, z [m] and values that are linear between the corners.
    area : shapely geometry
        Polygons.

    Returns
    -------
    ndarray, ndarray
        Triangles, shape (m, 3, c), and the row that each is a part of, (m,).

    Examples
    --------
    >>> import shapely
    >>> wall = np.array([[[0, 0, 0], [4, 0, 0], [4, 0, 4]]], float)
    >>> parts, of = within(wall, shapely.box(-1, -1, 2, 1))
    >>> float(parts[:, :, 0].max()), set(of.tolist())
    (2.0, {0})
    """
    import shapely

    cells = _cells(area)
    flat = triangles[:, :, :2]
    boxes = shapely.box(*flat.min(axis=1).T, *flat.max(axis=1).T)
    rows, parts = shapely.STRtree(shapely.polygons(cells)).query(boxes)
    found = [(triangles[:0], np.empty(0, np.int64))]
    for first in range(0, len(rows), _AT_ONCE):
        row, cell = rows[first : first + _AT_ONCE], cells[parts[first : first + _AT_ONCE]]
        points, count = triangles[row], np.full(len(row), 3)
        for edge in range(3):
            start, along = cell[:, edge], cell[:, (edge + 1) % 3] - cell[:, edge]
            away = points[:, :, :2] - start[:, None]
            # above 0 on the left of an edge of a cell, which turns counter-clockwise
            side = along[:, None, 0] * away[:, :, 1] - along[:, None, 1] * away[:, :, 0]
            points, count = _above(points, count, side)
            left = count > 0
            points, count, row, cell = points[left], count[left], row[left], cell[left]
        found.append(_fans(points, count, row))
    return np.concatenate([some for some, _ in found]), np.concatenate([of for _, of in found])


def below(triangles: Floats, limit: float, column: int = 2) -> tuple[Floats, Integers]:
    """Return the parts of triangles where a value is at most a limit, and the row that each is a part of.

    >>> wall = np.array([[[0, 0, 0], [4, 0, 0], [0, 0, 4]]], float)
    >>> float(below(wall, 1.0)[0][:, :, 2].max())
    1.0
    """
    points, count = _above(triangles, np.full(len(triangles), 3), limit - triangles[:, :, column])
    return _fans(points, count, np.arange(len(triangles)))


def fine(triangles: Floats, longest: float) -> Floats:
    """Return triangles cut until no side is longer than a limit, seen from above [m].

    >>> len(fine(np.array([[[0, 0, 1], [2, 0, 1], [0, 2, 1]]], float), 1.5))
    4
    """
    done = [triangles[:0]]
    while len(triangles):
        side = np.roll(triangles, -1, axis=1) - triangles
        length = np.hypot(side[:, :, 0], side[:, :, 1])
        long = length.max(axis=1) > longest
        done.append(triangles[~long])
        order = (length[long].argmax(axis=1)[:, None] + np.arange(3)) % 3
        a, b, c = np.moveaxis(np.take_along_axis(triangles[long], order[:, :, None], axis=1), 1, 0)
        middle = (a + b) / 2
        triangles = np.concatenate([np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
    return np.concatenate(done)


def _cells(area: BaseGeometry) -> Floats:
    """Return triangles that fill polygons, turning counter-clockwise, float64, shape (n, 3, 2)."""
    from dtwin_plugin.data.triangulate import triangles_of

    from .shapes import geometries_of

    shapes = geometries_of([area])
    corners, _ = triangles_of(shapes)
    cells = shapes.coordinates[corners][:, :, :2]
    one, two = cells[:, 1] - cells[:, 0], cells[:, 2] - cells[:, 0]
    turn = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    cells[turn < 0] = cells[turn < 0][:, ::-1]
    return np.asarray(cells[np.abs(turn) > _NOTHING])


def _above(points: Floats, count: Integers, value: Floats) -> tuple[Floats, Integers]:
    """Return convex polygons, of which the first `count` corners are real, clipped to where a value is not below 0."""
    real = np.arange(points.shape[1]) < count[:, None]
    inside = real & (value >= 0)
    kept = inside.sum(axis=1)
    some = np.flatnonzero((kept > 0) & (kept < count))
    cut, corners = _cut(points[some], count[some], value[some], inside[some])
    wider = cut.shape[1] - points.shape[1]
    result = np.pad(points, ((0, 0), (0, max(wider, 0)), (0, 0)))
    result[some, : cut.shape[1]] = cut
    kept[some] = corners
    return result, kept


def _cut(points: Floats, count: Integers, value: Floats, inside: NDArray[np.bool_]) -> tuple[Floats, Integers]:
    """Return polygons of which some corners are inside and some are not."""
    rows, size = points.shape[:2]
    slot = np.arange(size)
    after = np.where(slot + 1 < count[:, None], slot + 1, 0)
    value_after = np.take_along_axis(value, after, axis=1)
    crosses = (slot < count[:, None]) & ((value >= 0) != (value_after >= 0))
    share = np.where(crosses, value, 0.0) / np.where(crosses, value - value_after, 1.0)
    step = points[np.arange(rows)[:, None], after] - points
    both = np.stack([points, points + share[:, :, None] * step], axis=2).reshape(rows, 2 * size, points.shape[2])
    kept = np.stack([inside, crosses], axis=2).reshape(rows, 2 * size)
    corners = kept.sum(axis=1)  # one more at most, but for rounding where sides are nearly on a line
    order = np.argsort(~kept, axis=1, kind="stable")[:, : int(corners.max(initial=3))]
    return both[np.arange(rows)[:, None], order], corners


def _fans(points: Floats, count: Integers, row: Integers) -> tuple[Floats, Integers]:
    """Return the triangles of convex polygons, those without an area in space left out."""
    pieces, rows = [points[:0, :3]], [row[:0]]
    for last in range(2, points.shape[1]):
        has = count > last
        pieces.append(points[has][:, [0, last - 1, last]])
        rows.append(row[has])
    found, of = np.concatenate(pieces), np.concatenate(rows)
    cross = np.cross(found[:, 1, :3] - found[:, 0, :3], found[:, 2, :3] - found[:, 0, :3])
    kept = np.linalg.norm(cross, axis=1) > 2 * _NOTHING
    return found[kept], of[kept]
