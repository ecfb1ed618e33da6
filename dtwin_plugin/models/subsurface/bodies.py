"""Things in the ground as bodies that distances can be measured between: round bars, and prisms with a flat top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features
from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bodies:
    """Bars and prisms, each part of an object.

    A bar is the points within `radius` of a segment: one straight piece of a pipe. A prism is what lies within `radius`
    of an outline on the map, and inside it where it is closed, between two heights: a crate, a foundation, and with an
    outline of one point an upright cylinder.

    Attributes
    ----------
    owner : ndarray
        int64, shape (n,): the object that a body is part of.
    is_bar, closed : ndarray
        bool, shape (n,).
    radius : ndarray
        float64, shape (n,) [m].
    low, high : ndarray
        float64, shape (n,): heights of the bottom and top of prisms, of the ends of bars [m NAP].
    edges : ndarray
        float64, shape (m, 6): x, y, z of both ends of the edges of outlines and of the segments of bars [m].
    starts : ndarray
        int64, shape (n + 1,): the edges of a body; a bar has one.
    doubt_xy, doubt_z : ndarray
        float64, shape (n,): how far it may lie from where it is drawn [m]; infinite where nobody knows.
    known : ndarray
        bool, shape (n,): whether it has heights at all; where not, they are 0.
    """

    owner: NDArray[np.int64]
    is_bar: NDArray[np.bool_]
    closed: NDArray[np.bool_]
    radius: Floats
    low: Floats
    high: Floats
    edges: Floats
    starts: NDArray[np.int64]
    doubt_xy: Floats
    doubt_z: Floats
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.owner)

    def boxes(self) -> Floats:
        """Return x min, y min, z min, x max, y max, z max of each, with its radius, shape (n, 6) [m]."""
        if not len(self):
            return np.empty((0, 6))
        x, y = (self.edges[:, [axis, axis + 3]] for axis in (0, 1))
        at = self.starts[:-1]
        low = [np.minimum.reduceat(value.min(axis=1), at) - self.radius for value in (x, y)]
        high = [np.maximum.reduceat(value.max(axis=1), at) + self.radius for value in (x, y)]
        upright = np.where(self.is_bar, self.radius, 0.0)
        return np.column_stack([*low, self.low - upright, *high, self.high + upright])

    @classmethod
    def concatenate(cls, pieces: Sequence[Bodies]) -> Bodies:
        """Join bodies whose owners are already numbered through."""
        joined = {
            name: np.concatenate([getattr(piece, name) for piece in pieces])
            for name in cls.__dataclass_fields__
            if name != "starts"
        }
        counts = np.concatenate([np.diff(piece.starts) for piece in pieces])
        return cls(**joined, starts=offsets_of(counts))

    def numbered_from(self, first: int) -> Bodies:
        """Return the same bodies with owners that count from another number."""
        return replace(self, owner=self.owner + first)


def bars(lines: Features, diameter: Floats, doubt_xy: Floats, doubt_z: Floats) -> Bodies:
    """Return the straight pieces of lines in space.

    Parameters
    ----------
    lines : Features
        With heights of the axis [m NAP]; a height that is NaN, or lines without heights, may lie at any depth.
    diameter : ndarray
        Outer diameter of each line [m]; NaN counts as 0.
    doubt_xy, doubt_z : ndarray
        Of each line [m]; NaN means unknown.
    """
    shapes = lines.geometries
    rings, points = shapes.rings, shapes.coordinates
    if not shapes.has_z:
        points = np.column_stack([points, np.full(len(points), np.nan)])
    follows = np.ones(max(0, len(points) - 1), bool)
    follows[rings[1:-1][rings[1:-1] < len(points)] - 1] = False
    first = np.flatnonzero(follows)
    spans = shapes.coordinate_spans()
    owner = np.searchsorted(spans, first, side="right").astype(np.int64) - 1
    edges = np.column_stack([points[first], points[first + 1]])
    unknown = np.isnan(edges[:, [2, 5]]).any(axis=1)
    edges[unknown, 2] = edges[unknown, 5] = 0.0
    heights = edges[:, [2, 5]]
    return Bodies(
        owner,
        np.ones(len(first), bool),
        np.zeros(len(first), bool),
        np.nan_to_num(np.asarray(diameter, float), nan=0.0)[owner] / 2,
        heights.min(axis=1),
        heights.max(axis=1),
        edges,
        np.arange(len(first) + 1, dtype=np.int64),
        _doubt(doubt_xy)[owner],
        np.where(unknown, np.inf, _doubt(doubt_z)[owner]),
        ~unknown,
    )


def prisms(shapes: Features, bottom: Floats, top: Floats, radius: Floats, doubt_xy: Floats, doubt_z: Floats) -> Bodies:
    """Return outlines between two heights.

    Parameters
    ----------
    shapes : Features
        Polygons; lines and points get a body by their radius.
    bottom, top, radius : ndarray
        Of each [m NAP, m NAP, m].

    Raises
    ------
    InputError
        If a top or bottom is unknown, or a top lies below its bottom.
    """
    wrong = ~(top >= bottom)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            "Object {row} of {layer} has its top at {top:g} and its bottom at {bottom:g} m NAP.",
            hint="Give every object a top that lies above its bottom.",
            row=row + 1,
            layer=shapes.name or "the layer",
            top=float(top[row]),
            bottom=float(bottom[row]),
        )
    geometries = shapes.geometries
    points = geometries.coordinates[:, :2]
    if geometries.kind == "point":
        first = last = np.arange(len(points))
    else:
        follows = np.ones(max(0, len(points) - 1), bool)
        ends = geometries.rings[1:-1]
        follows[ends[ends < len(points)] - 1] = False
        first = np.flatnonzero(follows)
        last = first + 1
    blank = np.zeros(len(first))
    edges = np.column_stack([points[first], blank, points[last], blank])
    owner = np.searchsorted(geometries.coordinate_spans(), first, side="right") - 1
    filled, counts = np.unique(owner, return_counts=True)
    return Bodies(
        filled.astype(np.int64),
        np.zeros(len(filled), bool),
        np.full(len(filled), geometries.kind == "polygon"),
        np.nan_to_num(np.asarray(radius, float), nan=0.0)[filled],
        np.asarray(bottom, float)[filled],
        np.asarray(top, float)[filled],
        edges,
        offsets_of(counts),
        _doubt(doubt_xy)[filled],
        _doubt(doubt_z)[filled],
        np.ones(len(filled), bool),
    )


def _doubt(values: Any) -> Floats:
    """Return uncertainties; an unknown one has no limit."""
    found = np.asarray(values, float)
    return np.where(np.isnan(found), np.inf, np.maximum(found, 0.0))
