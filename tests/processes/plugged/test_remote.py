"""A process of a server as the engine of a model of somebody else."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.processes.plugged.engines import models
from dtwin_plugin.processes.plugged.store import add
from dtwin_plugin.processes.plugged.trust import digest, trust
from dtwin_plugin.progress import Silent


class Process(BaseHTTPRequestHandler):
    """Answers an execution at once with the number that was sent, doubled."""

    asked: list = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, body))
        answer = json.dumps({"double": 2 * body["inputs"]["rain"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    Process.asked = []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Process)
    Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/api"
    running.shutdown()
    running.server_close()


def test_a_process_runs_when_it_is_trusted_and_is_asked_nothing_before(server, delivered, tmp_path):
    folder = delivered(
        inputs=[{"name": "rain", "title": "Rain", "kind": "number", "unit": "mm", "maximum": 100}],
        outputs=[{"name": "double", "title": "Double", "kind": "number", "unit": "mm"}],
        engine={"kind": "process", "url": server, "process": "doubling"},
    )
    plugged, problems = add(folder, tmp_path / "models")
    assert not problems
    model = next(models(tmp_path / "models"))
    with pytest.raises(InputError, match="has not been trusted"):
        model.run({"rain": 4.0}, Silent())
    assert not Process.asked
    trust(tmp_path / "models", plugged, digest(plugged.folder))
    assert model.run({"rain": 4.0}, Silent()) == {"double": 8.0}
    ((path, body),) = Process.asked
    assert path == "/api/processes/doubling/execution" and body["inputs"] == {"rain": 4.0}
