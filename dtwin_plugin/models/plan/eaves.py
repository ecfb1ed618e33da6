"""How high the eaves of a building are over the level of reference (goothoogte).

References
----------
Plan NL.IMRO.0213.BPBG700017-va01 (Buurtweg 42), chapter 1.2, "wijze van meten": from the level of reference to the top
of the gutter, the drip line, the fascia or what is equal to it, dormers and half-hips excepted. Other plans do not
except them (NL.IMRO.1651.1111602-VG01), or only up to a third of the front (NL.IMRO.9926.IP11RuimtevdLek-OW02).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.translate import mark

from .level import GROUND_DOUBT, MINOR_OVERHANG, doubt_of, settings_of, unmeasurable
from .quantity import AT_MOST, INSUFFICIENT, NOT_APPLICABLE, REVIEW, Found, Quantity
from .shapes import places_in

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
    "The eaves over the norm ({length:.1f} m) take the smaller part of their side, as those of a dormer or a half-hip "
    "do: look at how the plan measures them."
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
    from .roof_edges import VERGE, edges_of
    from .roof_faces import Faces

    chosen = settings_of(EAVES_HEIGHT, rule)
    faces = Faces(body)
    if not len(faces.roof):
        return Found(body.id, np.nan, INSUFFICIENT, _NO_ROOF)
    edges = edges_of(faces, body.peil, body.outline.area, chosen["minor_area"], chosen["large_share"])
    here = _in_area(edges, rule, chosen["overhang"])
    if (edges.kinds != VERGE).any() and (here.kinds == VERGE).all():
        return Found(body.id, np.nan, NOT_APPLICABLE, _NONE_HERE)
    return _found(body, rule, here, doubt_of(body, chosen["peil_doubt"]))


def _found(body: Body, rule: Rule, edges: Edges, doubt: float) -> Found:
    """Return the highest eaves, or why they do not decide."""
    from .roof_edges import EAVES, UNCLEAR, VERGE

    eaves, others, verges = (edges.take(edges.kinds == kind) for kind in (EAVES, UNCLEAR, VERGE))
    if not len(eaves.kinds):
        return Found(body.id, np.nan, REVIEW, _NO_EAVES)
    allowed = rule.norm + rule.tolerance + 1e-9
    value = float(eaves.tops.max()) - body.peil
    over = eaves.tops - body.peil > allowed
    other = float(others.tops.max(initial=-np.inf)) - body.peil
    values = {"length": float(eaves.lengths.sum()), "low": float(eaves.tops.min()), "high": float(eaves.tops.max())}
    outcome, reason, shown = "", _TAKEN, eaves.take(over)
    if over.any() and _are_small(eaves, over, verges):
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
    return edges.take(places_in(rule.where, place[:, 0], place[:, 1]))


def _are_small(eaves: Edges, over: NDArray[np.bool_], verges: Edges) -> bool:
    """Tell whether eaves over the norm take the smaller part of their sides: the rest has lower ones, or verges."""
    high = eaves.take(over)
    rest = [eaves.take(~over), verges.take(verges.outer)]
    if not high.outer.all() or len(eaves.kinds) + len(verges.kinds) > _MOST:
        return False
    beside = sum(_on_side(high, edges) @ edges.lengths for edges in rest)
    return bool((beside > _on_side(high, high) @ high.lengths).all())


def _on_side(edges: Edges, others: Edges) -> NDArray[np.bool_]:
    """Tell which others lie on the same side of a building as each edge, shape (edges, others)."""
    out = edges.outward
    apart = others.ends.mean(axis=1)[None, :, :2] - edges.ends.mean(axis=1)[:, None, :2]
    far = np.abs(np.einsum("ijc,ic->ij", apart, out))
    return np.asarray((out @ others.outward.T > 0.99) & (far < _SAME_SIDE))


def _walls(edges: Edges, level: float) -> tuple[NDArray[np.float64], ...]:
    """Return upright rings from a level up to edges."""
    one, two = edges.ends[:, 0], edges.ends[:, 1]
    if not len(one) or not np.isfinite(level):
        return ()
    from .clipping import over
    from .rings import merged

    low = np.minimum(level, edges.ends[..., 2].min(axis=1))
    left, right = (np.column_stack([end[:, :2], low]) for end in (one, two))
    walls = np.concatenate([np.stack([left, right, two], axis=1), np.stack([left, two, one], axis=1)])
    return merged(over(walls, level)[0])


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
        "where one of them lies over the norm a person must look; likewise where eaves over the norm take the smaller "
        "part of their side, as those of dormers and half-hips do. minor_area [m2]: what a chimney or an opening in a "
        "roof spans at most. large_share [percent]: of the building that a roof over a flat roof spans at least for "
        "its edge to count. overhang [m]: how far a roof may stick out over the border of the area. peil_doubt [m]: "
        "how far a level taken from the terrain may be off."
    ),
    settings={"minor_area": 2.0, "large_share": 25.0, "overhang": MINOR_OVERHANG, "peil_doubt": GROUND_DOUBT},
)
