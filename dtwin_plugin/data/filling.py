"""Heights where none were measured, from those around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .resample import mean_of_known

if TYPE_CHECKING:
    from numpy.typing import NDArray


def filled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values without NaN; at least one must be known.

    What is not known takes the mean of known cells at the finest scale that knows it, with a smooth passage between (a
    pyramid of means, refined by linear interpolation).

    Examples
    --------
    >>> filled(np.array([[1, np.nan], [3, 2]], np.float32)).tolist()
    [[1.0, 2.0], [3.0, 2.0]]
    """
    from scipy import ndimage

    if not np.isnan(values).any():
        return values
    rows, columns = values.shape
    even = np.pad(values, ((0, rows % 2), (0, columns % 2)), constant_values=np.nan)
    blocks = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2)
    coarse = filled(mean_of_known(blocks, (1, 3)).astype(np.float32))
    fine = ndimage.zoom(coarse, 2, order=1, mode="nearest", grid_mode=True)[:rows, :columns]
    return np.where(np.isnan(values), fine, values)
