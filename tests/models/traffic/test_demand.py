"""Demand for trips: sums that must be kept are kept, what can be worked by hand comes out, and nothing is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.matrices import Matrices
from dtwin_plugin.errors import InputError, ModelError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.problem import ERROR
from dtwin_plugin.models.traffic.demand import gravity, zone_costs
from dtwin_plugin.models.traffic.demand.adjust import geh
from dtwin_plugin.models.traffic.demand.balancing import furness
from dtwin_plugin.models.traffic.demand.logit import shares
from dtwin_plugin.models.traffic.demand.rates import rates_of
from dtwin_plugin.models.traffic.matrix_files import MatrixFile
from dtwin_plugin.progress import Silent


def values(model, **given):
    return {**{item.name: item.default for item in MODELS[model].inputs}, **given}


def problems(model, **given):
    return [(one.code, one.level) for one in check(MODELS[model], values(model, **given))]


def run(model, progress=None, **given):
    found = values(model, **given)
    wrong = [one.text() for one in check(MODELS[model], found) if one.level == ERROR]
    assert not wrong
    return MODELS[model].run(found, progress or Silent())


def rows(made):
    return dict(zip(made["statistics"]["term"], made["statistics"]["value"]))


def squares(count, crs="EPSG:28992", **columns):
    """Zones of 1 km in a row."""
    shapes = [[[[(k * 1e3, 0), (k * 1e3 + 1e3, 0), (k * 1e3 + 1e3, 1e3), (k * 1e3, 1e3), (k * 1e3, 0)]]]
              for k in range(count)]  # fmt: skip
    names = {"zone": np.array([chr(97 + k) for k in range(count)], object)}
    return Features(Geometries.build("polygon", shapes), {**names, **{k: np.array(v) for k, v in columns.items()}},
                    crs=crs)  # fmt: skip


def written(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def matrix(tmp_path, cells, name="trips", zones=None):
    path = tmp_path / f"{name}.csv"
    MatrixFile(Matrices(zones or tuple("abcdefgh"[: len(cells)]), {name: np.array(cells, float)})).write(path)
    return path


# --- sums of rows and columns

MARGINS = st.integers(2, 7).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.5, 1e4), min_size=n, max_size=n), st.lists(st.floats(0.5, 1e4), min_size=n, max_size=n),
        st.integers(0, 10_000),
    )
)  # fmt: skip


@given(MARGINS)
def test_a_matrix_gets_the_totals_that_were_asked(margins):
    origins, destinations, seed = np.array(margins[0]), np.array(margins[1]), np.random.default_rng(margins[2])
    destinations *= origins.sum() / destinations.sum()
    cells = seed.uniform(0.1, 3.0, (len(origins),) * 2)
    found = furness(cells, origins, destinations)
    mean = origins.mean()
    assert np.abs(found.values.sum(axis=1) - origins).max() <= 2e-9 * mean  # that asked, and rounding
    assert np.abs(found.values.sum(axis=0) - destinations).max() <= 2e-9 * mean
    # cross ratios of the seed stay: what it says of pairs is kept
    ratio = found.values / cells
    assert np.allclose(ratio, np.outer(ratio[:, 0], ratio[0]) / ratio[0, 0], rtol=1e-9)


def test_zeros_stay_zeros_and_zones_without_trips_too():
    found = furness(np.array([[0.0, 2.0, 1.0], [1.0, 0.0, 3.0], [1.0, 1.0, 1.0]]), np.array([5.0, 3.0, 0.0]),
                    np.array([2.0, 2.0, 4.0])).values  # fmt: skip
    assert found[0, 0] == found[1, 1] == 0 and not found[2].any()


def test_totals_that_a_matrix_cannot_have_are_refused():
    with pytest.raises(InputError, match="must be the same"):
        furness(np.ones((2, 2)), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    with pytest.raises(InputError, match="Zones two have trips"):
        furness(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([1.0, 1.0]), np.ones(2), ["one", "two"])
    # all of zone 1 must go to 1, which takes but 1 of its 3
    with pytest.raises(ModelError, match="zeros do not let"):
        furness(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([3.0, 1.0]), np.array([1.0, 3.0]), most=50)
    with pytest.raises(InputError, match="0 or more"):
        furness(np.array([[-1.0, 1.0], [1.0, 1.0]]), np.ones(2), np.ones(2))


def test_a_matrix_that_has_its_totals_is_left_as_it_is():
    cells = np.array([[2.0, 4.0], [6.0, 8.0]])
    assert furness(cells, cells.sum(axis=1), cells.sum(axis=0)).values == pytest.approx(cells, rel=1e-12)


# --- gravity

COST = np.array([[1.0, 4.0, 9.0], [4.0, 1.5, 5.0], [9.0, 5.0, 2.0]])
ORIGINS, DESTINATIONS = np.array([400.0, 300.0, 100.0]), np.array([300.0, 200.0, 300.0])


@pytest.mark.parametrize("function", list(gravity.FUNCTIONS))
@pytest.mark.parametrize("wanted", [2.8, 3.3, 3.7])
def test_a_mean_that_is_wanted_is_reached(function, wanted):
    found = gravity.calibrate(ORIGINS, DESTINATIONS, COST, function, wanted, 0.3)
    assert found.mean == pytest.approx(wanted, rel=1e-6) and found.rounds < 25
    assert found.balanced.values.sum(axis=1) == pytest.approx(ORIGINS, rel=1e-8)
    again = gravity.distribute(ORIGINS, DESTINATIONS, COST, function, found.parameter, 0.3)
    assert again.balanced.values == pytest.approx(found.balanced.values, rel=1e-6)


@pytest.mark.parametrize("function", list(gravity.FUNCTIONS))
def test_dearer_trips_are_shorter(function):
    means = [gravity.distribute(ORIGINS, DESTINATIONS, COST, function, b, 0.5).mean for b in (0.0, 0.2, 0.5, 1.5)]
    assert means == sorted(means, reverse=True) and means[0] > means[-1]


@pytest.mark.parametrize(
    ("wanted", "said"), [(9.0, r"does not matter it is 4\.45 min"), (0.5, r"no less than about 2\.\d+ min")]
)
def test_a_mean_that_cannot_be_is_told_with_what_can(wanted, said):
    with pytest.raises(ModelError, match=f"^work: a mean of {wanted:.3g} min cannot be had.*{said}"):
        gravity.calibrate(ORIGINS, DESTINATIONS, COST, gravity.EXPONENTIAL, wanted, purpose="work", unit="min")
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    with pytest.raises(ModelError, match="a mean of 99 km cannot be had"):
        run("tripdistribution", zones=zones, mean=99.0)


def test_costs_far_apart_do_not_vanish():
    far = gravity.deterrence(np.array([[5000.0, 5001.0]]), gravity.EXPONENTIAL, 1.0)
    assert far[0].tolist() == pytest.approx([1.0, np.exp(-1)])


def test_without_a_way_there_are_no_trips():
    cost = COST.copy()
    cost[0, 2] = np.nan
    found = gravity.distribute(ORIGINS, DESTINATIONS, cost, gravity.EXPONENTIAL, 0.2).balanced.values
    assert found[0, 2] == 0 and found.sum() == pytest.approx(800.0)


def test_factors_of_one_change_nothing_and_more_attract():
    plain = gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.POWER, 1.0).balanced.values
    same = gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.POWER, 1.0, factors=np.ones((3, 3)))
    assert (same.balanced.values == plain).all()
    more = np.ones((3, 3))
    more[0, 1] = 2.0
    assert (
        gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.POWER, 1.0, factors=more).balanced.values[0, 1]
        > plain[0, 1]
    )


@pytest.mark.parametrize(("rule", "own"), [(zone_costs.NEAREST, [2.0, 2.0, 2.5]), (zone_costs.GIVEN, [1.0, 1.5, 2.0]),
                                           (zone_costs.NO_TRIPS, [np.inf] * 3)])  # fmt: skip
def test_costs_within_zones_follow_a_rule(rule, own):
    assert zone_costs.with_own(COST, rule).diagonal().tolist() == own


def test_the_mean_distance_in_a_circle_is_that_of_random_places():
    random = np.random.default_rng(1)
    places = random.uniform(-1, 1, (400_000, 2))
    places = places[(places**2).sum(axis=1) < 1][:200_000]
    sampled = np.hypot(*(places[::2] - places[1::2]).T).mean()
    found = zone_costs.with_own(np.zeros((1, 1)), zone_costs.CIRCLE, np.array([np.pi * 1e6]))[0, 0]
    assert found == pytest.approx(sampled, rel=5e-3)  # 3 standard errors of 100,000 pairs: 0.004


# --- trip generation

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


# --- distribution as a model


def test_a_distribution_keeps_trips_and_tells_what_it_reached():
    zones = squares(3, production_work=[400.0, 300, 100], attraction_work=[300.0, 200, 300])
    made = run("tripdistribution", zones=zones, mean=1.2)
    found = made["matrix"].matrices
    assert found.zones == ("a", "b", "c") and found.one("work").sum(axis=1) == pytest.approx([400, 300, 100])
    assert rows(made)["work mean reached"] == pytest.approx(1.2, rel=1e-6)
    assert sum(made["lengths"]["trips"]) == pytest.approx(800)
    shown = made["lines"].columns["trips"].sum() + np.trace(found.one("work"))
    assert shown == pytest.approx(800)


def test_sums_that_differ_are_told_and_those_that_end_follow():
    zones = squares(2, production=[40.0, 60], attraction=[10.0, 10])
    assert ("DT365", "warning") in problems("tripdistribution", zones=zones, parameter=0.1)
    made = run("tripdistribution", zones=zones, parameter=0.1)
    assert made["trips"] == pytest.approx(100) and rows(made)["trips factor of trips that end"] == pytest.approx(5)


def test_costs_come_from_a_matrix_whose_zones_stand_in_another_order(tmp_path):
    path = matrix(tmp_path, COST[::-1, ::-1], "time", ("c", "b", "a"))
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    made = run("tripdistribution", zones=zones, skim=path, parameter=0.3, within="given")
    expected = gravity.distribute(ORIGINS, DESTINATIONS, COST, gravity.EXPONENTIAL, 0.3).balanced.values
    assert made["matrix"].matrices.one() == pytest.approx(expected)


def network(count=3, minutes=4.0):
    """A road through the middles of the zones, open both ways, with a node that is a zone in each."""
    lines = [[[[(k * 1e3 + 500.0, 500.0), (k * 1e3 + 1500.0, 500.0)]]] for k in range(count - 1)]
    steps = np.arange(count - 1)
    columns = {"link": steps, "from_node": steps, "to_node": steps + 1, "free_time": np.full(count - 1, minutes),
               "capacity": np.full(count - 1, 1e4), "length": np.full(count - 1, 1000.0)}  # fmt: skip
    names = np.array([chr(97 + k) for k in range(count)], object)
    nodes = {"node": np.arange(count), "zone": names, "through": np.ones(count, bool)}
    places = Geometries.points(np.array([(k * 1e3 + 500.0, 500.0) for k in range(count)]))
    return Features(Geometries.build("line", lines), columns), Features(places, nodes)


def test_times_of_a_network_are_costs():
    links, nodes = network()
    assert zone_costs.network_times(links, nodes, ("c", "a", "b")).tolist() == [[0, 8, 4], [8, 0, 4], [4, 4, 0]]
    loaded = links.with_columns({"time_forward": np.full(2, 6.0), "time_backward": np.full(2, 5.0)})
    assert zone_costs.network_times(loaded, nodes, ("a", "c")).tolist() == [[0, 12], [10, 0]]
    with pytest.raises(InputError, match="no zone x"):
        zone_costs.network_times(links, nodes, ("x",))
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    made = run("tripdistribution", zones=zones, links=links, nodes=nodes, mean=4.0)
    assert made["mean_cost"] == pytest.approx(4.0, rel=1e-6)


LINKS, NODES = network()


@pytest.mark.parametrize("given", [
    {},
    {"parameter": 0.1, "links": LINKS},
    {"parameter": 0.1, "links": LINKS, "nodes": NODES, "within": "circle"},
])  # fmt: skip
def test_costs_that_are_not_clear_are_told(given):
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    assert ("DT366", "error") in problems("tripdistribution", zones=zones, **given)


def test_links_without_a_time_are_no_way_for_free():
    zones = squares(3, production=ORIGINS, attraction=DESTINATIONS)
    links = LINKS.with_columns({"free_time": np.array([4.0, np.nan])})
    given = {"zones": zones, "links": links, "nodes": NODES, "parameter": 0.1}
    assert ("DT353", "error") in problems("tripdistribution", **given)


# --- matrices to new totals, over modes, on the map


def test_a_matrix_grows_to_a_table_of_totals(tmp_path):
    totals = written(tmp_path, "zone;production;attraction\nb;20;15\na;10;15\n")
    made = run("matrixfactor", matrix=matrix(tmp_path, np.ones((2, 2))), totals=totals)
    assert made["result"].matrices.one().tolist() == [[5, 5], [10, 10]]


@pytest.mark.parametrize(("text", "code"), [
    ("zone,production,attraction\nx,1,1\n", "DT363"),
    ("zone,production,attraction\na,1,1\na,1,1\n", "DT363"),
    ("zone,production,attraction\na,0,0\n", "DT365"),
])  # fmt: skip
def test_totals_that_cannot_be_used_are_told(tmp_path, text, code):
    found = problems("matrixfactor", matrix=matrix(tmp_path, np.ones((2, 2))), totals=written(tmp_path, text))
    assert (code, "error") in found


def test_totals_of_a_layer_that_cannot_be_used_are_told_there(tmp_path):
    zones = squares(2, production=[0.0, 0.0], attraction=[1.0, 2.0])
    found = check(MODELS["matrixfactor"], values("matrixfactor", matrix=matrix(tmp_path, np.ones((2, 2))), zones=zones))
    assert [(one.code, one.field) for one in found] == [("DT365", "zones")]


COEFFICIENTS = "mode,term,value\ncar,constant,0\ncar,car_time,-0.1\ncar,occupancy,1.25\nbike,bike_time,-0.1\n"


def test_modes_share_trips_by_their_times(tmp_path):
    times = {
        "car_time": np.array([[5.0, 10.0], [10.0, 5.0]]),
        "bike_time": np.array([[5.0, 10 + 10 * np.log(3)], [np.nan, 5.0]]),
    }
    skims = tmp_path / "skims.omx"
    pytest.importorskip("h5py")
    MatrixFile(Matrices(("a", "b"), times)).write(skims)
    made = run("modalsplit", matrix=matrix(tmp_path, [[10, 40], [30, 0]]), skims=skims,
               coefficients=written(tmp_path, COEFFICIENTS))  # fmt: skip
    found = made["persons"].matrices.values
    assert found["car"].tolist() == [pytest.approx([5, 30]), pytest.approx([30, 0])]
    assert found["bike"].tolist() == [pytest.approx([5, 10]), pytest.approx([0, 0])]
    assert made["vehicles"].matrices.values["car_vehicles"][0, 1] == pytest.approx(24)


@given(st.lists(st.floats(-700, 700), min_size=2, max_size=5), st.floats(-300, 300))
def test_shares_are_a_whole_and_follow_differences_alone(utility, shift):
    found = shares(np.array(utility)[:, None, None])[0].ravel()
    moved = shares(np.array(utility)[:, None, None] + shift)[0].ravel()
    assert found.sum() == pytest.approx(1) and moved == pytest.approx(found, abs=1e-9)


def test_trips_without_any_mode_are_told(tmp_path):
    times = Matrices(("a", "b"), {"car_time": np.full((2, 2), np.nan), "bike_time": np.full((2, 2), np.nan)})
    MatrixFile(times).write(tmp_path / "skims.csv")
    progress = Silent()
    made = run("modalsplit", progress, matrix=matrix(tmp_path, [[0, 7], [0, 0]]), skims=tmp_path / "skims.csv",
               coefficients=written(tmp_path, COEFFICIENTS))  # fmt: skip
    assert made["without_mode"] == 7 and "no mode at all" in progress.warnings[0]


@pytest.mark.parametrize("text", ["mode,term,value\ncar,constant,0\n", COEFFICIENTS + "car,constant,1\n",
                                  COEFFICIENTS + "car,,1\n", "mode,term\ncar,x\n"])  # fmt: skip
def test_coefficients_that_cannot_be_are_told(tmp_path, text):
    cells = matrix(tmp_path, np.ones((2, 2)))
    assert ("DT367", "error") in problems("modalsplit", matrix=cells, skims=cells, coefficients=written(tmp_path, text))


def test_lines_show_the_most_and_tell_what_they_leave_out(tmp_path):
    cells = [[9, 50, 5], [30, 0, 1], [4, 0, 0]]
    progress = Silent()
    made = run("matrixlines", progress, matrix=matrix(tmp_path, cells), zones=squares(3), most=2)
    lines = made["lines"].columns
    assert lines["trips"].tolist() == [9, 80] and lines["trips_there"].tolist() == [5, 50]
    assert lines["distance"].tolist() == [2, 1]
    assert made["totals"].columns["begin"].tolist() == [64, 31, 4] and made["totals"].columns["within"][0] == 9
    assert progress.warnings == ["The lines show 98.9 percent of the trips between zones."]


def test_zones_that_only_a_matrix_has_are_told(tmp_path):
    path = matrix(tmp_path, np.ones((3, 3)))
    assert ("DT360", "warning") in problems("matrixlines", matrix=path, zones=squares(2))
    other = matrix(tmp_path, np.ones((2, 2)), "other", ("x", "y"))
    assert ("DT360", "error") in problems("matrixlines", matrix=other, zones=squares(2))


# --- counts


def test_a_matrix_on_one_road_fits_its_counts(tmp_path):
    links, nodes = network(2)
    links = links.with_columns({"count_forward": np.array([150.0]), "count_backward": np.array([np.nan])})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[3, 100], [70, 0]]), links=links, nodes=nodes)
    found = made["result"].matrices.one()
    assert found[0, 1] == pytest.approx(150, rel=1e-4) and found[1, 0] == 70 and found[0, 0] == 3
    assert made["counts"]["before"] == pytest.approx([100]) and made["counts"]["after"] == pytest.approx(
        [150], rel=1e-4
    )
    assert made["counts"]["geh_before"] == pytest.approx([np.sqrt(2 * 50**2 / 250)])
    assert made["notice"] == "a fit, not a forecast" and "a fit, not a forecast" in made["statistics"]["term"][0]


def test_counts_of_both_directions_and_matrices_of_a_day(tmp_path):
    links, nodes = network(2)
    links = links.with_columns({"count": np.array([34.0])})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[0, 100], [70, 0]]), links=links, nodes=nodes, factor=0.1)
    assert made["result"].matrices.one().sum() == pytest.approx(340, rel=1e-3)
    assert made["counts"]["direction"] == ["both"] and made["counts"]["before"] == pytest.approx([17])


def test_trips_of_more_zones_are_changed_no_more_than_counts_ask(tmp_path):
    links, nodes = network(3)
    links = links.with_columns({"count_forward": np.array([np.nan, 60.0]), "count_backward": np.full(2, np.nan)})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[0, 10, 20], [5, 0, 10], [5, 5, 0]]), links=links, nodes=nodes)
    found = made["result"].matrices.one()
    assert found[0, 1] == 10 and found[2].tolist() == [5, 5, 0]  # pass no count
    # one gradient for both pairs, whose factors so stay alike
    assert found[0, 2] / 20 == pytest.approx(found[1, 2] / 10) and found[0, 2] + found[1, 2] == pytest.approx(
        60, rel=1e-3
    )
    assert sum(made["lengths"]["after"]) == pytest.approx(found.sum())


def shared_network():
    """A zone a whose connectors to two crossings have 3/4 and 1/4 of its trips, a street between these, and zone b."""
    rows = [(0, 0, 2, 1.0, 3.0), (1, 0, 3, 1.0, 1.0), (2, 2, 3, 4.0, np.nan), (3, 2, 1, 6.0, np.nan)]
    places = [(0.0, 0.0), (900.0, 0.0), (500.0, 0.0), (0.0, 500.0)]
    names = ("link", "from_node", "to_node", "free_time", "zone_share")
    columns = {name: np.array([row[k] for row in rows]) for k, name in enumerate(names)}
    lines = Geometries.build("line", [[[[places[row[1]], places[row[2]]]]] for row in rows])
    columns |= {"capacity": np.full(4, 1e4), "length": np.full(4, 500.0)}
    nodes = {"node": np.arange(4), "zone": np.array(["a", "b", None, None], object), "through": np.arange(4) > 1}
    return Features(lines, columns), Features(Geometries.points(np.array(places)), nodes)


def test_a_count_inside_a_zone_moves_all_trips_of_that_zone(tmp_path):
    links, nodes = shared_network()
    # of the 100 trips from a to b the 25 that begin at the second crossing pass the street; 40 were counted
    backward = np.array([np.nan, np.nan, 40.0, np.nan])
    links = links.with_columns({"count_backward": backward, "count_forward": np.full(4, np.nan)})
    made = run("matrixadjust", matrix=matrix(tmp_path, [[0, 100], [0, 0]]), links=links, nodes=nodes)
    assert made["counts"]["before"] == pytest.approx([25]) and made["counts"]["after"] == pytest.approx([40], rel=1e-3)
    assert made["result"].matrices.one()[0, 1] == pytest.approx(160, rel=1e-3)
    # 1 + 6 min from the first, 1 + 4 + 6 from the second
    assert zone_costs.network_times(links, nodes, ("a", "b"))[0, 1] == pytest.approx(0.75 * 7 + 0.25 * 11, rel=1e-6)


def test_a_count_that_no_trip_passes_is_told(tmp_path):
    links, nodes = network(3)
    links = links.with_columns({"count_forward": np.array([40.0, 60.0]), "count_backward": np.full(2, np.nan)})
    progress = Silent()
    made = run("matrixadjust", progress, matrix=matrix(tmp_path, [[0, 10, 0], [0, 0, 0], [0, 0, 0]]), links=links,
               nodes=nodes)  # fmt: skip
    assert "No trips of the matrix pass 1 counts, of links 1" in progress.warnings[0]
    assert made["result"].matrices.one()[0, 1] == pytest.approx(40, rel=1e-3)


@pytest.mark.parametrize("columns", [{}, {"count": np.array([np.nan])}, {"count": np.array([-1.0])}])
def test_counts_that_cannot_be_used_are_told(tmp_path, columns):
    links, nodes = network(2)
    found = problems(
        "matrixadjust", matrix=matrix(tmp_path, np.ones((2, 2))), links=links.with_columns(columns), nodes=nodes
    )
    assert ("DT368", "error") in found


def test_a_layer_that_is_no_network_is_told(tmp_path):
    links, nodes = network(2)
    given = {"links": Features(links.geometries, {"count": np.array([5.0])}), "nodes": nodes}
    found = problems("matrixadjust", matrix=matrix(tmp_path, np.ones((2, 2))), **given)
    assert ("DT350", "error") in found


def test_geh_is_as_published():
    assert geh(np.array([1000.0]), np.array([800.0]))[0] == pytest.approx(6.667, abs=1e-3)
