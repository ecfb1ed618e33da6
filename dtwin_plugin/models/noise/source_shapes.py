"""Points, lines and areas that sound, such as a fan, a conveyor and a terrace, as the points that stand for them.

References
----------
C: Directive (EU) 2015/996 (2015), annex, 2.3.1 and 2.5: sources of industry are points, lines and areas, of which the
last two are divided into points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import InputError

from .rings import area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

MOST = 20_000  # points in one run: 5 MB of energies to a receiver
_FEW = 4  # points in an area at least: fewer say nothing of its shape
_FINEST = 6  # times that the step is halved for a narrow area at most


class Parts(NamedTuple):
    """The points that stand for sources.

    Attributes
    ----------
    places : ndarray
        x and y [m], shape (n, 2).
    owners : ndarray
        int64, the row of the source of each; does not decrease.
    shares : ndarray
        Of the power of the source, which add up to 1 for each.
    sizes : ndarray
        Length or area of each source [m or m2]; 1 of points, shape (sources,).
    """

    places: Floats
    owners: Integers
    shares: Floats
    sizes: Floats


def parts_of(shapes: Geometries, step: float) -> Parts:
    """Return the points of sources; of a line and an area they lie at most `step` apart [m].

    A source of several points shares its power over them. One without a geometry has no point.

    Raises
    ------
    InputError
        If there are more than `MOST`.

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> found = parts_of(Geometries.build("line", [[[[(0, 0), (3, 0), (3, 1)]]]]), 2.0)
    >>> found.places.tolist(), found.shares.tolist(), found.sizes.tolist()
    ([[0.75, 0.0], [2.25, 0.0], [3.0, 0.5]], [0.375, 0.375, 0.25], [4.0])
    """
    if (count := many(shapes, step)) > MOST:
        raise InputError(
            "Lines and areas of sources make {count} points; expected {most} at most.",
            hint="Choose a larger distance of points on lines and areas.",
            count=count,
            most=MOST,
        )
    places, owners, shares, sizes = [np.empty((0, 2))], [np.empty(0, np.int64)], [np.empty(0)], np.ones(len(shapes))
    for row in range(len(shapes)):
        parts = _rings(shapes, row)
        rings = [ring for part in parts for ring in part if len(ring)]
        if not rings:
            continue
        if shapes.kind == "point":
            found, weights = np.concatenate(rings), np.ones(sum(map(len, rings)))
        elif shapes.kind == "line":
            found, weights = _along(rings, step)
            sizes[row] = weights.sum()
        else:
            found = _within(rings, step)
            weights, sizes[row] = np.ones(len(found)), _area(parts)
        places.append(found)
        owners.append(np.full(len(found), row, np.int64))
        shares.append(weights / weights.sum() if weights.sum() > 0 else np.full(len(found), 1 / max(len(found), 1)))
    return Parts(np.concatenate(places), np.concatenate(owners), np.concatenate(shares), sizes)


def many(shapes: Geometries, step: float) -> int:
    """Return about how many points there would be."""
    if shapes.kind == "point":
        return len(shapes.coordinates)
    found = 0.0
    for row in range(len(shapes)):
        parts = _rings(shapes, row)
        if shapes.kind == "line":
            found += sum(np.hypot(*np.diff(ring, axis=0).T).sum() for part in parts for ring in part) / step
        else:
            found += _area(parts) / step**2
    return int(min(found, 1e15)) if np.isfinite(found) else 0


def _rings(shapes: Geometries, row: int) -> list[list[Floats]]:
    """Return the rings of each part of a feature, shape (points, 2) each."""
    parts = range(int(shapes.features[row]), int(shapes.features[row + 1]))
    return [
        [shapes.coordinates[shapes.rings[k] : shapes.rings[k + 1], :2]
         for k in range(int(shapes.parts[part]), int(shapes.parts[part + 1]))]
        for part in parts
    ]  # fmt: skip


def _area(parts: list[list[Floats]]) -> float:
    """Return the area of polygons, whose holes are the rings after the first of each."""
    each = [[abs(area(ring)) for ring in part if len(ring)] for part in parts]
    return sum(part[0] - sum(part[1:]) for part in each if part)


def _along(lines: list[Floats], step: float) -> tuple[Floats, Floats]:
    """Return the middles of pieces of lines and how long these are [m]."""
    made, long = [np.empty((0, 2))], [np.empty(0)]
    for line in lines:
        for a, b in zip(line[:-1], line[1:]):
            length = float(np.hypot(*(b - a)))
            count = max(int(np.ceil(length / step)), 1)
            made.append(a + (np.arange(count)[:, None] + 0.5) / count * (b - a))
            long.append(np.full(count, length / count))
    return np.concatenate(made), np.concatenate(long)


def _within(rings: list[Floats], step: float) -> Floats:
    """Return the middles of cells in an area; a place on its edge where none fits."""
    (left, bottom), (right, top) = (np.concatenate(rings).min(axis=0), np.concatenate(rings).max(axis=0))
    for _ in range(_FINEST):
        columns, rows = (max(int(np.ceil(size / step)), 1) for size in (right - left, top - bottom))
        if columns * rows > 10 * MOST:
            break
        x = left + (np.arange(columns) + 0.5) / columns * (right - left)
        y = bottom + (np.arange(rows) + 0.5) / rows * (top - bottom)
        places = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
        found = places[_inside(rings, *places.T)]
        if len(found) >= _FEW:
            return found
        step *= 0.5
    return rings[0][:1]


def _inside(rings: list[Floats], x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Return which places lie in rings by the even-odd rule."""
    odd = np.zeros(len(x), bool)
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring[:-1], ring[1:]):
            spans = (y1 <= y) != (y2 <= y)
            odd ^= spans & (x1 + (y - y1) / (y2 - y1 if y2 != y1 else 1.0) * (x2 - x1) > x)
    return odd
