"""Geometries of IMKL objects in RD New, with and without heights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, RD_NAP, in_rd_bounds, is_rd
from dtwin_plugin.errors import CrsError
from dtwin_plugin.sources import crs as policy
from dtwin_plugin.sources.gml import Shape, crs_of, ordered
from dtwin_plugin.sources.registers.batch import geometries_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .objects import Item

    Part = NDArray[np.float64]


def in_rd(shape: Shape, what: str) -> Shape:
    """Return a geometry in RD New.

    Raises
    ------
    CrsError
        If its coordinates are in a system that is not known, or cannot be transformed.
    """
    known = crs_of(shape.srs)
    if known is None:
        x, y = shape.parts[0][0][0, :2]
        if not shape.srs and in_rd_bounds(float(x), float(y), float(x), float(y)):
            return shape
        raise CrsError(
            "{file} is in the coordinate reference system {crs}, which is not known.",
            hint="Convert the data to RD New (EPSG:28992) first.",
            file=what,
            crs=repr(shape.srs or "")[:100],
        )
    if is_rd(known):
        return shape
    parts = [[policy.to_rd(ordered(ring, known), known) for ring in part] for part in shape.parts]
    return replace(shape, parts=parts, srs=RD)


def lines_in(item: Item) -> list[Part]:
    """Return the lines of an object in RD New, shapes (n, 2) or (n, 3)."""
    shapes = [in_rd(shape, item.id) for shape in item.shapes.values() if shape.kind == "line"]
    return [part[0] for shape in shapes for part in shape.parts]


def features_of(kind: str, name: str, rows: Sequence[dict[str, Any]], shapes: Sequence[Shape]) -> Features:
    """Return objects of one kind of geometry; all have the columns of all, and heights (NaN) if one has them."""
    geometries = geometries_of(kind, list(shapes)) if shapes else Geometries.build(kind, [])
    return Features(geometries, table.from_rows(rows), crs=RD_NAP if geometries.has_z else RD, name=name)


def oriented(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of one line, each turned so that it begins where the one before ends, where they touch.

    >>> first, second = np.array([[0.0, 0], [1, 0]]), np.array([[2.0, 0], [1, 0]])
    >>> [part[:, 0].tolist() for part in oriented([first, second])]
    [[0.0, 1.0], [1.0, 2.0]]
    """
    turned: list[Part] = []
    for index, part in enumerate(parts):
        if turned:
            if not _meet(turned[-1][-1], part[0]) and _meet(turned[-1][-1], part[-1]):
                part = part[::-1]
        elif len(parts) > index + 1:
            ends = parts[index + 1][[0, -1]]
            if not any(_meet(part[-1], end) for end in ends) and any(_meet(part[0], end) for end in ends):
                part = part[::-1]
        turned.append(part)
    return turned


def _meet(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool(np.abs(one[:2] - other[:2]).max() < 0.001)  # m: coordinates have three decimals
