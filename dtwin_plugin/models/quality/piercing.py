"""Edges that go through polygons: what a shell must not do to itself, nor to another (val3dity 306)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import numpy as np

from .boxes import touching_pairs
from .found import Found
from .inside import in_plane, in_polygons
from .mesh import Mesh
from .planes import Planes
from .rings import TOUCH
from .shells import edges_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALONG = (1e-3, 0.25, 0.75, 1 - 1e-3)  # where an edge that lies in the plane of a polygon is looked at


def check_piercing(
    mesh: Mesh, planes: Planes, found: Found, cancelled: Callable[[], None] = lambda: None
) -> NDArray[np.bool_]:
    """Look for 306 in shells that are right otherwise; return which polygons' shells have none."""
    edges = edges_of(mesh)
    corner = edges.first
    after = mesh.following[corner]
    bad = np.zeros(len(mesh.shells), bool)
    places = np.zeros((len(mesh.shells), 3))
    shell = mesh.shell[mesh.of_polygon[corner]]
    for edge, face in candidates(mesh, corner, after, shell, mesh.shell):
        cancelled()
        hit, where = pierces(mesh, planes, corner[edge], after[edge], face)
        wrong = mesh.shell[face[hit]]
        bad[wrong] = True
        places[wrong] = where[hit]
    found.add("306", np.flatnonzero(bad), places[bad])
    return np.asarray(~bad[mesh.shell])


def candidates(
    mesh: Mesh,
    corner: NDArray[np.int64],
    after: NDArray[np.int64],
    edge_group: NDArray[np.int64],
    face_group: NDArray[np.int64],
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return pairs of an edge (row of `corner`) and a polygon of one group whose boxes touch, in portions."""
    p, q = mesh.xyz[corner], mesh.xyz[after]
    starts = mesh.corners[:-1]
    low = np.concatenate([np.minimum(p, q), np.minimum.reduceat(mesh.xyz, starts)]) - TOUCH
    high = np.concatenate([np.maximum(p, q), np.maximum.reduceat(mesh.xyz, starts)]) + TOUCH
    found = []
    for i, j in touching_pairs(low, high, np.concatenate([edge_group, face_group])):
        edge, face = np.minimum(i, j), np.maximum(i, j)
        of_both = (edge < len(corner)) & (face >= len(corner))
        found.append((edge[of_both], face[of_both] - len(corner)))
    return found


def pierces(
    mesh: Mesh, planes: Planes, start: NDArray[np.int64], end: NDArray[np.int64], face: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Tell which edges (from corner to corner) go through or touch their polygon elsewhere than at shared vertices."""
    p, q = mesh.xyz[start], mesh.xyz[end]
    a, b = (((end_ - planes.centre[face]) * planes.normal[face]).sum(axis=1) for end_ in (p, q))
    margin = TOUCH + planes.deviation[face]
    through = (a * b < 0) & (np.minimum(np.abs(a), np.abs(b)) > margin)
    lies = np.abs(a) <= TOUCH, np.abs(b) <= TOUCH
    hit, where = np.zeros(len(face), bool), p.copy()
    looked = np.flatnonzero(through | lies[0] | lies[1])
    own_start, own_end = (_belongs(mesh, mesh.vertex[ends[looked]], face[looked]) for ends in (start, end))
    strange = ~own_start & ~own_end
    t = np.where(through, a / np.where(a == b, 1.0, a - b), 0.0)[looked]
    # through the plane; or an end on it that is no vertex of the polygon
    _mark(hit, where, looked[through[looked] & strange], t[through[looked] & strange], mesh, planes, p, q, face, False)
    for on, own, at in ((lies[0], own_start, 0.0), (lies[1], own_end, 1.0)):
        some = looked[on[looked] & ~own]
        _mark(hit, where, some, np.full(len(some), at), mesh, planes, p, q, face, False)
    flat = looked[lies[0][looked] & lies[1][looked]]
    _mark(hit, where, flat, np.full(len(flat), 0.5), mesh, planes, p, q, face, True)
    flat = looked[lies[0][looked] & lies[1][looked] & ~(own_start & own_end)]
    for at in _ALONG:
        _mark(hit, where, flat, np.full(len(flat), at), mesh, planes, p, q, face, True)
    return hit, where


def _mark(
    hit: NDArray[np.bool_],
    where: NDArray[np.float64],
    rows: NDArray[np.int64],
    t: NDArray[np.float64],
    mesh: Mesh,
    planes: Planes,
    p: NDArray[np.float64],
    q: NDArray[np.float64],
    face: NDArray[np.int64],
    strictly: bool,
) -> None:
    """Mark the rows whose point at `t` of the edge is in the polygon, or on its border unless strictly in it."""
    point = p[rows] + t[:, None] * (q[rows] - p[rows])
    inside, clear = in_polygons(in_plane(point, face[rows], planes), face[rows], mesh, planes)
    is_in = inside & (clear > TOUCH) if strictly else inside | (clear <= TOUCH)
    hit[rows[is_in]] = True
    where[rows[is_in]] = point[is_in]


def _belongs(mesh: Mesh, vertex: NDArray[np.int64], face: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which vertices are one of their polygon."""
    count = int(mesh.vertex.max(initial=0)) + 1
    known = np.sort(mesh.of_polygon * count + mesh.vertex)
    wanted = face * count + vertex
    place = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    return known[place] == wanted if len(known) else np.zeros(len(wanted), bool)
