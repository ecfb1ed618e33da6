"""How high a building is over the level of reference (bouwhoogte).

References
----------
Plan NL.IMRO.0213.BPBG700017-va01 (Buurtweg 42), chapter 1.2, "wijze van meten", as many others have it: from the level
of reference to the highest point, except minor parts such as chimneys, antennas and what is of their kind. What size
makes a part minor is an assumption here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.translate import mark

from .level import CROSSES, GROUND_DOUBT, absent, doubt_of, settings_of, unmeasurable
from .quantity import AT_MOST, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from .case import Body, Case
    from .minor import Top
    from .rules import Rule

_PLAIN = mark("Highest point at {highest:.2f} m NAP.")
_LESS = mark(
    "Highest point at {highest:.2f} m NAP, {raw:.2f} m over the level of reference; left out are minor parts (number: "
    "{parts}; largest: {largest:.2f} m2)."
)
_DECIDES = mark(
    "The highest point lies {raw:.2f} m over the level of reference. The norm is met only if what rises over "
    "{main:.2f} m (parts: {parts}; largest: {largest:.2f} m2) is minor, as chimneys and antennas: look at it."
)
_NARROW = mark("The area is narrower than the tolerance at its borders: look at the drawing.")


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    for body in case.bodies:
        yield unmeasurable(body, rule) or _height(body, rule)


def _height(body: Body, rule: Rule) -> Found:
    from .minor import top_of

    chosen = settings_of(BUILDING_HEIGHT, rule)
    where = inner(rule.where, chosen["border"])
    narrow = where is not None and where.is_empty
    top = top_of(
        body.triangles,
        rule.where if narrow else where,
        body.outline.area,
        chosen["minor_area"],
        chosen["minor_share"],
    )
    if np.isnan(top.highest):
        return absent(body)
    doubt = doubt_of(body, chosen["peil_doubt"])
    raw, main = top.highest - body.peil, top.main - body.peil
    values = {"highest": top.highest, "raw": raw, "main": main, "parts": top.parts, "largest": top.largest}
    allowed = rule.norm + rule.tolerance + 1e-9
    outcome, reason = "", _LESS if top.parts else _PLAIN
    if narrow:
        outcome, reason = REVIEW, _NARROW
    elif top.parts and raw + doubt > allowed and main - doubt <= allowed:
        outcome, reason = REVIEW, _DECIDES
    elif main - doubt > allowed and _sticks_out(body, where):
        outcome, reason = REVIEW, CROSSES
    places = _beyond(top, body.peil + rule.norm) if raw + doubt > allowed else ()
    return Found(body.id, main, outcome, reason, values, places, body.peil, body.peil_from, doubt)


def inner(where: BaseGeometry | None, border: float) -> BaseGeometry | None:
    """Return an area without a strip along its borders, where a wall may stand in this area or in the next.

    Parameters
    ----------
    where : shapely geometry or None
        Polygons; None for everywhere.
    border : float
        Width of the strip [m].
    """
    return where if where is None or border <= 0 else where.buffer(-border, join_style="mitre")


def _sticks_out(body: Body, where: BaseGeometry | None) -> bool:
    """Tell whether a building only hangs over an area: its foot, where it is known apart, does not stand in it."""
    return where is not None and not body.foot.is_empty and not body.foot.intersects(where)


def _beyond(top: Top, level: float) -> tuple[NDArray[Any], ...]:
    from .clipping import over
    from .rings import merged

    return merged(over(top.pieces, level)[0])


BUILDING_HEIGHT = Quantity(
    "building_height",
    mark("Building height"),
    "m",
    AT_MOST,
    _measure,
    mark(
        "From the level of reference (peil) to the highest point of the building in the area of the rule, minor parts "
        "such as chimneys and antennas left out. A minor part rises over the highest roof, spans no more than "
        "minor_area [m2], and all together no more than minor_share [percent] of the building. Where the norm is met "
        "only without them, a person must look. border [m]: what lies within it of the border of the area is not "
        "measured, since a wall on the border may belong to either side. peil_doubt [m]: how far a level taken from "
        "the terrain may be off."
    ),
    settings={"minor_area": 2.0, "minor_share": 5.0, "border": 0.1, "peil_doubt": GROUND_DOUBT},
)
