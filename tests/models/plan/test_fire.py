"""Distances by the mirror principle, against hand arithmetic on rectangles."""

import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.models.plan.case import PEIL_GIVEN, Body, Case
from dtwin_plugin.models.plan.fire import (
    BOUNDARY,
    CROSSING,
    FIRE_DISTANCE,
    FURTHER,
    NEARER,
    NO_PLOT,
    NOTHING,
    SPACE,
)
from dtwin_plugin.models.plan.mirror import mirrors_of
from dtwin_plugin.models.plan.quantity import INSUFFICIENT, NOT_APPLICABLE, REVIEW, judged
from dtwin_plugin.models.plan.rules import Rule

NEAR = 1e-4  # m: walls are taken to a tenth of a millimetre
PEIL = 1.0


def box(x_min, y_min, x_max, y_max, z_min=0.0, z_max=7.0):
    corners = np.array([[x, y, z] for z in (z_min, z_max) for y in (y_min, y_max) for x in (x_min, x_max)], float)
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    return np.array([[corners[side[i]] for i in three] for side in sides for three in ((0, 1, 2), (0, 2, 3))])


def body(*blocks, name="house"):
    triangles = np.concatenate(blocks)
    area = shapely.union_all([shapely.box(*some[:, :, :2].min((0, 1)), *some[:, :, :2].max((0, 1))) for some in blocks])
    return Body(name, triangles, np.full(len(triangles), "", object), area, area, PEIL, PEIL_GIVEN)


def ring(x_min, y_min, x_max, y_max):
    return [[[(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)]]]


def plots(*squares):
    return Features(Geometries.build("polygon", [ring(*square) for square in squares]))


def surroundings(**classes):
    """Return a base map of named rectangles: class or class and cover."""
    columns = {
        "klasse": np.array([name.split("__")[0] for name in classes], object),
        "fysiek_voorkomen": np.array([(name.split("__") + [None])[1] for name in classes], object),
    }
    return Features(Geometries.build("polygon", [ring(*square) for square in classes.values()]), columns)


def found(norm, *bodies, plot=None, base_map=None, **rule):
    case = Case(bodies, plot=plot if plot is not None else plots((0, 0, 40, 30)), base_map=base_map)
    made = Rule("r", FIRE_DISTANCE.id, norm, **rule)
    results = [judged(FIRE_DISTANCE, made, one) for one in FIRE_DISTANCE.measure(case, made)]
    for one in results:
        assert one.reason.format(**one.values)
    return results[0] if len(bodies) == 1 else results


def test_the_distance_is_twice_that_to_the_boundary_and_never_proves_anything():
    house = body(box(4, 6, 14, 20))  # 4 m from the west, 6 from the south, 10 from the north, 26 from the east
    near, far = found(10.0, house), found(7.0, house)
    assert near.value == far.value == pytest.approx(8.0, abs=NEAR)
    assert near.outcome == far.outcome == REVIEW
    assert (near.reason, far.reason) == (NEARER, FURTHER)
    assert near.values["half"] == pytest.approx(4.0, abs=NEAR)
    assert near.values["what"] == BOUNDARY
    assert (len(near.places), len(far.places)) == (1, 0)


def test_a_strip_goes_from_the_wall_to_the_mirror_line_of_each_side_that_is_too_near():
    one = found(13.0, body(box(4, 6, 14, 20)))
    assert len(one.places) == 2  # west and south
    west = min(one.places, key=lambda strip: strip[:, 0].min())
    assert west[:, 0].min() == pytest.approx(0, abs=NEAR)
    assert west[:, 0].max() == pytest.approx(4, abs=NEAR)
    assert (west[:, 2] == PEIL + 1).all()


@pytest.mark.parametrize(("name", "what", "value"), [
    ("wegdeel", SPACE, 2 * (4 + 3)), ("waterdeel", SPACE, 2 * (4 + 3)), ("ondersteunendwegdeel", SPACE, 2 * (4 + 3)),
    ("begroeidterreindeel__groenvoorziening", SPACE, 2 * (4 + 3)),
    ("begroeidterreindeel__grasland agrarisch", BOUNDARY, 8), ("onbegroeidterreindeel__erf", BOUNDARY, 8),
])  # fmt: skip
def test_public_space_moves_the_mirror_to_its_middle(name, what, value):
    house = body(box(4, 12, 14, 16))  # 4 m from the west, 12 and more elsewhere
    one = found(5.0, house, base_map=surroundings(**{name: (-6, -10, 0, 40)}))
    assert one.value == pytest.approx(value, abs=NEAR)
    assert one.values["what"] == what


def test_road_parts_beside_each_other_are_one_space_and_a_narrow_gap_is_none():
    house = body(box(4, 12, 14, 16))
    parts = {
        "wegdeel": (-2.3, -10, -0.3, 40),
        "ondersteunendwegdeel": (-4, -10, -2.3, 40),
        "waterdeel": (-9, -10, -4, 40),
    }
    assert found(5.0, house, base_map=surroundings(**parts)).value == pytest.approx(2 * (4 + 4.5), abs=NEAR)
    far = {"wegdeel": (-6, -10, -1, 40)}  # another plot of 1 m lies between
    assert found(5.0, house, base_map=surroundings(**far)).value == pytest.approx(8, abs=NEAR)


def test_public_space_is_a_setting_and_bridges_are_not_beside_the_plot():
    house, road = body(box(4, 12, 14, 16)), surroundings(wegdeel=(-6, -10, 0, 40))
    assert found(5.0, house, base_map=road, settings={"public_space": 0}).value == pytest.approx(8, abs=NEAR)
    raised = road.with_columns({"relatieve_hoogteligging": np.array([1])})
    assert found(5.0, house, base_map=raised).value == pytest.approx(8, abs=NEAR)
    nameless = Features(road.geometries, {})
    assert found(5.0, house, base_map=nameless).value == pytest.approx(8, abs=NEAR)


def test_space_along_half_of_a_side_counts_there_only():
    road = surroundings(wegdeel=(-20, 15, 0, 40))  # beside the northern half of the west side
    assert found(5.0, body(box(4, 8, 14, 12)), base_map=road).value == pytest.approx(8, abs=NEAR)
    north = found(5.0, body(box(4, 24, 14, 26)), base_map=road)
    # 4 m to the north is nearer than half of 20 m of road, and the boundary south of y = 15 is 9 m away
    assert (north.value, north.values["what"]) == (pytest.approx(8, abs=NEAR), BOUNDARY)


def test_a_shared_wall_on_the_boundary_has_no_distance():
    one = found(10.0, body(box(0, 12, 8, 16)))
    assert (one.value, one.outcome, one.reason) == (pytest.approx(0, abs=NEAR), REVIEW, NEARER)
    assert found(10.0, body(box(-0.05, 12, 8, 16))).reason == NEARER  # as maps differ


def test_what_reaches_over_the_boundary_is_told():
    one = found(10.0, body(box(-2, 12, 8, 16)))
    assert (one.value, one.outcome, one.reason) == (0.0, REVIEW, CROSSING)


def test_only_walls_above_the_ground_count():
    house, cellar = box(10, 12, 20, 16), box(1, 12, 20, 16, -3, PEIL)
    triangles = np.concatenate([house, cellar])
    area = shapely.box(10, 12, 20, 16)
    one = Body("b", triangles, np.full(len(triangles), ""), area, area, PEIL, PEIL_GIVEN)
    assert found(5.0, one).value == pytest.approx(20, abs=NEAR)
    eaves = np.array([[[8, 11, 7], [22, 11, 7], [15, 14, 9]]], float)  # a roof that is flatter than 60 degrees
    assert found(5.0, body(house, eaves)).value == pytest.approx(20, abs=NEAR)


def test_no_plot_below_it_or_no_walls_is_not_enough():
    away = found(10.0, body(box(100, 100, 110, 110)))
    assert (away.outcome, away.reason) == (INSUFFICIENT, NO_PLOT)
    assert math.isnan(away.value)
    half = found(10.0, body(box(-12, 5, 8, 10)))
    assert half.reason == NO_PLOT
    roof = found(10.0, body(box(5, 5, 10, 10)[2:4]))
    assert (roof.outcome, roof.reason) == (INSUFFICIENT, NOTHING)


def test_an_area_limits_the_walls():
    house = body(box(4, 6, 14, 20))
    east = found(5.0, house, where=shapely.box(12, 0, 40, 30))
    assert east.value == pytest.approx(12, abs=NEAR)  # of what lies there the south is nearest
    assert found(5.0, house, where=shapely.box(30, 0, 40, 30)).outcome == NOT_APPLICABLE


def test_two_plots_are_mirrored_each_in_their_own_boundary():
    west, east = found(
        10.0, body(box(4, 10, 14, 20), name="w"), body(box(26, 10, 36, 20), name="e"),
        plot=plots((0, 0, 20, 30), (20, 0, 40, 30)),
    )  # fmt: skip
    assert (west.value, east.value) == (pytest.approx(8, abs=NEAR), pytest.approx(8, abs=NEAR))


def test_a_norm_that_is_text_is_still_a_review():
    assert found(math.nan, body(box(4, 6, 14, 20))).outcome == REVIEW


def test_a_courtyard_that_is_another_plot_has_a_boundary_too():
    frame = shapely.box(0, 0, 40, 30) - shapely.box(15, 10, 25, 20)
    mirrors = mirrors_of(frame, None)
    inside = mirrors.places[(mirrors.places[:, 0] > 10) & (mirrors.places[:, 0] < 30)]
    assert (shapely.distance(shapely.points(mirrors.places), frame.boundary) < 1e-9).all()
    assert len(inside[(inside[:, 1] > 5) & (inside[:, 1] < 25)])
    pond = mirrors_of(frame, shapely.box(15, 10, 25, 20))  # and is water: mirrored in its middle
    moved = pond.places[pond.public]
    assert np.hypot(*(moved - (20, 15)).T).min() < 1.1  # two steps of 1 m meet there


@settings(max_examples=25)
@given(st.floats(0, 2 * math.pi), st.floats(0.5, 9), st.floats(0.5, 9))
def test_turning_and_moving_everything_changes_nothing(angle, west, south):
    """Walls are rounded to 0.1 mm, so that both ends of a distance are off by that at most, twice."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    def moved(xy):
        return xy @ turn.T + (84000.0, 447000.0)

    triangles = box(west, south, west + 10, south + 8)
    plain = body(triangles)
    turned = triangles.copy()
    turned[:, :, :2] = moved(triangles[:, :, :2])
    area = shapely.transform(plain.outline, moved)
    there = Body("b", turned, plain.kinds, area, area, PEIL, PEIL_GIVEN)
    road = surroundings(wegdeel=(-6, -10, 0, 40))
    plot = plots((0, 0, 40, 30))

    def given_there(layer):
        shapes = layer.geometries
        return Features(
            Geometries("polygon", moved(shapes.coordinates), shapes.rings, shapes.parts, shapes.features), layer.columns
        )

    one = found(5.0, plain, base_map=road)
    other = found(5.0, there, plot=given_there(plot), base_map=given_there(road))
    assert one.value == pytest.approx(2 * min(west + 3, south), abs=4 * NEAR)
    assert other.value == pytest.approx(one.value, abs=4 * NEAR)


def test_a_large_design_takes_less_than_two_seconds():
    triangles = np.concatenate([box(x / 10 + 5, y / 10 + 5, x / 10 + 5.05, y / 10 + 5.05)
                                for x in range(100) for y in range(85)])  # fmt: skip
    area = shapely.box(5, 5, 15, 13.5)
    one = Body("b", triangles, np.full(len(triangles), ""), area, area, PEIL, PEIL_GIVEN)
    assert len(triangles) > 100_000
    found(5.0, body(box(4, 6, 14, 20)))  # what is imported is imported now
    case, rule = Case((one,), plot=plots((0, 0, 40, 30))), Rule("r", "fire_distance", 5.0)
    start = time.process_time()
    (result,) = FIRE_DISTANCE.measure(case, rule)
    assert time.process_time() - start < 2
    assert result.value == pytest.approx(10.0, abs=NEAR)
