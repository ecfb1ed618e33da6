"""Features as JSON-FG, which keeps all of them, and as GeoJSON; both are read from anybody."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data import columns as table
from dtwin_plugin.data.crs import RD, RD_NAP, is_rd, normalise
from dtwin_plugin.errors import FormatError
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Progress
from dtwin_plugin.translate import mark

from .formats import GEOJSON, JSON_FG
from .plain import crs_uri
from .shapes import DIMENSION, Part, built, of_feature, parts_of
from .value import Value

_CRS84 = "OGC:CRS84"
_CONFORMS = ["http://www.opengis.net/spec/json-fg-1/0.3/conf/core"]
_DEGREES = (_CRS84, "OGC:CRS84h", "EPSG:4326", "EPSG:4979", "EPSG:4258", "EPSG:4937")  # carriers have longitude first
_WKT = "WKT:"  # how a reference system begins that has no code, as that of a section
OTHER_GEOMETRY = mark("{field}: {count} features have another geometry than the others and are left out.")
_OWN = "x-dtwin"  # what neither says of columns: type, unit; a foreign member (RFC 7946, 6.1)
_KINDS = "iufbMO"  # of NumPy types that a column may come back as; texts are objects or U
_LONGEST = 10_000  # characters of a reference system


def encoded(features: Features, media_type: str, progress: Progress) -> Value:
    """Return features as a JSON-FG collection in their own reference system, or as GeoJSON in longitude and latitude.

    Raises
    ------
    CrsError
        If GeoJSON is asked of features that cannot be transformed.
    """
    plain = media_type == GEOJSON
    shapes = _in_crs84(features) if plain else features.geometries
    if not plain and not is_rd(features.crs) and features.crs != _CRS84 and not features.crs.startswith(_WKT):
        from dtwin_plugin.sources.features_service.frame import latitude_first

        shapes = _turned(shapes) if latitude_first(features.crs) else shapes
    names = list(features.columns)
    cells = [[cell(one) for one in values.tolist()] if values.dtype.kind != "M" else _moments(values)
             for values in features.columns.values()]  # fmt: skip
    members = []
    for index in range(len(features)):
        properties = {name: values[index] for name, values in zip(names, cells)}
        geometry = of_feature(shapes, index)
        place = {"geometry": geometry} if plain else {"geometry": None, "place": geometry, "time": None}
        members.append({"type": "Feature", **place, "properties": properties})
    about = {name: {"type": _type(values), **({"unit": features.units[name]} if name in features.units else {})}
             for name, values in features.columns.items()}  # fmt: skip
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if not plain:
        head["conformsTo"] = _CONFORMS
        if not features.crs.startswith(_WKT):
            head["coordRefSys"] = crs_uri(features.crs)
        head["geometryDimension"] = DIMENSION[shapes.kind]
    own = {"geometry": shapes.kind, "heights": shapes.has_z, "name": features.name, "columns": about}
    own |= {"crs": features.crs} if features.crs.startswith(_WKT) else {}
    return Value({**head, _OWN: own, "features": members}, GEOJSON if plain else JSON_FG)


def _in_crs84(features: Features) -> Geometries:
    if features.crs in _DEGREES:
        return features.geometries
    if features.crs.startswith(_WKT):
        raise FormatError(
            "{field} is in a reference system of its own, and has no longitudes and latitudes.",
            hint="Ask for JSON-FG.",
            field=features.name,
        )
    from dtwin_plugin.sources.crs import from_rd, to_rd

    found = features.geometries.coordinates
    return replace(
        features.geometries, coordinates=from_rd(found if is_rd(features.crs) else to_rd(found, features.crs), _CRS84)
    )


def _turned(shapes: Geometries) -> Geometries:
    """Return geometries with their first two axes exchanged."""
    return replace(shapes, coordinates=shapes.coordinates[:, [1, 0, *range(2, shapes.coordinates.shape[1])]])


def _type(values: Any) -> str:
    return str(values.dtype) if values.dtype.kind in "iufbM" else values.dtype.kind


def _moments(values: Any) -> list[str | None]:
    return [None if np.isnat(one) else str(one) for one in values]


def cell(value: Any) -> Any:
    """Return a value of a column as JSON has it; NaN is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def decoded(item: Field, value: Value, to_rd: bool, progress: Progress) -> Features:
    """Return the features of a collection, a feature or a bare geometry, in the reference system that it states.

    Raises
    ------
    FormatError
        If it is none of these.
    CrsError
        If they shall be in RD New and cannot be.
    """
    data = value.as_data(item.title)
    rows, stated = _rows(data, item)
    own = _mapping(data, _OWN)
    kinds: dict[str, int] = {}
    found: list[list[tuple[str, Part]]] = []
    for geometry, _, _ in rows:
        parts = list(parts_of(geometry, item.title)) if geometry is not None else []
        found.append(parts)
        for kind, _ in parts[:1]:
            kinds[kind] = kinds.get(kind, 0) + 1
    kind = item.geometry or next((name for name in DIMENSION if name == own.get("geometry")), "")
    kind = kind or max(kinds, key=lambda name: kinds[name], default=_stated_kind(data))
    left_out = sum(count for name, count in kinds.items() if name != kind)
    if left_out and left_out == len(rows):
        raise FormatError(
            "{field} has {found} geometry; expected {wanted}.", field=item.title, found=", ".join(kinds), wanted=kind
        )
    if left_out:
        progress.warn(OTHER_GEOMETRY, field=item.title, count=left_out)
    kept = [n for n, parts in enumerate(found) if not parts or parts[0][0] == kind]
    shapes = built(kind, [[part for name, part in found[n] if name == kind] for n in kept])
    if own.get("heights") is True and not shapes.has_z:
        shapes = replace(
            shapes, coordinates=np.column_stack([shapes.coordinates, np.full(len(shapes.coordinates), np.nan)])
        )
    columns, units = _columns([rows[n][1] for n in kept], own.get("columns"))
    system = own.get("crs")
    is_own = isinstance(system, str) and system.startswith(_WKT) and len(system) < _LONGEST
    crs = str(system) if is_own else _crs_of(stated, rows, item)
    if crs != _CRS84 and not crs.startswith(_WKT):  # JSON-FG keeps the order of the authority (21-045, 7.6)
        from dtwin_plugin.sources.gml.frame import ordered

        shapes = replace(shapes, coordinates=ordered(shapes.coordinates, crs))
    if to_rd and not is_rd(crs):
        from dtwin_plugin.sources.crs import to_rd as transformed

        shapes = replace(shapes, coordinates=transformed(shapes.coordinates, crs))
        crs = RD_NAP if shapes.has_z else RD
    name = own.get("name") if isinstance(own.get("name"), str) else item.name
    return Features(shapes, columns, units, crs, str(name))


def _rows(data: Any, item: Field) -> tuple[list[tuple[Any, dict[str, Any], Any]], Any]:
    """Return geometry, properties and reference system of each feature, and the reference system of all."""
    kind = data.get("type") if isinstance(data, dict) else None
    if isinstance(data, list) and all(isinstance(one, dict) for one in data):
        members: list[Any] = data  # several values of one output
    elif kind == "FeatureCollection" and isinstance(data.get("features"), list):
        members = data["features"]
    elif isinstance(kind, str) and isinstance(data, dict):
        members = [data]
    else:
        raise FormatError("{field} is no GeoJSON and no JSON-FG.", hint="Tell who keeps the server.", field=item.title)
    rows: list[tuple[Any, dict[str, Any], Any]] = []
    for member in members:
        if isinstance(member, dict) and set(member) <= {"value", "mediaType"} and isinstance(member.get("value"), dict):
            member = member["value"]
        if not isinstance(member, dict):
            raise FormatError("{field} has a feature that is no object.", field=item.title)
        if member.get("type") != "Feature":
            rows.append((member, {}, member.get("coordRefSys")))
            continue
        properties = member.get("properties")
        place = member.get("place")
        rows.append((
            place if place is not None else member.get("geometry"),
            properties if isinstance(properties, dict) else {},
            member.get("coordRefSys") if place is not None else None,
        ))  # fmt: skip
    whole = data if isinstance(data, dict) else {}
    placed = any(isinstance(m, dict) and m.get("place") is not None for m in members) or not members
    named = _mapping(_mapping(whole, "crs"), "properties").get("name")  # GeoJSON 2008: RD New is still sent so
    return rows, (whole.get("coordRefSys") if placed else None) or named


def _mapping(data: Any, name: str) -> dict[str, Any]:
    """Return a member that is an object, an empty one where there is none."""
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _crs_of(stated: Any, rows: Iterable[tuple[Any, Any, Any]], item: Field) -> str:
    names = {one if isinstance(one, str) else str(one) for _, _, one in rows if one is not None}
    name = stated if stated is not None else next(iter(names)) if len(names) == 1 else None
    if name is None:
        return _CRS84
    found = normalise(name if isinstance(name, str) else "")
    if found is None or len(names - {stated}) > (stated is None):
        raise FormatError(
            "{field} is in the reference system {found}, which is not known.", field=item.title, found=name
        )
    return found


def _stated_kind(data: Any) -> str:
    number = data.get("geometryDimension") if isinstance(data, dict) else None
    return next((kind for kind, dimension in DIMENSION.items() if dimension == number), "polygon")


def _columns(rows: list[dict[str, Any]], about: Any) -> tuple[table.Columns, dict[str, str]]:
    """Return the columns of properties, of the types that are told, and their units."""
    told = {str(k): v for k, v in about.items() if isinstance(v, dict)} if isinstance(about, dict) else {}
    columns, units = table.from_rows(rows), {}
    for name, facts in told.items():
        values = [row.get(name) for row in rows]
        columns[name] = _typed(values, facts.get("type")) if rows else _typed([], facts.get("type"))
        if isinstance(facts.get("unit"), str):
            units[name] = facts["unit"]
    return {name: columns[name] for name in [*told, *(n for n in columns if n not in told)]}, units


def _typed(values: list[Any], kind: Any) -> Any:
    """Return values as an array of a type; as narrow as keeps them all where they are not of it."""
    try:
        if kind == "U":
            return np.array(values, str) if all(isinstance(v, str) for v in values) else table.column(values)
        if kind == "O":
            found = np.empty(len(values), object)
            found[:] = values
            return found
        wanted = np.dtype(str(kind))
        if wanted.kind not in _KINDS or wanted.itemsize > 8:
            return table.column(values)
        if wanted.kind == "M":
            return np.array(["NaT" if v is None else v for v in values], wanted)
        found = np.array([math.nan if v is None else v for v in values], wanted)
        is_kept = wanted.kind == "f" or found.tolist() == values  # null is no true, 300 no int8 and 1.5 no int32
        return found if is_kept else table.column(values)
    except (ValueError, TypeError, OverflowError):
        return table.column(values)
