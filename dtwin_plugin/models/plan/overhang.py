"""Parts of a plan over public road: the clear height above it, and how far they stick out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dtwin_plugin.translate import mark

from .level import NOT_HERE, settings_of
from .quantity import AT_LEAST, AT_MOST, INSUFFICIENT, NON_COMPLIANT, NOT_APPLICABLE, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from .case import Body, Case
    from .overhanging import Overhang
    from .rules import Rule

SURFACE = mark("surface of the road below, from the terrain")
# Plans ask 4.20 m above the carriageway and 0.50 m beside it (Valkenswaard, Kloosterpark, art. 7.1, among others).
_STRIP = 0.50
# The edge of a hard surface in the BGT lies within about 0.3 m, heights of AHN within 0.1 m (two standard deviations).
_ACCURACY, _GROUND = 0.3, 0.1
NOTHING = mark("Nothing of it hangs over this part of the road.")
LOWEST = mark("The lowest part over it hangs {value:.2f} m above the road, and it sticks out {depth:.2f} m.")
LOWEST_ONLY = mark("The lowest part over it hangs {value:.2f} m above the road.")
EDGE = mark(
    "The lowest part hangs {value:.2f} m above the road; what is lower than the norm lies so near to an edge of the "
    "road that the base map cannot decide."
)
OWN = mark(
    "What is too low or sticks out too far hangs over a road on the own plot: whether that is public is not known."
)
STANDS = mark(
    "It stands on the road of the base map over {area:.1f} m2: whether the road moves or may be built on is for people "
    "to say."
)
RAISED = mark("It lies over a road on a bridge, of which the terrain does not tell the height.")
BLIND = mark("The terrain has no height of the road below part of it.")
OUTSIDE = mark("The base map does not reach around the building: load it for a larger area.")
CLASSES = mark("The base map has no column of classes: load it with Load BGT.")
STICKS = mark("It sticks out {value:.2f} m over the road, over {area:.1f} m2.")
ACROSS = mark("It hangs across the road, or wholly over it: how far it sticks out cannot be told.")


def _each(case: Case, rule: Rule, quantity: Quantity) -> Iterator[tuple[Body, Mapping[str, float], Overhang | str]]:
    """Yield each body that the rule is about with the settings, and what hangs over the road or why nobody knows."""
    from shapely import box, union_all

    from .overhanging import overhang_of
    from .roads import classes_of
    from .shapes import polygons

    settings = settings_of(quantity, rule)
    plot = None if case.plot is None else union_all(polygons(case.plot))
    assert case.base_map is not None and case.terrain is not None  # needed
    covered = case.base_map.extent
    for body in case.bodies:
        if rule.where is not None and not rule.where.intersects(body.outline):
            yield body, settings, NOT_HERE
        elif classes_of(case.base_map) is None:
            yield body, settings, CLASSES
        elif covered is None or not box(*covered.bounds).covers(body.outline):
            yield body, settings, OUTSIDE
        else:
            yield body, settings, overhang_of(
                body, case.base_map, case.terrain, settings.get("strip", 0.0), settings["accuracy"], plot, rule.where
            )  # fmt: skip


def _untold(body: Body, reason: str) -> Found:
    return Found(body.id, math.nan, NOT_APPLICABLE if reason == NOT_HERE else INSUFFICIENT, reason)


def _carriageway(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure above the carriageway and the strip beside it."""
    from shapely import union

    for body, settings, over in _each(case, rule, OVERHANG_CARRIAGEWAY):
        if isinstance(over, str):
            yield _untold(body, over)
            continue
        strip, off = settings["strip"], settings["accuracy"]
        drives = union(over.roads.carriageway, over.roads.unknown)
        zone = drives.buffer(strip, quad_segs=4).intersection(over.public)
        sure = over.roads.carriageway.buffer(strip - off, quad_segs=4).intersection(over.sure)
        yield _clearance(body, rule, settings, over, (zone, sure, drives.buffer(strip + off, quad_segs=4)))


def _road(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure above all parts of the road."""
    for body, settings, over in _each(case, rule, OVERHANG_ROAD):
        if isinstance(over, str):
            yield _untold(body, over)
            continue
        yield _clearance(body, rule, settings, over, (None, over.sure, None))


def _clearance(
    body: Body,
    rule: Rule,
    settings: Mapping[str, float],
    over: Overhang,
    zones: tuple[BaseGeometry | None, BaseGeometry, BaseGeometry | None],
) -> Found:
    """Return the least height over a zone; what decides is whether it is too low even if the edges lie elsewhere.

    Parameters
    ----------
    zones : tuple of shapely geometry
        As drawn, what surely belongs to it, and what may; None for all public road.
    """
    from .overhanging import depth_of, road_height

    zone, sure, possible = zones
    here, doubt, limit = over.lower(zone, math.inf), settings["ground_doubt"], rule.norm - rule.tolerance - 1e-9
    found = Found(body.id, math.nan, doubt=doubt)
    if len(here):
        at = here.reshape(-1, 3)[here[:, :, 2].argmin()]
        depth = depth_of(over, body)
        found = replace(
            found,
            value=float(at[2]),
            values={"value": float(at[2]), "depth": depth},
            reason=LOWEST_ONLY if math.isnan(depth) else LOWEST,
            peil=float(road_height(over.terrain, at[:1], at[1:2])[0]),
            peil_from=SURFACE,
        )
    if len(over.lower(sure, limit - doubt)):
        return replace(found, outcome=NON_COMPLIANT, places=over.rings(zone, limit))
    unclear = _unclear(over, zone)
    if unclear:
        reason, values, outcome = unclear
        return replace(found, outcome=outcome, reason=reason, values={**found.values, **values})
    low = over.lower(possible, limit + doubt)
    if not len(low):  # the norm decides
        return found if len(here) else replace(found, outcome=NOT_APPLICABLE, reason=NOTHING)
    found = replace(found, outcome=REVIEW, places=over.rings(possible, limit + doubt))
    if abs(found.value - limit) <= doubt:  # as the terrain may be off, which the doubt says
        return found
    others = (over.public if possible is None else possible).difference(over.own)
    reason = EDGE if len(over.lower(others, limit + doubt)) else OWN
    return replace(found, reason=reason, values={"value": float(low[:, :, 2].min())})


def _unclear(over: Overhang, zone: BaseGeometry | None) -> tuple[str, dict[str, Any], str] | None:
    """Return why a person must look, with values for the sentence and the outcome."""
    if over.blind:
        return BLIND, {}, INSUFFICIENT
    stands = over.stands if zone is None else over.stands.intersection(zone)
    if not stands.is_empty:
        return STANDS, {"area": float(stands.area)}, REVIEW
    return (RAISED, {}, REVIEW) if over.raised else None


def _depth(case: Case, rule: Rule) -> Iterator[Found]:
    """Measure how far bodies stick out over the road."""
    from .overhanging import depth_of
    from .rings import lying_rings

    for body, settings, over in _each(case, rule, OVERHANG_DEPTH):
        if isinstance(over, str):
            yield _untold(body, over)
            continue
        value, area = depth_of(over, body), float(over.area.area)
        values = {"value": value, "area": area}
        found = Found(body.id, value, "", STICKS, values, doubt=settings["accuracy"])
        limit = rule.norm + rule.tolerance + 1e-9
        if value - found.doubt > limit:
            places = lying_rings(over.area, _lowest(over))
            beyond = replace(over, area=over.area.difference(over.own), public=over.public.difference(over.own))
            if depth_of(beyond, body) - found.doubt > limit:
                yield replace(found, outcome=NON_COMPLIANT, places=places)
            else:
                yield replace(found, outcome=REVIEW, reason=OWN, places=places)
            continue
        unclear = _unclear(over, None)
        if unclear:
            yield replace(found, outcome=unclear[2], reason=unclear[0], values={**values, **unclear[1]})
        elif math.isnan(value):
            yield replace(found, outcome=REVIEW, reason=ACROSS, places=lying_rings(over.area, _lowest(over)))
        elif value == 0:
            yield replace(found, outcome=NOT_APPLICABLE, reason=NOTHING)
        else:
            yield found


def _lowest(over: Overhang) -> float:
    """Return the height at which an overhang is drawn [m NAP]: that of its lowest part."""
    return float(over.in_space(over.pieces)[:, :, 2].min()) if len(over.pieces) else 0.0


_DOUBTS = {"accuracy": _ACCURACY, "ground_doubt": _GROUND}
OVERHANG_CARRIAGEWAY = Quantity(
    id="overhang_carriageway",
    title=mark("Clear height above the carriageway"),
    unit="m",
    sense=AT_LEAST,
    measure=_carriageway,
    doc=mark(
        "Least height of what hangs over the carriageway, and over a strip beside it, above the surface of the road. "
        "The strip ends at the own plot, or with the road where no plot is given. Parts of a road whose function the "
        "base map does not tell may be carriageway: they lead to a review. Settings: strip, width at each side [m]; "
        "accuracy, how far edges in the base map may be off [m]; ground_doubt, how far the terrain may be off [m]."
    ),
    needs=("base_map", "terrain"),
    settings={"strip": _STRIP, **_DOUBTS},
)
OVERHANG_ROAD = Quantity(
    id="overhang_road",
    title=mark("Clear height above the road"),
    unit="m",
    sense=AT_LEAST,
    measure=_road,
    doc=mark(
        "Least height of what hangs over any part of the public road, such as a footway, a cycleway, parking places "
        "and verges, above its surface. Carriageways count too: their own, higher norm is another rule. Settings: "
        "accuracy, how far edges in the base map may be off [m]; ground_doubt, how far the terrain may be off [m]."
    ),
    needs=("base_map", "terrain"),
    settings=dict(_DOUBTS),
)
OVERHANG_DEPTH = Quantity(
    id="overhang_depth",
    title=mark("Depth of an overhang"),
    unit="m",
    sense=AT_MOST,
    measure=_depth,
    doc=mark(
        "How far the building sticks out over the public road, measured from its part over other ground. Setting: "
        "accuracy, how far edges in the base map may be off [m]."
    ),
    needs=("base_map", "terrain"),
    settings={"accuracy": _ACCURACY},
)
