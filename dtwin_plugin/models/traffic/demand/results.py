"""What results of demand have in common: rows of statistics, and texts of names for columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = tuple[str, float, str]
COLUMNS = {"term": "1", "value": "1", "unit": "1"}


def table(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Return rows of term, value and unit as a table.

    >>> table([("trips", 5.0, "1")])
    {'term': ['trips'], 'value': [5.0], 'unit': ['1']}
    """
    found = list(rows)
    return {name: [row[k] for row in found] for k, name in enumerate(COLUMNS)}
