"""A GeoPackage that is the same bytes when the same run writes it again.

The times in it are those of the run, ids that QGIS draws by lot are counted, and attributes of XML, which Qt writes in
an order of its own in each process, are sorted (Canonical XML 2.0).
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing, suppress
from datetime import datetime, timezone
from pathlib import Path
from xml.etree.ElementTree import ParseError, canonicalize
from xml.sax.saxutils import escape, unescape

from qgis.PyQt.QtCore import QCoreApplication, QEvent, QThread

PATIENCE = 10.0  # s that QGIS has to close a file: it does so at the next turn of its main loop
_LOOK = 0.05  # s
# columns that the writers fill with the clock: the layer, its style, its metadata
_TIMES = (
    ("gpkg_contents", "last_change"),
    ("layer_styles", "update_time"),
    ("gpkg_metadata_reference", "timestamp"),
)
_XML = (("layer_styles", "styleQML"), ("layer_styles", "styleSLD"), ("gpkg_metadata", "metadata"))
_DRAWN = re.compile(r"\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}")  # the id of a symbol layer, of a rule
_INNER = re.compile(r'"(&lt;[^"]*)"')
_QUOTED = {"&quot;": '"', "&#xA;": "\n", "&#xD;": "\r", "&#x9;": "\t"}
_CHANGES = (24, 92)  # where SQLite counts the changes of a file, and keeps the count for which its version holds


def make_steady(path: Path, moment: str) -> bool:
    """Set the times in a GeoPackage to one moment, and write it anew, so that nothing of how it came about is left.

    Parameters
    ----------
    path : Path
        No layer of it is open.
    moment : str
        ISO 8601, with its offset.

    Returns
    -------
    bool
        Whether it was done; not where another program keeps the file open.
    """
    stamp = datetime.fromisoformat(moment).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(path, isolation_level=None)) as package:
        if not _alone(package):
            return False
        package.create_function("steady_xml", 1, steady_xml, deterministic=True)
        for table, column in _TIMES:
            _set(package, f"UPDATE {table} SET {column} = ?", (stamp,))
        for table, column in _XML:
            _set(package, f"UPDATE {table} SET {column} = steady_xml({column})", ())
        package.execute("VACUUM")
    _count_from_one(path)
    return True


def _alone(package: sqlite3.Connection) -> bool:
    """Take the file out of the mode in which others read it meanwhile; whether there are none.

    QGIS keeps a connection by which features were read, and closes it later (`deleteLater`) than the layer.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            package.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:  # at once, whatever the time-out of the connection
            if time.monotonic() > end:
                return False
            application = QCoreApplication.instance()
            if application is not None and QThread.currentThread() == application.thread():
                # where nothing handles events meanwhile: a script, qgis_process
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(_LOOK)
        else:
            return True


def _set(package: sqlite3.Connection, statement: str, values: tuple[str, ...]) -> None:
    with suppress(sqlite3.OperationalError):  # the table is not there
        package.execute(statement, values)


def steady_xml(text: str | None) -> str | None:
    """Return XML with its attributes sorted and the ids that were drawn by lot counted; other text as it is.

    >>> steady_xml('<a c="1" b="{12345678-1234-1234-1234-123456789abc}"/>')
    '<a b="{00000000-0000-0000-0000-000000000001}" c="1"></a>'
    >>> steady_xml('<a b="&lt;s d=&quot;1&quot; c=&quot;2&quot;/&gt;"/>')
    '<a b="&lt;s c=&quot;2&quot; d=&quot;1&quot;&gt;&lt;/s&gt;"></a>'
    """
    if not text:
        return text
    text = _INNER.sub(_steady_inner, _sorted(text))
    numbers: dict[str, str] = {}

    def counted(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"{{00000000-0000-0000-0000-{len(numbers) + 1:012d}}}")

    return _DRAWN.sub(counted, text)


def _sorted(text: str) -> str:
    try:
        return canonicalize(text)
    except ParseError:
        return text


def _steady_inner(found: re.Match[str]) -> str:
    """Return an attribute that is XML itself, such as the line of a label's callout, sorted too."""
    return '"' + escape(_sorted(unescape(found[1], _QUOTED)), {value: key for key, value in _QUOTED.items()}) + '"'


def _count_from_one(path: Path) -> None:
    """Set the number of changes, which depends on how the writers shared their work, to 1 (file format, 1.3.7)."""
    with path.open("r+b") as file:
        for place in _CHANGES:
            file.seek(place)
            file.write((1).to_bytes(4, "big"))
