"""What of a body hangs over public road and how high above it, apart from what stands on the road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from ..subsurface.ground import bilinear
from .clip import below, fine
from .clipping import within
from .rings import merged
from .roads import Roads, near, roads_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features, Grid

    from .case import Body

    Floats = NDArray[np.float64]

TOUCH = 0.001  # m: what reaches no further over an area only touches it
IN_GROUND = 0.1  # m above the road that still counts as in it: what the terrain may be off
STANDS = 0.5  # m above the road below which a part stands there: the lowest cut of the foot of a body
_BESIDE = 0.05  # m around what stands, which goes with it: plinths, and corners that do not meet
_REACH = 1.0  # m within which the road is as high: it slopes a few per cent
_STEP = 1.0  # m between places where the ground is looked up
_AROUND = 2.0  # m of road around a body that is looked at
_NEAR = 0.5  # m from the part over other ground at which an overhang begins
_SPECK = 0.01  # m2: less is no part of a building
_HALF = 0.0005  # m to which a depth is found
_ALONG = 0.1  # m between places where the depth is measured


@dataclass(frozen=True)
class Overhang:
    """Parts of a body over public road.

    Attributes
    ----------
    pieces, whole : ndarray
        float64, shape (n, 3, 3): triangles over the road that do not stand on it: x, y and the height above the
        surface of the road [m]; as small as the ground asks, and as large as they come.
    area : shapely geometry
        Where they are, within the outline.
    stands : shapely geometry
        Where the body stands on the road, beyond the accuracy of its edge.
    blind : bool
        Whether the height of the road is not known below some of it.
    raised : bool
        Whether it lies over road on a bridge, whose height nobody knows.
    public, roads : shapely geometry, Roads
        The public road around the body, and of what it consists.
    sure, own : shapely geometry
        Of the public road what surely is, beyond the accuracy of its edge and not on the own plot; and what is on it.
    terrain : Grid
        Height of the ground [m NAP].
    """

    pieces: Floats
    whole: Floats
    area: BaseGeometry
    stands: BaseGeometry
    blind: bool
    raised: bool
    public: BaseGeometry
    roads: Roads
    sure: BaseGeometry
    own: BaseGeometry
    terrain: Grid

    def lower(self, zone: BaseGeometry | None, limit: float) -> Floats:
        """Return what hangs lower than a limit over a zone, all of the road by default, as `pieces`."""
        return _lower(self.pieces, zone, limit)

    def rings(self, zone: BaseGeometry | None, limit: float) -> tuple[Floats, ...]:
        """Return the same in m NAP, faces as large as they come where the ground allows it."""
        found = _lower(self.whole, zone, limit)
        found = found if len(found) else self.lower(zone, limit)
        return merged(self.in_space(found))

    def in_space(self, pieces: Floats) -> Floats:
        """Return pieces with heights in m NAP."""
        ground = road_height(self.terrain, pieces[:, :, 0], pieces[:, :, 1])
        return np.concatenate([pieces[:, :, :2], (pieces[:, :, 2] + ground)[:, :, None]], axis=2)


def _lower(pieces: Floats, zone: BaseGeometry | None, limit: float) -> Floats:
    low = pieces[:0] if limit != limit else pieces if limit == np.inf else below(pieces, limit)[0]
    if not len(low) or zone is None:
        return low
    flat = low[:, :, :2].reshape(-1, 2)
    here = zone.intersection(shapely.box(*(flat.min(axis=0) - 1), *(flat.max(axis=0) + 1)))  # few corners cut quickly
    here = inner(here)
    return low[:0] if here.is_empty else within(low, here)[0]


def inner(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape a little smaller, so that what only touches it lies outside; as it is where that goes wrong."""
    small = shape.buffer(-TOUCH, join_style="mitre")
    # of shapes with very short sides GEOS may lose far more than their edge
    return small if small.area >= shape.area - 2 * TOUCH * shape.length else shape


def _sliver(shape: BaseGeometry) -> bool:
    return bool(shape.area <= TOUCH * shape.length)


def overhang_of(
    body: Body, base_map: Features, terrain: Grid, strip: float, accuracy: float, plot: BaseGeometry | None,
    where: BaseGeometry | None,
) -> Overhang:  # fmt: skip
    """Return what hangs over public road.

    Parameters
    ----------
    base_map : Features
        Of the BGT, with a column of classes.
    strip : float
        Beside the carriageway that goes with it [m], where it is not on the own plot.
    accuracy : float
        How far the edge of a road may lie from where it is drawn [m].
    plot : shapely geometry or None
        The own plot; where it is not known, the strip ends with the road.
    where : shapely geometry or None
        Nothing outside it counts.
    """
    reach = _AROUND + strip + accuracy
    around = shapely.box(*body.outline.bounds).buffer(reach)
    roads = Roads(*(shapely.intersection(part, around) for part in roads_of(near(base_map, body.outline, reach))))
    public = roads.whole
    if plot is not None:
        beside = shapely.union(roads.carriageway, roads.unknown).buffer(strip, quad_segs=4)
        public = public.union(beside.difference(plot))
    own = shapely.Polygon() if plot is None else public.intersection(plot)
    certain = public.buffer(-accuracy)
    over = public if where is None else public.intersection(where)
    over = inner(over.intersection(shapely.box(*body.outline.bounds).buffer(1.0, join_style="mitre")))
    raised = not _sliver(roads.raised.intersection(body.outline))
    if over.is_empty:
        nothing = shapely.Polygon()
        none = np.empty((0, 3, 3))
        return Overhang(none, none, nothing, nothing, False, raised, public, roads, nothing, nothing, terrain)
    triangles = body.triangles[np.isfinite(body.triangles).all(axis=(1, 2))]
    whole = within(triangles, over)[0]
    pieces, blind = _from_road(fine(whole, _STEP), terrain)
    whole, _ = _from_road(whole, terrain)
    low = _low(pieces)
    sure = over.intersection(certain)
    stands = low.intersection(sure)
    if not low.is_empty:  # of what is surely over the road and of the margin, apart: a bay may begin in the margin
        foot = body.foot.intersection(over)
        parts = np.concatenate([shapely.get_parts(foot.intersection(sure)), shapely.get_parts(foot.difference(sure))])
        low = shapely.union_all([low, *parts[shapely.intersects(parts, low)]])
        stands = shapely.Polygon() if stands.is_empty else low.intersection(sure)
    area = over.difference(low)
    if not low.is_empty:
        rest = inner(area)
        pieces, whole = (some[:0] if rest.is_empty else within(some, rest)[0] for some in (pieces, whole))
    area, certain = area.intersection(body.outline), certain.difference(own)
    return Overhang(pieces, whole, area, stands, blind, raised, public, roads, certain, own, terrain)


def _from_road(pieces: Floats, terrain: Grid) -> tuple[Floats, bool]:
    """Return triangles over a road with heights above it, and whether its height is not all known."""
    clear = pieces[:, :, 2] - road_height(terrain, pieces[:, :, 0], pieces[:, :, 1])
    known = np.isfinite(clear).all(axis=1)
    pieces = np.concatenate([pieces[:, :, :2], clear[:, :, None]], axis=2)[known]
    return pieces[pieces[:, :, 2].max(axis=1) > IN_GROUND], bool((~known).any())


def road_height(terrain: Grid, x: Floats, y: Floats) -> Floats:
    """Return the height of the road; where the terrain has none, as beside walls, that of the nearest that is known."""
    found = bilinear(terrain, x, y)
    for away in np.arange(1, max(1, round(_REACH / terrain.cell_size)) + 1) * terrain.cell_size:
        missing = np.isnan(found)
        if not missing.any():
            break
        turn = np.arange(8) * np.pi / 4
        around = (x[missing][:, None] + away * np.cos(turn), y[missing][:, None] + away * np.sin(turn))
        heights = terrain.sample(*around).astype(float)
        known = np.isfinite(heights)
        total = np.where(known, heights, 0.0).sum(axis=1)
        found[missing] = np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)
    return found


def _low(pieces: Floats) -> BaseGeometry:
    """Return where pieces reach down to the ground, a little wider."""
    low = below(pieces, STANDS)[0]
    low = low[low[:, :, 2].max(axis=1) > IN_GROUND]
    if not len(low):
        return shapely.Polygon()
    flat = shapely.convex_hull(shapely.multipoints(shapely.points(low[:, :, :2])))  # a line where it is upright
    return shapely.union_all(shapely.buffer(flat, _BESIDE, join_style="mitre", cap_style="square"))


def depth_of(overhang: Overhang, body: Body) -> float:
    """Return how far the body sticks out over the road, from where it lies over other ground [m].

    0 where it does not; NaN where it comes from both sides of the road, or from nowhere.
    """
    origin = shapely.get_parts(body.outline.difference(overhang.public))
    origin = origin[shapely.area(origin) > _SPECK]
    deepest = 0.0
    for part in shapely.get_parts(overhang.area):
        if _sliver(part):
            continue
        sides = origin[shapely.distance(origin, part) <= _NEAR]
        if not len(origin) or len(sides) > 1:
            return float("nan")
        start = sides[0] if len(sides) else shapely.union_all(origin)
        places = shapely.points(shapely.get_coordinates(shapely.segmentize(part.boundary, _ALONG)))
        deepest = _square_to(start, places, deepest)
    return deepest


def _square_to(shape: BaseGeometry, places: NDArray[np.object_], least: float) -> float:
    """Return how far places lie from the sides of a shape at most, measured square to them, and at least so far [m].

    That is what people measure: at a corner the straight way to it is longer.
    """
    high = float(shapely.distance(places, shape).max())
    if high <= least + _HALF or _reaches(shape, places, least + _HALF):
        return least
    low = max(high / 2, least)
    while high - low > _HALF:
        middle = (low + high) / 2
        low, high = (low, middle) if _reaches(shape, places, middle) else (middle, high)
    return high


def _reaches(shape: BaseGeometry, places: NDArray[np.object_], width: float) -> bool:
    """Tell whether a shape made wider has all places in it."""
    wider = shape.buffer(width, join_style="mitre", mitre_limit=10.0)
    shapely.prepare(wider)
    return bool(shapely.covers(wider, places).all())
