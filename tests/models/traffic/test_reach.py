"""Reachability against networks that are worked by hand, symmetric cases and what must hold of any network."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.base import Model
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.traffic.reach import NEAREST_FACILITY, TRAVEL_TIME_AREAS
from dtwin_plugin.models.traffic.reach.lines import Places, lines_of, on_links
from dtwin_plugin.models.traffic.reach.modes import network_of
from dtwin_plugin.models.traffic.reach.travel import arrivals, travel
from dtwin_plugin.progress import Silent


def network(rows, **more):
    """Links of (from, to, line, direction, minutes)."""
    begin, end, lines, ways, minutes = zip(*rows)
    geometries = Geometries.build("line", [[[list(line)]] for line in lines])
    columns = {
        "link": np.arange(1, len(rows) + 1), "from_node": np.array(begin), "to_node": np.array(end),
        "direction": np.array(ways, object), "class": np.full(len(rows), "residential", object),
        "free_time_forward": np.array(minutes, float), "free_time_backward": np.array(minutes, float),
        "length": lines_of(geometries).length,
    }  # fmt: skip
    return Features(geometries, {**columns, **more})


# a street of 1 km, at its end a branch to the north, and one way on to the east
TOWN = network([
    (1, 2, [(0, 0), (1000, 0)], "both", 2), (2, 3, [(1000, 0), (1000, 1000)], "both", 2),
    (2, 4, [(1000, 0), (3000, 0)], "forward", 4),
])  # fmt: skip


def points(*xy, **columns):
    return Features(Geometries.points(np.array(xy, float).reshape(-1, 2)), columns)


def run(model: Model, **given):
    values = {item.name: item.default for item in model.inputs} | given
    errors = [problem.text() for problem in check(model, values) if problem.level == "error"]
    assert not errors, errors
    progress = Silent()
    return model.run(values, progress), progress.warnings


def problems(model: Model, **given):
    return [one.code for one in check(model, {item.name: item.default for item in model.inputs} | given)]


def nearest(**given):
    given = {"links": TOWN, "off_road_speed": 6.0, **given}
    return run(NEAREST_FACILITY, **given)


def test_a_place_lies_on_the_nearest_link_by_share():
    found = on_links(lines_of(TOWN.geometries), np.array([True, False, True]), np.array([[990.0, 400.0]]), 500.0)
    assert (found.link[0], found.share[0], found.away[0]) == (0, pytest.approx(0.99), pytest.approx(400.0))


def test_times_and_distances_are_those_worked_by_hand():
    # from A at 250 m: 250 m on; 150 m back and 20 m (0.2 min) to the door; 750 m and 500 m of the other street
    made, _ = nearest(facilities=points((250, 0), (1000, 900), name=np.array(["A", "B"], object)),
                      addresses=points((500, 0), (100, 20), (1500, 0), (1000, 1000), (0, 5000)))  # fmt: skip
    columns = made["reached"].columns
    assert columns["facility"].tolist() == ["A", "A", "A", "B", None]
    np.testing.assert_allclose(columns["reach_time"], [0.5, 0.5, 2.5, 0.2, np.nan], atol=1e-9)
    np.testing.assert_allclose(columns["reach_distance"], [250, 150, 1250, 100, np.nan], atol=1e-6)
    # the second: B to 500 is 1.8 + 1.0; A to (1000, 1000) is 1.5 + 2
    assert columns["reach_time_2"][[0, 3]] == pytest.approx([2.8, 3.5])
    assert columns["reach_state"].tolist() == ["within"] * 4 + ["no road near"]
    assert made["coverage"] == pytest.approx(80.0) and made["not_reached"] == 1


def test_a_one_way_street_is_not_driven_against_but_by_who_may():
    given = {"facilities": points((2500, 0)), "addresses": points((0, 0), (2900, 0), (2100, 0))}
    assert np.isnan(nearest(**given)[0]["reached"].columns["reach_time"]).tolist() == [True, False, True]
    assert np.isnan(nearest(**given, mode="emergency")[0]["reached"].columns["reach_time"]).tolist() == [
        True,
        False,
        True,
    ]
    free = nearest(**given, mode="emergency", against=True)[0]["reached"].columns["reach_time"]
    np.testing.assert_allclose(free, [3.0 + 2.0, 0.8, 0.8])
    # towards the place people drive with the one way
    to = nearest(**given, direction="to")[0]["reached"].columns["reach_time"]
    np.testing.assert_allclose(to, [5.0, np.nan, 0.8])


def test_on_foot_both_directions_count_at_the_speed_on_foot():
    found = nearest(facilities=points((2500, 0)), addresses=points((0, 0)), mode="walk", walk_speed=6.0)[0]
    assert found["reached"].columns["reach_time"][0] == pytest.approx(25.0)


def test_from_and_to_are_alike_where_all_streets_go_both_ways():
    rng = np.random.default_rng(3)
    side, rows = 6, []
    for k in range(side * side):
        x, y = k % side, k // side
        for step, there in (((1, 0), x + 1 < side), ((0, 1), y + 1 < side)):
            if there:
                other = k + step[0] + side * step[1]
                line = [(100 * x, 100 * y), (100 * (x + step[0]), 100 * (y + step[1]))]
                rows.append((k, other, line, "both", float(rng.uniform(0.1, 1))))
    grid = network(rows)
    stations, homes = rng.uniform(0, 500, (2, 7, 2))
    found = [nearest(links=grid, facilities=points(*stations), addresses=points(*homes), direction=way)[0]["reached"]
             for way in ("from", "to")]  # fmt: skip
    for name in ("reach_time", "reach_time_2", "reach_distance"):
        np.testing.assert_allclose(found[0].columns[name], found[1].columns[name], rtol=1e-9)
    # and every time is that of the engine from nodes, with the share of the link at either end
    net = network_of({item.name: item.default for item in NEAREST_FACILITY.inputs} | {"links": grid})
    lines = lines_of(grid.geometries)
    start, end = (on_links(lines, net.usable, xy[:1], 250.0) for xy in (stations, homes))
    there = arrivals(net, travel(net, net.cost, start, np.zeros(1), False), end)
    back = arrivals(net, travel(net, net.cost, end, np.zeros(1), False), start)
    assert there.time[0] == pytest.approx(back.time[0], rel=1e-12)


def test_the_route_is_as_long_as_the_distance_and_runs_the_way_that_is_driven():
    for way, first in (("from", (250.0, 0.0)), ("to", (1000.0, 400.0))):
        made, _ = nearest(facilities=points((250, 0)), addresses=points((1000, 400)), direction=way)
        line = made["routes"].geometries.coordinates
        assert tuple(line[0]) == first
        length = np.hypot(*np.diff(line, axis=0).T).sum()
        assert length == pytest.approx(made["reached"].columns["reach_distance"][0]) == pytest.approx(1150.0)


def test_a_closed_link_tells_what_is_lost_and_what_takes_longer():
    # a ring of four streets of 1 min each: station at one corner, a home at the next
    ring = network([(k, (k + 1) % 4, [a, b], "both", 1) for k, (a, b) in enumerate(
        [((0, 0), (100, 0)), ((100, 0), (100, 100)), ((100, 100), (0, 100)), ((0, 100), (0, 0))])])  # fmt: skip
    given = {"links": ring, "facilities": points((0, 20)), "addresses": points((100, 20), (50, 0))}
    made, warnings = nearest(**given, closed="1")
    columns = made["reached"].columns
    # before: 0.2 + 1 + 0.2; after: 0.8 + 1 + 0.8. The other home stands at the closed street
    np.testing.assert_allclose(columns["reach_time_before"], [1.4, 0.7])
    np.testing.assert_allclose(columns["reach_time"], [2.6, np.nan])
    assert columns["reach_change"].tolist() == ["later", "no longer reachable"]
    assert made["lost"] == 1 and made["closed_links"].columns["closed_by"].tolist() == ["number"]
    assert any("not reached any more" in one for one in warnings)


def flooded(geometry, shape, **columns):
    return Features(Geometries.build(geometry, [shape]), columns)


def test_what_a_flood_model_calls_impassable_closes_by_mode():
    area = [[(400, -3), (600, -3), (600, 3), (400, 3), (400, -3)]]
    road = flooded("polygon", [area], passable=np.array(["emergency"], object),
                   passable_car=np.array([False]), passable_emergency=np.array([True]))  # fmt: skip
    given = {"facilities": points((0, 0)), "addresses": points((1000, 500)), "flooded_roads": road}
    assert nearest(**given)[0]["lost"] == 1
    assert nearest(**given, mode="emergency")[0]["lost"] == 0
    unknown = flooded("polygon", [area], passable=np.array(["unknown"], object), passable_car=np.array([False]))
    made, warnings = nearest(**{**given, "flooded_roads": unknown})
    assert made["lost"] == 0 and any("not known" in one for one in warnings)


def test_a_flooded_road_that_only_crosses_closes_nothing():
    across = [[(498, -50), (502, -50), (502, 50), (498, 50), (498, -50)]]
    given = {"facilities": points((0, 0)), "addresses": points((1000, 500))}
    made, warnings = nearest(**given, flooded_roads=flooded("polygon", [across], passable_car=np.array([False])))
    assert made["lost"] == 0 and any("lies on a link" in one for one in warnings)
    made, _ = nearest(**given, flooded_roads=flooded("polygon", [across], passable_car=np.array([False])), overlap=3.0)
    assert made["lost"] == 1 and made["closed_links"].columns["overlap"][0] == pytest.approx(4.0)


def test_lines_close_by_number_only_where_they_lie_there():
    given = {"facilities": points((0, 0)), "addresses": points((1000, 500))}
    same = flooded("line", [[[(1000, 0), (1000, 1000)]]], link=np.array([2]), passable_car=np.array([False]))
    made, _ = nearest(**given, flooded_lines=same)
    assert made["closed_links"].columns["link"].tolist() == [2]
    elsewhere = flooded("line", [[[(200, 1), (300, 1)]]], link=np.array([2]), passable_car=np.array([False]))
    made, _ = nearest(**given, flooded_lines=elsewhere)
    assert made["closed_links"].columns["link"].tolist() == [1]


def test_deep_water_closes_links_on_the_ground_alone():
    depth = Grid(np.where(np.arange(200) == 50, 0.2, 0.0)[None, :].repeat(3, axis=0), 0, 15, 10, unit="m")
    given = {"facilities": points((0, 0)), "addresses": points((1000, 500)), "depth": depth}
    made, _ = nearest(**given)
    assert made["lost"] == 1 and made["closed_links"].columns["water_depth"][0] == pytest.approx(0.2)
    assert nearest(**given, mode="emergency")[0]["lost"] == 0
    assert nearest(**given, depth_limit=0.2)[0]["lost"] == 0  # 0.2 m in 32 bits is no more than the limit
    bridge = network([
        (1, 2, [(0, 0), (1000, 0)], "both", 2), (2, 3, [(1000, 0), (1000, 1000)], "both", 2),
    ], level=np.array([1, 0]))  # fmt: skip
    made, warnings = nearest(**given, links=bridge)
    assert made["lost"] == 0 and any("above or below" in one for one in warnings)


def test_norms_follow_the_use_and_residents_are_counted():
    made, _ = nearest(facilities=points((0, 0)), norm_kind="use", delay=6.5,
                      addresses=points((500, 0), (900, 0), inwoners=np.array([3, 4]),
                                       gebruiksdoel=np.array(["woonfunctie", "kantoorfunctie"], object)))  # fmt: skip
    assert made["reached"].columns["reach_norm"].tolist() == [8.0, 10.0]
    rows = dict(zip(made["statistics"]["term"], made["statistics"]["value"]))
    assert rows["residents within"] == 7.0 and rows["addresses within the norm"] == 100.0


def areas(**given):
    given = {"links": TOWN, "times": "1; 3", "off_road_speed": 6.0, "buffer": 50.0, **given}
    return run(TRAVEL_TIME_AREAS, **given)[0]


def test_links_are_cut_where_a_class_begins():
    columns = areas(places=points((0, 0)))["reached_links"].columns
    lines = areas(places=points((0, 0)))["reached_links"].geometries
    by_link = [(int(link), name, lines.coordinates[a:b].tolist()) for link, name, a, b in
               zip(columns["link"], columns["class"], lines.rings, lines.rings[1:])]  # fmt: skip
    assert by_link == [
        (1, "0 - 1", [[0.0, 0.0], [500.0, 0.0]]), (1, "1 - 3", [[500.0, 0.0], [1000.0, 0.0]]),
        (2, "1 - 3", [[1000.0, 0.0], [1000.0, 500.0]]), (2, "> 3", [[1000.0, 500.0], [1000.0, 1000.0]]),
        (3, "1 - 3", [[1000.0, 0.0], [1500.0, 0.0]]), (3, "> 3", [[1500.0, 0.0], [3000.0, 0.0]]),
    ]  # fmt: skip


def test_pieces_of_a_link_between_two_places_meet_in_the_middle():
    made = areas(
        links=network([(1, 2, [(0, 0), (1000, 0)], "both", 10)]), places=points((0, 0), (1000, 0)), times="2; 4"
    )
    pieces = made["reached_links"].geometries.coordinates[:, 0].reshape(-1, 2)
    assert pieces.tolist() == [[0, 200], [200, 400], [400, 600], [600, 800], [800, 1000]]


def test_areas_are_the_strip_beside_the_roads():
    # a straight street of 1 km, 50 m at each side and half a circle at the ends, of which two minutes are all
    made = areas(links=network([(1, 2, [(0, 0), (1000, 0)], "both", 1)]), places=points((500, 0)), times="10",
                 cell_size=2.0)  # fmt: skip
    expected = (1000 * 100 + np.pi * 50**2) / 1e4
    # the edge of the strip is drawn with cells of 2 m along 2.3 km: half a cell of doubt at most
    assert made["reached_area"] == pytest.approx(expected, abs=2300 * 1.0 / 1e4)


def test_no_area_lies_beyond_water_and_a_bridge_is_not_lost():
    street = network([(1, 2, [(0, 0), (1000, 0)], "both", 1)])
    ditch = Features(
        Geometries.build("polygon", [[[[(-200, 20), (1200, 20), (1200, 23), (-200, 23), (-200, 20)]]]]), {}
    )
    dry, wet = (areas(links=street, places=points((500, 0)), times="30", water=water, cell_size=5.0)["areas"]
                for water in (None, ditch))  # fmt: skip
    assert dry.geometries.coordinates[:, 1].max() > 45 and wet.geometries.coordinates[:, 1].max() <= 25
    assert wet.geometries.coordinates[:, 1].min() < -45
    river = Features(
        Geometries.build("polygon", [[[[(400, -200), (600, -200), (600, 200), (400, 200), (400, -200)]]]]), {}
    )
    over = areas(links=street, places=points((0, 0)), times="30", water=river, cell_size=5.0)["areas"]
    assert over.geometries.coordinates[:, 0].max() > 1045
    assert dry.columns["area"].sum() - over.columns["area"].sum() == pytest.approx(200 * 100 / 1e4, rel=0.15)


def test_what_is_not_reached_is_a_class_of_its_own_and_nothing_is_infinite():
    made = areas(places=points((500, 0)), closed="2")
    names = made["areas"].columns["class"].tolist()
    assert "not reachable" in names
    for layer in (made["areas"], made["reached_links"]):
        for values in layer.columns.values():
            assert values.dtype == object or not np.isinf(values).any()
    change = dict(zip(made["reached_links"].columns["link"], made["reached_links"].columns["change"]))
    assert change[2] == "closed" and change[1] == "same"
    assert made["lost_area"] > 0
    before = areas(places=points((500, 0)))
    assert made["areas_before"].columns["area"].sum() == pytest.approx(before["areas"].columns["area"].sum())


def test_symmetric_streets_have_symmetric_areas():
    cross = network([(1, k + 2, [(0, 0), end], "both", 4) for k, end in
                     enumerate([(2000, 0), (-2000, 0), (0, 2000), (0, -2000)])])  # fmt: skip
    made = areas(links=cross, places=points((0, 0)), times="2; 3", cell_size=10.0)["areas"]
    for row in range(len(made)):
        low, high = made.take(np.array([row])).geometries.bounds()[0].reshape(2, 2)
        np.testing.assert_allclose(low, -high, atol=2.5)  # cells are cut along one diagonal: a quarter of one


def test_turns_that_are_banned_are_not_made():
    bans = points((1000, 0), from_link=np.array([1]), via_node=np.array([2]), to_link=np.array([2]))
    found = nearest(facilities=points((500, 0)), addresses=points((1000, 500), (2000, 0)), turn_bans=bans)[0]
    assert np.isnan(found["reached"].columns["reach_time"]).tolist() == [True, False]
    walk = nearest(facilities=points((500, 0)), addresses=points((1000, 500)), turn_bans=bans, mode="walk")[0]
    assert walk["reached"].columns["reach_state"][0] == "beyond"  # 1 km on foot


def test_inputs_that_cannot_be_are_told():
    lines = Features(TOWN.geometries, {"speed": np.full(3, 50.0)})
    assert "DT370" in problems(TRAVEL_TIME_AREAS, links=lines, places=points((0, 0)))
    assert "DT371" in problems(TRAVEL_TIME_AREAS, links=TOWN)
    assert "DT371" in problems(NEAREST_FACILITY, links=TOWN, facilities=points((0, 0)))
    for times in ("", "5; 5", "10; 5", "a", "0; 5", "nan"):
        assert "DT372" in problems(TRAVEL_TIME_AREAS, links=TOWN, places=points((0, 0)), times=times)
    far = network([(1, 2, [(0, 0), (9e5, 9e5)], "both", 1)])
    assert "DT373" in problems(TRAVEL_TIME_AREAS, links=far, places=points((0, 0)))
    assert "DT374" in problems(TRAVEL_TIME_AREAS, links=TOWN, places=points((0, 0)), closed="99")
    level = Grid(np.full((2, 2), -1.0), 0, 2, 1, unit="m")
    assert "DT375" in problems(TRAVEL_TIME_AREAS, links=TOWN, places=points((0, 0)), depth=level)
    given = {"links": TOWN, "facilities": points((0, 0)), "addresses": points((0, 0))}
    assert "DT376" in problems(NEAREST_FACILITY, **given, name_column="naam_x")
    assert "DT376" in problems(NEAREST_FACILITY, **given, norm_kind="use")
    with pytest.raises(InputError, match="None of the facilities"):
        nearest(facilities=points((0, 90000)), addresses=points((0, 0)))


def test_a_table_of_norms_that_cannot_be_is_told(tmp_path):
    table = tmp_path / "norms.csv"
    table.write_text("use,minutes\nwoonfunctie,8\nwoonfunctie,9\n", encoding="utf-8")
    given = {"links": TOWN, "facilities": points((0, 0)), "addresses": points((0, 0))}
    assert "DT377" in problems(NEAREST_FACILITY, **given, norms=table)


def test_a_place_without_coordinates_has_no_road():
    places = on_links(lines_of(TOWN.geometries), np.ones(3, bool), np.array([[np.nan, 0.0]]), 100.0)
    assert isinstance(places, Places) and places.link.tolist() == [-1]


def test_a_place_on_a_closed_link_is_told():
    made, warnings = nearest(facilities=points((250, 0), (1000, 900)), addresses=points((500, 0)), closed="1")
    assert made["not_reached"] == 1 and any("1 places stand on a closed link" in text for text in warnings)
    _, warnings = run(TRAVEL_TIME_AREAS, links=TOWN, places=points((250, 0)), closed="1")
    assert any("1 places stand on a closed link" in text for text in warnings)


def test_links_without_a_time_are_told_and_those_without_a_line_do_no_harm():
    times = TOWN.with_columns({"free_time_forward": np.array([np.nan, 2.0, -1.0])})
    given = {"places": points((1000, 500))}
    assert problems(TRAVEL_TIME_AREAS, links=times, **given) == ["DT370"]
    assert problems(TRAVEL_TIME_AREAS, links=times, mode="walk", **given) == []
    empty = Features(Geometries.build("line", [[[[(0, 0), (1000, 0)]]], [], [[[(1000, 0), (3000, 0)]]]]), TOWN.columns)
    made, _ = run(TRAVEL_TIME_AREAS, links=empty, places=points((250, 0)))
    assert set(made["reached_links"].columns["link"].tolist()) == {1, 3}


class Stopped(Silent):
    """Progress of a user who wants to stop at once."""

    def is_cancelled(self):
        return True


@pytest.mark.parametrize("model", [TRAVEL_TIME_AREAS, NEAREST_FACILITY], ids=lambda model: model.id)
def test_a_run_can_be_stopped(model):
    values = {item.name: item.default for item in model.inputs} | {"links": TOWN}
    values |= {name: points((0, 0)) for name in ("places", "facilities", "addresses") if name in values}
    with pytest.raises(Cancelled):
        model.run(values, Stopped())
