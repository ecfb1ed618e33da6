"""Which point goes to which node: each level is a thinner picture of the whole, and no point is in two nodes.

Points get the Morton code of their place in the cube of the octree. In the order of these codes the points of a node
lie together, and so do those of each cell of a node (128 x 128 x 128). A node with many points keeps one of each of its
cells and passes the others on to its children; one with few keeps all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from .layout import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

BITS = 17  # of a coordinate in a code: 8 mm in a cloud of 1 km
CELLS = 7  # bits of the cells of a node along an axis
DEEPEST = BITS - CELLS
FULL = 40_000  # points that a node keeps without children
_COMPILED = 300_000  # points from which compiled functions are worth their loading
_SPREAD = (
    (32, 0x1F00000000FFFF),
    (16, 0x1F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)


def codes(places: NDArray[np.int32], low: NDArray[np.int64], side: int) -> NDArray[np.uint64]:
    """Return the Morton codes of places, shape (n, 3), in a cube with its lowest corner and side in the same units."""
    result = np.zeros(len(places), np.uint64)
    for axis in range(3):
        scaled = (places[:, axis].astype(np.int64) - low[axis]) * (1 << BITS) // side
        result |= _spread(scaled.astype(np.uint64)) << np.uint64(axis)
    return result


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return values of up to 21 bits with two zeros between their bits."""
    for shift, mask in _SPREAD:
        values = (values | values << np.uint64(shift)) & np.uint64(mask)
    return values


def key_of(code: int, level: int) -> Key:
    """Return the node of a code at a level.

    >>> key_of(int(codes(np.array([[3, 1, 0]], np.int32), np.zeros(3, np.int64), 4)[0]), 1)
    Key(level=1, x=1, y=0, z=0)
    """
    bits = code >> 3 * (BITS - level)
    x, y, z = (sum((bits >> 3 * n + axis & 1) << n for n in range(level)) for axis in range(3))
    return Key(level, x, y, z)


def order_and_levels(
    places: NDArray[np.int32], low: NDArray[np.int64], side: int, first: int = 0
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint8]]:
    """Return the sorted codes of points, their rows in that order, and the level of each.

    Parameters
    ----------
    first : int
        Level from which a node with few points keeps all; above it there are more points elsewhere.
    """
    fast = _kernels() if len(places) > _COMPILED else None
    if fast is not None:
        own, rows = _order(fast, places, low, side)
        return own, rows, fast.levels(own, first, FULL)
    own = codes(places, low, side)
    rows = np.argsort(own, kind="stable")
    own = own[rows]
    return own, rows, levels(own, first)


def _order(
    fast: Any, places: NDArray[np.int32], low: NDArray[np.int64], side: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Sort two halves in two threads, and merge them."""

    def half(start: int, stop: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        own = np.empty(stop - start, np.uint64)
        fast.codes(places[start:stop], low, side, own)
        sorted_codes, rows = fast.order(own, start)
        return sorted_codes, rows

    middle = len(places) // 2
    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(half, middle, len(places))
        sooner = half(0, middle)
        own, rows = fast.merge(*sooner, *later.result())
    return own, rows


def levels(sorted_codes: NDArray[np.uint64], first: int = 0) -> NDArray[np.uint8]:
    """Return the level at which each of the points stays, which are in the order of their codes."""
    result = np.full(len(sorted_codes), DEEPEST, np.uint8)
    left, left_codes = np.arange(len(sorted_codes)), sorted_codes
    for level in range(DEEPEST + 1):
        if not len(left):
            break
        starts = _starts(left_codes >> np.uint64(3 * (BITS - level)))
        counts = np.diff(np.r_[starts, len(left)])
        keep = np.repeat((counts <= FULL) & (level >= first), counts)
        runs = _starts(left_codes >> np.uint64(3 * (BITS - level - CELLS)))
        keep[(runs + np.r_[runs[1:], len(left)]) // 2] = True
        result[left[keep]] = level
        left, left_codes = left[~keep], left_codes[~keep]
    return result


def by_node(
    sorted_codes: NDArray[np.uint64], rows: NDArray[np.int64], at_level: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], list[tuple[Key, int, int]]]:
    """Return the rows so that the points of each node follow each other, and each node with its first and last place.

    Parameters
    ----------
    sorted_codes, rows, at_level : ndarray
        As `order_and_levels` gives them.
    """
    fast = _kernels() if len(rows) > _COMPILED else None
    if fast is not None:
        grouped, rows, counts = fast.group(sorted_codes, rows, at_level)
    else:
        order = np.argsort(at_level, kind="stable")
        grouped, rows, counts = sorted_codes[order], rows[order], np.bincount(at_level)
    found: list[tuple[Key, int, int]] = []
    begin = 0
    for level, count in enumerate(counts.tolist()):
        codes_here = grouped[begin : begin + count]
        starts = _starts(codes_here >> np.uint64(3 * (BITS - level))) if count else np.empty(0, np.int64)
        for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), count]):
            found.append((key_of(int(codes_here[start]), level), begin + start, begin + stop))
        begin += count
    return rows, found


def _starts(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each run of equal values begins."""
    return np.flatnonzero(np.r_[True, values[1:] != values[:-1]])


def _kernels() -> Any:
    """Return the compiled functions, None where Numba is absent."""
    try:
        from . import kernels
    except ImportError:
        return None
    return kernels
