"""The level of reference of a building: the ground at its entrance, or where that most likely is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .case import PEIL_GROUND, PEIL_MEAN, PEIL_OVER, PEIL_ROAD

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features, Grid

    from .design import Design

_STEP = 0.5  # m between the places along the walls where the ground is looked up
_AT_WALL = 0.75  # m from the walls that a door to the outside lies at most
_STAIRS = 1.5  # m from the ground that the threshold of an entrance lies at most; else it is that of a balcony
_OUTSIDE = 3.0  # m from a door, and a cell of the terrain, that the ground before it is looked up at most
_KNOWN = 0.2  # of the places along the walls; between other houses a terraced one has ground at its front and back
_AS_NEAR = 0.1  # m that places differ at most in their distance to a road that are as near to it
_NEAR = 50.0  # m from the walls that a road lies at most


class Level(NamedTuple):
    """Height [m NAP], where it comes from, and how far it may be off [m]."""

    height: float
    told: str
    doubt: float = 0.0


UNKNOWN = Level(math.nan, "")


def roads_of(base_map: Features | None) -> list[BaseGeometry]:
    """Return the road parts of a base map (BGT) that lie on the ground."""
    from .roads import classes_of, levels_of
    from .shapes import polygons

    classes = None if base_map is None else classes_of(base_map)
    if base_map is None or classes is None:
        return []
    return polygons(base_map.take(np.flatnonzero((classes == "wegdeel") & (levels_of(base_map) == 0))))


def level_at(design: Design, foot: BaseGeometry, terrain: Grid | None, roads: list[BaseGeometry]) -> Level:
    """Return the ground at the entrance.

    That is, in this order: the ground at the outer door nearest to a road, or at all outer doors where no road is
    known; the ground at the side that is nearest to a road, all of it where the road runs along it; the mean ground
    along the walls. Ground below the building itself is not looked at. A place that was guessed is in doubt by as
    much as the ground along the walls differs from it, 5 per cent at either end left out.
    """
    import shapely

    if terrain is None or foot.is_empty:
        return UNKNOWN
    places, ground = _beside(foot, terrain)
    known = np.isfinite(ground)
    if not known.any() or known.mean() < _KNOWN:  # a terrain that ends here says nothing of the other sides
        return UNKNOWN
    places, ground = places[known], ground[known]
    near = [road for road in roads if road.distance(foot) <= _NEAR]
    road = shapely.union_all(near) if near else None
    doors = _doors(design, foot, places, ground, _OUTSIDE + terrain.cell_size)
    if len(doors):
        heights = ground[doors]
        if road is not None:
            heights = heights[_nearest(places[doors], road)]
        return Level(float(heights.mean()), PEIL_GROUND, float(np.ptp(heights)) / 2)
    if road is not None:
        height = float(ground[_nearest(places, road)].mean())
    else:
        height = float(ground.mean())
    low, high = np.percentile(ground, [5, 95])
    return Level(height, PEIL_MEAN if road is None else PEIL_ROAD, float(max(high - height, height - low, 0.0)))


def _nearest(places: NDArray[np.float64], road: BaseGeometry) -> NDArray[np.bool_]:
    """Tell which places are nearest to a road: of a wall along it, or that it is drawn below, all are."""
    import shapely

    far = shapely.distance(shapely.points(places), road)
    return np.asarray(far <= far.min() + _AS_NEAR)


def checked(given: Level, foot: BaseGeometry, terrain: Grid | None) -> Level:
    """Return a level that the plan gives, in doubt where it lies farther over the ground than steps go.

    Heights over a level that is too high are too low, and would meet a norm.
    """
    ground = np.empty(0) if terrain is None or foot.is_empty else along(foot, terrain)[1]
    over = given.height - float(ground.max(initial=-np.inf)) if len(ground) else 0.0
    return Level(given.height, PEIL_OVER, over) if over > _STAIRS else given


def along(shape: BaseGeometry, terrain: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return places just outside a shape, (n, 2) [m], and the ground there [m NAP], where it is known."""
    places, ground = _beside(shape, terrain)
    known = np.isfinite(ground)
    return places[known], ground[known]


def _beside(shape: BaseGeometry, terrain: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import shapely

    away = max(_STEP, terrain.cell_size)  # a cell of the ground, and not one that the building stands on
    # normal: where a ring begins, which versions of GEOS do not agree on, must not tell which places are looked at
    edge = shapely.segmentize(shapely.normalize(shape.buffer(away, join_style="mitre")).boundary, _STEP)
    places = shapely.get_coordinates(edge)
    return places, terrain.sample(places[:, 0], places[:, 1]).astype(float)


def _doors(
    design: Design, foot: BaseGeometry, places: NDArray[np.float64], ground: NDArray[np.float64], far: float
) -> NDArray[np.int64]:
    """Return the place outside each outer door."""
    import shapely

    found = []
    doors = np.flatnonzero(design.kinds == "Door")
    for element in np.unique(design.elements[doors]).tolist():
        corners = design.triangles[doors[design.elements[doors] == element]].reshape(-1, 3)
        middle, sill = (corners[:, :2].min(axis=0) + corners[:, :2].max(axis=0)) / 2, float(corners[:, 2].min())
        place = int(((places - middle) ** 2).sum(axis=1).argmin())
        if np.hypot(*(places[place] - middle)) > far:
            continue
        if foot.boundary.distance(shapely.Point(middle)) <= _AT_WALL and abs(sill - ground[place]) <= _STAIRS:
            found.append(place)
    return np.array(found, np.int64)
