"""The functions of `octree` compiled with Numba, with the same results; imported only where Numba is installed.

None of them is parallel: Numba may end the process where two threads run parallel functions at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_BITS, _CELLS = 17, 7
_DIGIT = 13  # bits: four digits are a code


def _nothing() -> None:
    pass


try:  # a service account may have no folder at all to keep compiled functions in
    njit(cache=True)(_nothing)
    _CACHE = True
except RuntimeError:
    _CACHE = False


@njit(cache=_CACHE, nogil=True, inline="always")
def _spread(value: Any) -> Any:
    value = (value | value << np.uint64(32)) & np.uint64(0x1F00000000FFFF)
    value = (value | value << np.uint64(16)) & np.uint64(0x1F0000FF0000FF)
    value = (value | value << np.uint64(8)) & np.uint64(0x100F00F00F00F00F)
    value = (value | value << np.uint64(4)) & np.uint64(0x10C30C30C30C30C3)
    return (value | value << np.uint64(2)) & np.uint64(0x1249249249249249)


@njit(cache=_CACHE, nogil=True)
def codes(places: Any, low: Any, side: Any, result: Any) -> None:
    """Write the Morton codes of places, shape (n, 3)."""
    for n in range(len(places)):
        code = np.uint64(0)
        for axis in range(3):
            scaled = np.uint64((np.int64(places[n, axis]) - low[axis]) * (np.int64(1) << _BITS) // side)
            code |= _spread(scaled) << np.uint64(axis)
        result[n] = code


@njit(cache=_CACHE, nogil=True)
def order(values: Any, first: int) -> Any:
    """Return the values in order, and the row of each, which counts from `first`.

    Equal ones stay in their own order (radix sort, lowest digit first).
    """
    count = len(values)
    rows, other = np.arange(first, first + count), np.empty(count, np.int64)
    own, own_other = values.copy(), np.empty(count, np.uint64)
    mask = np.uint64((1 << _DIGIT) - 1)
    for shift in range(0, 3 * _BITS, _DIGIT):
        by = np.uint64(shift)
        places = np.zeros((1 << _DIGIT) + 1, np.int64)
        for n in range(count):
            places[np.int64(own[n] >> by & mask) + 1] += 1
        if places.max() == count:
            continue
        for n in range(1, len(places)):
            places[n] += places[n - 1]
        for n in range(count):
            digit = np.int64(own[n] >> by & mask)
            at = places[digit]
            places[digit] += 1
            other[at], own_other[at] = rows[n], own[n]
        rows, other, own, own_other = other, rows, own_other, own
    return own, rows


@njit(cache=_CACHE, nogil=True)
def merge(own: Any, rows: Any, other_own: Any, other_rows: Any) -> Any:
    """Return two ordered runs, as `order` gives them, as one; equal values of the first come first."""
    count, other_count = len(own), len(other_own)
    result, result_rows = np.empty(count + other_count, np.uint64), np.empty(count + other_count, np.int64)
    a, b = 0, 0
    for n in range(count + other_count):
        if b == other_count or (a < count and own[a] <= other_own[b]):
            result[n], result_rows[n] = own[a], rows[a]
            a += 1
        else:
            result[n], result_rows[n] = other_own[b], other_rows[b]
            b += 1
    return result, result_rows


@njit(cache=_CACHE, nogil=True)
def group(values: Any, rows: Any, at_level: Any) -> Any:
    """Return values and rows level by level, each level in its own order, and how many each level has."""
    counts = np.zeros(_BITS - _CELLS + 1, np.int64)
    for n in range(len(values)):
        counts[at_level[n]] += 1
    places = np.cumsum(counts) - counts
    result, result_rows = np.empty(len(values), np.uint64), np.empty(len(values), np.int64)
    for n in range(len(values)):
        at = places[at_level[n]]
        places[at_level[n]] += 1
        result[at], result_rows[at] = values[n], rows[n]
    return result, result_rows, counts


@njit(cache=_CACHE, nogil=True)
def levels(values: Any, first: int, full: int) -> Any:
    """Return the level of each point, as `octree.levels` does."""
    deepest = _BITS - _CELLS
    count = len(values)
    result = np.full(count, deepest, np.uint8)
    left, size = np.arange(count), count
    for level in range(deepest + 1):
        node_shift, cell_shift = np.uint64(3 * (_BITS - level)), np.uint64(3 * (_BITS - level - _CELLS))
        start, kept = 0, 0
        while start < size:
            node = values[left[start]] >> node_shift
            stop = start + 1
            while stop < size and values[left[stop]] >> node_shift == node:
                stop += 1
            if stop - start <= full and level >= first:
                for n in range(start, stop):
                    result[left[n]] = level
                start = stop
                continue
            at = start
            while at < stop:
                cell = values[left[at]] >> cell_shift
                end = at + 1
                while end < stop and values[left[end]] >> cell_shift == cell:
                    end += 1
                middle = (at + end) // 2
                result[left[middle]] = level
                for n in range(at, end):
                    if n != middle:
                        left[kept] = left[n]
                        kept += 1
                at = end
            start = stop
        size = kept
        if not size:
            break
    return result
