"""Shells: closed, in one piece, facing outwards (val3dity 301 to 307 and 405)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .found import Found
from .mesh import SOLIDS, Mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Edges:
    """Half-edges (a corner and the next of its ring) and the edges that they make.

    Attributes
    ----------
    start, end : ndarray
        Vertices of each half-edge.
    edge : ndarray
        Edge of each half-edge.
    count, balance : ndarray
        Half-edges of each edge, and how many more run one way than the other.
    first : ndarray
        A half-edge of each edge.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    edge: NDArray[np.int64]
    count: NDArray[np.int64]
    balance: NDArray[np.int64]
    first: NDArray[np.int64]


def edges_of(mesh: Mesh) -> Edges:
    """Return the edges of a mesh."""
    start = mesh.vertex
    end = mesh.vertex[mesh.following]
    low, high = np.minimum(start, end), np.maximum(start, end)
    key = low * (int(mesh.vertex.max(initial=0)) + 1) + high
    _, first, edge, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    edge = edge.reshape(-1)
    balance = np.bincount(edge, np.where(start < end, 1, -1), len(count)).astype(np.int64)
    return Edges(start, end, edge, count, balance, first)


def check_shells(mesh: Mesh, found: Found) -> NDArray[np.bool_]:
    """Look for 301, 302, 303, 305, 307 and 405 in shells of good polygons; return which polygons' shells have none.

    What hides the next fault ends the examination of a shell, as in val3dity.
    """
    count = len(mesh.shells)
    solid = np.isin(mesh.shells.kind.astype(str), SOLIDS)
    present = np.bincount(mesh.shell, minlength=count) > 0
    good = present.copy()
    first = np.zeros(count, np.int64)  # a corner of each shell
    first[mesh.shell[::-1]] = mesh.corners[:-1][::-1]

    def report(code: str, bad: NDArray[np.bool_], corner: NDArray[np.int64]) -> None:
        bad = bad & good
        good[bad] = False
        found.add(code, np.flatnonzero(bad), mesh.xyz[corner[bad]])

    report("301", solid & (np.bincount(mesh.shell, minlength=count) < 4), first)
    edges = edges_of(mesh)
    owner = mesh.shell[mesh.of_polygon]
    over, same = edges.count > 2, (edges.count == 2) & (edges.balance != 0)
    at_over, has_over = _of_shell(owner[edges.first], over, edges.first, first)
    at_same, has_same = _of_shell(owner[edges.first], same, edges.first, first)
    wrong = has_over & has_same & good
    found.add("307", np.flatnonzero(wrong), mesh.xyz[at_same[wrong]])
    report("303", has_over, at_over)
    report("307", has_same, at_same)
    closed_fan, (at_point, has_point) = _meets_itself(mesh, edges, owner, first)
    report("303", has_point & closed_fan, at_point)
    report("305", _pieces(mesh, edges) > 1, first)
    at_border, has_border = _of_shell(owner[edges.first], edges.count == 1, edges.first, first)
    both = has_point & has_border & good  # holes that meet at a point: neither fault is the cause of the other
    found.add("303", np.flatnonzero(both), mesh.xyz[at_point[both]])
    report("302", has_border & solid, at_border)
    good &= ~both
    inward = np.where(mesh.shells.number == 0, 1.0, -1.0) * volumes(mesh) <= 0
    report("405", inward & solid, first)
    return good[mesh.shell]


def volumes(mesh: Mesh) -> NDArray[np.float64]:
    """Return the volume of each shell, negative where its polygons face inwards [m3]."""
    count = len(mesh.shells)
    centre = np.zeros((count, 3))
    corner_shell = mesh.shell[mesh.of_polygon]
    total = np.maximum(np.bincount(corner_shell, minlength=count), 1)
    for axis in range(3):
        centre[:, axis] = np.bincount(corner_shell, mesh.xyz[:, axis], count) / total
    local = mesh.xyz - centre[corner_shell]
    anchor = np.repeat(local[mesh.rings[:-1]], np.diff(mesh.rings), axis=0)
    pieces = (anchor * np.cross(local, local[mesh.following])).sum(axis=1) / 6
    return np.bincount(corner_shell, pieces, count).astype(np.float64)


def _of_shell(
    shell: NDArray[np.int64], marked: NDArray[np.bool_], corner: NDArray[np.int64], first: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return a marked corner of each shell, and which shells have one."""
    at, has = first.copy(), np.zeros(len(first), bool)
    at[shell[marked][::-1]] = corner[marked][::-1]
    has[shell[marked]] = True
    return at, has


def _components(count: int, one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.int64]:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix((np.ones(len(one), bool), (one, two)), shape=(count, count))
    labels: NDArray[np.int64] = connected_components(links, directed=False)[1].astype(np.int64)
    return labels


def _pairs(edges: Edges) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the two half-edges of each edge that has two."""
    order = np.argsort(edges.edge, kind="stable")
    order = order[edges.count[edges.edge[order]] == 2]
    return order[::2], order[1::2]


def _pieces(mesh: Mesh, edges: Edges) -> NDArray[np.int64]:
    """Return into how many pieces each shell falls apart that hang together by edges."""
    one, two = _pairs(edges)
    polygon = mesh.of_polygon
    label = _components(len(mesh), polygon[one], polygon[two])
    found, first = np.unique(label, return_index=True)
    return np.bincount(mesh.shell[first], minlength=len(mesh.shells)) if len(found) else np.zeros(len(mesh.shells), int)


def _fans(mesh: Mesh, edges: Edges) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the fan of polygons round a vertex that each corner belongs to, and which fans are open."""
    following = mesh.following
    i, j = _pairs(edges)
    opposite = edges.balance[edges.edge[i]] == 0
    # a polygon that has two corners at one vertex (a hole touches the outline) is there twice: each time between the
    # edge that comes along one ring and the edge that leaves along the other
    come, again = np.arange(len(mesh.xyz)), _twins(mesh)
    come[again[0]], come[again[1]] = again[1], again[0]
    ends = np.where(opposite, come[following[j]], j), np.where(opposite, j, come[following[j]])
    links: list[Any] = [(i, ends[0]), (come[following[i]], ends[1])]
    label = _components(len(mesh.xyz), *(np.concatenate([link[side] for link in links]) for side in (0, 1)))
    border = np.flatnonzero(edges.count[edges.edge] == 1)
    opened = np.zeros(int(label.max(initial=-1)) + 1, bool)
    opened[label[border]] = True
    opened[label[come[following[border]]]] = True
    return label, opened


def _twins(mesh: Mesh) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the corners of a polygon that share a vertex, in pairs."""
    polygon = mesh.of_polygon
    order = np.lexsort((mesh.vertex, polygon))
    again = (np.diff(polygon[order]) == 0) & (np.diff(mesh.vertex[order]) == 0)
    return order[:-1][again], order[1:][again]


def _meets_itself(
    mesh: Mesh, edges: Edges, owner: NDArray[np.int64], first: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Return the shells with a closed fan and another at one vertex; and where, and which, have any two fans at one."""
    label, opened = _fans(mesh, edges)
    fans, corner = np.unique(label, return_index=True)
    vertex = mesh.vertex[corner]
    count = int(mesh.vertex.max(initial=0)) + 1
    several = np.bincount(vertex, minlength=count) > 1
    closed = np.bincount(vertex[~opened[fans]], minlength=count) > 0
    some = _of_shell(owner[corner], several[vertex], corner, first)
    return _of_shell(owner[corner], (several & closed)[vertex], corner, first)[1], some
