"""The selection list: which results are kept for good, and which how long after what; a table of the organisation.

Columns: `code`, `title`, `appraisal` (B: kept for good, V: kept for a term), `term` (ISO 8601, `P10Y`), `trigger` (the
event after which the term runs), `source` (where the list is published). The shipped table is an example and no list
that anybody has adopted.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dtwin_plugin.errors import FormatError, InputError

KEEP, TERM = "B", "V"
APPRAISALS = {KEEP: "Blijvend te bewaren", TERM: "Tijdelijk te bewaren"}  # labels of MDTO's list
COLUMNS = ("code", "title", "appraisal", "term", "trigger", "source")
_LARGEST = 5_000_000  # bytes of a table; the list of the municipalities of 2020 is some 100 kB as text
_TERM = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")


@dataclass(frozen=True)
class Category:
    """A row of a selection list; attributes as its columns."""

    code: str
    title: str
    appraisal: str
    term: str = ""
    trigger: str = ""
    source: str = ""


def read_selection(path: Path) -> dict[str, Category]:
    """Return the categories of a selection list by their code.

    Raises
    ------
    FormatError
        If a column is missing, a code stands twice, or a row cannot be used.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig") if path.stat().st_size <= _LARGEST else ""
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.split("\n", 1)[0] else ","))
    except (UnicodeDecodeError, csv.Error):
        rows = []
    if not rows or set(COLUMNS) - set(rows[0]):
        raise FormatError(
            "{file} is no selection list; expected the columns {columns}.",
            hint="Start from resources/archive/selection_example.csv.",
            file=path.name,
            columns=", ".join(COLUMNS),
        )
    found: dict[str, Category] = {}
    for number, row in enumerate(rows, 2):
        category = Category(*((row[name] or "").strip() for name in COLUMNS))
        if category.code in found or not _is_usable(category):
            raise FormatError(
                "Row {row} of {file} cannot be used: a code once, appraisal B, or V with a term such as P10Y and its "
                "trigger.",
                hint="Correct the row.",
                row=number,
                file=path.name,
            )
        found[category.code] = category
    return found


def _is_usable(category: Category) -> bool:
    if not category.code or category.appraisal not in APPRAISALS:
        return False
    return category.appraisal == KEEP or bool(_TERM.fullmatch(category.term) and category.trigger)


def end_of(start: date, term: str) -> date:
    """Return the day on which a term ends that began on a day: 29 February becomes the 28th.

    >>> end_of(date(2024, 2, 29), "P1Y").isoformat(), end_of(date(2026, 1, 31), "P1M10D").isoformat()
    ('2025-02-28', '2026-03-10')
    """
    found = _TERM.fullmatch(term)
    if not found:
        raise InputError("{term} is no term; expected one such as P10Y.", term=term)
    years, months, days = (int(part or 0) for part in found.groups())
    month = start.month - 1 + months
    year, month = start.year + years + month // 12, month % 12 + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month, min(start.day, last)) + timedelta(days=days)
