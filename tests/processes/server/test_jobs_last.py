"""Jobs that are stopped, and jobs whose server or worker dies: nothing is lost, and nothing goes on unseen."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from dtwin_plugin.models import MODELS
from dtwin_plugin.processes.server import store as jobs
from dtwin_plugin.processes.server.orders import Order, OrderError, Wanted, read_order, served
from dtwin_plugin.processes.server.store import DISMISSED, FAILED, RUNNING, SUCCESSFUL, Store


@pytest.fixture
def serve(root, models_server, pygeoapi_server):
    if pygeoapi_server.python(root) is None:
        pytest.skip("needs the environment of the server: sh scripts/setup.sh server")
    return lambda *args, **more: models_server.serve(root, *args, **more)


def storm(made, hours, size=100):
    """A run that takes as long as is asked, more or less: cells on a side, and hours after the rain."""
    values = {"rain": 40, "after": hours, "threads": 1}
    terrain = made.document("flood", "terrain", made.valley(size, size))
    return {"inputs": {"terrain": terrain, **values}, "outputs": {"depth_max": {}}}


def workers_at(folder):
    """The processes that work at the jobs of a folder, or wait for one."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes()
            ours = str(folder).encode() in (path / "environ").read_bytes()
        except OSError:
            continue
        if b"processes.server.worker" in words and ours:
            found.append(int(path.name))
    return found


def test_a_job_that_is_dismissed_stops(serve, made, tmp_path):
    with serve(tmp_path) as server:
        job = server.start("flood", storm(made, 240, 600))
        server.wait(job, RUNNING)
        began = time.monotonic()
        status, gone = server.json(f"/jobs/{job}", method="DELETE")
        assert (status, gone["status"]) == (200, DISMISSED)
        assert server.json(f"/jobs/{job}")[1]["status"] == DISMISSED
        status, refused = server.json(f"/jobs/{job}/results")
        assert status == refused["status"] == 410
        following = server.start("floodscan", {"inputs": {"terrain": made.terrain_of().as_json()}})
        server.wait(following, SUCCESSFUL, seconds=200)  # with one worker: the first has made place
        assert time.monotonic() - began < 200
        assert not (tmp_path / "jobs" / job / "results").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_server_that_dies_and_starts_again_has_all_jobs_and_finishes_them(serve, made, tmp_path):
    body = storm(made, 4)
    with serve(tmp_path) as server:
        before = server.start("flood", storm(made, 1))
        server.wait(before, SUCCESSFUL, seconds=280)
        first = server.json(f"/jobs/{before}")[1]
        data = server.ask(f"/jobs/{before}/results")[2]
        running, waiting = server.start("flood", body), server.start("flood", storm(made, 1))
        server.wait(running, RUNNING)
        server.kill()
    with serve(tmp_path) as server:
        listed = {one["jobID"] for one in server.json("/jobs?f=json")[1]["jobs"]}
        assert listed == {before, running, waiting}
        again = server.json(f"/jobs/{before}")[1]
        assert {**again, "links": 0} == {**first, "links": 0}
        assert server.ask(f"/jobs/{before}/results")[2] == data
        assert server.wait(waiting, SUCCESSFUL, FAILED, seconds=280)["status"] == SUCCESSFUL
        assert server.json(f"/jobs/{running}")[1]["status"] == SUCCESSFUL
        assert server.ask(f"/jobs/{waiting}/results")[2] == data
        assert json.loads((tmp_path / "jobs" / running / "job.json").read_text())["starts"] == 2


def test_a_worker_that_is_killed_fails_its_job_and_not_the_server(serve, made, tmp_path):
    with serve(tmp_path, DTWIN_TEST_PLACE=str(tmp_path)) as server:
        job = server.start("flood", storm(made, 240, 600))
        end = time.monotonic() + 120
        while server.json(f"/jobs/{job}")[1]["progress"] == 0 and time.monotonic() < end:
            time.sleep(0.2)
        for process in workers_at(tmp_path):
            os.kill(process, signal.SIGKILL)
        found = server.wait(job, FAILED)
        assert "ended with -9" in found["message"]
        following = server.start("floodscan", {"inputs": {"terrain": made.terrain_of().as_json()}})
        server.wait(following, SUCCESSFUL, seconds=200)


# --- the store and the orders, without a server ---


def order(**more):
    return Order("floodscan", {"rain": 5}, {"depth": Wanted("image/tiff", True)}, **more)


def test_what_a_store_keeps_comes_back(tmp_path):
    job = Store(tmp_path).add(order(response="document"))
    again = Store(tmp_path)
    assert again.order(job.id) == order(response="document") and again.jobs() == [job]
    again.update(job.id, status=RUNNING, progress=5)
    assert Store(tmp_path).job(job.id).progress == 5


def test_a_job_that_has_ended_stays_as_it_is(tmp_path):
    store = Store(tmp_path)
    job = store.add(order())
    store.update(job.id, status=DISMISSED)
    assert store.update(job.id, status=SUCCESSFUL) is None and store.job(job.id).status == DISMISSED


@pytest.mark.parametrize("name", ["", "..", "../x", "a" * 36, "0" * 37, "00000000-0000-0000-0000-00000000000/"])
def test_an_id_that_is_none_leads_nowhere(tmp_path, name):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "job.json").write_text("{}")
    assert Store(tmp_path / "jobs").job(name) is None


def test_a_damaged_job_is_no_job_and_harms_no_other(tmp_path):
    store = Store(tmp_path)
    good, bad = store.add(order()), store.add(order())
    (tmp_path / bad.id / "job.json").write_text("{")
    (tmp_path / "strange").mkdir()
    assert store.jobs() == [good]


def test_old_jobs_are_forgotten_and_others_not(tmp_path, monkeypatch):
    store = Store(tmp_path)
    monkeypatch.setattr(jobs, "now", lambda: "2026-01-01T00:00:00.000Z")
    old = store.add(order())
    store.update(old.id, status=SUCCESSFUL)
    waits = store.add(order())
    monkeypatch.undo()
    new = store.add(order())
    store.update(new.id, status=SUCCESSFUL)
    store.clear(7)
    assert {job.id for job in store.jobs()} == {waits.id, new.id}


def test_a_job_that_ends_each_server_is_not_begun_for_ever(tmp_path):
    from dtwin_plugin.processes.server.references import Reach
    from dtwin_plugin.processes.server.runner import MOST_STARTS, Runner

    store = Store(tmp_path / "jobs")
    job = store.add(order())
    store.update(job.id, status=RUNNING, starts=MOST_STARTS)
    runner = Runner(store, Reach(), scheduler="tcp://127.0.0.1:1")
    runner.start()
    runner.close()
    found = store.job(job.id)
    assert found.status == FAILED and "does not begin again" in found.message


@pytest.mark.parametrize("name", MODELS)
def test_every_model_refuses_an_empty_request_with_what_it_needs(name):
    needed = [item.name for item in served(MODELS[name]).inputs if not item.optional and item.default is None]
    if not needed:
        assert read_order(MODELS[name], {"inputs": {}}).outputs
        return
    with pytest.raises(OrderError) as caught:
        read_order(MODELS[name], {})
    assert [problem.field for problem in caught.value.problems] == needed
