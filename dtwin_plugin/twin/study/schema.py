"""The JSON Schema of twin files, from the tables of the reader; editors help with it while a file is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dtwin_plugin.models.json_members import PATTERNS, Key

from ..privacy import LEVELS
from .keys import (
    BETTER,
    DIFFERENCE_KEYS,
    FORMAT,
    FORMAT_VERSION,
    INDICATOR_KEYS,
    MEASURES,
    SCENARIO_KEYS,
    SOURCE_KEYS,
    STEP_KEYS,
    TWIN_KEYS,
)
from .reading import MOST

_TYPES = {"text": "string", "list": "array"}


def schema() -> dict[str, Any]:
    """Return the schema, JSON Schema 2020-12.

    It knows less than the reader: what links name, and whether files lie below the folder.

    >>> schema()["properties"]["format"]["const"]
    'dtwin-twin'
    """
    source = _object(SOURCE_KEYS)
    source["properties"]["privacy"] = {"enum": list(LEVELS), "description": SOURCE_KEYS["privacy"].doc}
    source["anyOf"] = [{"required": ["path"]}, {"required": ["url"]}]
    step, indicator = _object(STEP_KEYS), _object(INDICATOR_KEYS)
    step["properties"]["outputs"]["additionalProperties"] = {"type": "string", "pattern": r"^(\.[A-Za-z0-9]+)?$"}
    indicator["properties"]["better"] = {"enum": list(BETTER), "description": INDICATOR_KEYS["better"].doc}
    indicator["properties"]["measure"] = {"enum": list(MEASURES), "description": INDICATOR_KEYS["measure"].doc}
    whole = _object(TWIN_KEYS)
    whole["properties"].update(
        format={"const": FORMAT, "description": TWIN_KEYS["format"].doc},
        format_version={"const": FORMAT_VERSION, "description": TWIN_KEYS["format_version"].doc},
        area={"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
        sources={"type": "object", "additionalProperties": source, "description": TWIN_KEYS["sources"].doc},
        scenarios=_rows(_object(SCENARIO_KEYS), TWIN_KEYS["scenarios"], 1),
        steps=_rows(step, TWIN_KEYS["steps"], 1),
        indicators=_rows(indicator, TWIN_KEYS["indicators"], 0),
        differences=_rows(_object(DIFFERENCE_KEYS), TWIN_KEYS["differences"], 0),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Digital twin: sources, scenarios and their results",
        "description": "Form of twin files, version 1; described in docs/guide/scenarios.md.",
        **whole,
    }


def _rows(item: dict[str, Any], key: Key, least: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": MOST, "description": key.doc}


def _object(keys: Mapping[str, Key]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _value(key) for name, key in keys.items()},
        "required": [name for name, key in keys.items() if key.required],
        "additionalProperties": False,
    }


def _value(key: Key) -> dict[str, Any]:
    found: dict[str, Any] = {"type": _TYPES.get(key.kinds[0], key.kinds[0]), "description": key.doc}
    if key.kinds == ("text",):
        found["pattern"] = f"^{PATTERNS[key.form]}$" if key.form else r"\S"
    return found
