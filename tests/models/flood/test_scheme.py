"""The choice of the equations reaches the solver, and what does not go together is said before the run."""

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import WANTED
from dtwin_plugin.models.flood import FLOOD, scheme
from dtwin_plugin.models.flood.ground import Ground
from dtwin_plugin.models.flood.recording.recording import recording_of
from dtwin_plugin.models.flood.scheme import HELD
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.progress import Silent

TERRAIN = Grid(np.zeros((6, 8), np.float32), 0, 6, 1.0, unit="m")


def values_of(**chosen):
    defaults = {field.name: field.default for field in FLOOD.inputs}
    return {**defaults, "terrain": TERRAIN, "roughness": 0.03, **chosen}


@pytest.mark.parametrize(("choice", "carried"), [("inertial", False), ("advection", True)])
def test_the_choice_reaches_the_solver(choice, carried):
    solver = scheme.solver_of(values_of(scheme=choice), Ground(TERRAIN, TERRAIN.values, None, None), None)
    assert ("velocity_x" in solver.state_arrays()) == carried


@pytest.mark.parametrize(("choice", "codes"), [("inertial", []), ("advection", [("DT110", "error")])])
def test_cells_taken_together_know_one_scheme(choice, codes):
    found = scheme.check(values_of(scheme=choice, coarse_factor=2))
    assert [(problem.code, problem.level) for problem in found] == codes


def test_waves_that_are_held_come_later_in_as_many_steps():
    """A step of 2 cm in a tank of 0.4 m: its front runs at 1 m/s in place of 1.98."""
    x = np.arange(200) + 0.5
    depth = np.tile(np.where(x < 20, 0.42, 0.40), (3, 1))
    steps = {}
    for name, speed in (("held", HELD), ("inertial", np.sqrt(9.81 * 0.4))):
        ground = Ground(
            Grid(np.zeros((3, 200), np.float32), 0, 3, 1.0, unit="m"), np.zeros((3, 200)), None, None, depth
        )
        solver = scheme.solver_of(values_of(scheme=name, boundary="closed", roughness=0.01), ground, None)
        solver.advance(80 / speed)
        front = x[np.flatnonzero(solver.depth[1] > 0.402)[-1]]
        assert front == pytest.approx(20 + 80, abs=4)  # the front is some cells wide
        steps[name] = solver.steps
    assert steps["held"] == pytest.approx(steps["inertial"], rel=0.1)  # steps are twice as long, for twice the time


@pytest.mark.parametrize(("speed", "message"), [(0.4, "0.5 m/s or more"), (np.nan, "0.5 m/s or more")])
def test_waves_are_not_held_below_a_speed(speed, message):
    with pytest.raises(InputError, match=message):
        InertialSolver(np.zeros((3, 3)), 1.0, 0.03, fastest_wave=speed)


def test_waves_are_not_held_where_momentum_is_carried():
    with pytest.raises(InputError, match="one of both"):
        InertialSolver(np.zeros((3, 3)), 1.0, 0.03, fastest_wave=1.0, advection=True)


def test_rain_gives_the_same_depth_with_waves_that_are_held():
    y, x = np.mgrid[0:120, 0:120]
    bed = 0.6 * np.sin(x / 19) * np.cos(y / 26) + 0.1 * np.sin(x / 7 + y / 5)
    depths = []
    for speed in (None, HELD):
        solver = InertialSolver(bed, 1.0, 0.035, fastest_wave=speed)
        solver.advance(1800, rain=70e-3 / 3600)
        solver.advance(600)
        assert solver.volumes.error < 1e-8
        depths.append(solver.max_depth.astype(float))
    wet = depths[0] > 0.05
    assert depths[0].max() > 0.2  # water stands deeper than the 0.10 m from which waves are held
    assert np.sqrt(np.mean((depths[1] - depths[0])[wet] ** 2)) < 5e-4  # half a millimetre, docs/models/flood-schemes.md


def test_a_run_says_where_water_outran_the_waves():
    """Water of 0.3 m on a slope of 1 in 30 soon runs faster than 1 m/s."""
    bed = np.tile(np.linspace(0.0, -2.0, 60), (5, 1))
    values = {**values_of(scheme="held", boundary="open"), WANTED: ()}
    ground = Ground(Grid(bed.astype(np.float32), 0, 5, 1.0, unit="m"), bed, None, None, np.full(bed.shape, 0.3))
    solver = scheme.solver_of(values, ground, None)
    recording, said = recording_of(values, ground, solver), Silent()
    recording.warn(solver, said)
    assert not said.warnings
    recording.outrun.interval = 2.0  # the water is gone within a minute
    solver.advance(5)
    recording.warn(solver, said)
    assert "m2 deep water ran faster than its waves are held to" in said.warnings[0]
