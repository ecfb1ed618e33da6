"""Regions of cells to polygons that share their edges.

The edges between regions are cut into arcs where three regions meet; each arc is simplified once, so that both
neighbours keep the same line and no sliver opens between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Point = tuple[int, int]

_TOLERANCE = 0.75  # cells: a staircase along a slanting wall stays within this of the wall


@dataclass(frozen=True)
class Arc:
    """A line between two regions: corners of cells (column, row), and what lies to its left and right; 0 is outside."""

    corners: NDArray[np.int64]
    left: int
    right: int


def arcs(labels: NDArray[np.int32]) -> list[Arc]:
    """Return the simplified lines between regions of a grid, shape (rows, columns); 0 is outside."""
    ends, sides = _edges(np.pad(labels, 1))
    incident: dict[Point, list[int]] = {}
    for number, (one, two) in enumerate(ends):
        incident.setdefault(one, []).append(number)
        incident.setdefault(two, []).append(number)
    nodes = {
        point for point, found in incident.items() if len(found) != 2 or set(sides[found[0]]) != set(sides[found[1]])
    }
    used = [False] * len(ends)
    starts = [(point, number) for point in sorted(nodes) for number in incident[point]]
    # what is left are loops; they begin at their lowest corner, which is a true one
    starts += [(point, incident[point][0]) for point in sorted(incident) if point not in nodes]
    result = []
    for point, number in starts:
        if not used[number]:
            corners = _walk(point, number, ends, incident, nodes, used)
            left, right = sides[number] if ends[number][0] == point else sides[number][::-1]
            result.append(Arc(_simplified(np.array(corners, np.int64) - 1), left, right))
    return result


def _edges(labels: NDArray[np.int32]) -> tuple[list[tuple[Point, Point]], list[tuple[int, int]]]:
    """Return the edges of cells between different regions, and what lies to their left and right."""
    ends: list[tuple[Point, Point]] = []
    sides: list[tuple[int, int]] = []
    rows, columns = np.nonzero(labels[:, 1:] != labels[:, :-1])
    for row, column in zip(rows.tolist(), columns.tolist()):  # northward: west is left
        ends.append(((column + 1, row), (column + 1, row + 1)))
        sides.append((int(labels[row, column]), int(labels[row, column + 1])))
    rows, columns = np.nonzero(labels[1:] != labels[:-1])
    for row, column in zip(rows.tolist(), columns.tolist()):  # eastward: north is left
        ends.append(((column, row + 1), (column + 1, row + 1)))
        sides.append((int(labels[row + 1, column]), int(labels[row, column])))
    return ends, sides


def _walk(
    start: Point,
    number: int,
    ends: list[tuple[Point, Point]],
    incident: dict[Point, list[int]],
    nodes: set[Point],
    used: list[bool],
) -> list[Point]:
    """Return the corners from a point along an edge to the next node, or back to the point."""
    corners, point = [start], start
    while True:
        used[number] = True
        one, two = ends[number]
        point = two if one == point else one
        corners.append(point)
        if point in nodes or point == start:
            return corners
        first, second = incident[point]
        number = second if first == number else first


def _simplified(corners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a line with fewer corners that stays near it (Douglas and Peucker 1973); its ends stay."""
    keep = np.zeros(len(corners), bool)
    keep[[0, -1]] = True
    spans = [(0, len(corners) - 1)]
    if (corners[0] == corners[-1]).all():  # a loop: its farthest corner stays too
        far = int(np.argmax(((corners - corners[0]) ** 2).sum(axis=1)))
        keep[far] = True
        spans = [(0, far), (far, len(corners) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        arm = (corners[last] - corners[first]).astype(float)
        inner = corners[first + 1 : last] - corners[first]
        length = np.hypot(*arm)
        away = np.abs(inner[:, 0] * arm[1] - inner[:, 1] * arm[0]) / length if length else np.hypot(*inner.T)
        worst = int(np.argmax(away))
        if away[worst] > _TOLERANCE:
            keep[first + 1 + worst] = True
            spans += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return corners[keep]


def polygons(lines: Sequence[Arc], region: int) -> list[list[NDArray[np.int64]]]:
    """Return the polygons of a region as rings of corners, closed: the outer one first, anticlockwise, then holes."""
    pieces = [line.corners for line in lines if line.left == region]
    pieces += [line.corners[::-1] for line in lines if line.right == region]
    rings = [ring for ring in _rings(pieces) if len(ring) >= 4 and _area(ring) != 0]
    outer = sorted((ring for ring in rings if _area(ring) > 0), key=_area)
    found: list[list[NDArray[np.int64]]] = [[ring] for ring in outer]
    for ring in rings:
        if _area(ring) < 0:
            around = next((polygon for polygon in found if _contains(polygon[0], ring)), None)
            if around is not None:
                around.append(ring)
    return found


def _rings(pieces: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Return closed rings of lines that follow each other; where several go on, the one most to the left."""
    starts: dict[Point, list[int]] = {}
    for number, piece in enumerate(pieces):
        starts.setdefault((int(piece[0, 0]), int(piece[0, 1])), []).append(number)
    used = [False] * len(pieces)
    rings = []
    for first in range(len(pieces)):
        chain, number = [], first
        while not used[number]:
            used[number] = True
            chain.append(pieces[number][:-1])
            end, before = pieces[number][-1], pieces[number][-2]
            ahead = [n for n in starts.get((int(end[0]), int(end[1])), ()) if not used[n]]
            if not ahead:
                break
            number = max(ahead, key=lambda n: _turn(end - before, pieces[n][1] - pieces[n][0]))
        if chain:
            ring = np.concatenate(chain)
            rings.append(np.concatenate([ring, ring[:1]]))
    return rings


def _turn(arm: NDArray[np.int64], next_arm: NDArray[np.int64]) -> float:
    """Return the angle to the left from one direction to the next [radians]."""
    return float(np.arctan2(arm[0] * next_arm[1] - arm[1] * next_arm[0], arm @ next_arm))


def _area(ring: NDArray[np.int64]) -> float:
    """Return the area of a ring, above 0 if it is anticlockwise [cells]."""
    x, y = ring[:, 0].astype(float), ring[:, 1].astype(float)
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def _contains(outer: NDArray[np.int64], inner: NDArray[np.int64]) -> bool:
    """Tell whether the middle of the first edge of a ring lies within another."""
    x, y = (inner[0] + inner[1]) / 2 + 1e-3
    x1, y1 = outer[:-1].T
    x2, y2 = outer[1:].T
    crosses = (y1 > y) != (y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x1 + (y - y1) / (y2 - y1) * (x2 - x1)
    return bool((crosses & (at > x)).sum() % 2)
