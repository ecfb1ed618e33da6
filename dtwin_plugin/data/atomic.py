"""Write beside and rename, so that no reader ever sees half a file."""

from __future__ import annotations

import glob
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_SQLITE = ("-wal", "-shm")  # what a program that died leaves of a GeoPackage: SQLite would play it into the new one


@contextmanager
def written_beside(path: str | Path, parts: Sequence[str] = ()) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; rename it when the block ends well, remove it otherwise.

    The temporary name keeps the suffix, which drivers look at. A folder may be written as well as a file. `parts` are
    the suffixes of files that belong to it (a shapefile's `.dbf`) and go with it.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with written_beside(target) as temporary:
    ...     _ = temporary.write_text("done")
    >>> target.read_text()
    'done'
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid.uuid4().hex[:8]}-{target.name}")
    try:
        yield temporary
        if temporary.is_dir() and target.is_dir():
            shutil.rmtree(target)
        for suffix in parts:
            if temporary.with_suffix(suffix).exists():
                temporary.with_suffix(suffix).replace(target.with_suffix(suffix))
        for end in _SQLITE:
            target.with_name(target.name + end).unlink(missing_ok=True)
        temporary.replace(target)
    finally:
        _remove(temporary)
        for suffix in parts:
            _remove(temporary.with_suffix(suffix))


def _remove(path: Path) -> None:
    """Remove what a failed writer left, with the side files that drivers make (`.gpkg-wal`, `.tif.aux.xml`)."""
    for leftover in path.parent.glob(glob.escape(path.name) + "*"):
        with suppress(OSError):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
