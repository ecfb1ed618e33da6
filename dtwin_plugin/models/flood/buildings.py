"""Buildings and holes in the terrain: how water meets them, and how deep it stands at their walls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.data.filling import filled
from dtwin_plugin.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

QUANTILE = 75  # of the ground around a building, on which its sill stands (Waterschadeschatter)
SILL = 0.15  # m above that ground (Waterschadeschatter)
BLOCK = 3.0  # m above the sill, so that no street water passes over (ARR project 15 raises houses by as much)


def depth_at_objects(
    depth: ArrayLike, labels: ArrayLike, count: int | None = None, reach: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Largest and mean water depth at the walls of every building.

    Parameters
    ----------
    depth : array_like
        Water depth [m], shape (rows, cols); NaN = not known.
    labels : array_like
        Shape (rows, cols): 0 = no building, k = building k.
    count : int, optional
        Number of buildings; default the largest label.
    reach : int
        A cell outside all buildings counts when it is within this number of cells (diagonals too) of the building.

    Returns
    -------
    largest, mean : ndarray
        Shape (count,) [m]; NaN for a building without a cell of known depth around it.

    Examples
    --------
    >>> depth = np.array([[0.1, 0.2, 0.9], [0.0, 0.3, 0.9]])
    >>> largest, mean = depth_at_objects(depth, [[1, 0, 0], [1, 0, 0]], count=2)
    >>> largest.tolist(), mean.tolist()
    ([0.3, nan], [0.25, nan])
    """
    water, objects = np.asarray(depth, float), _labels(labels, np.shape(depth))
    count = int(objects.max(initial=0)) if count is None else count
    building, cell = _around(objects, ~np.isnan(water), reach)
    largest, total = np.full(count + 1, -np.inf), np.zeros(count + 1)
    np.maximum.at(largest, building, water.ravel()[cell])
    np.add.at(total, building, water.ravel()[cell])
    number = np.bincount(building, minlength=count + 1)
    known = number > 0
    largest[~known] = np.nan
    mean = np.divide(total, number, out=np.full(count + 1, np.nan), where=known)
    return largest[1:], mean[1:]


def ground_levels(terrain: ArrayLike, labels: ArrayLike, count: int | None = None) -> NDArray[np.float64]:
    """Level of the ground that each building stands on: the 75th percentile of the cells around it.

    A building without known ground around it stands on its own ground.

    Parameters
    ----------
    terrain : array_like
        Height of the ground [m], shape (rows, cols); NaN = not known.
    labels : array_like
        Shape (rows, cols): 0 = no building, k = building k.
    count : int, optional
        Number of buildings; default the largest label.

    Returns
    -------
    ndarray
        Shape (count,) [m]; NaN where no ground is known around it or below it, or it covers no cell.

    Examples
    --------
    >>> ground_levels([[1.0, np.nan, 2.0]], [[0, 1, 0]]).tolist()
    [1.75]
    """
    heights = np.asarray(terrain, np.float32)
    objects = _labels(labels, heights.shape)
    known = np.isfinite(heights)
    building, cell = _around(objects, known, 1)
    own = np.flatnonzero((objects > 0).ravel() & known.ravel() & ~np.isin(objects, building).ravel())
    building = np.concatenate([building, objects.ravel()[own]])
    ground = heights.ravel()[np.concatenate([cell, own])]
    levels = np.full(int(objects.max(initial=0)) if count is None else count, np.nan)
    for label, values in _groups(building, ground):
        levels[label - 1] = np.percentile(values, QUANTILE)
    return levels


def floor_levels(
    terrain: ArrayLike, labels: ArrayLike, threshold: NDArray[np.float64], floor: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Level of the floor of each building: as it is known, else its threshold above the ground.

    Parameters
    ----------
    terrain, labels : array_like
        As of `ground_levels`.
    threshold, floor : ndarray
        Above the ground [m], and as a level [m]; shape (buildings,), NaN = not known. Where neither is, the threshold
        is that of the Waterschadeschatter, 0.15 m.

    Examples
    --------
    >>> floor_levels([[1.0, 1.0, 1.0]], [[1, 0, 2]], np.array([np.nan, 0.3]), np.array([np.nan, 2.0])).tolist()
    [1.15, 2.0]
    """
    above = np.where(np.isfinite(threshold), threshold, SILL)
    return np.where(np.isfinite(floor), floor, ground_levels(terrain, labels, len(above)) + above)


def raise_buildings(
    terrain: ArrayLike, labels: ArrayLike, sill: float = SILL, *, block: float = BLOCK
) -> NDArray[np.float32]:
    """Terrain with each building as one flat block.

    Its height is the 75th percentile of the ground around it, plus the sill, plus `block`. A building without known
    ground around it stands on its own ground; where there is none either, it stays without data.

    Parameters
    ----------
    terrain : array_like
        Height of the ground [m], shape (rows, cols); NaN under a building is filled, elsewhere it stays.
    labels : array_like
        Shape (rows, cols): 0 = no building, k = building k.
    sill, block : float
        [m]; with block 0 the building floods once the water is above its sill.

    Examples
    --------
    >>> raise_buildings([[1.0, np.nan, 1.0]], [[0, 1, 0]]).round(2).tolist()
    [[1.0, 4.150000095367432, 1.0]]
    """
    heights = np.array(terrain, np.float32)
    return _on_floors(heights, labels, ground_levels(heights, labels) + sill + block)


def with_floors(
    terrain: ArrayLike, labels: ArrayLike, threshold: NDArray[np.float64], floor: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Terrain with each building as its floor, which water reaches once it stands above it; see `floor_levels`."""
    heights = np.array(terrain, np.float32)
    return _on_floors(heights, labels, floor_levels(heights, labels, threshold, floor))


def _on_floors(heights: NDArray[np.float32], labels: ArrayLike, floors: NDArray[np.float64]) -> NDArray[np.float32]:
    objects = _labels(labels, heights.shape)
    return np.where(objects > 0, np.append(np.nan, floors)[objects], heights).astype(np.float32)


def fill_holes(terrain: ArrayLike) -> NDArray[np.float32]:
    """Terrain with its enclosed holes filled from around; what has no data up to the edge stays NaN.

    A hole takes the mean of known cells at the finest scale that knows it, with a smooth passage between (a pyramid of
    means, refined by linear interpolation).

    Examples
    --------
    >>> fill_holes([[np.nan, 1, 1, 1], [1, 1, np.nan, 1], [1, 1, 1, 1]]).tolist()
    [[nan, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """
    from scipy import ndimage

    heights = np.array(terrain, np.float32)
    hole, _ = ndimage.label(np.isnan(heights), np.ones((3, 3)))
    border = np.concatenate([hole[0], hole[-1], hole[:, 0], hole[:, -1]])
    enclosed = (hole > 0) & ~np.isin(hole, border)
    return np.where(enclosed, filled(heights), heights) if enclosed.any() else heights


def _labels(labels: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int64]:
    objects = np.asarray(labels, np.int64)
    if objects.shape != shape:
        raise InputError(
            "The labels of buildings must have the shape {shape} of the grid; found {found}.",
            shape=shape,
            found=objects.shape,
        )
    return objects


def _around(
    objects: NDArray[np.int64], known: NDArray[np.bool_], reach: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each pair, once, of a building and a known cell outside all buildings within `reach` of it."""
    rows, columns = objects.shape
    row, column = np.nonzero(objects)
    free = (objects == 0) & known
    pairs = []
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            r, c = row + down, column + right
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
            inside[inside] = free[r[inside], c[inside]]
            pairs.append(objects[row[inside], column[inside]] * objects.size + r[inside] * columns + c[inside])
    found = np.unique(np.concatenate(pairs))
    return found // objects.size, found % objects.size


def _groups(keys: NDArray[np.int64], values: NDArray[np.float32]) -> list[tuple[int, NDArray[np.float32]]]:
    """Return the values of each key."""
    order = np.argsort(keys, kind="stable")
    unique, starts = np.unique(keys[order], return_index=True)
    return list(zip(unique.tolist(), np.split(values[order], starts[1:])))
