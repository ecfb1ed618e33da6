"""Maps through time take no more memory than is said."""

import numpy as np

from dtwin_plugin.models.flood import simulation
from dtwin_plugin.models.flood.rainfall.rain import Storm
from dtwin_plugin.models.flood.simulation import Maps, simulate
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.progress import Silent


def run(**options):
    terrain = np.random.default_rng(1).uniform(0, 0.2, (20, 30))
    solver = InertialSolver(terrain, 1.0, 0.03)
    storm = Storm((0.0, 600.0), (2e-5,))
    return simulate(solver, storm, 0.0, after=300.0, interval=240.0, progress=Silent(), **options)


def test_a_long_series_lies_on_the_disk_and_is_the_same(monkeypatch):
    inside = run()
    monkeypatch.setattr(simulation, "IN_MEMORY", 100)
    outside = run()
    assert isinstance(outside.depths, np.memmap) and not isinstance(inside.depths, np.memmap)
    assert (outside.depths == inside.depths).all() and outside.seconds == [240.0, 480.0, 720.0, 900.0]


def test_maps_that_nobody_wants_take_no_room():
    kept = run(keep=False)
    assert kept.depths.size == 0 and len(kept.seconds) == 4


def test_the_room_is_that_of_the_maps():
    assert Maps.empty(3, (4, 5)).depths.nbytes == 3 * 4 * 5 * 4
