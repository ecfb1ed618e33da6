"""OpenStreetMap PBF: blocks of Protocol Buffers, read without a library and without trust.

GDAL's driver gives relations without the roles and ids of their members, so that bans on turning cannot be read by it.

References
----------
OpenStreetMap Wiki (2024): PBF Format. Google (2024): Protocol Buffers, Encoding.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError, file_error

from .elements import NODES, RELATIONS, WAYS, Nodes, Piece, Relation, Way, is_restriction, is_road

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEAD, _BLOB = 64 << 10, 32 << 20  # bytes: the limits of the format
_KNOWN = (b"OsmSchema-V0.6", b"DenseNodes")
_NANO = 1e-9
_MEMBERS = ("node", "way", "relation")
_BROKEN = (struct.error, IndexError, zlib.error, lzma.LZMAError, ValueError, OverflowError)

Message = memoryview


class PbfReader:
    """An .osm.pbf file; blocks that once had nothing of a kind are passed over the next time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._without: dict[str, set[int]] = {NODES: set(), WAYS: set(), RELATIONS: set()}

    def read(self, what: str) -> Iterator[Piece]:
        """Yield the nodes, the roads or the bans on turning, block by block.

        Raises
        ------
        FormatError
            If it is damaged, larger than the format allows, or needs what is not known here.
        """
        try:
            with self.path.open("rb") as stream:
                for number, (kind, data) in enumerate(self._blocks(stream, what)):
                    if kind == b"OSMHeader":
                        self._check_header(data)
                    elif kind == b"OSMData" and data is not None:
                        yield from self._pieces(data, what, number)
        except OSError as error:
            raise file_error(error) from error
        except _BROKEN as error:
            raise self._damaged(str(error)) from error

    def _blocks(self, stream: Any, what: str) -> Iterator[tuple[bytes, Message | None]]:
        number = 0
        while size := stream.read(4):
            (length,) = struct.unpack(">I", size)
            if length > _HEAD:
                raise self._damaged(f"a header of {length} bytes")
            kind, blob = b"", 0
            for field, value in _fields(memoryview(stream.read(length))):
                if field == 1:
                    kind = bytes(value)
                elif field == 3:
                    blob = int(value)
            if not 0 <= blob <= _BLOB:
                raise self._damaged(f"a block of {blob} bytes")
            if number in self._without[what]:
                stream.seek(blob, 1)
                yield kind, None
            else:
                packed = stream.read(blob)
                if len(packed) < blob:
                    raise self._damaged("it ends in the middle of a block")
                yield kind, memoryview(_unpacked(packed))
            number += 1

    def _check_header(self, data: Message | None) -> None:
        for field, value in _fields(data) if data is not None else ():
            if field == 4 and bytes(value) not in _KNOWN:
                raise FormatError(
                    "{file} needs {feature}, which is not read here.",
                    hint="Export the current state of the roads only.",
                    file=self.path.name, feature=bytes(value)[:60].decode("utf-8", "replace"),
                )  # fmt: skip

    def _pieces(self, data: Message, what: str, number: int) -> Iterator[Piece]:
        strings: list[bytes] = []
        groups, grain, offset = [], 100, [0, 0]
        for field, value in _fields(data):
            if field == 1:
                strings = [bytes(text) for one, text in _fields(value) if one == 1]
            elif field == 2:
                groups.append(value)
            elif field == 17:
                grain = int(value)
            elif field in (19, 20):
                offset[20 - field] = _signed(int(value))
        scale = _NANO * grain
        shift = _NANO * np.array(offset, float)
        wanted = {NODES: (1, 2), WAYS: (3,), RELATIONS: (4,)}[what]
        found = [(field, value) for group in groups for field, value in _fields(group) if field in wanted]
        if not found:
            self._without[what].add(number)
        elif what == NODES:
            dense = [_dense(value) for field, value in found if field == 2]
            single = [value for field, value in found if field == 1]
            for ids, places in dense + ([_single(single)] if single else []):
                yield Nodes(ids, places * scale + shift)
        elif what == WAYS:
            yield _ways([value for _, value in found], strings)
        else:
            yield _relations([value for _, value in found], strings)

    def _damaged(self, reason: str) -> FormatError:
        return FormatError(
            "{file} is damaged or no OpenStreetMap PBF: {reason}.", hint="Download it again.",
            file=self.path.name, reason=reason[:80],
        )  # fmt: skip


def packed_varints(data: bytes | Message) -> NDArray[np.uint64]:
    """Return whole numbers that stand one behind another, seven bits a byte, lowest first.

    >>> packed_varints(bytes([0x96, 0x01, 0x05])).tolist()
    [150, 5]
    """
    raw = np.frombuffer(data, np.uint8)
    if not len(raw):
        return np.empty(0, np.uint64)
    ends = np.flatnonzero(raw < 128)
    if not len(ends) or ends[-1] != len(raw) - 1:
        raise ValueError("a number without an end")
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > 10:
        raise ValueError("a number of more than 64 bits")
    place = (np.arange(len(raw)) - np.repeat(starts, lengths)).astype(np.uint64)
    return np.add.reduceat((raw & 127).astype(np.uint64) << (np.uint64(7) * place), starts)


def zigzag(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return signed numbers of those that alternate between the signs.

    >>> zigzag(np.array([0, 1, 2, 3], np.uint64)).tolist()
    [0, -1, 1, -2]
    """
    return (values >> np.uint64(1)).astype(np.int64) ^ -((values & np.uint64(1)).astype(np.int64))


def _fields(data: Message) -> Iterator[tuple[int, Any]]:
    """Yield number and value of the fields of a message: an int, or a view of bytes."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif wire == 2:
            length, at = _varint(data, at)
            if at + length > end:
                raise ValueError("a field that is longer than its message")
            yield key >> 3, data[at : at + length]
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"a field of kind {wire}")


def _varint(data: Message, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("a number of more than 64 bits")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _unpacked(packed: bytes) -> bytes:
    """Return the content of a blob, no more of it than a block may hold."""
    for field, value in _fields(memoryview(packed)):
        if field == 1:
            return bytes(value)
        if field == 3:
            content = zlib.decompressobj().decompress(bytes(value), _BLOB + 1)
        elif field == 4:
            content = lzma.LZMADecompressor(memlimit=64 << 20).decompress(bytes(value), _BLOB + 1)
        elif field in (5, 6, 7):
            raise ValueError("a block that is packed in a way other than zlib or lzma")
        else:
            continue
        if len(content) > _BLOB:
            raise ValueError("a block of more than 32 MB")
        return content
    raise ValueError("a block without content")


def _dense(data: Message) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    parts: dict[int, NDArray[np.int64]] = {}
    for field, value in _fields(data):
        if field in (1, 8, 9):
            parts[field] = np.cumsum(zigzag(packed_varints(value)))
    ids, lat, lon = (parts.get(field, np.empty(0, np.int64)) for field in (1, 8, 9))
    if not len(ids) == len(lat) == len(lon):
        raise ValueError("nodes without a place")
    return ids, np.column_stack([lon, lat]).astype(float)


def _single(nodes: list[Message]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows = []
    for data in nodes:
        row = {field: value for field, value in _fields(data) if field in (1, 8, 9)}
        rows.append([row[1], row[9], row[8]])
    found = zigzag(np.array(rows, np.uint64))
    return found[:, 0], found[:, 1:].astype(float)


def _few(data: Message | bytes) -> list[int]:
    """Return the numbers of a short field; where all are below 128 they are the bytes themselves."""
    return list(data) if max(data, default=0) < 128 else packed_varints(data).tolist()


def _tags(parts: dict[int, Any], strings: list[bytes]) -> dict[str, str]:
    pairs = zip(_few(parts.get(2, b"")), _few(parts.get(3, b"")))
    return {strings[key].decode("utf-8", "replace"): strings[value].decode("utf-8", "replace") for key, value in pairs}


def _ways(messages: list[Message], strings: list[bytes]) -> list[Way]:
    keys = {number for number, text in enumerate(strings) if text in (b"highway", b"route")}
    rows: list[tuple[int, dict[str, str]]] = []
    refs: list[Message] = []
    for data in messages if keys else ():
        parts = {field: value for field, value in _fields(data) if field in (1, 2, 3, 8)}
        if keys.isdisjoint(_few(parts.get(2, b""))):
            continue
        tags = _tags(parts, strings)
        if is_road(tags):
            rows.append((_signed(int(parts[1])), tags))
            refs.append(parts.get(8, memoryview(b"")))
    return [Way(one, tags, nodes) for (one, tags), nodes in zip(rows, _sums_of(refs))]


def _sums_of(pieces: list[Message]) -> list[NDArray[np.int64]]:
    """Return running sums of the signed numbers of each piece, all pieces at once because most are short."""
    joined = b"".join(pieces)
    steps = zigzag(packed_varints(joined))
    lasts = np.cumsum(np.frombuffer(joined, np.uint8) < 128)  # numbers that end at or before each byte
    ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
    counts = np.where(ends > 0, lasts[ends - 1], 0) if len(joined) else np.zeros(len(pieces), np.int64)
    for piece in pieces:
        if len(piece) and piece[-1] > 127:
            raise ValueError("a number without an end")
    sums = np.concatenate([[0], np.cumsum(steps)])
    starts = np.concatenate([[0], counts[:-1]]).astype(np.int64)
    return [sums[first + 1 : last + 1] - sums[first] for first, last in zip(starts.tolist(), counts.tolist())]


def _relations(messages: list[Message], strings: list[bytes]) -> list[Relation]:
    found: list[Relation] = []
    for data in messages if b"restriction" in strings else ():
        parts = {field: value for field, value in _fields(data) if field in (1, 2, 3, 8, 9, 10)}
        tags = _tags(parts, strings)
        if not is_restriction(tags):
            continue
        roles, kinds = (packed_varints(parts.get(field, b"")).tolist() for field in (8, 10))
        ids = np.cumsum(zigzag(packed_varints(parts.get(9, b"")))).tolist()
        members = [
            (_MEMBERS[kind], one, strings[role].decode("utf-8", "replace"))
            for kind, one, role in zip(kinds, ids, roles)
        ]
        found.append(Relation(_signed(int(parts[1])), tags, members))
    return found
