"""Trips that zones make and draw: rates times what stands there, by hand."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.traffic.demand.rates import rates_of
from dtwin_plugin.progress import Silent
from tests.models.traffic.demand_cases import problems, rows, run, squares, written

RATES = "purpose,variable,production,attraction,counts\nwork,dwellings,0.5,0,vehicles\nwork,jobs,0,2,vehicles\n"


def test_trips_are_rates_times_what_stands_there(tmp_path):
    zones = squares(2, woningen=[100, 20], jobs=[0, 40])
    made = run("tripgeneration", zones=zones, rates=written(tmp_path, RATES))
    columns = made["trip_ends"].columns
    assert columns["production_work"].tolist() == [50.0, 10.0]
    assert columns["attraction_work"].tolist() == pytest.approx([0.0, 60.0])  # 80 before: times 0.75
    assert rows(made)["work balance factor"] == pytest.approx(0.75)
    assert made["trip_ends"].crs == zones.crs and "zone" in columns


@pytest.mark.parametrize(
    ("balance", "sums"), [("productions", (60, 60)), ("attractions", (80, 80)), ("none", (60, 80))]
)
def test_the_balance_is_that_which_was_chosen(tmp_path, balance, sums):
    zones = squares(2, woningen=[100, 20], jobs=[0, 40])
    made = run("tripgeneration", zones=zones, rates=written(tmp_path, RATES), balance=balance)
    assert (made["productions"], made["attractions"]) == pytest.approx(sums)


def test_a_purpose_has_the_balance_of_its_rows_whatever_the_field_says(tmp_path):
    zones = squares(2, woningen=[100, 20], jobs=[0, 40])
    head, *lines = RATES.strip().split("\n")
    table = [head + ",balance", *(line + ",attractions" for line in lines)]
    table += [line.replace("work,", "shop,") + "," for line in lines]  # without one: that of the field
    made = run("tripgeneration", zones=zones, rates=written(tmp_path, "\n".join(table)), balance="productions")
    found = made["trip_ends"].columns
    assert [found[f"{side}_work"].sum() for side in ("production", "attraction")] == pytest.approx([80, 80])
    assert [found[f"{side}_shop"].sum() for side in ("production", "attraction")] == pytest.approx([60, 60])
    for wrong in ("productions", "half"):  # another one for one purpose, or one that is none
        text = "\n".join([table[0], table[1], lines[1] + f",{wrong}"])
        with pytest.raises(InputError, match=f"balance {wrong} for work"):
            rates_of(written(tmp_path, text))


def test_a_table_of_a_day_without_ways_back_is_warned_of(tmp_path):
    zones = squares(2, dwellings=[100, 20], jobs=[0, 40])
    assert ("DT369", "warning") in problems("tripgeneration", zones=zones, rates=written(tmp_path, RATES))
    back = RATES + "back,dwellings,0,0.5,vehicles\nback,jobs,2,0,vehicles\n"
    assert "DT369" not in dict(problems("tripgeneration", zones=zones, rates=written(tmp_path, back)))
    head, *lines = RATES.strip().split("\n")
    morning = "\n".join([head + ",period", *(line + ",morning" for line in lines)])  # others may come back later
    assert "DT369" not in dict(problems("tripgeneration", zones=zones, rates=written(tmp_path, morning)))


def test_the_trips_of_the_example_come_back():
    made = run("tripgeneration", zones=squares(2, dwellings=[100, 100], jobs=[50, 50]))
    found = made["trip_ends"].columns
    assert rates_of().one_way == () and found["production"].tolist() == pytest.approx(found["attraction"].tolist())


def test_the_example_says_so_in_every_result():
    zones = squares(2, dwellings=[100, 20], jobs=[0, 40])
    assert ("DT362", "warning") in problems("tripgeneration", zones=zones)
    made = run("tripgeneration", zones=zones)
    assert set(made["trip_ends"].columns["rates"]) == {"example, not for decisions"}
    assert "example, not for decisions" in made["statistics"]["term"][0] and "example" in made["rates_used"]


def test_dwellings_of_the_bag_are_counted_by_use_status_and_type(tmp_path):
    places = np.array([[100.0, 100], [200, 100], [1500, 100], [300, 100], [400, 100], [9e4, 0]])
    columns = {
        "gebruiksdoel": ["woonfunctie", "woonfunctie,winkelfunctie", "woonfunctie", "kantoorfunctie", "woonfunctie",
                         "woonfunctie"],
        "status": ["Verblijfsobject in gebruik"] * 4 + ["Verblijfsobject ingetrokken", "Verblijfsobject in gebruik"],
        "woningtype": ["Rij", "Hoek", "Rij", "", "Rij", "Rij"],
    }  # fmt: skip
    addresses = Features(Geometries.points(places), {k: np.array(v, object) for k, v in columns.items()})
    text = RATES + "work,dwellings_rij,10,0,vehicles\n"
    progress = Silent()
    made = run("tripgeneration", progress, zones=squares(2, jobs=[1, 1]), addresses=addresses,
               rates=written(tmp_path, text))  # fmt: skip
    assert made["trip_ends"].columns["amount_dwellings"].tolist() == [2.0, 1.0]
    assert made["trip_ends"].columns["production_work"].tolist() == [2 * 0.5 + 10, 0.5 + 10]
    assert progress.warnings == ["1 dwellings lie in no zone and make no trips."]


def test_a_plan_is_shared_over_zones_by_area_and_adds(tmp_path):
    area = [[[[(800.0, 0), (1600, 0), (1600, 500), (800, 500), (800, 0)]]]]  # a quarter in a, three in b
    plan = Features(Geometries.build("polygon", area), {"woningen": np.array([300])})
    given = {"zones": squares(2, dwellings=[100, 0], jobs=[40, 0]), "rates": written(tmp_path, RATES)}
    before, after = run("tripgeneration", **given), run("tripgeneration", plan=plan, **given)
    added = after["trip_ends"].columns["amount_dwellings"] - before["trip_ends"].columns["amount_dwellings"]
    assert added.tolist() == pytest.approx([75.0, 225.0])
    assert after["productions"] - before["productions"] == pytest.approx(150.0)


def test_what_lies_outside_all_zones_is_told(tmp_path):
    area = [[[[(1500.0, 0), (2500, 0), (2500, 500), (1500, 500), (1500, 0)]]]]
    plan = Features(Geometries.build("polygon", area), {"dwellings": np.array([300])})
    progress = Silent()
    run("tripgeneration", progress, zones=squares(2, dwellings=[1, 0], jobs=[4, 0]), plan=plan,
        rates=written(tmp_path, RATES))  # fmt: skip
    assert progress.warnings == ["150 dwellings of the plan lie in no zone and make no trips."]


def test_periods_of_a_table_become_columns(tmp_path):
    text = "purpose,variable,production,attraction,counts,period\nwork,jobs,0.1,0.4,persons,morning\n"
    text += "work,jobs,0.4,0.1,persons,afternoon\n"
    made = run("tripgeneration", zones=squares(1, jobs=[10]), rates=written(tmp_path, text))
    assert made["trip_ends"].columns["production_work_afternoon"].tolist() == [4.0]


@pytest.mark.parametrize("text", [
    RATES + "work,jobs,0,2,vehicles\n",
    RATES + "work,shops,0,2,persons\n",
    RATES + "work,shops,-1,2,vehicles\n",
    RATES + ",shops,1,2,vehicles\n",
    RATES + "work,shops,many,2,vehicles\n",
    RATES.replace("vehicles", "tonnes"),
    "purpose;variable\nwork;jobs\n",
    "purpose,variable,production,attraction,counts,period\na,jobs,1,1,persons,\nb,jobs,1,1,persons,morning\n",
    "",
])  # fmt: skip
def test_a_table_of_rates_that_cannot_be_is_refused(tmp_path, text):
    with pytest.raises(InputError):
        rates_of(written(tmp_path, text))


def test_zones_that_lack_a_variable_are_told(tmp_path):
    zones = squares(2, dwellings=[1, -2])
    found = problems("tripgeneration", zones=zones, rates=written(tmp_path, RATES))
    assert ("DT361", "error") in found and ("DT363", "error") in found
