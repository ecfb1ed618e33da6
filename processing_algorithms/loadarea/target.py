"""The GeoPackage of a load: its name, and whether it can be written, known before any service is asked."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import mark

from .package import tables_of

SUFFIX = ".gpkg"


def target_of(text: str) -> Path:
    """Return the file that a user means; a name without a suffix gets that of a GeoPackage.

    >>> target_of("delft").name, target_of("delft.GPKG").name
    ('delft.gpkg', 'delft.GPKG')

    Raises
    ------
    InputError
        If it has another suffix.
    """
    path = Path(text.strip())
    if not path.suffix and path.name and not path.is_dir():
        return path.with_name(path.name + SUFFIX)
    if path.suffix.lower() != SUFFIX:
        raise InputError(
            "{file} is no GeoPackage; expected a name that ends in .gpkg.",
            hint="Choose a file with such a name.",
            file=str(path),
        )
    return path


def files_of(target: Path) -> Path:
    """Return the folder beside a GeoPackage for what does not fit in it."""
    return target.with_name(target.stem + "_files")


def check_target(target: Path) -> None:
    """Raise InputError where a GeoPackage cannot be written; a folder that can be made is no obstacle."""
    reason = _obstacle(target)
    if reason:
        raise InputError(
            "{file} cannot be written: {reason}.",
            hint="Choose another folder or file.",
            file=str(target),
            reason=reason,
        )


def _obstacle(target: Path) -> str:
    """Return why a file cannot be written, "" where it can."""
    if target.is_dir():
        return mark("it is a folder")
    if target.exists() and not os.access(target, os.W_OK):
        return mark("it is read-only")
    if files_of(target).exists() and not files_of(target).is_dir():
        return mark("what should be the folder beside it is a file")
    if target.exists() and _is_locked(target):
        return mark("another program is writing to it")
    try:
        tables_of(target)
    except InputError:
        return mark("it is damaged, and what it has of earlier loads would be lost")
    return _refused_by(target.absolute().parent)


def _refused_by(folder: Path) -> str:
    """Return why nothing can be written in a folder, which is made for as long as that takes."""
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return mark("its folder cannot be made")
    try:
        with tempfile.TemporaryFile(dir=folder):  # rights that are listed say little on a network drive
            return ""
    except PermissionError:
        return mark("you may not write in its folder")
    except OSError as error:  # a full disk
        return error.strerror or str(error)
    finally:
        for empty in made:
            with suppress(OSError):
                empty.rmdir()


def _is_locked(target: Path) -> bool:
    """Tell whether somebody writes to a GeoPackage now, as SQLite knows it; what is no database is not locked."""
    try:
        address = f"{target.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as database:
            database.execute("begin immediate")
            database.execute("rollback")
    except sqlite3.OperationalError as error:
        return "locked" in str(error) or "busy" in str(error)
    except sqlite3.DatabaseError:
        return False
    return False
