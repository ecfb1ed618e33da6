"""The outline of objects on the map, from their surfaces in space."""

from __future__ import annotations

import numpy as np

from .crs import RD
from .features import Features
from .geometries import Geometries
from .surfaces import Surfaces

_FLAT = 0.05  # a surface whose horizontal share of area is below this is a wall [1]


def footprints(surfaces: Surfaces, name: str = "Footprints") -> Features:
    """Return one feature for each object (a part counts for its parent), in two dimensions.

    Attributes are those of the object itself where it has a row.
    """
    merged, owners = outlines(surfaces)
    columns = {key: values[owners] for key, values in surfaces.columns.items() if key not in ("lod", "parent")}
    return Features(merged, columns, surfaces.units, RD, name)


def outlines(surfaces: Surfaces) -> tuple[Geometries, np.ndarray]:
    """Return the outline of each object in two dimensions, and the object row that it stands for (`owners_of`).

    Used are the ground surfaces, else the surfaces at LoD 0, else all that are not vertical, so that a roof model
    without a ground has an outline too.
    """
    owner = owners_of(surfaces)
    use = _chosen(surfaces, owner)
    order = np.flatnonzero(use)
    order = order[np.argsort(owner[surfaces.objects[order]], kind="stable")]
    flat = surfaces.geometries.take(order)
    owners, counts = np.unique(owner[surfaces.objects[order]], return_counts=True)
    parts = np.diff(flat.features)
    ends = np.cumsum(counts)
    features = np.concatenate([[0], np.cumsum(parts)])[np.concatenate([[0], ends])].astype(np.int64)
    merged = Geometries("polygon", np.ascontiguousarray(flat.coordinates[:, :2]), flat.rings, flat.parts, features)
    return merged, owners


def owners_of(surfaces: Surfaces) -> np.ndarray:
    """Return for each object row the first row of its topmost parent (or of its own id), shape (object rows,)."""
    ids, parents = surfaces.columns["id"], surfaces.columns["parent"]
    first: dict[str, int] = {}
    parent_of: dict[str, str] = {}
    for row, (identity, parent) in enumerate(zip(ids, parents)):
        first.setdefault(identity, row)
        if parent:
            parent_of.setdefault(identity, parent)
    rows = np.empty(len(ids), np.int64)
    topmost: dict[str, str] = {}  # of what was walked before, so that a long chain is walked once
    for row, identity in enumerate(ids):
        top = identity
        seen: dict[str, None] = {}
        while top in parent_of and top not in seen and top not in topmost:
            seen[top] = None
            top = parent_of[top]
        top = topmost.get(top, top)
        topmost.update(dict.fromkeys(seen, top))
        # a parent outside the selection is stood for by the first of its parts
        rows[row] = first.setdefault(top, row)
    return rows


def _chosen(surfaces: Surfaces, owner: np.ndarray) -> np.ndarray:
    """Return which surfaces make the outline of their object, shape (surfaces,)."""
    count = surfaces.object_count
    lods = np.array([str(lod) for lod in surfaces.columns["lod"]], object)[surfaces.objects]
    own = owner[surfaces.objects]
    ground = surfaces.semantics == "GroundSurface"
    # of several levels of detail one is enough: the first that has a ground
    ground &= lods == _first_lod(lods, own, ground, count)[own]
    lod0 = (lods == "0") | (np.char.startswith(lods.astype(str), "0."))
    flat = _horizontal_share(surfaces.geometries) > _FLAT
    use = ground.copy()
    for candidates in (lod0, flat):
        has = np.zeros(count, bool)
        has[own[use]] = True
        more = candidates & ~has[own]
        use |= more & (lods == _first_lod(lods, own, more, count)[own])
    return use


def _first_lod(lods: np.ndarray, own: np.ndarray, among: np.ndarray, count: int) -> np.ndarray:
    """Return the lowest level of detail among the marked surfaces of each owner, shape (object rows,)."""
    lowest = np.full(count, None, object)
    for index in np.flatnonzero(among):
        current = lowest[own[index]]
        if current is None or lods[index] < current:
            lowest[own[index]] = lods[index]
    return lowest


def _horizontal_share(geometries: Geometries) -> np.ndarray:
    """Return the share of each surface's area that is seen from above [1], by Newell's normal, shape (surfaces,)."""
    spans = geometries.coordinate_spans()
    counts = np.diff(spans)
    filled = counts > 0
    normal = np.zeros((len(geometries), 3))
    if filled.any():
        starts = spans[:-1][filled]
        # from a corner of its own: products of national coordinates would drown a small surface in rounding
        xyz = geometries.coordinates - np.repeat(geometries.coordinates[starts], counts[filled], axis=0)
        cross = np.cross(xyz, np.roll(xyz, -1, axis=0))
        cross[geometries.rings[1:] - 1] = 0.0  # the last coordinate of a ring repeats its first
        normal[filled] = np.add.reduceat(cross, starts)
    length = np.linalg.norm(normal, axis=1)
    return np.abs(normal[:, 2]) / np.where(length > 0, length, 1.0)
