"""The model of road noise as it is called: levels, norm, map, stored paths, and what is told before a run."""

import re

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.checks import check
from dtwin_plugin.models.noise.road_noise_model import ROAD_NOISE
from dtwin_plugin.progress import Silent

from .sites import X, Y, given, houses, lines, places, read_shapes, street, terrain

HOUSES = dict(identificatie=np.array(["a", "b"], object), height=[9.0, 12.0], dwellings=[3, 10])


def block():
    return houses((100, 210, 130, 220), (200, 230, 220, 245), **HOUSES)


def run(progress=None, **values):
    return ROAD_NOISE.run(given(**values), progress or Silent())


def codes(**values):
    return {problem.code: problem.text() for problem in check(ROAD_NOISE, given(**values))}


def test_facades_buildings_and_the_norm():
    made = run(buildings=block(), receivers=places((200, 210)), wanted={"points", "panels", "tested", "summary"})
    points, tested = made["points"].columns, made["tested"].columns
    # 10,000 vehicles a day at 50 km/h, 10 m from a facade: 65 to 70 dB by any method in use
    assert (65 < tested["lden"][0] < 70) and tested["lden"][1] < tested["lden"][0] - 3
    assert tested["quiet_side"].tolist() == ["true", "true"]
    assert tested["lden"][0] == points["lden"][points["building"] == "a"].max()
    loud = (points["lden"] > 67) & (points["building"] != None)  # noqa: E711
    assert (points["facing"][loud] == 180).all() and loud.any()  # the street is to the south
    panels = made["panels"]
    assert len(panels) == len(made["points"]) - 1 and panels.columns["lden"].tolist() == points["lden"][:-1].tolist()
    assert ((points["verdict"] == "exceeds") == (np.rint(points["lden"]) > 53)).all()
    assert points["excess"] == pytest.approx(points["lden"] - 53, abs=0.011)  # both are rounded to 0.01
    energy = sum(hours * 10 ** ((points[name] + more) / 10) for name, hours, more in
                 (("lday", 12, 0), ("levening", 4, 5), ("lnight", 8, 10)))  # fmt: skip
    assert points["lden"] == pytest.approx(10 * np.log10(energy / 24), abs=0.02)
    summary = made["summary"]
    rows = list(zip(summary["indicator"], summary["class"], summary["buildings"], summary["dwellings"]))
    assert ("lden", "65-69", 1, 3.0) in rows and sum(row[2] for row in rows if row[0] == "lden") == 2
    assert set(summary["residents"]) == {None}


def test_without_buildings_single_points_have_levels_and_the_summary_is_of_none():
    spots = places((200, 230), (200, 300), id=["p", "q"])
    made = run(receivers=spots)
    points = made["points"].columns
    assert points["receiver"].tolist() == ["p", "q"] and points["building"].tolist() == [None, None]
    assert points["height"].tolist() == [4.0, 4.0] and points["lden"][0] > points["lden"][1] + 5
    assert sum(made["summary"]["buildings"]) == 0 and "tested" not in made


def test_the_map_is_that_of_points_at_the_same_place():
    made = run(buildings=block(), grid_spacing=20.0, wanted={"grid", "contours"})
    grid = made["grid"]
    assert grid.unit == "dB" and grid.shape == (20, 20)
    assert np.isnan(grid.sample([X + 110.0, X + 250], [Y + 210.0, Y + 250])).tolist() == [True, False]
    spots = places((10, 10), (210, 250), (310, 170))
    alone = run(buildings=block(), receivers=spots)["points"].columns
    single = alone["lden"][alone["receiver"] != None]  # noqa: E711
    there = grid.sample(X + np.array([10, 210, 310]), Y + np.array([10, 250, 170]))
    assert there == pytest.approx(single, abs=0.006)  # points are rounded to 0.01
    assert made["contours"].columns["low"].tolist()[1:] == [55.0, 60.0, 65.0]


def test_a_study_area_bounds_what_is_calculated_but_not_what_is_heard():
    area = houses((190, 220, 230, 260))
    made = run(buildings=block(), area=area, grid_spacing=10.0, wanted={"points", "grid"})
    assert set(made["points"].columns["building"]) == {"b"} and made["grid"].shape == (4, 4)
    whole = run(buildings=block())["points"].columns
    assert np.array_equal(made["points"].columns["lden"], whole["lden"][whole["building"] == "b"])


def test_twice_the_traffic_is_3_db_everywhere():
    one, two = (run(buildings=block(), roads=street(flow))["points"].columns for flow in (5e3, 1e4))
    for name in ("lday", "levening", "lnight", "lden"):
        assert two[name] - one[name] == pytest.approx(3.01, abs=0.011)  # both are rounded to 0.01


def test_a_barrier_and_soft_ground_make_it_quieter():
    spots = places((200, 260))
    free = run(receivers=spots)["points"].columns["lden"][0]
    wall = lines([(10, 210), (390, 210)], height=[4.0])
    assert run(receivers=spots, barriers=wall)["points"].columns["lden"][0] < free - 5
    grass = houses((0, 0, 400, 400), klasse=np.array(["begroeidterreindeel"], object))
    assert run(receivers=spots, cover=grass)["points"].columns["lden"][0] < free - 0.5


def test_single_points_have_heights_of_their_own_where_they_are_known():
    wall = lines([(10, 210), (390, 210)], height=[4.0])
    spots = places((200, 230), (200, 230), (200, 230), height=[1.5, None, 8.0])
    found = run(receivers=spots, barriers=wall, receiver_height=5.0)["points"].columns
    assert found["height"].tolist() == [1.5, 5.0, 8.0]
    assert (np.diff(found["lden"]) > 1).all()  # the wall hides those that are low


def test_a_wall_that_takes_sound_throws_less_back():
    spots, house = places((200, 180)), houses((380, 380, 390, 390), height=[9.0])
    found = []
    for takes in ([1.0], [0.5], [np.nan], [0.0]):
        walls = lines([(100, 215), (300, 215)], height=[5.0], absorption=takes)
        made = run(receivers=spots, barriers=walls, buildings=house, reflections=100.0)["points"].columns
        found.append(made["lden"][made["receiver"] != None][0])  # noqa: E711
    silent, half, usual, hard = found
    walls = lines([(100, 215), (300, 215)], height=[5.0])
    assert run(receivers=spots, barriers=walls)["points"].columns["lden"][0] == pytest.approx(silent, abs=0.011)
    # 0.5 and 0.8 of what a hard wall throws back, rounded to 0.01 dB
    back = 10 ** (hard / 10) - 10 ** (silent / 10)
    assert back > 0.2 * 10 ** (silent / 10)
    for level, share in ((half, 0.5), (usual, 0.8)):
        assert level == pytest.approx(10 * np.log10(10 ** (silent / 10) + share * back), abs=0.02)


def test_stored_paths_give_the_same_for_the_same_and_what_is_new_for_other_traffic(tmp_path):
    made = run(buildings=block(), wanted={"points", "transfer"})
    file = tmp_path / "paths.npz"
    made["transfer"].write(file)
    again = run(buildings=block(), stored=file)
    assert np.array_equal(again["points"].columns["lden"], made["points"].columns["lden"])
    other = lines([(10, 200), (390, 200)], daily=[7_000.0], speed=[30.0], surface=np.array(["NL05"], object))
    anew, reused = run(buildings=block(), roads=other), run(buildings=block(), roads=other, stored=file)
    assert np.array_equal(anew["points"].columns["lden"], reused["points"].columns["lden"])
    assert (anew["points"].columns["lden"] < made["points"].columns["lden"]).all()
    with pytest.raises(InputError, match="was stored with other roads"):
        run(buildings=block(), stored=file, spacing=4.0)


def two_roads():
    flows = {"light_day": [400.0, 40.0, 0.0], "light_evening": [200.0, 20.0, 0.0], "light_night": [50.0, 5.0, 0.0]}
    names = np.array(["Dam", "Rokin", "Stil"], object)
    return lines([(10, 200), (390, 200)], [(10, 240), (390, 240)], [(10, 220), (390, 220)], street=names, **flows)


def test_which_road_is_heard_at_each_point(tmp_path):
    spots = places((200, 210), (200, 236), (200, 270), id=["at Dam", "at Rokin", "behind"])
    made = run(roads=two_roads(), receivers=spots, grid_spacing=50.0, wanted={"points", "sources", "grid", "transfer"})
    found, points = made["sources"].columns, made["points"].columns["lden"]
    assert found["receiver"].tolist() == ["at Dam"] * 2 + ["at Rokin"] * 2 + ["behind"] * 2  # one is silent: not heard
    assert found["road"].tolist()[:2] == ["Dam", "Rokin"] and found["rank"].tolist() == [1, 2] * 3
    # a point has what each of its roads alone gives, and their energies make the whole
    energy = 10 ** (found["lden"] / 10)
    whole = energy.reshape(3, 2).sum(axis=1)
    assert 10 * np.log10(whole) == pytest.approx(points, abs=0.011)  # both are rounded to 0.01
    assert found["share"].reshape(3, 2).sum(axis=1) == pytest.approx(100.0, abs=0.11)  # each is rounded to 0.1
    assert found["share"] == pytest.approx(100 * energy / np.repeat(whole, 2), abs=0.3)  # of levels rounded to 0.01
    dam = two_roads()  # all lie there, as a road is hard ground
    dam = dam.with_columns({name: np.array(dam.columns[name]) * [1, 0, 0] for name in dam.columns if "light" in name})
    alone = run(roads=dam, receivers=spots)["points"].columns["lden"]
    assert found["lden"][found["road"] == "Dam"] == pytest.approx(alone, abs=0.011)
    bands = np.array([found[f"lden_{band}"] for band in (63, 125, 250, 500, 1000, 2000, 4000, 8000)])
    assert 10 * np.log10((10 ** (bands / 10)).sum(axis=0)) == pytest.approx(found["lden"], abs=0.02)
    assert bands.argmax(axis=0)[0] == 4  # cars on asphalt are the loudest at 1000 Hz
    file = tmp_path / "paths.npz"
    made["transfer"].write(file)
    again = run(roads=two_roads(), receivers=spots, grid_spacing=50.0, wanted={"sources", "grid"}, stored=file, most=1)
    assert again["sources"].columns["lden"].tolist() == found["lden"][::2].tolist()


def test_roads_of_one_name_are_one_and_a_column_can_be_chosen():
    spots = places((200, 210))
    same = two_roads().with_columns({"owner": np.array(["us", "us", "them"], object)})
    found = run(roads=same, receivers=spots, group="owner", wanted={"sources"})["sources"].columns
    assert found["road"].tolist() == ["us"] and found["share"].tolist() == [100.0]
    assert found["lden"][0] == run(roads=same, receivers=spots)["points"].columns["lden"][0]
    with pytest.raises(InputError, match="no column wijk"):
        run(roads=same, receivers=spots, group="wijk", wanted={"sources"})


def test_a_largest_speed_slows_what_is_faster_and_nothing_else():
    spots = places((200, 210))
    fast, slow = lines([(10, 200), (390, 200)], daily=[1e4], speed=[50.0]), street()
    slow = slow.with_columns({"speed": np.array([30.0])})
    lden = [run(receivers=spots, roads=roads, speed_limit=limit)["points"].columns["lden"][0]
            for roads, limit in ((fast, None), (fast, 30.0), (slow, None), (slow, 60.0))]  # fmt: skip
    assert lden[0] > lden[1] + 1.5 and lden[1] == lden[2] == lden[3]


def test_surfaces_may_have_their_dutch_names():
    spots = places((200, 210))
    one, other = (
        run(receivers=spots, roads=street().with_columns({"surface": np.array([name], object)}))["points"].columns
        for name in ("Klinkers", "NL10")
    )
    assert one["lden"].tolist() == other["lden"].tolist()


def test_roads_may_have_the_columns_of_dutch_files():
    spots = places((200, 210))
    flows = {f"{kind}_{period}": [value] for kind, value in (("light", 200.0), ("medium", 9.0), ("heavy", 4.0))
             for period in ("day", "evening", "night")}  # fmt: skip
    dutch = {"light": "lv", "medium": "mv", "heavy": "zv", "day": "dag", "evening": "avond", "night": "nacht"}
    named = {"INTENSITEIT_" + "_".join(dutch[part] for part in name.split("_")): value for name, value in flows.items()}
    way, rest = [(10, 200), (390, 200)], {"snelheid": [30.0], "wegdek": ["DAB"], "etmaalintensiteit": [99.0]}
    ours = lines(way, **flows, speed=[30.0])
    one, other, day = (
        run(receivers=spots, roads=roads)["points"].columns["lden"][0]
        for roads in (ours, lines(way, **named, **rest), lines(way, **rest))
    )
    assert one == other and day < one - 10  # the vehicles of a day count where those of an hour are not known
    mixed = lines(way, **named, **rest, total_day=[1.0], total_evening=[1.0], total_night=[1.0])
    assert run(receivers=spots, roads=mixed)["points"].columns["lden"][0] < one - 20


def test_the_wind_by_period_and_the_shares_of_the_hours_count():
    base = run(receivers=places((200, 350)))["points"].columns
    windless = run(receivers=places((200, 350)), favourable_night=0.0)["points"].columns
    assert windless["lday"] == base["lday"] and windless["lnight"] < base["lnight"]
    busy = run(receivers=places((200, 350)), share_night=2.2)["points"].columns
    assert busy["lnight"] - base["lnight"] == pytest.approx(3.01, abs=0.011)  # both are rounded to 0.01


def test_a_point_beyond_all_roads_has_no_level_and_it_is_told():
    progress = Silent()
    made = run(progress, receivers=places((200, 210), (200, 390)), distance=100.0)
    lden = made["points"].columns["lden"]
    assert np.isfinite(lden[0]) and np.isnan(lden[1]) and made["points"].columns["verdict"][1] is None
    assert any(re.search(r"^1 points have no road", warning) for warning in progress.warnings)


def test_no_traffic_at_night_leaves_the_night_without_a_level_and_lden_with_one():
    flows = {f"light_{name}": [value] for name, value in (("day", 400.0), ("evening", 100.0), ("night", 0.0))}
    points = run(receivers=places((200, 220)), roads=lines([(10, 200), (390, 200)], **flows))["points"].columns
    assert np.isnan(points["lnight"][0]) and np.isfinite(points["lden"][0])


def test_terrain_below_nap_with_holes_gives_levels():
    grid = terrain(height=-4.0)
    grid.values[150:170, 100:200] = np.nan
    made = run(terrain=grid, buildings=block())
    assert np.isfinite(made["points"].columns["lden"]).all()
    assert made["points"].geometries.coordinates[:, 2].min() == pytest.approx(-2.5)


def test_an_underground_building_stands_in_no_way_and_has_no_facade():
    cellar = houses((150, 202, 250, 208), roof=[0.5])
    spot = places((200, 212), (200, 205))
    found = run(buildings=cellar, receivers=spot)["points"].columns
    assert found["lden"].tolist() == run(receivers=spot)["points"].columns["lden"].tolist()
    assert list(codes(buildings=cellar, receivers=spot)) == ["DT238"]


def test_a_height_that_stands_for_none_counts_as_not_known():
    unknown = houses((150, 210, 250, 220), b3_h_70p=[-9999.0], height=[-1.0])
    assert "count as 8 m high" in codes(buildings=unknown)["DT237"]
    plain = houses((150, 210, 250, 220), height=[8.0])
    one, other = (run(buildings=each)["points"].columns["lden"] for each in (unknown, plain))
    assert np.array_equal(one, other)


def test_a_point_behind_150_rows_of_houses_has_a_level():
    rows = [(100, low, 300, low + 0.6) for low in 212 + 1.0 * np.arange(150)]  # 300 walls on the way
    made = run(buildings=houses(*rows, height=np.full(150, 3.0)), receivers=places((200, 370)), wanted={"points"})
    level = made["points"].columns["lden"][-1]
    assert made["points"].columns["receiver"][-1] is not None and 20 < level < 60


def test_nothing_to_calculate_for_and_no_road_are_refused():
    with pytest.raises(InputError, match="nothing to calculate for"):
        run()
    with pytest.raises(InputError, match="no line with a length"):
        run(roads=lines([(1, 1), (1, 1)], daily=[1.0]), receivers=places((1, 2)))
    with pytest.raises(InputError, match="All roads lie in tunnels"):
        run(roads=lines([(1, 1), (9, 1)], daily=[1.0], tunnel=np.array(["ja"], object)), receivers=places((1, 2)))
    with pytest.raises(InputError, match="The map would have"):
        run(grid_spacing=200.0, area=houses((0, 0, 10, 10)), wanted={"grid"})


def test_what_is_right_is_not_told():
    assert codes(buildings=block(), receivers=places((200, 210)), barriers=lines([(1, 1), (9, 9)], height=[2.0])) == {}


@pytest.mark.parametrize(
    ("code", "found", "values"),
    [
        ("DT230", "V85", {"columns": "speed=V85"}),
        ("DT231", "found SPD", {"roads": lines([(10, 200), (390, 200)], SPD=[50.0])}),
        ("DT231", "Names of columns", {"roads": lines([(10, 200), (390, 200)], etmaal=[50.0])}),
        ("DT248", "Roads 1 ", {"roads": lines([(1, 9), (9, 9)], daily=np.array(["5.000"], object))}),
        ("DT230", "speed=B is not understood", {"columns": "daily=A, speed=B"}),
        ("DT232", "Roads 2 ", {"roads": lines([(10, 9), (99, 9)], [(10, 8), (99, 8)], daily=[1.0, np.nan])}),
        ("DT232", "Roads x ", {"roads": lines([(1, 9), (9, 9)], daily=[-1.0], id=np.array(["x"], object))}),
        ("DT233", "Roads 1 ", {"roads": lines([(1, 9), (9, 9)], daily=[1.0], speed=[0.0])}),
        ("DT233", "Roads 1 ", {"roads": lines([(1, 9), (9, 9)], daily=[1.0], speed=[np.nan])}),
        ("DT234", "NL05", {"roads": lines([(1, 9), (9, 9)], daily=[1.0], surface=np.array(["tar"], object))}),
        ("DT234", "Roads 1 ", {"surface": "tar"}),
        ("DT235", "Roads 1 ", {"roads": lines([(1, 9), (999, 9)], daily=[1.0])}),
        ("DT236", "148.8", {"share_day": 8.3, "share_night": 4.8, "share_evening": 2.7}),
        ("DT236", "110", {"medium": 60.0, "heavy": 50.0}),
        ("DT237", "Buildings 1 ", {"buildings": houses((1, 1, 9, 9))}),
        ("DT238", "Buildings 2 ", {"buildings": houses((1, 1, 9, 9), (20, 1, 29, 9), roof=[5.0, 0.5])}),
        ("DT239", "Barriers 1 ", {"barriers": lines([(1, 1), (9, 9)])}),
        ("DT240", "Receivers 1 ", {"receivers": places((500, 1))}),
        ("DT241", "Receivers q ", {"buildings": block(), "receivers": places((9, 9), (105, 215), id=["p", "q"])}),
        ("DT267", "Roads 1 ", {"surface": "NL05", "speed": 30.0}),
        ("DT268", "roads 1 ", {"roads": lines([(1, 9), (9, 9)], daily=[1.0], speed=[100.0])}),
        ("DT269", "Walls 1 ", {"barriers": lines([(1, 1), (9, 9)], height=[2.0], absorption=[20.0])}),
        ("DT269", "Walls 1 ", {"buildings": houses((1, 1, 9, 9), height=[9.0], absorption=[-0.5])}),
    ],
)
def test_what_is_wrong_is_told_with_its_name(code, found, values):
    told = codes(**values)
    assert found in told.get(code, ""), told


def test_speeds_of_roads_that_carry_lorries_by_themselves_are_not_told():
    fast = lines([(1, 9), (9, 9)], daily=[1.0], speed=[100.0], speed_heavy=[80.0])
    assert "DT268" not in codes(roads=fast)
    assert "DT267" not in codes(speed=30.0) and "DT267" in codes(speed=25.0)
    assert "DT267" in codes(speed_limit=25.0)


def test_many_names_are_cut():
    roads = lines(*[[(1, k), (9, k)] for k in range(1, 31)], daily=[np.nan] * 30)
    assert "10 (+20)" in codes(roads=roads)["DT232"]


def test_a_city_of_real_roads_and_buildings(shared):
    """Lorient: 549 roads, 1701 buildings; of its receivers in a grid of 50 m every twentieth."""
    folder = shared / "traffic" / "noise_lorient"
    roads, buildings = read_shapes(folder / "roads_traff.shp", "line"), read_shapes(folder / "buildings.shp", "polygon")
    spots = read_shapes(folder / "receivers.shp", "point")
    flat = Grid(np.zeros((270, 270), np.float32), 222_400.0, 6_759_100.0, 10.0, unit="m")
    names = "; ".join(f"total_{period}=TV_{period[0].upper()}" for period in ("day", "evening", "night"))
    values = given(
        terrain=flat, buildings=buildings, receivers=spots.take(np.arange(0, len(spots), 20)), distance=700.0,
        roads=roads, columns=f"{names}; speed=LV_SPD_D; surface=PVMT", area=spots.take(np.array([400, 440])),
    )  # fmt: skip
    assert not [problem for problem in ROAD_NOISE.check(values) if problem.level == "error"]
    made = ROAD_NOISE.run(values, Silent())["points"].columns
    lden = made["lden"][made["receiver"] != None]  # noqa: E711
    assert len(lden) == 42 and np.isfinite(made["lden"]).all() and len(made["lden"]) > 50
    # from the country at 600 m of the next road to beside a main road, with up to 5,000 vehicles an hour
    assert 15 < lden.min() < 40 and 50 < np.median(lden) < 65 and 70 < lden.max() < 85


def test_a_building_in_triangles_is_the_building_that_they_make():
    """As outlines of city models come: ground and roof in triangles, here more than a path can hold the edges of."""
    whole = houses((100, 210, 280, 220), (100, 225, 280, 235), height=[9.0, 6.0])
    cuts = np.linspace(100, 280, 200)
    lower, upper = (Y + edge for edge in (210, 220))
    triangles = []
    for left, right in zip(X + cuts[:-1], X + cuts[1:]):
        a, b, c, d = (left, lower), (right, lower), (right, upper), (left, upper)
        triangles += [[[a, b, c, a]], [[a, c, d, a]], [[d, b, a, d]], [[c, b, d, c]]]
    square = [[[(X + 100, Y + 225), (X + 280, Y + 225), (X + 280, Y + 235), (X + 100, Y + 235), (X + 100, Y + 225)]]]
    split = Features(Geometries.build("polygon", [triangles, square]), whole.columns)
    spots = places((80, 215), (300, 215), (190, 240), (90, 230))
    roads = lines([(60, 100), (60, 300)], [(10, 200), (390, 200)], daily=[9000.0, 4000.0])
    # far receivers look along the rows of triangles, over 400 edges
    one, other = (run(buildings=found, receivers=spots, roads=roads, spacing=40.0, wanted={"points"})["points"].columns
                  for found in (whole, split))  # fmt: skip
    single = [found["receiver"] != None for found in (one, other)]  # noqa: E711
    assert np.isfinite(other["lden"]).all() and single[1].sum() == 4
    assert other["lden"][single[1]] == pytest.approx(one["lden"][single[0]], abs=0.011)  # rounded to 0.01 dB
    on_walls = other["facing"][~single[1]]  # none looks into the building, along its cuts
    assert set(on_walls.tolist()) == {0, 90, 180, 270}


def test_geometries_of_the_sites_are_what_they_say():
    assert isinstance(block().geometries, Geometries) and len(block()) == 2
