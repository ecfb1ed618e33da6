"""Open water: the canal, the singel, the pond and the ditches, with their levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from osgeo import ogr

from . import layout
from .geometry import clean, line_geometry, parts, polygon, union


@dataclass
class Water:
    """A body of water: its polygon, BGT type and level [m NAP]."""

    geometry: ogr.Geometry
    kind: str
    plus: str
    level: float
    depth: float


def build_water(dams: ogr.Geometry) -> list[Water]:
    """Return all water. Ditches stop at `dams` (streets with a culvert); the canal runs on below its bridges."""
    canal = line_geometry(layout.CANAL).Buffer(layout.CANAL_WIDTH / 2, 8)
    rail = line_geometry(layout.RAIL).Buffer(13.0, 8)
    waters = [Water(canal, "waterloop", "gracht", layout.CANAL_LEVEL, 1.8)]
    taken = union([canal.Buffer(6.0), dams.Buffer(0.6), rail])
    singel = line_geometry(layout.SINGEL).Buffer(4.6, 8).Difference(taken)
    pond = clean(polygon(layout.POND)).Difference(taken)
    waters += [Water(p, "waterloop", "gracht", layout.POLDER_LEVEL, 1.2) for p in parts(singel, 30.0)]
    waters += [Water(p, "watervlakte", "meer, plas, ven, vijver", layout.POLDER_LEVEL, 1.4) for p in parts(pond, 30.0)]
    taken = taken.Union(union([singel, pond]))
    for i, (line, width) in enumerate(layout.DITCHES):
        ditch = clean(line_geometry(line).Buffer(width / 2, 4).Difference(taken))
        meadow = i == 0 or 7 <= i < 17
        if 7 <= i < 17:
            ditch = _outside_dike(ditch)
        level = layout.MEADOW_LEVEL if meadow else layout.POLDER_LEVEL
        waters += [Water(p, "waterloop", "sloot", level, 0.6) for p in parts(ditch, 25.0)]
        taken = taken.Union(ditch)
    return waters


def _outside_dike(ditch: ogr.Geometry) -> ogr.Geometry:
    """Return the part of a meadow ditch beyond the ditch at the foot of the dike."""
    foot = layout.DITCHES[0][0]
    ring = [(-40.0, 1040.0), *map(tuple, foot), (474.0, 1040.0)]
    return clean(ditch.Intersection(clean(polygon(np.array(ring)))))
