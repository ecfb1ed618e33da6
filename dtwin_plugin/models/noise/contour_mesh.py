"""Triangles of the cells of a grid that have a value, for contours.

Each cell is cut into four triangles, from its middle to its corners, where the value is the mean of the cells that
meet there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Mesh(NamedTuple):
    """Triangles of the cells of a grid that have a value.

    Attributes
    ----------
    places, values : ndarray
        Of nodes: columns from the west and rows from the north, shape (nodes, 2), and their values.
    triangles, sides : ndarray
        Nodes of each, counter-clockwise, shape (triangles, 3), and the number of the side from each node to the next.
    border, border_sides : ndarray
        Sides with a value on their left alone, from node to node, shape (sides, 2), and their numbers.
    """

    places: Floats
    values: Floats
    triangles: Integers
    sides: Integers
    border: Integers
    border_sides: Integers


def mesh_of(values: Floats) -> Mesh:
    """Return the triangles of the cells that are not NaN; corners are numbered before middles."""
    rows, columns = values.shape
    known = ~np.isnan(values)
    padded, there = np.pad(np.where(known, values, 0.0), 1), np.pad(known, 1)
    sums = padded[:-1, :-1] + padded[:-1, 1:] + padded[1:, :-1] + padded[1:, 1:]
    counts = there[:-1, :-1].astype(int) + there[:-1, 1:] + there[1:, :-1] + there[1:, 1:]
    wide = columns + 1
    corners = (rows + 1) * wide
    # where two cells touch at a corner alone, the lower one has a node of its own: rings do not cross there
    one_way = there[:-1, :-1] & there[1:, 1:] & ~there[:-1, 1:] & ~there[1:, :-1]
    other_way = there[:-1, 1:] & there[1:, :-1] & ~there[:-1, :-1] & ~there[1:, 1:]
    pinched = (one_way | other_way).ravel()
    row, column = np.nonzero(known)
    cell = np.arange(len(row))
    at = np.column_stack((row * wide + column, row * wide + column + 1))  # north-west, north-east
    low = at + wide
    four = np.column_stack((at[:, 0], low[:, 0], low[:, 1], at[:, 1]))  # counter-clockwise from the north-west
    four[:, [0, 3]] += np.where(pinched[four[:, [0, 3]]], corners, 0)
    middle = 2 * corners + cell
    grid_row, grid_column = np.divmod(np.arange(corners), wide)
    corner_places = np.column_stack((grid_column, grid_row)).astype(float)
    with np.errstate(invalid="ignore"):
        corner_values = (sums / counts).ravel()
    places = np.vstack((corner_places, corner_places, np.column_stack((column + 0.5, row + 0.5))))
    all_values = np.concatenate((corner_values, corner_values, values[known]))
    triangles = np.stack([np.column_stack((four[:, k], four[:, (k + 1) % 4], middle)) for k in range(4)], axis=1)
    # sides: of cells by where they lie (west, south, east, north), then those from middles to corners
    flat = [row * wide + column, (row + 1) * columns + column, row * wide + column + 1, row * columns + column]
    upright = rows * wide
    outer = [flat[0], upright + flat[1], flat[2], upright + flat[3]]
    inner = upright + (rows + 1) * columns + 4 * cell[:, None] + np.arange(4)
    sides = np.stack([np.column_stack((outer[k], inner[:, (k + 1) % 4], inner[:, k])) for k in range(4)], axis=1)
    beside = [there[1:-1, :-2], there[2:, 1:-1], there[1:-1, 2:], there[:-2, 1:-1]]
    edge = [np.flatnonzero(~beside[k][row, column]) for k in range(4)]
    border = np.concatenate([triangles[edge[k], k, :2] for k in range(4)])
    border_sides = np.concatenate([outer[k][edge[k]] for k in range(4)])
    return Mesh(places, all_values, triangles.reshape(-1, 3), sides.reshape(-1, 3), border, border_sides)
