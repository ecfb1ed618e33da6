"""Outlines with a height as blocks with a flat top: a design that was drawn on the map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.columns import number_with_comma
from dtwin_plugin.data.triangulate import triangles_of
from dtwin_plugin.errors import InputError

from .case import Body
from .design import Design
from .peil import Level, checked, level_at
from .shapes import geometries_of, oriented, polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features, Grid

_NAMES = ("id", "identificatie", "name", "naam")  # columns that drawn blocks are named by
_TALLEST = 500.0  # m of a drawn block


def is_drawn(plan: Features) -> bool:
    """Tell whether a design is outlines with a height; a layer that has heights of its own may be drawn as well."""
    return not plan.geometries.has_z or ("height" in plan.columns and "surface" not in plan.columns)


def blocks_of(plan: Features, given: Level | None, terrain: Grid | None, roads: list[BaseGeometry]) -> tuple[Body, ...]:
    """Return a body for each outline; `given` is the level of reference of the plan.

    Raises
    ------
    InputError
        If an outline has no area or no height, or stands nobody knows where.
    """
    return tuple(_block(*block, given, terrain, roads) for block in _drawn(plan))


def _drawn(plan: Features) -> list[tuple[str, BaseGeometry, float, float]]:
    """Return the name, the outline, the height [m] and the base [m NAP, NaN unknown] of drawn blocks."""
    if "height" not in plan.columns:
        raise InputError(
            "The outlines of the design have no field {field}; found {found}.",
            hint="Add it with the height of each block in m, or choose a layer of surfaces.",
            field="height",
            found=", ".join(plan.columns) or "-",
        )
    heights, bases = (_numbers(plan.columns.get(name), len(plan)) for name in ("height", "base"))
    names = _names(next((plan.columns[name].tolist() for name in _NAMES if name in plan.columns), [None] * len(plan)))
    shapes = polygons(plan)
    for name, shape, height in zip(names, shapes, heights):
        if shape.is_empty or not 0 < height <= _TALLEST:
            raise InputError(
                "Block {name} of the design has height {height} and an area of {area:.1f} m2.",
                hint="Give each block an area and a height above 0 up to 500 m.",
                name=name,
                height=float(height),
                area=shape.area,
            )
    return list(zip(names, shapes, heights.tolist(), bases.tolist()))


def _names(values: list[Any]) -> list[str]:
    """Return a name for each block, each once: its number where it has none, and a number behind one of several."""
    names: list[str] = []
    for number, value in enumerate(values, 1):
        name = str(number if value is None or value == "" or value != value else value)
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _numbers(values: NDArray[Any] | None, count: int) -> NDArray[np.float64]:
    given = [None] * count if values is None else values.tolist()
    return np.array([number_with_comma(value) for value in given], float)


def _block(
    name: str,
    shape: BaseGeometry,
    height: float,
    base: float,
    given: Level | None,
    terrain: Grid | None,
    roads: list[BaseGeometry],
) -> Body:
    """Return a block with a flat top."""
    empty = Design(name, np.empty((0, 3, 3)), np.empty(0, object), np.empty(0, np.int64))
    level = checked(given, shape, terrain) if given else level_at(empty, shape, terrain, roads)
    if math.isnan(base):
        base = level.height
    if math.isnan(base):
        raise InputError(
            "Block {name} of the design has no base, and the level of reference is not known.",
            hint="Give the terrain or the level of reference, or fill the field base in m NAP.",
            name=name,
        )
    triangles, kinds = extruded(shape, base, base + height)
    return Body(name, triangles, kinds, shape, shape, *level)


def extruded(shape: BaseGeometry, bottom: float, top: float) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Return the triangles, outward, and the semantics of a shape between two heights [m NAP].

    >>> import shapely
    >>> triangles, kinds = extruded(shapely.box(0, 0, 4, 3), 0.0, 5.0)
    >>> triangles.shape, sorted(set(kinds.tolist()))
    ((12, 3, 3), ['GroundSurface', 'RoofSurface', 'WallSurface'])
    """
    import shapely

    flat = geometries_of([shapely.multipolygons([oriented(part) for part in shapely.get_parts(shape)])])
    corners, _ = triangles_of(flat)
    roof = np.concatenate([flat.coordinates[corners], np.full((len(corners), 3, 1), top)], axis=2)
    floor = roof[:, ::-1].copy()
    floor[:, :, 2] = bottom
    last = np.zeros(len(flat.coordinates), bool)
    last[flat.rings[1:] - 1] = True
    start = np.flatnonzero(~last)
    one, two = flat.coordinates[start], flat.coordinates[start + 1]
    a, b = (np.column_stack([ends, np.full(len(ends), bottom)]) for ends in (one, two))
    c, d = (np.column_stack([ends, np.full(len(ends), top)]) for ends in (two, one))
    walls = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    counts = (len(roof), len(floor), len(walls))
    kinds = np.repeat(np.array(["RoofSurface", "GroundSurface", "WallSurface"], object), counts)
    return np.concatenate([roof, floor, walls]), kinds
