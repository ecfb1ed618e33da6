"""The server: pygeoapi with what the standard asks beyond it (Flask).

pygeoapi answers for the landing page, conformance, descriptions, the list of jobs and their pages. Executing, status,
results and dismissing are answered here, as OGC 18-062r2 has them: `Prefer` in any spelling, statusInfo with 201,
results raw, in several parts, as a document or by reference, and errors as RFC 7807.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable
from typing import Any

from dtwin_plugin.errors import DtwinError

from ..description import JOB_CONTROL, TRANSMISSION
from ..json_text import parsed
from . import results
from .manager import JobManager
from .orders import DOCUMENT, Order
from .problems import MEDIA_TYPE, NO_JOB, NO_PROCESS, NOT_READY, of_error, of_fault, problem
from .store import DISMISSED, FAILED, SUCCESSFUL, Job

LARGEST = 512 << 20  # bytes of a request
WAIT = 60.0  # s that a request without `respond-async` is waited for; it goes on as a job then
_WAITS = 8  # requests that are waited for at once, of the 16 that are answered: others must come through
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
_CONF = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"


def make_application() -> Any:
    """Return the Flask application; pygeoapi's environment variables name its configuration."""
    from flask import Flask
    from pygeoapi.flask_app import APP, api_

    app: Flask = APP
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    api_.manager.base_url = api_.base_url
    views = Views(api_.manager, api_.base_url)
    for name in ("execute_process_jobs", "get_job_result"):
        app.view_functions[f"pygeoapi.{name}"] = getattr(views, name)
    app.view_functions["pygeoapi.get_jobs"] = views.jobs(app.view_functions["pygeoapi.get_jobs"])
    for name in ("get_processes", "conformance"):
        app.view_functions[f"pygeoapi.{name}"] = amended(app.view_functions[f"pygeoapi.{name}"], _AMENDED[name])
    app.add_url_rule("/jobs/<job_id>/results/<name>", "result", views.result)
    app.register_error_handler(Exception, fault)
    api_.manager.start()
    return app


class Views:
    """Answers to requests on jobs."""

    def __init__(self, manager: JobManager, base_url: str) -> None:
        self.manager, self.store, self.base_url = manager, manager.store, base_url
        self._waits = threading.BoundedSemaphore(_WAITS)

    def execute_process_jobs(self, process_id: str) -> Any:
        """Answer `POST /processes/{id}/execution`."""
        from flask import request

        if process_id not in self.manager.processes:
            return refused(problem(404, "No such process", f"There is no process {process_id[:60]}.", NO_PROCESS))
        prefer = request.headers.get("Prefer", "").lower()
        try:
            job, order = self.manager.accept(process_id, parsed(request.get_data(), "The request"))
        except DtwinError as error:
            return refused(of_error(error))
        if re.search(r"(^|[,;\s])respond-async\b", prefer):
            return self._accepted(job, {"Preference-Applied": "respond-async"})
        asked = re.search(r"\bwait\s*=\s*(\d{1,5})", prefer)
        if not self._waits.acquire(blocking=False):
            return self._accepted(job, {})
        try:
            ended = self.manager.wait(job.id, min(WAIT, float(asked.group(1))) if asked else WAIT)
        finally:
            self._waits.release()
        if ended is None or not ended.has_ended:
            return self._accepted(ended or job, {})
        return self._results(ended, order)

    def _accepted(self, job: Job, headers: dict[str, str]) -> Any:
        headers = {"Location": f"{self.base_url}/jobs/{job.id}", **headers}
        return answer(self.status_info(job), 201, headers=headers)

    def jobs(self, pages: Callable[..., Any]) -> Callable[..., Any]:
        """Return what answers for jobs: `pages` for the list and for who wants HTML, and here the rest."""

        def get_jobs(job_id: str | None = None) -> Any:
            from flask import request

            if job_id is None:
                return pages()
            job = self.store.job(job_id)
            if job is None:
                return no_job(job_id)
            if request.method == "DELETE":
                self.manager.delete_job(job_id)
                gone = {**self.status_info(job), "status": DISMISSED, "message": "Dismissed."}
                gone["links"] = [item for item in gone["links"] if item["rel"] == "up"]
                return answer(gone)
            if request.args.get("f") == "html":
                return pages(job_id)
            return answer(self.status_info(job))

        return get_jobs

    def status_info(self, job: Job) -> dict[str, Any]:
        """Return a job as `statusInfo.yaml` has it."""
        url = f"{self.base_url}/jobs/{job.id}"
        links = [
            {"href": url, "rel": "self", "type": "application/json", "title": "This job"},
            {"href": f"{self.base_url}/jobs", "rel": "up", "type": "application/json", "title": "All jobs"},
        ]
        if job.status in (SUCCESSFUL, FAILED):
            rel = "results" if job.status == SUCCESSFUL else "exceptions"
            links.append({"href": f"{url}/results", "rel": _REL + rel, "type": "application/json", "title": rel})
        dates = {name: getattr(job, name) for name in ("created", "started", "finished", "updated")}
        more = {"warnings": list(job.warnings)} if job.warnings else {}
        return {
            "processID": job.process,
            "type": "process",
            "jobID": job.id,
            "status": job.status,
            "message": job.message or job.status,
            "progress": job.progress,
            **{name: moment for name, moment in dates.items() if moment},
            **more,
            "links": links,
        }

    def get_job_result(self, job_id: str) -> Any:
        """Answer `GET /jobs/{id}/results`."""
        job = self.store.job(job_id)
        return no_job(job_id) if job is None else self._results(job, self.store.order(job_id))

    def _results(self, job: Job, order: Order) -> Any:
        if job.status == FAILED:
            return refused(job.problem)
        if job.status == DISMISSED:
            return refused(problem(410, "The job was dismissed", "It has no results."))
        if job.status != SUCCESSFUL:
            return refused(problem(404, "The results are not ready", f"The job is {job.status}.", NOT_READY))
        found = self.store.results(job.id)
        if order.response == DOCUMENT:
            return answer(results.document(self.store, job.id, self.base_url))
        if not found:
            return answer(None, 204)
        if len(found) > 1:
            data, kind = results.multipart(self.store, job.id, self.base_url)
            return answer(data, 200, kind)
        ((name, only),) = found.items()
        if only.by_reference:
            link = results.link(self.base_url, job.id, name, only)
            return answer(None, 204, headers={"Link": f'<{link["href"]}>; rel="{name}"; type="{link["type"]}"'})
        return answer(results.body(self.store, job.id, only), 200, only.media_type)

    def result(self, job_id: str, name: str) -> Any:
        """Answer for one result, which others were given a link to."""
        job = self.store.job(job_id)
        if job is None:
            return no_job(job_id)
        found = self.store.results(job_id).get(name) if job.status == SUCCESSFUL else None
        if found is None:
            return refused(problem(404, "No such result", f"The job has no result {name[:60]}.", NOT_READY))
        return answer(results.body(self.store, job_id, found), 200, found.media_type)


def answer(data: Any, status: int = 200, kind: str = "application/json", headers: dict[str, str] | None = None) -> Any:
    """Return an answer with JSON, or with bytes of a media type; no browser shall take it for anything else."""
    from flask import Response

    body = data if isinstance(data, bytes) else b"" if data is None else json.dumps(data, ensure_ascii=False).encode()
    return Response(body, status, {"X-Content-Type-Options": "nosniff", **(headers or {})}, content_type=kind)


def refused(document: dict[str, Any]) -> Any:
    """Return a document of RFC 7807 as an answer."""
    return answer(document, int(document["status"]), MEDIA_TYPE)


def no_job(job_id: str) -> Any:
    """Answer for a job that is not there."""
    return refused(problem(404, "No such job", f"There is no job {job_id[:60]}.", NO_JOB))


def fault(error: Exception) -> Any:
    """Answer for what went wrong outside the answers of pygeoapi: HTTP's own refusals, and faults of ours."""
    from werkzeug.exceptions import HTTPException

    if isinstance(error, HTTPException) and error.code is not None:
        return refused(problem(error.code, error.name, error.description or ""))
    logging.exception("request")
    return refused(of_fault(error))


def amended(view: Callable[..., Any], change: Callable[[dict[str, Any]], None]) -> Callable[..., Any]:
    """Return a view of pygeoapi whose JSON is set right by `change`."""

    def changed(*args: Any, **named: Any) -> Any:
        from flask import make_response
        from werkzeug.datastructures import Headers

        found = make_response(view(*args, **named))
        found.headers = Headers(found.headers)  # pygeoapi puts a plain dict there, in which names are not found
        if found.mimetype == "application/json":
            data = json.loads(found.get_data())
            if found.status_code == 404:
                return refused(problem(404, "No such process", str(data.get("description", "")), NO_PROCESS))
            if found.status_code == 200:
                change(data)
                found.set_data(json.dumps(data, ensure_ascii=False))
        return found

    return changed


def _options(data: dict[str, Any]) -> None:
    """Tell what can be done with processes: pygeoapi says the same of all managers."""
    for one in data.get("processes", [data]):
        one["jobControlOptions"], one["outputTransmission"] = list(JOB_CONTROL), list(TRANSMISSION)


def _classes(data: dict[str, Any]) -> None:
    """Tell which conformance classes hold: these jobs are listed and dismissed, and nobody is called back."""
    known = [name for name in data["conformsTo"] if name != f"{_CONF}callback"]
    data["conformsTo"] = list(dict.fromkeys([*known, f"{_CONF}job-list", f"{_CONF}dismiss"]))


_AMENDED = {"get_processes": _options, "conformance": _classes}
