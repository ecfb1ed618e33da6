"""The CSV files of a GWSW-Hyd set, from a zip, a folder, or one of them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.archive import Member, members

Row = Mapping[str, str]
NAMES = (
    "knooppunt",
    "verbinding",
    "profiel",
    "kunstwerk",
    "debiet",
    "verloop",
    "oppervlak",
    "nwrw",
    "itobject",
    "meta",
)
REQUIRED = ("knooppunt", "verbinding")
_LARGEST = 500_000_000  # bytes of one table


def read_tables(path: Path) -> dict[str, list[Row]]:
    """Return the rows of each table by its name in small letters; a table that is not there is empty.

    Parameters
    ----------
    path : Path
        A zip, a folder, or one of the files: those beside it are read too.

    Raises
    ------
    SourceError, FormatError
        If a file cannot be read, or there is no Knooppunt.csv or Verbinding.csv.
    """
    found = _members(path)
    missing = [name.capitalize() for name in REQUIRED if name not in found]
    if missing:
        raise FormatError(
            "{file} is no GWSW-Hyd set: it has no {missing}.csv.",
            hint="Choose the zip, or the file Knooppunt.csv of an unpacked set.",
            file=path.name,
            missing=missing[0],
        )
    return {name: _rows(found[name]) if name in found else [] for name in NAMES}


def _members(path: Path) -> dict[str, Member]:
    if path.is_dir() or path.suffix.lower() == ".csv":
        folder = path if path.is_dir() else path.parent
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".csv")
        listed = [Member(file, (), file.stat().st_size) for file in files]
    else:
        listed = list(members(path, lambda name: name.lower().endswith(".csv")))
    return {_table(member.name): member for member in listed if _table(member.name) in NAMES}


def _table(name: str) -> str:
    """Return the table that a file holds: names may have a prefix or a suffix.

    >>> _table("Knooppunt.csv"), _table("delft_Verbinding1.csv"), _table("readme.csv")
    ('knooppunt', 'verbinding', '')
    """
    stem = name.lower().rsplit(".", 1)[0]
    return next((known for known in NAMES if known in stem), "")


def _rows(member: Member) -> list[Row]:
    if member.size > _LARGEST:
        raise FormatError("{file} is too large for a table of GWSW-Hyd.", file=member.name)
    with member.open() as stream:
        raw = stream.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    lines = csv.reader(io.StringIO(text), delimiter=";")
    header = [name.strip().upper() for name in next(lines, [])]
    if len(header) < 2:
        raise FormatError("{file} is no table with semicolons between its columns.", file=member.name)
    return [dict(zip(header, (cell.strip() for cell in line))) for line in lines if any(cell.strip() for cell in line)]


def number(row: Row, name: str) -> float:
    """Return a number, NaN for none; a comma may stand for the point.

    >>> number({"BOB_KN1": "0,55"}, "BOB_KN1"), number({}, "BOB_KN1")
    (0.55, nan)
    """
    try:
        return float(row.get(name, "").replace(",", "."))
    except ValueError:
        return math.nan
