"""Values for cells without one, from the cells around.

A hole gets the surface of a membrane stretched over its rim: the solution of Laplace's equation, in which each filled
cell is the mean of its four neighbours. It has no peak or pit of its own, and continues a plane as a plane. Towards
the edge of the grid, and towards holes that are not filled, it ends level.

References
----------
Saad, Y. (2003). Iterative methods for sparse linear systems, 2nd edition. SIAM. Algorithm 9.1 (conjugate gradients).
Bornemann, F.A., Deuflhard, P. (1996). The cascadic multigrid method for elliptic problems. Numerische Mathematik 75,
135-152. doi:10.1007/s002110050234
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage, sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDE = 3.0  # distance into a hole above which a coarser grid gives the first guess [cells]
_RESIDUAL = 1e-4  # difference of a cell and the mean of its neighbours at which it is right [the unit of the values]
_ITERATIONS = 300


def filled(values: NDArray[Any], reach: float, where: NDArray[np.bool_] | None = None) -> NDArray[Any]:
    """Return the values with the cells filled that lie near a known cell.

    Parameters
    ----------
    values : ndarray
        Shape (rows, cols); NaN is a hole.
    reach : float
        Distance to the nearest known cell up to which a cell is filled [cells].
    where : ndarray of bool, optional
        Cells that may be filled; parts of them that touch no known cell stay as they are.

    Examples
    --------
    >>> filled(np.array([[1.0, np.nan, 3.0, np.nan, np.nan]]), 1.0).tolist()
    [[1.0, 2.0, 3.0, 3.0, nan]]
    """
    holes = np.isnan(values)
    if reach < 1 or not holes.any() or holes.all():
        return values
    distance, nearest = ndimage.distance_transform_edt(holes, return_indices=True)
    chosen = holes & (distance <= reach + 1e-9)
    if where is not None:
        parts, _ = ndimage.label(chosen & where)
        chosen = (parts > 0) & np.isin(parts, parts[ndimage.binary_dilation(~holes)])
        if not chosen.any():
            return values
    guess = values[nearest[0], nearest[1]]
    if distance[chosen].max() > _WIDE and min(values.shape) > 1:
        guess = _from_coarser(values, guess)
    result = values.copy()
    matrix, right = _membrane(values, chosen)
    result[chosen] = _conjugate_gradients(matrix, right, guess[chosen].astype(np.float64))
    return result


def _from_coarser(values: NDArray[Any], nearest: NDArray[Any]) -> NDArray[Any]:
    """Return a first guess for every cell, from the same problem on cells of twice the size."""
    rows, columns = values.shape
    padded = np.pad(values, ((0, rows % 2), (0, columns % 2)), constant_values=np.nan)
    blocks = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2)
    known = ~np.isnan(blocks)
    counts = known.sum(axis=(1, 3))
    sums = np.where(known, blocks, 0).sum(axis=(1, 3), dtype=np.float64)
    coarse = np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    fine = ndimage.zoom(filled(coarse, np.inf), 2, order=1, mode="nearest", grid_mode=True)
    return np.where(np.isnan(values), fine[:rows, :columns], nearest)


def _membrane(values: NDArray[Any], chosen: NDArray[np.bool_]) -> tuple[Any, NDArray[np.float64]]:
    """Return the equations of the chosen cells: number of neighbours times value = sum of the neighbours."""
    count = int(chosen.sum())
    number = np.full(chosen.shape, -1, np.int64)
    number[chosen] = np.arange(count)
    known = ~np.isnan(values)
    right, neighbours = np.zeros(count), np.zeros(count)
    first, second = [], []
    views = (np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])
    for one, other in (*views, *(pair[::-1] for pair in views)):
        beside_known = chosen[one] & known[other]
        cells = number[one][beside_known]  # each at most once
        right[cells] += values[other][beside_known]
        neighbours[cells] += 1
        beside_chosen = chosen[one] & chosen[other]
        cells = number[one][beside_chosen]
        neighbours[cells] += 1
        first.append(cells)
        second.append(number[other][beside_chosen])
    pairs = np.concatenate(first), np.concatenate(second)
    links = sparse.csr_matrix((np.ones(len(pairs[0])), pairs), shape=(count, count))
    return sparse.diags(neighbours, format="csr") - links, right


def _conjugate_gradients(matrix: Any, right: NDArray[np.float64], guess: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve a symmetric positive definite system from a first guess, scaled by its diagonal."""
    scale = 1.0 / matrix.diagonal()
    result = guess.copy()
    residual = right - matrix @ result
    scaled = scale * residual
    direction, size = scaled, float(residual @ scaled)
    for _ in range(_ITERATIONS):
        if np.abs(scaled).max() < _RESIDUAL:
            break
        product = matrix @ direction
        step = size / float(direction @ product)
        result += step * direction
        residual -= step * product
        scaled = scale * residual
        previous, size = size, float(residual @ scaled)
        direction = scaled + (size / previous) * direction
    return result
