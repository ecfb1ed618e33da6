"""Distance between what a plan has in the ground and cables and pipes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from ..attributes import numbers_of
from .level import NO_LEVEL, NOT_HERE, settings_of
from .quantity import AT_LEAST, INSUFFICIENT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

    from ..subsurface.clash import Objects
    from ..subsurface.distances import Pairs
    from .case import Body, Case
    from .rules import Rule

    Floats = NDArray[np.float64]

_DIAMETER = 110.0  # mm of lines that state none, as in the clash test: a line of no width would lie too far away
_WIDTH = 0.3  # m of the strip that shows where a distance was measured
FAR = mark("No cable or pipe is drawn within {cover:.0f} m: the layer may not reach here.")
FREE = mark("The nearest cable or pipe lies {value:.2f} m from it on the map.")
NEAREST = mark("The nearest cable or pipe lies {value:.2f} m from what is in the ground, {least:.2f} m at the least.")
TOO_NEAR = mark("Lines that lie too near wherever they lie within their uncertainty: {count} ({themes}).")
UNCERTAIN = mark("Lines that may lie too near, as drawn or within their uncertainty: {count} ({themes}).")
NO_FOUNDATION = mark(
    "The design has no foundation, so that its depth is not known. Lines below it or too near beside it: {count} "
    "({themes})."
)


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure each building of the plan."""
    settings = settings_of(CABLE_CLASH, rule)
    assert case.cables is not None  # needed
    for body in case.bodies:
        if rule.where is not None and not rule.where.intersects(body.outline):
            yield Found(body.id, math.nan, NOT_APPLICABLE, NOT_HERE)
        elif body.peil != body.peil:
            yield Found(body.id, math.nan, INSUFFICIENT, NO_LEVEL)
        else:
            yield _of_body(body, case.cables, rule, settings)


def _of_body(body: Body, cables: Features, rule: Rule, settings: Mapping[str, float]) -> Found:
    """Return the distance to the nearest cable or pipe, and whether it is surely enough or surely not."""
    import shapely

    from .underground import prisms_of

    near = _near(cables, body, settings["cover"])
    lines = _drawn(near)
    if not len(near) or float(shapely.distance(lines, body.outline).min()) > settings["cover"]:
        return Found(body.id, math.nan, INSUFFICIENT, FAR, {"cover": settings["cover"]})
    limit = rule.norm - rule.tolerance - 1e-9
    # what lies a metre further than the norm is looked at too, so that the nearest is told where it is far enough
    reach = (limit if limit == limit else 0.0) + 1.0
    prisms, known = prisms_of(body, _around(near, lines, reach, settings))
    pairs, present = _pairs(prisms, near, reach, settings)
    found = Found(body.id, math.nan, peil=body.peil, peil_from=body.peil_from)
    low = np.flatnonzero(pairs.least < limit)
    if not len(low):
        if known and len(pairs.least):
            least = float(pairs.least.min())  # of what has no height it is all that is known
            value = float(np.where(np.isnan(pairs.drawn), pairs.least, pairs.drawn).min())
            return replace(found, value=value, reason=NEAREST, values={"value": value, "least": least})
        away = _away(body, lines)
        return replace(found, value=away, reason=FREE, values={"value": away})
    surely = low[pairs.most[low] < limit]
    chosen = surely if known and len(surely) else low
    owners = np.unique(present.bodies.owner[pairs.second[chosen]])
    values = {"count": len(owners), "themes": ", ".join(sorted({present.kinds[row] for row in owners}))}
    drawn = pairs.drawn[chosen][np.isfinite(pairs.drawn[chosen])]
    return replace(
        found,
        value=float(drawn.min()) if known and len(drawn) else math.nan,
        outcome=NON_COMPLIANT if known and len(surely) else REVIEW,
        reason=NO_FOUNDATION if not known else TOO_NEAR if len(surely) else UNCERTAIN,
        values=values,
        places=_shown(pairs, chosen, present.bodies.known[pairs.second[chosen]]),
    )


def _pairs(prisms: Features, cables: Features, reach: float, settings: Mapping[str, float]) -> tuple[Pairs, Objects]:
    """Return what may lie nearer than a reach, by the clash test."""
    from ..subsurface.clash import objects
    from ..subsurface.distances import near

    planned = objects([prisms], "foundation", settings["plan_xy"], settings["plan_z"])
    present = objects([cables], "", settings["cable_xy"], settings["cable_z"], diameter=_DIAMETER)
    one, other = (np.zeros(len(some.bodies), np.int64) for some in (planned, present))
    return near(planned.bodies, present.bodies, one, other, np.array([[reach]])), present


def _near(cables: Features, body: Body, cover: float) -> Features:
    """Return the lines whose box lies within a distance of a building."""
    from dtwin_plugin.data import Extent

    x_min, y_min, x_max, y_max = body.outline.bounds
    return cables.within(Extent(x_min - cover, y_min - cover, x_max + cover, y_max + cover, cables.crs))


def _drawn(lines: Features) -> NDArray[np.object_]:
    import shapely

    return shapely.force_2d(shapely.from_wkb([lines.geometries.wkb(row) for row in range(len(lines))]))


def _around(
    cables: Features, lines: NDArray[np.object_], reach: float, settings: Mapping[str, float]
) -> BaseGeometry | None:
    """Return the area outside which nothing lies within a reach of a line; None where lines may lie anywhere."""
    import shapely

    widest = settings["cable_xy"]
    for name, share in (("xy_uncertainty", 1.0), ("diameter", 0.0005)):
        if name in cables.columns:
            widest += float(np.nan_to_num(numbers_of(cables, name)).max()) * share
    width = reach + settings["plan_xy"] + widest + _DIAMETER / 1000
    return shapely.union_all(lines).buffer(width) if math.isfinite(width) else None


def _away(body: Body, lines: NDArray[np.object_]) -> float:
    """Return how far the nearest line lies on the map from what is in the ground, or from the foot where nothing is."""
    import shapely

    from .underground import under

    triangles = under(body)
    if not len(triangles):
        return float(shapely.distance(lines, body.foot).min())
    rings = shapely.linestrings(np.concatenate([triangles, triangles[:, :1]], axis=1)[:, :, :2])
    return float(shapely.STRtree(rings).query_nearest(lines, return_distance=True)[1].min())


def _shown(pairs: Pairs, rows: NDArray[np.int64], known: NDArray[np.bool_]) -> tuple[Floats, ...]:
    """Return strips between the nearest places of pairs; what has no height is drawn at that of the other."""
    from .ribbons import ribbon

    places = pairs.places[rows].copy()
    places[~known, 5] = places[~known, 2]
    return tuple(ribbon(place[:3], place[3:], _WIDTH) for place in places)


CABLE_CLASH = Quantity(
    id="cable_clash",
    title=mark("Distance to cables and pipes"),
    unit="m",
    sense=AT_LEAST,
    measure=_measure,
    doc=mark(
        "Distance in space between what the building has below its level of reference and the nearest cable or pipe, "
        "by the clash test of the subsurface. It is beyond the norm where a line lies too near wherever it lies within "
        "its uncertainty, and a review where it only may; a line of unknown depth may lie at any. Where the design has "
        "no foundation, all that lies below its foot or near beside it leads to a review. Settings: cover, distance "
        "within which the layer must have a line [m]; plan_xy and plan_z, how far it may be built from the drawing "
        "[m]; cable_xy and cable_z, the uncertainty of lines that state none [m]."
    ),
    needs=("cables",),
    settings={"cover": 50.0, "plan_xy": 0.10, "plan_z": 0.05, "cable_xy": 1.0, "cable_z": 0.3},
)
