"""The bytes of a file, whether it is plain, gz or zip, within bounds."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from dtwin_plugin.errors import FormatError, SourceError

_SUFFIXES = (".json", ".jsonl", ".cityjson", ".cityjsonl")
_RATIO, _FREE = 200, 1 << 30  # a content of more than 1 GB that shrinks more than 200 times is no city model
_PIECE = 8 << 20  # bytes of a long line that are read at a time


class Content:
    """The decompressed bytes of a file, which count themselves.

    Attributes
    ----------
    warnings : list of str
        What the user should know about the container.
    """

    def __init__(self, stream: IO[bytes], raw: IO[bytes], path: Path, look: Callable[[], None]) -> None:
        self._stream, self._raw, self.file, self.look = stream, raw, path.name, look
        self.size = max(1, path.stat().st_size)
        self.count = 0
        self.warnings: list[str] = []

    @property
    def fraction(self) -> float:
        """The share of the file that has been read (0 to 1)."""
        return min(1.0, self._raw.tell() / self.size)

    def line(self) -> bytes:
        """Return the next line, empty at the end."""
        piece = self._counted(self._stream.readline(_PIECE))
        if len(piece) < _PIECE or piece.endswith(b"\n"):
            return piece
        whole = io.BytesIO()  # grows in place and gives its bytes without a copy
        while piece:
            whole.write(piece)
            piece = b"" if piece.endswith(b"\n") else self._counted(self._stream.readline(_PIECE))
        return whole.getvalue()

    def rest(self, first: bytes, second: bytes) -> bytes:
        """Return two lines that were read and all that follows."""
        if not second:
            return first
        whole = io.BytesIO()
        piece = first + second
        while piece:
            whole.write(piece)
            piece = self._counted(self._stream.read(_PIECE))
        return whole.getvalue()

    def _counted(self, piece: bytes) -> bytes:
        self.look()
        self.count += len(piece)
        if self.count > _FREE and self.count > _RATIO * self.size:
            raise FormatError(
                "{file} grows more than {ratio} times when decompressed, which no city model does.",
                hint="Do not trust it.",
                file=self.file,
                ratio=_RATIO,
            )
        return piece


@contextmanager
def opened(path: Path, look: Callable[[], None]) -> Iterator[Content]:
    """Open a plain, gz or zip file; of a zip, the first CityJSON in it. `look` is called at times, and may raise.

    Raises
    ------
    SourceError, FormatError
        If the file cannot be read, also while it is read, or grows without measure.
    """
    try:
        with path.open("rb") as raw, ExitStack() as stack:
            magic = raw.read(4)
            raw.seek(0)
            stream: IO[bytes] = raw
            names: list[str] = []
            if magic[:2] == b"\x1f\x8b":
                stream = stack.enter_context(gzip.open(raw))  # type: ignore[arg-type]
            elif magic == b"PK\x03\x04":
                stream, names = _first_of_zip(raw, path.name, stack)
            content = Content(stream, raw, path, look)
            if names[1:]:
                content.warnings.append(f"{names[0]} is read of {len(names)} CityJSON files in the zip.")
            yield content
    except FileNotFoundError:
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
    except IsADirectoryError:
        raise SourceError("{file} is a folder; expected a file.", file=str(path)) from None
    except MemoryError:
        raise SourceError(
            "{file} does not fit in the memory.", hint="Convert it to a CityJSONSeq (.jsonl).", file=path.name
        ) from None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError) as error:
        raise SourceError(
            "{file} cannot be read: {reason}.", "Download it again.", file=path.name, reason=str(error).rstrip(".")
        ) from error


def _first_of_zip(raw: IO[bytes], file: str, stack: ExitStack) -> tuple[IO[bytes], list[str]]:
    """Return the content of the first CityJSON in a zip, and the names of all."""
    try:
        archive = stack.enter_context(zipfile.ZipFile(raw))
        entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(_SUFFIXES)]
        if not entries:
            raise FormatError("{file} has no file of the kinds {kinds} in it.", file=file, kinds=", ".join(_SUFFIXES))
        if entries[0].flag_bits & 1:
            raise SourceError("{file} is locked with a password.", hint="Unpack it first.", file=file)
        return stack.enter_context(archive.open(entries[0])), [entry.filename for entry in entries]
    except (ValueError, RuntimeError, struct.error) as error:  # what zipfile says of a broken list of contents
        raise SourceError("{file} is a broken zip: {reason}.", file=file, reason=error) from error
