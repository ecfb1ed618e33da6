"""EXT_mesh_features and EXT_instance_features: which feature a vertex or an instance belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Read = Callable[[str], NDArray[Any] | None]
    Features = tuple[NDArray[np.int64] | None, int | None]

NONE = -1  # the id of what belongs to no feature


def vertex_features(extension: Any, read: Read, count: int, notes: list[str]) -> Features:
    """Return a feature id for each of `count` vertices, and the property table that they are rows of.

    Without the extension, the batch ids of 3D Tiles 1.0.
    """
    if not isinstance(extension, dict):
        found = read("_BATCHID")
        if found is None:
            found = read("BATCHID")
        return (None, None) if found is None or len(found) != count else (whole_ids(found), None)
    return _chosen(extension, read, count, notes)


def instance_features(extension: Any, columns: dict[str, NDArray[Any]], count: int, notes: list[str]) -> Features:
    """Return a feature id for each of `count` instances, and the property table that they are rows of."""
    return _chosen(extension, columns.get, count, notes) if isinstance(extension, dict) else (None, None)


def whole_ids(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return ids as whole numbers; what is no number is no feature.

    >>> whole_ids(np.array([[0.0], [2.0], [np.nan]])).tolist()
    [0, 2, -1]
    """
    numbers = values[:, 0].astype(np.float64)
    return np.rint(np.where(np.isfinite(numbers), np.clip(numbers, NONE, 2.0**53), NONE)).astype(np.int64)


def _chosen(extension: dict[str, Any], read: Read, count: int, notes: list[str]) -> Features:
    sets = [item for item in extension.get("featureIds") or [] if isinstance(item, dict)]
    # The first set that has properties, of those that lie at vertices; textures hold ids per pixel.
    usable = [item for item in sets if "texture" not in item]
    if len(usable) < len(sets):
        notes.append("feature textures")
    for item in sorted(usable, key=lambda item: item.get("propertyTable") is None):
        if item.get("attribute") is None:
            found: NDArray[Any] | None = np.arange(count, dtype=np.int64)[:, None]
        else:
            found = read(f"_FEATURE_ID_{item['attribute']}")
        if found is not None and len(found) == count:
            ids, table = whole_ids(found), item.get("propertyTable")
            if isinstance(item.get("nullFeatureId"), int):
                ids[ids == item["nullFeatureId"]] = NONE
            return ids, table if isinstance(table, int) else None
    return None, None
