"""Programs and classes of somebody else: given files and words, followed, stopped, their results taken with care."""

import os
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import Cancelled, InputError, ModelError
from dtwin_plugin.processes.plugged.engines import models
from dtwin_plugin.processes.plugged.store import add
from dtwin_plugin.processes.plugged.trust import digest, trust
from dtwin_plugin.progress import Silent

TERRAIN = Grid(np.arange(12, dtype=np.float32).reshape(3, 4), 155000, 463003, 1.0, unit="m")

HEAT = '''
import numpy as np

class Heat:
    """Explicit diffusion of a temperature with no flow over the edges."""
    def initialize(self, path):
        self.facts = dict(line.split("=") for line in open(path).read().split())
        self.shape = int(self.facts["rows"]), int(self.facts["columns"])
        self.z, self.t = np.zeros(self.shape), 0.0
    def get_current_time(self): return self.t
    def get_end_time(self): return 10.0
    def get_var_grid(self, name): return 0
    def get_grid_rank(self, grid): return 2
    def get_grid_shape(self, grid, shape): shape[:] = self.shape; return shape
    def get_var_type(self, name): return "float64"
    def set_value(self, name, values): self.z = np.array(values).reshape(self.shape)
    def get_value(self, name, place): place[:] = self.z.ravel(); return place
    def update(self):
        padded = np.pad(self.z, 1, mode="edge")
        around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
        self.z = self.z + float(self.facts["share"]) * (around - 4 * self.z)
        self.t += 1.0
    def finalize(self): pass
'''


class Told(Silent):
    """Keeps what is reported, and wants to stop after some seconds."""

    def __init__(self, seconds=None):
        super().__init__()
        self.fractions, self.stop = [], None if seconds is None else time.monotonic() + seconds

    def report(self, fraction, message="", **values):
        self.fractions.append(fraction)

    def is_cancelled(self):
        return self.stop is not None and time.monotonic() > self.stop


@pytest.fixture
def model(delivered, tmp_path):
    """Add a model, trust it, and give it as the socket has it."""

    def make(files=None, **changes):
        folder = delivered(**changes)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        plugged, problems = add(folder, tmp_path / "models")
        assert not problems, [problem.text() for problem in problems]
        trust(tmp_path / "models", plugged, digest(plugged.folder))
        return next(models(tmp_path / "models"))

    return make


def test_a_program_gets_files_and_gives_files(model):
    told = Told()
    made = model().run({"terrain": TERRAIN, "factor": 3.0}, told)
    assert np.array_equal(made["scaled"].values, TERRAIN.values * 3)
    assert made["scaled"].extent == TERRAIN.extent
    assert made["mean"] == 16.5
    assert any(0.4 < fraction < 0.6 for fraction in told.fractions)


def test_nothing_runs_that_nobody_trusted(delivered, tmp_path):
    marker = tmp_path / "ran"
    add(delivered(program=f"open({str(marker)!r}, 'w')"), tmp_path / "models")
    with pytest.raises(InputError, match="has not been trusted"):
        next(models(tmp_path / "models")).run({"terrain": TERRAIN, "factor": 1.0}, Silent())
    assert not marker.exists()


@pytest.mark.parametrize(
    "program, expected",
    [
        ("import sys; print('no water here'); sys.exit(3)", "ended with code 3: no water here"),
        ("pass", "gave no usable Scaled terrain: it was not made"),
        (
            "import sys; w = dict(a.split('=', 1) for a in sys.argv[1:]); open(w['scaled'], 'w').write('x')",
            "gave no usable Scaled terrain: Scaled terrain is image/tiff",
        ),
    ],
)
def test_a_program_that_fails_is_told_of_in_one_sentence(model, program, expected):
    with pytest.raises(ModelError) as caught:
        model(program=program).run({"terrain": TERRAIN, "factor": 1.0}, Silent())
    assert expected in str(caught.value)


def test_a_number_that_is_none_is_told_of(model):
    program = "import sys\nw = dict(a.split('=', 1) for a in sys.argv[1:])\n" + (
        "import shutil\nshutil.copy(w['terrain'], w['scaled'])\nopen(w['mean'], 'w').write('much')\n"
    )
    with pytest.raises(ModelError, match="no usable Mean: could not convert"):
        model(program=program).run({"terrain": TERRAIN, "factor": 1.0}, Silent())


def test_a_program_and_what_it_started_end_within_a_second_when_the_user_stops(model, tmp_path):
    pid = tmp_path / "pid"
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\ntime.sleep(60)\n"
    )
    scale = model(program=program)
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        scale.run({"terrain": TERRAIN, "factor": 1.0}, Told(3.0))
    assert time.monotonic() - begin < 3.0 + 1.0 + 1.0  # asked after 3 s; a second to stop, another for a busy machine
    assert not runs(int(pid.read_text()))


def runs(pid):
    for _ in range(20):  # who adopts it needs a moment to see that it died
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return False
        time.sleep(0.1)
    return True


def test_a_program_that_takes_too_long_is_ended(model):
    engine = {"kind": "command", "command": ["{python}", "{folder}/run.py"], "timeout": 1}
    scale = model(program="import time; time.sleep(60)", engine=engine)
    with pytest.raises(ModelError, match="not done within 1 s"):
        scale.run({"terrain": TERRAIN, "factor": 1.0}, Silent())


def test_keys_of_the_user_do_not_reach_a_program(model, monkeypatch):
    monkeypatch.setenv("DTWIN_SECRET_TOKEN", "hidden")
    program = "import os, sys; sys.exit('DTWIN_SECRET_TOKEN' in os.environ or 'PATH' not in os.environ)"
    with pytest.raises(ModelError, match="it was not made"):  # and not that it ended with code 1
        model(program=program).run({"terrain": TERRAIN, "factor": 1.0}, Silent())


def test_a_program_that_talks_without_end_of_line_does_not_fill_the_memory(model):
    program = "import sys\nfor _ in range(30): sys.stdout.write('x' * 1000000)\nsys.exit(1)"
    tracemalloc.start()
    with pytest.raises(ModelError) as caught:
        model(program=program).run({"terrain": TERRAIN, "factor": 1.0}, Silent())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(str(caught.value)) < 1000
    assert peak < 20e6  # bytes; what is loaded for the first run takes 10e6, and to keep what it says more than 30e6


def test_a_word_of_the_user_is_one_word_and_no_command(model, tmp_path):
    inputs = [{"name": "note", "title": "Note", "kind": "text"}]
    outputs = [{"name": "said", "title": "Said", "kind": "text"}]
    engine = {"kind": "command", "command": ["{python}", "{folder}/run.py", "{note}", "{said}"]}
    program = "import sys; open(sys.argv[2], 'w').write(sys.argv[1])"
    word = f"; touch {tmp_path}/evil $(touch {tmp_path}/evil) {{folder}}"
    made = model(program=program, inputs=inputs, outputs=outputs, engine=engine).run({"note": word}, Silent())
    assert made["said"] == word and not (tmp_path / "evil").exists()


def test_features_tables_and_files_pass_through_a_program(model, tmp_path):
    inputs = [
        {"name": "trees", "title": "Trees", "kind": "features", "geometry": "point"},
        {"name": "costs", "title": "Costs", "kind": "table", "columns": {"kind": "1", "price": "1"}},
        {"name": "own", "title": "Own file", "kind": "file"},
    ]
    outputs = [
        {"name": "planted", "title": "Planted", "kind": "features", "geometry": "point"},
        {"name": "prices", "title": "Prices", "kind": "table", "columns": {"price": "1"}},
        {"name": "report", "title": "Report", "kind": "file", "style": ".txt"},
    ]
    words = ["trees={trees}", "costs={costs}", "own={own}"]
    words += ["planted={planted}", "prices={prices}", "report={report}"]
    program = (
        "import shutil, sys\nw = dict(a.split('=', 1) for a in sys.argv[1:])\n"
        "for a, b in (('trees', 'planted'), ('costs', 'prices'), ('own', 'report')): shutil.copy(w[a], w[b])\n"
        "open(w['own'], 'w').write('changed')\n"
    )
    engine = {"kind": "command", "command": ["{python}", "{folder}/run.py", *words]}
    own = tmp_path / "own.txt"
    own.write_text("mine")
    places = Geometries("point", np.array([[155000.0, 463000.0], [155010.0, 463010.0]]), *[np.arange(3)] * 3)
    trees = Features(places, {"height": np.array([5.0, 7.5])}, {"height": "m"})
    values = {"trees": trees, "costs": {"kind": ["elm", "oak"], "price": [2.5, None]}, "own": own}
    made = model(program=program, inputs=inputs, outputs=outputs, engine=engine).run(values, Silent())
    assert np.array_equal(made["planted"].columns["height"], [5.0, 7.5])
    assert np.allclose(made["planted"].geometries.coordinates[:, :2], places.coordinates[:, :2])
    assert made["prices"] == {"kind": ["elm", "oak"], "price": [2.5, None]}
    made["report"].write(tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text() == own.read_text() == "mine"


def heat(model, **engine):
    return model(
        files={"heat.py": HEAT, "heat.txt": "rows={rows}\ncolumns={columns}\nshare={share}\n"},
        inputs=[
            {"name": "start", "title": "Start", "kind": "grid", "unit": "degC"},
            {"name": "share", "title": "Share", "kind": "number", "default": 0.1},
            {"name": "steps", "title": "Steps", "kind": "number", "default": 1.0},
        ],
        outputs=[{"name": "after", "title": "After", "kind": "grid", "unit": "degC"}],
        engine={
            "kind": "bmi", "module": "heat.py", "class": "Heat", "config": "heat.txt",
            "inputs": {"start": "temperature"}, "outputs": {"after": "temperature"}, "until": "steps", **engine,
        },
    )  # fmt: skip


@pytest.mark.parametrize("rows", ["north", "south"])
def test_a_class_with_the_basic_model_interface_runs(model, rows):
    start = np.zeros((5, 4), np.float32)
    start[1, 2] = 1.0
    grid = Grid(start, 155000, 463005, 1.0, unit="degC")
    after = heat(model, rows=rows).run({"start": grid, "share": 0.1, "steps": 1.0}, Silent())["after"]
    assert after.values[1, 2] == pytest.approx(0.6) and after.values[0, 2] == pytest.approx(0.1)
    assert float(after.values.sum()) == pytest.approx(1.0, abs=1e-6)  # float32
    assert (after.extent, after.unit) == (grid.extent, "degC")


def test_a_class_that_fails_is_told_of_by_its_last_line(model):
    broken = heat(model, **{"class": "Cold"})
    grid = Grid(np.zeros((3, 3)), 0, 3, 1.0)
    with pytest.raises(ModelError, match="has no attribute 'Cold'"):
        broken.run({"start": grid, "share": 0.1, "steps": 1.0}, Silent())


def test_a_run_leaves_no_files_and_no_threads_behind(model, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    scale = model()
    before = threading.active_count()
    scale.run({"terrain": TERRAIN, "factor": 1.0}, Silent())
    assert not os.listdir(temporary) and threading.active_count() == before
