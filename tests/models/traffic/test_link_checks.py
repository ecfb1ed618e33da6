"""What is wrong with a network or its trips is told before a run, all at once and by name."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.data.columns import column
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.problem import ERROR
from dtwin_plugin.models.traffic.assign_checks import check as check_assign
from dtwin_plugin.models.traffic.assign_fields import INPUTS
from dtwin_plugin.models.traffic.link_checks import check_amounts, check_bans, check_links

COUNT = 3
SOUND = {
    "link": [1, 2, 3], "from_node": [10, 11, 12], "to_node": [11, 12, 10], "direction": ["both"] * 3,
    "class": ["residential"] * 3, "length": [500.0] * 3, "free_time": [1.0] * 3, "capacity": [800.0] * 3,
}  # fmt: skip


def links(**changes):
    columns = {name: column(values) for name, values in {**SOUND, **changes}.items() if values is not None}
    return Features(Geometries.build("line", [[[[(0, 0), (500, 0)]]]] * COUNT), columns)


def nodes(**changes):
    given = {"node": [10, 11, 12], "zone": ["a", "b", None], "through": [True] * 3, **changes}
    columns = {name: column(values) for name, values in given.items() if values is not None}
    return Features(Geometries.points(np.zeros((COUNT, 2))), columns)


def codes(problems):
    return [(problem.code, problem.level == ERROR) for problem in problems]


def test_a_sound_network_has_no_problems():
    assert not codes(check_links(links(), nodes())) and not codes(check_amounts(links()))


def test_a_network_without_links_is_none():
    assert codes(check_links(links().take(np.empty(0, np.int64)), nodes())) == [("DT350", True)]


@pytest.mark.parametrize(("changes", "code", "is_error"), [
    ({"from_node": None}, "DT350", True), ({"free_time": None}, "DT350", True), ({"link": [1, 1, 2]}, "DT351", True),
    ({"link": [1, None, 2]}, "DT351", True), ({"to_node": [11, 12, 99]}, "DT352", True),
    ({"direction": ["both", "left", "both"]}, "DT352", False),
])  # fmt: skip
def test_links_that_are_no_network(changes, code, is_error):
    assert codes(check_links(links(**changes), nodes())) == [(code, is_error)]


@pytest.mark.parametrize(("changes", "code"), [
    ({"node": None}, "DT350"), ({"zone": ["a", "a", "b"]}, "DT351"), ({"node": [10, 11, 11]}, "DT351"),
])  # fmt: skip
def test_nodes_that_are_none(changes, code):
    assert code in [found for found, _ in codes(check_links(links(), nodes(**changes)))]


@pytest.mark.parametrize(("changes", "expected"), [
    ({"free_time": [1.0, None, 1.0]}, ("DT353", True)), ({"free_time": [1.0, -1.0, 1.0]}, ("DT353", True)),
    ({"free_time": [1.0, 0.0, 1.0]}, ("DT353", False)), ({"capacity": [800.0, 0.0, 800.0]}, ("DT354", True)),
    ({"length": [500.0, -1.0, 500.0]}, ("DT353", True)), ({"toll": [0.0, -1.0, 0.0]}, ("DT353", True)),
    ({"length": [0.5] * 3}, ("DT353", False)),  # kilometres
    ({"length": [500.0, None, 500.0]}, ("DT353", False)),
    ({"free_time": [60.0] * 3}, ("DT353", False)),  # seconds
])  # fmt: skip
def test_amounts_that_cannot_be(changes, expected):
    assert codes(check_amounts(links(**changes))) == [expected]


@pytest.mark.parametrize("changes", [
    {"free_time": [1.0, None, 1.0], "direction": ["both", "closed", "both"]},
    {"capacity": [800.0, 0.0, 800.0], "bpr_b": [0.15, 0.0, 0.15]},
    {"capacity": [800.0, None, 800.0], "free_time": [1.0, 0.0, 1.0],
     "class": ["residential", "connector", "residential"]},
    {"free_time": None, "free_time_forward": [1.0] * 3, "free_time_backward": [None] * 3, "direction": ["forward"] * 3},
])  # fmt: skip
def test_what_nobody_drives_on_or_does_not_slow_down_needs_no_amount(changes):
    assert not codes(check_amounts(links(**changes)))


@pytest.mark.parametrize(("bans", "expected"), [
    ({"from_link": [1], "via_node": [11], "to_link": [2], "penalty": [None]}, []),
    ({"from_link": [1], "via_node": [10], "to_link": [2], "penalty": [None]}, [("DT357", False)]),
    ({"from_link": [7], "via_node": [11], "to_link": [2]}, [("DT357", False)]),
    ({"from_link": [1], "via_node": [11], "to_link": [2], "penalty": [-1.0]}, [("DT357", True)]),
    ({"link": [1]}, [("DT357", True)]),
])  # fmt: skip
def test_bans(bans, expected):
    assert codes(check_bans(bans, links())) == expected


def run_of(tmp_path, trips="a,b,100\n", **changes):
    """What is wrong with a run on the sound network."""
    path = tmp_path / "trips.csv"
    path.write_text("origin,destination,trips\n" + trips)
    values = {item.name: item.default for item in INPUTS}
    values |= {"links": links(), "nodes": nodes(), "demand": path, **changes}
    return codes(check_assign(values))


def test_a_sound_run_has_no_problems(tmp_path):
    assert not run_of(tmp_path)


@pytest.mark.parametrize(("trips", "changes", "expected"), [
    ("a,b,100\nb,c,5\n", {}, ("DT355", True)),
    ("a,b,100\nb,c,0\n", {}, None),  # a zone without trips may be away
    ("a,b,-1\n", {}, ("DT356", True)),
    ("a,b,0\n", {}, ("DT359", True)),
    ("a,b,12000\n", {}, ("DT359", False)),
    ("a,b,12000\n", {"demand_of": "day"}, None),
    ("a,b,100\n", {"periods": "lunch"}, ("DT356", True)),
    ("a,b,100\n", {"classes": "car=nothing"}, ("DT356", True)),
    ("a,b,100\n", {"preload": "buses"}, ("DT350", True)),
    ("a,b,100\n", {"select_links": "1; 3+; 9"}, ("DT351", True)),
    ("a,b,100\n", {"select_zones": "a;z"}, ("DT355", True)),
    ("a,a,100\n", {"nodes": nodes(zone=["a", "b", "c"])}, ("DT355", False)),
])  # fmt: skip
def test_trips_that_do_not_go_with_the_network(tmp_path, trips, changes, expected):
    assert run_of(tmp_path, trips, **changes) == ([expected] if expected else [])


def test_a_period_that_no_matrix_tells_of_is_told(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("origin,destination,car_morning\na,b,100\n")
    assert run_of(tmp_path, demand=path, periods="morning; afternoon") == [("DT359", False)]
    assert not run_of(tmp_path, demand=path, periods="morning")


def test_a_period_without_a_share_tells_nothing_of_the_rest_of_a_day(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("period,from_hour,to_hour,share\npeak,7,9,0\nrest,9,7,100\n")
    # the flow of other hours would be that of the peak divided by 0 percent
    assert run_of(tmp_path, periods_table=path, periods="peak") == [("DT356", True)]
    assert run_of(tmp_path, periods_table=path, periods="all", demand_of="day") == [("DT359", False)]  # no trips then


def test_a_power_that_is_no_alpha_of_a_conical_function_is_told(tmp_path):
    flat = links(bpr_power=[4.0, 1.0, 4.0])
    assert run_of(tmp_path, links=flat, cost_function="conical") == [("DT354", False)]
    assert not run_of(tmp_path, links=flat) and not run_of(tmp_path, cost_function="conical")


def test_a_file_of_trips_that_is_none(tmp_path):
    path = tmp_path / "trips.omx"
    path.write_bytes(b"\x00\x01")
    assert run_of(tmp_path, demand=path) == [("DT356", True)]


def test_an_own_table_that_cannot_be_used(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("period,from_hour,to_hour,share\na,7,9,200\n")
    assert run_of(tmp_path, periods_table=path) == [("DT358", True)]


def test_the_description_itself_wants_layers(tmp_path):
    from dtwin_plugin.models.traffic.assign_model import ASSIGN_TRAFFIC

    values = {item.name: item.default for item in INPUTS}
    assert {problem.field for problem in check(ASSIGN_TRAFFIC, values)} == {"links", "nodes", "demand"}
