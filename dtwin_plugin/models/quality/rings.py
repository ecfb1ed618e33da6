"""Rings: too few points, the same point twice, not closed, crossing themselves (val3dity 101 to 104)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

import numpy as np

from .boxes import touching_pairs
from .found import Found
from .mesh import Mesh
from .planes import Planes

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOUCH = 1e-6  # m; nearer than this is the same place: files are in mm, and sums in double precision err by 1e-10 m


def check_points(mesh: Mesh, found: Found) -> NDArray[np.bool_]:
    """Look for 101, 102, 103 and 999; return which polygons have none of them."""
    sizes, good = np.diff(mesh.rings), np.ones(len(mesh), bool)
    of_ring = np.repeat(np.arange(len(mesh)), np.diff(mesh.polygons))
    wrong = ~np.isfinite(mesh.xyz).all(axis=1)
    _report("999", mesh, found, good, mesh.of_polygon[wrong])
    _report("101", mesh, found, good, of_ring[sizes < 3])
    same = mesh.vertex == mesh.vertex[mesh.following]
    _report("102", mesh, found, good, mesh.of_polygon[same], np.flatnonzero(same))
    _report("103", mesh, found, good, of_ring[~mesh.closed])
    return good


def _report(
    code: str,
    mesh: Mesh,
    found: Found,
    good: NDArray[np.bool_],
    polygons: NDArray[np.int64],
    corners: NDArray[np.int64] | None = None,
) -> None:
    """Report polygons that are still good, once each, at a corner; they are good no longer."""
    polygons, first = np.unique(polygons, return_index=True)
    still = good[polygons]
    polygons, first = polygons[still], first[still]
    good[polygons] = False
    filled = np.minimum(mesh.corners[:-1][polygons], max(len(mesh.xyz) - 1, 0)) if corners is None else corners[first]
    xyz = np.nan_to_num(mesh.xyz[filled]) if len(mesh.xyz) else np.zeros((len(polygons), 3))
    found.add(code, mesh.shell[polygons], xyz)


def check_simple(
    mesh: Mesh, planes: Planes, found: Found, cancelled: Callable[[], None] = lambda: None
) -> NDArray[np.bool_]:
    """Look for 104: rings that cross or touch themselves in their plane; return which polygons have none."""
    good, ring = np.ones(len(mesh), bool), mesh.of_ring
    looked = ~_convex(mesh, planes)
    corner = np.flatnonzero(looked[ring])
    following = mesh.following
    p, q = planes.uv[corner], planes.uv[following[corner]]
    low, high = np.minimum(p, q) - TOUCH, np.maximum(p, q) + TOUCH
    polygon = mesh.of_polygon
    bad: list[NDArray[np.int64]] = []
    for i, j in touching_pairs(low, high, ring[corner]):
        cancelled()
        bad.append(corner[i[_cross(corner[i], corner[j], p[i], q[i], p[j], q[j], following)]])
    wrong = np.concatenate([np.empty(0, np.int64), *bad])
    _report("104", mesh, found, good, polygon[wrong], wrong)
    return good


def _convex(mesh: Mesh, planes: Planes) -> NDArray[np.bool_]:
    """Tell which rings turn one way all along and once round; these cannot cross themselves."""
    following = mesh.following
    ahead = planes.uv[following] - planes.uv
    after = ahead[following]
    cross = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    dot = (ahead * after).sum(axis=1)
    starts = mesh.rings[:-1]
    length = np.hypot(*ahead.T) * np.hypot(*after.T)
    one_way = np.logical_and.reduceat(cross > 1e-9 * length, starts) | np.logical_and.reduceat(
        cross < -1e-9 * length, starts
    )
    round_ = np.abs(np.add.reduceat(np.arctan2(cross, dot), starts))
    return np.asarray(one_way & (np.abs(round_ - 2 * np.pi) < 1e-3))


def _cross(
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    p: NDArray[np.float64],
    q: NDArray[np.float64],
    r: NDArray[np.float64],
    s: NDArray[np.float64],
    following: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Tell which edges pq (from corner i) and rs (from corner j) of one ring meet where they should not."""
    i_then_j, j_then_i = following[i] == j, following[j] == i
    away = ~(i_then_j | j_then_i)
    proper, touch = meet(p, q, r, s)
    # neighbours share a corner; they may not run back over each other
    back_i = near(s, p, q) | near(p, r, s)
    back_j = near(q, r, s) | near(r, p, q)
    return (away & (proper | touch)) | (i_then_j & back_i) | (j_then_i & back_j)


def meet(
    p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64], s: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which segments pq and rs cross, and which have an end on the other; points have shape (n, 2)."""
    a, b = _side(p, q, r), _side(p, q, s)
    c, d = _side(r, s, p), _side(r, s, q)
    crossing = (np.minimum(np.abs(a), np.abs(b)) > TOUCH) & (np.minimum(np.abs(c), np.abs(d)) > TOUCH)
    crossing &= (a * b < 0) & (c * d < 0)
    return crossing, near(r, p, q) | near(s, p, q) | near(p, r, s) | near(q, r, s)


def near(point: NDArray[np.float64], p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points lie on their segment pq."""
    return distance(point, p, q) <= TOUCH


def distance(point: NDArray[np.float64], p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of points to their segment pq [m]."""
    along = q - p
    square = (along * along).sum(axis=-1)
    t = np.clip(((point - p) * along).sum(axis=-1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    return np.asarray(np.linalg.norm(point - p - t[..., None] * along, axis=-1))


def _side(p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of r to the line pq, positive on its left [m]."""
    along, to = q - p, r - p
    length = np.hypot(along[:, 0], along[:, 1])
    return np.asarray((along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0]) / np.where(length > 0, length, 1.0))
