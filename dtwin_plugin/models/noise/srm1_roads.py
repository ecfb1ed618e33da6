"""Roads of one traffic and surface as lines, whatever pieces they were drawn in: what method 1 calculates with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .roads import Roads
    from .traffic import Traffic

    Floats = NDArray[np.float64]

_TOUCH = 0.1  # m: ends so near are one


class Line(NamedTuple):
    """A road whose features touch and bear the same traffic.

    Attributes
    ----------
    pieces : ndarray
        x and y of both ends, shape (n, 4) [m].
    feature : int
        The row of one of its features, whose traffic counts.
    """

    pieces: Floats
    feature: int

    def nearest(self, place: Floats) -> Floats:
        """Return the way from a place to the nearest point of the line."""
        a, way = self.pieces[:, :2] - place, self.pieces[:, 2:] - self.pieces[:, :2]
        share = np.clip(-(a * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1e-12), 0.0, 1.0)
        to = a + share[:, None] * way
        found: Floats = to[int(np.argmin((to * to).sum(axis=1)))]
        return found

    def away(self, place: Floats) -> float:
        """Return the distance from a place to the line [m]."""
        return float(np.hypot(*self.nearest(place)))

    @staticmethod
    def between(ends: Floats, half: float) -> Floats:
        """Return pieces, given by their ends in turn, cut to where the first axis is from -half to half, shape (m, 4).

        >>> Line.between(np.array([[-10.0, 1.0], [10.0, 1.0]]), 4.0).tolist()
        [[-4.0, 1.0, 4.0, 1.0]]
        """
        a, b = ends[0::2], ends[1::2]
        way = b - a
        with np.errstate(divide="ignore", invalid="ignore"):
            cuts = np.sort(np.stack([(-half - a[:, 0]) / way[:, 0], (half - a[:, 0]) / way[:, 0]]), axis=0)
        upright = way[:, 0] == 0.0
        within = np.abs(a[:, 0]) <= half
        low = np.where(upright, np.where(within, 0.0, 1.0), np.clip(cuts[0], 0.0, 1.0))
        high = np.where(upright, np.where(within, 1.0, 0.0), np.clip(cuts[1], 0.0, 1.0))
        kept = high > low
        first, last = a + low[:, None] * way, a + high[:, None] * way
        return np.hstack([first, last])[kept]


def lines_of(roads: Roads, traffic: Traffic) -> list[Line]:
    """Return roads joined where features of the same traffic, speeds and surface end in one place."""
    owner: dict[int, int] = {int(row): int(row) for row in np.unique(roads.features)}

    def root(row: int) -> int:
        while owner[row] != row:
            row = owner[row]
        return row

    met: dict[tuple[bytes, int, int], int] = {}
    for row in owner:
        own = np.flatnonzero(roads.features == row)
        same = traffic.flows[row].tobytes() + traffic.speeds[row].tobytes() + str(traffic.surfaces[row]).encode()
        for place in (roads.pieces[own[0], :2], roads.pieces[own[-1], 3:5]):
            x, y = np.rint(place / _TOUCH).astype(int).tolist()
            other = met.setdefault((same, x, y), row)
            owner[root(row)] = root(other)
    roots = np.array([root(int(row)) for row in roads.features], np.int64)
    ends = roads.pieces[:, [0, 1, 3, 4]]
    return [Line(ends[roots == row], int(row)) for row in np.unique(roots)]
