"""Assignments that can be done by hand, from layers and a file of trips to flows on links."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.traffic.assign_fields import INPUTS
from dtwin_plugin.models.traffic.assign_model import ASSIGN_TRAFFIC, run
from dtwin_plugin.models.traffic.link_checks import check_amounts
from dtwin_plugin.models.traffic.matrix_files import read_matrices
from dtwin_plugin.progress import Silent

# From a (node 1) to b (node 4): over 2 in 10 + v / 100 min, a linear function, or over 3 in 15 min at any flow along a
# living street.
LINKS = [
    # link, from, to, class, free time, capacity, b
    (1, 1, 2, "secondary", 10.0, 1000.0, 1.0),
    (2, 2, 4, "secondary", 0.0, 0.0, 0.0),
    (3, 1, 3, "living_street", 15.0, 0.0, 0.0),
    (4, 3, 4, "secondary", 0.0, 0.0, 0.0),
]
PLACES = {1: (0, 0), 2: (500, 300), 3: (500, -300), 4: (1000, 0)}


def network(rows=LINKS, zones=((1, "a"), (4, "b")), **more):
    lines = [[[[PLACES[row[1]], PLACES[row[2]]]]] for row in rows]
    names = ("link", "from_node", "to_node", "class", "free_time", "capacity", "bpr_b")
    columns = {name: column([row[k] for row in rows]) for k, name in enumerate(names)}
    columns |= {"bpr_power": np.ones(len(rows)), "length": np.full(len(rows), 5000.0)}
    columns |= {"direction": np.full(len(rows), "forward", object)} | {k: column(v) for k, v in more.items()}
    named = {"zone": column([dict(zones).get(node) for node in PLACES]), "node": column(list(PLACES))}
    nodes = Features(Geometries.points(np.array(list(PLACES.values()), float)), named)
    return {"links": Features(Geometries.build("line", lines), columns), "nodes": nodes}


def assigned(tmp_path, trips="a,b,1500\n", head="car", rows=LINKS, layers=None, **changes):
    """The results of a run and what it warned of."""
    path = tmp_path / "trips.csv"
    path.write_text(f"origin,destination,{head}\n{trips}")
    values = {item.name: item.default for item in INPUTS}
    values |= {"target_gap": 1e-10, "demand": path, **(layers or network(rows)), **changes}
    progress = Silent()
    return run(values, progress), progress.warnings


def flows(made, name="flow_forward"):
    found = made["flows"].columns
    return dict(zip(found["link"].tolist(), found[name].tolist()))


def test_in_an_equilibrium_both_routes_take_the_same_time(tmp_path):
    made, warnings = assigned(tmp_path)
    # 10 + v / 100 = 15 where v = 500
    assert flows(made) == pytest.approx({1: 500, 2: 500, 3: 1000, 4: 1000}, abs=1e-3)
    assert flows(made, "time_forward")[1] == pytest.approx(15.0, abs=1e-5)
    assert made["converged"] and made["gap"] <= 1e-10 and made["without_route"] == 0.0
    assert made["vehicle_km"] == pytest.approx(1500 * 10.0) and made["vehicle_hours"] == pytest.approx(375.0)
    assert not any("converged" in text for text in warnings)


@pytest.mark.parametrize(("function", "minutes"), [("conical", 20.0), ("bpr", 11.5)])
def test_the_time_at_capacity_is_that_of_the_function(tmp_path, function, minutes):
    # at capacity a conical function has twice the free time at any steepness, BPR 1 + b times
    b = 1.0 if function == "conical" else 0.15
    layers = network([(1, 1, 2, "secondary", 10.0, 1500.0, b), *LINKS[1:2]], bpr_power=[4.0, 4.0])
    made, _ = assigned(tmp_path, layers=layers, cost_function=function)
    assert flows(made, "time_forward")[1] == pytest.approx(minutes, abs=1e-4)


def test_closed_directions_and_links_without_capacity_have_no_values(tmp_path):
    made, _ = assigned(tmp_path)
    assert np.isnan(made["flows"].columns["flow_backward"]).all()
    np.testing.assert_allclose(made["flows"].columns["vc_forward"], [0.5, np.nan, np.nan, np.nan], atol=1e-4)


@pytest.mark.parametrize(("method", "expected"), [("all", 1500.0), ("incremental", 500.0), ("msa", 500.0)])
def test_simpler_methods(tmp_path, method, expected):
    made, warnings = assigned(tmp_path, method=method, increments=15, iterations=3000, target_gap=1e-3)
    # an increment is 100 trips
    assert flows(made)[1] == pytest.approx(expected, abs=100.0)
    told = [text for text in warnings if "no equilibrium" in text]
    assert len(told) == (method != "msa")


def test_a_run_that_did_not_reach_its_gap_says_so(tmp_path):
    made, warnings = assigned(tmp_path, "a,b,1430\n", method="msa", iterations=3)
    assert not made["converged"] and len(made["convergence"]["gap"]) == 3
    assert any("has not converged" in text for text in warnings)


def test_tolls_count_by_the_value_of_time(tmp_path):
    layers = network(toll=[0.0, 0.0, 1.0, 0.0])
    # 1 EUR is 6 min at 10 EUR an hour: equal where 10 + v / 100 = 21
    assert flows(assigned(tmp_path, layers=layers)[0])[1] == pytest.approx(1100, abs=1e-2)
    made, _ = assigned(tmp_path, layers=layers, toll_weight=2.0)
    assert flows(made)[1] == pytest.approx(700, abs=1e-2), "2 minutes: 10 + v / 100 = 17"
    assert flows(made, "time_forward")[3] == 15.0, "the toll is no time"


def test_length_counts_where_it_is_asked(tmp_path):
    layers = network(length=[1000.0, 0.0, 3000.0, 0.0])
    made, _ = assigned(tmp_path, layers=layers, length_weight=1.0)
    assert flows(made)[1] == pytest.approx(700, abs=1e-2), "2 km more are 2 minutes: 11 + v / 100 = 18"


def test_flow_that_is_there_in_any_case_slows_others_down(tmp_path):
    layers = network(buses=[300.0, 0.0, 0.0, 0.0])
    made, _ = assigned(tmp_path, layers=layers, preload="buses")
    assert flows(made)[1] == pytest.approx(200, abs=1e-3) and flows(made, "vc_forward")[1] == pytest.approx(0.5)


def test_lorries_take_more_room_and_may_not_drive_everywhere(tmp_path):
    own = tmp_path / "vehicles.csv"
    own.write_text("class,noise,pcu,value_of_time,closed_on\ncar,light,1,10,\ntruck,medium,1.5,45,living_street\n")
    made, _ = assigned(tmp_path, "a,b,1000,100\n", "car,truck", vehicles_table=own)
    # lorries must over 2 and take the room of 150 cars: 350 cars beside them
    assert flows(made, "flow_truck_forward") == pytest.approx({1: 100, 2: 100, 3: 0, 4: 0}, abs=1e-6)
    assert flows(made, "flow_car_forward")[1] == pytest.approx(350, abs=1e-2)
    assert flows(made)[1] == pytest.approx(450, abs=1e-2) and flows(made, "vc_forward")[1] == pytest.approx(
        0.5, abs=1e-4
    )


def test_a_ban_on_turning_closes_a_way(tmp_path):
    layers = network()
    bans = {"from_link": column([1]), "via_node": column([2]), "to_link": column([2]), "penalty": column([None])}
    made, _ = assigned(tmp_path, layers=layers, turn_bans=Features(Geometries.points(np.zeros((1, 2))), bans))
    assert flows(made) == pytest.approx({1: 0, 2: 0, 3: 1500, 4: 1500})
    bans["penalty"] = column([2.0])
    made, _ = assigned(tmp_path, layers=layers, turn_bans=Features(Geometries.points(np.zeros((1, 2))), bans))
    assert flows(made)[1] == pytest.approx(300, abs=1e-2), "12 + v / 100 = 15"
    turns = made["turning_flows"].columns
    over = dict(zip(zip(turns["from_link"].tolist(), turns["to_link"].tolist()), turns["flow"].tolist()))
    assert over == pytest.approx({(1, 2): 300, (3, 4): 1200}, abs=1e-2)


def test_trips_of_a_day_make_the_noise_of_its_periods(tmp_path):
    made, _ = assigned(tmp_path, "a,b,10000\n", "traffic", periods="all", demand_of="day")
    found = made["flows"].columns
    whole = sum(hours * found[f"{kind}_{part}"] for kind in ("light", "medium", "heavy")
                for part, hours in (("day", 12), ("evening", 4), ("night", 8)))  # fmt: skip
    assert whole[0] + whole[2] == pytest.approx(10_000, abs=0.1), "all trips of the day are on one of both routes"
    # evening: 2.7 percent an hour are 270, which all go the way over 2
    assert found["light_evening"][0] == pytest.approx(270 * 0.94, abs=1e-2)
    assert set(found["period"]) == {"morning"} and len(made["flows_by_period"]) == 5 * len(LINKS)
    assert sorted(set(made["summary"]["period"])) == sorted(["night", "morning", "midday", "afternoon", "evening"])


def test_who_uses_a_link_and_who_comes_from_a_zone(tmp_path):
    zones = ((1, "a"), (2, "c"), (4, "b"))
    layers = network(zones=zones)
    trips = "a,b,1500\na,c,80\nc,b,20\n"
    made, _ = assigned(tmp_path, trips, layers=layers, select_links="2", select_zones="c")
    selected = flows({"flows": made["selected_flows"]})
    assert selected[2] == pytest.approx(flows(made)[2], abs=1e-3) and selected[3] == 0.0
    pairs = made["selected_trips"]
    found = dict(zip(zip(pairs["origin"], pairs["destination"]), pairs["trips"]))
    # 420 of a to b beside 80 that stay in c: 10 + 500 / 100 = 15
    assert found == pytest.approx({("a", "b"): 420.0, ("c", "b"): 20.0}, abs=1e-2)
    assert flows({"flows": made["zone_flows"]}) == pytest.approx({1: 80.0, 2: 20.0, 3: 0.0, 4: 0.0}, abs=1e-3)


def test_a_direction_of_a_link_is_selected_by_its_sign(tmp_path):
    made, _ = assigned(tmp_path, select_links="2-")
    assert not any(flows({"flows": made["selected_flows"]}).values()) and not made["selected_trips"]["trips"]


def test_links_are_selected_on_the_map_too(tmp_path):
    layers = network()
    made, _ = assigned(tmp_path, layers=layers, select_layer=layers["links"].take(np.array([2])))
    assert flows({"flows": made["selected_flows"]}) == pytest.approx({1: 0, 2: 0, 3: 1000, 4: 1000}, abs=1e-3)


def test_trips_without_a_route_are_listed_and_told(tmp_path):
    made, warnings = assigned(tmp_path, "a,b,1500\nb,a,7.5\n")
    assert made["unassigned"] == {
        "period": ["afternoon"], "class": ["car"], "origin": ["b"], "destination": ["a"], "trips": [7.5]
    }  # fmt: skip
    assert made["without_route"] == 7.5 and any("7.5 trips an hour have no route" in text for text in warnings)


def test_trips_inside_a_zone_are_on_no_road_and_not_lost(tmp_path):
    made, _ = assigned(tmp_path, "a,b,1500\na,a,300\n")
    assert made["without_route"] == 0.0 and flows(made)[1] == pytest.approx(500, abs=1e-3)
    rows = dict(zip(made["summary"]["term"], made["summary"]["value"]))
    assert rows["trips inside a zone"] == 300.0 and rows["trips"] == 1800.0


def test_times_between_zones_are_those_with_traffic(tmp_path):
    made, _ = assigned(tmp_path)
    made["skims"].write(tmp_path / "skims.csv")
    found = read_matrices(tmp_path / "skims.csv")
    at = found.zones.index
    assert found.values["time_car_afternoon"][at("a"), at("b")] == pytest.approx(15.0, abs=1e-5)
    assert found.values["length_car_afternoon"][at("a"), at("b")] == 10.0
    assert np.isnan(found.values["time_car_afternoon"][at("b"), at("a")]), "there is no way back"


def test_the_log_says_of_which_hours_the_flows_are_and_what_is_assumed(tmp_path):
    _, warnings = assigned(tmp_path)
    hours, assumed = warnings
    assert hours.startswith("The flows are vehicles an hour of afternoon, which has 3 hours of a day; for the noise")
    assert "hours of night, morning, midday, evening, which were not assigned, are estimated" in hours
    assert assumed.endswith("assumptions that nobody has confirmed: night, morning, midday, afternoon, evening, car.")
    _, warnings = assigned(tmp_path, demand_of="day", periods="all")
    assert warnings[0] == "The flows are vehicles an hour of morning, which has 2 hours of a day."


def test_the_factor_multiplies_the_trips(tmp_path):
    made, _ = assigned(tmp_path, factor=0.2)
    assert flows(made) == pytest.approx({1: 300, 2: 300, 3: 0, 4: 0}, abs=1e-6)


def test_what_is_not_wanted_is_not_made(tmp_path):
    made, _ = assigned(tmp_path, wanted={"flows", "convergence", "summary"}, select_links="1", select_zones="a")
    assert not {"skims", "turning_flows", "flows_by_period", "selected_flows", "zone_flows"} & set(made)
    assert ASSIGN_TRAFFIC.any_crs


def test_trips_without_a_route_of_several_periods_are_those_of_the_period_with_most(tmp_path):
    made, _ = assigned(tmp_path, "a,b,1500\nb,a,300\n", demand_of="day", periods="morning;midday")
    lost = dict(zip(made["unassigned"]["period"], made["unassigned"]["trips"]))
    assert len(lost) == 2 and made["without_route"] == pytest.approx(max(lost.values()))


@pytest.mark.parametrize("method", ["equilibrium", "msa", "incremental", "all"])
def test_times_without_end_are_told_and_are_no_gap_of_nothing(tmp_path, method):
    layers = network([(1, 1, 2, "secondary", 10.0, 1e-100, 1.0), *LINKS[1:2]], bpr_power=[4.0, 4.0])
    with pytest.raises(InputError, match="so long that they are no numbers"):
        assigned(tmp_path, layers=layers, method=method)


# zone a (node 1) has connectors to 2 and 3 with shares of 3 to 1, between which lies a street; zone b (node 4) has one
SHARED = [
    # link, from, to, class, free time, capacity, b
    (1, 1, 2, "connector", 0.5, 0.0, 0.0),
    (2, 3, 1, "connector", 0.25, 0.0, 0.0),
    (3, 2, 3, "residential", 2.0, 0.0, 0.0),
    (4, 2, 4, "residential", 4.0, 0.0, 0.0),
]
SHARES = {"direction": ["both"] * 4, "zone_share": [3.0, 1.0, None, None]}


def test_connectors_with_shares_carry_exactly_those(tmp_path):
    layers = network(SHARED, **SHARES)
    made, _ = assigned(tmp_path, "a,b,80\nb,a,40\na,a,7\n", layers=layers, select_zones="a", select_links="3")
    # 60 of a begin at 2 and 20 at 3, from where they drive through the street; back 30 and 10
    assert flows(made) == pytest.approx({1: 60, 2: 10, 3: 10, 4: 80})
    assert flows(made, "flow_backward") == pytest.approx({1: 30, 2: 20, 3: 20, 4: 40})
    summary = dict(zip(made["summary"]["term"], made["summary"]["value"]))
    assert (summary["trips"], summary["trips inside a zone"], summary["trips without a route"]) == (127, 7, 0)
    selected = made["selected_trips"]
    pairs = zip(selected["origin"], selected["destination"], selected["trips"])
    assert {(one, two): trips for one, two, trips in pairs} == pytest.approx({("a", "b"): 20, ("b", "a"): 10})
    assert made["zone_flows"].columns["flow"].tolist() == pytest.approx([90, 30, 30, 120])
    path = tmp_path / "skims.omx"
    made["skims"].write(path)
    found = read_matrices(path)
    time = found.values["time_car_afternoon"][found.zones.index("a"), found.zones.index("b")]
    assert time == pytest.approx(0.75 * 4.5 + 0.25 * 6.25)  # 0.5 + 4 and 0.25 + 2 + 4 min, by share


def test_without_shares_the_fastest_route_takes_all(tmp_path):
    made, _ = assigned(tmp_path, "a,b,80\n", layers=network(SHARED, direction=["both"] * 4))
    assert flows(made) == pytest.approx({1: 80, 2: 0, 3: 0, 4: 80})


def test_shares_that_lead_nowhere_are_told_by_zone_and_those_below_0_refused(tmp_path):
    cut = [row if row[0] != 3 else (3, 4, 4, *row[3:]) for row in SHARED]
    made, _ = assigned(tmp_path, "a,b,80\n", layers=network(cut, **SHARES))
    lost = made["unassigned"]
    assert (lost["origin"], lost["destination"], lost["trips"]) == (["a"], ["b"], [20.0])
    assert made["without_route"] == 20.0 and flows(made)[4] == pytest.approx(60)
    found = check_amounts(network(SHARED, direction=["both"] * 4, zone_share=[-1.0, 1.0, None, None])["links"])
    assert any(problem.code == "DT353" and problem.values["names"] == "1" for problem in found)
