"""EXT_structural_metadata: the property tables of a glTF, a row of values for each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError

from .accessors import Buffers, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBERS = {"INT8": "i1", "UINT8": "u1", "INT16": "<i2", "UINT16": "<u2", "INT32": "<i4", "UINT32": "<u4",
            "INT64": "<i8", "UINT64": "<u8", "FLOAT32": "<f4", "FLOAT64": "<f8"}  # fmt: skip
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


class PropertyTable:
    """A property table with the class that says what its values mean."""

    def __init__(self, buffers: Buffers, table: dict[str, Any], schema: dict[str, Any]) -> None:
        self._buffers, self._table, self._schema = buffers, table, schema
        self.class_name = str(table.get("class", ""))
        self.count = whole(table, "count", buffers.file)
        found = (schema.get("classes") or {}).get(self.class_name)
        self._properties = found.get("properties") or {} if isinstance(found, dict) else {}

    def columns(self) -> dict[str, list[Any]]:
        """Return the values of each property, one for each feature; None where the class says no data."""
        result = {}
        try:
            for name, where in (self._table.get("properties") or {}).items():
                kind = self._properties.get(name)
                if isinstance(kind, dict) and isinstance(where, dict):
                    result[str(name)] = self._column(kind, where)
        except (TypeError, AttributeError, ValueError) as error:
            raise FormatError("{file} has metadata that is not as its schema says.", file=self._buffers.file) from error
        return result

    def _column(self, kind: dict[str, Any], where: dict[str, Any]) -> list[Any]:
        if not kind.get("array"):
            return self._values(kind, where, self.count)
        fixed = whole(kind, "count", self._buffers.file)
        if fixed:
            # Eight values a byte is the most that any type has: a count that the bytes cannot hold is not allocated.
            if self.count * fixed > 8 * len(self._buffers.view(where.get("values"))):
                self._refuse()
            offsets = np.arange(self.count + 1, dtype=np.int64) * fixed
        else:
            offsets = self._offsets(where, "array", self.count)
        flat = self._values(kind, where, int(offsets[-1]))
        return [flat[start:stop] for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist())]

    def _values(self, kind: dict[str, Any], where: dict[str, Any], count: int) -> list[Any]:
        type_name = str(kind.get("type"))
        self._buffers.spend(count)
        data = self._buffers.view(where.get("values"))
        if type_name == "STRING":
            offsets = self._offsets(where, "string", count).tolist()
            if offsets[-1] > len(data):
                self._refuse()
            found: list[Any] = [bytes(data[a:b]).decode("utf-8", "replace") for a, b in zip(offsets[:-1], offsets[1:])]
            return [None if value == kind.get("noData") else value for value in found]
        if type_name == "BOOLEAN":
            if len(data) * 8 < count:
                self._refuse()
            bits: list[Any] = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:count].tolist()
            return [bool(bit) for bit in bits]
        if type_name == "ENUM":
            return self._enum(kind, data, count)
        return self._numbers(kind, where, data, count)

    def _enum(self, kind: dict[str, Any], data: memoryview, count: int) -> list[Any]:
        found = (self._schema.get("enums") or {}).get(kind.get("enumType"))
        enum = found if isinstance(found, dict) else {}
        names = {item.get("value"): item.get("name") for item in enum.get("values") or [] if isinstance(item, dict)}
        values = self._array(data, str(enum.get("valueType", "UINT16")), count).tolist()
        named = [names.get(value, value) for value in values]
        return [None if name == kind.get("noData") else name for name in named]

    def _numbers(self, kind: dict[str, Any], where: dict[str, Any], data: memoryview, count: int) -> list[Any]:
        width = _WIDTHS.get(str(kind.get("type")))
        if width is None:
            self._refuse()
        raw = self._array(data, str(kind.get("componentType")), count * (width or 1))
        values: NDArray[Any] = raw
        if kind.get("normalized") and raw.dtype.kind in "iu":
            values = np.maximum(raw / float(np.iinfo(raw.dtype).max), -1.0)
        scale, offset = (where.get(key, kind.get(key)) for key in ("scale", "offset"))
        if _plain(scale) or _plain(offset):
            values = values * _number(scale, 1.0) + _number(offset, 0.0)
        if width == 1:
            missing = kind.get("noData")
            empty = (raw == missing) if _plain(missing) else np.zeros(len(raw), bool)
            return [None if none else value for value, none in zip(values.tolist(), empty.tolist())]
        rows: list[Any] = values.reshape(count, width or 1).tolist()
        return rows

    def _array(self, data: memoryview, component: str, count: int) -> NDArray[Any]:
        name = _NUMBERS.get(component)
        if name is None or len(data) < count * np.dtype(name).itemsize:
            self._refuse()
        return np.frombuffer(data, name, count)

    def _offsets(self, where: dict[str, Any], what: str, count: int) -> NDArray[np.int64]:
        data = self._buffers.view(where.get(f"{what}Offsets"))
        offsets = self._array(data, str(where.get(f"{what}OffsetType", "UINT32")), count + 1).astype(np.int64)
        if offsets[0] < 0 or (np.diff(offsets) < 0).any():
            self._refuse()
        return offsets

    def _refuse(self) -> Any:
        raise self._buffers.wrong("property tables")


def tables_of(buffers: Buffers, schema_of: Any) -> list[PropertyTable]:
    """Return the property tables; `schema_of` gives the bytes of a schema beside the glTF, or None."""
    extension = (buffers.document.get("extensions") or {}).get("EXT_structural_metadata")
    if not isinstance(extension, dict):
        return []
    schema = extension.get("schema")
    if not isinstance(schema, dict) and isinstance(extension.get("schemaUri"), str):
        schema = schema_of(extension["schemaUri"])
    tables = [table for table in extension.get("propertyTables") or [] if isinstance(table, dict)]
    try:
        return [PropertyTable(buffers, table, schema if isinstance(schema, dict) else {}) for table in tables]
    except AttributeError as error:
        raise FormatError("{file} has metadata that is not as its schema says.", file=buffers.file) from error


def classes_of(
    buffers: Buffers, used: Any, read: Callable[[str], NDArray[Any] | None], count: int
) -> tuple[NDArray[np.uint8] | None, bool]:
    """Return the class of each of `count` vertices, and whether there are properties at vertices that are not read.

    Parameters
    ----------
    used : list of int or None
        The property attributes of a primitive.
    read : callable
        Gives the values of an attribute by its name.
    """
    extension = (buffers.document.get("extensions") or {}).get("EXT_structural_metadata") or {}
    given = extension.get("propertyAttributes") or []
    classes, rest = None, False
    for number in used or []:
        if not isinstance(number, int) or not 0 <= number < len(given):
            raise buffers.wrong("property attributes")
        for name, where in (given[number].get("properties") or {}).items():
            values = read(str(where.get("attribute"))) if name.lower() == "classification" else None
            if values is None or len(values) != count or classes is not None:
                rest = True
                continue
            numbers = np.nan_to_num(values[:, 0].astype(np.float64), nan=0.0)
            classes = np.where((numbers >= 0) & (numbers < 256), numbers, 0).astype(np.uint8)
    return classes, rest


def _plain(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: Any, otherwise: float) -> float:
    return float(value) if _plain(value) else otherwise
