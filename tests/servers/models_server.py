"""The real server with our models in a process of its own, where QGIS cannot be imported."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pygeoapi_server

_START = 60.0  # s
BLOCK = "import sys\nsys.modules['qgis'] = None\n"  # read by Python at its start, as sitecustomize


class Server:
    """A running server: its address, its folder and its process."""

    def __init__(self, url, folder, process):
        self.url, self.folder, self.process = url, folder, process

    def ask(self, path, body=None, method=None, headers=None):
        """Return status, headers and bytes of an answer, whatever its status."""
        url = path if path.startswith("http") else self.url + path
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def json(self, path, **more):
        """Return status and JSON of an answer."""
        status, _, data = self.ask(path, **more)
        return status, json.loads(data)

    def execute(self, process, body):
        """Return the answer to a request that is waited for; on a slow machine it goes on as a job."""
        status, headers, data = self.ask(f"/processes/{process}/execution", body)
        if status != 201:
            return status, headers, data
        job = json.loads(data)["jobID"]
        self.wait(job, "successful", "failed", seconds=200)
        return self.ask(f"/jobs/{job}/results")

    def start(self, process, body):
        """Start a job, and return its id."""
        path = f"/processes/{process}/execution"
        status, headers, data = self.ask(path, body, headers={"Prefer": "respond-async"})
        assert status == 201, data
        assert headers["Location"] == f"{self.url}/jobs/{json.loads(data)['jobID']}"
        return json.loads(data)["jobID"]

    def wait(self, job, *statuses, seconds=90.0):
        """Return the status of a job when it is one of these."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _, found = self.json(f"/jobs/{job}")
            if found["status"] in statuses:
                return found
            time.sleep(0.1)
        raise AssertionError(f"after {seconds} s the job is {found}")

    def kill(self):
        """End the server as a machine that fails does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def environment(root, folder, **more):
    """The environment of a process of ours in which QGIS is not installed."""
    blocked = Path(folder) / "blocked"
    blocked.mkdir(parents=True, exist_ok=True)
    (blocked / "sitecustomize.py").write_text(BLOCK)
    found = {**os.environ, "PYTHONPATH": f"{blocked}{os.pathsep}{root}", "PROJ_DATA": "/usr/share/proj"}
    found.setdefault("NUMBA_CACHE_DIR", str(Path(root) / "build" / "numba"))
    return {**found, "OMP_WAIT_POLICY": "passive", **more}


@contextmanager
def serve(root, folder, *options, **more):
    """Run the server on a free port, with more options and environment variables."""
    port, folder = free_port(), Path(folder)
    command = [str(pygeoapi_server.python(root)), "-m", "dtwin_plugin.processes.server"]
    command += ["--folder", str(folder), "--port", str(port), *map(str, options)]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment(root, folder, **more), cwd=folder, stdout=log, stderr=log)
    server = Server(f"http://127.0.0.1:{port}", folder, process)
    try:
        _expect(server)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _expect(server):
    end = time.monotonic() + _START
    while time.monotonic() < end and server.process.poll() is None:
        try:
            if server.ask("/conformance?f=json")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no server: {(server.folder / 'server.log').read_text(errors='replace')[-3000:]}")
