"""The roads of a base map: where vehicles drive, and all that is public road."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from dtwin_plugin.data.columns import numbers_of

from .shapes import polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

ROAD = ("wegdeel", "ondersteunendwegdeel")
# Functions of the BGT (IMGeo 2.2, Functie van wegdeel) of parts that vehicles or trams drive along; those of
# carriageways all begin with the first word. Entries, parking places and what is for walking and cycling are not.
CARRIAGEWAY = "rijbaan"
_OTHERS = frozenset({"ov-baan", "woonerf", "overweg", "spoorbaan", "transitie", "verbindingsweg"})
_CLASS, _FUNCTION, _LEVEL = ("klasse", "class"), ("functie", "function"), ("relatieve_hoogteligging", "level")


class Roads(NamedTuple):
    """Areas of public road, as shapely geometries.

    Attributes
    ----------
    carriageway, unknown : shapely geometry
        On the ground: what vehicles drive along, and parts of which the base map does not tell the function.
    whole : shapely geometry
        All public road on the ground.
    raised : shapely geometry
        Road on a bridge or a viaduct, of which the terrain does not tell the height.
    """

    carriageway: BaseGeometry
    unknown: BaseGeometry
    whole: BaseGeometry
    raised: BaseGeometry


def classes_of(base_map: Features) -> NDArray[Any] | None:
    """Return the class of each object of a base map in small letters, None where there is no such column."""
    return _texts(base_map, _CLASS)


def levels_of(base_map: Features) -> NDArray[np.float64]:
    """Return the level above or below the ground that each object is at, 0 where none is told."""
    name = next((name for name in _LEVEL if name in base_map.columns), None)
    if name is None:
        return np.zeros(len(base_map))
    found = numbers_of(base_map.columns, name, len(base_map))
    return np.where(np.isnan(found), 0.0, found)


def near(base_map: Features, shape: BaseGeometry, reach: float) -> Features:
    """Return the objects whose box lies within a distance of that of a shape [m]."""
    x_min, y_min, x_max, y_max = shape.bounds
    box = base_map.geometries.bounds()
    close = (box[:, 0] <= x_max + reach) & (box[:, 2] >= x_min - reach)
    return base_map.take(np.flatnonzero(close & (box[:, 1] <= y_max + reach) & (box[:, 3] >= y_min - reach)))


def roads_of(base_map: Features) -> Roads:
    """Return the roads of a base map with a column of classes.

    Examples
    --------
    >>> from dtwin_plugin.data import Features, Geometries
    >>> squares = [[[[(x, 0), (x + 1, 0), (x + 1, 1), (x, 1), (x, 0)]]] for x in (0, 1, 2)]
    >>> columns = {
    ...     "klasse": np.array(["wegdeel", "wegdeel", "pand"], object),
    ...     "functie": np.array(["rijbaan lokale weg", "voetpad", None], object),
    ... }
    >>> roads = roads_of(Features(Geometries.build("polygon", squares), columns))
    >>> roads.carriageway.area, roads.whole.area, roads.raised.is_empty
    (1.0, 2.0, True)
    """
    classes, functions, levels = classes_of(base_map), _texts(base_map, _FUNCTION), levels_of(base_map)
    shapes = np.array(polygons(base_map), object)
    road = np.isin(classes if classes is not None else np.full(len(base_map), ""), ROAD)
    ground = road & (levels == 0)
    parts = ground & (np.array([""] * len(base_map) if classes is None else classes.tolist(), object) == ROAD[0])
    uses = functions if functions is not None else np.full(len(base_map), "", object)
    drives = np.array([use.startswith(CARRIAGEWAY) or use in _OTHERS for use in uses.tolist()], bool)
    named = np.array([use not in ("", "waardeonbekend") for use in uses.tolist()], bool)
    return Roads(*(shapely.union_all(shapes[chosen]) if chosen.any() else shapely.Polygon()
                   for chosen in (parts & drives, parts & ~named, ground, road & (levels > 0))))  # fmt: skip


def _texts(features: Features, names: tuple[str, ...]) -> NDArray[Any] | None:
    name = next((name for name in names if name in features.columns), None)
    if name is None:
        return None
    values = features.columns[name].tolist()
    found = np.empty(len(values), object)
    found[:] = ["" if value is None or value != value else str(value).strip().lower() for value in values]
    return found
