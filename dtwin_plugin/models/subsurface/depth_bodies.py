"""A top and bottom for anything that has a place on the map: soil pollution, explosives, car parks, trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries, Grid, Surfaces
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SIDES = 24  # of the outline round a point: its area is 1.1 % less than that of the circle
GROUND, ROOF, WALL = "GroundSurface", "RoofSurface", "WallSurface"


def circles(points: Features, radius: Floats) -> Features:
    """Return an outline round each point: a regular polygon with its corners at the radius [m]."""
    coordinates = points.geometries.coordinates[:, :2]
    spans = points.geometries.coordinate_spans()
    owner = np.repeat(np.arange(len(points)), np.diff(spans))
    angles = np.linspace(0, 2 * np.pi, SIDES + 1)
    angles[-1] = 0.0  # closed to the last bit
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    outlines = coordinates[:, None, :] + radius[owner][:, None, None] * ring
    steps = np.arange(len(coordinates) + 1, dtype=np.int64)
    shapes = Geometries("polygon", outlines.reshape(-1, 2), (SIDES + 1) * steps, steps, spans.astype(np.int64))
    return Features(shapes, dict(points.columns), dict(points.units), points.crs, points.name)


def heights_of(
    shapes: Features, upper: Floats, lower: Floats, datum: str, terrain: Grid | None
) -> tuple[Floats, Floats]:
    """Return bottom and top of each outline [m NAP].

    Parameters
    ----------
    upper, lower : ndarray
        Top and bottom of each, as depths below the ground or heights in m NAP [m].
    terrain : Grid or None
        Heights of the ground; the lowest and the highest under the corners and the middle of an outline count, so that
        the body holds what it should wherever the ground slopes.

    Raises
    ------
    InputError
        If a value is unknown, the ground is not known there, or a top lies below its bottom.
    """
    if datum == "nap":
        top, bottom = upper, lower
    else:
        if terrain is None:
            raise InputError("Depths below the ground need the height of the ground.", hint="Give a terrain layer.")
        lowest, highest = _ground(shapes, terrain)
        top, bottom = highest - upper, lowest - lower
    wrong = ~(top > bottom)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            "Object {row} gets its top at {top:.2f} and its bottom at {bottom:.2f} m NAP.",
            hint="Fill in its depths, check which of both is the deeper one, and whether the terrain reaches that far.",
            row=row + 1,
            top=float(top[row]),
            bottom=float(bottom[row]),
        )
    return bottom, top


def _ground(shapes: Features, terrain: Grid) -> tuple[Floats, Floats]:
    """Return the lowest and highest ground at the corners and the middle of each outline."""
    points, spans = shapes.geometries.coordinates[:, :2], shapes.geometries.coordinate_spans()
    heights = terrain.sample(points[:, 0], points[:, 1])
    box = shapes.geometries.bounds()
    middle = terrain.sample((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2)
    low, high = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    filled = np.diff(spans) > 0
    if filled.any():
        low[filled] = np.fmin.reduceat(heights, spans[:-1][filled])
        high[filled] = np.fmax.reduceat(heights, spans[:-1][filled])
    return np.fmin(low, middle), np.fmax(high, middle)


def body_surfaces(outlines: Features, ids: list[str]) -> Surfaces:
    """Return the bottom, top and walls of outlines with the columns bottom and top [m NAP]."""
    shapes = outlines.geometries
    bottom, top = outlines.columns["bottom"], outlines.columns["top"]
    polygons: list[list[list[tuple[float, float, float]]]] = []
    semantics: list[str] = []
    owner: list[int] = []
    for n in range(len(outlines)):
        for part in range(shapes.features[n], shapes.features[n + 1]):
            rings = [
                _turned(shapes.coordinates[shapes.rings[r] : shapes.rings[r + 1], :2], r == shapes.parts[part])
                for r in range(shapes.parts[part], shapes.parts[part + 1])
            ]
            caps = [[(x, y, top[n]) for x, y in ring] for ring in rings]
            floor = [[(x, y, bottom[n]) for x, y in ring[::-1]] for ring in rings]
            walls = [
                [[(*p, bottom[n]), (*q, bottom[n]), (*q, top[n]), (*p, top[n]), (*p, bottom[n])]]
                for ring in rings
                for p, q in zip(ring[:-1].tolist(), ring[1:].tolist())
            ]
            pieces = [caps, floor, *walls]
            polygons += pieces
            semantics += [ROOF, GROUND] + [WALL] * len(walls)
            owner += [n] * len(pieces)
    text = np.empty(len(ids), object)
    text[:] = ids
    empty = np.full(len(ids), None, object)
    columns: dict[str, Any] = {**outlines.columns, "id": text, "lod": np.full(len(ids), "1", object), "parent": empty}
    columns.setdefault("type", np.full(len(ids), "Body", object))
    return Surfaces(
        Geometries.build("polygon", [[polygon] for polygon in polygons]),
        np.array(semantics, object),
        np.array(owner, np.int64),
        columns,
        name=outlines.name,
    )


def _turned(ring: Floats, outer: bool) -> Floats:
    """Return a ring counter-clockwise where it is the outer one, clockwise where it is a hole."""
    x, y = ring[:, 0], ring[:, 1]
    area = float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())
    return ring if (area > 0) == outer else ring[::-1]
