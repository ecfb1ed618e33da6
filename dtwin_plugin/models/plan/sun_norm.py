"""Possible hours of sun at the neighbours after the plan, from the points of Sun on facades."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from ..attributes import NAMES, column_of, names_of, numbers_of, places_of
from .level import settings_of
from .points import inside, marks
from .quantity import AT_LEAST, INSUFFICIENT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .case import Case
    from .rules import Rule

    Floats = NDArray[np.float64]

_BEFORE, _AFTER = ("hours", "hours_best"), ("hours_after", "hours_best_after")
_MARK = 0.6  # m: the side of what shows a point
_SAME = 0.5 / 60  # h: a loss of less is rounding
NEIGHBOURS = ""  # object of what is not told apart by building
NO_RESULT = mark("The result has no hours of sun before and after the plan: run Sun on facades with the plan.")
NO_POINTS = mark("No points of Sun on facades lie here.")
UNKNOWN = mark("The hours of sun are not known at {unknown} of {points} places.")
DARK = mark("It has no sun without the plan either.")
KEEPS = mark("Its sunniest place keeps {value:.1f} of {before:.1f} h; no place falls below the norm through the plan.")
FALLS = mark("Its sunniest place goes from {before:.1f} h to {value:.1f} h: it falls below the norm through the plan.")
SOME = mark(
    "{fallen} of {points} places fall below the norm through the plan, but the sunniest keeps {value:.1f} h: which "
    "windows are those of living rooms is not known."
)
WAS_BELOW = mark("It is below the norm without the plan, {before:.1f} h, and the plan takes up to {lost:.0f} min.")
UNTOUCHED = mark("It is below the norm without the plan, {before:.1f} h, and the plan takes nothing.")


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure each neighbour that has points."""
    points = case.sun
    assert points is not None  # needed
    before, after = (column_of(points, names) for names in (_BEFORE, _AFTER))
    if before is None or after is None:
        yield Found(NEIGHBOURS, math.nan, INSUFFICIENT, NO_RESULT)
        return
    places = _places(case)
    here = np.flatnonzero(inside(places, rule.where))
    if not len(here):
        yield Found(NEIGHBOURS, math.nan, INSUFFICIENT, NO_POINTS)
        return
    names = names_of(points) if column_of(points, NAMES) else [NEIGHBOURS] * len(points)
    hours = np.column_stack([numbers_of(points, name, 0.0) for name in (before, after)])
    lost = hours[:, 0] - hours[:, 1]
    if "lost" in points.columns:  # of all days tested, not of the worst alone
        lost = np.fmax(lost, numbers_of(points, "lost") / 60)
    hours = np.column_stack([hours, lost])
    own = {body.id for body in case.bodies}
    rows: dict[str, list[int]] = {}
    for row in here.tolist():
        rows.setdefault(names[row], []).append(row)
    for name, mine in rows.items():
        if name not in own:
            yield _of_building(name, hours[mine], places[mine], rule)


def _places(case: Case) -> Floats:
    """Return where the points are, or the middles of buildings."""
    assert case.sun is not None
    if case.sun.geometries.kind == "point":
        return places_of(case.sun, 0.0)
    box = case.sun.geometries.bounds()
    return np.column_stack([(box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2, np.zeros(len(box))])


def _of_building(name: str, hours: Floats, places: Floats, rule: Rule) -> Found:
    """Return the hours of the sunniest place: a dwelling needs one facade that meets the norm, as in Sun on facades."""
    known = np.isfinite(hours).all(axis=1)
    if not known.all():
        unknown = {"unknown": int((~known).sum()), "points": len(hours)}
        return Found(name, math.nan, INSUFFICIENT, UNKNOWN, unknown)
    before, after, loss = hours.T
    value, limit = float(after.max()), rule.norm - rule.tolerance - 1e-9
    fallen = (before >= limit) & (after < limit)
    lost = float(loss.max())
    values: dict[str, float] = {
        "value": value, "before": float(before.max()), "points": len(hours), "fallen": int(fallen.sum()),
        "lost": 60 * lost,
    }  # fmt: skip
    shown = marks(places[fallen], _MARK)
    doubt = settings_of(SUN_HOURS, rule)["doubt"]
    if before.max() <= 0:
        return Found(name, value, NOT_APPLICABLE, DARK)
    if before.max() < limit:
        outcome, reason = (REVIEW, WAS_BELOW) if lost > _SAME else (NOT_APPLICABLE, UNTOUCHED)
        return Found(name, value, outcome, reason, values)
    if value < limit:
        return Found(name, value, NON_COMPLIANT if value < limit - doubt else "", FALLS, values, shown, doubt=doubt)
    if fallen.any():
        return Found(name, value, REVIEW, SOME, values, shown, doubt=doubt)
    return Found(name, value, "", KEEPS, values, doubt=doubt)


SUN_HOURS = Quantity(
    id="sun_hours",
    title=mark("Hours of sun at neighbours"),
    unit="h",
    sense=AT_LEAST,
    measure=_measure,
    doc=mark(
        "Possible hours of sun after the plan at the sunniest place of each neighbour, on the worst day, as Sun on "
        "facades gives them for a norm of its own period and lowest sun: run it with the norm that the rule is about. "
        "Places that fall below the norm through the plan lead to a review, as living rooms are not known; what has no "
        "sun without the plan is left out. Setting: doubt, how far the hours may be off [h], as by the time step."
    ),
    needs=("sun",),
    settings={"doubt": 0.0},
)
