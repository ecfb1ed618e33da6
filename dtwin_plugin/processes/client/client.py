"""The operations of a server: what it offers, to execute, to follow a job, to fetch and to dismiss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dtwin_plugin.errors import DtwinError, FormatError, InputError, ModelError, UnavailableError
from dtwin_plugin.sources.transport import Response

from ..json_text import dumped
from ..media import Link, Value
from .deviations import Deviations
from .documents import CORE, ProcessSummary, joined, link, text_of
from .jobs import DISMISSED, FAILED, JobInfo, job_of
from .results import Results, results_of
from .talk import Talk

PAGES, MOST = 100, 2000  # pages of a list; processes of a server
_PAGE = 100  # processes asked at a time
_NEW = 5  # times that a job that was just made may not be found yet
_RAREST = 10.0  # s between questions about a job
_SILENT = 120.0  # s that a server may be silent while a job runs


@dataclass(frozen=True)
class Execution:
    """What came of an execution: a job to follow, or results at once."""

    job: JobInfo | None = None
    results: Results | None = None


class Client:
    """One server of OGC API - Processes."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    @property
    def deviations(self) -> Deviations:
        """Where the server bent the standard so far."""
        return self.talk.deviations

    def landing(self) -> dict[str, Any]:
        """Return the landing page; raises UnavailableError, FormatError, InputError."""
        found = self._document(self.talk.url(), "the landing page")
        if not link(found, "processes", self.talk.url()):
            self.deviations.note("OP01", self.talk.url())
        return found

    def title(self) -> str:
        """Return what the server calls itself, "" where it has no landing page."""
        try:
            return text_of(self.landing().get("title"))[:100]
        except InputError:  # some have only what lies below it
            self.deviations.note("OP01", self.talk.url())
            return ""

    def conformance(self) -> tuple[str, ...]:
        """Return the conformance classes, none where they are not told."""
        url = self.talk.url("conformance")
        try:
            found = self._document(url, "the conformance classes").get("conformsTo")
        except InputError:
            found = None
        if not isinstance(found, list):
            self.deviations.note("OP02", url)
            return ()
        classes = tuple(one for one in found[:MOST] if isinstance(one, str))
        if CORE not in classes:
            self.deviations.note("OP03", url)
        return classes

    def processes(self) -> list[ProcessSummary]:
        """Return all processes, page by page.

        Raises
        ------
        FormatError
            If the pages go round in a ring, or there are too many.
        """
        try:
            return self._listed(f"{self.talk.url('processes')}?limit={_PAGE}")
        except InputError as error:  # some refuse every parameter that they do not know
            if error.values.get("status") != 400:
                raise
            self.deviations.note("OP17", self.talk.url("processes"))
            return self._listed(self.talk.url("processes"))

    def _listed(self, first: str) -> list[ProcessSummary]:
        found: dict[str, ProcessSummary] = {}
        for document, url in self._pages(first):
            rows = document.get("processes")
            if not isinstance(rows, list):
                raise FormatError(
                    "{server} has no list of processes.", hint="Check the address.", server=self.talk.server
                )
            if len(found) + len(rows) > MOST:
                raise FormatError("{server} has more than {limit} processes.", server=self.talk.server, limit=MOST)
            for row in rows:
                name = row.get("id") if isinstance(row, Mapping) else None
                if not isinstance(name, str) or not name or len(name) > 500:
                    self.deviations.note("OP04", url, name)
                    continue
                if not text_of(row.get("version")):
                    self.deviations.note("OP04", url, name)
                if name in found:
                    self.deviations.note("OP05", url, name)
                title = text_of(row.get("title")) or name
                found[name] = ProcessSummary(name, title, text_of(row.get("version")), text_of(row.get("description")))
        return list(found.values())

    def _pages(self, url: str) -> Iterator[tuple[dict[str, Any], str]]:
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= PAGES:
                raise FormatError(
                    "The pages of {server} do not end: {url} comes again.",
                    hint="Tell who keeps the server.",
                    server=self.talk.server,
                    url=url[:300],
                )
            seen.add(url)
            document = self._document(url, "a list")
            yield document, url
            following = link(document, "next", url)
            if following and not self.talk.rules.allows(following):
                self.deviations.note("OP13", url, following)
                following = ""
            url = following

    def description(self, process: str) -> dict[str, Any]:
        """Return the description of a process; raises UnavailableError, FormatError, InputError."""
        return self._document(self.talk.url("processes", process), f"the description of {process[:80]}")

    def execute(
        self, process: str, request: Mapping[str, Any], *, asynchronous: bool, names: Sequence[str], at: str = ""
    ) -> Execution:
        """Start a process.

        Parameters
        ----------
        request : mapping
            "inputs", "outputs" and "response" (OGC 18-062r2, execute.yaml).
        asynchronous : bool
            Prefer a job; the server decides, where it can do but one (7.11.2.4).
        names : sequence of str
            Of the outputs that are asked.
        at : str
            Where it says that it executes; used where that is at the server itself.

        Raises
        ------
        InputError
            With the server's own sentence, where it refuses.
        UnavailableError, FormatError, Cancelled
        """
        url = self.talk.url("processes", process, "execution")
        if at and self.talk.rules.is_own(at):
            url = at.split("?")[0]
        # exactly this: servers compare it as a whole
        headers = {"Accept": "*/*", **({"Prefer": "respond-async"} if asynchronous else {})}
        response = self.talk.post(url, dumped(request), headers)
        is_job = response.status in (201, 202) or (response.status != 204 and self._is_status(response, names))
        if not is_job:
            if response.status not in (200, 204):
                self.deviations.note("OP12", url, response.status)
            return Execution(results=results_of(response, names, self.deviations))
        return Execution(job=self._started(response, url))

    def _is_status(self, response: Response, names: Sequence[str]) -> bool:
        """Tell whether a status document came with a status of HTTP that is not for it."""
        if "json" not in response.headers.get("content-type", "") or len(response.body) > 100_000:
            return False
        try:
            found = self.talk.json(response, "the answer")
        except FormatError:
            return False
        told = {"jobID", "status"} <= set(found) if isinstance(found, Mapping) else False
        return told and not set(names) & set(found)

    def _started(self, response: Response, url: str) -> JobInfo:
        """Return the job that was made: by its document, or by its address where there is none."""
        where = response.headers.get("location", "")
        where = joined(url, where) if where else ""
        try:
            found = self.talk.json(response, "the job") if response.body.strip() else None
            job = job_of(found, where or url, self.deviations) if found else None
        except FormatError:
            job = None
        if job is None:
            self.deviations.note("OP08", url)
            if not where:
                raise FormatError("{server} made a job, but does not tell where it is.", server=self.talk.server)
            job = JobInfo(where.split("?")[0].rstrip("/").rpartition("/")[2], "accepted", url=where)
        # a server behind another may tell its inner address: the standard path is right then
        usual = self.talk.url("jobs", job.id)
        address = where or (job.url if job.url != url else usual)  # where neither tells, `job_of` gives back `url`
        return JobInfo(**{**job.__dict__, "url": address if self.talk.rules.is_own(address) else usual})

    def status(self, job: JobInfo, is_new: bool = False) -> JobInfo:
        """Return where a job is now.

        Raises
        ------
        InputError
            If the server does not know it.
        """
        for attempt in range(_NEW if is_new else 1):
            try:
                found = self.talk.json(self.talk.get(job.url), "the status of the job")
                now = job_of(found, job.url, self.deviations)
                return JobInfo(**{**now.__dict__, "id": job.id, "url": job.url, "process": now.process or job.process})
            except InputError:
                if attempt + 1 >= (_NEW if is_new else 1):
                    raise
                self.talk.pause(0.5)  # some answer before they keep the job
        raise AssertionError

    def follow(self, job: JobInfo, on_change: Any = None) -> JobInfo:
        """Return a job when it has ended, asking less often the longer it takes.

        Parameters
        ----------
        on_change : callable, optional
            Called with the first `JobInfo`, and with every one that differs.

        Raises
        ------
        UnavailableError
            If the server is silent for two minutes; the job may go on.
        Cancelled
            If the user stops it; the job is not dismissed by this.
        """
        is_new, silent, interval = True, 0.0, self.talk.interval
        if on_change is not None:
            on_change(job)
        while not job.has_ended:
            self.talk.pause(interval)
            interval = min(interval * 1.3, _RAREST)
            try:
                now, silent = self.status(job, is_new), 0.0
            except UnavailableError:
                silent += self.talk.patience + interval
                if silent > _SILENT or self.talk.patience == 0:
                    raise
                continue
            is_new = False
            if on_change is not None and now != job:
                on_change(now)
            job = now
        return job

    def results(self, job: JobInfo, names: Sequence[str]) -> Results:
        """Return the results of a job that was successful.

        Raises
        ------
        ModelError
            If it failed, with the server's own words, or was dismissed.
        """
        if job.status in (FAILED, DISMISSED):
            raise self.failed(job)
        usual = self.talk.url("jobs", job.id, "results")
        told = job.results
        url = told if told and self.talk.rules.is_own(told) else usual
        try:
            response = self.talk.get(url, "application/json, */*;q=0.5")
        except InputError:
            if url == usual:
                raise
            response = self.talk.get(usual, "application/json, */*;q=0.5")
        return results_of(response, names, self.deviations)

    def failed(self, job: JobInfo) -> DtwinError:
        """Return why a job gave nothing, as an error."""
        if job.status == DISMISSED:
            return ModelError("The job {job} was stopped on {server}.", job=job.id, server=self.talk.server)
        reason = job.message
        if not reason:
            try:  # the results of a failed job are its exception (7.13.2)
                self.talk.get(self.talk.url("jobs", job.id, "results"), again=False)
            except DtwinError as error:
                reason = str(error.values.get("reason", ""))
        return ModelError(
            "{server} could not finish the job: {reason}.",
            hint="Check what you gave, or tell who keeps the server.",
            server=self.talk.server,
            reason=reason.rstrip(".") or "no reason is told",
        )

    def fetch(self, found: Link) -> Value:
        """Return what a link leads to; raises FormatError where it may not lead there."""
        url = self.talk.rules.expect(joined(self.talk.url() + "/", found.href) or found.href)
        response = self.talk.get(url, found.media_type or "*/*")
        return Value(response.body, found.media_type or response.headers.get("content-type", ""))

    def dismiss(self, job: JobInfo) -> None:
        """Ask the server to stop a job and forget it; raises what it says where it does not."""
        self.talk.delete(self.talk.url("jobs", job.id) if not job.url else job.url.split("?")[0])

    def jobs(self) -> list[JobInfo]:
        """Return the jobs that the server lists; what is no job is passed over, as anybody may have made it."""
        found = []
        for document, url in self._pages(self.talk.url("jobs")):
            rows = document.get("jobs")
            for row in rows if isinstance(rows, list) else ():
                try:
                    found.append(job_of(row, url, self.deviations))
                except FormatError:
                    continue
            if len(found) > MOST:
                break
        return found

    def _document(self, url: str, what: str) -> dict[str, Any]:
        found = self.talk.json(self.talk.get(url), what)
        if not isinstance(found, dict):
            raise FormatError("{what} of {server} is no JSON object.", what=what, server=self.talk.server)
        return found
