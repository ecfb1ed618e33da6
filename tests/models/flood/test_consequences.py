"""What water does to buildings, roads and objects, at answers that can be checked by hand."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models import MODELS
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.flood.consequences.consequences_roads import water_on_areas
from dtwin_plugin.models.flood.consequences.damage_table import damage_table
from dtwin_plugin.progress import Silent

MODEL = MODELS["floodconsequences"]


def grid(values, unit="m"):
    values = np.asarray(values, float)
    return Grid(values, 0, len(values), 1.0, unit=unit)


def box(x, y, width, height):
    return [[[(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]]]


def polygons(*boxes, **columns):
    shapes = Geometries.build("polygon", [box(*one) for one in boxes])
    return Features(shapes, {name: np.array(values, object) for name, values in columns.items()})


def values(**given):
    found = {item.name: item.default for item in MODEL.inputs}
    return {**found, "terrain": grid(np.zeros((10, 20))), **given}


def run(progress=None, **given):
    return MODEL.run(values(**given), progress or Silent())


def test_depth_at_the_wall_threshold_and_outcome():
    depth = np.zeros((10, 20))
    depth[:, :7] = 0.40  # to the west of x = 7
    depth[:, 7:14] = 0.20
    buildings = polygons((2, 4, 2, 2), (9, 4, 2, 2), (16, 4, 2, 2), threshold=[None, None, 0.5])
    found = run(depth_max=grid(depth), buildings=buildings)["building_consequences"].columns
    assert found["water_depth_max"].tolist() == pytest.approx([0.4, 0.2, 0.0])
    # the ground is flat at 0 m NAP: the floor is the threshold
    assert found["floor_level"].tolist() == pytest.approx([0.15, 0.15, 0.5])
    assert found["above_threshold"][:2].tolist() == pytest.approx([0.25, 0.05]) and np.isnan(
        found["above_threshold"][2]
    )
    assert found["water_inside"].tolist() == ["yes", "uncertain", "no"]


def test_damage_is_that_of_the_table_at_the_depth_above_the_floor():
    depth = np.full((10, 20), 0.25)
    buildings = polygons((2, 4, 2, 2), (9, 4, 5, 2), (16, 4, 2, 2), gebruiksdoel=["woonfunctie", "sportfunctie", None])
    made = run(depth_max=grid(depth), buildings=buildings, margin=0.05)
    found = made["building_consequences"].columns
    # 0.10 m above the floor: between 130 at 0.05 m and 260 at 0.15 m, on 4 m2; a fifth of it (54) for sports on 10 m2
    assert found["damage_mean"].tolist() == pytest.approx([4 * 195, 10 * 40.5, 0])
    # 0.05 m above it at the least: 80; 0.15 m at the most: 360
    assert found["damage_low"][0] == pytest.approx(4 * 80) and found["damage_high"][0] == pytest.approx(4 * 360)
    assert made["damage_mean"] == pytest.approx(4 * 195 + 10 * 40.5)


def test_a_use_that_the_table_lacks_has_no_damage_and_is_told():
    told = []

    class Listening(Silent):
        def warn(self, message, **values):
            told.append(message.format(**values))

    buildings = polygons((2, 4, 2, 2), use=["kerk"])
    found = run(Listening(), depth_max=grid(np.full((10, 20), 0.5)), buildings=buildings)
    assert np.isnan(found["building_consequences"].columns["damage_mean"][0])
    assert any("kerk" in text for text in told)


def test_residents_are_counted_in_buildings_with_water():
    depth = np.zeros((10, 20))
    depth[:, :7] = 0.6
    buildings = polygons((2, 4, 2, 2), (9, 4, 2, 2))
    addresses = Features(Geometries.points(np.array([[2.5, 4.5], [3.5, 5.5], [9.5, 4.5], [0.5, 0.5]])))
    made = run(depth_max=grid(depth), buildings=buildings, addresses=addresses, household=2.0)
    assert made["building_consequences"].columns["residents"].tolist() == [4.0, 2.0]
    summary = dict(zip(made["summary"]["term"], made["summary"]["value"]))
    assert summary["residents with water inside"] == 4.0 and summary["buildings with water inside"] == 1


def test_residents_that_nobody_counted_are_not_told_as_none():
    made = run(depth_max=grid(np.full((10, 20), 0.6)), buildings=polygons((2, 4, 2, 2)))
    assert np.isnan(made["building_consequences"].columns["residents"]).all()
    assert not [term for term in made["summary"]["term"] if "residents" in term]


def test_thresholds_and_floors_may_have_a_comma():
    depth = grid(np.full((10, 20), 0.4))
    buildings = polygons((2, 4, 2, 2), (9, 4, 2, 2), drempel=["0,55", "0.25"], vloerpeil=[None, "0,75"])
    found = run(depth_max=depth, buildings=buildings)["building_consequences"].columns
    assert found["floor_level"].tolist() == pytest.approx([0.55, 0.75])
    assert found["water_inside"].tolist() == ["no", "no"]


def test_a_road_is_as_passable_as_its_worst_stretch():
    depth = np.zeros((10, 40))
    depth[2:8, 20:23] = 0.20  # across the whole of the first road, but nothing elsewhere
    depth[2, 0:40] = 0.5  # its gutter
    terrain = grid(np.zeros((10, 40)))
    roads = polygons((0, 2, 40, 6), (0, 0, 40, 1))
    made = run(depth_max=grid(depth), terrain=terrain, roads=roads)["road_passability"].columns
    assert made["water_depth_max"].tolist() == pytest.approx([0.5, 0.0])
    assert made["water_depth_worst"].tolist() == pytest.approx([0.2, 0.0])
    assert made["passable"].tolist() == ["lorry", "all"]
    assert made["length"].tolist() == pytest.approx([40, 40])
    # 3 m lie under water: one or two stretches of 3 m, of some 40 m of road
    assert 2 < made["length_closed_car"][0] < 8 and made["length_closed_emergency"][0] == 0


def test_of_a_base_map_only_what_vehicles_drive_on_is_a_road():
    base = polygons(
        (0, 0, 20, 2), (0, 2, 20, 2), (0, 4, 20, 2), (0, 6, 20, 2),
        klasse=["wegdeel", "wegdeel", "pand", "wegdeel"],
        functie=["rijbaan lokale weg", "voetpad", None, "rijbaan autoweg"],
        relatieve_hoogteligging=[0, 0, 0, 1],
    )  # fmt: skip
    made = run(depth_max=grid(np.zeros((10, 20))), roads=base)["road_passability"]
    assert made.columns["functie"].tolist() == ["rijbaan lokale weg"]  # nor the one on a bridge


def test_a_puddle_that_leaves_a_lane_closes_no_road_and_one_that_leaves_less_does():
    free = np.zeros((7, 30))
    free[0:3, 10:14] = 0.4  # 4 of 7 m stay dry
    narrow = np.zeros((7, 30))
    narrow[0:5, 10:14] = 0.4  # 2 m stay dry, where a lane takes 3
    labels = np.ones((7, 30), int)
    worst = [water_on_areas(grid(one), labels, np.array([30.0]), 3.0, (0.15,)).worst[0] for one in (free, narrow)]
    assert worst == pytest.approx([0.0, 0.4])


def test_a_bend_is_walked_round():
    # a road in the shape of a U, with water across one leg only
    labels = np.zeros((20, 12), int)
    labels[:, 0:3] = labels[:, 9:12] = labels[17:, :] = 1
    depth = np.zeros((20, 12))
    depth[8:10, 0:3] = 0.25
    found = water_on_areas(grid(depth), labels, np.array([50.0]), 1.0, (0.15,))
    assert found.worst[0] == pytest.approx(0.25)


@pytest.mark.parametrize(("depth", "passable"), [(0.15, "all"), (0.151, "lorry"), (0.3, "lorry"), (0.301, "none")])
def test_a_limit_itself_is_passed(depth, passable):
    made = run(depth_max=grid(np.full((10, 20), depth)), roads=polygons((0, 2, 20, 6)))["road_passability"].columns
    assert made["passable"].tolist() == [passable]
    assert made["length_closed_car"][0] == pytest.approx(0 if depth == 0.15 else 20)


def test_roads_as_lines_and_roads_beside_the_map():
    depth = np.zeros((10, 20))
    depth[:, 5:8] = 0.35
    lines = Geometries.build("line", [[[[(0, 5), (20, 5)]]], [[[(100, 5), (120, 5)]]]])
    made = run(depth_max=grid(depth), road_lines=Features(lines))["road_line_passability"].columns
    assert made["passable"].tolist() == ["none", "unknown"]
    assert made["length_closed_emergency"][0] == pytest.approx(3.0)


def test_vulnerable_points_and_areas_take_the_water_near_them():
    depth = np.zeros((10, 20))
    depth[5, 5] = 0.5
    points = Features(Geometries.points(np.array([[6.9, 4.5], [15.0, 4.5]])))
    areas = polygons((2, 3, 2, 3), (3, 3, 2, 3))
    made = run(depth_max=grid(depth), vulnerable=points, vulnerable_areas=areas)
    assert made["vulnerable_water"].columns["water_depth_max"].tolist() == pytest.approx([0.5, 0.0])
    assert made["vulnerable_water"].columns["water_inside"].tolist() == ["yes", "no"]
    # the first ends a cell short of the water, the second at its edge
    assert made["vulnerable_area_water"].columns["water_depth_max"].tolist() == pytest.approx([0.0, 0.5])


def test_what_is_not_known_stays_unknown():
    depth = np.full((10, 20), np.nan)
    depth[0, 0] = 0.0
    made = run(depth_max=grid(depth), buildings=polygons((9, 4, 2, 2)), roads=polygons((3, 2, 9, 3)))
    assert made["building_consequences"].columns["water_inside"].tolist() == ["unknown"]
    assert np.isnan(made["building_consequences"].columns["damage_mean"][0])
    assert made["road_passability"].columns["passable"].tolist() == ["unknown"]


def test_wrong_depths_and_nothing_to_look_at_are_listed():
    found = check(MODEL, values(depth_max=grid(np.full((10, 20), 250.0))))
    assert [problem.code for problem in found] == ["DT185", "DT184"]
    found = check(MODEL, values(depth_max=grid(np.full((10, 20), -1.0)), buildings=polygons((2, 4, 2, 2))))
    assert [problem.code for problem in found] == ["DT183"]


@pytest.mark.parametrize("name", ["use_field", "floor_field", "threshold_field", "residents_field"])
def test_a_column_that_no_layer_has_is_told_before_the_run(name):
    given = {"depth_max": grid(np.zeros((10, 20))), "buildings": polygons((2, 4, 2, 2), drempelhoogte=[0.2])}
    assert not check(MODEL, values(**given, **{name: "Drempelhoogte"}))
    (problem,) = check(MODEL, values(**given, **{name: "drempelhogte"}))
    assert problem.code == "DT179" and problem.values["columns"] == "drempelhoogte"
    # of several layers one is enough: each has the columns that it has
    people = Features(Geometries.points(np.array([[3.0, 5.0]])), {"bewoners": np.array([2.0])})
    both = {**given, "addresses": people, "vulnerable": people}
    assert bool(check(MODEL, values(**both, **{name: "bewoners"}))) == (name in ("use_field", "floor_field"))


def test_every_row_of_the_table_that_ships_is_sound():
    table = damage_table()
    assert table.price_levels == (2010,) and not table.unconfirmed
    for depths, amounts in table.curves.values():
        assert depths[0] == 0 and (amounts[:, 0] == 0).all() and (np.diff(amounts, axis=1) >= 0).all()


@pytest.mark.parametrize(("text", "told"), [
    ("use,depth,low,mean,high\na,0,5,3,9\n", "increase"),
    ("use,depth,low,mean\na,0,5,3\n", "no column"),
    ("use,depth,low,mean,high\na,0,1,1,1\na,0,1,1,1\n", "twice"),
    ("use,depth,low,mean,high\na,x,1,1,1\n", "number"),
])  # fmt: skip
def test_a_wrong_table_is_one_sentence(text, told, tmp_path):
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(InputError, match=told):
        damage_table(tmp_path / "mine.csv")
