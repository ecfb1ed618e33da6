"""The JSON Schema of descriptions, from the tables of the reader; editors help with it while a file is written."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.catalogue.entry import ACCESS_LEVELS
from dtwin_plugin.models.json_schema import object_schema

from .engine_text import LONGEST_TIME
from .fields import GEOMETRIES, INPUT_KINDS, MOST, NAME, OUTPUT_KINDS
from .keys import ENGINE_KEYS, FIELD_KEYS, FORMAT, FORMAT_VERSION, MODEL_KEYS, PLATFORMS
from .reading import ID


def schema() -> dict[str, Any]:
    """Return the schema, JSON Schema 2020-12.

    It knows less than the reader: whether names are there twice, files exist, and a default is within its limits.

    >>> schema()["properties"]["format"]["const"]
    'dtwin-model'
    """
    whole = object_schema(MODEL_KEYS)
    texts = {"type": "array", "items": {"type": "string"}}
    whole["properties"].update(
        format={"const": FORMAT, "description": MODEL_KEYS["format"].doc},
        format_version={"const": FORMAT_VERSION, "description": MODEL_KEYS["format_version"].doc},
        id={"type": "string", "pattern": f"^{ID.pattern}$", "description": MODEL_KEYS["id"].doc},
        privacy={"enum": list(ACCESS_LEVELS), "description": MODEL_KEYS["privacy"].doc},
        references={**texts, "description": MODEL_KEYS["references"].doc},
        inputs=_fields(INPUT_KINDS, MODEL_KEYS["inputs"].doc, 0),
        outputs=_fields(OUTPUT_KINDS, MODEL_KEYS["outputs"].doc, 1),
        engine={"oneOf": [_engine(kind) for kind in ENGINE_KEYS], "description": MODEL_KEYS["engine"].doc},
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Model of somebody else",
        "description": "Form of model.json, version 1; described in docs/models/own-models.md.",
        **whole,
    }


def _fields(kinds: tuple[str, ...], doc: str, least: int) -> dict[str, Any]:
    item = object_schema(FIELD_KEYS)
    item["properties"]["name"]["pattern"] = f"^{NAME.pattern}$"
    item["properties"]["kind"] = {"enum": list(kinds), "description": FIELD_KEYS["kind"].doc}
    item["properties"]["geometry"] = {"enum": list(GEOMETRIES), "description": FIELD_KEYS["geometry"].doc}
    for key in ("choices", "columns"):
        item["properties"][key].update(minProperties=1, additionalProperties={"type": "string"})
    return {"type": "array", "items": item, "minItems": least, "maxItems": MOST, "description": doc}


def _engine(kind: str) -> dict[str, Any]:
    found = object_schema(ENGINE_KEYS[kind])
    parts = found["properties"]
    parts["kind"] = {"const": kind, "description": ENGINE_KEYS[kind]["kind"].doc}
    if "timeout" in parts:
        parts["timeout"].update(exclusiveMinimum=0, maximum=LONGEST_TIME)
    if kind == "command":
        group = {"type": "array", "items": {"type": "string"}}
        words = {"type": "array", "items": {"anyOf": [{"type": "string"}, group]}, "minItems": 1}
        by_system = {"type": "object", "properties": dict.fromkeys(PLATFORMS, words), "additionalProperties": False}
        parts["command"] = {"anyOf": [words, by_system], "description": ENGINE_KEYS[kind]["command"].doc}
    if kind == "bmi":
        parts["rows"] = {"enum": ["north", "south"], "description": ENGINE_KEYS[kind]["rows"].doc}
    return found
