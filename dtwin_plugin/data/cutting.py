"""What is cut out of a scene: a hole in the ground, and all that lies beyond upright planes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CIRCLE, BOX = "circle", "box"  # shapes of a hole
STRIP, PLANE, BLOCK = "strip", "plane", "block"  # kinds of section
Plane = tuple[float, float, float]  # a, b, c: of what is kept a x + b y + c >= 0; a and b of a unit vector


@dataclass(frozen=True)
class Hole:
    """An area without ground.

    Attributes
    ----------
    x, y : float
        Its middle [m].
    size : float
        From side to side [m].
    shape : str
        "circle" or "box".
    """

    x: float
    y: float
    size: float
    shape: str = CIRCLE

    def __post_init__(self) -> None:
        if self.shape not in (CIRCLE, BOX) or not (self.size > 0 and np.isfinite([self.x, self.y, self.size]).all()):
            raise InputError("A hole has a middle, a size above 0 and is a circle or a box.")

    def has(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Return whether places lie in it.

        >>> Hole(0, 0, 10).has([0, 4, 6], [0, 4, 0]).tolist(), Hole(0, 0, 10, BOX).has([4], [4]).tolist()
        ([True, False, False], [True])
        """
        across, along = np.abs(np.asarray(x, float) - self.x), np.abs(np.asarray(y, float) - self.y)
        away = np.hypot(across, along) if self.shape == CIRCLE else np.maximum(across, along)
        return np.asarray(away < self.size / 2, np.bool_)

    def edge(self, wider: float = 0.0, step: float = 1.0) -> Floats:
        """Return places around it, the first once more at the end, shape (n, 2); so much wider at each side [m].

        >>> Hole(5, 5, 10, BOX).edge(step=10).tolist()
        [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]]
        """
        half = self.size / 2 + wider
        if self.shape == CIRCLE:
            count = max(int(np.ceil(2 * np.pi * half / step)), 24)
            turn = 2 * np.pi * np.arange(count + 1) / count
            around = np.column_stack([np.cos(turn), np.sin(turn)])
        else:
            count = max(int(np.ceil(2 * half / step)), 1)
            side = np.linspace(-1.0, 1.0, count + 1)[:-1]
            ones = np.ones(count)
            x = np.concatenate([side, ones, -side, -ones, [-1.0]])
            around = np.column_stack([x, np.concatenate([-ones, side, ones, -side, [-1.0]])])
        return half * around + [self.x, self.y]


@dataclass(frozen=True)
class Section:
    """How a scene is cut along a line.

    Attributes
    ----------
    x1, y1, x2, y2 : float
        Begin and end of the line [m].
    kind : str
        "strip": what lies within half the width of the line is kept, "plane": all behind it, "block": as a strip, and
        no longer than the line.
    width : float
        [m].
    shift : float
        By which the line is moved to its left [m].
    flipped : bool
        Whether the line is looked at from its left: what is behind it lies on its right.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str = STRIP
    width: float = 20.0
    shift: float = 0.0
    flipped: bool = False

    def __post_init__(self) -> None:
        numbers = (self.x1, self.y1, self.x2, self.y2, self.width, self.shift)
        if self.kind not in (STRIP, PLANE, BLOCK) or not np.isfinite(numbers).all() or self.width <= 0:
            raise InputError("A section is a strip, a plane or a block, with a width above 0.")
        if self.length < 1e-3:
            raise InputError("The line of a section has no length.", hint="Draw a line of two places.")

    @property
    def length(self) -> float:
        """Length of the line [m]."""
        return float(np.hypot(self.x2 - self.x1, self.y2 - self.y1))

    @property
    def left(self) -> tuple[float, float]:
        """Unit vector to the left of the line."""
        return -(self.y2 - self.y1) / self.length, (self.x2 - self.x1) / self.length

    @property
    def line(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The line where it is moved to.

        >>> Section(0, 0, 10, 0, shift=2).line
        ((0.0, 2.0), (10.0, 2.0))
        """
        x, y = (self.shift * part for part in self.left)
        return (self.x1 + x, self.y1 + y), (self.x2 + x, self.y2 + y)

    def planes(self) -> list[Plane]:
        """Return the planes that keep what is to be seen.

        >>> Section(0, 0, 10, 0, PLANE).planes()
        [(0.0, 1.0, 0.0)]
        >>> Section(0, 0, 10, 0, STRIP, width=4, shift=1).planes()
        [(0.0, 1.0, 1.0), (0.0, -1.0, 3.0)]
        """
        (x1, y1), (x2, y2) = self.line
        east, north = self.left
        if self.kind == PLANE:
            side = -1.0 if self.flipped else 1.0
            return [_through(side * east, side * north, x1, y1)]
        half = self.width / 2
        planes = [
            _through(east, north, x1 - half * east, y1 - half * north),
            _through(-east, -north, x1 + half * east, y1 + half * north),
        ]
        if self.kind == BLOCK:
            planes += [_through(north, -east, x1, y1), _through(-north, east, x2, y2)]
        return planes


def _through(a: float, b: float, x: float, y: float) -> Plane:
    a, b = a + 0.0, b + 0.0  # no negative zeros
    return a, b, -(a * x + b * y) + 0.0


def kept(planes: list[Plane], places: ArrayLike) -> NDArray[np.bool_]:
    """Return whether places, shape (n, 2) or (n, 3), are kept.

    >>> kept([(1.0, 0.0, 0.0)], [[1, 5], [-1, 5]]).tolist()
    [True, False]
    """
    xy = np.atleast_2d(np.asarray(places, float))[:, :2]
    result = np.ones(len(xy), np.bool_)
    for a, b, c in planes:
        result &= xy @ [a, b] + c >= -1e-6
    return result


def clipped(ring: ArrayLike, planes: list[Plane]) -> Floats:
    """Return the part of a closed ring that is kept, closed too; no places where nothing is.

    Each plane cuts it in turn (Sutherland and Hodgman 1974), heights and all. Of a ring with notches, parts may hang
    together along a plane.

    Parameters
    ----------
    ring : array of float
        Shape (n, 2) or (n, 3) [m], the first place once more at the end.

    Examples
    --------
    >>> clipped([[0, 0, 0], [4, 0, 8], [0, 4, 0], [0, 0, 0]], [(-1.0, 0.0, 2.0)]).tolist()
    [[0.0, 0.0, 0.0], [2.0, 0.0, 4.0], [2.0, 2.0, 4.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]]
    """
    places = np.asarray(ring, float)[:-1]
    for a, b, c in planes:
        if not len(places):
            break
        away = places[:, :2] @ [a, b] + c
        result = []
        for number in range(len(places)):
            one, other = number, (number + 1) % len(places)
            if away[one] >= 0:
                result.append(places[one])
            if (away[one] > 0 > away[other]) or (away[one] < 0 < away[other]):
                share = away[one] / (away[one] - away[other])
                result.append(places[one] + share * (places[other] - places[one]))
        places = np.array(result)
    return np.vstack([places, places[:1]]) if len(places) > 2 else np.empty((0, np.shape(ring)[1]))


def enters(planes: list[Plane], origin: Floats, direction: Floats) -> float:
    """Return how far along a ray it comes to what is kept [m]; infinite where it never does.

    >>> enters([(1.0, 0.0, 0.0)], np.array([-5.0, 0, 0]), np.array([1.0, 0, 0]))
    5.0
    >>> enters([(1.0, 0.0, 0.0)], np.array([-5.0, 0, 0]), np.array([0.0, 1, 0]))
    inf
    """
    begin, end = 0.0, np.inf
    for a, b, c in planes:
        away, rate = a * origin[0] + b * origin[1] + c, a * direction[0] + b * direction[1]
        if abs(rate) < 1e-12:
            begin = begin if away >= 0 else np.inf
        elif rate > 0:
            begin = max(begin, -away / rate)
        else:
            end = min(end, -away / rate)
    return float(begin) if begin <= end else np.inf
