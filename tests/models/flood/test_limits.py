"""Where the flood model must not give way: odd ground, other precision, other threads, a run that is stopped."""

import time
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.solvers.volume_solver import VolumeSolver

RAIN = 70e-3 / 3600  # m s-1
SCHEMES = {
    "inertial": InertialSolver,
    "advection": partial(InertialSolver, advection=True),
    "volumes": VolumeSolver,
}
EDGES = ("north", "east", "south", "west")


@pytest.fixture(params=list(SCHEMES))
def scheme(request):
    return SCHEMES[request.param]


@st.composite
def terrains(draw):
    """Ground as it should not be: steps, pits, walls, slits, islands without data, a single row, spikes of 100 m."""
    rows, columns = draw(st.sampled_from([(1, 1), (1, 30), (30, 1), (2, 3), (17, 23), (40, 31)]))
    seed = draw(st.integers(0, 2**16))
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    bed = draw(st.sampled_from([0.0, -6.5, 322.0])) + draw(st.floats(-0.2, 0.2)) * x + draw(st.floats(-0.2, 0.2)) * y
    bed = bed + draw(st.sampled_from([0.0, 1e-3, 0.3, 3.0])) * random.uniform(-1, 1, bed.shape)
    for _ in range(draw(st.integers(0, 4))):
        r, c = random.integers(rows), random.integers(columns)
        height = draw(st.sampled_from([-5.0, -0.5, 0.2, 5.0, 100.0, np.nan]))
        size = random.integers(1, 6, 2)
        bed[r : r + size[0], c : c + size[1]] += height
    if draw(st.booleans()):
        bed[:, columns // 2] = np.nan  # a wall of no data, with or without a slit
        if draw(st.booleans()):
            bed[rows // 2, columns // 2] = np.nanmin(bed) if np.isfinite(bed).any() else 0.0
    assume(np.isfinite(bed).any())
    return bed


@given(
    bed=terrains(),
    boundary=st.sampled_from(["closed", "open", ("north",), ("east", "south")]),
    size=st.sampled_from([0.25, 1.0, 25.0]),
    storm=st.sampled_from([RAIN, 10 * RAIN, 0.0]),
    pond=st.sampled_from([0.0, 0.02, 4.0]),
)
@settings(max_examples=60)
@pytest.mark.parametrize("name", list(SCHEMES))
def test_no_water_is_made_or_lost_and_none_is_below_the_ground(name, bed, boundary, size, storm, pond):
    depth = np.where(np.nan_to_num(bed, nan=1e9) < np.nanmedian(bed), pond, 0.0)
    solver = SCHEMES[name](bed, size, 0.03, boundary=boundary, initial_depth=depth, threads=1)
    for seconds, rain in ((20.0, storm), (0.5, 0.0), (30.0, 0.0)):
        solver.advance(seconds, rain=rain, infiltration=RAIN / 4)
        assert np.nanmin(solver.depth) >= 0.0
        assert np.isfinite(solver.depth[np.isfinite(bed)]).all()
    volumes = solver.volumes
    assert volumes.error * (volumes.rain + volumes.inflow or volumes.initial) <= 1e-6 * max(
        volumes.initial + volumes.rain + volumes.inflow, 1e-9
    )


def town(rows=90, columns=110, seed=4):
    """Streets, blocks of 5 m, kerbs and courtyards."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    bed = 1.2 + 0.01 * x + 0.1 * np.sin(x / 9) * np.cos(y / 7) + 0.01 * random.standard_normal(x.shape)
    house = ((x % 22) > 6) & ((y % 18) > 5) & ~(((x % 22) > 11) & ((x % 22) < 17) & ((y % 18) > 9) & ((y % 18) < 14))
    kerb = ~house & ((((x % 22) > 4) & ((x % 22) <= 6)) | (((y % 18) > 3) & ((y % 18) <= 5)))
    return bed + 5.0 * house + 0.12 * kerb


@pytest.mark.parametrize("turn", ["east-west", "north-south", "diagonal", "quarter"])
def test_a_turned_town_gives_turned_water(scheme, turn):
    operation = {
        "east-west": lambda a: a[:, ::-1],
        "north-south": lambda a: a[::-1],
        "diagonal": np.transpose,
        "quarter": np.rot90,
    }[turn]
    bed = town()

    def water(ground):
        solver = scheme(ground, 1.0, 0.03)
        solver.advance(300.0, rain=3 * RAIN)
        return solver.depth

    difference = np.abs(operation(water(bed)) - water(operation(bed)))
    assert difference.max() < 2e-3 and difference.mean() < 1e-5  # rounding, where a kerb is just topped


@pytest.mark.parametrize("kind", ["hill", "cross"])
def test_symmetric_ground_gives_symmetric_water(scheme, kind):
    y, x = np.mgrid[-30:31, -30:31].astype(float)
    bed = 0.5 * np.exp(-(x**2 + y**2) / 200) if kind == "hill" else 0.3 * ((np.abs(x) > 3) & (np.abs(y) > 3))
    solver = scheme(bed, 1.0, 0.03)
    solver.advance(400.0, rain=3 * RAIN)
    depth = solver.depth
    for image in (depth[:, ::-1], depth[::-1], depth.T):
        assert np.abs(depth - image).max() < 1e-5


def test_any_number_of_threads_gives_the_same_bits_in_town(scheme):
    bed = np.tile(town(), (3, 3))
    depths = []
    for threads in (1, 2, 3):
        solver = scheme(bed, 1.0, 0.03, boundary="open", threads=threads)
        solver.advance(60.0, rain=5 * RAIN)
        depths.append(solver.depth)
    assert np.array_equal(depths[0], depths[1], equal_nan=True)
    assert np.array_equal(depths[0], depths[2], equal_nan=True)


def test_float32_is_float64_within_half_a_millimetre(shared):
    """The ground of the throughput case, a part of it, for 15 minutes of 70 mm/h."""
    from scripts.validate.fields import read_raster

    bed = read_raster(shared / "flood_validation/bench/rolling_1m_dem.tif")[0][:300, :300]
    depths = []
    for dtype in (np.float32, np.float64):
        solver = InertialSolver(bed, 1.0, 0.035, dtype=dtype, threads=1)  # what others compile too
        solver.advance(900.0, rain=RAIN)
        depths.append(solver.depth.astype(float))
    assert np.sqrt(np.mean((depths[0] - depths[1]) ** 2)) <= 5e-4
    assert depths[0].max() == pytest.approx(depths[1].max(), abs=1e-3)


def test_a_run_stops_within_a_second_of_being_asked(scheme):
    y, x = np.mgrid[0:1500, 0:1500]
    bed = np.sin(x / 9.0) + np.cos(y / 7.0)
    solver = scheme(bed, 1.0, 0.03)
    solver.advance(0.2, rain=RAIN)  # compiled
    asked = []

    def stop():
        now = time.monotonic()
        if now - begun > 1.0:
            asked.append(now)
        return bool(asked)

    begun = time.monotonic()
    solver.advance(3600.0, rain=RAIN, should_stop=stop)
    assert asked and time.monotonic() - asked[0] < 1.0
    assert solver.time < 3600.0
    assert time.monotonic() - begun < 3.0  # it is asked often enough


def test_a_stopped_run_still_balances(scheme):
    solver = scheme(town(), 1.0, 0.03, boundary="open")
    calls = iter([False, True])
    solver.advance(600.0, rain=RAIN, should_stop=lambda: next(calls, True))
    assert solver.volumes.error < 1e-6


@pytest.mark.parametrize("level", [0.5, 2.5])
def test_water_at_rest_round_blocks_stays_at_rest(scheme, level):
    bed = town() - 1.2
    depth = np.maximum(level - bed, 0.0)
    solver = scheme(bed, 1.0, 0.03, initial_depth=depth)
    solver.advance(300.0)
    assert np.abs(solver.depth - depth).max() < 2e-6  # some steps of float32 at 2.5 m


def test_ground_in_any_order_of_memory_is_the_same(scheme):
    """A transposed array is stored column after column, for which nothing may be compiled anew."""
    depths = []
    for bed in (town(), np.asfortranarray(town())):
        solver = scheme(bed, 1.0, 0.03, threads=1)
        solver.advance(5.0, rain=RAIN)
        depths.append(solver.depth)
        assert solver._state.depth.flags.c_contiguous
    assert np.array_equal(*depths)


def test_drizzle_on_a_deep_pit_is_all_there(scheme):
    """0.1 mm in an hour on 5 m of water: each time step brings far less than float32 can add to it."""
    solver = scheme(np.zeros((20, 20)), 5.0, 0.03, initial_depth=np.full((20, 20), 5.0))
    solver.advance(3600.0, rain=0.1e-3 / 3600)
    volumes = solver.volumes
    assert volumes.rain == pytest.approx(10_000 * 1e-4, rel=1e-3)
    assert abs(volumes.stored - volumes.initial - volumes.rain) < 5e-7 * 10_000  # one step of float32 at 5 m
