"""The files of a bag in a zip or a folder, read where they are: nothing is unpacked, so nothing can land elsewhere."""

from __future__ import annotations

import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dtwin_plugin.errors import FormatError

MOST_FILES = 100_000
LARGEST = 200_000_000_000  # bytes of all files together
# what reading a damaged zip, or one in a way of packing that is not known here, raises
BROKEN = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, RuntimeError, KeyError)
_RATIO, _FROM = 500, 1_000_000_000  # a zip that is so many times larger unpacked, and this large [bytes], is a bomb


class Opened:
    """Names, sizes and contents of the files of a bag."""

    def __init__(self, sizes: dict[str, int], base: Path | zipfile.ZipFile, prefix: str = "") -> None:
        self.sizes, self._base, self._prefix = sizes, base, prefix

    def open(self, name: str) -> IO[bytes]:
        """Open a file by its path in the bag."""
        if isinstance(self._base, Path):
            return (self._base / name).open("rb")
        return self._base.open(self._prefix + name)


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a bag, in a folder or as the one folder of a zip.

    Raises
    ------
    FormatError
        If it is neither, or hostile: links, paths that lead out, too much.
    """
    if path.is_dir():
        yield Opened(_of_folder(path), path)
        return
    try:
        file = zipfile.ZipFile(path)
    except BROKEN as error:
        raise FormatError("{file} is neither a folder nor a zip.", hint="Choose a bag.", file=path.name) from error
    with file:
        sizes = _of_zip(file, path)
        roots = {name.partition("/")[0] for name in sizes}
        prefix = "" if "bagit.txt" in sizes or len(roots) != 1 else roots.pop() + "/"
        yield Opened({name.removeprefix(prefix): size for name, size in sizes.items()}, file, prefix)


def is_safe(name: str) -> bool:
    r"""Tell whether a path stays below where it begins, on every system.

    >>> [is_safe(name) for name in ("data/a", "../a", "/a", "data/../../a", "C:/a", "a\\..\\b", "~/a", "")]
    [True, False, False, False, False, False, False, False]
    """
    parts = name.split("/")
    return (
        bool(name)
        and not any(part in ("..", "") for part in parts)
        and not (name.startswith("~") or "\\" in name or name[1:2] == ":" or "\0" in name)
    )


def _refuse(path: Path, reason: str) -> FormatError:
    return FormatError("{file} is refused: {reason}.", hint="Ask who made it.", file=path.name, reason=reason)


def _of_folder(path: Path) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for folder, folders, files in os.walk(path):  # links to folders are not followed
        for name in (*folders, *files):
            place = Path(folder) / name
            if place.is_symlink():
                raise _refuse(path, f"{name} is a link")
            if name in files:
                if not place.is_file():  # to open a pipe waits for ever
                    raise _refuse(path, f"{name} is no file")
                sizes[place.relative_to(path).as_posix()] = place.stat().st_size
        if len(sizes) > MOST_FILES:
            raise _refuse(path, f"it has more than {MOST_FILES} files")
    return sizes


def _of_zip(file: zipfile.ZipFile, path: Path) -> dict[str, int]:
    entries = file.infolist()
    if len(entries) > MOST_FILES:
        raise _refuse(path, f"it has more than {MOST_FILES} files")
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if total > LARGEST or total > _FROM and total > _RATIO * max(packed, 1):
        raise _refuse(path, f"it is {total / 1e9:.1f} GB unpacked")
    sizes: dict[str, int] = {}
    for entry in entries:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refuse(path, f"{entry.filename} is a link")
        if entry.flag_bits & 1:
            raise _refuse(path, f"{entry.filename} is encrypted")
        if not is_safe(entry.filename.rstrip("/")):
            raise _refuse(path, f"{entry.filename} leads out of it")
        if entry.filename in sizes:
            raise _refuse(path, f"{entry.filename} is in it twice")
        if not entry.is_dir():
            sizes[entry.filename] = entry.file_size
    return sizes
