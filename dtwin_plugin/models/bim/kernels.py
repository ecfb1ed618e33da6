"""Surfaces to the cells below them, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..parallel import load_numba, may_cache

Array = NDArray[Any]

njit = load_numba("make an envelope").njit(cache=may_cache("make an envelope"), nogil=True)


@njit
def raise_to(points: Array, rings: Array, parts: Array, planes: Array, flat: Array, top: Array, bottom: Array) -> None:
    """Raise `top` and lower `bottom` to the surfaces over the centres of cells, by the even-odd rule."""
    crossings = np.empty(4096)
    for surface in range(len(parts) - 1):
        if not flat[surface]:
            continue
        first, last = rings[parts[surface]], rings[parts[surface + 1]]
        if last - first < 4:
            continue
        x0, y0, z0 = points[first]
        low, high = points[first:last, 1].min(), points[first:last, 1].max()
        z_low, z_high = points[first:last, 2].min(), points[first:last, 2].max()
        for row in range(max(0, int(np.floor(low))), min(top.shape[0], int(np.ceil(high)) + 1)):
            y = row + 0.5
            count = 0
            for ring in range(parts[surface], parts[surface + 1]):
                for index in range(rings[ring], rings[ring + 1] - 1):
                    y1, y2 = points[index, 1], points[index + 1, 1]
                    if (y1 <= y) != (y2 <= y) and count < len(crossings):
                        crossings[count] = points[index, 0] + (y - y1) / (y2 - y1) * (
                            points[index + 1, 0] - points[index, 0]
                        )
                        count += 1
            found = np.sort(crossings[:count])
            for pair in range(0, count - 1, 2):
                start = max(0, int(np.ceil(found[pair] - 0.5)))
                for column in range(start, min(top.shape[1], int(np.ceil(found[pair + 1] - 0.5)))):
                    z = z0 + planes[surface, 0] * (column + 0.5 - x0) + planes[surface, 1] * (y - y0)
                    z = min(max(z, z_low), z_high)
                    top[row, column] = max(top[row, column], z)
                    bottom[row, column] = min(bottom[row, column], z)
