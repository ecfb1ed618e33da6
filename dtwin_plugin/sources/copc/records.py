"""Points as they stand in the file: whole numbers of millimetres, in point format 6, or 7 with colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data import PointCloud
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCALE = 0.001  # m; RD New fits in 32 bits without an offset
_MOST = 2.0**31 - 1
_FIELDS = [
    ("place", "<i4", 3), ("intensity", "<u2"), ("returns", "u1"), ("flags", "u1"), ("classification", "u1"),
    ("user", "u1"), ("angle", "<i2"), ("source", "<u2"), ("time", "<f8"),
]  # fmt: skip
DTYPES = {6: np.dtype(_FIELDS), 7: np.dtype([*_FIELDS, ("colour", "<u2", 3)])}
_ONLY = 0x11  # the first return of one


def records(cloud: PointCloud, point_format: int) -> NDArray[np.void]:
    """Return points as records; raises InputError where a coordinate does not fit."""
    result = np.zeros(len(cloud), DTYPES[point_format])
    for axis, values in enumerate((cloud.x, cloud.y, cloud.z)):
        scaled = np.rint(values / SCALE)
        if not (np.abs(scaled) <= _MOST).all():
            raise InputError(
                "A point of the cloud has the coordinate {found}, which cannot be written in mm.",
                hint="Check the coordinate reference system of the points.",
                found=float(values[~(np.abs(scaled) <= _MOST)][0]),
            )
        result["place"][:, axis] = scaled
    result["classification"] = cloud.classification
    result["returns"] = _ONLY
    if cloud.intensity is not None:
        result["intensity"] = cloud.intensity
    if point_format == 7 and cloud.colour is not None:
        result["colour"] = cloud.colour
    return result
