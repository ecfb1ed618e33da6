"""Distance for fire by the mirror principle: a flag for review, whatever it is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from .level import NOT_HERE, settings_of
from .quantity import AT_LEAST, INSUFFICIENT, NOT_APPLICABLE, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from .case import Body, Case
    from .mirror import Mirrors
    from .rules import Rule

    Floats = NDArray[np.float64]

_STEEP = 0.5  # upward part of the normal of a face of 60 degrees: what is flatter is roof
_DRAWN = 0.1  # m over the boundary that a wall may be drawn: a shared wall stands on it
_BASEMENT = 0.1  # m above the level of reference: walls that reach no higher lie in the ground
_WIDTH = 0.3  # m of the strip that shows where a distance was measured
_UP = 1.0  # m above the level of reference that it is drawn, in sight of who looks at the wall
NO_PLOT = mark("It does not stand on the plot that is given.")
NOTHING = mark("It has no walls above the ground.")
BOUNDARY, SPACE = mark("the boundary of the plot"), mark("the middle of the public space beside it")
NEARER = mark(
    "A wall lies {value:.2f} m from its mirror image, nearer than the norm: {half:.2f} m from {what}. Fire-resistant "
    "walls may make that good; openings and the resistance of walls decide."
)
FURTHER = mark(
    "The nearest wall lies {value:.2f} m from its mirror image, {half:.2f} m from {what}. That is no proof: openings "
    "and the resistance of walls decide."
)
CROSSING = mark("It reaches over the boundary of the plot, so that nothing can be mirrored there.")


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure each building that stands on the plot."""
    from shapely import union_all

    from .mirror import mirrors_of, public_space
    from .roads import classes_of
    from .shapes import polygons

    assert case.plot is not None  # needed
    shapes = polygons(case.plot)
    base_map = case.base_map
    if base_map is not None and (classes_of(base_map) is None or not settings_of(FIRE_DISTANCE, rule)["public_space"]):
        base_map = None
    for body in case.bodies:
        plot = union_all([shape for shape in shapes if shape.intersects(body.outline)])
        if rule.where is not None and not rule.where.intersects(body.outline):
            yield Found(body.id, math.nan, NOT_APPLICABLE, NOT_HERE)
        elif plot.is_empty or plot.intersection(body.outline).area < 0.5 * body.outline.area:
            yield Found(body.id, math.nan, INSUFFICIENT, NO_PLOT)
        else:
            public = public_space(base_map, plot) if base_map is not None else None
            yield _of_body(body, rule, plot, mirrors_of(plot, public))


def _of_body(body: Body, rule: Rule, plot: BaseGeometry, mirrors: Mirrors) -> Found:
    """Return twice the distance of the walls to where they are mirrored."""
    import shapely

    from .ribbons import ribbon

    walls = _walls(body, rule.where)
    if not len(walls):
        return Found(body.id, math.nan, INSUFFICIENT, NOTHING)
    inside = plot.buffer(_DRAWN)
    shapely.prepare(inside)
    if not shapely.covers(inside, walls).all():
        return Found(body.id, 0.0, REVIEW, CROSSING)
    lines = mirrors.segments()
    wall = shapely.STRtree(walls).query_nearest(lines, all_matches=False)[1]
    pairs = shapely.get_coordinates(shapely.shortest_line(walls[wall], lines)).reshape(-1, 2, 2)
    distance = 2 * np.hypot(*(pairs[:, 1] - pairs[:, 0]).T)
    first = int(distance.argmin())
    value, limit = float(distance[first]), rule.norm - rule.tolerance - 1e-9
    level = body.peil if body.peil == body.peil else float(np.nanmin(body.triangles[:, :, 2]))
    worst = {mirrors.lines[row]: row for row in np.argsort(-distance) if distance[row] < limit}  # of each piece
    ends = np.concatenate([pairs, np.full((len(pairs), 2, 1), level + _UP)], axis=2)
    places = tuple(ribbon(ends[row, 0], ends[row, 1], _WIDTH) for row in worst.values())
    values = {"value": value, "half": value / 2, "what": SPACE if mirrors.public[first] else BOUNDARY}
    return Found(body.id, value, REVIEW, NEARER if value < limit else FURTHER, values, places)


def _walls(body: Body, where: BaseGeometry | None) -> NDArray[np.object_]:
    """Return the walls above the ground as lines seen from above: the sides of all steep faces, each once."""
    import shapely

    from .patches import normals_of

    found = body.triangles[np.isfinite(body.triangles).all(axis=(1, 2))]
    found = found[np.abs(normals_of(found)[:, 2]) < _STEEP]
    if body.peil == body.peil:
        found = found[found[:, :, 2].max(axis=1) > body.peil + _BASEMENT]
    sides = np.stack([found, np.roll(found, -1, axis=1)], axis=2)[..., :2].reshape(-1, 2, 2)
    sides = sides[np.abs(sides[:, 1] - sides[:, 0]).max(axis=1) > 0.001] if len(sides) else sides
    turned = (sides[:, 0] @ [1.0, 1e-3]) > (sides[:, 1] @ [1.0, 1e-3])  # so that both directions are one
    sides[turned] = sides[turned][:, ::-1]
    lines = shapely.linestrings(np.unique(sides.round(4), axis=0))
    if where is not None:
        lines = shapely.intersection(lines, where)
        lines = lines[~shapely.is_empty(lines)]
    return lines


FIRE_DISTANCE = Quantity(
    id="fire_distance",
    title=mark("Fire distance to the mirror image"),
    unit="m",
    sense=AT_LEAST,
    measure=_measure,
    doc=mark(
        "Twice the distance of the nearest wall above the ground to the boundary of the plot, or to the middle of the "
        "road, water or public green that lies beside the boundary by the base map. Buildings on other plots are not "
        "looked at, and those on the same plot neither. The outcome is always a review: whether fire can spread "
        "depends on openings and on the resistance of walls (NEN 6068). Setting: public_space, 0 mirrors in the "
        "boundary itself everywhere."
    ),
    needs=("plot",),
    settings={"public_space": 1.0},
    proves=False,
)
