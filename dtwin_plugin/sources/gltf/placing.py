"""Where a node or an instance puts a mesh, and the triangles that an order of vertices makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def matrix_of(node: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the matrix of a node, for columns; glTF writes it column by column (glTF 2.0, 3.5.3).

    >>> matrix_of({"scale": (2, 2, 2), "translation": (1, 0, 0)})[:3, :].tolist()
    [[2.0, 0.0, 0.0, 1.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]
    """
    if node.get("matrix") is not None:
        return np.asarray(node["matrix"], np.float64).reshape(4, 4).T
    result = np.eye(4)
    x, y, z, w = np.asarray(node.get("rotation", (0, 0, 0, 1)), np.float64).reshape(4)
    length = max(float(np.sqrt(x * x + y * y + z * z + w * w)), 1e-12)
    x, y, z, w = x / length, y / length, z / length, w / length
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    result[:3, :3] = turn * np.asarray(node.get("scale", (1, 1, 1)), np.float64).reshape(3)
    result[:3, 3] = np.asarray(node.get("translation", (0, 0, 0)), np.float64).reshape(3)
    return result


def triangles_of(order: NDArray[np.int64], mode: Any) -> NDArray[np.int64]:
    """Return the corners of triangles: mode 4 a list, 5 a strip, 6 a fan (glTF 2.0, 3.7.2.1).

    >>> triangles_of(np.array([0, 1, 2, 3]), 5).tolist(), triangles_of(np.array([0, 1, 2, 3]), 6).tolist()
    ([[0, 1, 2], [2, 1, 3]], [[0, 1, 2], [0, 2, 3]])
    """
    if mode == 4:
        return order[: len(order) // 3 * 3].reshape(-1, 3)
    if mode == 5 and len(order) >= 3:
        found = np.column_stack([order[:-2], order[1:-1], order[2:]])
        found[1::2, :2] = found[1::2, 1::-1]
        return found
    if mode == 6 and len(order) >= 3:
        return np.column_stack([np.full(len(order) - 2, order[0]), order[1:-1], order[2:]])
    return np.zeros((0, 3), np.int64)
