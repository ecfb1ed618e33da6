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


def fill(result: NDArray[np.void], cloud: PointCloud) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Write points to as many empty records, and return their lowest and highest place.

    Raises
    ------
    InputError
        If a coordinate does not fit.
    """
    low, high = np.empty(3, np.int64), np.empty(3, np.int64)
    for axis, values in enumerate((cloud.x, cloud.y, cloud.z)):
        scaled = values / SCALE
        np.rint(scaled, out=scaled)
        ends = scaled.min(), scaled.max()
        if not (ends[0] >= -_MOST and ends[1] <= _MOST):  # nor if one is NaN
            raise InputError(
                "A point of the cloud has the coordinate {found}, which cannot be written in mm.",
                hint="Check the coordinate reference system of the points.",
                found=float(values[~(np.abs(scaled) <= _MOST)][0]),
            )
        low[axis], high[axis] = ends
        result["place"][:, axis] = scaled
    result["classification"] = cloud.classification
    result["returns"] = _ONLY
    if cloud.intensity is not None:
        result["intensity"] = cloud.intensity
    if cloud.colour is not None and "colour" in (result.dtype.names or ()):
        result["colour"] = cloud.colour
    return low, high
