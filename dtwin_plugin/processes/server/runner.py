"""Jobs carried out, a few at a time: each in a process beside the server, or all on a Dask cluster."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled, DtwinError
from dtwin_plugin.models.executors import client_of, scheduler_of

from . import cluster
from .calculation import fetched
from .problems import of_error, of_fault, problem
from .references import Reach
from .store import ACCEPTED, DISMISSED, FAILED, RESULTS, RUNNING, SUCCESSFUL, Job, Store, now
from .worker import TOLD

_LOOK = 0.1  # s, between two looks at a process that works
_GRACE = 3.0  # s, before a process that was asked to end is ended
MOST_STARTS = 3
_LOG = "workers.log"


class Runner:
    """Works at the jobs of a store, in the order in which they came.

    Parameters
    ----------
    workers : int
        Jobs at once.
    scheduler : str
        Address of the scheduler of a Dask cluster; "" = processes of this machine.
    """

    def __init__(self, store: Store, reach: Reach, workers: int = 1, scheduler: str | None = None) -> None:
        self.store, self.reach = store, reach
        self.scheduler = scheduler_of() if scheduler is None else scheduler
        self._pool = ThreadPoolExecutor(max(1, workers), thread_name_prefix="job")
        self._stops: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._client: Any = None
        self._spare: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Begin again with what a server before this one left undone, and return how many jobs these are."""
        if not self.scheduler:
            self._spare = self._made()
        left = [job for job in reversed(self.store.jobs()) if not job.has_ended]
        for job in left:
            if job.starts >= MOST_STARTS:
                detail = f"The server ended {job.starts} times while it worked at this job; it does not begin again."
                self._fail(job.id, problem(500, "The process failed", detail))
            else:
                self.store.update(job.id, status=ACCEPTED, message="")
                self.submit(job.id)
        return len(left)

    def submit(self, job_id: str) -> None:
        """Put a job in the queue."""
        with self._lock:
            self._stops[job_id] = threading.Event()
        self._pool.submit(self._one, job_id)

    def dismiss(self, job: Job) -> None:
        """Stop a job that has not ended."""
        self.store.update(job.id, status=DISMISSED, message="Dismissed.", finished=now())
        with self._lock:
            if job.id in self._stops:
                self._stops[job.id].set()

    def close(self) -> None:
        """Stop what runs here; the jobs stay, to be begun again by the next server."""
        with self._lock:
            for stop in self._stops.values():
                stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._spare is not None:
            _end(self._spare)
        if self._client is not None:
            self._client.close()

    def _one(self, job_id: str) -> None:
        stop, job = self._stops[job_id], self.store.job(job_id)
        try:
            if job is None or job.has_ended or stop.is_set():
                return
            started = job.started or now()
            self.store.update(job_id, status=RUNNING, started=started, starts=job.starts + 1, message="")
            (self._on_cluster if self.scheduler else self._beside)(job_id, stop)
        except Cancelled:  # who stopped it has written so, or the next server begins it again
            pass
        except DtwinError as error:
            self._fail(job_id, of_error(error))
        except Exception as fault:  # a job must not end the queue
            logging.exception("job %s", job_id)
            self._fail(job_id, of_fault(fault))
        finally:
            with self._lock:
                self._stops.pop(job_id, None)

    def _beside(self, job_id: str, stop: threading.Event) -> None:
        """Carry out a job in a process of its own."""
        place = self.store.place(job_id)
        (place / TOLD).unlink(missing_ok=True)  # what was said before a server ended
        reach = {**asdict(self.reach), "data": str(self.reach.data or "")}
        process = self._ready()
        assert process.stdin is not None
        process.stdin.write(json.dumps({"folder": str(place), "reach": reach}).encode() + b"\n")
        process.stdin.close()
        try:
            while True:
                try:
                    code = process.wait(_LOOK)
                    break
                except subprocess.TimeoutExpired:
                    if stop.is_set():
                        raise Cancelled from None
                    self._hear(job_id, _told(place))
        finally:
            _end(process)
        told = _told(place)
        if told.get("done"):
            self._succeed(job_id, told["warnings"])
        elif told.get("problem"):
            self._fail(job_id, told["problem"], told["warnings"])
        else:
            detail = (
                f"The process that worked at this job ended with {code}, and said nothing. Tell who keeps the server."
            )
            self._fail(job_id, problem(500, "The process failed", detail))

    def _ready(self) -> subprocess.Popen[bytes]:
        """Return a process that waits for a job, and have the next made ready meanwhile."""
        with self._lock:
            process, self._spare = self._spare or self._made(), self._made()
        return self._made() if process.poll() is not None else process

    def _made(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"{__package__}.worker"]
        with (self.store.folder.parent / _LOG).open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=_environment())

    def _hear(self, job_id: str, told: dict[str, Any]) -> None:
        job = self.store.job(job_id)
        if job is not None and told and (job.progress, job.message) != (told["progress"], told["message"]):
            self.store.update(job_id, progress=min(99, told["progress"]), message=told["message"])

    def _on_cluster(self, job_id: str, stop: threading.Event) -> None:
        """Carry out a job on the cluster; links are followed here, as workers may not reach what the server does."""
        from dtwin_plugin.models import MODELS

        order = self.store.order(job_id)
        inputs = fetched(order, MODELS[order.model], self.reach.fetch)

        def heard(share: int, message: str) -> None:
            self._hear(job_id, {"progress": share, "message": message})

        found = cluster.run(self._cluster(), job_id, order, inputs, heard, stop)
        if "problem" in found:
            self._fail(job_id, found["problem"], found["warnings"])
            return
        with written_beside(self.store.place(job_id) / RESULTS) as folder:
            folder.mkdir()
            for name, data in found["files"].items():
                folder.joinpath(Path(name).name).write_bytes(data)
        self._succeed(job_id, found["warnings"])

    def _cluster(self) -> Any:
        with self._lock:
            if self._client is None or self._client.status == "closed":
                self._client = client_of(self.scheduler)
            return self._client

    def _succeed(self, job_id: str, warnings: list[str]) -> None:
        self.store.update(job_id, status=SUCCESSFUL, progress=100, message="", finished=now(), warnings=tuple(warnings))

    def _fail(self, job_id: str, found: dict[str, Any], warnings: list[str] | None = None) -> None:
        self.store.update(
            job_id,
            status=FAILED,
            message=found["detail"],
            problem=found,
            finished=now(),
            warnings=tuple(warnings or ()),
        )


def _environment() -> dict[str, str]:
    """Return the environment of a worker: the house is found in it as it is here."""
    house = str(Path(__file__).resolve().parents[3])
    paths = [house, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def _told(place: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((place / TOLD).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that may still run: asked first, and then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
