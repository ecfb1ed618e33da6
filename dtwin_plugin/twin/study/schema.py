"""The JSON Schema of twin files, from the tables of the reader; editors help with it while a file is written."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.json_members import Key
from dtwin_plugin.models.json_schema import object_schema

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


def schema() -> dict[str, Any]:
    """Return the schema, JSON Schema 2020-12.

    It knows less than the reader: what links name, and whether files lie below the folder.

    >>> schema()["properties"]["format"]["const"]
    'dtwin-twin'
    """
    source = object_schema(SOURCE_KEYS)
    source["properties"]["privacy"] = {"enum": list(LEVELS), "description": SOURCE_KEYS["privacy"].doc}
    source["anyOf"] = [{"required": ["path"]}, {"required": ["url"]}]
    step, indicator = object_schema(STEP_KEYS), object_schema(INDICATOR_KEYS)
    step["properties"]["outputs"]["additionalProperties"] = {"type": "string", "pattern": r"^(\.[A-Za-z0-9]+)?$"}
    indicator["properties"]["better"] = {"enum": list(BETTER), "description": INDICATOR_KEYS["better"].doc}
    indicator["properties"]["measure"] = {"enum": list(MEASURES), "description": INDICATOR_KEYS["measure"].doc}
    whole = object_schema(TWIN_KEYS)
    whole["properties"].update(
        format={"const": FORMAT, "description": TWIN_KEYS["format"].doc},
        format_version={"const": FORMAT_VERSION, "description": TWIN_KEYS["format_version"].doc},
        area={"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
        sources={"type": "object", "additionalProperties": source, "description": TWIN_KEYS["sources"].doc},
        scenarios=_rows(object_schema(SCENARIO_KEYS), TWIN_KEYS["scenarios"], 1),
        steps=_rows(step, TWIN_KEYS["steps"], 1),
        indicators=_rows(indicator, TWIN_KEYS["indicators"], 0),
        differences=_rows(object_schema(DIFFERENCE_KEYS), TWIN_KEYS["differences"], 0),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Digital twin: sources, scenarios and their results",
        "description": "Form of twin files, version 1; described in docs/guide/scenarios.md.",
        **whole,
    }


def _rows(item: dict[str, Any], key: Key, least: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": MOST, "description": key.doc}
