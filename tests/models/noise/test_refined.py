"""A map that is finer near roads and facades: the whole map within what is told, the same by any chunk and thread."""

import numpy as np
import pytest

from dtwin_plugin.data import Grid
from dtwin_plugin.models.noise.map_levels import levels_on_map
from dtwin_plugin.models.noise.refined import away_from, between, mesh_of
from dtwin_plugin.models.noise.road_noise_model import ROAD_NOISE
from dtwin_plugin.progress import Silent

from .sites import given, houses, lines, street

ROWS = [(x, y, x + 16, y + 10) for x in range(60, 340, 40) for y in (212, 250)]  # houses along a street, and behind
WANTED = {"points", "grid", "contours"}


class Counted(Silent):
    def __init__(self):
        super().__init__()
        self.shares = []

    def report(self, fraction, message="", **values):
        self.shares.append(fraction)


def town():
    return houses(*ROWS, height=[9.0] * len(ROWS))


def run(progress=None, **values):
    some = {"buildings": town(), "grid_spacing": 4.0, "spacing": 20.0, "wanted": WANTED, **values}
    return ROAD_NOISE.run(given(**some), progress or Silent())


@pytest.fixture(scope="module")
def whole():
    return run()["grid"].values


@pytest.fixture
def counted(monkeypatch):
    """How many receivers were calculated."""
    from dtwin_plugin.models.noise import calculation

    found = []

    def followed(scene, roads, receivers, *rest, **options):
        found.append(len(receivers))
        return original(scene, roads, receivers, *rest, **options)

    original = calculation.chunks_of
    monkeypatch.setattr(calculation, "chunks_of", followed)
    return found


def test_the_map_is_the_whole_one_within_1_db_of_half_the_points(whole, counted):
    progress = Counted()
    made = run(progress, coarsest=32.0)
    off, walls = np.abs(made["grid"].values - whole), len(made["points"])
    outside = np.isfinite(whole)
    assert np.array_equal(np.isfinite(made["grid"].values), outside)  # no data in buildings, and nowhere else
    # squares are cut where their middle is off by more than 0.7 dB: little else is, such as the edge of a shadow
    assert (off[outside] < 1.0).mean() > 0.995 and off[outside].max() < 2.0
    assert sum(counted) - walls < 0.5 * outside.sum()
    assert (off[outside] == 0.0).sum() >= sum(counted) - walls  # what is calculated is as it would be alone
    assert made["contours"].columns["low"].tolist()[1:] == [55.0, 60.0, 65.0, 70.0]
    assert progress.shares == sorted(progress.shares) and progress.shares[-1] <= 1.0


def test_where_paths_are_stored_the_map_is_the_whole_one(whole, tmp_path):
    made = run(coarsest=32.0, wanted={*WANTED, "transfer"})
    assert np.array_equal(made["grid"].values, whole, equal_nan=True)
    made["transfer"].write(tmp_path / "paths.npz")
    again = run(coarsest=16.0, stored=tmp_path / "paths.npz", roads=street(1000.0))
    assert np.nanmax(np.abs(whole - again["grid"].values - 10.0)) < 1e-4  # a tenth of the traffic, as float32


def test_a_largest_distance_below_twice_the_smallest_is_the_whole_map(whole, counted):
    assert np.array_equal(run(coarsest=7.9)["grid"].values, whole, equal_nan=True)
    assert len(counted) == 1


def test_neither_chunks_nor_threads_change_a_bit():
    from dtwin_plugin.models.noise.calculation import paths_of, powers, site_of
    from dtwin_plugin.models.noise.transfer import levels_of, transfer_of

    values = given(buildings=town(), grid_spacing=5.0, wanted=WANTED)
    site = site_of(values)
    how, air = paths_of(values)
    found = []
    for options in ({"threads": 1, "chunk": 1000}, {"threads": 2, "chunk": 7}):

        def of(rows, options=options):
            made = transfer_of(site.scene, site.roads, site.receivers[rows], air, how, **options)
            return levels_of(made, powers(values, site), np.full(3, 0.5))

        found.append(levels_on_map(site, 8, of))
    assert np.array_equal(*found) and np.isfinite(found[0]).all()


def test_a_quiet_period_is_silent_everywhere_and_costs_no_point(counted):
    flows = {f"light_{name}": [value] for name, value in (("day", 400.0), ("evening", 100.0))}
    roads = lines([(10, 200), (390, 200)], **flows)
    assert np.isfinite(run(roads=roads, coarsest=32.0)["grid"].values).sum() > 2 * sum(counted)


def flat_mesh(level, widest=8, walls=(), size=33):
    grid = Grid(np.zeros((size, size)), 0, 10 * size, 10)
    free, asked = np.ones((size, size), bool), []

    def calculate(cells):
        asked.append(len(cells))
        return level(*np.divmod(cells, size)[::-1])[:, None].astype(float)

    away = away_from(grid, np.array(walls, float).reshape(-1, 4), widest)
    return mesh_of(away, free, widest, calculate, 1), asked


def test_what_is_linear_is_exact_from_few_points():
    mesh, asked = flat_mesh(lambda x, y: 2.0 * x - y)
    assert between(mesh)[..., 0] == pytest.approx(2.0 * np.arange(33) - np.arange(33)[:, None])
    assert sum(asked) == mesh.known.sum() == 81  # each fourth point of 33, from each eighth


def test_nothing_is_taken_from_beyond_a_wall():
    wall = (165.0 + 3.0, -50.0, 165.0 + 3.0, 380.0)  # between the middles of columns 16 and 17
    mesh, _ = flat_mesh(lambda x, y: np.where(x <= 16, 70.0, 50.0), walls=[wall])
    assert (between(mesh)[..., 0] == np.where(np.arange(33) <= 16, 70.0, 50.0)).all()
    assert not mesh.known.all()


def test_between_sound_and_silence_lies_nothing():
    mesh, _ = flat_mesh(lambda x, y: np.where(x <= 13, 40.0, -np.inf))
    found = between(mesh)[..., 0]
    assert set(np.unique(found)) == {40.0, -np.inf} and (found[:, 14:] == -np.inf).all() and (found[:, :13] == 40).all()


def test_a_map_of_any_shape_is_covered():
    for shape in ((2, 2), (2, 50), (7, 3), (10, 17)):
        away = np.full((2 * shape[0] - 2, 2 * shape[1] - 2), np.inf)
        mesh = mesh_of(away, np.ones(shape, bool), 8, lambda cells: np.full((len(cells), 3), 55.0), 3)
        assert (between(mesh) == 55.0).all(), shape
