"""What heights of a building are taken from, and how far they may be off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dtwin_plugin.translate import mark

from .case import PEIL_GIVEN
from .quantity import INSUFFICIENT, NOT_APPLICABLE, REVIEW, Found

if TYPE_CHECKING:
    from .case import Body
    from .quantity import Quantity
    from .rules import Rule

# m. A plan mostly takes the height of the road at the main entrance, or of the finished ground. The AHN is within
# 0.15 m of the ground there for 95 of 100 places, and what is built raises the ground as much again.
GROUND_DOUBT = 0.3

# m that eaves, balconies, bays and the like may stick out without counting ("ondergeschikte bouwdelen"), as in plan
# NL.IMRO.0213.BPBG700017-va01, chapter 1.2; others take up to 1.5 m.
MINOR_OVERHANG = 1.0

NOT_HERE = mark("It does not lie in the area of the rule.")
NO_LEVEL = mark("Its level of reference (peil) is not known: give it, or a terrain.")
IN_GROUND = mark(
    "Nothing of it rises over the level of reference ({peil:.2f} m NAP): look whether that level is right, or whether "
    "it lies in the ground."
)
NO_SURFACES = mark("It has no surfaces in space.")
NO_OUTLINE = mark("It has no outline on the map.")
NO_HEIGHTS = mark("Some of its surfaces have corners without a height.")
CROSSES = mark("The norm is exceeded only by parts that stick out: nothing stands on the ground of the area.")


def settings_of(quantity: Quantity, rule: Rule) -> Mapping[str, float]:
    """Return what holds for a rule: its own settings, and the defaults of the quantity."""
    return {**quantity.settings, **rule.settings}


def doubt_of(body: Body, ground: float) -> float:
    """Return how far heights over the level of reference may be off [m].

    Parameters
    ----------
    body : Body
        Of which the level may be given, and then is certain.
    ground : float
        How far a level from the terrain may be off [m].
    """
    return 0.0 if body.peil_from == PEIL_GIVEN else ground + body.peil_doubt


def unmeasurable(body: Body, rule: Rule) -> Found | None:
    """Return why heights of a building cannot be measured; None where they can."""
    import numpy as np

    if rule.where is not None and not body.outline.is_empty and not body.outline.intersects(rule.where):
        return absent(body)
    if not len(body.triangles):
        return Found(body.id, np.nan, INSUFFICIENT, NO_SURFACES)
    if not np.isfinite(body.triangles).all():
        return Found(body.id, np.nan, INSUFFICIENT, NO_HEIGHTS)
    if np.isnan(body.peil):
        return Found(body.id, np.nan, INSUFFICIENT, NO_LEVEL)
    if float(body.triangles[..., 2].max()) <= body.peil:  # a height below 0 would meet every norm
        found = Found(body.id, np.nan, REVIEW, IN_GROUND, {"peil": body.peil})
        return replace(found, peil=body.peil, peil_from=body.peil_from)
    return None


def absent(body: Body) -> Found:
    """Return that a rule is not about a building, because it lies elsewhere."""
    return Found(body.id, float("nan"), NOT_APPLICABLE, NOT_HERE)
