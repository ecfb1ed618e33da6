"""Triangles and points of a tile as the carriers of the plugin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.data import Extent, Geometries, PointCloud, Surfaces
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.surfaces import UNKNOWN

from ..gltf import Part
from .identity import merging_key, names_of
from .objects import Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = dict[str, list[Any]]
    Placed = tuple[NDArray[np.float64], Part, Columns]

_WALL, _FLAT = 0.17, 0.9  # vertical part of a normal: within 10 degrees of upright; within 26 degrees of level
_REST = -1  # the row of what is no feature, and the set of tables that it is in
_FIXED = ("id", "type", "lod", "parent")


def surfaces_from(placed: Sequence[Placed], extent: Extent | None, tile: str) -> Piece | None:
    """Return the triangles of a tile, an object for each feature; None if there are none in the area.

    All triangles of a feature that touches the area are there, of what is no feature only those that touch it.

    Parameters
    ----------
    placed : sequence of (ndarray, Part, dict)
        Vertices in RD New and m NAP, with the part that they are of and the columns that its features are rows of.
        Features with one id are one object where their columns are one and the same mapping.
    tile : str
        What no other tile is called: it names objects that have no id.
    """
    tables: list[Columns] = []
    corners, owners = [], []
    for xyz, part, columns in placed:
        if part.triangles is None:
            continue
        number = next((at for at, other in enumerate(tables) if other is columns), len(tables))
        if number == len(tables):
            tables.append(columns)
        found = xyz[part.triangles]
        features = _features_of(part, columns)
        sets = np.where(features == _REST, _REST, number)
        sound = np.isfinite(found).all(axis=(1, 2))
        corners.append(found[sound])
        owners.append(np.column_stack([sets, features])[sound])
    if not corners:
        return None
    xyz, owner = np.concatenate(corners), np.concatenate(owners)
    normal = np.cross(xyz[:, 1] - xyz[:, 0], xyz[:, 2] - xyz[:, 0])
    length = np.sqrt((normal**2).sum(axis=1))
    keep = (length > 0) & np.isfinite(length)
    keep &= _in_area(xyz, owner, extent, keep)
    if not keep.any():
        return None
    rows, objects = np.unique(owner[keep], axis=0, return_inverse=True)
    objects = objects.astype(np.int64).reshape(-1)
    attributes, keys = _attributes(rows, tables, tile)
    buildings = np.asarray(attributes["type"] == "Building", bool)
    count = int(keep.sum())
    one = np.arange(count + 1, dtype=np.int64)
    geometries = Geometries("polygon", xyz[keep][:, [0, 1, 2, 0]].reshape(-1, 3), one * 4, one, one)
    upward = normal[keep, 2] / length[keep]
    semantics = np.where(buildings[objects], _semantics(upward), UNKNOWN)
    return Piece(Surfaces(geometries, semantics, objects, attributes, name=tile), keys)


def points_from(
    xyz: NDArray[np.float64], part: Part, columns: dict[str, list[Any]], extent: Extent | None
) -> PointCloud:
    """Return the points in an area, with their colour and class."""
    keep = np.isfinite(xyz).all(axis=1)
    if extent is not None:
        keep &= (xyz[:, 0] >= extent.x_min) & (xyz[:, 0] <= extent.x_max)
        keep &= (xyz[:, 1] >= extent.y_min) & (xyz[:, 1] <= extent.y_max)
    classes = np.zeros(len(xyz), np.uint8) if part.classes is None else part.classes
    given = next((values for name, values in columns.items() if name.lower() == "classification"), None)
    if given is not None and part.features is not None and part.classes is None:
        known = np.array([value if isinstance(value, int) and 0 <= value < 256 else 0 for value in given], np.uint8)
        inside = (part.features >= 0) & (part.features < len(known))
        classes[inside] = known[part.features[inside]]
    colour = None
    if part.colour is not None:
        colour = np.clip(np.rint(part.colour[keep] * 65535), 0, 65535).astype(np.uint16)
    x, y, z = xyz[keep].T
    return PointCloud(x, y, z, classes[keep], None, colour)


def _features_of(part: Part, columns: Columns) -> NDArray[np.int64]:
    triangles = part.triangles if part.triangles is not None else np.zeros((0, 3), np.int64)
    if part.features is not None:
        return np.maximum(part.features[triangles[:, 0]], _REST)
    # Without ids a table of one row can only be about all of it.
    alone = bool(columns) and all(len(values) == 1 for values in columns.values())
    return np.full(len(triangles), 0 if alone else _REST, np.int64)


def _in_area(
    xyz: NDArray[np.float64], owner: NDArray[np.int64], extent: Extent | None, sound: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    if extent is None or not len(xyz):
        return sound
    low, high = xyz[:, :, :2].min(axis=1), xyz[:, :, :2].max(axis=1)
    touches = sound & (low[:, 0] <= extent.x_max) & (high[:, 0] >= extent.x_min)
    touches &= (low[:, 1] <= extent.y_max) & (high[:, 1] >= extent.y_min)
    _, objects = np.unique(owner, axis=0, return_inverse=True)
    touched = np.zeros(len(xyz), bool)
    touched[objects.reshape(-1)[touches]] = True
    return np.where(owner[:, 1] == _REST, touches, touched[objects.reshape(-1)])


def _semantics(upward: NDArray[np.float64]) -> NDArray[Any]:
    result = np.full(len(upward), UNKNOWN, object)
    result[np.abs(upward) < _WALL] = "WallSurface"
    result[upward >= _WALL] = "RoofSurface"
    result[upward <= -_FLAT] = "GroundSurface"
    return result


def _attributes(
    owners: NDArray[np.int64], tables: list[Columns], tile: str
) -> tuple[dict[str, NDArray[Any]], list[str | None]]:
    """Return the columns of objects, and the key by which each is known outside its tile (None: it is not)."""
    pieces, counts = [], []
    keys: list[str | None] = []
    for number in np.unique(owners[:, 0]).tolist():  # np.unique has put the objects of a set together
        rows = owners[owners[:, 0] == number, 1].tolist()
        columns: Columns = {} if number == _REST else tables[number]
        names = names_of(columns, rows)
        keys += [None if name is None else merging_key(name) for name in names.ids]
        ids = [_local(tile, number, row) if name is None else name for name, row in zip(names.ids, rows)]
        values = {
            f"tile_{key}" if key in _FIXED else key: [
                _plain(column[row]) if 0 <= row < len(column) else None for row in rows
            ]
            for key, column in columns.items()
        }
        if [str(value) for value in values.get("tile_id", [])] == ids:
            del values["tile_id"]
        fixed: dict[str, list[Any]] = {
            "id": ids,
            "type": ["Building" if building else "GenericCityObject" for building in names.buildings],
            "lod": [""] * len(rows),
            "parent": [None] * len(rows),
        }
        pieces.append({key: table.column(column) for key, column in {**values, **fixed}.items()})
        counts.append(len(rows))
    return table.concatenate(pieces, counts), keys


def _local(tile: str, number: int, row: int) -> str:
    """Return what an object without an id is called: the same for every area that is read."""
    if row == _REST:
        return tile
    return f"{tile}-{row}" if number == 0 else f"{tile}-{number}.{row}"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (list, dict)) else value
