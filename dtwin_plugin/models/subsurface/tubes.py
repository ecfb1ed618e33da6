"""Tubes of their true thickness around lines in space, as closed prisms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Features, Geometries

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
    points: list[Array] = []
    lengths: list[NDArray[np.int64]] = []
    counts = []
    for feature in known:
        faces = 0
        for part in range(shapes.features[feature], shapes.features[feature + 1]):
            for line in _runs(shapes.coordinates[shapes.rings[part] : shapes.rings[part + 1]]):
                around = _rings(line, float(drawn[feature]) / 2)
                sides, ends = _sides(around), _ends(around)
                points += [sides.reshape(-1, 3), ends.reshape(-1, 3)]
                lengths += [np.full(len(sides), 5), np.full(2, SIDES + 1)]
                faces += len(sides) + 2
        counts.append(faces)
    rings = np.concatenate([[0], np.cumsum(np.concatenate([*lengths, np.empty(0, np.int64)]))]).astype(np.int64)
    parts = np.arange(len(rings), dtype=np.int64)
    features = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    coordinates = np.concatenate(points) if points else np.empty((0, 3))
    columns = {name: values[known] for name, values in lines.columns.items()}
    solid = Geometries("polygon", coordinates, rings, parts, features)
    units = {**lines.units, "drawn": "m"}
    return Features(solid, {**columns, "drawn": drawn[known]}, units, lines.crs, "tubes")


def _whole(shapes: Geometries) -> NDArray[np.int64]:
    """Return the lines of which all heights are known."""
    if not len(shapes) or not shapes.has_z:
        return np.empty(0, np.int64)
    spans = shapes.coordinate_spans()
    bad = np.concatenate([[0], np.cumsum(~np.isfinite(shapes.coordinates[:, 2]))])
    filled = np.diff(spans) > 0
    return np.flatnonzero(filled & (bad[spans[1:]] == bad[spans[:-1]]))


def _runs(line: Array) -> list[Array]:
    """Return the pieces of a line between corners that are too sharp for a mitre; none for a line without length."""
    line = line[np.concatenate([[True], np.abs(np.diff(line, axis=0)).max(axis=1) > 1e-6])]
    if len(line) < 2:
        return []
    way = np.diff(line, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    half = np.sqrt(np.clip((1 + (way[:-1] * way[1:]).sum(axis=1)) / 2, 0, 1))  # cosine of half the turn
    corners = np.flatnonzero(half < 1 / _SHARPEST) + 1
    ends = [0, *corners.tolist(), len(line) - 1]
    return [line[first : last + 1] for first, last in zip(ends, ends[1:])]


def _rings(line: Array, radius: float) -> Array:
    """Return the circle around each vertex, in the plane that halves its corner, shape (vertices, SIDES, 3)."""
    way = np.diff(line, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    before, after = np.vstack([way[:1], way]), np.vstack([way, way[-1:]])
    along = before + after
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    flat = np.hypot(along[:, 0], along[:, 1])
    steep = flat < 1e-6
    scale = np.where(steep, 1.0, flat)
    sideways = np.column_stack([along[:, 1] / scale, -along[:, 0] / scale, np.zeros(len(line))])
    sideways[steep] = (1.0, 0.0, 0.0)
    upwards = np.cross(sideways, along)
    half = np.clip((along * after).sum(axis=1), 1 / _SHARPEST, 1.0)  # cosine of half the turn: a mitre is longer
    turn = after - (after * along).sum(axis=1, keepdims=True) * along  # direction in which the corner is stretched
    length = np.linalg.norm(turn, axis=1, keepdims=True)
    turn = np.where(length > 1e-9, turn / np.where(length > 1e-9, length, 1.0), 0.0)
    angles = 2 * np.pi * (np.arange(SIDES) + 0.5) / SIDES
    circle = (np.cos(angles)[:, None] * sideways[:, None] + np.sin(angles)[:, None] * upwards[:, None]) * radius
    stretch = (circle * turn[:, None]).sum(axis=2, keepdims=True) * (1 / half - 1)[:, None, None]
    return line[:, None] + circle + stretch * turn[:, None]


def _sides(rings: Array) -> Array:
    """Return the closed faces between the circles, seen from outside counter-clockwise, shape (faces, 5, 3)."""
    near, far = rings[:-1], rings[1:]
    following = np.roll(np.arange(SIDES), -1)
    faces = np.stack([near, far, far[:, following], near[:, following], near], axis=2)
    return faces.reshape(-1, 5, 3)


def _ends(rings: Array) -> Array:
    """Return the two ends, closed, shape (2, SIDES + 1, 3)."""
    first, last = rings[0], rings[-1, ::-1]
    return np.stack([np.vstack([first, first[:1]]), np.vstack([last, last[:1]])])
