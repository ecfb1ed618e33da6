"""The form of a run record: its JSON Schema, and reading one that anybody may have written.

Both follow from the fields of the dataclasses. A record of an older version lacks fields, one of a newer has more.
"""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import FormatError

from .record import FORMAT, FORMAT_VERSION, InputRecord, RunRecord

LARGEST = 16_000_000  # bytes; a record of a run is some kB
MOST = 10_000  # entries of one list
_SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
_TEXT: dict[str, Any] = {"type": "string"}
# annotation of a field -> its form
_FORMS: dict[str, dict[str, Any]] = {
    "str": _TEXT,
    "int": {"type": "integer"},
    "list[str]": {"type": "array", "items": _TEXT},
    "dict[str, Any]": {"type": "object"},
    "dict[str, str]": {"type": "object", "additionalProperties": _TEXT},
    "list[InputRecord]": {"type": "array", "items": {"$ref": "#/$defs/input"}},
}
_PYTHON = {"str": str, "int": int, "list": list, "dict": dict}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a run record.

    >>> schema()["properties"]["model"]["type"], schema()["required"]
    ('string', ['model', 'model_version', 'title'])
    """
    form = _object(RunRecord)
    form["properties"]["format"] = {"const": FORMAT}
    form["properties"]["format_version"] = {"type": "integer", "minimum": 1, "maximum": FORMAT_VERSION}
    return {"$schema": _SCHEMA_ID, "title": "Run record", **form, "$defs": {"input": _object(InputRecord)}}


def _object(kind: type) -> dict[str, Any]:
    texts = _descriptions(kind.__doc__ or "")
    found = fields(kind)  # type: ignore[arg-type]
    properties = {item.name: {**_FORMS[str(item.type)], "description": texts[item.name]} for item in found}
    needed = [item.name for item in found if item.default is MISSING and item.default_factory is MISSING]
    return {"type": "object", "required": needed, "properties": properties}


def _descriptions(doc: str) -> dict[str, str]:
    """Return what the docstring says of each attribute."""
    _, _, rest = doc.partition("----------\n")
    result = {}
    for names, text in re.findall(r"^    ([a-z_0-9, ]+) : [^\n]+\n((?:        [^\n]+\n)+)", rest, re.MULTILINE):
        result.update(dict.fromkeys(names.split(", "), " ".join(text.split())))
    return result


def read_record(path: Path) -> RunRecord:
    """Return the record in a file.

    Raises
    ------
    FormatError
        If it is no run record, or one of a later version of the form.
    """
    try:
        found = json.loads(path.read_bytes()) if path.stat().st_size <= LARGEST else None
        record = record_of(found)
    except (OSError, ValueError, RecursionError):  # not UTF-8, no JSON, too deep
        record = None
    if record is None:
        raise FormatError("{file} is not a run record.", hint="Choose the JSON that a run wrote.", file=path.name)
    if record.format_version > FORMAT_VERSION:
        raise FormatError(
            "{file} is a run record of version {found}; this plugin reads {known}.",
            hint="Install a newer version of the plugin.",
            file=path.name,
            found=record.format_version,
            known=FORMAT_VERSION,
        )
    return record


def record_of(found: Any) -> RunRecord | None:
    """Return a record of what JSON gave, None if it is none; fields that are not known are left out."""
    values = _values(RunRecord, found)
    if values is None or values.get("format", FORMAT) != FORMAT:
        return None
    inputs = [_values(InputRecord, row) for row in values.get("inputs", [])]
    if any(row is None for row in inputs):
        return None
    return RunRecord(**{**values, "inputs": [InputRecord(**row) for row in inputs if row is not None]})


def _values(kind: type, found: Any) -> dict[str, Any] | None:
    """Return the values of the fields of a kind, None where one is missing or of another type."""
    if not isinstance(found, dict):
        return None
    values = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if item.name not in found:
            if item.default is MISSING and item.default_factory is MISSING:
                return None
            continue
        value = found[item.name]
        if not _is(value, str(item.type)):
            return None
        values[item.name] = value
    return values


def _is(value: Any, annotation: str) -> bool:
    """Tell whether a value is of the type of a field.

    >>> _is(["a"], "list[str]"), _is([1], "list[str]"), _is(True, "int")
    (True, False, False)
    """
    outer, _, inner = annotation.partition("[")
    if not isinstance(value, _PYTHON[outer]) or isinstance(value, bool):
        return False
    if isinstance(value, (list, dict)) and len(value) > MOST:
        return False
    if inner.endswith("str]"):
        items: Any = value.values() if isinstance(value, dict) else value
        return all(isinstance(item, str) for item in items)
    return True
