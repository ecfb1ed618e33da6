import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.claim_models import CLAIMS, CORRIDOR
from dtwin_plugin.models.subsurface.claims import Block
from dtwin_plugin.models.subsurface.clash_model import CLASH
from dtwin_plugin.progress import Silent

AREA = Extent(0, 0, 12, 8)
FLAT = Grid(np.zeros((8, 12)), 0, 8, 1.0)  # ground at NAP
TABLE = {"planned": ["*"], "present": ["*"], "distance": [0.3]}


def objects(values):
    result = np.empty(len(values), object)
    result[:] = values
    return result


def line(a, b, diameter, doubt_xy=0.0, doubt_z=0.0, theme="water"):
    columns = {"theme": [theme], "diameter": [diameter], "xy_uncertainty": [doubt_xy], "z_uncertainty": [doubt_z]}
    return Features(Geometries.build("line", [[[[a, b]]]]), {name: objects(value) for name, value in columns.items()})


def boxes(*found):
    """Return blocks of x1, y1, x2, y2, bottom, top."""
    rings = [[[[(a, b), (c, b), (c, d), (a, d), (a, b)]]] for a, b, c, d, _, _ in found]
    low, high = (np.array([float(box[k]) for box in found]) for k in (4, 5))
    zero = np.zeros(len(found))
    columns = {
        "bottom": low,
        "top": high,
        "kind": objects(["crate"] * len(found)),
        "xy_uncertainty": zero,
        "z_uncertainty": zero,
    }
    return Features(Geometries.build("polygon", rings), columns)


def run(model, **values):
    defaults = {item.name: item.default for item in model.inputs}
    return model.run({**defaults, "extent": AREA, "terrain": FLAT, **values}, Silent())


def test_a_pipe_takes_its_volume():
    pipe = line((0, 4, -1), (12, 4, -1), 600.0)
    found = run(CLAIMS, present_lines=pipe, depth=2.0, cell_size=0.5, samples=10)
    # Samples 0.05 m apart tell a circle of 0.6 m to 1 percent: its area is 113 samples with an error of about one.
    assert found["taken"] == pytest.approx(np.pi * 0.3**2 * 12, rel=0.01)
    assert found["taken_most"] == pytest.approx(found["taken"])


@pytest.mark.parametrize("height", [-0.5, -0.55, -0.61, -1.0])
@pytest.mark.parametrize("end", [(200, 4), (200, 7.9), (8, 200)])
def test_a_pipe_thinner_than_the_step_of_samples_takes_its_volume_whatever_its_height(height, end):
    """Samples lie 0.2 m apart; in rows they would all meet a pipe of 0.11 m, or none."""
    pipe = line((0.1, 4.1, height), (*end, height), 110.0)
    box = Extent(0, 0, 208, 8) if end[1] < 9 else Extent(0, 0, 9, 208)
    ground = Grid(np.zeros((208, 208)), 0, 208, 1.0)
    found = run(CLAIMS, extent=box, terrain=ground, present_lines=pipe, depth=2.0)["taken"]
    # The volume is that of some 240 samples. Chance would be off by 6.5 percent; places that fill evenly do better.
    expected = np.pi * 0.055**2 * np.hypot(end[0] - 0.1, end[1] - 4.1)
    assert found == pytest.approx(expected, rel=0.05)


def test_a_crate_takes_its_share_of_each_cell_and_layer():
    found = run(CLAIMS, present_areas=boxes((2, 2, 4, 4, -1.5, -0.5)), depth=2.0, layer=1.0, samples=10)
    assert found["taken"] == pytest.approx(4.0)
    cells = found["cells"]
    assert cells.layers["share_crate"][2, 2].tolist() == pytest.approx([0.5, 0.5])
    rows = {
        (theme, depth): volume
        for theme, depth, volume in zip(*(found["table"][k] for k in ("theme", "depth", "volume")))
    }
    assert rows["taken", 0.0] + rows["taken", 1.0] == pytest.approx(4.0) and rows["crate", 0.0] == rows["taken", 0.0]


def test_what_is_above_the_ground_or_beside_the_street_is_unknown():
    slope = Grid(np.tile(np.where(np.arange(12) < 6, 0.0, 2.0), (8, 1)), 0, 8, 1.0)
    found = run(CLAIMS, terrain=slope, depth=2.0, area=boxes((0, 0, 12, 4, 0, 1)))["cells"].layers["taken"]
    assert np.isnan(found[:6, :, 2:]).all() and np.isnan(found[:, 4:]).all()  # 0 to 2 m NAP in the west is air
    assert (found[6:, :4, 2:] == 0).all() and np.isnan(found[6:, :4, :2]).all()  # deeper than 2 m below the east


def test_doubt_takes_more_and_an_unknown_depth_the_whole_column():
    unsure = line((0, 4, -1), (12, 4, -1), 200.0, doubt_xy=0.5, doubt_z=0.3)
    found = run(CLAIMS, present_lines=unsure, depth=2.0, cell_size=0.5)
    # A bar of radius 0.1 that shifts 0.5 sideways and 0.3 up or down: a rectangle with round corners.
    expected = 12 * (1.0 * 0.6 + 2 * 0.1 * (1.0 + 0.6) + np.pi * 0.1**2)
    assert found["taken_most"] == pytest.approx(expected, rel=0.1) and found["taken"] < 1
    deep = line((0, 4, np.nan), (12, 4, np.nan), 400.0, doubt_xy=0.0)
    found = run(CLAIMS, present_lines=deep, depth=2.0, cell_size=0.5)
    assert found["taken"] == 0 and found["taken_most"] == pytest.approx(0.4 * 2 * 12, rel=0.01)


def test_a_car_park_that_states_no_uncertainty_takes_no_whole_column():
    park = boxes((2, 2, 4, 4, -1.5, -0.5))
    park = Features(park.geometries, {name: park.columns[name] for name in ("bottom", "top", "kind")})
    found = run(CLAIMS, present_areas=park, depth=3.0, samples=10, present_xy=0.0, present_z=0.3)
    assert found["taken"] == pytest.approx(4.0) and found["taken_most"] == pytest.approx(4.0 * 1.6)


def test_too_many_cells_are_refused_before_room_is_made():
    with pytest.raises(InputError, match="million cells of 0.01 m"):
        Block.around(Extent(0, 0, 1000, 1000), -5, 0, 0.01)


def ends(*points):
    return Features(Geometries.points(np.array(points, float)))


def corridor(**values):
    defaults = {"distances": TABLE, "diameter": 200.0, "places": ends((1, 4), (11, 4)), "cover": 0.5, "deepest": 2.0}
    return run(CORRIDOR, **{**defaults, **values})["ways"]


def test_through_free_ground_a_way_is_straight_and_as_shallow_as_may_be():
    way = corridor(alternatives=1)
    points = way.geometries.coordinates
    assert len(points) == 2 and way.columns["length"][0] == pytest.approx(10, abs=0.5)
    # Its top lies at 0.5 m or up to a cell below that.
    assert (points[:, 2] + 0.1 <= -0.5).all() and (points[:, 2] + 0.1 >= -0.5 - 0.25).all()


def test_a_way_takes_the_gap_in_a_wall_and_keeps_its_distance():
    wall = boxes((5, 0, 6, 2, -9, 0), (5, 4, 6, 8, -9, 0))  # open from y = 2 to 4
    way = corridor(present_areas=wall, alternatives=1, places=ends((1, 6), (11, 6)))
    points = way.geometries.coordinates
    assert way.columns["length"][0] > 10.5 and way.columns["room"][0] >= 0
    crossing = np.interp([5, 6], points[:, 0], points[:, 1])
    assert (crossing > 2.4).all() and (crossing < 3.6).all()


def test_alternatives_are_other_ways_in_the_order_of_their_cost():
    wall = boxes((5, 3, 6, 5, -9, 0))
    ways = corridor(present_areas=wall, alternatives=2, extent=AREA)
    assert len(ways) == 2 and ways.columns["cost"][0] <= ways.columns["cost"][1]
    sides = [np.sign(np.median(ways.take(np.array([n])).geometries.coordinates[:, 1]) - 4) for n in (0, 1)]
    assert sides[0] != sides[1]


def test_no_way_is_told():
    with pytest.raises(InputError, match="No way of 0.2 m wide fits between"):
        corridor(present_areas=boxes((5, 0, 6, 8, -9, 0)))
    with pytest.raises(InputError, match="Nothing of 0.2 m wide fits in the ground at"):
        corridor(present_areas=boxes((0, 3, 2, 5, -9, 0)))


@pytest.mark.parametrize("seed", range(4))
def test_the_clash_test_finds_every_way_free_of_what_is_drawn(seed):
    """Another method, with exact distances, judges what the cells gave."""
    random = np.random.default_rng(seed)
    places = random.random((6, 2)) * [8, 7] + [2, 0]
    there = boxes(*((x, y, x + 0.6, y + 0.6, -3, -0.2 - random.random()) for x, y in places if not 3 < y + 0.3 < 5))
    cable = line((3, 0, -1.0), (4, 8, -0.6), 50.0)
    ways = corridor(present_areas=there, present_lines=cable)
    judged = CLASH.run(
        {
            **{item.name: item.default for item in CLASH.inputs},
            "planned_lines": ways, "present_areas": there, "present_lines": cable, "distances": TABLE,
            "planned_xy": 0.0, "planned_z": 0.0, "present_xy": 0.0,
        },
        Silent(),
    )  # fmt: skip
    assert judged["free"] == len(ways) >= 1, judged["conflicts"].columns
