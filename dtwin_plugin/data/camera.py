"""A camera over the map: where it stands, what a point of its picture looks at, and where a place is in its picture.

Map axes throughout: x east, y north, z up [m]. Pixels count from the upper left corner of the picture. QGIS gives the
field of view upright.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """What QGIS's 3D view is looked at with.

    Attributes
    ----------
    centre : tuple of float
        The place that it looks at: x, y, z [m].
    distance : float
        From there to where it stands [m].
    pitch, heading : float
        Degrees from straight down, above 90 from below; and of the direction of view, clockwise from north.
    width, height : float
        Size of the picture [px].
    field_of_view : float
        Upright [degree].
    """

    centre: tuple[float, float, float]
    distance: float
    pitch: float
    heading: float
    width: float
    height: float
    field_of_view: float = 45.0

    def __post_init__(self) -> None:
        if not (self.distance > 0 and self.width > 0 and self.height > 0 and 0 < self.field_of_view < 180):
            raise InputError(
                "A camera needs a distance, a width and a height above 0 and a field of view between 0 and 180 degrees."
            )

    @property
    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Unit vectors forward, up and right.

        >>> [(axis.round(9) + 0.0).tolist() for axis in Camera((0, 0, 0), 10, 90, 0, 4, 3).axes]
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
        >>> [(axis.round(9) + 0.0).tolist() for axis in Camera((0, 0, 0), 10, 90, 90, 4, 3).axes]
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]
        """
        tilt, turn = np.radians(self.pitch), np.radians(self.heading)
        out, down = np.sin(tilt), np.cos(tilt)
        east, north = np.sin(turn), np.cos(turn)
        forward = np.array([out * east, out * north, -down])
        up = np.array([down * east, down * north, out])
        return forward, up, np.array([north, -east, 0.0])

    @property
    def position(self) -> Floats:
        """Where it stands.

        >>> Camera((10, 20, 5), 100, 0, 0, 4, 3).position.tolist()
        [10.0, 20.0, 105.0]
        """
        place: Floats = np.asarray(self.centre, float) - self.distance * self.axes[0]
        return place

    def ray(self, x: float, y: float) -> tuple[Floats, Floats]:
        """Return where the line of sight through a pixel begins, and its direction as a unit vector.

        The middle of the picture looks at the centre:

        >>> origin, direction = Camera((10, 20, 5), 100, 40, 30, 800, 600).ray(400, 300)
        >>> (origin + 100 * direction).round(9).tolist()
        [10.0, 20.0, 5.0]
        """
        forward, up, right = self.axes
        across, along = self._reach
        direction = forward + (2 * x / self.width - 1) * across * right + (1 - 2 * y / self.height) * along * up
        return self.position, direction / np.linalg.norm(direction)

    def project(self, places: ArrayLike) -> Floats:
        """Return the pixels of places, shape (n, 3), as x, y and the depth along the view [m]; NaN behind the camera.

        >>> Camera((0, 0, 0), 10, 0, 0, 800, 600).project([[0, 0, 0], [0, 0, 20]]).round(6).tolist()
        [[400.0, 300.0, 10.0], [nan, nan, nan]]
        """
        forward, up, right = self.axes
        across, along = self._reach
        away = np.atleast_2d(np.asarray(places, float)) - self.position
        depth = away @ forward
        with np.errstate(divide="ignore", invalid="ignore"):
            x = (away @ right / depth / across + 1) / 2 * self.width
            y = (1 - away @ up / depth / along) / 2 * self.height
        seen = np.column_stack([x, y, depth])
        seen[depth <= 0] = np.nan
        return seen

    @property
    def _reach(self) -> tuple[float, float]:
        """Half the picture's width and height at a distance of 1."""
        along = float(np.tan(np.radians(self.field_of_view) / 2))
        return along * self.width / self.height, along
