"""A path of sound cut from a scene, as the kernels want it: the ground with what stands on it, and its edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GROUND, RELIEF, WALL, ENTER, EXIT = range(5)


class Cut(NamedTuple):
    """A point where the vertical plane through a path cuts something.

    Attributes
    ----------
    kind : int
        `GROUND` (another softness), `RELIEF` (a break in the ground), `WALL` (a thin one), `ENTER` or `EXIT` (of a
        building).
    distance, ground, top : float
        Along the path, and heights [m]; the top is that of the wall or building.
    softness : float
        G of the ground after it.
    """

    kind: int
    distance: float
    ground: float
    top: float
    softness: float


class Profile(NamedTuple):
    """What `path_kernels.boundary` asks for."""

    ground: tuple[Array, Array, Array]
    edges: tuple[Array, Array, NDArray[np.int64], NDArray[np.int64]]


def profile_of(cuts: Sequence[Cut]) -> Profile:
    """Return the profile of cuts in the order of their distance; the first and last lie at source and receiver.

    A roof has G = 0, and upright walls belong to the profile: they lift its mean plane.

    >>> flat = (Cut(GROUND, 0, 0, 0, 0.5), Cut(WALL, 5, 0, 3, 0.5), Cut(GROUND, 10, 0, 0, 0.5))
    >>> profile_of(flat).edges[:2]
    (array([5.]), array([3.]))
    """
    points: list[tuple[float, float, float]] = []
    edges: list[tuple[float, float, int, int]] = []
    inside = 0
    for cut in cuts:
        at, n = cut.distance, len(points)
        soft = 0.0 if inside else cut.softness
        if cut.kind == WALL:
            points += [(at, cut.ground, soft), (at, cut.top, soft), (at, cut.ground, soft)]
            edges.append((at, cut.top, n, n + 2))
        elif cut.kind == ENTER:
            inside += 1
            points += [(at, cut.ground, 0.0), (at, cut.top, 0.0)]
            edges.append((at, cut.top, n, n + 1))
        elif cut.kind == EXIT:
            inside -= 1
            points += [(at, cut.top, 0.0), (at, cut.ground, cut.softness)]
            edges.append((at, cut.top, n, n + 1))
        else:
            points.append((at, cut.ground, soft))
            if cut.kind == RELIEF:
                edges.append((at, cut.ground, n, n))
    x, z, softness = (np.array(column, float) for column in zip(*points))
    if not edges:
        return Profile((x, z, softness), (np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64)))
    where, top, before, after = zip(*edges)
    return Profile(
        (x, z, softness),
        (np.array(where, float), np.array(top, float), np.array(before, np.int64), np.array(after, np.int64)),
    )
