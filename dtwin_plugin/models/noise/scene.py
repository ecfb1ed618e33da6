"""What stands in the way of sound: walls, buildings, relief and ground, laid ready for the kernels.

Everything that a path can cross is a straight piece on the map with two numbers; a grid of cells tells which pieces
are near. Ground heights and softness come from grids, or from pieces where they are known exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .bands import BANDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

WALL, BUILDING, RELIEF, ZONE = range(4)
_LEAST_CELL, _PIECES_A_CELL = 5.0, 2.0  # m


class Raster(NamedTuple):
    """Values on square cells; without any it has no rows.

    Attributes
    ----------
    values : ndarray
        float32, shape (rows, columns), row 0 in the north.
    left, top, cell : float
        Edges of the corner in the north-west, and size of a cell [m].
    """

    values: NDArray[np.float32]
    left: float
    top: float
    cell: float


class Index(NamedTuple):
    """Which pieces touch which cell: those of `members` from `starts` of a cell to that of the next."""

    starts: Integers
    members: Integers
    left: float
    bottom: float
    cell: float
    columns: int
    rows: int


class Decks(NamedTuple):
    """Outlines of the decks of bridges, which stand in the way of the sound of their own roads alone.

    Attributes
    ----------
    pieces, kinds, owners : ndarray
        As of buildings in `Scene`; the number at each end is the height of the deck.
    cells : Index
    """

    pieces: Floats
    kinds: Integers
    owners: Integers
    cells: Index


class Scene(NamedTuple):
    """Everything that sound can meet.

    Attributes
    ----------
    pieces : ndarray
        Shape (n, 6): x and y of both ends, and a number at each: height of the top of a wall or building, height of
        the relief, or for a zone the softness on the left and on the right [m or 1].
    kinds, owners : ndarray
        `WALL`, `BUILDING`, `RELIEF` or `ZONE`, and which building a piece belongs to; -1 for none.
    cells : Index
        Of the pieces.
    of_owner, owner_starts : ndarray
        The pieces of each wall and building: those of `of_owner` from `owner_starts` of an owner to that of the next.
    absorption : ndarray
        Share of sound that each wall and building takes at a reflection, by octave band, shape (owners, 8); 1 for what
        does not reflect.
    ground : Raster
        Heights of the ground [m NAP]; without rows where the relief is in pieces.
    softness : Raster
        G of the ground; without rows where zones are in pieces.
    decks : Decks
        Of bridges.
    """

    pieces: Floats
    kinds: Integers
    owners: Integers
    cells: Index
    of_owner: Integers
    owner_starts: Integers
    absorption: Floats
    ground: Raster
    softness: Raster
    decks: Decks


class Pieces(NamedTuple):
    """Pieces of one kind, see `Scene`."""

    pieces: Floats
    kinds: Integers
    owners: Integers


NO_RASTER = Raster(np.empty((0, 0), np.float32), 0.0, 0.0, 1.0)


def pieces_of(kind: int, lines: Sequence[ArrayLike], owner: int = -1) -> Pieces:
    """Return the pieces of lines, each of shape (points, 3): x, y and the number at each point.

    The first line belongs to `owner`, and each other to the next; to none where it is -1.

    >>> pieces_of(WALL, [[(0, 0, 3), (10, 0, 3), (10, 5, 4)]]).pieces[1]
    array([10.,  0., 10.,  5.,  3.,  4.])
    """
    made, whose = [], []
    for number, line in enumerate(lines):
        points = np.asarray(line, float)
        made.append(np.column_stack((points[:-1, :2], points[1:, :2], points[:-1, 2], points[1:, 2])))
        whose.append(np.full(len(points) - 1, -1 if owner < 0 else owner + number))
    pieces = np.concatenate(made) if made else np.empty((0, 6))
    return Pieces(pieces, np.full(len(pieces), kind), np.concatenate(whose).astype(int) if whose else np.empty(0, int))


def buildings_of(rings: Sequence[ArrayLike], tops: Sequence[float], owner: int = 0) -> Pieces:
    """Return the walls of buildings from their outlines, so that the outside is on the right of each.

    >>> buildings_of([[(0, 0), (0, 5), (5, 5), (5, 0)]], [9.0]).pieces[0]  # drawn clockwise
    array([5., 0., 5., 5., 9., 9.])
    """
    made = []
    for ring, top in zip(rings, tops):
        points = np.asarray(ring, float)[:, :2]
        points = points[:-1] if (points[0] == points[-1]).all() else points
        x, y = points[:, 0] - points[0, 0], points[:, 1] - points[0, 1]
        if np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) < 0:
            points = points[::-1]
        made.append(np.column_stack((np.vstack((points, points[:1])), np.full(len(points) + 1, top))))
    return pieces_of(BUILDING, made, owner)


def scene_of(
    parts: Sequence[Pieces],
    absorption: ArrayLike = (),
    ground: Raster = NO_RASTER,
    softness: Raster = NO_RASTER,
    decks: Pieces | None = None,
) -> Scene:
    """Return a scene of pieces and rasters; `absorption` has a row for each owner, as in `Scene`."""
    over = decks or pieces_of(BUILDING, [])
    pieces = np.concatenate([np.empty((0, 6)), *(part.pieces for part in parts)])
    kinds = np.concatenate([np.empty(0, int), *(part.kinds for part in parts)])
    owners = np.concatenate([np.empty(0, int), *(part.owners for part in parts)])
    takes = np.asarray(absorption, float).reshape(-1, len(BANDS))
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], np.arange(len(takes) + 1))
    outlines = Decks(over.pieces, over.kinds, over.owners, index_of(over.pieces))
    return Scene(pieces, kinds, owners, index_of(pieces), order, starts, takes, ground, softness, outlines)


def index_of(pieces: Floats) -> Index:
    """Return which pieces touch which cell of a grid that holds a few in each on average."""
    if not len(pieces):
        return Index(np.zeros(2, int), np.empty(0, int), 0.0, 0.0, 1.0, 0, 0)
    x, y = pieces[:, [0, 2]], pieces[:, [1, 3]]
    left, bottom, wide, high = x.min(), y.min(), np.ptp(x), np.ptp(y)
    # as long as the pieces are on average, or more where there are few of them
    cell = max(_LEAST_CELL, float(np.sqrt(max(wide * high, 1.0) * _PIECES_A_CELL / len(pieces))))
    columns, rows = int(wide / cell) + 1, int(high / cell) + 1
    from_column, to_column = ((x.min(axis=1) - left) // cell).astype(int), ((x.max(axis=1) - left) // cell).astype(int)
    from_row, to_row = ((y.min(axis=1) - bottom) // cell).astype(int), ((y.max(axis=1) - bottom) // cell).astype(int)
    many = (to_column - from_column + 1) * (to_row - from_row + 1)
    member = np.repeat(np.arange(len(pieces)), many)
    nth = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    across = (to_column - from_column + 1)[member]
    place = (from_row[member] + nth // across) * columns + from_column[member] + nth % across
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(columns * rows + 1))
    return Index(starts, member[order], float(left), float(bottom), cell, columns, rows)
