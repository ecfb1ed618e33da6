"""The job manager of pygeoapi over a store on disk: jobs outlive the server, and can be dismissed.

In the configuration: `manager: {name: <this class>, connection: folder of the jobs, workers: 1, data: folder,
hosts: [data.gemeente.nl], days: 7}`.
"""

from __future__ import annotations

import atexit
import json
import time
from pathlib import Path
from typing import Any

from dtwin_plugin.errors import DtwinError

from .orders import Order, read_order
from .pygeoapi_base import BaseManager, JobNotFoundError, JobResultNotFoundError
from .references import LARGEST, Reach
from .results import document
from .runner import Runner
from .store import FAILED, SUCCESSFUL, Job, Store

_LOOK = 0.05  # s
_CLEARED = 3600.0  # s, between two looks at what is old
DAYS = 7.0
MOST_WAITING = 100


class BusyError(DtwinError):
    """The server has more work than it takes."""

    http_status_code = 503

    def __init__(self) -> None:
        super().__init__(
            "The server has {count} jobs to do and takes no more now.", "Try again later.", count=MOST_WAITING
        )


class JobManager(BaseManager):
    """Jobs of models."""

    def __init__(self, definition: dict[str, Any]) -> None:
        super().__init__(definition)
        self.is_async = True
        self.store = Store(Path(definition["connection"]))
        data = definition.get("data")
        reach = Reach(
            Path(data) if data else None, tuple(definition.get("hosts", ())), definition.get("largest", LARGEST)
        )
        self.days = float(definition.get("days", DAYS))
        self.runner = Runner(self.store, reach, int(definition.get("workers", 1)))
        self.base_url = ""
        self._is_started, self._cleared = False, -_CLEARED

    def start(self) -> None:
        """Begin to work, also at what an earlier server left; not before the first use, as OpenAPI is made without."""
        if not self._is_started:
            self._is_started = True
            self.runner.start()
            atexit.register(self.runner.close)

    def accept(self, process_id: str, body: Any) -> tuple[Job, Order]:
        """Take in a request; raises OrderError where it is wrong, and BusyError where there is too much to do."""
        self.start()
        if time.monotonic() - self._cleared > _CLEARED:
            self._cleared = time.monotonic()
            self.store.clear(self.days)
        order = read_order(self.get_processor(process_id).model, body)
        if sum(not job.has_ended for job in self.store.jobs()) >= MOST_WAITING:
            raise BusyError
        job = self.store.add(order)
        self.runner.submit(job.id)
        return job, order

    def wait(self, job_id: str, seconds: float) -> Job | None:
        """Return a job when it has ended, or after a time."""
        end = time.monotonic() + seconds
        while True:
            job = self.store.job(job_id)
            if job is None or job.has_ended or time.monotonic() > end:
                return job
            time.sleep(_LOOK)

    def get_jobs(self, status: Any = None, limit: int | None = None, offset: int | None = None) -> dict[str, Any]:
        """Return a page of the list of jobs, as pygeoapi shows it."""
        self.start()
        found = [
            job for job in self.store.jobs() if status is None or job.status == str(getattr(status, "value", status))
        ]
        first = offset or 0
        chosen = found[first : first + limit] if limit else found[first:]
        return {"jobs": [_row(job) for job in chosen], "numberMatched": len(found)}

    def get_job(self, job_id: str) -> dict[str, Any]:
        """Return a job as pygeoapi shows it; raises JobNotFoundError."""
        self.start()
        job = self.store.job(job_id)
        if job is None:
            raise JobNotFoundError
        return _row(job)

    def get_job_result(self, job_id: str) -> tuple[str, Any]:
        """Return the results of a job as a document; raises JobNotFoundError, JobResultNotFoundError."""
        job = self.store.job(job_id)
        if job is None:
            raise JobNotFoundError
        if job.status != SUCCESSFUL:
            raise JobResultNotFoundError
        return "application/json", document(self.store, job_id, self.base_url)

    def delete_job(self, job_id: str) -> bool:
        """Stop a job, or forget it where it has ended; raises JobNotFoundError."""
        job = self.store.job(job_id)
        if job is None:
            raise JobNotFoundError
        if job.has_ended:
            self.store.remove(job_id)
        else:
            self.runner.dismiss(job)
        return True

    def execute_process(
        self,
        process_id: str,
        data_dict: dict[str, Any],
        execution_mode: Any = None,
        requested_outputs: dict[str, Any] | None = None,
        subscriber: Any = None,
        requested_response: str = "raw",
    ) -> tuple[str, str, Any, Any, dict[str, str] | None]:
        """Carry out a request in a pygeoapi that is not started by `make serve`: results as a document."""
        from pygeoapi.process.base import ProcessorExecuteError
        from pygeoapi.util import JobStatus

        body = {"inputs": data_dict, "outputs": requested_outputs, "response": requested_response}
        try:
            job, _ = self.accept(process_id, body)
        except DtwinError as error:
            fault = ProcessorExecuteError(error.text())
            fault.ogc_exception_code, fault.http_status_code = error.ogc_exception_code, error.http_status_code
            raise fault from error
        if getattr(execution_mode, "value", None) == "respond-async":
            return job.id, "application/json", None, JobStatus.accepted, {"Preference-Applied": "respond-async"}
        ended = self.wait(job.id, float("inf"))
        if ended is None or ended.status != SUCCESSFUL:
            reason = ended.problem if ended is not None and ended.status == FAILED else {"detail": "Dismissed."}
            return job.id, "application/json", reason, JobStatus.failed, None
        found = document(self.store, job.id, self.base_url)
        return job.id, "application/json", json.loads(json.dumps(found)), JobStatus.successful, None


def _row(job: Job) -> dict[str, Any]:
    """Return a job as pygeoapi keeps them."""
    return {
        "identifier": job.id,
        "process_id": job.process,
        "status": job.status,
        "message": job.message,
        "progress": job.progress,
        "created": job.created,
        "started": job.started or job.created,
        "finished": job.finished or None,
        "updated": job.updated,
        "mimetype": "application/json",
        "location": None,
        "parameters": None,
    }
