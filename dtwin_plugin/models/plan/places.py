"""Where something goes beyond its norm, as rings that are seen before the surface that they lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .shapes import places_in

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def shown(rings: Sequence[Ring], body: Body | None) -> list[Ring]:
    """Return closed rings off the surfaces of a building that they lie in, to the side from which they are seen.

    A wall goes out of the outline; what lies flat goes up, and down where it is the underside of something.

    >>> ceiling = np.array([[0, 0, 3], [1, 0, 3], [1, 1, 3], [0, 0, 3]], float)
    >>> shown([ceiling], None)[0][:, 2].tolist()
    [3.05, 3.05, 3.05, 3.05]
    """
    if not len(rings):
        return []
    normals = np.array([_normal(ring) for ring in rings])
    flat = np.abs(normals[:, 2]) >= _STEEP
    normals[flat & (normals[:, 2] < 0)] *= -1
    if body is not None:
        turned = np.zeros(len(rings), bool)
        inner = np.array(
            [ring[:3].mean(axis=0) if level else ring[:-1].mean(axis=0) for ring, level in zip(rings, flat)]
        )
        turned[flat] = _undersides(inner[flat], body.triangles)
        turned[~flat] = _inward(inner[~flat], normals[~flat], body)
        normals[turned] *= -1
    return [ring + OFF * normal for ring, normal in zip(rings, normals)]


def _normal(ring: Ring) -> NDArray[np.float64]:
    """Return the normal of a closed ring by Newell's way, as long as 1; 0 where it has no area."""
    local = ring - ring[0]  # products of national coordinates would drown it in rounding
    normal = np.cross(local[:-1], local[1:]).sum(axis=0)
    length = float(np.linalg.norm(normal))
    return np.asarray(normal / length if length > 0 else normal)


def _inward(middle: NDArray[np.float64], normals: NDArray[np.float64], body: Body) -> NDArray[np.bool_]:
    """Tell which walls face the inside of the outline, with the outside behind them."""
    import shapely

    shapely.prepare(body.outline)
    one, two = (places_in(body.outline, *(middle + side * OFF * normals)[:, :2].T) for side in (1, -1))
    return np.asarray(one & ~two)


def _undersides(places: NDArray[np.float64], triangles: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which places of a building have something of it over them, and nothing under them."""
    import shapely

    low, high = triangles[:, :, :2].min(axis=1), triangles[:, :, :2].max(axis=1)
    tree = shapely.STRtree(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    place, triangle = tree.query(shapely.points(places[:, :2]))
    a, b, c = (triangles[triangle, corner] - places[place] for corner in range(3))
    sides = [p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0] for p, q in ((b, c), (c, a), (a, b))]
    area = sides[0] + sides[1] + sides[2]
    seen = np.abs(area) > 1e-9  # a wall is a line from above
    shares = np.array([side[seen] / area[seen] for side in sides])
    away = (shares * [corner[seen, 2] for corner in (a, b, c)]).sum(axis=0)
    hit = (shares >= 0).all(axis=0)
    count = len(places)
    over = np.bincount(place[seen][hit & (away > _SAME)], minlength=count) > 0
    under = np.bincount(place[seen][hit & (away < -_SAME)], minlength=count) > 0
    return np.asarray(over & ~under)
