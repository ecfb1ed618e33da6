"""Tables of defaults that ship as CSV, and a user's own in their place."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file


def shipped(folder: str, name: str) -> Path:
    """Return the path of a table that ships with the models of a domain, such as flood or traffic."""
    return plugin_file("resources", folder, name)


def rows_of(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a table, with at least these columns; as Excel saves it too, with `;` between values.

    Raises
    ------
    InputError
        If it cannot be read, has no rows or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("{file} cannot be read: {reason}.", file=path.name, reason=str(error)) from error
    lines = text.splitlines()
    separator = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    rows = [
        {str(name).strip().lower(): (value or "").strip() for name, value in row.items() if isinstance(value, str)}
        for row in csv.DictReader(lines, delimiter=separator)
    ]
    missing = [name for name in columns if not rows or name not in rows[0]]
    if missing:
        raise InputError(
            "{file} has no column {missing} or no rows; expected the columns {expected}.",
            file=path.name,
            missing=", ".join(missing),
            expected=", ".join(columns),
        )
    return rows


def number_of(row: dict[str, str], column: str, low: float, high: float, file: str) -> float:
    """Return a number of a row, with a point or a comma in it.

    Raises
    ------
    InputError
        If it is none, or outside its limits.

    Examples
    --------
    >>> number_of({"rain": "19,8"}, "rain", 0, 1000, "events.csv")
    19.8
    """
    found: Any = row.get(column, "")
    try:
        value = float(found.replace(",", "."))
    except ValueError:
        value = np.nan
    if not low <= value <= high:
        raise InputError(
            "{file} has {found} for {column} in the row {row}; expected a number from {low} to {high}.",
            file=file,
            found=repr(found),
            column=column,
            row=next(iter(row.values()), ""),
            low=low,
            high=high,
        )
    return value
