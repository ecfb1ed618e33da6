"""Triangles and points of a tile as the carriers of the plugin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Geometries, PointCloud, Surfaces
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.surfaces import UNKNOWN

from ..gltf import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

_IDS = ("identificatie", "gml_id", "gmlid", "globalid", "id", "tag")
# A building in the BAG: 10 after the municipality in 16 digits (15 as a number). Tiles say nothing else.
_BUILDING = re.compile(r"(NL\.IMBAG\.Pand\.\d{16}|\d{3,4}10\d{10})(?!\d)")
_WALL, _FLAT = 0.17, 0.9  # vertical part of a normal: within 10 degrees of upright; within 26 degrees of level


def surfaces_from(
    xyz: NDArray[np.float64], part: Part, columns: dict[str, list[Any]], extent: Extent | None, name: str
) -> Surfaces | None:
    """Return the triangles that touch an area, an object for each feature; None if there are none."""
    triangles = part.triangles if part.triangles is not None else np.zeros((0, 3), np.int64)
    corners = xyz[triangles]
    keep = np.isfinite(corners).all(axis=(1, 2))
    if extent is not None:
        low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
        keep &= (low[:, 0] <= extent.x_max) & (high[:, 0] >= extent.x_min)
        keep &= (low[:, 1] <= extent.y_max) & (high[:, 1] >= extent.y_min)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.sqrt((normal**2).sum(axis=1))
    keep &= length > 0
    if not keep.any():
        return None
    corners, triangles = corners[keep], triangles[keep]
    upward = normal[keep, 2] / length[keep]
    features = np.zeros(len(triangles), np.int64) if part.features is None else part.features[triangles[:, 0]]
    rows, objects = np.unique(features, return_inverse=True)
    count = len(corners)
    closed = corners[:, [0, 1, 2, 0]].reshape(-1, 3)
    one = np.arange(count + 1, dtype=np.int64)
    objects = objects.astype(np.int64).reshape(-1)
    attributes = _attributes(rows, columns, name)
    buildings = np.asarray(attributes["type"] == "Building", bool)
    geometries = Geometries("polygon", closed, one * 4, one, one)
    return Surfaces(
        geometries,
        np.where(buildings[objects], _semantics(upward), UNKNOWN),
        objects,
        attributes,
        name=name,
    )


def points_from(
    xyz: NDArray[np.float64], part: Part, columns: dict[str, list[Any]], extent: Extent | None
) -> PointCloud:
    """Return the points in an area, with their colour and class."""
    keep = np.isfinite(xyz).all(axis=1)
    if extent is not None:
        keep &= (xyz[:, 0] >= extent.x_min) & (xyz[:, 0] <= extent.x_max)
        keep &= (xyz[:, 1] >= extent.y_min) & (xyz[:, 1] <= extent.y_max)
    classes = np.zeros(len(xyz), np.uint8)
    given = columns.get("Classification")
    if given is not None and part.features is not None and len(given):
        known = np.array([value if isinstance(value, int) and 0 <= value < 256 else 0 for value in given], np.uint8)
        inside = (part.features >= 0) & (part.features < len(known))
        classes[inside] = known[part.features[inside]]
    colour = None
    if part.colour is not None:
        colour = np.clip(np.rint(part.colour[keep] * 65535), 0, 65535).astype(np.uint16)
    x, y, z = xyz[keep].T
    return PointCloud(x, y, z, classes[keep], None, colour)


def _semantics(upward: NDArray[np.float64]) -> NDArray[Any]:
    result = np.full(len(upward), UNKNOWN, object)
    result[np.abs(upward) < _WALL] = "WallSurface"
    result[upward >= _WALL] = "RoofSurface"
    result[upward <= -_FLAT] = "GroundSurface"
    return result


def _attributes(rows: NDArray[np.int64], columns: dict[str, list[Any]], name: str) -> dict[str, NDArray[Any]]:
    chosen = rows.tolist()
    values = {
        key: [column[row] if 0 <= row < len(column) else None for row in chosen] for key, column in columns.items()
    }
    lower = {key.lower(): key for key in values}
    key = next((lower[known] for known in _IDS if known in lower), None)
    own = values.get(key, [None] * len(chosen)) if key else [None] * len(chosen)
    ids = [f"{name}-{row}" if value is None else str(value) for value, row in zip(own, chosen)]
    fixed: dict[str, list[Any]] = {
        "id": ids,
        "type": ["Building" if _BUILDING.match(value) else "GenericCityObject" for value in ids],
        "lod": [""] * len(ids),
        "parent": [None] * len(ids),
    }
    clean: dict[str, list[Any]] = {
        key: [_plain(value) for value in column] for key, column in values.items() if key not in fixed
    }
    return {key: table.column(column) for key, column in {**clean, **fixed}.items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (list, dict)) else value
