"""Surfaces as triangles with a colour: as they are, and as a block for each object, which is seen from afar."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Surfaces
from dtwin_plugin.data.footprints import owners_of
from dtwin_plugin.data.offsets import offsets_of, ranges_of
from dtwin_plugin.data.triangulate import triangles_of
from dtwin_plugin.progress import Progress

from ..stop import stop_if_asked
from .write_paint import Paint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """Triangles of objects, those of one object after another.

    Attributes
    ----------
    xyz : ndarray
        Vertices in RD New and m NAP, shape (n, 3). No two surfaces share one.
    normals : ndarray
        The direction that the surface of each vertex faces, of length 1, shape (n, 3).
    colours, features : ndarray
        Of each vertex the number of its colour and the row of its feature in `columns`.
    triangles, objects : ndarray
        Rows of `xyz`, shape (m, 3), and offsets: object k has the triangles objects[k] to objects[k + 1].
    columns : dict of str to ndarray
        A value for each feature.
    """

    xyz: Floats
    normals: Floats
    colours: Integers
    features: Integers
    triangles: Integers
    objects: Integers
    columns: dict[str, NDArray[Any]]
    counts: Integers = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", np.diff(self.objects))

    def take(self, objects: Integers) -> Mesh:
        """Return the triangles of some objects, with no more vertices and features than they have."""
        triangles = self.triangles[ranges_of(self.objects, objects)]
        vertices, triangles = np.unique(triangles, return_inverse=True)
        features, of_vertex = np.unique(self.features[vertices], return_inverse=True)
        return Mesh(
            self.xyz[vertices],
            self.normals[vertices],
            self.colours[vertices],
            of_vertex.astype(np.int64).reshape(-1),
            triangles.astype(np.int64).reshape(-1, 3),
            offsets_of(self.counts[objects]),
            {name: values[features] for name, values in self.columns.items()},
        )


@dataclass(frozen=True)
class Town:
    """Objects as they are.

    Attributes
    ----------
    surfaces : Surfaces
        Of an object that is there at several levels of detail, the highest alone.
    paint : Paint
        Their colours.
    normals, areas : ndarray
        The direction of length 1 that each surface faces, (n, 3), and its area [m2].
    numbers : ndarray
        Of each surface the object in `mesh`, where the parts of a building are one; -1 where it has no shape.
    rows : ndarray
        Of each object in `mesh` the object row that it stands for.
    mesh : Mesh
        Their triangles; a feature is a row of `surfaces.columns`.
    """

    surfaces: Surfaces
    paint: Paint
    normals: Floats
    areas: Floats
    numbers: Integers
    rows: Integers
    mesh: Mesh


def town_of(surfaces: Surfaces, paint: Paint, progress: Progress) -> Town:
    """Return objects as triangles; raises Cancelled."""
    chosen = _finest(surfaces)
    surfaces, paint = surfaces.take(chosen), paint.take(chosen)
    xyz = surfaces.geometries.coordinates
    triangles, parts = triangles_of(surfaces.geometries, lambda: stop_if_asked(progress))
    surface = np.repeat(np.arange(len(surfaces)), np.diff(surfaces.geometries.features))[parts]
    cross = np.cross(xyz[triangles[:, 1]] - xyz[triangles[:, 0]], xyz[triangles[:, 2]] - xyz[triangles[:, 0]])
    sound = np.isfinite(cross).all(axis=1)
    triangles, surface = triangles[sound], surface[sound]
    normals = np.zeros((len(surfaces), 3))
    np.add.at(normals, surface, cross[sound])
    twice = np.linalg.norm(normals, axis=1)
    normals /= np.where(twice > 0, twice, 1.0)[:, None]

    owner = owners_of(surfaces)[surfaces.objects]
    rows, numbers = np.unique(owner[surface], return_inverse=True)
    number_of_row = np.full(surfaces.object_count, -1, np.int64)
    number_of_row[rows] = np.arange(len(rows))
    numbers = numbers.reshape(-1)
    order = np.argsort(numbers, kind="stable")
    lengths = np.diff(surfaces.geometries.coordinate_spans())
    mesh = Mesh(
        xyz,
        np.repeat(normals, lengths, axis=0),
        np.repeat(paint.of_surface, lengths),
        np.repeat(surfaces.objects, lengths),
        triangles[order],
        offsets_of(np.bincount(numbers, minlength=len(rows))),
        surfaces.columns,
    )
    shaped = np.isin(np.arange(len(surfaces)), surface)
    return Town(surfaces, paint, normals, twice / 2, np.where(shaped, number_of_row[owner], -1), rows, mesh)


def _finest(surfaces: Surfaces) -> Integers:
    """Return the surfaces at the highest level of detail of their object; an outline only where there is no more."""
    lods = np.array([_level(lod) for lod in surfaces.columns["lod"]])
    ids: dict[Any, int] = {}
    same = np.array([ids.setdefault(name, len(ids)) for name in surfaces.columns["id"]], np.int64)
    family = owners_of(surfaces)
    used = np.zeros(surfaces.object_count, bool)
    used[surfaces.objects] = True
    best, most = np.full(len(ids), -1.0), np.full(surfaces.object_count, -1.0)
    np.maximum.at(best, same[used], lods[used])
    np.maximum.at(most, family[used], lods[used])
    keep = (lods == best[same]) & ((lods >= 1) | (most[family] < 1))
    return np.flatnonzero(keep[surfaces.objects])


def _level(lod: Any) -> float:
    """Return a level of detail as a number; one that is not known counts as detailed."""
    try:
        return float(lod)
    except (TypeError, ValueError):
        return 9.0
