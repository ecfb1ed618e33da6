"""Instances of an i3dm tile: one model at many places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError

from ..gltf import Part
from .earth import to_degrees
from .points import _positions
from .tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 20_000_000  # vertices of all instances together


def placed(
    parts: list[tuple[Part, dict[str, list[Any]]]], feature: Table, count: int, columns: dict[str, list[Any]]
) -> list[tuple[Part, dict[str, list[Any]]]]:
    """Return the parts once for each instance, an instance a feature."""
    xyz = _positions(feature, count)
    if "RTC_CENTER" in feature.json:
        xyz = xyz + feature.array("RTC_CENTER", "<f4", 3, 1)[0].astype(float)
    turns, scales = _turns(feature, count, xyz), _scales(feature, count)
    result = []
    for part, _ in parts:
        size = len(part.xyz)
        if size * count > _MOST:
            raise FormatError("The tile has {count} instances of a model, more than is read.", count=count)
        local = part.xyz[None] * scales[:, None, :]
        world = np.einsum("nij,nvj->nvi", turns, local) + xyz[:, None, :]
        triangles = None
        if part.triangles is not None:
            triangles = (part.triangles[None] + (np.arange(count) * size)[:, None, None]).reshape(-1, 3)
        ids = np.repeat(np.arange(count, dtype=np.int64), size)
        result.append(
            (replace(part, xyz=world.reshape(-1, 3), triangles=triangles, features=ids, colour=None), columns)
        )
    return result


def _scales(feature: Table, count: int) -> NDArray[np.float64]:
    scales = np.ones((count, 3))
    if "SCALE" in feature.json:
        scales = scales * feature.array("SCALE", "<f4", 1, count)
    if "SCALE_NON_UNIFORM" in feature.json:
        scales = scales * feature.array("SCALE_NON_UNIFORM", "<f4", 3, count)
    return scales


def _turns(feature: Table, count: int, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a rotation for each instance: its columns are right (x), forward (y) and up (z) in tile coordinates."""
    if "NORMAL_UP" in feature.json and "NORMAL_RIGHT" in feature.json:
        up, right = (feature.array(f"NORMAL_{n}", "<f4", 3, count).astype(float) for n in ("UP", "RIGHT"))
        # An i3dm states the directions of the glTF's own y (up) and x (right).
        return np.stack([right, np.cross(up, right), up], axis=2)
    if feature.json.get("EAST_NORTH_UP"):
        longitude, latitude = np.radians(to_degrees(xyz)[:, :2]).T
        zero = np.zeros(count)
        east = np.column_stack([-np.sin(longitude), np.cos(longitude), zero])
        up = np.column_stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude),
                              np.sin(latitude)])  # fmt: skip
        return np.stack([east, np.cross(up, east), up], axis=2)
    return np.broadcast_to(np.eye(3), (count, 3, 3))
