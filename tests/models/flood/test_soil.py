"""The soil takes what its capacity and its room allow, and no more."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.models.flood.solvers.solver import InertialSolver
from dtwin_plugin.models.flood.surface.soil import soil_of
from dtwin_plugin.progress import Silent

RAIN = 70e-3 / 3600  # m/s
HOUR = 3600.0


def rough(rows=40, columns=50):
    """Rolling ground below NAP with a hole, and the capacity [m/s] and storage [m] of each cell, in places unknown."""
    y, x = np.mgrid[0:rows, 0:columns]
    random = np.random.default_rng(5)
    terrain = -4 + 0.5 * np.sin(x / 9) * np.cos(y / 7) + random.uniform(0, 0.2, x.shape)
    terrain[10:14, 20:26] = np.nan
    capacity = random.uniform(0, 60e-3 / HOUR, x.shape)
    storage = random.uniform(0, 0.03, x.shape)
    storage[:, ::7] = np.nan
    return terrain, capacity, storage


def ran(terrain, capacity, storage, **options):
    solver = InertialSolver(terrain, 1.0, 0.035, soil_storage=storage, **options)
    solver.advance(900, rain=RAIN, infiltration=capacity)
    solver.advance(600, infiltration=capacity)
    return solver


@pytest.mark.parametrize("storage", [0.0, 0.008, 0.1, np.nan], ids=["no room", "fills", "does not fill", "no limit"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_flat_basin_holds_the_rain_less_capacity_or_storage(storage, dtype):
    """depth = rain - min(capacity x t, storage), at every t: 70 mm in an hour on 18 mm/h, then an hour dry."""
    capacity = 18e-3 / HOUR
    solver = InertialSolver(np.full((6, 7), -1.5), 1.0, 0.03, soil_storage=storage, dtype=dtype)
    for end in (600, 1599, 1601, 3600, 5400, 7200):  # 8 mm is full after 1600 s
        solver.advance(max(0.0, min(end, HOUR) - solver.time), rain=RAIN, infiltration=capacity)
        solver.advance(end - solver.time, infiltration=capacity)
        expected = RAIN * min(end, HOUR) - np.fmin(capacity * end, storage)
        # rates are float32: 6e-8 of 70 mm a portion and its rounding, which is made good; 64 bits have no such excuse
        assert solver.depth == pytest.approx(expected, abs=2e-8 if dtype is np.float32 else 1e-13)
    assert solver.volumes.infiltration == pytest.approx(42 * np.fmin(capacity * 7200, storage), abs=1e-6)
    assert solver.volumes.error < 1e-6  # the design's limit


def test_soil_with_more_capacity_than_rain_takes_it_all_until_it_is_full():
    solver = InertialSolver(np.zeros((3, 3)), 1.0, 0.03, soil_storage=0.02)
    solver.advance(1000, rain=RAIN, infiltration=1e-3)
    assert (solver.depth == 0).all()
    solver.advance(HOUR - 1000, rain=RAIN, infiltration=1e-3)
    assert solver.depth == pytest.approx(0.07 - 0.02, abs=2e-8)
    assert (solver.room == 0).all()


@pytest.mark.parametrize("boundary", ["closed", "open"])
def test_mass_is_kept_and_no_cell_takes_more_than_it_holds(boundary):
    terrain, capacity, storage = rough()
    solver = ran(terrain, capacity, storage, boundary=boundary)
    volumes = solver.volumes
    assert volumes.error < 1e-6  # as without soil
    assert np.nanmin(solver.room) >= 0 and np.nanmin(solver.depth) >= 0
    assert (np.isnan(solver.room) == np.isnan(terrain)).all()
    limited = np.isfinite(storage) & np.isfinite(terrain)
    taken = np.where(limited, storage - solver.room, 0)
    assert (taken[limited] <= storage[limited]).all() and (taken > 0)[limited].mean() > 0.9
    assert np.isinf(solver.room[np.isnan(storage) & np.isfinite(terrain)]).all()
    everywhere = ran(terrain, capacity, np.where(np.isnan(storage), 5.0, storage), boundary=boundary)
    # 5 m is no limit here: what each cell took is what the balance says; 1e-9 is the rounding of the sum
    held = np.where(np.isnan(storage), 5.0, storage)
    assert np.nansum(held - everywhere.room) == pytest.approx(everywhere.volumes.infiltration, rel=1e-9)
    assert everywhere.volumes.infiltration == pytest.approx(volumes.infiltration, rel=1e-9)


@pytest.mark.parametrize("turn", [np.flipud, np.fliplr, np.transpose, np.rot90])
def test_turned_soil_gives_turned_water(turn):
    fields = rough()
    plain = ran(*fields, boundary="open", dtype=np.float64)
    turned = ran(*map(turn, fields), boundary="open", dtype=np.float64)
    # sums are made in another order: rounding only, as in the test without soil
    np.testing.assert_allclose(turned.depth, turn(plain.depth), atol=1e-6)
    np.testing.assert_allclose(turned.room, turn(plain.room), atol=1e-6)


def test_more_room_never_leaves_more_water():
    terrain, capacity, storage = rough()
    stored = [ran(terrain, capacity, factor * storage).volumes.stored for factor in (0, 0.5, 1, 2)]
    assert stored == sorted(stored, reverse=True) and stored[0] > stored[-1]


def test_room_without_end_gives_the_same_bits_as_no_limit():
    terrain, capacity, _ = rough()
    plain = ran(terrain, capacity, None)
    for storage in (np.nan, np.inf, np.full(terrain.shape, np.nan), 50.0):
        found = ran(terrain, capacity, storage)
        np.testing.assert_array_equal(found.depth, plain.depth)
        assert found.volumes.infiltration == pytest.approx(plain.volumes.infiltration, rel=1e-12)  # another sum order


def test_any_number_of_threads_gives_the_same_bits():
    terrain, capacity, storage = rough(300, 200)
    one, two = (ran(terrain, capacity, storage, threads=threads, boundary="open") for threads in (1, 2))
    np.testing.assert_array_equal(one.depth, two.depth)
    np.testing.assert_array_equal(one.room, two.room)


def test_one_rate_is_the_same_to_the_bit_as_a_raster_of_it():
    terrain, _, _ = rough()
    plain = ran(terrain, 20e-3 / HOUR, None)
    np.testing.assert_array_equal(ran(terrain, np.full(terrain.shape, 20e-3 / HOUR), None).depth, plain.depth)


@pytest.mark.parametrize(
    ("storage", "message"), [(-0.1, "storage must be 0 m or more; found -0.1"), (np.zeros((3, 3)), "storage.*shape")]
)
def test_storage_that_cannot_be_is_named(storage, message):
    with pytest.raises(InputError, match=message):
        InertialSolver(np.zeros((2, 2)), 1.0, 0.03, soil_storage=storage)


# --- the model ---

FLAT = Grid(np.full((8, 8), -1.0), 100.0, 208.0, 1.0, unit="m")


def values_of(**values):
    defaults = {item.name: item.default for item in FLOOD.inputs}
    return {**defaults, "terrain": FLAT, "boundary": "closed", "after": 0.0, "threads": 1, **values}


def flood(**values):
    given = values_of(**values)
    assert not [problem for problem in check(FLOOD, given) if problem.level == "error"]
    return FLOOD.run(given, Silent())


def volume(found, term):
    return dict(zip(found["balance"]["term"], found["balance"]["volume"]))[term]


def raster(values, unit="mm h-1", cell_size=1.0):
    return Grid(np.asarray(values, float), 100.0, 208.0, cell_size, unit=unit)


def house():
    ring = [(102, 202), (105, 202), (105, 205), (102, 205), (102, 202)]
    return Features(Geometries.build("polygon", [[[ring]]]))


def test_without_rasters_the_model_gives_what_one_number_gives():
    plain = flood(infiltration=20.0)
    same = flood(infiltration=5.0, infiltration_capacity=raster(np.full((8, 8), 20.0)))
    assert plain["depth"].values.tobytes() == same["depth"].values.tobytes()
    assert volume(plain, "infiltration") == pytest.approx(64 * 0.02, rel=1e-6)  # 20 mm of 70 in an hour


def test_where_the_capacity_is_not_known_the_number_holds():
    capacity = np.full((8, 8), 30.0)
    capacity[:, :2] = np.nan
    found = flood(infiltration=10.0, infiltration_capacity=raster(capacity))
    assert volume(found, "infiltration") == pytest.approx(16 * 0.010 + 48 * 0.030, rel=1e-6)
    assert not np.isnan(found["depth"].values).any() and found["mass_error"] < 1e-6


def test_storage_alone_bounds_the_number():
    storage = np.full((8, 8), 12.0)
    storage[0] = np.nan
    found = flood(infiltration=20.0, soil_storage=raster(storage, "mm"))
    assert volume(found, "infiltration") == pytest.approx(56 * 0.012 + 8 * 0.020, rel=1e-6)
    assert found["mass_error"] < 1e-6


@pytest.mark.parametrize("building_flow", ["block", "open"])
@pytest.mark.parametrize("name", ["infiltration_capacity", "soil_storage"])
def test_nothing_infiltrates_under_a_building(name, building_flow):
    grid = raster(np.full((8, 8), 20.0), "mm" if name == "soil_storage" else "mm h-1")
    found = flood(infiltration=20.0, buildings=house(), building_flow=building_flow, **{name: grid})
    # 9 of the 64 cells are house, and elsewhere there always is water enough
    assert volume(found, "infiltration") == pytest.approx(55 * 0.020, rel=1e-6)
    assert found["mass_error"] < 1e-6


def test_large_cells_of_soil_hold_for_all_terrain_in_them_and_small_ones_count_by_their_mean():
    values = values_of(infiltration=7.2, infiltration_capacity=raster([[3.6, 36.0]], cell_size=4.0))
    rate, _ = soil_of(values, FLAT, None)
    assert rate[:4, :4] == pytest.approx(1e-6) and rate[:4, 4:] == pytest.approx(1e-5)
    assert rate[4:] == pytest.approx(2e-6)  # beyond the raster
    fine = np.where(np.indices((16, 16)).sum(axis=0) % 2, 0.0, 7.2)  # a chequerboard
    rate, _ = soil_of(values_of(infiltration_capacity=raster(fine, cell_size=0.5)), FLAT, None)
    assert rate == pytest.approx(1e-6)


def test_soil_follows_the_cell_size_of_the_run():
    found = flood(cell_size=4.0, infiltration_capacity=raster(np.full((8, 8), 20.0)))
    assert found["depth"].shape == (2, 2)
    assert volume(found, "infiltration") == pytest.approx(64 * 0.02, rel=1e-6)


@pytest.mark.parametrize(("name", "low", "high"), [
    ("infiltration_capacity", -9999, 20), ("soil_storage", 0, 1e6), ("soil_storage", 0, np.inf)
])  # fmt: skip
def test_a_code_for_no_data_or_another_unit_is_refused_with_its_code(name, low, high):
    grid = raster([[low] + [high] * 7] * 8)
    found = [problem for problem in check(FLOOD, values_of(**{name: grid})) if problem.code == "DT105"]
    assert len(found) == 1 and found[0].level == "error" and found[0].field == name
    assert f"{low}" in found[0].text() and "expected 0 to 100000" in found[0].text()
