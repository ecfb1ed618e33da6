"""Noise on the facades of a plan, from the points of a noise model."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from ..attributes import column_of, numbers_of, places_of
from .level import NOT_HERE, settings_of
from .points import inside, marks
from .quantity import AT_MOST, INSUFFICIENT, NOT_APPLICABLE, Found, Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

    from .case import Body, Case
    from .rules import Rule

    Floats = NDArray[np.float64]

# Columns in which noise models write the level of day, evening and night.
_LEVELS = ("lden", "l_den", "level_lden", "noise_lden", "db_lden", "laeq_den")
_MARK = 1.0  # m: the side of what shows a point
_ALONG = 0.5  # m between the places of the walls that must have a point near them
NO_COLUMN = mark("The result of noise has no column Lden.")
NO_POINTS = mark("No point of the result lies within {reach:.1f} m of its walls.")
UNKNOWN = mark("The level is not known at {unknown} of {points} points on its walls.")
GAPS = mark("The highest level is {raw:.1f} dB, but parts of its walls lie up to {gap:.0f} m from the nearest point.")
HIGHEST = mark("The highest level at {points} points on its walls is {raw:.1f} dB.")


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure each building of the plan."""
    assert case.noise is not None  # needed
    settings, name = settings_of(NOISE_LEVEL, rule), column_of(case.noise, _LEVELS)
    for body in case.bodies:
        if rule.where is not None and not rule.where.intersects(body.outline):
            yield Found(body.id, math.nan, NOT_APPLICABLE, NOT_HERE)
        elif name is None or case.noise.geometries.kind != "point":
            yield Found(body.id, math.nan, INSUFFICIENT, NO_COLUMN)
        else:
            yield _of_body(body, case.noise, name, rule, settings)


def _of_body(body: Body, noise: Features, name: str, rule: Rule, settings: Mapping[str, float]) -> Found:
    """Return the highest level on its walls; a part of them without a point near it may be louder."""
    import shapely

    walls = body.outline.boundary if rule.where is None else body.outline.boundary.intersection(rule.where)
    # at the lowest of the building where no height is known: its top must not count as covered
    low = float(body.triangles[..., 2].min(initial=np.inf)) if len(body.triangles) else body.peil
    places = places_of(noise, low if math.isnan(body.peil) else body.peil)
    x_min, y_min, x_max, y_max = body.outline.buffer(settings["reach"]).bounds
    near = inside(places, rule.where) & (places[:, 0] >= x_min) & (places[:, 0] <= x_max)
    near &= (places[:, 1] >= y_min) & (places[:, 1] <= y_max)
    near[near] = shapely.distance(shapely.points(places[near][:, :2]), walls) <= settings["reach"]
    if not near.any():
        return Found(body.id, math.nan, INSUFFICIENT, NO_POINTS, {"reach": settings["reach"]})
    levels, places = numbers_of(noise, name, 0.0)[near], places[near]
    known = np.isfinite(levels)
    values: dict[str, float] = {"points": len(levels), "unknown": int((~known).sum())}
    if not known.any():
        return Found(body.id, math.nan, INSUFFICIENT, UNKNOWN, values)
    raw = float(levels[known].max())
    # levels are rounded to whole dB before they are held against a norm, halves to the even one
    value = float(np.rint(raw)) if settings["whole"] else raw
    limit = rule.norm + rule.tolerance + 1e-9
    values["raw"] = raw
    loud = known & ((np.rint(levels) if settings["whole"] else levels) > limit)
    found = Found(body.id, value, "", HIGHEST, values, marks(places[loud], _MARK), doubt=settings["doubt"])
    if loud.any():
        return found
    if not known.all():
        return Found(body.id, value, INSUFFICIENT, UNKNOWN, values)
    gap = _gap(body, walls, places)
    if gap > settings["spacing"]:
        return Found(body.id, value, INSUFFICIENT, GAPS, {**values, "gap": gap})
    return found


def _gap(body: Body, walls: BaseGeometry, places: Floats) -> float:
    """Return how far a place on the walls may lie from the nearest point [m]: along them, or above the highest."""
    import shapely

    along = shapely.points(shapely.get_coordinates(shapely.segmentize(walls, _ALONG)))
    points = shapely.multipoints(places[:, :2])
    gap = float(shapely.distance(along, points).max(initial=0.0))
    top = float(np.nanmax(body.triangles[:, :, 2])) if len(body.triangles) else math.nan
    above = top - float(places[:, 2].max())
    return max(gap, above) if math.isfinite(above) else gap


NOISE_LEVEL = Quantity(
    id="noise_level",
    title=mark("Noise on the facades"),
    unit="dB",
    sense=AT_MOST,
    measure=_measure,
    doc=mark(
        "Highest Lden at the points of a noise model on the walls, rounded to whole dB as the rules for calculating "
        "do. A level within the norm counts only where all walls have points. Settings: reach, how far from a wall a "
        "point may lie [m]; spacing, how far a place on a wall may lie from a point, and the top of the building above "
        "the highest [m]; whole, 0 leaves levels unrounded; doubt, how far levels may be off [dB]."
    ),
    needs=("noise",),
    settings={"reach": 2.0, "spacing": 10.0, "whole": 1.0, "doubt": 0.0},
)
