"""Matrices of classes and periods, and the tables of periods and vehicles that go with them."""

import numpy as np
import pytest

from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.traffic.assign_demand import (
    DAY,
    HOUR,
    PERIOD,
    chosen_periods,
    demand_of,
    in_order,
    sources_of,
    trips_of_zones,
)
from dtwin_plugin.models.traffic.tables import (
    HOURS,
    PARTS,
    periods_of,
    table_path,
    unconfirmed,
    vehicles_of,
)

PERIODS, VEHICLES = periods_of(), vehicles_of()
A = np.array([[0.0, 120.0], [60.0, 6.0]])


def matrices(**values):
    return Matrices(("x", "y"), values)


def test_the_shipped_periods_are_a_whole_day_as_the_noise_of_roads_has_it():
    assert sum(period.share for period in PERIODS.values()) == pytest.approx(100.0)
    by_part = dict.fromkeys(PARTS, 0.0)
    for period in PERIODS.values():
        part = next(name for name, (start, end) in PARTS.items()
                    if (period.start - start) % 24 + period.hours <= (end - start) % 24)  # fmt: skip
        by_part[part] += period.share
    # percent of a day in an hour: the defaults of roadnoise
    assert {name: by_part[name] / HOURS[name] for name in PARTS} == pytest.approx(
        {"day": 6.7, "evening": 2.7, "night": 1.1}
    )


def test_rows_that_nobody_confirmed_are_told():
    assert unconfirmed(table_path("vehicles", None), ["car", "truck"]) == ["car", "truck"]


def test_trips_of_a_day_are_spread_by_share_and_hours():
    found = demand_of(matrices(car=A), {("car", ""): ("car",)}, list(PERIODS.values()), DAY)
    day = sum(found.trips[name]["car"] * period.hours for name, period in PERIODS.items())
    np.testing.assert_allclose(day, A)


@pytest.mark.parametrize(("of", "expected"), [(HOUR, 120.0), (PERIOD, 40.0), (DAY, 120 * 0.234 / 3)])
def test_what_trips_are_of(of, expected):
    found = demand_of(matrices(car=A), {("car", ""): ("car",)}, [PERIODS["afternoon"]], of)
    assert found.trips["afternoon"]["car"][0, 1] == pytest.approx(expected)


def test_a_matrix_of_a_period_goes_before_that_of_the_day():
    source = {("car", ""): ("all",), ("car", "morning"): ("am",)}
    found = demand_of(matrices(all=100 * A, am=A), source, [PERIODS["morning"], PERIODS["evening"]], DAY)
    assert found.trips["morning"]["car"][0, 1] == pytest.approx(120 / 2)
    assert found.trips["evening"]["car"][0, 1] == pytest.approx(12_000 * 0.108 / 4)


def test_matrices_are_added_and_multiplied():
    found = demand_of(matrices(a=A, b=2 * A), {("truck", ""): ("a", "b")}, [PERIODS["morning"]], HOUR, factor=0.5)
    np.testing.assert_allclose(found.trips["morning"]["truck"], 1.5 * A)


def test_trips_of_one_hour_cannot_be_of_several_periods():
    with pytest.raises(InputError, match="one hour"):
        demand_of(matrices(car=A), {("car", ""): ("car",)}, [PERIODS["morning"], PERIODS["evening"]], HOUR)


def test_zones_get_the_order_of_the_network():
    demand = demand_of(matrices(car=A), {("car", ""): ("car",)}, [PERIODS["morning"]], HOUR)
    found = in_order(demand, ("new", "y", "x"))
    assert found.trips["morning"]["car"].tolist() == [[0, 0, 0], [0, 6, 60], [0, 120, 0]]
    assert trips_of_zones(demand).tolist() == [180.0, 192.0]


@pytest.mark.parametrize(("names", "text", "expected"), [
    (["Car", "TRUCK"], None, {("car", ""): ("Car",), ("truck", ""): ("TRUCK",)}),
    (["trips"], "", {("traffic", ""): ("trips",)}),
    (["car", "rest"], None, {("car", ""): ("car",)}),
    (["w", "o"], "car_morning = w + o", {("car", "morning"): ("w", "o")}),
])  # fmt: skip
def test_which_matrix_is_of_which_class(names, text, expected):
    assert sources_of(names, text, VEHICLES, PERIODS) == expected


@pytest.mark.parametrize(("names", "text"), [
    (["a", "b"], None), (["a"], "car"), (["a"], "bike=a"), (["a"], "car=b"), (["a"], "car=a; car=a"), (["a"], "car="),
    (["a"], "car_lunch=a"),
])  # fmt: skip
def test_what_cannot_be_understood_is_refused(names, text):
    with pytest.raises(InputError):
        sources_of(names, text, VEHICLES, PERIODS)


@pytest.mark.parametrize("text", ["", None, ";", "noon", "morning; lunch"])
def test_periods_that_are_not_in_the_table(text):
    with pytest.raises(InputError, match="table of periods"):
        chosen_periods(text, PERIODS)


def test_all_periods():
    assert chosen_periods("ALL", PERIODS) == list(PERIODS.values())


@pytest.mark.parametrize("rows", [
    "a,7,9,20\nb,8,10,20",  # an hour in two
    "a,7,9,20\na,9,10,20",  # a name twice
    "a,0,12,60\nb,12,24,60",  # more than a day
    "a,0,12,30\nb,12,24,30",  # a whole day of less than all trips
    "a,7,9,x",
    "a,7,25,10",
])  # fmt: skip
def test_a_table_of_periods_that_cannot_be(tmp_path, rows):
    path = tmp_path / "own.csv"
    path.write_text("period,from_hour,to_hour,share\n" + rows)
    with pytest.raises(InputError, match="own.csv"):
        periods_of(path)


def test_half_hours_are_refused_and_not_cut_off(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("period,from_hour,to_hour,share\npeak,7.5,9,16\n")
    with pytest.raises(InputError, match="7.5 for from_hour of the period peak; expected a whole hour"):
        periods_of(path)


def test_an_own_table_with_semicolons_and_commas(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("period;from_hour;to_hour;share\nOchtend spits;7;9;16,5\n")
    assert periods_of(path)["ochtend_spits"].share == 16.5


@pytest.mark.parametrize("rows", [
    "car,loud,1,10", "car,light,0,10", "car,light,1,10\nCAR,light,1,10", "car,light,1,", "car,light:90 heavy:2,1,10",
    "car,light:50 loud:50,1,10", "car,light:150 heavy:-50,1,10",
])  # fmt: skip
def test_a_table_of_vehicles_that_cannot_be(tmp_path, rows):
    path = tmp_path / "own.csv"
    path.write_text("class,noise,pcu,value_of_time\n" + rows)
    with pytest.raises(InputError, match="own.csv"):
        vehicles_of(path)
