"""Areas between the lines of equal value of a grid, as polygons that fit each other without gap or overlap.

In the triangles that each cell is cut into, values are linear, so that a line crosses one once and needs no choice,
and the areas of all classes add up to that of the cells with a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

from .contour_mesh import Mesh, mesh_of
from .rings import geometries_of, polygons_of, rings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dtwin_plugin.data import Features, Grid

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_NUDGE = 1e-5  # of the narrowest class: a value on an edge goes this far into the class above it
_MOST = 10.0  # in widths of the widest class: values farther out, and silence (-inf), count as this far


def contours(grid: Grid, edges: Sequence[float]) -> Features:
    """Return the areas of a grid by class, as polygons with holes.

    Parameters
    ----------
    grid : Grid
        NaN stays out; of a grid through time its first moment counts.
    edges : sequence of float
        Where classes begin, rising, in the unit of the grid; a value on an edge belongs to the class above it.

    Returns
    -------
    Features
        One multi-polygon for each class that is there, with columns "low" and "high" (NaN for without end).

    Raises
    ------
    InputError
        If the edges do not rise, or the grid has no value.

    Examples
    --------
    >>> from dtwin_plugin.data import Grid
    >>> found = contours(Grid([[50.0, 60.0]], 0, 10, 10), [55])
    >>> found.columns["low"].tolist(), found.columns["high"].tolist()
    ([nan, 55.0], [55.0, nan])
    """
    from dtwin_plugin.data import Features

    limits = np.asarray(edges, float)
    if limits.ndim != 1 or not len(limits) or not np.isfinite(limits).all() or (np.diff(limits) <= 0).any():
        raise InputError("The edges of classes must rise.", hint="Give numbers such as 55, 60, 65, 70 and 75.")
    values = grid.values.reshape(-1, *grid.shape)[0].astype(float)
    if np.isnan(values).all():
        raise InputError("The grid has no value to draw contours of.", hint="Choose a grid with data.")
    mesh = mesh_of(_within_reach(values, limits))
    mesh = mesh._replace(values=_off_edges(mesh.values, limits))
    lows, highs = np.append(-np.inf, limits), np.append(limits, np.inf)
    made, kept = [], []
    for number, (low, high) in enumerate(zip(lows, highs)):
        start, end, x, y = _boundary(mesh, low, high)
        if len(start):
            place = np.column_stack((grid.x_min + grid.cell_size * x, grid.y_max - grid.cell_size * y))
            made.append(polygons_of(rings_of(start, end, place)))
            kept.append(number)
    columns = {name: np.where(np.isfinite(of), of, np.nan)[kept] for name, of in (("low", lows), ("high", highs))}
    return Features(geometries_of(made), columns, dict.fromkeys(columns, grid.unit), grid.crs, grid.name)


def _within_reach(values: Floats, limits: Floats) -> Floats:
    """Return finite values: between -inf and a level no line has a place."""
    wide = _MOST * float(np.diff(limits).max(initial=1.0))
    return np.clip(values, limits[0] - wide, limits[-1] + wide)


def _off_edges(values: Floats, limits: Floats) -> Floats:
    """Return values of which none is an edge: a line would run along a side, and touch itself."""
    little = _NUDGE * float(np.diff(limits).min(initial=1.0))
    for limit in limits:
        values = np.where(np.abs(values - limit) < little, limit + little, values)
    return values


def _boundary(mesh: Mesh, low: float, high: float) -> tuple[Integers, Integers, Floats, Floats]:
    """Return the directed pieces around the area of a class, which lies on their left.

    Returns
    -------
    start, end : ndarray
        Which points each piece goes from and to; a point begins one piece and ends one.
    x, y : ndarray
        Of the points, as `Mesh.places`.
    """
    nodes = len(mesh.values)
    sides = int(max(mesh.sides.max(initial=-1), mesh.border_sides.max(initial=-1))) + 1
    pieces, known, where = [], [np.empty(0, np.int64)], [np.empty((0, 2))]
    for number, (level, upward) in enumerate(((low, True), (high, False))):
        if not np.isfinite(level):
            continue
        above = mesh.values >= level
        of = above[mesh.triangles]
        crossed = np.flatnonzero(of.any(axis=1) & ~of.all(axis=1))
        turn, of = mesh.triangles[crossed], of[crossed]
        leaves, enters = of & ~np.roll(of, -1, axis=1), ~of & np.roll(of, -1, axis=1)
        first, last = leaves.argmax(axis=1), enters.argmax(axis=1)
        every = np.arange(len(crossed))
        out, back = mesh.sides[crossed][every, first], mesh.sides[crossed][every, last]
        names = (nodes + number * sides + out, nodes + number * sides + back)
        for name, at in zip(names, (first, last)):
            known.append(name)
            where.append(_crossing(mesh, turn[every, at], turn[every, (at + 1) % 3], level))
        pieces.append(np.column_stack(names if upward else names[::-1]))
    ends = _along_border(mesh, low, high, nodes, sides)
    pieces.append(np.column_stack([name for name, _ in ends]))
    known += [name for name, _ in ends]
    where += [place for _, place in ends]
    joined = np.concatenate(pieces)
    every_name, first = np.unique(np.concatenate(known), return_index=True)
    place = np.concatenate(where)[first]
    found = np.searchsorted(every_name, joined)
    return found[:, 0], found[:, 1], place[:, 0], place[:, 1]


def _crossing(mesh: Mesh, one: Integers, other: Integers, level: float) -> Floats:
    """Return where sides reach a level: the same of a side from either end, to the last digit."""
    a, b = np.minimum(one, other), np.maximum(one, other)
    share = (level - mesh.values[a]) / (mesh.values[b] - mesh.values[a])
    return mesh.places[a] + share[:, None] * (mesh.places[b] - mesh.places[a])


def _along_border(mesh: Mesh, low: float, high: float, nodes: int, sides: int) -> list[tuple[Integers, Floats]]:
    """Return the names and places of the ends of what of each side of the border lies in a class."""
    first, second = mesh.border.T
    one, two = mesh.values[first], mesh.values[second]
    inside = ~((one < low) & (two < low)) & ~((one >= high) & (two >= high))
    first, second, side = first[inside], second[inside], mesh.border_sides[inside]
    ends = []
    for here, there in ((first, second), (second, first)):
        value = mesh.values[here]
        name, place = here.copy(), mesh.places[here].copy()
        for number, (level, out) in enumerate(((low, value < low), (high, value >= high))):
            name[out] = nodes + number * sides + side[out]
            place[out] = _crossing(mesh, here[out], there[out], level)
        ends.append((name, place))
    return ends
