"""The status of a job (OGC 18-062r2, 7.12), as servers tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dtwin_plugin.errors import FormatError

from .deviations import Deviations
from .documents import link, text_of

ACCEPTED, RUNNING, SUCCESSFUL, FAILED, DISMISSED = "accepted", "running", "successful", "failed", "dismissed"
STATES = (ACCEPTED, RUNNING, SUCCESSFUL, FAILED, DISMISSED)
ENDED = (SUCCESSFUL, FAILED, DISMISSED)
# what servers say instead; of WPS 2.0, of drafts, and of their own
_OTHERS = {
    "created": ACCEPTED, "queued": ACCEPTED, "pending": ACCEPTED, "waiting": ACCEPTED, "scheduled": ACCEPTED,
    "started": RUNNING, "in progress": RUNNING, "inprogress": RUNNING, "processing": RUNNING, "paused": RUNNING,
    "succeeded": SUCCESSFUL, "success": SUCCESSFUL, "finished": SUCCESSFUL, "completed": SUCCESSFUL, "done": SUCCESSFUL,
    "failure": FAILED, "error": FAILED, "exception": FAILED, "errored": FAILED,
    "canceled": DISMISSED, "cancelled": DISMISSED, "deleted": DISMISSED, "revoked": DISMISSED,
}  # fmt: skip


@dataclass(frozen=True)
class JobInfo:
    """What a server says of a job.

    Attributes
    ----------
    id, process : str
        As the server names them; the process may be "".
    status : str
        One of `STATES`.
    message : str
        The server's own words.
    progress : float or None
        Share that is done, 0 to 1.
    url : str
        Of the status.
    results : str
        Where the results are, "" where that is not told.
    """

    id: str
    status: str
    process: str = ""
    message: str = ""
    progress: float | None = None
    created: str = ""
    finished: str = ""
    url: str = ""
    results: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it will not change any more."""
        return self.status in ENDED


def job_of(document: Any, url: str, deviations: Deviations) -> JobInfo:
    """Return the status of a job.

    Raises
    ------
    FormatError
        If it has no status that is understood.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("status"), str):
        raise FormatError("The status of the job at {url} is not told.", hint="Tell who keeps the server.", url=url)
    status = document["status"].strip().lower()
    if status not in STATES:
        deviations.note("OP09", url, document["status"])
        if status not in _OTHERS:
            raise FormatError(
                "The job at {url} has the status {found}, which is not known.", url=url, found=document["status"][:80]
            )
        status = _OTHERS[status]
    number = document.get("jobID")
    if not isinstance(number, str):
        deviations.note("OP10", url, ", ".join(sorted(map(str, document))[:20]))
        number = next((document[n] for n in ("id", "job_id", "jobId") if isinstance(document.get(n), str)), "")
    share = document.get("progress")
    is_share = isinstance(share, (int, float)) and not isinstance(share, bool) and 0 <= share <= 100
    message = document.get("exception") if status == FAILED else None
    return JobInfo(
        number or url.rstrip("/").rpartition("/")[2].partition("?")[0],
        status,
        text_of(document.get("processID")) or text_of(document.get("process")),
        " ".join((text_of(message) or text_of(document.get("message")))[:1000].split()),  # one line of the log
        share / 100 if is_share else None,  # type: ignore[operator]
        text_of(document.get("created"))[:40],
        text_of(document.get("finished"))[:40],
        link(document, "self", url) or link(document, "status", url) or url,
        link(document, "results", url),
    )
