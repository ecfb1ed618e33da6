"""What a project keeps as text, read with care: a project is a file that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

MOST = 1000  # rows of a text, and names in one of them


def named_rows(text: str) -> list[dict[str, Any]]:
    """Return the rows of a JSON list that are mappings with a name, which may be empty; what is none is left out.

    >>> named_rows('[{"name": "A", "x": 1}, {"name": 7}, {"x": 2}, 3]')
    [{'name': 'A', 'x': 1}]
    >>> named_rows("{"), named_rows(""), named_rows('{"name": "A"}')
    ([], [], [])
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    rows = found[:MOST] if isinstance(found, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)]


def texts_of(row: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Return those of some values that are texts.

    >>> texts_of({"begin": "2026-01-01", "end": 3}, ("begin", "end", "note"))
    {'begin': '2026-01-01'}
    """
    return {name: row[name] for name in names if isinstance(row.get(name), str)}


def list_of_texts(found: Any) -> tuple[str, ...]:
    """Return the texts in a list; none of what is no list.

    >>> list_of_texts(["a", "", 3, "a"]), list_of_texts("ab"), list_of_texts(None)
    (('a', '', 'a'), (), ())
    """
    return tuple(text for text in found[:MOST] if isinstance(text, str)) if isinstance(found, list) else ()
