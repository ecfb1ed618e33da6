"""A server that takes every request and never answers; of /half a first byte comes."""

from __future__ import annotations

import threading
import time

import serving


class Silence:
    """The state: how many requests wait now, and what ends their wait."""

    def __init__(self):
        self.waiting, self.url, self.over = 0, "", threading.Event()
        self._lock = threading.Lock()

    def wait(self):
        """Wait as long as the server runs."""
        with self._lock:
            self.waiting += 1
        self.over.wait(60)

    def until(self, count, seconds=10):
        """Return when so many requests have come; fails where they do not."""
        end = time.monotonic() + seconds
        while self.waiting < count:
            assert time.monotonic() < end, f"{self.waiting} of {count} requests came"
            time.sleep(0.002)


class Handler(serving.Handler):
    def do_GET(self):
        self.close_connection = True
        if self.path.startswith("/half"):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"x")
        self.server.state.wait()

    def do_POST(self):
        self.do_GET()


_serve = serving.server(Handler)


def serve():
    """Run a server; requests that wait end with it."""
    return _serve(Silence())
