"""The compiled drawing of triangles on cells; nothing here is called but by `roofs`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]
numba = load_numba("put roofs on a terrain")
_OPTIONS = {"nogil": True, "cache": may_cache("put roofs on a terrain"), "error_model": "numpy"}
ON = 1e-9  # share of a triangle that a middle may lie beside an edge: two that share one leave no gap


@numba.njit(**_OPTIONS)
def raise_to(heights: Array, corners: Array) -> None:
    """Raise each cell to the highest triangle over its middle; corners in columns, rows and m, shape (n, 3, 3).

    Triangles that stand upright cover no middle. A cell without a height gets that of the triangle.
    """
    rows, columns = heights.shape
    for t in range(corners.shape[0]):
        x, y, z = corners[t, :, 0], corners[t, :, 1], corners[t, :, 2]
        twice = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
        if twice == 0:
            continue
        top, bottom = max(int(np.ceil(y.min() - 0.5)), 0), min(int(np.floor(y.max() - 0.5)), rows - 1)
        left, right = max(int(np.ceil(x.min() - 0.5)), 0), min(int(np.floor(x.max() - 0.5)), columns - 1)
        for j in range(top, bottom + 1):
            for i in range(left, right + 1):
                u, v = i + 0.5 - x[0], j + 0.5 - y[0]
                b = (u * (y[2] - y[0]) - v * (x[2] - x[0])) / twice
                c = (v * (x[1] - x[0]) - u * (y[1] - y[0])) / twice
                if b >= -ON and c >= -ON and b + c <= 1 + ON:
                    height = z[0] + b * (z[1] - z[0]) + c * (z[2] - z[0])
                    if not heights[j, i] >= height:
                        heights[j, i] = height
