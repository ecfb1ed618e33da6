"""The JSON Schema of files that people write, from the same tables as their readers; editors help with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .json_members import PATTERNS, Key

_TYPES = {"text": "string", "list": "array"}


def object_schema(keys: Mapping[str, Key]) -> dict[str, Any]:
    """Return the schema of an object with these keys and no others.

    >>> object_schema({"title": Key(("text",), "A name.")})["required"]
    ['title']
    """
    return {
        "type": "object",
        "properties": {name: value_schema(key) for name, key in keys.items()},
        "required": [name for name, key in keys.items() if key.required],
        "additionalProperties": False,
    }


def value_schema(key: Key) -> dict[str, Any]:
    r"""Return the schema of the value of a key; a text is never empty.

    >>> value_schema(Key(("text", "null"), "A name."))
    {'type': ['string', 'null'], 'description': 'A name.', 'pattern': '\\S'}
    """
    types = [_TYPES.get(kind, kind) for kind in key.kinds]
    found: dict[str, Any] = {"type": types[0] if len(types) == 1 else types, "description": key.doc}
    if "text" in key.kinds:
        found["pattern"] = f"^{PATTERNS[key.form]}$" if key.form else r"\S"
    return found
