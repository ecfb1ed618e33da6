"""Buffers, buffer views and accessors of a glTF, every size held against the bytes that are there."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import unquote_to_bytes

import numpy as np

from dtwin_plugin.errors import FormatError

from .meshopt import decode

if TYPE_CHECKING:
    from numpy.typing import NDArray

Fetch = Callable[[str], bytes]

_TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_MESHOPT = ("EXT_meshopt_compression", "KHR_meshopt_compression")
_PLACES = (5121, 5123, 5125)  # component types of sparse indices: glTF 2.0, 5.3
# Numbers that one glTF may bring to memory: 240 MB as float64. Without it a small file could name one view a million
# times.
_MOST_VALUES = 30_000_000


class Buffers:
    """The binary part of a glTF document.

    Parameters
    ----------
    document : dict
        The JSON.
    binary : bytes
        The binary chunk of a GLB.
    fetch : callable
        Gives the bytes of a file beside the glTF by its relative address.
    file : str
        For messages.
    """

    def __init__(self, document: dict[str, Any], binary: bytes, fetch: Fetch, file: str) -> None:
        self.document, self.file = document, file
        self._binary, self._fetch = binary, fetch
        self._buffers: dict[int, bytes] = {}
        self._files: dict[str, bytes] = {}
        self._views: dict[int, memoryview] = {}
        self._spent = 0

    def spend(self, values: int) -> None:
        """Count numbers that come to memory; raises FormatError where they are more than a tile can hold."""
        self._spent += values
        if self._spent > _MOST_VALUES:
            raise FormatError(
                "{file} unpacks to more than {count} numbers, which is more than is read.",
                hint="Divide it into smaller tiles.",
                file=self.file,
                count=_MOST_VALUES,
            )

    def item(self, kind: str, index: Any) -> dict[str, Any]:
        """Return an entry of a list of the document, such as a mesh."""
        items = self.document.get(kind)
        if not (
            isinstance(items, list)
            and isinstance(index, int)
            and 0 <= index < len(items)
            and isinstance(items[index], dict)
        ):
            raise FormatError(
                "{file} refers to {kind} {index}, which it does not have.",
                hint="Download or export it again.",
                file=self.file,
                kind=kind,
                index=str(index)[:40],
            )
        found: dict[str, Any] = items[index]
        return found

    def view(self, index: Any) -> memoryview:
        """Return the bytes of a buffer view, unpacked."""
        view = self.item("bufferViews", index)
        if index not in self._views:
            extensions = view.get("extensions") or {}
            packed = next((extensions[name] for name in _MESHOPT if name in extensions), None)
            self._views[index] = self._slice(view) if packed is None else self._meshopt(packed)
        return self._views[index]

    def read(self, index: Any, raw: bool = False) -> NDArray[Any]:
        """Return an accessor as an array (count, width); normalized integers as float64 unless `raw`."""
        accessor = self.item("accessors", index)
        dtype, width = self._kind(accessor)
        count = whole(accessor, "count", self.file)
        sparse = accessor.get("sparse")
        self.spend(count * width)
        if accessor.get("bufferView") is None:
            values = np.zeros((count, width), dtype)
        else:
            stride = whole(self.item("bufferViews", accessor["bufferView"]), "byteStride", self.file)
            offset = whole(accessor, "byteOffset", self.file)
            values = self._strided(self.view(accessor["bufferView"]), dtype, width, count, offset, stride)
        if isinstance(sparse, dict):
            values = self._sparse(values.copy(), sparse)
        return values if raw else self.scaled(index, values)

    def scaled(self, index: Any, values: NDArray[Any]) -> NDArray[Any]:
        """Return values as the accessor means them: normalized integers from -1 to 1 (glTF 2.0, 3.6.2.2)."""
        if self.item("accessors", index).get("normalized") and values.dtype.kind in "iu":
            return np.maximum(values / float(np.iinfo(values.dtype).max), -1.0)
        return values

    def wrong(self, what: str) -> FormatError:
        """Return the error for a part that does not fit the bytes present."""
        return FormatError(
            "{file} states {what} that do not fit the bytes present.",
            hint="Download or export it again.",
            file=self.file,
            what=what,
        )

    def _kind(self, accessor: dict[str, Any]) -> tuple[np.dtype[Any], int]:
        name, width = _TYPES.get(_key(accessor.get("componentType"))), _WIDTHS.get(_key(accessor.get("type")))
        if name is None or width is None:
            raise self.wrong("accessors")
        return np.dtype(name), width

    def _strided(
        self, data: memoryview, dtype: np.dtype[Any], width: int, count: int, offset: int, stride: int
    ) -> NDArray[Any]:
        size = dtype.itemsize * width
        stride = stride or size
        if count and (stride < size or offset + (count - 1) * stride + size > len(data)):
            raise self.wrong("accessors")
        if not count:
            return np.zeros((0, width), dtype)
        return np.ndarray((count, width), dtype, data, offset, (stride, dtype.itemsize))

    def _sparse(self, values: NDArray[Any], sparse: dict[str, Any]) -> NDArray[Any]:
        count = whole(sparse, "count", self.file)
        places, new = sparse.get("indices"), sparse.get("values")
        if not isinstance(places, dict) or not isinstance(new, dict):
            raise self.wrong("accessors")
        kind = _key(places.get("componentType"))
        if kind not in _PLACES or count > len(values):
            raise self.wrong("accessors")
        at = whole(places, "byteOffset", self.file), whole(new, "byteOffset", self.file)
        indices = self._strided(self.view(places.get("bufferView")), np.dtype(_TYPES[kind]), 1, count, at[0], 0)[:, 0]
        if count and int(indices.max()) >= len(values):
            raise self.wrong("accessors")
        width = values.shape[1]
        values[indices] = self._strided(self.view(new.get("bufferView")), values.dtype, width, count, at[1], 0)
        return values

    def _slice(self, view: dict[str, Any]) -> memoryview:
        data = memoryview(self._buffer(view.get("buffer")))  # a copy for each view could fill the memory
        start, size = whole(view, "byteOffset", self.file), whole(view, "byteLength", self.file)
        if start + size > len(data):
            raise self.wrong("bufferViews")
        return data[start : start + size]

    def _meshopt(self, packed: Any) -> memoryview:
        if not isinstance(packed, dict):
            raise self.wrong("bufferViews")
        count, stride = whole(packed, "count", self.file), whole(packed, "byteStride", self.file)
        mode, how = str(packed.get("mode")), str(packed.get("filter", "NONE"))
        data = self._slice(packed)
        self.spend((len(data) + count * stride) // 8)
        return memoryview(decode(bytes(data), count, stride, mode, how, self.file))

    def _buffer(self, index: Any) -> bytes:
        buffer = self.item("buffers", index)
        if index not in self._buffers:
            uri = buffer.get("uri")
            if uri is None:
                data = self._binary if index == 0 else b""
            elif isinstance(uri, str) and uri.startswith("data:"):
                data = data_uri(uri, self.file)
            else:
                data = self._file(str(uri))
            self._buffers[index] = data
        return self._buffers[index]

    def _file(self, uri: str) -> bytes:
        """Return the bytes of a file beside the glTF, which many buffers may name."""
        if uri not in self._files:
            self._files[uri] = self._fetch(uri)
            self.spend(len(self._files[uri]) // 8)
        return self._files[uri]


def whole(item: dict[str, Any], name: str, file: str) -> int:
    """Return a number that counts, 0 if it is absent; raises FormatError for anything else."""
    value = item.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
        raise FormatError(
            "{file}: {field} is {found}; expected a whole number of 0 or more.",
            hint="Download or export it again.",
            file=file,
            field=name,
            found=str(value)[:40],
        )
    return value


def data_uri(uri: str, file: str) -> bytes:
    """Return the bytes that a data URI holds."""
    head, _, body = uri.partition(",")
    try:
        return base64.b64decode(body, validate=True) if head.endswith(";base64") else unquote_to_bytes(body)
    except (binascii.Error, ValueError) as error:
        raise FormatError("{file} has a data URI that is no base64.", file=file) from error


def _key(value: Any) -> Any:
    return value if isinstance(value, (int, str)) else None
