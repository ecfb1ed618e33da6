"""Text files of several tables below each other: a title, a line of names, rows, and an empty line."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.gef.header import decode, to_number
from dtwin_plugin.sources.log_files import Stop

_DIGITS = re.compile(r"\d+", re.ASCII)
_LOOK = 10_000  # rows between looks at whether the user wants to stop: 0.2 s
LINES = 2_000_000  # of one file: a measurement every 5 minutes for 19 years


@dataclass
class Block:
    """A table: its title ("" if it has none), the names of its columns in small letters, and rows of texts."""

    title: str
    names: list[str]
    rows: list[list[str]] = field(default_factory=list)

    def place(self, *parts: str) -> int | None:
        """Return which column has this name, or has all these parts in it; None if none has.

        >>> Block("", ["stand (cm t.o.v. nap)", "stand (cm t.o.v. mv)"]).place("stand", "mv")
        1
        """
        if len(parts) == 1 and parts[0] in self.names:
            return self.names.index(parts[0])
        return next((n for n, name in enumerate(self.names) if all(part in name for part in parts)), None)

    def texts(self, *parts: str) -> list[str | None]:
        """Return a column as texts, None where a row has none."""
        place = self.place(*parts)
        return [None if place is None or place >= len(row) else (row[place] or None) for row in self.rows]

    def numbers(self, *parts: str) -> Any:
        """Return a column as numbers, NaN where it is none."""
        return np.array([math.nan if text is None else to_number(text) for text in self.texts(*parts)], np.float64)

    def first(self, *parts: str) -> str | None:
        """Return a column of the first row."""
        return next(iter(self.texts(*parts)), None)

    def number(self, *parts: str) -> float:
        """Return a column of the first row as a number."""
        text = self.first(*parts)
        return math.nan if text is None else to_number(text)


def rows_of(data: bytes, file: str, stop: Stop) -> Iterator[list[str]]:
    """Yield the rows of a text file; an empty list for an empty line.

    Raises
    ------
    FormatError
        If it is no text, or has too many lines.
    """
    text = decode(data)
    if "\0" in text[:4096]:
        raise FormatError("{file} is no text file.", file=file)
    head = text[:4096]
    delimiter = max((",", ";", "\t"), key=head.count)
    lines = text.splitlines()
    if len(lines) > LINES:
        raise FormatError(
            "{file} has {count} lines; expected {limit} at most.", file=file, count=len(lines), limit=LINES
        )
    try:
        for number, row in enumerate(csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter)):
            if number % _LOOK == 0:
                stop()
            cells = [cell.strip() for cell in row]
            yield cells if any(cells) else []
    except csv.Error as error:
        raise FormatError(
            "{file} cannot be read as a table: {reason}.", hint="Download it again.", file=file, reason=error
        ) from error


def blocks_of(rows: Iterable[list[str]]) -> list[Block]:
    """Return the tables of a file; a line with one cell before a line of names is its title.

    Gauges of before 2020 have an empty line between the names and the first row.

    >>> blocks_of([["well", "level"], [], ["P1", "12"]])
    [Block(title='', names=['well', 'level'], rows=[['P1', '12']])]
    >>> blocks_of([["Data", ""], ["a", "b"], ["1", "2"], [], ["c", "d"]])
    [Block(title='data', names=['a', 'b'], rows=[['1', '2']]), Block(title='', names=['c', 'd'], rows=[])]
    """
    blocks: list[Block] = []
    title, open_block = "", False
    for row in rows:
        if not row:
            title, open_block = "", False
        elif open_block or (blocks and not title and _continues(blocks[-1], row)):
            open_block = True
            blocks[-1].rows.append(row)
        elif sum(map(bool, row)) == 1 and row[0] and not title:
            title = row[0].lower()
        else:
            blocks.append(Block(title, [cell.lower() for cell in row]))
            open_block = True
    return blocks


def _continues(block: Block, row: list[str]) -> bool:
    """Tell whether a row below an empty line belongs to names without rows: these have no number, and it has."""
    if block.rows or len(row) < 2 or len(block.names) < 2:
        return False
    return any(map(_is_value, row)) and not any(map(_is_value, block.names))


def _is_value(cell: str) -> bool:
    return not math.isnan(to_number(cell)) or not np.isnat(date_of(cell))


def date_of(text: str | None) -> np.datetime64:
    """Return a Dutch date (day, month, year), perhaps with a time, as a moment; NaT where it is none.

    >>> [str(date_of(text)) for text in ("28-02-1985", "1-3-1985 12:30", "1985-02-28", "?")]
    ['1985-02-28T00:00:00', '1985-03-01T12:30:00', '1985-02-28T00:00:00', 'NaT']
    """
    day, _, time = (text or "").strip().replace("/", "-").replace("T", " ").partition(" ")
    parts = day.split("-")
    if len(parts) == 3 and all(map(_DIGITS.fullmatch, parts)):
        first, month, last = parts
        year, number = (first, last) if len(first) == 4 else (last, first)
        clock = time.strip()[:8] if _DIGITS.fullmatch(time.strip().replace(":", "")) else "00:00:00"
        clock = ":".join([*(part.zfill(2) for part in clock.split(":")), "00", "00"][:3])
        try:
            return np.datetime64(f"{year.zfill(4)}-{month.zfill(2)}-{number.zfill(2)}T{clock}", "s")
        except ValueError:
            pass
    return np.datetime64("NaT", "s")


def iso_day(moment: np.datetime64) -> str | None:
    """Return the day of a moment, None where it is none.

    >>> iso_day(date_of("28-02-1985"))
    '1985-02-28'
    """
    return None if np.isnat(moment) else str(moment)[:10]


def objects(values: Iterable[Any]) -> Any:
    """Return values as an array of objects."""
    kept = list(values)
    result = np.empty(len(kept), object)
    result[:] = kept
    return result
