"""Outcomes as tables and layers: what a permit officer reads, and where it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import from_rows
from dtwin_plugin.data.crs import RD, RD_NAP
from dtwin_plugin.translate import tr

from .columns import OUTCOME_COLUMNS
from .places import closed, shown
from .quantity import NON_COMPLIANT, NOT_APPLICABLE, OUTCOMES, REVIEW
from .sentences import TITLES
from .shapes import geometries_of
from .testing import PLAN, Outcome, worst

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .case import Body
    from .rules import RuleSet

_BREACH = (NON_COMPLIANT, REVIEW)


def outcomes_table(rows: Sequence[Outcome], rules: RuleSet) -> dict[str, list[Any]]:
    """Return a row for each rule and object; numbers that are not known are None."""
    table: dict[str, list[Any]] = {name: [] for name in OUTCOME_COLUMNS}
    for row in rows:
        rule, found = row.rule, row.found
        cells = {
            "rule": rule.id,
            "title": rule.title or tr(row.quantity.title),
            "object": found.object,
            "outcome": found.outcome,
            "quantity": row.quantity.id,
            "value": _known(found.value),
            "norm": _known(rule.norm),
            "unit": row.quantity.unit,
            "tolerance": rule.tolerance,
            "doubt": _known(found.doubt),
            "peil": _known(found.peil),
            "peil_from": tr(found.peil_from) if found.peil_from else "",
            "sentence": row.sentence,
            "text": rule.text,
            "source": rule.source,
            "link": rule.link,
            "date": rule.date,
            "rule_set": f"{rules.id} {rules.version}",
            "digest": rules.digest,
        }
        for name, value in cells.items():
            table[name].append(value)
    return table


def summary_table(rows: Sequence[Outcome]) -> dict[str, list[Any]]:
    """Return how many outcomes there are of each kind, all five in their order."""
    counts = [sum(row.found.outcome == outcome for row in rows) for outcome in OUTCOMES]
    return {"outcome": list(OUTCOMES), "title": [tr(TITLES[outcome]) for outcome in OUTCOMES], "count": counts}


def objects_layer(bodies: Sequence[Body], rows: Sequence[Outcome], drawn: bool = False) -> Features:
    """Return the outline of each building with its worst outcome; what is said of the plan as a whole is of each.

    Buildings that were drawn as outlines on the map are marked: nothing else of them stands in 3D.
    """
    columns = []
    for body in bodies:
        own = [row for row in rows if row.found.object in (body.id, PLAN)]
        outcome = worst(row.found.outcome for row in own)
        counts = {name: sum(row.found.outcome == name for row in own) for name in OUTCOMES}
        told = [row.sentence for row in own if row.found.outcome == outcome != NOT_APPLICABLE]
        z = body.triangles[:, :, 2]
        columns.append(
            {
                "object": body.id,
                "outcome": outcome,
                **counts,
                "sentences": "\n".join(told),
                "peil": body.peil,
                "peil_from": tr(body.peil_from) if body.peil_from else "",
                "bottom": float(z.min()) if math.isnan(body.peil) else body.peil,
                "top": float(z.max()),
                "drawn": int(drawn),
            }
        )
    shapes = geometries_of([body.outline for body in bodies])
    return Features(shapes, from_rows(columns), {"peil": "m", "bottom": "m", "top": "m"}, RD, "Tested buildings")


def violations_layer(rows: Sequence[Outcome], bodies: Sequence[Body] = ()) -> Features:
    """Return where each outcome that is no good one goes beyond its norm, as polygons in space [m NAP].

    They are drawn `places.OFF` before the surface of the building that they lie in.
    """
    named = {body.id: body for body in bodies}
    shapes, columns = [], []
    for row in rows:
        rings = [closed(place) for place in row.found.places] if row.found.outcome in _BREACH else []
        parts = [[ring.tolist()] for ring in shown([r for r in rings if len(r)], named.get(row.found.object))]
        if not parts:
            continue
        shapes.append(parts)
        columns.append(
            {
                "rule": row.rule.id,
                "title": row.rule.title or tr(row.quantity.title),
                "object": row.found.object,
                "outcome": row.found.outcome,
                "value": row.found.value,
                "norm": row.rule.norm,
                "unit": row.quantity.unit,
                "sentence": row.sentence,
            }
        )
    geometries = Geometries.build("polygon", shapes) if shapes else _none()
    names = ("rule", "title", "object", "outcome", "value", "norm", "unit", "sentence")
    found: dict[str, NDArray[Any]] = from_rows(columns) if columns else {
        name: np.empty(0, float if name in ("value", "norm") else object) for name in names
    }  # fmt: skip
    return Features(geometries, found, crs=RD_NAP, name="Violations")


def _none() -> Geometries:
    level = np.zeros(1, np.int64)
    return Geometries("polygon", np.empty((0, 3)), level, level, level)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
