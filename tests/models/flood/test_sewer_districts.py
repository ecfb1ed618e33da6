"""Sewer districts: what they take, hold and pump is what their rule says, and it is in the balance."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood import FLOOD
from dtwin_plugin.progress import Silent

WEST = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
EAST = [(10, 0), (20, 0), (20, 10), (10, 10), (10, 0)]


def districts(*rows, shapes=(WEST, EAST)):
    names = sorted({name for row in rows for name in row})
    geometry = Geometries.build("polygon", [[[shape]] for shape in shapes[: len(rows)]])
    return Features(geometry, {name: np.array([row.get(name) for row in rows], object) for name in names})


def values(**given):
    defaults = {item.name: item.default for item in FLOOD.inputs}
    ground = Grid(np.zeros((10, 30)), 0.0, 10.0, 1.0)
    ground.values[:, [10, 20]] = 3.0  # walls between the districts and what has no sewer
    fixed = {"infiltration": 0.0, "after": 1.0, "boundary": "closed", "threads": 1, "rain": 60.0}
    return {**defaults, **fixed, "terrain": ground, **given}


def flood(**given):
    return FLOOD.run(values(**given), Silent())


def fill(found, district):
    table = found["sewer_fill"]
    rows = [k for k, name in enumerate(table["district"]) if name == district]
    return {name: [table[name][k] for k in rows] for name in table}


def last(found):
    return found["depth"].values[-1].astype(float)


def test_a_capacity_without_end_is_its_rate_times_its_area_while_there_is_water():
    """60 mm in an hour against 20 mm/h on 10 x 10 m: 2 m3 an hour; after the rain the rest of the hour too."""
    found = flood(sewer_districts=districts({"naam": "west"}))
    taken = fill(found, "west")["taken"]
    assert taken[59] == pytest.approx(2.0, rel=0.01)
    assert taken[-1] == pytest.approx(4.0, rel=0.01)
    assert found["mass_error"] < 1e-6
    held = last(found).sum() + taken[-1]
    assert held == pytest.approx(300 * 0.06, rel=1e-5)


def test_storage_fills_and_then_only_the_pump_makes_room():
    """20 mm over 100 m2 = 2 m3, 0.7 mm/h = 0.07 m3/h: after two hours 2.14 m3 taken, 0.14 pumped."""
    found = flood(sewer_districts=districts({"name": "w"}), sewer_rule="storage")
    rows = fill(found, "w")
    assert rows["taken"][-1] == pytest.approx(2.14, rel=0.01)
    assert rows["pumped"][-1] == pytest.approx(0.14, rel=0.02)
    assert rows["stored"][-1] == pytest.approx(2.0, rel=1e-3) and rows["share"][-1] == pytest.approx(1.0, rel=1e-3)
    assert found["mass_error"] < 1e-6


def test_columns_of_a_district_go_before_the_rule():
    found = flood(
        sewer_districts=districts(
            {"id": 1, "berging_m3": 1.0, "poc_m3h": 0.0}, {"id": 2, "storage_mm": "5,0", "pump_mmh": 0}
        ),
        sewer_rule="classic",
    )
    assert fill(found, "1")["taken"][-1] == pytest.approx(1.0, rel=1e-3)
    assert fill(found, "2")["taken"][-1] == pytest.approx(0.5, rel=1e-3)


def test_an_own_table_of_rules(tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("rule,rate,storage,pump\nclassic,50,10,0\n")
    found = flood(sewer_districts=districts({}), sewer_rule="classic", sewer_table=own)
    assert fill(found, "1")["taken"][-1] == pytest.approx(1.0, rel=1e-3)


def test_the_share_to_the_sewer_says_what_is_connected():
    share = np.zeros((10, 30))
    share[:5] = 1.0
    found = flood(sewer_districts=districts({}), sewer_share=Grid(share, 0.0, 10.0, 1.0), after=0.0)
    assert fill(found, "1")["taken"][-1] == pytest.approx(1.0, rel=0.02)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"sewer_districts": districts({"storage_mm": -1.0})}, "DT152"),
        ({"sewer_districts": districts({"pump_mmh": 5e4})}, "DT152"),
        ({"sewer_districts": districts({}), "infiltration": 20.0}, "DT154"),
    ],
)
def test_what_is_wrong_is_listed(given, code):
    assert code in {item.code for item in check(FLOOD, values(**given))}


def test_a_table_without_the_rule_is_listed(tmp_path):
    (tmp_path / "own.csv").write_text("rule,rate\nother,1\n")
    found = {
        item.code: item.text()
        for item in check(FLOOD, values(sewer_districts=districts({}), sewer_table=tmp_path / "own.csv"))
    }
    assert "capacity" in found["DT153"]
