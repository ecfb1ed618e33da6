"""Points of a pnts tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..gltf import Part
from .tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DRACO = "3DTILES_draco_point_compression"
_CLASS = "classification"
_IDS = {"UNSIGNED_BYTE": "u1", "UNSIGNED_SHORT": "<u2", "UNSIGNED_INT": "<u4"}


def points_of(feature: Table, batch: Table, file: str) -> tuple[Part, dict[str, list[Any]]]:
    """Return the points and the columns of the batch table; raises FormatError if the sizes do not fit.

    Without batch ids each point is a row of the batch table of its own (3D Tiles 1.0, pnts, batched points).
    """
    count = feature.number("POINTS_LENGTH", required=True)
    packed = _unpacked(feature, count, file)
    xyz = packed["POSITION"].astype(np.float64) if "POSITION" in packed else positions(feature, count)
    colour = packed.get("RGBA", packed.get("RGB"))
    colour = _colour(feature, count) if colour is None else colour[:, :3] / 255.0
    if "BATCH_ID" in packed:
        ids: NDArray[np.int64] | None = packed["BATCH_ID"][:, 0].astype(np.int64)
    else:
        ids = batch_ids(feature, count)
    packed_names = _packed_names(batch)
    # A point cloud keeps the class of its points: other columns, of millions of points, are not taken.
    passed = [name for name in batch.json if name.lower() != _CLASS or name in packed_names]
    columns = batch.columns(count if ids is None else feature.number("BATCH_LENGTH"), passed)
    for name, key in packed_names.items():  # always a value a point: that extension knows no other
        if ids is None and key in packed and name.lower() == _CLASS:
            columns[name] = packed[key].reshape(count, -1)[:, 0].tolist()
    ids = np.arange(count, dtype=np.int64) if ids is None else ids
    return Part(shifted(feature, xyz), None, ids, None, colour), columns


def positions(feature: Table, count: int) -> NDArray[np.float64]:
    """Return positions as numbers, or as steps of a volume (3D Tiles 1.0, pnts, quantized positions)."""
    if "POSITION" in feature.json:
        return feature.array("POSITION", "<f4", 3, count).astype(np.float64)
    for name in ("POSITION_QUANTIZED", "QUANTIZED_VOLUME_SCALE", "QUANTIZED_VOLUME_OFFSET"):
        if name not in feature.json:
            raise feature.wrong(name)
    scale, offset = (feature.array(f"QUANTIZED_VOLUME_{n}", "<f4", 3, 1)[0].astype(float) for n in ("SCALE", "OFFSET"))
    return feature.array("POSITION_QUANTIZED", "<u2", 3, count) / 65535.0 * scale + offset


def shifted(feature: Table, xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return coordinates with the centre that they are relative to, if there is one."""
    if "RTC_CENTER" not in feature.json:
        return xyz
    return xyz + feature.array("RTC_CENTER", "<f4", 3, 1)[0].astype(float)


def batch_ids(feature: Table, count: int) -> NDArray[np.int64] | None:
    """Return the batch id of each of `count` points or instances, None where there are none."""
    if "BATCH_ID" not in feature.json:
        return None
    where = feature.json["BATCH_ID"]
    kind = str(where.get("componentType", "UNSIGNED_SHORT")) if isinstance(where, dict) else "UNSIGNED_INT"
    if kind not in _IDS:
        raise feature.wrong("BATCH_ID")
    return feature.array("BATCH_ID", _IDS[kind], 1, count)[:, 0].astype(np.int64)


def _colour(feature: Table, count: int) -> NDArray[np.float64] | None:
    """Return red, green and blue from 0 to 1, in the order of preference of 3D Tiles 1.0 (pnts, point colours)."""
    if "RGBA" in feature.json:
        return feature.array("RGBA", "u1", 4, count)[:, :3] / 255.0
    if "RGB" in feature.json:
        return feature.array("RGB", "u1", 3, count) / 255.0
    if "RGB565" in feature.json:
        packed = feature.array("RGB565", "<u2", 1, count)[:, 0]
        return np.column_stack([(packed >> 11) / 31.0, ((packed >> 5) & 63) / 63.0, (packed & 31) / 31.0])
    if "CONSTANT_RGBA" in feature.json:
        return np.repeat(feature.array("CONSTANT_RGBA", "u1", 4, 1)[:, :3] / 255.0, count, axis=0)
    return None


def _packed_names(table: Table) -> dict[str, Any]:
    """Return the properties of a table that Draco holds: the id of each by its name."""
    found = (table.json.get("extensions") or {}).get(_DRACO)
    if found is None:
        return {}
    names = found.get("properties") if isinstance(found, dict) else None
    if not isinstance(names, dict):
        raise table.wrong("extensions")
    return {str(name): key for name, key in names.items() if isinstance(key, int)}


def _unpacked(feature: Table, count: int, file: str) -> dict[Any, NDArray[Any]]:
    """Return what Draco holds, by name and by id; nothing where the points are not packed."""
    from ..gltf.draco import unpack

    names = _packed_names(feature)
    if (feature.json.get("extensions") or {}).get(_DRACO) is None:
        return {}
    where = feature.json["extensions"][_DRACO]
    size = where.get("byteLength")
    if not isinstance(size, int) or size < 0:
        raise feature.wrong("byteLength")
    _, found = unpack(feature.slice(where.get("byteOffset"), size, _DRACO), file)
    if any(len(values) != count for values in found.values()):
        raise feature.wrong(_DRACO)
    by_name = {name: found[key].reshape(count, -1) for name, key in names.items() if key in found}
    if "POSITION" not in by_name or by_name["POSITION"].shape[1] != 3:
        raise feature.wrong("POSITION")
    if any(name in by_name and by_name[name].shape[1] < 3 for name in ("RGB", "RGBA")):
        raise feature.wrong("RGB")
    return {**found, **by_name}
