"""Statistics as a table: a row for each term, with its value and unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = tuple[str, float, str]
TERMS = {"term": "1", "value": "1", "unit": "1"}  # columns and their units


def term_table(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Return rows of term, value and unit as a table.

    >>> term_table([("trips", 5.0, "1")])
    {'term': ['trips'], 'value': [5.0], 'unit': ['1']}
    """
    found = list(rows)
    return {name: [row[k] for row in found] for k, name in enumerate(TERMS)}
