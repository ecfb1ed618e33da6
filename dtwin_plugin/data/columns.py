"""Columns of attribute values, typed without losing any."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = dict[str, NDArray[Any]]

_EXACT = 2**53  # integers up to here survive as float64


def column(values: Sequence[Any]) -> NDArray[Any]:
    """Return values as the narrowest array that keeps them all: bool, int64, float64 (None = NaN), or object.

    Lists and mappings become JSON text; None stays None in an object column.

    >>> column([1, 2]).dtype, column([1, None]).tolist(), column(["a", None, [1]]).tolist()
    (dtype('int64'), [1.0, nan], ['a', None, '[1]'])
    """
    kinds = {type(value) for value in values}
    missing = type(None) in kinds
    kinds.discard(type(None))
    if kinds == {bool} and not missing:
        return np.array(values, bool)
    if kinds and kinds <= {int, float}:
        whole = kinds == {int}
        if whole and not missing and all(-(2**63) <= value < 2**63 for value in values):
            return np.array(values, np.int64)
        if not any(isinstance(value, int) and abs(value) > _EXACT for value in values):
            return np.array([np.nan if value is None else value for value in values], np.float64)
    result = np.empty(len(values), object)
    result[:] = [_text(value) for value in values]
    return result


def _text(value: Any) -> Any:
    """Return a value that fits one cell of a table."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def number_of(value: Any) -> float:
    """Return a cell as a number, NaN where it is none.

    >>> number_of("2.5"), number_of(None), number_of("two")
    (2.5, nan, nan)
    """
    try:
        return float("nan") if value is None else float(value)
    except (TypeError, ValueError, OverflowError):  # the last of a whole number beyond any float
        return float("nan")


def number_with_comma(value: Any) -> float:
    """Return a cell as a number, NaN where it is none; a text may have a comma before its decimals.

    Not for what comes in thousands, such as vehicles a day: "5,000" is 5 here.

    >>> number_with_comma("2,5"), number_with_comma("2.5"), number_with_comma("1.250,5"), number_with_comma(None)
    (2.5, 2.5, nan, nan)
    """
    return number_of(value.replace(",", ".") if isinstance(value, str) else value)


def numbers_of(columns: Columns, name: str, count: int) -> NDArray[np.float64]:
    """Return a column of numbers, shape (count,), NaN where a value or the whole column is not known.

    >>> numbers_of({"top": column([1, None, "deep"])}, "top", 3), numbers_of({}, "top", 2)
    (array([ 1., nan, nan]), array([nan, nan]))
    """
    values = columns.get(name)
    if values is None:
        return np.full(count, np.nan)
    if values.dtype.kind in "fiu":
        return values.astype(np.float64)
    return np.array([number_of(value) for value in values.tolist()], float)


def flatten(attributes: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested attributes as one level, names joined with a dot.

    >>> flatten({"a": {"b": 1, "c": {"d": 2}}, "e": [1]})
    {'a.b': 1, 'a.c.d': 2, 'e': [1]}
    """
    flat: dict[str, Any] = {}
    for name, value in attributes.items():
        if isinstance(value, dict) and value:
            flat.update(flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


def from_rows(rows: Sequence[dict[str, Any]]) -> Columns:
    """Return the columns of rows of attributes; a name that a row lacks is None there.

    >>> {name: values.tolist() for name, values in from_rows([{"a": 1}, {"b": "x"}]).items()}
    {'a': [1.0, nan], 'b': [None, 'x']}
    """
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: column([row.get(name) for row in rows]) for name in names}


def concatenate(pieces: Sequence[Columns], counts: Sequence[int]) -> Columns:
    """Join columns of several pieces with `counts` rows each; a name that a piece lacks is None there."""
    names = dict.fromkeys(name for piece in pieces for name in piece)
    joined = {}
    for name in names:
        arrays = [piece.get(name) for piece in pieces]
        present = [array for array in arrays if array is not None]
        filled = [array for array in present if len(array)] or present
        types = {array.dtype for array in filled}
        if len(types) == 1 and sum(map(len, filled)) == sum(counts):
            joined[name] = np.concatenate(filled)
            continue
        values: list[Any] = []
        for array, count in zip(arrays, counts):
            values.extend([None] * count if array is None else _without_nan(array))
        numbers = all(kind.kind == "f" for kind in types)
        joined[name] = np.array([np.nan if v is None else v for v in values]) if numbers else column(values)
    return joined


def _without_nan(array: NDArray[Any]) -> list[Any]:
    values = array.tolist()
    return [None if value != value else value for value in values] if array.dtype.kind == "f" else values
