"""What lies within polygons, touches them or crosses their edges, for very many points and lines at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .grid import Grid
from .rasterise import labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .geometries import Geometries

_PAIRS = 2_000_000  # of a point or a line and an edge, compared at once: some 50 MB
_CELLS_PER_EDGE, _MOST = 4, 512  # the index has about 4 sqrt(edges) cells a side


class Boundary:
    """Polygons with an index of cells: inside, outside, or with an edge in them, where alone numbers are compared.

    Parts and features may overlap; what any of them covers is covered. A part with a coordinate that is not a finite
    number is left out.

    Examples
    --------
    >>> from .geometries import Geometries
    >>> triangle = Boundary(Geometries.build("polygon", [[[[(0, 0), (4, 0), (0, 4), (0, 0)]]]]))
    >>> triangle.covers(np.array([1.0, 3.0]), np.array([1.0, 3.0])).tolist()
    [True, False]
    >>> triangle.crosses(np.array([[-1.0, 1.0, 5.0, 1.0], [3.0, 3.0, 5.0, 5.0]])).tolist()
    [True, False]
    """

    def __init__(self, polygons: Geometries) -> None:
        self._edges, self._part = _edges(polygons)
        self.starts = _starts(polygons)
        if not len(self._edges):
            return
        low, high = (
            np.minimum(self._edges[:, :2], self._edges[:, 2:]),
            np.maximum(self._edges[:, :2], self._edges[:, 2:]),
        )
        self._low, self._high = low.min(axis=0), high.max(axis=0)
        count = int(np.clip(_CELLS_PER_EDGE * np.sqrt(len(self._edges)), 4, _MOST))
        self._size = max(float((self._high - self._low).max()) / count, 1e-9)
        self._columns, self._rows = (int(n) + 1 for n in np.floor((self._high - self._low) / self._size))
        self._first_row, self._last_row = self._row(high[:, 1]), self._row(low[:, 1])
        self._border = self._cells_with_edges(low, high)
        grid = Grid(
            np.zeros((self._rows, self._columns), np.float32), float(self._low[0]), float(self._high[1]), self._size
        )
        self._inside = labels(polygons, grid) > 0
        self._edges_before = np.pad(self._border.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))

    def covers(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points lie within; one on the very edge may do or not."""
        result = np.zeros(len(x), bool)
        if not len(self._edges):
            return result
        (x_min, y_min), (x_max, y_max) = self._low, self._high
        near = np.flatnonzero((x >= x_min) & (x <= x_max) & (y >= y_min) & (y <= y_max))
        rows, columns = self._row(y[near]), self._column(x[near])
        result[near] = self._inside[rows, columns]
        unsure = self._border[rows, columns]
        near, rows = near[unsure], rows[unsure]
        order = np.argsort(rows, kind="stable")
        near, rows = near[order], rows[order]
        for row in np.unique(rows):
            found = near[slice(*np.searchsorted(rows, [row, row + 1]))]
            edges = np.flatnonzero((self._first_row <= row) & (row <= self._last_row))
            for some in _chunks(found, len(edges)):
                result[some] = _within(x[some], y[some], self._edges[edges], self._part[edges])
        return result

    def crosses(self, lines: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which straight lines (x, y, x, y; shape (n, 4)) cross or touch an edge."""
        result = np.zeros(len(lines), bool)
        if not len(lines) or not len(self._edges):
            return result
        low, high = np.minimum(lines[:, :2], lines[:, 2:]), np.maximum(lines[:, :2], lines[:, 2:])
        near = self.near(np.hstack([low, high]))
        first, last = self._row(high[:, 1]), self._row(low[:, 1])
        for row in range(self._rows):
            chosen = np.flatnonzero(near & ~result & (first <= row) & (row <= last))
            if not len(chosen):
                continue
            edges = self._edges[(self._first_row <= row) & (row <= self._last_row)]
            for some in _chunks(chosen, len(edges)):
                result[some] = _meet(lines[some], edges)
        return result

    def near(self, boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which boxes (x min, y min, x max, y max) may have an edge in them; False where surely none has."""
        if not len(self._edges):
            return np.zeros(len(boxes), bool)
        apart = (boxes[:, :2] > self._high).any(axis=1) | (boxes[:, 2:] < self._low).any(axis=1)
        top, bottom = self._row(boxes[:, 3]), self._row(boxes[:, 1]) + 1
        left, right = self._column(boxes[:, 0]), self._column(boxes[:, 2]) + 1
        total = self._edges_before
        count = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
        return np.asarray(~apart & (count > 0))

    def _row(self, y: NDArray[np.float64]) -> NDArray[np.int64]:
        return _index((self._high[1] - y) / self._size, self._rows)

    def _column(self, x: NDArray[np.float64]) -> NDArray[np.int64]:
        return _index((x - self._low[0]) / self._size, self._columns)

    def _cells_with_edges(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return the cells that the box around an edge touches: marks at its corners, summed over rows and columns."""
        marks = np.zeros((self._rows + 1, self._columns + 1), np.int64)
        top, bottom = self._first_row, self._last_row + 1
        left, right = self._column(low[:, 0]), self._column(high[:, 0]) + 1
        for rows, columns, sign in ((top, left, 1), (top, right, -1), (bottom, left, -1), (bottom, right, 1)):
            np.add.at(marks, (rows, columns), sign)
        return np.asarray(marks.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0)


def even_odd(x: float, y: float, rings: list[NDArray[np.float64]]) -> bool:
    """Tell whether a point lies within the rings of one polygon."""
    edges = np.concatenate([np.hstack([ring[:-1, :2], ring[1:, :2]]) for ring in rings])
    return bool(_within(np.array([x]), np.array([y]), edges, np.zeros(len(edges), np.int64))[0])


def _edges(polygons: Geometries) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the edges of all finite parts (x, y, x, y), and the number of the part of each."""
    xy = polygons.coordinates[:, :2]
    ring = np.repeat(np.arange(len(polygons.rings) - 1), np.diff(polygons.rings))
    part = np.repeat(np.arange(len(polygons.parts) - 1), np.diff(polygons.parts))
    following = np.arange(len(xy)) + 1
    following[polygons.rings[1:][np.diff(polygons.rings) > 0] - 1] = polygons.rings[:-1][np.diff(polygons.rings) > 0]
    part_of = part[ring]  # the last coordinate goes on to the first, which closes a ring that is left open
    broken = np.zeros(len(polygons.parts) - 1, bool)
    broken[part_of[~np.isfinite(xy).all(axis=1)]] = True
    whole = ~broken[part_of]
    return np.hstack([xy, xy[following]])[whole], part_of[whole]


def _starts(polygons: Geometries) -> NDArray[np.float64]:
    """Return a coordinate of each part that has one, shape (parts, 2)."""
    first = polygons.rings[polygons.parts]
    found = polygons.coordinates[first[:-1][np.diff(first) > 0], :2]
    return found[np.isfinite(found).all(axis=1)]


def _index(places: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    return np.clip(np.floor(places), 0, count - 1).astype(np.int64)


def _chunks(items: NDArray[np.int64], others: int) -> Iterator[NDArray[np.int64]]:
    step = max(1, _PAIRS // max(1, others))
    for start in range(0, len(items), step):
        yield items[start : start + step]


def _within(
    x: NDArray[np.float64], y: NDArray[np.float64], edges: NDArray[np.float64], part: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which points have an odd number of edges of any part to their east."""
    if not len(edges):
        return np.zeros(len(x), bool)
    x1, y1, x2, y2 = edges.T
    level = y1 == y2
    slope = np.where(level, 0.0, (x2 - x1) / np.where(level, 1.0, y2 - y1))
    spans = (y1 <= y[:, None]) != (y2 <= y[:, None])  # half open: a vertex on the line counts once
    crossed = spans & (x[:, None] < x1 + (y[:, None] - y1) * slope)
    firsts = np.flatnonzero(np.diff(part, prepend=part[0] - 1))  # edges come sorted by part
    odd: NDArray[np.bool_] = np.add.reduceat(crossed, firsts, axis=1, dtype=np.int64) % 2 == 1
    return np.asarray(odd.any(axis=1))


def _meet(lines: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which lines share a point with any edge: their boxes overlap, and each has the other's ends on two sides."""
    a, b = lines[:, None, :2], lines[:, None, 2:]
    c, d = edges[None, :, :2], edges[None, :, 2:]
    overlap = (np.minimum(a, b) <= np.maximum(c, d)).all(axis=2) & (np.minimum(c, d) <= np.maximum(a, b)).all(axis=2)
    apart = _sides(a, b, c) * _sides(a, b, d) > 0
    apart |= _sides(c, d, a) * _sides(c, d, b) > 0
    return np.asarray((overlap & ~apart).any(axis=1))


def _sides(a: NDArray[np.float64], b: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return on which side of the line from a to b a point lies, as a sign."""
    with np.errstate(invalid="ignore", over="ignore"):  # a coordinate that is not finite is on no side
        along, to = b - a, p - a
        return np.sign(along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0])
