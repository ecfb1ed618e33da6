"""Where a server bends the standard: what is read all the same is told, by a code, and refused in a strict check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dtwin_plugin.errors import FormatError
from dtwin_plugin.translate import mark

_REQ = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/req/"
# code -> the requirement of OGC 18-062r2 that is bent, and what is wrong; a code never changes its meaning
CODES: dict[str, tuple[str, str]] = {
    "OP01": (_REQ + "core/landingpage-success", mark("The landing page has no links to the processes.")),
    "OP02": (_REQ + "core/conformance-success", mark("The conformance classes are not told.")),
    "OP03": (_REQ + "core/conformance-success", mark("The class core is not among the conformance classes.")),
    "OP04": (_REQ + "core/process-list-success", mark("A process in the list lacks an id or a version.")),
    "OP05": (_REQ + "core/process-list-success", mark("A process is in the list twice.")),
    "OP06": (_REQ + "ogc-process-description/json-encoding", mark("A process description lacks what it must have.")),
    "OP07": (_REQ + "ogc-process-description/input-def", mark("An input or output has no schema that is understood.")),
    "OP08": (_REQ + "core/process-execute-success-async", mark("A job was made without a status document.")),
    "OP09": (_REQ + "core/job-success", mark("A job has a status that the standard does not know.")),
    "OP10": (_REQ + "core/job-success", mark("A job status has its id by another name.")),
    "OP11": (_REQ + "core/job-results-success", mark("Results are not an object with the names of the outputs.")),
    "OP12": (
        _REQ + "core/process-execute-sync-document",
        mark("A synchronous result came with another status than 200."),
    ),
    "OP13": (
        _REQ + "core/process-list-success",
        mark("The next page of a list lies at another address than was told."),
    ),
    "OP14": (_REQ + "core/http", mark("A JSON document came with another media type.")),
    "OP15": (_REQ + "core/job-exception-no-such-job", mark("An error is not told as application/problem+json.")),
    "OP16": (_REQ + "ogc-process-description/input-def", mark("A default value does not fit its own schema.")),
    "OP17": (_REQ + "core/pl-limit-definition", mark("The parameter limit of the list is refused.")),
}

MOST = 1000  # deviations that are kept: each new one is looked for among them


@dataclass(frozen=True)
class Deviation:
    """One place where a server bends the standard.

    Attributes
    ----------
    code : str
        A key of `CODES`.
    where : str
        The address, or the process and the input.
    found : str
        What was found there.
    """

    code: str
    where: str
    found: str = ""

    @property
    def requirement(self) -> str:
        """Address of the requirement."""
        return CODES[self.code][0]

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return it as one sentence.

        >>> Deviation("OP03", "https://a.nl/conformance").text()
        'OP03 https://a.nl/conformance: The class core is not among the conformance classes.'
        """
        tail = f" ({self.found})" if self.found else ""
        return f"{self.code} {self.where}: {translate(CODES[self.code][1])}{tail}"


@dataclass
class Deviations:
    """What was found so far.

    Attributes
    ----------
    strict : bool
        Raise FormatError at the first instead of going on.
    """

    strict: bool = False
    found: list[Deviation] = field(default_factory=list)

    def note(self, code: str, where: str, found: Any = "") -> None:
        """Keep a deviation, once, and no more than anybody reads; raises FormatError where it is strict."""
        text = str(found)
        one = Deviation(code, where, text if len(text) <= 80 else text[:79] + "…")
        if self.strict:
            raise FormatError("The server bends the standard: {reason}", reason=one.text())
        if len(self.found) < MOST and one not in self.found:
            self.found.append(one)
