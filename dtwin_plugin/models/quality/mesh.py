"""Surfaces as arrays to examine: rings without their repeated end, vertices that are the same, shells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Surfaces
from dtwin_plugin.data.offsets import offsets_of
from dtwin_plugin.data.surfaces import SHELL, parsed_shell

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOLIDS = ("Solid", "MultiSolid", "CompositeSolid")
_CROWD = 40  # neighbours a point within the snapping distance, beyond which they are no longer looked at in pairs


@dataclass(frozen=True)
class Shells:
    """The shells that polygons belong to, one value each.

    Attributes
    ----------
    row : ndarray
        Object row.
    kind : ndarray
        Kind of geometry; "" where it is not known and the surfaces do not look like a solid.
    geometry, solid, number : ndarray
        Which geometry of the row, which solid of that, and which shell of that; shell 0 is the outer one.
    """

    row: NDArray[np.int64]
    kind: NDArray[Any]
    geometry: NDArray[np.int64]
    solid: NDArray[np.int64]
    number: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Mesh:
    """Polygons of many shells.

    Attributes
    ----------
    xyz : ndarray
        Corners of all rings, one after the other, from `origin` [m], shape (corners, 3).
    rings : ndarray
        Offsets of the rings in `xyz`.
    polygons : ndarray
        Offsets of the polygons in `rings`; the first ring is the outline.
    shell : ndarray
        Shell of each polygon.
    vertex : ndarray
        Number of the vertex at each corner; no two shells share one.
    closed : ndarray
        Whether each ring ended where it began.
    """

    xyz: NDArray[np.float64]
    rings: NDArray[np.int64]
    polygons: NDArray[np.int64]
    shell: NDArray[np.int64]
    vertex: NDArray[np.int64]
    closed: NDArray[np.bool_]
    shells: Shells
    origin: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.polygons) - 1

    @cached_property
    def corners(self) -> NDArray[np.int64]:
        """Offsets of the polygons in `xyz`."""
        return self.rings[self.polygons]

    @cached_property
    def boxes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest x, y and z of each polygon, shape (polygons, 3) each; all polygons have corners."""
        starts = self.corners[:-1]
        return np.minimum.reduceat(self.xyz, starts), np.maximum.reduceat(self.xyz, starts)

    @cached_property
    def of_ring(self) -> NDArray[np.int64]:
        """Ring of each corner."""
        return np.repeat(np.arange(len(self.rings) - 1), np.diff(self.rings))

    @cached_property
    def of_polygon(self) -> NDArray[np.int64]:
        """Polygon of each corner."""
        return np.repeat(np.arange(len(self)), np.diff(self.corners))

    @cached_property
    def following(self) -> NDArray[np.int64]:
        """Next corner of each corner, round its ring."""
        after = np.arange(1, len(self.xyz) + 1)
        filled = np.diff(self.rings) > 0
        after[self.rings[1:][filled] - 1] = self.rings[:-1][filled]
        return after

    def take(self, chosen: NDArray[np.bool_]) -> Mesh:
        """Return the marked polygons; shells keep their numbers."""
        if chosen.all():
            return self
        ring = np.repeat(chosen, np.diff(self.polygons))
        corner = np.repeat(ring, np.diff(self.rings))
        return replace(
            self,
            xyz=self.xyz[corner],
            rings=offsets_of(np.diff(self.rings)[ring]),
            polygons=offsets_of(np.diff(self.polygons)[chosen]),
            shell=self.shell[chosen],
            vertex=self.vertex[corner],
            closed=self.closed[ring],
        )


def mesh_of(surfaces: Surfaces, snap: float) -> Mesh:
    """Return the polygons of a carrier; points of one shell closer than `snap` [m] are one vertex."""
    shapes = surfaces.geometries
    surface = np.repeat(np.arange(len(shapes)), np.diff(shapes.features))
    filled = np.diff(shapes.parts) > 0
    shells, of_surface = _shells(surfaces)
    xyz = (
        shapes.coordinates if shapes.has_z else np.column_stack([shapes.coordinates, np.zeros(len(shapes.coordinates))])
    )
    sizes = np.diff(shapes.rings)
    ends = shapes.rings[1:] - 1
    closed = np.zeros(len(sizes), bool)
    long = sizes > 1
    gap = np.abs(xyz[ends[long]] - xyz[shapes.rings[:-1][long]]).max(axis=1, initial=0.0)
    closed[long] = ~(gap > snap)  # NaN is dealt with elsewhere
    kept = np.ones(len(xyz), bool)
    kept[ends[closed]] = False
    finite = xyz[np.isfinite(xyz).all(axis=1)]
    origin = np.floor(finite.min(axis=0)) if len(finite) else np.zeros(3)
    local = xyz[kept] - origin
    polygons = offsets_of(np.diff(shapes.parts)[filled])
    rings = offsets_of(sizes - closed)
    shell = of_surface[surface[filled]]
    owner = np.repeat(np.repeat(shell, np.diff(polygons)), np.diff(rings))
    return Mesh(local, rings, polygons, shell, vertices(local, owner, snap), closed, shells, origin)


def vertices(xyz: NDArray[np.float64], owner: NDArray[np.int64], snap: float) -> NDArray[np.int64]:
    """Return the number of the vertex at each corner; corners of one owner closer than `snap` share it."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    points = np.nan_to_num(xyz + 0.0, nan=0.0, posinf=0.0, neginf=0.0)
    if not len(points):
        return np.empty(0, np.int64)
    order = np.lexsort((points[:, 2], points[:, 1], points[:, 0], owner))
    new = (np.diff(points[order], axis=0) != 0).any(axis=1) | (np.diff(owner[order]) != 0)
    number = np.empty(len(points), np.int64)
    number[order] = np.concatenate([[0], np.cumsum(new)])
    first = order[np.concatenate([[True], new])]
    distinct = np.column_stack([points[first], owner[first].astype(float)])  # owners are a metre apart
    tree, near = cKDTree(distinct), snap * (1 - 1e-6)
    if tree.count_neighbors(tree, near) > _CROWD * len(distinct):
        return number  # crowds of points within a millimetre are no polygons
    pairs = tree.query_pairs(near, output_type="ndarray")
    if not len(pairs):
        return number
    links = coo_matrix((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(distinct),) * 2)
    same: NDArray[np.int64] = connected_components(links, directed=False)[1].astype(np.int64)
    return same[number]


def _shells(surfaces: Surfaces) -> tuple[Shells, NDArray[np.int64]]:
    """Return the shells and which of them each surface belongs to."""
    names = surfaces.surface_columns.get(SHELL)
    known: dict[Any, int] = {}
    given = [None] * len(surfaces) if names is None else names.tolist()
    codes = np.array([known.setdefault(name, len(known)) for name in given], np.int64).reshape(-1)
    count = max(len(known), 1)
    found, inverse = np.unique(surfaces.objects * count + codes, return_inverse=True)
    inverse = inverse.reshape(-1).astype(np.int64)
    parsed = [parsed_shell(name) for name in known] or [("", 0, 0, 0)]
    row, code = found // count, found % count
    kind = np.array([item[0] for item in parsed], object)[code]
    numbers = np.array([item[1:] for item in parsed], np.int64)[code]
    unknown = kind == ""
    if unknown.any():
        kind[unknown & _like_solids(surfaces, row, inverse)] = "Solid"
    return Shells(row, kind, numbers[:, 0], numbers[:, 1], numbers[:, 2]), inverse


def _like_solids(surfaces: Surfaces, row: NDArray[np.int64], of_surface: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which shells have a ground, walls and a roof above level of detail 0, as a solid has."""
    result = np.array([not str(lod).startswith("0") for lod in surfaces.columns["lod"]], bool)[row]
    for semantics in ("GroundSurface", "WallSurface", "RoofSurface"):
        has = np.zeros(len(row), bool)
        has[of_surface[surfaces.semantics == semantics]] = True
        result &= has
    return result
