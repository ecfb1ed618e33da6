"""A line on the map as an axis of distance: what it crosses, what it runs through, and what lies beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from dtwin_plugin.data import Geometries

    Array = NDArray[np.float64]

_SAME = 1e-6  # m: crossings of one edge that lie nearer to each other are one, at a bend of the line
MOST_BENDS = 2_000


class Crossings(NamedTuple):
    """Where edges cross the line.

    Attributes
    ----------
    edge : ndarray
        int64: number of the edge.
    along : ndarray
        Distance along the line [m].
    share : ndarray
        How far along the edge, 0 to 1.
    segment : ndarray
        int64: number of the straight piece of the line.
    """

    edge: NDArray[np.int64]
    along: Array
    share: Array
    segment: NDArray[np.int64]


@dataclass(frozen=True)
class SectionLine:
    """Straight pieces behind each other.

    Attributes
    ----------
    points : ndarray
        float64, shape (n, 2), no two behind each other at one place [m].
    along : ndarray
        float64, shape (n,): distance of each point [m]; the first is 0.

    Examples
    --------
    >>> line = SectionLine.through([(0, 0), (3, 0), (3, 4)])
    >>> line.length, line.at([5.0]).tolist(), [part.tolist() for part in line.nearest([(4.0, 1.0), (1.0, 2.0)])]
    (7.0, [[3.0, 2.0]], [[4.0, 1.0], [-1.0, 2.0]])
    """

    points: Array
    along: Array

    @classmethod
    def through(cls, points: ArrayLike) -> SectionLine:
        """Return the line through points, shape (n, 2) or (n, 3) [m]; raises InputError where it has no length."""
        xy = np.asarray(points, float).reshape(len(np.asarray(points)), -1)[:, :2]
        step = np.hypot(*np.diff(xy, axis=0).T) if len(xy) > 1 else np.empty(0)
        xy = xy[np.concatenate([[True], step > _SAME])] if len(xy) else xy
        if len(xy) < 2 or not np.isfinite(xy).all():
            raise InputError("The line of the section has no length.", hint="Draw a line of at least two points.")
        if len(xy) > MOST_BENDS:
            raise InputError(
                "The line of the section has {count} points; {most} are allowed.",
                hint="Simplify the line.",
                count=len(xy),
                most=MOST_BENDS,
            )
        return cls(xy, np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]))

    @property
    def length(self) -> float:
        """The length of the line [m]."""
        return float(self.along[-1])

    @property
    def directions(self) -> Array:
        """The direction of each straight piece, a vector of length 1, shape (pieces, 2)."""
        step = np.diff(self.points, axis=0)
        way: Array = step / np.diff(self.along)[:, None]
        return way

    def segment_of(self, along: ArrayLike) -> NDArray[np.int64]:
        """Return the straight piece on which each distance lies; before the begin the first, after the end the last."""
        found = np.searchsorted(self.along, np.asarray(along, float), side="right") - 1
        return np.clip(found, 0, len(self.points) - 2).astype(np.int64)

    def at(self, along: ArrayLike, segment: NDArray[np.int64] | None = None) -> Array:
        """Return the place of distances [m], shape (n, 2); beyond the ends straight on.

        Parameters
        ----------
        segment : ndarray, optional
            Straight pieces in whose direction to measure, instead of those on which the distances lie.
        """
        distance = np.asarray(along, float)
        on = self.segment_of(distance) if segment is None else segment
        place: Array = self.points[on] + (distance - self.along[on])[:, None] * self.directions[on]
        return place

    def nearest(self, xy: ArrayLike) -> tuple[Array, Array]:
        """Return the distance along the line and the distance beside it [m] of points; left is positive.

        A point beyond an end gets a distance below 0 or above the length: it has no perpendicular on the line.
        """
        where = np.asarray(xy, float)[:, :2]
        best = np.full(len(where), np.inf)
        along, beside = np.full(len(where), np.nan), np.full(len(where), np.nan)
        last = len(self.points) - 2
        for number, way in enumerate(self.directions):
            size = self.along[number + 1] - self.along[number]
            apart = where - self.points[number]
            ahead, left = apart @ way, way[0] * apart[:, 1] - way[1] * apart[:, 0]
            over = np.maximum(np.maximum(-ahead, ahead - size), 0.0)
            away = np.hypot(over, left)
            nearer = away < best
            best = np.where(nearer, away, best)
            free = ahead if number == 0 else np.maximum(ahead, 0.0)
            free = free if number == last else np.minimum(free, size)
            outside = ((ahead < 0) & (number == 0)) | ((ahead > size) & (number == last))
            side = np.where(left < 0, -1.0, 1.0)
            along = np.where(nearer, self.along[number] + free, along)
            beside = np.where(nearer, np.where(outside, left, side * away), beside)
        return along, beside

    def crossings(self, begins: Array, ends: Array) -> Crossings:
        """Return where edges cross the line; an end that lies on it counts as right of it.

        Parameters
        ----------
        begins, ends : ndarray
            Shape (edges, 2 or more) [m].

        Examples
        --------
        >>> line = SectionLine.through([(0, 0), (10, 0)])
        >>> found = line.crossings(np.array([[2.0, -1.0], [3.0, 1.0]]), np.array([[2.0, 3.0], [3.0, 5.0]]))
        >>> found.edge.tolist(), found.along.tolist(), found.share.tolist()
        ([0], [2.0], [0.25])
        """
        pieces: list[tuple[NDArray[np.int64], Array, Array, NDArray[np.int64]]] = []
        for number, way in enumerate(self.directions):
            along, share, crosses = on_ray(self.points[number], way, begins, ends)
            size = self.along[number + 1] - self.along[number]
            # half a micrometre to both sides of a bend, so that rounding loses nothing there
            inside = crosses & (along >= -_SAME / 2) & (along <= size + _SAME / 2)
            edge = np.flatnonzero(inside)
            at = self.along[number] + np.clip(along[edge], 0.0, size)
            pieces.append((edge, at, share[edge], np.full(len(edge), number, np.int64)))
        edge, along, share, segment = (np.concatenate([piece[i] for piece in pieces]) for i in range(4))
        order = np.lexsort((along, edge))
        again = (np.diff(edge[order]) == 0) & (np.diff(along[order]) < 2 * _SAME)
        again &= np.diff(segment[order]) != 0
        kept = order[np.concatenate([[True], ~again])] if len(order) else order
        return Crossings(edge[kept], along[kept], share[kept], segment[kept])

    def inside(self, shapes: Geometries, feature: int) -> list[tuple[float, float]]:
        """Return the stretches of the line within a polygon, holes left out [m along the line].

        >>> from dtwin_plugin.data import Geometries
        >>> square = [[(2, -1), (5, -1), (5, 1), (2, 1), (2, -1)]]
        >>> SectionLine.through([(0, 0), (10, 0)]).inside(Geometries.build("polygon", [[square]]), 0)
        [(2.0, 5.0)]
        """
        begins, ends = edges_of(shapes, feature)
        found: list[tuple[float, float]] = []
        for number, way in enumerate(self.directions):
            along, _, crosses = on_ray(self.points[number], way, begins, ends)
            first, size = float(self.along[number]), float(self.along[number + 1] - self.along[number])
            hits = np.sort(along[crosses])
            for low, high in zip(hits[::2].tolist(), hits[1::2].tolist()):
                low, high = max(low, 0.0), min(high, size)
                if high - low > _SAME:
                    begin = first + low
                    if found and abs(found[-1][1] - begin) <= _SAME:  # goes on behind a bend
                        begin = found.pop()[0]
                    found.append((begin, first + high))
        return found


def on_ray(origin: Array, way: Array, begins: Array, ends: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return the distance and share at which edges cross an endless straight line, and which do."""
    # from the begin of the line: products of national coordinates would drown small distances in rounding
    first, second = begins[:, :2] - origin, ends[:, :2] - origin
    left, right = (way[0] * part[:, 1] - way[1] * part[:, 0] for part in (first, second))
    crosses = (left > 0) != (right > 0)  # an end on the line counts as right of it: of two edges one crosses there
    share = np.where(crosses, left / np.where(crosses, left - right, 1.0), 0.0)
    along = (first + share[:, None] * (second - first)) @ way
    return along, share, crosses


def edges_of(shapes: Geometries, feature: int) -> tuple[Array, Array]:
    """Return begin and end of the edges of all rings of a feature, with heights where it has them."""
    spans = shapes.coordinate_spans()
    low, high = int(spans[feature]), int(spans[feature + 1])
    points = shapes.coordinates[low:high]
    first = np.ones(max(len(points) - 1, 0), bool)
    ends = shapes.rings[(shapes.rings > low) & (shapes.rings < high)] - low
    first[ends - 1] = False
    index = np.flatnonzero(first)
    return points[index], points[index + 1]


def rings_of(shapes: Geometries, feature: int) -> list[Array]:
    """Return the coordinates of each ring of a feature."""
    rings = range(shapes.parts[shapes.features[feature]], shapes.parts[shapes.features[feature + 1]])
    return [shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1]] for ring in rings]
