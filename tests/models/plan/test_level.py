"""The level that heights of a building are taken from: of the ground, at the entrance, at the road."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from dtwin_plugin.data import Features, Grid
from dtwin_plugin.errors import Cancelled, InputError
from dtwin_plugin.models.plan.bodies import bodies_of
from dtwin_plugin.models.plan.case import PEIL_GIVEN, PEIL_GROUND, PEIL_MEAN, PEIL_OVER, PEIL_ROAD
from dtwin_plugin.models.plan.shapes import geometries_of
from dtwin_plugin.progress import Silent
from tests.models.plan.blocks import SHARP, X, Y, block, drawn, ground, layer, rectangle, wall


def road(shape, **columns):
    known = {"klasse": "wegdeel", **columns}
    return Features(geometries_of([shape]), {name: np.array([value], object) for name, value in known.items()})


HIGH = block(rectangle(0, 0, 10, 8), 0.0, 9.0)
HOUSE = block(rectangle(0, 0, 10, 8), -1.0, 9.0)
SOUTH_DOOR = wall(4, 0, 5, 0, 0.9, 3.0, "Door", "s")
NORTH_DOOR = wall(4, 8, 5, 8, 1.1, 3.0, "Door", "n")
BALCONY = wall(0, 3, 0, 4, 4.0, 6.0, "Door", "balcony")
INSIDE = wall(4, 4, 5, 4, 1.0, 3.0, "Door", "inside")
HALF_CELL = 0.03  # m that the ground of 0.1 m per m differs within half a cell of 0.5 m


def moved(plan, x, y):
    shapes = plan.geometries
    xyz = shapes.coordinates + np.array([x, y, 0.0])[: shapes.coordinates.shape[1]]
    return replace(plan, geometries=replace(shapes, coordinates=xyz))


def test_each_part_of_a_building_counts_at_its_own_highest_level_of_detail():
    annex = [(polygon, {**row, "parent": "a", "type": "BuildingPart"})
             for polygon, row in block(rectangle(10, 0, 14, 8), 0.0, 30.0, "a-1", lod="1.2")]  # fmt: skip
    (body,) = bodies_of(layer(HIGH, annex), peil=0.0)
    assert body.triangles[..., 2].max() == 30.0 and body.outline.area == pytest.approx(14 * 8, abs=SHARP)


@pytest.mark.parametrize("plan", [layer(HIGH), drawn(rectangle(0, 0, 10, 8), height=9.0, base=0.0)])
def test_a_level_far_over_the_ground_is_in_doubt(plan):
    (body,) = bodies_of(plan, ground(0.0), peil=1.4)  # as high as steps go
    assert (body.peil, body.peil_from, body.peil_doubt) == (1.4, PEIL_GIVEN, 0.0)
    (body,) = bodies_of(plan, ground(0.0), peil=5.0)
    assert (body.peil, body.peil_from) == (5.0, PEIL_OVER) and body.peil_doubt == pytest.approx(5.0)
    (body,) = bodies_of(plan, peil=5.0)
    assert body.peil_from == PEIL_GIVEN, "without a terrain nothing contradicts it"


def test_a_terrain_that_ends_at_the_building_gives_no_level():
    whole = ground(1.0)
    values = whole.values.copy()
    values[:, 103:] = np.nan  # known up to 1.5 m east of the west wall: about 13 of 40 m of wall
    (body,) = bodies_of(layer(HOUSE), replace(whole, values=values))
    assert body.peil == pytest.approx(1.0)
    values[:90] = np.nan  # and no more than a corner
    (body,) = bodies_of(layer(HOUSE), replace(whole, values=values))
    assert np.isnan(body.peil) and body.peil_from == ""


def test_ground_far_from_a_door_is_not_that_before_it():
    whole = ground(1.0, 0.1)
    values = whole.values.copy()
    values[96:] = np.nan  # south of 2 m north of the south wall nothing is known
    (body,) = bodies_of(layer(HOUSE, wall(4, -0.5, 5, -0.5, 0.9, 3.0, "Door", "s")), replace(whole, values=values))
    assert body.peil_from == PEIL_MEAN


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (drawn(rectangle(0, 0, 1, 1), storeys=3.0), "no field height; found storeys"),
        (drawn(rectangle(0, 0, 1, 1), height=0.0), "Block 1 of the design has height 0.0"),
        (drawn(rectangle(0, 0, 1, 1), height=np.nan), "has height nan"),
        (drawn(rectangle(0, 0, 1, 1), height="tall"), "has height nan"),
        (drawn(rectangle(0, 0, 1, 1), height=9000.0), "has height 9000.0"),
        (drawn(rectangle(0, 0, 1, 1), height=9.0), "has no base, and the level of reference is not known"),
        (layer(block(rectangle(0, 0, 1, 1), 0, 1, lod="0")), "no building with surfaces in space"),
        (layer(block(rectangle(0, 0, 1, 1), 0, 1, type="PlantCover")), "no building with surfaces in space"),
        (layer(block(rectangle(0, 0, 1, 1), np.nan, np.nan)), "Building a of the design has corners without"),
        # outlines with heights of 0 would be a building that meets every norm
        (layer(block(rectangle(0, 0, 1, 1), 0.0, 0.0)[:2]), "Building a of the design is flat"),
        # what rises over the rest may be what has no height
        (layer(HIGH, block(rectangle(2, 2, 4, 4), 9.0, np.nan)), "Building a of the design has corners without"),
        (layer(HIGH, block(rectangle(20, 0, 25, 5), 0.0, np.nan, "b")), "Building b of the design has corners without"),
        # a building that is only a footprint would be no part of the test
        (layer(HIGH, block(rectangle(20, 0, 25, 5), 0.0, 0.0, "b", lod="0")), "Building b of the design is flat"),
        (moved(layer(HIGH), -X, -Y), "The design reaches from 0, 0 to 10, 8, outside the area of RD New"),
        (moved(layer(HIGH), Y - X, X - Y), "outside the area of RD New"),
        (moved(drawn(rectangle(0, 0, 1, 1), height=9.0), 1e12, 0), "outside the area of RD New"),
        (Features(geometries_of([shapely.Polygon()])).take(np.empty(0, np.int64)), "The design has no features"),
    ],
)  # fmt: skip
def test_a_design_that_cannot_be_measured_is_one_sentence(plan, sentence):
    with pytest.raises(InputError, match=sentence):
        bodies_of(plan)


def test_without_ground_the_level_is_not_known():
    (body,) = bodies_of(layer(block(rectangle(0, 0, 10, 8), 1.0, 9.0)))
    assert np.isnan(body.peil) and body.peil_from == "" and body.foot.area == pytest.approx(80, abs=SHARP)
    (body,) = bodies_of(layer(block(rectangle(0, 0, 10, 8), 1.0, 9.0)), Grid(np.full((9, 9), np.nan), X, Y, 1.0))
    assert np.isnan(body.peil) and body.peil_from == ""


def test_the_level_is_the_ground_at_the_entrance():
    plan = layer(HOUSE, SOUTH_DOOR, BALCONY, INSIDE)
    (body,) = bodies_of(plan, ground(1.0, 0.1))
    # the door is in the south wall at y = 0; the ground is looked up 0.5 m before it
    assert body.peil == pytest.approx(0.95, abs=HALF_CELL)
    assert (body.peil_from, body.peil_doubt) == (PEIL_GROUND, 0.0)


def test_two_entrances_are_a_doubt_until_a_road_tells_which_is_the_front():
    plan = layer(HOUSE, SOUTH_DOOR, NORTH_DOOR)
    (body,) = bodies_of(plan, ground(1.0, 0.1))
    assert body.peil == pytest.approx(1.4, abs=HALF_CELL)  # between 0.95 and 1.85
    assert body.peil_doubt == pytest.approx(0.45, abs=HALF_CELL)
    (body,) = bodies_of(plan, ground(1.0, 0.1), road(rectangle(-20, 12, 30, 18)))
    assert body.peil == pytest.approx(1.85, abs=HALF_CELL) and body.peil_doubt == 0.0


def test_without_an_entrance_the_side_of_the_road_is_taken_and_the_slope_is_a_doubt():
    (body,) = bodies_of(layer(HOUSE), ground(1.0, 0.1), road(rectangle(-20, -9, 30, -4)))
    assert body.peil_from == PEIL_ROAD and body.peil == pytest.approx(0.95, abs=HALF_CELL)
    assert body.peil_doubt == pytest.approx(0.9, abs=2 * HALF_CELL)  # from 0.95 to 1.85: the door may be in the north
    (body,) = bodies_of(layer(HOUSE), ground(1.0, 0.1), road(rectangle(-20, -90, 30, -80)))
    assert body.peil_from == PEIL_MEAN, "a road at 80 m says nothing of the entrance"
    # the mean of places 0.5 m apart, whose number on either side depends on where the ring begins
    assert body.peil == pytest.approx(1.4, abs=0.1)
    assert body.peil_doubt == pytest.approx(0.45, abs=0.1)


@pytest.mark.parametrize("columns", [{"relatieve_hoogteligging": 1}, {"klasse": "waterdeel"}, {"klasse": None}])
def test_what_is_no_road_on_the_ground_tells_nothing_of_an_entrance(columns):
    (body,) = bodies_of(layer(HOUSE), ground(1.0, 0.1), road(rectangle(-20, -9, 30, -4), **columns))
    assert body.peil_from == PEIL_MEAN
    unnamed = Features(geometries_of([rectangle(-20, -9, 30, -4)]), {"kind": np.array(["wegdeel"], object)})
    assert bodies_of(layer(HOUSE), ground(), unnamed)[0].peil_from == PEIL_MEAN


def test_ground_below_the_building_is_not_looked_at():
    terrain = ground(1.0)
    x = X - 50 + (np.arange(200) + 0.5) * 0.5
    y = Y + 50 - (np.arange(200) + 0.5) * 0.5
    below = ((x > X) & (x < X + 10))[None, :] & ((y > Y) & (y < Y + 8))[:, None]
    terrain.values[below] = 7.0
    (body,) = bodies_of(layer(HOUSE), terrain)
    assert body.peil == pytest.approx(1.0) and body.peil_doubt == pytest.approx(0.0, abs=1e-6)


def test_work_is_cancelled():
    class Stopping(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        bodies_of(layer(HOUSE), progress=Stopping())


@pytest.mark.parametrize("west, east", [(-30, 40), (-3, 30)])
def test_of_a_road_along_a_wall_or_below_it_no_single_place_decides(west, east):
    # ground that rises to the east, so that it differs along the south wall, whichever corner a ring begins at
    level = ground(0.0)
    values = level.values + 0.1 * (np.arange(level.values.shape[1]) + 0.5) * level.cell_size - 5.0
    slope = replace(level, values=values)
    for turn in range(4):
        ring = np.roll(np.array([(0, 0), (10, 0), (10, 8), (0, 8)], float), turn, axis=0) + [X, Y]
        plan = layer(block(shapely.Polygon(ring), -1.0, 9.0))
        (body,) = bodies_of(plan, slope, road(rectangle(west, -6, east, 2 if west > -10 else -2)))
        # 0.5 m per 5 m from the middle of the south wall, which is 5 m from the corner where the ground is at 0
        assert body.peil == pytest.approx(0.5, abs=HALF_CELL) and body.peil_from == PEIL_ROAD
        assert body.peil_doubt >= 0.45
