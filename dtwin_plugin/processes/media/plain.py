"""Numbers, texts, moments, areas and tables as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from dtwin_plugin.data import Extent
from dtwin_plugin.data.crs import RD, is_rd, normalise
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.models.base import Field

from .value import Value

_OPENGIS = "http://www.opengis.net/def/crs/"
_ROWS = 10_000_000  # values in a table
_SPELT = {"true": True, "false": False, "1": True, "0": False}


def crs_uri(name: str) -> str:
    """Return the address of a reference system, as OGC API spells it.

    >>> crs_uri("EPSG:28992"), crs_uri("OGC:CRS84")
    ('http://www.opengis.net/def/crs/EPSG/0/28992', 'http://www.opengis.net/def/crs/OGC/1.3/CRS84')
    """
    found = normalise(name) or name
    authority, _, code = found.partition(":")
    return (
        f"{_OPENGIS}EPSG/0/{code}"
        if authority == "EPSG"
        else f"{_OPENGIS}OGC/{'0' if code[-1:] == 'h' else '1.3'}/{code}"
    )


def encoded(item: Field, value: Any) -> Any:
    """Return a plain value as data of JSON; NaN is null."""
    if item.kind == "extent":
        x_min, y_min, x_max, y_max = value.bounds
        box = [y_min, x_min, y_max, x_max] if _latitude_first(value.crs) else [x_min, y_min, x_max, y_max]
        return {"bbox": box, "crs": crs_uri(value.crs)}
    if item.kind == "datetime":  # RFC 3339, 5.6: with a zone; a moment without one is taken as UTC, here and there
        return value.isoformat() + ("" if value.tzinfo else "Z")
    if item.kind == "table":
        return {name: [_cell(one) for one in values] for name, values in value.items()}
    return _cell(value)


def _cell(value: Any) -> Any:
    """Return a value of a table as JSON has it."""
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()  # of NumPy
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def decoded(item: Field, value: Value, to_rd: bool) -> Any:
    """Return what JSON says of a field; raises FormatError where it is of another type."""
    data = value.data
    if isinstance(data, bytes):
        data = (
            data.decode("utf-8", "replace") if item.kind in ("text", "choice", "datetime") else value.as_data(item.name)
        )
    return _READERS[item.kind](item, data, to_rd)


def _number(item: Field, data: Any, _: bool) -> float:
    found = _from_text(data, float)  # as the official example of a result has it: "3.14159"
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise _wrong(item, "a number", data)
    return float(found)


def _integer(item: Field, data: Any, _: bool) -> int:
    found = _from_text(_from_text(data, int), float)  # by way of a float the last digits of a long one are lost
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if not is_number or not math.isfinite(found) or found != int(found):
        raise _wrong(item, "a whole number", data)
    return int(found)


def _from_text(data: Any, kind: Callable[[str], float]) -> Any:
    if not isinstance(data, str):
        return data
    try:
        found = kind(data.strip())
    except (ValueError, OverflowError):
        return data
    return found if math.isfinite(found) else data


def _boolean(item: Field, data: Any, _: bool) -> bool:
    found = _SPELT.get(data.strip().lower(), data) if isinstance(data, str) else data
    if not isinstance(found, bool):
        raise _wrong(item, "true or false", data)
    return found


def _choice(item: Field, data: Any, _: bool) -> str:
    found = data if isinstance(data, str) else next((key for key in item.choices if _is_spelt(key, data)), None)
    if found is None:
        raise _wrong(item, "one of the choices", data)
    return found


def _is_spelt(key: str, data: Any) -> bool:
    return not isinstance(data, (dict, list)) and key == str(data)


def _text(item: Field, data: Any, _: bool) -> str:
    if isinstance(data, str):
        return data
    from ..json_text import dumped

    return dumped(data).decode()


def _datetime(item: Field, data: Any, _: bool) -> datetime:
    try:
        # of an interval its begin; Python before 3.11 does not know Z
        found = datetime.fromisoformat(str(data).partition("/")[0].strip().replace("Z", "+00:00"))
        return found.astimezone(timezone.utc).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError):  # the latter in the first and the last hours that there are
        raise _wrong(item, "a date and time as 2026-01-31T12:00:00", data) from None


def _extent(item: Field, data: Any, to_rd: bool) -> Extent:
    box, name = (data.get("bbox"), data.get("crs")) if isinstance(data, dict) else (data, None)
    if not isinstance(box, list) or len(box) not in (4, 6) or not all(_is_number(edge) for edge in box):
        raise _wrong(item, 'a "bbox" of four or six numbers', data)
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    crs = normalise(name) if name is not None else "OGC:CRS84"  # the default of bbox.yaml
    if crs is None:
        raise _wrong(item, "a known reference system", name)
    if _latitude_first(crs):
        west, south, east, north = south, west, north, east
    try:
        found = Extent(west, south, east, north, RD if is_rd(crs) else crs)
    except InputError:
        raise _wrong(item, "a rectangle, its lower corner first", box) from None
    if not to_rd or is_rd(crs):
        return found
    from dtwin_plugin.sources.crs import extent_to_rd

    return extent_to_rd(found.bounds, crs)


def _latitude_first(crs: str) -> bool:
    if is_rd(crs) or crs.startswith("OGC:"):
        return False
    from dtwin_plugin.sources.features_service.frame import latitude_first

    return latitude_first(crs)


def _table(item: Field, data: Any, _: bool) -> dict[str, list[Any]]:
    if isinstance(data, list) and data and all(isinstance(row, dict) for row in data):
        names = dict.fromkeys(name for row in data for name in row)  # rows, as others write tables
        data = {name: [row.get(name) for row in data] for name in names}
    if not isinstance(data, dict) or not all(isinstance(values, list) for values in data.values()):
        raise _wrong(item, "an object of columns, each a list", data)
    if sum(map(len, data.values())) > _ROWS or len(set(map(len, data.values()))) > 1:
        raise _wrong(item, "columns of one length", data)
    for values in data.values():
        if any(isinstance(one, (dict, list)) for one in values):
            raise _wrong(item, "numbers and texts in its columns", data)
    return {str(name): values for name, values in data.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _wrong(item: Field, expected: str, found: Any) -> FormatError:
    text = str(found)
    return FormatError(
        "{field} is {found}; expected {expected}.",
        hint="Tell who keeps the server.",
        field=item.title,
        found=text if len(text) < 60 else text[:57] + "…",
        expected=expected,
    )


_READERS: dict[str, Callable[[Field, Any, bool], Any]] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "choice": _choice,
    "text": _text,
    "datetime": _datetime,
    "extent": _extent,
    "table": _table,
}
