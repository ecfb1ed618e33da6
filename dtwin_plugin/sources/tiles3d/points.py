"""Points of a pnts tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..gltf import Part
from .tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray


def points_of(feature: Table, batch: Table, file: str) -> tuple[Part, dict[str, list[Any]]]:
    """Return the points and the columns of the batch table; raises FormatError if the sizes do not fit."""
    count = feature.number("POINTS_LENGTH")
    if "3DTILES_draco_point_compression" in (feature.json.get("extensions") or {}):
        xyz, colour = _draco(feature, count, file)
    else:
        xyz, colour = _positions(feature, count), _colour(feature, count)
    if "RTC_CENTER" in feature.json:
        xyz = xyz + feature.array("RTC_CENTER", "<f4", 3, 1)[0].astype(float)
    rows, ids = count, np.arange(count, dtype=np.int64)
    if "BATCH_ID" in feature.json:
        kinds = {"UNSIGNED_BYTE": "u1", "UNSIGNED_INT": "<u4"}
        where = feature.json["BATCH_ID"]
        kind = kinds.get(str(where.get("componentType")), "<u2") if isinstance(where, dict) else "<u2"
        ids = feature.array("BATCH_ID", kind, 1, count)[:, 0].astype(np.int64)
        rows = feature.number("BATCH_LENGTH")
    columns = {} if "3DTILES_draco_point_compression" in (batch.json.get("extensions") or {}) else batch.columns(rows)
    return Part(xyz, None, ids, None, colour), columns


def _positions(feature: Table, count: int) -> NDArray[np.float64]:
    if "POSITION" in feature.json:
        return feature.array("POSITION", "<f4", 3, count).astype(np.float64)
    for name in ("POSITION_QUANTIZED", "QUANTIZED_VOLUME_SCALE", "QUANTIZED_VOLUME_OFFSET"):
        if name not in feature.json:
            raise feature.wrong(name)
    scale, offset = (feature.array(f"QUANTIZED_VOLUME_{n}", "<f4", 3, 1)[0].astype(float) for n in ("SCALE", "OFFSET"))
    return feature.array("POSITION_QUANTIZED", "<u2", 3, count) / 65535.0 * scale + offset


def _colour(feature: Table, count: int) -> NDArray[np.float64] | None:
    if "RGBA" in feature.json:
        return feature.array("RGBA", "u1", 4, count)[:, :3] / 255.0
    if "RGB" in feature.json:
        return feature.array("RGB", "u1", 3, count) / 255.0
    if "RGB565" in feature.json:
        packed = feature.array("RGB565", "<u2", 1, count)[:, 0]
        return np.column_stack([(packed >> 11) / 31.0, ((packed >> 5) & 63) / 63.0, (packed & 31) / 31.0])
    return None


def _draco(feature: Table, count: int, file: str) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    from ..gltf.draco import unpack

    extension = feature.json["extensions"]["3DTILES_draco_point_compression"]
    if not isinstance(extension, dict) or not isinstance(extension.get("properties"), dict):
        raise feature.wrong("extensions")
    feature.json["_draco"] = {"byteOffset": extension.get("byteOffset")}
    size = extension.get("byteLength")
    if not isinstance(size, int) or size < 0:
        raise feature.wrong("byteLength")
    _, found = unpack(feature.array("_draco", "u1", 1, size).tobytes(), file)
    names = extension["properties"]
    xyz = found.get(names.get("POSITION"))
    if xyz is None or xyz.shape != (count, 3):
        raise feature.wrong("POSITION")
    colour = found.get(names.get("RGB", names.get("RGBA")))
    return xyz.astype(np.float64), None if colour is None else colour[:, :3] / 255.0
