"""A model as an OGC API - Processes description (OGC 18-062r2, clause 7.10), from its description alone."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Field, Model

from .media.formats import CITYJSON, GEOJSON, GML, JSON_FG, WRITTEN
from .media.value import JSON

# How a process can be executed, and how its results are sent, by the server of this house (clause 7.10).
JOB_CONTROL = ("sync-execute", "async-execute", "dismiss")
TRANSMISSION = ("value", "reference")
_BBOX = {"$ref": "https://schemas.opengis.net/ogcapi/processes/part1/1.0/openapi/schemas/bbox.yaml"}
_JSON = (JSON_FG, GEOJSON, CITYJSON, JSON)  # written as an object of JSON and not as a text
_SCHEMAS: dict[str, dict[str, Any]] = {
    "extent": {"allOf": [{"format": "ogc-bbox"}, _BBOX]},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
    "text": {"type": "string"},
}


def process_description(model: Model) -> dict[str, Any]:
    """Return the description of a model as a server publishes it."""
    return {
        "id": model.id,
        "title": model.title,
        "description": model.summary,
        "version": model.version,
        "keywords": [model.group],
        "jobControlOptions": list(JOB_CONTROL),
        "outputTransmission": list(TRANSMISSION),
        "inputs": {
            item.name: {**_common(item), "minOccurs": 0 if item.optional or item.default is not None else 1}
            for item in model.inputs
        },
        "outputs": {item.name: _common(item) for item in model.outputs},
    }


def _common(item: Field) -> dict[str, Any]:
    return {"title": item.label(), "description": item.doc, "schema": schema(item)}


def schema(item: Field) -> dict[str, Any]:
    """Return the JSON Schema of a field; the unit stands in `x-ogc-unit`.

    >>> schema(Field("n", "n", "number", "m", default=1.0, minimum=0))
    {'type': 'number', 'default': 1.0, 'minimum': 0, 'x-ogc-unit': 'm'}
    """
    result = dict(_SCHEMAS.get(item.kind) or _by_media_type(item.kind))
    for key, value in (("default", item.default), ("minimum", item.minimum), ("maximum", item.maximum)):
        if value is not None:
            result[key] = value
    if item.choices:
        result["enum"] = list(item.choices)
    if item.columns:
        result["properties"] = {name: {"type": "array", "x-ogc-unit": unit} for name, unit in item.columns.items()}
    if item.unit != "1":
        result["x-ogc-unit"] = item.unit
    return result | _told_apart(item)


def _told_apart(item: Field) -> dict[str, Any]:
    """Return what a client of ours reads back, where the schema is that of more kinds."""
    found: dict[str, Any] = {"x-dtwin-kind": item.kind} if item.kind in ("voxels", "table") else {}
    if item.geometry:
        found["x-dtwin-geometry"] = item.geometry
    return {**found, "x-dtwin-series": True} if item.series else found


def _by_media_type(kind: str) -> dict[str, Any]:
    """Return the schema of what travels as a document: one for each media type that it may have."""
    forms = [
        {"type": "object", "contentMediaType": name}
        if name in _JSON
        else {"type": "string", **({} if name == GML else {"contentEncoding": "binary"}), "contentMediaType": name}
        for name in WRITTEN[kind]
    ]
    return forms[0] if len(forms) == 1 else {"oneOf": forms}
