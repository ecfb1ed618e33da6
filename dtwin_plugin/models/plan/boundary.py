"""How far a building stands from the boundary of its plot.

References
----------
Plan NL.IMRO.1651.1111602-VG01 (Buitengebied Woonpercelen), chapter 1.2: the shortest distance from any point of a
building to the boundary of the plot at its side. Kadaster, on its map (PDOK, "Kadastrale kaart"): no measures can be
taken from it; since version 5 boundaries have labels of how accurate they are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from .building_area import ground_of
from .level import MINOR_OVERHANG, NO_OUTLINE, absent, settings_of
from .quantity import AT_LEAST, INSUFFICIENT, Found, Quantity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from .case import Body, Case
    from .rules import Rule

_WALLS = mark("The walls stand {walls:.2f} m from the boundary, with all that sticks out {outline:.2f} m.")
_STICKS_OUT = mark(
    "What sticks out comes to {outline:.2f} m from the boundary, the walls to {walls:.2f} m: more than roofs may stick "
    "out uncounted."
)
_CROSSES = mark("It crosses the boundary of the plot by {far:.2f} m.")
_ELSEWHERE = mark("It does not stand on the plot.")
_NO_PLOT = mark("The plot has no area.")
_SAME = 1e-6  # m: a wall on the boundary, but for rounding
_DOUBT = 0.4  # m, an assumption: of a boundary on the cadastral map, from which no measures can be taken
_WIDE = 0.2  # m of the strip that shows the distance


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    import shapely

    from .shapes import polygons

    plot = shapely.union_all(polygons(case.plot)) if case.plot is not None else shapely.Polygon()
    for body in case.bodies:
        if plot.is_empty:
            yield Found(body.id, np.nan, INSUFFICIENT, _NO_PLOT)
        elif body.outline.is_empty:
            yield Found(body.id, np.nan, INSUFFICIENT, NO_OUTLINE)
        else:
            yield _distance(body, rule, plot)


def _distance(body: Body, rule: Rule, plot: BaseGeometry) -> Found:
    outline = body.outline
    walls = outline if body.foot.is_empty else body.foot
    if rule.where is not None:
        outline, walls = outline.intersection(rule.where), walls.intersection(rule.where)
        walls = outline if walls.is_empty else walls
    if outline.is_empty:
        return absent(body)
    if walls.intersection(plot).area <= 0:
        return Found(body.id, np.nan, INSUFFICIENT, _ELSEWHERE)
    near = {"walls": _near(walls, plot), "outline": _near(outline, plot)}
    chosen = settings_of(BOUNDARY_DISTANCE, rule)
    counts = "walls" if near["walls"] - near["outline"] <= chosen["overhang"] + _SAME else "outline"
    value = near[counts]
    shape = walls if counts == "walls" else outline
    reason = _CROSSES if value < 0 else _WALLS if counts == "walls" else _STICKS_OUT
    places = _places(body, shape, plot, value) if value < rule.norm - rule.tolerance - 1e-9 else ()
    return Found(body.id, value, "", reason, {**near, "far": -value}, places, doubt=chosen["boundary_doubt"])


def _near(shape: BaseGeometry, plot: BaseGeometry) -> float:
    """Return the least distance of a shape to the boundary of a plot [m]; below 0 how far it goes beyond it."""
    import shapely

    beyond = shapely.get_coordinates(shape.difference(plot))
    far = shapely.distance(shapely.points(beyond), plot)
    if len(far) and far.max() > _SAME:
        return -float(far.max())
    near = float(shape.distance(plot.boundary))
    return near if near > _SAME else 0.0


def _places(body: Body, shape: BaseGeometry, plot: BaseGeometry, value: float) -> tuple[np.ndarray, ...]:
    """Return what lies beyond the boundary, or a strip along the least distance to it."""
    import shapely

    from .rings import lying_rings

    height = ground_of(body)
    if value < 0:
        return lying_rings(shape.difference(plot), height)
    line = shapely.shortest_line(shape, plot.boundary)
    return lying_rings(line.buffer(_WIDE / 2, cap_style="square" if value == 0 else "flat"), height)


BOUNDARY_DISTANCE = Quantity(
    "boundary_distance",
    mark("Distance to the plot boundary"),
    "m",
    AT_LEAST,
    _measure,
    mark(
        "The least distance on the map from the walls at the ground to the boundary of the plot, on all its sides; 0 "
        "on the boundary, and below 0 by how far it is crossed. With an area, only what lies in it is measured. "
        "overhang [m]: what sticks out farther over the walls than this counts in place of them. "
        "boundary_doubt [m]: how far a boundary may be off; no measures can be taken from the cadastral map, so its "
        "default is large, and 0 is for a plot that was surveyed."
    ),
    needs=("plot",),
    settings={"overhang": MINOR_OVERHANG, "boundary_doubt": _DOUBT},
)
