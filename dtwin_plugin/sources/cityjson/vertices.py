"""Lists of vertices to arrays, in blocks."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError

from .header import is_numbers, short
from .text import cut_off, not_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 1 << 20  # bytes
_EMPTY = re.compile(rb"\[\s*\]")
_END = re.compile(rb"\]\s*\]")
_NUMBERS = b"0123456789+-.eE \t\r\n"


def parse_vertices(data: bytes, start: int, file: str, look: Callable[[], None]) -> tuple[NDArray[np.float64], int]:
    """Return the vertices whose list begins at byte `start`, shape (n, 3), and the byte after it.

    The brackets are cut away and the numbers parsed in one row, which takes a twentieth of the memory of nested lists.
    `look` is called at times; it may stop the work.
    """
    if empty := _EMPTY.match(data, start):
        return np.empty((0, 3)), empty.end()
    last = _END.search(data, start)
    if data[start : start + 1] != b"[" or last is None:
        if last is None:
            raise cut_off(file, "the vertices")
        raise not_json(file, f'byte {start}, in "vertices"', "expected a list")
    end, at, row = last.start() + 1, start + 1, 0
    vertices = np.empty((data.count(b"[", at, end), 3))
    while at < end:
        stop = data.find(b"]", min(at + _BLOCK, end - 1), end) + 1
        block = data[at:stop].strip(b" \t\r\n")
        if at > start + 1 and block[:1] == b",":
            block = block[1:]
        numbers = _numbers(block, row, file)
        vertices[row : row + len(numbers)] = numbers
        row, at = row + len(numbers), stop
        look()
    return vertices, last.end()


def _numbers(block: bytes, first: int, file: str) -> NDArray[np.float64]:
    """Return the numbers of `[x,y,z],[x,y,z],…`, shape (n, 3)."""
    frame = block.translate(None, _NUMBERS)
    count = frame.count(b"[")
    if frame + b"," != b"[,,]," * count:
        raise _fault(block, first, file)
    try:
        flat = array("d", json.loads(b"[" + block.translate(None, b"[]") + b"]"))
    except (ValueError, TypeError, OverflowError) as error:
        raise _fault(block, first, file) from error
    if len(flat) != 3 * count:
        raise _fault(block, first, file)
    result = np.array(flat, np.float64).reshape(-1, 3)
    if not np.isfinite(result).all():
        raise _fault(block, first, file)
    return result


def _fault(block: bytes, first: int, file: str) -> FormatError:
    """Return the error that names the first wrong vertex of a block."""
    try:
        rows = json.loads(b"[" + block + b"]")
    except (RecursionError, ValueError):  # a list within a vertex ends the block where it should not
        message = '{file}: "vertices" from number {first} on are not all three numbers.'
        return FormatError(message, file=file, first=first)
    return wrong_vertex(rows, file, first=first)


def wrong_vertex(rows: Any, file: str, where: str = '"vertices"', first: int = 0) -> FormatError:
    """Return the error that names the first vertex that is not three numbers."""
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], first):
        if not is_numbers(row, 3):
            message = "{file}: vertex {number} of {where} is {found}; expected three numbers."
            return FormatError(message, file=file, number=number, where=where, found=short(row))
    return FormatError("{file}: {where} is no list of [x, y, z].", file=file, where=where)


def array_of(rows: Sequence[Any]) -> NDArray[np.float64] | None:
    """Return parsed vertices as an array of shape (n, 3), None where one is not three finite numbers.

    >>> array_of([[0, 1, 2.5]]).tolist(), array_of([[0, 1]]), array_of([[0, 1, "2"]])
    ([[0.0, 1.0, 2.5]], None, None)
    """
    try:
        if not set(map(len, rows)) <= {3}:
            return None
        flat = np.array(array("d", chain.from_iterable(rows)), np.float64).reshape(-1, 3)
    except (TypeError, OverflowError):
        return None
    return flat if np.isfinite(flat).all() else None


def checked_array(rows: Any, file: str, where: str) -> NDArray[np.float64]:
    """Return parsed vertices as an array of shape (n, 3); raises FormatError that names the wrong one."""
    result = array_of(rows) if isinstance(rows, list) else None
    if result is None:
        raise wrong_vertex(rows, file, where)
    return result
