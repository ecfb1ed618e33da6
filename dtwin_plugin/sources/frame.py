"""In which coordinate reference system a model works that takes any: that of its layers, or else RD New.

A model that measures on the map needs metres that are metres. A projected system may be in feet, and Web Mercator
(EPSG:3857) calls metres what at 52 degrees north are 0.6 m.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from dtwin_plugin.data.crs import RD, is_rd, normalise
from dtwin_plugin.errors import CrsError

from .crs_names import name_of
from .osgeo_scope import osgeo

Bounds = tuple[float, float, float, float]

# Of the scale of a projection, both ways: 0.09 dB of divergence, and no official map of a country distorts as much
# within it (UTM 0.0004 in its zone, Lambert-93 0.002, ETRS89 / LAEA 0.005 in the Netherlands).
TOLERANCE = 0.01
_WEST, _SOUTH, _EAST, _NORTH = 2.0, 50.0, 8.0, 56.0  # degrees: the Netherlands with a margin
_STEP = 1000.0  # m on the map: over it the scale is measured
_MAJOR, _SQUARE = 6_378_137.0, 0.006694380023  # GRS80: half major axis [m] and squared eccentricity


def frame_of(places: Iterable[tuple[str | None, Bounds]]) -> str:
    """Return in which system layers are worked with: their own where all are in one that has true metres, else RD New.

    Parameters
    ----------
    places : iterable of tuple
        CRS of each layer, and x min, y min, x max, y max of what it covers in it.

    Raises
    ------
    CrsError
        If they cannot stay as they are and one lies outside the Netherlands, where RD New does not hold.

    Examples
    --------
    >>> frame_of([("EPSG:28992", (84000, 447000, 84100, 447100)), ("EPSG:4326", (4, 52, 4.1, 52.1))]), frame_of([])
    ('EPSG:28992', 'EPSG:28992')
    """
    found = [(normalise(crs), bounds) for crs, bounds in places]
    names = {crs for crs, _ in found}
    known = [(crs, box) for crs, box in found if crs and all(map(math.isfinite, box)) and box[0] <= box[2]]
    if len(names) == 1 and known and not is_rd(known[0][0]) and all(true_metres(*place) for place in known):
        return known[0][0]
    for crs, box in known:
        place = None if is_rd(crs) else _in_degrees(crs, box)
        if place is not None and not (_WEST <= place[0][0] <= _EAST and _SOUTH <= place[0][1] <= _NORTH):
            raise CrsError(
                "A layer in {crs} lies outside the Netherlands, and layers are in {systems}.",
                hint="Outside the Netherlands all layers must be in one and the same projected system in metres, such "
                "as that of the country; save them in it.",
                crs=crs,
                systems=", ".join(sorted(name for name in names if name)),
            )
    return RD


def true_metres(crs: str, bounds: Bounds) -> bool:
    """Tell whether a system is a projected one whose unit is a metre on the ground, to 1 percent, where a layer lies.

    It is measured over 1 km east and 1 km north of the middle, on the ellipsoid GRS80; the arc is taken as that of
    the local radii of curvature, which is exact to a millionth over so short a way.
    """
    points = _in_degrees(crs, bounds, metres=True)
    if points is None:
        return False
    return all(abs(_metres(points[0], other) / _STEP - 1.0) < TOLERANCE for other in points[1:])


def _in_degrees(crs: str, bounds: Bounds, metres: bool = False) -> Any:
    """Return the middle of a layer, and what lies 1 km east and north of it, in degrees on the datum of its system.

    It is None for a system that PROJ does not know, a place where it is not defined, and where `metres` are wanted for
    one that is not projected in them.
    """
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    try:
        with osgeo() as lib:
            own = lib.osr.SpatialReference()
            lib.call(own.SetFromUserInput, crs)
            if metres and (not own.IsProjected() or abs(own.GetLinearUnits() - 1.0) > 1e-9):
                return None
            ground = own.CloneGeogCS()
            for reference in (own, ground):
                reference.SetAxisMappingStrategy(lib.osr.OAMS_TRADITIONAL_GIS_ORDER)
            way = lib.call(lib.osr.CoordinateTransformation, own, ground)
            others = [(x + _STEP, y), (x, y + _STEP)] if own.IsProjected() else []
            return lib.call(way.TransformPoints, [(x, y), *others])
    except RuntimeError:
        return None


def _metres(one: Any, other: Any) -> float:
    """Return the distance between two near places in degrees [m]; NaN where one is none."""
    (west, south), (east, north) = np.radians(one[:2]), np.radians(other[:2])
    bend = 1.0 - _SQUARE * math.sin((south + north) / 2) ** 2
    across = _MAJOR / math.sqrt(bend) * math.cos((south + north) / 2)
    along = _MAJOR * (1.0 - _SQUARE) / bend**1.5
    return math.hypot(across * (east - west), along * (north - south))


def named(wkt: str) -> str | None:
    """Return the EPSG name of a definition, looked up where it states none, as the .prj of a shapefile does not.

    Raises
    ------
    CrsError
        If it is none that is known.
    """
    with osgeo() as lib:
        reference = lib.osr.SpatialReference()
        try:
            lib.call(reference.ImportFromWkt, wkt)
        except RuntimeError:
            return None
    return name_of(reference)
