"""Polygons of GeoJSON (RFC 7946, 3.1) as shapes, their coordinates in RD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data.crs import is_rd
from dtwin_plugin.sources.features_service.frame import to_rd
from dtwin_plugin.sources.gml import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BROKEN = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError)


def shape_in(item: Any) -> Shape | None:
    """Return the polygons of a geometry, a feature, or an object with a geometry; None for anything else.

    >>> triangle = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
    >>> shape_in({"geometrie": triangle}).parts[0][0].shape  # closed
    (4, 2)
    >>> shape_in({"type": "Point", "coordinates": [0, 0]}) is None, shape_in(None) is None
    (True, True)
    """
    try:
        for name in ("geometrie", "geometry"):
            if isinstance(item.get(name), dict):
                item = item[name]
        if item["type"] == "Polygon":
            found = [item["coordinates"]]
        elif item["type"] == "MultiPolygon":
            found = list(item["coordinates"])
        elif item["type"] == "GeometryCollection":
            shapes = [shape_in(part) for part in item["geometries"] if part["type"] in ("Polygon", "MultiPolygon")]
            parts = [part for shape in shapes if shape is not None for part in shape.parts]
            return Shape("polygon", parts) if parts else None
        else:
            return None
        parts = [[_ring(ring) for ring in part] for part in found]
    except _BROKEN:
        return None
    return Shape("polygon", parts) if parts and all(parts) else None


def _ring(points: Any) -> NDArray[np.float64]:
    """Return a closed ring; raises ValueError for what is none."""
    ring = np.array([point[:2] for point in points], float)
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3:
        raise ValueError
    return ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]])


def placed(coordinates: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Return coordinates in RD; of a service that gives degrees though RD was asked too. Raises CrsError."""
    return to_rd(coordinates, crs) if not is_rd(crs) or (np.abs(coordinates) <= 180).all() else coordinates
