"""Parts of a file by their place: from disk, or from a server that gives ranges of bytes (RFC 9110, 14)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from dtwin_plugin.errors import FormatError, SourceError, UnavailableError
from dtwin_plugin.progress import Progress

from .features_service.answers import refused, server_of
from .retry import retrying
from .transport import Response, Transport

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_HEAD = 4096  # bytes asked first, which tell how large the file is
_GAP, _MOST = 4096, 8 << 20  # bytes between parts that are asked together, and bytes asked at once
_TIMEOUT = 120.0  # s for one part


class Ranges(Protocol):
    """A file that is read in parts.

    Attributes
    ----------
    name : str
        For messages.
    size : int
        Of the file [bytes].
    read_bytes, requests : int
        What was read until now, and in how many times.
    """

    name: str
    size: int
    read_bytes: int
    requests: int

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes; raises SourceError where they are not there."""
        ...


class FileRanges:
    """Parts of a file on disk."""

    def __init__(self, path: Path) -> None:
        self._path, self.name = path, path.name
        self.read_bytes = self.requests = 0
        try:
            self.size = path.stat().st_size
        except FileNotFoundError:
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
        except OSError as error:
            raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes; raises SourceError where they are not there."""
        require_within(self.name, offset, length, self.size)
        try:
            with self._path.open("rb") as stream:
                stream.seek(offset)
                data = stream.read(length)
        except OSError as error:
            raise SourceError("{file} cannot be read: {reason}.", file=self.name, reason=error) from error
        self.read_bytes += len(data)
        self.requests += 1
        require_within(self.name, offset, length, offset + len(data))
        return data


class Listener:
    """Holds the progress of the reading that is under way, which may be another than when the file was opened."""

    progress: Progress | None = None


class HttpRanges:
    """Parts of a file on a server, which must stay the same file while it is read.

    Parameters
    ----------
    url : str
    transport : Transport
        Asked again with `retry.Retrying`, whose settings are kept if it is one.
    listener : Listener
        Whose wish to stop is heard while the server is waited for.

    Raises
    ------
    UnavailableError
        If the server does not answer, gives no ranges, or the file changes.
    """

    def __init__(self, url: str, transport: Transport, listener: Listener) -> None:
        self.url, self.name = url, unquote(urlsplit(url).path).rpartition("/")[2] or url
        self._transport, self._listener = transport, listener
        self.read_bytes = self.requests = self.size = 0
        self._version = ""
        self._head = self._ask(0, _HEAD)

    def read(self, offset: int, length: int) -> bytes:
        """Return so many bytes; raises SourceError where they are not there."""
        require_within(self.name, offset, length, self.size)
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        data = self._ask(offset, length)
        if len(data) != length:
            raise _interrupted("{server} sent {found} bytes of {file} where {expected} were asked.", self, data, length)
        return data

    def _ask(self, offset: int, length: int) -> bytes:
        if not length:
            return b""
        last = min(offset + length, self.size or offset + length) - 1
        headers = {"Range": f"bytes={offset}-{last}", "Accept-Encoding": "identity"}
        transport = retrying(self._transport, self._listener.progress)
        response = transport.get(self.url, timeout=_TIMEOUT, headers=headers)
        self.requests += 1
        self.read_bytes += len(response.body)
        if response.status == 416:
            raise _interrupted(
                "{server} says that {file} ends before byte {expected}.", self, response.body, offset + 1
            )
        if response.status == 200:
            raise UnavailableError(
                "{server} does not give parts of {file}, but only all of it.",
                hint="Download the file and open it from disk.",
                server=server_of(self.url),
                file=self.name,
            )
        if response.status != 206:
            raise refused(response, self.url)
        self._check(response, offset)
        return response.body

    def _check(self, response: Response, offset: int) -> None:
        """Refuse a part of another place, or of another version of the file."""
        match = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
        if not match or int(match.group(1)) != offset or int(match.group(2)) - offset + 1 != len(response.body):
            raise _interrupted("{server} sent another part of {file} than was asked.", self, response.body, 0)
        size = int(match.group(3))
        version = response.headers.get("etag") or response.headers.get("last-modified", "")
        if self.size and (size, version) != (self.size, self._version):
            raise _interrupted("{file} on {server} changed while it was read.", self, response.body, 0)
        self.size, self._version = size, version


class RangeStream(io.RawIOBase):
    """Parts as a stream, for what reads a header here and there; asks at least 4 kB at a time."""

    def __init__(self, ranges: Ranges) -> None:
        super().__init__()
        self._ranges, self._at = ranges, 0
        self._start, self._block = 0, b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a place from the start (0), from here (1) or from the end (2)."""
        self._at = offset + (0, self._at, self._ranges.size)[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer at the end of the file."""
        left = max(0, self._ranges.size - self._at)
        size = left if size < 0 else min(size, left)
        if not size:
            return b""
        if not self._start <= self._at <= self._at + size <= self._start + len(self._block):
            self._start, self._block = self._at, self._ranges.read(self._at, min(left, max(size, _HEAD)))
        first = self._at - self._start
        self._at += size
        return self._block[first : first + size]


def together(parts: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return which parts (offset, length), by their number, are read at once because they lie beside each other.

    >>> together([(1_000_000, 10), (0, 10), (10, 20)])
    [[1, 2], [0]]
    """
    groups: list[list[int]] = []
    start = end = 0
    for number in sorted(range(len(parts)), key=parts.__getitem__):
        offset, length = parts[number]
        if groups and 0 <= offset - end <= _GAP and offset + length - start <= _MOST:
            groups[-1].append(number)
        else:
            groups.append([number])
            start = offset
        end = offset + length
    return groups


def require_within(name: str, offset: int, length: int, size: int) -> None:
    """Refuse a part that does not lie in the file."""
    if offset < 0 or length < 0 or offset + length > size:
        raise FormatError(
            "{file} refers to byte {last}, and has {size} bytes.",
            hint="Download or export it again.",
            file=name,
            last=offset + length,
            size=size,
        )


def _interrupted(message: str, file: HttpRanges, data: bytes, expected: int) -> UnavailableError:
    """Return the error of an answer that does not fit the file."""
    return UnavailableError(
        message, hint="Try again later.", server=server_of(file.url), file=file.name, found=len(data), expected=expected
    )
