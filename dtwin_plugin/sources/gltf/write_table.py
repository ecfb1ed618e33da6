"""EXT_structural_metadata: columns of values as a property table, with the class that says what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CLASS = "object"
_UNKNOWN = -1.7976931348623157e308  # the lowest number: JSON has no NaN, and no measurement is this
_ODD = re.compile(r"\W", re.ASCII)


def property_table(columns: Mapping[str, NDArray[Any]], add: Callable[[bytes], int]) -> dict[str, Any]:
    """Return the extension with one table; `add` keeps bytes and returns the number of their view.

    >>> kept = []
    >>> table = property_table({"a.b": np.array([1.5, np.nan])}, lambda data: kept.append(data) or 0)
    >>> table["schema"]["classes"]["object"]["properties"]["a_b"]["name"], len(kept[0])
    ('a.b', 16)
    """
    kinds: dict[str, dict[str, Any]] = {}
    values: dict[str, dict[str, Any]] = {}
    for title, column in columns.items():
        name = _identifier(title, kinds)
        kinds[name], values[name] = _property(column, add)
        if name != title:
            kinds[name]["name"] = title
    schema = {"id": "dtwin", "classes": {_CLASS: {"properties": kinds}}}
    count = len(next(iter(columns.values())))
    return {"schema": schema, "propertyTables": [{"class": _CLASS, "count": count, "properties": values}]}


def _identifier(title: str, taken: Mapping[str, Any]) -> str:
    """Return a name of letters, digits and low lines that does not begin with a digit, as the schema asks."""
    name = plain = re.sub(r"^(?=\d|$)", "_", _ODD.sub("_", title))
    number = 2
    while name in taken:
        name, number = f"{plain}_{number}", number + 1
    return name


def _property(column: NDArray[Any], add: Callable[[bytes], int]) -> tuple[dict[str, Any], dict[str, Any]]:
    kind = column.dtype.kind
    if kind == "b":
        return {"type": "BOOLEAN"}, {"values": add(np.packbits(column, bitorder="little").tobytes())}
    if kind in "iu":
        return _number("INT64"), {"values": add(column.astype("<i8").tobytes())}
    if kind == "f":
        whole = np.where(np.isfinite(column), column, _UNKNOWN)
        return {**_number("FLOAT64"), "noData": _UNKNOWN}, {"values": add(whole.astype("<f8").tobytes())}
    texts = [b"" if value is None else str(value).encode("utf-8", "replace") for value in column.tolist()]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype("<u4")
    where = {"values": add(b"".join(texts) or b"\0"), "stringOffsets": add(offsets.tobytes())}
    return {"type": "STRING", "noData": ""}, where


def _number(component: str) -> dict[str, Any]:
    return {"type": "SCALAR", "componentType": component}
