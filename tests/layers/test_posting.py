"""A question that is sent through QGIS."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dtwin_plugin.errors import Cancelled
from dtwin_plugin.layers.network import _Noted
from dtwin_plugin.layers.transport import QgisTransport
from dtwin_plugin.sources.http_cache import CachingTransport
from dtwin_plugin.sources.retry import Retrying


class _Answering(BaseHTTPRequestHandler):
    """Says back what was sent, with status 400, or nothing for a while."""

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/silent":
            self.server.until.wait(10)
        body = sent + b" as " + self.headers["Content-Type"].encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answering) as server:
        server.until = threading.Event()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield server
        server.until.set()
        server.shutdown()


def test_a_refusal_comes_back_with_what_it_says(server, qgis_app, tmp_path):
    cache = CachingTransport(QgisTransport(), tmp_path)
    answer = Retrying(_Noted(cache)).post(server.url, b'{"area": 1}')
    assert (answer.status, answer.body) == (400, b'{"area": 1} as application/json')
    cache.close()


def test_a_silent_server_does_not_keep_the_user(server, qgis_app):
    with pytest.raises(Cancelled):
        QgisTransport().post(f"{server.url}/silent", b"{}", cancelled=lambda: True)
