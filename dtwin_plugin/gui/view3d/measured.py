"""What was measured, in words and numbers as the user's locale writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dtwin_plugin.data.measure import Leg, area_of, legs
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.layers.object_facts import Facts
from dtwin_plugin.translate import tr

from ..numbers import shown

_FLAT = 0.05  # m that corners may lie out of their plane before it is told
_Path = Sequence[tuple[float, float, float]]


def way_facts(places: _Path) -> list[Facts]:
    """Return the length of a way in all, and of each of its parts."""
    parts = legs(places)
    groups = [Facts(tr("From {first} to {last}").format(first=k + 1, last=k + 2), _leg_rows(leg)) for k, leg in
              enumerate(parts)]  # fmt: skip
    if len(parts) > 1:
        total = ((tr("Length in space"), metres(sum(leg.length for leg in parts))),
                 (tr("Length on the map"), metres(sum(leg.horizontal for leg in parts))),
                 (tr("Height difference"), metres(sum(leg.rise for leg in parts))))  # fmt: skip
        groups = [Facts(tr("In all"), total), *groups]
    return [*groups, *_places(places)]


def area_facts(places: _Path) -> list[Facts]:
    """Return the area of a polygon in its own plane and on the map, and its outline."""
    if len(places) < 3:
        return _places(places)
    found = area_of(places)
    if found is None:
        return [Facts(tr("Surface area"), ((tr("Not known"), tr("Sides cross each other: undo the last place.")),)),
                *_places(places)]  # fmt: skip
    outline = sum(leg.length for leg in legs([*places, places[0]]))
    rows = [
        (tr("In its own plane"), f"{shown(found.true, 2)} m²"),
        (tr("On the map"), f"{shown(found.horizontal, 2)} m²"),
        (tr("Outline"), metres(outline)),
    ]
    if found.uneven > _FLAT:
        uneven = tr("corners lie up to {far} m beside the plane").format(far=shown(found.uneven, 2))
        rows.append((tr("Not flat"), uneven))
    return [Facts(tr("Surface area"), tuple(rows)), *_places(places)]


def height_facts(places: _Path, relief: Relief) -> list[Facts]:
    """Return how far a place lies above the ground."""
    x, y, z = places[0]
    ground = float(relief.heights(np.array([x]), np.array([y]))[0])
    if ground != ground:
        rows = ((tr("Ground"), tr("no height is known here")),)
    else:
        rows = ((tr("Above the ground"), metres(z - ground)), (tr("Ground"), f"{shown(ground, 2)} m NAP"))
    return [Facts(tr("Height above the ground"), rows), *_places(places)]


def metres(length: float) -> str:
    """Return a length to the centimetre."""
    return f"{shown(length, 2)} m"


def _leg_rows(leg: Leg) -> tuple[tuple[str, str], ...]:
    slope = "" if math.isnan(leg.slope) else f"{shown(leg.degrees, 1)}°"
    if math.isfinite(leg.slope):
        slope += f" ({shown(100 * leg.slope, 1)} %)"
    rows = ((tr("Length in space"), metres(leg.length)), (tr("Length on the map"), metres(leg.horizontal)),
            (tr("Height difference"), metres(leg.rise)), (tr("Slope"), slope))  # fmt: skip
    return tuple(row for row in rows if row[1])


def _places(places: _Path) -> list[Facts]:
    texts = [f"{shown(x, 2)}  {shown(y, 2)}  {shown(z, 2)} m NAP" for x, y, z in places]
    return [Facts(tr("Places"), tuple((str(k), text) for k, text in enumerate(texts, 1)))] if texts else []
