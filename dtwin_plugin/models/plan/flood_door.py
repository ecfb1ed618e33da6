"""Water at the walls of a plan, from a flood that was calculated with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.translate import mark

from ..attributes import column_of, names_of, numbers_of
from .level import NOT_HERE, settings_of
from .quantity import AT_MOST, INSUFFICIENT, NOT_APPLICABLE, Found, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

    from .case import Body, Case
    from .rules import Rule

    Floats = NDArray[np.float64]

_DEPTH, _LEVEL = ("water_depth_max",), ("water_level_max",)
_COVERS = 0.9  # of the foot of a building that must be in those of the result
_SAME = 0.5  # of a building of the result that must lie in the outline of the plan: else it is another building
NO_COLUMN = mark("The result of the flood has no column water_depth_max.")
NOT_IN = mark("The flood was calculated without this building: {share:.0f} percent of its foot is a building there.")
UNKNOWN = mark("The water depth at {buildings} is not known.")
DEPTH = mark("The water at its walls is {value:.2f} m deep at most ({buildings} in the result).")
LEVEL = mark(
    "The water at its walls is {value:.2f} m deep at most and stands {above:+.2f} m from the level of reference "
    "({buildings} in the result)."
)


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure each building of the plan."""
    from .shapes import polygons

    assert case.flood is not None  # needed
    name = column_of(case.flood, _DEPTH)
    shapes = np.array(polygons(case.flood), object) if case.flood.geometries.kind == "polygon" else None
    for body in case.bodies:
        if rule.where is not None and not rule.where.intersects(body.outline):
            yield Found(body.id, math.nan, NOT_APPLICABLE, NOT_HERE)
        elif name is None or shapes is None:
            yield Found(body.id, math.nan, INSUFFICIENT, NO_COLUMN)
        else:
            yield _of_body(body, case.flood, shapes, rule)


def _of_body(body: Body, flood: Features, shapes: NDArray[np.object_], rule: Rule) -> Found:
    """Return the deepest water at the buildings of the result that the building of the plan consists of."""
    import shapely

    area = np.maximum(shapely.area(shapes), 1e-9)
    mine = np.flatnonzero(shapely.area(shapely.intersection(shapes, body.outline)) >= _SAME * area)
    share = body.foot.intersection(shapely.union_all(shapes[mine])).area / max(body.foot.area, 1e-9)
    if share < _COVERS:
        return Found(body.id, math.nan, INSUFFICIENT, NOT_IN, {"share": 100 * share})
    depth = numbers_of(flood, column_of(flood, _DEPTH) or "", 0.0)[mine]
    names = names_of(flood)
    values: dict[str, Any] = {"buildings": ", ".join(names[row] for row in mine[:3])}
    deepest = float(np.nanmax(depth)) if np.isfinite(depth).any() else math.nan
    limit = rule.norm + rule.tolerance + 1e-9
    if np.isnan(depth).any() and not deepest > limit:
        return Found(body.id, math.nan, INSUFFICIENT, UNKNOWN, values)
    level = _level(flood, mine)
    doubt = settings_of(FLOOD_DEPTH, rule)["doubt"]
    values.update(value=deepest, above=level - body.peil)
    found = DEPTH if math.isnan(values["above"]) else LEVEL
    places = _shown(body.foot, level if level == level else body.peil + deepest) if deepest > limit else ()
    return Found(body.id, deepest, "", found, values, places, body.peil, body.peil_from, doubt)


def _level(flood: Features, mine: NDArray[np.int64]) -> float:
    name = column_of(flood, _LEVEL)
    levels = numbers_of(flood, name)[mine] if name else np.full(len(mine), np.nan)
    return float(np.nanmax(levels)) if np.isfinite(levels).any() else math.nan


def _shown(foot: BaseGeometry, height: float) -> tuple[Floats, ...]:
    from .rings import lying_rings

    return lying_rings(foot.buffer(1.0, join_style="mitre").difference(foot), height)


FLOOD_DEPTH = Quantity(
    id="flood_depth",
    title=mark("Water at the building"),
    unit="m",
    sense=AT_MOST,
    measure=_measure,
    doc=mark(
        "Largest depth of the water at the walls, from Flooding under extreme rain or Consequences of a flood with the "
        "plan among the buildings. A result without the plan says nothing. Setting: doubt, how far the depth may be "
        "off [m]: level and ground together, as Consequences of a flood takes it."
    ),
    needs=("flood",),
    settings={"doubt": 0.1},
)
