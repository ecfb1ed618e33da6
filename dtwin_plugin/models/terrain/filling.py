"""Values for cells without one, from the cells around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray


def filled(values: NDArray[Any], reach: float) -> NDArray[Any]:
    """Return the values with holes filled that lie near a known cell.

    Parameters
    ----------
    values : ndarray
        Shape (rows, cols); NaN is a hole.
    reach : float
        Distance to the nearest known cell up to which a cell is filled [cells].

    Examples
    --------
    >>> filled(np.array([[1.0, np.nan, 3.0, np.nan, np.nan]]), 1.0).tolist()
    [[1.0, 2.0, 3.0, 3.0, nan]]
    """
    holes = np.isnan(values)
    if reach < 1 or not holes.any() or holes.all():
        return values
    distance, nearest = ndimage.distance_transform_edt(holes, return_indices=True)
    row, column = np.nonzero(holes & (distance <= reach + 1e-9))
    along_rows, weight_rows = _between(values, holes, row, column)
    along_columns, weight_columns = _between(values.T, holes.T, column, row)
    weight = weight_rows + weight_columns
    result = values.copy()
    sums = along_rows * weight_rows + along_columns * weight_columns
    fallback = values[nearest[0, row, column], nearest[1, row, column]].astype(np.float64)
    result[row, column] = np.divide(sums, weight, out=fallback, where=weight > 0)
    return result


def _between(
    values: NDArray[Any], holes: NDArray[np.bool_], row: NDArray[np.int64], column: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interpolate linearly between the known cells left and right of each hole in its row.

    Returns
    -------
    tuple of ndarray
        The values, and their weights: the inverse square of the distance spanned [1 / cells2]; both 0 where there is
        no known cell on one of the sides.
    """
    columns = values.shape[1]
    here = np.arange(columns, dtype=np.int32)
    left = np.maximum.accumulate(np.where(holes, np.int32(-1), here), axis=1)[row, column]
    reverse = np.where(holes, np.int32(columns), here)[:, ::-1]
    right = np.minimum.accumulate(reverse, axis=1)[:, ::-1][row, column]
    both = (left >= 0) & (right < columns)
    first, last = values[row, np.maximum(left, 0)], values[row, np.minimum(right, columns - 1)]
    span = (right - left).astype(np.float64)
    between = first + (last - first.astype(np.float64)) * ((column - left) / span)
    return np.where(both, between, 0.0), np.where(both, span**-2, 0.0)
