"""EXT_meshopt_compression decoded, after the bitstream in the extension's own specification (Khronos, 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST_STRIDE = 256
_SIZES = (0, 4, 8, 16)  # bytes of a group of sixteen values, by its mode
# By mode: the values in a byte, of two bits or of four, and the value that says that a whole byte follows.
_SPLIT = {
    1: ([bytes((byte >> 6, byte >> 4 & 3, byte >> 2 & 3, byte & 3)) for byte in range(256)], 3),
    2: ([bytes((byte >> 4, byte & 15)) for byte in range(256)], 15),
}


def decode(data: bytes, count: int, stride: int, mode: str, filter_name: str, file: str) -> bytes:
    """Return the `count * stride` bytes that a compressed buffer view holds.

    Raises
    ------
    FormatError
        If the bytes are not what the mode says, or too few for the count.
    """
    if not (0 < stride <= _LARGEST_STRIDE and count >= 0):
        raise _broken(file)
    try:
        if mode == "ATTRIBUTES":
            return _filtered(_attributes(data, count, stride), filter_name, file).tobytes()
        if mode in ("TRIANGLES", "INDICES") and stride in (2, 4):
            values = _triangles(data, count) if mode == "TRIANGLES" else _sequence(data, count)
            if len(values) and not 0 <= int(values.min()) <= int(values.max()) < 2 ** (8 * stride):
                raise _broken(file)
            return values.astype(f"<u{stride}").tobytes()
    except (IndexError, ValueError, OverflowError) as error:
        raise _broken(file) from error
    raise _broken(file)


def _attributes(data: bytes, count: int, stride: int) -> NDArray[np.uint8]:
    """Undo the byte-wise deltas: blocks of vertices, in them bytes of equal place, in them groups of sixteen."""
    if stride % 4 or not data or data[0] != 0xA0:
        raise ValueError
    block = min((8192 // stride) & ~15, 256)
    # Every group of sixteen costs at least two bits: a count that the bytes cannot hold is no reason to allocate.
    if count * stride > len(data) * 64 + 64 * stride:
        raise ValueError
    raw = np.frombuffer(data, np.uint8)
    end = len(raw) - max(stride, 32)
    deltas = np.zeros((count, stride), np.uint8)
    at = 1
    for start in range(0, count, block):
        size = min(block, count - start)
        groups = (size + 15) // 16
        for byte in range(stride):
            values, at = _groups(data, at, end, groups)
            deltas[start : start + size, byte] = np.frombuffer(values, np.uint8, size)
    signed = np.where(deltas & 1, ~(deltas >> 1), deltas >> 1).astype(np.uint8)
    if count:
        signed[0] += raw[len(raw) - stride :]
    return np.add.accumulate(signed, axis=0, dtype=np.uint8)


def _groups(data: bytes, at: int, end: int, groups: int) -> tuple[bytes, int]:
    """Return the sixteen bytes of each group, and where they end; plain bytes, as most groups are a few of them."""
    head = at
    at += (groups + 3) // 4
    if at > end:
        raise ValueError
    pieces = []
    for group in range(groups):
        mode = data[head + group // 4] >> group % 4 * 2 & 3
        size = _SIZES[mode]
        if at + size > end:
            raise ValueError
        packed = data[at : at + size]
        at += size
        if mode in (1, 2):
            split, escape = _SPLIT[mode]
            packed = b"".join([split[byte] for byte in packed])
            more = packed.count(escape)
            if at + more > end:
                raise ValueError
            packed = _escaped(packed, escape, data[at : at + more]) if more else packed
            at += more
        pieces.append(packed if mode else bytes(16))
    return b"".join(pieces), at


def _escaped(packed: bytes, escape: int, more: bytes) -> bytes:
    """Return a group with the values that did not fit their bits."""
    values, place = bytearray(packed), -1
    for value in more:
        place = values.find(escape, place + 1)
        values[place] = value
    return bytes(values)


class _Bytes:
    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def byte(self) -> int:
        if self.at >= self.end:
            raise ValueError
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        result = 0
        for shift in range(0, 35, 7):
            byte = self.byte()
            result |= (byte & 127) << shift
            if byte < 128:
                return result & 0xFFFFFFFF
        raise ValueError

    def index(self, last: int) -> int:
        value = self.number()
        return (last + ((value >> 1) ^ -(value & 1))) & 0xFFFFFFFF


def _sequence(data: bytes, count: int) -> NDArray[np.int64]:
    if data[0] & 0xF0 != 0xD0 or count > len(data):
        raise ValueError
    stream, last, result = _Bytes(data, 1, len(data) - 4), [0, 0], []
    for _ in range(count):
        value = stream.number()
        which, value = value & 1, value >> 1
        last[which] = (last[which] + ((value >> 1) ^ -(value & 1))) & 0xFFFFFFFF
        result.append(last[which])
    return np.array(result, np.int64)


def _triangles(data: bytes, count: int) -> NDArray[np.int64]:
    triangles = count // 3
    if count % 3 or data[0] & 0xF0 != 0xE0 or len(data) < 1 + triangles + 16:
        raise ValueError
    return _Triangles(data, triangles).decode()


class _Triangles:
    """The state of the index decoder: the last sixteen edges and corners."""

    def __init__(self, data: bytes, count: int) -> None:
        self.codes = data[1 : 1 + count]
        self.aux = data[-16:]
        self.stream = _Bytes(data, 1 + count, len(data) - 16)
        self.fec_max = 13 if data[0] & 15 >= 1 else 15
        self.edges = [(0, 0)] * 16
        self.corners = [0] * 16
        self.edge_at = self.corner_at = self.next = self.last = 0

    def decode(self) -> NDArray[np.int64]:
        result: list[tuple[int, int, int]] = []
        for code in self.codes:
            result.append(self._on_edge(code) if code < 0xF0 else self._free(code))
        return np.array(result, np.int64).reshape(-1)

    def _edge(self, a: int, b: int) -> None:
        self.edges[self.edge_at] = (a, b)
        self.edge_at = (self.edge_at + 1) & 15

    def _corner(self, value: int) -> None:
        self.corners[self.corner_at] = value
        self.corner_at = (self.corner_at + 1) & 15

    def _on_edge(self, code: int) -> tuple[int, int, int]:
        a, b = self.edges[(self.edge_at - 1 - (code >> 4)) & 15]
        fec = code & 15
        if fec == 0:
            c, self.next = self.next, self.next + 1
            self._corner(c)
        elif fec < self.fec_max:
            c = self.corners[(self.corner_at - 1 - fec) & 15]
        else:
            c = self.stream.index(self.last) if fec == 15 else (self.last + fec - (fec ^ 3)) & 0xFFFFFFFF
            self.last = c
            self._corner(c)
        self._edge(c, b)
        self._edge(a, c)
        return a, b, c

    def _free(self, code: int) -> tuple[int, int, int]:
        aux = self.aux[code & 15] if code < 0xFE else self.stream.byte()
        kinds = [15 if code == 0xFF else 0, aux >> 4, aux & 15]
        if code >= 0xFE and aux == 0:
            self.next = 0
        values = []
        for kind in kinds:
            if kind == 0:
                values.append(self.next)
                self.next += 1
            else:
                values.append(self.corners[(self.corner_at - kind) & 15])
        if code >= 0xFE:
            for place, kind in enumerate(kinds):
                if kind == 15:
                    values[place] = self.last = self.stream.index(self.last)
        for value, kind in zip(values, kinds):
            if kind == 0 or (kind == 15 and code >= 0xFE):
                self._corner(value)
        a, b, c = values
        self._edge(b, a)
        self._edge(c, b)
        self._edge(a, c)
        return a, b, c


def _filtered(values: NDArray[np.uint8], name: str, file: str) -> NDArray[Any]:
    if name == "NONE":
        return values
    stride = values.shape[1]
    if name == "EXPONENTIAL":
        packed = values.view("<i4")
        with np.errstate(over="ignore"):  # what no float32 holds is infinite, and no shape
            return np.ldexp(((packed << 8) >> 8).astype(np.float64), packed >> 24).astype("<f4")
    if name == "OCTAHEDRAL" and stride in (4, 8):
        return _octahedral(values.view("<i1" if stride == 4 else "<i2"))
    if name == "QUATERNION" and stride == 8:
        return _quaternion(values.view("<i2"))
    raise _broken(file)


def _octahedral(packed: NDArray[Any]) -> NDArray[Any]:
    top = 127 if packed.dtype.itemsize == 1 else 32767
    x, y = (packed[:, i] / np.maximum(packed[:, 2].astype(float), 1.0) for i in (0, 1))
    z = 1.0 - np.abs(x) - np.abs(y)
    fold = np.minimum(z, 0.0)
    x, y = x + np.where(x >= 0, fold, -fold), y + np.where(y >= 0, fold, -fold)
    length = np.maximum(np.sqrt(x * x + y * y + z * z), 1e-12)
    result = packed.copy()
    result[:, :3] = np.rint(np.column_stack([x, y, z]) / length[:, None] * top)
    return result


def _quaternion(packed: NDArray[Any]) -> NDArray[Any]:
    largest = packed[:, 3] & 3
    three = packed[:, :3] / (np.sqrt(2.0) * (packed[:, 3] | 3))[:, None]
    rest = np.sqrt(np.maximum(0.0, 1.0 - (three**2).sum(axis=1)))
    result, rows = np.zeros(packed.shape, "<i2"), np.arange(len(packed))
    for step, part in enumerate((rest, *three.T)):
        result[rows, (largest + step) & 3] = np.rint(np.clip(part, -1.0, 1.0) * 32767)
    return result


def _broken(file: str) -> FormatError:
    return FormatError(
        "{file} has data in EXT_meshopt_compression that cannot be unpacked.",
        hint="Download or export it again.",
        file=file,
    )
