"""Flows as columns of links, and what the noise of roads reads of them."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.noise.traffic import Shares, has_flows, traffic_of
from dtwin_plugin.models.traffic.assign_layers import PeriodFlows, by_period, noise_columns, with_flows
from dtwin_plugin.models.traffic.road_graph import road_graph
from dtwin_plugin.models.traffic.tables import HOURS, PARTS, Period, periods_of, vehicles_of
from dtwin_plugin.models.traffic.turn_lines import turn_lines

PERIODS, VEHICLES = periods_of(), vehicles_of()
LINKS = Features(
    Geometries.build("line", [[[[(0, 0), (1000, 0)]]], [[[(1000, 0), (1000, 500)]]]]),
    {
        "link": np.array([1, 2]), "from_node": np.array([1, 2]), "to_node": np.array([2, 3]),
        "length": np.array([1000.0, 500.0]), "speed": np.array([50.0, 30.0]), "free_time": np.array([1.2, 1.0]),
        "capacity_forward": np.array([800.0, 400.0]), "capacity_backward": np.array([800.0, np.nan]),
        "direction": np.array(["both", "forward"], object),
    },
)  # fmt: skip
CLOSED = [np.nan, np.nan]


def period_flows(name, car, truck=None):
    flows = {"car": np.array(car, float)} | ({} if truck is None else {"truck": np.array(truck, float)})
    times = np.array([[2.0, 1.5], [1.0, np.nan]])
    return PeriodFlows(PERIODS[name], flows, times, np.zeros((2, 2)))


def test_columns_of_both_directions():
    found = with_flows(LINKS, period_flows("morning", [[300, 100], [40, np.nan]], [[40, 0], [0, np.nan]]), VEHICLES)
    columns = found.columns
    assert columns["flow_forward"].tolist() == [340, 40] and columns["flow"].tolist() == [440, 40]
    np.testing.assert_array_equal(columns["flow_backward"], [100, np.nan])
    assert columns["flow_truck_forward"].tolist() == [40, 0]
    assert columns["vc_forward"].tolist() == [(300 + 1.5 * 40) / 800, 0.1], "a truck takes the room of 1.5 cars"
    assert columns["vc"].tolist() == [0.45, 0.1] and columns["speed_forward"].tolist() == [30.0, 30.0]
    assert columns["speed"].tolist() == [50, 30], "what the noise of roads reads stays the limit"
    assert found.units["flow_forward"] == "h-1"


def test_one_class_has_no_columns_of_its_own():
    assert not [name for name in with_flows(LINKS, period_flows("morning", [[1, 1], [1, np.nan]]), VEHICLES).columns
                if "car" in name]  # fmt: skip


def test_a_link_without_capacity_has_no_ratio():
    links = LINKS.with_columns({"capacity_forward": np.array([0.0, 400.0])})
    found = with_flows(links, period_flows("morning", [[300, 80], [40, np.nan]]), VEHICLES)
    np.testing.assert_array_equal(found.columns["vc_forward"], [np.nan, 0.1])
    assert found.columns["vc"].tolist() == [0.1, 0.1]


def test_hours_of_the_noise_are_those_of_the_periods():
    found = [period_flows(name, [[k, 0], [0, np.nan]]) for k, name in enumerate(PERIODS, 1)]
    columns, _ = noise_columns(LINKS, found, PERIODS, VEHICLES)
    by_name = {one.period.name: k for k, one in enumerate(found, 1)}
    day = (2 * by_name["morning"] + 7 * by_name["midday"] + 3 * by_name["afternoon"]) / 12
    assert columns["light_day"].tolist() == [pytest.approx(day, abs=1e-4), 0.0]
    assert columns["light_evening"][0] == by_name["evening"] and columns["light_night"][0] == by_name["night"]
    assert not columns["heavy_day"].any()


def test_one_period_makes_a_whole_day_by_shares():
    found = period_flows("afternoon", [[780, 0], [0, np.nan]], [[7.8, 7.8], [0, np.nan]])
    columns, _ = noise_columns(LINKS, [found], PERIODS, VEHICLES)
    # 3 hours of 780 are 23.4 percent: 10,000 in a day, of which 2.7 percent drive in an hour of the evening
    assert columns["light_evening"][0] == pytest.approx(270) and columns["light_night"][0] == pytest.approx(110)
    assert columns["medium_evening"][0] == pytest.approx(5.4), "both directions of the trucks"
    whole = sum(columns[f"light_{part}"][0] * HOURS[part] for part in PARTS)
    assert whole == pytest.approx(10_000, abs=0.01)


def test_a_class_of_all_traffic_has_its_lorries():
    found = PeriodFlows(PERIODS["afternoon"], {"traffic": np.array([[780.0, 0.0], [0.0, np.nan]])}, np.ones((2, 2)),
                        np.zeros((2, 2)))  # fmt: skip
    columns, _ = noise_columns(LINKS, [found], PERIODS, VEHICLES)
    assert [columns[f"{kind}_evening"][0] for kind in ("light", "medium", "heavy")] == pytest.approx(
        [270 * 0.94, 270 * 0.04, 270 * 0.02]
    )


def test_nothing_is_heard_on_connectors():
    links = LINKS.with_columns({"class": np.array(["connector", "residential"], object)})
    found = period_flows("afternoon", [[780, 0], [780, np.nan]])
    columns, _ = noise_columns(links, [found], PERIODS, VEHICLES)
    assert columns["light_day"][0] == 0.0 and columns["light_evening"][1] == pytest.approx(270)


def test_the_noise_of_roads_reads_the_result_without_hand_work():
    found = period_flows("afternoon", [[780, 0], [10, np.nan]], [[7.8, 0], [0, np.nan]])
    layer = with_flows(LINKS, found, VEHICLES).with_columns(*noise_columns(LINKS, [found], PERIODS, VEHICLES))
    assert has_flows(layer)
    traffic = traffic_of(layer, Shares((6.7, 2.7, 1.1), 4.0, 2.0), 80.0)
    assert np.isfinite(traffic.flows).all() and traffic.speeds[:, 0].tolist() == [50, 30]
    assert traffic.flows[0, 1, :3] == pytest.approx([270, 2.7, 0])


def test_a_row_for_each_period_with_its_hours():
    found = by_period(LINKS, [period_flows(name, [[1, 1], [1, np.nan]]) for name in ("night", "morning")], VEHICLES)
    assert len(found) == 4
    hours = (found.columns["end"] - found.columns["begin"]).astype("timedelta64[h]").astype(int)
    assert hours.tolist() == [8, 8, 2, 2]
    assert found.columns["end"][0] == found.columns["begin"][2], "the night ends where the morning begins"


def test_hours_that_a_table_does_not_have_get_the_rest():
    table = {"peak": Period("peak", 7, 9, 20.0)}
    found = PeriodFlows(table["peak"], {"car": np.array([[100.0, 0.0], [0.0, 0.0]])}, np.ones((2, 2)), np.zeros((2, 2)))
    columns, _ = noise_columns(LINKS, [found], table, VEHICLES)
    whole = sum(columns[f"light_{part}"][0] * HOURS[part] for part in PARTS)
    assert whole == pytest.approx(1000, abs=0.01) and columns["light_night"][0] == pytest.approx(800 / 22, abs=1e-4)


def test_a_turn_is_a_bend_from_link_to_link():
    graph = road_graph(LINKS)
    first = np.flatnonzero((graph.link == 0) & (graph.way == 0))
    last = np.flatnonzero(graph.link == 1)
    found = turn_lines(graph, LINKS, np.r_[first, first], np.r_[last, last], np.array([12.0, 0.0]))
    assert len(found) == 1 and {name: values[0] for name, values in found.columns.items()} == {
        "node": 2, "from_link": 1, "to_link": 2, "flow": 12.0
    }  # fmt: skip
    xy = found.geometries.coordinates
    assert xy[0].tolist() == [960.0, 0.0] and xy[-1].tolist() == [1000.0, 40.0]
