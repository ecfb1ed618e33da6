"""Links as lines that are measured: places along them, and pieces of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]


class Places(NamedTuple):
    """Places on links.

    Attributes
    ----------
    link : ndarray
        int64, shape (places,): row of the link, -1 where none is near.
    share : ndarray
        float64: how far along the line, 0 to 1.
    away : ndarray
        float64: distance from the place itself to the link [m]; NaN where none is near.
    """

    link: Ids
    share: Floats
    away: Floats


@dataclass(frozen=True)
class Lines:
    """Lines with the distance along them at each vertex; made by `lines_of`.

    Attributes
    ----------
    xy : ndarray
        float64, shape (n, 2) [m].
    start : ndarray
        int64, shape (lines + 1,): line k has the vertices start[k] to start[k + 1].
    along : ndarray
        float64, shape (n,): from the beginning of the line [m].
    length : ndarray
        float64, shape (lines,) [m].
    """

    xy: Floats
    start: Ids
    along: Floats
    length: Floats

    def piece(self, row: int, begin: float, end: float) -> Floats:
        """Return what lies between two shares of a line, from the first to the second.

        >>> from dtwin_plugin.data import Geometries
        >>> lines = lines_of(Geometries.build("line", [[[[(0, 0), (4, 0), (4, 4)]]]]))
        >>> lines.piece(0, 0.75, 0.25).tolist()
        [[4.0, 2.0], [4.0, 0.0], [2.0, 0.0]]
        """
        low, high = sorted((begin, end))
        at = self.along[self.start[row] : self.start[row + 1]]
        xy = self.xy[self.start[row] : self.start[row + 1]]
        first, last = low * self.length[row], high * self.length[row]
        within = (at > first) & (at < last)
        ends = [[np.interp(one, at, xy[:, axis]) for axis in (0, 1)] for one in (first, last)]
        found = np.concatenate([[ends[0]], xy[within], [ends[1]]])
        return found if begin <= end else found[::-1]

    def samples(self, rows: Ids, step: float) -> tuple[Ids, Floats, Floats]:
        """Return places on lines no farther apart than a step [m], their ends among them: row, share and x, y.

        >>> from dtwin_plugin.data import Geometries
        >>> row, share, xy = lines_of(Geometries.build("line", [[[[(0, 0), (4, 0)]]]])).samples(np.array([0]), 2.0)
        >>> row.tolist(), share.tolist(), xy.tolist()
        ([0, 0, 0], [0.0, 0.5, 1.0], [[0.0, 0.0], [2.0, 0.0], [4.0, 0.0]])
        """
        count = np.maximum(np.ceil(self.length[rows] / step), 1).astype(np.int64) + 1
        row = np.repeat(rows, count)
        number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        share = number / np.repeat(count - 1, count)
        # one axis for all lines, so that all are found at once: each begins where the one before has ended, and more
        shift = np.concatenate([[0.0], np.cumsum(self.length + 1.0)])[:-1]
        axis = self.along + np.repeat(shift, np.diff(self.start))
        at = shift[row] + share * self.length[row]
        return row, share, np.stack([np.interp(at, axis, self.xy[:, k]) for k in (0, 1)], axis=1)


def lines_of(geometries: Geometries) -> Lines:
    """Return lines that are measured; parts of one line follow each other.

    >>> from dtwin_plugin.data import Geometries
    >>> lines_of(Geometries.build("line", [[[[(0, 0), (3, 4), (3, 5)]]]])).along.tolist()
    [0.0, 5.0, 6.0]
    """
    start = geometries.coordinate_spans()
    xy = np.ascontiguousarray(geometries.coordinates[:, :2], np.float64)
    step = np.zeros(len(xy))
    step[1:] = np.hypot(*np.diff(xy, axis=0).T)
    first = start[:-1][np.diff(start) > 0]
    step[first] = 0.0
    total = np.cumsum(step)
    along = total - np.repeat(total[first], np.diff(start)[np.diff(start) > 0])
    length = np.zeros(len(start) - 1)
    filled = np.diff(start) > 0
    length[filled] = along[start[1:][filled] - 1]
    return Lines(xy, start, along, length)


def shapes_of(lines: Lines, rows: Ids) -> Any:
    """Return lines as shapely's, those of `rows`, which must have two vertices at least."""
    import shapely

    count = np.diff(lines.start)[rows]
    vertices = np.arange(count.sum()) + np.repeat(lines.start[rows] - (np.cumsum(count) - count), count)
    return shapely.linestrings(lines.xy[vertices], indices=np.repeat(np.arange(len(rows)), count))


def on_links(lines: Lines, usable: NDArray[np.bool_], xy: Floats, farthest: float) -> Places:
    """Return the nearest place on a link for each place on the map.

    Parameters
    ----------
    usable : ndarray
        bool, shape (links,): links that places may lie on.
    xy : ndarray
        float64, shape (places, 2) [m]; a place that is not known lies on none.
    farthest : float
        Longest distance to the link [m].

    Examples
    --------
    >>> from dtwin_plugin.data import Geometries
    >>> lines = lines_of(Geometries.build("line", [[[[(0, 0), (4, 0)]]]]))
    >>> on_links(lines, np.array([True]), np.array([[1.0, 2.0], [1.0, 9.0]]), 5.0)
    Places(link=array([ 0, -1]), share=array([0.25, 0.  ]), away=array([ 2., nan]))
    """
    import shapely

    found = Places(np.full(len(xy), -1), np.zeros(len(xy)), np.full(len(xy), np.nan))
    rows = np.flatnonzero(usable & (np.diff(lines.start) > 1) & np.isfinite(lines.length))
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if not len(rows) or not len(known):
        return found
    shapes = shapes_of(lines, rows)
    points = shapely.points(xy[known])
    pairs, away = shapely.STRtree(shapes).query_nearest(
        points, max_distance=farthest, return_distance=True, all_matches=False
    )
    at = known[pairs[0]]
    found.link[at] = rows[pairs[1]]
    length = lines.length[rows[pairs[1]]]
    measure = shapely.line_locate_point(shapes[pairs[1]], points[pairs[0]])
    found.share[at] = np.clip(measure / np.maximum(length, 1e-9), 0.0, 1.0)
    found.away[at] = away
    return found
