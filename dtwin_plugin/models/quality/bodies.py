"""Bodies and each other: inner shells, composite solids, parts of a building (val3dity 401 to 403, 501 to 503, 601).

Whether two bodies overlap is asked at points: just within the faces of both, and on a lattice where their boxes
overlap. So what is reported is so; an overlap thinner than the tolerance, or between all points, is not found.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Callable

import numpy as np

from dtwin_plugin.data import Surfaces

from .boxes import touching_pairs
from .codes import Tolerances
from .found import Found
from .inside import in_polygons, in_solid
from .mesh import SOLIDS, Mesh
from .piercing import pierces
from .planes import Planes
from .rings import TOUCH

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LATTICE = 7  # points along each side of the overlap of two boxes
_FACE = (0.07, 0.29, 0.53, 0.71, 0.93)  # where on a face, along both sides of its box
_ODD = 0.00137  # m; moves lattice points off the planes that people build on
_STEPS = (np.arange(_LATTICE) + 0.5) / _LATTICE
_GRID = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(-1, 3)
_SPOTS = np.stack(np.meshgrid(_FACE, _FACE), axis=-1).reshape(-1, 2)


class Bodies:
    """The bodies of a mesh, each one or more shells; bodies with a faulty shell are left out."""

    def __init__(self, mesh: Mesh, planes: Planes) -> None:
        self.mesh, self.planes = mesh, planes
        order = np.argsort(mesh.shell, kind="stable")
        found, starts = np.unique(mesh.shell[order], return_index=True)
        self._faces = dict(zip(found.tolist(), np.split(order, starts[1:])))

    def faces(self, shells: list[int]) -> NDArray[np.int64]:
        """Return the polygons of shells."""
        return np.concatenate([self._faces[shell] for shell in shells])

    def has(self, shells: list[int]) -> bool:
        """Tell whether all shells are there."""
        return all(shell in self._faces for shell in shells)

    def box(self, faces: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the corners of the box round polygons."""
        low, high = self.mesh.boxes
        return low[faces].min(axis=0), high[faces].max(axis=0)

    def points(self, faces: NDArray[np.int64]) -> set[tuple[float, ...]]:
        """Return the distinct corners of polygons, to a millimetre."""
        spans = [self.mesh.xyz[self.mesh.corners[face] : self.mesh.corners[face + 1]] for face in faces.tolist()]
        return {tuple(point) for point in np.round(np.concatenate(spans), 3).tolist()}

    def on_faces(
        self,
        faces: NDArray[np.int64],
        shift: float,
        within: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    ) -> NDArray[np.float64]:
        """Return points on polygons, moved `shift` [m] along the normal (negative: into the body).

        Parameters
        ----------
        within : tuple of ndarray, optional
            Only points between these two corners of a box.
        """
        planes = self.planes
        if within is not None:
            margin = (planes.deviation[faces] + abs(shift) + TOUCH)[:, None]
            low, high = self.mesh.boxes[0][faces] - margin, self.mesh.boxes[1][faces] + margin
            faces = faces[((high > within[0]) & (low < within[1])).all(axis=1)]
        low, high = planes.low[faces][:, None], planes.high[faces][:, None]
        spots = (low + _SPOTS * (high - low)).reshape(-1, 2)
        face = np.repeat(faces, len(_SPOTS))
        moved = planes.centre[face] + spots[:, :1] * planes.u[face] + spots[:, 1:] * planes.v[face]
        moved += shift * planes.normal[face]
        if within is not None:
            kept = ((moved > within[0]) & (moved < within[1])).all(axis=1)
            spots, face, moved = spots[kept], face[kept], moved[kept]
        inside, clear = in_polygons(spots, face, self.mesh, planes)
        return moved[inside & (clear > abs(shift))]

    def inside(self, points: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which points are in the body that polygons bound."""
        return in_solid(points, faces, self.mesh, self.planes)

    def overlap(self, one: NDArray[np.int64], two: NDArray[np.int64], tolerance: float) -> NDArray[np.float64] | None:
        """Return a point in both bodies, None if none was found."""
        (low1, high1), (low2, high2) = self.box(one), self.box(two)
        low, high = np.maximum(low1, low2), np.minimum(high1, high2)
        if (high - low <= tolerance).any():
            return None
        lattice = _GRID * (high - low) + low + _ODD * (high - low)
        spots = [self.on_faces(faces, -tolerance, (low, high)) for faces in (one, two)]
        for points in (*spots, lattice[((lattice > low) & (lattice < high)).all(axis=1)]):
            for faces in (one, two):
                points = points[self.inside(points, faces)]
            if len(points):
                return points[0]
        return None

    def share_a_face(self, one: NDArray[np.int64], two: NDArray[np.int64], tolerance: float) -> bool:
        """Tell whether a face of one lies against the other."""
        pairs = ((one, two), (two, one))
        return any(bool(self.inside(self.on_faces(a, tolerance), b).any()) for a, b in pairs)

    def pierce(self, one: NDArray[np.int64], two: NDArray[np.int64]) -> bool:
        """Tell whether an edge of one goes through a polygon of the other."""
        following = self.mesh.following
        for edges, faces in ((one, two), (two, one)):
            corner = np.concatenate([np.arange(self.mesh.corners[f], self.mesh.corners[f + 1]) for f in edges.tolist()])
            start, face = (grid.ravel() for grid in np.meshgrid(corner, faces))
            ends = self.mesh.xyz[start], self.mesh.xyz[following[start]]
            sides = [((p - self.planes.centre[face]) * self.planes.normal[face]).sum(axis=1) for p in ends]
            through = (sides[0] * sides[1] < 0) & (np.minimum(np.abs(sides[0]), np.abs(sides[1])) > TOUCH)
            hit, _ = pierces(self.mesh, self.planes, start[through], following[start[through]], face[through])
            if hit.any():
                return True
        return False


def check_bodies(
    mesh: Mesh,
    planes: Planes,
    surfaces: Surfaces,
    tolerances: Tolerances,
    found: Found,
    cancelled: Callable[[], None] = lambda: None,
) -> None:
    """Look for 401 to 403, 501 to 503 and 601 among shells that are right themselves."""
    bodies, shells = Bodies(mesh, planes), mesh.shells
    solid = np.isin(shells.kind.astype(str), SOLIDS)
    members: dict[tuple[int, int, int], list[int]] = {}
    for shell in np.flatnonzero(solid).tolist():
        members.setdefault((int(shells.row[shell]), int(shells.geometry[shell]), int(shells.solid[shell])), []).append(
            shell
        )
    whole = {key: sorted(of, key=lambda s: int(shells.number[s])) for key, of in members.items() if bodies.has(of)}
    good = {}
    for key, of in whole.items():
        code = _inner_shells(bodies, of, tolerances) if len(of) > 1 else ""
        if code:
            found.add(code, np.array(of[:1]), mesh.xyz[mesh.corners[bodies.faces(of[:1])[:1]]])
        else:
            good[key] = of
        cancelled()
    composites: dict[tuple[int, int], list[list[int]]] = {}
    for (row, geometry, _), of in good.items():
        if shells.kind[of[0]] == "CompositeSolid":
            composites.setdefault((row, geometry), []).append(of)
    for parts in composites.values():
        _composite(bodies, parts, tolerances, found)
        cancelled()
    _parts(bodies, good, surfaces, tolerances, found, cancelled)


def _inner_shells(bodies: Bodies, of: list[int], tolerances: Tolerances) -> str:
    """Return the fault of a solid with inner shells, "" if there is none."""
    faces = [bodies.faces([shell]) for shell in of]
    for one, two in combinations(range(len(of)), 2):
        if _same(bodies, faces[one], faces[two]):
            return "402"
        if bodies.pierce(faces[one], faces[two]):
            return "401"
    within = [bodies.on_faces(inner, tolerances.overlap) for inner in faces[1:]]  # an inner shell faces its own inside
    for number, points in enumerate(within, 1):
        inside = bodies.inside(points, faces[0])
        if not inside.any():
            return "403"
        against = bodies.on_faces(faces[number], -tolerances.overlap)  # the material round the hole
        if not inside.all() or not bodies.inside(against, faces[0]).all():
            return "401"
        for other in range(1, len(of)):
            if other != number and bodies.inside(np.concatenate([points, against]), faces[other]).any():
                return "401"
    return ""


def _same(bodies: Bodies, one: NDArray[np.int64], two: NDArray[np.int64]) -> bool:
    """Tell whether two shells have the same points."""
    return bodies.points(one) == bodies.points(two)


def _composite(bodies: Bodies, parts: list[list[int]], tolerances: Tolerances, found: Found) -> None:
    """Look for 502, 501 and 503 among the solids of one composite."""
    faces = [bodies.faces(of) for of in parts]
    group = list(range(len(parts)))
    wrong = False
    for one, two in combinations(range(len(parts)), 2):
        if _same(bodies, faces[one], faces[two]):
            found.add("502", np.array(parts[two][:1]), bodies.mesh.xyz[bodies.mesh.corners[faces[two][:1]]])
            wrong = True
            continue
        point = bodies.overlap(faces[one], faces[two], tolerances.overlap)
        if point is not None:
            found.add("501", np.array(parts[two][:1]), point[None])
            wrong = True
        elif group[one] != group[two] and bodies.share_a_face(faces[one], faces[two], tolerances.overlap):
            group = [group[one] if item == group[two] else item for item in group]
    if not wrong and len(set(group)) > 1:
        found.add("503", np.array(parts[-1][:1]), bodies.mesh.xyz[bodies.mesh.corners[faces[-1][:1]]])


def _parts(
    bodies: Bodies,
    good: dict[tuple[int, int, int], list[int]],
    surfaces: Surfaces,
    tolerances: Tolerances,
    found: Found,
    cancelled: Callable[[], None],
) -> None:
    """Look for 601: solids of one building at one level of detail that overlap."""
    ids, parents = surfaces.columns["id"], surfaces.columns["parent"]
    lods, types = surfaces.columns["lod"], surfaces.columns["type"]
    families: dict[tuple[str, str], int] = {}
    keys, group = [], []
    for key in good:
        row = key[0]
        if str(types[row]) in ("Building", "BuildingPart"):
            family = str(ids[row] if parents[row] is None else parents[row]), str(lods[row])
            keys.append(key)
            group.append(families.setdefault(family, len(families)))
    if len(families) == len(keys):
        return
    boxes = [bodies.box(bodies.faces(good[key])) for key in keys]
    low, high = (np.array([box[side] for box in boxes]) for side in (0, 1))
    for i, j in touching_pairs(low, high, np.array(group, np.int64)):
        for one, two in zip(i.tolist(), j.tolist()):
            cancelled()
            if keys[one][:2] == keys[two][:2]:
                continue  # of one geometry: a composite was looked at, and solids of a MultiSolid may overlap
            faces = bodies.faces(good[keys[one]]), bodies.faces(good[keys[two]])
            point = bodies.overlap(faces[0], faces[1], tolerances.overlap)
            if point is not None:
                found.add("601", np.array(good[keys[two]][:1]), point[None])
