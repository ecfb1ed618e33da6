"""Jobs on a real Dask cluster of several processes, one of which is killed half-way: nothing is lost."""

import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import WANTED
from dtwin_plugin.processes.media import encode
from dtwin_plugin.progress import Silent

WORKERS = 3


@pytest.fixture
def cluster(root, models_server, pygeoapi_server, tmp_path):
    """A scheduler and its workers, each a process; gives the address and the processes of the workers."""
    python = pygeoapi_server.python(root)
    if python is None:
        pytest.skip("needs the environment of the server: sh scripts/setup.sh server")
    dask = Path(python).with_name("dask")
    address = f"tcp://127.0.0.1:{models_server.free_port()}"
    environment = models_server.environment(root, tmp_path)
    log = (tmp_path / "dask.log").open("wb")
    more = {"env": environment, "cwd": tmp_path, "stdout": log, "stderr": log}
    port = address.rpartition(":")[2]
    scheduler = subprocess.Popen([dask, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"], **more)
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
    workers = [subprocess.Popen([dask, "worker", address, *options], **more) for _ in range(WORKERS)]
    try:
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait(10)
        log.close()


def storm(made, hours):
    return {"terrain": made.valley(100, 100), "rain": 40.0, "after": hours, "threads": 1}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_worker_that_is_killed_loses_nothing(cluster, root, models_server, made, tmp_path):
    address, workers = cluster
    model, hours = MODELS["flood"], (3.0, 3.0, 3.5)
    with models_server.serve(root, tmp_path / "serve", "--workers", WORKERS, DTWIN_SCHEDULER=address) as server:
        jobs = []
        for each in hours:
            inputs = {**storm(made, each), "terrain": made.document("flood", "terrain", made.valley(100, 100))}
            jobs.append(server.start("flood", {"inputs": inputs, "outputs": {"depth_max": {}}}))
        end = time.monotonic() + 280
        while not all(0 < server.json(f"/jobs/{job}")[1]["progress"] < 100 for job in jobs):
            assert time.monotonic() < end
            time.sleep(0.05)
        os.kill(workers[0].pid, signal.SIGKILL)
        workers[0].wait(10)
        ended = [server.wait(job, "successful", "failed", seconds=280)["status"] for job in jobs]
        assert ended == ["successful"] * WORKERS
        found = [hashlib.sha256(server.ask(f"/jobs/{job}/results")[2]).hexdigest() for job in jobs]
    expected = {}
    for each in set(hours):  # each of them takes as long here as there
        values = {item.name: storm(made, each).get(item.name, item.default) for item in model.inputs}
        result = model.run({**values, WANTED: {"depth_max"}}, Silent())["depth_max"]
        item = next(item for item in model.outputs if item.name == "depth_max")
        expected[each] = hashlib.sha256(encode(item, result).data).hexdigest()
    assert found == [expected[each] for each in hours]


def test_a_job_on_the_cluster_is_dismissed_and_fails_with_its_sentence(cluster, root, models_server, made, tmp_path):
    address, _ = cluster
    with models_server.serve(root, tmp_path / "serve", DTWIN_SCHEDULER=address) as server:
        inputs = {"terrain": made.document("flood", "terrain", made.valley(500, 500)), "after": 240, "threads": 1}
        job = server.start("flood", {"inputs": inputs, "outputs": {"depth_max": {}}})
        server.wait(job, "running")
        assert server.json(f"/jobs/{job}", method="DELETE")[1]["status"] == "dismissed"
        terrain = made.valley()
        terrain.values[:] = float("nan")
        job = server.start("floodscan", {"inputs": {"terrain": made.document("floodscan", "terrain", terrain)}})
        assert "holds no data" in server.wait(job, "failed", seconds=280)["message"]


def test_a_scheduler_that_is_not_there_fails_the_job_with_a_sentence(
    root, models_server, pygeoapi_server, made, tmp_path
):
    if pygeoapi_server.python(root) is None:
        pytest.skip("needs the environment of the server: sh scripts/setup.sh server")
    address = f"tcp://127.0.0.1:{models_server.free_port()}"
    with models_server.serve(root, tmp_path, DTWIN_SCHEDULER=address) as server:
        job = server.start("floodscan", {"inputs": {"terrain": made.terrain_of().as_json()}})
        assert f"The Dask cluster at {address} does not answer" in server.wait(job, "failed")["message"]
