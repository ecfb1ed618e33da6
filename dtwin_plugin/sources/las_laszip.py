"""The record that tells how points are compressed (LAZ), and the table of the compressed chunks, checked beforehand.

References
----------
Isenburg, M. (2013). LASzip: lossless compression of LiDAR data. Photogrammetric Engineering & Remote Sensing 79 (2).
LASzip specification 1.4 - R1 (record 22204, chunk table, layered chunks).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO

from dtwin_plugin.errors import FormatError

_HEAD, _ITEM = struct.Struct("<HHBBHIIqqH"), struct.Struct("<HHH")
LASZIP = ("laszip encoded", 22204)  # user id and number of the record
# Layers of an item of points, by its type; extra bytes (14) have one for each byte.
_LAYERS = {10: 9, 11: 1, 12: 2, 13: 1}
_POINTWISE, _LAYERED = 2, 3  # compressors of chunks: by point, and by layer of each dimension


def is_layered(record: bytes) -> bool:
    """Tell whether the chunks are compressed by layer, so that a chunk can only be unpacked whole."""
    return int.from_bytes(record[:2], "little") == _LAYERED


def check_laszip(stream: BinaryIO, record: bytes | None, offset: int, size: int, point_size: int, name: str) -> None:
    """Refuse compressed points whose record or chunk table cannot be true.

    Parameters
    ----------
    offset, size, point_size : int
        Where the points start, the size of the file, and of a point as it is when unpacked [bytes].

    Raises
    ------
    FormatError
    """
    if record is None or len(record) < _HEAD.size:
        raise _refused(name, "the record that tells how is absent")
    compressor, _, _, _, _, _, _, _, _, item_count = _HEAD.unpack_from(record)
    if compressor not in (_POINTWISE, _LAYERED):
        raise _refused(name, f"compressor {compressor} is not known")
    if len(record) < _HEAD.size + item_count * _ITEM.size:
        raise _refused(name, "the record that tells how is too short")
    unpacked = sum(_ITEM.unpack_from(record, _HEAD.size + n * _ITEM.size)[1] for n in range(item_count))
    if unpacked != point_size:
        raise _refused(name, f"points unpack to {unpacked} bytes where the header says {point_size}")
    _check_chunk_table(stream, offset, size, point_size, name)


def check_layers(
    stream: BinaryIO, record: bytes, table: Sequence[tuple[int, int]], offset: int, point_size: int, name: str
) -> None:
    """Refuse a chunk whose layers together would be larger than the chunk, because room is made for each.

    Parameters
    ----------
    table : sequence of (points, bytes)
        Of each chunk.

    Raises
    ------
    FormatError
    """
    (items,) = struct.unpack_from("<H", record, _HEAD.size - 2)
    kinds = [_ITEM.unpack_from(record, _HEAD.size + n * _ITEM.size)[:2] for n in range(items)]
    sizes = struct.Struct(f"<4x{sum(_LAYERS.get(kind, size) for kind, size in kinds)}I")
    at = offset + 8
    for count, packed in table:
        stream.seek(at + point_size)
        at += packed
        if count and sum(sizes.unpack(stream.read(sizes.size))) > packed:
            raise _refused(name, f"the layers of a chunk would take more than its {packed} bytes")


def _check_chunk_table(stream: BinaryIO, offset: int, size: int, point_size: int, name: str) -> None:
    at = _table_offset(stream, offset, size)
    if at is None:
        raise FormatError(
            "{file} ends too soon: the table of its compressed chunks is absent.",
            hint="Download it again.",
            file=name,
        )
    stream.seek(at)
    _, chunks = struct.unpack("<II", stream.read(8))
    # A chunk begins with a whole point; writers may add one empty chunk at the end.
    if (chunks - 1) * point_size > at - offset:
        raise _refused(name, f"{chunks} chunks do not fit in {at - offset} bytes")


def _table_offset(stream: BinaryIO, offset: int, size: int) -> int | None:
    """Return where the chunk table is, None if it is not in the file; -1 in its place means in the last 8 bytes."""
    for place in (offset, size - 8):
        if place < offset or place + 8 > size:
            return None
        stream.seek(place)
        (at,) = struct.unpack("<q", stream.read(8))
        if at != -1:
            return int(at) if offset + 8 <= at <= size - 8 else None
    return None


def _refused(name: str, reason: str) -> FormatError:
    return FormatError(
        "The compressed points of {file} cannot be unpacked: {reason}.",
        hint="Export it again as LAZ or LAS.",
        file=name,
        reason=reason,
    )
