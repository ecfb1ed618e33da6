"""The quick scan: depressions, paths and depths as a model, against constructed terrains and the flood model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.rasterise import labels
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood.scan.depressions import depressions_of, fill
from dtwin_plugin.models.flood.scan.scan import outlines_of
from dtwin_plugin.models.flood.scan.scan_model import FLOOD_SCAN
from dtwin_plugin.progress import Silent


def scan(terrain, **given_):
    values = {item.name: item.default for item in FLOOD_SCAN.inputs}
    values.update(terrain=terrain, **given_)
    assert not [p for p in check(FLOOD_SCAN, values) if p.level == "error"]
    return FLOOD_SCAN.run(values, Silent())


def grid(z, size=1.0):
    return Grid(np.asarray(z, float), 1000.0, 2000.0, size)


@pytest.fixture(scope="module")
def two_bowls():
    """A slope to the south with two bowls of 11 by 11 m, 1 m and 2 m below their rims."""
    z = 10 - 0.01 * np.arange(60.0)[:, None] + 0.001 * np.abs(np.arange(40.0) - 15)
    z[10:21, 10:21] = z[20, 15] - 1.0
    z[35:46, 10:21] = z[45, 15] - 2.0
    return grid(z)


def test_bowls_are_found_with_what_they_hold(two_bowls):
    found = scan(two_bowls, rain=20.0, losses=0.0)["depressions"]
    columns = {name: values.tolist() for name, values in found.columns.items()}
    low, high = (9.80 - 1.0, 9.55 - 2.0)
    order = np.argsort(columns["spill_level"])[::-1]
    # each spills over the rim to the south of it, at its own level there
    assert np.array(columns["spill_level"])[order] == pytest.approx([low + 0.99, high + 1.99], abs=1e-5)
    assert np.array(columns["capacity"])[order] == pytest.approx([121 * 0.99, 121 * 1.99], rel=1e-5)
    assert np.array(columns["area"])[order].tolist() == [121.0, 121.0]
    numbers = np.array(columns["number"])[order]
    assert np.array(columns["spills_into"])[order].tolist() == [numbers[1], 0]
    assert found.geometries.bounds()[order].tolist() == [[1010, 1979, 1021, 1990], [1010, 1954, 1021, 1965]]


def test_what_the_upper_bowl_cannot_hold_fills_the_lower_one(two_bowls):
    runoff = np.zeros(two_bowls.shape)
    runoff[15, 15] = 1000 * 200.0  # 200 m3 on one cell of the upper bowl
    made = scan(two_bowls, runoff=two_bowls.like(runoff, "mm", "runoff"))
    depth = made["depth"].values
    assert depth[12, 12] == pytest.approx(0.99, abs=1e-5)
    assert depth[40, 15] == pytest.approx((200 - 121 * 0.99) / 121, abs=1e-5)
    assert made["left"] == 0 and made["mass_error"] < 1e-7
    assert made["stored"] == pytest.approx(200, rel=1e-7)


def test_paths_run_downhill_with_their_catchment(two_bowls):
    found = scan(two_bowls, least_catchment=300.0)["paths"]
    shapes = found.geometries
    ends = shapes.coordinates[shapes.rings[1:] - 1]
    through = np.flatnonzero(np.abs(ends[:, 0] - 1015) < 8)
    assert found.columns["catchment"].max() == found.columns["catchment"][through].max()
    assert (np.diff(shapes.rings) >= 2).all()
    lengths = np.abs(np.diff(shapes.coordinates, axis=0))
    within = np.ones(len(lengths), bool)
    within[shapes.rings[1:-1] - 1] = False
    run_ = lengths[within]
    assert ((run_[:, 0] == run_[:, 1]) | (run_ == 0).any(axis=1)).all()  # eight directions


def test_what_a_path_brings_is_the_rain_of_its_catchment_where_nothing_is_held():
    z = np.abs(np.arange(21.0) - 10)[None, :] + 0.1 * np.arange(40.0)[::-1, None]
    made = scan(grid(z, 2.0), rain=50.0, losses=0.0, least_catchment=200.0)
    columns = made["paths"].columns
    assert columns["volume"] == pytest.approx(columns["catchment"] * 0.05, rel=1e-6)
    assert made["left"] == pytest.approx(z.size * 4 * 0.05, rel=1e-6)
    assert made["accumulation"].values[-1, 10] > 0.8 * z.size * 4


@given(st.integers(0, 2**31), st.integers(2, 25), st.integers(2, 25), st.integers(1, 5))
def test_outlines_cover_their_cells_and_no_other(seed, rows, columns, count):
    region = np.random.default_rng(seed).integers(0, count + 1, (rows, columns)).astype(np.int32)
    cells = grid(np.zeros((rows, columns)), 0.5)
    shapes = outlines_of(np.pad(region, 1).ravel(), columns + 2, count, cells)
    assert len(shapes) == count
    np.testing.assert_array_equal(labels(shapes, cells), region)
    for ring in range(len(shapes.rings) - 1):
        corner = shapes.coordinates[shapes.rings[ring] : shapes.rings[ring + 1]]
        assert (corner[0] == corner[-1]).all()
        assert len(np.unique(corner[:-1], axis=0)) == len(corner) - 1  # no ring touches itself


def test_buildings_part_the_water():
    z = np.full((9, 21), 5.0)
    z[:, 10] = 4.0
    wall = [[[(1008, 1996), (1013, 1996), (1013, 1994), (1008, 1994), (1008, 1996)]]]
    buildings = Features(Geometries.build("polygon", [wall]))
    free = scan(grid(z), buildings=buildings, building_flow="open")["depth"].values
    held = scan(grid(z), buildings=buildings)["depth"].values
    assert free.max() == 0 and held[0, 10] == 0
    assert np.isfinite(held).all()


def test_holes_without_heights_are_filled_or_walls():
    z = np.full((9, 9), 5.0)
    z[3:6, 3:6] = np.nan
    z[4, 2] = 4.5
    filled, walls = scan(grid(z))["depth"].values, scan(grid(z), gaps="wall")["depth"].values
    assert np.isfinite(filled).all() and filled[4, 2] > 0.4
    assert np.isnan(walls[4, 4]) and walls[4, 2] > 0.4


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ({"losses": 80.0}, "DT161"),
        ({"runoff": grid(np.full((4, 4), -1.0))}, "DT162"),
        ({"terrain": grid(np.full((4, 4), 1500.0))}, "DT103"),
    ],
)
def test_what_is_wrong_is_told_before(given_, code):
    values = {item.name: item.default for item in FLOOD_SCAN.inputs}
    values.update({"terrain": grid(np.zeros((4, 4))), **given_})
    assert [p.code for p in check(FLOOD_SCAN, values)] == [code]


def test_the_depth_of_a_scan_is_where_a_flood_begins(two_bowls):
    from dtwin_plugin.models.flood import FLOOD

    scanned = scan(two_bowls, rain=30.0, losses=0.0)
    values = {item.name: item.default for item in FLOOD.inputs}
    values.update(terrain=two_bowls, initial_depth=scanned["depth"], after=0.1, boundary="closed")
    values.update(rain=50.0, rain_duration=0.1, infiltration=0.0)
    made = FLOOD.run(values, Silent())
    balance = dict(zip(made["balance"]["term"], made["balance"]["volume"]))
    assert balance["initial"] == pytest.approx(scanned["stored"], rel=1e-6)
    assert balance["stored"] > scanned["stored"] and made["mass_error"] < 1e-6


def test_the_flood_model_leaves_the_same_water_in_the_end():
    from dtwin_plugin.models.flood.solvers.solver import InertialSolver

    random = np.random.default_rng(8)
    z = ndimage.gaussian_filter(random.normal(size=(60, 60)), 5) * 12
    z += np.hypot(*np.meshgrid(np.arange(60) - 30, np.arange(60) - 30)) * 0.01
    found = depressions_of(z, closed=True)
    filled = fill(found, 0.05)
    solver = InertialSolver(z, 2.0, 0.03, boundary="closed")
    solver.advance(600.0, rain=0.05 / 600)
    solver.advance(5 * 3600.0)
    pools = np.where(found.inner(found.node) > 0, filled.pool[found.inner(found.node)], 0)
    pools[filled.depth <= 0] = 0
    index = np.unique(pools[pools > 0])
    static = ndimage.sum(filled.depth, pools, index)
    flown = ndimage.sum(np.asarray(solver.depth, float), pools, index)
    large = static > 1.0  # cells x m
    assert large.sum() >= 3
    assert flown[large] == pytest.approx(static[large], rel=0.07)  # here a cell sheds one way, there two
    assert filled.depth.sum(dtype=float) == pytest.approx(3600 * 0.05, rel=1e-6)
