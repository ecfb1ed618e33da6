"""The JSON Schema of rule files, from the same tables as the reader; editors help with it while a file is written."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.json_members import PATTERNS
from dtwin_plugin.models.json_schema import object_schema

from .quantities import QUANTITIES
from .rule_keys import (
    AREA_KEYS,
    EVERYWHERE,
    FORMAT,
    FORMAT_VERSION,
    GEOMETRY_KEYS,
    GROUND,
    PEIL_KEYS,
    PLAN_RULE_KEYS,
    RULE_KEYS,
    SET_KEYS,
)


def schema() -> dict[str, Any]:
    """Return the schema, JSON Schema 2020-12.

    It knows less than the reader: which areas there are and overlap, whether a ring is closed, and which day exists.

    >>> schema()["properties"]["format"]["const"]
    'dtwin-rules'
    """
    area = object_schema(AREA_KEYS)
    area["properties"]["geometry"] = {**object_schema(GEOMETRY_KEYS), "oneOf": _polygons()}
    areas = {"type": "object", "propertyNames": _id_of_area(), "additionalProperties": area}
    top = object_schema(SET_KEYS)
    top["properties"].update(
        format={"const": FORMAT, "description": SET_KEYS["format"].doc},
        format_version={"const": FORMAT_VERSION, "description": SET_KEYS["format_version"].doc},
        peil={"oneOf": [{"const": GROUND}, object_schema(PEIL_KEYS)], "description": SET_KEYS["peil"].doc},
        areas={**areas, "description": SET_KEYS["areas"].doc},
        rules={"type": "array", "items": _rule(), "description": SET_KEYS["rules"].doc},
        plan_rules={**_plan_rules(), "description": SET_KEYS["plan_rules"].doc},
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules that plans are tested on",
        "description": "Form of rule files of the plan check, version 1; described in docs/models/plan-rules.md.",
        **top,
    }


def _id_of_area() -> dict[str, Any]:
    return {"pattern": f"^{PATTERNS['id']}$", "not": {"const": EVERYWHERE}}


def _polygons() -> list[dict[str, Any]]:
    corner = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
    ring = {"type": "array", "items": corner, "minItems": 4}
    polygon = {"type": "array", "items": ring, "minItems": 1}
    kinds = {"Polygon": polygon, "MultiPolygon": {"type": "array", "items": polygon, "minItems": 1}}
    return [{"properties": {"type": {"const": kind}, "coordinates": shape}} for kind, shape in kinds.items()]


def _settings(name: str) -> dict[str, Any]:
    known = QUANTITIES[name].settings
    return {
        "type": "object",
        "properties": {key: {"type": "number", "minimum": 0, "default": value} for key, value in known.items()},
        "additionalProperties": False,
    }


def _norm(unit: str) -> dict[str, Any]:
    return {"minimum": 0, **({"maximum": 100} if unit == "percent" else {})}  # null has no limits


def _limits(found: dict[str, Any]) -> dict[str, Any]:
    found["properties"]["tolerance"]["minimum"] = 0
    found["properties"]["tolerance"]["default"] = 0
    return found


def _rule() -> dict[str, Any]:
    """Return what a rule is: the quantity decides on the unit and the settings."""
    found = _limits(object_schema(RULE_KEYS))
    found["properties"]["quantity"] = {"enum": list(QUANTITIES), "description": RULE_KEYS["quantity"].doc}
    found["allOf"] = [
        {
            "if": {"properties": {"quantity": {"const": name}}, "required": ["quantity"]},
            "then": {
                "properties": {"norm": _norm(item.unit), "unit": {"const": item.unit}, "settings": _settings(name)}
            },
        }
        for name, item in QUANTITIES.items()
    ]
    return found


def _plan_rules() -> dict[str, Any]:
    found = {}
    for name in QUANTITIES:
        found[name] = _limits(object_schema(PLAN_RULE_KEYS))
        found[name]["properties"]["settings"] = _settings(name)
    return {"type": "object", "properties": found, "additionalProperties": False}
