"""The rows of a GEF: what stands between values and between rows differs by writer."""

from __future__ import annotations

import csv
import math
from functools import cached_property
from operator import methodcaller
from typing import TYPE_CHECKING

import numpy as np

from dtwin_plugin.errors import FormatError

from .header import Header, to_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What writers put where nothing was measured, whatever #COLUMNVOID= says.
_FILLERS = (-999.99, -999.999, -9999.0, -9999.9, -9999.99, -9999.999, -99999.0, -999999.0, 9999.0, 99999.0, 999999.0)
_NAMED = {"TAB": "\t", "SPACE": " ", "SPATIE": " ", "KOMMA": ",", "COMMA": ","}
_GUESSES = (";", "\t", None, ",", ":", "|")  # None: spaces
_LOOK = 50  # rows that tell what stands between values


class Rows:
    r"""The rows of a GEF as texts and as numbers; lines without any value are left out.

    >>> from .header import parse
    >>> rows = Rows(parse("#COLUMNSEPARATOR= ;\n#RECORDSEPARATOR= !\n#EOH=\n0,0;1,5;!\n0.1;1.6;'Kz1';!", "a.gef"))
    >>> rows.cells, rows.numbers(1).tolist()
    ([['0,0', '1,5'], ['0.1', '1.6', 'Kz1']], [1.5, 1.6])
    """

    def __init__(self, header: Header) -> None:
        self._file = header.file
        end = _mark(header, "RECORDSEPARATOR")
        self._quoted = any("'" in line for line in header.body[:_LOOK])
        self._lines = _lines(header, end, self._quoted)
        width = max(len(header.columns()), 1)
        self._separator = _separator(self._lines[:_LOOK], _mark(header, "COLUMNSEPARATOR"), width)

    def __len__(self) -> int:
        return len(self._lines) if self._matrix is not None else len(self.cells)

    @cached_property
    def cells(self) -> list[list[str]]:
        """The texts of each row, without what stands behind the last separator."""
        if self._quoted:
            rows = self._cut_at_quotes()
        else:
            rows = [line.split(self._separator) for line in self._lines]
        for row in rows:
            while row and not row[-1].strip():  # a separator after the last value
                row.pop()
        return [row for row in rows if row]

    def _cut_at_quotes(self) -> list[list[str]]:
        cut = csv.reader(self._lines, delimiter=self._separator or " ", quotechar="'", skipinitialspace=True)
        try:
            return [[value.strip() for value in row] for row in cut]
        except csv.Error as error:
            raise FormatError(
                "{file} cannot be read as a table: {reason}.",
                hint="Download it again.",
                file=self._file,
                reason=error,
            ) from error

    def numbers(self, place: int, void: float = math.nan) -> NDArray[np.float64]:
        """Return a column of numbers; NaN where it is void, or is no number."""
        if self._matrix is not None:
            values = self._matrix[:, place].copy() if place < self._matrix.shape[1] else np.full(len(self), np.nan)
        else:
            texts = [row[place] if place < len(row) else "" for row in self.cells]
            values = np.array([to_number(text) for text in texts], np.float64)
        values[~np.isfinite(values)] = np.nan
        missing = np.abs(values) >= 999.0  # no filler is nearer to 0
        if missing.any():
            missing[missing] = np.isin(values[missing], _FILLERS)
        if math.isfinite(void):
            # Voids are written with fewer digits than values, and within 1e-6 of them nothing is measured.
            missing |= np.abs(values - void) <= 1e-9 + 1e-6 * abs(void)
        values[missing] = np.nan
        return values

    @cached_property
    def _matrix(self) -> NDArray[np.float64] | None:
        """All values at once, where every row is as many plain numbers, as nearly all files are; else None."""
        if self._quoted or not self._lines:
            return None
        separator = self._separator
        if separator is None:
            rows = [line.split() for line in self._lines]
            width = len(rows[0])
            tokens = [token for row in rows for token in row]
            even = set(map(len, rows)) == {width}
        else:
            lines = self._lines
            marks = lines[0].count(separator)
            text = "\n".join(lines).replace(separator, " ")
            tokens = (text if separator == "," else text.replace(",", ".")).split()
            width = len(tokens) // len(lines)
            # An empty cell makes the tokens fewer than the cells: rows of so many marks then do not fill the table.
            even = width in (marks, marks + 1) and set(map(methodcaller("count", separator), lines)) == {marks}
        if not even or not width or len(tokens) != width * len(self._lines):
            return None
        try:
            return np.fromiter(map(float, tokens), np.float64, len(tokens)).reshape(-1, width)
        except ValueError:
            return None


def _lines(header: Header, end: str, quoted: bool) -> list[str]:
    """Return one line a row, without what ends a row."""
    lines = list(header.body)
    if end and quoted:
        lines = [line.rstrip().removesuffix(end) for line in header.body]
    elif end:
        lines = "\n".join(header.body).replace(end, "\n").split("\n")
    return [line for line in lines if line and not line.isspace() and line != "\x1a"]


def _mark(header: Header, keyword: str) -> str:
    """Return a separator as it is stated, "" if it is not."""
    values = header.lines.get(keyword)
    if not values:
        return ""
    text = values[0][0] if values[0][0] else ("," if len(values[0]) > 1 else "")
    text = text.strip("'\"") or text[:1].replace("'", " ").replace('"', " ")
    return _NAMED.get(text.upper(), text[:1])


def _separator(lines: list[str], stated: str, width: int) -> str | None:
    """Return what stands between values: as stated where the rows have it, else what cuts them best."""
    if stated and stated != " " and any(stated in line for line in lines):
        return stated
    if not lines or stated == " ":
        return None

    def fits(mark: str | None) -> float:
        """Tell the part of the rows that is cut in at least so many numbers."""
        return sum(sum(map(_is_number, line.split(mark))) >= width for line in lines) / len(lines)

    return max(_GUESSES, key=fits)  # the first of equals


def _is_number(text: str) -> bool:
    return math.isfinite(to_number(text))
