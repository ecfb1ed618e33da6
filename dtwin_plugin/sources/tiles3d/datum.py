"""From heights above the ellipsoid, which 3D Tiles have, to heights in m NAP."""

from __future__ import annotations

import numpy as np

from dtwin_plugin.data import Extent
from dtwin_plugin.errors import CrsError

from .. import crs

# Height of NAP above the ellipsoid of ETRS89 at RD (121000, 487000) [m]: RDNAPTRANS2018, variant 1, the known point of
# docs/decisions/0005. Over the country it is about 41 to 47 m.
KNOWN = 42.989
UNCERTAINTY = 4.0  # m: how far the known value can be from the true one elsewhere in the country


def nap_above_ellipsoid(area: Extent | None) -> tuple[float, bool]:
    """Return how far NAP lies above the ellipsoid in the middle of an area [m], and whether it was calculated.

    Without the grids of RDNAPTRANS2018, or without an area, it is that of the known point, which is up to `UNCERTAINTY`
    off elsewhere.

    >>> nap_above_ellipsoid(None)
    (42.989, False)
    """
    if area is None:
        return KNOWN, False
    middle = ((area.x_min + area.x_max) / 2, (area.y_min + area.y_max) / 2, 0.0)
    try:
        return round(float(crs.from_rd(np.array([middle]), "EPSG:4979")[0, 2]), 3), True
    except CrsError:
        return KNOWN, False
