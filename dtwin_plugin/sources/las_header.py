"""The header of a LAS file, checked before any library believes it.

A header counts and measures what follows: records, points, bytes. A broken or hostile one makes a reader wait for, or
make room for, what is not there. So every count is held against the size of the file first.

References
----------
ASPRS (2019). LAS specification 1.4 - R15, clauses 2.4 (public header), 2.5 and 2.7 (records), 2.6 (point formats).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dtwin_plugin.errors import FormatError, SourceError

from .las_laszip import LASZIP, check_laszip

_HEADER_SIZE = {0: 227, 1: 227, 2: 227, 3: 235, 4: 375}  # [bytes], by minor version
_POINT_SIZE = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)  # [bytes], by point format
_RECORD, _EXTENDED = struct.Struct("<2x16sHH32x"), struct.Struct("<2x16sHQ32x")
_MAX_RECORDS = 64 << 20  # [bytes] of all records before the points
_MAX_EXTENDED = 1 << 20  # [bytes] of one extended record that is kept: they hold waveforms and indices too
_COMPRESSED = 0x80  # bit of the point format
_HINT = "Download or export it again."

Records = dict[tuple[str, int], bytes]


@dataclass(frozen=True)
class LasHeader:
    """What a LAS file says about itself.

    Attributes
    ----------
    size, offset, point_size : int
        Of the file, to the points, and of a point [bytes].
    minimum, maximum : tuple of float
        x, y, z of the box around the points, as stated.
    records : dict
        (user id, record id) to contents, of the records that fit in the file; the first of a name counts.
    scales, offsets : tuple of float
        Of x, y, z: a coordinate is its whole number times the scale plus the offset.
    """

    version: str
    point_format: int
    compressed: bool
    size: int
    offset: int
    point_size: int
    count: int
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    prefers_wkt: bool
    records: Records
    scales: tuple[float, ...]
    offsets: tuple[float, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The stated box as (x min, y min, x max, y max)."""
        return *self.minimum[:2], *self.maximum[:2]  # type: ignore[return-value]


def read_header(path: Path) -> LasHeader:
    """Return the header of a LAS or LAZ file, with every count held against the size of the file.

    Raises
    ------
    SourceError
        If the file is absent or cannot be read.
    FormatError
        If it is no LAS file, is of an unknown version, or says what cannot be true.
    """
    try:
        with path.open("rb") as stream:
            return header_of(stream, path.stat().st_size, path.name)
    except FileNotFoundError:
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
    except IsADirectoryError:
        raise SourceError("{file} is a folder; expected a file.", file=str(path)) from None
    except OSError as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error


def header_of(stream: BinaryIO, size: int, name: str) -> LasHeader:
    """Return the header at the start of a stream of so many bytes, checked as by `read_header`."""
    head = stream.read(max(_HEADER_SIZE.values()))
    minor = _minor_version(head, name)
    header_size, offset, record_count, kind, point_size, count = struct.unpack_from("<HIIBHI", head, 94)
    extended_at = extended_count = 0
    if minor >= 4:
        extended_at, extended_count, count = struct.unpack_from("<QIQ", head, 235)
    _check_places(name, minor, header_size, offset, size)
    space = offset - header_size
    _check_records(name, record_count, space)
    compressed, point_format = bool(kind & _COMPRESSED), kind & 0x3F
    _check_points(name, size - offset, count, point_format, point_size, compressed)
    numbers = struct.unpack_from("<12d", head, 131)
    low, high = _box(numbers, name, count)
    stream.seek(header_size)
    records = _records(stream.read(space), record_count)
    if compressed and count:
        check_laszip(stream, records.get(LASZIP), offset, size, point_size, name)
    records = {**_extended_records(stream, size, extended_at, extended_count), **records}
    wkt = minor >= 4 and bool(head[6] & 0x10)
    return LasHeader(
        f"1.{minor}", point_format, compressed, size, offset, point_size, count, low, high, wkt, records,
        numbers[:3], numbers[3:6],
    )  # fmt: skip


def _minor_version(head: bytes, name: str) -> int:
    if not head:
        raise FormatError("{file} is empty.", hint=_HINT, file=name)
    if head[:4] != b"LASF":
        raise FormatError(
            "{file} is not a LAS file: it begins with {found}, expected b'LASF'.",
            hint="Export it as LAS or LAZ; unzip it first if it is packed.",
            file=name,
            found=head[:4],
        )
    if len(head) > 25 and (head[24] != 1 or head[25] not in _HEADER_SIZE):
        raise FormatError(
            "{file} is LAS {major}.{minor}; read are LAS 1.0 to 1.4.",
            hint="Export it as LAS 1.4.",
            file=name,
            major=head[24],
            minor=head[25],
        )
    if len(head) < 227 or len(head) < _HEADER_SIZE[head[25]]:
        raise FormatError("{file} ends within its header, after {size} bytes.", hint=_HINT, file=name, size=len(head))
    return head[25]


def _check_places(name: str, minor: int, header_size: int, offset: int, size: int) -> None:
    if not _HEADER_SIZE[minor] <= header_size <= offset <= size:
        raise FormatError(
            "{file} says that its header takes {header} bytes and its points start at byte {offset} of {size}; "
            "expected a header of at least {least} bytes, and the points behind it.",
            hint=_HINT,
            file=name,
            header=header_size,
            offset=offset,
            size=size,
            least=_HEADER_SIZE[minor],
        )


def _check_records(name: str, count: int, space: int) -> None:
    """Refuse more records before the points than there is space for [bytes], and more than is sensible."""
    if count * _RECORD.size > space:
        raise FormatError(
            "{file} says that it has {count} records before its points, each of at least {least} bytes, in {space} "
            "bytes.",
            hint=_HINT,
            file=name,
            count=count,
            least=_RECORD.size,
            space=space,
        )
    if space > _MAX_RECORDS:
        raise FormatError(
            "{file} has {space} bytes before its points; at most {most} are read.",
            hint="Export it again without waveforms and other large records.",
            file=name,
            space=space,
            most=_MAX_RECORDS,
        )


def _check_points(name: str, room: int, count: int, point_format: int, point_size: int, compressed: bool) -> None:
    """Refuse an unknown point format, and more points than there is room for [bytes]."""
    if point_format >= len(_POINT_SIZE) or point_size < _POINT_SIZE[point_format]:
        raise FormatError(
            "{file} has points of format {format} in {size} bytes; read are formats 0 to 10 of their own size or more.",
            hint="Export it as LAS 1.4.",
            file=name,
            format=point_format,
            size=point_size,
        )
    if not compressed and count * point_size > room:
        raise FormatError(
            "{file} ends too soon: it says that it has {count} points, and there is room for {found}.",
            hint=_HINT,
            file=name,
            count=count,
            found=room // point_size,
        )


def _box(numbers: tuple[float, ...], name: str, count: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the stated box, after checking that scales and offsets [m] make coordinates of the points."""
    for axis, scale, offset in zip("xyz", numbers[:3], numbers[3:6]):
        if count and not (scale and math.isfinite(abs(scale) * 2.0**31 + abs(offset))):
            raise FormatError(
                "{file} has no usable coordinates: the scale of {axis} is {scale} and its offset {offset}.",
                hint=_HINT,
                file=name,
                axis=axis,
                scale=scale,
                offset=offset,
            )
    return numbers[7::2], numbers[6::2]


def _records(data: bytes, count: int) -> Records:
    """Return the records before the points; what runs on into the points is left out, as a wrong count does."""
    records: Records = {}
    at = 0
    for _ in range(count):
        if at + _RECORD.size > len(data):
            break
        user, number, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        if at + length <= len(data):
            records.setdefault((_text(user), number), data[at : at + length])
        at += length
    return records


def _extended_records(stream: BinaryIO, size: int, at: int, count: int) -> Records:
    """Return the records behind the points (LAS 1.4) that are small; the walk ends where they leave the file."""
    records: Records = {}
    for _ in range(min(count, size // _EXTENDED.size)):
        if at + _EXTENDED.size > size:
            break
        stream.seek(at)
        user, number, length = _EXTENDED.unpack(stream.read(_EXTENDED.size))
        at += _EXTENDED.size + length
        if at <= size and length <= _MAX_EXTENDED and _text(user) == "LASF_Projection":
            records.setdefault((_text(user), number), stream.read(length))
    return records


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("latin-1")
