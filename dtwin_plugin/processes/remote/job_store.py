"""Jobs on servers, kept on disk from the moment that they are made: a job outlives who asked for it."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import FormatError, InputError

from ..client import JobInfo
from ..client.jobs import ENDED, STATES
from ..json_text import parsed

_MOST, _LARGEST, _LINES = 500, 1_000_000, 200  # jobs that are listed; bytes of a file; lines of a log
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class JobRecord:
    """A job.

    Attributes
    ----------
    key : str
        Ours.
    server, process, title : str
        Name of the registered server, id of the process there, and its title.
    model : str
        Id of the model that started it.
    job, url : str
        Its id at the server, and the address of its status.
    outputs : tuple of str
        Names of the model's outputs that were asked.
    status, message, progress : str, str, float or None
        As last heard, at `updated`.
    log : tuple of str
        What the server said, each with its moment.
    fetched : bool
        Its results were brought in.
    """

    key: str
    server: str
    process: str
    title: str
    model: str
    job: str
    url: str
    outputs: tuple[str, ...] = ()
    status: str = "accepted"
    message: str = ""
    progress: float | None = None
    created: str = ""
    updated: str = ""
    log: tuple[str, ...] = ()
    fetched: bool = False
    results: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in ENDED

    def info(self) -> JobInfo:
        """Return it as the client knows a job."""
        return JobInfo(
            self.job, self.status, self.process, self.message, self.progress, url=self.url, results=self.results
        )


class JobStore:
    """A folder with a file a job, which several QGIS may use at once: every change is a whole file, renamed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, record: JobRecord) -> JobRecord:
        """Keep a new job and return it with its key."""
        now = _now()
        return self._write(replace(record, key=uuid.uuid4().hex, created=now, updated=now))

    def change(self, record: JobRecord, now: JobInfo) -> JobRecord:
        """Keep where a job is now: not of one that was taken off the list meanwhile, maybe in another QGIS."""
        kept = _read(self.folder / f"{record.key}.json")
        if kept is None:
            return record
        record = replace(record, fetched=kept.fetched)
        share = "" if now.progress is None else f" {now.progress:.0%}"
        line = f"{_now()} {now.status}{share} {now.message}".strip()
        return self._write(
            replace(
                record,
                status=now.status,
                message=now.message,
                progress=now.progress,
                updated=_now(),
                results=now.results or record.results,
                log=(*record.log, line)[-_LINES:],
            )
        )

    def mark_fetched(self, record: JobRecord) -> JobRecord:
        """Keep that the results of a job were brought in."""
        kept = _read(self.folder / f"{record.key}.json")
        return self._write(replace(kept, fetched=True)) if kept else replace(record, fetched=True)

    def forget(self, key: str) -> None:
        """Remove a job from the list; at the server it stays."""
        if _NAME.fullmatch(key):
            (self.folder / f"{key}.json").unlink(missing_ok=True)

    def get(self, key: str) -> JobRecord:
        """Return a job by its key; raises InputError where it is not known."""
        found = _read(self.folder / f"{key}.json") if _NAME.fullmatch(key) else None
        if found is None:
            raise InputError("There is no job {key}.", hint="Choose one of the list of jobs.", key=key[:64])
        return found

    def all(self) -> list[JobRecord]:
        """Return the jobs, the newest first; files that are none are passed over."""
        if not self.folder.is_dir():
            return []
        files = [path for path in self.folder.glob("*.json") if _NAME.fullmatch(path.stem)]
        found = [record for path in files if (record := _read(path)) is not None]
        return sorted(found, key=lambda record: record.created, reverse=True)[:_MOST]

    def _write(self, record: JobRecord) -> JobRecord:
        with written_beside(self.folder / f"{record.key}.json") as temporary:
            temporary.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=1), encoding="utf-8")
        return record


def _read(path: Path) -> JobRecord | None:
    """Return the job in a file, None where it is none: a profile is a folder that anybody may write."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        found: Any = parsed(path.read_bytes(), path.name)
        names = {item.name for item in fields(JobRecord)}
        row = {name: value for name, value in found.items() if name in names}
        for name in ("outputs", "log"):
            row[name] = tuple(str(one) for one in row.get(name, ()))
        texts = [
            row[name] for name in ("key", "server", "process", "title", "model", "job", "url", "status", "created")
        ]
        share = row.get("progress")
        is_right = all(isinstance(text, str) for text in texts) and row["status"] in STATES and row["key"] == path.stem
        return JobRecord(**row) if is_right and (share is None or isinstance(share, (int, float))) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, FormatError):
        return None


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
