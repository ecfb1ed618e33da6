"""Who used which restricted layer, when and for what: a file of the organisation that only grows.

A line is a JSON object with the SHA-256 of the line before it, so that a line that was changed or taken out is seen.
Lines at the end that were taken off are not; who needs that keeps the last digest elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from .privacy import LEVELS
from .secrets import without_secrets

RESTRICTED = LEVELS[LEVELS.index("personal") :]  # always noted
CLOSED = LEVELS[LEVELS.index("internal") :]  # noted where the organisation turned the log on
_FIRST = "0" * 64
_TAIL = 1 << 16  # bytes in which the last line is looked for
_lock = threading.Lock()


@dataclass(frozen=True)
class Access:
    """One use of a layer.

    Attributes
    ----------
    who : str
        Account on the computer.
    layer, level : str
        Title of the layer, and how open it is.
    how : str
        What was done: "opened", or the id of the model that read it.
    purpose : str
        As the user wrote it; "" where nobody asked.
    """

    who: str
    layer: str
    level: str
    how: str
    purpose: str = ""


def is_noted(level: str, turned_on: bool) -> bool:
    """Tell whether the use of a layer of a level is noted; a level that is not known is taken for the strictest.

    >>> [is_noted(level, False) for level in ("", "open", "internal", "personal", "confidential", "Secret")]
    [False, False, False, True, True, True]
    >>> is_noted("internal", True), is_noted("open", True)
    (True, False)
    """
    if not level:
        return False
    return level not in LEVELS or level in (CLOSED if turned_on else RESTRICTED)


def append(path: Path, access: Access) -> None:
    """Add a line to the log; raises OSError."""
    with _lock:
        path.parent.mkdir(parents=True, exist_ok=True)
        when = datetime.now(timezone.utc).isoformat(timespec="seconds")
        facts = {name: without_secrets(value) for name, value in asdict(access).items()}
        line = json.dumps({"when": when, **facts, "before": _digest_of_last(path)}, ensure_ascii=False) + "\n"
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode("utf-8", "backslashreplace"))  # in one call: two programs do not mix lines
        finally:
            os.close(handle)


def _digest_of_last(path: Path) -> str:
    if not path.exists() or not path.stat().st_size:
        return _FIRST
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL))
        last = stream.read().rstrip(b"\n").rpartition(b"\n")[2]
    return hashlib.sha256(last).hexdigest()


def broken_at(path: Path) -> int:
    """Return the number of the first line that does not follow from the one before it, 0 where all do.

    Two programs that add a line in the same moment break the chain too, and both lines are there.
    """
    before = _FIRST
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                found = json.loads(line)["before"]
            except (ValueError, KeyError, TypeError, RecursionError):
                return number
            if found != before:
                return number
            before = hashlib.sha256(line.rstrip(b"\n")).hexdigest()
    return 0
