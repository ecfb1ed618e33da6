"""A process of a server as a model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from dtwin_plugin.errors import Cancelled, DtwinError, InputError, UnavailableError
from dtwin_plugin.models.base import Model, Values, wanted
from dtwin_plugin.progress import Part, Progress

from ..client import Client, Deviations, JobInfo
from ..client.documents import link, text_of, title_of
from ..client.jobs import DISMISSED
from .asking import request_of, values_of
from .binding import Binding, bindings_of
from .job_store import JobRecord, JobStore
from .registered import Registered

# A description is of anybody, in a file that anybody may change: one must not take the toolbox with it.
_WRONG = (DtwinError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
_PATIENCE = 0.8  # s for the answer to a wish to stop: a run ends within 1 s

Connect = Callable[[Registered, Progress], Client]


def remote_model(server: Registered, process: str, connect: Connect, jobs: JobStore | None = None) -> Model:
    """Return a process that was described as a model: running it starts a job at its server, and follows it.

    Parameters
    ----------
    connect : callable
        `connect(server, progress)` gives a client; nothing is asked of the server before it runs.
    jobs : JobStore, optional
        Keeps the job, so that it can be picked up when who started it is gone.

    Raises
    ------
    FormatError
        If the description cannot be used.
    """
    description = server.processes[process]
    inputs, outputs = bindings_of(description, Deviations(), process)
    name = server.ids()[process]

    def run(values: Values, progress: Progress) -> dict[str, Any]:
        asked = [one for one in outputs if wanted(values, one.field.name)] or list(outputs[:1])
        client = connect(server, progress)
        request = request_of(inputs, asked, values, Part(progress, 0.0, 0.1))
        options = description.get("jobControlOptions")
        is_async = not isinstance(options, list) or "async-execute" in options or "sync-execute" not in options
        progress.report(0.1, "Sent to {server}.", server=server.title)
        names = [one.name for one in asked]
        started = client.execute(
            process, request, asynchronous=is_async, names=names, at=link(description, "execute", server.url)
        )
        results = started.results
        if started.job is not None:
            told = tuple(one.field.name for one in asked)
            title = title_of(description.get("title"), process)
            record = JobRecord("", server.name, process, title, name, started.job.id, started.job.url, told)
            record = jobs.add(record) if jobs else record
            ended = follow(client, record, started.job, jobs, Part(progress, 0.1, 0.9))
            results = client.results(ended, names)
            made = values_of(client, asked, results, Part(progress, 0.9, 1.0))
            if jobs:
                jobs.mark_fetched(record)
            return made
        return values_of(client, asked, results or {}, Part(progress, 0.9, 1.0))

    return Model(
        name,
        text_of(description.get("version"))[:40] or "-",
        title_of(description.get("title"), process),
        server.title,
        text_of(description.get("description"))[:4000] or title_of(description.get("title"), process),
        tuple(one.field for one in inputs),
        tuple(one.field for one in outputs),
        run,
        (server.url,),
        beside=True,
    )


def follow(client: Client, record: JobRecord, job: JobInfo, jobs: JobStore | None, progress: Progress) -> JobInfo:
    """Follow a job to its end, and keep where it is; when the user stops it, it is dismissed.

    Raises
    ------
    UnavailableError
        If the server is silent; the job stays in the list.
    Cancelled
        If the user stops it.
    """
    kept = [record]

    def on_change(now: JobInfo) -> None:
        if jobs and kept[0].key:
            kept[0] = jobs.change(kept[0], now)
        texts = {"server": record.server, "status": now.status, "said": now.message}
        progress.report(now.progress or 0.0, "{server}: {status} {said}", **texts)

    try:
        return client.follow(job, on_change)
    except Cancelled:
        if _dismissed(client, job) and jobs and kept[0].key:
            jobs.change(kept[0], JobInfo(**{**job.__dict__, "status": DISMISSED}))
        raise
    except UnavailableError as error:
        raise UnavailableError(
            "The server {server} does not answer any more: {reason}",
            hint="The job is in the list of jobs; fetch its results later.",
            server=record.server,
            reason=str(error),
        ) from error


def _dismissed(client: Client, job: JobInfo) -> bool:
    """Ask the server to stop a job, and tell whether it has said so soon; a person who cancels waits for no server."""
    done: list[bool] = []

    def ask() -> None:
        with suppress(DtwinError):
            client.dismiss(job)
            done.append(True)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return bool(done)


def fetched(server: Registered, record: JobRecord, client: Client, progress: Progress) -> tuple[Model, dict[str, Any]]:
    """Return the model of a job that was successful, and its results; as `Client.results` raises."""
    if record.process not in server.processes:
        raise InputError(
            "{server} does not offer {process} any more, so that its results cannot be read.",
            hint="Refresh the server, or fetch the results in a browser.",
            server=server.title,
            process=record.process[:80],
        )
    model = remote_model(server, record.process, lambda *_: client)
    _, outputs = bindings_of(server.processes[record.process], Deviations(), record.process)
    asked = _asked(outputs, record.outputs)
    found = client.results(record.info(), [one.name for one in asked])
    return model, values_of(client, asked, found, progress)


def _asked(outputs: Sequence[Binding], names: Sequence[str]) -> list[Binding]:
    return [one for one in outputs if one.field.name in names] or list(outputs)


def models_of(
    server: Registered, connect: Connect, jobs: JobStore | None = None
) -> tuple[dict[str, Model], Mapping[str, str]]:
    """Return the models of a server by their ids, and why each process that is left out is."""
    found: dict[str, Model] = {}
    left_out: dict[str, str] = {}
    for process in server.processes:
        try:
            model = remote_model(server, process, connect, jobs)
        except _WRONG as error:
            left_out[process] = str(error)
            continue
        found[model.id] = model
    return found, left_out
