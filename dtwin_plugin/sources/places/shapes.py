"""Geometries as the place services write them, as text or as GeoJSON, to RD."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dtwin_plugin.data import Geometries
from dtwin_plugin.data.crs import RD, in_rd_bounds
from dtwin_plugin.sources.features_service.frame import to_rd
from dtwin_plugin.sources.features_service.geojson import Tally, chunks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TYPES = {
    name.upper(): name for name in ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
}
_HEAD = re.compile(r"\s*([A-Za-z]{5,15})\s*[Zz]?\s*(\(.*\))\s*", re.DOTALL)
_LONGEST = 16 << 20  # characters of one geometry; that of the largest municipality has 0.3 million
_COORDINATE = re.compile(r"[-+.\dEe]+(?:[ \t]+[-+.\dEe]+)+")


def geometry_of_text(text: object) -> Geometries | None:
    """Return the geometry of a well-known text in RD (OGC 06-103r4, clause 7), None where it is none.

    >>> geometry_of_text("POINT(121000.5 487000)").coordinates.tolist()
    [[121000.5, 487000.0]]
    >>> geometry_of_text("POINT(4.9 52.4)") is None, geometry_of_text("POLYGON((1 2") is None
    (True, True)
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    match = _HEAD.fullmatch(text)
    name = _TYPES.get(match.group(1).upper()) if match else None
    if match is None or name is None:
        return None
    listed = _COORDINATE.sub(lambda found: f"[{','.join(found.group().split()[:2])}]", match.group(2))
    try:
        coordinates = json.loads(listed.replace("(", "[").replace(")", "]"))
    except (ValueError, RecursionError):
        return None
    if name == "MultiPoint":
        coordinates = [point[0] if _is_wrapped(point) else point for point in coordinates]
    geometry = {"type": name, "coordinates": coordinates[0] if name == "Point" and coordinates else coordinates}
    return geometry_of_items([{"properties": {}, "geometry": geometry}], lambda xy: xy)


def geometry_of_items(items: list[Any], way: Any = None) -> Geometries | None:
    """Return the geometry of GeoJSON features that lie in RD, those of polygons before others; None without any.

    Raises
    ------
    CrsError
        If they are in degrees and the grids are missing.
    """

    def in_rd(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return to_rd(coordinates, RD)

    found = {piece.geometries.kind: piece.geometries for piece in chunks(items, way or in_rd, Tally(), "")}
    for kind in ("polygon", "line", "point"):
        extent = found[kind].extent() if kind in found else None
        if extent is not None and in_rd_bounds(*extent.bounds):
            return found[kind]
    return None


def _is_wrapped(point: object) -> bool:
    return isinstance(point, list) and len(point) == 1
