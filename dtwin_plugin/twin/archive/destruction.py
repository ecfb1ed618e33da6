"""Destroying what need not be kept: a proposal, the decision of a person on it, and a certificate. Never by the clock.

Archiefbesluit 1995, articles 8 and 9: what is destroyed, on which ground and how, stands in a statement that is kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError, InputError
from dtwin_plugin.paths import version
from dtwin_plugin.translate import mark

from ..record import checksum
from .check import check_bag
from .opened import opened
from .package import FACTS, FORMAT
from .selection import KEEP

LIST, APPROVAL, CERTIFICATE = "dtwin-destruction-list", "dtwin-destruction-approval", "dtwin-destruction-certificate"
DECISION = "destroy"
_LARGEST = 16_000_000
REASONS = {
    "due": mark("the term has ended"),
    "kept": mark("it is kept for good"),
    "not begun": mark("the event after which the term runs has not happened"),
    "running": mark("the term runs"),
    "damaged": mark("the package is damaged"),
    "other": mark("it is no package of this plugin"),
}


def facts_of(path: Path) -> dict[str, Any] | None:
    """Return what a package says of itself, None where it is none of ours."""
    with opened(path) as bag:
        places = [name for name in bag.sizes if name.startswith("data/") and name.endswith("/" + FACTS)]
        if len(places) != 1 or bag.sizes[places[0]] > _LARGEST:
            return None
        with bag.open(places[0]) as stream:
            found = _json(stream.read(_LARGEST))
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("category"), dict):
        return None
    texts = [found.get(name) for name in ("identifier", "title", "begun", "end")]
    return found if all(isinstance(text, str) for text in texts) else None


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def proposal(paths: Sequence[Path], today: date) -> dict[str, Any]:
    """Return the list of packages with what may be destroyed and why, and why the others may not; nothing is removed.

    Raises
    ------
    FormatError
        If a file is no package, or hostile.
    """
    rows = [_row(path, today) for path in paths]
    return {"format": LIST, "format_version": 1, "made": today.isoformat(), "software": f"dtwin {version()}",
            "items": [row for row in rows if row["reason"] == "due"],
            "kept": [row for row in rows if row["reason"] != "due"]}  # fmt: skip


def _row(path: Path, today: date) -> dict[str, Any]:
    row: dict[str, Any] = {"file": str(path), "sha256": "", "bytes": path.stat().st_size, "reason": "other"}
    facts = facts_of(path) if path.is_file() else None
    if facts is None:
        return row
    row.update({name: facts[name] for name in ("identifier", "title", "begun", "end", "category")})
    row["sha256"], row["reason"] = checksum(path), _reason(path, facts, today)
    return row


def _reason(path: Path, facts: dict[str, Any], today: date) -> str:
    if check_bag(path):
        return "damaged"
    if facts["category"].get("appraisal") == KEEP:
        return "kept"
    if not facts["begun"] or not facts["end"]:
        return "not begun"
    try:
        return "due" if date.fromisoformat(facts["end"]) < today else "running"
    except ValueError:  # no day: nothing is destroyed on it
        return "other"


def write_list(found: dict[str, Any], path: Path) -> Path:
    """Write a proposal, and beside it the form on which a person decides; return the form's path."""
    _write(found, path)
    form = path.with_name(path.stem + ".approval.json")
    blank = {"format": APPROVAL, "format_version": 1, "list_sha256": checksum(path), "decision": "", "name": "",
             "role": "", "date": "", "ground": "", "items": [row["identifier"] for row in found["items"]]}  # fmt: skip
    _write(blank, form)
    return form


def _write(found: dict[str, Any], path: Path) -> None:
    with written_beside(path) as temporary:
        temporary.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


def _read(path: Path, kind: str) -> dict[str, Any]:
    found = _json(path.read_bytes()) if path.stat().st_size <= _LARGEST else None
    if not isinstance(found, dict) or found.get("format") != kind or not isinstance(found.get("items"), list):
        raise FormatError("{file} is not a {kind}.", hint="Choose the file that was made.", file=path.name, kind=kind)
    return found


def destroy(list_path: Path, approval_path: Path, certificate: Path, today: date) -> dict[str, Any]:
    """Remove the packages that a person decided on, and return the certificate, which is written before and after.

    Raises
    ------
    FormatError
        If a file is another.
    InputError
        If the decision is not filled in, is on another list, or a package is not what the list says.
    """
    listed, approval = _read(list_path, LIST), _read(approval_path, APPROVAL)
    _expect_decision(approval, list_path, listed, today)
    chosen = {text for text in approval["items"] if isinstance(text, str)}
    rows = [row for row in listed["items"] if isinstance(row, dict) and row.get("identifier") in chosen]
    if not rows or len(chosen) != len(rows):
        raise InputError("The decision names packages that are not on the list, or none.", hint="Correct its items.")
    for row in rows:
        _expect_same(row, today)
    told: dict[str, Any] = {
        "format": CERTIFICATE, "format_version": 1, "list_sha256": checksum(list_path),
        "approval_sha256": checksum(approval_path), "software": f"dtwin {version()}", "begun": _now(), "ended": "",
        **{name: approval[name] for name in ("name", "role", "date", "ground")},
        "method": "The file was removed from its folder; copies and backups elsewhere were not.",
        "items": [{**row, "result": "to be removed"} for row in rows],
    }  # fmt: skip
    _write(told, certificate)  # first: where the power fails half-way, it is known what was being done
    for item in told["items"]:
        try:
            Path(item["file"]).unlink()
            item["result"] = "removed"
        except OSError as error:
            item["result"] = f"not removed: {error.strerror}"
    told["ended"] = _now()
    _write(told, certificate)
    return told


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _expect_decision(approval: dict[str, Any], list_path: Path, listed: dict[str, Any], today: date) -> None:
    if approval.get("list_sha256") != checksum(list_path):
        raise InputError("The decision is on another list, or the list was changed after it.", hint="Decide anew.")
    texts = [approval.get(name) for name in ("name", "role", "date", "ground")]
    if approval.get("decision") != DECISION or not all(isinstance(text, str) and text.strip() for text in texts):
        raise InputError(
            "Nobody has decided: decision must be {decision}, and name, role, date and ground filled in.",
            hint="Let who may decide fill in the form that lies beside the list.",
            decision=DECISION,
        )
    if not str(listed.get("made")) <= str(approval["date"]) <= today.isoformat():
        raise InputError("The decision is of before the list, or of a day to come.", hint="Correct its date.")


def _expect_same(row: dict[str, Any], today: date) -> None:
    path = Path(str(row.get("file")))
    if not path.is_file() or path.is_symlink() or checksum(path) != row.get("sha256"):
        raise InputError(
            "{file} is not the package that was decided on; nothing was removed.",
            hint="Make a new list.",
            file=str(path),
        )
    facts = facts_of(path)
    if facts is None or facts["identifier"] != row.get("identifier") or _reason(path, facts, today) != "due":
        raise InputError(
            "{file} may not be destroyed: its term has not ended; nothing was removed.",
            hint="Make a new list.",
            file=str(path),
        )
