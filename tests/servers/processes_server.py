"""A server of OGC API - Processes that keeps the standard, or bends it in the way that a test asks."""

from __future__ import annotations

import base64
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CORE = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core"


@dataclass
class State:
    """What the server does.

    `quirks` are names that the handler knows; `asked` are the requests so far, as method and path.
    """

    quirks: set = field(default_factory=set)
    descriptions: dict = field(default_factory=dict)
    results: dict = field(default_factory=dict)
    raw: tuple = ()
    polls: int = 2  # of a job until it has ended
    asked: list = field(default_factory=list)
    posted: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    polled: dict = field(default_factory=dict)
    dismissed: list = field(default_factory=list)
    other: str = ""
    url: str = ""


def echo(**inputs):
    """A description of a process."""
    return {
        "id": "echo", "version": "1.0.0", "title": "Echo", "description": "Says it again.",
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"], "outputTransmission": ["value"],
        "inputs": inputs or {"text": {"title": "Text", "schema": {"type": "string"}}},
        "outputs": {"said": {"title": "Said", "schema": {"type": "string"}}}, "links": [],
    }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    @property
    def state(self):
        return self.server.state

    def send(self, status, document=None, kind="application/json", **headers):
        body = b"" if document is None else document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        if document is not None:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def problem(self, status, kind, detail):
        self.send(status, {"type": kind, "title": kind, "status": status, "detail": detail}, "application/problem+json")

    def note(self):
        self.state.asked.append(f"{self.command} {self.path}")
        self.state.headers.append(dict(self.headers))

    def do_GET(self):
        self.note()
        quirks, path = self.state.quirks, self.path.partition("?")[0]
        if "500" in quirks:
            return self.problem(500, "Broken", "The database of the server is down.")
        if "hangs" in quirks and path == "/processes":
            time.sleep(5)
        if "dies" in quirks and path == "/processes":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"processes": [')
            self.close_connection = True
            return None
        routes = {"": self.landing, "/": self.landing, "/conformance": self.conformance, "/processes": self.listing}
        if path in routes:
            return routes[path]()
        if path.startswith("/processes/"):
            return self.described(path.rpartition("/")[2])
        if path.endswith("/results"):
            return self.result()
        if path.startswith("/jobs/"):
            return self.job(path.rpartition("/")[2])
        if path == "/jobs":
            return self.send(200, {"jobs": [self.status_of(one) for one in self.state.polled], "links": []})
        if path == "/file.bin":
            return self.send(200, b"of a link", "application/octet-stream")
        return self.problem(404, "not-found", "There is nothing here.")

    def landing(self):
        if "no landing" in self.state.quirks:
            return self.problem(404, "not-found", "No.")
        links = [{"rel": "http://www.opengis.net/def/rel/ogc/1.0/processes", "href": "/processes"}]
        return self.send(200, {"title": "Server of a test", "links": [] if "no links" in self.state.quirks else links})

    def conformance(self):
        if "no conformance" in self.state.quirks:
            return self.problem(404, "not-found", "No.")
        return self.send(200, {"conformsTo": [CORE]})

    def listing(self):
        quirks = self.state.quirks
        if "no limit" in quirks and "limit=" in self.path:
            return self.problem(400, "invalid", "There is no parameter limit.")
        if "invalid json" in quirks:
            return self.send(200, b'{"processes": [}')
        if "html" in quirks:
            return self.send(200, b"<html>", "text/html")
        rows = [{"id": name, "version": "1.0.0", "title": name} for name in self.state.descriptions]
        page = int(self.path.partition("page=")[2] or 0)
        if "paging loop" in quirks:
            return self.send(200, {"processes": rows, "links": [{"rel": "next", "href": "/processes?page=1"}]})
        if "pages" in quirks:
            more = [{"rel": "next", "href": f"/processes?page={page + 1}"}] if page + 1 < len(rows) else []
            return self.send(200, {"processes": rows[page : page + 1], "links": more})
        if "next elsewhere" in quirks:
            more = [{"rel": "next", "href": f"{self.state.other}/processes?page=1"}]
            return self.send(200, {"processes": rows, "links": more})
        return self.send(200, {"processes": rows, "links": []})

    def described(self, name):
        if name not in self.state.descriptions:
            return self.problem(404, "no-such-process", f"There is no process {name}.")
        found = self.state.descriptions[name]
        return self.send(200, found if isinstance(found, bytes) else {"id": name, **found})

    def do_POST(self):
        self.note()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.state.posted.append(body)
        quirks = self.state.quirks
        if "refuses" in quirks:
            return self.problem(400, "invalid", "The text is too long.")
        if "old exception" in quirks:
            return self.send(400, {"code": "InvalidParameterValue", "description": "The text is wrong."})
        if self.headers.get("Prefer") != "respond-async" or "sync only" in quirks:
            return self.result()
        number = f"job{len(self.state.polled) + 1}"
        self.state.polled[number] = 0
        if "null job" in quirks:
            return self.send(201, None if "no body" in quirks else b"null", Location=f"/jobs/{number}")
        if "wrong host" in quirks:
            return self.send(201, self.status_of(number), Location=f"http://inside.example:8080/jobs/{number}")
        return self.send(201, self.status_of(number), Location=f"{self.state.url}/jobs/{number}")

    def status_of(self, number):
        quirks, polls = self.state.quirks, self.state.polled[number]
        ended = polls >= self.state.polls
        last = "failed" if "job fails" in quirks else "SUCCEEDED" if "own states" in quirks else "successful"
        name = "id" if "own states" in quirks else "jobID"
        share = min(100, 100 * polls // max(1, self.state.polls))
        message = "The well is dry." if ended and "job fails" in quirks else "Busy"
        status = last if ended else "running"
        return {name: number, "status": status, "progress": share, "type": "process", "message": message}

    def job(self, number):
        if number not in self.state.polled or ("late job" in self.state.quirks and self.state.polled[number] == 0):
            if number in self.state.polled:
                self.state.polled[number] += 1
            return self.problem(404, "no-such-job", f"There is no job {number}.")
        if "job 500" in self.state.quirks and self.state.polled[number] == 1:
            self.state.polled[number] += 1
            return self.problem(500, "Broken", "For a moment.")
        self.state.polled[number] += "never ends" not in self.state.quirks
        return self.send(200, self.status_of(number))

    def result(self):
        quirks, results = self.state.quirks, self.state.results
        if "redirect file" in quirks:
            return self.send(302, None, Location="file:///etc/passwd")
        if "redirect elsewhere" in quirks:
            return self.send(302, None, Location=f"{self.state.other}/file.bin")
        if "job fails" in quirks:
            return self.problem(400, "failed", "The well is dry.")
        if self.state.raw:
            return self.send(200, *self.state.raw)
        if "204" in quirks:
            return self.send(204, None, Link='</file.bin>; rel="said"; type="application/octet-stream"')
        if "pygeoapi" in quirks:
            return self.send(200, {"outputs": [{"id": name, "value": value} for name, value in results.items()]})
        if "multipart" in quirks:
            parts = "".join(
                f"--xx\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
                f"Content-ID: <{name}@a>\r\n\r\n{base64.b64encode(str(value).encode()).decode()}\r\n"
                for name, value in results.items()
            )
            return self.send(200, (parts + "--xx--\r\n").encode(), "multipart/related; boundary=xx")
        return self.send(200, results)

    def do_DELETE(self):
        self.note()
        number = self.path.rpartition("/")[2]
        if "hangs" in self.state.quirks:
            time.sleep(3)
        self.state.dismissed.append(number)
        self.send(200, {"jobID": number, "status": "dismissed", "type": "process"})


@contextmanager
def serve(state):
    """Run it on a free port; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.state = True, state
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state.url
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":  # a process of its own, for tests that outlive it: first line is the address
    import sys

    own = State(**json.loads(sys.argv[1]))
    own.quirks = set(own.quirks)
    with serve(own) as address:
        sys.stdout.write(address + "\n")
        sys.stdout.flush()
        sys.stdin.read()
