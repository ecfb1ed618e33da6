"""How high the eaves of a building are over the level of reference (goothoogte)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from .level import GROUND_DOUBT, doubt_of, settings_of, unmeasurable
from .quantity import AT_MOST, INSUFFICIENT, NOT_APPLICABLE, REVIEW, Found, Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .case import Body, Case
    from .roof_edges import Edges
    from .rules import Rule

_TAKEN = mark(
    "Taken at the lower edges of sloping roofs and around flat ones: {length:.1f} m of eaves, from {low:.2f} to "
    "{high:.2f} m NAP."
)
_DORMERS = mark(
    "The eaves over the norm ({length:.1f} m) interrupt lower ones on the same side, as those of a dormer do: look at "
    "how the plan measures them."
)
_OTHERS = mark(
    "The norm is met by the eaves, but a roof edge that may count too lies {other:.2f} m over the level of reference: "
    "of a dormer, of what is set back, at a slant or at the high side of a roof. Look at how the plan measures it."
)
_NO_EAVES = mark("No eaves are found along its roofs: look at the drawing.")
_NO_ROOF = mark("It has no faces that can be a roof.")
_NONE_HERE = mark("It has no roof edge in the area of the rule.")
_SAME_SIDE = 0.6  # m between the lines of eaves on one side of a building: a dormer may stand a little back
_MOST = 4000  # pieces of eaves that are compared with each other


def _measure(case: Case, rule: Rule) -> Iterator[Found]:
    for body in case.bodies:
        yield unmeasurable(body, rule) or _eaves(body, rule)


def _eaves(body: Body, rule: Rule) -> Found:
    from .roof_edges import EAVES, edges_of
    from .roof_faces import Faces

    chosen = settings_of(EAVES_HEIGHT, rule)
    faces = Faces(body)
    if not len(faces.roof):
        return Found(body.id, np.nan, INSUFFICIENT, _NO_ROOF)
    edges = edges_of(faces, body.peil, body.outline.area, chosen["minor_area"], chosen["large_share"])
    here = _in_area(edges, rule, chosen["overhang"])
    if len(edges.kinds) and not len(here.kinds):
        return Found(body.id, np.nan, NOT_APPLICABLE, _NONE_HERE)
    eaves, others = here.take(here.kinds == EAVES), here.take(here.kinds != EAVES)
    if not len(eaves.kinds):
        return Found(body.id, np.nan, REVIEW, _NO_EAVES)
    return _found(body, rule, eaves, others, doubt_of(body, chosen["peil_doubt"]))


def _found(body: Body, rule: Rule, eaves: Edges, others: Edges, doubt: float) -> Found:
    """Return the highest eaves, or why they do not decide."""
    allowed = rule.norm + rule.tolerance + 1e-9
    value = float(eaves.tops.max()) - body.peil
    over = eaves.tops - body.peil > allowed
    other = float(others.tops.max(initial=-np.inf)) - body.peil
    values = {"length": float(eaves.lengths.sum()), "low": float(eaves.tops.min()), "high": float(eaves.tops.max())}
    outcome, reason, shown = "", _TAKEN, eaves.take(over)
    if over.any() and _interrupt(eaves, over):
        values = {"length": float(eaves.lengths[over].sum())}
        outcome, reason = REVIEW, _DORMERS
    elif not over.any() and other + doubt > allowed:
        outcome, reason, values = REVIEW, _OTHERS, {"other": other}
        shown = others.take(others.tops - body.peil > allowed - doubt)
    places = _walls(shown, body.peil + rule.norm)
    return Found(body.id, value, outcome, reason, values, places, body.peil, body.peil_from, doubt)


def _in_area(edges: Edges, rule: Rule, overhang: float) -> Edges:
    """Return the edges of what stands in the area: the place below them, moved in by what a roof may stick out."""
    if rule.where is None:
        return edges
    import shapely

    shapely.prepare(rule.where)
    place = edges.ends.mean(axis=1)[:, :2] - overhang * edges.outward
    return edges.take(shapely.contains_xy(rule.where, place[:, 0], place[:, 1]))


def _interrupt(eaves: Edges, over: NDArray[np.bool_]) -> bool:
    """Tell whether all eaves over the norm lie on a side of the building that has more below it."""
    if not eaves.outer[over].all() or len(over) > _MOST:
        return False
    middle, out, lengths = eaves.ends.mean(axis=1)[:, :2], eaves.outward, eaves.lengths
    same = out[over] @ out.T > 0.99
    same &= np.abs(np.einsum("ijc,ic->ij", middle[None] - middle[over][:, None], out[over])) < _SAME_SIDE
    total = np.where(same, lengths, 0.0)
    return bool((total[:, ~over].sum(axis=1) > total[:, over].sum(axis=1)).all())


def _walls(edges: Edges, level: float) -> tuple[NDArray[np.float64], ...]:
    """Return upright rings from a level up to edges."""
    one, two = edges.ends[:, 0], edges.ends[:, 1]
    if not len(one) or not np.isfinite(level):
        return ()
    from .rings import merged

    low = np.minimum(level, edges.ends[..., 2].min(axis=1))
    left, right = (np.column_stack([end[:, :2], low]) for end in (one, two))
    return merged(np.concatenate([np.stack([left, right, two], axis=1), np.stack([left, two, one], axis=1)]))


EAVES_HEIGHT = Quantity(
    "eaves_height",
    mark("Eaves height"),
    "m",
    AT_MOST,
    _measure,
    mark(
        "From the level of reference (peil) to the highest eaves: the lower edge of sloping roofs, and the edge of "
        "flat ones, parapets included. Roofs are the faces that nothing lies over. Edges that a plan may measure or "
        "not (of dormers, of what is set back or open to the sky, high sides, edges at a slant) do not count, but "
        "where one of them lies over the norm a person must look; likewise where eaves over the norm interrupt longer "
        "lower ones on the same side. minor_area [m2]: what a chimney or an opening in a roof spans at most. "
        "large_share [percent]: of the building that a roof over a flat roof spans at least for its edge to count. "
        "overhang [m]: how far a roof may stick out over the border of the area. peil_doubt [m]: how far a level taken "
        "from the terrain may be off."
    ),
    settings={"minor_area": 2.0, "large_share": 25.0, "overhang": 0.75, "peil_doubt": GROUND_DOUBT},
)
