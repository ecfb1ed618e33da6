"""Errors as a server tells them: a document of RFC 7807, with the sentence of the error and no trace of the code."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.errors import DtwinError

from .orders import OrderError

MEDIA_TYPE = "application/problem+json"
_TYPES = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
NO_PROCESS, NO_JOB, NOT_READY = f"{_TYPES}no-such-process", f"{_TYPES}no-such-job", f"{_TYPES}result-not-ready"
_TITLES = {400: "The request cannot be carried out", 422: "An input cannot be read", 500: "The process failed"}


def problem(status: int, title: str, detail: str = "", kind: str = "about:blank", **more: Any) -> dict[str, Any]:
    """Return a document of RFC 7807."""
    return {"type": kind, "title": title, "status": status, "detail": detail, **more}


def of_error(error: DtwinError) -> dict[str, Any]:
    """Return an error of ours as such a document; of an order each mistake with its code and its input.

    >>> of_error(DtwinError("{file} is empty.", hint="Get it again.", file="a"))["detail"]
    'a is empty. Get it again.'
    """
    status = error.http_status_code
    found = problem(status, _TITLES.get(status, _TITLES[500]), error.text(), code=error.ogc_exception_code)
    if isinstance(error, OrderError):
        found["problems"] = [
            {"code": one.code, "field": one.field, "text": one.text().partition(" ")[2]} for one in error.problems
        ]
    return found


def of_fault(fault: BaseException) -> dict[str, Any]:
    """Return a fault of ours: what it was called, and no more, as who keeps the server reads the log."""
    detail = f"A fault of the server ended the work ({type(fault).__name__}). Tell who keeps it."
    return problem(500, _TITLES[500], detail, code="NoApplicableCode")
