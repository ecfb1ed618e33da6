"""A run that goes on from a saved state is the run in one go, and no hostile file gets in."""

import json
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.models.flood.recording.recorder import MaximaRecorder
from dtwin_plugin.models.flood.saved_state import SavedState, check, restore
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.solvers.subgrid_solver import SubgridSolver
from dtwin_plugin.models.flood.solvers.volume_solver import VolumeSolver
from dtwin_plugin.models.flood.surface.soil_laws import Horton
from dtwin_plugin.models.flood.surface.surface import Sewer, Surface
from dtwin_plugin.progress import Silent

RAIN = 70e-3 / 3600


def terrain(seed=1):
    y, x = np.mgrid[0:40, 0:50]
    ground = -2.0 + 0.4 * np.sin(x / 9) * np.cos(y / 7) + np.random.default_rng(seed).uniform(0, 0.1, x.shape)
    ground[10:14, 20:30] = np.nan
    return ground


def make(scheme, ground=None):
    ground = terrain() if ground is None else ground
    common = {"boundary": "open", "soil_storage": 0.01}
    if scheme == "subgrid":
        solver = SubgridSolver(ground, 1.0, 0.03, factor=4, **common)
    else:
        solver = {"inertial": InertialSolver, "volumes": VolumeSolver}[scheme](ground, 1.0, 0.03, **common)
    shape = ground.shape
    solver.surface = Surface(
        shape,
        interception=0.002,
        law=Horton(shape, 2e-6, 1e-5, 1 / 1800.0),
        sewer=Sewer(np.full(shape, 1e-6), storage=2.0, pump=0.001),
    )
    if solver.knows_velocity:
        solver.recorders.append(MaximaRecorder(0.05, 0.15))
    return solver


def rained(solver, times=1):
    for _ in range(times):
        solver.advance(240, rain=RAIN, infiltration=1e-6, sources=([5], [5], [0.01]))
        for recorder in solver.recorders:
            recorder.record(solver)
    return solver


@pytest.mark.parametrize("scheme", ["inertial", "volumes", "subgrid"])
def test_a_run_goes_on_to_the_same_last_bit(tmp_path, scheme):
    whole = rained(make(scheme), 2)
    SavedState.of(rained(make(scheme))).write(tmp_path / "half.npz")
    second = make(scheme)
    restore(tmp_path / "half.npz", second)
    assert second.time == 240.0
    rained(second)
    for name, array in whole.state_arrays().items():
        assert (second.state_arrays()[name] == array).all(), name
    assert second.state_numbers() == whole.state_numbers()
    assert second.volumes == whole.volumes


def test_the_file_of_another_terrain_or_surface_is_refused(tmp_path):
    path = tmp_path / "state.npz"
    SavedState.of(rained(make("inertial"))).write(path)
    with pytest.raises(InputError, match="another terrain"):
        restore(path, make("inertial", terrain(2)))
    with pytest.raises(InputError, match="another terrain"):
        restore(path, make("volumes"))
    other = make("inertial")
    other.surface = Surface(terrain().shape)
    with pytest.raises(InputError, match="surface or its outputs"):
        restore(path, other)


def test_waves_that_were_held_do_not_go_on_free(tmp_path):
    """Its time step would come from waves of 1 m/s."""
    SavedState.of(InertialSolver(terrain(), 1.0, 0.03, fastest_wave=1.0)).write(tmp_path / "state.npz")
    with pytest.raises(InputError, match="scheme"):
        restore(tmp_path / "state.npz", InertialSolver(terrain(), 1.0, 0.03))


def test_structures_and_open_water_go_on_as_they_were(tmp_path):
    """A weir that flows, a pump that runs and a pond with waves: two parts are the whole, with its balance."""
    ground = np.zeros((24, 40))
    ground[:, 19:21] = 2.0  # two basins
    ground[4:12, 4:12] = -0.5  # and a pond
    area = Geometries.build("polygon", [[[[(4, 12), (12, 12), (12, 20), (4, 20), (4, 12)]]]])
    lines = Geometries.build("line", [[[[(17.5, 5.5), (22.5, 5.5)]]], [[[(22.5, 15.5), (17.5, 15.5)]]]])
    columns = {"type": ["weir", "pump"], "crest": [0.05, None], "width": [2.0, None], "capacity": [None, 90.0]}
    given = {
        **{item.name: item.default for item in FLOOD.inputs}, "terrain": Grid(ground, 0, 24, 1.0), "boundary": "closed",
        "infiltration": 0.0, "rain": 60.0, "rain_duration": 0.25, "interval": 5.0, "threads": 1,
        "structures": Features(lines, {name: np.array(values, object) for name, values in columns.items()}),
        "open_water": Features(area, {"level": np.array([0.1])}),
    }  # fmt: skip

    def run(**more):
        return FLOOD.run({**given, **more}, Silent())

    first = run(after=0.0)
    first["state"].write(tmp_path / "half.npz")
    parts, whole = run(after=0.25, start_state=tmp_path / "half.npz"), run(after=0.25)
    assert np.array_equal(parts["depth_max"].values, whole["depth_max"].values)
    assert np.array_equal(parts["depth"].values[-1], whole["depth"].values[-1])
    assert parts["balance"] == whole["balance"]
    flows, late = parts["structure_flow"]["discharge"], whole["structure_flow"]["discharge"][-30:]
    assert flows == pytest.approx(late, abs=1e-12) and max(flows) > 1e-3  # two rows a minute
    with pytest.raises(InputError, match="structures or open water"):
        run(after=0.25, start_state=tmp_path / "half.npz", structures=None)


def _changed(path, change):
    """Write the members of an archive again, as `change(name, bytes)` gives them."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, change(name, content))


def _npy(array):
    import io

    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def _header_with(content, **numbers):
    head, text = content[: content.index(b"\n") + 1], content[content.index(b"\n") + 1 :]
    header = json.loads(text)
    header["numbers"].update(numbers)
    assert head
    return _npy(np.frombuffer(json.dumps(header).encode(), np.uint8))


HOSTILE = {
    "objects": lambda name, content: _npy(np.array([{}], object)) if name == "depth.npy" else content,
    "bomb": lambda name, content: _npy(np.zeros(10_000_000, np.float32)) if name == "depth.npy" else content,
    "shape": lambda name, content: _npy(np.zeros((52, 42), np.float32)) if name == "depth.npy" else content,
    "type": lambda name, content: _npy(np.zeros((21, 52), np.float64)) if name == "depth.npy" else content,
    "nan": lambda name, content: _npy(np.full((42, 52), np.nan, np.float32)) if name == "depth.npy" else content,
    "negative": lambda name, content: _npy(np.full((42, 52), -1, np.float32)) if name == "depth.npy" else content,
    "cut": lambda name, content: content[:-4] if name == "flow_x.npy" else content,
    "infinite": lambda name, content: _header_with(content, time=float("inf")) if name == "header.npy" else content,
    "text": lambda name, content: _header_with(content, steps="many") if name == "header.npy" else content,
    "deep": lambda name, content: _npy(np.frombuffer(b"[" * 50_000, np.uint8)) if name == "header.npy" else content,
    "huge": lambda name, content: (
        content.replace(b"'shape': (", b"'shape': (99", 1) if name == "header.npy" else content
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused(tmp_path, kind):
    path = tmp_path / "state.npz"
    solver = make("inertial")
    SavedState.of(rained(make("inertial"))).write(path)
    _changed(path, HOSTILE[kind])
    with pytest.raises(InputError):
        restore(path, solver)
    assert np.nanmax(solver.depth) == 0 and solver.time == 0


def test_what_is_no_state_is_told_before_the_run(tmp_path):
    path = tmp_path / "state.npz"
    path.write_bytes(b"PK\x03\x04 no archive")
    assert [problem.code for problem in check({"start_state": path})] == ["DT201"]
    np.savez(path, depth=np.zeros(3))
    assert [problem.code for problem in check({"start_state": path})] == ["DT201"]
    SavedState.of(make("inertial")).write(path)
    assert not list(check({"start_state": path}))
    assert [problem.code for problem in check({"start_state": path, "sewer_network": path})] == ["DT202"]


def test_nothing_half_written_is_left(tmp_path, monkeypatch):
    state = SavedState.of(make("inertial"))

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", fail)
    with pytest.raises(OSError, match="space"):
        state.write(tmp_path / "state.npz")
    assert not list(tmp_path.iterdir())
