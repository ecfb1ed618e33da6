"""Bytes as they came, unpacked from gzip within bounds."""

from __future__ import annotations

import io
import zlib
from typing import IO

from dtwin_plugin.errors import FormatError

LARGEST = 1 << 30  # bytes, unpacked; the site table of the whole country takes 150 MB
_RATIO, _FREE = 200, 64 << 20  # what is larger than 64 MB and shrank more than 200 times is no data
_PIECE = 1 << 18


class _Unpacked(io.RawIOBase):
    """A gzip, or several after one another, read as one stream and refused where it grows without end."""

    def __init__(self, stream: IO[bytes], file: str) -> None:
        self._stream, self._file = stream, file
        self._engine = zlib.decompressobj(31)
        self._rest, self._taken, self._given = b"", 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._piece(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _piece(self, most: int) -> bytes:
        while True:
            if not self._rest:
                self._rest = self._stream.read(_PIECE)
                self._taken += len(self._rest)
                if not self._rest:
                    if not self._engine.eof:
                        raise FormatError("{file} ends half-way.", hint="Download it again.", file=self._file)
                    return b""
            if self._engine.eof:
                self._engine = zlib.decompressobj(31)
            try:
                piece = self._engine.decompress(self._rest, most)
            except zlib.error as error:
                raise FormatError(
                    "{file} is a broken gzip: {reason}.", hint="Download it again.", file=self._file, reason=error
                ) from error
            self._rest = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
            if piece:
                self._check(len(piece))
                return piece

    def _check(self, size: int) -> None:
        self._given += size
        if self._given > LARGEST or (self._given > _FREE and self._given > _RATIO * self._taken):
            raise FormatError(
                "{file} grows to more than {size} MB when unpacked, which no data of this kind does.",
                hint="Do not trust it.",
                file=self._file,
                size=(self._given - size) >> 20,
            )


def unpacked(stream: IO[bytes], file: str) -> IO[bytes]:
    """Return a stream of what is in a stream that may be a gzip.

    Reading raises FormatError where the gzip is broken, ends half-way or grows without measure.
    """
    head = stream.read(2)
    whole = joined(head, stream)
    return io.BufferedReader(_Unpacked(whole, file), _PIECE) if head == b"\x1f\x8b" else whole


def joined(head: bytes, stream: IO[bytes]) -> IO[bytes]:
    """Return a stream with the bytes that were read of it put back."""
    return io.BufferedReader(_Joined(head, stream), _PIECE)


class _Joined(io.RawIOBase):
    """A few bytes that were read already, and the stream that they came from."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)
