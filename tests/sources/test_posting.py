"""A question that is sent, through every layer between a source and the network."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dtwin_plugin.errors import OfflineError, UnavailableError
from dtwin_plugin.sources.http_cache import CachingTransport
from dtwin_plugin.sources.polite import PoliteTransport
from dtwin_plugin.sources.requests_transport import RequestsTransport
from dtwin_plugin.sources.retry import Retrying
from tests.servers.recorded import RecordedTransport


class _Answering(BaseHTTPRequestHandler):
    """Says back what was sent, after as many refusals as its server has left."""

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        body = sent + b" as " + self.headers["Content-Type"].encode()
        if self.headers["Content-Crs"]:
            body += b" in " + self.headers["Content-Crs"].encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def answering():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answering) as server:
        server.statuses = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server, f"http://127.0.0.1:{server.server_address[1]}/searches"
        server.shutdown()


def test_a_question_that_is_sent_comes_through_every_layer(answering, tmp_path):
    server, url = answering
    server.statuses = [429, 500, 400]
    cache = CachingTransport(PoliteTransport(RequestsTransport()), tmp_path)
    waits = []
    answer = Retrying(cache, sleep=waits.append).post(url, b'{"area": 1}')
    assert (answer.status, answer.body) == (400, b'{"area": 1} as application/json')  # a refusal is an answer
    assert len(waits) == 2 and cache.count() == 0
    cache.close()


def test_headers_go_with_what_is_sent_through_every_layer(answering, tmp_path):
    cache = CachingTransport(PoliteTransport(RequestsTransport()), tmp_path)
    headers = {"Content-Crs": "epsg:28992", "Cache-Control": "max-age=60", "Content-Type": "text/plain"}
    answer = Retrying(cache).post(answering[1], b"{}", headers=headers)
    assert answer.body == b"{} as application/json in epsg:28992" and cache.count() == 0
    cache.close()


def test_a_question_is_not_sent_offline(answering, tmp_path):
    cache = CachingTransport(RequestsTransport(), tmp_path, offline=True)
    with pytest.raises(OfflineError, match="work offline"):
        Retrying(cache).post(answering[1], b"{}")
    cache.close()


def test_what_cannot_send_says_so():
    with pytest.raises(UnavailableError, match="cannot send a question"):
        Retrying(RecordedTransport({})).post("https://a.nl", b"{}")
