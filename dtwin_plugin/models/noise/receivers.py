"""Where sound is asked for: on facades at every storey, on a grid, and at single points."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dtwin_plugin.data.walls import FacadePoints, places_along, walls_of
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dtwin_plugin.data import Geometries, Grid

    from .scene import Scene

    Floats = NDArray[np.float64]

MOST_STOREYS = 200
HEAD = 0.5  # m of wall that there is above a receiver at least


class Placing(NamedTuple):
    """How receivers stand on facades [m].

    Attributes
    ----------
    spacing : float
        Largest distance between them along a wall.
    storey, height : float
        Of a storey, and of a receiver above its floor.
    offset : float
        Before the wall.
    """

    spacing: float = 5.0
    storey: float = 3.0
    height: float = 1.5
    offset: float = 0.1


def roofs_over(scene: Scene, places: Floats) -> Floats:
    """Return the highest roof over each place [m NAP], -inf where it lies in no building.

    Raises
    ------
    InputError
        If more walls stand in one line than can be held.
    """
    from . import inside_kernels

    tops = np.empty(len(places))
    if not inside_kernels.roofs_over(scene, np.ascontiguousarray(places[:, :2], float), tops):
        raise InputError("More walls stand in one line than can be held.", hint="Give the buildings of a smaller area.")
    return tops


def on_ground(scene: Scene, places: Floats, above: Floats | float) -> Floats:
    """Return places at a height above the ground: x, y, z and the height of the ground [m], shape (n, 4)."""
    from . import inside_kernels

    heights = np.empty(len(places))
    inside_kernels.grounds_at(scene, np.ascontiguousarray(places[:, :2], float), heights)
    return np.column_stack([places[:, :2], heights + above, heights])


def on_facades(
    scene: Scene, buildings: Geometries, tops: Floats, ground: Grid, how: Placing
) -> tuple[FacadePoints, Floats]:
    """Return points on the facades of buildings, and the same as receivers, shape (n, 4): x, y, z and ground [m].

    A building has a receiver on each storey that fits below its roof, one at least; there is none where another
    building stands before the wall, or beyond the terrain.

    Parameters
    ----------
    tops : ndarray
        Of the roofs [m NAP]; buildings without (NaN) have no receivers.
    """
    middle, normals, owners, widths = places_along(walls_of(buildings), how.spacing)
    places = middle + how.offset * normals
    kept = np.isfinite(ground.sample(*places.T)) & np.isfinite(tops[owners])
    places, normals, owners, widths = places[kept], normals[kept], owners[kept], widths[kept]
    base = on_ground(scene, places, 0.0)[:, 3]
    room = tops[owners] - base
    floors = np.clip(np.floor((room - how.height - HEAD) / how.storey) + 1, 1, MOST_STOREYS)
    count = np.where(room > 0, floors, 0).astype(np.int64)
    rows = np.repeat(np.arange(len(places)), count)
    level = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    z = base[rows] + how.height + how.storey * level
    free = roofs_over(scene, places)[rows] < z
    rows, level, z = rows[free], level[free], z[free]
    points = FacadePoints(np.column_stack([places[rows], z]), normals[rows], owners[rows], level, widths[rows])
    return points, np.column_stack([points.places, base[rows]])


def on_grid(scene: Scene, cells: Grid, above: float) -> tuple[Floats, NDArray[np.int64]]:
    """Return receivers at the middles of cells outside buildings, and the number of the cell of each.

    Parameters
    ----------
    cells : Grid
        Its values do not count.
    above : float
        Height above the ground [m].
    """
    rows, columns = cells.shape
    x = cells.x_min + (np.arange(columns) + 0.5) * cells.cell_size
    y = cells.y_max - (np.arange(rows) + 0.5) * cells.cell_size
    places = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    free = np.flatnonzero(roofs_over(scene, places) == -np.inf)
    return on_ground(scene, places[free], above), free
