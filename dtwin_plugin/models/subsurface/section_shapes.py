"""Pieces of a section: outlines, lines and points at a distance and a height, as features there and in space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import number_of
from dtwin_plugin.data.crs import RD_NAP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .section_line import SectionLine

    Array = NDArray[np.float64]

# name -> unit; the columns of all features of a section
TEXTS = ("kind", "theme", "colour", "label", "source", "z_source")
NUMBERS = {
    "probability": "1",  # of the class of a voxel
    "offset": "m",  # beside the line, left is positive
    "diameter": "mm",
    "angle": "degree",  # between a pipe and the line, on the map
    "xy_uncertainty": "m",
    "z_uncertainty": "m",
}
# What a shape is. "uncertainty" is where the middle or the outside of a cable, pipe or body may lie.
KINDS = ("soil", "building", "body", "borehole", "cpt", "cable", "uncertainty", "terrain", "groundwater")
# In space: how far shapes in front stand before those behind, as a share of the length of the line, and their order.
APART = 0.0005
_BEFORE = {"body": 1, "borehole": 2, "cpt": 2, "groundwater": 3, "terrain": 3, "uncertainty": 4, "cable": 5}
FORMS = ("polygon", "line", "point")
# x is the distance along the line and y the height: a place on no map (ISO 19162:2019, 9, an engineering system)
SECTION_CRS = (
    'WKT:ENGCRS["Section: distance along the line and height",EDATUM["Begin of the line, and NAP"],CS[Cartesian,2],'
    'AXIS["distance",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["height",north,ORDER[2],LENGTHUNIT["metre",1]]]'
)


@dataclass(frozen=True)
class Shape:
    """One piece of a section.

    Attributes
    ----------
    form : {"polygon", "line", "point"}
    points : ndarray
        float64, shape (n, 2): distance along the line and height [m, m NAP]; of a polygon not closed. Heights may be
        infinite: nobody knows how far it goes.
    kind : str
        One of `KINDS`.
    facts : dict
        Of `TEXTS` and `NUMBERS`, what is known.
    """

    form: str
    points: Array
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)

    def moved(self, points: Array) -> Shape:
        """Return the same at other points."""
        return replace(self, points=points)


def box(low: float, high: float, bottom: float, top: float) -> Array:
    """Return the corners of an upright rectangle."""
    return np.array([(low, bottom), (high, bottom), (high, top), (low, top)])


def cut_polygon(points: Array, axis: int, limit: float, above: bool) -> Array:
    """Return the part of an outline on one side of a limit (Sutherland and Hodgman, 1974, CACM 17, 32-42).

    >>> cut_polygon(box(0, 2, 0, 1), 0, 1.5, False).tolist()
    [[0.0, 0.0], [1.5, 0.0], [1.5, 1.0], [0.0, 1.0]]
    """
    if not len(points) or not np.isfinite(limit):
        return points
    over = (points[:, axis] - limit) * (1.0 if above else -1.0)
    kept: list[Array] = []
    for index in range(len(points)):
        here, before = points[index], points[index - 1]
        if (over[index] > 0) != (over[index - 1] > 0) and over[index] != 0 and over[index - 1] != 0:
            share = over[index - 1] / (over[index - 1] - over[index])
            crossing = before + share * (here - before)
            crossing[axis] = limit
            kept.append(crossing)
        if over[index] >= 0:
            kept.append(here)
    found = np.array(kept) if kept else np.empty((0, points.shape[1]))
    flat = len(found) < 3 or np.ptp(found[:, axis]) == 0
    return np.empty((0, points.shape[1])) if flat else found


def cut_line(points: Array, axis: int, low: float, high: float) -> list[Array]:
    """Return the stretches of a line between two limits; a place without a height parts them.

    >>> [part.tolist() for part in cut_line(np.array([(0.0, 0.0), (4.0, 4.0)]), 1, 1.0, 3.0)]
    [[[1.0, 1.0], [3.0, 3.0]]]
    """
    parts: list[list[Array]] = [[]]
    for begin, end in zip(points, points[1:]):
        step = end[axis] - begin[axis]
        if not np.isfinite(step):
            parts.append([])
            continue
        at = [0.0, 1.0] if step == 0 else sorted(((low - begin[axis]) / step, (high - begin[axis]) / step))
        first, last = max(0.0, at[0]), min(1.0, at[1])
        if first >= last or (step == 0 and not low <= begin[axis] <= high):
            parts.append([])
            continue
        if not parts[-1] or first > 0:
            parts.append([begin + first * (end - begin)])
        parts[-1].append(begin + last * (end - begin))
    return [np.array(part) for part in parts if len(part) > 1]


def within_heights(shapes: Iterable[Shape], bottom: float, top: float, ground: Callable[[float], float]) -> list[Shape]:
    """Return what lies between two heights [m NAP]; what goes up or down without an end goes to the ground or the edge.

    Parameters
    ----------
    ground : callable
        Height of the ground at a distance, NaN where unknown.
    """
    kept: list[Shape] = []
    for shape in shapes:
        points = shape.points
        if np.isinf(points[:, 1]).any():
            surface = ground(float(points[:, 0].mean()))
            ceiling = top if not np.isfinite(surface) else min(top, surface)
            points = points.copy()
            points[points[:, 1] == np.inf, 1] = max(ceiling, bottom)
            points[points[:, 1] == -np.inf, 1] = bottom
        if shape.form == "polygon":
            part = cut_polygon(cut_polygon(points, 1, bottom, True), 1, top, False)
            kept += [shape.moved(part)] if len(part) else []
        elif shape.form == "line":
            kept += [shape.moved(part) for part in cut_line(points, 1, bottom, top)]
        elif bottom <= points[0, 1] <= top:
            kept.append(shape.moved(points))
    return kept


def _columns(shapes: Sequence[Shape]) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {"kind": np.array([shape.kind for shape in shapes], object)}
    for name in TEXTS[1:]:
        found[name] = np.array([_text(shape.facts.get(name)) for shape in shapes], object)
    for name in NUMBERS:
        found[name] = np.array([number(shape.facts.get(name)) for shape in shapes], float)
    return found


def _text(value: Any) -> str | None:
    return None if value is None or value != value or value == "" else str(value)


def number(value: Any) -> float:
    """Return a value as a number, NaN where it is none.

    >>> number("0.5"), number(None), number("deep"), number(True)
    (0.5, nan, nan, 1.0)
    """
    found = number_of(value)
    return found if np.isfinite(found) else float("nan")


def values_of(features: Features, *names: str) -> list[Any]:
    """Return the first column of these names that is there, None for each feature where none is."""
    for name in names:
        if name in features.columns:
            return list(features.columns[name].tolist())
    return [None] * len(features)


def numbers_of(features: Features, *names: str) -> Array:
    """Return the first column of these names that is there as numbers, NaN where unknown."""
    return np.array([number(value) for value in values_of(features, *names)], float)


def flat(shapes: Sequence[Shape], form: str) -> Features:
    """Return the shapes of one form where x is the distance along the line and y the height [m NAP]."""
    chosen = [shape for shape in shapes if shape.form == form]
    nested: Any = [[[[*shape.points, *(shape.points[:1] if form == "polygon" else ())]]] for shape in chosen]
    geometries = Geometries.build(form, nested) if chosen else empty(form, 2)
    return Features(geometries, _columns(chosen), dict(NUMBERS), SECTION_CRS, form)


def in_space(shapes: Sequence[Shape], form: str, line: SectionLine) -> Features:
    """Return the shapes of one form upright on the map (RD New and m NAP), in a part for each piece of the line.

    What lies in front in the section stands on both sides of what lies behind, a little apart: at one place a 3D view
    would show now the one and then the other.
    """
    chosen = [shape for shape in shapes if shape.form == form]
    nested: list[Any] = []
    for shape in chosen:
        apart = line.length * APART * _BEFORE.get(shape.kind, 0)
        parts: list[list[Array]] = []
        for segment, points in _pieces(shape, line):
            xy = line.at(points[:, 0], np.full(len(points), segment))
            ahead, north = line.directions[segment]
            for shift in (apart, -apart) if apart else (0.0,):
                ring = np.column_stack([xy + (-north * shift, ahead * shift), points[:, 1]])
                parts.append([np.vstack([ring, ring[:1]]) if form == "polygon" else ring])
        nested.append(parts)
    geometries = Geometries.build(form, nested) if any(nested) else empty(form, 3, len(chosen))
    return Features(geometries, _columns(chosen), dict(NUMBERS), RD_NAP, form)


def _pieces(shape: Shape, line: SectionLine) -> list[tuple[int, Array]]:
    """Return the parts of a shape on each straight piece of the line; the first and the last go on beyond it."""
    first, last = (int(n) for n in line.segment_of([shape.points[:, 0].min(), shape.points[:, 0].max()]))
    if first == last:
        return [(first, shape.points)]
    found = []
    for segment in range(first, last + 1):
        low = -np.inf if segment == first else float(line.along[segment])
        high = np.inf if segment == last else float(line.along[segment + 1])
        if shape.form == "polygon":
            part = cut_polygon(cut_polygon(shape.points, 0, low, True), 0, high, False)
            found += [(segment, part)] if len(part) else []
        else:
            found += [(segment, part) for part in cut_line(shape.points, 0, low, high)]
    return found


def empty(form: str, dimensions: int, count: int = 0) -> Geometries:
    """Return so many geometries of nothing."""
    nothing = np.zeros(1, np.int64)
    return Geometries(form, np.empty((0, dimensions)), nothing, nothing, np.zeros(count + 1, np.int64))
