"""The header of a GEF file, however it was written: lines of a keyword and its values, and then the data.

References
----------
CUR (2000s), Geotechnical Exchange Format for the ASCII data exchange of geotechnical data (GEF), version 1.1.0.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Final

from dtwin_plugin.errors import FormatError

LINES: Final = 20_000  # lines of a header: ten times what all reserved numbers together take

_LINE = re.compile(r"\s*#\s*([A-Za-z_]+)\s*[=:]?\s*(.*)", re.DOTALL)
_QUOTED = re.compile(r'\s*"\s*#.*"\s*\Z')
_LOOK = 100  # lines in which a header in quotes shows
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eEdD][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Column:
    """What a column holds: its name and unit as written, the number of its quantity (0 if none) and its void."""

    name: str
    unit: str
    quantity: int
    void: float = math.nan


@dataclass(frozen=True)
class Header:
    r"""The header of a GEF: for each keyword in capitals its lines, each a list of values.

    >>> header = parse("#GEFID= 1, 1, 0\n#XYID= 31000, 84000, 447000\n#EOH=\n0.0 1.5", "a.gef")
    >>> header.first("XYID"), header.raw("gefid"), header.body
    (['31000', '84000', '447000'], '1, 1, 0', ('0.0 1.5',))
    """

    file: str
    lines: dict[str, list[list[str]]]
    body: tuple[str, ...]
    ended: bool = True  # it has #EOH=
    _numbered: dict[str, dict[int, list[str]]] = field(default_factory=dict, compare=False, repr=False)

    def first(self, keyword: str) -> list[str]:
        """Return the values of the first line of a keyword that has any; none if there is none."""
        return next((values for values in self.lines.get(keyword.upper(), []) if any(values)), [])

    def raw(self, keyword: str) -> str | None:
        """Return that line as text."""
        return ", ".join(self.first(keyword)) or None

    def numbered(self, keyword: str) -> dict[int, list[str]]:
        """Return the lines of a keyword by their number, which is their first value; the first of a number counts."""
        if keyword in self._numbered:
            return self._numbered[keyword]
        found: dict[int, list[str]] = {}
        for values in self.lines.get(keyword.upper(), []):
            number = to_number(values[0])
            if number == number and abs(number) < 1e6:
                found.setdefault(int(number), values[1:])
        self._numbered[keyword] = found
        return found

    def variable(self, number: int) -> float:
        """Return a MEASUREMENTVAR by its number, NaN if it is not there."""
        values = self.numbered("MEASUREMENTVAR").get(number, [])
        return to_number(values[0]) if values else math.nan

    def text(self, number: int) -> str:
        """Return a MEASUREMENTTEXT by its number."""
        values = self.numbered("MEASUREMENTTEXT").get(number, [])
        return values[0] if values and values[0] not in ("-", "onbekend") else ""

    def columns(self) -> dict[int, Column]:
        """Return what is known of the columns, by their place (from 0)."""
        voids = self.numbered("COLUMNVOID")
        found = {}
        for number, values in sorted(self.numbered("COLUMNINFO").items()):
            unit, name, quantity = (
                (*values, "", "", "")[:3] if len(values) <= 3 else (values[0], values[-2], values[-1])
            )
            code = to_number(quantity)
            void = to_number(voids[number][0]) if voids.get(number) else math.nan
            if 1 <= number <= 1000:
                found[number - 1] = Column(name, unit, int(code) if 0 < code < 1000 else 0, void)
        return found


def to_number(text: str) -> float:
    """Return a number, also one with a decimal comma; NaN where it is none.

    >>> to_number(" 1,5 "), to_number("-"), to_number("2.0E-02"), to_number("1e999")
    (1.5, nan, 0.02, nan)
    """
    text = text.strip()
    if _NUMBER.fullmatch(text) is None:
        return math.nan
    number = float(text.replace(",", ".").replace("d", "e").replace("D", "e"))
    return number if math.isfinite(number) else math.nan


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8 where it is that, else the Latin of Windows, which most writers mean."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def parse(text: str, file: str) -> Header:
    """Return the header of a GEF with the lines of its data.

    Without #EOH= the data begin at the first line that begins with a number.

    Raises
    ------
    FormatError
        If no line has a keyword, or the header does not end.
    """
    lines: dict[str, list[list[str]]] = {}
    all_lines = _lines(text)
    for number, line in enumerate(all_lines):
        if number > LINES:
            raise FormatError(
                "The header of {file} has more than {limit} lines.", file=file, limit=LINES, hint="Export it again."
            )
        found = _LINE.match(line)
        if found is None:
            if lines and _starts_with_number(line):
                return Header(file, lines, tuple(all_lines[number:]), False)
            continue  # the rest of a line that was broken off
        keyword, values = found[1].upper(), found[2]
        if keyword == "EOH":
            return Header(file, lines, tuple(all_lines[number + 1 :]), True)
        lines.setdefault(keyword, []).append([value.strip() for value in values.split(",")])
    if not lines:
        raise FormatError(
            "{file} has no header of GEF: no line begins with # and a keyword.",
            hint="Export it again.",
            file=file,
        )
    return Header(file, lines, (), False)


def _lines(text: str) -> list[str]:
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if any(_QUOTED.match(line) for line in lines[:_LOOK]):  # saved by a spreadsheet: a line with commas in quotes
        lines = [line.strip()[1:-1].replace('""', '"') if _QUOTED.match(line) else line for line in lines]
    return lines


def _starts_with_number(line: str) -> bool:
    return _NUMBER.match(line.strip()) is not None
