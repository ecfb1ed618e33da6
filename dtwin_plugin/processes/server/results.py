"""Results as they were asked for (OGC 18-062r2, 7.13): a document, the bytes of one, or several in one body."""

from __future__ import annotations

import json
import uuid
from typing import Any

from ..media import Value, essence
from .calculation import Result
from .store import RESULTS, Store


def read(store: Store, job_id: str, result: Result) -> Value:
    """Return a result as it was written: JSON as data, all else as bytes; raises OSError."""
    data = (store.place(job_id) / RESULTS / result.file).read_bytes()
    kind = essence(result.media_type)
    if kind == "application/json" or kind.endswith("+json"):
        return Value(json.loads(data), result.media_type)
    return Value(data.decode("utf-8") if kind == "text/plain" else data, result.media_type)


def link(base_url: str, job_id: str, name: str, result: Result) -> dict[str, str]:
    """Return a result by reference."""
    return {"href": f"{base_url}/jobs/{job_id}/results/{name}", "type": result.media_type}


def document(store: Store, job_id: str, base_url: str) -> dict[str, Any]:
    """Return all results of a job as a document (`results.yaml`): each inline, or as a link where that was asked."""
    return {
        name: link(base_url, job_id, name, result) if result.by_reference else read(store, job_id, result).as_json()
        for name, result in store.results(job_id).items()
    }


def body(store: Store, job_id: str, result: Result) -> bytes:
    """Return a result as the body of an answer: the bytes that were written."""
    return (store.place(job_id) / RESULTS / result.file).read_bytes()


def multipart(store: Store, job_id: str, base_url: str) -> tuple[bytes, str]:
    """Return several results in one body with its media type (`multipart/related`, RFC 2387).

    A result that is asked for as a link is a part without a body, with its place in Content-Location.
    """
    parts = []
    for name, result in store.results(job_id).items():
        head = f"Content-ID: <{name}>\r\nContent-Type: {result.media_type}\r\n"
        if result.by_reference:
            head += f"Content-Location: {link(base_url, job_id, name, result)['href']}\r\n"
        parts.append(head.encode() + b"\r\n" + (b"" if result.by_reference else body(store, job_id, result)))
    mark = f"dtwin-{uuid.uuid4().hex}"
    while any(mark.encode() in part for part in parts):
        mark = f"dtwin-{uuid.uuid4().hex}"
    joined = b"".join(b"--" + mark.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return joined + b"--" + mark.encode() + b"--\r\n", f'multipart/related; boundary="{mark}"'
