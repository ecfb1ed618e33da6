"""Where something goes beyond its norm, as rings that are seen before the surface that they lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .case import Body

    Ring = NDArray[np.float64]

OFF = 0.05  # m that a ring is drawn off its surface: two faces at one place flicker in 3D
_STEEP = 0.7  # share of a normal that points up, below which a ring is a wall
_SAME = 0.01  # m between heights that are one


def closed(place: Ring) -> Ring:
    """Return a ring closed; without a corner where it has no area or a corner without a number.

    >>> len(closed(np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1]], float))), len(closed(np.zeros((2, 3))))
    (4, 0)
    """
    corners = np.asarray(place, float)
    if not np.isfinite(corners).all() or len(np.unique(corners, axis=0)) < 3:
        return np.empty((0, 3))
    if (corners[0] != corners[-1]).any():
        corners = np.vstack([corners, corners[:1]])
    return corners


def shown(ring: Ring, body: Body | None) -> Ring:
    """Return a closed ring off the surface of a building that it lies in, to the side from which it is seen.

    A wall goes out of the outline; what lies flat goes up, and down where it is the underside of something.

    >>> ceiling = np.array([[0, 0, 3], [1, 0, 3], [1, 1, 3], [0, 0, 3]], float)
    >>> shown(ceiling, None)[:, 2].tolist()
    [3.05, 3.05, 3.05, 3.05]
    """
    local = ring - ring[0]  # products of national coordinates would drown it in rounding
    normal = np.cross(local[:-1], local[1:]).sum(axis=0)
    length = float(np.linalg.norm(normal))
    if length == 0:
        return ring
    normal = normal / length
    if abs(normal[2]) >= _STEEP:
        upward = normal if normal[2] > 0 else -normal
        return np.asarray(ring + OFF * (-upward if body is not None and _underside(ring, body) else upward))
    return np.asarray(ring + OFF * (-normal if body is not None and _inside(ring, normal, body) else normal))


def _inside(ring: Ring, normal: NDArray[np.float64], body: Body) -> bool:
    """Tell whether the side that a wall faces lies more within the outline than its other side."""
    import shapely

    middle = ring[:-1].mean(axis=0)
    one, two = (shapely.Point(*(middle + side * OFF * normal)[:2]) for side in (1, -1))
    return bool(body.outline.contains(one) and not body.outline.contains(two))


def _underside(ring: Ring, body: Body) -> bool:
    """Tell whether a building has something over the middle of a ring, and nothing under it."""
    x, y, z = ring[:3].mean(axis=0)
    a, b, c = (body.triangles[:, corner] - [x, y, 0.0] for corner in range(3))
    sides = [p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0] for p, q in ((b, c), (c, a), (a, b))]
    area = sides[0] + sides[1] + sides[2]
    over = np.abs(area) > 1e-9
    shares = [side[over] / area[over] for side in sides]
    hit = np.all([share >= 0 for share in shares], axis=0)
    heights = (shares[0] * a[over, 2] + shares[1] * b[over, 2] + shares[2] * c[over, 2])[hit]
    return bool((heights > z + _SAME).any() and not (heights < z - _SAME).any())
