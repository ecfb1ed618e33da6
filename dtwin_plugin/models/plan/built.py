"""How much of a plot, or of the area of a rule, is built on (bebouwingspercentage).

References
----------
Plan NL.IMRO.0213.BPBG700017-va01 (Buurtweg 42), chapter 1.2: the area of a building lies between the outer faces of its
walls, projected down, and roofs that stick out up to a metre do not count. That lies between `foot` and `outline`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.translate import mark

from .level import absent, settings_of
from .quantity import AT_MOST, INSUFFICIENT, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from .case import Case
    from .rules import Rule

_COUNTED = mark(
    "{built:.1f} m2 of {whole:.1f} m2 is built on: {plan:.1f} m2 by the plan, {stays:.1f} m2 by what stays."
)
_PLAN_ONLY = mark(
    "{built:.1f} m2 of {whole:.1f} m2 is built on by the plan alone; what else stays is not known: give the existing "
    "buildings that stay."
)
_ROOFS = mark(
    "{outline:.1f} m2 of {whole:.1f} m2 is built on with all that sticks out, {foot:.1f} m2 without, and the norm lies "
    "between them: look at what the plan counts, and set projections."
)
_NO_OUTLINE = mark("A building of the plan has no outline on the map.")
_NO_WHOLE = mark("There is nothing that it is a part of: give the plot, or an area for the rule.")


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    import shapely

    from .shapes import polygons

    whole = rule.where
    if whole is None and case.plot is not None:
        whole = shapely.union_all(polygons(case.plot))
    if whole is None or whole.area <= 0:
        yield from (Found(body.id, np.nan, INSUFFICIENT, _NO_WHOLE) for body in case.bodies)
        return
    if any(body.outline.is_empty for body in case.bodies):  # what all of them take together is not known
        yield from (Found(body.id, np.nan, INSUFFICIENT, _NO_OUTLINE) for body in case.bodies)
        return
    here = [body.id for body in case.bodies if body.outline.intersection(whole).area > 0]
    found = _share(case, rule, whole) if here else None
    for body in case.bodies:
        if found is None or body.id not in here:
            yield absent(body)
        else:
            yield Found(body.id, found.value, found.outcome, found.reason, found.values)


def _share(case: Case, rule: Rule, whole: BaseGeometry) -> Found:
    """Return what all bodies together, and what stays, take of an area."""
    import shapely

    from .shapes import polygons

    stays = shapely.Polygon()
    if case.existing is not None:  # of a whole town, it may be
        stays = shapely.union_all(polygons(case.existing.within(Extent(*whole.bounds)))).intersection(whole)
    taken = {
        name: shapely.union_all([getattr(body, name) for body in case.bodies]).intersection(whole)
        for name in ("outline", "foot")
    }
    areas = {name: shape.union(stays).area for name, shape in taken.items()}
    counted = "outline" if settings_of(BUILT_PERCENTAGE, rule)["projections"] else "foot"
    values = {
        **areas,
        "whole": whole.area,
        "built": areas[counted],
        "stays": stays.area,
        "plan": areas[counted] - stays.area,
    }
    share = {name: 100 * area / whole.area for name, area in areas.items()}
    allowed = rule.norm + rule.tolerance + 1e-9
    outcome, reason = "", _COUNTED if case.existing is not None else _PLAN_ONLY
    if share["foot"] <= allowed < share["outline"] and "projections" not in rule.settings:
        outcome, reason = REVIEW, _ROOFS
    elif share[counted] <= allowed and case.existing is None:
        outcome = REVIEW
    return Found("", share[counted], outcome, reason, values)


BUILT_PERCENTAGE = Quantity(
    "built_percentage",
    mark("Built-up share"),
    "percent",
    AT_MOST,
    _measure,
    mark(
        "The area on the map of all buildings of the plan together with the existing buildings that stay, as a share "
        "of the area of the rule, or of the plot where the rule has none; what lies outside is not counted. "
        "projections: 1 counts all that is seen from above, roofs that stick out too; 0 only what stands on the "
        "ground. Where a rule does not set it and the norm lies between the two, a person must look. Without existing "
        "buildings (a layer that has none here will do) the outcome is never compliant."
    ),
    settings={"projections": 1.0},
)
