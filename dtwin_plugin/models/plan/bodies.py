"""Bodies of a plan: the buildings of a design in space, with their outline, their foot and their level of reference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.crs import in_rd_bounds
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.progress import Progress, Silent

from .blocks import blocks_of, is_drawn
from .case import PEIL_GIVEN, Body
from .design import Design, designs_of
from .outline import LOW, foot_of, outline_above
from .peil import Level, along, checked, level_at, roads_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features, Grid

_NEAR = 0.05  # m between a first guess of the level and the level itself at which the foot is not cut again


def bodies_of(
    plan: Features,
    terrain: Grid | None = None,
    base_map: Features | None = None,
    peil: float | None = None,
    progress: Progress | None = None,
) -> tuple[Body, ...]:
    """Return the buildings of a plan.

    Parameters
    ----------
    plan : Features
        Surfaces in space, as loads of 3D models make them (columns id, parent, type, lod, surface), or outlines on the
        map with a field height [m], which become blocks from their field base [m NAP], or from the level of reference.
    terrain : Grid, optional
        Height of the ground [m NAP].
    base_map : Features, optional
        Polygons of the BGT, for roads.
    peil : float, optional
        Level of reference [m NAP] that the plan gives; else it is looked up in the terrain (`peil.level_at`).

    Raises
    ------
    InputError
        If there is no building with a height that is a number, or one lies where RD does not hold.
    """
    progress = progress or Silent()
    roads = roads_of(base_map)
    given = None if peil is None or math.isnan(peil) else Level(peil, PEIL_GIVEN)
    if not len(plan):
        raise InputError("The design has no features.", hint="Choose another layer, or clear its selection.")
    _check_place(plan)
    if is_drawn(plan):
        return blocks_of(plan, given, terrain, roads)

    def stop() -> None:
        if progress.is_cancelled():
            raise Cancelled

    found = []
    designs = designs_of(plan, stop)
    for number, design in enumerate(designs):
        stop()
        progress.report(number / len(designs))
        found.append(_body(design, given, terrain, roads, stop))
    return tuple(found)


def _check_place(plan: Features) -> None:
    """Refuse a design that was not placed: far from the areas of all rules, most of them would not be about it."""
    xy = plan.geometries.coordinates[:, :2]
    low, high = np.nanmin(xy, axis=0, initial=np.inf), np.nanmax(xy, axis=0, initial=-np.inf)
    if not in_rd_bounds(*low, *high):
        raise InputError(
            "The design reaches from {west:.0f}, {south:.0f} to {east:.0f}, {north:.0f}, outside the area of RD New.",
            hint="Place it where it is to be built, in RD New (EPSG:28992).",
            west=float(low[0]),
            south=float(low[1]),
            east=float(high[0]),
            north=float(high[1]),
        )


def _body(
    design: Design, given: Level | None, terrain: Grid | None, roads: list[BaseGeometry], often: Callable[[], None]
) -> Body:
    """Return a body: what stands on the ground follows from the level, and the level from the ground along that."""
    low = _lowest(design) if given is None else given.height
    if given is None and terrain is not None:
        ground = along(outline_above(design.triangles, low + LOW, often), terrain)[1]
        low = float(ground.mean()) if len(ground) else low
    outline = outline_above(design.triangles, low + LOW, often)
    foot = foot_of(design.triangles, design.kinds, low, outline)
    level = checked(given, foot, terrain) if given else level_at(design, foot, terrain, roads)
    if abs(level.height - low) > _NEAR:  # not where it is not known
        outline = outline_above(design.triangles, level.height + LOW, often)
        foot = foot_of(design.triangles, design.kinds, level.height, outline)
    return Body(design.id, design.triangles, design.kinds, outline, foot, *level)


def _lowest(design: Design) -> float:
    """Return where the ground is by the design itself: at its lowest door, its ground surfaces, or where it begins.

    The lowest wall says little: walls of models of whole cities have spikes that reach far below the ground.
    """
    z = design.triangles[:, :, 2]
    door, ground = (design.kinds == kind for kind in ("Door", "GroundSurface"))
    if door.any():
        return float(z[door].min())
    return float(np.median(z[ground])) if ground.any() else float(z.min())
