"""The HDF5 files of a delivery of rain radar: one file, a folder, or an archive as the KNMI gives it."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from dtwin_plugin.errors import FormatError, SourceError

from ..archive import members

ENDINGS = (".h5", ".hdf5", ".hdf")
_LARGEST = 64 << 20  # bytes of one file: an image has 1 MB, and a forecast 25 of them
_MOST = 100_000  # files of one delivery: a year has 105,000 steps of 5 minutes


def radar_files(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name of each HDF5 file, and where it can be read until the next is asked for.

    Parameters
    ----------
    path : Path
        An HDF5 file, a folder of them, or a tar (packed or not) or zip with them.

    Raises
    ------
    SourceError, FormatError
        If the path cannot be read, or has no HDF5 file, too many or one that is too large.
    """
    count = 0
    for name, file in _found(path):
        count += 1
        if count > _MOST:
            raise FormatError("{file} holds more than {limit} files.", hint="Take a shorter period.",
                              file=path.name, limit=_MOST)  # fmt: skip
        yield name, file
    if not count:
        raise SourceError(
            "{file} has no rain radar: no file that ends in .h5.",
            hint="Choose a file, folder or archive of the KNMI.",
            file=path.name,
        )


def _found(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix.lower() in ENDINGS and file.is_file():
                yield file.name, file
    elif path.suffix.lower() in ENDINGS:
        if not path.is_file():
            raise SourceError("{file} does not exist.", hint="Check the path.", file=str(path))
        yield path.name, path
    elif path.is_file() and tarfile.is_tarfile(path):
        yield from _in_tar(path)
    else:
        yield from _in_zip(path)


def _in_tar(path: Path) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(prefix="dtwin-") as folder:
        try:
            with tarfile.open(path, "r:*") as archive:
                for entry in archive:
                    if entry.isreg() and entry.name.lower().endswith(ENDINGS):
                        source = archive.extractfile(entry)
                        if source is not None:
                            yield _copied(source, entry.name, entry.size, Path(folder))
        except (tarfile.TarError, EOFError, OSError) as error:
            raise SourceError(
                "{file} is a broken tar: {reason}.", hint="Download it again.", file=path.name, reason=str(error)
            ) from error


def _in_zip(path: Path) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(prefix="dtwin-") as folder:
        for member in members(path, lambda name: name.lower().endswith(ENDINGS)):
            if member.names:
                with member.open() as source:
                    yield _copied(source, member.name, member.size, Path(folder))


def _copied(source: IO[bytes], name: str, size: int, folder: Path) -> tuple[str, Path]:
    """Copy a file to a name of our own: GDAL reads HDF5 from the disk alone."""
    short = name.replace("\\", "/").rpartition("/")[2]
    if size > _LARGEST:
        raise FormatError("{file} has {size} MB; rain radar is smaller.", file=short, size=size >> 20)
    target = folder / "radar.h5"
    with target.open("wb") as out:
        shutil.copyfileobj(source, out)
    return short, target
