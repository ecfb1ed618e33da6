"""Which models of somebody else may run: those that a person has looked at, until one byte of them changes."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError

from .reading import Plugged

_FILE = "trusted.json"
_BLOCK = 1 << 20


def digest(folder: Path) -> str:
    """Return the SHA-256 of all files of a folder and their names.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.py").write_text("1")
    >>> before = digest(folder)
    >>> _ = (folder / "a.py").rename(folder / "b.py")
    >>> len(before), digest(folder) == before
    (64, False)
    """
    whole = hashlib.sha256()
    for path in sorted(item for item in folder.rglob("*") if item.is_file() or item.is_symlink()):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
        if path.is_symlink():  # what stands behind it may change without a trace
            whole.update(b"link\0" + str(path.readlink()).encode() + b"\0")
            continue
        one = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                one.update(block)
        whole.update(one.digest())
    return whole.hexdigest()


def trust(root: Path, plugged: Plugged, checksum: str) -> None:
    """Note that a model may run as it is now.

    Raises
    ------
    InputError
        If its files are not those of the checksum, so that nobody trusts what was not looked at.
    """
    found = digest(plugged.folder)
    if checksum.strip().lower() != found:
        raise InputError(
            "The checksum of the model {title} is {found} and not the one that was given.",
            hint="Look at what the model is and does, and give the checksum that is shown with it.",
            title=plugged.title,
            found=found,
        )
    rows = _trusted(root)
    rows[plugged.id] = {
        "sha256": found,
        "title": plugged.title,
        "version": plugged.version,
        "owner": plugged.owner,
        "date": date.today().isoformat(),
    }
    _write(root, rows)


def forget(root: Path, name: str) -> None:
    """Take back that a model may run."""
    rows = _trusted(root)
    if rows.pop(name, None) is not None:
        _write(root, rows)


def is_trusted(root: Path, plugged: Plugged) -> bool:
    """Return whether a person has trusted a model, and it has not changed since."""
    row = _trusted(root).get(plugged.id)
    return isinstance(row, dict) and row.get("sha256") == digest(plugged.folder)


def require_trusted(root: Path, plugged: Plugged) -> None:
    """Raise InputError where a model may not run."""
    if is_trusted(root, plugged):
        return
    raise InputError(
        "The model {title} of {owner} has not been trusted, or has changed since: it runs a program on this computer.",
        hint='Look at it in the folder {folder}, and then trust it by the algorithm "Trust a model of others".',
        title=plugged.title,
        owner=plugged.owner,
        folder=str(plugged.folder),
    )


def _trusted(root: Path) -> dict[str, Any]:
    try:
        found = json.loads((root / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(root: Path, rows: dict[str, Any]) -> None:
    with written_beside(root / _FILE) as temporary:
        temporary.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
