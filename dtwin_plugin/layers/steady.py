"""A GeoPackage that is the same bytes when the same run writes it again: the times in it are those of the run."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timezone
from pathlib import Path

# columns that the writers fill with the clock: the layer, its style, its metadata
_TIMES = (
    ("gpkg_contents", "last_change"),
    ("layer_styles", "update_time"),
    ("gpkg_metadata_reference", "timestamp"),
)
_CHANGES = (24, 92)  # where SQLite counts the changes of a file, and keeps the count for which its version holds


def make_steady(path: Path, moment: str) -> None:
    """Set the times in a GeoPackage to one moment, and write it anew, so that nothing of how it came about is left.

    Parameters
    ----------
    path : Path
        Nobody else has it open.
    moment : str
        ISO 8601, with its offset.
    """
    stamp = datetime.fromisoformat(moment).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(path, isolation_level=None)) as package:
        package.execute("PRAGMA journal_mode = DELETE")
        for table, column in _TIMES:
            with suppress(sqlite3.OperationalError):  # the table is not there
                package.execute(f"UPDATE {table} SET {column} = ?", (stamp,))
        package.execute("VACUUM")
    _count_from_one(path)


def _count_from_one(path: Path) -> None:
    """Set the number of changes, which depends on how the writers shared their work, to 1 (file format, 1.3.7)."""
    with path.open("r+b") as file:
        for place in _CHANGES:
            file.seek(place)
            file.write((1).to_bytes(4, "big"))
