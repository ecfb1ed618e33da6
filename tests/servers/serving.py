"""What the servers of the tests share: a free port, faults on demand, and an answer whole, halved or unannounced."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BLOCK = 1 << 16  # bytes sent at once


class Handler(BaseHTTPRequestHandler):
    """Answers for `self.server.state`, which may have `faults` to come (one is used up a request), `delay` and `sent`.

    Every answer closes its connection.
    """

    kind = ""  # Content-Type, none if empty

    def fault(self, faults=None):
        """Return the fault of this request, None if there is none; "slow" has then been waited for."""
        state = self.server.state
        faults = state.faults if faults is None else faults
        self.close_connection = True
        found = faults.pop(0) if faults else None
        if found == "slow":
            time.sleep(getattr(state, "delay", 3.0))
        return found

    def send(self, status, body=b"", headers=None, half=False, silent=False):
        """Send an answer: half of what is announced, or half of it and no length; a client that left is no fault."""
        self.close_connection = True
        length = {} if silent else {"Content-Length": str(len(body))}
        kind = {"Content-Type": self.kind} if self.kind else {}
        try:
            self.send_response(status)
            for name, value in {**kind, **length, **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.write(body[: len(body) // 2] if half or silent else body)
        except OSError:  # the client waits no longer
            pass

    def write(self, body):
        """Send bytes, and count them in `state.sent`."""
        state = self.server.state
        for start in range(0, len(body), BLOCK):
            self.wfile.write(body[start : start + BLOCK])
            state.sent = getattr(state, "sent", 0) + len(body[start : start + BLOCK])

    def log_message(self, *args):
        pass


def server(default, root=""):
    """Return a `serve` whose servers have a handler and a path of their own unless another is given."""

    @contextmanager
    def serve(state, handler=default, path=root):
        """Run a server on a free port of 127.0.0.1; `state.url` is its address."""
        instance = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        instance.daemon_threads = True
        instance.state = state
        state.url = f"http://127.0.0.1:{instance.server_address[1]}{path}"
        thread = threading.Thread(target=instance.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            instance.shutdown()
            instance.server_close()
            thread.join()

    return serve
