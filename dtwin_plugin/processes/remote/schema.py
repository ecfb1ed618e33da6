"""A JSON Schema of an input or output to the kind of field that it is (OGC 18-062r2, 7.10 and annex on schemas)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..media import WRITTEN, known
from ..media.formats import CITYJSON, COPC, GEOJSON, GEOPACKAGE, GEOTIFF, GML, JSON_FG, LAYER, NETCDF

_DEEPEST = 12  # schemas within each other
_MOST = 400  # schemas that are looked at for one field; those that refer to themselves multiply
_LISTED = 1000  # values of an enumeration

_OF_MEDIA = {GEOTIFF: "grid", GEOJSON: "features", JSON_FG: "features", GEOPACKAGE: "features", GML: "features",
             CITYJSON: "surfaces", COPC: "points", NETCDF: "file", LAYER: "file"}  # fmt: skip
_OF_FORMAT = {
    "ogc-bbox": "extent", "geojson-geometry": "features", "geojson-feature": "features", "date-time": "datetime",
    "geojson-feature-collection": "features", "date": "datetime", "geojson-geometry-collection": "features",
}  # fmt: skip
# What a schema elsewhere stands for, by the end of its address; it is never fetched.
_OF_REFERENCE = {
    "bbox.json": "extent", "bbox.yaml": "extent", "geometry.json": "features", "feature.json": "features",
    "featurecollection.json": "features", "geojson.json": "features", "point.json": "features",
    "polygon.json": "features", "linestring.json": "features", "multipolygon.json": "features",
    "geometrygeojson.yaml": "features", "featuregeojson.yaml": "features", "featurecollectiongeojson.yaml": "features",
    "cityjson.schema.json": "surfaces", "cityjson.min.schema.json": "surfaces",
}  # fmt: skip
_BEST = ("grid", "surfaces", "features", "extent", "points", "datetime", "choice", "boolean", "integer", "number",
         "text", "file")  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What a schema asks.

    Attributes
    ----------
    kind : str
        Of the field; a "text" may hold JSON.
    media_types : tuple of str
        That it may be written as, in the server's spelling.
    values : tuple
        Of an enumeration, as they are sent.
    is_json : bool
        Of a "text": the value is JSON.
    is_list : bool
        The value stands in a list of one.
    is_date : bool
        Of a "datetime": without a time.
    minimum, maximum, default : object
        None where there is none.
    columns, geometry, is_series
        As of a `Field`, where a server of ours tells them.
    may_be_null, is_understood : bool
    """

    kind: str
    media_types: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    is_json: bool = False
    is_list: bool = False
    is_date: bool = False
    minimum: float | None = None
    maximum: float | None = None
    default: Any = None
    unit: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    geometry: str = ""
    is_series: bool = False
    may_be_null: bool = False
    is_understood: bool = True


JSON_TEXT = Shape("text", is_json=True, is_understood=False)


def shape_of(schema: Any, root: Any = None, is_inner: bool = False) -> Shape:
    """Return what a schema asks; one that is not understood is text with JSON.

    References within the description are followed, others are known by their name or not at all. What is `is_inner`
    stands in a list: a list within a list is JSON whatever it holds, so one of itself is not followed for ever.

    >>> shape_of({"type": "number", "minimum": 0, "exclusiveMinimum": True, "default": 5}).kind
    'number'
    >>> shape_of({"allOf": [{"format": "ogc-bbox"}, {"$ref": "../openapi/schemas/bbox.yaml"}]}).kind
    'extent'
    >>> shape_of({"type": "array", "items": {"type": "integer"}}).is_json
    True
    """
    flat = list(_flattened(schema, root, 0, [0]))
    nullable = any(one.get("nullable") is True or _is_null(one) for one in flat)
    found = [shape for one in flat if (shape := _one(one, root, is_inner)) is not None]
    if not found:
        return JSON_TEXT
    kind = min((shape.kind for shape in found), key=_BEST.index)
    same = [shape for shape in found if shape.kind == kind]
    first = next((shape for shape in same if shape.is_understood), same[0])
    types = tuple(dict.fromkeys(name for shape in same for name in shape.media_types))
    values = tuple(dict.fromkeys(value for shape in same for value in shape.values))
    own = schema if isinstance(schema, Mapping) else {}
    if own.get("x-dtwin-kind") == "voxels" and kind == "features":
        kind, types = "voxels", (GEOPACKAGE,)
    columns = _columns(own) if own.get("x-dtwin-kind") == "table" else ()
    kind = "table" if columns else kind
    geometry = next((one for one in ("point", "line", "polygon") if one == own.get("x-dtwin-geometry")), "")
    limits = {name: next((v for s in same if (v := getattr(s, name)) is not None), None)
              for name in ("minimum", "maximum", "default", "unit")}  # fmt: skip
    default = own.get("default") if "default" in own else limits["default"]
    is_json = first.is_json and not any(not shape.is_json for shape in same)
    return Shape(
        kind, types, values, is_json, first.is_list, first.is_date, limits["minimum"], limits["maximum"], default,
        _unit(own) or limits["unit"] or "", columns, geometry, own.get("x-dtwin-series") is True, nullable,
        first.is_understood,
    )  # fmt: skip


def _columns(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the columns of a table with their units."""
    found = schema.get("properties")
    rows = list(found.items())[:_LISTED] if isinstance(found, Mapping) else []
    return tuple((str(name), _unit(row) or "1") for name, row in rows if isinstance(row, Mapping))


def _flattened(schema: Any, root: Any, depth: int, seen: list[int]) -> Iterator[Mapping[str, Any]]:
    """Yield the alternatives of a schema; those of which all must hold are joined."""
    seen[0] += 1
    if not isinstance(schema, Mapping) or depth > _DEEPEST or seen[0] > _MOST:
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        inner = _resolved(reference, root)
        yield from _flattened(inner, root, depth + 1, seen) if inner is not None else [schema]
        return
    for word in ("oneOf", "anyOf"):
        if isinstance(schema.get(word), list):
            for one in schema[word]:
                yield from _flattened(one, root, depth + 1, seen)
            if "type" not in schema or schema.get("type") == "object":
                return
    if isinstance(schema.get("allOf"), list):
        joined: dict[str, Any] = {}
        for one in schema["allOf"]:
            for part in _flattened(one, root, depth + 1, seen):
                joined |= part
        yield {**joined, **{name: value for name, value in schema.items() if name != "allOf"}}
        return
    yield schema


def _resolved(reference: str, root: Any) -> Any:
    """Return what a reference within the document leads to (RFC 6901); None for another."""
    if not reference.startswith("#/"):
        return None
    found = root
    for part in reference[2:].split("/")[:_DEEPEST]:
        part = part.replace("~1", "/").replace("~0", "~")
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _one(schema: Mapping[str, Any], root: Any, is_inner: bool) -> Shape | None:
    """Return what one alternative asks; None for null and for what is nothing."""
    if _is_null(schema):
        return None
    more: dict[str, Any] = {"default": schema.get("default"), "unit": _unit(schema)}
    types = _media_types(schema)
    reference = schema.get("$ref")
    by_name = _OF_REFERENCE.get(reference.rpartition("/")[2].lower(), "") if isinstance(reference, str) else ""
    form = schema.get("format")
    kind = _of_media(types) or (_OF_FORMAT.get(form, "") if isinstance(form, str) else "") or by_name
    if kind:
        types = types if kind in WRITTEN else ()
        if kind == "features" and not types:
            types = (GEOJSON,)
        return Shape(kind, types, is_date=form == "date", **more)
    name = _type(schema)
    if types and name != "object" and not isinstance(schema.get("enum"), list):
        is_plain = all(known(one).startswith("text/") and known(one) != "text/csv" for one in types)
        return Shape("text" if is_plain else "file", types, **more)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(values, list) and values and all(isinstance(one, (str, int, float)) for one in values):
        return Shape("choice", values=tuple(values[:_LISTED]), **more)
    return _plain(schema, name, root, is_inner, more)


def _plain(schema: Mapping[str, Any], name: str, root: Any, is_inner: bool, more: dict[str, Any]) -> Shape | None:
    if name in ("number", "integer"):
        return Shape(name, minimum=_low(schema, name), maximum=_high(schema, name), **more)
    if name == "boolean":
        return Shape("boolean", **more)
    if name == "string":
        return Shape("file" if schema.get("contentEncoding") in ("binary", "base64") else "text", **more)
    if name == "array" and not is_inner:
        inner = shape_of(schema.get("items"), root, is_inner=True)
        least = schema.get("minItems", 0)
        if inner.kind in WRITTEN and inner.kind != "text" and isinstance(least, int) and least <= 1:
            return Shape(inner.kind, inner.media_types, is_list=True)
        return Shape("text", is_json=True, **more)
    if name in ("object", "array"):
        return Shape("text", is_json=True, **more)
    return None if not schema or "$ref" in schema else JSON_TEXT


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type, guessed where it is not told; of several the first that is not null."""
    found = schema.get("type")
    if isinstance(found, list):
        found = next((one for one in found if one != "null"), "")
    if isinstance(found, str) and found:
        return found
    guessed = {"properties": "object", "items": "array", "pattern": "string", "minimum": "number", "maximum": "number"}
    return next((name for word, name in guessed.items() if word in schema), "")


def _is_null(schema: Mapping[str, Any]) -> bool:
    found = schema.get("type")
    return found == "null" or (isinstance(found, list) and "null" in found and len(found) == 1)


def _media_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    found = schema.get("contentMediaType")
    names = found if isinstance(found, list) else [found]
    return tuple(one for one in names[:50] if isinstance(one, str) and one)


def _of_media(types: tuple[str, ...]) -> str:
    return next((kind for one in types if (kind := _OF_MEDIA.get(known(one), ""))), "")


def _unit(schema: Mapping[str, Any]) -> str:
    found = next((schema[word] for word in ("x-ogc-unit", "uom", "unit") if isinstance(schema.get(word), str)), "")
    return found[:40]


def _low(schema: Mapping[str, Any], name: str) -> float | None:
    return _limit(schema.get("minimum"), schema.get("exclusiveMinimum"), name, math.inf)


def _high(schema: Mapping[str, Any], name: str) -> float | None:
    return _limit(schema.get("maximum"), schema.get("exclusiveMaximum"), name, -math.inf)


def _limit(limit: Any, exclusive: Any, name: str, inward: float) -> float | None:
    """Return a limit that the value may touch; an exclusive one is moved inwards by the least that there is."""
    number = exclusive if _is_number(exclusive) else limit
    if not _is_number(number):
        return None
    if exclusive is True or _is_number(exclusive):
        if name == "integer":
            return float(math.floor(number) + 1 if inward > 0 else math.ceil(number) - 1)
        number = math.nextafter(number, inward)
        if _is_number(exclusive) and _is_number(limit):  # both hold
            number = max(number, limit) if inward > 0 else min(number, limit)
    return float(number)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
