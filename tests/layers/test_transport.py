"""Requests inside QGIS against servers that mean harm."""

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.layers.transport import QgisTransport


class _Hostile(BaseHTTPRequestHandler):
    def do_GET(self):
        packed = gzip.compress(b"0" * 5_000_000) if self.path == "/bomb" else gzip.compress(b"hello")
        if self.path == "/damaged":
            packed = packed[:-9]
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(10**6 if self.path == "/slow" else len(packed)))
        self.end_headers()
        if self.path != "/slow":
            self.wfile.write(packed)
            return
        end = time.monotonic() + 10
        while time.monotonic() < end:  # a byte now and then: Qt's own time-out is about silence
            try:
                self.wfile.write(b"x")
            except OSError:
                return
            time.sleep(0.1)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    instance = ThreadingHTTPServer(("127.0.0.1", 0), _Hostile)
    instance.daemon_threads = True
    threading.Thread(target=instance.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{instance.server_port}"
    instance.shutdown()
    instance.server_close()


def test_a_packed_answer_is_unpacked(server, qgis_app):
    assert QgisTransport().get(server + "/hello").body == b"hello"


def test_a_packed_answer_that_grows_too_large_is_refused(server, qgis_app):
    with pytest.raises(FormatError, match="more than 1000000 bytes"):
        QgisTransport(maximum=1_000_000).get(server + "/bomb")


def test_a_packed_answer_that_ends_too_soon_is_refused(server, qgis_app):
    with pytest.raises(FormatError, match="damaged"):
        QgisTransport().get(server + "/damaged")


def test_an_answer_that_trickles_ends_at_the_time_limit(server, qgis_app):
    begin = time.monotonic()
    with pytest.raises(UnavailableError, match="within 1 s"):
        QgisTransport().get(server + "/slow", timeout=1)
    assert time.monotonic() - begin < 5  # 1 s and a few looks, on a busy machine
