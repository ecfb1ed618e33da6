"""Servers of OGC API - Processes in the assembled plugin, and QGIS that is killed and started again."""

import json
import signal
import subprocess
import time

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.models.base import Field
from dtwin_plugin.processes.media import encode

TIFF = {"type": "string", "contentEncoding": "binary", "contentMediaType": "image/tiff; application=geotiff"}


@pytest.fixture
def qgis(batch, tmp_path):
    """Run `qgis_process` on a profile of its own; `start` gives the process while it runs."""
    folder = tmp_path / "profile"
    folder.mkdir()
    process = batch(folder)

    class Qgis:
        def start(self, *arguments):
            return process.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        def run(self, algorithm, **inputs):
            given = [f"--{name}={value}" for name, value in inputs.items()]
            done = process("--json", "run", algorithm, *given)
            return (
                json.loads(done.stdout)["results"]
                if done.returncode == 0 and done.stdout
                else done.stdout + done.stderr
            )

        def text(self, *arguments):
            return process(*arguments).stdout

    return Qgis()


@pytest.fixture
def state(processes_server):
    own = processes_server.State(descriptions={"echo": processes_server.echo()}, results={"said": "hello"}, polls=1)
    with processes_server.serve(own):
        yield own


def jobs_in(qgis):
    return json.loads(qgis.run("dtwin:serverjob", action=0)["jobs"])


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_server_is_registered_and_its_process_runs_as_an_algorithm(qgis, state):
    found = qgis.run("dtwin:registerserver", name="own", url=state.url)
    assert found["processes"] == 1 and found["deviations"] == 0
    asked = len(state.asked)
    text = qgis.text("help", "dtwin:own_echo")
    assert "Says it again." in text and "Text" in text
    assert len(state.asked) == asked  # nothing is asked of a server at start-up
    assert qgis.run("dtwin:own_echo", text="hi")["said"] == "hello"
    assert qgis.run("dtwin:removeserver", name="own") == {"server": "own"}
    assert "own_echo" not in qgis.text("list")


def test_qgis_is_killed_and_the_next_finds_the_job_and_loads_its_raster(qgis, state, processes_server, tmp_path):
    state.descriptions["dem"] = {**processes_server.echo(), "outputs": {"said": {"title": "Depth", "schema": TIFF}}}
    data = encode(
        Field("said", "A", "grid"), Grid(np.array([[0.5, np.nan]]), 84_000, 447_000, 1, unit="m", name="depth")
    ).data
    state.raw, state.quirks = (data, "image/tiff; application=geotiff"), {"never ends"}
    assert qgis.run("dtwin:registerserver", name="own", url=state.url)["processes"] == 2
    first = qgis.start("run", "dtwin:own_dem", "--text=hi", f"--said={tmp_path / 'never.tif'}")
    wait_until(lambda: len([one for one in state.asked if one.startswith("GET /jobs")]) > 1)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=30)
    assert not (tmp_path / "never.tif").exists()

    state.quirks = set()
    (job,) = jobs_in(qgis)
    assert (job["status"], job["fetched"], job["server"]) == ("running", False, "own")
    found = qgis.run("dtwin:serverjob", action=2, job=job["job"], folder=tmp_path / "results")
    assert found["status"] == "successful"
    path = tmp_path / "results" / "said.tif"
    assert json.loads(found["results"]) == {"said": str(path)}
    from dtwin_plugin.sources.raster_whole import read_whole

    np.testing.assert_array_equal(read_whole(path).values, np.array([[0.5, np.nan]], np.float32))
    assert path.with_suffix(".qml").is_file()
    assert jobs_in(qgis)[0]["fetched"]


@pytest.mark.parametrize(
    ("quirk", "sentence"),
    [("refuses", "The text is too long"), ("job fails", "The well is dry"), ("redirect file", "refused")],
)
def test_what_goes_wrong_at_a_server_is_one_sentence(qgis, state, quirk, sentence):
    qgis.run("dtwin:registerserver", name="own", url=state.url)
    state.quirks = {quirk}
    told = qgis.run("dtwin:own_echo", text="hi")
    assert sentence in told and "Traceback" not in told


def test_a_server_is_checked_against_the_standard(qgis, state, tmp_path):
    state.quirks = {"no links", "no conformance"}
    assert qgis.run("dtwin:checkserver", url=state.url, table=tmp_path / "a.json")["deviations"] == 2
    rows = json.loads((tmp_path / "a.json").read_text())
    assert [row["code"] for row in rows] == ["OP01", "OP02"]
    assert rows[0]["requirement"].endswith("/req/core/landingpage-success")
