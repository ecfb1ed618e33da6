"""Feature tables and batch tables of 3D Tiles 1.0: JSON, and columns in binary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError

from ..gltf.container import parse_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBERS = {"BYTE": "i1", "UNSIGNED_BYTE": "u1", "SHORT": "<i2", "UNSIGNED_SHORT": "<u2", "INT": "<i4",
            "UNSIGNED_INT": "<u4", "FLOAT": "<f4", "DOUBLE": "<f8"}  # fmt: skip
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_MOST_VALUES = 20_000_000  # of all columns together: a table may name the same bytes many times


class Table:
    """A table of a tile: its JSON and its binary part."""

    def __init__(self, text: bytes, binary: bytes, file: str) -> None:
        self.json = parse_json(text, file) if text.strip(b" \0\n") else {}
        self._binary, self._file = binary, file
        if not isinstance(self.json.get("extensions") or {}, dict):
            raise self.wrong("extensions")

    def number(self, name: str, required: bool = False) -> int:
        """Return a count, 0 if it is absent; raises FormatError if it is none, or absent and `required`."""
        value = self.json.get(name, None if required else 0)
        if isinstance(value, dict):
            value = int(self.array(name, "<u4", 1, 1)[0, 0])
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
            raise self.wrong(name)
        return value

    def array(self, name: str, dtype: str, width: int, count: int) -> NDArray[Any]:
        """Return rows of numbers, from the binary part or from the JSON; raises FormatError if they are too few."""
        where = self.json[name]
        if not isinstance(where, dict):
            try:
                kind = np.float64 if dtype == "<f4" else np.int64  # JSON has the decimals that f4 has not
                return np.asarray(where, kind).reshape(count, width)
            except (TypeError, ValueError, OverflowError) as error:
                raise self.wrong(name) from error
        data = self.slice(where.get("byteOffset"), count * width * np.dtype(dtype).itemsize, name)
        return np.frombuffer(data, dtype, count * width).reshape(count, width)

    def slice(self, offset: Any, size: int, name: str) -> memoryview:
        """Return `size` bytes of the binary part; raises FormatError if they are not there."""
        if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset <= len(self._binary) - size:
            raise self.wrong(name)
        return memoryview(self._binary)[offset : offset + size]

    def columns(self, count: int, without: Iterable[str] = ()) -> dict[str, list[Any]]:
        """Return the properties of a batch table, `count` values each; those `without` lie elsewhere."""
        result: dict[str, list[Any]] = {}
        for name, where in self.json.items():
            if name in without:
                continue
            if isinstance(where, list) and len(where) >= count:
                result[name] = where
            elif isinstance(where, dict) and "byteOffset" in where:
                dtype = _NUMBERS.get(str(where.get("componentType")))
                width = _WIDTHS.get(str(where.get("type")))
                if dtype is None or width is None or count * (len(result) + 1) * width > _MOST_VALUES:
                    raise self.wrong(name)
                values = self.array(name, dtype, width, count)
                result[name] = (values[:, 0] if width == 1 else values).tolist()
        return result

    def wrong(self, name: str) -> FormatError:
        """Return the error for a property that does not fit the bytes present."""
        return FormatError(
            "{file} states {what} that do not fit the bytes present.",
            hint="Download or export it again.",
            file=self._file,
            what=name,
        )
