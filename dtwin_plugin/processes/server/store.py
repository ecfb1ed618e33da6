"""Jobs on disk: a folder for each, with its request, its status and its results, so that they outlive the server."""

from __future__ import annotations

import json
import re
import shutil
import threading
import uuid
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside

from .calculation import MANIFEST, Result
from .orders import Order, Wanted

ACCEPTED, RUNNING, SUCCESSFUL, FAILED, DISMISSED = "accepted", "running", "successful", "failed", "dismissed"
ENDED = (SUCCESSFUL, FAILED, DISMISSED)
RESULTS = "results"
_STATUS, _ORDER = "job.json", "order.json"


def now() -> str:
    """Return this moment as jobs keep it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Job:
    """Where a job is (statusInfo, OGC 18-062r2, 7.12).

    Attributes
    ----------
    starts : int
        How often work on it began: one that ends the machine each time is not begun for ever.
    problem : dict
        Of one that failed: what is wrong, as RFC 7807 has it.
    """

    id: str
    process: str
    status: str = ACCEPTED
    message: str = ""
    progress: int = 0
    created: str = field(default_factory=now)
    started: str = ""
    finished: str = ""
    updated: str = field(default_factory=now)
    starts: int = 0
    problem: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether nothing will become of it any more."""
        return self.status in ENDED


class Store:
    """A folder of jobs. Only one server works on it at a time; each status is replaced whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()

    def add(self, order: Order) -> Job:
        """Take in an order, and return its job."""
        job = Job(str(uuid.uuid4()), order.model)
        with self._lock:
            place = self.folder / job.id
            with written_beside(place) as folder:
                folder.mkdir()
                folder.joinpath(_ORDER).write_text(json.dumps(asdict(order)), encoding="utf-8")
                folder.joinpath(_STATUS).write_text(json.dumps(asdict(job)), encoding="utf-8")
        return job

    def place(self, job_id: str) -> Path:
        """Return the folder of a job."""
        return self.folder / job_id

    def job(self, job_id: str) -> Job | None:
        """Return a job, None where there is none of this id."""
        if not re.fullmatch(r"[0-9a-f-]{36}", job_id):
            return None
        try:
            row = json.loads((self.folder / job_id / _STATUS).read_text(encoding="utf-8"))
            known = {part.name for part in fields(Job)}
            return Job(**{**{name: row[name] for name in row if name in known}, "warnings": tuple(row["warnings"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def jobs(self) -> list[Job]:
        """Return all jobs, the newest first."""
        found = filter(None, (self.job(path.name) for path in self.folder.iterdir()))
        return sorted(found, key=lambda job: (job.created, job.id), reverse=True)

    def order(self, job_id: str) -> Order:
        """Return the order of a job; raises OSError, ValueError."""
        row = json.loads((self.folder / job_id / _ORDER).read_text(encoding="utf-8"))
        outputs = {name: Wanted(**wish) for name, wish in row["outputs"].items()}
        return Order(row["model"], row["inputs"], outputs, row["response"])

    def update(self, job_id: str, **changes: Any) -> Job | None:
        """Change the status of a job that has not ended, and return it; None where it is gone or has ended."""
        with self._lock:
            job = self.job(job_id)
            if job is None or job.has_ended:
                return None
            job = replace(job, **changes, updated=now())
            with written_beside(self.folder / job_id / _STATUS) as temporary:
                temporary.write_text(json.dumps(asdict(job)), encoding="utf-8")
            return job

    def results(self, job_id: str) -> dict[str, Result]:
        """Return the results of a job that was successful; raises OSError."""
        rows = json.loads((self.folder / job_id / RESULTS / MANIFEST).read_text(encoding="utf-8"))
        return {name: Result(**row) for name, row in rows.items()}

    def remove(self, job_id: str) -> None:
        """Forget a job with its request and results."""
        with self._lock:
            shutil.rmtree(self.folder / job_id, ignore_errors=True)

    def clear(self, days: float) -> None:
        """Forget the jobs that ended so many days ago, and what was left of a server that died."""
        for job in self.jobs():
            age = datetime.now(timezone.utc) - datetime.fromisoformat(job.updated.replace("Z", "+00:00"))
            if job.has_ended and age.total_seconds() > 86400 * days:
                self.remove(job.id)
        with self._lock:  # a job that is being taken in stands under such a name
            for path in self.folder.glob(".*-*"):
                shutil.rmtree(path, ignore_errors=True)
