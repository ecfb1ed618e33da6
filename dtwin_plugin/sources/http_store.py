"""Answers on disk: bodies in files, what is known of them in SQLite, the least recently used ones leave first."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .http_index import SharedIndex

_VERSION = 1  # of the table
_TOUCH = 60.0  # s; a use is written down at most this often
_CHECK = 0.01  # share of the limit that may be added before the total is looked at
_OURS = re.compile(r"[0-9a-f]{64}(\.\w+\.part)?")
_TABLE = """
CREATE TABLE answers (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, final TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL,
    asked REAL NOT NULL, received REAL NOT NULL, used REAL NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE INDEX by_use ON answers (used, received, key, size);
CREATE INDEX by_url ON answers (url);
"""


@dataclass(frozen=True)
class Entry:
    """An answer that is kept.

    Attributes
    ----------
    key : str
        SHA-256 of the question, 64 hexadecimal digits.
    url, final : str
        As asked, and after redirects.
    asked, received : float
        When, in seconds since 1970.
    """

    key: str
    url: str
    final: str
    status: int
    headers: dict[str, str]
    asked: float
    received: float
    body: bytes


class HttpStore:
    """A folder of answers that several threads and processes share.

    It never stands in the way: where it cannot be read or written, nothing is found and nothing is kept.

    Parameters
    ----------
    folder : Path
        Its own; made on first use.
    limit : int
        Bytes of all bodies together; each process may go over it by a hundredth.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = Path(folder), limit
        self._index = SharedIndex(self.folder / "index.sqlite", _TABLE, _VERSION, self._remove_bodies)
        self._added = limit  # unknown at first: look after the first answer

    def find(self, key: str, now: float) -> Entry | None:
        """Return the answer to a question, None if it is not there whole; a damaged one is dropped."""
        row = self._index.do(lambda database: _row(database, key), None)
        if row is None:
            return None
        url, final, status, headers, asked, received, used, size, digest = row
        try:
            path = self._path(key)
            body = path.read_bytes() if path.stat().st_size == size else b""
            entry = Entry(key, url, final, status, json.loads(headers), asked, received, body)
            whole = hashlib.sha256(body).hexdigest() == digest
        except (OSError, ValueError):
            whole = False
        if not whole:
            self._drop_damaged(key, digest)
            return None
        if abs(now - used) > _TOUCH:
            touch = "UPDATE answers SET used = ? WHERE key = ?", (now, key)
            self._index.do(lambda database: database.execute(*touch), None, write=True)
        return entry

    def put(self, entry: Entry) -> None:
        """Keep an answer in the place of an older one, and make room."""
        if len(entry.body) > self.limit:
            self.drop(entry.key)
            return
        try:
            part = self._written(entry)
        except OSError:  # a full disk, or a folder that nobody may write
            return

        def keep(database: sqlite3.Connection) -> None:
            part.replace(self._path(entry.key))  # within the transaction: row and body are of one answer
            _insert(database, entry)
            self._make_room(database, len(entry.body))

        self._index.do(keep, None, write=True)
        _unlink(part)

    def refresh(self, entry: Entry) -> None:
        """Keep the new headers and times of an answer whose body stays."""
        change = "UPDATE answers SET headers = ?, asked = ?, received = ?, used = ? WHERE key = ?"
        values = (json.dumps(entry.headers), entry.asked, entry.received, entry.received, entry.key)
        self._index.do(lambda database: database.execute(change, values), None, write=True)

    def drop(self, key: str) -> None:
        """Forget the answer to a question."""
        self._index.do(lambda database: self._remove(database, [key]), None, write=True)

    def drop_other_versions(self, url: str, etag: str) -> None:
        """Forget the parts of a file that has changed: parts of two versions do not fit together."""

        def drop(database: sqlite3.Connection) -> None:
            rows = database.execute("SELECT key, headers FROM answers WHERE url = ?", (url,)).fetchall()
            self._remove(database, [key for key, headers in rows if json.loads(headers).get("etag", "") != etag])

        self._index.do(drop, None, write=True)

    def clear(self) -> None:
        """Forget all answers."""

        def clear(database: sqlite3.Connection) -> None:
            database.execute("DELETE FROM answers")
            self._remove_bodies()

        self._index.do(clear, None, write=True)

    def size(self) -> int:
        """Return the bytes of all bodies."""
        return self._number("SELECT COALESCE(SUM(size), 0) FROM answers")

    def count(self) -> int:
        """Return how many answers are kept."""
        return self._number("SELECT COUNT(*) FROM answers")

    def close(self) -> None:
        """Let go of the index; the next question opens it again."""
        self._index.close()

    def _number(self, query: str) -> int:
        return self._index.do(lambda database: int(database.execute(query).fetchone()[0]), 0)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _written(self, entry: Entry) -> Path:
        """Return a new file with the body, beside its place."""
        place = self._path(entry.key)
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(".part", f"{entry.key}.", place.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(entry.body)
        return Path(name)

    def _make_room(self, database: sqlite3.Connection, added: int) -> None:
        self._added += added
        if self._added < self.limit * _CHECK:
            return
        self._added = 0
        over = int(database.execute("SELECT SUM(size) FROM answers").fetchone()[0]) - self.limit
        leaving = []
        for key, size in database.execute("SELECT key, size FROM answers ORDER BY used, received, key"):
            if over <= 0:
                break
            leaving.append(key)
            over -= size
        self._remove(database, leaving)

    def _remove(self, database: sqlite3.Connection, keys: list[str]) -> None:
        database.executemany("DELETE FROM answers WHERE key = ?", [(key,) for key in keys])
        for key in keys:
            _unlink(self._path(key))

    def _drop_damaged(self, key: str, digest: str) -> None:
        """Forget an answer unless another process has put a new one in its place meanwhile."""

        def drop(database: sqlite3.Connection) -> None:
            found = _row(database, key)
            if found is not None and found[-1] == digest:
                self._remove(database, [key])

        self._index.do(drop, None, write=True)

    def _remove_bodies(self) -> None:
        """Remove all bodies, also those that the index knows nothing of; other people's files stay."""
        for path in list(self.folder.glob("[0-9a-f][0-9a-f]/*")):
            if _OURS.fullmatch(path.name):
                _unlink(path)


def _row(database: sqlite3.Connection, key: str) -> tuple[str, str, int, str, float, float, float, int, str] | None:
    query = "SELECT url, final, status, headers, asked, received, used, size, digest FROM answers WHERE key = ?"
    found: tuple[str, str, int, str, float, float, float, int, str] | None = database.execute(query, (key,)).fetchone()
    return found


def _insert(database: sqlite3.Connection, entry: Entry) -> None:
    values = (entry.key, entry.url, entry.final, entry.status, json.dumps(entry.headers), entry.asked, entry.received)
    more = (entry.received, len(entry.body), hashlib.sha256(entry.body).hexdigest())
    database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *more))


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # still open in another process (Windows): it goes when all is cleared
        return
