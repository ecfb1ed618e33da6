"""With momentum carried along, fast flow follows the exact solutions of the shallow water equations."""

import numpy as np
import pytest

from dtwin_plugin.models.flood.solvers.solver import InertialSolver

GRAVITY = 9.81  # m s-2
RAIN = 70e-3 / 3600  # m/s, the Dutch stress test
SMOOTH = 1e-4  # s m-1/3, next to no friction


def rough_terrain(rows=60, columns=80, steepness=1.0):
    """Rolling, rough ground below NAP with holes and a building."""
    y, x = np.mgrid[0:rows, 0:columns]
    noise = np.random.default_rng(1).uniform(0, 0.2, (rows, columns))
    terrain = -4.0 + 0.5 * np.sin(x / 9) * np.cos(y / 7) + noise
    terrain[20:24, 30:40] = np.nan
    terrain[30:40, 50:60] += 5
    return steepness * terrain


def rained(terrain, seconds=600.0, **options):
    solver = InertialSolver(terrain, 1.0, 0.035, boundary="open", advection=True, **options)
    solver.advance(seconds, rain=RAIN)
    return solver


def ritter(xi, h0):
    """Depth of a dam break on a dry bed; xi = x / t [m s-1]."""
    c = np.sqrt(GRAVITY * h0)
    return np.where(xi < -c, h0, np.where(xi > 2 * c, 0.0, (2 * c - xi) ** 2 / (9 * GRAVITY)))


def stoker(xi, h0, h1):
    """Depth of a dam break on a wet bed: fan, middle state and bore, with the middle depth by bisection."""
    c0, low, high = np.sqrt(GRAVITY * h0), h1, h0
    for _ in range(60):
        middle = (low + high) / 2
        fan = 2 * (c0 - np.sqrt(GRAVITY * middle))
        bore = (middle - h1) * np.sqrt(GRAVITY * (middle + h1) / (2 * middle * h1))
        low, high = (middle, high) if fan > bore else (low, middle)
    speed = middle * fan / (middle - h1)
    depth = np.where(xi < speed, middle, h1)
    depth = np.where(xi < fan - np.sqrt(GRAVITY * middle), (2 * c0 - xi) ** 2 / (9 * GRAVITY), depth)
    return np.where(xi < -c0, h0, depth)


@pytest.mark.parametrize("downstream", [0.0, 0.1])
def test_a_dam_break_follows_ritter_and_stoker(downstream):
    x = np.arange(-100, 100, 0.5) + 0.25
    depth = np.tile(np.where(x < 0, 1.0, downstream), (2, 1))
    solver = InertialSolver(np.zeros_like(depth), 0.5, SMOOTH, initial_depth=depth, advection=True)
    solver.advance(10)
    exact = stoker(x / 10, 1.0, downstream) if downstream else ritter(x / 10, 1.0)
    moving = np.abs(x) < 63  # what the waves have reached
    assert np.abs(solver.depth[0] - exact)[moving].mean() < 0.01  # 0.06 without advection
    assert solver.volumes.error < 1e-6


def test_a_dam_break_is_the_same_in_both_directions():
    x = np.arange(40) - 19.5
    depth = np.tile(np.where(x < 0, 1.0, 0.0), (6, 1))
    options = {"advection": True, "dtype": np.float64}
    east = InertialSolver(np.zeros((6, 40)), 1.0, 0.03, initial_depth=depth, **options)
    south = InertialSolver(np.zeros((40, 6)), 1.0, 0.03, initial_depth=depth.T, **options)
    east.advance(5)
    south.advance(5)
    np.testing.assert_allclose(south.depth, east.depth.T, atol=1e-12)


def lake(cells, time):
    """Bed and depth of a plane water surface that swings round in a paraboloid (Thacker 1981), and its speed at 0."""
    radius, h0, offset, side = 1.0, 0.1, 0.5, 4.0
    middle = (np.arange(cells) + 0.5) * side / cells - side / 2
    x, y = np.meshgrid(middle, middle)
    omega = np.sqrt(2 * GRAVITY * h0) / radius
    bed = h0 * ((x**2 + y**2) / radius**2 - 1)
    level = offset * h0 / radius**2 * (2 * x * np.cos(omega * time) + 2 * y * np.sin(omega * time) - offset)
    return bed, np.maximum(level - bed, 0.0), offset * omega, 2 * np.pi / omega


def test_a_lake_swings_round_in_a_bowl():
    cells = 128
    bed, depth, speed, period = lake(cells, 0.0)
    solver = InertialSolver(bed, 4.0 / cells, SMOOTH, initial_depth=depth, advection=True)
    wet = depth > 0
    solver._state.old[2][1:-1, 1:-1][wet] = speed * depth[wet]
    solver._velocity[1][1:-1, 1:-1][wet] = speed
    solver.advance(period)
    _, exact, *_ = lake(cells, period)
    assert np.abs(solver.depth - exact).mean() / 0.1 < 0.01
    assert solver.volumes.error < 1e-6


def over_bump(discharge, level, seconds, cell=0.1):
    """Steady flow without friction over a bump of 0.2 m (Goutal and Maurel 1997): bed, depth, exact depth, solver."""
    x = (np.arange(round(25 / cell)) + 0.5) * cell
    bed = np.maximum(0.2 - 0.05 * (x - 10) ** 2, 0.0)
    start = np.maximum(level - bed, 0.0)[None]
    solver = InertialSolver(
        bed[None], cell, SMOOTH, boundary={"east": level}, initial_depth=start, advection=True, threads=1
    )
    solver.advance(seconds, sources=([0], [0], [discharge * cell]))
    return x, bed, solver


def bernoulli(head, bed, discharge, root):
    """Depth where the head [m] above datum is known: root 2 flows slower, root 1 faster than its waves."""
    roots = [np.sort(np.roots([1.0, z - head, 0.0, discharge**2 / (2 * GRAVITY)]).real) for z in bed]
    return np.array(roots)[:, root]


def test_slow_flow_over_a_bump_keeps_its_head():
    discharge, level = 4.42, 2.0
    x, bed, solver = over_bump(discharge, level, 300)
    exact = bernoulli(level + discharge**2 / (2 * GRAVITY * level**2), bed, discharge, 2)
    inner = x > 2  # the source brings water without momentum
    assert np.abs(solver.depth[0] - exact)[inner].mean() < 0.005
    assert solver.discharge_x[0, 5:] == pytest.approx(discharge, rel=0.01)


def test_flow_over_a_bump_turns_fast_and_jumps_back():
    discharge, level = 0.18, 0.33
    x, bed, solver = over_bump(discharge, level, 400)
    critical = (discharge**2 / GRAVITY) ** (1 / 3)
    head = 0.2 + 1.5 * critical  # critical on the crest
    above = head - bed > 1.5 * critical + 1e-6
    exact = np.full_like(x, critical)
    up, down = above & (x < 10), above & (x > 10)
    exact[up] = bernoulli(head, bed[up], discharge, 2)
    exact[down] = bernoulli(head, bed[down], discharge, 1)
    momentum = discharge**2 / exact + GRAVITY * exact**2 / 2
    after = np.full_like(x, level)
    below = (x > 10.5) & (x < 12.5)
    after[below] = bernoulli(level + discharge**2 / (2 * GRAVITY * level**2), bed[below], discharge, 2)
    jumped = (x > 10.5) & (discharge**2 / after + GRAVITY * after**2 / 2 >= momentum)
    jump = x[jumped].min()
    exact = np.where(x >= jump, after, exact)
    inner = x > 2
    assert np.abs(solver.depth[0] - exact)[inner].mean() < 0.01
    assert np.abs(solver.depth[0] - exact)[inner & (np.abs(x - jump) > 0.5)].max() < 0.03


def test_a_wave_over_a_plane_is_nearer_than_without_advection():
    """Hunter et al. (2005): h = (7/3 n2 u2 (u t - x))^(3/7); 0.0446 m without advection."""
    n, u, cell, end = 0.03, 1.0, 25.0, 3600.0
    x = (np.arange(200) + 0.5) * cell
    solver = InertialSolver(np.zeros((1, 200)), cell, n, boundary={"west": 0.0}, advection=True, threads=1)
    for time in np.arange(5.0, end, 10.0):
        solver.set_boundary({"west": float((7 / 3 * n**2 * u**2 * (u * time + cell / 2)) ** (3 / 7))})
        solver.advance(10)
    exact = (7 / 3 * n**2 * u**2 * np.maximum(u * end - x, 0)) ** (3 / 7)
    assert np.sqrt(np.mean((solver.depth[0] - exact) ** 2)) < 0.03


def test_macdonald_channel_is_within_a_centimetre(shared):
    table = np.genfromtxt(shared / "flood_validation/analytic/mcdo_norain.csv", delimiter=",", names=True)
    bed, level = table["topo"], table["wse"]
    solver = InertialSolver(bed[None], 5.0, 0.033, boundary={"east": float(level[-1])}, advection=True, threads=1)
    solver.advance(1800, sources=([0], [0], [2.0 * 5]))
    assert np.abs(solver.depth[0] + bed - level).mean() < 0.01


@pytest.mark.parametrize("slope", [0.01, 0.1])
def test_sheet_flow_under_rain_reaches_normal_depth(slope):
    x = np.arange(200) + 0.5
    solver = InertialSolver(
        np.tile(-slope * x, (4, 1)), 1.0, 0.035, boundary={"east"}, courant=0.5, advection=True, threads=1
    )
    solver.advance(1800, rain=RAIN)
    expected = (0.035 * RAIN * x / np.sqrt(slope)) ** 0.6  # kinematic wave, steady
    np.testing.assert_allclose(solver.depth[1, 20:], expected[20:], rtol=0.025)


@pytest.mark.parametrize("steepness", [1.0, 60.0])
def test_mass_is_kept_and_no_depth_is_negative_on_rough_ground(steepness):
    solver = rained(rough_terrain(steepness=steepness), 900)
    solver.advance(600, infiltration=1e-5)
    assert np.nanmin(solver.depth) >= 0
    assert solver.volumes.error < 1e-6
    assert np.nanmax(solver.depth) < 0.5  # no water is thrown up


@pytest.mark.parametrize("turn", [np.flipud, np.fliplr, np.transpose, np.rot90])
def test_turned_terrain_gives_turned_water(turn):
    terrain = rough_terrain(40, 60)
    depth, turned = (rained(ground, dtype=np.float64).depth for ground in (terrain, turn(terrain)))
    np.testing.assert_allclose(turned, turn(depth), atol=1e-9)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-12)])
def test_a_lake_with_an_island_stays_at_rest(dtype, tolerance):
    bed = np.random.default_rng(3).uniform(0, 2, (64, 64))
    bed[20:30, 20:30] = 5
    depth = np.maximum(1.5 - bed, 0)
    solver = InertialSolver(bed, 10.0, 0.03, initial_depth=depth, dtype=dtype, advection=True)
    solver.advance(1000)
    assert np.abs(solver.depth - depth).max() < tolerance
    assert np.abs(solver.discharge_x).max() < 1e-5


def test_any_number_of_threads_gives_the_same_bits():
    terrain = rough_terrain(300, 200)
    depths = [rained(terrain, 60, threads=threads).depth for threads in (1, 2)]
    np.testing.assert_array_equal(depths[0], depths[1])


def test_a_saved_state_goes_on_to_the_same_bits():
    terrain = rough_terrain()
    whole, first = rained(terrain, 0.0), rained(terrain, 0.0)
    for solver in (whole, first):
        solver.advance(100, rain=RAIN)
    second = rained(terrain, 0.0)
    for name, array in second.state_arrays().items():
        array[...] = first.state_arrays()[name]
    second.set_numbers(first.state_numbers())
    for solver in (whole, second):
        solver.advance(100, rain=RAIN)
    np.testing.assert_array_equal(second.depth, whole.depth)
    np.testing.assert_array_equal(second.discharge_x, whole.discharge_x)
