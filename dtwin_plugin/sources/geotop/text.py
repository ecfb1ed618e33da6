"""Arrays of a GeoTOP export as text: one line a voxel, with x, y and z, lithoclass, stratigraphy and chances."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress

from .. import archive
from ..stop import stop_if_asked
from .arrays import Window, clean
from .cells import LITHOCLASS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_LINES = 5_000_000
_MOST_CELLS = 12_000_000  # of the block around the voxels
_LONGEST = 5_000  # characters of a line
_MOST_COLUMNS = 60
_BLOCK = 10_000  # lines that are kept as text at once
_SUFFIXES = (".csv", ".txt", ".asc")
_MISSING = (-127.0, -9999.0, -999999.0, 9999.0)


def looks_like_geotop(head: bytes) -> bool:
    r"""Tell whether a text file begins with the names of a GeoTOP export.

    >>> looks_like_geotop(b"x,y,z,lithostrat,lithoklasse\n1,2,3,4,5\n"), looks_like_geotop(b"x,y,z,class\n")
    (True, False)
    """
    if b"\0" in head[:512]:
        return False
    names = _names(head.decode("utf-8-sig", "replace").lstrip().split("\n")[0])
    return {"x", "y", "z"} <= set(names) and any(name in LITHOCLASS for name in names)


class TextArrays:
    """The voxels of a text file as arrays on the axes x, y and z."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def dimensions(self) -> Mapping[str, Mapping[str, int]]:
        """Return the sizes of the axes, and of the block that each other column fills."""
        sizes = {name: len(labels) for name, labels in self._axes.items()}
        return {**{name: {name: size} for name, size in sizes.items()}, **{name: sizes for name in self._values}}

    def attributes(self, name: str) -> Mapping[str, Any]:
        """Return nothing: text tells nothing about its columns."""
        return {}

    def read(self, names: Sequence[str], window: Window, progress: Progress) -> dict[str, NDArray[Any]]:
        """Return columns on the block, cut to a window; NaN where there is no line."""
        stop_if_asked(progress)
        found: dict[str, NDArray[Any]] = {}
        for name in names:
            if name in self._axes:
                found[name] = self._axes[name]
                continue
            sizes = self.dimensions()[name]
            spans = [window.get(axis, (0, size)) for axis, size in sizes.items()]
            inside = np.ones(len(self._places[0]), bool)
            for places, (first, last) in zip(self._places, spans):
                inside &= (places >= first) & (places < last)
            block = np.full([last - first for first, last in spans], np.nan, np.float32)
            cells = tuple(places[inside] - first for places, (first, _) in zip(self._places, spans))
            block[cells] = self._values[name][inside]
            found[name] = block
        return found

    def texts(self, name: str) -> list[str]:
        """Raise FormatError: no column is read as text."""
        raise FormatError("{file} has no texts in {name}.", file=self.name, name=name)

    @property
    def _values(self) -> dict[str, NDArray[Any]]:
        return self._table[0]

    @property
    def _axes(self) -> dict[str, NDArray[np.float64]]:
        return self._table[1]

    @property
    def _places(self) -> list[NDArray[np.int64]]:
        return self._table[2]

    @cached_property
    def _table(self) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[np.float64]], list[NDArray[np.int64]]]:
        """Columns that are no axis, labels of the axes without gaps, and the place of each line on them."""
        columns = _columns(self.path)
        axes: dict[str, NDArray[np.float64]] = {}
        places = []
        for axis in "xyz":
            axes[axis], place = _labels(columns.pop(axis), axis, self.name)
            places.append(place)
        if np.prod([float(len(labels)) for labels in axes.values()]) > _MOST_CELLS:
            raise FormatError(
                "{file} has voxels on a block of more than {limit} cells.",
                hint="Export a smaller area.",
                file=self.name,
                limit=_MOST_CELLS,
            )
        return columns, axes, places


def _labels(values: NDArray[np.float64], axis: str, file: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the labels of an axis, those between that no line has too, and the place of each value on it."""
    if not np.isfinite(values).all():
        raise FormatError("{file} has a line without a number for {axis}.", file=file, axis=axis)
    found = np.unique(values)
    if len(found) == 1:
        return found, np.zeros(len(values), np.int64)
    step = float(np.diff(found).min())
    count = int(min(round((found[-1] - found[0]) / step) + 1, 2 * _MOST_CELLS))
    labels = found[0] + step * np.arange(count) if count <= _MOST_CELLS else np.empty(_MOST_CELLS + 1)
    return labels, np.rint((values - found[0]) / step).astype(np.int64)


def _names(line: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in line.strip().split(_delimiter(line))]


def _delimiter(line: str) -> str:
    return max(";\t,", key=line.count)


def _columns(path: Path) -> dict[str, NDArray[np.float64]]:
    """Return the columns of a text file, or of those in a zip, as numbers, NaN for what is none.

    Raises
    ------
    FormatError, SourceError
        If it is packed otherwise, has lines of several lengths, or cannot be read.
    """
    names: list[str] = []
    pieces: list[NDArray[np.float64]] = []
    for member in archive.members(path, lambda name: name.lower().endswith(_SUFFIXES)):
        with member.open() as raw:
            found, rows = _lines(io.TextIOWrapper(raw, "utf-8-sig", "replace"), member.name)
        if pieces and found != names:
            raise FormatError("{file} holds tables of several kinds.", hint="Unpack it first.", file=path.name)
        names = found
        pieces.append(rows)
    if not sum(map(len, pieces)):
        raise FormatError("{file} has no voxels after its line of names.", file=path.name)
    table = np.concatenate(pieces)
    return {
        name: table[:, index] if name in "xyz" else clean(table[:, index], _MISSING, None, None)
        for index, name in enumerate(names)
    }


def _lines(stream: IO[str], file: str) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names and the numbers of a table, shape (lines, names)."""
    first = stream.readline(_LONGEST)
    names, delimiter = _names(first), _delimiter(first)
    if len(names) > _MOST_COLUMNS or len(set(names)) != len(names):
        raise FormatError("{file} has no line of names that differ.", file=file)
    pieces: list[NDArray[np.float64]] = []
    rows: list[list[float]] = []
    for number, line in enumerate(iter(lambda: stream.readline(_LONGEST), ""), 2):
        if not line.strip():
            continue
        cells = line.split(delimiter)
        if len(cells) != len(names) or number > _MOST_LINES:
            raise _wrong_line(file, number, len(cells), len(names))
        rows.append([_number(cell, delimiter) for cell in cells])
        if len(rows) == _BLOCK:
            pieces.append(np.array(rows))
            rows = []
    pieces.append(np.array(rows).reshape(-1, len(names)))
    return names, np.concatenate(pieces)


def _number(cell: str, delimiter: str) -> float:
    text = cell.strip().strip('"')
    try:
        return float(text if delimiter == "," else text.replace(",", "."))
    except ValueError:
        return float("nan")


def _wrong_line(file: str, number: int, found: int, expected: int) -> FormatError:
    if number > _MOST_LINES:
        return FormatError("{file} has more than {limit} lines.", hint="Export a smaller area.", file=file,
                           limit=_MOST_LINES)  # fmt: skip
    return FormatError("{file} has {found} values in line {number}; expected {expected}.", file=file, found=found,
                       number=number, expected=expected)  # fmt: skip
