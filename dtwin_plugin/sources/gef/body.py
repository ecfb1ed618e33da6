"""The rows of a GEF: what stands between values and between rows differs by writer."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING

import numpy as np

from .header import Header, to_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What writers put where nothing was measured, whatever #COLUMNVOID= says.
_FILLERS = (-999.99, -999.999, -9999.0, -9999.9, -9999.99, -9999.999, -99999.0, -999999.0, 9999.0, 99999.0, 999999.0)
_NAMED = {"TAB": "\t", "SPACE": " ", "SPATIE": " ", "KOMMA": ",", "COMMA": ","}
_GUESSES = (";", "\t", None, ",", ":", "|")  # None: spaces
_LOOK = 50  # rows that tell what stands between values


def rows_of(header: Header) -> list[list[str]]:
    r"""Return the rows of a GEF as texts; lines without any value are left out.

    >>> from .header import parse
    >>> rows_of(parse("#COLUMNSEPARATOR= ;\n#RECORDSEPARATOR= !\n#EOH=\n0,0;1,5;!\n0.1;1.6;'Kz1';!", "a.gef"))
    [['0,0', '1,5'], ['0.1', '1.6', 'Kz1']]
    """
    end = _mark(header, "RECORDSEPARATOR")
    lines = _lines(header, end)
    width = max(len(header.columns()), 1)
    separator = _separator(lines[:_LOOK], _mark(header, "COLUMNSEPARATOR"), width)
    if any("'" in line for line in lines[:_LOOK]):
        delimiter = separator or " "
        cut = csv.reader(lines, delimiter=delimiter, quotechar="'", skipinitialspace=True)
        rows = [[value.strip() for value in row] for row in cut]
    else:
        rows = [line.split(separator) for line in lines]
    for row in rows:
        while row and not row[-1].strip():  # a separator after the last value
            row.pop()
    return [row for row in rows if row]


def number_column(rows: list[list[str]], place: int, void: float = math.nan) -> NDArray[np.float64]:
    """Return a column of numbers; NaN where it is void, or is no number."""
    texts = [row[place] if place < len(row) else "" for row in rows]
    try:
        values = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        values = np.array([to_number(text) for text in texts])
    values[~np.isfinite(values)] = np.nan
    missing = np.isin(values, _FILLERS)
    if math.isfinite(void):
        # Voids are written with fewer digits than values, and within 1e-6 of them nothing is measured.
        missing |= np.isclose(values, void, rtol=1e-6, atol=1e-9)
    values[missing] = np.nan
    return values


def _lines(header: Header, end: str) -> list[str]:
    """Return one line a row, without what ends a row."""
    if not end:
        return list(header.body)
    lines = []
    for line in header.body:
        line = line.strip("\x1a")
        quoted = "'" in line
        parts = [line.rstrip().removesuffix(end)] if quoted else line.split(end)
        lines += [part for part in parts if part.strip()]
    return lines


def _mark(header: Header, keyword: str) -> str:
    """Return a separator as it is stated, "" if it is not."""
    values = header.lines.get(keyword)
    if not values:
        return ""
    text = values[0][0] if values[0][0] else ("," if len(values[0]) > 1 else "")
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
