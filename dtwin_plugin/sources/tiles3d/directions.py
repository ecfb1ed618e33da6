"""Unit vectors in two numbers, and the directions of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .earth import axes_at, to_degrees
from .tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NORMALS = ("NORMAL_UP", "NORMAL_RIGHT")


def from_octahedron(packed: NDArray[Any]) -> NDArray[np.float64]:
    """Return unit vectors of two unsigned numbers each (Meyer et al. 2010; 3D Tiles 1.0, oct-encoded normals).

    >>> from_octahedron(np.array([[65535, 0], [0, 0]], np.uint16)).round(3).tolist()
    [[0.0, 0.0, -1.0], [0.0, 0.0, -1.0]]
    >>> from_octahedron(np.array([[255, 128]], np.uint8)).round(2).tolist()
    [[1.0, 0.0, -0.0]]
    """
    x, y = (packed.astype(np.float64) / np.iinfo(packed.dtype).max * 2 - 1).T
    z = 1 - np.abs(x) - np.abs(y)
    fold = np.maximum(-z, 0.0)
    x, y = x - np.where(x >= 0, fold, -fold), y - np.where(y >= 0, fold, -fold)
    found = np.column_stack([x, y, z])
    return found / np.sqrt((found**2).sum(axis=1, keepdims=True))


def turns_of(feature: Table, count: int, xyz: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a rotation for each instance of an i3dm, shape (count, 3, 3), for models whose z is up.

    NORMAL_RIGHT is where x goes, and NORMAL_UP where y goes (OGC 18-053r2, i3dm, instance orientation); z goes to their
    cross product. The axes are those after the model was turned to z up, so that "up" is north for a model that stands:
    CesiumJS and cesium-native read it so. With EAST_NORTH_UP the directions are those of the Earth at the instance,
    which the transform of the tile has a part in.
    """
    given = _given(feature, count)
    if given is not None:
        up, right = given
        return np.stack([right, up, np.cross(right, up)], axis=2)
    if not feature.json.get("EAST_NORTH_UP"):
        return np.broadcast_to(np.eye(3), (count, 3, 3))
    earthly = axes_at(to_degrees(xyz @ matrix[:3, :3].T + matrix[:3, 3]))
    try:
        turned: NDArray[np.float64] = np.linalg.inv(matrix[:3, :3]) @ earthly
    except np.linalg.LinAlgError as error:
        raise feature.wrong("EAST_NORTH_UP") from error
    return turned


def _given(feature: Table, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return where y and x of the model go, as they are or in two numbers each; None where nothing is stated."""
    for end in ("", "_OCT32P"):
        names = [f"{name}{end}" for name in _NORMALS]
        there = [name for name in names if name in feature.json]
        if there and there != names:
            raise feature.wrong(there[0])
        if there:
            up, right = (_directions(feature, name, count, bool(end)) for name in names)
            return up, right
    return None


def _directions(feature: Table, name: str, count: int, packed: bool) -> NDArray[np.float64]:
    if packed:
        return from_octahedron(feature.array(name, "<u2", 2, count).astype(np.uint16))
    return feature.array(name, "<f4", 3, count).astype(np.float64)
