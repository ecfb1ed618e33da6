"""The coarse mode: water stays where it stands, none is lost, walls hold, and it comes near the fine solution."""

import numpy as np
import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.solvers.subgrid import build_tables, ranks
from dtwin_plugin.models.flood.solvers.subgrid_solver import SubgridSolver
from dtwin_plugin.models.flood.surface.soil_laws import Horton
from dtwin_plugin.models.flood.surface.surface import Sewer, Surface

RAIN = 70e-3 / 3600  # m/s, the Dutch stress test


def rolling(rows=100, columns=120, seed=1):
    y, x = np.mgrid[0:rows, 0:columns]
    noise = np.random.default_rng(seed).uniform(0, 0.05, (rows, columns))
    return -3.0 + 0.5 * np.sin(x / 13) * np.cos(y / 11) + 0.003 * x + noise


def mean_depth(solver):
    """The depth that is stored, over each coarse cell [m]: those of fine cells are made of it, and cut off at zero."""
    return solver._state.outward(solver._state.depth)


def test_tables_hold_the_volume_of_the_fine_cells():
    terrain = rolling(40, 40)
    tables = build_tables(terrain, 0.03, 10)
    levels, depths = (values[1, 2].astype(float) for values in tables.cells)
    block = terrain[10:20, 20:30].astype(np.float32).astype(float) - tables.datum
    expected = [np.maximum(level - block, 0).mean() for level in levels]
    assert depths == pytest.approx(expected, abs=1e-6)  # float32 tables
    assert ranks(100)[-1] == 99 and len(ranks(100)) < 25


def test_the_conveyance_of_a_flat_face_is_that_of_manning():
    tables = build_tables(np.zeros((4, 8)), 0.025, 4)
    assert tables.faces_x[4][0, 1] == pytest.approx(0.025**-0.6, rel=1e-6)  # K^(3/5) = d / n^(3/5)
    assert tables.faces_x[3][0, 1] == 1.0


def test_a_lake_stays_at_rest():
    random = np.random.default_rng(3)
    terrain = random.uniform(0, 2, (64, 64))
    terrain[30:34, 30:34] = 5.0  # an island
    solver = SubgridSolver(terrain, 1.0, 0.03, factor=8, initial_depth=np.maximum(1.5 - terrain, 0))
    before = solver.depth
    assert before == pytest.approx(np.maximum(1.5 - terrain, 0), abs=1e-6)  # float32 bed
    solver.advance(1000)
    assert np.abs(solver.depth - before).max() < 1e-6  # the gate of the fine solver


@pytest.mark.parametrize("boundary", ["closed", "open"])
@pytest.mark.parametrize("factor", [1, 7, 10])
def test_mass_is_kept_and_no_depth_is_negative(boundary, factor):
    terrain = rolling()
    terrain[20:33, 40:55] = np.nan
    terrain[50:60, 60:75] += 6.0
    solver = SubgridSolver(terrain, 1.0, 0.03, factor=factor, boundary=boundary)
    places = ([5, 70], [5, 80], [0.02, -0.5])
    for rain in (RAIN, 0.0):
        solver.advance(900, rain=rain, infiltration=3e-6, sources=places)
    volumes = solver.volumes
    assert volumes.rain == pytest.approx(np.isfinite(terrain).sum() * 900 * RAIN, rel=1e-6)
    assert volumes.error < 1e-12  # float64
    assert np.nanmin(solver.depth) >= 0 and np.nanmin(mean_depth(solver)) >= 0
    assert (np.isnan(solver.depth) == np.isnan(terrain)).all()
    # what stands on the fine cells is what is stored, within what the tables leave out between two levels
    assert np.nansum(solver.depth.astype(float)) == pytest.approx(volumes.stored, rel=0.01)


def test_a_thin_wall_within_coarse_cells_holds_water():
    terrain = np.zeros((20, 60))
    terrain[:, 25] = 2.0  # amid the cell of columns 20 to 29
    depth = np.zeros(terrain.shape)
    depth[:, :20] = 1.0
    solver = SubgridSolver(terrain, 1.0, 0.03, factor=10, initial_depth=depth)
    solver.advance(600)
    assert np.nanmax(solver.depth[:, 30:]) < 1e-9
    terrain[7, 25] = 0.0  # a gap
    solver = SubgridSolver(terrain, 1.0, 0.03, factor=10, initial_depth=depth)
    solver.advance(600)
    assert solver.depth[:, 30:].min() > 0.05


def test_one_fine_cell_a_coarse_one_is_the_fine_solver():
    terrain = rolling(60, 60)
    fine = InertialSolver(terrain, 2.0, 0.03, dtype=np.float64)
    coarse = SubgridSolver(terrain, 2.0, 0.03, factor=1)
    for solver in (fine, coarse):
        solver.advance(1200, rain=RAIN)
        solver.advance(600)
    wet = (fine.depth > 0.1) | (coarse.depth > 0.1)
    # other time steps, other rule for free falls and for waves in little water
    assert np.sqrt(np.mean((fine.depth - coarse.depth)[wet] ** 2)) < 0.005


def test_it_comes_nearer_to_the_fine_solution_with_smaller_cells():
    terrain = rolling(160, 160)
    fine = InertialSolver(terrain, 1.0, 0.03)
    errors = []
    for factor in (16, 4):
        solver = SubgridSolver(terrain, 1.0, 0.03, factor=factor)
        for one in (solver, fine) if factor == 16 else (solver,):
            one.advance(1800, rain=RAIN)
            one.advance(1800)
        a, b = solver.depth > 0.1, fine.depth > 0.1
        errors.append(np.sqrt(np.mean((solver.depth - fine.depth)[a | b] ** 2)))
        assert (a & b).sum() / (a | b).sum() > {16: 0.8, 4: 0.9}[factor]
    assert errors[1] < errors[0] < 0.06


def test_rain_and_soil_of_fine_cells_count_where_they_lie():
    terrain = np.where(np.arange(40)[None, :] < 20, 1.0, 0.0) * np.ones((20, 1))
    rain = np.where(np.arange(40)[None, :] < 20, RAIN, 0.0) * np.ones((20, 1))
    solver = SubgridSolver(terrain, 1.0, 0.03, factor=10)
    solver.advance(600, rain=rain, infiltration=RAIN * (rain == 0))
    assert solver.volumes.rain == pytest.approx(400 * RAIN * 600)
    assert 0 < solver.volumes.infiltration < 400 * RAIN * 600


def test_the_surface_remembers_on_fine_cells():
    terrain = rolling(60, 60)
    surfaces = [
        Surface(
            terrain.shape,
            interception=0.002,
            law=Horton(terrain.shape, 2e-6, 1e-5, 1 / 1800.0),
            sewer=Sewer(np.full(terrain.shape, 2e-6), storage=5.0, pump=0.001),
        )
        for _ in range(2)
    ]
    fine = InertialSolver(terrain, 1.0, 0.03)
    coarse = SubgridSolver(terrain, 1.0, 0.03, factor=6)
    for solver, surface in zip((fine, coarse), surfaces):
        solver.surface = surface
        solver.advance(1800, rain=RAIN)
        solver.advance(900)
        assert solver.volumes.error < 1e-6
    # the film on slopes, from which soil takes too, stands in the hollows of the coarse cells
    assert surfaces[1].accounts == pytest.approx(surfaces[0].accounts, rel=0.1)


@pytest.mark.parametrize("threads", [2, 3])
def test_the_result_is_the_same_for_any_number_of_threads(threads):
    terrain = rolling(400, 40)
    depths = []
    for count in (1, threads):
        solver = SubgridSolver(terrain, 1.0, 0.03, factor=2, threads=count)
        solver.advance(300, rain=RAIN)
        depths.append(mean_depth(solver))
    assert (depths[0] == depths[1]).all()


def test_levels_at_the_edge_fill_the_area():
    terrain = rolling(40, 40)
    solver = SubgridSolver(terrain, 1.0, 0.03, factor=8, boundary={"west": -2.0, "east": -2.0})
    solver.advance(3600)
    wet = solver.depth > 0
    assert wet.reshape(5, 8, 5, 8).any((1, 3)).all()  # in every coarse cell
    assert (terrain + solver.depth)[wet] == pytest.approx(-2.0, abs=0.05)  # it still sways


def test_a_factor_out_of_range_is_refused():
    with pytest.raises(InputError):
        SubgridSolver(rolling(20, 20), 1.0, 0.03, factor=51)
