"""An index in SQLite that several processes share, and that may be lost at any time."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Callable, TypeVar

_BUSY = 10.0  # s to wait for another process
T = TypeVar("T")


class SharedIndex:
    """A database that holds nothing that cannot be had again: it never stands in the way.

    Parameters
    ----------
    path : Path
        Made on first use.
    tables : str
        SQL that makes the tables.
    version : int
        Of the tables; a database of another version is made anew.
    lost : callable
        Called after the database was made anew.
    """

    def __init__(self, path: Path, tables: str, version: int, lost: Callable[[], None]) -> None:
        self._path, self._tables, self._version, self._lost = path, tables, version, lost
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None

    def do(self, work: Callable[[sqlite3.Connection], T], otherwise: T, write: bool = False) -> T:
        """Return what `work` makes of the database, within a transaction if it writes.

        Where the database is busy for too long, damaged, full or not to be opened it is `otherwise`; a damaged one is
        made anew.
        """
        with self._lock:
            try:
                database = self._opened()
                if write:
                    database.execute("BEGIN IMMEDIATE")
                result = work(database)
                if write:
                    database.execute("COMMIT")
                return result
            except (sqlite3.OperationalError, OSError):  # busy for too long, a full disk, no right to write
                self._roll_back()
            except sqlite3.DatabaseError:
                self._make_anew()
            return otherwise

    def close(self) -> None:
        """Let go of the file; the next work opens it again."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _opened(self) -> sqlite3.Connection:
        if self._database is not None:
            return self._database
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        try:
            found = database.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, self._version):
                raise sqlite3.DatabaseError("tables of another version")
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            if found == 0:
                database.executescript(f"BEGIN IMMEDIATE; {self._tables} PRAGMA user_version={self._version}; COMMIT;")
        except sqlite3.Error:
            database.close()
            raise
        self._database = database
        return database

    def _roll_back(self) -> None:
        if self._database is not None and self._database.in_transaction:
            try:
                self._database.execute("ROLLBACK")
            except sqlite3.Error:
                self.close()

    def _make_anew(self) -> None:
        self.close()
        try:
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
            self._opened()
            self._lost()
        except (sqlite3.Error, OSError):  # another process holds it (Windows): without an index until it lets go
            self.close()
