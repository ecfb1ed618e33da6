"""Where a model with coordinates of its own stands in RD New and m NAP: shift, rotation, scale and up axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

UP_AXES = ("z", "y")
_NEAR = 1e-6  # m; points nearer than this give no direction


@dataclass(frozen=True)
class Placement:
    """A shift, a rotation about the vertical and a scale.

    Attributes
    ----------
    x, y, z : float
        Where `origin` lands [m].
    rotation : float
        Direction of the model's y axis, degrees clockwise from grid north.
    scale : float
        Metres in the world for a unit of the model.
    up : {"z", "y"}
        Which axis of the model points up; with y, what is drawn towards the viewer (z) is the south.
    origin : tuple of float
        Point of the model, after turning it upright and before scaling.

    Examples
    --------
    >>> Placement(100, 200, 5, rotation=90).apply([[0, 10, 1]]).round(6).tolist()
    [[110.0, 200.0, 6.0]]
    >>> Placement(up="y").apply([[1, 2, 3]]).tolist()
    [[1.0, -3.0, 2.0]]
    """

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    rotation: float = 0.0
    scale: float = 1.0
    up: str = "z"
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        numbers = (self.x, self.y, self.z, self.rotation, self.scale, *self.origin)
        if not all(math.isfinite(number) for number in numbers) or self.scale <= 0:
            raise InputError("A placement needs finite numbers and a scale above 0; found {found}.", found=numbers)
        if self.up not in UP_AXES:
            raise InputError("The up axis is {found}; expected z or y.", found=self.up)

    def apply(self, xyz: ArrayLike) -> NDArray[np.float64]:
        """Return coordinates of the model, shape (n, 3), in the world."""
        points = np.asarray(xyz, np.float64).reshape(-1, 3)
        if self.up == "y":
            points = np.column_stack([points[:, 0], -points[:, 2], points[:, 1]])
        points = (points - self.origin) * self.scale
        sine, cosine = math.sin(math.radians(self.rotation)), math.cos(math.radians(self.rotation))
        if self.rotation % 90 == 0:
            sine, cosine = float(round(sine)), float(round(cosine))
        east = points[:, 0] * cosine + points[:, 1] * sine
        north = points[:, 1] * cosine - points[:, 0] * sine
        return np.column_stack([east + self.x, north + self.y, points[:, 2] + self.z])


@dataclass(frozen=True)
class Fit:
    """A placement found from known points.

    Attributes
    ----------
    residual : float
        How far each of the points stays from where it should be [m].
    ratio : float
        Distance between the points in the world over that in the model; 1 where units and survey agree.
    """

    placement: Placement
    residual: float
    ratio: float


def from_two_points(local: Sequence[Sequence[float]], world: Sequence[Sequence[float]], height: float = 0.0) -> Fit:
    """Return the shift and rotation that bring two points of a model to two points in RD; the size is kept.

    Parameters
    ----------
    local
        x, y of two points in the model [m].
    world
        x, y of the same points in RD [m].
    height : float
        Height of the model's zero [m NAP].

    Raises
    ------
    InputError
        If the points coincide.

    Examples
    --------
    >>> fit = from_two_points([(0, 0), (10, 0)], [(84000, 447000), (84000, 447010)])
    >>> fit.placement.rotation, fit.placement.apply([[10, 0, 0]]).round(6).tolist()
    (-90.0, [[84000.0, 447010.0, 0.0]])
    """
    one, two = np.asarray(local, np.float64)[:, :2], np.asarray(world, np.float64)[:, :2]
    arms = one[1] - one[0], two[1] - two[0]
    lengths = [float(np.hypot(*arm)) for arm in arms]
    if not all(np.isfinite(lengths)) or min(lengths) < _NEAR:
        raise InputError(
            "The two points are {local:.3f} m apart in the model and {world:.3f} m in RD; expected different points.",
            hint="Choose two points far from each other.",
            local=lengths[0],
            world=lengths[1],
        )
    angles = [math.degrees(math.atan2(arm[1], arm[0])) for arm in arms]
    rotation = (angles[0] - angles[1] + 180.0) % 360.0 - 180.0
    middle, target = one.mean(axis=0), two.mean(axis=0)
    origin = float(middle[0]), float(middle[1]), 0.0
    placement = Placement(float(target[0]), float(target[1]), height, rotation, origin=origin)
    return Fit(placement, abs(lengths[1] - lengths[0]) / 2, lengths[1] / lengths[0])


def rotation_of(abscissa: float, ordinate: float) -> float:
    """Return the rotation [degrees clockwise] of a model whose x axis has this direction on the map.

    >>> rotation_of(0.0, 1.0), rotation_of(1.0, 0.0)
    (-90.0, 0.0)
    """
    return -math.degrees(math.atan2(ordinate, abscissa)) + 0.0
