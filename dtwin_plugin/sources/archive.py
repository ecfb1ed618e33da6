"""Files within zips, and zips within those, read as streams and within bounds; nothing is unpacked to the disk."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Callable

from dtwin_plugin.errors import FormatError, SourceError

_RATIO, _FREE = 200, 1 << 30  # a member of more than 1 GB that shrinks more than 200 times is no data
_MEMBERS = 100_000  # files in one archive
_DEEPEST = 3  # zips within zips: a BAG extract has 2
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, struct.error, RuntimeError)


@dataclass(frozen=True)
class Member:
    """A file, perhaps within archives.

    Attributes
    ----------
    names : tuple of str
        Names of the members from the outermost archive to the file; empty for the file itself.
    size : int
        Bytes, unpacked.
    """

    path: Path
    names: tuple[str, ...] = ()
    size: int = 0

    @property
    def name(self) -> str:
        """The innermost name, without folders."""
        return (self.names[-1] if self.names else self.path.name).replace("\\", "/").rpartition("/")[2]

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Give the bytes as a stream; raises SourceError, FormatError."""
        with _readable(self.path), self.path.open("rb") as raw:
            yield from _descend(raw, self.names, self.path.name)


def members(path: Path, wanted: Callable[[str], bool]) -> Iterator[Member]:
    """Yield a plain file itself, or the files in a zip (to 3 deep) whose name is wanted.

    Raises
    ------
    SourceError, FormatError
        If the file cannot be read, is a broken or locked zip, or grows without measure.
    """
    with _readable(path), path.open("rb") as raw:
        if raw.read(4) != b"PK\x03\x04":
            yield Member(path, (), path.stat().st_size)
            return
        raw.seek(0)
        yield from _listed(raw, path, (), wanted)


def _listed(raw: IO[bytes], path: Path, above: tuple[str, ...], wanted: Callable[[str], bool]) -> Iterator[Member]:
    with zipfile.ZipFile(raw) as archive:
        entries = archive.infolist()
        if len(entries) > _MEMBERS:
            raise FormatError("{file} holds {count} files; expected {limit} at most.", file=path.name,
                              count=len(entries), limit=_MEMBERS)  # fmt: skip
        for entry in entries:
            if entry.is_dir() or entry.filename.startswith("__MACOSX/"):
                continue
            _check(entry, path.name)
            names = (*above, entry.filename)
            if entry.filename.lower().endswith(".zip") and len(names) < _DEEPEST:
                with archive.open(entry) as inner:
                    yield from _listed(inner, path, names, wanted)
            elif wanted(entry.filename):
                yield Member(path, names, entry.file_size)


def _descend(raw: IO[bytes], names: tuple[str, ...], file: str) -> Iterator[IO[bytes]]:
    if not names:
        yield raw
        return
    with zipfile.ZipFile(raw) as archive:
        entry = archive.getinfo(names[0])
        _check(entry, file)
        with archive.open(entry) as inner:
            yield from _descend(inner, names[1:], file)


def _check(entry: zipfile.ZipInfo, file: str) -> None:
    if entry.flag_bits & 1:
        raise SourceError("{file} is locked with a password.", hint="Unpack it first.", file=file)
    if entry.file_size > _FREE and entry.file_size > _RATIO * max(1, entry.compress_size):
        raise FormatError(
            "{file} grows more than {ratio} times when unpacked, which no data does.",
            hint="Do not trust it.",
            file=file,
            ratio=_RATIO,
        )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what the system and zipfile say of a file into one sentence."""
    try:
        yield
    except FileNotFoundError:
        raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path)) from None
    except IsADirectoryError:
        raise SourceError("{file} is a folder; expected a file.", file=str(path)) from None
    except _BROKEN as error:
        raise SourceError(
            "{file} is a broken zip: {reason}.",
            hint="Download it again.",
            file=path.name,
            reason=str(error).rstrip("."),
        ) from error
    except OSError as error:
        raise SourceError("{file} cannot be read: {reason}.", file=path.name, reason=error) from error
