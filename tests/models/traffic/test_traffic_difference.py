"""Two results of assignments side by side: the same links, new ones, those that are gone, and renumbered ones."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.traffic.difference import BOTH, GONE, NEW, change_columns, compared, matched
from dtwin_plugin.models.traffic.difference_model import TRAFFIC_DIFFERENCE, run
from dtwin_plugin.progress import Silent

PLACES = {"a": [(0, 0), (1000, 0)], "b": [(1000, 0), (1000, 500)], "c": [(0, 0), (0, 500), (1000, 500)]}


def result(rows, shift=0.0, period="morning"):
    """Links of (number, place, flow forward, flow backward) as an assignment gives them; None is a closed direction."""
    lines = [[[[(x + shift, y) for x, y in PLACES[place]]]] for _, place, *_ in rows]
    length = {"a": 1000.0, "b": 500.0, "c": 1500.0}
    flows = np.array([row[2:] for row in rows], float)
    columns = {
        "link": np.array([row[0] for row in rows]),
        "length": np.array([length[row[1]] for row in rows]),
        "period": np.full(len(rows), period, object),
    }
    for number, way in enumerate(("forward", "backward")):
        columns |= {f"flow_{way}": flows[:, number], f"time_{way}": np.full(len(rows), 2.0),
                    f"vc_{way}": flows[:, number] / 1000.0}  # fmt: skip
    return Features(Geometries.build("line", lines), columns)


BEFORE = result([(1, "a", 500, 400), (2, "b", 300, None), (3, "c", 50, 60)])


def of(before, after, **more):
    return run({"before": before, "after": after, "same": 10.0, "much": 100.0, **more}, Silent())


def test_the_same_result_differs_nowhere():
    made = of(BEFORE, BEFORE)
    assert set(made["difference"].columns["change"]) == {"same"}
    assert made["vehicle_km"] == made["vehicle_hours"] == 0.0


def test_a_closed_direction_is_no_traffic_and_not_unknown():
    columns, _ = change_columns(compared(BEFORE, result([(2, "b", 300, 250)])), 10.0, 100.0)
    assert columns["change_backward"][0] == 250.0 and columns["class_backward"][0] == "much more"
    assert columns["class_forward"][0] == "same" and columns["change"][0] == "much more"


def test_new_links_and_those_that_are_gone_count_with_all_their_flow():
    made = of(BEFORE, result([(1, "a", 520, 400), (9, "c", 50, 60)]))
    found = made["difference"].columns
    rows = dict(zip(found["link"].tolist(), zip(found["status"], found["flow_change"].tolist(), found["change"])))
    assert rows == {1: (BOTH, 20.0, "more"), 9: (BOTH, 0.0, "same"), 2: (GONE, -300.0, "much less")}
    # 20 vehicles over 1 km more, 300 over 0.5 km less
    assert made["vehicle_km"] == pytest.approx(20.0 - 150.0)
    assert made["vehicle_hours"] == pytest.approx((20.0 - 300.0) * 2.0 / 60.0)


def test_what_moves_from_one_direction_to_the_other_is_a_change():
    made = of(BEFORE, result([(1, "a", 200, 700), (2, "b", 300, None), (3, "c", 50, 60)]))
    found = made["difference"].columns
    assert found["flow_change"][0] == 0.0 and found["change"][0] in ("much less", "much more")


def test_links_with_other_numbers_are_found_by_where_they_lie():
    after = result([(7, "c", 1, 1), (8, "a", 2, 2), (1, "b", 3, 3)], shift=2.0)
    assert matched(BEFORE, after).tolist() == [2, 0, 1]
    assert matched(BEFORE, result([(1, "a", 0, 0)], shift=30.0)).tolist() == [-1]


def test_a_number_alone_makes_no_link_the_same():
    after = result([(1, "c", 5, 5)])
    assert matched(BEFORE, after).tolist() == [2]
    status = compared(BEFORE, after).links.columns["status"].tolist()
    assert status == [BOTH, GONE, GONE]


def test_there_and_back_again_changes_signs_only():
    after = result([(1, "a", 100, 900), (5, "b", 20, 30)])
    there, back = of(BEFORE, after), of(after, BEFORE)
    assert there["vehicle_km"] == pytest.approx(-back["vehicle_km"]) != 0.0
    assert sorted(there["difference"].columns["flow_change"]) == sorted(-back["difference"].columns["flow_change"])


def test_rows_of_several_periods_are_told_and_not_mixed_up():
    twice = Features.concatenate([result([(1, "a", 500, 400)]), result([(1, "a", 90, 80)], period="noon")])
    problems = list(check(TRAFFIC_DIFFERENCE, {"before": twice, "after": twice, "same": 10.0, "much": 100.0}))
    assert [problem.code for problem in problems] == ["DT351"]


def test_nothing_before_makes_all_new():
    empty = BEFORE.take(np.empty(0, np.int64))
    assert set(of(empty, BEFORE)["difference"].columns["status"]) == {NEW}


@pytest.mark.parametrize(("after", "same", "codes"), [
    (BEFORE, 10.0, []),
    (result([(1, "a", 1, 1)], period="evening"), 10.0, ["DT358"]),
    (BEFORE, 100.0, ["DT002"]),
    (Features(BEFORE.geometries, {"link": BEFORE.columns["link"]}), 10.0, ["DT350"]),
])  # fmt: skip
def test_what_is_no_result_is_told(after, same, codes):
    values = {"before": BEFORE, "after": after, "same": same, "much": 100.0}
    assert [problem.code for problem in check(TRAFFIC_DIFFERENCE, values)] == codes


def test_trips_that_were_lost_are_told_and_those_that_came_are_not():
    def with_class(layer):
        return layer.with_columns({"class": np.array(["connector", "residential", "connector"], object)})

    # 80 trips over a, b and c; then only 30 find a way
    before = with_class(result([(1, "a", 80, 0), (2, "b", 80, 0), (3, "c", 80, 0)]))
    after = with_class(result([(1, "a", 30, 0), (2, "b", 30, 0), (3, "c", 30, 0)]))
    for pair, change in (((before, after), -50.0), ((after, before), 50.0)):
        progress = Silent()
        made = run({"before": pair[0], "after": pair[1], "same": 10.0, "much": 100.0}, progress)
        found = dict(zip(made["statistics"]["term"], made["statistics"]["value"]))
        assert found["trips change"] == change
        assert [text[:24] for text in progress.warnings] == (["After, 50.0 trips an hou"] if change < 0 else [])
    assert "trips change" not in of(BEFORE, BEFORE)["statistics"]["term"]  # no connectors: nobody knows
