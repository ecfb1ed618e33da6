"""What a line of sight meets first: faces in space, tubes along lines, balls around points."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .offsets import offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_EDGE_ON = 1e-9  # sine of the angle between a ray and a face below which only its edge is seen


@dataclass(frozen=True)
class Hit:
    """What was met.

    Attributes
    ----------
    owner : int
        The object that it belongs to.
    distance : float
        From where the ray begins [m].
    place : tuple of float
        x, y, z [m].
    """

    owner: int
    distance: float
    place: tuple[float, float, float]


@dataclass(frozen=True)
class Faces:
    """Flat polygons in space, with holes.

    Attributes
    ----------
    coordinates : ndarray
        Shape (n, 3) [m].
    rings, parts : ndarray
        Offsets as in `Geometries`: rings of coordinates, closed, and faces of rings, the outer one first.
    owners : ndarray
        The object of each face, shape (faces,).
    """

    coordinates: Floats
    rings: Integers
    parts: Integers
    owners: Integers
    _places: Floats = field(init=False, repr=False)
    _radii: Floats = field(init=False, repr=False)
    _normals: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        first, last = self.rings[self.parts[:-1]], self.rings[self.parts[:-1] + 1]
        rows = spans(first, last)
        face = np.repeat(np.arange(len(first)), last - first)
        outer = self.coordinates[rows]
        count = np.maximum(np.bincount(face, minlength=len(first)), 1)[:, None]
        middle = _sums(outer, face, len(first)) / count
        here = outer - middle[face]
        following = np.where(np.append(np.diff(face) == 0, False)[:, None], np.roll(here, -1, axis=0), here)
        normals = _sums(np.cross(here, following), face, len(first))  # Newell: twice the area, square to the face
        size = np.linalg.norm(normals, axis=1, keepdims=True)
        far = np.linalg.norm(here, axis=1)
        radii = np.maximum.reduceat(far, np.cumsum(last - first) - (last - first)) if len(far) else np.zeros(0)
        object.__setattr__(self, "_places", middle)
        object.__setattr__(self, "_radii", radii)
        object.__setattr__(self, "_normals", np.divide(normals, size, out=np.zeros_like(normals), where=size > 0))

    def first(self, origin: Floats, direction: Floats) -> Hit | None:
        """Return what a ray meets first, as `met`."""
        return next(iter(self.met(origin, direction)), None)

    def met(self, origin: Floats, direction: Floats) -> list[Hit]:
        """Return what a ray meets, seen from either side, the nearest first, and each owner once.

        Parameters
        ----------
        origin, direction : ndarray
            Shape (3,); the direction is a unit vector.

        Examples
        --------
        >>> square = np.array([[0.0, 0, 1], [4, 0, 1], [4, 4, 1], [0, 4, 1], [0, 0, 1]])
        >>> two = np.concatenate([square, square + [0, 0, 2]])
        >>> faces = Faces(two, np.array([0, 5, 10]), np.array([0, 1, 2]), np.array([7, 8]))
        >>> [hit.owner for hit in faces.met(np.array([1.0, 1, 9]), np.array([0.0, 0, -1]))]
        [8, 7]
        >>> faces.first(np.array([1.0, 1, 9]), np.array([0.0, 0, -1]))
        Hit(owner=8, distance=6.0, place=(1.0, 1.0, 3.0))
        """
        away = self._places - origin
        slope = self._normals @ direction
        near = np.flatnonzero((_beside(away, direction) <= self._radii * (1 + 1e-9)) & (np.abs(slope) > _EDGE_ON))
        distances = (away[near] * self._normals[near]).sum(axis=1) / slope[near]
        ahead = distances > 0
        near, distances = near[ahead], distances[ahead]
        inside = self._inside(near, origin + distances[:, None] * direction)
        return _hits(self.owners[near[inside]], distances[inside], origin, direction)

    def of(self, owner: int) -> Faces:
        """Return the faces of one owner."""
        chosen = np.flatnonzero(self.owners == owner)
        rings = spans(self.parts[chosen], self.parts[chosen + 1])
        rows = spans(self.rings[rings], self.rings[rings + 1])
        kept_rings, kept_parts = offsets_of(np.diff(self.rings)[rings]), offsets_of(np.diff(self.parts)[chosen])
        return Faces(self.coordinates[rows], kept_rings, kept_parts, self.owners[chosen])

    @property
    def normals(self) -> Floats:
        """Unit vectors square to each face, shape (faces, 3); nothing where a face has no area."""
        return self._normals

    @property
    def edges(self) -> Floats:
        """The sides of all rings, shape (n, 2, 3): side, end, x y z [m]."""
        within = np.ones(len(self.coordinates), bool)
        within[self.rings[1:] - 1] = False
        start = np.flatnonzero(within)
        return np.stack([self.coordinates[start], self.coordinates[start + 1]], axis=1)

    def _inside(self, faces: Integers, places: Floats) -> NDArray[np.bool_]:
        """Say of each face whether a place in its plane is within it: an odd number of edges lies to its one side."""
        ring = spans(self.parts[faces], self.parts[faces + 1])
        first, last = self.rings[ring], self.rings[ring + 1] - 1
        start = spans(first, last)  # of each edge
        of_ring = np.repeat(np.arange(len(faces)), self.parts[faces + 1] - self.parts[faces])
        of = np.repeat(of_ring, np.maximum(last - first, 0))
        steep = np.argmax(np.abs(self._normals[faces]), axis=1)[of]  # the axis that the face is seen along
        u, v = (steep + 1) % 3, (steep + 2) % 3
        rows = np.arange(len(of))
        one, two = self.coordinates[start] - places[of], self.coordinates[start + 1] - places[of]
        u1, v1, u2, v2 = one[rows, u], one[rows, v], two[rows, u], two[rows, v]
        with np.errstate(divide="ignore", invalid="ignore"):
            crossed = ((v1 > 0) != (v2 > 0)) & (u1 - v1 * (u2 - u1) / (v2 - v1) > 0)
        odd: NDArray[np.bool_] = np.bincount(of[crossed], minlength=len(faces)) % 2 == 1
        return odd


@dataclass(frozen=True)
class Tubes:
    """Straight pieces of lines with a radius, their ends round; a ball where both ends are one.

    Attributes
    ----------
    ends : ndarray
        Shape (n, 2, 3): piece, end, x y z [m].
    radii : ndarray
        [m], shape (n,).
    owners : ndarray
        The object of each, shape (n,).
    """

    ends: Floats
    radii: Floats
    owners: Integers

    def of(self, owner: int) -> Tubes:
        """Return the pieces of one owner."""
        chosen = self.owners == owner
        return Tubes(self.ends[chosen], self.radii[chosen], self.owners[chosen])

    def first(self, origin: Floats, direction: Floats, pixel: float = 0.0) -> Hit | None:
        """Return what a ray comes close enough to first, as `met`."""
        return next(iter(self.met(origin, direction, pixel)), None)

    def met(self, origin: Floats, direction: Floats, pixel: float = 0.0) -> list[Hit]:
        """Return what a ray comes close enough to, the nearest first, and each owner once.

        Parameters
        ----------
        origin, direction : ndarray
            Shape (3,); the direction is a unit vector.
        pixel : float
            Size of what the user can point at, at a distance of 1: thinner things count as that thick.

        Examples
        --------
        >>> pipe = Tubes(np.array([[[-5.0, 0, -1], [5, 0, -1]]]), np.array([0.1]), np.array([3]))
        >>> pipe.first(np.array([2.0, 0.05, 10]), np.array([0.0, 0, -1]))  # doctest: +ELLIPSIS
        Hit(owner=3, distance=10.9133..., place=(2.0, 0.05, -0.9133...))
        >>> pipe.first(np.array([2.0, 0.3, 10]), np.array([0.0, 0, -1])) is None
        True
        """
        along, apart = _closest(self.ends, origin, direction)
        seen = (along > 0) & (apart <= np.maximum(self.radii, pixel * along))
        entered = _entered(self.ends[seen], self.radii[seen], along[seen], origin, direction)
        return _hits(self.owners[seen], entered, origin, direction)


def _hits(owners: Integers, distances: Floats, origin: Floats, direction: Floats) -> list[Hit]:
    """Return hits from the nearest to the farthest, of each owner the nearest."""
    nearest: dict[int, float] = {}
    for number in np.argsort(distances, kind="stable"):
        nearest.setdefault(int(owners[number]), float(distances[number]))
    return [
        Hit(owner, distance, tuple((origin + distance * direction).tolist())) for owner, distance in nearest.items()
    ]


def spans(first: Integers, last: Integers) -> Integers:
    """Return the numbers from each first up to, not including, its last, one span after the other.

    >>> spans(np.array([3, 7]), np.array([5, 8])).tolist()
    [3, 4, 7]
    """
    lengths = np.maximum(last - first, 0)
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(first - (ends - lengths), lengths)


def _sums(values: Floats, groups: Integers, count: int) -> Floats:
    return np.stack([np.bincount(groups, values[:, axis], count) for axis in range(3)], axis=1).astype(float)


def _beside(places: Floats, direction: Floats) -> Floats:
    """Return how far places, seen from where a ray begins, lie beside its line."""
    along = places @ direction
    squared: Floats = (places**2).sum(axis=1) - along**2
    return np.sqrt(np.maximum(squared, 0.0))


def _entered(ends: Floats, radii: Floats, closest: Floats, origin: Floats, direction: Floats) -> Floats:
    """Return how far along a ray it enters tubes [m]; where it comes closest to those that it passes by."""
    found = np.full(len(ends), np.inf)
    for end in (0, 1):  # the balls at both ends
        away = ends[:, end] - origin
        along = away @ direction
        inside = radii**2 - ((away**2).sum(axis=1) - along**2)
        found = np.where(inside > 0, np.minimum(found, along - np.sqrt(np.maximum(inside, 0))), found)
    axis = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(axis, axis=1)
    axis = np.divide(axis, length[:, None], out=np.zeros_like(axis), where=length[:, None] > 0)
    away = origin - ends[:, 0]
    across, beside = direction - (axis @ direction)[:, None] * axis, away - (away * axis).sum(axis=1)[:, None] * axis
    a, b, c = (across**2).sum(axis=1), (across * beside).sum(axis=1), (beside**2).sum(axis=1) - radii**2
    with np.errstate(divide="ignore", invalid="ignore"):
        through = (-b - np.sqrt(b**2 - a * c)) / a
        place = ((away + through[:, None] * direction) * axis).sum(axis=1)
        within = (place >= 0) & (place <= length) & (length > 0) & (a > 0)
    found = np.where(within, np.minimum(found, through), found)
    return np.where(np.isfinite(found) & (found > 0), found, closest)


def _closest(ends: Floats, origin: Floats, direction: Floats) -> tuple[Floats, Floats]:
    """Return how far along a ray it is closest to each piece, and how close [m]."""
    start, piece = ends[:, 0] - origin, ends[:, 1] - ends[:, 0]
    straight, sideways = piece @ direction, (piece**2).sum(axis=1)
    reach = start @ direction
    denominator = sideways - straight**2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (straight * reach - (piece * start).sum(axis=1)) / denominator
    # along the ray any share is as close: the near end then
    share = np.where(denominator > 1e-12 * np.maximum(sideways, 1e-30), share, np.where(straight < 0, 1.0, 0.0))
    nearest = start + np.clip(share, 0.0, 1.0)[:, None] * piece
    along = nearest @ direction
    return along, np.sqrt(np.maximum((nearest**2).sum(axis=1) - along**2, 0.0))
