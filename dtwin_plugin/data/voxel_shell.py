"""The bodies that cells of one kind make together: only the faces at which the kind changes, joined to rectangles.

A 3D view draws a face for each side of each cell that it is given, most of them inside the block where nobody sees
them. Of a block of n cells a side it need draw some n² instead of 6 n³.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .geometries import Geometries
from .offsets import offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]


class Faces(NamedTuple):
    """Rectangles on the borders of cells, in cells from the lower south-west corner of the block.

    Attributes
    ----------
    label : ndarray
        Of the cells behind each face, shape (faces,).
    axis, outward : ndarray
        The axis it stands square to (0 x, 1 y, 2 z), and the direction along that which is outside (-1 or 1).
    inside : ndarray
        bool: whether cells of another label lie before it, and hide it as long as they are drawn.
    low, high : ndarray
        Opposite corners, shape (faces, 3).
    """

    label: Integers
    axis: Integers
    outward: Integers
    inside: NDArray[np.bool_]
    low: Integers
    high: Integers

    def take(self, chosen: NDArray[Any]) -> Faces:
        """Return the chosen faces."""
        return Faces(*(column[chosen] for column in self))


def faces_of(labels: NDArray[np.integer]) -> Faces:
    """Return the faces around the cells of each label, no two of which overlap.

    Parameters
    ----------
    labels : ndarray
        Integers of shape (x, y, z); below 0 there is no cell. Between cells of two labels each has a face.

    Examples
    --------
    Two cells beside each other are one box of six faces; under another label each is a box.

    >>> len(faces_of(np.array([[[0]], [[0]]])).label), len(faces_of(np.array([[[0]], [[1]]])).label)
    (6, 12)
    """
    pieces = [_of_side(labels, axis, outward) for axis in range(3) for outward in (-1, 1)]
    return Faces(*(np.concatenate(column) for column in zip(*pieces)))


def _of_side(labels: NDArray[np.integer], axis: int, outward: int) -> Faces:
    """Return the faces on one side of all cells."""
    axes = (axis, (axis + 1) % 3, (axis + 2) % 3)  # the second turned to the third is the first: right-handed
    cells = np.maximum(np.transpose(labels, axes), -1)
    edge = np.full((1, *cells.shape[1:]), -1, cells.dtype)
    beside = np.concatenate([edge, cells[:-1]] if outward < 0 else [cells[1:], edge])
    doubled = 2 * cells.astype(np.int32) + (beside >= 0)
    plane, first, last, begin, end, mark = _rectangles(np.where((cells >= 0) & (cells != beside), doubled, -1))
    label = mark // 2
    low, high = np.empty((len(label), 3), np.int64), np.empty((len(label), 3), np.int64)
    at = plane + (outward > 0)
    for place, (bottom, top) in zip(axes, ((at, at), (first, last), (begin, end))):
        low[:, place], high[:, place] = bottom, top
    return Faces(label, np.full(len(label), axis), np.full(len(label), outward), mark % 2 == 1, low, high)


def _rectangles(marked: NDArray[np.integer]) -> tuple[Integers, ...]:
    """Join equal cells of each plane: to runs along its second axis, and equal runs behind each other on its first.

    Returns
    -------
    tuple of ndarray
        Plane, first row and the row after the last, first column and the column after the last, and label.
    """
    change = np.ones((*marked.shape[:2], marked.shape[2] + 1), bool)
    change[..., 1:-1] = marked[..., 1:] != marked[..., :-1]
    there = marked >= 0
    plane, row, begin = np.nonzero(change[..., :-1] & there)
    end = np.nonzero(change[..., 1:] & there)[2] + 1  # in the same order: each run has one begin and one end
    label = marked[plane, row, begin].astype(np.int64)
    order = np.lexsort((row, label, end, begin, plane))
    plane, row, begin, end, label = (item[order] for item in (plane, row, begin, end, label))
    new = np.ones(len(row), bool)
    new[1:] = (np.diff(row) != 1) | np.any([np.diff(item) != 0 for item in (plane, begin, end, label)], axis=0)
    starts = np.flatnonzero(new)
    lasts = np.concatenate([starts[1:], [len(row)]])[: len(starts)] - 1
    return plane[starts], row[starts], row[lasts] + 1, begin[starts], end[starts], label[starts]


def triangles(faces: Faces, corner: Sequence[float], cell_size: Sequence[float]) -> NDArray[np.float64]:
    """Return the two triangles of each face, counter-clockwise seen from outside and closed: (faces, 2, 4, 3) [m].

    Triangles, as a 3D view draws what has three corners as it is, and cuts up all else by a general method.
    """
    scale, origin = np.asarray(cell_size, float), np.asarray(corner, float)
    ends = np.stack([faces.low, faces.high]) * scale + origin  # (2, faces, 3)
    rows, second, third = np.arange(len(faces.label)), (faces.axis + 1) % 3, (faces.axis + 2) % 3
    corners = np.repeat(ends[0][:, None], 4, axis=1)
    for place, (on_second, on_third) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        corners[rows, place, second] = ends[on_second][rows, second]
        corners[rows, place, third] = ends[on_third][rows, third]
    inward = faces.outward < 0
    corners[inward] = corners[inward, ::-1]
    return corners[:, [[0, 1, 2, 0], [0, 2, 3, 0]]]


def bodies_of(
    faces: Faces, corner: Sequence[float], cell_size: Sequence[float]
) -> tuple[Integers, NDArray[np.bool_], Geometries]:
    """Return one feature of triangles in space for each label and side that there is, with label and whether inside.

    The outside of all comes first, so that a view that draws in order need not draw much of what that hides.
    """
    key = faces.inside * (int(faces.label.max(initial=0)) + 1) + faces.label
    order = np.argsort(key, kind="stable")
    taken = faces.take(order)
    _, starts, counts = np.unique(key[order], return_index=True, return_counts=True)
    shapes = triangles(taken, corner, cell_size).reshape(-1, 3)
    steps = np.arange(2 * len(order) + 1, dtype=np.int64)
    ends = offsets_of(2 * counts)
    return taken.label[starts], taken.inside[starts], Geometries("polygon", shapes, steps * 4, steps, ends)
