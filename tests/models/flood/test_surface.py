"""What the surface takes: leaves and puddles, soil by three laws, sewer districts; each against a closed form."""

import numpy as np
import pytest

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.surface.soil_laws import GreenAmpt, Horton
from dtwin_plugin.models.flood.surface.surface import Sewer, Surface

SHAPE = (6, 7)
CELLS = 42
HOUR = 3600.0
MM = 1e-3


def flat(depth=None, **options):
    return InertialSolver(np.full(SHAPE, -1.5), 1.0, 0.03, initial_depth=depth, **options)


def ran(surface, *, rain=0.0, seconds=HOUR, depth=None, dtype=np.float64, **options):
    solver = flat(depth, dtype=dtype)
    solver.surface = surface
    solver.advance(seconds, rain=rain, **options)
    return solver


def horton_after(seconds, final, first, decay):
    """Cumulative infiltration under water all the time [m], Chow et al. (1988) section 4.2 integrated."""
    return final * seconds + (first - final) / decay * (1 - np.exp(-decay * seconds))


def green_ampt_after(seconds, conductivity, suction):
    """Cumulative infiltration under water all the time [m], the root of Chow et al. (1988) section 4.3 by bisection."""
    low, high = 0.0, 10.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle - suction * np.log1p(middle / suction) < conductivity * seconds:
            low = middle
        else:
            high = middle
    return low


# --- leaves and puddles ---


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rain_fills_leaves_and_puddles_before_any_of_it_flows(dtype):
    solver = flat(dtype=dtype)
    solver.surface = Surface(SHAPE, interception=2 * MM)
    for end in (100, 359, 361, 3600):  # 20 mm/h fill 2 mm in 360 s
        solver.advance(end - solver.time, rain=20 * MM / HOUR)
        expected = max(20 * MM * end / HOUR - 2 * MM, 0.0)
        assert solver.depth == pytest.approx(expected, abs=2e-8 if dtype is np.float32 else 1e-12)
    assert solver.surface.accounts["interception"] == pytest.approx(CELLS * 2 * MM, rel=1e-6)
    assert solver.volumes.infiltration == pytest.approx(CELLS * 2 * MM, rel=1e-6)
    assert solver.volumes.error < (1e-6 if dtype is np.float32 else 1e-9)


def test_water_that_stands_does_not_fill_them():
    solver = ran(Surface(SHAPE, interception=0.05), depth=0.1)
    assert solver.depth == pytest.approx(0.1, abs=1e-12) and solver.volumes.infiltration == 0


def test_what_leaves_hold_does_not_reach_the_soil():
    solver = ran(Surface(SHAPE, interception=2 * MM), rain=10 * MM / HOUR, infiltration=50 * MM / HOUR)
    assert solver.surface.accounts["soil"] == pytest.approx(CELLS * 8 * MM, rel=1e-9)
    assert (solver.depth == 0).all()


# --- Horton ---


@pytest.mark.parametrize(("final", "first", "decay"), [(20.8, 41.0, 2.0), (0.0, 60.0, 5.0), (13.0, 13.0, 1.0)])
@pytest.mark.parametrize("seconds", [60.0, 1800.0, 4 * HOUR])
def test_horton_under_water_is_the_closed_form(final, first, decay, seconds):
    numbers = final * MM / HOUR, first * MM / HOUR, decay / HOUR
    solver = ran(Surface(SHAPE, law=Horton(SHAPE, *numbers)), depth=0.5, seconds=seconds)
    expected = horton_after(seconds, *numbers)
    assert solver.surface.accounts["soil"] / CELLS == pytest.approx(expected, rel=1e-9)
    assert solver.volumes.error < 1e-9


def test_horton_stands_still_while_the_soil_gets_less_than_it_can_take():
    """10 mm/h for 2 hours is all taken; then the soil is as if it had been under water until it took 20 mm."""
    final, first, decay = 12 * MM / HOUR, 60 * MM / HOUR, 3 / HOUR
    solver = ran(Surface(SHAPE, law=Horton(SHAPE, final, first, decay)), rain=10 * MM / HOUR, seconds=2 * HOUR)
    assert solver.surface.accounts["soil"] == pytest.approx(CELLS * 20 * MM, rel=1e-9)
    low, high = 0.0, 10 * HOUR
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if horton_after(middle, final, first, decay) < 20 * MM else (low, middle)
    solver.advance(HOUR, rain=1.0 / HOUR)
    expected = horton_after(low + HOUR, final, first, decay)
    assert solver.surface.accounts["soil"] / CELLS == pytest.approx(expected, rel=1e-6)


def test_horton_waits_out_a_dry_spell_as_it_was():
    surface = Surface(SHAPE, law=Horton(SHAPE, 5 * MM / HOUR, 50 * MM / HOUR, 2 / HOUR))
    solver = ran(surface, seconds=5 * HOUR)
    solver.advance(HOUR, rain=0.2 / HOUR)
    expected = horton_after(HOUR, 5 * MM / HOUR, 50 * MM / HOUR, 2 / HOUR)
    assert surface.accounts["soil"] / CELLS == pytest.approx(expected, rel=1e-4)


# --- Green-Ampt: silt loam of Chow et al. (1988), table 4.3.1 and its examples 4.3.1 and 4.4.1 ---

CONDUCTIVITY, SUCTION = 0.0065 / HOUR, 0.167 * 0.340  # m/s, m


@pytest.mark.parametrize("seconds", [1.0, 60.0, HOUR, 10 * HOUR])
def test_green_ampt_under_water_is_the_root_of_its_equation(seconds):
    solver = ran(Surface(SHAPE, law=GreenAmpt(SHAPE, CONDUCTIVITY, SUCTION)), depth=1.0, seconds=seconds)
    taken = solver.surface.accounts["soil"] / CELLS
    assert taken == pytest.approx(green_ampt_after(seconds, CONDUCTIVITY, SUCTION), rel=1e-8)
    assert solver.volumes.error < 1e-9


def test_green_ampt_is_the_example_of_the_textbook():
    """Chow et al. (1988) example 4.3.1: F = 3.17 cm and f = 1.81 cm/h after an hour."""
    solver = ran(Surface(SHAPE, law=GreenAmpt(SHAPE, CONDUCTIVITY, SUCTION)), depth=1.0)
    taken = solver.surface.accounts["soil"] / CELLS
    assert 100 * taken == pytest.approx(3.17, abs=0.005)
    assert 0.65 * (1 + SUCTION / taken) == pytest.approx(1.81, abs=0.01)


@pytest.mark.parametrize(("rain", "hours", "depth"), [(1.0, 10.5, 10.5), (5.0, 0.17, 0.85)])
def test_ponding_starts_when_the_textbook_says(rain, hours, depth):
    """tp = K psi dtheta / (i (i - K)) and Fp = i tp, Chow et al. (1988) example 4.4.1: rain of 1 and 5 cm/h."""
    rate = rain / 100 / HOUR
    ponding = CONDUCTIVITY * SUCTION / (rate * (rate - CONDUCTIVITY))
    assert ponding / HOUR == pytest.approx(hours, rel=0.02) and 100 * rate * ponding == pytest.approx(depth, rel=0.01)
    solver = ran(Surface(SHAPE, law=GreenAmpt(SHAPE, CONDUCTIVITY, SUCTION), interval=1.0), rain=rate, seconds=1.0)
    solver.advance(ponding - 10 - solver.time, rain=rate)
    assert (solver.depth == 0).all()
    solver.advance(60, rain=rate)
    assert (solver.depth > 0).all()


def test_green_ampt_after_ponding_follows_the_shifted_curve():
    """F - Fp - S ln((F + S) / (Fp + S)) = K (t - tp), Chow et al. (1988) section 4.4, an hour of 5 cm/h."""
    rate = 0.05 / HOUR
    ponding = CONDUCTIVITY * SUCTION / (rate * (rate - CONDUCTIVITY))
    first = rate * ponding
    solver = ran(Surface(SHAPE, law=GreenAmpt(SHAPE, CONDUCTIVITY, SUCTION), interval=1.0), rain=rate)
    taken = solver.surface.accounts["soil"] / CELLS
    left = taken - first - SUCTION * np.log((taken + SUCTION) / (first + SUCTION))
    assert left == pytest.approx(CONDUCTIVITY * (HOUR - ponding), rel=2e-4)
    assert 100 * taken == pytest.approx(3.02, abs=0.01)  # Chow et al. (1988) example 4.4.2 gives 3.02 cm


@pytest.mark.parametrize("law", [
    lambda: Horton(SHAPE, 5 * MM / HOUR, 50 * MM / HOUR, 2 / HOUR), lambda: GreenAmpt(SHAPE, CONDUCTIVITY, SUCTION)
])  # fmt: skip
def test_how_often_the_soil_is_asked_hardly_changes_what_it_takes(law):
    taken = [
        ran(Surface(SHAPE, law=law(), interval=interval), rain=70 * MM / HOUR).surface.accounts["soil"]
        for interval in (1.0, 5.0, 30.0)
    ]
    assert taken[1] == pytest.approx(taken[0], rel=5e-4) and taken[2] == pytest.approx(taken[0], rel=5e-3)


def test_a_soil_that_conducts_nothing_takes_nothing_and_one_without_suction_its_conductivity():
    conductivity = np.zeros(SHAPE)
    conductivity[:, 3:] = 10 * MM / HOUR
    suction = np.zeros(SHAPE)
    suction[:3] = 0.05
    law = GreenAmpt(SHAPE, conductivity, suction)
    solver = ran(Surface(SHAPE, law=law), depth=0.2)
    taken = law.arrays["green_ampt"][1:-1, 1:-1]
    assert (taken[:, :3] == 0).all() and taken[3:, 3:] == pytest.approx(10 * MM, rel=1e-9)
    assert (taken[:3, 3:] > 10 * MM).all() and solver.volumes.error < 1e-9


@pytest.mark.parametrize("law", [
    lambda: Horton(SHAPE, 30 * MM / HOUR, 50 * MM / HOUR, 2 / HOUR), lambda: GreenAmpt(SHAPE, CONDUCTIVITY, SUCTION)
])  # fmt: skip
def test_no_law_takes_more_than_the_soil_has_room_for(law):
    solver = flat(0.3, soil_storage=0.012)
    solver.surface = Surface(SHAPE, law=law())
    solver.advance(2 * HOUR)
    assert solver.surface.accounts["soil"] == pytest.approx(CELLS * 0.012, rel=1e-6)
    assert (solver.room == 0).all() and solver.volumes.error < 1e-6


# --- the sewer ---


def test_a_sewer_takes_its_rate_until_its_district_is_full_and_then_what_is_pumped():
    sewer = Sewer(20 * MM / HOUR, storage=CELLS * 5 * MM, pump=CELLS * 1 * MM / HOUR)
    solver = ran(Surface(SHAPE, sewer=sewer), rain=40 * MM / HOUR, seconds=2 * HOUR)
    # 20 mm/h in, 1 mm/h out: full after 5 / 19 h, then 1 mm/h
    expected = 5 * MM + 2 * 1 * MM
    assert sewer.taken[0] == pytest.approx(CELLS * expected, rel=1e-9)
    assert sewer.stored[0] == pytest.approx(CELLS * 5 * MM, rel=1e-9)
    assert sewer.pumped[0] == pytest.approx(CELLS * 2 * MM, rel=1e-9)
    assert solver.volumes.infiltration == pytest.approx(sewer.taken[0]) and solver.volumes.error < 1e-9
    solver.advance(6 * HOUR)  # the pump empties what the street still brings
    assert sewer.taken[0] == pytest.approx(sewer.stored[0] + sewer.pumped[0], rel=1e-12)


def test_districts_fill_apart_and_cells_without_one_lose_nothing():
    district = np.zeros(SHAPE, int)
    district[:2], district[4:] = 1, 2
    sewer = Sewer(np.full(SHAPE, 30 * MM / HOUR), district, storage=[14 * 4 * MM, np.inf])
    terrain = np.full(SHAPE, 0.0)
    terrain[2:4] = np.nan  # walls, so that no water passes
    terrain[3, 3] = 0.0
    solver = InertialSolver(terrain, 1.0, 0.03, dtype=np.float64)
    solver.surface = Surface(SHAPE, sewer=sewer)
    solver.advance(HOUR, rain=50 * MM / HOUR)
    assert sewer.taken[0] == pytest.approx(14 * 4 * MM, rel=1e-9)
    assert sewer.taken[1] == pytest.approx(14 * 30 * MM, rel=1e-3)
    assert solver.depth[:2] == pytest.approx(46 * MM, rel=1e-6)
    assert solver.volumes.error < 1e-9


def test_the_soil_has_its_part_before_the_sewer():
    sewer = Sewer(100 * MM / HOUR)
    solver = ran(Surface(SHAPE, interception=1 * MM, sewer=sewer), rain=30 * MM / HOUR, infiltration=10 * MM / HOUR)
    accounts = solver.surface.accounts
    assert accounts["interception"] == pytest.approx(CELLS * 1 * MM)
    assert accounts["soil"] == pytest.approx(CELLS * (10 * MM - 10 * MM * 2 / 60), rel=0.01)  # dry for 2 of 60 min
    assert sum(accounts.values()) == pytest.approx(solver.volumes.infiltration, rel=1e-12)
    assert (solver.depth == 0).all()


# --- all together ---


def everything(shape, dtype=np.float32, **options):
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    random = np.random.default_rng(5)
    terrain = -4 + 0.5 * np.sin(x / 9) * np.cos(y / 7) + random.uniform(0, 0.2, x.shape)
    terrain[10:14, 20:26] = np.nan
    solver = InertialSolver(
        terrain, 1.0, 0.035, soil_storage=random.uniform(0, 0.03, shape), dtype=dtype, boundary="open", **options
    )
    sewer = Sewer(random.uniform(0, 1e-5, shape), 1 + x * 4 // shape[1], storage=[1.0, 2.0, 0.0, np.inf], pump=1e-3)
    law = GreenAmpt(shape, random.uniform(0, 5e-6, shape), random.uniform(0, 0.1, shape))
    solver.surface = Surface(shape, interception=random.uniform(0, 0.003, shape), law=law, sewer=sewer)
    solver.advance(600, rain=70 * MM / HOUR)
    solver.advance(300)
    return solver


def test_mass_is_kept_by_all_of_it_together():
    solver = everything((40, 50))
    volumes, sewer = solver.volumes, solver.surface.sewer
    assert volumes.error < 1e-6 and np.nanmin(solver.depth) >= 0 and np.nanmin(solver.room) >= 0
    assert everything((40, 50), np.float64).volumes.error < 1e-9
    assert (sewer.stored <= sewer.storage).all()
    assert sewer.taken == pytest.approx(sewer.stored + sewer.pumped, rel=1e-9)
    assert all(volume > 0 for volume in solver.surface.accounts.values())


def test_any_number_of_threads_gives_the_same_bits():
    one, two = everything((300, 200), threads=1), everything((300, 200), threads=2)
    np.testing.assert_array_equal(one.depth, two.depth)
    assert one.surface.accounts == two.surface.accounts


def test_what_the_surface_remembers_can_be_put_back():
    first = everything((40, 50))
    kept = {name: values.copy() for name, values in first.surface.arrays.items()}
    assert set(kept) == {"interception", "green_ampt", "sewer_stored", "sewer_pumped", "sewer_taken"}
    second = everything((40, 50))
    for name, values in second.surface.arrays.items():
        values[...] = kept[name]
    for solver in (first, second):
        solver.advance(300, rain=70 * MM / HOUR)
    np.testing.assert_array_equal(first.depth, second.depth)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Surface(SHAPE, interception=-1e-3), "interception must be 0 or more; found -0.001"),
    (lambda: Surface(SHAPE, interception=np.zeros((2, 2))), "interception.*shape"),
    (lambda: Sewer(-1.0), "0 or more; found -1.0"),
    (lambda: Sewer(1.0, storage=np.nan), "0 or more"),
    (lambda: Horton(SHAPE, 2e-6, 1e-6, 1e-3), "must not be below the final"),
    (lambda: Horton(SHAPE, 1e-6, 2e-6, 0.0), "decay must be above 0"),
    (lambda: GreenAmpt(SHAPE, -1.0, 0.1), "conductivity of the soil must be 0 or more"),
])  # fmt: skip
def test_what_cannot_be_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


# --- the laws themselves, over all that soils and portions of time can be ---


def test_green_ampt_solves_its_equation_for_any_soil_and_portion():
    from dtwin_plugin.models.flood.surface.soil_kernels import green_ampt

    random = np.random.default_rng(3)
    for _ in range(3000):
        conductivity, suction = 10 ** random.uniform(-9, -3), 10 ** random.uniform(-5, 0.5)
        taken, seconds = random.choice([0.0, 10 ** random.uniform(-6, 1)]), 10 ** random.uniform(-2, 4)
        added = green_ampt(1e9, conductivity, suction, taken, seconds)
        low, high = 0.0, 100.0 + 10 * conductivity * seconds
        for _ in range(100):
            middle = (low + high) / 2
            less = middle - suction * np.log1p(middle / (taken + suction)) < conductivity * seconds
            low, high = (middle, high) if less else (low, middle)
        assert added == pytest.approx(low, rel=1e-6, abs=2e-9)


def test_green_ampt_never_takes_more_than_it_can_nor_less_than_it_gets():
    from dtwin_plugin.models.flood.surface.soil_kernels import green_ampt

    random = np.random.default_rng(4)
    for _ in range(3000):
        numbers = 10 ** random.uniform(-7, -4), 10 ** random.uniform(-3, -0.5), 10 ** random.uniform(-5, -0.5), 5.0
        most = green_ampt(1e9, *numbers)
        limit = most * random.uniform(0, 2)
        assert green_ampt(limit, *numbers) == pytest.approx(min(limit, most), rel=1e-9, abs=1e-12)


def test_horton_finds_the_time_that_what_it_got_stands_for():
    from dtwin_plugin.models.flood.surface.soil_kernels import horton

    random = np.random.default_rng(5)
    for _ in range(3000):
        final, extra = random.choice([0.0, 10 ** random.uniform(-8, -4)]), 10 ** random.uniform(-8, -4)
        decay, fresh = 10 ** random.uniform(-5, -2), 10 ** random.uniform(-3, 0)
        seconds = 10 ** random.uniform(-1, 3)
        most, _ = horton(1e9, final, extra, decay, fresh, seconds, np.exp(-decay * seconds))
        limit = most * random.uniform(0, 1.5)
        took, left = horton(limit, final, extra, decay, fresh, seconds, np.exp(-decay * seconds))
        assert took == min(limit, most) and fresh * np.exp(-decay * seconds) <= left <= fresh
        time = -np.log(left / fresh) / decay
        found = final * time + extra * fresh * -np.expm1(-decay * time) / decay
        assert found == pytest.approx(took, rel=1e-6, abs=2e-12)
