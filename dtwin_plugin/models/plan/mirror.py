"""Where the mirror image of a building lies for fire: in the boundary of the plot, or beyond public space beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from .roads import ROAD, classes_of, levels_of, near
from .shapes import oriented, polygons

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from dtwin_plugin.data import Features

    Floats = NDArray[np.float64]

_WATER = ("waterdeel", "ondersteunendwaterdeel")
_GREEN = "begroeidterreindeel"
_PUBLIC_GREEN = "groenvoorziening"  # of its kinds the one that is laid out by who keeps the public space
_STEP = 1.0  # m between places along a boundary where the width of what lies beside it is measured
_SLACK = 0.5  # m between a plot and the base map that is no space of its own: both are drawn within about that
_REACH = 100.0  # m to which the other side is looked for; beyond that no fire reaches
_FACING = 0.01  # m from the ends of a boundary line that its outermost places lie


class Mirrors(NamedTuple):
    """Lines in which a building is mirrored.

    Attributes
    ----------
    places : ndarray
        float64, shape (n, 2): on the mirror lines [m].
    lines : ndarray
        int64, shape (n,): of the straight piece of the boundary that each belongs to.
    public : ndarray
        bool, shape (n,): whether it lies in public space beyond the boundary.
    """

    places: Floats
    lines: NDArray[np.int64]
    public: NDArray[np.bool_]

    def segments(self) -> NDArray[np.object_]:
        """Return the places as lines: from each to the next of its piece, or itself at the end of a mirror line."""
        return shapely.linestrings(np.stack([self.places, self.places[self._next()]], axis=1))

    def _next(self) -> NDArray[np.int64]:
        after = np.minimum(np.arange(len(self.places)) + 1, len(self.places) - 1)
        # where the other side jumps the line ends: what lies between was not measured
        step = np.hypot(*(self.places[after] - self.places).T)
        same = (self.lines[after] == self.lines) & (self.public[after] == self.public) & (step < 2 * _STEP)
        return np.where(same, after, np.arange(len(self.places)))


def public_space(base_map: Features, around: BaseGeometry) -> BaseGeometry:
    """Return roads, water and public green around a shape.

    Parameters
    ----------
    base_map : Features
        Of the BGT, with a column of classes.
    """
    some = near(base_map, around, _REACH)
    classes = classes_of(some)
    assert classes is not None
    covers = some.columns.get("fysiek_voorkomen", some.columns.get("physical_appearance", classes))
    green = (classes == _GREEN) & np.array([str(cover).lower() == _PUBLIC_GREEN for cover in covers.tolist()], bool)
    chosen = (np.isin(classes, (*ROAD, *_WATER)) | green) & (levels_of(some) == 0)
    return shapely.union_all(polygons(some.take(np.flatnonzero(chosen))))


def mirrors_of(plot: BaseGeometry, public: BaseGeometry | None) -> Mirrors:
    """Return where the boundary of a plot mirrors.

    Each place of the boundary mirrors where it lies; where it borders on public space, halfway across that, measured
    square to the boundary (art. 4.54 of the Bbl by NEN 6068: the centre line of the road, water or green).

    Examples
    --------
    >>> found = mirrors_of(shapely.box(0, 0, 10, 10), shapely.box(-5, -8, 15, 0))
    >>> float(found.places[:, 1].min()), int(found.public.sum()) > 0
    (-4.0, True)
    """
    starts, ends, places, lines = _along(plot)
    step = ends - starts
    outward = np.column_stack([step[:, 1], -step[:, 0]]) / np.hypot(*step.T)[:, None]  # to the right
    outward = outward[lines]
    across = np.zeros(len(places))
    if public is not None and not public.is_empty:
        rays = shapely.linestrings(np.stack([places, places + _REACH * outward], axis=1))
        open_space = public.difference(plot)
        shapely.prepare(open_space)
        touched = np.flatnonzero(shapely.intersects(rays, open_space))
        across[touched] = [_halfway(rays[row], open_space) for row in touched]
    return Mirrors(places + across[:, None] * outward, lines, across > 0)


def _along(plot: BaseGeometry) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Return the ends of the straight pieces of a boundary, and places along them with the piece of each."""
    parts = [oriented(part) for part in shapely.get_parts(plot)]  # the plot lies left of all its rings
    rings = [shapely.get_coordinates(ring) for part in parts for ring in (part.exterior, *part.interiors)]
    starts = np.concatenate([xy[:-1] for xy in rings])
    ends = np.concatenate([xy[1:] for xy in rings])
    length = np.hypot(*(ends - starts).T)
    kept = length > 4 * _FACING
    starts, ends, length = starts[kept], ends[kept], length[kept]
    count = np.maximum(np.ceil(length / _STEP).astype(np.int64), 1) + 1
    lines = np.repeat(np.arange(len(starts)), count)
    nth = np.arange(len(lines)) - np.repeat(np.cumsum(count) - count, count)
    margin = (_FACING / length)[lines]
    share = margin + (1 - 2 * margin) * nth / (count - 1)[lines]
    return starts, ends, starts[lines] + share[:, None] * (ends - starts)[lines], lines


def _halfway(ray: BaseGeometry, space: BaseGeometry) -> float:
    """Return half the way along a ray through the space that begins at its start [m], 0 where none begins there."""
    start = shapely.Point(shapely.get_coordinates(ray)[0])
    spans = []
    for part in shapely.get_parts(shapely.intersection(ray, space)):
        if part.geom_type == "LineString":
            ends = shapely.distance(shapely.points(shapely.get_coordinates(part)), start)
            spans.append((float(ends.min()), float(ends.max())))
    reached = 0.0
    for first, last in sorted(spans):
        if first > reached + _SLACK:
            break
        reached = max(reached, last)
    return reached / 2
