"""A job on a server, from any QGIS of the user: listed, looked at, fetched, stopped, forgotten."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterFolderDestination,
)

from dtwin_plugin.errors import DtwinError, InputError
from dtwin_plugin.layers import servers
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Part
from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from ..parameters import input_parameter
from .register import GROUP

if TYPE_CHECKING:
    from dtwin_plugin.processes.client import Client
    from dtwin_plugin.processes.remote import JobRecord, JobStore

_ACTION = Field(
    "action", "Action", "choice", default="list",
    choices={
        "list": mark("List all jobs"),
        "look": mark("Ask where it is"),
        "fetch": mark("Wait for it and fetch its results"),
        "stop": mark("Stop it"),
        "forget": mark("Take it off the list"),
    },
    doc="To fetch waits until the job has ended; what is taken off the list stays on its server.",
)  # fmt: skip
_JOB = Field("job", "Job", "text", optional=True, doc="Its key, as the list shows it; not needed for the list.")
_FOLDER = "folder"


class FetchJob(DtwinAlgorithm):
    """A job that was started here or in another QGIS."""

    ID, TITLE, GROUP = "serverjob", "Job on a server", GROUP
    SUMMARY = (
        "A job on a server goes on when QGIS is closed. This lists the jobs that were started, asks where one is, and "
        "fetches its results as layers; or stops it. Only the server of that job is asked."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for item in (_ACTION, _JOB):
            self.addParameter(input_parameter(item))
        folder = QgsProcessingParameterFolderDestination(_FOLDER, tr("Folder of the results"), None, True, True)
        folder.setHelp(tr("A file for each result of the job that is fetched."))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputString("status", tr("Status")))
        self.addOutput(QgsProcessingOutputString("jobs", tr("Jobs")))
        self.addOutput(QgsProcessingOutputString("results", tr("Results")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        jobs = servers.job_store()
        action = list(_ACTION.choices)[self.parameterAsEnum(parameters, _ACTION.name, context)]
        if action == "list":
            return self._list(jobs, feedback)
        record = jobs.get(self.parameterAsString(parameters, _JOB.name, context).strip())
        if action == "forget":
            jobs.forget(record.key)
            return {"status": record.status}
        progress = FeedbackProgress(feedback)
        client = servers.connect(servers.registry().get(record.server), progress)
        if action == "stop":
            return {"status": _stopped(client, record, jobs).status}
        record = jobs.change(record, client.status(record.info())) if not record.has_ended else record
        feedback.pushInfo(_line(record))
        if action == "look":
            return {"status": record.status}
        return self._fetch(client, record, jobs, parameters, context, progress)

    def _list(self, jobs: JobStore, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        found = jobs.all()
        for record in found:
            feedback.pushInfo(_line(record))
        rows = [{"job": one.key, "server": one.server, "title": one.title, "status": one.status,
                 "fetched": one.fetched, "created": one.created} for one in found]  # fmt: skip
        return {"status": "", "jobs": json.dumps(rows)}

    def _fetch(
        self,
        client: Client,
        record: JobRecord,
        jobs: JobStore,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        progress: FeedbackProgress,
    ) -> dict[str, Any]:
        from dtwin_plugin.processes.remote import fetched
        from dtwin_plugin.twin import RunRecord

        from ..writers import PLAIN, SUFFIXES, write_output

        ended = client.follow(record.info(), lambda now: progress.report(0.8 * (now.progress or 0.0)))
        record = jobs.change(record, ended)
        server = servers.registry().get(record.server)
        model, made = fetched(server, record, client, progress.part(0.8, 0.9))
        target = self.parameterAsString(parameters, _FOLDER, context)
        if not target:
            raise InputError("A folder for the results is missing.", hint="Choose one.")
        folder = Path(target)
        folder.mkdir(parents=True, exist_ok=True)
        about = RunRecord(model.id, model.version, model.title, "", {}, [], software={"qgis": Qgis.version()})
        about.end()
        results: dict[str, Any] = {}
        for number, item in enumerate(model.outputs):
            if item.name not in made:
                continue
            if item.kind in PLAIN:
                results[item.name] = str(made[item.name])
                continue
            suffix = SUFFIXES.get(item.kind) or f".{item.style.rpartition('.')[2].rstrip(')') or 'bin'}"
            path = folder / f"{item.name}{suffix}"
            part = Part(progress.part(0.9, 1.0), number / len(model.outputs), (number + 1) / len(model.outputs))
            write_output(item, made[item.name], path, about, part)
            results[item.name] = str(path)
            _show(path, item, context)
        jobs.mark_fetched(record)
        return {"status": record.status, _FOLDER: target, "results": json.dumps(results)}


def _show(path: Path, item: Field, context: QgsProcessingContext) -> None:
    """Let QGIS add a result, as it adds those of other algorithms."""
    if context.project() is None or item.kind not in ("grid", "features", "surfaces", "table", "voxels"):
        return
    from ..base import sidecars

    details = QgsProcessingContext.LayerDetails(tr(item.title), context.project(), item.name)
    details.setPostProcessor(sidecars())
    context.addLayerToLoadOnCompletion(str(path), details)


def _stopped(client: Client, record: JobRecord, jobs: JobStore) -> JobRecord:
    from dtwin_plugin.processes.client.jobs import DISMISSED

    client.dismiss(record.info())
    now = record.info()
    with suppress(DtwinError):  # some servers forget it, and then know no status
        now = client.status(now)
    return jobs.change(record, type(now)(**{**now.__dict__, "status": DISMISSED}))


def _line(record: JobRecord) -> str:
    share = "" if record.progress is None else f" {record.progress:.0%}"
    return f"{record.key} {record.server}: {record.title}: {record.status}{share} {record.message}".strip()
