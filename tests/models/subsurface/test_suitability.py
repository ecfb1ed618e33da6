import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features, Geometries, Grid, Voxels
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.subsurface.criteria import COLUMNS, Criterion, criteria
from dtwin_plugin.models.subsurface.suitability import Ground, suitability
from dtwin_plugin.models.subsurface.suitability_model import SUITABILITY, USES
from dtwin_plugin.progress import Silent

NAMES = tuple(LITHOCLASSES.values())
SAND, CLAY = 6, 2
GOOD_SAND = Criterion("soil", False, 0.0, 1.0, 1.0, 0.0, 4.0, (SAND,))
DRAWS = 4000
# A share of DRAWS draws lies within 4 standard errors of its mean; with a fixed seed this cannot change by chance.
ERROR = 4 * 0.5 / DRAWS**0.5


def column(chance, layers=8):
    probability = np.zeros((1, layers, 10))
    probability[:, :, SAND], probability[:, :, CLAY] = chance, 1 - chance
    return Ground(probability, (np.arange(layers)[None] + 0.5) * 0.5, 0.5, {})


@pytest.mark.parametrize("chance", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("vertical_range", [0.0, 2.0, 1e9])
def test_the_mean_is_that_of_the_probabilities_however_layers_go_together(chance, vertical_range):
    found = suitability(column(chance), [GOOD_SAND], 0.5, DRAWS, vertical_range)
    assert found.mean[0] == pytest.approx(chance, abs=ERROR)


def test_the_deviation_goes_from_that_of_a_mean_to_that_of_one_layer():
    chance = 0.3
    apart = suitability(column(chance), [GOOD_SAND], 0.5, DRAWS, 0.0).deviation[0]
    whole = suitability(column(chance), [GOOD_SAND], 0.5, DRAWS, 1e9).deviation[0]
    single = (chance * (1 - chance)) ** 0.5
    assert apart == pytest.approx(single / 8**0.5, rel=0.05) and whole == pytest.approx(single, rel=0.05)
    between = suitability(column(chance), [GOOD_SAND], 0.5, DRAWS, 2.0).deviation[0]
    assert apart < between < whole


def test_the_chance_of_a_whole_column_is_its_probability():
    found = suitability(column(0.3), [GOOD_SAND], 0.99, DRAWS, 1e9)
    assert found.chance[0] == pytest.approx(0.3, abs=ERROR)


def test_certain_soil_has_no_uncertainty_and_weights_count():
    ground = Ground(column(1.0).probability, column(1.0).depth, 0.5, {"slope": np.array([5.0])})
    found = suitability(ground, [GOOD_SAND, Criterion("slope", False, 10.0, 0.0, 3.0)], 0.5, 10, 2.0)
    assert found.mean[0] == pytest.approx((1 * 1 + 3 * 0.5) / 4) and found.deviation[0] == pytest.approx(0, abs=1e-7)
    assert found.scores["slope"].tolist() == [0.5] and found.scores["soil"].tolist() == [1.0]


def test_a_knock_out_forbids_whatever_the_score():
    ground = Ground(column(1.0).probability, column(1.0).depth, 0.5, {"protection": np.array([0.2])})
    found = suitability(ground, [GOOD_SAND, Criterion("protection", True, np.nan, 0.0)], 0.5, 10, 2.0)
    assert found.mean.tolist() == [0] == found.chance.tolist()


def test_a_knock_out_on_soil_is_as_uncertain_as_the_soil():
    must = Criterion("soil", True, 0.99, np.nan, 1.0, 0.0, 4.0, (SAND,))
    found = suitability(column(0.3), [must, Criterion("soil", False, -1.0, 0.0, 1.0, 0, 4, (SAND,))], 0.5, DRAWS, 1e9)
    assert found.mean[0] == pytest.approx(0.3, abs=ERROR)


def test_the_same_seed_gives_the_same_and_soil_that_is_not_known_nothing():
    first, second = (suitability(column(0.4), [GOOD_SAND], 0.5, 50, 2.0) for _ in range(2))
    assert (first.mean == second.mean).all()
    short = column(0.4, layers=6)  # only 3 m of the 4 m that the criterion asks
    assert np.isnan(suitability(short, [GOOD_SAND], 0.5, 50, 2.0).mean).all()
    hole = column(0.4)
    hole.probability[0, 3] = np.nan
    assert np.isnan(suitability(hole, [GOOD_SAND], 0.5, 50, 2.0).chance).all()


def test_a_stop_is_heard():
    class Stop(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        suitability(column(0.4), [GOOD_SAND], 0.5, 50, 2.0, progress=Stop())


FLAT = Grid(np.zeros((20, 20), np.float32), 0, 200, 10.0)


def run(**values):
    classes = np.full((2, 2, 100), SAND, np.int16)
    classes[1] = CLAY  # the east is clay
    probability = np.zeros((2, 2, 100, 10), np.float32)
    probability[0, ..., SAND], probability[0, ..., CLAY] = 0.9, 0.1
    probability[1, ..., SAND], probability[1, ..., CLAY] = 0.1, 0.9
    soil = Voxels(classes, probability, 0.0, 0.0, -45.0, (100.0, 100.0, 0.5), NAMES)
    defaults = {item.name: item.default for item in SUITABILITY.inputs}
    return SUITABILITY.run({**defaults, "soil": soil, "terrain": FLAT, "groundwater": 2.0, **values}, Silent())


def area(x1, y1, x2, y2):
    ring = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
    return Features(Geometries.build("polygon", [[[ring]]]))


def test_sand_takes_rain_and_clay_does_not_and_a_protected_area_must_not():
    found = run(protection=area(0, 0, 200, 50))
    values = found["suitability"].values
    assert (values[:15, :10] > 0.8).all() and (values[:15, 10:] < values[:15, :10].min()).all()
    assert (values[15:] == 0).all() and (found["allowed"].values[15:] == 0).all()
    assert found["area"] == pytest.approx((found["chance"].values >= 0.5).sum() * 100)


def test_wet_ground_is_forbidden_and_claims_take_score():
    assert (run(groundwater=0.3)["suitability"].values == 0).all()
    taken = {"taken": np.full((2, 2, 100), 0.3, np.float32)}
    claims = Voxels(np.zeros((2, 2, 100), np.int16), None, 0, 0, -45.0, (100, 100, 0.5), ("water",), layers=taken)
    free, full = run(), run(claims=claims)
    assert (full["score_claims"].values == 0).all() and (free["score_claims"].values == 1).all()
    assert (full["suitability"].values < free["suitability"].values).all()


@pytest.mark.parametrize("use", USES)
def test_every_use_of_the_table_gives_an_answer(use):
    found = run(use=use, draws=5, cell_size=50.0)["suitability"].values
    assert np.isfinite(found).all() and (found >= 0).all() and (found <= 1).all()


def test_ground_that_lies_a_little_above_the_voxels_is_of_the_highest_soil():
    found = run(terrain=Grid(np.full((20, 20), 6.4, np.float32), 0, 200, 10.0), draws=5)["suitability"].values
    assert np.isfinite(found).all()  # the voxels end at 5 m NAP
    far = run(terrain=Grid(np.where(np.arange(20) < 10, 6.4, 9.0) * np.ones((20, 1)), 0, 200, 10.0), draws=5)
    assert np.isnan(far["suitability"].values[:, 11:]).all()


def test_soil_beside_the_voxels_gives_no_number():
    found = run(terrain=Grid(np.zeros((20, 30), np.float32), 0, 200, 10.0))["suitability"].values
    assert np.isnan(found[:, 20:]).all() and np.isfinite(found[:, :20]).all()


GOOD = dict(zip(COLUMNS, ("a", "soil", "score", 0, 1, 1, 0, 2, "6")))


@pytest.mark.parametrize("changes", [
    {"criterion": "noise"}, {"kind": "maybe"}, {"high": 0}, {"low": None}, {"weight": 0}, {"bottom": 0},
    {"classes": "sand"}, {"classes": "12"}, {"classes": ""}, {"low": "much"},
])  # fmt: skip
def test_a_row_that_cannot_be_is_refused(changes):
    assert criteria("a", {name: [value] for name, value in GOOD.items()})
    with pytest.raises(InputError, match="cannot be used"):
        criteria("a", {name: [value] for name, value in {**GOOD, **changes}.items()})


def test_a_use_without_criteria_is_refused():
    with pytest.raises(InputError, match="no score for the use x"):
        criteria("x")


def test_ground_beside_the_terrain_is_not_that_of_its_edge():
    west = Grid(np.zeros((20, 10), np.float32), 0, 200, 10.0)  # the soil goes on, the terrain does not
    found = run(terrain=west, extent=Extent(0, 0, 200, 200))["suitability"].values
    assert np.isfinite(found[:, :10]).all() and np.isnan(found[:, 10:]).all()
