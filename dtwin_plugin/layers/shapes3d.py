"""What the 3D view draws of a vector layer, as shapes that a line of sight can meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeatureRequest,
    QgsRectangle,
    QgsVectorLayer,
)

from dtwin_plugin.data.geometries import Geometries
from dtwin_plugin.data.picking import Faces, Tubes
from dtwin_plugin.data.relief import Relief
from dtwin_plugin.data.wkb import read as read_wkb

from .drawn3d import Look, Source, drawn_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = {Qgis.GeometryType.Point: "point", Qgis.GeometryType.Line: "line", Qgis.GeometryType.Polygon: "polygon"}


@dataclass(frozen=True)
class Shapes:
    """Faces and tubes whose owners are the ids of features, or the numbers of rows that tell of them.

    Attributes
    ----------
    faces : Faces or None
    tubes : Tubes or None
    rows : list of dict
        What is known of each owner, where the layer has no features.
    """

    faces: Faces | None = None
    tubes: Tubes | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def of(self, owner: int) -> Shapes:
        """Return the shapes of one owner."""
        faces = self.faces.of(owner) if self.faces is not None else None
        tubes = self.tubes.of(owner) if self.tubes is not None else None
        return Shapes(faces, tubes)

    def box(self) -> tuple[list[float], list[float]] | None:
        """Return the lowest and the highest x, y and z [m]; None of nothing."""
        parts = [self.faces.coordinates] if self.faces is not None else []
        if self.tubes is not None:
            radii = self.tubes.radii[:, None]
            parts += [end + sign * radii for end in self.tubes.ends.swapaxes(0, 1) for sign in (-1, 1)]
        places = np.concatenate(parts) if parts else np.empty((0, 3))
        return (places.min(axis=0).tolist(), places.max(axis=0).tolist()) if len(places) else None


def shapes_of(
    layer: QgsVectorLayer,
    extent: QgsRectangle | None = None,
    crs: QgsCoordinateReferenceSystem | None = None,
    context: QgsCoordinateTransformContext | None = None,
    relief: Relief | None = None,
    source: Source | None = None,
) -> Shapes:
    """Return the shapes of the features that touch an area; a layer that is drawn as a part of the ground has none.

    Parameters
    ----------
    extent : QgsRectangle, optional
        In the CRS of the shapes; default all.
    crs, context : optional
        CRS of the shapes and how to come to it; default that of the layer.
    relief : Relief, optional
        The ground that symbols may stand on, in the CRS of the shapes; default flat at 0 m.
    source : QgsVectorLayerFeatureSource, optional
        Of the features, where the layer is a copy without the edits that are not saved yet; default the layer.
    """
    kind = _KINDS.get(layer.geometryType())
    if kind is None or not is_drawn(layer):
        return Shapes()
    request = QgsFeatureRequest()
    if crs is not None and crs != layer.crs():
        request.setDestinationCrs(crs, context or QgsCoordinateTransformContext())
    if extent is not None:
        request.setFilterRect(extent)
    drawn = drawn_of(layer, request, source)
    geometries = read_wkb(drawn.blobs, kind)
    if not len(geometries.coordinates):
        return Shapes()
    coordinates = _in_space(geometries, drawn.looks, relief)
    owners = np.array(drawn.ids, np.int64)
    extrusions, radii, halves = np.array([(k.extrusion, k.radius, k.half) for k in drawn.looks]).T
    if kind == "polygon":
        return Shapes(faces=_faces(geometries, coordinates, owners, extrusions))
    return Shapes(tubes=_tubes(geometries, coordinates, owners, radii, halves))


def _in_space(geometries: Geometries, looks: Sequence[Look], relief: Relief | None) -> NDArray[np.float64]:
    """Return the coordinates with their heights [m]."""
    lengths = np.diff(geometries.coordinate_spans())
    result = np.zeros((len(geometries.coordinates), 3))
    result[:, : geometries.coordinates.shape[1]] = geometries.coordinates
    z = np.where(np.repeat([look.keeps_z for look in looks], lengths), np.nan_to_num(result[:, 2]), 0.0)
    z += np.repeat([look.height for look in looks], lengths)
    on_ground = np.repeat([look.on_ground for look in looks], lengths)
    if relief is not None and on_ground.any():
        feature = np.repeat(np.arange(len(lengths)), lengths)
        count = np.maximum(lengths, 1)
        middle = np.stack([np.bincount(feature, result[:, k], len(lengths)) / count for k in (0, 1)], axis=1)
        by_centre = np.repeat([look.by_centre for look in looks], lengths)
        place = np.where(by_centre[:, None], middle[feature], result[:, :2])
        z += np.where(on_ground, np.nan_to_num(relief.heights(place[:, 0], place[:, 1])), 0.0)
    result[:, 2] = z
    return result


def _faces(
    geometries: Geometries,
    coordinates: NDArray[np.float64],
    owners: NDArray[np.int64],
    extrusions: NDArray[np.float64],
) -> Faces:
    """Return polygons as they lie, or the roofs, floors and walls of what is extruded."""
    of_part = np.repeat(owners, np.diff(geometries.features))
    if not extrusions.any():
        return Faces(coordinates, geometries.rings, geometries.parts, of_part)
    lengths = np.diff(geometries.coordinate_spans())
    rise = np.repeat(extrusions, lengths)
    top = coordinates + rise[:, None] * [0.0, 0.0, 1.0]
    rings, parts, count = geometries.rings, geometries.parts, len(coordinates)
    last = np.zeros(count, bool)
    last[rings[1:] - 1] = True
    start = np.flatnonzero(~last)
    walls = np.stack(
        [coordinates[start], coordinates[start + 1], top[start + 1], top[start], coordinates[start]], axis=1
    )
    owner = np.repeat(owners, lengths)[start]
    return Faces(
        np.concatenate([coordinates, top, walls.reshape(-1, 3)]),
        np.concatenate([rings, rings[1:] + count, 2 * count + 5 * np.arange(1, len(start) + 1)]),
        np.concatenate([parts, parts[1:] + len(rings) - 1, 2 * (len(rings) - 1) + np.arange(1, len(start) + 1)]),
        np.concatenate([of_part, of_part, owner]),
    )


def _tubes(
    geometries: Geometries,
    coordinates: NDArray[np.float64],
    owners: NDArray[np.int64],
    radii: NDArray[np.float64],
    halves: NDArray[np.float64],
) -> Tubes:
    """Return pieces of lines, or points as balls and upright cylinders."""
    lengths = np.diff(geometries.coordinate_spans())
    owner, radius = np.repeat(owners, lengths), np.repeat(radii, lengths)
    if geometries.kind == "point":
        up = np.repeat(halves, lengths)[:, None] * [0.0, 0.0, 1.0]
        return Tubes(np.stack([coordinates - up, coordinates + up], axis=1), radius, owner)
    last = np.zeros(len(coordinates), bool)
    last[geometries.rings[1:] - 1] = True
    start = np.flatnonzero(~last)
    return Tubes(np.stack([coordinates[start], coordinates[start + 1]], axis=1), radius[start], owner[start])


def is_drawn(layer: QgsVectorLayer) -> bool:
    """Say whether the 3D view draws a layer by itself, and not as a part of the ground."""
    return layer.renderer3D() is not None
