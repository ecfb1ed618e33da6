"""What of a building stands outside the area that may be built on (bouwvlak)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from .level import MINOR_OVERHANG, NO_OUTLINE, settings_of
from .quantity import AT_MOST, INSUFFICIENT, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from .case import Body, Case
    from .rules import Rule

_INSIDE = mark("All that stands on the ground lies in the building area, within {border:.2f} m.")
_OUTSIDE = mark(
    "It stands up to {far:.2f} m outside the building area; what else may stand there is for the plan to say."
)
_STICKS_OUT = mark(
    "It stands in the building area, but parts above the ground stick out of it, up to {far:.2f} m: look whether the "
    "plan allows that."
)
_NO_AREA = mark("The rule has no building area: give it one.")
_NOTHING = 0.01  # m2 that rounding of corners may leave


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    for body in case.bodies:
        if rule.where is None or rule.where.is_empty:
            yield Found(body.id, np.nan, INSUFFICIENT, _NO_AREA)
        elif body.outline.is_empty:
            yield Found(body.id, np.nan, INSUFFICIENT, NO_OUTLINE)
        else:
            yield _outside(body, rule, rule.where)


def _outside(body: Body, rule: Rule, where: BaseGeometry) -> Found:
    chosen = settings_of(OUTSIDE_BUILDING_AREA, rule)
    foot = body.outline if body.foot.is_empty else body.foot
    beyond = _beyond(foot, where, chosen["border"])
    if beyond is not None:
        far = _far(beyond, where)
        return Found(body.id, beyond.area, "", _OUTSIDE, {"far": far}, _rings(body, beyond))
    above = _beyond(body.outline, where, max(chosen["overhang"], chosen["border"]))
    if above is not None:
        return Found(body.id, 0.0, REVIEW, _STICKS_OUT, {"far": _far(above, where)}, _rings(body, above))
    return Found(body.id, 0.0, "", _INSIDE, {"border": chosen["border"]})


def _beyond(shape: BaseGeometry, where: BaseGeometry, border: float) -> BaseGeometry | None:
    """Return what of a shape lies outside an area; None where none of it does by more than a border [m]."""
    from .clipping import near

    where = near(where, shape, 4 * border + 1)  # corners of a border reach twice its width
    if shape.difference(where.buffer(border, join_style="mitre", mitre_limit=2.0)).area <= _NOTHING:
        return None
    return shape.difference(where)


def _far(shape: BaseGeometry, where: BaseGeometry) -> float:
    """Return how far the farthest corner of a shape lies from an area [m]."""
    import shapely

    return float(shapely.distance(shapely.points(shapely.get_coordinates(shape)), where).max())


def _rings(body: Body, shape: BaseGeometry) -> tuple[np.ndarray, ...]:
    from .rings import lying_rings

    return lying_rings(shape, ground_of(body))


def ground_of(body: Body) -> float:
    """Return the height at which places of a building on the ground are shown [m NAP]."""
    return body.peil if np.isfinite(body.peil) else float(np.nanmin(body.triangles[..., 2], initial=np.inf))


OUTSIDE_BUILDING_AREA = Quantity(
    "outside_building_area",
    mark("Area outside the building area"),
    "m2",
    AT_MOST,
    _measure,
    mark(
        "The area on the map of what stands on the ground outside the building area (bouwvlak), which is the area of "
        "the rule; the norm mostly is 0. border [m]: what lies no more than this outside it, as plans are drawn, is "
        "not counted; where more does, all of it is. overhang [m]: parts above the ground that stick out farther than "
        "this need a person to look. Small buildings that a plan allows outside the area are not known apart."
    ),
    settings={"border": 0.1, "overhang": MINOR_OVERHANG},
)
