"""Lines of roads as pieces that begin and end where roads meet: ends snapped together, lines cut at junctions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data import Geometries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

ENDS, VERTICES, TOUCHING, CROSSINGS = "ends", "vertices", "touching", "crossings"
SAME = 1e-3  # m: coordinates of files are written in mm, so that less is the same place


class Lines(NamedTuple):
    """Single lines.

    Attributes
    ----------
    xy : list of ndarray
        Coordinates of each, shape (n, 2) [m].
    rows : ndarray
        int64, the row of the layer that each came from.
    begin, end : ndarray
        Where on that line it begins and ends, as a share of its length, shape (lines,).
    """

    xy: list[Floats]
    rows: Whole
    begin: Floats
    end: Floats

    def take(self, chosen: Whole | NDArray[np.bool_]) -> Lines:
        """Return some of the lines."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return Lines([self.xy[n] for n in numbers], self.rows[numbers], self.begin[numbers], self.end[numbers])

    def lengths(self) -> Floats:
        """Return the length of each [m]."""
        return np.array([length_of(xy) for xy in self.xy], float)

    def geometries(self) -> Geometries:
        """Return the lines as geometries."""
        return Geometries.build("line", [[[xy.tolist()]] for xy in self.xy])


def length_of(xy: Floats) -> float:
    """Return the length of a line [m].

    >>> length_of(np.array([(0.0, 0.0), (3.0, 4.0), (3.0, 5.0)]))
    6.0
    """
    return float(np.hypot(*np.diff(xy, axis=0).T).sum()) if len(xy) > 1 else 0.0


def single_lines(geometries: Geometries) -> Lines:
    """Return every part of every line, without a coordinate that repeats the one before it.

    The parts of a line lie behind each other on it: what the layer tells of the whole (length, time, toll) is divided.
    """
    xy, rows = [], []
    rings = geometries.rings
    parts = geometries.parts
    for row in range(len(geometries)):
        for part in range(geometries.features[row], geometries.features[row + 1]):
            first, last = rings[parts[part]], rings[parts[part + 1]]
            line = geometries.coordinates[first:last, :2]
            line = line[np.isfinite(line).all(axis=1)]
            new = np.concatenate([[True], (np.diff(line, axis=0) != 0).any(axis=1)]) if len(line) else []
            xy.append(line[np.asarray(new, bool)])
            rows.append(row)
    return Lines(xy, np.array(rows, np.int64), *_shares(xy, np.array(rows, np.int64), len(geometries)))


def _shares(xy: list[Floats], rows: Whole, count: int) -> tuple[Floats, Floats]:
    """Return where each part begins and ends on its line, as a share of the length of all its parts."""
    length = np.array([length_of(part) for part in xy], float)
    total = np.bincount(rows, length, count)[rows]
    before = np.concatenate([[0.0], np.cumsum(length)[:-1]]) if len(length) else length
    base = np.full(count, np.inf)
    np.minimum.at(base, rows, before)
    several = (np.bincount(rows, minlength=count)[rows] > 1) & (total > 0)
    scale = np.where(several, total, 1.0)
    begin = np.where(several, (before - base[rows]) / scale, 0.0)
    return begin, np.where(several, begin + length / scale, 1.0)


def snapped(lines: Lines, tolerance: float) -> tuple[Lines, Whole, Floats]:
    """Return lines whose ends within a distance of each other lie at one place, with the place of both ends.

    Returns
    -------
    tuple
        The lines; the number of the place of the begin and the end of each, int64 of shape (lines, 2); x and y of each
        place [m], shape (places, 2), the mean of what came there.

    Examples
    --------
    >>> pair = Lines([np.array([(0, 0.0), (10, 0)]), np.array([(10.2, 0.0), (20, 0)])], np.arange(2), None, None)
    >>> lines, places, xy = snapped(pair, 0.5)
    >>> places.tolist(), xy.tolist()
    ([[0, 1], [1, 2]], [[0.0, 0.0], [10.1, 0.0], [20.0, 0.0]])
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    ends = np.array([xy[side] for xy in lines.xy for side in (0, -1)], float).reshape(-1, 2)
    if not len(ends):
        return lines, np.empty((0, 2), np.int64), np.empty((0, 2))
    pairs = cKDTree(ends).query_pairs(max(tolerance, SAME), output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends)))
    count, label = connected_components(links, directed=False)
    first = np.full(count, len(ends), np.int64)
    np.minimum.at(first, label, np.arange(len(ends)))
    order = np.empty(count, np.int64)
    order[np.argsort(first)] = np.arange(count)  # numbered as they come, so that one file gives one network
    place = order[label]
    size = np.bincount(place, minlength=count)
    # from the first one, for means of large coordinates of one place differ in their last digits
    base = ends[np.sort(first)]
    moved = [np.bincount(place, ends[:, axis] - base[place, axis], count) / size for axis in (0, 1)]
    xy = np.asarray(base + np.column_stack(moved), float)
    for number, line in enumerate(lines.xy):
        here = xy[place[2 * number : 2 * number + 2]]
        if not np.array_equal(here, line[[0, -1]]):
            line = line.copy()
            line[[0, -1]] = here
            lines.xy[number] = line
    places: Whole = place.reshape(-1, 2).astype(np.int64)
    return lines, places, xy


def cut(lines: Lines, level: Floats, where: str, tolerance: float) -> Lines:
    """Return lines that are cut wherever roads meet.

    Parameters
    ----------
    level : ndarray
        Of each line, shape (lines,), above 0 on bridges: two meet away from their ends only where it is equal.
    where : str
        "ends": nowhere; "vertices": where a vertex of one lies on an end or a vertex of another; "touching": also where
        an end lies on a line; "crossings": also where they cross.
    tolerance : float
        How far apart lie what is meant to meet [m].
    """
    if where == ENDS or not lines.xy:
        return lines
    lines, places, xy = snapped(lines, tolerance)
    marks = _shared_vertices(lines, level, xy, tolerance)
    if where in (TOUCHING, CROSSINGS):
        marks += _touched(lines, level, places, xy, tolerance)
    if where == CROSSINGS:
        marks += _crossed(lines, level, tolerance)
    return _cut_at(lines, marks, tolerance)


Mark = tuple[int, float, float]  # a line, and x and y of a place on it [m]


def _shared_vertices(lines: Lines, level: Floats, places: Floats, tolerance: float) -> list[Mark]:
    from scipy.spatial import cKDTree

    inner = [xy[1:-1] for xy in lines.xy]
    owner = np.repeat(np.arange(len(inner)), [len(xy) for xy in inner])
    if not len(owner):
        return []
    xy = np.concatenate(inner)
    distance, nearest = cKDTree(places).query(xy, distance_upper_bound=max(tolerance, SAME))
    marks = [_mark(owner[n], places[nearest[n]]) for n in np.flatnonzero(np.isfinite(distance))]
    key = np.column_stack([np.round(xy / SAME), level[owner]])
    _, group, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    both = (count[group.ravel()] > 1) & ~np.isfinite(distance)
    return marks + [_mark(owner[n], xy[n]) for n in np.flatnonzero(both)]


def _touched(lines: Lines, level: Floats, places: Whole, xy: Floats, tolerance: float) -> list[Mark]:
    """Return where an end lies on a line of the level of one of those that end there."""
    import shapely

    shapes = np.array([shapely.LineString(line) for line in lines.xy], object)
    point, line = shapely.STRtree(shapes).query(shapely.points(xy), predicate="dwithin", distance=max(tolerance, SAME))
    levels: dict[int, set[float]] = {}
    for number, pair in enumerate(places):
        for place in pair:
            levels.setdefault(int(place), set()).add(float(level[number]))
    return [
        _mark(two, xy[one])
        for one, two in zip(point, line)
        if one not in places[two] and float(level[two]) in levels[int(one)]
    ]


def _crossed(lines: Lines, level: Floats, tolerance: float) -> list[Mark]:
    import shapely

    shapes = np.array([shapely.LineString(line) for line in lines.xy], object)
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = (one < two) & (level[one] == level[two])
    one, two = one[pairs], two[pairs]
    xy, pair = shapely.get_coordinates(shapely.intersection(shapes[one], shapes[two]), return_index=True)
    ends = np.array([line[[0, -1]] for line in lines.xy])
    marks: list[Mark] = []
    for side in (one, two):
        number = side[pair]
        away = np.hypot(*np.moveaxis(xy[:, None] - ends[number], 2, 0)).min(axis=1)
        inner = np.flatnonzero(away > max(tolerance, SAME))  # where roads meet at their ends there is nothing to cut
        marks += [_mark(number[n], xy[n]) for n in inner]
    return marks


def _mark(line: int, place: Floats) -> Mark:
    return int(line), float(place[0]), float(place[1])


def _cut_at(lines: Lines, marks: list[Mark], tolerance: float) -> Lines:
    at: dict[int, list[tuple[float, float]]] = {}
    for number, x, y in marks:
        at.setdefault(number, []).append((x, y))
    xy, rows, begin, end = [], [], [], []
    for number, line in enumerate(lines.xy):
        pieces, shares = _pieces(line, at[number], tolerance) if number in at else ([line], np.array([0.0, 1.0]))
        first, last = lines.begin[number], lines.end[number]
        for piece, a, b in zip(pieces, shares[:-1], shares[1:]):
            xy.append(piece)
            rows.append(int(lines.rows[number]))
            begin.append(first + (last - first) * a)
            end.append(first + (last - first) * b)
    return Lines(xy, np.array(rows, np.int64), np.array(begin), np.array(end))


def _pieces(line: Floats, places: list[tuple[float, float]], tolerance: float) -> tuple[list[Floats], Floats]:
    """Return the pieces of a line that is cut at places on it, and where they begin and end as a share of its length.

    >>> pieces, shares = _pieces(np.array([(0.0, 0.0), (10, 0)]), [(4.0, 0.1)], 0.5)
    >>> [piece.tolist() for piece in pieces], shares.tolist()
    ([[[0.0, 0.0], [4.0, 0.1]], [[4.0, 0.1], [10.0, 0.0]]], [0.0, 0.4, 1.0])
    """
    step = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    found: list[tuple[float, tuple[float, float]]] = []
    for place in places:
        for s in _passes(line, step, along, place, max(tolerance, SAME)):
            found.append((s, place))
    found.sort()
    stops: list[tuple[float, tuple[float, float]]] = []
    shares, least = [0.0], max(tolerance, SAME)
    for s, place in found:
        # what would be shorter than the tolerance is a place that the ends were snapped to already
        if s > least and s < along[-1] - least and (not stops or s - stops[-1][0] > least):
            stops.append((s, place))
            shares.append(s / along[-1])
    pieces, rest = [], 0
    start: list[Floats] = [line[:1]]
    for s, place in stops:
        until = int(np.searchsorted(along, s - SAME))
        pieces.append(np.concatenate([*start, line[rest + 1 : until], [place]]))
        rest = int(np.searchsorted(along, s + SAME, side="right")) - 1
        start = [np.array([place])]
    pieces.append(np.concatenate([*start, line[rest + 1 :]]))
    return pieces, np.array([*shares, 1.0])


def _passes(line: Floats, step: Floats, along: Floats, place: tuple[float, float], near: float) -> list[float]:
    """Return how far along a line it passes a place, more than once where it comes back [m]."""
    way, off = np.diff(line, axis=0), np.asarray(place) - line[:-1]
    share = np.clip((way * off).sum(axis=1) / np.maximum(step**2, 1e-24), 0.0, 1.0)
    away = np.hypot(*(off - share[:, None] * way).T)
    close = np.flatnonzero(away <= np.maximum(near, away.min() + SAME))
    return sorted(set(np.round(along[close] + share[close] * step[close], 6)))
