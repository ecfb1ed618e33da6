"""How loud a source sounds in a direction; called by `level_kernels` only."""

from __future__ import annotations

import math

from .ground_kernels import Array, njit

_PLAIN = 5  # numbers of a source that sounds the same to all sides
_EACH = 45.0  # degrees from one angle of a table to the next
_LAST = 4  # angles of a table after the first


@njit
def faces(a: Array) -> bool:
    """Return whether a source sounds louder to one side: it has more numbers than its place and what it stands on."""
    return bool(a.size > _PLAIN and a[_PLAIN] == a[_PLAIN])


@njit
def toward(a: Array, x: float, y: float, z: float) -> float:
    """Return how many times louder a source sounds to a place than to all sides alike.

    After its place and what it stands on, a source has x and y of a step to where it faces, and what is added to its
    power [dB] at 0, 45, 90, 135 and 180 degrees from there; dB are linear between these. The angle is that in space.

    >>> import numpy as np
    >>> fan = np.array([0.0, 0, 1, 0, 0, 0, 1, 6, 3, 0, -3, -6])  # to the north
    >>> [round(toward(fan, *place), 3) for place in ((0.0, 9.0, 1.0), (3.0, 3.0, 1.0), (9.0, 0.0, 1.0))]
    [3.981, 1.995, 1.0]
    """
    if not faces(a):
        return 1.0
    x, y, z = x - a[0], y - a[1], z - a[2]
    far = math.sqrt(x * x + y * y + z * z)
    if far < 1e-9:
        return 1.0
    along = (a[_PLAIN] * x + a[_PLAIN + 1] * y) / far
    angle = math.degrees(math.acos(min(max(along, -1.0), 1.0))) / _EACH
    k = min(int(angle), _LAST - 1)
    at = _PLAIN + 2 + k
    return float(10.0 ** (0.1 * (a[at] + (angle - k) * (a[at + 1] - a[at]))))
