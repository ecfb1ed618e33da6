"""Arcs and circles as short straight lines (ISO 19107, 6.4.14 and following)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 0.005  # m from the true curve
_FINEST, _COARSEST = math.pi / 2048, math.pi / 8  # of one step [rad]: what bounds the number of points


def arc(points: NDArray[np.float64], tolerance: float = TOLERANCE) -> NDArray[np.float64]:
    """Return the line along the arc from the first point through the second to the third, those included.

    >>> line = arc(np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]))
    >>> len(line), bool(np.abs(np.hypot(line[:, 0] - 1, line[:, 1]) - 1).max() < 1e-12)
    (17, True)
    """
    found = _centre(points[:, :2])
    if found is None:
        return points
    (x, y), radius = found
    start, middle, end = np.arctan2(points[:, 1] - y, points[:, 0] - x)
    first, whole = (middle - start) % (2 * math.pi), (end - start) % (2 * math.pi)
    if first > whole:  # the second point is not on the way: the arc runs clockwise
        first, whole = first - 2 * math.pi, whole - 2 * math.pi
    pieces = [
        _between(points[0], points[1], (x, y), start, first, radius, tolerance),
        _between(points[1], points[2], (x, y), middle, whole - first, radius, tolerance)[1:],
    ]
    return np.concatenate(pieces)


def circle(points: NDArray[np.float64], tolerance: float = TOLERANCE) -> NDArray[np.float64]:
    """Return the closed line of the circle through three points, which it starts with."""
    found = _centre(points[:, :2])
    if found is None:
        return np.vstack([points, points[:1]])
    (x, y), _ = found
    first, second, third = np.arctan2(points[:, 1] - y, points[:, 0] - x)
    last = third + ((first - third) % (2 * math.pi)) / 2
    if (second - first) % (2 * math.pi) > (third - first) % (2 * math.pi):
        last = third - ((third - first) % (2 * math.pi)) / 2
    radius = math.hypot(points[0, 0] - x, points[0, 1] - y)
    opposite = points[2].copy()
    opposite[:2] = x + radius * math.cos(last), y + radius * math.sin(last)
    ends = np.stack([points[2], opposite, points[0]])
    return np.concatenate([arc(points, tolerance), arc(ends, tolerance)[1:]])


def around(centre: NDArray[np.float64], radius: float, start: float, end: float) -> NDArray[np.float64]:
    """Return the line at a distance of a centre from one angle to another [rad], counter-clockwise positive."""
    steps = _steps(end - start, radius, TOLERANCE)
    angles = np.linspace(start, end, steps + 1)
    return np.column_stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)])


def _centre(points: NDArray[np.float64]) -> tuple[tuple[float, float], float] | None:
    """Return the centre and the radius of the circle through three points; None if they are on one line."""
    (ax, ay), (bx, by) = points[1] - points[0], points[2] - points[0]
    cross = 2.0 * (ax * by - ay * bx)
    a, b = ax * ax + ay * ay, bx * bx + by * by
    if abs(cross) < 1e-9 * max(a, b, 1e-12):
        return None
    x, y = (by * a - ay * b) / cross, (ax * b - bx * a) / cross
    return (float(points[0, 0] + x), float(points[0, 1] + y)), math.hypot(x, y)


def _between(
    first: NDArray[np.float64], last: NDArray[np.float64], centre: tuple[float, float], start: float, turn: float,
    radius: float, tolerance: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Return an arc of which the ends keep the coordinates that they came with."""
    steps = _steps(turn, radius, tolerance)
    share = np.linspace(0.0, 1.0, steps + 1)
    line = first + share[:, None] * (last - first)  # the height, if there is one, rises evenly
    angles = start + share * turn
    line[1:-1, 0] = (centre[0] + radius * np.cos(angles))[1:-1]
    line[1:-1, 1] = (centre[1] + radius * np.sin(angles))[1:-1]
    return line


def _steps(turn: float, radius: float, tolerance: float) -> int:
    """Return how many chords keep within the tolerance: a chord of angle a is r (1 - cos a/2) from its arc."""
    step = 2.0 * math.acos(max(1.0 - tolerance / radius, -1.0)) if radius > 0 else _COARSEST
    return max(1, math.ceil(abs(turn) / min(max(step, _FINEST), _COARSEST)))
