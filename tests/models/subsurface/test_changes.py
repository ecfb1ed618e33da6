"""Loads and lowerings that differ from place to place, by hand arithmetic on columns of four layers."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid, Voxels
from dtwin_plugin.data.columns import column
from dtwin_plugin.data.soils import LITHOCLASSES
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.changes import load_on
from dtwin_plugin.models.subsurface.ground_models import SETTLEMENT
from dtwin_plugin.models.subsurface.settlement_sites import SETTLEMENT_SITES
from dtwin_plugin.models.subsurface.soil_table import COLUMNS
from dtwin_plugin.progress import Silent

# 4 x 4 columns of 10 x 10 m, of four layers of 0.5 m of one clay, with its top at 0 m NAP
SOIL = Voxels(
    np.full((4, 4, 4), 2, np.int16), None, 0.0, 0.0, -2.0, (10.0, 10.0, 0.5), tuple(LITHOCLASSES.values())
)  # fmt: skip
TERRAIN = Grid(np.zeros((40, 40)), 0.0, 40.0, 1.0)
MIDDLES = 0.05 + 0.1 * np.arange(20)  # m below the ground: stresses are taken every 0.1 m


def table():
    """20 kN/m3 wet and dry, CR = RR = 0.2 and no creep: the strain is 0.2 lg(after / before)."""
    rows = {name: [1.0] * 10 for name in COLUMNS}
    return rows | {
        "lithoclass": list(range(10)), "weight": [20.0] * 10, "weight_wet": [20.0] * 10,
        "cr": [0.2] * 10, "rr": [0.2] * 10, "ca": [0.0] * 10,
    }  # fmt: skip


def by_hand(load=0.0, lowering=0.0):
    """Groundwater at 1 m: 20 z kPa less 9.81 kPa for each metre of water above; load in kPa."""
    before = 20 * MIDDLES - 9.81 * np.maximum(MIDDLES - 1, 0)
    after = 20 * MIDDLES - 9.81 * np.maximum(MIDDLES - 1 - lowering, 0) + load
    return float((0.1 * 0.2 * np.log10(after / before)).sum())


def settled(**values):
    """Return the settlement [m], row 0 in the north."""
    defaults = {item.name: item.default for item in SETTLEMENT.inputs}
    given = {**defaults, "soil": SOIL, "terrain": TERRAIN, "soils": table(), "groundwater": 1.0, **values}
    return SETTLEMENT.run(given, Silent())["settlement"].values


def box(x, y, wide, high):
    return [[[(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)]]]


def areas(*boxes, **columns):
    return Features(Geometries.build("polygon", [box(*one) for one in boxes]), columns)


def test_lower_groundwater_by_place_holds_where_it_has_data_and_the_number_elsewhere():
    levels = np.full((4, 4), np.nan)
    levels[0] = 0.5  # the northern row; of it the western column is raised
    levels[0, 0] = -0.25
    found = settled(lowering=0.2, lowering_grid=Grid(levels, 0.0, 40.0, 10.0))
    # grids are float32: 1e-7 of 3 cm
    assert found[0, 1:] == pytest.approx(by_hand(lowering=0.5), abs=1e-8)
    assert found[0, 0] == pytest.approx(by_hand(lowering=-0.25), abs=1e-8) and found[0, 0] < 0
    assert found[1:] == pytest.approx(by_hand(lowering=0.2), abs=1e-8)


def test_a_raster_of_the_number_is_the_number():
    by_number = settled(lowering=0.5)
    assert settled(lowering_grid=Grid(np.full((4, 4), 0.5), 0.0, 40.0, 10.0)).tobytes() == by_number.tobytes()


def test_small_cells_count_by_their_mean_in_the_column_and_large_ones_for_all_in_them():
    chequers = np.indices((40, 40)).sum(axis=0) % 2 * 1.0
    assert settled(lowering_grid=Grid(chequers, 0.0, 40.0, 1.0)) == pytest.approx(by_hand(lowering=0.5), abs=1e-8)
    large = settled(lowering_grid=Grid([[0.5, 0.25]], 0.0, 40.0, 20.0))
    assert large[:2, :2] == pytest.approx(by_hand(lowering=0.5), abs=1e-8)
    assert large[:2, 2:] == pytest.approx(by_hand(lowering=0.25), abs=1e-8)
    assert large[2:] == pytest.approx(0.0, abs=1e-12)


def test_each_area_has_the_load_of_its_field_and_the_number_where_it_has_none():
    plots = areas((0, 30, 10, 10), (20, 30, 10, 10), (0, 0, 40, 10), load=column([18.0, 36.0, None]))
    found = settled(areas=plots, load_field="load", load=9.0)
    assert found[0, 0] == pytest.approx(by_hand(load=18), abs=1e-8)
    assert found[0, 2] == pytest.approx(by_hand(load=36), abs=1e-8)
    assert found[3] == pytest.approx(by_hand(load=9), abs=1e-8)
    assert found[1:3] == pytest.approx(0.0, abs=1e-12) and found[0, 1] == pytest.approx(0.0, abs=1e-12)


def test_half_a_column_counts_half_and_loads_lie_on_each_other():
    plots = areas((0, 30, 5, 10), (0, 30, 10, 10), load=np.array([10.0, 6.0]))
    assert load_on(SOIL, plots, "load", 0.0).reshape(4, 4)[0, 3] == pytest.approx(11)
    assert settled(areas=plots, load_field="load")[0, 0] == pytest.approx(by_hand(load=11), abs=1e-8)


def test_equal_loads_by_field_are_the_number_to_the_bit():
    boxes = ((0, 30, 13, 10), (20, 3, 10, 10))
    one = settled(areas=areas(*boxes), load=7.0)
    assert settled(areas=areas(*boxes, q=np.array([7.0, 7.0])), load_field="q").tobytes() == one.tobytes()


def test_at_a_site_the_raster_of_the_lowering_holds_too():
    lines = Geometries.build("line", [[[[(x, 5, 0), (x, 5, -2)]]] for x in (5, 35)])
    sticks = Features(
        lines,
        {
            "site": column(["a", "b"]), "z_max": np.zeros(2), "z_min": np.full(2, -2.0),
            "lithoclass": np.array([2, 2]),
        },
    )  # fmt: skip
    defaults = {item.name: item.default for item in SETTLEMENT_SITES.inputs}
    grid = Grid([[0.5, np.nan]], 0.0, 20.0, 20.0)
    values = {**defaults, "sticks": sticks, "soils": table(), "groundwater": 1.0, "lowering": 0.25}
    found = SETTLEMENT_SITES.run({**values, "lowering_grid": grid}, Silent())["sites"].columns["settlement"]
    by_number = [
        SETTLEMENT_SITES.run({**values, "lowering": lowering}, Silent())["sites"].columns["settlement"][0]
        for lowering in (0.5, 0.25)
    ]
    assert found.tolist() == by_number


@pytest.mark.parametrize(("values", "sentence"), [
    ({"lowering_grid": Grid(np.full((4, 4), -9999.0), 0, 40, 10.0)}, "from -9999 to -9999 m; expected -20 to 50"),
    ({"load_field": "load"}, "no areas that could have the field load"),
    ({"areas": areas((0, 0, 9, 9)), "load_field": "load"}, "no field load"),
    ({"areas": areas((0, 0, 9, 9), load=np.array([-1.0])), "load_field": "load"}, "from -1 to -1 kPa"),
    ({"areas": areas((0, 0, 9, 9), load=column(["much"])), "load_field": "load"}, "no number"),
])  # fmt: skip
def test_what_is_no_load_or_lowering_is_one_sentence(values, sentence):
    with pytest.raises(InputError, match=sentence):
        settled(**values)
