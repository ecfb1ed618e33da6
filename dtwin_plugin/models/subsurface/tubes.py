"""Tubes of their true thickness around lines in space, as closed prisms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.offsets import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SIDES = 8  # a prism of 8 sides is 2.6 % thinner than its circle at most, and costs 8 faces a segment
THINNEST = 0.10  # m: what is thinner, or of which the thickness is not known, is drawn so that it can be seen
_SHARPEST = 2.0  # a mitre is longer by this at most: a turn of 120 degrees; at sharper corners the tube is cut in two


def tubes(lines: Features, thinnest: float = THINNEST) -> Features:
    """Return a closed prism around each line, with its columns and "drawn" [m].

    Parameters
    ----------
    lines : Features
        Lines with heights; those with a NaN have no tube. Column "diameter" [mm], NaN or None where unknown.
    thinnest : float
        Diameter that is drawn at least [m].

    Returns
    -------
    Features
        Polygons of several parts: the sides (outside counter-clockwise) and the two ends of each part of a line.

    Examples
    --------
    >>> line = Geometries.build("line", [[[[(0, 0, 0), (0, 10, 0)]]]])
    >>> around = tubes(Features(line, {"diameter": np.array([500.0])}))
    >>> int(np.diff(around.geometries.features)[0]), around.columns["drawn"].tolist()
    (10, [0.5])
    """
    shapes = lines.geometries
    sizes = lines.columns.get("diameter", np.full(len(lines), None, object))
    diameter = np.array([np.nan if value is None else value for value in sizes.tolist()], float) / 1000.0
    drawn = np.fmax(diameter, thinnest)
    known = _whole(shapes)
    zero = np.zeros(1, np.int64)
    solid = Geometries("polygon", np.empty((0, 3)), zero, zero, np.zeros(len(known) + 1, np.int64))
    if len(known):
        runs = _runs(shapes.take(known))
        if len(runs.xyz):
            solid = _solid(runs, _rings(runs, drawn[known][runs.owner] / 2), len(known))
    columns = {name: values[known] for name, values in lines.columns.items()}
    units = {**lines.units, "drawn": "m"}
    return Features(solid, {**columns, "drawn": drawn[known]}, units, lines.crs, "tubes")


class _Runs(NamedTuple):
    """Pieces of lines behind each other: their vertices, of which feature, and which are the first and last of one."""

    xyz: Array
    owner: NDArray[np.int64]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]


def _whole(shapes: Geometries) -> NDArray[np.int64]:
    """Return the lines of which all heights are known."""
    if not len(shapes) or not shapes.has_z:
        return np.empty(0, np.int64)
    spans = shapes.coordinate_spans()
    bad = np.concatenate([[0], np.cumsum(~np.isfinite(shapes.coordinates[:, 2]))])
    filled = np.diff(spans) > 0
    return np.flatnonzero(filled & (bad[spans[1:]] == bad[spans[:-1]]))


def _runs(shapes: Geometries) -> _Runs:
    """Return lines as pieces between corners that are too sharp for a mitre; vertices twice at one place once."""
    part = np.repeat(np.arange(len(shapes.parts) - 1), np.diff(shapes.rings[shapes.parts]))
    xyz = shapes.coordinates
    moved = np.concatenate([[True], (np.abs(np.diff(xyz, axis=0)) > 1e-6).any(axis=1) | (np.diff(part) != 0)])
    xyz, part = xyz[moved], part[moved]
    long = np.bincount(part, minlength=len(shapes.parts) - 1)[part] > 1
    xyz, part = xyz[long], part[long]
    if not len(xyz):
        return _Runs(xyz, part, long[:0], long[:0])
    same = np.diff(part) == 0
    way = _unit(np.diff(xyz, axis=0))
    turn = (way[:-1] * way[1:]).sum(axis=1)
    corner = np.zeros(len(xyz), bool)
    corner[1:-1] = same[:-1] & same[1:] & (np.sqrt(np.clip((1 + turn) / 2, 0, 1)) < 1 / _SHARPEST)
    index = np.repeat(np.arange(len(xyz)), 1 + corner)  # a sharp corner ends one piece and begins the next
    begins = np.concatenate([[True], ~same])
    first = begins[index] | np.concatenate([[False], np.diff(index) == 0])
    last = np.concatenate([first[1:], [True]])
    owner = np.repeat(np.arange(len(shapes)), np.diff(shapes.features))
    return _Runs(xyz[index], owner[part[index]], first, last)


def _unit(vectors: Array) -> Array:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1.0)


def _rings(runs: _Runs, radius: Array) -> Array:
    """Return the circle around each vertex, in the plane that halves its corner, shape (vertices, SIDES, 3)."""
    way = _unit(np.diff(runs.xyz, axis=0, append=runs.xyz[-1:]))
    after = np.where(runs.last[:, None], np.roll(way, 1, axis=0), way)
    before = np.where(runs.first[:, None], way, np.roll(way, 1, axis=0))
    along = _unit(before + after)
    flat = np.hypot(along[:, 0], along[:, 1])
    steep = flat < 1e-6
    scale = np.where(steep, 1.0, flat)
    sideways = np.column_stack([along[:, 1] / scale, -along[:, 0] / scale, np.zeros(len(flat))])
    sideways[steep] = (1.0, 0.0, 0.0)
    upwards = np.cross(sideways, along)
    half = np.clip((along * after).sum(axis=1), 1 / _SHARPEST, 1.0)  # cosine of half the turn: a mitre is longer
    turn = _unit(after - (after * along).sum(axis=1, keepdims=True) * along)  # direction in which it is stretched
    turn[half > 1 - 1e-12] = 0.0
    angles = 2 * np.pi * (np.arange(SIDES) + 0.5) / SIDES
    circle = np.cos(angles)[:, None] * sideways[:, None] + np.sin(angles)[:, None] * upwards[:, None]
    circle *= radius[:, None, None]
    stretch = (circle * turn[:, None]).sum(axis=2, keepdims=True) * (1 / half - 1)[:, None, None]
    return runs.xyz[:, None] + circle + stretch * turn[:, None]


def _solid(runs: _Runs, rings: Array, count: int) -> Geometries:
    """Return the faces of the tubes, feature by feature: of each piece its sides, then its two ends."""
    side, end = 5 * SIDES, 2 * (SIDES + 1)  # coordinates of the sides of a segment, and of the ends of a piece
    near = np.flatnonzero(~runs.last)
    faces, ends = _sides(rings[near], rings[near + 1]), _ends(rings[runs.first], rings[runs.last])
    piece = (np.cumsum(runs.first) - 1)[near]
    segments = np.bincount(piece, minlength=len(ends))
    begin = offsets_of(segments * side + end)
    within = np.arange(len(near)) - np.concatenate([[0], np.cumsum(segments)])[piece]
    coordinates = np.empty((begin[-1], 3))
    coordinates[(begin[piece] + within * side)[:, None] + np.arange(side)] = faces.reshape(len(near), side, 3)
    coordinates[(begin[1:] - end)[:, None] + np.arange(end)] = ends.reshape(len(ends), end, 3)
    numbers = segments * SIDES + 2  # faces of each piece
    lengths = np.full(int(numbers.sum()), 5, np.int64)
    lasts = np.cumsum(numbers)
    lengths[np.concatenate([lasts - 1, lasts - 2]).astype(np.int64)] = SIDES + 1
    owner = runs.owner[runs.first]
    each = np.bincount(np.repeat(owner, numbers), minlength=count)
    offsets = [offsets_of(item) for item in (lengths, each)]
    return Geometries("polygon", coordinates, offsets[0], np.arange(len(offsets[0]), dtype=np.int64), offsets[1])


def _sides(near: Array, far: Array) -> Array:
    """Return the closed faces between circles, seen from outside counter-clockwise, shape (segments, SIDES, 5, 3)."""
    following = np.roll(np.arange(SIDES), -1)
    return np.stack([near, far, far[:, following], near[:, following], near], axis=2)


def _ends(first: Array, last: Array) -> Array:
    """Return the two closed ends of each piece, shape (pieces, 2, SIDES + 1, 3)."""
    turned = last[:, ::-1]
    ends = [np.concatenate([ring, ring[:, :1]], axis=1) for ring in (first, turned)]
    return np.stack(ends, axis=1)
