"""Where a map in RD New lies on the earth, as near as the sun needs it.

References
----------
Schreutelkamp, Strang van Hees (2001), Benaderingsformules voor de transformatie tussen RD- en WGS84-kaartcoordinaten,
NGT Geodesia 43, 64-69: the polynomials, right to 1 m.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_X, _Y = 155_000.0, 463_000.0
_LATITUDE, _LONGITUDE = 52.15517440, 5.38720621
# power of x and of y [100 km] -> seconds of arc
_NORTH = {
    (0, 1): 3235.65389, (2, 0): -32.58297, (0, 2): -0.24750, (2, 1): -0.84978, (0, 3): -0.06550, (2, 2): -0.01709,
    (1, 0): -0.00738, (4, 0): 0.00530, (2, 3): -0.00039, (4, 1): 0.00033, (1, 1): -0.00012,
}  # fmt: skip
_EAST = {
    (1, 0): 5260.52916, (1, 1): 105.94684, (1, 2): 2.45656, (3, 0): -0.81885, (1, 3): 0.05594, (3, 1): -0.05607,
    (0, 1): 0.01199, (3, 2): -0.00256, (1, 4): 0.00128, (0, 2): 0.00022, (2, 0): -0.00022, (5, 0): 0.00026,
}  # fmt: skip


class Site(NamedTuple):
    """A place.

    Attributes
    ----------
    latitude, longitude : float
        Degrees.
    convergence : float
        Degrees that the north of the map lies east of true north, as it does east of Amersfoort: up to 1.4.
    """

    latitude: float
    longitude: float
    convergence: float


def site_of(x: float, y: float) -> Site:
    """Return the place of coordinates in RD New [m].

    >>> [round(value, 4) for value in site_of(155000, 463000)]
    [52.1552, 5.3872, 0.0]
    """
    dx, dy = (x - _X) / 1e5, (y - _Y) / 1e5
    latitude, longitude = (
        start + sum(size * dx**p * dy**q for (p, q), size in terms.items()) / 3600
        for start, terms in ((_LATITUDE, _NORTH), (_LONGITUDE, _EAST))
    )
    return Site(latitude, longitude, (longitude - _LONGITUDE) * float(np.sin(np.radians(_LATITUDE))))
