"""The faces of a building that are no walls, which of them may be roofs, and what lies at a place on the map."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .minor import spanning
from .patches import lying, normals_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .case import Body

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

ROOF = "RoofSurface"
_WITH_ROOFS = (ROOF, "WallSurface")  # the top of a wall may be the edge of a roof: a parapet
_NEVER = ("GroundSurface", "Door", "Window")


class Faces:
    """Faces at most 80 degrees steep.

    Attributes
    ----------
    triangles : ndarray
        Shape (n, 3, 3) [m].
    upright : ndarray
        The walls, which are not among them, shape (k, 3, 3) [m].
    roof : ndarray
        int64: rows of those that may be a roof.
    named : ndarray
        bool, for each of `roof`: whether the design says that it is one, true where it says of none.
    slopes : ndarray
        Rise to the east and to the north [m/m], shape (n, 2).
    """

    def __init__(self, body: Body) -> None:
        flat = lying(body.triangles)
        self.triangles, self.upright = body.triangles[flat], body.triangles[~flat]
        kinds = body.kinds[flat].astype(str)
        self.roof = np.flatnonzero(~np.isin(kinds, _NEVER))
        self.named = np.isin(kinds[self.roof], _WITH_ROOFS) | ~(kinds == ROOF).any()
        normals = normals_of(self.triangles)
        self.slopes = -normals[:, :2] / normals[:, 2:]

    @cached_property
    def spans(self) -> Floats:
        """What the roof that each roof face is part of spans on the map [m2], shape (roof faces,)."""
        groups, spans = spanning(self.triangles[self.roof])
        return np.asarray(spans[groups])

    @cached_property
    def _tree(self) -> Any:
        import shapely

        flat = self.triangles[:, :, :2]
        return shapely.STRtree(shapely.polygons(np.concatenate([flat, flat[:, :1]], axis=1)))

    def at(self, places: Floats) -> tuple[Integers, Integers]:
        """Return which faces lie over or under places, (n, 2): pairs of the row of a place and of a face."""
        import shapely

        rows, faces = self._tree.query(shapely.points(places), predicate="intersects")
        return rows, faces

    def heights(self, faces: Integers, places: Floats) -> Floats:
        """Return the height of the plane of a face at a place, one each [m NAP]."""
        first = self.triangles[faces, 0]
        return np.asarray(first[:, 2] + ((places - first[:, :2]) * self.slopes[faces]).sum(axis=1))


def upstands(walls: Floats, places: Floats, outward: Floats, reach: float) -> Floats:
    """Return the highest place of walls across a roof edge, -inf where there is none [m NAP].

    Parameters
    ----------
    walls : ndarray
        Triangles, shape (k, 3, 3) [m].
    places : ndarray
        On the edge, shape (n, 3) [m].
    outward : ndarray
        Unit vectors square to the edge, shape (n, 2).
    reach : float
        How far a wall stands from the edge at most, either way [m].

    Examples
    --------
    >>> wall = np.array([[[0, 0, 0], [4, 0, 0], [0, 0, 8.0]]])
    >>> upstands(wall, np.array([[1.0, 0.1, 3]]), np.array([[0.0, 1]]), 0.2).tolist()
    [6.0]
    """
    import shapely

    result = np.full(len(places), -np.inf)
    if not len(walls) or not len(places):
        return result
    boxes = shapely.box(*walls[:, :, :2].min(axis=1).T, *walls[:, :, :2].max(axis=1).T)
    rows, of = shapely.STRtree(boxes).query(shapely.points(places[:, :2]), predicate="dwithin", distance=reach)
    across = outward[rows]
    corners = walls[of] - np.pad(places[rows, None, :2], ((0, 0), (0, 0), (0, 1)))
    along = corners[..., 1] * across[:, None, 0] - corners[..., 0] * across[:, None, 1]
    away = (corners[..., :2] * across[:, None]).sum(axis=2)
    for one, two in ((0, 1), (1, 2), (2, 0)):
        # where a side of the wall crosses the upright plane that is square to the edge
        step = along[:, one] - along[:, two]
        meets = (along[:, one] * along[:, two] <= 0) & (np.abs(step) > 1e-12)
        share = np.where(meets, along[:, one], 0.0) / np.where(meets, step, 1.0)
        near = np.abs(away[:, one] + share * (away[:, two] - away[:, one])) <= reach
        height = corners[:, one, 2] + share * (corners[:, two, 2] - corners[:, one, 2])
        np.maximum.at(result, rows[meets & near], height[meets & near])
    return result
