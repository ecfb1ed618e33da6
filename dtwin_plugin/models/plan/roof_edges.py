"""Where roofs end: their free edges, what lies beyond them, and which of them are eaves.

A free edge has no roof on its other side. Below a sloping roof it is the eaves where it runs along the slope's lower
end, the verge where it runs with the slope, and the high side where the roof falls away from it; around a flat roof
all of it is its edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .patches import joined, places_of, spans_of
from .roof_faces import Faces, upstands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_AT_ONCE = 20_000  # pieces that are looked at together, for the memory: a tower has many floors at each
STEP = 1.0  # m between the places along an edge where it is looked at
_BESIDE = 0.1  # m beyond an edge where a roof that goes on is looked for: wider than joints between faces
_BEYOND = 0.3  # m beyond an edge where a lower roof is looked for: wider than a gutter
_INSIDE = 0.05  # m
_JUMP = 0.15  # m between two roofs at an edge, below which one goes on in the other
_COVERED = 0.05  # m
_LOW = 1.5  # m over the level of reference: what is lower is no roof, but a terrace or a plinth
_PARAPET = 1.5  # m that a rim rises over the roof behind it at most; more is a front of its own
FLAT = float(np.tan(np.radians(5.0)))  # rise of a roof that counts as flat
_ALONG = float(np.cos(np.radians(20.0)))  # of the angle between the fall of a roof and the way out of its edge
EAVES, UNCLEAR, VERGE = 1, 2, 3


class Edges(NamedTuple):
    """Pieces of free edges of roofs.

    Attributes
    ----------
    kinds : ndarray
        int64: `EAVES`, `VERGE`, or `UNCLEAR` (the edge of a dormer, of what is set back, high sides, at a slant).
    outer : ndarray
        bool: nothing lies below but the ground.
    ends : ndarray
        Shape (n, 2, 3) [m]; the height is that of a parapet where there is one.
    outward : ndarray
        Unit vectors, shape (n, 2).
    """

    kinds: Integers
    outer: Flags
    ends: Floats
    outward: Floats

    def take(self, chosen: Flags) -> Edges:
        """Return the chosen pieces."""
        return Edges(self.kinds[chosen], self.outer[chosen], self.ends[chosen], self.outward[chosen])

    @property
    def lengths(self) -> Floats:
        """On the map [m]."""
        return np.asarray(np.linalg.norm(np.diff(self.ends[..., :2], axis=1)[:, 0], axis=1))

    @property
    def tops(self) -> Floats:
        """Height of the higher end [m NAP]."""
        return np.asarray(self.ends[..., 2].max(axis=1))


def edges_of(faces: Faces, peil: float, area: float, minor_area: float, large_share: float) -> Edges:
    """Return the edges of roofs.

    Parameters
    ----------
    faces : Faces
        Of a building.
    peil : float
        Level of reference [m NAP].
    area : float
        Of the building on the map [m2].
    minor_area : float
        That a chimney spans at most, and an opening in a roof [m2].
    large_share : float
        Of the building that a roof spans at least whose edge is one of eaves also where it is set back [percent].
    """
    rows, ends = _free(faces, minor_area)
    high = ends[..., 2].max(axis=1) > peil + _LOW
    rows, ends = _pieces(rows[high], ends[high])
    outward, depth = _outward(faces.triangles[faces.roof[rows]], ends)
    found = [np.empty(0, np.int64)]
    for begin in range(0, len(rows), _AT_ONCE):
        some = np.arange(begin, min(begin + _AT_ONCE, len(rows)))
        middle = ends[some].mean(axis=1)
        open_ = some[~_covered(faces, faces.roof[rows[some]], middle, outward[some], depth[some])]
        found.append(open_[~_goes_on(faces, ends[open_].mean(axis=1), outward[open_])])
    kept = np.concatenate(found)
    rows, ends, outward = rows[kept], ends[kept], outward[kept]
    outer, over_flat = _below(faces, peil, ends.mean(axis=1), outward)
    slopes = faces.slopes[faces.roof[rows]]
    fall = np.linalg.norm(slopes, axis=1)
    out = -(slopes * outward).sum(axis=1) / np.maximum(fall, 1e-12)
    flat = fall < FLAT
    spans = faces.spans[rows]
    large = spans > minor_area
    counts = outer | (over_flat & (spans >= large_share / 100 * area))
    eaves = (flat | (out >= _ALONG)) & large & faces.named[rows] & counts
    verge = ~flat & (np.abs(out) <= np.sqrt(1 - _ALONG**2))
    chimney = ~large & ~outer
    ridge = ~flat & (out <= -_ALONG) & ~outer & ~over_flat
    kinds = np.where(eaves, EAVES, np.where(verge, VERGE, UNCLEAR))
    return _with_parapets(Edges(kinds, outer, ends, outward).take(~chimney & ~ridge), faces)


def _free(faces: Faces, minor_area: float) -> tuple[Integers, Floats]:
    """Return the row in `roof` and the ends of edges with no other face on their other side, openings left out."""
    triangles = faces.triangles[faces.roof]
    places = places_of(triangles.reshape(-1, 3)).reshape(-1, 3)
    begin, end = places.ravel(), np.roll(places, -1, axis=1).ravel()
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    edge = np.unique(low * (int(high.max(initial=0)) + 1) + high, return_inverse=True)[1].reshape(-1)
    ends = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2, 3)
    third = np.roll(triangles, -2, axis=1).reshape(-1, 3)
    along, aside = (ends[:, 1] - ends[:, 0])[:, :2], (third - ends[:, 0])[:, :2]
    left = (along[:, 0] * aside[:, 1] - along[:, 1] * aside[:, 0] > 0) ^ (begin > end)
    sides = np.zeros((int(edge.max(initial=-1)) + 1, 2), bool)
    sides[edge, left.astype(int)] = True
    free = np.flatnonzero(~sides[edge].all(axis=1) & (np.linalg.norm(along, axis=1) > 1e-6))
    loops = joined(np.stack([begin[free], end[free]], axis=1))
    spans = spans_of(ends[free].reshape(-1, 3), np.repeat(loops, 2))
    rows = free // 3
    opening = (spans[loops] <= minor_area) & (faces.spans[rows] > minor_area)
    return rows[~opening], ends[free[~opening]]


def _pieces(rows: Integers, ends: Floats) -> tuple[Integers, Floats]:
    """Cut edges in pieces of equal length, at most `STEP` long."""
    length = np.linalg.norm((ends[:, 1] - ends[:, 0])[:, :2], axis=1)
    counts = np.maximum(np.ceil(length / STEP).astype(np.int64), 1)
    of = np.repeat(np.arange(len(rows)), counts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    along = (ends[:, 1] - ends[:, 0])[of] / counts[of][:, None]
    begin = ends[of, 0] + number[:, None] * along
    return rows[of], np.stack([begin, begin + along], axis=1)


def _outward(triangles: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Return the way out of triangles over an edge, (n, 2), and how deep they reach behind it [m]."""
    along = (ends[:, 1] - ends[:, 0])[:, :2]
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    out = np.column_stack([along[:, 1], -along[:, 0]])
    depth = ((triangles - ends[:, :1])[..., :2] * out[:, None]).sum(axis=2)
    far = depth[np.arange(len(depth)), np.abs(depth).argmax(axis=1)]
    return out * np.where(far > 0, -1.0, 1.0)[:, None], np.abs(far)


def _covered(faces: Faces, own: Integers, middle: Floats, outward: Floats, depth: Floats) -> Flags:
    """Tell whether something lies over a face just inside its edge."""
    inside = middle[:, :2] - outward * np.minimum(_INSIDE, depth / 3)[:, None]
    rows, found = faces.at(inside)
    higher = faces.heights(found, inside[rows]) > faces.heights(own, inside)[rows] + _COVERED
    return np.bincount(rows[higher], minlength=len(own)) > 0


def _goes_on(faces: Faces, middle: Floats, outward: Floats) -> Flags:
    """Tell whether a roof, or a higher one, lies just beyond an edge."""
    rows, found = faces.at(middle[:, :2] + _BESIDE * outward)
    there = faces.heights(found, middle[rows, :2]) > middle[rows, 2] - _JUMP
    return np.bincount(rows[there], minlength=len(middle)) > 0


def _below(faces: Faces, peil: float, middle: Floats, outward: Floats) -> tuple[Flags, Flags]:
    """Tell whether nothing lies below an edge but the ground, and whether a flat roof does, and not a rim higher."""
    place = middle[:, :2] + _BEYOND * outward
    rows, found = faces.at(place)
    height = faces.heights(found, place[rows])
    under = (height > peil + _LOW) & (height < middle[rows, 2])
    rows, found, height = rows[under], found[under], height[under]
    order = np.argsort(height, kind="stable")  # the highest is written last
    seen = np.full(len(middle), -1)
    seen[rows[order]] = found[order]
    on_roof = np.flatnonzero(seen >= 0)
    below = faces.heights(seen[on_roof], place[on_roof])
    over_flat = np.zeros(len(middle), bool)
    deep = middle[on_roof, 2] - below > _PARAPET
    over_flat[on_roof] = deep & (np.linalg.norm(faces.slopes[seen[on_roof]], axis=1) < FLAT)
    return seen < 0, over_flat


def _with_parapets(edges: Edges, faces: Faces) -> Edges:
    """Return edges at the top of the wall that stands on them; a front that rises far over them is unclear."""
    rise = upstands(faces.upright, edges.ends.mean(axis=1), edges.outward, 1.5 * _BESIDE) - edges.tops
    ends = edges.ends.copy()
    ends[..., 2] += np.where(rise > _COVERED, rise, 0.0)[:, None]
    front = (rise > _PARAPET) & (edges.kinds == EAVES)
    return edges._replace(ends=ends, kinds=np.where(front, UNCLEAR, edges.kinds))
